//! JSON itself: what is taken is what serde_json reads, and nothing is refused but bad JSON, a member that stands twice in one
//! object, and what is no object.

use std::{collections::HashSet, fmt};

use api::extract::parse;
use axum::http::HeaderValue;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::problem;

pub fn run(data: &[u8]) {
    let ours = parse::<Value>(Some(&HeaderValue::from_static("application/json")), data);
    let theirs = serde_json::from_slice::<Value>(data).ok().filter(Value::is_object);
    match (&ours, theirs) {
        (Ok(ours), Some(theirs)) => {
            assert_eq!(*ours, theirs);
            assert_eq!(serde_json::from_slice::<Unique>(data).map(|_| ()).map_err(|e| e.to_string()), Ok(()));
        }
        (Ok(_), None) => panic!("what is no JSON object was taken"),
        (Err(refused), theirs) => {
            problem::reads_back(refused);
            let twice = serde_json::from_slice::<Unique>(data).is_err();
            assert!(theirs.is_none() || twice, "a good object was refused: {refused:?}");
        }
    }
}

/// Written anew here, so that it is not the same code that judges: JSON without a member twice.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Unique;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("JSON")
            }

            fn visit_bool<E>(self, _: bool) -> Result<Unique, E> {
                Ok(Unique)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Unique, E> {
                Ok(Unique)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Unique, E> {
                Ok(Unique)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Unique, E> {
                Ok(Unique)
            }

            fn visit_str<E>(self, _: &str) -> Result<Unique, E> {
                Ok(Unique)
            }

            fn visit_unit<E>(self) -> Result<Unique, E> {
                Ok(Unique)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
                while items.next_element::<Unique>()?.is_some() {}
                Ok(Unique)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unique, A::Error> {
                let mut names = HashSet::new();
                while let Some((name, _)) = members.next_entry::<String, Unique>()? {
                    if !names.insert(name) {
                        return Err(serde::de::Error::custom("twice"));
                    }
                }
                Ok(Unique)
            }
        }

        deserializer.deserialize_any(Any)
    }
}
