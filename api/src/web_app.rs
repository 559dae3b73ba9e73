//! The web app, embedded in the program: files of `web/dist`, and for every other address outside the API its page, which
//! finds its way by the address (a single-page app).
//!
//! Files under `assets/` carry a hash of their content in their names and are kept for ever; all others are asked for again
//! each time, by their tag. A program that was built without the web app says how to build it.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::{
    answer::{Conditions, For},
    problem::Problem,
};

#[derive(RustEmbed)]
#[folder = "../web/dist/"]
struct Dist;

const PAGE: &str = "index.html";

/// A year, which is for ever (RFC 9111 has no longer word for it).
const FOR_EVER: &str = "public, max-age=31536000, immutable";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Turnout</title>\
    <h1>Turnout is running, without its web app</h1><p>Build it with <code>npm ci</code> and <code>npm run build</code> in \
    <code>web/</code>, then build the server again; or run <code>scripts/start</code>, which does both.</p>\
    <p>The API is described at <a href=\"/docs/\">/docs/</a>.</p></html>";

/// Whatever no handler has: a file, else the app's page; below `/api` a problem.
pub async fn page(conditions: Conditions, request: Request) -> Response {
    answer(request.method(), request.uri(), &conditions, Dist::get)
}

fn answer(
    method: &Method,
    uri: &Uri,
    conditions: &Conditions,
    find: impl Fn(&str) -> Option<EmbeddedFile>,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return Problem::not_found().into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        let mut response = Problem::method_not_allowed().into_response();
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
        return response;
    }
    if let Some(found) = find(path).filter(|_| !path.is_empty()) {
        return file(path, found, conditions);
    }
    // A missing script has to fail as such: a page in its place would be a syntax error that is kept for ever.
    if path.starts_with("assets/") {
        return Problem::not_found().into_response();
    }
    match find(PAGE) {
        Some(found) => file(PAGE, found, conditions),
        None => (StatusCode::OK, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], NOT_BUILT).into_response(),
    }
}

fn file(path: &str, found: EmbeddedFile, conditions: &Conditions) -> Response {
    let bytes = match found.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let kind = media_type(path);
    if path.starts_with("assets/") {
        let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, FOR_EVER)];
        return (headers, Body::from(bytes)).into_response();
    }
    conditions.answer(None, For::Everybody, kind, bytes)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream"),
    }
}

#[cfg(test)]
mod tests {
    use rust_embed::Metadata;

    use super::*;

    fn built(path: &str) -> Option<EmbeddedFile> {
        ["index.html", "sw.js", "assets/app-1a2b.js"].contains(&path).then(|| EmbeddedFile {
            data: Cow::Owned(path.as_bytes().to_vec()),
            metadata: Metadata::__rust_embed_new([0; 32], None, None),
        })
    }

    fn get(path: &str) -> Response {
        answer(&Method::GET, &path.parse().unwrap(), &Conditions::default(), built)
    }

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn every_address_of_the_app_is_its_page_and_every_file_itself() {
        for path in ["/", "/shows/spring-cup", "/o/0199/", "/index.html"] {
            let response = get(path);
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
            assert_eq!(text(response).await, "index.html");
        }
        let script = get("/assets/app-1a2b.js");
        assert_eq!(script.headers()[header::CACHE_CONTROL], FOR_EVER);
        assert_eq!(script.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(get("/sw.js").headers()[header::CACHE_CONTROL], "no-cache");
    }

    #[tokio::test]
    async fn an_unknown_address_of_the_api_and_a_missing_script_are_problems() {
        for path in ["/api", "/api/v1/nothing", "/assets/app-0000.js"] {
            let response = get(path);
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        }
        let response = answer(&Method::POST, &Uri::from_static("/shows"), &Conditions::default(), built);
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()[header::ALLOW], "GET,HEAD");
    }

    #[tokio::test]
    async fn a_program_without_the_web_app_says_how_to_build_it() {
        let response = answer(&Method::GET, &Uri::from_static("/"), &Conditions::default(), |_| None);
        assert!(text(response).await.contains("npm run build"));
    }
}
