//! The events of a bundle, line by line: whether each is what its hashes were made of, whether they are one show's and none is
//! missing between them, and whether what they tell may have happened.

use chrono::{DateTime, Utc};
use domain::{ShowEvent, codes::CodeLength};
use event_store::{ExportLine, tree::Hash};
use projections::settlement::Settling;
use uuid::Uuid;

use super::archive::Lines;
use crate::verify::{
    event::{self, Looked},
    findings::Findings,
    judge::Judge,
};

/// What stands for a code that is withheld.
const MASK: &str = "•••";
const CODE_KEY: &str = "\"short_code\"";

/// The events so far. Its memory grows with the show, and by forty bytes for each event.
#[derive(Default)]
pub(super) struct Events {
    pub count: u64,
    /// How many are withheld in part.
    pub withheld: u64,
    /// Positions and hashes of those that have one, ascending.
    pub leaves: Vec<(u64, Hash)>,
    pub settling: Settling,
    judge: Judge,
    stand_ins: StandIns,
    first: Option<Whose>,
    version: i64,
    position: i64,
    recorded_at: Option<DateTime<Utc>>,
}

/// Whose events these are.
#[derive(Clone, Copy)]
struct Whose {
    organization: Uuid,
    stream: Uuid,
}

impl Events {
    /// The show; of nothing, an id of zeros.
    pub fn stream(&self) -> Uuid {
        self.first.map(|first| first.stream).unwrap_or_default()
    }

    /// Takes in every line.
    pub fn take_all(&mut self, mut lines: Lines<'_>, findings: &mut Findings) -> anyhow::Result<()> {
        let mut text = Vec::new();
        for number in 1.. {
            if !lines.next(&mut text)? {
                break;
            }
            match serde_json::from_slice::<ExportLine>(&text) {
                Ok(line) => self.take(line, &text, findings),
                Err(error) => findings.add_elsewhere(format!("events.ndjson, line {number}: {error}")),
            }
        }
        if self.count == 0 {
            findings.add_elsewhere("events.ndjson has no events".to_owned());
        }
        Ok(())
    }

    fn take(&mut self, mut line: ExportLine, text: &[u8], findings: &mut Findings) {
        self.count += 1;
        let mut wrong = Vec::new();
        // Texts that say the same in another way could say something else to another reader.
        let is_canonical =
            serde_json::to_vec(&line).is_ok_and(|again| text.strip_suffix(b"\n") == Some(again.as_slice()));
        if !is_canonical {
            wrong.push("its line is not written as the server writes lines".to_owned());
        }
        self.follows(&line, &mut wrong);
        match line.leaf_hash() {
            Ok(hash) => match u64::try_from(line.position).ok().filter(|_| line.position > self.position) {
                Some(position) => self.leaves.push((position, hash)),
                None => wrong.push(format!("it stands behind the position {}", self.position)),
            },
            Err(error) => wrong.push(error.to_string()),
        }
        if line.is_withheld() {
            self.withheld += 1;
            match self.stand_ins.put_in(&line.payload) {
                Some(payload) => line.payload = payload,
                None => wrong.push("it is withheld, and nothing in it is".to_owned()),
            }
        }
        let Looked { position, version, recorded_at, of_show, wrong: more, .. } = event::look(line.into());
        // What the leaf's hash found already is not said again.
        wrong.extend(more.into_iter().filter(|what| !wrong.contains(what)).collect::<Vec<_>>());
        if let Some(event) = of_show {
            self.stand_ins.learn(&event);
            wrong.extend(self.judge.take(&event));
            self.settling.take(position, version, recorded_at, &event);
        }
        self.position = self.position.max(position);
        self.version = self.version.max(version);
        self.recorded_at = self.recorded_at.max(Some(recorded_at));
        for what in wrong {
            findings.add(position, what);
        }
    }

    /// What an event has to do with the one before it.
    fn follows(&mut self, line: &ExportLine, wrong: &mut Vec<String>) {
        let ExportLine { organization, stream, .. } = *line;
        let first = *self.first.get_or_insert(Whose { organization, stream });
        if line.stream_type != "show" {
            wrong.push(format!("of a stream of the type {}, and a bundle is of a show", line.stream_type));
        }
        if stream != first.stream {
            wrong.push(format!("of the show {stream}, and the bundle of {}", first.stream));
        }
        if organization != first.organization {
            wrong.push(format!("of the organization {organization}, and the show of {}", first.organization));
        }
        if line.version != self.version + 1 {
            wrong.push(format!("version {} of the show, where {} has to come", line.version, self.version + 1));
        }
        if let Some(before) = self.recorded_at.filter(|before| line.recorded_at < *before) {
            wrong.push(format!("recorded at {}, and the event before at {before}", line.recorded_at));
        }
    }
}

/// Codes in the place of those that are withheld, so that the events can be read: of another length than the show's, so that none of
/// them is one of its codes, and each another one.
#[derive(Default)]
struct StandIns {
    given: u32,
    of_show: Option<CodeLength>,
}

impl StandIns {
    fn learn(&mut self, event: &ShowEvent) {
        if let ShowEvent::ShowPublished(event) = event {
            self.of_show = Some(event.code_length);
        }
    }

    /// The payload with codes in it. None: nothing in it is withheld.
    fn put_in(&mut self, payload: &str) -> Option<String> {
        let digits = if self.of_show.is_some_and(|length| length.digits() == 8) { 7 } else { 8 };
        let mut whole = String::with_capacity(payload.len());
        let mut from = 0;
        for (at, _) in payload.match_indices(CODE_KEY) {
            let Some(behind) = code_behind(&payload[at + CODE_KEY.len()..]) else { continue };
            if behind.starts_with(MASK) {
                let at = payload.len() - behind.len();
                whole.push_str(&payload[from..at]);
                self.given += 1;
                whole.push_str(&format!("{:0digits$}", self.given));
                from = at + MASK.len();
            }
        }
        whole.push_str(&payload[from..]);
        (from > 0).then_some(whole)
    }
}

/// What follows the key of a code, from the first character of the code on.
fn code_behind(behind_key: &str) -> Option<&str> {
    behind_key.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_put_where_codes_are_withheld_and_nowhere_else() {
        let mut stand_ins = StandIns::default();
        let payload =
            r#"{"name":"•••","short_code":"•••","ticket":{"short_code" : "•••"},"other":{"short_code":"1234"}}"#;
        assert_eq!(
            stand_ins.put_in(payload).as_deref(),
            Some(
                r#"{"name":"•••","short_code":"00000001","ticket":{"short_code" : "00000002"},"other":{"short_code":"1234"}}"#
            )
        );
        assert_eq!(stand_ins.put_in(r#"{"name":"•••","short_code":"1234"}"#), None);
    }
}
