//! What these tests share: a database, nodes on it, shows to sell, and a look at what the log says in the end.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context as _, Result, bail};
use chrono::TimeDelta;
use commands::{
    Code, Rejection, ShowCommand,
    add_pool::AddPool,
    add_ticket_type::AddTicketType,
    adopt_seating::AdoptSeating,
    allocation::{ItemRequest, PlacesRequest, Quantity},
    desk::{DeskError, DeskParts, Desks, Outcome, Submission},
    issue_ticket::{IssueTicket, Settlement},
    publish_show::PublishShow,
    schedule_show::ScheduleShow,
};
use domain::{
    ShowEvent,
    events::{Schedule, Venue},
    ids::{DeviceId, PoolId, ShowId, TicketId, TicketTypeId},
    place::{RowLabel, SeatLabel},
    seating::{Room, Row, Seat, Seating, Section},
    ticket_type::{Channel, Entries, Persons, Prices, SalesWindow, TicketTypeTerms, Validity},
};
use embedded_postgres::{FreshDatabase, TemporaryPostgres};
use event_store::{
    Clock, FixedClock, Ids, Log, RecordedEvent, Recorder, RecorderOptions, RecorderTask, SequentialIds, Snapshots,
    SystemClock, Turns,
    pools::{self, Role},
};
use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

pub struct World {
    pub owner: PgPool,
    pub clock: Arc<FixedClock>,
    pub ids: Arc<SequentialIds>,
    pub organization: Uuid,
    seeds: Arc<AtomicU64>,
    database: FreshDatabase,
    _postgres: TemporaryPostgres,
}

/// A server program as far as desks are concerned.
pub struct Node {
    pub desks: Desks,
    pub log: Log,
    _recorder: RecorderTask,
}

/// A show, and what is sold of it.
#[derive(Clone, Copy)]
pub struct Sold {
    pub show: ShowId,
    pub ticket_type: TicketTypeId,
}

/// What a show has to sell.
pub enum Hall {
    Seats { rows: usize, per_row: usize },
    Standing(u32),
    Pool(u32),
}

impl World {
    pub async fn new() -> Result<Self> {
        let postgres = embedded_postgres::temporary().await?;
        let database = postgres.fresh_database().await?;
        let owner = pools::connect(&database.owner_url, Role::Owner, 4).await?;
        event_store::migrate(&owner).await?;
        // The database's clock goes on; a test's clock only takes part where it is moved far ahead.
        let clock = Arc::new(FixedClock::new(SystemClock.now()));
        let ids = Arc::new(SequentialIds::new(1_700_000_000_000));
        let organization = ids.next();
        Ok(Self { owner, clock, ids, organization, seeds: Arc::default(), database, _postgres: postgres })
    }

    pub async fn node(&self) -> Result<Node> {
        let (recorder, task) = Recorder::start(&self.database.app_url, RecorderOptions::default()).await?;
        let pool = pools::connect(&self.database.app_url, Role::Write, 4).await?;
        let snapshots = Snapshots::new(pool.clone());
        let turns = Turns::new(pools::connect(&self.database.app_url, Role::Write, 2).await?);
        let log = Log::new(pool, Some(recorder.head()));
        let seeds = Arc::clone(&self.seeds);
        let parts = DeskParts {
            recorder,
            log: log.clone(),
            snapshots,
            turns,
            clock: self.clock.clone(),
            randomness: Arc::new(move || {
                let mut seed = [0; 32];
                seed[..8].copy_from_slice(&seeds.fetch_add(1, Ordering::Relaxed).to_be_bytes());
                seed
            }),
            code_key: Arc::new(|_| [7; 32]),
            kid: Arc::new(|| "testkey1".to_owned()),
        };
        Ok(Node { desks: Desks::new(parts), log, _recorder: task })
    }

