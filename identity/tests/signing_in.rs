//! Accounts, sessions and links on a real PostgreSQL: signing in, when a session ends, and links that are followed once.

mod support;

use identity::{AccountError, Asking, Caller, Gate, NewAccount, Role, SignInError, SignedIn, TokenKind};
use serde_json::json;
use support::{Database, PASSWORD, email, noon_and};
use uuid::Uuid;

const ADDRESS: &str = "ada@example.org";
const OTHER_PASSWORD: &str = "nine loud trumpets";

struct House {
    gate: Gate,
    account: Uuid,
    member: Uuid,
    first: Uuid,
    database: Database,
}

impl House {
    async fn open() -> anyhow::Result<Self> {
        let database = Database::migrated().await?;
        let first = database.organization("first").await?;
        let account = database.account(ADDRESS).await?;
        let member = database.member(first, account, Role::Owner).await?;
        Ok(Self { gate: database.gate(first)?, account, member, first, database })
    }

    async fn sign_in(&self, password: &str, hours: i64) -> Result<SignedIn, SignInError> {
        let session = self.database.id();
        self.gate
            .sign_in(&email(ADDRESS), password, "Firefox on Linux", session, noon_and(hours))
            .await
            .map(|made| made.1)
    }

    /// Whether a session lets in, asked of the database.
    async fn knows(&self, signed_in: &SignedIn, hours: i64) -> anyhow::Result<bool> {
        self.gate.forget_known();
        let asking = Asking { session: Some(&signed_in.cookie_token), ..Asking::default() };
        Ok(self.gate.identify(asking, noon_and(hours)).await? != Caller::Anonymous)
    }

    async fn sessions(&self) -> anyhow::Result<i64> {
        self.database.count("SELECT count(*) FROM identity.sessions").await
    }
}

