//! From a request to the desk of the caller's organization and back: the way of every command that is not about a show.
//!
//! The counterpart of [`super::submit`]. Whatever was recorded may have changed who may do what, so what this node believes
//! of tokens is forgotten with it.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use commands::{
    OrganizationCommand,
    organization_desk::{OrganizationOutcome, OrganizationSubmission},
};
use domain::ids::{DeviceId, OrganizationId};
use event_store::{Secret, VaultEntry, VaultKind};
use identity::{Caller, Staff};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use uuid::Uuid;

use super::{asked::Asked, submit::channel};
use crate::{app::CommandSide, extract::POSITION_HEADER, problem::Problem};

/// A command on the caller's organization, with who asks.
pub(crate) struct OrganizationRequest<'app> {
    app: &'app CommandSide,
    caller: Caller,
    staff: Staff,
    asked: Asked,
}

impl<'app> OrganizationRequest<'app> {
    /// Staff whom the extractor let in.
    ///
    /// # Errors
    /// 403 for whoever is no staff; the extractor lets none of them in.
    pub(crate) fn new(app: &'app CommandSide, caller: Caller, asked: Asked) -> Result<Self, Problem> {
        let staff = caller.staff().cloned().ok_or_else(|| Problem::forbidden("Only staff may do this; sign in."))?;
        Ok(Self { app, caller, staff, asked })
    }

    /// The organization.
    pub(crate) fn organization(&self) -> OrganizationId {
        OrganizationId(self.staff.organization)
    }

    /// What the body says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        self.asked.without_parameters()?;
        self.asked.body()
    }

    /// What the body says, or nothing where there is none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn body_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Problem> {
        self.asked.without_parameters()?;
        self.asked.raw().parse_or_default()
    }

    /// The command's id, and the HMAC of the request where it may be sent again. An id of what the command makes, derived
    /// from it, is the same for the same request.
    ///
    /// # Errors
    /// 422 for what is no key.
    pub(crate) fn identity(&self) -> Result<(Uuid, Option<[u8; 32]>), Problem> {
        self.asked.without_parameters()?;
        let key = self.asked.key(&self.caller)?;
        Ok(self.asked.identity(self.app, &self.caller, key))
    }

    /// Has it decided, and recorded.
    ///
    /// # Errors
    /// What the desk says, and a key that is none.
    pub(crate) async fn submit(
        &self,
        command: impl Into<OrganizationCommand>,
        vault: Vec<VaultEntry>,
        secrets: Vec<Secret>,
    ) -> Result<OrganizationOutcome, Problem> {
        let (command_id, request_hmac) = self.identity()?;
        let submission = OrganizationSubmission {
            command: command.into(),
            vault,
            secrets,
            command_id,
            request_hmac,
            correlation: self.asked.correlation(),
            actor: self.caller.actor().to_owned(),
            role: Some(self.staff.role),
            device: self.staff.device.as_ref().map(|device| DeviceId(device.id)),
            channel: Some(channel(self.staff.channel)),
        };
        let outcome = self.app.organizations.submit(self.organization(), submission).await?;
        self.app.gate.forget_known();
        Ok(outcome)
    }
}

/// What somebody typed, about nobody: the name of a key or device.
pub(crate) fn typed(id: Uuid, purpose: &str, text: impl Into<String>) -> VaultEntry {
    VaultEntry {
        id,
        kind: VaultKind::Text,
        person: None,
        show: None,
        purpose: purpose.to_owned(),
        fields: json!({ "text": text.into() }),
    }
}

/// The answer to a command on an organization, at its position. Some carry tokens: nobody keeps it.
pub(crate) fn organization_answer(status: StatusCode, outcome: &OrganizationOutcome, body: impl Serialize) -> Response {
    (status, [(POSITION_HEADER, outcome.position.to_string())], [(header::CACHE_CONTROL, "no-store")], Json(body))
        .into_response()
}

/// 204, at its position.
pub(crate) fn organization_gone(outcome: &OrganizationOutcome) -> Response {
    (StatusCode::NO_CONTENT, [(POSITION_HEADER, outcome.position.to_string())], [(header::CACHE_CONTROL, "no-store")])
        .into_response()
}

/// The first event of a kind among those of a command on an organization.
macro_rules! organization_event {
    ($outcome:expr, $kind:ident) => {
        $outcome
            .events
            .iter()
            .find_map(|event| match event {
                domain::OrganizationEvent::$kind(event) => Some(event),
                _ => None,
            })
            .ok_or_else(|| $crate::problem::Problem::internal(&$crate::commands::NotRecorded(stringify!($kind))))
    };
}
pub(crate) use organization_event;
