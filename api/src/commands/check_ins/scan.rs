//! A look at a ticket, as a device sends it.

use commands::check_in::{CheckIn, Offline, Shown};
use domain::{
    FieldError, ValueError,
    door::{Direction, RefusalReason},
    events::Verdict,
    ids::{DeviceId, ScanId},
    text::DoorName,
};
use event_store::Ids;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::commands::{
    moment::Moment,
    people::{ReasonBody, Typed},
};

/// The longest token that is looked at, in characters: whatever a QR code can hold and a bit more.
const TOKEN_CHARACTERS_MAX: usize = 2_048;

/// More people than any ticket admits (100); a device that let in more says so in several scans.
const PERSONS_MAX: u32 = 1_000;

/// A look at a ticket: exactly one of `short_code`, `token` and `ticket`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::commands) struct ScanBody {
    /// What was typed on the keypad; leading zeros count.
    #[serde(default)]
    #[schema(example = "0427")]
    short_code: Option<String>,
    /// Whatever was scanned.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2048, example = json!(null))]
    token: Option<TokenText>,
    /// The ticket's id, picked from a list or confirmed.
    #[serde(default)]
    #[schema(example = json!(null))]
    ticket: Option<String>,
    /// Which way: `in` (the default) or `out`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "in")]
    direction: Option<Direction>,
    /// At which gate, by its name.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = json!(null))]
    gate: Option<DoorName>,
    /// Into which area, by its name; by default the gate's, else the only one.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = json!(null))]
    area: Option<DoorName>,
    /// How many people; by default all that are left.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1000, example = json!(null))]
    persons: Option<PersonsField>,
    /// The scan's id, made by the device; by default the server makes one.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid)]
    scan: Option<ScanId>,
    /// When an offline scan was made, by the device's clock.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    scanned_at: Option<Moment>,
    /// Why somebody is let in against the rules.
    #[serde(default, rename = "override")]
    #[schema(example = json!(null))]
    against: Option<ReasonBody>,
    /// What the device decided by itself, without the network.
    #[serde(default)]
    #[schema(value_type = Option<OfflineBody>, example = json!(null))]
    offline: Option<OfflineBody>,
    /// In a batch: the device that made the scan, where another one sends it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid, example = json!(null))]
    pub(super) device: Option<DeviceId>,
}

/// What a device decided by itself.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfflineBody {
    /// `admitted` or `refused`.
    #[schema(value_type = String, example = "admitted")]
    result: OfflineResult,
    /// Why it refused, as in the answers of check-ins.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    reason: Option<RefusalReason>,
    /// How far its door list was: a log position.
    #[schema(value_type = i64, minimum = 0)]
    list_position: Natural,
    /// Its own count of scans, which orders them.
    #[schema(value_type = i64, minimum = 0)]
    sequence: Natural,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "i64")]
struct Natural(i64);

impl TryFrom<i64> for Natural {
    type Error = ValueError;

