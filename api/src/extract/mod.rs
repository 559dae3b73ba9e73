//! What handlers take from a request, each with its own problem when it cannot be taken.
//!
//! The order of a handler's parameters is the order of checks: [`Needs`] first (401, 403), then what the path names (404),
//! then [`Position`] and the rest (422), a body last. Nothing here knows what a request asks for.

mod as_of;
mod body;
mod credentials;
mod idempotency_key;
mod language;
mod objects;
mod params;
mod path;
mod position;

pub use as_of::AsOf;
pub use body::{JsonBody, parse, parse_or_default};
#[cfg(feature = "fuzzing")]
pub use credentials::asking;
pub(crate) use credentials::session_of;
pub use credentials::{CSRF_HEADER, Credentials, Needs, ORGANIZATION_HEADER, StillThere};
pub use idempotency_key::{IDEMPOTENCY_KEY_HEADER, IdempotencyKey};
pub use language::ReaderLanguage;
pub use params::{Cursor, Limit, Moment, NoParameters, Params, SearchText};
pub use path::{PathIds, ShowName, ShowPath};
pub use position::{POSITION_HEADER, POSITION_WAIT_MAX, Position};