    /// What a seller asks, with a key of its own.
    pub fn submission(&self, command: impl Into<ShowCommand>) -> Submission {
        let id = self.ids.next();
        Submission {
            command: command.into(),
            organization: Some(self.organization),
            vault: Vec::new(),
            command_id: id,
            request_hmac: Some([1; 32]),
            correlation: id,
            actor: "test".to_owned(),
            device: Some(DeviceId(Uuid::from_u128(1))),
            device_gates: None,
            may_override: true,
            channel: Channel::BoxOffice,
            staff: true,
            manager: true,
        }
    }

    pub async fn ask(&self, node: &Node, show: ShowId, command: impl Into<ShowCommand>) -> Result<Outcome> {
        Ok(node.desks.submit(show, self.submission(command)).await?)
    }

    /// A published show.
    pub async fn show(&self, node: &Node, hall: Hall) -> Result<Sold> {
        let show = ShowId(self.ids.next());
        self.ask(node, show, self.schedule(show)?).await?;
        let mut pools = Vec::new();
        match hall {
            Hall::Seats { rows, per_row } => {
                self.ask(node, show, AdoptSeating { seating: seated(rows, per_row)? }).await?;
            }
            Hall::Standing(persons) => {
                self.ask(node, show, AdoptSeating { seating: standing(persons)? }).await?;
            }
            Hall::Pool(persons) => {
                self.ask(node, show, AdoptSeating { seating: standing(10 * persons)? }).await?;
                pools.push(self.pool(node, show, persons).await?);
            }
        }
        let added = self.ask(node, show, AddTicketType { terms: terms(pools)? }).await?;
        let [ShowEvent::TicketTypeAdded(added)] = &added.events[..] else { bail!("no type was added") };
        self.ask(node, show, PublishShow).await?;
        Ok(Sold { show, ticket_type: added.ticket_type })
    }

    async fn pool(&self, node: &Node, show: ShowId, persons: u32) -> Result<PoolId> {
        let pool = AddPool { name: "Friday".try_into()?, capacity: persons.try_into()? };
        let added = self.ask(node, show, pool).await?;
        let [ShowEvent::PoolAdded(added)] = &added.events[..] else { bail!("no pool was added") };
        Ok(added.pool)
    }

    pub fn schedule(&self, show: ShowId) -> Result<ScheduleShow> {
        let venue = Venue { name: "Hall".try_into()?, address: "".try_into()?, latitude_e7: None, longitude_e7: None };
        Ok(ScheduleShow {
            show,
            name: "Concert".try_into()?,
            description: "".try_into()?,
            venue,
            timezone: "Europe/Berlin".to_owned().try_into()?,
            schedule: Schedule { doors_at: None, starts_at: self.clock.now() + TimeDelta::days(30), ends_at: None },
            currency: "EUR".to_owned().try_into()?,
            sales: SalesWindow::default(),
            hold_seconds: 600,
            pay_within_seconds: 6_000,
            code_length: None,
            door: None,
        })
    }

    /// Ends the processes of the server that write the log, whatever they are doing.
    pub async fn kill_recorders(&self) -> Result<()> {
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE application_name = 'turnout recorder' AND datname = current_database()";
        sqlx::raw_sql(kill).execute(&self.owner).await?;
        Ok(())
    }

    /// Takes the lock of the log, so that whoever writes waits in the server until this is ended.
    pub async fn lock_the_log(&self) -> Result<PgConnection> {
        let mut lock = PgConnection::connect(&self.database.owner_url).await?;
        sqlx::raw_sql("BEGIN; SELECT pg_advisory_xact_lock(32780231637955956)").execute(&mut lock).await?;
        Ok(lock)
    }

