//! Who may do what: the one table of the API's operations, the column "who" of the HTTP contract.
//!
//! Every operation has a row and a marker of its name in [`may`]. A handler's first parameter, `Needs<may::IssueTicket>`, is
//! the check: 401, 403 and CSRF before anything else is looked at. `api/permissions.txt` shows the whole matrix, role by
//! operation; a test keeps it, the table and the API's description in step. Whether a show is the caller's organization's,
//! and within a credential's reach, is for the handler that knows the show.

use identity::{Caller, Credential, GateError, Need, Staff};

/// How far an operation reaches: what a credential that is bound to certain shows may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One show, or a list that shows only what the credential reaches: bound ones may.
    Show,
    /// The organization as a whole, or what is made in it: bound ones may not.
    Organization,
    /// The caller alone, or somebody who is not known yet.
    Caller,
    /// Everybody alike: credentials are not looked at. Either there is nothing to keep from anybody, or the body carries a secret of
    /// its own, a password or a link's token; a cookie that a browser still has, of a session that ended or not, is then in
    /// nobody's way who signs in.
    Everybody,
    /// The account of whoever signed in: keys, devices and the admin token have none.
    Account,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Permission {
    /// The operation's id.
    pub operation: &'static str,
    /// Any one of these is enough.
    pub needs: &'static [Need],
    /// How far it reaches.
    pub reach: Reach,
}

/// The marker of an operation.
pub trait Operation: Send + Sync + 'static {
    /// Its row.
    const PERMISSION: Permission;
}

impl Permission {
    /// Lets the caller pass, or says why not.
    ///
    /// # Errors
    /// [`GateError::Unauthenticated`] without credentials, [`GateError::Forbidden`] with ones that may not.
    pub fn check(&self, caller: &Caller) -> Result<(), GateError> {
        caller.require(self.needs)?;
        match caller.staff() {
            Some(staff) if self.needs != [Need::Anybody] && !self.is_within_reach(staff) => Err(GateError::Forbidden),
            _ => Ok(()),
        }
    }

    /// Whether staff may do it, somewhere.
    #[must_use]
    pub fn allows(&self, staff: &Staff) -> bool {
        self.needs.iter().any(|need| staff.meets(*need)) && self.is_within_reach(staff)
    }

    fn is_within_reach(&self, staff: &Staff) -> bool {
        match self.reach {
            Reach::Show | Reach::Caller | Reach::Everybody => true,
            Reach::Organization => staff.shows.is_none(),
            Reach::Account => matches!(staff.credential, Credential::Session { .. }),
        }
    }
}

macro_rules! permissions {
    ($($operation:literal $name:ident: $($need:ident)+, $reach:ident;)*) => {
        /// Every operation.
        pub const PERMISSIONS: &[Permission] = &[$(
            Permission { operation: $operation, needs: &[$(Need::$need),+], reach: Reach::$reach },
        )*];

        /// The markers of operations, for the signatures of their handlers.
        pub mod may {
            use super::{Need, Operation, Permission, Reach};
            $(
                #[doc = concat!("`", $operation, "`")]
                #[derive(Debug, Clone, Copy)]
                pub struct $name;

                impl Operation for $name {
                    const PERMISSION: Permission =
                        Permission { operation: $operation, needs: &[$(Need::$need),+], reach: Reach::$reach };
                }
            )*
        }
    };
}

