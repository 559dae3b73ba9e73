//! The gate on a real PostgreSQL: who gets in by what, for whom they act, and from when on no more.

mod support;

use std::time::{Duration, Instant};

use identity::{
    Asking, BELIEVED_FOR, Caller, Channel, Credential, Gate, GateError, Link, Need, Role, TokenKind, list_credentials,
};
use serde_json::json;
use support::{ADMIN, Database, PASSWORD, email, noon_and};
use uuid::Uuid;

/// Within a second a revocation holds everywhere.
const REVOKED_WITHIN: Duration = Duration::from_secs(1);

fn bearer(token: &str) -> Asking<'_> {
    Asking { bearer: Some(token), ..Asking::default() }
}

fn cookie(token: &str) -> Asking<'_> {
    Asking { session: Some(token), ..Asking::default() }
}

fn is_refused(answer: &Result<Caller, GateError>) -> bool {
    matches!(answer, Err(GateError::Unauthenticated))
}

#[tokio::test]
async fn the_admin_token_and_links_let_in_and_other_bearers_do_not() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let (first, second) = (database.organization("first").await?, database.organization("second").await?);
    let (gate, now) = (database.gate(first)?, noon_and(0));
    let caller = gate.identify(bearer(ADMIN), now).await?;
    let staff = caller.of_organization(first).expect("staff of the first organization");
    assert_eq!((staff.actor.as_str(), staff.role, staff.channel), ("admin", Role::Owner, Channel::BoxOffice));
    caller.require(&[Need::InstallationOwner])?;
    gate.check_csrf(&caller, None, None)?;

    for _ in 0..2 {
        let caller = gate.identify(Asking { organization: Some(second), ..bearer(ADMIN) }, now).await?;
        assert!(caller.of_organization(second).is_some() && caller.of_organization(first).is_none());
    }
    let nowhere = Asking { organization: Some(Uuid::from_u128(9)), ..bearer(ADMIN) };
    let unknown = gate.identify(nowhere, now).await;
    assert!(matches!(unknown, Err(GateError::UnknownOrganization)), "{unknown:?}");

    let link = Link::Order(Uuid::from_u128(7));
    let secret = gate.links().issue(link);
    let asking = Asking { organization: Some(Uuid::from_u128(9)), ..bearer(&secret) };
    assert_eq!(gate.identify(asking, now).await?, Caller::Link(link), "the organization counts for staff only");

    let long = "x".repeat(100_000);
    for bad in ["", "x", &ADMIN[1..], &secret[1..], long.as_str()] {
        let refused = gate.identify(bearer(bad), now).await;
        assert!(is_refused(&refused), "{refused:?}");
    }
    assert_eq!(gate.identify(Asking::default(), now).await?, Caller::Anonymous);
    let plain = Gate::new(database.identity.clone(), &support::secret(), None, first);
    assert!(is_refused(&plain.identify(bearer(ADMIN), now).await), "without an admin token there is none");
    Ok(())
}

#[tokio::test]
async fn a_key_is_its_role_of_its_organization_and_of_no_other() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let (first, second) = (database.organization("first").await?, database.organization("second").await?);
    let (gate, now) = (database.gate(first)?, noon_and(0));
    for role in Role::ALL {
        let key = database.api_key(second, role, None).await?;
        let caller = gate.identify(bearer(&key.token), now).await?;
        let staff = caller.of_organization(second).expect("staff of its own");
        assert_eq!((staff.role, staff.channel, staff.installation_owner), (role, Channel::Api, false));
        assert_eq!((staff.actor.clone(), staff.credential), (format!("key:{}", key.id), Credential::ApiKey(key.id)));
        assert!(caller.of_organization(first).is_none());
        for (named, passes) in [(second, true), (first, false), (Uuid::from_u128(9), false)] {
            let answer = gate.identify(Asking { organization: Some(named), ..bearer(&key.token) }, now).await;
            assert_eq!(answer.is_ok(), passes, "{answer:?}");
            assert!(passes || matches!(answer, Err(GateError::UnknownOrganization)), "{answer:?}");
        }
        // The cookie of the web app means nothing here.
        let preferring = gate.identify(Asking { preferred: Some(first), ..bearer(&key.token) }, now).await?;
        assert_eq!(preferring, caller);
    }
    Ok(())
}

#[tokio::test]
async fn a_device_is_bound_to_its_shows_and_gates() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let first = database.organization("first").await?;
    let (gate, now, show) = (database.gate(first)?, noon_and(0), database.id());
    let device = database.device(first, show).await?;
    let caller = gate.identify(bearer(&device.token), now).await?;
    let staff = caller.of_show(first, show).expect("staff of its show");
    assert_eq!((staff.role, staff.channel), (Role::Door, Channel::Door));
    let bound = staff.device.as_ref().expect("a device");
    assert_eq!(
        (bound.id, bound.gates.as_slice(), bound.may_override),
        (device.id, ["North".to_owned()].as_slice(), false)
    );
    assert!(caller.of_show(first, database.id()).is_none(), "of another show it is the public");
    Ok(())
}

