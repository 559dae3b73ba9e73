//! What a path names. A part that cannot be an id names nothing: 404, not 422.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use domain::ids::ShowId;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The show's address is at most this long: a slug has 66 characters, an id 36.
const SHOW_CHARACTERS_MAX: usize = 100;

/// The ids of a path, in its order: one id, or a tuple of them.
#[derive(Debug, Clone, Copy)]
pub struct PathIds<T>(pub T);

/// The show of a command: `{show}` alone, its id.
#[derive(Debug, Clone, Copy)]
pub struct ShowPath(pub ShowId);

/// The show of a query: its id or slug.
#[derive(Debug, Clone)]
pub struct ShowName(pub String);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathIds<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(ids) = Path::<T>::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        Ok(Self(ids))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ShowPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let PathIds(show) = PathIds::<ShowId>::from_request_parts(parts, state).await?;
        Ok(Self(show))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ShowName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let PathIds(name) = PathIds::<String>::from_request_parts(parts, state).await?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if name.len() <= SHOW_CHARACTERS_MAX && name.bytes().all(plain) {
            Ok(Self(name))
        } else {
            Err(Problem::not_found())
        }
    }
}
