//! Who is who: setting the installation up, signing in and out, invitations, members, API keys, devices, organizations.
//!
//! Whatever changes who may do what is a command on the organization and is recorded in its stream; sessions, passwords and
//! names of accounts are no organization's and are not. Whatever makes a credential shows its token once. A request that
//! carries a secret of its own (a password, a link's token) is asked by whoever knows it ([`crate::permissions::Reach::Everybody`]):
//! credentials that go along are not looked at, and it needs no CSRF token, because another site cannot know the secret.

mod api_keys;
mod client_name;
mod devices;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod invitations;
mod me;
mod members;
mod nobody;
mod organizations;
mod passwords;
mod sessions;
mod set_up;
mod shows_named;
pub mod sign_in_samples;

use axum::http::header;
use identity::{WeakPassword, judge_password};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::{CommandSide, QuerySide},
    problem::Problem,
};

/// Whatever changes something, the ways in and out included.
pub fn commands() -> OpenApiRouter<CommandSide> {
    OpenApiRouter::new()
        .routes(routes!(set_up::set_up))
        .routes(routes!(sessions::sign_in, sessions::sign_out))
        .routes(routes!(sessions::end_sessions))
        .routes(routes!(sessions::end_session))
        .routes(routes!(me::rename_me))
        .routes(routes!(passwords::change_password))
        .routes(routes!(passwords::reset_password))
        .routes(routes!(invitations::open_invitation))
        .routes(routes!(invitations::accept_invitation))
        .routes(routes!(organizations::create_organization))
        .routes(routes!(members::invite_member))
        .routes(routes!(members::change_member_role, members::remove_member))
        .routes(routes!(api_keys::issue_api_key))
        .routes(routes!(api_keys::rotate_api_key))
        .routes(routes!(api_keys::revoke_api_key))
        .routes(routes!(devices::pair_device))
        .routes(routes!(devices::offer_pairing))
        .routes(routes!(devices::revoke_device))
}

/// What changes nothing. It is no read model: credentials are asked for where they are kept, at the primary.
pub fn queries() -> OpenApiRouter<QuerySide> {
    OpenApiRouter::new()
        .routes(routes!(set_up::get_setup))
        .routes(routes!(sessions::list_sessions))
        .routes(routes!(me::get_me))
        .routes(routes!(organizations::list_organizations))
        .routes(routes!(members::list_members))
        .routes(routes!(api_keys::list_api_keys))
        .routes(routes!(devices::list_devices))
}

/// Answers about who somebody is are kept by nobody.
fn no_store() -> (header::HeaderName, &'static str) {
    (header::CACHE_CONTROL, "no-store")
}

/// Judges a password that somebody chooses; `pointer` is where it stands in the body.
fn judge(password: &str, pointer: &str, about: &[&str]) -> Result<(), Problem> {
    judge_password(password, about).map_err(|weak: WeakPassword| Problem::invalid_at(pointer, weak.to_string()))
}
