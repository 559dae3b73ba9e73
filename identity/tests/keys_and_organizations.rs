//! Keys and organizations on a real PostgreSQL: made once however many nodes start, and closed to other roles.

mod support;

use event_store::pools::Role;
use identity::{CredentialKind, KeyError, SecretKey, TicketClaims, load_or_create_ticket_keys};
use serde_json::json;
use sqlx::AssertSqlSafe;
use support::{Database, noon_and, secret};
use uuid::Uuid;

#[tokio::test]
async fn nodes_that_start_together_have_one_ticket_key() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let other = database.pool(Role::Identity).await?;
    let (secret, now) = (secret(), noon_and(0));
    let (one, two, three) = tokio::try_join!(
        load_or_create_ticket_keys(&database.identity, &secret, now),
        load_or_create_ticket_keys(&other, &secret, now),
        load_or_create_ticket_keys(&database.identity, &secret, now),
    )?;
    assert_eq!((one.current_kid(), one.current_kid()), (two.current_kid(), three.current_kid()));

    let claims =
        TicketClaims { ticket: Uuid::from_u128(1), show: Uuid::from_u128(2), issued_at: noon_and(0), issue_number: 1 };
    let token = one.sign(&claims, one.current_kid())?;
    assert_eq!(two.verify(&token), Ok(claims));
    assert_eq!(token, three.sign(&claims, one.current_kid())?);
    Ok(())
}

#[tokio::test]
async fn another_secret_key_stops_the_start_and_names_the_remedy() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    load_or_create_ticket_keys(&database.identity, &secret(), noon_and(0)).await?;
    let another = SecretKey::parse("another installation's secret, as long as needed")?;
    let error = load_or_create_ticket_keys(&database.identity, &another, noon_and(1)).await.err();
    assert!(matches!(error, Some(KeyError::DoesNotOpen { .. })), "{error:?}");
    assert!(error.is_some_and(|error| error.to_string().contains("TURNOUT_SECRET_KEY")));
    Ok(())
}

#[tokio::test]
async fn keys_lie_sealed_and_states_are_kept() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let retired = load_or_create_ticket_keys(&database.identity, &secret(), noon_and(0)).await?;
    sqlx::query("UPDATE identity.signing_keys SET state = 'retired'").execute(&database.identity).await?;
    let keys = load_or_create_ticket_keys(&database.identity, &secret(), noon_and(1)).await?;
    assert_ne!(keys.current_kid(), retired.current_kid());
    assert_eq!(keys.jwks()["keys"].as_array().map(Vec::len), Some(2));

    let claims =
        TicketClaims { ticket: Uuid::from_u128(1), show: Uuid::from_u128(2), issued_at: noon_and(0), issue_number: 1 };
    let old = retired.sign(&claims, retired.current_kid())?;
    assert_eq!(keys.sign(&claims, retired.current_kid())?, old);

    // A copied row does not open: the place is sealed with the key.
    let swapped =
        "UPDATE identity.signing_keys SET sealed = (SELECT sealed FROM identity.signing_keys WHERE state = 'active')";
    sqlx::query(swapped).execute(&database.identity).await?;
    let error = load_or_create_ticket_keys(&database.identity, &secret(), noon_and(2)).await.err();
    assert!(matches!(error, Some(KeyError::DoesNotOpen { .. })), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn organizations_are_listed_as_their_events_made_them() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let pool = &database.identity;
    let (first, second) = (database.organization("first").await?, database.organization("second").await?);
    let changed = json!({ "changed": ["name"], "settings": { "name": "Kulturhaus Süd" } });
    database.record(second, "SettingsChanged", changed).await?;
    let listed = identity::list(pool).await?;
    let told: Vec<_> = listed.iter().map(|one| (one.id, one.slug.as_str(), one.name.as_str())).collect();
    assert_eq!(told, [(first, "first", "first"), (second, "second", "Kulturhaus Süd")], "an address never changes");
    assert_eq!(identity::find(pool, second).await?.as_ref(), Some(&listed[1]));
    assert_eq!(identity::find(pool, Uuid::from_u128(99)).await?, None);
    Ok(())
}

/// The SQLSTATE with which a statement fails.
async fn failure(pool: &sqlx::PgPool, statement: &str) -> Option<String> {
    let error = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(pool).await.err()?;
    Some(error.as_database_error()?.code()?.into_owned())
}

