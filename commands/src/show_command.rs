//! Every command on a show, and the way to its decision.

use domain::{Show, ShowEvent, ShowState};

use crate::{
    Context, Rejection,
    add_pool::AddPool,
    add_ticket_type::AddTicketType,
    adopt_seating::AdoptSeating,
    block_places::BlockPlaces,
    cancel_order::CancelOrder,
    cancel_show::CancelShow,
    change_hold::ChangeHold,
    check_in::{CheckIn, Looked},
    close_sales::CloseSales,
    count_persons::CountPersons,
    extend_hold::ExtendHold,
    hold_places::HoldPlaces,
    issue_ticket::IssueTicket,
    move_ticket::MoveTicket,
    name_holder::NameHolder,
    pause_sales::PauseSales,
    place_order::PlaceOrder,
    publish_show::PublishShow,
    record_payment::RecordPayment,
    refund_order::RefundOrder,
    reissue_ticket::ReissueTicket,
    release_block::ReleaseBlock,
    release_hold::ReleaseHold,
    reschedule_show::RescheduleShow,
    resume_sales::ResumeSales,
    revise_pool::RevisePool,
    revise_show::ReviseShow,
    revise_ticket_type::ReviseTicketType,
    schedule_show::ScheduleShow,
    set_door::SetDoor,
    transfer_ticket::TransferTicket,
    undo_check_in::UndoCheckIn,
    void_ticket::VoidTicket,
};

/// What was decided.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// These facts; none where nothing changes.
    Events(Vec<ShowEvent>),
    /// A look at a ticket that records nothing: the keypad shows it and admits by a second request.
    Confirm(Box<Looked>),
}

impl From<Vec<ShowEvent>> for Decided {
    fn from(events: Vec<ShowEvent>) -> Self {
        Self::Events(events)
    }
}

macro_rules! show_commands {
    ($($name:ident),* $(,)?) => {
        /// What may be asked of a show.
        #[derive(Debug, Clone, PartialEq)]
        #[expect(missing_docs, reason = "each variant is documented by the command of its name")]
        pub enum ShowCommand {
            ScheduleShow(Box<ScheduleShow>),
            CheckIn(Box<CheckIn>),
            $($name($name),)*
        }

        $(impl From<$name> for ShowCommand {
            fn from(command: $name) -> Self {
                Self::$name(command)
            }
        })*

        fn decide_on(show: &Show, command: &ShowCommand, context: &Context) -> Result<Decided, Rejection> {
            match command {
                // The id of a new show is its command's own, so nobody else can have made it.
                ShowCommand::ScheduleShow(_) => Err(Rejection::NotFound),
                ShowCommand::CheckIn(command) => command.decide(show, context),
                $(ShowCommand::$name(command) => command.decide(show, context).map(Decided::Events),)*
            }
        }
    };
}

show_commands! {
    AddPool, AddTicketType, AdoptSeating, BlockPlaces, CancelOrder, CancelShow, ChangeHold, CloseSales, CountPersons,
    ExtendHold, HoldPlaces, IssueTicket, MoveTicket, NameHolder, PauseSales, PlaceOrder, PublishShow, RecordPayment,
    RefundOrder, ReissueTicket, ReleaseBlock, ReleaseHold, RescheduleShow, ResumeSales, RevisePool, ReviseShow,
    ReviseTicketType, SetDoor, TransferTicket, UndoCheckIn, VoidTicket,
}

impl From<ScheduleShow> for ShowCommand {
    fn from(command: ScheduleShow) -> Self {
        Self::ScheduleShow(Box::new(command))
    }
}

impl From<CheckIn> for ShowCommand {
    fn from(command: CheckIn) -> Self {
        Self::CheckIn(Box::new(command))
    }
}

impl ShowCommand {
    /// Whether this may be, and what follows.
    pub fn decide(&self, state: &ShowState, context: &Context) -> Result<Decided, Rejection> {
        match (state, self) {
            (ShowState::NotScheduled, Self::ScheduleShow(command)) => Ok(Decided::Events(command.decide(context)?)),
            (ShowState::NotScheduled, _) => Err(Rejection::NotFound),
            (ShowState::Scheduled(show), command) => decide_on(show, command, context),
        }
    }

    /// Whether it comes from the door, which is served before sales.
    pub fn is_of_the_door(&self) -> bool {
        matches!(self, Self::CheckIn(_) | Self::UndoCheckIn(_) | Self::CountPersons(_))
    }
}
