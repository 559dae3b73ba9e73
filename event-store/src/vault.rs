//! The vault: people, and what was typed about people or money. The only place with personal data.
//!
//! Entries come in through the recorder, together with the events that name them; here they are read and erased. A missing
//! entry is an erased one: whoever shows it shows null. Reading goes through row-level security when the pool is of
//! [`Role::Query`](crate::pools::Role::Query), and names the organization in the statement all the same.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::event::VaultKind;
use crate::log::ReadError;
use crate::pools;

/// Reads and erases in the vault. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vault {
    pool: PgPool,
}

/// One entry, as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct VaultRow {
    /// What events call it by.
    pub id: Uuid,
    /// A person, or a text.
    pub kind: VaultKind,
    /// Whom a text is about.
    pub person: Option<Uuid>,
    /// The show that it was given for.
    pub show: Option<Uuid>,
    /// What it is for.
    pub purpose: String,
    /// A JSON object.
    pub fields: serde_json::Value,
    /// When the event that names it was recorded.
    pub created_at: DateTime<Utc>,
}

impl VaultRow {
    /// A field's text, if it has one: `name`, `email` of a person, `text` of a text.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }
}

impl Vault {
    /// `pool` is of role Query or Write to read, of role Identity to erase.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// The entries with these ids, as far as they are the organization's and not erased.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn entries(&self, organization: Uuid, ids: &[Uuid]) -> Result<HashMap<Uuid, VaultRow>, ReadError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let mut transaction = pools::begin_for(&self.pool, organization).await?;
        let rows = sqlx::query!(
            r#"SELECT id, kind, person, show, purpose, fields, created_at FROM vault.entries
                WHERE organization = $1 AND id = ANY($2)"#,
            organization,
            ids
        )
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        rows.into_iter()
            .map(|row| {
                let kind = VaultKind::parse(&row.kind).ok_or_else(|| ReadError::Corrupt {
                    what: format!("vault entry {} is of the unknown kind {}", row.id, row.kind),
                })?;
                let entry = VaultRow {
                    id: row.id,
                    kind,
                    person: row.person,
                    show: row.show,
                    purpose: row.purpose,
                    fields: row.fields,
                    created_at: row.created_at,
                };
                Ok((row.id, entry))
            })
            .collect()
    }

    /// Ids of at most `limit` people whose name or e-mail address contains `text`, whatever its case; the latest first.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn search_people(&self, organization: Uuid, text: &str, limit: i64) -> Result<Vec<Uuid>, ReadError> {
        let pattern = format!("%{}%", escape_like(text));
        let mut transaction = pools::begin_for(&self.pool, organization).await?;
        let ids = sqlx::query_scalar!(
            r#"SELECT id FROM vault.entries
                WHERE organization = $1 AND kind = 'person' AND (fields->>'name' ILIKE $2 OR fields->>'email' ILIKE $2)
                ORDER BY created_at DESC, id DESC LIMIT $3"#,
            organization,
            pattern,
            limit
        )
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(ids)
    }

    /// Erases a person and every text about them, and says how many entries went: 0 when there were none (any more).
    /// The log, its hashes and all figures stay as they are.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses, for example because the pool is not of role Identity.
    pub async fn erase(&self, organization: Uuid, person: Uuid) -> Result<u64, ReadError> {
        let mut transaction = self.pool.begin().await?;
        let erased = sqlx::query!(
            "DELETE FROM vault.entries WHERE organization = $1 AND (id = $2 AND kind = 'person' OR person = $2)",
            organization,
            person
        )
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if erased > 0 {
            sqlx::query!(
                "INSERT INTO vault.erasures AS e (organization, erasures) VALUES ($1, 1)
                 ON CONFLICT (organization) DO UPDATE SET erasures = e.erasures + 1",
                organization
            )
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(erased)
    }

    /// How often something of the organization was erased: with the position, this says whether an answer with names is
    /// still the same.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn erasures(&self, organization: Uuid) -> Result<i64, ReadError> {
        let mut transaction = pools::begin_for(&self.pool, organization).await?;
        let erasures = sqlx::query_scalar!("SELECT erasures FROM vault.erasures WHERE organization = $1", organization)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(erasures.unwrap_or(0))
    }
}

/// `%`, `_` and `\` stand for themselves.
fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_not_a_pattern() {
        assert_eq!(escape_like(r"50%_\"), r"50\%\_\\");
    }
}
