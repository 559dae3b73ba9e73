//! What an organization has settled.

use domain::organization::Settings;
use uuid::Uuid;

use super::{Answer, Queries, QueryError, Scope, checkpoint, read};
use crate::views::{SettingsView, settings_view};

impl Queries {
    /// An organization's settings. None: there is no such organization.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn settings(&self, organization: Uuid) -> Result<Answer<Option<SettingsView>>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint(&mut transaction).await?;
        let row = sqlx::query!(
            r#"SELECT slug, settings::text AS "settings!" FROM organizations WHERE organization = $1"#,
            organization
        )
        .fetch_optional(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let view = |slug: String, settings: String| {
            let settings: Settings = read("organizations", &settings)?;
            Ok::<_, QueryError>(settings_view(&slug, &settings))
        };
        Ok(Answer { position, body: row.map(|row| view(row.slug, row.settings)).transpose()? })
    }
}
