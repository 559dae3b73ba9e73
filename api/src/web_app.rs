//! The web app, embedded in the program: files of `web/dist`, and for the addresses of its pages the one page that it has,
//! which finds its way by the address (a single-page app). Any other address is 404, so that nobody who looks for what is not
//! here (`/.env`, `/metrics`) is told that it is; people still see the app, which says so.
//!
//! Files under `assets/` carry a hash of their content in their names and are kept for ever; all others are asked for again
//! each time, by their tag. A program that was built without the web app says how to build it.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
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

/// How the addresses of the app's pages begin (`web/src/app/router.tsx`), beside `/` itself; `o` is an order's link.
const PAGES: &[&str] =
    &["account", "audit", "door", "e", "events", "invitation", "o", "pair", "reset", "settings", "setup", "sign-in"];

/// A year, which is for ever (RFC 9111 has no longer word for it).
const FOR_EVER: &str = "public, max-age=31536000, immutable";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Turnout</title>\
    <h1>Turnout is running, without its web app</h1><p>Build it with <code>npm ci</code> and <code>npm run build</code> in \
    <code>web/</code>, then build the server again; or run <code>scripts/start</code>, which does both.</p>\
    <p>The API is described at <a href=\"/docs/\">/docs/</a>.</p></html>";

/// Whatever no handler has: a file, else the app's page where it is one's address; below `/api` a problem.
pub async fn page(conditions: Conditions, request: Request) -> Response {
    answer(request.method(), request.uri(), is_browser(request.headers()), &conditions, Dist::get)
}

fn answer(
    method: &Method,
    uri: &Uri,
    is_browser: bool,
    conditions: &Conditions,
    find: impl Fn(&str) -> Option<EmbeddedFile>,
) -> Response {
    let path = uri.path().strip_prefix('/').unwrap_or_default();
    if path == "api" || path.starts_with("api/") {
        return Problem::not_found().into_response();
    }
    let is_page = path.is_empty() || PAGES.contains(&path.split('/').next().unwrap_or_default());
    let found = find(path).filter(|_| !path.is_empty());
    if method != Method::GET && method != Method::HEAD && (is_page || found.is_some()) {
        let mut response = Problem::method_not_allowed().into_response();
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
        return response;
    }
    if let Some(found) = found {
        return file(path, found, conditions);
    }
    // A missing script has to fail as such: a page in its place would be a syntax error that is kept for ever.
    let is_program = path.starts_with("assets/") || !is_browser;
    match find(PAGE) {
        _ if !is_page && is_program => Problem::not_found().into_response(),
        Some(found) if is_page => file(PAGE, found, conditions),
        Some(found) => (StatusCode::NOT_FOUND, file(PAGE, found, &Conditions::default())).into_response(),
        None => {
            let status = if is_page { StatusCode::OK } else { StatusCode::NOT_FOUND };
            (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], NOT_BUILT).into_response()
        }
    }
}

/// A file of the web app, where the program was built with it.
pub(crate) fn file_named(path: &str) -> Option<Vec<u8>> {
    Dist::get(path).map(|file| file.data.into_owned())
}

/// Whether a person is to look at the answer; programs ask for no HTML.
fn is_browser(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|kinds| kinds.contains("text/html"))
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
        answer(&Method::GET, &path.parse().unwrap(), false, &Conditions::default(), built)
    }

    fn browse(path: &str) -> Response {
        answer(&Method::GET, &path.parse().unwrap(), true, &Conditions::default(), built)
    }

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn every_address_of_the_app_is_its_page_and_every_file_itself() {
        for path in ["/", "/e/spring-cup", "/o/0199/", "/settings/keys", "/index.html"] {
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
        let response = answer(&Method::POST, &Uri::from_static("/events"), false, &Conditions::default(), built);
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()[header::ALLOW], "GET,HEAD");
    }

    #[tokio::test]
    async fn what_is_not_here_is_404_and_people_are_told_by_the_app() {
        for path in
            ["/metrics", "/.env", "/.git/config", "/wp-login.php", "/admin", "/eventsx", "//events", "/..%2fetc"]
        {
            let response = get(path);
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
            let response = browse(path);
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
            assert_eq!(text(response).await, "index.html");
        }
        assert_eq!(browse("/events").status(), StatusCode::OK);
        let accept = |value| HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(value))]);
        assert!(is_browser(&accept("text/html,application/xhtml+xml,*/*;q=0.8")));
        assert!(!is_browser(&accept("*/*")) && !is_browser(&HeaderMap::new()));
    }

    #[test]
    fn every_route_of_the_app_is_a_page() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src/app");
        let mut routes = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let Ok(source) = std::fs::read_to_string(entry.unwrap().path()) else { continue };
            let between = |text: &str, from: &str, to: char| {
                text.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map(|(found, _)| found.to_owned())
            };
            let defined: Vec<(String, String, Option<String>)> = source
                .split("const ")
                .filter(|block| block.contains("createRoute("))
                .filter_map(|block| {
                    let name = block.split(' ').next()?.to_owned();
                    Some((name, between(block, "getParentRoute: () => ", ',')?, between(block, "path: '/", '\'')))
                })
                .collect();
            // What hangs below an address of its own begins as that does.
            let has_address = |parent: &String| {
                defined
                    .iter()
                    .any(|(name, _, path)| name == parent && path.as_ref().is_some_and(|path| !path.is_empty()))
            };
            routes.extend(
                defined
                    .iter()
                    .filter(|(_, parent, _)| !has_address(parent))
                    .filter_map(|(_, _, path)| Some(path.as_ref()?.split('/').next()?.to_owned())),
            );
        }
        assert!(routes.len() > 5, "the routes are written in another way: {routes:?}");
        let unknown = |route: &&String| !route.is_empty() && !PAGES.contains(&route.as_str());
        assert_eq!(routes.iter().find(unknown), None, "name it in PAGES");
    }

    #[tokio::test]
    async fn a_program_without_the_web_app_says_how_to_build_it() {
        let response = answer(&Method::GET, &Uri::from_static("/"), false, &Conditions::default(), |_| None);
        assert!(text(response).await.contains("npm run build"));
    }
}