#[tokio::test]
async fn no_token_passes_as_one_of_another_kind() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let first = database.organization("first").await?;
    let (gate, now, show) = (database.gate(first)?, noon_and(0), database.id());
    let account = database.account("ada@example.org").await?;
    let (_, signed_in) = gate.sign_in(&email("ada@example.org"), PASSWORD, "a test", database.id(), now).await?;
    let tokens = [
        database.pairing(first, show, noon_and(1)).await?.token,
        database.invitation(first, noon_and(1)).await?.token,
        identity::password_reset_link(&database.identity, account, now).await?,
        identity::setup_link(&database.identity, now).await?.expect("nobody owns it yet"),
        signed_in.cookie_token,
        signed_in.csrf,
    ];
    for token in &tokens {
        assert!(is_refused(&gate.identify(bearer(token), now).await), "as a bearer");
    }
    let (key, device) = (database.api_key(first, Role::Owner, None).await?, database.device(first, show).await?);
    for token in tokens[..4].iter().chain([&key.token, &device.token]) {
        assert_eq!(gate.identify(cookie(token), now).await?, Caller::Anonymous, "as a session");
    }
    // What is behind the first three characters opens nothing behind three others.
    for (token, other) in [(&key.token, TokenKind::Device), (&device.token, TokenKind::ApiKey)] {
        let disguised = format!("{}{}", other.prefix(), &token[3..]);
        assert!(is_refused(&gate.identify(bearer(&disguised), now).await));
    }
    Ok(())
}

#[tokio::test]
async fn an_expired_key_is_refused_from_its_end_on() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let first = database.organization("first").await?;
    let gate = database.gate(first)?;
    let key = database.api_key(first, Role::Seller, Some(noon_and(2))).await?;
    for (hours, passes) in [(0, true), (1, true), (2, false), (3, false), (1, true)] {
        // Also where the gate remembers the key from before.
        let answer = gate.identify(bearer(&key.token), noon_and(hours)).await;
        assert_eq!(answer.is_ok(), passes, "after {hours} hours: {answer:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_revocation_holds_within_a_second_on_a_node_that_has_just_asked() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let first = database.organization("first").await?;
    let (here, there, now, show) = (database.gate(first)?, database.gate(first)?, noon_and(0), database.id());
    let (key, device) = (database.api_key(first, Role::Owner, None).await?, database.device(first, show).await?);
    let revocations =
        [(&key, "ApiKeyRevoked", json!({ "key": key.id })), (&device, "DeviceRevoked", json!({ "device": device.id }))];
    for (made, event, payload) in revocations {
        here.identify(bearer(&made.token), now).await?;
        there.identify(bearer(&made.token), now).await?;
        database.record(first, event, payload).await?;
        let revoked = Instant::now();
        here.forget_known();
        assert!(is_refused(&here.identify(bearer(&made.token), now).await), "at once where it was revoked");
        loop {
            let asked_after = revoked.elapsed();
            if there.identify(bearer(&made.token), now).await.is_err() {
                break;
            }
            assert!(asked_after < REVOKED_WITHIN, "{event}: still let in");
            tokio::task::yield_now().await;
        }
    }
    assert!(BELIEVED_FOR < REVOKED_WITHIN);
    Ok(())
}

#[tokio::test]
async fn a_role_and_a_membership_end_within_a_second_on_every_node() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let first = database.organization("first").await?;
    let (gate, now) = (database.gate(first)?, noon_and(0));
    let account = database.account("ada@example.org").await?;
    let member = database.member(first, account, Role::Manager).await?;
    let (_, signed_in) = gate.sign_in(&email("ada@example.org"), PASSWORD, "a test", database.id(), now).await?;
    let asking = cookie(&signed_in.cookie_token);
    assert!(gate.identify(asking, now).await?.require(&[Need::Manager]).is_ok());

    database.record(first, "MemberRoleChanged", json!({ "member": member, "from": "manager", "to": "door" })).await?;
    let changed = Instant::now();
    loop {
        let asked_after = changed.elapsed();
        if gate.identify(asking, now).await?.require(&[Need::Manager]).is_err() {
            break;
        }
        assert!(asked_after < REVOKED_WITHIN, "still a manager");
        tokio::task::yield_now().await;
    }
    let caller = gate.identify(asking, now).await?;
    assert_eq!(caller.staff().map(|staff| (staff.role, staff.channel)), Some((Role::Door, Channel::Door)));

    database.record(first, "MemberRemoved", json!({ "member": member })).await?;
    gate.forget_known();
    assert_eq!(gate.identify(asking, now).await?, Caller::Anonymous, "whoever belongs to none is nobody");
    Ok(())
}

