//! Why a command may not be. A rejection is the caller's to mend and says how; it is never a conflict (retried), never
//! unavailability (later), never a defect (ours).

use domain::{
    FieldError, Show,
    ids::{BlockId, HoldId, OrderId, ScanId, TicketId},
    place::SeatAddress,
    show::Claim,
};

/// Which rule says no. Written as in the HTTP contract's list of 409 codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Somebody has the seat.
    SeatTaken,
    /// The seat is out of sale.
    SeatBlocked,
    /// No such seat.
    UnknownSeat,
    /// The ticket type does not sell the seat.
    SeatNotInTicketType,
    /// Fewer are free than asked.
    SoldOut,
    /// Over or under what an order may have.
    LimitExceeded,
    /// A draft, outside the window, or not on this channel.
    NotOnSale,
    /// Sales rest.
    SalesPaused,
    /// The hold ran out or was given up.
    HoldExpired,
    /// No such hold.
    HoldUnknown,
    /// The hold became an order.
    HoldUsed,
    /// Nothing can be paid on the order.
    OrderNotPayable,
    /// More than is due.
    AmountMismatch,
    /// More than was paid.
    RefundExceedsPaid,
    /// It is void.
    AlreadyVoid,
    /// It was taken back.
    AlreadyUndone,
    /// Somebody of the ticket is inside.
    HolderInside,
    /// Somebody was admitted with the ticket.
    AlreadyAdmitted,
    /// The new seat costs something else.
    PriceDiffers,
    /// Places are taken that the new seating does not have.
    SeatingInUse,
    /// Less than what is sold.
    BelowSold,
    /// The show does not take place.
    ShowCancelled,
    /// Visitors see it already.
    AlreadyPublished,
    /// Nothing could be bought.
    NothingToSell,
    /// Every short code was given.
    CodesExhausted,
    /// Nobody would own the organization.
    LastOwner,
    /// They belong to the organization.
    AlreadyMember,
    /// The invitation was accepted.
    InvitationUsed,
    /// The invitation ran out or was taken back.
    InvitationExpired,
    /// Another key takes over from the key.
    AlreadyRotated,
    /// A device took the offer.
    PairingUsed,
    /// The offer ran out.
    PairingExpired,
    /// They belong to the organization, so they are not forgotten.
    StillAMember,
}

impl Code {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SeatTaken => "seat_taken",
            Self::SeatBlocked => "seat_blocked",
            Self::UnknownSeat => "unknown_seat",
            Self::SeatNotInTicketType => "seat_not_in_ticket_type",
            Self::SoldOut => "sold_out",
            Self::LimitExceeded => "limit_exceeded",
            Self::NotOnSale => "not_on_sale",
            Self::SalesPaused => "sales_paused",
            Self::HoldExpired => "hold_expired",
            Self::HoldUnknown => "hold_unknown",
            Self::HoldUsed => "hold_used",
            Self::OrderNotPayable => "order_not_payable",
            Self::AmountMismatch => "amount_mismatch",
            Self::RefundExceedsPaid => "refund_exceeds_paid",
            Self::AlreadyVoid => "already_void",
            Self::AlreadyUndone => "already_undone",
            Self::HolderInside => "holder_inside",
            Self::AlreadyAdmitted => "already_admitted",
            Self::PriceDiffers => "price_differs",
            Self::SeatingInUse => "seating_in_use",
            Self::BelowSold => "below_sold",
            Self::ShowCancelled => "show_cancelled",
            Self::AlreadyPublished => "already_published",
            Self::NothingToSell => "nothing_to_sell",
            Self::CodesExhausted => "codes_exhausted",
            Self::LastOwner => "last_owner",
            Self::AlreadyMember => "already_member",
            Self::InvitationUsed => "invitation_used",
            Self::InvitationExpired => "invitation_expired",
            Self::AlreadyRotated => "already_rotated",
            Self::PairingUsed => "pairing_used",
            Self::PairingExpired => "pairing_expired",
            Self::StillAMember => "still_a_member",
        }
    }
}

/// Why a command may not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// What the path names does not exist.
    NotFound,
    /// The caller may not do this to this thing.
    Forbidden(String),
    /// Fields name what does not exist or cannot be.
    Invalid(Vec<FieldError>),
    /// A rule says no.
    Rule {
        /// Which.
        code: Code,
        /// What to do.
        detail: String,
        /// What it was about.
        errors: Vec<FieldError>,
        /// What stands in the way, by which the events that made it so are found; not for everybody to be told.
        held_by: Vec<HeldBy>,
    },
}

/// What stands in the way of a command: something of the show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the id's kind")]
pub enum HeldBy {
    Block(BlockId),
    Hold(HoldId),
    Order(OrderId),
    Ticket(TicketId),
    Scan(ScanId),
    /// What the show as a whole has been told.
    Show,
}

impl HeldBy {
    /// Who has a seat that cannot be had.
    pub(crate) fn of_seat(show: &Show, code: Code, address: &SeatAddress) -> Option<Self> {
        let is_held = matches!(code, Code::SeatTaken | Code::SeatBlocked);
        show.places.seat(address).filter(|_| is_held).and_then(|(_, seat)| Self::of(&seat.claim))
    }

    /// Who has a seat.
    pub(crate) fn of(claim: &Claim) -> Option<Self> {
        match claim {
            Claim::Free => None,
            Claim::Blocked(block) => Some(Self::Block(*block)),
            Claim::Held(hold) => Some(Self::Hold(*hold)),
            Claim::Ordered(order) => Some(Self::Order(*order)),
            Claim::Sold(ticket) => Some(Self::Ticket(*ticket)),
        }
    }
}

impl Rejection {
    /// One invalid field.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::at(pointer, detail)])
    }

    /// A rule that is about the whole.
    pub fn rule(code: Code, detail: impl Into<String>) -> Self {
        Self::Rule { code, detail: detail.into(), errors: Vec::new(), held_by: Vec::new() }
    }

    /// A rule that is about one field.
    pub fn rule_at(code: Code, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::Rule { code, detail: detail.clone(), errors: vec![FieldError::at(pointer, detail)], held_by: Vec::new() }
    }

    /// The same, saying what stands in the way.
    #[must_use]
    pub fn held_by(mut self, by: impl IntoIterator<Item = HeldBy>) -> Self {
        if let Self::Rule { held_by, .. } = &mut self {
            held_by.extend(by);
        }
        self
    }

    /// The rule's code, if a rule says no.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Rule { code, .. } => Some(*code),
            Self::NotFound | Self::Forbidden(_) | Self::Invalid(_) => None,
        }
    }
}

/// That a show which does not take place sells nothing.
pub(crate) fn takes_place(show: &Show) -> Result<(), Rejection> {
    if show.cancelled {
        return Err(Rejection::rule(
            Code::ShowCancelled,
            "The show is cancelled; nothing of it can be sold or changed.",
        )
        .held_by([HeldBy::Show]));
    }
    Ok(())
}
