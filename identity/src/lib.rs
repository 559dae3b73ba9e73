//! Who is asking, what they may do, and the keys that prove it.
//!
//! [`Gate`] is the only way from a request's credentials to a [`Caller`]; nothing outside this crate looks at a token. Who
//! belongs to an organization, and its keys and devices, are events of the organization: the rows here follow from them and
//! are written with them. [`Accounts`], [`Sessions`] and links are no organization's. Secrets are derived from the
//! installation's [`SecretKey`] or sealed with it, so that a copy of the database alone signs nothing and opens nothing.
//!
//! Time and ids arrive as parameters. Randomness for secrets is the one thing taken from the operating system here,
//! in `random.rs`: a test that fixed it would test another program.

mod accounts;
mod caller;
mod checkpoint_keys;
mod command_id;
mod credentials;
mod demo_account;
mod email;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod gate;
mod installation;
mod link_secret;
mod links;
mod members;
mod organizations;
mod password;
mod permission;
mod private_file;
mod random;
mod sealing;
mod session_cookie;
mod sessions;
mod signing_keys;
mod ticket_token;
mod token;

pub use accounts::{Account, AccountError, Accounts, NewAccount};
pub use caller::{BoundDevice, Caller, Channel, Credential, Staff};
pub use checkpoint_keys::{
    CheckpointKeyring, CheckpointKeys, ListedKey, Replaced, list_checkpoint_keys, load_or_create_checkpoint_keys,
    revoke_checkpoint_key, rotate_checkpoint_key,
};
pub use command_id::{CodeKeys, CommandIds};
pub use credentials::{CredentialKind, FoundCredential, ListedCredential, find_credential, list_credentials};
pub use demo_account::{DEMO_EMAIL, DemoAccount};
pub use domain::organization::Role;
pub use email::{EMAIL_CHARACTERS_MAX, Email};
pub use gate::{
    ADMIN_TOKEN_CHARACTERS_MIN, AdminToken, AdminTokenError, Asking, BELIEVED_FOR, Gate, GateError, SignInError,
};
pub use installation::{SECRET_CHARACTERS_MIN, SecretKey, SecretKeyError};
pub use link_secret::{Link, LinkSecrets};
pub use links::{
    LinkError, RESET_LINK_HOURS, SETUP_LINK_HOURS, end_setup_links, has_owner, password_reset_link, setup_link,
};
pub use members::{ListedMember, MemberAccount, Membership, account_of_member, list_members, memberships};
pub use organizations::{Organization, find, list};
pub use password::{PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN, PasswordError, WeakPassword, judge_password};
pub use permission::Need;
pub use random::NoRandomness;
pub use session_cookie::{SESSION_COOKIE, cookie_value, ended_session_cookie, session_cookie, session_token};
pub use sessions::{FoundSession, IDLE_HOURS, LIFETIME_DAYS, ListedSession, SessionError, Sessions, SignedIn};
pub use signing_keys::{KeyError, load_or_create_ticket_keys};
pub use ticket_token::{SignError, TOKEN_CHARACTERS_MAX, TicketClaims, TicketKeys, TokenError};
pub use token::{NewToken, TokenKind};
