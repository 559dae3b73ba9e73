//! Scans of a batch, which come late and from devices of any version: a field that nobody knows changes nothing, and what is
//! wrong is named where it stands.

use api::commands::fuzzing::scan_of_batch;
use serde_json::{Value, json};

use crate::problem::points_into;

pub fn run(data: &[u8]) {
    let Ok(scan) = serde_json::from_slice::<Value>(data) else { return };
    let outcome = scan_of_batch(&scan);
    if let Err(errors) = &outcome {
        assert!(!errors.is_empty(), "what is wrong is said");
        errors.iter().for_each(|error| points_into(&scan, &error.pointer));
    }
    let mut tomorrows = scan;
    if let Value::Object(members) = &mut tomorrows {
        members.insert("a_field_of_tomorrow".to_owned(), json!({ "short_code": [1] }));
        assert_eq!(scan_of_batch(&tomorrows), outcome);
    }
}
