//! What answers look like: pure functions from a folded show to the structs that are stored in rows and sent as JSON.
//!
//! A view depends on nothing but the state: no clock, no vault. What needs those is left null here and filled in by the query
//! (`on_sale`, names). Every field is always present, and null where there is nothing. Field names are those of the HTTP
//! contract and stay.

mod attendance;
mod availability;
mod changes;
mod door_list;
mod order;
mod seating;
mod seats;
mod settings;
mod show;
mod ticket;

use domain::money::{Amount, Currency};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use attendance::{
    AreaAttendance, AttendanceView, GateAttendance, MinuteAttendance, TicketTypeAttendance, attendance_view,
};
pub use availability::{
    AvailabilityRow, AvailabilityView, CategoryPriceView, Figures, Level, SectionAvailability, TicketTypeAvailability,
    availability_row,
};
pub use changes::{ChangesView, SeatsView};
pub use door_list::{
    DoorListShow, DoorListTicket, DoorListView, DoorTicketType, DoorUse, door_list_ticket, holder_shown,
};
pub use order::{CustomerView, LineView, OrderView, order_view};
pub use seating::{RowView, SeatView, SeatingView, SectionView, seating_view};
pub use seats::{SeatClaim, SeatState, seat_claim};
pub use settings::{DoorDefaultsView, RetentionView, SalesLimitsView, SettingsView, settings_view};
pub use show::{
    AreaView, EntriesView, GateView, PoolView, SalesWindowView, ShowView, TaxView, TicketTypeView, Unlimited,
    ValidityView, VenueView, show_view,
};
pub use ticket::{TicketView, ticket_view};

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Money {
    /// In minor units of the currency: cents of EUR, yen of JPY. Negative: less, or owed to the customer.
    #[schema(example = 2500)]
    pub amount: i64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: String,
}

impl Money {
    /// An amount of a show's currency.
    #[must_use]
    pub fn new(amount: Amount, currency: Currency) -> Self {
        Self { amount: amount.0, currency: currency.as_str().to_owned() }
    }
}

/// A word that the domain writes by serde, such as `after_exit`.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        // Not reached: only enums without data are given here.
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}
