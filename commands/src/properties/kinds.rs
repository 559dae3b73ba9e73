//! Every kind of command by its name. A kind that is not named here does not compile.

use crate::{OrganizationCommand, ShowCommand};

macro_rules! kinds {
    ($(#[$doc:meta])* $all:ident, $kind:ident of $command:ident: $($name:ident),* $(,)?) => {
        $(#[$doc])*
        pub const $all: &[&str] = &[$(stringify!($name)),*];

        pub(super) fn $kind(command: &$command) -> &'static str {
            match command {
                $($command::$name(_) => stringify!($name),)*
            }
        }
    };
}

kinds! {
    /// What may be asked of a show.
    SHOW_COMMANDS, of_show of ShowCommand:
    AddPool, AddTicketType, AdoptSeating, BlockPlaces, CancelOrder, CancelShow, ChangeHold, CheckIn, CloseSales,
    CountPersons, ExtendHold, HoldPlaces, IssueTicket, MoveTicket, NameHolder, PauseSales, PlaceOrder, PublishShow,
    RecordPayment, RefundOrder, ReissueTicket, ReleaseBlock, ReleaseHold, RescheduleShow, ResumeSales, RevisePool,
    ReviseShow, ReviseTicketType, ScheduleShow, SetDoor, TransferTicket, UndoCheckIn, VoidTicket,
}

kinds! {
    /// What may be asked of an organization.
    ORGANIZATION_COMMANDS, of_organization of OrganizationCommand:
    AddMember, ChangeMemberRole, ChangeSettings, EndRetention, EndTextRetention, ErasePerson, FoundOrganization,
    InviteMember, IssueApiKey, JoinOrganization, NoteCodeGuessing, NoteFailedSignIns, NoteSignIns, OfferPairing,
    PairDevice, RemoveMember, RevokeApiKey, RevokeDevice, RotateApiKey,
}
