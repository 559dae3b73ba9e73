//! What is counted before anybody looks at credentials: guesses, bad credentials, and whatever is not the API.
//!
//! Requests to the API are counted by the extractor of credentials, which knows who asks ([`super::RateLimits::of_caller`]);
//! health checks are not counted at all.

use std::time::Instant;

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::RetryAfter;
use crate::{
    app::Node,
    around::Around,
    client_address::{self, ClientAddress},
    problem::Problem,
    router::BASE,
};

/// Where anybody may try a secret of few tries, below [`BASE`].
const GUESSING: &[&str] =
    &["/session", "/setup", "/invitations/open", "/invitations/accept", "/password-resets", "/devices"];

/// Counts a request, and tells handlers where it comes from ([`ClientAddress`]).
#[derive(Clone)]
pub(crate) struct WithinRates(pub(crate) Node);

impl Around for WithinRates {
    /// The credentials that were shown, and from where.
    type Memo = (Option<HeaderValue>, ClientAddress);

    fn before(&self, request: &mut Request) -> Result<Self::Memo, Box<Response>> {
        let proxies = &self.0.defences.proxies;
        let client = client_address::of_request(proxies, request.extensions(), request.headers());
        request.extensions_mut().insert(client);
        // A cookie alone is never bad: one that has ended counts as none.
        let credentials = request.headers().get(header::AUTHORIZATION).cloned();
        match admitted(&self.0, request, client, credentials.as_ref()) {
            Ok(()) => Ok((credentials, client)),
            Err(later) => Err(Box::new(Problem::from(later).into_response())),
        }
    }

    fn after(&self, (credentials, client): Self::Memo, response: &mut Response) {
        let Some(credentials) = credentials else { return };
        // Another answer, such as 404, may come from where nobody looks at credentials.
        let judged = match response.status() {
            StatusCode::UNAUTHORIZED => Some(false),
            status if status.is_success() => Some(true),
            _ => None,
        };
        if let Some(good) = judged {
            self.0.defences.rates.showed(credentials.as_bytes(), good, client, Instant::now());
        }
    }
}

fn admitted(
    node: &Node,
    request: &Request,
    client: ClientAddress,
    credentials: Option<&HeaderValue>,
) -> Result<(), RetryAfter> {
    let now = Instant::now();
    let rates = &node.defences.rates;
    let path = request.uri().path();
    if path.starts_with("/health/") {
        return Ok(());
    }
    let Some(path) = path.strip_prefix(BASE) else { return rates.of_address(client, request.method(), now) };
    if let Some(credentials) = credentials {
        rates.may_show(credentials.as_bytes(), client, now)?;
    }
    if request.method() == Method::POST && GUESSING.contains(&path.trim_end_matches('/')) {
        rates.guess(client, now)?;
    }
    Ok(())
}
