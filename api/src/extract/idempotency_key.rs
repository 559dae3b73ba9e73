//! `Idempotency-Key`: what makes the same command sent twice one command.

use axum::{extract::FromRequestParts, http::request::Parts};
use identity::Caller;
use uuid::Uuid;

use crate::problem::Problem;

/// The header's name.
pub const IDEMPOTENCY_KEY_HEADER: &str = "idempotency-key";

const CHARACTERS_MAX: usize = 255;

/// The key that a command came with, if it came with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

impl IdempotencyKey {
    /// The key, once it is known who asks: callers without credentials share their keys' scope, so theirs have to be UUIDs,
    /// which do not meet by chance.
    ///
    /// # Errors
    /// 422 where it has to be a UUID and is none.
    pub fn of(&self, caller: &Caller) -> Result<Option<&str>, Problem> {
        match (&self.0, caller) {
            (Some(key), Caller::Anonymous) if Uuid::try_parse(key).is_err() => {
                Err(invalid("has to be a UUID from callers without credentials"))
            }
            (key, _) => Ok(key.as_deref()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all(IDEMPOTENCY_KEY_HEADER).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return match parts.headers.contains_key(IDEMPOTENCY_KEY_HEADER) {
                true => Err(invalid("stands there more than once")),
                false => Ok(Self(None)),
            };
        };
        match value.to_str() {
            Ok(key) if (1..=CHARACTERS_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Ok(Self(Some(key.to_owned())))
            }
            Ok(_) | Err(_) => Err(invalid("has to be 1 to 255 visible ASCII characters")),
        }
    }
}

fn invalid(detail: &str) -> Problem {
    Problem::invalid_at("/Idempotency-Key", detail)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn key(values: &[&str]) -> Result<IdempotencyKey, Problem> {
        let mut request = Request::builder();
        for value in values {
            request = request.header(IDEMPOTENCY_KEY_HEADER, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        IdempotencyKey::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn a_key_is_1_to_255_visible_characters() {
        assert_eq!(key(&[]).await, Ok(IdempotencyKey(None)));
        assert_eq!(key(&["a!~"]).await, Ok(IdempotencyKey(Some("a!~".to_owned()))));
        assert!(key(&[&"k".repeat(255)]).await.is_ok());
        for bad in [vec![""], vec!["a b"], vec!["a", "b"], vec![&*"k".repeat(256)]] {
            assert_eq!(key(&bad).await.unwrap_err().code(), "invalid", "{bad:?}");
        }
    }

    #[tokio::test]
    async fn without_credentials_a_key_is_a_uuid() {
        let word = key(&["order-7"]).await.unwrap();
        assert_eq!(word.of(&Caller::Anonymous).unwrap_err().code(), "invalid");
        let uuid = key(&["0199aa00-0000-7000-8000-000000000000"]).await.unwrap();
        assert!(uuid.of(&Caller::Anonymous).unwrap().is_some());
        assert_eq!(key(&[]).await.unwrap().of(&Caller::Anonymous), Ok(None));
    }
}
