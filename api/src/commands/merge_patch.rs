//! JSON Merge Patch (RFC 7396) for the fields of a body: left out, null, or a value.
//!
//! Both functions are for `#[serde(default, deserialize_with = …)]`: a field that is left out never reaches them.

use commands::Change;
use serde::{Deserialize, Deserializer};

/// A field with a default: null sets it back.
pub(super) fn change<'de, D, T>(deserializer: D) -> Result<Change<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.map_or(Change::Clear, Change::Set))
}

/// A field without a default: null is an error, as any other value of the wrong type.
pub(super) fn value<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// The same change of the value in another form.
pub(super) fn map<T, U>(change: Change<T>, form: impl FnOnce(T) -> U) -> Change<U> {
    match change {
        Change::Keep => Change::Keep,
        Change::Clear => Change::Clear,
        Change::Set(value) => Change::Set(form(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Body {
        #[serde(default, deserialize_with = "change")]
        seconds: Change<u32>,
        #[serde(default, deserialize_with = "value")]
        name: Option<String>,
    }

    fn body(text: &str) -> Result<Body, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn left_out_null_and_a_value_are_three_things() {
        assert_eq!(body("{}").unwrap().seconds, Change::Keep);
        assert_eq!(body(r#"{"seconds": null}"#).unwrap().seconds, Change::Clear);
        assert_eq!(body(r#"{"seconds": 5}"#).unwrap().seconds, Change::Set(5));
    }

    #[test]
    fn what_has_no_default_is_never_null() {
        assert_eq!(body("{}").unwrap().name, None);
        assert_eq!(body(r#"{"name": "A"}"#).unwrap().name.as_deref(), Some("A"));
        assert!(body(r#"{"name": null}"#).is_err());
    }
}
