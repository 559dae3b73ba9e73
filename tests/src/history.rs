//! The recorded facts of a show, read through `GET /history`.

use serde::Deserialize;
use serde_json::Value;

use crate::Client;

/// One event as the history shows it: the fields that tests ask for.
#[derive(Clone, Debug, Deserialize)]
pub struct Recorded {
    /// Its number in the whole log.
    pub position: u64,
    /// Its number in its stream, from 1.
    pub version: u64,
    /// Its type, such as `TicketIssued`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it was recorded.
    pub recorded_at: String,
    /// What happened.
    pub payload: Value,
    /// The whole row as it was answered.
    #[serde(skip)]
    pub row: Value,
}

impl Recorded {
    /// The row without the sentence, which is told anew each time: what stays as it is for ever, and holds nobody's name.
    #[must_use]
    pub fn without_sentence(&self) -> Value {
        let mut row = self.row.clone();
        if let Some(row) = row.as_object_mut() {
            row.remove("sentence");
        }
        row
    }
}

/// Every event that `filter` (a query string) selects, through all pages.
///
/// # Panics
/// When an answer is not as the contract says.
pub async fn whole_history(staff: &Client, filter: &str) -> Vec<Recorded> {
    let mut events = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut path = format!("/history?limit=200&{filter}");
        if let Some(cursor) = &cursor {
            path.push_str("&cursor=");
            path.push_str(cursor);
        }
        let page = staff.get(path.trim_end_matches('&')).expect(200).await;
        let items = page["items"].as_array().unwrap_or_else(|| panic!("no items in {page}"));
        for item in items {
            let mut event: Recorded =
                serde_json::from_value(item.clone()).unwrap_or_else(|error| panic!("{error} in {item}"));
            event.row = item.clone();
            events.push(event);
        }
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return events,
        }
    }
}

/// Every event of one show, in order; asserts that its versions have no hole.
///
/// # Panics
/// When they have one.
pub async fn history(staff: &Client, show: &str) -> Vec<Recorded> {
    let events = whole_history(staff, &format!("show={show}")).await;
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event.version, index as u64 + 1, "versions of a stream run from 1 without a hole");
    }
    assert!(events.windows(2).all(|pair| pair[0].position < pair[1].position), "positions ascend");
    events
}
