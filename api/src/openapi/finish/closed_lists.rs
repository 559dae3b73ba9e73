//! Texts that are one of a few words. The types behind them are plain texts to the description; which words there are is said
//! here, once for every place where they stand, so that clients are generated with unions and not with text.
//!
//! A place is a schema and a property of it, `[]` for its items and `{}` for its values. A test holds the words against the
//! types that read them, and finds a place that is no more.

use serde_json::Value;

/// Words, and where in the schemas one of them stands.
struct ClosedList {
    words: &'static [&'static str],
    places: &'static [(&'static str, &'static str)],
}

const CHANNEL: ClosedList = ClosedList {
    words: &["web", "box_office", "door", "api"],
    places: &[
        ("AddTicketTypeBody", "channels[]"),
        ("ReviseTicketTypeBody", "channels[]"),
        ("ChannelsBody", "channels[]"),
        ("TicketTypeView", "channels[]"),
        ("ShowView", "paused_channels[]"),
        ("OrderView", "channel"),
    ],
};

const SHOW_STATUS: ClosedList = ClosedList {
    words: &["draft", "published", "paused", "closed", "cancelled"],
    places: &[("ShowView", "status"), ("AvailabilityView", "status"), ("DoorListShow", "status")],
};

const ORDER_STATUS: ClosedList = ClosedList {
    words: &["awaiting_payment", "paid", "cancelled", "expired"],
    places: &[("OrderView", "status"), ("OrderPlacedAnswer", "status"), ("PaymentRecordedAnswer", "status")],
};

const TICKET_STATUS: ClosedList =
    ClosedList { words: &["valid", "void"], places: &[("TicketView", "status"), ("DoorListTicket", "state")] };

const TERMS: ClosedList = ClosedList {
    words: &["pay_first", "pay_at_door", "on_account"],
    places: &[("PlaceOrderBody", "terms"), ("OrderView", "terms")],
};

const LINE_KIND: ClosedList =
    ClosedList { words: &["ticket", "fee", "discount", "donation", "product"], places: &[("LineView", "kind")] };

const BLOCK_KIND: ClosedList = ClosedList {
    words: &["house", "production", "guest_list", "promoter", "broken"],
    places: &[("BlockPlacesBody", "kind")],
};

const FEATURE: ClosedList = ClosedList {
    words: &["accessible", "companion", "restricted_view"],
    places: &[("SeatBody", "features[]"), ("SeatView", "features[]")],
};

const REENTRY: ClosedList = ClosedList {
    words: &["never", "after_exit", "always"],
    places: &[
        ("AreaBody", "reentry"),
        ("AreaView", "reentry"),
        ("DoorDefaultsView", "reentry"),
        ("DoorDefaultsPatch", "reentry"),
    ],
};

const PER: ClosedList = ClosedList {
    words: &["show", "day"],
    places: &[("AreaBody", "per"), ("AreaView", "per"), ("DoorDefaultsView", "per"), ("DoorDefaultsPatch", "per")],
};

const CODE_RULE: ClosedList = ClosedList {
    words: &["admit", "confirm", "off"],
    places: &[
        ("SetDoorBody", "codes"),
        ("ShowView", "codes"),
        ("DoorListShow", "codes"),
        ("DoorDefaultsView", "codes"),
        ("DoorDefaultsPatch", "codes"),
    ],
};

const HOLDER_RULE: ClosedList = ClosedList {
    words: &["none", "initials", "full"],
    places: &[
        ("SetDoorBody", "holder"),
        ("ShowView", "holder"),
        ("DoorListShow", "holder"),
        ("DoorDefaultsView", "holder"),
        ("DoorDefaultsPatch", "holder"),
    ],
};

const DIRECTION: ClosedList =
    ClosedList { words: &["in", "out"], places: &[("ScanBody", "direction"), ("CountPersonsBody", "direction")] };

const OFFLINE_RESULT: ClosedList = ClosedList { words: &["admitted", "refused"], places: &[("OfflineBody", "result")] };

