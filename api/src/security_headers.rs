//! What a browser may do with an answer: every one of the server's, errors and the documentation included, says the same.
//!
//! The policy has no `unsafe-inline` and no address but the server's own: neither the web app nor the documentation needs
//! either (both were looked at in a browser). Links that carry secrets carry them in the fragment, which no browser sends; no
//! referrer at all goes out besides, because the server reads none, and the address of an order is nobody else's business.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

use crate::{app::Node, around::Around};

/// WebAssembly reads QR codes; `blob:` shows what the camera sees, and what was made to be saved or printed; `data:` are
/// pictures within style sheets. Workers are the service worker and the reader of QR codes.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; \
    font-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; manifest-src 'self'; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-src 'none'; frame-ancestors 'none'";

/// The door scans with the camera, shows what it sees, and keeps its screen awake; links are copied. Nothing else is used.
const PERMISSIONS: &str = "camera=(self), autoplay=(self), clipboard-write=(self), fullscreen=(self), screen-wake-lock=(self), \
    accelerometer=(), clipboard-read=(), display-capture=(), encrypted-media=(), geolocation=(), gyroscope=(), \
    hid=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), serial=(), usb=(), \
    xr-spatial-tracking=()";

/// A year; without its subdomains, which may be other people's.
const HSTS: &str = "max-age=31536000";

/// The same on every answer. Values are looked through when the program is compiled, not again for each answer.
static HEADERS: [(HeaderName, HeaderValue); 7] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS)),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Says what a browser may do with an answer.
#[derive(Clone, Copy)]
pub(crate) struct SecurityHeaders {
    /// Whether people reach the server by TLS.
    https: bool,
}

impl SecurityHeaders {
    pub(crate) fn of(node: &Node) -> Self {
        Self { https: node.public_url.starts_with("https://") }
    }
}

impl Around for SecurityHeaders {
    type Memo = ();

    fn before(&self, _: &mut Request) -> Result<(), Box<Response>> {
        Ok(())
    }

    fn after(&self, (): (), response: &mut Response) {
        let headers = response.headers_mut();
        headers.reserve(HEADERS.len() + 1);
        for (name, value) in &HEADERS {
            headers.insert(name, value.clone());
        }
        if self.https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
        }
    }
}
