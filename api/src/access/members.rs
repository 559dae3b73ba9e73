//! Members: invite, list, change roles, remove.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use commands::organization::{
    change_member_role::ChangeMemberRole, invite_member::InviteMember, remove_member::RemoveMember,
};
use domain::ids::{InvitationId, MemberId};
use event_store::Secret;
use identity::{Email, ListedMember, Role, TokenKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{no_store, set_up::person};
use crate::{
    app::{App, CommandSide},
    commands::{Asked, DoneAnswer, OrganizationRequest, organization_answer, organization_event, organization_gone},
    extract::{Needs, NoParameters, PathIds},
    openapi::{CommandProblems, StaffProblems},
    permissions::may,
    problem::Problem,
};

/// What a member or key is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Role)]
#[expect(dead_code, reason = "describes `Role`, which knows nothing of OpenAPI")]
pub(super) enum RoleName {
    /// Everything.
    Owner,
    /// Plans shows; also sells and lets in.
    Manager,
    /// Sells at the box office.
    Seller,
    /// Lets people in.
    Door,
    /// Reads the history.
    Auditor,
    /// Reads reports.
    Analyst,
}

/// Whether a member has joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MemberState {
    /// The invitation is not accepted yet.
    Invited,
    /// It signs in.
    Active,
}

/// Somebody who belongs to the organization, or is invited to.
#[derive(Debug, Serialize, ToSchema)]
struct Member {
    /// Its id; as an actor in the history, `member:` and this.
    id: Uuid,
    /// Its name, once it has joined.
    name: Option<String>,
    /// Its e-mail address; null once erased.
    email: Option<String>,
    /// What it may do.
    #[schema(value_type = RoleName)]
    role: Role,
    /// Whether it has joined.
    state: MemberState,
    /// When it was invited.
    invited_at: DateTime<Utc>,
    /// When it joined.
    joined_at: Option<DateTime<Utc>>,
    /// Until when the invitation can be accepted.
    invitation_expires_at: Option<DateTime<Utc>>,
}

/// The members of the organization.
#[derive(Debug, Serialize, ToSchema)]
struct MemberList {
    /// The first one first.
    items: Vec<Member>,
    /// Always null: they are few.
    next: Option<String>,
}

/// Somebody to invite.
#[derive(Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct InviteMemberBody {
    /// With what they will sign in.
    #[schema(value_type = String, format = Email, max_length = 254)]
    email: Email,
    /// What they will be.
    #[schema(value_type = RoleName)]
    role: Role,
}

/// Somebody who was invited.
#[derive(Debug, Serialize, ToSchema)]
struct MemberInvitedAnswer {
    /// The member's id.
    id: Uuid,
    /// To be passed on to them, this once: it works once, for a week. Null where the request was answered before.
    link: Option<String>,
}

/// Another role.
#[derive(Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeMemberRoleBody {
    /// What the member shall be.
    #[schema(value_type = RoleName)]
    role: Role,
}

impl From<ListedMember> for Member {
    fn from(listed: ListedMember) -> Self {
        Self {
            id: listed.id,
            name: listed.name,
            email: listed.email,
            role: listed.role,
            state: if listed.account.is_some() { MemberState::Active } else { MemberState::Invited },
            invited_at: listed.invited_at,
            joined_at: listed.joined_at,
            invitation_expires_at: listed.invitation_ends_at,
        }
    }
}

/// The members
///
/// Of the caller's organization, with those who are invited.
#[utoipa::path(
    get,
    path = "/members",
    tag = "Organization",
    responses((status = OK, body = MemberList), StaffProblems)
)]
pub(super) async fn list_members(
    State(app): State<App>,
    needs: Needs<may::ListMembers>,
    _: NoParameters,
) -> Result<impl IntoResponse, Problem> {
    let organization = needs.caller.staff().map(|staff| staff.organization).unwrap_or_default();
    let items = listed(&app, organization).await?.into_iter().map(Member::from).collect();
    Ok(([no_store()], Json(MemberList { items, next: None })))
}

