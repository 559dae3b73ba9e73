//! A show's story: its state after each event, and whether that event may have happened.

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use domain::{ShowState, StateHash, show::FOLD_VERSION};
use projections::history::{Language, Storyteller};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    compare,
    figures::{Due, Figures},
    source::Recorded,
};
use crate::{counted::counted, verify::judge::Judge};

/// The story so far.
pub(super) struct Story {
    show: Uuid,
    storyteller: Storyteller,
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
            local_time: self.local(looked.recorded_at),
            event_type,
            actor,
            device,
            channel,
            what,
            state: Figures::of(&self.state, &self.due),
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

    /// A moment by the show's clock; before there is a show, in UTC.
    pub(super) fn local(&self, moment: DateTime<Utc>) -> String {
        moment.with_timezone(&self.zone()).format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// The zone of its clock.
    pub(super) fn zone(&self) -> Tz {
        self.state.show().map_or(Tz::UTC, |show| show.timezone.tz())
    }

    /// Its end for people: the state in some lines.
    pub(super) fn end_text(&self) -> String {
        let Some(show) = self.state.show() else { return "Nothing was recorded until then.".to_owned() };
        let figures = Figures::of(&self.state, &self.due);
        let at = self.recorded_at.map(|at| self.local(at)).unwrap_or_default();
        let mut text = format!(
            "{:?} ({}), {}, after {}, at position {}, {at} ({})\n  places      {}\n",
            show.name.as_str(),
            show.slug.as_str(),
            show.status().as_str(),
            counted(self.version, "event", "events"),
            self.position,
            self.zone(),
            figures.line(),
        );
        for of_type in show.ticket_types.values() {
            text.push_str(&format!(
                "  {:<12}held {}, sold {}\n",
                of_type.terms.name.as_str(),
                of_type.held,
                of_type.sold
            ));
        }
        text.push_str(&format!(
            "  door        {}, {}, {} inside, {}\n  state hash  {} (fold {FOLD_VERSION})",
            counted(figures.valid, "valid ticket", "valid tickets"),
            counted(figures.admitted, "person admitted", "people admitted"),
            figures.inside,
            counted(figures.refused, "refusal", "refusals"),
            self.hash()
        ));
        text
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
            "state": Figures::of(&self.state, &self.due),
            "fold": FOLD_VERSION,
            "state_hash": self.hash().to_string(),
        })
    }
}

impl Step {
    /// A line for people; what is wrong stands below it.
    pub(super) fn line(&self) -> String {
        let mut line = format!("{:>9}  {}  {:<72}  {}", self.position, self.local_time, self.what, self.state.line());
        for wrong in &self.wrong {
            line.push_str(&format!("\n{:>9}  WRONG: {wrong}", ""));
        }
        line
    }

    /// A line for programs.
    pub(super) fn json(&self) -> String {
        // Our own struct of texts and numbers.
        serde_json::to_string(self).expect("a step is always writable as JSON")
    }
}
