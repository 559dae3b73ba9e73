//! Sales in process, as a program of its own: desks, recorder and log, put together as the server does it, in a database of their
//! own; and the customers, keys and HMACs that handlers would give them. Tokens are the handlers' to sign, so they are not here.
//!
//! It says when it is ready. Each line that it reads, of a number of tasks and of milliseconds, is a window, answered by a line
//! (see `bench::windows`).

#![allow(clippy::print_stdout, reason = "it tells the bench that it is ready")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use bench::measured::Measured;
use bench::windows;
use chrono::TimeDelta;
use clap::Parser;
use commands::{
    ShowCommand,
    add_ticket_type::AddTicketType,
    adopt_seating::AdoptSeating,
    allocation::{ItemRequest, PlacesRequest, Quantity},
    desk::{DeskParts, Desks, Outcome, Submission},
    issue_ticket::{IssueTicket, Settlement},
    publish_show::PublishShow,
    schedule_show::{HOLD_SECONDS, PAY_WITHIN_SECONDS, ScheduleShow},
};
use domain::{
    ShowEvent,
    events::{Schedule, Venue},
    ids::{PersonId, ShowId, TicketTypeId},
    seating::{Room, Seating, Section},
    ticket_type::{Channel, Entries, Persons, Prices, SalesWindow, TicketTypeTerms, Validity},
};
use event_store::{
    Clock as _, Ids as _, Log, Recorder, RecorderOptions, Snapshots, SystemClock, SystemIds, Turns, VaultEntry,
    VaultKind,
    pools::{self, Role},
    tree::{Sealer, Tree},
};
use identity::{CodeKeys, CommandIds, SecretKey};
use serde_json::json;
use tokio::sync::watch;
use uuid::Uuid;

/// Measures sales in process; started by the bench.
#[derive(Debug, Parser)]
struct Arguments {
    /// The folder of PostgreSQL's Unix socket.
    #[arg(long)]
    socket: String,
    /// The port in the socket's name.
    #[arg(long)]
    port: u16,
    /// Who may migrate the database.
    #[arg(long)]
    owner: String,
    /// An empty database.
    #[arg(long)]
    database: String,
    /// Let the log's tree grow behind the sales.
    #[arg(long)]
    signed: bool,
    /// Instead of selling, let the tree take in all that is there, and say how many events and microseconds it took.
    #[arg(long)]
    catch_up: bool,
}

/// More than is sold in all windows.
const CAPACITY: u32 = 1_000_000;

/// As the server reads.
const READERS: u32 = 4;

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { socket, port, owner, database, signed, catch_up } = Arguments::parse();
    let url = |user: &str| format!("postgres://{user}@localhost:{port}/{database}?host={socket}");
    let pool = pools::connect(&url(&owner), Role::Owner, 1).await?;
    event_store::migrate(&pool).await?;
    pool.close().await;
    let seller = Arc::new(Seller::start(&url("turnout")).await?);
    if catch_up {
        let (events, took) = catching_up(&url("turnout")).await?;
        println!("ready {events} {}", took.as_micros());
        return Ok(());
    }
    if signed {
        let recorded = seller.recorded.clone();
        tokio::spawn(sealer(&url("turnout"), Some(recorded)).await?.run(watch::channel(false).1));
    }
    println!("ready");
    windows::answer(|tasks, window| sell(seller.clone(), tasks, window)).await
}

/// Sells in this many tasks for so long.
async fn sell(seller: Arc<Seller>, tasks: usize, window: Duration) -> Result<Measured> {
    let show = seller.show().await?;
    windows::in_tasks(tasks, window, move || {
        let seller = seller.clone();
        async move {
            match seller.sell(show).await?.events.last() {
                Some(ShowEvent::TicketIssued(_)) => Ok(()),
                _ => bail!("a sale without a ticket"),
            }
        }
    })
    .await
}

/// What makes the tree grow, as the server has it.
async fn sealer(url: &str, recorded: Option<watch::Receiver<i64>>) -> Result<Sealer> {
    let pool = pools::connect(url, Role::Write, 2).await?;
    let identity = pools::connect(url, Role::Identity, 1).await?;
    let keys = identity::load_or_create_checkpoint_keys(&identity, &secret()?, SystemClock.now()).await?;
    let signer = keys.signer(&Tree::new(pool.clone()).origin().await?, SystemClock.now())?;
    let signer = watch::channel(Arc::new(signer)).1;
    let log = Log::new(pool.clone(), recorded);
    Ok(Sealer::new(pool, log, signer, Arc::new(SystemClock), rand::random))
}

/// How many events it took in, and how long that took.
async fn catching_up(url: &str) -> Result<(i64, Duration)> {
    let pool = pools::connect(url, Role::Write, 1).await?;
    let head = Log::new(pool.clone(), None).head().await?;
    let (stop, stopped) = watch::channel(false);
    let began = Instant::now();
    let sealing = tokio::spawn(sealer(url, None).await?.run(stopped));
    let tree = Tree::new(pool);
    while tree.newest().await?.is_none_or(|newest| i64::try_from(newest.size).unwrap_or(0) < head) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = began.elapsed();
    stop.send_replace(true);
    sealing.await?;
    Ok((head, took))
}

fn secret() -> Result<SecretKey> {
    Ok(SecretKey::parse("what this database is made with, and no other")?)
}

