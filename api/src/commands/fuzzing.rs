//! What reads the bodies of commands, for the targets of `fuzz`: each body as its handler has it read, up to where the
//! database would be asked. A new body gets its line in [`BODIES`].

use domain::{FieldError, ValueError, seating::Seating, time::Time};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    blocks::{BlockPlacesBody, ReleaseBlockBody},
    check_ins::{
        batch::{BatchBody, understood},
        scan::ScanBody,
    },
    counts::CountPersonsBody,
    door::SetDoorBody,
    holds::{ChangeHoldBody, HoldPlacesBody},
    items::{self, ItemBody},
    moment::Moment,
    orders::PlaceOrderBody,
    payments::{RecordPaymentBody, RefundOrderBody},
    people::{CustomerBody, HolderBody, ReasonBody},
    pools::{AddPoolBody, RevisePoolBody},
    sales::{ChannelsBody, EmptyBody},
    settings::ChangeSettingsBody,
    shows::{RescheduleShowBody, ReviseShowBody, ScheduleShowBody},
    ticket_types::terms::{AddTicketTypeBody, ReviseTicketTypeBody},
    tickets::{IssueTicketBody, MoveTicketBody, VoidTicketBody, transfer::TransferTicketBody},
};
use crate::{extract::JsonBody, problem::Problem};

/// Reads a body, and says how it looked once it was understood.
pub type Read = fn(&JsonBody) -> Result<String, Problem>;

/// Every body with the name of its command.
pub const BODIES: &[(&str, Read)] = &[
    ("schedule_show", plain::<ScheduleShowBody>),
    ("revise_show", plain::<ReviseShowBody>),
    ("reschedule_show", plain::<RescheduleShowBody>),
    ("add_pool", plain::<AddPoolBody>),
    ("revise_pool", plain::<RevisePoolBody>),
    ("add_ticket_type", |body| then(body, |body: AddTicketTypeBody| body.into_terms(None))),
    ("revise_ticket_type", |body| then(body, ReviseTicketTypeBody::into_changes)),
    ("set_door", plain::<SetDoorBody>),
    ("channels", plain::<ChannelsBody>),
    ("empty", plain::<EmptyBody>),
    ("block_places", plain::<BlockPlacesBody>),
    ("release_block", plain::<ReleaseBlockBody>),
    ("hold_places", plain::<HoldPlacesBody>),
    ("change_hold", plain::<ChangeHoldBody>),
    ("items", |body| then(body, |body: Items| items::requests(body.items, "/items"))),
    ("place_order", plain::<PlaceOrderBody>),
    ("record_payment", plain::<RecordPaymentBody>),
    ("refund_order", plain::<RefundOrderBody>),
    ("issue_ticket", plain::<IssueTicketBody>),
    ("void_ticket", plain::<VoidTicketBody>),
    ("move_ticket", plain::<MoveTicketBody>),
    ("transfer_ticket", plain::<TransferTicketBody>),
    ("customer", plain::<CustomerBody>),
    ("holder", plain::<HolderBody>),
    ("reason", plain::<ReasonBody>),
    ("check_in", |body| then(body, |body: ScanBody| body.presented())),
    ("check_in_batch", plain::<BatchBody>),
    ("count_persons", plain::<CountPersonsBody>),
    ("change_settings", plain::<ChangeSettingsBody>),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Items {
    items: Vec<ItemBody>,
}

pub(crate) fn plain<T: DeserializeOwned + std::fmt::Debug>(body: &JsonBody) -> Result<String, Problem> {
    Ok(format!("{:?}", body.parse::<T>()?))
}

fn then<T: DeserializeOwned, U: std::fmt::Debug>(
    body: &JsonBody,
    next: impl FnOnce(T) -> Result<U, Vec<FieldError>>,
) -> Result<String, Problem> {
    next(body.parse()?).map(|meant| format!("{meant:?}")).map_err(Problem::invalid)
}

/// A scan of a batch, which may have fields that this version does not know.
///
/// # Errors
/// What is wrong with it, with pointers into it.
pub fn scan_of_batch(scan: &Value) -> Result<String, Vec<FieldError>> {
    let scan = understood(scan)?;
    scan.presented()?;
    Ok(format!("{scan:?}"))
}

/// A seating in either of its formats, by its content type.
///
/// # Errors
/// 400, 415 or 422.
pub fn seating(body: &JsonBody) -> Result<Seating, Problem> {
    super::seating::seating(body)
}

/// A moment, as any body may hold one.
///
/// # Errors
/// That it is none.
pub fn moment(text: &str) -> Result<Time, ValueError> {
    Moment::try_from(text.to_owned()).map(Time::from)
}
