//! The end of keeping people's data: so many days after a show is over, as its organization has settled, what is known of its
//! people is forgotten; later also what was typed about money. And of what an organization typed about itself, the names of
//! keys and devices so many days after these have ended, and the reasons of erasures as late as what is about money.
//!
//! A table says when each show is over; it is brought up with the log about every minute ([`CHECK_EVERY`]). Then a check looks which shows are past their
//! time and whether the vault still holds anything of them, and has the organization's desk record it: what is erased is
//! erased with that event. So nothing is remembered here of what was done: after a restart, or where a node comes late, the
//! next check finds what is left, also what somebody typed later. Any number of nodes may check at once: for a show and a
//! day they ask by the same command id, and the second one is answered from what the first recorded.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use commands::{
    OrganizationCommand, Rejection,
    desk::DeskError,
    organization::{end_retention::EndRetention, end_text_retention::EndTextRetention},
    organization_desk::{OrganizationSubmission, Organizations},
};
use domain::{
    ShowEvent,
    events::KeptData,
    ids::{OrganizationId, ShowId},
    organization::Retention as Kept,
};
use event_store::{Clock, Log, ReadError, TypedEvent};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use tokio::sync::watch;
use uuid::Uuid;

/// The name of this reaction's checkpoint.
const NAME: &str = "retention";
/// How many positions are looked through at once.
const SPAN: i64 = 100_000;
/// How many shows are looked at in one statement.
const SHOWS_PAGE: i64 = 1_000;
/// How often it is looked for unless somebody says otherwise: days are counted, so a minute is early enough.
pub const CHECK_EVERY: Duration = Duration::from_secs(60);
/// The shortest time for which anything is kept, in days.
const DAYS_MIN: i64 = 1;

/// The types that say when a show is over.
const TYPES: [&str; 3] = ["ShowScheduled", "ShowRescheduled", "ShowCancelled"];

/// Stands for the request, which is known by its command id alone.
const REQUEST_HMAC: [u8; 32] = [0; 32];

/// The reaction that ends retentions.
pub struct Retention {
    pool: PgPool,
    log: Log,
    organizations: Organizations,
    clock: Arc<dyn Clock>,
    check_every: Duration,
}

/// Why nothing can be done now; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// The table cannot be written, or the vault not be asked.
    #[error("the ends of shows cannot be kept or looked for")]
    Database(#[from] sqlx::Error),
    /// An organization cannot be asked.
    #[error("an organization's desk does not answer")]
    Desk(#[source] DeskError),
}

/// What a page says of when a show is over.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Over {
    organization: Uuid,
    scheduled: Option<DateTime<Utc>>,
    cancelled_at: Option<DateTime<Utc>>,
}

/// A show that is over, and what the vault still holds of it.
#[derive(Debug, Clone, Copy)]
struct Left {
    show: Uuid,
    organization: Uuid,
    over_at: DateTime<Utc>,
    of_people: bool,
    anything: bool,
}

/// An organization, and since when the oldest of what it typed about itself could go.
#[derive(Debug, Clone, Copy)]
struct OwnTexts {
    organization: Uuid,
    /// When the longest ended key, device or pairing ended whose name is kept.
    name_since: Option<DateTime<Utc>>,
    /// When the oldest reason of an erasure was typed.
    reason_since: Option<DateTime<Utc>>,
}

impl Retention {
    /// A reaction over a pool that took the role `turnout_react`, which looks so often what has to go.
    pub fn new(
        pool: PgPool,
        log: Log,
        organizations: Organizations,
        clock: Arc<dyn Clock>,
        check_every: Duration,
    ) -> Self {
        Self { pool, log, organizations, clock, check_every }
    }