struct Seller {
    recorded: watch::Receiver<i64>,
    desks: Desks,
    command_ids: CommandIds,
    organization: Uuid,
    key: Uuid,
    numbers: AtomicU64,
}

impl Seller {
    async fn start(url: &str) -> Result<Self> {
        let secret = secret()?;
        let (recorder, _) = Recorder::start(url, RecorderOptions::default()).await?;
        let pool = pools::connect(url, Role::Write, READERS).await?;
        let recorded = recorder.head();
        let log = Log::new(pool.clone(), Some(recorded.clone()));
        let keys = CodeKeys::new(&secret);
        let desks = Desks::new(DeskParts {
            recorder,
            log,
            snapshots: Snapshots::new(pool),
            turns: Turns::none(),
            clock: Arc::new(SystemClock),
            randomness: Arc::new(rand::random),
            code_key: Arc::new(move |show| keys.of_show(show.0)),
            kid: Arc::new(|| "Q4ejQX90".to_owned()),
        });
        let (organization, key) = (SystemIds.next(), SystemIds.next());
        Ok(Self {
            recorded,
            desks,
            command_ids: CommandIds::new(&secret),
            organization,
            key,
            numbers: AtomicU64::new(1),
        })
    }

    /// A published show with one standing section.
    async fn show(&self) -> Result<(ShowId, TicketTypeId)> {
        let show = ShowId(SystemIds.next());
        let schedule = ScheduleShow {
            show,
            name: "Bench".try_into()?,
            description: "".try_into()?,
            venue: Venue {
                name: "Field".try_into()?,
                address: "Field 1".try_into()?,
                latitude_e7: None,
                longitude_e7: None,
            },
            timezone: "Europe/Berlin".to_owned().try_into()?,
            schedule: Schedule { doors_at: None, starts_at: SystemClock.now() + TimeDelta::days(300), ends_at: None },
            currency: "EUR".to_owned().try_into()?,
            sales: SalesWindow::default(),
            hold_seconds: HOLD_SECONDS,
            pay_within_seconds: PAY_WITHIN_SECONDS,
            code_length: None,
            door: None,
        };
        self.ask(show, schedule).await?;
        let section = Section { name: "Field".try_into()?, room: Room::Standing(CAPACITY) };
        let seating = Seating::new(vec![section]).ok().context("a seating")?;
        self.ask(show, AdoptSeating { seating }).await?;
        let added = self.ask(show, AddTicketType { terms: terms()? }).await?;
        let [ShowEvent::TicketTypeAdded(added)] = &added.events[..] else { bail!("no ticket type was added") };
        self.ask(show, PublishShow).await?;
        Ok((show, added.ticket_type))
    }

    /// A sale with all that comes over HTTP.
    async fn sell(&self, (show, ticket_type): (ShowId, TicketTypeId)) -> Result<Outcome> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let (name, email) = (format!("Visitor {number:012}"), format!("visitor.{number:012}@bench.example"));
        let body = format!(
            r#"{{"customer":{{"email":"{email}","name":"{name}"}},"items":[{{"quantity":1,"ticket_type":"{ticket_type:?}"}}],"payment":{{"method":"cash"}}}}"#
        );
        let customer = VaultEntry {
            id: SystemIds.next(),
            kind: VaultKind::Person,
            person: None,
            show: Some(show.0),
            purpose: "customer".to_owned(),
            fields: json!({ "name": name, "email": email, "phone": null, "locale": null }),
        };
        let places = PlacesRequest::Best { quantity: Quantity::try_from(1)?, category: None, section: None };
        let command = IssueTicket {
            items: vec![ItemRequest { ticket_type, places, from_block: None }],
            customer: Some(PersonId(customer.id)),
            holders: Vec::new(),
            settlement: Settlement::Paid { method: "cash".to_owned().try_into()?, reference: None },
        };
        let scope = format!("staff/{}/key:{}", self.organization, self.key);
        let (path, key) =
            (format!("/api/v1/shows/{}/tickets", show.0), format!("00000000-0000-8000-8000-{number:012}"));
        let submission = Submission {
            vault: vec![customer],
            command_id: self.command_ids.of_request(&scope, "POST", &path, &key),
            request_hmac: Some(self.command_ids.request_hmac(body.as_bytes())),
            ..self.submission(command)
        };
        Ok(self.desks.submit(show, submission).await?)
    }

    async fn ask(&self, show: ShowId, command: impl Into<ShowCommand>) -> Result<Outcome> {
        Ok(self.desks.submit(show, self.submission(command)).await?)
    }

    fn submission(&self, command: impl Into<ShowCommand>) -> Submission {
        Submission {
            command: command.into(),
            organization: Some(self.organization),
            vault: Vec::new(),
            command_id: SystemIds.next(),
            request_hmac: None,
            correlation: SystemIds.next(),
            actor: format!("key:{}", self.key),
            device: None,
            device_gates: None,
            may_override: true,
            channel: Channel::Api,
            staff: true,
            manager: false,
        }
    }
}

/// A price for everybody, and nothing else.
fn terms() -> Result<TicketTypeTerms> {
    Ok(TicketTypeTerms {
        name: "Standing".try_into()?,
        prices: Prices::Flat(2_500.try_into()?),
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
    })
}
