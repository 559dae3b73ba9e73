//! Members: who belongs to which organization. Read here; written with the events of the organization.

use chrono::{DateTime, Utc};
use domain::organization::Role;
use event_store::pools;
use sqlx::PgPool;
use uuid::Uuid;

use crate::credentials::role;
use crate::sessions::ListedSession;

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

/// By what a member signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberAccount {
    /// Its id.
    pub account: Uuid,
    /// The address to sign in with, in lower case.
    pub email: String,
    /// Its owner's name.
    pub name: String,
    /// Whether its owner set the installation up.
    pub installation_owner: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Its sessions as they are stored, the first one first.
    pub sessions: Vec<ListedSession>,
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

/// The account of a member of an organization; none of whoever has not joined, or is no member of it.
///
/// # Errors
/// When the database does not answer.
pub async fn account_of_member(
    pool: &PgPool,
    organization: Uuid,
    member: Uuid,
) -> Result<Option<MemberAccount>, sqlx::Error> {
    let mut transaction = pools::begin_for(pool, organization).await?;
    let found = sqlx::query!(
        "SELECT a.account, a.email, a.name, a.installation_owner, a.created_at
           FROM identity.members AS m JOIN identity.accounts AS a ON a.account = m.account
          WHERE m.organization = $1 AND m.member = $2",
        organization,
        member
    )
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(found) = found else { return Ok(None) };
    let sessions = sqlx::query_as!(
        ListedSession,
        "SELECT session, started_at, seen_at, ends_at, client FROM identity.sessions
          WHERE account = $1 ORDER BY started_at, session",
        found.account
    )
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(Some(MemberAccount {
        account: found.account,
        email: found.email,
        name: found.name,
        installation_owner: found.installation_owner,
        created_at: found.created_at,
        sessions,
    }))
}
