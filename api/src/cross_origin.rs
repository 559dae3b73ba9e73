//! Pages of other origins that may use the API from a browser: those of `TURNOUT_CORS_ORIGINS`, and none by default.
//!
//! Only listed origins are ever named in an answer, so that credentials may go with their requests; there is no `*`. Whoever
//! is not listed gets the answers of a server that knows nothing of CORS, and their browser keeps them from the page.

use std::{str::FromStr, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tower_http::cors::CorsLayer;

use crate::extract::{CSRF_HEADER, IDEMPOTENCY_KEY_HEADER, ORGANIZATION_HEADER, POSITION_HEADER};

/// For how long a browser may remember what it was allowed; no browser keeps it for more than two hours.
const REMEMBERED_FOR: Duration = Duration::from_secs(3_600);

/// Origins whose pages may use the API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CorsOrigins(Vec<HeaderValue>);

/// The text names no origins.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no origin; write scheme and host, with the port where it is not the usual one, without a path and in small \
     letters, with commas between several: https://shop.example,https://www.example.org:8443"
)]
pub struct NotOrigins(String);

impl FromStr for CorsOrigins {
    type Err = NotOrigins;

    fn from_str(text: &str) -> Result<Self, NotOrigins> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| origin(part).ok_or_else(|| NotOrigins(part.to_owned()))).collect::<Result<_, _>>().map(Self)
    }
}

/// An origin as browsers write it (RFC 6454, section 6.2): compared byte by byte, so one in another spelling would never match.
fn origin(text: &str) -> Option<HeaderValue> {
    let (host, usual_port) = text
        .strip_prefix("https://")
        .map(|host| (host, "443"))
        .or_else(|| Some((text.strip_prefix("http://")?, "80")))?;
    let uri: axum::http::Uri = text.parse().ok()?;
    let authority = uri.authority()?;
    let port_is_written_right = match authority.port() {
        Some(port) => port.as_str() != usual_port && port.as_u16().to_string() == port.as_str(),
        None => true,
    };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    let right = authority.as_str() == host && !authority.host().is_empty() && host.bytes().all(plain);
    (right && port_is_written_right && !host.ends_with(':')).then(|| HeaderValue::from_str(text).ok())?
}

impl CorsOrigins {
    /// Whether the page that opens a socket may: browsers ask no leave for one, and send their cookies along. Whatever is no browser
    /// names no origin.
    pub(crate) fn may_connect(&self, headers: &HeaderMap, public_url: &str) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let Some(origin) = origins.next() else { return true };
        let host = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
        let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let is_own = origin == public_url || (host.is_some() && host == asked);
        origins.next().is_none() && (is_own || self.0.contains(origin))
    }

    /// What answers preflights and names the origin; nothing where no origin is listed.
    pub(crate) fn layer(&self) -> Option<CorsLayer> {
        if self.0.is_empty() {
            return None;
        }
        let layer = CorsLayer::new()
            .allow_origin(self.0.clone())
            .allow_credentials(true)
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                header::IF_NONE_MATCH,
                HeaderName::from_static("last-event-id"),
                HeaderName::from_static(CSRF_HEADER),
                HeaderName::from_static(IDEMPOTENCY_KEY_HEADER),
                HeaderName::from_static(ORGANIZATION_HEADER),
                HeaderName::from_static(POSITION_HEADER),
            ])
            .expose_headers([HeaderName::from_static(POSITION_HEADER), header::ETAG, header::RETRY_AFTER])
            .max_age(REMEMBERED_FOR);
        Some(layer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read() {
        let origins: CorsOrigins =
            "https://shop.example, http://localhost:5173,https://[2001:db8::1]:8443".parse().unwrap();
        assert_eq!(origins.0.len(), 3);
        assert!(origins.layer().is_some());
        assert!("".parse::<CorsOrigins>().unwrap().layer().is_none());
    }

    #[test]
    fn what_no_browser_would_send_is_refused() {
        for bad in [
            "*",
            "null",
            "shop.example",
            "https://",
            "https://shop.example/",
            "https://shop.example/path",
            "https://Shop.example",
            "https://shop.example:443",
            "https://shop.example:",
            "https://user@shop.example",
            "https://*.example",
            "ftp://shop.example",
            "https://a.example https://b.example",
        ] {
            let error = bad.parse::<CorsOrigins>().unwrap_err();
            assert!(error.to_string().contains("https://shop.example,"), "{bad}: {error}");
        }
    }
}
