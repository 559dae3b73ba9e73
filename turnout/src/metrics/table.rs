//! Every metric that there is, in one table: its name, its kind with a histogram's buckets, its labels, and what it says.
//!
//! Names follow Prometheus' conventions: the unit last (`_seconds`, `_bytes`, else what is counted), `_total` behind what only
//! grows. No label has more values than this program has words: none names a show or an organization. Buckets are fixed.
//! `docs/operations.md` shows the same table, and a test holds the two together.

use metrics::{describe_counter, describe_gauge, describe_histogram};

/// What kind of number it is.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// It only grows, until the program starts again.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How often it was at most so much.
    Histogram(&'static [f64]),
}

/// One metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// What it is called.
    pub name: &'static str,
    /// What kind of number it is.
    pub kind: Kind,
    /// What its values are told apart by.
    pub labels: &'static [&'static str],
    /// What it says, in one line without a full stop.
    pub help: &'static str,
}

/// Seconds that a core works: from ten microseconds.
const WORK: Kind = Kind::Histogram(&[
    0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5,
]);
/// Seconds that something is waited for: up to a command's deadline.
const WAIT: Kind =
    Kind::Histogram(&[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0]);
/// Seconds of a request, long polls included.
const REQUEST: Kind =
    Kind::Histogram(&[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0]);
/// Things that are done at once.
const AMOUNT: Kind = Kind::Histogram(&[0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0]);
/// From 256 bytes to the 4 MiB of a full batch.
const BYTES: Kind = Kind::Histogram(&[256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0, 1_048_576.0, 4_194_304.0]);

use Kind::{Counter, Gauge};

