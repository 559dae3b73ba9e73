//! The golden files, and histories made of them.

#![allow(dead_code, reason = "no test binary uses all of it")]
#![expect(clippy::unwrap_used, reason = "a file that cannot be read fails the test, as it shall")]

use std::{fs, path::PathBuf};

use domain::ShowEvent;
use proptest::prelude::*;
use serde_json::Value;

/// Every file: the event's type, its schema, its payload.
pub fn files() -> Vec<(String, i32, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let (event_type, schema) = name.strip_suffix(".json").unwrap().split_once(".v").unwrap();
            (event_type.to_owned(), schema.parse().unwrap(), fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// Histories of a show: what the golden files say, in any order, about a few ids each, and with other choices. Most could not
/// happen; a state takes every event as it is.
pub fn histories() -> impl Strategy<Value = Vec<ShowEvent>> {
    let shapes: Vec<_> = files().into_iter().filter(|(name, ..)| ShowEvent::TYPES.contains(&name.as_str())).collect();
    let begin: Vec<_> = shapes.iter().filter(|(name, ..)| name == "ShowScheduled").cloned().collect();
    let (first, more) = (any::<u64>(), prop::collection::vec((0..shapes.len(), any::<u64>()), 0..60));
    (first, more).prop_map(move |(first, more)| {
        let mut events = vec![other_choices(&begin[0], first)];
        events.extend(more.into_iter().map(|(shape, seed)| other_choices(&shapes[shape], seed)));
        events
    })
}

/// The event of a golden file with other ids, numbers and choices, some left out where that may be.
fn other_choices((name, schema, payload): &(String, i32, String), seed: u64) -> ShowEvent {
    let mut bits = Bits(seed);
    let mut value: Value = serde_json::from_str(payload).unwrap();
    vary(&mut value, &mut bits, false);
    let whole = value.clone();
    vary(&mut value, &mut bits, true);
    ShowEvent::decode(name, *schema, &value.to_string())
        .or_else(|_| ShowEvent::decode(name, *schema, &whole.to_string()))
        .unwrap()
}

fn vary(value: &mut Value, bits: &mut Bits, leave_out: bool) {
    match value {
        Value::Object(fields) => {
            if leave_out && !fields.is_empty() && bits.below(3) == 0 {
                let names: Vec<String> = fields.keys().cloned().collect();
                fields.remove(&names[bits.below(names.len())]);
            }
            for (name, field) in fields.iter_mut() {
                let choices: &[Value] = &match name.as_str() {
                    "direction" => vec!["in".into(), "out".into()],
                    "reentry" => vec!["never".into(), "after_exit".into(), "always".into()],
                    "entries" => vec![1.into(), 3.into(), "unlimited".into()],
                    "short_code" => vec!["00742".into(), "007".into(), "99999999".into()],
                    "persons" | "returning" => vec![0.into(), 1.into(), 4.into()],
                    _ => vec![],
                };
                if choices.is_empty() || leave_out {
                    vary(field, bits, leave_out);
                } else {
                    *field = choices[bits.below(choices.len())].clone();
                }
            }
            // A type's persons are at least one.
            if fields.contains_key("max_per_order") && fields.get("persons") == Some(&0.into()) {
                fields["persons"] = 2.into();
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| vary(value, bits, leave_out)),
        Value::String(text) if text.starts_with("0199a000-") => {
            *text = format!("0199a000-0000-7000-8000-00000000000{}", bits.below(4));
        }
        Value::Bool(yes) => *yes = bits.below(2) == 0,
        _ => {}
    }
}

/// Choices out of a seed (SplitMix64).
struct Bits(u64);

impl Bits {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }
}
