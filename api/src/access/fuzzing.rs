//! What reads the bodies of who is who, for the targets of `fuzz`. Here alone they have `Debug`: passwords and tokens
//! reach no log.

use axum::http::HeaderMap;

use super::{
    api_keys::{IssueApiKeyBody, RotateApiKeyBody},
    devices::{OfferPairingBody, PairDeviceBody},
    invitations::{AcceptInvitationBody, OpenInvitationBody},
    me::RenameMeBody,
    members::{ChangeMemberRoleBody, InviteMemberBody},
    organizations::NewOrganization,
    passwords::{ChangePasswordBody, ResetPasswordBody},
    sessions::SignIn,
    set_up::SetUpBody,
};
use crate::commands::fuzzing::{Read, plain};

/// Every body with the name of its operation.
pub const BODIES: &[(&str, Read)] = &[
    ("set_up", plain::<SetUpBody>),
    ("sign_in", plain::<SignIn>),
    ("change_password", plain::<ChangePasswordBody>),
    ("reset_password", plain::<ResetPasswordBody>),
    ("rename_me", plain::<RenameMeBody>),
    ("open_invitation", plain::<OpenInvitationBody>),
    ("accept_invitation", plain::<AcceptInvitationBody>),
    ("invite_member", plain::<InviteMemberBody>),
    ("change_member_role", plain::<ChangeMemberRoleBody>),
    ("issue_api_key", plain::<IssueApiKeyBody>),
    ("rotate_api_key", plain::<RotateApiKeyBody>),
    ("offer_pairing", plain::<OfferPairingBody>),
    ("pair_device", plain::<PairDeviceBody>),
    ("create_organization", plain::<NewOrganization>),
];

/// The name of the program that sends these headers, for the list of sessions.
#[must_use]
pub fn client_name(headers: &HeaderMap) -> String {
    super::client_name::client_name(headers)
}
