//! Which places somebody gets: items of a hold or of a sale, turned into places that are free.
//!
//! All or nothing, in the order of the items; what an earlier item takes, a later one does not. Prices are fixed here.

mod choosing;
mod limits;

use std::collections::{HashMap, HashSet};

use domain::{
    FieldError, Show, ValueError,
    events::HoldItem,
    ids::{BlockId, PoolId, TicketTypeId},
    money::{Price, gross_and_tax},
    place::{Place, SeatAddress, SectionName},
    show::Claim,
    text::Category,
    ticket_type::TicketType,
};

use choosing::Wanted;
use limits::{check_limits, not_on_sale};

use crate::{Code, Context, HeldBy, Rejection};

/// The most tickets of one command: enough for a coach company, small enough for one event.
pub const TICKETS_MAX: usize = 1_000;

/// How many tickets: from 1 to [`TICKETS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity(u32);

impl TryFrom<u32> for Quantity {
    type Error = ValueError;

    fn try_from(n: u32) -> Result<Self, ValueError> {
        if n >= 1 && n as usize <= TICKETS_MAX {
            Ok(Self(n))
        } else {
            Err(ValueError(format!("must be from 1 to {TICKETS_MAX}")))
        }
    }
}

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRequest {
    /// Of which type.
    pub ticket_type: TicketTypeId,
    /// Which places.
    pub places: PlacesRequest,
    /// Out of a block, for staff.
    pub from_block: Option<BlockId>,
}

impl ItemRequest {
    /// How many tickets it asks for.
    pub fn tickets(&self) -> usize {
        match &self.places {
            PlacesRequest::Seats(seats) => seats.len(),
            PlacesRequest::Best { quantity, .. } => quantity.0 as usize,
        }
    }
}

/// Which places somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlacesRequest {
    /// These seats.
    Seats(Vec<SeatAddress>),
    /// The best there are.
    Best {
        /// How many tickets.
        quantity: Quantity,
        /// Of this category.
        category: Option<Category>,
        /// In this section.
        section: Option<SectionName>,
    },
}

/// Places for all items, or why not. `already` is what the order has so far of each type, for its limits.
pub fn allocate(
    show: &Show,
    items: &[ItemRequest],
    already: &[HoldItem],
    pointer: &str,
    context: &Context,
) -> Result<Vec<HoldItem>, Rejection> {
    if items.is_empty() {
        return Err(Rejection::invalid(pointer, "name at least one item"));
    }
    check_limits(show, items, already, pointer, context)?;
    let mut allocation = Allocation { show, context, taken: Taken::default(), items: Vec::new() };
    for (i, item) in items.iter().enumerate() {
        allocation.add(item, &format!("{pointer}/{i}"))?;
        if allocation.items.len() > TICKETS_MAX {
            return Err(Rejection::invalid(pointer, format!("asks for more than {TICKETS_MAX} tickets; ask in parts")));
        }
    }
    Ok(allocation.items)
}

/// What earlier items of the same command took.
#[derive(Default)]
struct Taken {
    tickets: HashMap<TicketTypeId, u32>,
    persons: HashMap<PoolId, u32>,
    seats: HashSet<SeatAddress>,
    standing: HashMap<(SectionName, Option<BlockId>), u32>,
}

struct Allocation<'a> {
    show: &'a Show,
    context: &'a Context,
    taken: Taken,
    items: Vec<HoldItem>,
}

/// A place with what it costs.
struct Priced {
    place: Place,
    category: Option<Category>,
    price: Price,
}