const REFUSAL_REASON: ClosedList = ClosedList {
    words: &[
        "already_checked_in",
        "not_inside",
        "unknown_code",
        "bad_signature",
        "wrong_show",
        "wrong_area",
        "wrong_gate",
        "void",
        "replaced",
        "unpaid",
        "too_early",
        "not_yet_valid",
        "no_longer_valid",
        "area_full",
        "show_cancelled",
    ],
    places: &[("CheckInAnswer", "reason"), ("OfflineBody", "reason")],
};

const SEAT_STATE: ClosedList =
    ClosedList { words: &["held", "sold", "blocked", "taken"], places: &[("ChangesView", "seats{}")] };

const CLOSED_LISTS: &[ClosedList] = &[
    CHANNEL,
    SHOW_STATUS,
    ORDER_STATUS,
    TICKET_STATUS,
    TERMS,
    LINE_KIND,
    BLOCK_KIND,
    FEATURE,
    REENTRY,
    PER,
    CODE_RULE,
    HOLDER_RULE,
    DIRECTION,
    OFFLINE_RESULT,
    REFUSAL_REASON,
    SEAT_STATE,
];

/// Says in each place which words there are.
pub(super) fn with_closed_lists(schemas: &mut Value) {
    for ClosedList { words, places } in CLOSED_LISTS {
        for (schema, property) in *places {
            if let Some(text) = schemas.pointer_mut(&pointer(schema, property)) {
                let nullable = text["type"].as_array().is_some_and(|types| types.iter().any(|kind| kind == "null"));
                let words = words.iter().map(|word| Value::from(*word));
                text["enum"] = words.chain(nullable.then_some(Value::Null)).collect();
            }
        }
    }
}

fn pointer(schema: &str, property: &str) -> String {
    let (name, within) = match (property.strip_suffix("[]"), property.strip_suffix("{}")) {
        (Some(name), _) => (name, "/items"),
        (None, Some(name)) => (name, "/additionalProperties"),
        (None, None) => (property, ""),
    };
    format!("/{schema}/properties/{name}{within}")
}

#[cfg(test)]
mod tests {
    use domain::{
        door::{CodeRule, Direction, HolderRule, Per, Reentry, RefusalReason},
        events::{BlockKind, LineKind, OrderStatus, Terms},
        seating::Feature,
        ticket_type::Channel,
    };
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::router::described;

    /// What serde says it expected in the place of a word that none is.
    fn words_of<T: DeserializeOwned>() -> Vec<String> {
        let error = serde_json::from_str::<T>(r#""no such word""#).err().expect("no such word").to_string();
        error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_words_are_those_that_are_read() {
        assert_eq!(words_of::<Channel>(), CHANNEL.words);
        assert_eq!(words_of::<OrderStatus>(), ORDER_STATUS.words);
        assert_eq!(words_of::<Terms>(), TERMS.words);
        assert_eq!(words_of::<LineKind>(), LINE_KIND.words);
        assert_eq!(words_of::<BlockKind>(), BLOCK_KIND.words);
        assert_eq!(words_of::<Feature>(), FEATURE.words);
        assert_eq!(words_of::<Reentry>(), REENTRY.words);
        assert_eq!(words_of::<Per>(), PER.words);
        assert_eq!(words_of::<CodeRule>(), CODE_RULE.words);
        assert_eq!(words_of::<HolderRule>(), HOLDER_RULE.words);
        assert_eq!(words_of::<Direction>(), DIRECTION.words);
        assert_eq!(words_of::<RefusalReason>(), REFUSAL_REASON.words);
    }

    #[test]
    fn every_place_is_there_and_is_a_text() {
        let document = serde_json::to_value(described()).unwrap();
        let schemas = &document["components"]["schemas"];
        for (schema, property) in CLOSED_LISTS.iter().flat_map(|list| list.places) {
            let found = schemas.pointer(&pointer(schema, property));
            let kind = found.map(|place| &place["type"]).unwrap_or_else(|| panic!("no {property} in {schema}"));
            let is_text = kind == "string" || kind.as_array().is_some_and(|kinds| kinds.contains(&"string".into()));
            assert!(is_text, "{schema}.{property} is {kind}");
        }
    }
}
