//! Invitations, for whoever was invited: what a link says, and accepting it.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use chrono::{DateTime, Utc};
use commands::organization::join_organization::JoinOrganization;
use domain::{
    ids::{AccountId, InvitationId, OrganizationId},
    text::PersonName,
};
use identity::{
    Account, CredentialKind, Email, FoundCredential, ListedMember, NewAccount, Role, SignInError, TokenKind,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Instant;
use utoipa::ToSchema;

use super::{client_name::client_name, judge, me::Me, members::RoleName, no_store, nobody::ByNobody, sessions::begun};
use crate::{
    app::CommandSide,
    client_address::ClientAddress,
    extract::{JsonBody, Needs, NoParameters},
    openapi::InvitationProblems,
    permissions::may,
    problem::Problem,
};

/// An invitation's link.
#[derive(Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct OpenInvitationBody {
    /// What the link carries behind its `#`.
    token: String,
}

/// What an invitation says.
#[derive(Debug, Serialize, ToSchema)]
struct Invitation {
    /// Who invites.
    organization: InvitingOrganization,
    /// Whom: with this address they will sign in.
    email: String,
    /// What they will be.
    #[schema(value_type = RoleName)]
    role: Role,
    /// Whether they sign in with this address already, and accept with that password.
    has_account: bool,
    /// Until when it can be accepted.
    expires_at: DateTime<Utc>,
}

/// Who invites.
#[derive(Debug, Serialize, ToSchema)]
struct InvitingOrganization {
    /// Its name.
    name: String,
}

/// An invitation to be accepted.
#[derive(Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptInvitationBody {
    /// What the link carries behind its `#`.
    token: String,
    /// The new member's name; left out by whoever has an account.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    name: Option<PersonName>,
    /// The account's password; without an account the one that it shall have, of 10 to 200 characters.
    #[schema(format = Password)]
    password: String,
}

/// An invitation that somebody has the link of.
struct Invited {
    invitation: FoundCredential,
    organization: identity::Organization,
    email: Email,
    account: Option<Account>,
}

/// Look at an invitation
///
/// What it says, for whoever has its link. It stays open.
#[utoipa::path(
    post,
    path = "/invitations/open",
    tag = "Account",
    security(()),
    request_body = OpenInvitationBody,
    responses((status = OK, body = Invitation), InvitationProblems)
)]
pub(super) async fn open_invitation(
    State(app): State<CommandSide>,
    _: Needs<may::OpenInvitation>,
    _: NoParameters,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let OpenInvitationBody { token } = body.parse()?;
    let Invited { invitation, organization, email, account } = invited(&app, &token).await?;
    let answer = Invitation {
        organization: InvitingOrganization { name: organization.name },
        email: email.into(),
        role: invitation.role,
        has_account: account.is_some(),
        expires_at: invitation.ends_at.unwrap_or_default(),
    };
    Ok(([no_store()], Json(answer)))
}

/// Accept an invitation
///
/// Makes the account where there is none, makes its owner a member and signs them in. The link is used up by it.
#[utoipa::path(
    post,
    path = "/invitations/accept",
    tag = "Account",
    security(()),
    request_body = AcceptInvitationBody,
    responses((status = CREATED, body = Me), InvitationProblems)
)]
pub(super) async fn accept_invitation(
    State(app): State<CommandSide>,
    _: Needs<may::AcceptInvitation>,
    _: NoParameters,
    client: ClientAddress,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let body: AcceptInvitationBody = body.parse()?;
    let invited = invited(&app, &body.token).await?;
    let account = match &invited.account {
        Some(_) => signs_in(&app, client, &invited.email, &body.password).await?,
        None => makes_account(&app, &invited.email, &body).await?,
    };
    let join =
        JoinOrganization { invitation: InvitationId(invited.invitation.id), account: AccountId(account.account) };
    ByNobody::new(join).submit(&app, OrganizationId(invited.organization.id)).await?;
    let now = app.clock.now();
    let signed_in = app.gate.sessions().start(app.ids.next(), account.account, &client_name(&headers), now).await;
    let signed_in = signed_in.map_err(SignInError::from)?;
    Ok((StatusCode::CREATED, begun(&app, &signed_in).await?))
}

/// Whoever has an account proves that it is theirs; the link alone does not.
async fn signs_in(app: &CommandSide, client: ClientAddress, email: &Email, password: &str) -> Result<Account, Problem> {
    let attempt = app.defences.sign_ins.check(client, Sha256::digest(email.folded()).into(), Instant::now())?;
    match app.gate.accounts().verify(email, password).await? {
        Some(account) => {
            attempt.succeeded(Instant::now());
            Ok(account)
        }
        None => {
            attempt.failed();
            Err(Problem::invalid_at("/password", "is not the password of your account"))
        }
    }
}

async fn makes_account(app: &CommandSide, email: &Email, body: &AcceptInvitationBody) -> Result<Account, Problem> {
    let name = body.name.as_ref().ok_or_else(|| Problem::invalid_at("/name", "is missing"))?;
    judge(&body.password, "/password", &[name.as_str(), email.as_str()])?;
    let new = NewAccount {
        account: app.ids.next(),
        email,
        name: name.as_str(),
        password: &body.password,
        installation_owner: false,
    };
    Ok(app.gate.accounts().create(&new, app.clock.now()).await?)
}

/// What a link's token opens.
async fn invited(app: &CommandSide, token: &str) -> Result<Invited, Problem> {
    let no_invitation = || Problem::invalid_at("/token", "is no invitation; ask whoever invited you for a new link");
    let database = |error: sqlx::Error| Problem::database(&error);
    let pool = &app.identity_pool;
    let hash = TokenKind::Invitation.hash(token).ok_or_else(no_invitation)?;
    let found = identity::find_credential(pool, &hash).await.map_err(database)?;
    let invitation = found.filter(|found| found.kind == CredentialKind::Invitation).ok_or_else(no_invitation)?;
    let organization =
        identity::find(pool, invitation.organization).await.map_err(database)?.ok_or_else(no_invitation)?;
    let members = identity::list_members(pool, organization.id).await.map_err(database)?;
    let member = members.into_iter().find(|member| Some(member.id) == invitation.member);
    // Whoever was removed, or whose address was erased, was invited by nothing that is left.
    let ListedMember { email: Some(email), account: None, .. } = member.ok_or_else(no_invitation)? else {
        return Err(Problem::rejected_at("invitation_used", "/token", "The invitation was accepted already; sign in."));
    };
    if !invitation.is_live(app.clock.now()) {
        let detail = "The invitation is no longer open; ask an owner for a new one.";
        return Err(Problem::rejected_at("invitation_expired", "/token", detail));
    }
    let email = Email::try_from(email).map_err(|error| Problem::internal(&error))?;
    let account = app.gate.accounts().find(&email).await?;
    Ok(Invited { invitation, organization, email, account })
}