/// The table: a line each, to be read as one.
#[rustfmt::skip]
pub const TABLE: &[Metric] = &[
    row("turnout_http_requests_total", Counter, &["method", "route", "status"], "Requests by the template of their path and the kind of status; closed: the client went away before the answer"),
    row("turnout_http_request_duration_seconds", REQUEST, &["method", "route"], "Time from a request's headers to the head of its answer; long polls wait on purpose"),
    row("turnout_http_requests_in_flight", Gauge, &[], "Requests that have no answer yet"),
    row("turnout_http_problems_total", Counter, &["code"], "Answers that are problems, by their code; too_many_requests, overloaded and too_large are the limits"),
    row("turnout_door_code_guessing_alerts_total", Counter, &["guesser"], "Alerts that somebody may be guessing short codes, once in ten minutes for a guesser and a show: throttled (they have to wait) or device (a paired one, which never waits)"),
    row("turnout_http_connections", Gauge, &[], "Connections that are open, those to the metrics' own listener included"),
    row("turnout_http_connections_turned_away_total", Counter, &[], "Connections closed at once because there were too many, in all or from one address"),
    row("turnout_desk_open_desks", Gauge, &[], "Shows whose desk is open on this node"),
    row("turnout_desk_mailbox_letters", Gauge, &["mailbox"], "Letters that wait at all desks together, the door's and the others"),
    row("turnout_desk_deepest_mailbox_letters", Gauge, &[], "Letters that wait at the desk where most do"),
    row("turnout_desk_mailbox_wait_seconds", WAIT, &[], "How long the oldest command of a turn waited since it was sent"),
    row("turnout_desk_turn_commands", AMOUNT, &[], "Commands decided together in one turn"),
    row("turnout_desk_turn_events", AMOUNT, &[], "Events of one turn; none where nothing happened or all was rejected"),
    row("turnout_desk_decide_seconds", WORK, &[], "Time to decide all commands of a turn, without reading or writing the log"),
    row("turnout_desk_append_seconds", WAIT, &[], "Time that a turn waited for the recorder, its queue included"),
    row("turnout_desk_opening_seconds", WAIT, &[], "Time to read a show's stream from its beginning, when a desk opens or its state was lost"),
    row("turnout_desk_commands_total", Counter, &["outcome"], "Commands answered: recorded, unchanged (nothing to record), repeated (a key again), rejected"),
    row("turnout_desk_shared_turns_total", Counter, &["outcome"], "Turns that a desk asked for because other nodes write the same show: taken, or missed (it went on without)"),
    row("turnout_desk_conflicts_total", Counter, &[], "Turns turned back because the stream had moved on"),
    row("turnout_desk_retried_commands_total", Counter, &[], "Commands decided again after a conflict"),
    row("turnout_desk_shed_commands_total", Counter, &["reason"], "Commands turned away with 503: mailbox_full, deadline, recorder_full, log_unavailable"),
    row("turnout_recorder_batch_items", AMOUNT, &[], "Appends in one call of log.append"),
    row("turnout_recorder_batch_events", AMOUNT, &[], "Events in one call of log.append"),
    row("turnout_recorder_batch_bytes", BYTES, &[], "Bytes of payloads and vault entries in one call of log.append"),
    row("turnout_recorder_append_seconds", WAIT, &[], "Time of one call of log.append as the recorder sees it: round trip, lock, work, commit and flush"),
    row("turnout_recorder_queue_items", Gauge, &[], "Appends left waiting when the last call began"),
    row("turnout_recorder_queue_wait_seconds", WAIT, &[], "How long the oldest append of a batch had waited when the call began"),
    row("turnout_recorder_items_total", Counter, &["outcome"], "Appends by outcome: recorded, confirmed (no events), stale, refused (bad data), failed (database), turned_away (queue full)"),
    row("turnout_recorder_lost_replies_total", Counter, &[], "Calls whose reply was lost and whose outcome had to be looked up"),
    row("turnout_recorder_reconnects_total", Counter, &[], "Connections of the recorder made anew"),
    row("turnout_log_head", Gauge, &[], "Position of the last event"),
    row("turnout_tree_size", Gauge, &[], "Events in the newest checkpoint that this node signed"),
    row("turnout_tree_checkpoints_total", Counter, &[], "Checkpoints that this node signed"),
    row("turnout_tree_checkpoint_timestamp_seconds", Gauge, &[], "When this node signed last, in seconds since 1970"),
    row("turnout_tree_seal_seconds", WAIT, &[], "Time to take in what was recorded since the last checkpoint, and to sign it"),
    row("turnout_tree_damaged", Gauge, &[], "1 once this node has seen that the log, or its tree, is not what was signed; nothing is signed then"),
    row("turnout_tree_errors_total", Counter, &[], "Times that the log's tree could not grow because the database did not answer"),
    row("turnout_projector_position", Gauge, &[], "Position up to which the read models are written, as this node knows it"),
    row("turnout_projector_lag_events", Gauge, &[], "Events that are recorded and not in the read models"),
    row("turnout_projector_lag_seconds", Gauge, &[], "How long the first event that is not in the read models has been recorded; 0 when there is none"),
    row("turnout_projector_visible_after_seconds", WAIT, &[], "From recording a page's first event to the commit that shows it, by the clocks of database and node"),
    row("turnout_projector_page_events", AMOUNT, &[], "Events of one page"),
    row("turnout_projector_page_seconds", WAIT, &["stage"], "Time of one page by stage: read, fold, write"),
    row("turnout_projector_rows_total", Counter, &["table"], "Rows written, by the read model's table"),
    row("turnout_projector_leads", Gauge, &[], "Whether this node's projector writes (1) or follows another (0)"),
    row("turnout_projector_stopped_streams", Gauge, &[], "Streams stopped at an event that cannot be understood, as a leader knows; above 0 somebody has to look"),
    row("turnout_projector_errors_total", Counter, &[], "Steps that met an error of the database and were tried again"),
    row("turnout_trace_spans_total", Counter, &["outcome"], "Spans of traces: sent, dropped (the queue was full), failed (the collector did not take them)"),
    row("turnout_pool_connections", Gauge, &["pool", "state"], "Connections to PostgreSQL by pool, used and idle; the recorder has one more"),
    row("turnout_postgres_answers", Gauge, &[], "Whether PostgreSQL answered within a second when this was read (1)"),
    row("turnout_postgres_wal_bytes_total", Counter, &[], "Bytes of write-ahead log that PostgreSQL made, for all its databases"),
    row("turnout_postgres_wal_buffers_full_total", Counter, &[], "Times that the write-ahead log was written because its buffers were full"),
    row("turnout_postgres_wal_writes_total", Counter, &[], "Writes of the write-ahead log; up to PostgreSQL 17"),
    row("turnout_postgres_wal_flushes_total", Counter, &[], "Flushes of the write-ahead log to disk; up to PostgreSQL 17"),
    row("turnout_postgres_wal_write_seconds_total", Counter, &[], "Time spent writing the write-ahead log; only with track_wal_io_timing, up to PostgreSQL 17"),
    row("turnout_postgres_wal_flush_seconds_total", Counter, &[], "Time spent flushing the write-ahead log to disk; only with track_wal_io_timing, up to PostgreSQL 17"),
    row("turnout_runtime_workers", Gauge, &[], "Threads that run the program's tasks"),
    row("turnout_runtime_tasks", Gauge, &[], "Tasks that are alive"),
    row("turnout_runtime_queued_tasks", Gauge, &[], "Tasks in the queue that all threads share"),
    row("turnout_runtime_busy_seconds_total", Counter, &[], "Time that the threads were busy, together"),
    row("turnout_build_info", Gauge, &["version"], "Always 1; the version is its label"),
    row("process_cpu_seconds_total", Counter, &[], "Time that the process used the cores, without its PostgreSQL"),
    row("process_resident_memory_bytes", Gauge, &[], "Memory of the process, without its PostgreSQL; on Linux"),
    row("process_open_fds", Gauge, &[], "Open file descriptors; on Linux"),
    row("process_max_fds", Gauge, &[], "File descriptors that it may open"),
];