#[tokio::test]
async fn who_signs_in_is_known_by_the_cookie_until_signing_out() -> anyhow::Result<()> {
    let house = House::open().await?;
    let signed_in = house.sign_in(PASSWORD, 0).await?;
    assert!(house.knows(&signed_in, 0).await?);
    let stored: Vec<u8> =
        sqlx::query_scalar("SELECT token_hash FROM identity.sessions").fetch_one(&house.database.identity).await?;
    assert_ne!(stored, signed_in.cookie_token.as_bytes(), "only its hash is stored");
    house.gate.sign_out(&signed_in.cookie_token).await?;
    let asking = Asking { session: Some(&signed_in.cookie_token), ..Asking::default() };
    assert_eq!(house.gate.identify(asking, noon_and(0)).await?, Caller::Anonymous, "at once");
    Ok(())
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_are_told_alike() -> anyhow::Result<()> {
    let house = House::open().await?;
    let mut told = Vec::new();
    for (address, password) in
        [(ADDRESS, "wrong"), ("other@example.org", PASSWORD), (ADDRESS, ""), (ADDRESS, "Seven Quiet Lanterns")]
    {
        let session = house.database.id();
        let refused = house.gate.sign_in(&email(address), password, "", session, noon_and(0)).await.err();
        told.push(format!("{refused:?} {}", refused.as_ref().map(ToString::to_string).unwrap_or_default()));
        assert!(matches!(refused, Some(SignInError::WrongCredentials)), "{refused:?}");
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(house.sessions().await?, 0);
    Ok(())
}

#[tokio::test]
async fn so_many_at_once_are_told_to_come_again_and_nobody_is_locked_out() -> anyhow::Result<()> {
    let house = House::open().await?;
    let attempts = (0..60).map(|number| house.sign_in(if number % 2 == 0 { "wrong" } else { "wronger" }, 0));
    let answers = futures::future::join_all(attempts).await;
    let told =
        |kind: fn(&SignInError) -> bool| answers.iter().filter(|answer| answer.as_ref().is_err_and(kind)).count();
    let wrong = told(|error| matches!(error, SignInError::WrongCredentials));
    let many = told(|error| matches!(error, SignInError::TooMany { retry_after_seconds: 1 }));
    assert!(wrong > 0 && many > 0 && wrong + many == 60, "{wrong} wrong, {many} too many");
    house.sign_in(PASSWORD, 0).await?;
    Ok(())
}

#[tokio::test]
async fn a_session_ends_when_idle_and_in_any_case_after_a_week() -> anyhow::Result<()> {
    let house = House::open().await?;
    let (idle, used) = (house.sign_in(PASSWORD, 0).await?, house.sign_in(PASSWORD, 0).await?);
    assert_eq!(used.ends_at, noon_and(7 * 24));
    for hours in (6..7 * 24).step_by(6) {
        assert!(house.knows(&used, hours).await?, "after {hours} hours");
    }
    assert!(!house.knows(&used, 7 * 24).await?);
    assert!(!house.knows(&idle, 12).await?);

    house.sign_in(PASSWORD, 8 * 24).await?;
    assert_eq!(house.sessions().await?, 1, "ended sessions are cleared away");
    Ok(())
}

#[tokio::test]
async fn a_remembered_session_ends_at_its_end_too() -> anyhow::Result<()> {
    let house = House::open().await?;
    let used = house.sign_in(PASSWORD, 0).await?;
    assert!(house.knows(&used, 1).await?);
    // Not asked of the database again: what is remembered knows the end.
    let asking = Asking { session: Some(&used.cookie_token), ..Asking::default() };
    assert_eq!(house.gate.identify(asking, noon_and(7 * 24)).await?, Caller::Anonymous);
    Ok(())
}

#[tokio::test]
async fn when_a_session_was_seen_is_written_once_in_five_minutes() -> anyhow::Result<()> {
    let house = House::open().await?;
    let signed_in = house.sign_in(PASSWORD, 0).await?;
    let minutes = |minutes| noon_and(0) + chrono::TimeDelta::minutes(minutes);
    for (at, seen) in [(1, 0), (4, 0), (5, 5), (9, 5), (10, 10)] {
        house.gate.forget_known();
        let asking = Asking { session: Some(&signed_in.cookie_token), ..Asking::default() };
        house.gate.identify(asking, minutes(at)).await?;
        let listed = house.gate.sessions().list(house.account, minutes(at)).await?;
        assert_eq!(listed[0].seen_at, minutes(seen), "seen at minute {at}");
        assert_eq!((listed[0].client.as_str(), listed[0].started_at), ("Firefox on Linux", noon_and(0)));
    }
    Ok(())
}

#[tokio::test]
async fn sessions_of_an_account_are_ended_one_by_one_or_all_and_nobody_elses() -> anyhow::Result<()> {
    let house = House::open().await?;
    let stranger = house.database.account("grace@example.org").await?;
    house.database.member(house.first, stranger, Role::Seller).await?;
    let sessions = house.gate.sessions();
    let theirs =
        house.gate.sign_in(&email("grace@example.org"), PASSWORD, "", Uuid::from_u128(7), noon_and(0)).await?.1;
    let (one, two, three) =
        (house.sign_in(PASSWORD, 0).await?, house.sign_in(PASSWORD, 0).await?, house.sign_in(PASSWORD, 0).await?);
    assert_eq!(sessions.end_of(house.account, Some(theirs.session)).await?, 0, "not somebody else's");
    assert_eq!(sessions.end_of(house.account, Some(one.session)).await?, 1);
    assert_eq!(sessions.end_of(house.account, Some(one.session)).await?, 0, "ended already");
    assert!(!house.knows(&one, 0).await? && house.knows(&two, 0).await? && house.knows(&theirs, 0).await?);
    assert_eq!(sessions.end_of(house.account, None).await?, 2);
    assert!(!house.knows(&three, 0).await? && house.knows(&theirs, 0).await?);
    Ok(())
}

#[tokio::test]
async fn another_password_ends_all_sessions_but_the_one_that_set_it() -> anyhow::Result<()> {
    let house = House::open().await?;
    let (mine, other) = (house.sign_in(PASSWORD, 0).await?, house.sign_in(PASSWORD, 0).await?);
    house.gate.accounts().set_password(house.account, OTHER_PASSWORD, Some(mine.session)).await?;
    assert!(house.knows(&mine, 0).await? && !house.knows(&other, 0).await?);
    assert!(matches!(house.sign_in(PASSWORD, 0).await, Err(SignInError::WrongCredentials)));
    house.sign_in(OTHER_PASSWORD, 0).await?;
    Ok(())
}

#[tokio::test]
async fn a_reset_link_sets_a_password_once_and_ends_every_session_and_link() -> anyhow::Result<()> {
    let house = House::open().await?;
    let (pool, accounts, now) = (&house.database.identity, house.gate.accounts(), noon_and(0));
    let session = house.sign_in(PASSWORD, 0).await?;
    let mut hashes = Vec::new();
    for _ in 0..2 {
        let token = identity::password_reset_link(pool, house.account, now).await?;
        hashes.push(TokenKind::PasswordReset.hash(&token).expect("a token"));
        let stored = house
            .database
            .count("SELECT count(*) FROM identity.links WHERE expires_at = '2100-01-02T12:00:00Z'")
            .await?;
        assert_eq!(stored, i64::try_from(hashes.len())?, "a day");
    }
    let set = async |hash, hours| accounts.set_password_by_link(hash, OTHER_PASSWORD, noon_and(hours)).await;
    assert_eq!(set(&hashes[0], 24).await?, None, "it has expired");
    assert_eq!(set(&[0; 32], 0).await?, None);
    assert!(house.knows(&session, 0).await?, "nothing happened yet");
    // Of ten who follow the link together one sets the password.
    let followed = futures::future::try_join_all((0..10).map(|_| set(&hashes[0], 23))).await?;
    assert_eq!(followed.iter().filter(|whose| **whose == Some(house.account)).count(), 1, "{followed:?}");
    assert_eq!(set(&hashes[1], 23).await?, None, "the others of the account end with it");
    assert!(!house.knows(&session, 0).await?);
    house.sign_in(OTHER_PASSWORD, 0).await?;
    Ok(())
}

#[tokio::test]
async fn one_of_many_who_follow_a_set_up_link_together_gets_it() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let first = database.organization("first").await?;
    let (pool, accounts) = (&database.identity, database.accounts());
    let token = identity::setup_link(pool, noon_and(0)).await?.expect("nobody owns it yet");
    let another = identity::setup_link(pool, noon_and(1)).await?.expect("a restart prints another");
    let hash = TokenKind::Setup.hash(&token).expect("a token");
    let address = email(ADDRESS);
    let follow = async |number: u128, hours| {
        let new = NewAccount {
            account: Uuid::from_u128(number),
            email: &address,
            name: "Ada Example",
            password: PASSWORD,
            installation_owner: true,
        };
        accounts.establish_by_link(&hash, &new, noon_and(hours)).await
    };
    assert_eq!(follow(99, 24).await?, None, "it works for a day");
    let made = futures::future::try_join_all((1..=12).map(|number| follow(number, 23))).await?;
    let made: Vec<_> = made.into_iter().flatten().collect();
    assert_eq!(made.len(), 1, "{made:?}");
    assert!(made[0].installation_owner && made[0].email == ADDRESS);
    assert_eq!(database.count("SELECT count(*) FROM identity.accounts").await?, 1);

    assert!(!identity::has_owner(pool).await?, "an account alone owns nothing");
    database.member(first, made[0].account, Role::Owner).await?;
    assert!(identity::has_owner(pool).await?);
    assert_eq!(identity::setup_link(pool, noon_and(2)).await?, None, "no other link while there is an owner");
    identity::end_setup_links(pool).await?;
    let hash = TokenKind::Setup.hash(&another).expect("a token");
    let new =
        NewAccount { account: Uuid::nil(), email: &address, name: "Eve", password: PASSWORD, installation_owner: true };
    assert_eq!(accounts.establish_by_link(&hash, &new, noon_and(2)).await?, None);
    Ok(())
}

#[tokio::test]
async fn links_of_one_kind_do_nothing_of_another() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let account = database.account(ADDRESS).await?;
    let (pool, accounts, now) = (&database.identity, database.accounts(), noon_and(0));
    let setup = identity::setup_link(pool, now).await?.expect("nobody owns it yet");
    let reset = identity::password_reset_link(pool, account, now).await?;
    // Hashed as they are, as if somebody had mended the first three characters.
    let setup = TokenKind::Setup.hash(&setup).expect("a token");
    let reset = TokenKind::PasswordReset.hash(&reset).expect("a token");
    assert_eq!(accounts.set_password_by_link(&setup, OTHER_PASSWORD, now).await?, None);
    let (account, address) = (Uuid::from_u128(1), email("eve@example.org"));
    let new = NewAccount { account, email: &address, name: "Eve", password: PASSWORD, installation_owner: true };
    assert_eq!(accounts.establish_by_link(&reset, &new, now).await?, None);
    assert_eq!(database.count("SELECT count(*) FROM identity.links").await?, 2, "both are as they were");
    Ok(())
}