    /// Works until `stop` becomes true.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let stopped = async |mut stop: watch::Receiver<bool>| {
            // An error means that whoever could stop us is gone, which is a stop as well.
            drop(stop.wait_for(|stop| *stop).await);
        };
        tokio::select! {
            () = stopped(stop.clone()) => {}
            () = self.work() => {}
        }
    }

    async fn work(&self) {
        let mut every = tokio::time::interval(self.check_every);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            let worked = async {
                self.catch_up().await?;
                self.check().await
            };
            if let Err(error) = worked.await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "retentions cannot be ended now; trying again"
                );
            }
        }
    }

    /// Brings the table up to the log's end, and says how far that is.
    ///
    /// # Errors
    /// See [`RetentionError`].
    pub async fn catch_up(&self) -> Result<i64, RetentionError> {
        loop {
            let before = sqlx::query_scalar!("SELECT position FROM reaction.checkpoints WHERE reaction = $1", NAME)
                .fetch_optional(&self.pool)
                .await?;
            let after = before.unwrap_or(0);
            let (events, until) = self.log.of_types(&TYPES, after, SPAN).await?;
            if until == after {
                return Ok(after);
            }
            self.take_in(before, until, &ends(&events)).await?;
        }
    }

    /// Writes what a page says and moves the checkpoint, unless another node was faster.
    async fn take_in(
        &self,
        before: Option<i64>,
        position: i64,
        ends: &HashMap<Uuid, Over>,
    ) -> Result<(), RetentionError> {
        let mut transaction = self.pool.begin().await?;
        let moved = match before {
            None => sqlx::query!(
                "INSERT INTO reaction.checkpoints (reaction, position) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                NAME,
                position
            )
            .execute(&mut *transaction)
            .await?
            .rows_affected(),
            Some(before) => sqlx::query!(
                "UPDATE reaction.checkpoints SET position = $2 WHERE reaction = $1 AND position = $3",
                NAME,
                position,
                before
            )
            .execute(&mut *transaction)
            .await?
            .rows_affected(),
        };
        if moved == 0 {
            transaction.rollback().await?;
            return Ok(());
        }
        let (mut shows, mut organizations, mut over) = (Vec::new(), Vec::new(), Vec::new());
        let (mut cancelled, mut cancelled_at) = (Vec::new(), Vec::new());
        for (show, of) in ends {
            match (of.scheduled, of.cancelled_at) {
                (Some(scheduled), at) => {
                    shows.push(*show);
                    organizations.push(of.organization);
                    over.push(at.map_or(scheduled, |at| at.min(scheduled)));
                }
                (None, Some(at)) => {
                    cancelled.push(*show);
                    cancelled_at.push(at);
                }
                (None, None) => {}
            }
        }
        if !shows.is_empty() {
            sqlx::query!(
                "INSERT INTO reaction.shows (show, organization, over_at)
                 SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
                 ON CONFLICT (show) DO UPDATE SET over_at = excluded.over_at",
                &shows,
                &organizations,
                &over
            )
            .execute(&mut *transaction)
            .await?;
        }
        if !cancelled.is_empty() {
            sqlx::query!(
                "UPDATE reaction.shows AS s SET over_at = least(s.over_at, c.at)
                   FROM unnest($1::uuid[], $2::timestamptz[]) AS c (show, at) WHERE s.show = c.show",
                &cancelled,
                &cancelled_at
            )
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Ends what is past its time, and says how many retentions that were.
    ///
    /// # Errors
    /// See [`RetentionError`]. What was not done is found by the next check.
    pub async fn check(&self) -> Result<usize, RetentionError> {
        let now = self.clock.now();
        let mut ended = self.check_own_texts(now).await?;
        let mut after = Uuid::nil();
        loop {
            let page = self.over(now, after).await?;
            let Some(last) = page.last() else { return Ok(ended) };
            after = last.show;
            for left in page.iter().filter(|left| left.anything) {
                ended += usize::from(self.end(left, now).await?);
            }
        }
    }

    /// Shows that are over long enough for anything to end, behind `after`.
    async fn over(&self, now: DateTime<Utc>, after: Uuid) -> Result<Vec<Left>, RetentionError> {
        let rows = sqlx::query_as!(
            Left,
            r#"WITH over AS MATERIALIZED (
                   SELECT show, organization, over_at FROM reaction.shows
                    WHERE over_at <= $1 AND show > $2 ORDER BY show LIMIT $3)
               SELECT o.show, o.organization, o.over_at, l.of_people AS "of_people!", l.anything AS "anything!"
                 FROM over AS o JOIN vault.left_of_shows(ARRAY(SELECT show FROM over)) AS l ON l.show = o.show
                ORDER BY o.show"#,
            now - TimeDelta::days(DAYS_MIN),
            after,
            SHOWS_PAGE
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows)
    }

    /// Ends what is due of a show, if anything is.
    async fn end(&self, left: &Left, now: DateTime<Utc>) -> Result<bool, RetentionError> {
        let organization = OrganizationId(left.organization);
        let Some(found) = self.organizations.find(organization).await.map_err(RetentionError::Desk)? else {
            return Ok(false);
        };
        let Some(kept) = due(left, found.settings.retention, now) else { return Ok(false) };
        let command = EndRetention { show: ShowId(left.show), kept };
        self.record(organization, command, command_id(left.show, of_show(kept), now)).await
    }

    /// Ends what is due of what organizations typed about themselves, and says of how many.
    async fn check_own_texts(&self, now: DateTime<Utc>) -> Result<usize, RetentionError> {
        let texts = sqlx::query_as!(
            OwnTexts,
            r#"SELECT organization AS "organization!", name_since, reason_since FROM vault.left_of_organizations()
                WHERE least(name_since, reason_since) <= $1 ORDER BY organization"#,
            now - TimeDelta::days(DAYS_MIN)
        )
        .fetch_all(&self.pool)
        .await?;
        let mut ended = 0;
        for texts in texts {
            let organization = OrganizationId(texts.organization);
            let Some(found) = self.organizations.find(organization).await.map_err(RetentionError::Desk)? else {
                continue;
            };
            let Some(command) = due_texts(&texts, found.settings.retention, now) else { continue };
            let id = command_id(texts.organization, "texts", now);
            ended += usize::from(self.record(organization, command, id).await?);
        }
        Ok(ended)
    }

    /// Has an organization's desk record it. False: another node had it recorded.
    async fn record(
        &self,
        organization: OrganizationId,
        command: impl Into<OrganizationCommand>,
        command_id: Uuid,
    ) -> Result<bool, RetentionError> {
        let submission = OrganizationSubmission {
            command: command.into(),
            vault: Vec::new(),
            secrets: Vec::new(),
            command_id,
            request_hmac: Some(REQUEST_HMAC),
            correlation: command_id,
            actor: "turnout".to_owned(),
            role: None,
            device: None,
            channel: None,
        };
        match self.organizations.submit(organization, submission).await {
            Ok(outcome) => Ok(!outcome.repeated && !outcome.events.is_empty()),
            Err(DeskError::Rejected(Rejection::NotFound)) => Ok(false),
            Err(error) => Err(RetentionError::Desk(error)),
        }
    }
}