    fn try_from(n: i64) -> Result<Self, ValueError> {
        if n >= 0 { Ok(Self(n)) } else { Err(ValueError("must not be negative".to_owned())) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OfflineResult {
    Admitted,
    Refused,
}

/// What was held up, still to be looked at.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::commands) enum Presented {
    /// Something typed.
    ShortCode(String),
    /// Something scanned.
    Token(String),
    /// A ticket's id, or what should be one.
    Ticket(String),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct TokenText(String);

impl TryFrom<String> for TokenText {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        if text.chars().count() <= TOKEN_CHARACTERS_MAX {
            Ok(Self(text))
        } else {
            Err(ValueError(format!("has more than {TOKEN_CHARACTERS_MAX} characters")))
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "u32")]
struct PersonsField(u32);

impl TryFrom<u32> for PersonsField {
    type Error = ValueError;

    fn try_from(n: u32) -> Result<Self, ValueError> {
        if (1..=PERSONS_MAX).contains(&n) {
            Ok(Self(n))
        } else {
            Err(ValueError(format!("must be from 1 to {PERSONS_MAX}")))
        }
    }
}

impl ScanBody {
    /// What was held up.
    ///
    /// # Errors
    /// That it is nothing or several things, or that an admission has a reason for a refusal.
    pub(in crate::commands) fn presented(&self) -> Result<Presented, Vec<FieldError>> {
        let error = |pointer: &str, detail: &str| Err(vec![FieldError::at(pointer, detail)]);
        if let Some(OfflineBody { result: OfflineResult::Admitted, reason: Some(_), .. }) = self.offline {
            return error("/offline/reason", "goes with refused; an admission has none");
        }
        match (&self.short_code, &self.token, &self.ticket) {
            (Some(code), None, None) => Ok(Presented::ShortCode(code.clone())),
            (None, Some(token), None) => Ok(Presented::Token(token.0.clone())),
            (None, None, Some(ticket)) => Ok(Presented::Ticket(ticket.clone())),
            (None, None, None) => error("", "needs exactly one of short_code, token and ticket; it has none"),
            _ => error("", "needs exactly one of short_code, token and ticket; it has several"),
        }
    }

    /// Whether a device decided it by itself.
    pub(super) fn is_offline(&self) -> bool {
        self.offline.is_some()
    }

    /// The command, with what was typed on its way to the vault.
    pub(super) fn into_command(self, shown: Shown, ids: &dyn Ids, typed: &mut Typed<'_>) -> CheckIn {
        CheckIn {
            scan: self.scan.unwrap_or_else(|| ScanId(ids.next())),
            shown,
            direction: self.direction.unwrap_or(Direction::In),
            gate: self.gate,
            area: self.area,
            persons: self.persons.map(|persons| persons.0),
            device: self.device,
            scanned_at: self.scanned_at.map(Into::into),
            override_reason: self.against.map(|why| typed.text("override_reason", why.reason, None)),
            offline: self.offline.map(|offline| Offline {
                verdict: match offline.result {
                    OfflineResult::Admitted => Verdict::Admitted,
                    OfflineResult::Refused => Verdict::Refused(offline.reason),
                },
                list_position: offline.list_position.0,
                sequence: offline.sequence.0,
            }),
        }
    }
}

const FIELDS: &[&str] = &[
    "short_code",
    "token",
    "ticket",
    "direction",
    "gate",
    "area",
    "persons",
    "scan",
    "scanned_at",
    "override",
    "offline",
    "device",
];
const OVERRIDE_FIELDS: &[&str] = &["reason"];
const OFFLINE_FIELDS: &[&str] = &["result", "reason", "list_position", "sequence"];

/// A scan of a batch without the fields that this version does not know: a newer device's scans are facts, too.
pub(super) fn known_fields(mut scan: Value) -> Value {
    let keep = |value: Option<&mut Value>, known: &[&str]| {
        if let Some(Value::Object(members)) = value {
            members.retain(|name, _| known.contains(&name.as_str()));
        }
    };
    keep(Some(&mut scan), FIELDS);
    keep(scan.get_mut("override"), OVERRIDE_FIELDS);
    keep(scan.get_mut("offline"), OFFLINE_FIELDS);
    scan
}

/// The id that a scan names, however little else of it is understood.
pub(super) fn scan_id(scan: &Value) -> Option<Uuid> {
    scan.get("scan").and_then(Value::as_str).and_then(|id| Uuid::try_parse(id).ok())
}

#[cfg(test)]
mod tests {
    use domain::ids::{ShowId, TicketId};
    use event_store::SequentialIds;
    use serde_json::json;

    use super::*;

    fn scan(body: Value) -> Result<ScanBody, String> {
        serde_path_to_error::deserialize(body).map_err(|error| error.path().to_string())
    }

    fn command(body: Value) -> CheckIn {
        let ids = SequentialIds::new(0);
        let mut typed = Typed::new(&ids, ShowId(Uuid::nil()));
        scan(body).unwrap().into_command(Shown::Ticket(TicketId(Uuid::nil())), &ids, &mut typed)
    }

    #[test]
    fn exactly_one_thing_is_held_up() {
        assert_eq!(
            scan(json!({ "short_code": "0427" })).unwrap().presented(),
            Ok(Presented::ShortCode("0427".to_owned()))
        );
        for body in [json!({}), json!({ "short_code": "1", "token": "t" }), json!({ "gate": "North" })] {
            assert!(scan(body.clone()).unwrap().presented().is_err(), "{body}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_where_it_is() {
        for (body, path) in [
            (json!({ "token": "x".repeat(2_049) }), "token"),
            (json!({ "short_code": "1", "persons": 0 }), "persons"),
            (json!({ "short_code": "1", "scan": "no UUID" }), "scan"),
            (json!({ "short_code": "1", "override": { "reason": "" } }), "override.reason"),
            (json!({ "short_code": "1", "offline": { "result": "maybe" } }), "offline.result"),
            (json!({ "short_code": "1", "colour": "red" }), "colour"),
        ] {
            assert_eq!(scan(body).unwrap_err(), path);
        }
        let offline = json!({ "result": "admitted", "reason": "void", "list_position": 1, "sequence": 1 });
        let errors = scan(json!({ "short_code": "1", "offline": offline })).unwrap().presented().unwrap_err();
        assert_eq!(errors[0].pointer, "/offline/reason");
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let plain = command(json!({ "short_code": "1" }));
        assert_eq!((plain.direction, plain.persons, plain.offline), (Direction::In, None, None));
        let late = command(json!({
            "short_code": "1", "scan": Uuid::from_u128(7), "scanned_at": "2026-01-01T12:00:00Z",
            "offline": { "result": "refused", "reason": null, "list_position": 1, "sequence": 9 },
        }));
        assert_eq!(late.scan.0, Uuid::from_u128(7));
        assert_eq!(late.offline.unwrap().verdict, Verdict::Refused(None));
    }

    #[test]
    fn a_batch_passes_over_fields_of_tomorrow() {
        let tomorrow = json!({
            "short_code": "1", "scan": Uuid::from_u128(7), "mood": "good", "override": { "reason": "VIP", "by": 7 },
        });
        assert!(scan(tomorrow.clone()).is_err());
        assert_eq!(scan_id(&tomorrow), Some(Uuid::from_u128(7)));
        assert!(scan(known_fields(tomorrow)).is_ok());
        assert_eq!(known_fields(json!(7)), json!(7));
    }
}
