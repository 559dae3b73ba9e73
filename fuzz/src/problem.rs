//! What holds for every problem, whoever made it: it reads back as what was meant, and points to where something is.

use api::Problem;
use axum::{
    body::to_bytes,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde_json::Value;

/// The longest body that is read back.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Sends the problem and reads it as a client would (RFC 9457).
pub fn reads_back(problem: &Problem) {
    let response = problem.clone().into_response();
    assert_eq!(response.status(), problem.status());
    let kind = response.headers().get(header::CONTENT_TYPE).expect("a content type");
    assert_eq!(kind, "application/problem+json");
    let body = futures::executor::block_on(to_bytes(response.into_body(), BODY_BYTES_MAX)).expect("a body in memory");
    let body: Value = serde_json::from_slice(&body).expect("a problem is JSON");
    assert_eq!(body["status"], problem.status().as_u16());
    assert_eq!(body["code"], problem.code());
    assert_eq!(body["type"], format!("/problems/{}", problem.code()));
    assert!(body["title"].as_str().is_some_and(|title| !title.is_empty()), "{body}");
    assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
    let errors = body["errors"].as_array().expect("a list of errors");
    assert_eq!(errors.len(), problem.errors().len());
    for (sent, meant) in errors.iter().zip(problem.errors()) {
        assert_eq!(sent["pointer"], meant.pointer);
        assert_eq!(sent["detail"], meant.detail);
    }
}

/// A body was refused: with one of three answers, of which 422 says where.
pub fn refuses_well(problem: &Problem, body: &str) {
    reads_back(problem);
    match problem.status() {
        StatusCode::BAD_REQUEST => assert_eq!(problem.code(), "not_json"),
        StatusCode::UNPROCESSABLE_ENTITY => {
            assert_eq!(problem.code(), "invalid");
            assert!(!problem.errors().is_empty(), "what is wrong is said");
            let body: Value = serde_json::from_str(body).expect("422 is for what is JSON");
            for error in problem.errors() {
                points_into(&body, &error.pointer);
            }
        }
        other => panic!("a body is no reason for {other}"),
    }
}

/// Whether a pointer (RFC 6901) names something in `body`, or something that is missing right there.
pub fn points_into(body: &Value, pointer: &str) {
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer:?} is no JSON pointer");
    assert!(body.pointer(pointer).or(body.pointer(parent)).is_some(), "{pointer:?} points to nothing in {body}");
}
