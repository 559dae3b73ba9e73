//! Query strings and the cursors of lists: what is taken is within its limits, and a cursor reads as what it says.

use api::extract::{Cursor, Limit, Moment, Params, SearchText};
use axum::{
    extract::FromRequestParts,
    http::{Request, Uri},
};
use chrono::Datelike;
use projections::queries::Page;
use serde::Deserialize;

use crate::problem;

/// A list with every kind of parameter that a query has.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    #[serde(default)]
    limit: Limit,
    cursor: Option<Cursor>,
    q: Option<SearchText>,
    from: Option<Moment>,
    after: Option<i64>,
    mine: Option<bool>,
    show: Option<uuid::Uuid>,
}

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    cursor(text);
    let Ok(uri) = format!("/?{text}").parse::<Uri>() else { return };
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.uri = uri;
    let Ok(params) = futures::executor::block_on(Params::<Listing>::from_request_parts(&mut parts, &()));
    match params.get() {
        Err(refused) => {
            problem::reads_back(&refused);
            assert_eq!(refused.code(), "invalid");
        }
        Ok(listing) => {
            assert!((1..=200).contains(&listing.limit.get()));
            if let Some(SearchText(q)) = &listing.q {
                assert!(q.chars().count() <= 200 && !q.chars().any(char::is_control), "{q:?}");
            }
            if let Some(Moment(from)) = listing.from {
                assert!((1..=9_999).contains(&from.year()), "{from}");
            }
            if let Some(Cursor(text)) = &listing.cursor {
                cursor(text);
            }
            let _ = (listing.after, listing.mine, listing.show);
        }
    }
}

fn cursor(text: &str) {
    let page = |text: &str| Page { limit: 2, cursor: Some(text.to_owned()) };
    if let Ok(Some(position)) = page(text).position() {
        assert_eq!(page(&position.to_string()).position().ok(), Some(Some(position)));
    }
    if let Ok(Some((micros, id))) = page(text).moment_and_id() {
        assert_eq!(page(&format!("{micros}_{id}")).moment_and_id().ok(), Some(Some((micros, id))));
    }
}
