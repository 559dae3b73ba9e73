//! One call of `log.append`: the batch as parallel arrays, the answer as one row per item.
//!
//! A prepared statement outside a transaction: PostgreSQL commits it before it answers, in the same round trip.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::batch::Request;
use super::error::CallError;
use crate::event::Appended;

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is recorded, or confirmed.
    Accepted(Appended),
    /// Its stream has gone on; nothing of it was written.
    Stale {
        /// The version that the stream has now.
        current_version: i64,
    },
}

impl Outcome {
    /// What is recorded, or confirmed.
    pub(super) fn accepted(&self) -> Option<&Appended> {
        match self {
            Self::Accepted(appended) => Some(appended),
            Self::Stale { .. } => None,
        }
    }
}

/// Writes the batch, and says for each item, in order, what became of it.
pub(super) async fn append(connection: &mut PgConnection, batch: &[Request]) -> Result<Vec<Outcome>, CallError> {
    let rows = Arrays::of(batch).send(connection).await.map_err(CallError::of)?;
    if rows.len() != batch.len() {
        return Err(CallError::Lost(None));
    }
    Ok(rows.into_iter().map(Row::outcome).collect())
}

/// Position of the last event, 0 when there is none.
pub(super) async fn head(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT coalesce(max(position), 0) AS "head!" FROM log.events"#).fetch_one(connection).await
}

struct Row {
    accepted: bool,
    current_version: i64,
    first_position: Option<i64>,
    last_position: Option<i64>,
    recorded_at: DateTime<Utc>,
}

impl Row {
    fn outcome(self) -> Outcome {
        if self.accepted {
            Outcome::Accepted(Appended {
                first_position: self.first_position,
                last_position: self.last_position.unwrap_or(0),
                version: self.current_version,
                recorded_at: self.recorded_at,
            })
        } else {
            Outcome::Stale { current_version: self.current_version }
        }
    }
}

/// The parameters of `log.append`, in its order.
#[derive(Default)]
struct Arrays<'a> {
    organizations: Vec<Uuid>,
    stream_types: Vec<&'a str>,
    streams: Vec<Uuid>,
    expected_versions: Vec<i64>,
    event_counts: Vec<i32>,
    events: EventArrays<'a>,
    vault: VaultArrays<'a>,
    secrets: SecretArrays<'a>,
}

#[derive(Default)]
struct EventArrays<'a> {
    types: Vec<&'a str>,
    schemas: Vec<i32>,
    payloads: Vec<&'a str>,
    actors: Vec<&'a str>,
    devices: Vec<Option<Uuid>>,
    channels: Vec<Option<&'a str>>,
    commands: Vec<Uuid>,
    request_hmacs: Vec<Option<&'a [u8]>>,
    correlations: Vec<Uuid>,
    causations: Vec<Option<Uuid>>,
    content_hashes: Vec<&'a [u8]>,
}

#[derive(Default)]
struct SecretArrays<'a> {
    items: Vec<i32>,
    ids: Vec<Uuid>,
    hashes: Vec<&'a [u8]>,
}

#[derive(Default)]
struct VaultArrays<'a> {
    items: Vec<i32>,
    ids: Vec<Uuid>,
    kinds: Vec<&'a str>,
    people: Vec<Option<Uuid>>,
    shows: Vec<Option<Uuid>>,
    purposes: Vec<&'a str>,
    fields: Vec<&'a str>,
}

impl<'a> Arrays<'a> {
    fn of(batch: &'a [Request]) -> Self {
        let mut arrays = Self::default();
        for (item, request) in (1_i32..).zip(batch) {
            let append = &request.append;
            arrays.organizations.push(append.organization);
            arrays.stream_types.push(append.stream_type.as_str());
            arrays.streams.push(append.stream);
            arrays.expected_versions.push(append.expected_version);
            arrays.event_counts.push(i32::try_from(append.events.len()).unwrap_or(i32::MAX));
            arrays.events.push(request);
            arrays.vault.push(item, request);
            arrays.secrets.push(item, request);
        }
        arrays
    }

    async fn send(&self, connection: &mut PgConnection) -> Result<Vec<Row>, sqlx::Error> {
        let (events, vault, secrets) = (&self.events, &self.vault, &self.secrets);
        sqlx::query_as!(
            Row,
            r#"SELECT accepted AS "accepted!", current_version AS "current_version!", first_position, last_position,
                      recorded_at AS "recorded_at!"
                 FROM log.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                                 $21, $22, $23, $24, $25, $26)"#,
            &self.organizations,
            &self.stream_types as &[&str],
            &self.streams,
            &self.expected_versions,
            &self.event_counts,
            &events.types as &[&str],
            &events.schemas,
            &events.payloads as &[&str],
            &events.actors as &[&str],
            &events.devices as &[Option<Uuid>],
            &events.channels as &[Option<&str>],
            &events.commands,
            &events.request_hmacs as &[Option<&[u8]>],
            &events.correlations,
            &events.causations as &[Option<Uuid>],
            &events.content_hashes as &[&[u8]],
            &vault.items,
            &vault.ids,
            &vault.kinds as &[&str],
            &vault.people as &[Option<Uuid>],
            &vault.shows as &[Option<Uuid>],
            &vault.purposes as &[&str],
            &vault.fields as &[&str],
            &secrets.items,
            &secrets.ids,
            &secrets.hashes as &[&[u8]],
        )
        .fetch_all(connection)
        .await
    }
}

impl<'a> EventArrays<'a> {
    fn push(&mut self, request: &'a Request) {
        for (event, hash) in request.append.events.iter().zip(&request.hashes) {
            let metadata = &event.metadata;
            self.types.push(&event.event_type);
            self.schemas.push(event.schema);
            self.payloads.push(&event.payload);
            self.actors.push(&metadata.actor);
            self.devices.push(metadata.device);
            self.channels.push(metadata.channel.as_deref());
            self.commands.push(metadata.command);
            self.request_hmacs.push(metadata.request_hmac.as_ref().map(<[u8; 32]>::as_slice));
            self.correlations.push(metadata.correlation);
            self.causations.push(metadata.causation);
            self.content_hashes.push(hash);
        }
    }
}

impl<'a> VaultArrays<'a> {
    fn push(&mut self, item: i32, request: &'a Request) {
        for (entry, fields) in request.append.vault.iter().zip(&request.vault_fields) {
            self.items.push(item);
            self.ids.push(entry.id);
            self.kinds.push(entry.kind.as_str());
            self.people.push(entry.person);
            self.shows.push(entry.show);
            self.purposes.push(&entry.purpose);
            self.fields.push(fields);
        }
    }
}

impl<'a> SecretArrays<'a> {
    fn push(&mut self, item: i32, request: &'a Request) {
        for secret in &request.append.secrets {
            self.items.push(item);
            self.ids.push(secret.id);
            self.hashes.push(&secret.hash);
        }
    }
}