permissions! {
    // Shows
    "list_shows"           ListShows:          Anybody,                  Show;
    "get_show"             GetShow:            Anybody,                  Show;
    "get_availability"     GetAvailability:    Anybody,                  Show;
    "get_seating"          GetSeating:         Anybody,                  Show;
    "get_seats"            GetSeats:           Anybody,                  Show;
    "get_changes"          GetChanges:         Anybody,                  Show;
    "stream_live"          StreamLive:         Anybody,                  Show;
    "open_socket"          OpenSocket:         Anybody,                  Show;
    // Planning
    "schedule_show"        ScheduleShow:       Manager,                  Organization;
    "revise_show"          ReviseShow:         Manager,                  Show;
    "reschedule_show"      RescheduleShow:     Manager,                  Show;
    "adopt_seating"        AdoptSeating:       Manager,                  Show;
    "add_pool"             AddPool:            Manager,                  Show;
    "revise_pool"          RevisePool:         Manager,                  Show;
    "add_ticket_type"      AddTicketType:      Manager,                  Show;
    "revise_ticket_type"   ReviseTicketType:   Manager,                  Show;
    "set_door"             SetDoor:            Manager,                  Show;
    "publish_show"         PublishShow:        Manager,                  Show;
    "pause_sales"          PauseSales:         Manager,                  Show;
    "resume_sales"         ResumeSales:        Manager,                  Show;
    "close_sales"          CloseSales:         Manager,                  Show;
    "cancel_show"          CancelShow:         Manager,                  Show;
    "block_places"         BlockPlaces:        Manager,                  Show;
    "release_block"        ReleaseBlock:       Manager,                  Show;
    // Selling
    "hold_places"          HoldPlaces:         Anybody,                  Show;
    "change_hold"          ChangeHold:         LinkHolder Seller,        Show;
    "extend_hold"          ExtendHold:         LinkHolder Seller,        Show;
    "release_hold"         ReleaseHold:        LinkHolder Seller,        Show;
    "place_order"          PlaceOrder:         LinkHolder Seller,        Show;
    "record_payment"       RecordPayment:      Seller,                   Show;
    "cancel_order"         CancelOrder:        Seller,                   Show;
    "refund_order"         RefundOrder:        Seller,                   Show;
    "list_orders"          ListOrders:         Seller,                   Show;
    "get_order"            GetOrder:           LinkHolder Seller,        Show;
    // Tickets
    "issue_ticket"         IssueTicket:        Seller,                   Show;
    "void_ticket"          VoidTicket:         Seller,                   Show;
    "reissue_ticket"       ReissueTicket:      Seller,                   Show;
    "move_ticket"          MoveTicket:         Seller,                   Show;
    "name_holder"          NameHolder:         Seller,                   Show;
    "transfer_ticket"      TransferTicket:     LinkHolder Seller,        Show;
    "list_tickets"         ListTickets:        Seller,                   Show;
    "get_ticket"           GetTicket:          LinkHolder Seller,        Show;
    "get_ticket_pdf"       GetTicketPdf:       LinkHolder Seller,        Show;
    "get_ticket_qr"        GetTicketQr:        LinkHolder Seller,        Show;
    "get_ticket_calendar"  GetTicketCalendar:  LinkHolder Seller,        Show;
    // Door
    "check_in"             CheckIn:            Door,                     Show;
    "check_in_batch"       CheckInBatch:       Door,                     Show;
    "undo_check_in"        UndoCheckIn:        Door Manager,             Show;
    "count_persons"        CountPersons:       Door,                     Show;
    "get_attendance"       GetAttendance:      Door Analyst Seller,      Show;
    "get_door_list"        GetDoorList:        Door,                     Show;
    // History
    "list_history"         ListHistory:        Auditor Manager,          Show;
    "get_history_event"    GetHistoryEvent:    Auditor Manager,          Show;
    "get_checkpoint"       GetCheckpoint:      Anybody,                  Everybody;
    "get_log_keys"         GetLogKeys:         Anybody,                  Everybody;
    "get_tile"             GetTile:            Anybody,                  Everybody;
    "get_consistency"      GetConsistency:     Anybody,                  Everybody;
    "get_proof"            GetProof:           Auditor Manager,          Show;
    "get_history_timeline" GetHistoryTimeline: Auditor Manager,          Show;
    "get_bundle"           GetBundle:          Auditor Manager,          Show;
    // Reports
    "get_sales_report"     GetSalesReport:     Analyst Manager,          Show;
    "list_sales_report_events" ListSalesReportEvents: Analyst Manager,          Show;
    "get_attendance_report" GetAttendanceReport: Analyst Manager,          Show;
    "list_attendance_report_events" ListAttendanceReportEvents: Analyst Manager,          Show;
    "get_no_shows_report"  GetNoShowsReport:   Analyst Manager,          Show;
    "list_no_shows_report_events" ListNoShowsReportEvents: Analyst Manager,          Show;
    "get_occupancy_report" GetOccupancyReport: Analyst Manager,          Show;
    "list_occupancy_report_events" ListOccupancyReportEvents: Analyst Manager,          Show;
    "get_holds_report"     GetHoldsReport:     Analyst Manager,          Show;
    "list_holds_report_events" ListHoldsReportEvents: Analyst Manager,          Show;
    "get_refusals_report"  GetRefusalsReport:  Analyst Manager,          Show;
    "list_refusals_report_events" ListRefusalsReportEvents: Analyst Manager,          Show;
    "get_settlement"       GetSettlement:      Auditor Manager,          Show;
    // Account
    "get_setup"            GetSetup:           Anybody,                  Everybody;
    "set_up"               SetUp:              Anybody,                  Everybody;
    "sign_in"              SignIn:             Anybody,                  Everybody;
    "sign_out"             SignOut:            Anybody,                  Caller;
    "open_invitation"      OpenInvitation:     Anybody,                  Everybody;
    "accept_invitation"    AcceptInvitation:   Anybody,                  Everybody;
    "reset_password"       ResetPassword:      Anybody,                  Everybody;
    "get_me"               GetMe:              Staff,                    Caller;
    "rename_me"            RenameMe:           Staff,                    Account;
    "change_password"      ChangePassword:     Staff,                    Account;
    "list_sessions"        ListSessions:       Staff,                    Account;
    "end_sessions"         EndSessions:        Staff,                    Account;
    "end_session"          EndSession:         Staff,                    Account;
    // Organization
    "list_organizations"   ListOrganizations:  InstallationOwner,        Organization;
    "create_organization"  CreateOrganization: InstallationOwner,        Organization;
    "list_members"         ListMembers:        Owner,                    Organization;
    "invite_member"        InviteMember:       Owner,                    Organization;
    "change_member_role"   ChangeMemberRole:   Owner,                    Organization;
    "remove_member"        RemoveMember:       Owner,                    Organization;
    "list_api_keys"        ListApiKeys:        Manager,                  Organization;
    "issue_api_key"        IssueApiKey:        Manager,                  Organization;
    "rotate_api_key"       RotateApiKey:       Manager,                  Organization;
    "revoke_api_key"       RevokeApiKey:       Manager,                  Organization;
    "list_devices"         ListDevices:        Seller,                   Organization;
    "offer_pairing"        OfferPairing:       Seller,                   Organization;
    "pair_device"          PairDevice:         Anybody,                  Caller;
    "revoke_device"        RevokeDevice:       Seller,                   Organization;
    "get_settings"         GetSettings:        Manager,                  Organization;
    "change_settings"      ChangeSettings:     Manager,                  Organization;
    "list_people"          ListPeople:         Manager,                  Organization;
    "get_person"           GetPerson:          Manager,                  Organization;
    "export_person"        ExportPerson:       Manager,                  Organization;
    "erase_person"         ErasePerson:        Manager,                  Organization;
}

#[cfg(test)]
mod tests;