    pub async fn a_recorder_waits(&self) -> Result<()> {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'turnout recorder' \
                       AND wait_event = 'advisory' AND datname = current_database()";
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&self.owner).await? == 0 {
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

impl Node {
    /// Everything that was recorded of a show.
    pub async fn recorded(&self, show: ShowId) -> Result<Vec<RecordedEvent>> {
        Ok(self.log.stream(show.0, 0, 1_000_000).await?)
    }

    /// The same, as events.
    pub async fn history(&self, show: ShowId) -> Result<Vec<ShowEvent>> {
        let recorded = self.recorded(show).await?;
        recorded.iter().map(|event| Ok(ShowEvent::decode(&event.event_type, event.schema, &event.payload)?)).collect()
    }

    /// How many tickets there are; fails where a seat, a code or a line has two.
    pub async fn tickets(&self, show: ShowId) -> Result<usize> {
        let (mut tickets, mut seats, mut codes, mut lines) = (0, HashSet::new(), HashSet::new(), HashSet::new());
        for event in self.history(show).await? {
            let ShowEvent::TicketIssued(ticket) = event else { continue };
            tickets += 1;
            assert!(codes.insert(ticket.short_code), "the code {} was given twice", ticket.short_code);
            assert!(lines.insert(ticket.line), "a line has two tickets");
            for seat in ticket.places.iter().filter_map(|place| place.seat.clone()) {
                assert!(seats.insert(seat.clone()), "{seat} was sold twice");
            }
        }
        Ok(tickets)
    }
}

impl Sold {
    /// One item: the best places.
    pub fn best(&self, quantity: u32) -> ItemRequest {
        let quantity = Quantity::try_from(quantity).expect("a test asks for what can be asked");
        let places = PlacesRequest::Best { quantity, category: None, section: None };
        ItemRequest { ticket_type: self.ticket_type, places, from_block: None }
    }

    /// A sale at the box office.
    pub fn sale(&self, quantity: u32) -> IssueTicket {
        let method = "cash".to_owned().try_into().expect("a valid method");
        IssueTicket {
            items: vec![self.best(quantity)],
            customer: None,
            holders: Vec::new(),
            settlement: Settlement::Paid { method, reference: None },
        }
    }
}

fn seated(rows: usize, per_row: usize) -> Result<Seating> {
    let seat = |number: usize| {
        let seat = SeatLabel::try_from(number.to_string())?;
        anyhow::Ok(Some(Seat { seat, x_milli: None, y_milli: None, category: None, features: Vec::new() }))
    };
    let row = |number: usize| {
        let seats = (1..=per_row).map(seat).collect::<Result<_>>()?;
        anyhow::Ok(Row { label: RowLabel::try_from(number.to_string())?, seats })
    };
    seating(Room::Seated((1..=rows).map(row).collect::<Result<_>>()?))
}

fn standing(persons: u32) -> Result<Seating> {
    seating(Room::Standing(persons))
}

fn seating(room: Room) -> Result<Seating> {
    let section = Section { name: "Main".to_owned().try_into()?, room };
    Seating::new(vec![section]).map_err(|errors| anyhow::anyhow!("{errors:?}"))
}

fn terms(pools: Vec<PoolId>) -> Result<TicketTypeTerms> {
    Ok(TicketTypeTerms {
        name: "Regular".try_into()?,
        prices: Prices::Flat(2_500.try_into()?),
        sections: None,
        categories: None,
        pools,
        capacity: None,
        persons: Persons::try_from(1)?,
        max_per_order: 1_000,
        min_per_order: 1,
        sales: SalesWindow::default(),
        channels: None,
        areas: None,
        entries: Entries::Times(1),
        valid: Validity::default(),
        tax: None,
    })
}

/// The tickets of a sale.
pub fn tickets_of(outcome: &Outcome) -> Vec<TicketId> {
    let tickets = outcome.events.iter().filter_map(|event| match event {
        ShowEvent::TicketIssued(event) => Some(event.ticket),
        _ => None,
    });
    tickets.collect()
}

/// The rule that said no.
pub fn rule(answer: &Result<Outcome, DeskError>) -> Option<Code> {
    match answer {
        Err(DeskError::Rejected(rejection)) => Rejection::code(rejection),
        _ => None,
    }
}

/// The one ticket of a sale.
pub fn ticket_of(outcome: &Outcome) -> Result<TicketId> {
    tickets_of(outcome).first().copied().context("the sale has no ticket")
}
