//! A show's story: its state after each event, and whether that event may have happened.

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use domain::{ShowState, StateHash, show::FOLD_VERSION};
use projections::history::{Language, Storyteller, Words};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    compare,
    figures::{Due, Figures},
    source::Recorded,
};
use crate::verify::judge::Judge;

/// The story so far.
pub(super) struct Story {
    show: Uuid,
    storyteller: Storyteller,
    words: Words,
    state: ShowState,
    judge: Judge,
    due: Due,
    position: i64,
    version: i64,
    recorded_at: Option<DateTime<Utc>>,
    /// Where the judge and the fold differ by now: it is told once, at the step where it begins.
    differences: Vec<String>,
}

/// What one event did.
#[derive(Serialize)]
pub(super) struct Step {
    pub position: i64,
    pub version: i64,
    pub recorded_at: DateTime<Utc>,
    /// By the clock of the show's zone.
    pub local_time: String,
    #[serde(rename = "type")]
    pub event_type: String,
    pub actor: String,
    pub device: Option<Uuid>,
    pub channel: Option<String>,
    /// What happened, in a sentence of the history.
    pub what: String,
    /// The state behind it.
    pub state: Figures,
    /// What is wrong with it.
    pub wrong: Vec<String>,
}

impl Story {
    /// Of a show, before its first event.
    pub(super) fn new(show: Uuid, language: Language) -> Self {
        Self {
            show,
            storyteller: Storyteller::new(language),
            words: Words(language),
            state: ShowState::default(),
            judge: Judge::default(),
            due: Due::default(),
            position: 0,
            version: 0,
            recorded_at: None,
            differences: Vec::new(),
        }
    }

    /// Takes in the next event.
    pub(super) fn take(&mut self, recorded: Recorded) -> Step {
        let Recorded { looked, event_type, actor, device, channel } = recorded;
        let mut wrong = looked.wrong;
        if looked.version != self.version + 1 {
            wrong.push(format!("version {}, where {} has to come", looked.version, self.version + 1));
        }
        if let Some(before) = self.recorded_at.filter(|before| looked.recorded_at < *before) {
            wrong.push(format!("recorded at {}, and the event before at {before}", looked.recorded_at));
        }
        self.version = looked.version;
        self.position = looked.position;
        self.recorded_at = Some(looked.recorded_at);
        let mut what = event_type.clone();
        if let Some(event) = &looked.of_show {
            what = self.storyteller.tell(self.show, event, &actor);
            wrong.extend(self.judge.take(event));
            self.state.evolve(event);
            self.due.follow(event, &self.state);
            let differences = compare::sums(&self.judge, &self.state);
            wrong.extend(differences.iter().filter(|one| !self.differences.contains(one)).cloned());
            self.differences = differences;
        }
        Step {
            position: looked.position,
            version: looked.version,
            recorded_at: looked.recorded_at,
            // For programs in one form, whatever the language.
            local_time: looked.recorded_at.with_timezone(&self.zone()).format("%Y-%m-%d %H:%M:%S").to_string(),
            event_type,
            actor,
            device,
            channel,
            what,
            state: self.figures(),
            wrong,
        }
    }

    /// Where the story and the judge differ in single seats, now that it is over.
    pub(super) fn last_look(&self) -> Vec<String> {
        compare::seats(&self.judge, &self.state)
    }

    /// The position of its last event so far.
    pub(super) fn position(&self) -> i64 {
        self.position
    }

    /// How many events it has so far.
    pub(super) fn version(&self) -> i64 {
        self.version
    }

    /// The hash of its state.
    pub(super) fn hash(&self) -> StateHash {
        StateHash::of_show(&self.state)
    }

    fn figures(&self) -> Figures {
        Figures::of(&self.state, &self.due, self.words)
    }

    /// The zone of its clock.
    pub(super) fn zone(&self) -> Tz {
        self.state.show().map_or(Tz::UTC, |show| show.timezone.tz())
    }

    /// A step for people; what is wrong stands below it.
    pub(super) fn line(&self, step: &Step) -> String {
        let at = self.words.second(self.zone(), step.recorded_at);
        let mut line = format!("{:>9}  {at}  {:<72}  {}", step.position, step.what, step.state.line(self.words));
        for wrong in &step.wrong {
            line.push_str(&format!("\n{:>9}  {}", "", self.words.say("replay-wrong", [("what", wrong.into())])));
        }
        line
    }

    /// Its end for people: the state in some lines.
    pub(super) fn end_text(&self) -> String {
        let words = self.words;
        let Some(show) = self.state.show() else { return words.say("replay-nothing", []) };
        let figures = self.figures();
        let at = self.recorded_at.map(|at| words.second(self.zone(), at)).unwrap_or_default();
        let mut lines = vec![words.say(
            "replay-ended",
            [
                ("name", show.name.as_str().into()),
                ("slug", show.slug.as_str().into()),
                ("status", words.say(&format!("status-{}", show.status().as_str()), []).into()),
                ("events", self.version.into()),
                ("position", self.position.to_string().into()),
                ("at", at.into()),
                ("zone", self.zone().name().into()),
            ],
        )];
        let mut row = |label: &str, said: String| lines.push(format!("  {label:<12}{said}"));
        row(&words.say("replay-places", []), figures.line(words));
        for of_type in show.ticket_types.values() {
            let said = words.say("replay-state", [("held", of_type.held.into()), ("sold", of_type.sold.into())]);
            row(of_type.terms.name.as_str(), said);
        }
        let saw = words.say(
            "replay-door-saw",
            [
                ("valid", figures.valid.into()),
                ("admitted", figures.admitted.into()),
                ("inside", figures.inside.into()),
                ("refused", figures.refused.into()),
            ],
        );
        row(&words.say("replay-door", []), saw);
        let fold = words.say("replay-fold", [("fold", FOLD_VERSION.to_string().into())]);
        row(&words.say("replay-hash", []), format!("{} ({fold})", self.hash()));
        lines.join("\n")
    }