/// What is to be kept of a show from now on, where something has to go.
fn due(left: &Left, retention: Kept, now: DateTime<Utc>) -> Option<KeptData> {
    let past = |days: u32| {
        let end = left.over_at.checked_add_signed(TimeDelta::days(i64::from(days)));
        end.is_some_and(|end| end <= now)
    };
    if left.anything && past(retention.money_days.max(retention.people_days)) {
        Some(KeptData::Nothing)
    } else if left.of_people && past(retention.people_days) {
        Some(KeptData::Money)
    } else {
        None
    }
}

/// What an organization is to forget of its own texts, where their time has come: names as long after their end as people after
/// a show's, so that the history says until then what it was that sold and let in; reasons as late as what is about money,
/// because somebody may ask as long whether an erasure was right.
fn due_texts(texts: &OwnTexts, retention: Kept, now: DateTime<Utc>) -> Option<EndTextRetention> {
    let due = |since: Option<DateTime<Utc>>, days: u32| {
        let until = now.checked_sub_signed(TimeDelta::days(i64::from(days)))?;
        since.filter(|since| *since <= until).map(|_| until)
    };
    let names_ended_by = due(texts.name_since, retention.people_days);
    let reasons_typed_by = due(texts.reason_since, retention.money_days.max(retention.people_days));
    (names_ended_by.is_some() || reasons_typed_by.is_some())
        .then_some(EndTextRetention { names_ended_by, reasons_typed_by })
}

