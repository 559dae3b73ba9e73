//! From a request to a desk and back: the one way that every handler of the write side takes.
//!
//! [`Asked`] is what came, not yet looked at; [`Request`] joins it with who asks and which show. A body is judged only
//! once what the path names is known to exist, so that the checks come in the contract's order: 401 and 403 are the
//! extractors' (`Needs<…>` stands first in every handler), then 404, then 422, and 409 is the desk's. No rules here.

use commands::{
    ShowCommand,
    desk::{DeskError, Outcome, Resource, Submission},
};
use domain::{
    FieldError,
    ids::{DeviceId, ShowId},
    organization::Settings,
    text::DoorName,
    ticket_type::Channel,
};
use event_store::VaultEntry;
use identity::{BoundDevice, Caller, Need, Staff};
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub(super) use super::asked::Asked;
use super::{because, people::Typed};
use crate::{app::CommandSide, extract::JsonBody, problem::Problem};

/// Stands for the request of a scan: a scan sent again has the first answer whatever its body says.
const SCAN_HMAC: [u8; 32] = [0; 32];

/// A command on a show, with who asks.
pub(super) struct Request<'app> {
    app: &'app CommandSide,
    show: ShowId,
    caller: Caller,
    /// The caller as staff, where they ask as that.
    staff: Option<Staff>,
    asked: Asked,
}

impl<'app> Request<'app> {
    /// Whoever the extractor let in. Staff of another organization meet 404 at the desk.
    ///
    /// # Errors
    /// 404 for a show that is out of the credentials' reach.
    pub(super) fn new(app: &'app CommandSide, caller: Caller, show: ShowId, asked: Asked) -> Result<Self, Problem> {
        let staff = caller.staff().cloned();
        if staff.as_ref().is_some_and(|staff| !staff.reaches(show.0)) {
            return Err(Problem::not_found());
        }
        Ok(Self { app, show, caller, staff, asked })
    }

    /// The same where anybody may ask: staff of another organization, and credentials that do not reach the show, count as
    /// anonymous; a draft does not exist to them.
    ///
    /// # Errors
    /// 404 without such a show.
    pub(super) async fn of_anybody(
        app: &'app CommandSide,
        caller: Caller,
        show: ShowId,
        asked: Asked,
    ) -> Result<Self, Problem> {
        let facts = app.desks.find(show).await?.ok_or_else(Problem::not_found)?;
        let staff = caller.of_show(facts.organization, show.0).cloned();
        // A desk that has not heard of the publication yet, which was at another node, reads what was recorded.
        if staff.is_none() && !facts.published {
            let current = app.desks.find_current(show).await?;
            current.filter(|facts| facts.published).ok_or_else(Problem::not_found)?;
        }
        Ok(Self { app, show, caller, staff, asked })
    }

    /// Whether staff of the show's organization ask.
    pub(super) fn is_staff(&self) -> bool {
        self.staff.is_some()
    }

    /// What the body says.
    ///
    /// # Errors
    /// 404 without what the path names, else what is wrong with the body.
    pub(super) async fn body<T: DeserializeOwned>(&self, named: Option<Resource>) -> Result<T, Problem> {
        self.judged(self.asked.without_parameters().and_then(|()| self.asked.raw().parse()), named).await
    }

    /// What the body says, or nothing where there is none.
    ///
    /// # Errors
    /// As [`Self::body`].
    pub(super) async fn body_or_default<T: DeserializeOwned + Default>(
        &self,
        named: Option<Resource>,
    ) -> Result<T, Problem> {
        self.judged(self.asked.raw().parse_or_default(), named).await
    }

    /// The body as it came, for what is not only JSON.
    pub(super) fn raw_body(&self) -> &JsonBody {
        self.asked.raw()
    }

    /// A part of the body that was looked at more closely.
    ///
    /// # Errors
    /// As [`Self::body`].
    pub(super) async fn valid<T>(
        &self,
        part: Result<T, Vec<FieldError>>,
        named: Option<Resource>,
    ) -> Result<T, Problem> {
        self.judged(part.map_err(Problem::invalid), named).await
    }

    /// A problem only where what the path names exists, else 404.
    ///
    /// # Errors
    /// 404 or the problem.
    pub(super) async fn judged<T>(&self, result: Result<T, Problem>, named: Option<Resource>) -> Result<T, Problem> {
        match result {
            Ok(value) => Ok(value),
            Err(problem) => {
                // In a box: every handler would have to be as large as this, and is moved a few times.
                Box::pin(self.exists(named)).await?;
                Err(problem)
            }
        }
    }

    /// Which show.
    pub(super) fn show(&self) -> ShowId {
        self.show
    }

    /// That there is what the path names.
    ///
    /// # Errors
    /// 404.
    pub(super) async fn exists(&self, named: Option<Resource>) -> Result<(), Problem> {
        let exists = self.app.desks.exists(self.show, self.organization(), named).await?;
        if exists { Ok(()) } else { Err(Problem::not_found()) }
    }

