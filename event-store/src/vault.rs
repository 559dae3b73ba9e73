//! The vault: people, and what was typed about people or money. Personal data is nowhere else, but for the accounts of those who
//! sign in (`identity`).
//!
//! Entries come in through the recorder, together with the events that name them, and go with the events that say so; here
//! they are read. A missing entry is an erased one: whoever shows it shows null. Reading goes through row-level security when the pool is of
//! [`Role::Query`](crate::pools::Role::Query), and names the organization in the statement all the same.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::event::VaultKind;
use crate::log::ReadError;
use crate::pools;

/// Reads in the vault. Cheap to clone.
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

/// A row as it is stored.
struct Entry {
    id: Uuid,
    kind: String,
    person: Option<Uuid>,
    show: Option<Uuid>,
    purpose: String,
    fields: serde_json::Value,
    created_at: DateTime<Utc>,
}

impl TryFrom<Entry> for VaultRow {
    type Error = ReadError;

    fn try_from(row: Entry) -> Result<Self, ReadError> {
        let kind = VaultKind::parse(&row.kind).ok_or_else(|| ReadError::Corrupt {
            what: format!("vault entry {} is of the unknown kind {}", row.id, row.kind),
        })?;
        let Entry { id, person, show, purpose, fields, created_at, .. } = row;
        Ok(Self { id, kind, person, show, purpose, fields, created_at })
    }
}

impl Vault {
    /// `pool` is of role Query, Write or Identity.
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
        let rows = sqlx::query_as!(
            Entry,
            r#"SELECT id, kind, person, show, purpose, fields, created_at FROM vault.entries
                WHERE organization = $1 AND id = ANY($2)"#,
            organization,
            ids
        )
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        rows.into_iter().map(|row| Ok((row.id, VaultRow::try_from(row)?))).collect()
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

    /// At most `limit` people, the latest first, behind the one of id `before`: those whose name, e-mail address or phone number
    /// contains `text`, whatever its case, and those of `also`, of whom somebody else knows that they are meant.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn people(
        &self,
        organization: Uuid,
        text: Option<&str>,
        also: &[Uuid],
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<VaultRow>, ReadError> {
        let pattern = text.map(|text| format!("%{}%", escape_like(text)));
        let mut transaction = pools::begin_for(&self.pool, organization).await?;
        let rows = sqlx::query_as!(
            Entry,
            r#"SELECT id, kind, person, show, purpose, fields, created_at FROM vault.entries
                WHERE organization = $1 AND kind = 'person' AND ($2::uuid IS NULL OR id < $2)
                  AND ($3::text IS NULL OR fields->>'name' ILIKE $3 OR fields->>'email' ILIKE $3 OR fields->>'phone' ILIKE $3
                       OR id = ANY($5))
                ORDER BY id DESC LIMIT $4"#,
            organization,
            before,
            pattern,
            limit,
            also
        )
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        rows.into_iter().map(VaultRow::try_from).collect()
    }

    /// A person, if they were not erased, and every text that is about them, the oldest first.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn of_person(
        &self,
        organization: Uuid,
        person: Uuid,
    ) -> Result<(Option<VaultRow>, Vec<VaultRow>), ReadError> {
        let mut transaction = pools::begin_for(&self.pool, organization).await?;
        let rows = sqlx::query_as!(
            Entry,
            r#"SELECT id, kind, person, show, purpose, fields, created_at FROM vault.entries
                WHERE organization = $1 AND (id = $2 AND kind = 'person' OR person = $2)
                ORDER BY created_at, id"#,
            organization,
            person
        )
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let mut texts = rows.into_iter().map(VaultRow::try_from).collect::<Result<Vec<_>, _>>()?;
        let person = texts.iter().position(|row| row.kind == VaultKind::Person).map(|at| texts.remove(at));
        Ok((person, texts))
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
