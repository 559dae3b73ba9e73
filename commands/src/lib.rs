//! The write side: what may be asked of a show or an organization, whether it may be, and the desks that decide.
//!
//! One file a command, with its struct, its pure `decide` and its given-when-then tests. A decision sees the folded
//! state and a [`Context`] of values and nothing else; what people typed is in the vault before and known by id only.
//! [`desk`] runs decisions, one after the other for each show, and answers when they are recorded; [`organization_desk`]
//! does the same for organizations, whose commands ([`organization`]) are rare.

pub mod add_pool;
pub mod add_ticket_type;
pub mod adopt_seating;
pub mod allocation;
pub mod block_places;
pub mod cancel_order;
pub mod cancel_show;
pub mod change_hold;
pub mod check_in;
pub mod close_sales;
mod concerned;
pub mod context;
pub mod count_persons;
pub mod desk;
pub mod end_due;
pub mod extend_hold;
pub mod hold_places;
pub mod issue_ticket;
pub mod issuing;
pub mod move_ticket;
pub mod name_holder;
pub mod nested_change;
pub mod organization;
pub mod organization_desk;
pub mod pause_sales;
pub mod place_order;
#[cfg(any(test, feature = "properties"))]
#[expect(clippy::unwrap_used, reason = "values of tests, written out")]
pub mod properties;
pub mod publish_show;
pub mod record_payment;
pub mod refund_order;
pub mod reissue_ticket;
pub mod rejection;
pub mod release_block;
pub mod release_hold;
pub mod reschedule_show;
pub mod resume_sales;
pub mod revise_pool;
pub mod revise_show;
pub mod revise_ticket_type;
pub mod schedule_show;
pub mod set_door;
pub mod show_command;
#[cfg(any(test, feature = "properties"))]
#[expect(clippy::unwrap_used, reason = "values of tests, written out")]
pub mod specification;
pub mod transfer_ticket;
pub mod undo_check_in;
pub mod void_ticket;

pub use context::Context;
pub use organization::{OrganizationCommand, OrganizationContext};
pub use rejection::{Code, HeldBy, Rejection};
pub use show_command::{Decided, ShowCommand};

/// One field of a change, as in RFC 7396: left out, set back to its default, or set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// It stays.
    #[default]
    Keep,
    /// Back to the default.
    Clear,
    /// The new value.
    Set(T),
}

impl<T> Change<T> {
    /// The new value, `default` where it is cleared, `old` where it stays.
    pub fn apply(self, old: T, default: T) -> T {
        match self {
            Self::Keep => old,
            Self::Clear => default,
            Self::Set(new) => new,
        }
    }

    /// The same for an optional field, whose default is nothing.
    pub fn apply_optional(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(new) => Some(new),
        }
    }
}
