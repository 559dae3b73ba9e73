//! Sessions of the web app: sign in, sign out, and the list of one's own.

use std::time::Instant;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use chrono::{DateTime, Utc};
use identity::{Asking, Credential, Email, SignInError, SignedIn, ended_session_cookie, session_cookie};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    client_name::client_name,
    me::{Me, me},
    no_store, sign_in_samples,
};
use crate::{
    app::{App, CommandSide},
    client_address::ClientAddress,
    extract::{JsonBody, Needs, NoParameters, PathIds, session_of},
    openapi::{PersonalProblems, SignInProblems},
    permissions::may,
    problem::Problem,
};

/// Whom somebody signs in as.
#[derive(Deserialize, ToSchema)]
#[cfg_attr(feature = "fuzzing", derive(Debug))]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// The e-mail address.
    #[schema(value_type = String, format = Email)]
    email: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// A session of one's own.
#[derive(Debug, Serialize, ToSchema)]
struct Session {
    /// Its id.
    id: Uuid,
    /// When somebody signed in.
    started_at: DateTime<Utc>,
    /// When it was last used, to five minutes.
    seen_at: DateTime<Utc>,
    /// When it ends in any case.
    ends_at: DateTime<Utc>,
    /// In what.
    #[schema(example = "Firefox on Linux")]
    client: String,
    /// Whether it is the one that asks.
    current: bool,
}

/// One's own sessions.
#[derive(Debug, Serialize, ToSchema)]
struct SessionList {
    /// The latest used first.
    items: Vec<Session>,
    /// Always null: they are few.
    next: Option<String>,
}

/// Sign in
///
/// Sets the session's cookie. A wrong address and a wrong password are told alike.
#[utoipa::path(
    post,
    path = "/session",
    tag = "Account",
    security(()),
    request_body = SignIn,
    responses((status = OK, body = Me), SignInProblems)
)]
pub(super) async fn sign_in(
    State(app): State<CommandSide>,
    _: Needs<may::SignIn>,
    _: NoParameters,
    client: ClientAddress,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let SignIn { email, password } = body.parse()?;
    // What is no address belongs to nobody, and is told like any other that does.
    let Ok(email) = Email::try_from(email.trim().to_owned()) else {
        return Err(SignInError::WrongCredentials.into());
    };
    let attempt = app.defences.sign_ins.check(client, Sha256::digest(email.folded()).into(), Instant::now())?;
    let now = app.clock.now();
    match app.gate.sign_in(&email, &password, &client_name(&headers), app.ids.next(), now).await {
        Ok((account, signed_in)) => {
            attempt.succeeded(Instant::now());
            sign_in_samples::signed_in(&app, account);
            begun(&app, &signed_in).await
        }
        Err(SignInError::WrongCredentials) => {
            attempt.failed();
            sign_in_samples::failed(&app, email);
            Err(SignInError::WrongCredentials.into())
        }
        Err(error) => {
            attempt.not_judged(Instant::now());
            Err(error.into())
        }
    }
}

/// The answer to whoever has just signed in: the cookie, and who they are.
pub(super) async fn begun(app: &CommandSide, signed_in: &SignedIn) -> Result<impl IntoResponse + use<>, Problem> {
    let asking = Asking { session: Some(&signed_in.cookie_token), ..Asking::default() };
    let caller = app.gate.identify(asking, app.clock.now()).await?;
    let me = me(app, &caller, Some(signed_in.csrf.clone())).await?;
    Ok(([(header::SET_COOKIE, session_cookie(signed_in, app.secure_cookies))], [no_store()], Json(me)))
}

/// Sign out
///
/// Ends the session, if there is one, and takes its cookie back.
#[utoipa::path(
    delete,
    path = "/session",
    tag = "Account",
    security((), ("session" = [], "csrf" = [])),
    responses((status = NO_CONTENT), SignInProblems)
)]
pub(super) async fn sign_out(
    State(app): State<CommandSide>,
    _: Needs<may::SignOut>,
    _: NoParameters,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    if let Some(token) = session_of(&headers) {
        app.gate.sign_out(token).await.map_err(|error| Problem::database(&error))?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, ended_session_cookie(app.secure_cookies))]))
}

/// My sessions
///
/// Of the account that asks, wherever it signed in.
#[utoipa::path(get, path = "/sessions", tag = "Account", responses((status = OK, body = SessionList), PersonalProblems))]
pub(super) async fn list_sessions(
    State(app): State<App>,
    needs: Needs<may::ListSessions>,
    _: NoParameters,
) -> Result<impl IntoResponse, Problem> {
    let (session, account) = own(&needs)?;
    let listed = app.gate.sessions().list(account, app.clock.now()).await.map_err(|error| Problem::database(&error))?;
    let items = listed.into_iter().map(|listed| Session {
        id: listed.session,
        started_at: listed.started_at,
        seen_at: listed.seen_at,
        ends_at: listed.ends_at,
        client: listed.client,
        current: listed.session == session,
    });
    Ok(([no_store()], Json(SessionList { items: items.collect(), next: None })))
}

/// Sign out everywhere
///
/// Ends all sessions of the account that asks, this one too.
#[utoipa::path(delete, path = "/sessions", tag = "Account", responses((status = NO_CONTENT), PersonalProblems))]
pub(super) async fn end_sessions(
    State(app): State<CommandSide>,
    needs: Needs<may::EndSessions>,
    _: NoParameters,
) -> Result<impl IntoResponse, Problem> {
    let (_, account) = own(&needs)?;
    end(&app, account, None).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, ended_session_cookie(app.secure_cookies))]))
}

/// End one of my sessions
///
/// Whoever uses it is signed out.
#[utoipa::path(
    delete,
    path = "/sessions/{session}",
    tag = "Account",
    params(("session" = Uuid, Path, description = "Its id")),
    responses((status = NO_CONTENT), PersonalProblems)
)]
pub(super) async fn end_session(
    State(app): State<CommandSide>,
    needs: Needs<may::EndSession>,
    PathIds(session): PathIds<Uuid>,
    _: NoParameters,
) -> Result<impl IntoResponse, Problem> {
    let (_, account) = own(&needs)?;
    if end(&app, account, Some(session)).await? == 0 {
        return Err(Problem::not_found());
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn end(app: &App, account: Uuid, session: Option<Uuid>) -> Result<u64, Problem> {
    let ended = app.gate.sessions().end_of(account, session).await.map_err(|error| Problem::database(&error))?;
    app.gate.forget_known();
    Ok(ended)
}

/// The session that asks, and its account: keys and devices have none.
pub(super) fn own<O>(needs: &Needs<O>) -> Result<(Uuid, Uuid), Problem> {
    match needs.caller.staff().map(|staff| staff.credential) {
        Some(Credential::Session { session, account, .. }) => Ok((session, account)),
        _ => Err(Problem::forbidden("Only somebody who signed in has an account; sign in.")),
    }
}