fn of_show(kept: KeptData) -> &'static str {
    match kept {
        KeptData::Nothing => "nothing",
        KeptData::Money => "money",
    }
}

/// The same for a show or an organization, what is done and a day, on every node.
fn command_id(of: Uuid, what: &str, now: DateTime<Utc>) -> Uuid {
    let hash = Sha256::digest(format!("{NAME}/{of}/{what}/{}", now.date_naive()));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Uuid::new_v8(bytes)
}

/// What a page of events says of when shows are over.
fn ends(events: &[TypedEvent]) -> HashMap<Uuid, Over> {
    let mut ends: HashMap<Uuid, Over> = HashMap::new();
    for recorded in events {
        match ShowEvent::decode(&recorded.event_type, recorded.schema, &recorded.payload) {
            Ok(event) => {
                let of = ends.entry(recorded.stream).or_default();
                of.organization = recorded.organization;
                note(of, &event, recorded.recorded_at);
            }
            // The desk cannot read it either and says so to everybody who asks; other shows go on.
            Err(error) => tracing::error!(%error, position = recorded.position, "an event cannot be read"),
        }
    }
    ends
}

fn note(of: &mut Over, event: &ShowEvent, recorded_at: DateTime<Utc>) {
    match event {
        ShowEvent::ShowScheduled(event) => of.scheduled = Some(event.schedule.over_at()),
        ShowEvent::ShowRescheduled(event) => of.scheduled = Some(event.schedule.over_at()),
        ShowEvent::ShowCancelled(_) => of.cancelled_at = Some(recorded_at),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(of_people: bool) -> Left {
        let over_at = DateTime::UNIX_EPOCH;
        Left { show: Uuid::nil(), organization: Uuid::nil(), over_at, of_people, anything: true }
    }

    #[test]
    fn people_go_after_their_days_and_money_after_its() {
        let retention = Kept { people_days: 10, money_days: 100 };
        let at = |days| DateTime::UNIX_EPOCH + TimeDelta::days(days);
        assert_eq!(due(&left(true), retention, at(10) - TimeDelta::microseconds(1)), None);
        assert_eq!(due(&left(true), retention, at(10)), Some(KeptData::Money));
        assert_eq!(due(&left(false), retention, at(99)), None);
        assert_eq!(due(&left(false), retention, at(100)), Some(KeptData::Nothing));
        assert_eq!(due(&Left { anything: false, ..left(false) }, retention, at(1_000)), None);
    }

    #[test]
    fn names_go_after_the_days_of_people_and_reasons_after_those_of_money() {
        let retention = Kept { people_days: 10, money_days: 100 };
        let (start, at) = (DateTime::UNIX_EPOCH, |days| DateTime::UNIX_EPOCH + TimeDelta::days(days));
        let texts = |name_since, reason_since| OwnTexts { organization: Uuid::nil(), name_since, reason_since };
        let due = |texts: OwnTexts, days| {
            due_texts(&texts, retention, at(days)).map(|due| (due.names_ended_by, due.reasons_typed_by))
        };
        assert_eq!(due(texts(Some(start), Some(start)), 9), None);
        assert_eq!(due(texts(Some(start), Some(start)), 10), Some((Some(start), None)));
        assert_eq!(due(texts(None, Some(start)), 99), None);
        assert_eq!(due(texts(Some(start), Some(start)), 100), Some((Some(at(90)), Some(start))));
        assert_eq!(due(texts(None, None), 1_000), None);
    }

    #[test]
    fn nodes_ask_by_the_same_id_for_a_day() {
        let now = DateTime::UNIX_EPOCH;
        let id = command_id(Uuid::nil(), of_show(KeptData::Money), now);
        assert_eq!(command_id(Uuid::nil(), of_show(KeptData::Money), now + TimeDelta::hours(23)), id);
        assert_ne!(command_id(Uuid::nil(), of_show(KeptData::Money), now + TimeDelta::hours(24)), id);
        assert_ne!(command_id(Uuid::nil(), of_show(KeptData::Nothing), now), id);
    }
}
