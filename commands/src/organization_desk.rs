//! The desk of organizations: decides commands on them and answers when they are recorded.
//!
//! Commands on organizations are rare, so no task waits for them. Each reads what was recorded since the last one, decides,
//! and appends with the version that it was decided on, an empty append where nothing happens: an answer is never based on
//! a state that another node has overtaken. On a conflict it reads and decides again, until the deadline. What is kept in
//! memory is only a copy of what was recorded.

mod known;

use std::{sync::Arc, time::Duration};

use domain::{
    Organization, OrganizationEvent,
    ids::{DeviceId, OrganizationId},
    organization::Role,
    ticket_type::Channel,
};
use event_store::{
    Append, AppendError, Appended, Clock, Log, Metadata, NewEvent, Recorder, Secret, StreamType, VaultEntry,
};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    OrganizationCommand, OrganizationContext, Rejection,
    desk::{DEADLINE, DeskError},
};
use known::{Known, KnownOrganizations, decode, unreachable_log};

/// How old what [`Organizations::find`] answers is at most, measured from before it was read.
const FRESH: Duration = Duration::from_millis(500);

/// What the desk of organizations works with.
#[derive(Clone)]
pub struct OrganizationParts {
    /// The way into the log.
    pub recorder: Recorder,
    /// The way out of it.
    pub log: Log,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// 32 random bytes, fresh each time.
    pub randomness: Arc<dyn Fn() -> [u8; 32] + Send + Sync>,
}

/// A command on an organization with who asks, and how often.
#[derive(Debug, Clone)]
pub struct OrganizationSubmission {
    /// What is asked.
    pub command: OrganizationCommand,
    /// What people typed, recorded together with the events.
    pub vault: Vec<VaultEntry>,
    /// What proves the credentials that the command makes, recorded together with the events.
    pub secrets: Vec<Secret>,
    /// The same for the same request sent again.
    pub command_id: Uuid,
    /// Present where the caller may send it again: then a repeat is looked for, and has to have the same.
    pub request_hmac: Option<[u8; 32]>,
    /// What belongs together.
    pub correlation: Uuid,
    /// Who asks, without personal data.
    pub actor: String,
    /// The role of the member or key that asks; none where it is nobody of the organization.
    pub role: Option<Role>,
    /// The device that asks.
    pub device: Option<DeviceId>,
    /// How it came; none where nobody asked.
    pub channel: Option<Channel>,
}

/// The answer: everything that an HTTP answer is made from.
#[derive(Debug, Clone)]
pub struct OrganizationOutcome {
    /// What was recorded, now or by the first of the same requests.
    pub events: Vec<OrganizationEvent>,
    /// The position of the last of them; without events, of the stream's last one.
    pub position: i64,
    /// Whether this answers a repeat.
    pub repeated: bool,
    /// The organization as it stands now, which for a repeat is later than its events.
    pub organization: Arc<Organization>,
}

/// The desk of organizations. Cheap to clone.
#[derive(Clone)]
pub struct Organizations {
    parts: OrganizationParts,
    known: Arc<KnownOrganizations>,
}

impl Organizations {
    /// Nothing is known yet.
    pub fn new(parts: OrganizationParts) -> Self {
        Self { parts, known: Arc::default() }
    }

    /// An organization as it stood at most 500 ms ago, with everything that was recorded through this node; none if there
    /// is no such organization.
    pub async fn find(&self, organization: OrganizationId) -> Result<Option<Arc<Organization>>, DeskError> {
        let read = self.known.read(&self.parts.log, organization, FRESH);
        let known = tokio::time::timeout(DEADLINE, read).await.map_err(|_| DeskError::Unavailable)??;
        Ok(known.organization)
    }

    /// Decides a command and answers when it is recorded.
    pub async fn submit(
        &self,
        organization: OrganizationId,
        submission: OrganizationSubmission,
    ) -> Result<OrganizationOutcome, DeskError> {
        let deadline = Instant::now() + DEADLINE;
        let decided = async {
            loop {
                if let Some(outcome) = self.decide(organization, &submission).await? {
                    return Ok(outcome);
                }
            }
        };
        tokio::time::timeout_at(deadline, decided).await.map_err(|_| DeskError::Unavailable)?
    }

