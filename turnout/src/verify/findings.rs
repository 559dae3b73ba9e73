//! What is wrong with a log, in the order of positions, and how it is said.

use serde::Serialize;

use crate::counted::counted;

/// How many are named: enough to see a pattern, few enough to be read.
const NAMED_MAX: usize = 20;

/// Something that is wrong.
#[derive(Serialize)]
struct Finding {
    /// Null where it is no event that is wrong.
    position: Option<i64>,
    what: String,
}

/// All that is wrong, of which the first are named.
#[derive(Default)]
pub(crate) struct Findings {
    named: Vec<Finding>,
    count: u64,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Json<'a> {
    right: bool,
    events: u64,
    streams: usize,
    seconds: f64,
    findings: u64,
    first: &'a [Finding],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
}

impl Findings {
    /// Something that is wrong with an event.
    pub(crate) fn add(&mut self, position: i64, what: String) {
        self.name(Some(position), what);
    }

    /// Something that is wrong elsewhere.
    pub(crate) fn add_elsewhere(&mut self, what: String) {
        self.name(None, what);
    }

    /// What somebody else found, behind the rest.
    pub(super) fn append(&mut self, other: Self) {
        let room = NAMED_MAX.saturating_sub(self.named.len());
        self.count += other.count;
        self.named.extend(other.named.into_iter().take(room));
        self.notes.extend(other.notes);
    }

    fn name(&mut self, position: Option<i64>, what: String) {
        self.count += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push(Finding { position, what });
        }
    }

    /// Something that is not wrong, and has to be known.
    pub(super) fn note(&mut self, what: String) {
        self.notes.push(what);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// For people: a line for each that is named, and one for all.
    pub(crate) fn text(&self, events: u64, streams: usize, seconds: f64) -> String {
        let line = |Finding { position, what }: &Finding| match position {
            Some(position) => format!("position {position}: {what}\n"),
            None => format!("{what}\n"),
        };
        let mut text: String = self.notes.iter().map(|note| format!("{note}\n")).collect();
        text.extend(self.named.iter().map(line));
        let rate = if seconds > 0.0 { events as f64 / seconds } else { 0.0 };
        let (events, streams) = (counted(events, "event", "events"), counted(streams, "stream", "streams"));
        let looked = format!("{events} in {streams}, looked at in {seconds:.1} s ({rate:.0} a second)");
        text.push_str(&match (self.count, self.named.len() as u64) {
            (0, _) => format!("All is right: {looked}."),
            (1, _) => format!("One thing is wrong: {looked}."),
            (count, named) if count > named => {
                format!("{count} things are wrong, of which the first {named} are named: {looked}.")
            }
            (count, _) => format!("{count} things are wrong: {looked}."),
        });
        text
    }

    /// For programs: one object.
    pub(crate) fn json(&self, events: u64, streams: usize, seconds: f64) -> String {
        let json = Json {
            right: self.is_empty(),
            events,
            streams,
            seconds,
            findings: self.count,
            first: &self.named,
            notes: &self.notes,
        };
        // Our own struct of texts and numbers.
        serde_json::to_string(&json).expect("findings are always writable as JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_of_one_stream_is_said_in_the_singular() {
        let mut findings = Findings::default();
        let looked = "1 event in 1 stream, looked at in 0.5 s (2 a second).";
        assert_eq!(findings.text(1, 1, 0.5), format!("All is right: {looked}"));
        findings.add(7, "odd".to_owned());
        assert_eq!(findings.text(1, 1, 0.5), format!("position 7: odd\nOne thing is wrong: {looked}"));
        findings.add_elsewhere("odder".to_owned());
        let said = findings.text(2, 3, 0.5);
        assert!(
            said.ends_with("2 things are wrong: 2 events in 3 streams, looked at in 0.5 s (4 a second)."),
            "{said}"
        );
    }
}
