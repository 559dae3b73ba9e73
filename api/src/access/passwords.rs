//! Passwords: a new one by the old one, and by a link that is followed once.

use std::time::Instant;

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use identity::{Email, TokenKind};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{judge, no_store, sessions::own};
use crate::{
    app::CommandSide,
    client_address::ClientAddress,
    extract::{JsonBody, Needs, NoParameters},
    openapi::{PersonalProblems, SignInProblems},
    permissions::may,
    problem::Problem,
};

/// Nothing to say but that it is done.
#[derive(Debug, Default, Serialize, ToSchema)]
struct PasswordChanged {}

/// A password in place of another.
#[derive(Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePasswordBody {
    /// The one that holds now.
    #[schema(format = Password)]
    current: String,
    /// The one that shall hold: 10 to 200 characters, not a common one.
    #[schema(format = Password, min_length = 10, max_length = 200)]
    new: String,
}

/// A password by a link.
#[derive(Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct ResetPasswordBody {
    /// What the link carries behind its `#`.
    token: String,
    /// The password that shall hold: 10 to 200 characters, not a common one.
    #[schema(format = Password, min_length = 10, max_length = 200)]
    password: String,
}

/// Change my password
///
/// Ends all other sessions of the account.
#[utoipa::path(
    put,
    path = "/me/password",
    tag = "Account",
    request_body = ChangePasswordBody,
    responses((status = OK, body = PasswordChanged), PersonalProblems)
)]
pub(super) async fn change_password(
    State(app): State<CommandSide>,
    needs: Needs<may::ChangePassword>,
    _: NoParameters,
    client: ClientAddress,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let (session, account) = own(&needs)?;
    let ChangePasswordBody { current, new } = body.parse()?;
    let staff = needs.caller.staff();
    let email = staff.and_then(|staff| staff.email.clone()).unwrap_or_default();
    let name = staff.and_then(|staff| staff.name.clone()).unwrap_or_default();
    judge(&new, "/new", &[&email, &name])?;
    let accounts = app.gate.accounts();
    let email = Email::try_from(email).map_err(|error| Problem::internal(&error))?;
    // Whoever found a browser open tries passwords no faster here than at the sign-in.
    let attempt = app.defences.sign_ins.check(client, Sha256::digest(email.folded()).into(), Instant::now())?;
    if accounts.verify(&email, &current).await?.is_none() {
        attempt.failed();
        return Err(Problem::invalid_at("/current", "is not your password"));
    }
    attempt.succeeded(Instant::now());
    accounts.set_password(account, &new, Some(session)).await?;
    app.gate.forget_known();
    Ok((StatusCode::OK, [no_store()], Json(PasswordChanged {})))
}

/// Choose a new password
///
/// By a link that whoever runs the installation made. Ends all sessions of the account.
#[utoipa::path(
    post,
    path = "/password-resets",
    tag = "Account",
    security(()),
    request_body = ResetPasswordBody,
    responses((status = OK, body = PasswordChanged), SignInProblems)
)]
pub(super) async fn reset_password(
    State(app): State<CommandSide>,
    _: Needs<may::ResetPassword>,
    _: NoParameters,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let ResetPasswordBody { token, password } = body.parse()?;
    judge(&password, "/password", &[])?;
    let used_up = || Problem::invalid_at("/token", "is no link that can still be used; ask for a new one");
    let hash = TokenKind::PasswordReset.hash(&token).ok_or_else(used_up)?;
    app.gate.accounts().set_password_by_link(&hash, &password, app.clock.now()).await?.ok_or_else(used_up)?;
    app.gate.forget_known();
    Ok((StatusCode::OK, [no_store()], Json(PasswordChanged {})))
}
