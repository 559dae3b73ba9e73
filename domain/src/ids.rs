//! Ids: UUIDs (version 7 where Turnout makes them), one type per thing, so that an order's id is never taken for a
//! ticket's. They carry no meaning but their age, and are written as lower-case hyphenated text.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

id! {
    /// A show, which is also the stream of its events.
    ShowId;
    /// A tenant.
    OrganizationId;
    /// A shared quota of a show.
    PoolId;
    /// What is sold.
    TicketTypeId;
    /// Places taken out of sale.
    BlockId;
    /// Places kept for somebody for a few minutes.
    HoldId;
    /// One place, or the places of one group ticket, in a hold; the order's line keeps the same id.
    ItemId;
    /// A purchase.
    OrderId;
    /// A payment on an order.
    PaymentId;
    /// A refund on an order.
    RefundId;
    /// A right of admission.
    TicketId;
    /// A customer or a holder, in the vault.
    PersonId;
    /// A text that somebody typed (a reason, a reference, a label), in the vault.
    TextId;
    /// One look at a ticket at the door, made by the device.
    ScanId;
    /// A keypad or another machine that acts.
    DeviceId;
    /// A count of people without tickets.
    CountId;
    /// A person's part in an organization; also the id of that person in the vault.
    MemberId;
    /// Somebody who signs in, of whichever organizations.
    AccountId;
    /// A key by which a program asks.
    ApiKeyId;
    /// An offer to become a device of an organization.
    PairingId;
    /// An offer to become a member of an organization.
    InvitationId;
}