#[tokio::test]
async fn an_address_has_one_account_however_it_is_written() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let account = database.account(ADDRESS).await?;
    let address = email("ADA@Example.org");
    let new = NewAccount {
        account: Uuid::from_u128(1),
        email: &address,
        name: "Ada",
        password: PASSWORD,
        installation_owner: false,
    };
    let taken = database.accounts().create(&new, noon_and(0)).await;
    assert!(matches!(taken, Err(AccountError::EmailTaken)), "{taken:?}");
    let found = database.accounts().find(&address).await?.expect("the account");
    assert_eq!((found.account, found.email.as_str()), (account, ADDRESS));
    assert_eq!(database.accounts().find(&email("nobody@example.org")).await?, None);
    Ok(())
}

#[tokio::test]
async fn an_account_is_forgotten_with_its_last_membership_and_not_before() -> anyhow::Result<()> {
    let house = House::open().await?;
    let (database, accounts) = (&house.database, house.gate.accounts());
    let second = database.organization("second").await?;
    let other = database.member(second, house.account, Role::Seller).await?;
    house.sign_in(PASSWORD, 0).await?;
    identity::password_reset_link(&database.identity, house.account, noon_and(0)).await?;
    for (organization, member, is_last) in [(house.first, house.member, false), (second, other, true)] {
        assert!(!accounts.forget_if_unknown(house.account).await?, "a member still");
        database.record(organization, "MemberRemoved", json!({ "member": member })).await?;
        assert_eq!(accounts.forget_if_unknown(house.account).await?, is_last);
    }
    for left in ["accounts", "sessions", "links"] {
        let statement: String = format!("SELECT count(*) FROM identity.{left}");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_one(&database.identity).await?;
        assert_eq!(count, 0, "{left}");
    }
    // Whoever owns the installation stays without any organization.
    let address = email("owner@example.org");
    let new = NewAccount {
        account: Uuid::from_u128(1),
        email: &address,
        name: "Owner",
        password: PASSWORD,
        installation_owner: true,
    };
    let owner = accounts.create(&new, noon_and(0)).await?;
    assert!(!accounts.forget_if_unknown(owner.account).await?);
    Ok(())
}
