//! The statements of reports: one for the rows of each, one for the events behind a row.
//!
//! Parameters, the same in all: `$1` to `$5` the shows with their zones and currencies and from when until when each is looked at,
//! `$6` the last position that counts, `$7` what it is broken down by. What is not asked for is null in every row, so that grouping
//! by it does nothing. Facts are arrays in rows of sixteen events: unnested beside each other they are rows again, which is cheap as
//! long as it is done in the SELECT's list. Behind them, of rows `$8` the unit of time and `$9` whether currencies are kept apart; of events `$8` the
//! words of the row, `$9` the position behind which they are asked for, `$10` how many, and `$11` by their places the figures that they
//! have to add to, one of them at least; to any where it is empty.

use chrono::{DateTime, NaiveDateTime, Utc};
use futures::{StreamExt, stream::BoxStream};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Subject;

/// A row as the database answers it.
#[derive(Debug)]
pub(super) struct RawRow {
    pub show: Option<Uuid>,
    pub bucket: Option<NaiveDateTime>,
    pub ahead_seconds: Option<i32>,
    pub currency: Option<String>,
    pub words: Vec<Option<String>>,
    pub zone: Option<String>,
    pub figures: Vec<i64>,
}

/// An event as the database answers it.
#[derive(Debug)]
pub(super) struct RawEvent {
    pub position: i64,
    pub at: DateTime<Utc>,
    pub event_type: String,
    pub show: Uuid,
    pub currency: String,
    pub order: Option<Uuid>,
    pub ticket: Option<Uuid>,
    pub figures: Vec<i64>,
}

/// What all statements ask for.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub shows: Vec<Uuid>,
    pub zones: Vec<String>,
    pub currencies: Vec<String>,
    pub since: Vec<Option<DateTime<Utc>>>,
    pub until: Vec<Option<DateTime<Utc>>>,
    pub position: i64,
    pub by: Vec<String>,
}

/// Which events behind a row are asked for.
#[derive(Debug)]
pub(super) struct Behind {
    /// The row's, of the asked dimensions.
    pub words: Vec<Option<String>>,
    /// The position behind which.
    pub after: i64,
    pub limit: i64,
    /// Places of figures, from 1.
    pub figures: Vec<i32>,
}

type Rows<'c> = BoxStream<'c, Result<RawRow, sqlx::Error>>;

macro_rules! rows {
    ($connection:ident, $asked:ident, $unit:ident, $apart:ident, $words:literal, $figures:literal, $facts:literal) => {
        sqlx::query_as!(
            RawRow,
            r#"SELECT CASE WHEN 'show' = ANY($7::text[]) THEN f.show END AS "show?",
                      date_trunc($8::text, f.happened_at AT TIME ZONE s.zone) AS "bucket?",
                      CASE WHEN $8::text = 'day'
                           THEN extract(epoch FROM date_trunc('day', f.happened_at AT TIME ZONE s.zone)
                                - (date_trunc('day', f.happened_at AT TIME ZONE s.zone) AT TIME ZONE s.zone AT TIME ZONE 'UTC'))
                           WHEN $8::text IS NOT NULL
                           THEN extract(epoch FROM (f.happened_at AT TIME ZONE s.zone) - (f.happened_at AT TIME ZONE 'UTC'))
                      END::int AS "ahead_seconds?",
                      CASE WHEN $9::bool THEN s.currency END AS "currency?", "#
                + $words
                + r#" AS "words!: Vec<Option<String>>", min(s.zone) AS "zone?", "#
                + $figures
                + r#"::bigint[] AS "figures!"
                 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
                      AS s (show, zone, currency, since, until)
                 JOIN "#
                + $facts
                + r#" AS f ON f.show = s.show
                WHERE f.position <= $6
                  AND (s.since IS NULL OR f.happened_at >= s.since)
                  AND (s.until IS NULL OR f.happened_at < s.until)
                GROUP BY 1, 2, 3, 4, 5
                ORDER BY 2, 3 DESC, 1, 5, 4"#,
            &$asked.shows,
            &$asked.zones,
            &$asked.currencies,
            &$asked.since as &[Option<DateTime<Utc>>],
            &$asked.until as &[Option<DateTime<Utc>>],
            $asked.position,
            &$asked.by,
            $unit,
            $apart
        )
        .fetch($connection)
        .boxed()
    };
}

