//! Setting an installation up: its first owner, and the name of its first organization, by a link that is followed once.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use commands::{
    Change,
    organization::{add_member::AddMember, change_settings::ChangeSettings},
};
use domain::{
    ids::{AccountId, MemberId, OrganizationId},
    money::Currency,
    text::{Name, PersonName},
    time::Zone,
};
use event_store::{VaultEntry, VaultKind};
use identity::{Email, NewAccount, Role, TokenKind};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{client_name::client_name, judge, me::Me, no_store, nobody::ByNobody, sessions::begun};
use crate::{
    app::{App, CommandSide},
    extract::{JsonBody, Needs, NoParameters},
    openapi::{SignInProblems, StatusProblems},
    permissions::may,
    problem::Problem,
};

/// Whether the installation waits for its owner.
#[derive(Debug, Serialize, ToSchema)]
struct SetupState {
    /// Whether nobody owns it yet: whoever started the server has a link.
    needed: bool,
}

/// The first owner and organization.
#[derive(Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct SetUpBody {
    /// What the link carries behind its `#`.
    token: String,
    /// The organization's name.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Riethsporthalle")]
    organization: Name,
    /// The owner's name.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Ada Example")]
    name: PersonName,
    /// What the owner signs in with.
    #[schema(value_type = String, format = Email, max_length = 254)]
    email: Email,
    /// 10 to 200 characters, not a common one.
    #[schema(format = Password, min_length = 10, max_length = 200)]
    password: String,
    /// ISO 4217; of new shows unless they say otherwise; by default EUR.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "EUR")]
    currency: Option<Currency>,
    /// The IANA zone of new shows unless they say otherwise; by default UTC.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    timezone: Option<Zone>,
}

/// Whether there is something to set up
///
/// True until the installation has an owner.
#[utoipa::path(get, path = "/setup", tag = "Account", security(()), responses((status = OK, body = SetupState), StatusProblems))]
pub(super) async fn get_setup(
    State(app): State<App>,
    _: Needs<may::GetSetup>,
    _: NoParameters,
) -> Result<impl IntoResponse, Problem> {
    let needed = !app.gate.has_owner().await?;
    Ok(([no_store()], Json(SetupState { needed })))
}

/// Set the installation up
///
/// Makes its first owner and signs them in. The link is used up by it.
#[utoipa::path(
    post,
    path = "/setup",
    tag = "Account",
    security(()),
    request_body = SetUpBody,
    responses((status = CREATED, body = Me), SignInProblems)
)]
pub(super) async fn set_up(
    State(app): State<CommandSide>,
    _: Needs<may::SetUp>,
    _: NoParameters,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let body: SetUpBody = body.parse()?;
    judge(&body.password, "/password", &[body.name.as_str(), body.email.as_str(), body.organization.as_str()])?;
    let used_up =
        || Problem::invalid_at("/token", "is no link that can still be used; the server prints one when it starts");
    let hash = TokenKind::Setup.hash(&body.token).ok_or_else(used_up)?;
    let now = app.clock.now();
    let new = NewAccount {
        account: app.ids.next(),
        email: &body.email,
        name: body.name.as_str(),
        password: &body.password,
        installation_owner: true,
    };
    let account = app.gate.accounts().establish_by_link(&hash, &new, now).await?.ok_or_else(used_up)?;
    own_first_organization(&app, account.account, &body).await?;
    identity::end_setup_links(&app.identity_pool).await.map_err(|error| Problem::database(&error))?;
    let signed_in = app.gate.sessions().start(app.ids.next(), account.account, &client_name(&headers), now).await;
    let signed_in = signed_in.map_err(identity::SignInError::from)?;
    Ok((StatusCode::CREATED, begun(&app, &signed_in).await?))
}

/// Makes the account an owner of the first organization, and gives that its name.
async fn own_first_organization(app: &CommandSide, account: Uuid, body: &SetUpBody) -> Result<(), Problem> {
    let organization = OrganizationId(app.gate.first_organization());
    let member = MemberId(app.ids.next());
    let person = person(member, Some(body.name.as_str()), &body.email);
    let command = AddMember { member, role: Role::Owner, account: AccountId(account) };
    ByNobody { vault: vec![person], ..ByNobody::new(command) }.submit(app, organization).await?;
    let settings = ChangeSettings {
        name: Some(body.organization.clone()),
        currency: body.currency.map_or(Change::Keep, Change::Set),
        timezone: body.timezone.map_or(Change::Keep, Change::Set),
        ..ChangeSettings::default()
    };
    ByNobody::new(settings).submit(app, organization).await?;
    Ok(())
}

/// A member, as the vault knows them.
pub(super) fn person(member: MemberId, name: Option<&str>, email: &Email) -> VaultEntry {
    VaultEntry {
        id: member.0,
        kind: VaultKind::Person,
        person: None,
        show: None,
        purpose: "member".to_owned(),
        fields: json!({ "name": name, "email": email.as_str(), "phone": null, "locale": null }),
    }
}
