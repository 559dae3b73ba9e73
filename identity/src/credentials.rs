//! API keys, devices, pairings and invitations, as the database knows them.
//!
//! Their rows follow from events of their organization and are written in the transaction that appends these; here they
//! are only read. One is found by its token's hash, by whoever knows the token; lists show one organization's, by
//! row-level security also where a statement should forget to ask.

use chrono::{DateTime, Utc};
use domain::organization::Role;
use event_store::pools;
use sqlx::PgPool;
use uuid::Uuid;

/// What a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// Of a program.
    ApiKey,
    /// Of a door's device.
    Device,
    /// Becomes a device.
    Pairing,
    /// Becomes a member.
    Invitation,
}

/// A credential that somebody has the token of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundCredential {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub organization: Uuid,
    /// What it is.
    pub kind: CredentialKind,
    /// What its bearer may do.
    pub role: Role,
    /// The shows that it is bound to; none: all of the organization.
    pub shows: Option<Vec<Uuid>>,
    /// The gates that a device is bound to; empty: none in particular.
    pub gates: Vec<String>,
    /// Whether a device may admit against the rules.
    pub may_override: bool,
    /// Whom an invitation is for.
    pub member: Option<Uuid>,
    /// When it ended, or will.
    pub ends_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// An API key or a device in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCredential {
    /// Its id.
    pub id: Uuid,
    /// What its owner calls it; nothing once erased.
    pub name: Option<String>,
    /// What its bearer may do.
    pub role: Role,
    /// The shows that it is bound to; none: all of the organization.
    pub shows: Option<Vec<Uuid>>,
    /// The gates that a device is bound to.
    pub gates: Vec<String>,
    /// Whether a device may admit against the rules.
    pub may_override: bool,
    /// The key that this one took over from.
    pub replaces: Option<Uuid>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl CredentialKind {
    /// As it stands in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::Device => "device",
            Self::Pairing => "pairing",
            Self::Invitation => "invitation",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::ApiKey, Self::Device, Self::Pairing, Self::Invitation].into_iter().find(|kind| kind.as_str() == text)
    }
}

impl FoundCredential {
    /// Whether it still stands for somebody.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_none_or(|ends_at| ends_at > now)
    }
}

/// The credential whose token has this hash, whether or not it has ended.
///
/// # Errors
/// When the database does not answer, or holds what this version does not know.
pub async fn find_credential(pool: &PgPool, hash: &[u8; 32]) -> Result<Option<FoundCredential>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT credential AS "credential!", organization AS "organization!", kind AS "kind!", role AS "role!", shows,
                  gates AS "gates!", may_override AS "may_override!", member, ends_at, last_used_at
             FROM identity.find_credential($1)"#,
        hash
    )
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        let kind = CredentialKind::parse(&row.kind).ok_or_else(|| unknown("kind", &row.kind))?;
        Ok(FoundCredential {
            id: row.credential,
            organization: row.organization,
            kind,
            role: role(&row.role)?,
            shows: row.shows,
            gates: row.gates,
            may_override: row.may_override,
            member: row.member,
            ends_at: row.ends_at,
            last_used_at: row.last_used_at,
        })
    })
    .transpose()
}

/// An organization's live credentials of a kind, the latest first.
///
/// # Errors
/// When the database does not answer, or holds what this version does not know.
pub async fn list_credentials(
    pool: &PgPool,
    organization: Uuid,
    kind: CredentialKind,
    now: DateTime<Utc>,
) -> Result<Vec<ListedCredential>, sqlx::Error> {
    let mut transaction = pools::begin_for(pool, organization).await?;
    let rows = sqlx::query!(
        r#"SELECT c.credential, v.fields->>'text' AS name, c.role AS "role!", c.shows, c.gates, c.may_override, c.replaces,
                  c.created_at, c.ends_at, c.last_used_at
             FROM identity.credentials AS c
             LEFT JOIN vault.entries AS v ON v.id = c.name AND v.organization = c.organization
            WHERE c.organization = $1 AND c.kind = $2 AND (c.ends_at IS NULL OR c.ends_at > $3)
            ORDER BY c.created_at DESC, c.credential"#,
        organization,
        kind.as_str(),
        now
    )
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    rows.into_iter()
        .map(|row| {
            Ok(ListedCredential {
                id: row.credential,
                name: row.name,
                role: role(&row.role)?,
                shows: row.shows,
                gates: row.gates,
                may_override: row.may_override,
                replaces: row.replaces,
                created_at: row.created_at,
                ends_at: row.ends_at,
                last_used_at: row.last_used_at,
            })
        })
        .collect()
}

/// Writes down that a credential was used.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn touch(pool: &PgPool, credential: Uuid, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT identity.touch_credential($1, $2)", credential, now).execute(pool).await?;
    Ok(())
}

/// A role as it stands in the database.
pub(crate) fn role(text: &str) -> Result<Role, sqlx::Error> {
    Role::parse(text).map_err(|_| unknown("role", text))
}

fn unknown(what: &str, text: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("no {what} {text:?} of a credential is known").into())
}