impl Allocation<'_> {
    fn add(&mut self, item: &ItemRequest, at: &str) -> Result<(), Rejection> {
        let show = self.show;
        let ticket_type = show
            .ticket_type(item.ticket_type)
            .ok_or_else(|| Rejection::invalid(format!("{at}/ticket_type"), "is no ticket type of this show"))?;
        show.on_sale(ticket_type, self.context.now, self.context.channel, self.context.staff)
            .map_err(|why| not_on_sale(show, why, &format!("{at}/ticket_type")))?;
        if let Some(block) = item.from_block
            && show.blocks.get(&block).is_none_or(|block| block.released)
        {
            return Err(Rejection::invalid(format!("{at}/from_block"), "is no block of this show, or was released"));
        }
        let places = match &item.places {
            PlacesRequest::Seats(seats) => self.these(ticket_type, seats, item.from_block, at)?,
            PlacesRequest::Best { quantity, category, section } => {
                let wanted = Wanted {
                    ticket_type,
                    quantity: quantity.0,
                    category: category.as_ref(),
                    section: section.as_ref(),
                    block: item.from_block,
                };
                self.best(&wanted, at)?
            }
        };
        self.take(ticket_type, places, item.from_block, at)
    }

    /// Exactly these seats; every one that cannot be had is named.
    fn these(
        &self,
        ticket_type: &TicketType,
        seats: &[SeatAddress],
        block: Option<BlockId>,
        at: &str,
    ) -> Result<Vec<Priced>, Rejection> {
        if seats.is_empty() {
            return Err(Rejection::invalid(format!("{at}/seats"), "name at least one seat"));
        }
        let mut problems: Vec<(Code, FieldError)> = Vec::new();
        let mut held_by = Vec::new();
        let mut places = Vec::new();
        for (i, address) in seats.iter().enumerate() {
            let pointer = format!("{at}/seats/{i}");
            if self.taken.seats.contains(address) || seats[..i].contains(address) {
                return Err(Rejection::invalid(pointer, format!("{address} is named twice")));
            }
            match self.seat(ticket_type, address, block) {
                Ok(priced) => places.push(priced),
                Err((code, detail)) => {
                    held_by.extend(HeldBy::of_seat(self.show, code, address));
                    problems.push((code, FieldError::at(pointer, detail)));
                }
            }
        }
        match problems.first() {
            None => Ok(places),
            Some((code, first)) => Err(Rejection::Rule {
                code: *code,
                detail: format!("{} Choose others.", first.detail),
                errors: problems.iter().map(|(_, error)| error.clone()).collect(),
                held_by,
            }),
        }
    }

    fn seat(
        &self,
        ticket_type: &TicketType,
        address: &SeatAddress,
        block: Option<BlockId>,
    ) -> Result<Priced, (Code, String)> {
        let (section, seat) = self
            .show
            .places
            .seat(address)
            .ok_or_else(|| (Code::UnknownSeat, format!("There is no seat {address}.")))?;
        let terms = &ticket_type.terms;
        let category = section.category(seat);
        let price = terms
            .price_of(category)
            .filter(|_| terms.opens_section(&section.name) && u32::from(terms.persons) == 1)
            .ok_or_else(|| (Code::SeatNotInTicketType, format!("{} does not sell {address}.", terms.name)))?;
        match seat.claim {
            Claim::Free if block.is_none() => {}
            Claim::Blocked(by) if Some(by) == block => {}
            Claim::Free => return Err((Code::UnknownSeat, format!("{address} is not in this block."))),
            Claim::Blocked(_) => return Err((Code::SeatBlocked, format!("{address} is not for sale."))),
            Claim::Held(_) | Claim::Ordered(_) | Claim::Sold(_) => {
                return Err((Code::SeatTaken, format!("{address} is taken.")));
            }
        }
        let place = Place::seat(section.name.clone(), address.clone());
        Ok(Priced { place, category: category.cloned(), price })
    }

    /// Counts the tickets against the type's capacity and its pools, and keeps their places from later items.
    fn take(
        &mut self,
        ticket_type: &TicketType,
        places: Vec<Priced>,
        block: Option<BlockId>,
        at: &str,
    ) -> Result<(), Rejection> {
        let tickets = u32::try_from(places.len()).unwrap_or(u32::MAX);
        let persons = u32::from(ticket_type.terms.persons);
        let so_far = self.taken.tickets.entry(ticket_type.id).or_default();
        *so_far = so_far.saturating_add(tickets);
        if let Some(left) = self.show.left_of_type(ticket_type).filter(|left| *so_far > *left) {
            let detail = format!("Only {left} tickets of {} are left.", ticket_type.terms.name);
            return Err(Rejection::rule_at(Code::SoldOut, at, detail));
        }
        for (pool, left) in self.show.left_in_pools(ticket_type) {
            let so_far = self.taken.persons.entry(pool.id).or_default();
            *so_far = so_far.saturating_add(tickets.saturating_mul(persons));
            if *so_far > left {
                let detail = format!("Only {left} places are left in {}.", pool.name);
                return Err(Rejection::rule_at(Code::SoldOut, at, detail));
            }
        }
        for Priced { place, category, price } in places {
            match (&place.seat, &place.section) {
                (Some(seat), _) => {
                    self.taken.seats.insert(seat.clone());
                }
                (None, Some(section)) => {
                    *self.taken.standing.entry((section.clone(), block)).or_default() += place.persons;
                }
                (None, None) => {}
            }
            let (price, tax) = gross_and_tax(price, ticket_type.terms.tax);
            self.items.push(HoldItem {
                id: self.context.id(),
                ticket_type: ticket_type.id,
                places: vec![place],
                category,
                persons,
                price,
                tax,
                block,
            });
        }
        Ok(())
    }
}