const fn row(name: &'static str, kind: Kind, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind, labels, help }
}

/// The metric of a name.
pub fn find(name: &str) -> Option<&'static Metric> {
    TABLE.iter().find(|metric| metric.name == name)
}

/// Tells the exporter what they say.
pub fn describe() {
    for metric in TABLE {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.help),
            Kind::Gauge => describe_gauge!(metric.name, metric.help),
            Kind::Histogram(_) => describe_histogram!(metric.name, metric.help),
        }
    }
}

impl Kind {
    /// In the text format's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_say_their_kind_and_stand_there_once() {
        let names: BTreeSet<&str> = TABLE.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), TABLE.len(), "a name stands there twice");
        for metric in TABLE {
            assert_eq!(matches!(metric.kind, Kind::Counter), metric.name.ends_with("_total"), "{}", metric.name);
            assert!(metric.name.starts_with("turnout_") || metric.name.starts_with("process_"), "{}", metric.name);
            assert!(!metric.help.ends_with('.') && !metric.help.contains(['\n', '\\', '|']), "{}", metric.name);
        }
    }

    #[test]
    fn buckets_grow() {
        for metric in TABLE {
            if let Kind::Histogram(buckets) = metric.kind {
                assert!(buckets.windows(2).all(|pair| pair[0] < pair[1]), "{}", metric.name);
            }
        }
    }

    /// The table of the documentation is this one: whoever changes one is told to change the other.
    #[test]
    fn the_documentation_shows_this_table() {
        let rows = TABLE.iter().map(|metric| {
            let labels = metric.labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
            format!("| `{}` | {} | {labels} | {} |", metric.name, metric.kind.as_str(), metric.help)
        });
        let expected: Vec<String> = rows.map(|row| row.replace("|  |", "| |")).collect();
        let documentation =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md")).unwrap();
        let shown: Vec<&str> = documentation
            .lines()
            .filter(|line| line.starts_with("| `turnout_") || line.starts_with("| `process_"))
            .collect();
        assert_eq!(shown, expected, "docs/operations.md should show:\n{}", expected.join("\n"));
    }
}
