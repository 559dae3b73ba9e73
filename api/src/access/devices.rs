//! Devices of the door: offer a pairing, pair, list, revoke.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use commands::{
    organization::{offer_pairing::OfferPairing, pair_device::PairDevice, revoke_device::RevokeDevice},
    organization_desk::OrganizationSubmission,
};
use domain::{
    ids::{DeviceId, OrganizationId, PairingId, ShowId, TextId},
    text::{DoorName, Note},
};
use event_store::Secret;
use identity::{CredentialKind, ListedCredential, TokenKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{no_store, shows_named};
use crate::{
    app::{App, CommandSide},
    commands::{Asked, OrganizationRequest, organization_answer, organization_event, organization_gone, typed},
    extract::{Needs, NoParameters, PathIds},
    openapi::{CommandProblems, StaffProblems},
    permissions::may,
    problem::Problem,
};

/// The most gates that a device is bound to.
const GATES_MAX: usize = 50;

/// A door's device.
#[derive(Debug, Serialize, ToSchema)]
struct Device {
    /// Its id; as an actor in the history, `device:` and this.
    id: Uuid,
    /// What it is called; null once erased.
    name: Option<String>,
    /// The shows that it is bound to.
    shows: Vec<Uuid>,
    /// The gates that it is bound to; empty: none in particular.
    gates: Vec<String>,
    /// Whether it may admit against the rules.
    may_override: bool,
    /// When it was paired.
    paired_at: DateTime<Utc>,
    /// When it was last heard of, to the minute.
    last_seen_at: Option<DateTime<Utc>>,
}

/// The devices of the organization.
#[derive(Debug, Serialize, ToSchema)]
struct DeviceList {
    /// The latest first.
    items: Vec<Device>,
    /// Always null: they are few.
    next: Option<String>,
}

/// A device to be paired.
#[derive(Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct OfferPairingBody {
    /// What the device will be called.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "North gate 1")]
    name: Note,
    /// The shows that it is for.
    #[schema(value_type = Vec<Uuid>, min_items = 1, max_items = 1000)]
    shows: Vec<ShowId>,
    /// The gates at which it stands, by name; left out: none in particular.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    gates: Option<Vec<DoorName>>,
    /// Whether it may admit against the rules; by default not.
    #[serde(default)]
    may_override: Option<bool>,
}

/// A pairing that waits for its device.
#[derive(Debug, Serialize, ToSchema)]
struct PairingOfferedAnswer {
    /// To be shown to the device, this once: `/pair#` and this, as a link or a QR code. Null where the request was answered
    /// before.
    pairing: Option<String>,
    /// It works once, until then.
    expires_at: DateTime<Utc>,
}

/// A device that pairs.
#[derive(Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct PairDeviceBody {
    /// What was shown to it.
    pairing: String,
}

/// A device that was paired.
#[derive(Debug, Serialize, ToSchema)]
struct DevicePairedAnswer {
    /// Its id.
    device: Uuid,
    /// What it sends as `Authorization: Bearer`, this once. Null where the request was answered before.
    token: Option<String>,
    /// What it is called.
    name: Option<String>,
    /// The shows that it is bound to.
    shows: Vec<Uuid>,
    /// The gates that it is bound to; empty: none in particular.
    gates: Vec<String>,
    /// Whether it may admit against the rules.
    may_override: bool,
}

impl From<ListedCredential> for Device {
    fn from(listed: ListedCredential) -> Self {
        Self {
            id: listed.id,
            name: listed.name,
            shows: listed.shows.unwrap_or_default(),
            gates: listed.gates,
            may_override: listed.may_override,
            paired_at: listed.created_at,
            last_seen_at: listed.last_used_at,
        }
    }
}

/// The devices
///
/// Those that are paired, with when they were last heard of.
#[utoipa::path(get, path = "/devices", tag = "Door", responses((status = OK, body = DeviceList), StaffProblems))]
pub(super) async fn list_devices(
    State(app): State<App>,
    needs: Needs<may::ListDevices>,
    _: NoParameters,
) -> Result<impl IntoResponse, Problem> {
    let organization = needs.caller.staff().map(|staff| staff.organization).unwrap_or_default();
    let items = listed(&app, organization).await?.into_iter().map(Device::from).collect();
    Ok(([no_store()], Json(DeviceList { items, next: None })))
}

