//! The one desk: what waits is one INSERT and one commit.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Executor as _};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// As many as a desk of Turnout lets wait.
const MAILBOX: usize = 2_048;

const STREAM: Uuid = Uuid::from_u128(0x01a1_fe8c_2f31_77b4_9dcd_ed30_b49f_03e9);

const TABLE: &str = "DROP TABLE IF EXISTS event;
    CREATE TABLE event (
        position bigint PRIMARY KEY, stream uuid NOT NULL, version bigint NOT NULL, type text NOT NULL, payload text NOT NULL,
        metadata text NOT NULL, UNIQUE (stream, version))";

/// What Turnout's events of a box-office sale for one person say, and of a check-in by a ticket's id; `~` are the digits of an id.
const ORDER_PLACED: &str = r#"{"order":"~","reference":"T2ZAA","hold":null,"terms":"pay_first","channel":"api","customer":"~","lines":[{"id":"~","kind":"ticket","amount":2500,"tax":0,"ticket_type":"01a1fe8c-2f50-78e5-8bcc-a434b11eb107","places":[{"section":"Field","seat":null}],"persons":1}],"total":2500,"due":2500,"status":"awaiting_payment","expires_at":null}"#;
const PAYMENT_RECORDED: &str =
    r#"{"payment":"~","order":"~","method":"cash","amount":2500,"reference":null,"paid":2500,"due":0,"status":"paid"}"#;
const TICKET_ISSUED: &str = r#"{"ticket":"~","order":"~","line":"~","ticket_type":"01a1fe8c-2f50-78e5-8bcc-a434b11eb107","places":[{"section":"Field","seat":null}],"persons":1,"price":2500,"short_code":"4722961","issue":1,"iat":1795271962,"kid":"Q4ejQX90","channel":"api"}"#;
const CHECKED_IN: &str = r#"{"scan":{"scan":"~","shown":"ticket","area":"main","gate":null,"device":"~","at":"2026-11-21T14:39:22.536288Z"},"ticket":{"id":"~","short_code":"4722961","ticket_type":"01a1fe8c-2f50-78e5-8bcc-a434b11eb107","places":[{"section":"Field","seat":null}],"persons":1},"persons":1,"returning":0,"day":null,"entries_left":0,"persons_left":0}"#;

/// Actor, channel, command, correlation and two hashes of 32 bytes: as many bytes as Turnout's columns beside the payload have.
const METADATA: &str = r#"{"actor":"key:01a1fe8c-2f23-74e8-9494-464c5adc527f","channel":"api","command":"~","correlation":"~","hashes":"................................................................"}"#;

const SALE: &[(&str, &str)] =
    &[("OrderPlaced", ORDER_PLACED), ("PaymentRecorded", PAYMENT_RECORDED), ("TicketIssued", TICKET_ISSUED)];
const CHECK_IN: &[(&str, &str)] = &[("CheckedIn", CHECKED_IN)];

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Three events.
    Sale,
    /// One.
    CheckIn,
}

impl Kind {
    fn events(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Sale => SALE,
            Self::CheckIn => CHECK_IN,
        }
    }
}

/// A handle to the desk's task. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk {
    mailbox: mpsc::Sender<Letter>,
}

struct Letter {
    events: Vec<(&'static str, String)>,
    metadata: String,
    reply: oneshot::Sender<i64>,
}

impl Desk {
    /// Makes the table anew and starts the task.
    pub async fn start(options: PgConnectOptions) -> Result<Self> {
        let mut connection = options.connect().await?;
        connection.execute(TABLE).await?;
        let (mailbox, mail) = mpsc::channel(MAILBOX);
        tokio::spawn(work(connection, mail));
        Ok(Self { mailbox })
    }

    /// Records what an id's command says; answers the last position when it is committed.
    pub async fn submit(&self, kind: Kind, id: Uuid) -> Result<i64> {
        let events = kind.events().iter().map(|(name, text)| (*name, about(text, id))).collect();
        let (reply, answer) = oneshot::channel();
        let letter = Letter { events, metadata: about(METADATA, id), reply };
        self.mailbox.send(letter).await.ok().context("the desk is gone")?;
        answer.await.context("the desk is gone")
    }
}

fn about(text: &str, id: Uuid) -> String {
    let mut written = Vec::with_capacity(text.len() + 4 * 36);
    for (index, part) in text.split('~').enumerate() {
        if index > 0 {
            // Writing to memory cannot fail.
            let _ = write!(written, "{id}");
        }
        written.extend_from_slice(part.as_bytes());
    }
    String::from_utf8(written).unwrap_or_default()
}

/// A failure ends the task, and with it every load: there is nothing to measure then.
async fn work(mut connection: PgConnection, mut mail: mpsc::Receiver<Letter>) {
    let mut position = 0;
    let mut letters = Vec::new();
    while mail.recv_many(&mut letters, MAILBOX).await > 0 {
        let mut rows = Rows::default();
        for letter in &letters {
            for (name, payload) in &letter.events {
                position += 1;
                rows.positions.push(position);
                rows.types.push(name);
                rows.payloads.push(payload);
                rows.metadata.push(&letter.metadata);
            }
        }
        if let Err(error) = rows.insert(&mut connection).await {
            eprintln!("the bare limit ends: {error}");
            return;
        }
        for letter in letters.drain(..) {
            // Whoever asked may have gone.
            let _ = letter.reply.send(position);
        }
    }
}

#[derive(Default)]
struct Rows<'a> {
    /// In a stream of its own, which has nothing else: its versions, too.
    positions: Vec<i64>,
    types: Vec<&'a str>,
    payloads: Vec<&'a str>,
    metadata: Vec<&'a str>,
}

impl Rows<'_> {
    async fn insert(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO event (position, stream, version, type, payload, metadata)
             SELECT position, $1, position, type, payload, metadata
               FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS r (position, type, payload, metadata)",
        )
        .bind(STREAM)
        .bind(&self.positions)
        .bind(&self.types)
        .bind(&self.payloads)
        .bind(&self.metadata)
        .execute(connection)
        .await
        .map(drop)
    }
}
