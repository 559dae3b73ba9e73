//! The gate on a real PostgreSQL: who gets in by what, and when a session ends.

mod support;

use identity::{
    AdminToken, Caller, Channel, DEMO_EMAIL, DemoAccount, Gate, GateError, Link, Need, OrganizationName, Role,
    SignInError,
};
use support::{Database, noon_and, secret};
use uuid::Uuid;

const ADMIN: &str = "0123456789abcdef0123456789abcdef";

struct House {
    gate: Gate,
    password: String,
    first: Uuid,
    database: Database,
    _data: tempfile::TempDir,
}

impl House {
    async fn open() -> anyhow::Result<Self> {
        let database = Database::migrated().await?;
        let data = tempfile::tempdir()?;
        let demo = DemoAccount::load_or_create(data.path())?;
        let password = demo.password().to_owned();
        let first = identity::first_or_create(&database.identity, Uuid::from_u128(1), noon_and(0)).await?.id;
        let admin = AdminToken::parse(ADMIN)?;
        let gate = Gate::new(database.identity.clone(), &secret(), Some(admin), Some(demo), first);
        Ok(Self { gate, password, first, database, _data: data })
    }
}

#[tokio::test]
async fn the_admin_token_and_links_let_in_and_other_bearers_do_not() -> anyhow::Result<()> {
    let House { gate, first, database, .. } = &House::open().await?;
    let now = noon_and(0);
    let caller = gate.identify(Some(ADMIN), None, None, now).await?;
    let staff = caller.of_organization(*first).expect("staff of the first organization");
    assert_eq!((staff.actor.as_str(), staff.role, staff.channel), ("admin", Role::Owner, Channel::BoxOffice));
    gate.check_csrf(&caller, None, None)?;

    let second =
        identity::create(&database.identity, &OrganizationName::parse("Second")?, Uuid::from_u128(2), now).await?;
    for _ in 0..2 {
        let caller = gate.identify(Some(ADMIN), None, Some(second.id), now).await?;
        assert!(caller.of_organization(second.id).is_some() && caller.of_organization(*first).is_none());
    }
    let unknown = gate.identify(Some(ADMIN), None, Some(Uuid::from_u128(9)), now).await;
    assert!(matches!(unknown, Err(GateError::UnknownOrganization)), "{unknown:?}");

    let link = Link::Order(Uuid::from_u128(7));
    let secret = gate.links().issue(link);
    assert_eq!(gate.identify(Some(&secret), None, Some(Uuid::from_u128(9)), now).await?, Caller::Link(link));

    let long = "x".repeat(100_000);
    for bad in ["", "x", &ADMIN[1..], &secret[1..], long.as_str()] {
        let refused = gate.identify(Some(bad), None, None, now).await;
        assert!(matches!(refused, Err(GateError::Unauthenticated)), "{refused:?}");
    }
    assert_eq!(gate.identify(None, None, None, now).await?, Caller::Anonymous);
    Ok(())
}

#[tokio::test]
async fn who_signs_in_is_known_by_the_cookie_until_signing_out() -> anyhow::Result<()> {
    let House { gate, password, first, database, .. } = &House::open().await?;
    let now = noon_and(0);
    let signed_in = gate.sign_in(" Demo@Turnout.example ", password, now).await?;
    let cookie = Some(signed_in.cookie_token.as_str());
    let caller = gate.identify(None, cookie, None, now).await?;
    assert_eq!(caller.of_organization(*first).map(|staff| staff.actor.as_str()), Some("demo"));
    caller.require(&[Need::Owner])?;

    gate.check_csrf(&caller, cookie, Some(&signed_in.csrf))?;
    assert_eq!(gate.csrf_token(&signed_in.cookie_token), signed_in.csrf);
    for csrf in [None, Some(""), Some("x"), cookie] {
        assert!(matches!(gate.check_csrf(&caller, cookie, csrf), Err(GateError::Csrf)), "{csrf:?}");
    }

    // A gate of a server without --demo does not know the demo's sessions.
    let plain = Gate::new(database.identity.clone(), &secret(), None, None, *first);
    assert_eq!(plain.identify(None, cookie, None, now).await?, Caller::Anonymous);
    assert!(matches!(plain.sign_in(DEMO_EMAIL, password, now).await, Err(SignInError::WrongCredentials)));

    let stored: Vec<u8> =
        sqlx::query_scalar("SELECT token_hash FROM identity.sessions").fetch_one(&database.identity).await?;
    assert_ne!(stored, signed_in.cookie_token.as_bytes());

    gate.sign_out(&signed_in.cookie_token).await?;
    assert_eq!(gate.identify(None, cookie, None, now).await?, Caller::Anonymous);
    Ok(())
}

#[tokio::test]
async fn a_session_ends_when_idle_and_in_any_case_after_a_week() -> anyhow::Result<()> {
    let House { gate, password, database, .. } = &House::open().await?;
    let idle = gate.sign_in(DEMO_EMAIL, password, noon_and(0)).await?;
    let used = gate.sign_in(DEMO_EMAIL, password, noon_and(0)).await?;
    let knows = async |token: &str, hours| {
        gate.identify(None, Some(token), None, noon_and(hours)).await.map(|caller| caller != Caller::Anonymous)
    };
    for hours in (6..7 * 24).step_by(6) {
        assert!(knows(&used.cookie_token, hours).await?, "after {hours} hours");
    }
    assert!(!knows(&used.cookie_token, 7 * 24).await?);
    assert!(!knows(&idle.cookie_token, 12).await?);

    gate.sign_in(DEMO_EMAIL, password, noon_and(8 * 24)).await?;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM identity.sessions").fetch_one(&database.identity).await?;
    assert_eq!(left, 1, "ended sessions are cleared away");
    Ok(())
}

#[tokio::test]
async fn wrong_passwords_are_refused_and_many_at_once_slowed() -> anyhow::Result<()> {
    let House { gate, password, .. } = &House::open().await?;
    for (email, attempt) in [(DEMO_EMAIL, "wrong"), ("other@turnout.example", password), (DEMO_EMAIL, "")] {
        let refused = gate.sign_in(email, attempt, noon_and(0)).await.err();
        assert!(matches!(refused, Some(SignInError::WrongCredentials)), "{refused:?}");
    }
    let (a, b, c, d, e, f, g, h, ninth) = tokio::join!(
        gate.sign_in(DEMO_EMAIL, "1", noon_and(0)),
        gate.sign_in(DEMO_EMAIL, "2", noon_and(0)),
        gate.sign_in(DEMO_EMAIL, "3", noon_and(0)),
        gate.sign_in(DEMO_EMAIL, "4", noon_and(0)),
        gate.sign_in(DEMO_EMAIL, "5", noon_and(0)),
        gate.sign_in(DEMO_EMAIL, "6", noon_and(0)),
        gate.sign_in(DEMO_EMAIL, "7", noon_and(0)),
        gate.sign_in(DEMO_EMAIL, "8", noon_and(0)),
        gate.sign_in(DEMO_EMAIL, "9", noon_and(0)),
    );
    assert!([a, b, c, d, e, f, g, h].iter().all(|answer| matches!(answer, Err(SignInError::WrongCredentials))));
    assert!(matches!(ninth, Err(SignInError::TooMany { retry_after_seconds: 1 })));
    gate.sign_in(DEMO_EMAIL, password, noon_and(0)).await?;
    Ok(())
}
