//! Headers of a request, as lines: `Idempotency-Key` is within its limits, a tag that is named in `If-None-Match` is met.

use std::future::Future;

use api::{
    answer::{Conditions, For},
    extract::IdempotencyKey,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header, request::Parts},
};
use identity::Caller;

use crate::problem;

const BODY: &str = "{}";

pub fn run(data: &[u8]) {
    let mut parts = parts();
    parts.headers = of_lines(data);
    match now(IdempotencyKey::from_request_parts(&mut parts, &())) {
        Err(refused) => problem::reads_back(&refused),
        Ok(key) => match key.of(&Caller::Anonymous) {
            Err(refused) => problem::reads_back(&refused),
            Ok(key) => {
                let key = key.unwrap_or("0199aa00-0000-7000-8000-000000000000");
                assert!(uuid::Uuid::try_parse(key).is_ok() && key.is_ascii(), "{key:?}");
            }
        },
    }
    let tag = tag_of(&now(conditions(&mut self::parts())));
    let first = now(conditions(&mut parts)).answer(None, For::Everybody, "application/json", BODY.into());
    assert!(matches!(first.status(), StatusCode::OK | StatusCode::NOT_MODIFIED));
    parts.headers.append(header::IF_NONE_MATCH, tag);
    let named = now(conditions(&mut parts)).answer(None, For::Everybody, "application/json", BODY.into());
    assert_eq!(named.status(), StatusCode::NOT_MODIFIED);
}

/// Headers, one a line; lines that are none are left out.
pub fn of_lines(data: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value.trim_ascii())) {
            headers.append(name, value);
        }
    }
    headers
}

fn parts() -> Parts {
    Request::new(()).into_parts().0
}

async fn conditions(parts: &mut Parts) -> Conditions {
    let Ok(conditions) = Conditions::from_request_parts(parts, &()).await;
    conditions
}

fn tag_of(conditions: &Conditions) -> HeaderValue {
    let answer = conditions.answer(None, For::Everybody, "application/json", BODY.into());
    answer.headers().get(header::ETAG).expect("a tag").clone()
}

/// Extractors of headers never wait.
fn now<T>(ready: impl Future<Output = T>) -> T {
    futures::executor::block_on(ready)
}
