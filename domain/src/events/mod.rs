//! The facts of a show and of an organization, as they are recorded: stable for ever. One event a fact, in the past tense.
//!
//! An event carries whatever its command's answer shows and whatever a reader needs to know what changed (an end names
//! the places that it frees), so that nobody has to look elsewhere. It never carries what may have to be erased: people
//! and what they typed are ids of vault entries. Money is in minor units of the show's currency, moments are UTC.
//!
//! A field that is `null` or an empty list where nothing is said may be left out. `basket`, `shift` and `test` are
//! reserved for later on orders and tickets. A released shape is never changed: a new one gets the next schema number
//! and an upcaster.

mod admission;
mod organization;
mod planning;
mod sales;

pub use admission::*;
pub use organization::*;
pub use planning::*;
pub use sales::*;

use serde::Deserialize;

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

/// Declares the events of one kind of stream, each with the schema that this version writes: the enum, and its way into
/// the log and out of it. A variant holds the payload of its name.
macro_rules! events {
    ($(#[$enum_doc:meta])* $events:ident { $($(#[$doc:meta])* $name:ident = $schema:literal,)* }) => {
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

            /// Reads what was recorded.
            pub fn decode(event_type: &str, schema: i32, payload: &str) -> Result<Self, DecodeError> {
                match event_type {
                    $(stringify!($name) => {
                        if schema != $schema {
                            return Err(DecodeError::UnknownSchema { event_type: event_type.to_owned(), schema });
                        }
                        parse(event_type, payload).map(Self::$name)
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

events! {
    /// A fact in a show's stream.
    ShowEvent {
        /// A show was planned.
        ShowScheduled = 1,
        /// What it says of itself changed.
        ShowRevised = 1,
        /// It takes place at another time.
        ShowRescheduled = 1,
        /// Its places were drawn, or drawn anew.
        SeatingAdopted = 1,
        /// A shared quota was added.
        PoolAdded = 1,
        /// A shared quota changed.
        PoolRevised = 1,
        /// A ticket type was added.
        TicketTypeAdded = 1,
        /// A ticket type changed.
        TicketTypeRevised = 1,
        /// The door got its rules.
        DoorSet = 1,
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
        PlacesBlocked = 1,
        /// Blocked places went back on sale.
        BlockReleased = 1,
        /// Places are kept for somebody.
        HoldPlaced = 1,
        /// A hold has other places now.
        HoldChanged = 1,
        /// A hold ends later.
        HoldExtended = 1,
        /// A hold was given up.
        HoldReleased = 1,
        /// A hold ran out.
        HoldExpired = 1,
        /// Somebody bought, or promised to.
        OrderPlaced = 1,
        /// Money came in.
        PaymentRecorded = 1,
        /// An order was cancelled.
        OrderCancelled = 1,
        /// An order was not paid in time.
        OrderExpired = 1,
        /// Money went back.
        RefundRecorded = 1,
        /// A ticket exists.
        TicketIssued = 1,
        /// A ticket admits nobody any more.
        TicketVoided = 1,
        /// A ticket has a new code and token.
        TicketReissued = 1,
        /// A ticket has another seat.
        TicketMoved = 1,
        /// A ticket belongs to somebody else.
        TicketTransferred = 1,
        /// A ticket has a holder's name.
        HolderNamed = 1,
        /// Somebody went in.
        CheckedIn = 1,
        /// Somebody went out.
        CheckedOut = 1,
        /// Somebody was refused.
        CheckInRefused = 1,
        /// A check-in or check-out was taken back.
        CheckInUndone = 1,
        /// A device decided otherwise than the server would have.
        AdmissionConflictFound = 1,
        /// People without tickets were counted.
        PersonsCounted = 1,
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
    }
}
