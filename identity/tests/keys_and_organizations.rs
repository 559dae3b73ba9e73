//! Keys and organizations on a real PostgreSQL: made once however many nodes start, and closed to other roles.

mod support;

use event_store::pools::Role;
use identity::{KeyError, OrganizationName, SecretKey, TicketClaims, load_or_create_ticket_keys};
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
async fn the_first_organization_is_made_once_and_names_may_repeat() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let pool = &database.identity;
    let (one, two) = tokio::try_join!(
        identity::first_or_create(pool, Uuid::from_u128(1), noon_and(0)),
        identity::first_or_create(pool, Uuid::from_u128(2), noon_and(0)),
    )?;
    assert_eq!(one, two);

    let name = OrganizationName::parse("Kulturhaus Süd")?;
    let first = identity::create(pool, &name, Uuid::from_u128(3), noon_and(1)).await?;
    let second = identity::create(pool, &name, Uuid::from_u128(4), noon_and(2)).await?;
    assert_eq!((first.slug.as_str(), second.slug.as_str()), ("kulturhaus-s-d", "kulturhaus-s-d-2"));
    assert_eq!(identity::find(pool, second.id).await?.as_ref(), Some(&second));
    assert_eq!(identity::find(pool, Uuid::from_u128(99)).await?, None);
    assert_eq!(identity::list(pool).await?, [one, first, second]);
    Ok(())
}

#[tokio::test]
async fn other_roles_only_look_up_what_they_can_name() -> anyhow::Result<()> {
    let database = Database::migrated().await?;
    let first = identity::first_or_create(&database.identity, Uuid::from_u128(1), noon_and(0)).await?;
    let query = database.pool(Role::Query).await?;
    assert_eq!(identity::find(&query, first.id).await?, Some(first));
    for role in [Role::Query, Role::Write, Role::Project, Role::React] {
        let pool = database.pool(role).await?;
        for statement in [
            "SELECT FROM identity.organizations",
            "SELECT FROM identity.sessions",
            "SELECT FROM identity.signing_keys",
            "DELETE FROM identity.sessions",
            "UPDATE identity.organizations SET name = 'x'",
        ] {
            let error = sqlx::query(statement).execute(&pool).await.err();
            let code =
                error.as_ref().and_then(sqlx::Error::as_database_error).and_then(sqlx::error::DatabaseError::code);
            assert_eq!(code.as_deref(), Some("42501"), "{role:?}: {statement}: {error:?}");
        }
    }
    Ok(())
}