#[tokio::test]
async fn a_session_acts_where_its_account_belongs_and_nowhere_else() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let mut organizations = Vec::new();
    for slug in ["first", "second", "third"] {
        organizations.push(database.organization(slug).await?);
    }
    let [first, second, third] = organizations[..] else { anyhow::bail!("three") };
    let (gate, now) = (database.gate(third)?, noon_and(0));
    let account = database.account("ada@example.org").await?;
    let member = database.member(first, account, Role::Manager).await?;
    database.member(second, account, Role::Auditor).await?;
    let (signed, signed_in) =
        gate.sign_in(&email(" Ada@Example.ORG".trim()), PASSWORD, "a test", database.id(), now).await?;
    assert_eq!(signed, account);
    let asking = cookie(&signed_in.cookie_token);

    let caller = gate.identify(asking, now).await?;
    let staff = caller.of_organization(first).expect("the first that was joined");
    assert_eq!((staff.actor.clone(), staff.role), (format!("member:{member}"), Role::Manager));
    assert_eq!((staff.name.as_deref(), staff.email.as_deref()), (Some("Ada Example"), Some("ada@example.org")));
    let acts_in =
        async |asking| gate.identify(asking, now).await.map(|caller| caller.staff().map(|s| (s.organization, s.role)));
    let (manager, auditor) = (Some((first, Role::Manager)), Some((second, Role::Auditor)));
    assert_eq!(acts_in(Asking { organization: Some(second), ..asking }).await?, auditor);
    assert_eq!(acts_in(Asking { preferred: Some(second), ..asking }).await?, auditor, "the cookie names one, too");
    assert_eq!(acts_in(Asking { organization: Some(first), preferred: Some(second), ..asking }).await?, manager);
    for foreign in [third, Uuid::from_u128(9)] {
        let by_header = acts_in(Asking { organization: Some(foreign), ..asking }).await;
        assert!(matches!(by_header, Err(GateError::UnknownOrganization)), "{by_header:?}");
        let by_cookie = acts_in(Asking { preferred: Some(foreign), ..asking }).await?;
        assert_eq!(by_cookie, manager, "a cookie that names none of mine is ignored");
    }
    Ok(())
}

#[tokio::test]
async fn the_last_use_is_written_once_a_minute_and_never_backwards() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let first = database.organization("first").await?;
    let key = database.api_key(first, Role::Seller, None).await?;
    let seconds = |seconds| noon_and(0) + chrono::TimeDelta::seconds(seconds);
    let used_at = async |at: i64| {
        // A gate of its own each time: none remembers.
        database.gate(first)?.identify(bearer(&key.token), seconds(at)).await?;
        let kind = identity::CredentialKind::ApiKey;
        let listed = list_credentials(&database.identity, first, kind, seconds(at)).await?;
        anyhow::Ok(listed[0].last_used_at)
    };
    for (at, known) in [(0, 0), (59, 0), (60, 60), (30, 60), (119, 60), (120, 120)] {
        assert_eq!(used_at(at).await?, Some(seconds(known)), "used at {at} s");
    }
    database.record(first, "ApiKeyRevoked", json!({ "key": key.id })).await?;
    let after = seconds(600);
    assert!(is_refused(&database.gate(first)?.identify(bearer(&key.token), after).await));
    Ok(())
}

#[tokio::test]
async fn a_change_by_session_needs_the_sessions_own_csrf_token() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let first = database.organization("first").await?;
    let (gate, now) = (database.gate(first)?, noon_and(0));
    let account = database.account("ada@example.org").await?;
    database.member(first, account, Role::Owner).await?;
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let session = database.id();
        sessions.push(gate.sign_in(&email("ada@example.org"), PASSWORD, "a test", session, now).await?.1);
    }
    let (mine, other) = (&sessions[0], &sessions[1]);
    let caller = gate.identify(cookie(&mine.cookie_token), now).await?;
    let given = Some(mine.cookie_token.as_str());
    gate.check_csrf(&caller, given, Some(&mine.csrf))?;
    assert_eq!(gate.csrf_token(&mine.cookie_token), mine.csrf);
    for csrf in [None, Some(""), Some("x"), given, Some(other.csrf.as_str()), Some(&mine.csrf[1..])] {
        assert!(matches!(gate.check_csrf(&caller, given, csrf), Err(GateError::Csrf)), "{csrf:?}");
    }
    let elsewhere = Gate::new(
        database.identity.clone(),
        &identity::SecretKey::parse("another installation's secret, as long as needed")?,
        None,
        first,
    );
    assert_ne!(elsewhere.csrf_token(&mine.cookie_token), mine.csrf, "it hangs on the installation's secret");
    assert_eq!(database.gate(first)?.csrf_token(&mine.cookie_token), mine.csrf, "every node knows it");
    Ok(())
}
