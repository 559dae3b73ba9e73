//! The facts of a show and of an organization, as they are recorded: stable for ever. One event a fact, in the past tense.
//!
//! An event carries whatever its command's answer shows and whatever a reader needs to know what changed (an end names
//! the places that it frees), so that nobody has to look elsewhere. It never carries what may have to be erased: people
//! and what they typed are ids of vault entries. Money is in minor units of the show's currency, moments are UTC.
//!
//! A field that is `null` or an empty list where nothing is said may be left out. `basket`, `shift` and `test` are
//! reserved for later on orders and tickets. A released shape is never changed: a new one gets the next schema number
//! and an upcaster (`upcasters.rs`), by which events of the older schema are read for ever.

mod admission;
mod organization;
mod planning;
mod sales;
mod upcasters;

pub use admission::*;
pub use organization::*;
pub use planning::*;
pub use sales::*;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use upcasters::{Upcaster, straight_lines};

/// Why a recorded event cannot be read: a defect or a newer version's writing, never something to skip.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The type is none of ours.
    #[error("no event type {0} is known")]
    UnknownType(String),
    /// The schema was not written by any version so far.
    #[error("{event_type} has no schema {schema}")]
    UnknownSchema {
        /// The event's type.
        event_type: String,
        /// The schema asked for.
        schema: i32,
    },
    /// The payload has another shape.
    #[error("{event_type} holds a payload of another shape")]
    Payload {
        /// The event's type.
        event_type: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// Declares the events of one kind of stream, each with the schema that this version writes, and behind an arrow the upcasters
/// that lead there from schema 1: the enum, and its way into the log and out of it. A variant holds the payload of its name.
macro_rules! events {
    ($(#[$enum_doc:meta])* $events:ident { $($(#[$doc:meta])* $name:ident = $schema:literal $(<- [$($upcaster:ident),+])?,)* }) => {
        $(#[$enum_doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $events {
            $($(#[$doc])* $name($name),)*
        }

        impl $events {
            /// Every type of such a stream.
            pub const TYPES: &[&str] = &[$(stringify!($name)),*];

            /// Its type, as recorded.
            pub fn event_type(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)*
                }
            }

            /// The schema that this version writes.
            pub fn schema(&self) -> i32 {
                match self {
                    $(Self::$name(_) => $schema,)*
                }
            }

            /// The payload, as JSON text.
            pub fn payload(&self) -> String {
                let text = match self {
                    $(Self::$name(event) => serde_json::to_string(event),)*
                };
                // Our own structs: text keys, no failing serializer.
                text.expect("an event's payload is always writable as JSON")
            }

            /// Reads what was recorded, by whichever version.
            pub fn decode(event_type: &str, schema: i32, payload: &str) -> Result<Self, DecodeError> {
                match event_type {
                    $(stringify!($name) => {
                        const UPCASTERS: &[Upcaster] = &[$($($upcaster),+)?];
                        const { assert!(UPCASTERS.len() + 1 == $schema, "a step for each older schema") };
                        if schema == $schema {
                            parse(event_type, payload).map(Self::$name)
                        } else {
                            upcast(event_type, schema, UPCASTERS, payload).map(Self::$name)
                        }
                    })*
                    _ => Err(DecodeError::UnknownType(event_type.to_owned())),
                }
            }
        }

        $(impl From<$name> for $events {
            fn from(event: $name) -> Self {
                Self::$name(event)
            }
        })*
    };
}

fn parse<'a, T: Deserialize<'a>>(event_type: &str, payload: &'a str) -> Result<T, DecodeError> {
    serde_json::from_str(payload).map_err(|source| DecodeError::Payload { event_type: event_type.to_owned(), source })
}

/// Reads a payload of an older schema: every upcaster from there on, and then as today's.
fn upcast<T: DeserializeOwned>(
    event_type: &str,
    schema: i32,
    upcasters: &[Upcaster],
    payload: &str,
) -> Result<T, DecodeError> {
    let steps = usize::try_from(schema).ok().and_then(|schema| upcasters.get(schema.checked_sub(1)?..));
    let Some(steps) = steps.filter(|steps| !steps.is_empty()) else {
        return Err(DecodeError::UnknownSchema { event_type: event_type.to_owned(), schema });
    };
    let recorded: Value = parse(event_type, payload)?;
    let today = steps.iter().fold(recorded, |payload, step| step(payload));
    serde_json::from_value(today).map_err(|source| DecodeError::Payload { event_type: event_type.to_owned(), source })
}

events! {
    /// A fact in a show's stream.
    ShowEvent {
        /// A show was planned.
        ShowScheduled = 2 <- [straight_lines],
        /// What it says of itself changed.
        ShowRevised = 2 <- [straight_lines],
        /// It takes place at another time.
        ShowRescheduled = 1,
        /// Its places were drawn, or drawn anew.
        SeatingAdopted = 2 <- [straight_lines],
        /// A shared quota was added.
        PoolAdded = 2 <- [straight_lines],
        /// A shared quota changed.
        PoolRevised = 2 <- [straight_lines],
        /// A ticket type was added.
        TicketTypeAdded = 2 <- [straight_lines],
        /// A ticket type changed.
        TicketTypeRevised = 2 <- [straight_lines],
        /// The door got its rules.
        DoorSet = 2 <- [straight_lines],
        /// Visitors may see it and buy.
        ShowPublished = 1,
        /// Sales rest.
        SalesPaused = 1,
        /// Sales go on.
        SalesResumed = 1,
        /// Sales are over.
        SalesClosed = 1,
        /// It does not take place.
        ShowCancelled = 1,
        /// Places were taken out of sale.
        PlacesBlocked = 2 <- [straight_lines],
        /// Blocked places went back on sale.
        BlockReleased = 2 <- [straight_lines],
        /// Places are kept for somebody.
        HoldPlaced = 2 <- [straight_lines],
        /// A hold has other places now.
        HoldChanged = 2 <- [straight_lines],
        /// A hold ends later.
        HoldExtended = 1,
        /// A hold was given up.
        HoldReleased = 2 <- [straight_lines],
        /// A hold ran out.
        HoldExpired = 2 <- [straight_lines],
        /// Somebody bought, or promised to.
        OrderPlaced = 2 <- [straight_lines],
        /// Money came in.
        PaymentRecorded = 1,
        /// An order was cancelled.
        OrderCancelled = 2 <- [straight_lines],
        /// An order was not paid in time.
        OrderExpired = 2 <- [straight_lines],
        /// Money went back.
        RefundRecorded = 1,
        /// A ticket exists.
        TicketIssued = 2 <- [straight_lines],
        /// A ticket admits nobody any more.
        TicketVoided = 2 <- [straight_lines],
        /// A ticket has a new code and token.
        TicketReissued = 1,
        /// A ticket has another seat.
        TicketMoved = 2 <- [straight_lines],
        /// A ticket belongs to somebody else.
        TicketTransferred = 1,
        /// A ticket has a holder's name.
        HolderNamed = 1,
        /// Somebody went in.
        CheckedIn = 2 <- [straight_lines],
        /// Somebody went out.
        CheckedOut = 2 <- [straight_lines],
        /// Somebody was refused.
        CheckInRefused = 2 <- [straight_lines],
        /// A check-in or check-out was taken back.
        CheckInUndone = 2 <- [straight_lines],
        /// A device decided otherwise than the server would have.
        AdmissionConflictFound = 2 <- [straight_lines],
        /// People without tickets were counted.
        PersonsCounted = 2 <- [straight_lines],
    }
}

events! {
    /// A fact in an organization's stream.
    OrganizationEvent {
        /// An organization exists.
        OrganizationFounded = 1,
        /// Its settings changed.
        SettingsChanged = 1,
        /// Somebody was asked to become a member.
        MemberInvited = 1,
        /// Somebody is a member without having been asked.
        MemberAdded = 1,
        /// Somebody accepted and is a member.
        MemberJoined = 1,
        /// A member has another role.
        MemberRoleChanged = 1,
        /// Somebody is no member any more, or will not become one.
        MemberRemoved = 1,
        /// A key exists.
        ApiKeyIssued = 1,
        /// Another key takes over from a key.
        ApiKeyRetired = 1,
        /// A key is no longer taken.
        ApiKeyRevoked = 1,
        /// A device may be paired.
        DevicePairingOffered = 1,
        /// A device is paired.
        DevicePaired = 1,
        /// A device is no longer let in.
        DeviceRevoked = 1,
        /// A member signed in.
        SignedIn = 1,
        /// Somebody failed to sign in as a member.
        SignInsFailed = 1,
        /// Somebody guesses short codes.
        CodeGuessingNoticed = 1,
        /// What was known of a person is erased.
        PersonErased = 1,
        /// What was known of the people of a show is erased.
        RetentionEnded = 1,
        /// Names and reasons of the organization itself are erased.
        TextRetentionEnded = 1,
    }
}