/// Offer a pairing
///
/// The code is shown to the device within ten minutes and works once.
#[utoipa::path(
    post,
    path = "/devices/pairings",
    tag = "Door",
    request_body = OfferPairingBody,
    responses((status = CREATED, body = PairingOfferedAnswer), CommandProblems)
)]
pub(super) async fn offer_pairing(
    State(app): State<CommandSide>,
    needs: Needs<may::OfferPairing>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = OrganizationRequest::new(&app, needs.caller, asked)?;
    let OfferPairingBody { name, shows, gates, may_override } = request.body()?;
    let gates = gates.unwrap_or_default();
    shows_named::all_known(&app, request.organization().0, &shows).await?;
    gates_known(&app, &shows, &gates).await?;
    let (pairing, text) = (PairingId(app.ids.next()), TextId(app.ids.next()));
    let token = TokenKind::Pairing.make().map_err(|error| Problem::internal(&error))?;
    let command = OfferPairing { pairing, name: text, shows, gates, may_override: may_override.unwrap_or(false) };
    let vault = vec![typed(text.0, "device_name", name)];
    let outcome = request.submit(command, vault, vec![Secret { id: pairing.0, hash: token.hash }]).await?;
    let recorded = organization_event!(&outcome, DevicePairingOffered)?;
    let body =
        PairingOfferedAnswer { pairing: (!outcome.repeated).then_some(token.text), expires_at: recorded.expires_at };
    Ok(organization_answer(StatusCode::CREATED, &outcome, body))
}

/// That each gate is one of a show that is named.
async fn gates_known(app: &CommandSide, shows: &[ShowId], gates: &[DoorName]) -> Result<(), Problem> {
    if gates.len() > GATES_MAX {
        return Err(Problem::invalid_at("/gates", format!("names {} gates; at most {GATES_MAX} can be", gates.len())));
    }
    let mut known = Vec::new();
    for show in shows {
        if let Some(facts) = app.desks.find(*show).await? {
            known.extend(facts.door.gates.iter().map(|gate| gate.name.clone()));
        }
    }
    match gates.iter().position(|gate| !known.contains(gate)) {
        Some(index) => Err(Problem::invalid_at(format!("/gates/{index}"), "is no gate of these shows")),
        None => Ok(()),
    }
}

/// Pair a device
///
/// By the device itself, with what was shown to it. Its token is told this once.
#[utoipa::path(
    post,
    path = "/devices",
    tag = "Door",
    security(()),
    request_body = PairDeviceBody,
    responses((status = CREATED, body = DevicePairedAnswer), CommandProblems)
)]
pub(super) async fn pair_device(
    State(app): State<CommandSide>,
    needs: Needs<may::PairDevice>,
    asked: Asked,
) -> Result<Response, Problem> {
    asked.without_parameters()?;
    let key = asked.key(&needs.caller)?;
    let PairDeviceBody { pairing } = asked.body()?;
    let unknown = || Problem::invalid_at("/pairing", "is no pairing code; show a new one");
    let hash = TokenKind::Pairing.hash(&pairing).ok_or_else(unknown)?;
    let found =
        identity::find_credential(&app.identity_pool, &hash).await.map_err(|error| Problem::database(&error))?;
    let found = found.filter(|found| found.kind == CredentialKind::Pairing).ok_or_else(unknown)?;
    let device = DeviceId(app.ids.next());
    let token = TokenKind::Device.make().map_err(|error| Problem::internal(&error))?;
    let (command_id, request_hmac) = asked.identity(&app, &needs.caller, key);
    let submission = OrganizationSubmission {
        command: PairDevice { pairing: PairingId(found.id), device }.into(),
        vault: Vec::new(),
        secrets: vec![Secret { id: device.0, hash: token.hash }],
        command_id,
        request_hmac,
        correlation: app.ids.next(),
        actor: needs.caller.actor().to_owned(),
        role: None,
        device: None,
        channel: Some(domain::ticket_type::Channel::Door),
    };
    let outcome = app.organizations.submit(OrganizationId(found.organization), submission).await?;
    let paired = organization_event!(&outcome, DevicePaired)?;
    let name = listed(&app, found.organization).await?.into_iter().find(|one| one.id == paired.device.0);
    let body = DevicePairedAnswer {
        device: paired.device.0,
        token: (!outcome.repeated).then_some(token.text),
        name: name.and_then(|listed| listed.name),
        shows: paired.shows.iter().map(|show| show.0).collect(),
        gates: paired.gates.iter().map(|gate| gate.as_str().to_owned()).collect(),
        may_override: paired.may_override,
    };
    Ok(organization_answer(StatusCode::CREATED, &outcome, body))
}

/// Revoke a device
///
/// Within a second it is taken nowhere any more.
#[utoipa::path(
    delete,
    path = "/devices/{device}",
    tag = "Door",
    params(("device" = Uuid, Path, description = "Its id")),
    responses((status = NO_CONTENT), CommandProblems)
)]
pub(super) async fn revoke_device(
    State(app): State<CommandSide>,
    needs: Needs<may::RevokeDevice>,
    PathIds(device): PathIds<DeviceId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = OrganizationRequest::new(&app, needs.caller, asked)?;
    Ok(organization_gone(&request.submit(RevokeDevice { device }, Vec::new(), Vec::new()).await?))
}

async fn listed(app: &App, organization: Uuid) -> Result<Vec<ListedCredential>, Problem> {
    let listed =
        identity::list_credentials(&app.identity_pool, organization, CredentialKind::Device, app.clock.now()).await;
    listed.map_err(|error| Problem::database(&error))
}
