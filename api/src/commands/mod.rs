//! The write side over HTTP: one file a resource, one handler a command.
//!
//! A handler takes what its row of the HTTP contract says, builds the command, has it decided ([`submit`]) and answers
//! from what was recorded ([`answer`]). What people typed goes to the vault by [`people`]. No rules here: whether
//! something may be, the desk says.

mod answer;
mod asked;
mod because;
mod blocks;
mod check_ins;
mod coordinates;
mod counts;
mod door;
mod erasure;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod holds;
mod issued;
mod items;
mod merge_patch;
mod moment;
mod open_holds;
mod orders;
mod organization_submit;
mod payments;
mod people;
mod pools;
mod sales;
mod seating;
mod settings;
mod shows;
mod submit;
mod ticket_types;
mod tickets;

pub(crate) use answer::{DoneAnswer, NotRecorded};
pub(crate) use asked::Asked;
pub(crate) use check_ins::register_metrics;
pub(crate) use organization_submit::{
    OrganizationRequest, organization_answer, organization_event, organization_gone, typed,
};
pub use seating::seating_from_pretix;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::CommandSide;

/// Every command of the API, below its base.
pub fn router() -> OpenApiRouter<CommandSide> {
    planning().merge(selling()).merge(at_the_door()).merge(of_the_organization())
}

fn planning() -> OpenApiRouter<CommandSide> {
    OpenApiRouter::new()
        .routes(routes!(shows::schedule_show))
        .routes(routes!(shows::revise_show))
        .routes(routes!(shows::reschedule_show))
        .routes(routes!(seating::adopt_seating))
        .routes(routes!(pools::add_pool))
        .routes(routes!(pools::revise_pool))
        .routes(routes!(ticket_types::add_ticket_type))
        .routes(routes!(ticket_types::revise_ticket_type))
        .routes(routes!(door::set_door))
        .routes(routes!(sales::publish_show))
        .routes(routes!(sales::pause_sales))
        .routes(routes!(sales::resume_sales))
        .routes(routes!(sales::close_sales))
        .routes(routes!(sales::cancel_show))
        .routes(routes!(blocks::block_places))
        .routes(routes!(blocks::release_block))
}

fn selling() -> OpenApiRouter<CommandSide> {
    OpenApiRouter::new()
        .routes(routes!(holds::hold_places))
        .routes(routes!(holds::change_hold, holds::release_hold))
        .routes(routes!(holds::extend_hold))
        .routes(routes!(orders::place_order))
        .routes(routes!(payments::record_payment))
        .routes(routes!(orders::cancel_order))
        .routes(routes!(payments::refund_order))
        .routes(routes!(tickets::issue_ticket))
        .routes(routes!(tickets::void_ticket))
        .routes(routes!(tickets::reissue_ticket))
        .routes(routes!(tickets::move_ticket))
        .routes(routes!(tickets::name_holder))
        .routes(routes!(tickets::transfer_ticket))
}

fn at_the_door() -> OpenApiRouter<CommandSide> {
    OpenApiRouter::new()
        .routes(routes!(check_ins::check_in))
        .routes(routes!(check_ins::batch::check_in_batch))
        .routes(routes!(check_ins::undo::undo_check_in))
        .routes(routes!(counts::count_persons))
}

fn of_the_organization() -> OpenApiRouter<CommandSide> {
    OpenApiRouter::new().routes(routes!(settings::change_settings)).routes(routes!(erasure::erase_person))
}
