//! The HTTP side of Turnout: commands in, queries out, and everything between a socket and those.
//!
//! [`router`](router()) is the whole of it as one [`axum::Router`]; [`app`] is what its handlers work with. A handler
//! extracts ([`extract`]), asks one thing of a desk or of the read side, and answers ([`answer`], [`problem`]): no SQL and no
//! rules here. `openapi.json` is made from the handlers ([`openapi`]) and kept beside the code, so that a change of the
//! contract is seen in review. Commands and queries are two routers, each with a state of its own, that one process or two serve ([`Server`]).

pub mod access;
pub mod answer;
pub mod app;
mod around;
pub mod client_address;
pub mod commands;
mod cross_origin;
pub mod defences;
pub mod extract;
pub mod health;
pub mod hold_limits;
mod layers;
pub mod money;
mod observed;
pub mod openapi;
pub mod permissions;
pub mod problem;
pub mod queries;
pub mod rate_limits;
pub mod router;
mod security_headers;
mod security_txt;
mod web_app;

pub use app::{App, CommandSide, Node, QuerySide};
pub use cross_origin::{CorsOrigins, NotOrigins};
pub use defences::{DefenceSettings, Defences};
pub use problem::Problem;
pub use router::{Server, router};
pub use security_txt::{NotContact, SecurityContact};
