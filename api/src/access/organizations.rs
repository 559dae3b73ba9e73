//! Organizations of the installation, for its owner.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use commands::organization::{add_member::AddMember, found_organization::FoundOrganization};
use commands::organization_desk::OrganizationSubmission;
use domain::{
    OrganizationEvent,
    ids::{AccountId, MemberId, OrganizationId},
    money::Currency,
    text::Name,
    time::Zone,
};
use identity::{Credential, Email, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{no_store, nobody::ByNobody, set_up::person};
use crate::{
    app::{App, CommandSide},
    commands::{Asked, organization_answer, organization_event},
    extract::{Needs, NoParameters},
    openapi::{CommandProblems, StaffProblems},
    permissions::may,
    problem::Problem,
};

/// Who sells.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organization)]
struct OrganizationView {
    /// Its id.
    id: Uuid,
    /// Its name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
}

/// All organizations.
#[derive(Debug, Serialize, ToSchema)]
struct OrganizationList {
    /// The first one first.
    items: Vec<OrganizationView>,
    /// Always null: they are few.
    next: Option<String>,
}

/// An organization to make.
#[derive(Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct NewOrganization {
    /// Its name, of 1 to 200 characters.
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    name: Name,
    /// ISO 4217; of new shows unless they say otherwise; by default EUR.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "EUR")]
    currency: Option<Currency>,
    /// The IANA zone of new shows unless they say otherwise; by default UTC.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    timezone: Option<Zone>,
}

/// The organization that was made.
#[derive(Debug, Serialize, ToSchema)]
struct OrganizationCreated {
    /// Its id.
    id: Uuid,
    /// Its name in addresses, made from its name.
    slug: String,
}

/// All organizations
///
/// Those of this installation, for its owner.
#[utoipa::path(
    get,
    path = "/organizations",
    tag = "Organization",
    responses((status = OK, body = OrganizationList), StaffProblems)
)]
pub(super) async fn list_organizations(
    State(app): State<App>,
    _: Needs<may::ListOrganizations>,
    _: NoParameters,
) -> Result<impl IntoResponse, Problem> {
    let all = identity::list(&app.identity_pool).await.map_err(|error| Problem::database(&error))?;
    let items = all.into_iter().map(|one| OrganizationView { id: one.id, slug: one.slug, name: one.name }).collect();
    Ok(([no_store()], Json(OrganizationList { items, next: None })))
}

/// Make an organization
///
/// A tenant of this installation, with data of its own that no other one sees. Whoever signed in becomes its owner.
#[utoipa::path(
    post,
    path = "/organizations",
    tag = "Organization",
    request_body = NewOrganization,
    responses((status = CREATED, body = OrganizationCreated), CommandProblems)
)]
pub(super) async fn create_organization(
    State(app): State<CommandSide>,
    needs: Needs<may::CreateOrganization>,
    asked: Asked,
) -> Result<Response, Problem> {
    asked.without_parameters()?;
    let key = asked.key(&needs.caller)?;
    let body: NewOrganization = asked.body()?;
    let (command_id, request_hmac) = asked.identity(&app, &needs.caller, key);
    // The same request again has to reach the same stream, whatever became of the first.
    let organization = OrganizationId(match request_hmac {
        Some(_) => uuid::Builder::from_bytes(command_id.into_bytes()).with_version(uuid::Version::SortRand).into_uuid(),
        None => app.ids.next(),
    });
    let NewOrganization { name, currency, timezone } = body;
    let submission = OrganizationSubmission {
        command: FoundOrganization { organization, name, slug: None, currency, timezone }.into(),
        vault: Vec::new(),
        secrets: Vec::new(),
        command_id,
        request_hmac,
        correlation: app.ids.next(),
        actor: needs.caller.actor().to_owned(),
        role: None,
        device: None,
        channel: None,
    };
    let outcome = app.organizations.submit(organization, submission).await?;
    app.gate.forget_known();
    let founded = organization_event!(&outcome, OrganizationFounded)?;
    make_owner(&app, &needs, organization, &outcome.organization).await?;
    let body = OrganizationCreated { id: founded.organization.0, slug: founded.slug.as_str().to_owned() };
    Ok(organization_answer(StatusCode::CREATED, &outcome, body))
}

/// Whoever signed in and made it owns it; the admin token acts in every organization anyway.
async fn make_owner(
    app: &CommandSide,
    needs: &Needs<may::CreateOrganization>,
    id: OrganizationId,
    organization: &domain::Organization,
) -> Result<(), Problem> {
    let Some(staff) = needs.caller.staff() else { return Ok(()) };
    let (Credential::Session { account, .. }, Some(email)) = (staff.credential, staff.email.clone()) else {
        return Ok(());
    };
    if organization.members().next().is_some() {
        return Ok(());
    }
    let member = MemberId(app.ids.next());
    let email = Email::try_from(email).map_err(|error| Problem::internal(&error))?;
    let person = person(member, staff.name.as_deref(), &email);
    let command = AddMember { member, role: Role::Owner, account: AccountId(account) };
    let outcome = ByNobody { vault: vec![person], ..ByNobody::new(command) }.submit(app, id).await?;
    debug_assert!(matches!(outcome.events.as_slice(), [OrganizationEvent::MemberAdded(_)]));
    Ok(())
}
