//! Paths: what names a show is short and plain, what names things by their ids is ids; everything else names nothing (404).

use std::sync::LazyLock;

use api::extract::{PathIds, ShowName};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, Uri},
    routing::get,
};
use tower::ServiceExt;
use uuid::Uuid;

static ROUTES: LazyLock<Router> =
    LazyLock::new(|| Router::new().route("/shows/{show}", get(show)).route("/shows/{show}/orders/{order}", get(order)));

async fn show(ShowName(name): ShowName) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    assert!((1..=100).contains(&name.len()) && name.bytes().all(plain), "{name:?}");
}

async fn order(PathIds((show, order)): PathIds<(Uuid, Uuid)>) {
    assert_eq!(Uuid::try_parse(&show.to_string()), Ok(show));
    assert_eq!(Uuid::try_parse(&order.to_string()), Ok(order));
}

pub fn run(data: &[u8]) {
    let Ok(uri) = Uri::try_from(data) else { return };
    let request = Request::get(uri).body(Body::empty()).expect("a request of parts that were read");
    let Ok(response) = futures::executor::block_on(ROUTES.clone().oneshot(request));
    assert!(matches!(response.status(), StatusCode::OK | StatusCode::NOT_FOUND), "{}", response.status());
}