    /// Its end for programs.
    pub(super) fn end_json(&self) -> Value {
        let show = self.state.show();
        json!({
            "show": show.map(|show| show.id),
            "slug": show.map(|show| show.slug.as_str()),
            "name": show.map(|show| show.name.to_string()),
            "status": show.map(|show| show.status().as_str()),
            "timezone": self.zone().name(),
            "events": self.version,
            "position": self.position,
            "recorded_at": self.recorded_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true)),
            "state": self.figures(),
            "fold": FOLD_VERSION,
            "state_hash": self.hash().to_string(),
        })
    }
}

impl Step {
    /// A line for programs.
    pub(super) fn json(&self) -> String {
        // Our own struct of texts and numbers.
        serde_json::to_string(self).expect("a step is always writable as JSON")
    }
}

#[cfg(test)]
mod tests {
    use domain::{ShowEvent, money::Amount};

    use super::*;
    use crate::verify::event::Looked;

    /// A story of one event, at 11:42:07 in Berlin.
    fn begun(language: Language) -> (Story, Step) {
        let payload = include_str!("../../../domain/tests/golden/ShowScheduled.v2.json");
        let looked = Looked {
            position: 4_711,
            organization: Uuid::nil(),
            stream_type: "show".to_owned(),
            stream: Uuid::nil(),
            version: 1,
            recorded_at: DateTime::from_timestamp(1_795_344_127, 0).unwrap(),
            of_show: Some(ShowEvent::decode("ShowScheduled", 2, payload).unwrap()),
            wrong: vec!["odd".to_owned()],
        };
        let (event_type, actor) = ("ShowScheduled".to_owned(), "system".to_owned());
        let mut story = Story::new(Uuid::nil(), language);
        let step = story.take(Recorded { looked, event_type, actor, device: None, channel: None });
        (story, step)
    }

    #[test]
    fn a_step_and_the_end_are_told_in_the_language_of_the_story() {
        let (story, step) = begun(Language::En);
        let said = story.line(&step);
        assert!(said.starts_with("     4711  2026-11-22 11:42:07  The show Spring Cup was planned"), "{said}");
        assert!(said.ends_with("  held 0, sold 0\n           WRONG: odd"), "{said}");
        let end = [
            r#""Spring Cup" (spring-cup-nyqcv), draft, after 1 event, at position 4711, 2026-11-22 11:42:07 (Europe/Berlin)"#,
            "  places      held 0, sold 0",
            "  door        0 valid tickets, 0 people admitted, 0 inside, 0 refusals",
        ];
        assert_eq!(story.end_text().lines().take(3).collect::<Vec<_>>(), end);
        assert!(story.end_text().ends_with(&format!("  state hash  {} (fold {FOLD_VERSION})", story.hash())));

        let (story, step) = begun(Language::De);
        let said = story.line(&step);
        assert!(said.starts_with("     4711  22.11.2026 11:42:07  Die Veranstaltung Spring Cup wurde"), "{said}");
        assert!(said.ends_with("  vorgemerkt 0, verkauft 0\n           FALSCH: odd"), "{said}");
        let end = [
            "„Spring Cup“ (spring-cup-nyqcv), im Entwurf, nach 1 Ereignis, an Position 4711, 22.11.2026 11:42:07 (Europe/Berlin)",
            "  Plätze      vorgemerkt 0, verkauft 0",
            "  Einlass     0 gültige Tickets, 0 Personen eingelassen, 0 drinnen, 0 Abweisungen",
        ];
        assert_eq!(story.end_text().lines().take(3).collect::<Vec<_>>(), end);
        assert!(story.end_text().ends_with(&format!("  Hash        {} (Faltung {FOLD_VERSION})", story.hash())));
        // Programs read one form of a time.
        assert_eq!(step.local_time, "2026-11-22 11:42:07");
    }

    #[test]
    fn figures_say_what_is_due_and_who_is_in() {
        let (story, _) = begun(Language::En);
        let currency = story.state.show().unwrap().currency;
        let line = |language, orders_due| {
            let words = Words(language);
            let figures = Figures {
                free: Some(9_000),
                held: 1,
                sold: 1_234,
                blocked: 2,
                orders_due,
                due: 123_456,
                due_text: words.money(Amount(123_456), currency),
                admitted: 1_003,
                inside: 2,
                ..Figures::default()
            };
            figures.line(words)
        };
        assert_eq!(
            line(Language::En, 1),
            "free 9000, held 1, sold 1234, blocked 2; 1234.56 EUR due on one order; admitted 1003, inside 2"
        );
        assert_eq!(
            line(Language::De, 1),
            "frei 9.000, vorgemerkt 1, verkauft 1.234, gesperrt 2; 1.234,56 EUR offen aus einer Bestellung; eingelassen 1.003, drinnen 2"
        );
        assert!(line(Language::De, 1_000).contains("aus 1.000 Bestellungen;"), "{}", line(Language::De, 1_000));
        assert!(line(Language::En, 2).contains("due on 2 orders;"), "{}", line(Language::En, 2));
    }
}
