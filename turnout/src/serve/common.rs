//! What both sides need: who is asking, and the keys that tickets are signed with. Credentials are kept at the primary alone,
//! so that a revocation holds everywhere within a moment.

use std::sync::Arc;

use api::{App, Node, app::AppParts};
use event_store::{pools::Role, tree::Tree};
use identity::{CheckpointKeys, CommandIds, Gate, SecretKey};
use sqlx::PgPool;

use super::{Base, WRITERS};
use crate::config;

/// What both sides need.
pub(super) struct Common {
    pub(super) app: App,
    pub(super) secret: SecretKey,
    pub(super) identity_pool: PgPool,
    pub(super) command_ids: Arc<CommandIds>,
    /// Which log this is, as its checkpoints name it.
    pub(super) origin: String,
    pub(super) checkpoint_keys: CheckpointKeys,
}

impl Common {
    pub(super) async fn start(base: &mut Base, options: &config::Serve, node: Node) -> anyhow::Result<Self> {
        let secret = options.secret_key()?;
        let admin_token = options.admin_token()?;
        let identity_pool = base.pool("identity", Role::Identity, WRITERS).await?;
        let command_ids = Arc::new(CommandIds::new(&secret));
        let known = identity::list(&identity_pool).await?;
        // The write side founds it where nobody has.
        let organization = known.first().map_or_else(|| command_ids.first_organization(), |first| first.id);
        let ticket_keys = identity::load_or_create_ticket_keys(&identity_pool, &secret, base.clock.now()).await?;
        let origin = Tree::new(identity_pool.clone()).origin().await?;
        let checkpoint_keys =
            identity::load_or_create_checkpoint_keys(&identity_pool, &secret, base.clock.now()).await?;
        let app = App::from(AppParts {
            node,
            gate: Arc::new(Gate::new(identity_pool.clone(), &secret, admin_token, organization)),
            identity_pool: identity_pool.clone(),
            ticket_keys: Arc::new(ticket_keys),
        });
        Ok(Self { app, secret, identity_pool, command_ids, origin, checkpoint_keys })
    }
}
