//! Who is asking, what they may do, and the keys that prove it.
//!
//! [`Gate`] is the only way from a request's credentials to a [`Caller`]. Accounts, API keys, devices and members
//! slot in behind it; nothing outside this crate looks at a token. Secrets are derived from the installation's
//! [`SecretKey`] or sealed with it, so that a copy of the database alone signs nothing and opens nothing.
//!
//! Time and ids arrive as parameters. Randomness for secrets is the one thing taken from the operating system here,
//! in `random.rs`: a test that fixed it would test another program.

mod caller;
mod command_id;
mod demo_account;
mod gate;
mod installation;
mod link_secret;
mod organizations;
mod permission;
mod private_file;
mod random;
mod sealing;
mod session_cookie;
mod sessions;
mod signing_keys;
mod ticket_token;

pub use caller::{Caller, Channel, Credential, Staff};
pub use command_id::{CodeKeys, CommandIds};
pub use demo_account::{DEMO_EMAIL, DemoAccount, SignInError};
pub use gate::{ADMIN_TOKEN_CHARACTERS_MIN, AdminToken, AdminTokenError, Gate, GateError};
pub use installation::{SECRET_CHARACTERS_MIN, SecretKey, SecretKeyError};
pub use link_secret::{Link, LinkSecrets};
pub use organizations::{
    NAME_CHARACTERS_MAX, Organization, OrganizationError, OrganizationName, OrganizationNameError,
};
pub use organizations::{create, find, first_or_create, list};
pub use permission::{Need, Role};
pub use session_cookie::{SESSION_COOKIE, ended_session_cookie, session_cookie, session_token};
pub use sessions::{IDLE_HOURS, LIFETIME_DAYS, SessionError, Sessions, SignedIn};
pub use signing_keys::{KeyError, load_or_create_ticket_keys};
pub use ticket_token::{SignError, TOKEN_CHARACTERS_MAX, TicketClaims, TicketKeys, TokenError};