    /// What the organization of the staff who ask has settled.
    ///
    /// # Errors
    /// 404 where it was not founded, or nobody of an organization asks.
    pub(super) async fn settings(&self) -> Result<Settings, Problem> {
        settings(self.app, self.organization().ok_or_else(Problem::not_found)?).await
    }

    /// Whether the same request was recorded before.
    ///
    /// # Errors
    /// A key that is none, or what the desk says.
    pub(super) async fn is_recorded(&self) -> Result<bool, Problem> {
        let (command_id, request_hmac) = self.identity().await?;
        Ok(request_hmac.is_some() && self.app.desks.has_recorded(self.show, command_id).await?)
    }

    /// What people typed, to be given to the vault.
    pub(super) fn typed(&self) -> Typed<'app> {
        Typed::new(&*self.app.ids, self.show)
    }

    /// Has it decided, and recorded.
    ///
    /// # Errors
    /// What the desk says, and a key that is none.
    pub(super) async fn submit(
        &self,
        command: impl Into<ShowCommand>,
        vault: Vec<VaultEntry>,
    ) -> Result<Outcome, Problem> {
        let (command_id, request_hmac) = self.identity().await?;
        let submission = self.submission(command.into(), vault, command_id, request_hmac);
        self.decided(self.app.desks.submit(self.show, submission).await).await
    }

    /// The same for a scan, which is known by its id whoever sends it.
    ///
    /// # Errors
    /// What the desk says.
    pub(super) async fn submit_scan(
        &self,
        command: commands::check_in::CheckIn,
        vault: Vec<VaultEntry>,
    ) -> Result<Outcome, Problem> {
        self.asked.without_parameters()?;
        let command_id = self.app.command_ids.of_scan(self.show.0, command.scan.0);
        let submission = self.submission(command.into(), vault, command_id, Some(SCAN_HMAC));
        self.decided(self.app.desks.submit(self.show, submission).await).await
    }

    /// What was decided; staff are told which events a rejection rests on.
    async fn decided(&self, decided: Result<Outcome, DeskError>) -> Result<Outcome, Problem> {
        match (decided, self.organization()) {
            (Err(DeskError::Rejected(rejection)), Some(organization)) => {
                Err(Box::pin(because::explained(self.app, organization, self.show, rejection)).await)
            }
            (decided, _) => Ok(decided?),
        }
    }

    /// The command's id, and the HMAC of the request where it may be sent again.
    async fn identity(&self) -> Result<(Uuid, Option<[u8; 32]>), Problem> {
        self.asked.without_parameters()?;
        let key = self.judged(self.asked.key(&self.caller), None).await?;
        Ok(self.asked.identity(self.app, &self.caller, key))
    }

    fn submission(
        &self,
        command: ShowCommand,
        vault: Vec<VaultEntry>,
        command_id: Uuid,
        request_hmac: Option<[u8; 32]>,
    ) -> Submission {
        let staff = self.staff.as_ref();
        let device = staff.and_then(|staff| staff.device.as_ref());
        Submission {
            command,
            organization: self.organization(),
            vault,
            command_id,
            request_hmac,
            correlation: self.asked.correlation(),
            actor: match (staff, &self.caller) {
                (None, Caller::Staff(_)) => Caller::Anonymous.actor().to_owned(),
                (_, caller) => caller.actor().to_owned(),
            },
            device: device.map(|device| DeviceId(device.id)),
            device_gates: device.and_then(bound_gates),
            may_override: device.is_none_or(|device| device.may_override),
            channel: channel(staff.map_or(identity::Channel::Web, |staff| staff.channel)),
            staff: staff.is_some(),
            manager: staff.is_some_and(|staff| Need::Manager.allows(staff.role)),
        }
    }

    /// The organization whose staff ask.
    pub(super) fn organization(&self) -> Option<Uuid> {
        self.staff.as_ref().map(|staff| staff.organization)
    }
}

/// The gates that a device is bound to; none: it stands anywhere. They were names of gates when it was paired.
fn bound_gates(device: &BoundDevice) -> Option<Vec<DoorName>> {
    let gates: Vec<_> = device.gates.iter().filter_map(|gate| DoorName::try_from(gate.as_str()).ok()).collect();
    (!gates.is_empty()).then_some(gates)
}

/// What an organization has settled, as it stood a moment ago.
///
/// # Errors
/// 404 where it was not founded.
pub(super) async fn settings(app: &CommandSide, organization: Uuid) -> Result<Settings, Problem> {
    let organization = app.organizations.find(organization.into()).await?.ok_or_else(Problem::not_found)?;
    Ok(organization.settings.clone())
}

/// The channel as the domain knows it.
pub(crate) fn channel(channel: identity::Channel) -> Channel {
    match channel {
        identity::Channel::Web => Channel::Web,
        identity::Channel::BoxOffice => Channel::BoxOffice,
        identity::Channel::Door => Channel::Door,
        identity::Channel::Api => Channel::Api,
    }
}