macro_rules! events {
    ($connection:ident, $asked:ident, $behind:ident, $words:literal, $figures:literal, $facts:literal) => {
        sqlx::query_as!(
            RawEvent,
            r#"SELECT e.position AS "position!", e.at AS "at!", a.type AS "event_type!", e.show AS "show!",
                      e.currency AS "currency!", e.order_id AS "order?", e.ticket AS "ticket?", e.figures AS "figures!"
                 FROM (SELECT o.*
                         FROM (SELECT f.position, min(f.happened_at) AS at, f.show, min(s.currency) AS currency,
                                      (array_agg(f.order_id) FILTER (WHERE f.order_id IS NOT NULL))[1] AS order_id,
                                      (array_agg(f.ticket) FILTER (WHERE f.ticket IS NOT NULL))[1] AS ticket, "#
                + $figures
                + r#"::bigint[] AS figures
                                 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
                                      AS s (show, zone, currency, since, until)
                                 JOIN "#
                + $facts
                + r#" AS f ON f.show = s.show
                                WHERE f.position <= $6
                                  AND f.position > $9
                                  AND (s.since IS NULL OR f.happened_at >= s.since)
                                  AND (s.until IS NULL OR f.happened_at < s.until)
                                  AND "#
                + $words
                + r#" = $8::text[]
                                GROUP BY f.position, f.show) AS o
                        WHERE $11::int[] = '{}' OR EXISTS (SELECT FROM unnest($11::int[]) AS figure WHERE o.figures[figure] <> 0)
                        ORDER BY o.position LIMIT $10) AS e
                 JOIN activity AS a ON a.position = e.position
                ORDER BY e.position"#,
            &$asked.shows,
            &$asked.zones,
            &$asked.currencies,
            &$asked.since as &[Option<DateTime<Utc>>],
            &$asked.until as &[Option<DateTime<Utc>>],
            $asked.position,
            &$asked.by,
            &$behind.words as &[Option<String>],
            $behind.after,
            $behind.limit,
            &$behind.figures
        )
        .fetch_all($connection)
        .await
    };
}

