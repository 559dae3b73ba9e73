//! What is wrong with a log, in the order of positions, and how it is said.

use projections::history::Words;
use serde::Serialize;

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

    /// For people: a line for each that is named, and one for all. What is wrong is said in English, whatever the language.
    pub(crate) fn text(&self, words: Words, events: u64, streams: usize, seconds: f64) -> String {
        let line = |Finding { position, what }: &Finding| match position {
            Some(position) => {
                words.say("found-at", [("position", position.to_string().into()), ("what", what.into())]) + "\n"
            }
            None => format!("{what}\n"),
        };
        let mut text: String = self.notes.iter().map(|note| format!("{note}\n")).collect();
        text.extend(self.named.iter().map(line));
        let rate = if seconds > 0.0 { events as f64 / seconds } else { 0.0 };
        let looked = words.say(
            "looked",
            [
                ("events", events.into()),
                ("streams", streams.into()),
                ("seconds", words.decimal(seconds, 1).into()),
                ("rate", words.decimal(rate, 0).into()),
            ],
        );
        let (count, named) = (self.count, self.named.len());
        let found = match count {
            0 => "found-nothing",
            1 => "found-one",
            _ if count > named as u64 => "found-more",
            _ => "found-several",
        };
        text.push_str(&words.say(found, [("count", count.into()), ("named", named.into()), ("looked", looked.into())]));
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
    use projections::history::Language;

    use super::*;

    const ENGLISH: Words = Words(Language::En);
    const GERMAN: Words = Words(Language::De);

    #[test]
    fn one_event_of_one_stream_is_said_in_the_singular() {
        let mut findings = Findings::default();
        let looked = "1 event in 1 stream, looked at in 0.5 s (2 a second).";
        assert_eq!(findings.text(ENGLISH, 1, 1, 0.5), format!("All is right: {looked}"));
        findings.add(7, "odd".to_owned());
        assert_eq!(findings.text(ENGLISH, 1, 1, 0.5), format!("position 7: odd\nOne thing is wrong: {looked}"));
        findings.add_elsewhere("odder".to_owned());
        let said = findings.text(ENGLISH, 2, 3, 0.5);
        assert!(
            said.ends_with("2 things are wrong: 2 events in 3 streams, looked at in 0.5 s (4 a second)."),
            "{said}"
        );
    }

    #[test]
    fn german_has_its_own_words_and_numbers() {
        let mut findings = Findings::default();
        let looked = "4.000 Ereignisse in 1 Strom, angesehen in 0,5 s (8.000 je Sekunde).";
        assert_eq!(findings.text(GERMAN, 4_000, 1, 0.5), format!("Alles ist richtig: {looked}"));
        findings.add(1_234, "odd".to_owned());
        assert_eq!(findings.text(GERMAN, 4_000, 1, 0.5), format!("Position 1234: odd\nEines ist falsch: {looked}"));
        for position in 0..30 {
            findings.add(position, "odd".to_owned());
        }
        let said = findings.text(GERMAN, 4_000, 1, 0.5);
        let end = format!("31 Dinge sind falsch, die ersten 20 davon sind genannt: {looked}");
        assert!(said.ends_with(&end), "{said}");
        let said = findings.text(ENGLISH, 4_000, 1, 0.5);
        assert!(
            said.contains("31 things are wrong, of which the first 20 are named: 4000 events in 1 stream"),
            "{said}"
        );
    }
}
