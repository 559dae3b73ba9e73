//! What handlers work with: what any server has ([`Node`]), what both sides have ([`App`]), the write side ([`CommandSide`])
//! and the read side ([`QuerySide`]).
//!
//! What always holds: a handler names the side that it is on as its state, and reaches nothing of the other, so that each side
//! can be served by a process without the other. A side also is all that it stands on: `side.gate` is the app's, `side.clock`
//! the node's. All of them are cheap to clone: every request does so, several times.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use commands::{desk::Desks, organization_desk::Organizations};
use event_store::{Clock, Ids, Vault, tree::Tree};
use identity::{CommandIds, Gate, LinkSecrets, TicketKeys};
use projections::{HotShows, LiveFeeds, Queries};
use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{access::sign_in_samples::SignInSamples, defences::Defences};

/// What any server has, whatever it does.
#[derive(Clone)]
pub struct Node(Arc<NodeParts>);

/// What both sides have beside that: who is asking, and what tickets are signed with.
#[derive(Clone)]
pub struct App(Arc<AppParts>);

/// The write side.
#[derive(Clone)]
pub struct CommandSide(Arc<CommandParts>);

/// The read side.
#[derive(Clone)]
pub struct QuerySide(Arc<QueryParts>);

/// What a [`Node`] is made of.
pub struct NodeParts {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
    /// Where people reach the server, without a slash at its end: `https://tickets.example`.
    pub public_url: Arc<str>,
    /// What stands against those who mean ill.
    pub defences: Arc<Defences>,
    /// Whether the server can serve; while false the API answers 503 `starting`.
    pub ready: watch::Receiver<bool>,
    /// How many streams' read models stopped at an event that cannot be understood; none of a server that does not project.
    pub stopped_streams: watch::Receiver<Option<usize>>,
    /// Cancelled when the server stops: streams that would go on for ever end with it.
    pub closing: CancellationToken,
}

/// What an [`App`] is made of.
pub struct AppParts {
    /// What it stands on.
    pub node: Node,
    /// Who is asking.
    pub gate: Arc<Gate>,
    /// The pool with role Identity, of the primary.
    pub identity_pool: PgPool,
    /// What signs tickets.
    pub ticket_keys: Arc<TicketKeys>,
}

/// What a [`CommandSide`] is made of.
pub struct CommandParts {
    /// What it stands on.
    pub app: App,
    /// Who decides about shows.
    pub desks: Desks,
    /// Who decides about organizations.
    pub organizations: Organizations,
    /// Secrets of holds and orders.
    pub links: LinkSecrets,
    /// Ids of commands, from idempotency keys.
    pub command_ids: Arc<CommandIds>,
    /// Names and free text for answers to commands, as the primary has them.
    pub vault: Vault,
    /// Who looks up why something was rejected or refused, as the primary has it.
    pub why: Queries,
    /// Sign-ins that are not recorded yet.
    pub sign_in_samples: Arc<SignInSamples>,
    /// Whether cookies are for https only.
    pub secure_cookies: bool,
}

/// What a [`QuerySide`] is made of.
pub struct QueryParts {
    /// What it stands on.
    pub app: App,
    /// Who answers from the read models.
    pub queries: Queries,
    /// Shows that many look at, from memory.
    pub hot: HotShows,
    /// What changes, as it changes.
    pub live: LiveFeeds,
    /// What proves the log.
    pub tree: Tree,
    /// What verifies the log's checkpoints, as text, the key that signs now first; as it changes.
    pub log_keys: watch::Receiver<Arc<[String]>>,
}

impl Node {
    /// Whether the server can serve now.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        *self.ready.borrow()
    }
}

/// A handle is made of its parts and read as them; parts are read as what they stand on.
macro_rules! handles {
    ($($handle:ident($parts:ident) $(on $below:ident: $field:ident)?;)*) => {$(
        impl From<$parts> for $handle {
            fn from(parts: $parts) -> Self {
                Self(Arc::new(parts))
            }
        }

        impl Deref for $handle {
            type Target = $parts;

            fn deref(&self) -> &$parts {
                &self.0
            }
        }

        $(
            impl Deref for $parts {
                type Target = $below;

                fn deref(&self) -> &$below {
                    &self.$field
                }
            }

            impl FromRef<$handle> for $below {
                fn from_ref(handle: &$handle) -> Self {
                    handle.$field.clone()
                }
            }
        )?
    )*};
}

handles! {
    Node(NodeParts);
    App(AppParts) on Node: node;
    CommandSide(CommandParts) on App: app;
    QuerySide(QueryParts) on App: app;
}
