//! The write side: the recorder, the desks, what the installation is made with, and the reactions, which issue commands of
//! their own and therefore run where commands are decided.

use std::{sync::Arc, time::Duration};

use api::{CommandSide, app::CommandParts};
use commands::{
    desk::{DeskParts, Desks},
    organization_desk::{OrganizationParts, Organizations},
};
use event_store::{
    Log, Recorder, RecorderOptions, RecorderTask, Snapshots, Turns, Vault,
    pools::{self, Role},
    tree::Sealer,
};
use identity::{CodeKeys, DemoAccount, LinkSecrets};
use projections::Queries;
use tokio::{sync::watch, task::JoinHandle};
use uuid::Uuid;

use super::{Base, Common, WRITERS};
use crate::{config, demo, installation::Installation};

/// Shows for which this node may wait for its turn at the same time.
const TURN_TAKERS: u32 = 4;

/// Connections of the task that signs the log.
const SEALERS: u32 = 2;

/// The write side.
pub(super) struct WriteSide {
    pub(super) api: CommandSide,
    pub(super) desks: Desks,
    /// The log, of a role that sees the whole of it.
    pub(super) log: Log,
    recorder: Recorder,
    recorder_task: RecorderTask,
    organization: Uuid,
    demo_account: Option<DemoAccount>,
    setup_token: Option<String>,
    reacting: JoinHandle<()>,
    reactions_stop: watch::Sender<bool>,
    sealing: JoinHandle<()>,
    sealing_stop: watch::Sender<bool>,
}

impl WriteSide {
    pub(super) async fn start(base: &mut Base, options: &config::Serve, common: &Common) -> anyhow::Result<Self> {
        let (recorder, recorder_task) = Recorder::start(&base.url, RecorderOptions::default()).await?;
        let write_pool = base.pool("write", Role::Write, WRITERS).await?;
        let log = Log::new(write_pool.clone(), Some(recorder.head()));
        let organizations = Organizations::new(OrganizationParts {
            recorder: recorder.clone(),
            log: log.clone(),
            clock: Arc::clone(&base.clock),
            randomness: Arc::new(rand::random),
        });
        let installation = Installation {
            organizations: organizations.clone(),
            identity_pool: common.identity_pool.clone(),
            clock: Arc::clone(&base.clock),
            ids: Arc::clone(&base.ids),
        };
        let organization = installation.first_organization(&common.command_ids).await?;
        let demo_account = options.demo.then(|| DemoAccount::load_or_create(&options.data)).transpose()?;
        if let Some(demo) = &demo_account {
            installation.welcome_demo(organization, demo).await?;
        }
        installation.welcome_owner_of_environment(organization).await?;
        let setup_token = identity::setup_link(&common.identity_pool, base.clock.now()).await?;

        let desks = Desks::new(DeskParts {
            recorder: recorder.clone(),
            log: log.clone(),
            snapshots: Snapshots::new(write_pool),
            turns: Turns::new(pools::connect(&base.url, Role::Write, TURN_TAKERS).await?),
            clock: Arc::clone(&base.clock),
            randomness: Arc::new(rand::random),
            code_key: {
                let keys = CodeKeys::new(&common.secret);
                Arc::new(move |show| keys.of_show(show.0))
            },
            kid: {
                let keys = Arc::clone(&common.app.ticket_keys);
                Arc::new(move || keys.current_kid().to_owned())
            },
        });
        let api = CommandSide::from(CommandParts {
            app: common.app.clone(),
            desks: desks.clone(),
            organizations: organizations.clone(),
            links: LinkSecrets::new(&common.secret),
            command_ids: Arc::clone(&common.command_ids),
            vault: Vault::new(base.readers().await?),
            why: Queries::new(base.readers().await?, log.clone(), watch::channel(0).1),
            sign_in_samples: Arc::default(),
            secure_cookies: common.app.public_url.starts_with("https://"),
        });

        let react_pool = base.pool("react", Role::React, WRITERS).await?;
        let react_log = Log::new(react_pool.clone(), Some(recorder.head()));
        let (reactions_stop, stopped) = watch::channel(false);
        let clock = Arc::clone(&base.clock);
        let ends = reactions::Ends::new(react_pool.clone(), react_log.clone(), desks.clone(), Arc::clone(&clock));
        let check_every = Duration::from_secs(options.retention_check_seconds);
        let retention = reactions::Retention::new(react_pool, react_log, organizations, clock, check_every);
        let reacting = tokio::spawn(async move {
            tokio::join!(ends.run(stopped.clone()), retention.run(stopped));
        });
        let seal_pool = base.pool("seal", Role::Write, SEALERS).await?;
        let sealer = Sealer::new(
            seal_pool.clone(),
            Log::new(seal_pool, Some(recorder.head())),
            common.checkpoint_signer.clone(),
            Arc::clone(&base.clock),
            rand::random,
        );
        let (sealing_stop, stopped) = watch::channel(false);
        let sealing = tokio::spawn(sealer.run(stopped));
        Ok(Self {
            api,
            desks,
            log,
            recorder,
            recorder_task,
            organization,
            demo_account,
            setup_token,
            reacting,
            reactions_stop,
            sealing,
            sealing_stop,
        })
    }

    /// The head of the log, as soon as this process has recorded it.
    pub(super) fn recorded(&self) -> watch::Receiver<i64> {
        self.recorder.head()
    }

    /// Makes the demo's shows where the demo was asked for and there is none.
    pub(super) async fn fill_demo(&self, base: &Base) -> anyhow::Result<()> {
        if self.demo_account.is_none() {
            return Ok(());
        }
        demo::fill(&self.desks, &self.log, self.organization, base.clock.as_ref(), base.ids.as_ref()).await
    }

    /// The password of the demo's account.
    pub(super) fn demo_password(&self) -> Option<&str> {
        self.demo_account.as_ref().map(DemoAccount::password)
    }

    /// The token by which the installation's owner comes in, while there is none.
    pub(super) fn setup_token(&self) -> Option<&str> {
        self.setup_token.as_deref()
    }

    /// Finishes what was accepted: first the reactions, then the desks, then the recorder; the last
    /// events are signed.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.reactions_stop.send_replace(true);
        self.reacting.await?;
        self.desks.stop().await;
        self.recorder_task.stop().await;
        self.sealing_stop.send_replace(true);
        self.sealing.await?;
        Ok(())
    }
}
