//! What a problem looks like on the wire.

use axum::body::to_bytes;
use commands::{Rejection, desk::DeskError};
use serde_json::{Value, json};

use super::*;

async fn sent(problem: Problem) -> (StatusCode, axum::http::HeaderMap, Value) {
    let response = problem.into_response();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn a_problem_has_every_member_and_its_own_media_type() {
    let (status, headers, body) = sent(Problem::invalid_at("/items/0/quantity", "must be at least 1")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(
        body,
        json!({
            "type": "/problems/invalid",
            "title": "Invalid request",
            "status": 422,
            "detail": "/items/0/quantity: must be at least 1.",
            "code": "invalid",
            "errors": [{ "pointer": "/items/0/quantity", "detail": "must be at least 1" }],
        })
    );
}

#[tokio::test]
async fn whoever_shall_come_again_is_told_when() {
    for problem in
        [Problem::too_many_requests(3), Problem::overloaded(), Problem::starting(), Problem::read_model_behind()]
    {
        let (_, headers, body) = sent(problem).await;
        assert!(headers.contains_key(header::RETRY_AFTER), "{body}");
    }
    let (_, headers, _) = sent(Problem::unauthenticated("")).await;
    assert!(headers.contains_key(header::WWW_AUTHENTICATE));
}

#[tokio::test]
async fn a_defect_tells_nothing_of_its_source() {
    let source = std::io::Error::other("relation log.events is broken");
    let (status, _, body) = sent(Problem::internal(&source)).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!body.to_string().contains("log.events"), "{body}");
}

#[test]
fn what_the_desk_says_becomes_its_problem() {
    let rule = Rejection::rule_at(commands::Code::SeatTaken, "/items/0/seats/1", "Block A-3-12 is taken.");
    let problem = Problem::from(DeskError::Rejected(rule));
    assert_eq!((problem.status(), problem.code()), (StatusCode::CONFLICT, "seat_taken"));
    assert_eq!(problem.errors()[0].pointer, "/items/0/seats/1");
    assert!(!title(problem.code()).is_empty());
    assert_eq!(Problem::from(Rejection::NotFound).code(), "not_found");
    assert_eq!(Problem::from(DeskError::KeyReused).code(), "idempotency_key_reused");
    assert_eq!(Problem::from(DeskError::Unavailable).status(), StatusCode::SERVICE_UNAVAILABLE);
}
