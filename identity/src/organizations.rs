//! Organizations: the tenants, as credentials are checked against them.
//!
//! The row follows from the organization's first event and its settings, and is written with them. Organizations are never
//! deleted.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id: what `Turnout-Organization` and every row name it by.
    pub id: Uuid,
    /// Its name in addresses: lower-case letters, digits and single hyphens.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// The organization with this id. The role of queries may ask this, too.
///
/// # Errors
/// [`sqlx::Error`] when the database does not answer.
pub async fn find(pool: &PgPool, id: Uuid) -> Result<Option<Organization>, sqlx::Error> {
    sqlx::query_as!(
        Organization,
        r#"SELECT organization AS "id!", slug AS "slug!", name AS "name!", created_at AS "created_at!"
           FROM identity.find_organization($1)"#,
        id
    )
    .fetch_optional(pool)
    .await
}

/// All organizations, the first one first.
///
/// # Errors
/// [`sqlx::Error`] when the database does not answer.
pub async fn list(pool: &PgPool) -> Result<Vec<Organization>, sqlx::Error> {
    sqlx::query_as!(
        Organization,
        "SELECT organization AS id, slug, name, created_at FROM identity.organizations
         ORDER BY created_at, organization"
    )
    .fetch_all(pool)
    .await
}