    /// Reads, decides and records once; nothing after a conflict.
    async fn decide(
        &self,
        organization: OrganizationId,
        submission: &OrganizationSubmission,
    ) -> Result<Option<OrganizationOutcome>, DeskError> {
        let known = self.known.read(&self.parts.log, organization, Duration::ZERO).await?;
        // Asked after the state was read: what was recorded later is a conflict.
        if let Some(outcome) = self.repeated(organization, submission, &known).await? {
            return Ok(Some(outcome));
        }
        let context = self.context(submission, &known);
        let decided = submission.command.decide(&known.state(), &context);
        if decided.is_err() && known.version == 0 {
            // There is nothing to confirm.
            return Err(DeskError::Rejected(Rejection::NotFound));
        }
        let events = decided.as_deref().unwrap_or_default();
        let Some(appended) = self.append(organization, submission, &known, events).await? else { return Ok(None) };
        let events = decided.map_err(DeskError::Rejected)?;
        let now_known = known.after(&events, &appended);
        self.known.learn(organization, &now_known).await;
        let organization = now_known.organization.ok_or(DeskError::Rejected(Rejection::NotFound))?;
        Ok(Some(OrganizationOutcome { events, position: now_known.last_position, repeated: false, organization }))
    }

    /// The answer of the first of the same requests, if this is not it.
    async fn repeated(
        &self,
        organization: OrganizationId,
        submission: &OrganizationSubmission,
        known: &Known,
    ) -> Result<Option<OrganizationOutcome>, DeskError> {
        if submission.request_hmac.is_none() {
            return Ok(None);
        }
        let recorded = self.parts.log.organization_command(organization.0, submission.command_id).await;
        let recorded = recorded.map_err(|error| unreachable_log(&error))?;
        let mut earlier = recorded.iter().peekable();
        let (Some(first), Some(organization)) = (earlier.peek(), known.organization.clone()) else { return Ok(None) };
        if first.metadata.request_hmac != submission.request_hmac {
            return Err(DeskError::KeyReused);
        }
        let mut position = 0;
        let mut events = Vec::new();
        for event in earlier {
            position = event.position;
            events.push(decode(event)?);
        }
        Ok(Some(OrganizationOutcome { events, position, repeated: true, organization }))
    }

    fn context(&self, submission: &OrganizationSubmission, known: &Known) -> OrganizationContext {
        let [a, b, c, d, ..] = (self.parts.randomness)();
        OrganizationContext {
            now: self.parts.clock.now().max(known.last_time),
            role: submission.role,
            random: u32::from_le_bytes([a, b, c, d]),
        }
    }

    /// Makes it true, or, without events, confirms that what it was decided on is current; nothing where it is not.
    async fn append(
        &self,
        organization: OrganizationId,
        submission: &OrganizationSubmission,
        known: &Known,
        events: &[OrganizationEvent],
    ) -> Result<Option<Appended>, DeskError> {
        let happens = !events.is_empty();
        let append = Append {
            organization: organization.0,
            stream_type: StreamType::Organization,
            stream: organization.0,
            expected_version: known.version,
            events: events.iter().map(|event| new_event(event, submission)).collect(),
            vault: if happens { submission.vault.clone() } else { Vec::new() },
            secrets: if happens { submission.secrets.clone() } else { Vec::new() },
        };
        match self.parts.recorder.append(append).await {
            Ok(appended) => Ok(Some(appended)),
            Err(AppendError::Conflict { .. }) => Ok(None),
            Err(AppendError::Overloaded) => Err(DeskError::Overloaded),
            Err(AppendError::Invalid(why)) => {
                tracing::warn!(why, %organization, "the log refuses what an organization says");
                Err(DeskError::Unreadable(format!("the log took no such event: {why}")))
            }
            Err(error) => {
                tracing::warn!(%error, %organization, "the log cannot be written now");
                Err(DeskError::Unavailable)
            }
        }
    }
}

fn new_event(event: &OrganizationEvent, submission: &OrganizationSubmission) -> NewEvent {
    NewEvent {
        event_type: event.event_type().to_owned(),
        schema: event.schema(),
        payload: event.payload(),
        metadata: Metadata {
            actor: submission.actor.clone(),
            device: submission.device.map(|device| device.0),
            channel: submission.channel.map(|channel| channel.as_str().to_owned()),
            command: submission.command_id,
            request_hmac: submission.request_hmac,
            correlation: submission.correlation,
            causation: None,
        },
    }
}
