//! Members: who belongs to which organization. Read here; written with the events of the organization.

use chrono::{DateTime, Utc};
use domain::organization::Role;
use event_store::pools;
use sqlx::PgPool;
use uuid::Uuid;

use crate::credentials::role;

/// That an account belongs to an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The member, as events name it.
    pub member: Uuid,
    /// What it may do there.
    pub role: Role,
    /// The organization.
    pub organization: Uuid,
    /// The organization's name in addresses.
    pub slug: String,
    /// The organization's name for people.
    pub name: String,
}

/// Somebody who belongs to an organization, or is invited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedMember {
    /// Its id.
    pub id: Uuid,
    /// Its account, once it has joined.
    pub account: Option<Uuid>,
    /// Its name, once it has joined.
    pub name: Option<String>,
    /// Its address; nothing once erased.
    pub email: Option<String>,
    /// What it may do.
    pub role: Role,
    /// When it was invited, or added.
    pub invited_at: DateTime<Utc>,
    /// When it joined.
    pub joined_at: Option<DateTime<Utc>>,
    /// When its invitation ends, while it has not joined.
    pub invitation_ends_at: Option<DateTime<Utc>>,
}

/// The organizations of an account, in the order in which it joined them.
///
/// # Errors
/// When the database does not answer, or holds what this version does not know.
pub async fn memberships(pool: &PgPool, account: Uuid) -> Result<Vec<Membership>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT member AS "member!", role AS "role!", organization AS "organization!", slug AS "slug!", name AS "name!"
             FROM identity.find_memberships($1)"#,
        account
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Membership {
                member: row.member,
                role: role(&row.role)?,
                organization: row.organization,
                slug: row.slug,
                name: row.name,
            })
        })
        .collect()
}

/// The members of an organization, the first one first.
///
/// # Errors
/// When the database does not answer, or holds what this version does not know.
pub async fn list_members(pool: &PgPool, organization: Uuid) -> Result<Vec<ListedMember>, sqlx::Error> {
    let mut transaction = pools::begin_for(pool, organization).await?;
    let rows = sqlx::query!(
        r#"SELECT m.member, m.account, a.name AS "name?", coalesce(a.email, v.fields->>'email') AS email, m.role,
                  m.invited_at, m.joined_at, c.ends_at AS "invitation_ends_at?"
             FROM identity.members AS m
             LEFT JOIN identity.accounts AS a ON a.account = m.account
             LEFT JOIN vault.entries AS v ON v.id = m.member AND v.organization = m.organization
             LEFT JOIN LATERAL (
                  SELECT i.ends_at FROM identity.credentials AS i
                   WHERE i.member = m.member AND i.kind = 'invitation' AND m.account IS NULL
                   ORDER BY i.created_at DESC, i.credential DESC LIMIT 1
             ) AS c ON true
            WHERE m.organization = $1
            ORDER BY m.invited_at, m.member"#,
        organization
    )
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    rows.into_iter()
        .map(|row| {
            Ok(ListedMember {
                id: row.member,
                account: row.account,
                name: row.name,
                email: row.email,
                role: role(&row.role)?,
                invited_at: row.invited_at,
                joined_at: row.joined_at,
                invitation_ends_at: row.invitation_ends_at,
            })
        })
        .collect()
}