/// Hands what tells the reports apart to a macro: words, figures, facts.
macro_rules! of_subject {
    ($subject:ident, $statement:ident!($($given:ident),+)) => {
        match $subject {
            Subject::Sales => $statement!(
                $($given),+,
                "ARRAY[CASE WHEN 'ticket_type' = ANY($7::text[]) THEN f.ticket_type::text END,
                       CASE WHEN 'channel' = ANY($7::text[]) THEN f.channel END,
                       CASE WHEN 'price' = ANY($7::text[]) THEN f.price::text END,
                       CASE WHEN 'category' = ANY($7::text[]) THEN f.category END,
                       CASE WHEN 'section' = ANY($7::text[]) THEN f.section END,
                       CASE WHEN 'status' = ANY($7::text[]) THEN f.standing END]",
                "ARRAY[coalesce(sum(f.tickets), 0), coalesce(sum(f.voided), 0), coalesce(sum(f.persons), 0),
                       coalesce(sum(f.gross), 0), coalesce(sum(f.cancelled), 0), coalesce(sum(f.refunded), 0),
                       coalesce(sum(f.paid), 0), coalesce(sum(f.gross), 0) - coalesce(sum(f.cancelled), 0) - coalesce(sum(f.tax), 0),
                       coalesce(sum(f.tax), 0)]",
                "(SELECT d.*, o.status AS standing
                    FROM (SELECT c.show, unnest(c.position) AS position, unnest(c.happened_at) AS happened_at,
                                 unnest(c.order_id) AS order_id, unnest(c.ticket) AS ticket, unnest(c.ticket_type) AS ticket_type, unnest(c.channel) AS channel, unnest(c.price) AS price, unnest(c.category) AS category, unnest(c.section) AS section, unnest(c.tickets) AS tickets, unnest(c.voided) AS voided, unnest(c.persons) AS persons, unnest(c.gross) AS gross, unnest(c.cancelled) AS cancelled, unnest(c.tax) AS tax, unnest(c.paid) AS paid, unnest(c.refunded) AS refunded
                            FROM sales_facts AS c WHERE c.show = ANY($1) AND c.first_position <= $6) AS d
                    LEFT JOIN (SELECT DISTINCT ON (s.order_id) s.order_id, s.status
                                 FROM (SELECT c.show, unnest(c.position) AS position, unnest(c.order_id) AS order_id,
                                              unnest(c.status) AS status
                                         FROM sales_facts AS c WHERE c.show = ANY($1) AND c.first_position <= $6 AND c.status IS NOT NULL
                                           AND 'status' = ANY($7::text[])) AS s
                                WHERE s.position <= $6 AND s.status IS NOT NULL
                                ORDER BY s.order_id, s.position DESC) AS o ON o.order_id = d.order_id
                   WHERE coalesce(d.tickets, d.voided, d.persons, d.gross, d.cancelled, d.tax, d.paid, d.refunded) IS NOT NULL)"
            ),
            Subject::Attendance => $statement!(
                $($given),+,
                "ARRAY[CASE WHEN 'gate' = ANY($7::text[]) THEN f.gate END,
                       CASE WHEN 'area' = ANY($7::text[]) THEN f.area END,
                       CASE WHEN 'ticket_type' = ANY($7::text[]) THEN f.ticket_type::text END,
                       CASE WHEN 'section' = ANY($7::text[]) THEN f.section END]",
                "ARRAY[coalesce(sum(f.admitted), 0), coalesce(sum(f.returned), 0), coalesce(sum(f.departed), 0),
                       coalesce(sum(f.undone), 0), coalesce(sum(f.overridden), 0), coalesce(sum(f.refused), 0)]",
                "(SELECT d.* FROM (SELECT c.show, unnest(c.position) AS position, unnest(c.happened_at) AS happened_at,
                                         unnest(c.order_id) AS order_id, unnest(c.ticket) AS ticket, unnest(c.ticket_type) AS ticket_type, unnest(c.section) AS section, unnest(c.gate) AS gate, unnest(c.area) AS area, unnest(c.admitted) AS admitted, unnest(c.returned) AS returned,
                                         unnest(c.departed) AS departed, unnest(c.undone) AS undone, unnest(c.overridden) AS overridden, unnest(c.refused) AS refused
                                    FROM door_facts AS c WHERE c.show = ANY($1) AND c.first_position <= $6) AS d
                   WHERE coalesce(d.admitted, d.returned, d.departed, d.undone, d.overridden, d.refused) IS NOT NULL)"
            ),
            Subject::NoShows => $statement!(
                $($given),+,
                "ARRAY[CASE WHEN 'ticket_type' = ANY($7::text[]) THEN f.ticket_type::text END,
                       CASE WHEN 'section' = ANY($7::text[]) THEN f.section END,
                       CASE WHEN 'category' = ANY($7::text[]) THEN f.category END,
                       CASE WHEN 'channel' = ANY($7::text[]) THEN f.channel END]",
                "ARRAY[coalesce(sum(f.persons), 0), coalesce(sum(f.came), 0), coalesce(sum(f.persons), 0) - coalesce(sum(f.came), 0)]",
                "(SELECT d.show, d.position, d.happened_at, d.order_id, d.ticket, d.ticket_type, d.section, d.category, d.channel,
                         d.persons, NULL::int AS came
                    FROM (SELECT c.show, unnest(c.position) AS position, unnest(c.happened_at) AS happened_at,
                                 unnest(c.order_id) AS order_id, unnest(c.ticket) AS ticket, unnest(c.ticket_type) AS ticket_type, unnest(c.section) AS section, unnest(c.category) AS category, unnest(c.channel) AS channel, unnest(c.persons) AS persons
                            FROM sales_facts AS c WHERE c.show = ANY($1) AND c.first_position <= $6 AND c.persons IS NOT NULL) AS d
                   WHERE d.persons IS NOT NULL
                   UNION ALL
                  SELECT d.show, d.position, d.happened_at, d.order_id, d.ticket, d.ticket_type, d.section, d.category, d.channel,
                         NULL, d.came
                    FROM (SELECT c.show, unnest(c.position) AS position, unnest(c.happened_at) AS happened_at,
                                 unnest(c.order_id) AS order_id, unnest(c.ticket) AS ticket, unnest(c.ticket_type) AS ticket_type, unnest(c.section) AS section, unnest(c.category) AS category, unnest(c.channel) AS channel, unnest(c.came) AS came
                            FROM door_facts AS c WHERE c.show = ANY($1) AND c.first_position <= $6 AND c.came IS NOT NULL) AS d
                   WHERE d.came IS NOT NULL)"
            ),
            Subject::Occupancy => $statement!(
                $($given),+,
                "ARRAY[CASE WHEN 'section' = ANY($7::text[]) THEN f.section END,
                       CASE WHEN 'category' = ANY($7::text[]) THEN f.category END,
                       CASE WHEN 'ticket_type' = ANY($7::text[]) THEN f.ticket_type::text END]",
                "ARRAY[coalesce(sum(f.capacity), 0),
                       coalesce(sum(f.capacity), 0) - coalesce(sum(f.held), 0) - coalesce(sum(f.sold), 0) - coalesce(sum(f.blocked), 0),
                       coalesce(sum(f.held), 0), coalesce(sum(f.sold), 0), coalesce(sum(f.blocked), 0), coalesce(sum(f.came), 0)]",
                "(SELECT d.show, d.position, d.happened_at, d.order_id, d.ticket, d.ticket_type, d.section, d.category, d.capacity,
                         d.held, d.sold, d.blocked, NULL::int AS came
                    FROM (SELECT c.show, unnest(c.position) AS position, unnest(c.happened_at) AS happened_at,
                                 unnest(c.order_id) AS order_id, unnest(c.ticket) AS ticket, unnest(c.ticket_type) AS ticket_type, unnest(c.section) AS section, unnest(c.category) AS category,
                                 unnest(c.capacity) AS capacity, unnest(c.held) AS held, unnest(c.sold) AS sold,
                                 unnest(c.blocked) AS blocked
                            FROM sales_facts AS c WHERE c.show = ANY($1) AND c.first_position <= $6) AS d
                   WHERE coalesce(d.capacity, d.held, d.sold, d.blocked) IS NOT NULL
                   UNION ALL
                  SELECT d.show, d.position, d.happened_at, d.order_id, NULL, d.ticket_type, d.section, d.category, NULL,
                         d.held, NULL, d.blocked, NULL
                    FROM (SELECT c.show, unnest(c.position) AS position, unnest(c.happened_at) AS happened_at,
                                 unnest(c.order_id) AS order_id, unnest(c.ticket_type) AS ticket_type, unnest(c.section) AS section, unnest(c.category) AS category, unnest(c.held) AS held, unnest(c.blocked) AS blocked
                            FROM hold_facts AS c WHERE c.show = ANY($1) AND c.first_position <= $6) AS d
                   WHERE coalesce(d.held, d.blocked) IS NOT NULL
                   UNION ALL
                  SELECT d.show, d.position, d.happened_at, d.order_id, d.ticket, d.ticket_type, d.section, d.category, NULL,
                         NULL, NULL, NULL, d.came
                    FROM (SELECT c.show, unnest(c.position) AS position, unnest(c.happened_at) AS happened_at,
                                 unnest(c.order_id) AS order_id, unnest(c.ticket) AS ticket, unnest(c.ticket_type) AS ticket_type, unnest(c.section) AS section, unnest(c.category) AS category, unnest(c.came) AS came
                            FROM door_facts AS c WHERE c.show = ANY($1) AND c.first_position <= $6 AND c.came IS NOT NULL) AS d
                   WHERE d.came IS NOT NULL)"
            ),
            Subject::Holds => $statement!(
                $($given),+,
                "ARRAY[CASE WHEN 'ticket_type' = ANY($7::text[]) THEN f.ticket_type::text END,
                       CASE WHEN 'channel' = ANY($7::text[]) THEN f.channel END,
                       CASE WHEN 'outcome' = ANY($7::text[]) THEN f.became END]",
                "ARRAY[coalesce(sum(f.holds), 0), coalesce(sum(f.places), 0), coalesce(sum(f.value), 0)]",
                "(SELECT d.show, d.position, d.happened_at, d.order_id, NULL::uuid AS ticket, d.ticket_type, d.channel, d.holds, d.places,
                         d.value, CASE WHEN e.order_id IS NOT NULL THEN 'expired' ELSE coalesce(o.outcome, 'open') END AS became
                    FROM (SELECT c.show, unnest(c.position) AS position, unnest(c.happened_at) AS happened_at, unnest(c.hold) AS hold, unnest(c.order_id) AS order_id, unnest(c.ticket_type) AS ticket_type,
                                 unnest(c.channel) AS channel, unnest(c.holds) AS holds, unnest(c.places) AS places,
                                 unnest(c.value) AS value
                            FROM hold_facts AS c WHERE c.show = ANY($1) AND c.first_position <= $6) AS d
                    LEFT JOIN (SELECT DISTINCT ON (h.hold) h.hold, h.outcome, h.order_id
                                 FROM (SELECT c.show, unnest(c.position) AS position, unnest(c.hold) AS hold,
                                              unnest(c.outcome) AS outcome, unnest(c.order_id) AS order_id
                                         FROM hold_facts AS c WHERE c.show = ANY($1) AND c.first_position <= $6 AND c.outcome IS NOT NULL
                                           AND 'outcome' = ANY($7::text[])) AS h
                                WHERE h.position <= $6 AND h.outcome IS NOT NULL
                                ORDER BY h.hold, h.position DESC) AS o ON o.hold = d.hold
                    LEFT JOIN (SELECT DISTINCT s.order_id
                                 FROM (SELECT c.show, unnest(c.position) AS position, unnest(c.order_id) AS order_id,
                                              unnest(c.status) AS status
                                         FROM sales_facts AS c WHERE c.show = ANY($1) AND c.first_position <= $6 AND 'expired' = ANY(c.status)
                                           AND 'outcome' = ANY($7::text[])) AS s
                                WHERE s.position <= $6 AND s.status = 'expired') AS e ON e.order_id = o.order_id
                   WHERE coalesce(d.holds, d.places, d.value) IS NOT NULL)"
            ),
            Subject::Refusals => $statement!(
                $($given),+,
                "ARRAY[CASE WHEN 'reason' = ANY($7::text[]) THEN f.reason END,
                       CASE WHEN 'gate' = ANY($7::text[]) THEN f.gate END,
                       CASE WHEN 'device' = ANY($7::text[]) THEN f.device::text END,
                       CASE WHEN 'ticket_type' = ANY($7::text[]) THEN f.ticket_type::text END]",
                "ARRAY[coalesce(sum(f.refused), 0), coalesce(sum(f.overridden), 0)]",
                "(SELECT d.* FROM (SELECT c.show, unnest(c.position) AS position, unnest(c.happened_at) AS happened_at,
                                         unnest(c.order_id) AS order_id, unnest(c.ticket) AS ticket, unnest(c.ticket_type) AS ticket_type, unnest(c.gate) AS gate, unnest(c.device) AS device, unnest(c.reason) AS reason, unnest(c.refused) AS refused, unnest(c.overridden) AS overridden
                                    FROM door_facts AS c WHERE c.show = ANY($1) AND c.first_position <= $6) AS d
                   WHERE coalesce(d.refused, d.overridden) IS NOT NULL)"
            ),
        }
    };
}

/// The rows of a report, one by one.
pub(super) fn rows<'c>(
    connection: &'c mut PgConnection,
    subject: Subject,
    asked: &Asked,
    unit: Option<&str>,
    apart: bool,
) -> Rows<'c> {
    of_subject!(subject, rows!(connection, asked, unit, apart))
}

/// Events behind a row.
pub(super) async fn events(
    connection: &mut PgConnection,
    subject: Subject,
    asked: &Asked,
    behind: &Behind,
) -> Result<Vec<RawEvent>, sqlx::Error> {
    of_subject!(subject, events!(connection, asked, behind))
}