#[tokio::test]
async fn other_roles_only_look_up_what_they_can_name() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let first = database.organization("first").await?;
    let query = database.pool(Role::Query).await?;
    assert_eq!(identity::find(&query, first).await?.map(|found| found.id), Some(first));
    let tables =
        ["organizations", "accounts", "sessions", "links", "signing_keys", "members", "credentials", "secrets"];
    for role in [Role::Query, Role::Write, Role::Project, Role::React] {
        let pool = database.pool(role).await?;
        for table in tables {
            for statement in [
                format!("SELECT FROM identity.{table}"),
                format!("DELETE FROM identity.{table}"),
                format!("TRUNCATE identity.{table}"),
            ] {
                assert_eq!(failure(&pool, &statement).await.as_deref(), Some("42501"), "{role:?}: {statement}");
            }
        }
        for call in [
            "find_session('\\x00', now())",
            "find_memberships(gen_random_uuid())",
            "find_credential('\\x00')",
            "touch_credential(gen_random_uuid(), now())",
            "has_owner()",
            "forget_account(gen_random_uuid())",
            "take_in(gen_random_uuid(), 'MemberAdded', '{}', now())",
        ] {
            let statement = format!("SELECT identity.{call}");
            assert_eq!(failure(&pool, &statement).await.as_deref(), Some("42501"), "{role:?}: {statement}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn who_may_do_what_is_written_by_events_alone() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let first = database.organization("first").await?;
    let account = database.account("ada@example.org").await?;
    database.member(first, account, identity::Role::Seller).await?;
    database.api_key(first, identity::Role::Seller, None).await?;
    for role in [Role::Identity, Role::Query, Role::Write, Role::Project, Role::React] {
        let pool = database.pool(role).await?;
        for statement in [
            "UPDATE identity.members SET role = 'owner'",
            "UPDATE identity.members SET role = 'owner' WHERE false",
            "DELETE FROM identity.members",
            "INSERT INTO identity.members SELECT * FROM identity.members",
            "UPDATE identity.credentials SET ends_at = NULL",
            "DELETE FROM identity.credentials",
            "INSERT INTO identity.credentials SELECT * FROM identity.credentials",
            "INSERT INTO identity.secrets VALUES (sha256('x'), gen_random_uuid())",
            "SELECT FROM identity.secrets",
            "DELETE FROM vault.entries",
            "UPDATE vault.entries SET fields = '{}'",
            "SELECT identity.take_in(gen_random_uuid(), 'MemberRemoved', '{}', now())",
            "SELECT vault.count_erasure(gen_random_uuid())",
            "ALTER TABLE identity.members DISABLE ROW LEVEL SECURITY",
            "SET ROLE turnout_owner",
        ] {
            assert_eq!(failure(&pool, statement).await.as_deref(), Some("42501"), "{role:?}: {statement}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_identity_role_sees_one_organizations_members_keys_and_people() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let (mine, theirs) = (database.organization("mine").await?, database.organization("theirs").await?);
    let account = database.account("ada@example.org").await?;
    for organization in [mine, theirs] {
        database.member(organization, account, identity::Role::Owner).await?;
        database.api_key(organization, identity::Role::Seller, None).await?;
    }
    let tables = ["identity.members", "identity.credentials", "vault.entries"];
    for table in tables {
        let organizations = format!("SELECT organization FROM {table}");
        let seen = async |setting: &str| {
            let mut transaction = database.identity.begin().await?;
            sqlx::query("SELECT set_config('turnout.organization', $1, true)")
                .bind(setting)
                .execute(&mut *transaction)
                .await?;
            let seen: Vec<Uuid> =
                sqlx::query_scalar(AssertSqlSafe(organizations.clone())).fetch_all(&mut *transaction).await?;
            anyhow::Ok(seen)
        };
        // No filter of its own: what is seen is what the policy lets through.
        assert_eq!(seen(&mine.to_string()).await?, [mine], "{table}");
        assert_eq!(seen(&theirs.to_string()).await?, [theirs], "{table}");
        assert_eq!(seen(&Uuid::nil().to_string()).await?, [] as [Uuid; 0], "{table}");
        assert_eq!(seen("").await?, [] as [Uuid; 0], "{table} without an organization");
        let unset: Vec<Uuid> = sqlx::query_scalar(AssertSqlSafe(organizations.clone()))
            .fetch_all(&database.pool(Role::Identity).await?)
            .await?;
        assert_eq!(unset, [] as [Uuid; 0], "{table} on a fresh connection");
    }
    let listed = identity::list_members(&database.identity, mine).await?;
    assert_eq!(listed.len(), 1);
    let keys = identity::list_credentials(&database.identity, theirs, CredentialKind::ApiKey, noon_and(0)).await?;
    assert_eq!(keys.len(), 1);
    Ok(())
}

#[tokio::test]
async fn functions_that_see_everything_answer_only_to_whoever_knows() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let first = database.organization("first").await?;
    let account = database.account("ada@example.org").await?;
    database.member(first, account, identity::Role::Owner).await?;
    let key = database.api_key(first, identity::Role::Seller, None).await?;
    for guess in ["", "%", "_", "tk_"] {
        let hash = <sha2::Sha256 as sha2::Digest>::digest(guess).into();
        assert_eq!(identity::find_credential(&database.identity, &hash).await?, None, "{guess}");
    }
    for call in
        ["find_credential(NULL)", "find_session(NULL, now())", "find_memberships(NULL)", "find_organization(NULL)"]
    {
        let statement = format!("SELECT count(*) FROM identity.{call}");
        let found: i64 = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&database.identity).await?;
        assert_eq!(found, 0, "{call}");
    }
    // The id of a key is no secret, and finds nothing.
    let by_id = <sha2::Sha256 as sha2::Digest>::digest(key.id.to_string()).into();
    assert_eq!(identity::find_credential(&database.identity, &by_id).await?, None);
    let hash = identity::TokenKind::ApiKey.hash(&key.token).expect("a token");
    assert_eq!(identity::find_credential(&database.identity, &hash).await?.map(|found| found.id), Some(key.id));
    Ok(())
}
