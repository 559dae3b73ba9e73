//! What headers say of who asks, as lines: a bearer's token, the session's cookie, the organization. What cannot be
//! understood is 401 or 422, never taken for nobody; cookies of others and what a browser calls itself do no harm.

use api::{
    access::fuzzing::client_name,
    extract::{ORGANIZATION_HEADER, asking},
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::headers;
use crate::problem;

/// The longest name of a program, with its system.
const CLIENT_CHARACTERS_MAX: usize = 100;

const ORGANIZATION: &str = "0199aa00-0000-7000-8000-000000000001";

pub fn run(data: &[u8]) {
    let mut headers = headers::of_lines(data);
    let client = client_name(&headers);
    assert!(!client.is_empty() && client.chars().count() <= CLIENT_CHARACTERS_MAX, "{client:?}");
    check(&headers);
    // Behind whatever else is in cookies, the organization of ours is found where there is no other one.
    headers.remove(header::AUTHORIZATION);
    headers.remove(ORGANIZATION_HEADER);
    let found = asking(&headers).expect("cookies are never wrong").preferred;
    headers
        .append(header::COOKIE, HeaderValue::from_static("turnout_organization=0199aa00-0000-7000-8000-000000000001"));
    let ours = ORGANIZATION.parse().expect("an id");
    assert_eq!(asking(&headers).expect("cookies are never wrong").preferred, Some(found.unwrap_or(ours)));
}

fn check(headers: &HeaderMap) {
    let (bearer, organization) = (headers.get(header::AUTHORIZATION), headers.get(ORGANIZATION_HEADER));
    match asking(headers) {
        Err(refused) => {
            problem::reads_back(&refused);
            match refused.status() {
                StatusCode::UNAUTHORIZED => assert!(bearer.is_some()),
                StatusCode::UNPROCESSABLE_ENTITY => assert!(organization.is_some()),
                other => panic!("headers are no reason for {other}"),
            }
        }
        Ok(asked) => {
            assert_eq!(asked.bearer.is_some(), bearer.is_some(), "a bearer is not passed over");
            assert_eq!(asked.organization.is_some(), organization.is_some(), "an organization is not passed over");
            if let (Some(token), Some(value)) = (asked.bearer, bearer.and_then(|value| value.to_str().ok())) {
                assert!(token.trim() == token && value.trim_end().ends_with(token), "{token:?} of {value:?}");
            }
            if let Some(session) = asked.session {
                assert!(!session.is_empty() && !session.contains(';'), "{session:?}");
            }
        }
    }
}
