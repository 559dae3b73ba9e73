//! The language that a reader likes best of those that sentences are told in: `Accept-Language`, and what the answer says of it.

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::Response,
};
use projections::history::Language;

/// The reader's language; English for whoever asks for none that there is.
#[derive(Debug, Clone, Copy)]
pub struct ReaderLanguage(pub Language);

impl<S: Send + Sync> FromRequestParts<S> for ReaderLanguage {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let accepted = parts.headers.get_all(header::ACCEPT_LANGUAGE).iter();
        let accepted: Vec<_> = accepted.filter_map(|value| value.to_str().ok()).collect();
        Ok(Self(Language::preferred(&accepted.join(","))))
    }
}

impl ReaderLanguage {
    /// Says in which language an answer is, and that another reader may get another.
    #[must_use]
    pub fn said_of(self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.0.code()));
        headers.append(header::VARY, HeaderValue::from_static("accept-language"));
        response
    }
}
