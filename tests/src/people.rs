//! Callers that a test made for itself: members who were invited and joined, API keys, paired devices.

use serde_json::{Value, json};

use crate::{Answer, Client, Show};

/// A password that nobody tries first: of everybody whom tests invite.
pub const PASSWORD: &str = "seven quiet lanterns";

/// What a link carries behind its `#`.
///
/// # Panics
/// When there is no link.
#[must_use]
#[track_caller]
pub fn token_of(link: &str) -> String {
    link.split_once('#').unwrap_or_else(|| panic!("no link: {link}")).1.to_owned()
}

/// Invites somebody, and hands back their id and the invitation's token.
pub async fn invite_link(owner: &Client, email: &str, role: &str) -> (String, String) {
    let invited = owner.post("/members", &json!({ "email": email, "role": role })).expect(201).await;
    (invited.text("id"), token_of(&invited.text("link")))
}

/// Invites somebody who has no account, and has them join: who they are as a member, and as a caller.
pub async fn invite(owner: &Client, email: &str, role: &str) -> (String, Client) {
    let (member, token) = invite_link(owner, email, role).await;
    let body = json!({ "token": token, "name": "Ada Example", "password": PASSWORD });
    let joined = owner.without_bearer().post("/invitations/accept", &body).expect(201).await;
    (member, owner.signed_in(&joined))
}

/// Signs in, and hands back the answer and the caller.
pub async fn sign_in(anyone: &Client, email: &str, password: &str) -> (Answer, Client) {
    let body = json!({ "email": email, "password": password });
    let answer = anyone.without_bearer().post("/session", &body).expect(200).await;
    let client = anyone.signed_in(&answer);
    (answer, client)
}

/// Issues an API key with `more` than a name and a role: its id, and the caller who has it.
pub async fn issue_key(manager: &Client, role: &str, more: Value) -> (String, Client) {
    let mut body = json!({ "name": format!("Key of {role}"), "role": role });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    let issued = manager.post("/api-keys", &body).expect(201).await;
    (issued.text("id"), manager.without_bearer().with_bearer(&issued.text("token")))
}

/// Pairs a device for a show, with `more` than its name: the answer, and the caller that it is.
pub async fn pair(show: &Show, name: &str, more: Value) -> (Answer, Client) {
    let mut body = json!({ "name": name, "shows": [show.id] });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    let offered = show.staff.post("/devices/pairings", &body).expect(201).await;
    let anyone = show.staff.without_bearer();
    let paired = anyone.post("/devices", &json!({ "pairing": offered.text("pairing") })).expect(201).await;
    let device = anyone.with_bearer(&paired.text("token"));
    (paired, device)
}
