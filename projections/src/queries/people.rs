//! Joins names from the vault. A missing entry is an erased one, and shown as null.

use std::collections::HashMap;

use event_store::VaultRow;
use uuid::Uuid;

use super::{Queries, QueryError};
use crate::views::CustomerView;

/// People that a search looks at: who types less than a name has to type more.
const PEOPLE_MAX: i64 = 200;

/// Entries of people, by id.
#[derive(Debug, Default)]
pub(crate) struct People(HashMap<Uuid, VaultRow>);

impl People {
    /// The name of somebody.
    pub fn name(&self, person: Option<Uuid>) -> Option<String> {
        self.0.get(&person?)?.text("name").map(str::to_owned)
    }

    /// All of somebody.
    pub fn customer(&self, person: Option<Uuid>) -> Option<CustomerView> {
        let row = self.0.get(&person?)?;
        let text = |field| row.text(field).map(str::to_owned);
        Some(CustomerView { name: text("name"), email: text("email"), phone: text("phone"), locale: text("locale") })
    }
}

impl Queries {
    /// The entries of these people, as far as there still are any.
    pub(crate) async fn people(
        &self,
        organization: Uuid,
        ids: impl Iterator<Item = Option<Uuid>>,
    ) -> Result<People, QueryError> {
        let mut ids: Vec<Uuid> = ids.flatten().collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(People(self.vault.entries(organization, &ids).await?))
    }

    /// Whom a search may mean.
    pub(crate) async fn search_people(&self, organization: Uuid, q: Option<&str>) -> Result<Vec<Uuid>, QueryError> {
        match q {
            Some(q) => Ok(self.vault.search_people(organization, q, PEOPLE_MAX).await?),
            None => Ok(Vec::new()),
        }
    }
}
