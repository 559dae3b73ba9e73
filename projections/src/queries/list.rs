//! Pages of lists: a limit, and a cursor that says where the next page begins.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::QueryError;

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// At most so many items.
    pub limit: u16,
    /// `next` of the page before; none: the first page.
    pub cursor: Option<String>,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: 50, cursor: None }
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct List<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page; null on the last one.
    pub next: Option<String>,
}

impl Page {
    /// One more row than the page has: whether it comes says whether there is a next page.
    pub(crate) fn rows(&self) -> i64 {
        i64::from(self.limit.max(1)) + 1
    }

    /// The cursor as a position.
    ///
    /// # Errors
    /// [`QueryError::BadCursor`].
    pub fn position(&self) -> Result<Option<i64>, QueryError> {
        self.cursor.as_deref().map(|cursor| cursor.parse().map_err(|_| QueryError::BadCursor)).transpose()
    }

    /// The cursor as an id.
    pub(super) fn id(&self) -> Result<Option<Uuid>, QueryError> {
        self.cursor.as_deref().map(|cursor| cursor.parse().map_err(|_| QueryError::BadCursor)).transpose()
    }

    /// The cursor as a moment (in microseconds since 1970) and an id.
    ///
    /// # Errors
    /// [`QueryError::BadCursor`].
    pub fn moment_and_id(&self) -> Result<Option<(i64, Uuid)>, QueryError> {
        let parse = |cursor: &str| {
            let (micros, id) = cursor.split_once('_')?;
            Some((micros.parse().ok()?, id.parse().ok()?))
        };
        self.cursor.as_deref().map(|cursor| parse(cursor).ok_or(QueryError::BadCursor)).transpose()
    }

    /// Cuts rows to the page, and says where the next one begins.
    pub(crate) fn cut<R>(&self, rows: &mut Vec<R>, cursor: impl Fn(&R) -> String) -> Option<String> {
        let limit = usize::from(self.limit.max(1));
        if rows.len() <= limit {
            return None;
        }
        rows.truncate(limit);
        rows.last().map(cursor)
    }
}

/// A pattern for ILIKE that finds `text` anywhere; what people type is not a pattern.
pub(super) fn anywhere(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_whether_there_is_another() {
        let page = Page { limit: 2, cursor: None };
        let mut rows = vec![1, 2, 3];
        assert_eq!(page.cut(&mut rows, ToString::to_string).as_deref(), Some("2"));
        assert_eq!(rows, [1, 2]);
        assert_eq!(page.cut(&mut rows, ToString::to_string), None);
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let page = Page { limit: 2, cursor: Some("12_x".to_owned()) };
        assert!(matches!(page.position(), Err(QueryError::BadCursor)));
        assert!(matches!(page.moment_and_id(), Err(QueryError::BadCursor)));
    }
}
