//! Organizations: the tenants, and their addresses.
//!
//! Only the row that credentials are checked against is here; an organization's settings, and events of its own in the
//! log, come with members and roles. Organizations are never deleted.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// The longest name, in characters; also a constraint of the table.
pub const NAME_CHARACTERS_MAX: usize = 200;

/// Leaves room for a number behind the slug within the table's 80 characters.
const SLUG_CHARACTERS_MAX: usize = 60;

/// How many organizations of one name get a number before giving up.
const SLUG_ATTEMPTS_MAX: u32 = 1_000;

const FIRST_NAME: &str = "Box office";

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

/// A name within its limits: 1 to [`NAME_CHARACTERS_MAX`] characters, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationName(String);

/// Why a text is no name of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrganizationNameError {
    /// There is nothing but white space.
    #[error("the name is empty")]
    Empty,
    /// It is too long.
    #[error("the name has {found} characters; at most {NAME_CHARACTERS_MAX} are allowed")]
    TooLong {
        /// How many characters it has.
        found: usize,
    },
    /// It holds NUL, a line feed or the like.
    #[error("the name holds a control character")]
    ControlCharacter,
}

/// Why an organization could not be made or found.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// The database did not answer, or refused.
    #[error("organizations could not be read or stored")]
    Database(#[from] sqlx::Error),
    /// Too many organizations have this name; the caller should choose another.
    #[error("too many organizations are called {0:?}")]
    NameTaken(String),
}

impl OrganizationName {
    /// A name, without white space around it.
    ///
    /// # Errors
    /// [`OrganizationNameError`], to be shown to whoever chose the name.
    pub fn parse(text: &str) -> Result<Self, OrganizationNameError> {
        let text = text.trim();
        let found = text.chars().count();
        if text.is_empty() {
            Err(OrganizationNameError::Empty)
        } else if found > NAME_CHARACTERS_MAX {
            Err(OrganizationNameError::TooLong { found })
        } else if text.chars().any(char::is_control) {
            Err(OrganizationNameError::ControlCharacter)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Lower-case ASCII letters and digits with single hyphens between words; never empty.
    fn slug(&self) -> String {
        let mut slug = String::new();
        for word in self.0.to_lowercase().split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
            if !slug.is_empty() {
                slug.push('-');
            }
            slug.push_str(word);
        }
        slug.truncate(SLUG_CHARACTERS_MAX);
        let slug = slug.trim_end_matches('-');
        if slug.is_empty() { "organization".to_owned() } else { slug.to_owned() }
    }
}

/// The first organization; makes it, with this id and time, when there is none. Nodes that start together make one.
///
/// # Errors
/// [`OrganizationError::Database`].
pub async fn first_or_create(pool: &PgPool, id: Uuid, now: DateTime<Utc>) -> Result<Organization, OrganizationError> {
    let mut transaction = pool.begin().await?;
    lock(&mut transaction).await?;
    let first = sqlx::query_as!(
        Organization,
        "SELECT organization AS id, slug, name, created_at FROM identity.organizations
         ORDER BY created_at, organization LIMIT 1"
    )
    .fetch_optional(&mut *transaction)
    .await?;
    let first = match first {
        Some(first) => first,
        None => insert(&mut transaction, &OrganizationName(FIRST_NAME.to_owned()), id, now).await?,
    };
    transaction.commit().await?;
    Ok(first)
}

/// Makes an organization. Its slug comes from its name, with a number behind it when that is taken.
///
/// # Errors
/// [`OrganizationError`].
pub async fn create(
    pool: &PgPool,
    name: &OrganizationName,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Organization, OrganizationError> {
    let mut transaction = pool.begin().await?;
    lock(&mut transaction).await?;
    let made = insert(&mut transaction, name, id, now).await?;
    transaction.commit().await?;
    Ok(made)
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

/// Making organizations is rare: one at a time, so that choosing a slug needs no second try.
async fn lock(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('turnout/organizations', 0))")
        .execute(connection)
        .await?;
    Ok(())
}

async fn insert(
    connection: &mut PgConnection,
    name: &OrganizationName,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Organization, OrganizationError> {
    let wanted = name.slug();
    let slug = sqlx::query_scalar!(
        r#"SELECT candidate AS "candidate!"
           FROM (SELECT n, CASE n WHEN 1 THEN $1 ELSE $1 || '-' || n END AS candidate
                 FROM generate_series(1, $2::integer) AS n) AS candidates
           WHERE NOT EXISTS (SELECT FROM identity.organizations WHERE slug = candidate)
           ORDER BY n LIMIT 1"#,
        wanted,
        SLUG_ATTEMPTS_MAX.cast_signed()
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or_else(|| OrganizationError::NameTaken(name.0.clone()))?;
    let made = sqlx::query_as!(
        Organization,
        "INSERT INTO identity.organizations (organization, slug, name, created_at) VALUES ($1, $2, $3, $4)
         RETURNING organization AS id, slug, name, created_at",
        id,
        slug,
        name.0,
        now
    )
    .fetch_one(connection)
    .await?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parsed_within_their_limits() {
        assert_eq!(OrganizationName::parse("  Riethsporthalle ").map(|name| name.0), Ok("Riethsporthalle".to_owned()));
        assert_eq!(OrganizationName::parse(" \n "), Err(OrganizationNameError::Empty));
        assert_eq!(OrganizationName::parse("a\0b"), Err(OrganizationNameError::ControlCharacter));
        let long = "ä".repeat(NAME_CHARACTERS_MAX + 1);
        assert_eq!(OrganizationName::parse(&long), Err(OrganizationNameError::TooLong { found: 201 }));
    }

    #[test]
    fn slugs_are_plain_and_never_empty() {
        for (name, slug) in [
            ("Box office", "box-office"),
            ("  Theater & Kino -- 2026! ", "theater-kino-2026"),
            ("東京", "organization"),
            (&"long ".repeat(30), "long-long-long-long-long-long-long-long-long-long-long-long"),
        ] {
            assert_eq!(OrganizationName::parse(name).unwrap().slug(), slug);
        }
    }
}