/// Invite a member
///
/// The link is shown this once; whoever has it and the address joins with the role. Inviting an address again, whose
/// invitation was not accepted, makes a new link in place of the old one.
#[utoipa::path(
    post,
    path = "/members",
    tag = "Organization",
    request_body = InviteMemberBody,
    responses((status = CREATED, body = MemberInvitedAnswer), CommandProblems)
)]
pub(super) async fn invite_member(
    State(app): State<CommandSide>,
    needs: Needs<may::InviteMember>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = OrganizationRequest::new(&app, needs.caller, asked)?;
    let InviteMemberBody { email, role } = request.body()?;
    let known = listed(&app, request.organization().0)
        .await?
        .into_iter()
        .find(|member| member.email.as_ref().is_some_and(|known| known.to_lowercase() == email.folded()));
    let invited = known.as_ref().filter(|member| member.account.is_none());
    let member = MemberId(invited.map_or_else(|| app.ids.next(), |member| member.id));
    let vault = if invited.is_some() { Vec::new() } else { vec![person(member, None, &email)] };
    let token = TokenKind::Invitation.make().map_err(|error| Problem::internal(&error))?;
    let invitation = InvitationId(app.ids.next());
    let command =
        InviteMember { member, role, invitation, email_known: known.is_some_and(|member| member.account.is_some()) };
    let secrets = vec![Secret { id: invitation.0, hash: token.hash }];
    let outcome = request.submit(command, vault, secrets).await?;
    let recorded = organization_event!(&outcome, MemberInvited)?;
    let link = (!outcome.repeated).then(|| format!("{}/invitation#{}", app.public_url, token.text));
    Ok(organization_answer(StatusCode::CREATED, &outcome, MemberInvitedAnswer { id: recorded.member.0, link }))
}

/// Change a member's role
///
/// It holds at once, for every session.
#[utoipa::path(
    patch,
    path = "/members/{member}",
    tag = "Organization",
    params(("member" = Uuid, Path, description = "Its id")),
    request_body = ChangeMemberRoleBody,
    responses((status = OK, body = DoneAnswer), CommandProblems)
)]
pub(super) async fn change_member_role(
    State(app): State<CommandSide>,
    needs: Needs<may::ChangeMemberRole>,
    PathIds(member): PathIds<MemberId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = OrganizationRequest::new(&app, needs.caller, asked)?;
    find(&app, &request, member).await?;
    let ChangeMemberRoleBody { role } = request.body()?;
    let outcome = request.submit(ChangeMemberRole { member, role }, Vec::new(), Vec::new()).await?;
    Ok(organization_answer(StatusCode::OK, &outcome, DoneAnswer::default()))
}

/// Remove a member
///
/// Or withdraw an invitation. It holds at once, for every session; an account that belongs to no organization any more is
/// forgotten.
#[utoipa::path(
    delete,
    path = "/members/{member}",
    tag = "Organization",
    params(("member" = Uuid, Path, description = "Its id")),
    responses((status = NO_CONTENT), CommandProblems)
)]
pub(super) async fn remove_member(
    State(app): State<CommandSide>,
    needs: Needs<may::RemoveMember>,
    PathIds(member): PathIds<MemberId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = OrganizationRequest::new(&app, needs.caller, asked)?;
    let account = listed(&app, request.organization().0).await?.into_iter().find(|one| one.id == member.0);
    let outcome = request.submit(RemoveMember { member }, Vec::new(), Vec::new()).await?;
    if let Some(account) = account.and_then(|member| member.account) {
        app.gate.accounts().forget_if_unknown(account).await?;
        app.gate.forget_known();
    }
    Ok(organization_gone(&outcome))
}

/// That there is such a member, before the body is judged.
async fn find(app: &CommandSide, request: &OrganizationRequest<'_>, member: MemberId) -> Result<(), Problem> {
    let organization = app.organizations.find(request.organization()).await?;
    let known = organization.is_some_and(|organization| organization.member(member).is_some());
    if known { Ok(()) } else { Err(Problem::not_found()) }
}

async fn listed(app: &App, organization: Uuid) -> Result<Vec<ListedMember>, Problem> {
    identity::list_members(&app.identity_pool, organization).await.map_err(|error| Problem::database(&error))
}
