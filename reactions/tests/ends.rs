//! Ends are recorded when nobody asks, also by a server that was not there when the hold began.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use commands::{
    ShowCommand,
    add_ticket_type::AddTicketType,
    adopt_seating::AdoptSeating,
    allocation::{ItemRequest, PlacesRequest, Quantity},
    desk::{DeskParts, Desks, Outcome, Submission},
    hold_places::HoldPlaces,
    publish_show::PublishShow,
    schedule_show::ScheduleShow,
};
use domain::{
    ShowEvent,
    events::{Schedule, Venue},
    ids::{ShowId, TicketTypeId},
    seating::{Room, Seating, Section},
    ticket_type::{Channel, Entries, Persons, Prices, SalesWindow, TicketTypeTerms, Validity},
};
use event_store::{
    Clock, FixedClock, Ids, Log, Recorder, RecorderOptions, Snapshots, SystemClock, SystemIds, Turns,
    pools::{self, Role},
};
use tokio::sync::watch;
use uuid::Uuid;

struct World {
    app_url: String,
    clock: Arc<FixedClock>,
    desks: Desks,
    log: Log,
    organization: Uuid,
}

impl World {
    async fn new(owner_url: &str, app_url: &str) -> Result<Self> {
        let owner = pools::connect(owner_url, Role::Owner, 1).await?;
        event_store::migrate(&owner).await?;
        let clock = Arc::new(FixedClock::new(SystemClock.now()));
        let (desks, log) = desks(app_url, &clock).await?;
        Ok(Self { app_url: app_url.to_owned(), clock, desks, log, organization: SystemIds.next() })
    }

    async fn ask(&self, show: ShowId, command: impl Into<ShowCommand>) -> Result<Outcome> {
        let id = SystemIds.next();
        let submission = Submission {
            command: command.into(),
            organization: Some(self.organization),
            vault: Vec::new(),
            command_id: id,
            request_hmac: None,
            correlation: id,
            actor: "test".to_owned(),
            device: None,
            device_gates: None,
            may_override: true,
            channel: Channel::Web,
            staff: true,
            manager: true,
        };
        Ok(self.desks.submit(show, submission).await?)
    }

    /// A show of ten standing places, and its ticket type.
    async fn show(&self) -> Result<(ShowId, TicketTypeId)> {
        let show = ShowId(SystemIds.next());
        let starts_at = self.clock.now() + TimeDelta::days(30);
        let venue = Venue { name: "Hall".try_into()?, address: "".try_into()?, latitude_e7: None, longitude_e7: None };
        let schedule = ScheduleShow {
            show,
            name: "Concert".try_into()?,
            description: "".try_into()?,
            venue,
            timezone: "Europe/Berlin".to_owned().try_into()?,
            schedule: Schedule { doors_at: None, starts_at, ends_at: None },
            currency: "EUR".to_owned().try_into()?,
            sales: SalesWindow::default(),
            hold_seconds: 60,
            pay_within_seconds: 600,
            code_length: None,
            door: None,
        };
        self.ask(show, schedule).await?;
        let floor = Section { name: "Floor".to_owned().try_into()?, room: Room::Standing(10) };
        let seating = Seating::new(vec![floor]).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
        self.ask(show, AdoptSeating { seating }).await?;
        let terms = TicketTypeTerms {
            name: "Regular".try_into()?,
            prices: Prices::Flat(1_000.try_into()?),
            sections: None,
            categories: None,
            pools: Vec::new(),
            capacity: None,
            persons: Persons::try_from(1)?,
            max_per_order: 10,
            min_per_order: 1,
            sales: SalesWindow::default(),
            channels: None,
            areas: None,
            entries: Entries::Times(1),
            valid: Validity::default(),
            tax: None,
        };
        let added = self.ask(show, AddTicketType { terms }).await?;
        let [ShowEvent::TicketTypeAdded(added)] = &added.events[..] else { anyhow::bail!("no type was added") };
        self.ask(show, PublishShow).await?;
        Ok((show, added.ticket_type))
    }

    async fn hold(&self, show: ShowId, ticket_type: TicketTypeId) -> Result<Outcome> {
        let quantity = Quantity::try_from(3)?;
        let places = PlacesRequest::Best { quantity, category: None, section: None };
        self.ask(show, HoldPlaces { items: vec![ItemRequest { ticket_type, places, from_block: None }] }).await
    }

    async fn react(&self) -> Result<watch::Sender<bool>> {
        let pool = pools::connect(&self.app_url, Role::React, 2).await?;
        let log = Log::new(pool.clone(), None);
        let (stop, stopped) = watch::channel(false);
        let ends = reactions::Ends::new(pool, log, self.desks.clone(), self.clock.clone());
        tokio::spawn(ends.run(stopped));
        Ok(stop)
    }

    /// Waits for the next event after `position` and says what it is.
    async fn next(&self, position: i64) -> Result<String> {
        let waiting = self.log.wait_beyond(position);
        tokio::time::timeout(Duration::from_secs(10), waiting).await.context("nothing was recorded")??;
        let page = self.log.page(position, 1).await?;
        Ok(page.first().context("the log has nothing there")?.event_type.clone())
    }
}

async fn desks(app_url: &str, clock: &Arc<FixedClock>) -> Result<(Desks, Log)> {
    let (recorder, _) = Recorder::start(app_url, RecorderOptions::default()).await?;
    let log = Log::new(pools::connect(app_url, Role::Write, 2).await?, Some(recorder.head()));
    let parts = DeskParts {
        recorder,
        log: log.clone(),
        snapshots: Snapshots::none(),
        turns: Turns::none(),
        clock: clock.clone(),
        randomness: Arc::new(|| {
            let mut random = [0; 32];
            random[..16].copy_from_slice(SystemIds.next().as_bytes());
            random
        }),
        code_key: Arc::new(|_| [7; 32]),
        kid: Arc::new(|| "testkey1".to_owned()),
    };
    Ok((Desks::new(parts), log))
}

#[tokio::test]
async fn a_hold_ends_by_itself_when_its_time_is_over() -> Result<()> {
    let postgres = embedded_postgres::temporary().await?;
    let database = postgres.fresh_database().await?;
    let world = World::new(&database.owner_url, &database.app_url).await?;
    let (show, ticket_type) = world.show().await?;
    let _running = world.react().await?;
    let held = world.hold(show, ticket_type).await?;
    // A minute, and what the database's clock may be ahead of this one by now.
    world.clock.advance(TimeDelta::seconds(70));
    assert_eq!(world.next(held.position).await?, "HoldExpired");
    Ok(())
}

#[tokio::test]
async fn a_server_that_starts_later_ends_what_ran_out_meanwhile() -> Result<()> {
    let postgres = embedded_postgres::temporary().await?;
    let database = postgres.fresh_database().await?;
    let world = World::new(&database.owner_url, &database.app_url).await?;
    let (show, ticket_type) = world.show().await?;
    let held = world.hold(show, ticket_type).await?;
    world.desks.stop().await;
    // A minute, and what the database's clock may be ahead of this one by now.
    world.clock.advance(TimeDelta::seconds(70));
    let (desks, log) = desks(&world.app_url, &world.clock).await?;
    let restarted = World { desks, log, ..world };
    let _running = restarted.react().await?;
    assert_eq!(restarted.next(held.position).await?, "HoldExpired");
    Ok(())
}
