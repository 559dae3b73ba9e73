//! What both sides need: who is asking, and the keys that tickets are signed with. Credentials are kept at the primary alone,
//! so that a revocation holds everywhere within a moment.

use std::sync::Arc;

use api::{App, Node, app::AppParts};
use event_store::{
    pools::Role,
    tree::{CheckpointSigner, Tree},
};
use identity::{CheckpointKeyring, CommandIds, Gate, SecretKey};
use sqlx::PgPool;
use tokio::sync::watch;

use super::{Base, WRITERS};
use crate::config;

/// What both sides need.
pub(super) struct Common {
    pub(super) app: App,
    pub(super) secret: SecretKey,
    pub(super) identity_pool: PgPool,
    pub(super) command_ids: Arc<CommandIds>,
    /// What signs checkpoints, as it changes.
    pub(super) checkpoint_signer: watch::Receiver<Arc<CheckpointSigner>>,
    /// What verifies them.
    pub(super) log_keys: watch::Receiver<Arc<[String]>>,
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
        let keyring =
            CheckpointKeyring::load(identity_pool.clone(), secret.clone(), origin, Arc::clone(&base.clock)).await?;
        let (checkpoint_signer, log_keys) = (keyring.signer(), keyring.published());
        tokio::spawn(base.stop.clone().run_until_cancelled_owned(keyring.run()));
        let app = App::from(AppParts {
            node,
            gate: Arc::new(Gate::new(identity_pool.clone(), &secret, admin_token, organization)),
            identity_pool: identity_pool.clone(),
            ticket_keys: Arc::new(ticket_keys),
        });
        Ok(Self { app, secret, identity_pool, command_ids, checkpoint_signer, log_keys })
    }
}
