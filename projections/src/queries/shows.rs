//! Which shows there are, and one of them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Answer, List, Page, Queries, QueryError, Scope, checkpoint, checkpoint_of, list::anywhere, read};
use crate::views::ShowView;

/// Which shows are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShowsFilter {
    /// In the name, whatever its case.
    pub q: Option<String>,
    /// Starting then or later.
    pub from: Option<DateTime<Utc>>,
    /// Starting before.
    pub to: Option<DateTime<Utc>>,
    /// Among these: what a credential that is bound to shows reaches. None: all of the scope.
    pub reach: Option<Vec<Uuid>>,
}

/// Whose a show is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShowFound {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub organization: Uuid,
    /// Whether it is published or was.
    pub is_public: bool,
}

impl Queries {
    /// Looks a show up by its id or its slug, before anybody's organization is known.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn find_show(&self, id_or_slug: &str) -> Result<Option<ShowFound>, QueryError> {
        if id_or_slug.contains('\0') {
            return Ok(None);
        }
        let found = sqlx::query_as!(
            ShowFound,
            r#"SELECT id AS "id!", organization AS "organization!", is_public AS "is_public!" FROM find_show($1)"#,
            id_or_slug
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(found)
    }

    /// Shows in a scope, by their start, the earliest first.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn shows(
        &self,
        scope: Scope,
        filter: &ShowsFilter,
        page: &Page,
    ) -> Result<Answer<List<ShowView>>, QueryError> {
        let (after_at, after_id) = match page.moment_and_id()? {
            Some((micros, id)) => {
                (Some(DateTime::from_timestamp_micros(micros).ok_or(QueryError::BadCursor)?), Some(id))
            }
            None => (None, None),
        };
        let q = filter.q.as_deref().map(anywhere);
        let mut transaction = self.begin(scope).await?;
        let position = checkpoint(&mut transaction).await?;
        let mut rows = sqlx::query!(
            r#"SELECT id, starts_at, body::text AS "body!" FROM shows
                WHERE ($1::text IS NULL OR name ILIKE $1)
                  AND ($2::timestamptz IS NULL OR starts_at >= $2)
                  AND ($3::timestamptz IS NULL OR starts_at < $3)
                  AND ($4::timestamptz IS NULL OR (starts_at, id) > ($4, $5::uuid))
                  AND ($7::uuid[] IS NULL OR id = ANY($7))
                ORDER BY starts_at, id LIMIT $6"#,
            q,
            filter.from,
            filter.to,
            after_at,
            after_id,
            page.rows(),
            filter.reach.as_deref()
        )
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let next = page.cut(&mut rows, |row| format!("{}_{}", row.starts_at.timestamp_micros(), row.id));
        let items = rows.iter().map(|row| read("shows", &row.body)).collect::<Result<_, _>>()?;
        Ok(Answer { position, body: List { items, next } })
    }

    /// A show in a scope.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn show(&self, scope: Scope, show: Uuid) -> Result<Answer<Option<ShowView>>, QueryError> {
        let mut transaction = self.begin(scope).await?;
        let position = checkpoint_of(&mut transaction, show).await?;
        let body = sqlx::query_scalar!(r#"SELECT body::text AS "body!" FROM shows WHERE id = $1"#, show)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Answer { position, body: body.map(|body| read("shows", &body)).transpose()? })
    }
}
