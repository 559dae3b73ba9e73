//! Commands on an organization that nobody of it asks for: the installation itself, or whoever has a link's token.

use commands::{
    OrganizationCommand,
    organization_desk::{OrganizationOutcome, OrganizationSubmission},
};
use domain::{ids::OrganizationId, ticket_type::Channel};
use event_store::{Secret, VaultEntry};

use crate::{app::CommandSide, problem::Problem};

/// What is asked, with what goes along.
pub(super) struct ByNobody {
    /// The command.
    pub(super) command: OrganizationCommand,
    /// What people typed.
    pub(super) vault: Vec<VaultEntry>,
    /// What proves the credentials that the command makes.
    pub(super) secrets: Vec<Secret>,
}

impl ByNobody {
    /// A command and nothing else.
    pub(super) fn new(command: impl Into<OrganizationCommand>) -> Self {
        Self { command: command.into(), vault: Vec::new(), secrets: Vec::new() }
    }

    /// Has it decided and recorded, as the installation's own.
    ///
    /// # Errors
    /// What the organization's desk says.
    pub(super) async fn submit(
        self,
        app: &CommandSide,
        organization: OrganizationId,
    ) -> Result<OrganizationOutcome, Problem> {
        let id = app.ids.next();
        let submission = OrganizationSubmission {
            command: self.command,
            vault: self.vault,
            secrets: self.secrets,
            command_id: id,
            request_hmac: None,
            correlation: id,
            actor: "turnout".to_owned(),
            role: None,
            device: None,
            channel: Some(Channel::Web),
        };
        let outcome = app.organizations.submit(organization, submission).await?;
        app.gate.forget_known();
        Ok(outcome)
    }
}
