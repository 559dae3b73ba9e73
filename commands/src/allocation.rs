//! Which places somebody gets: items of a hold or of a sale, turned into places that are free.
//!
//! All or nothing, in the order of the items; what an earlier item takes, a later one does not. Prices are fixed here.

use std::collections::{HashMap, HashSet};

use domain::{
    FieldError, Show, ValueError,
    best_seats::{self, Choice},
    events::HoldItem,
    ids::{BlockId, PoolId, TicketTypeId},
    money::{Price, gross_and_tax},
    place::{Place, SeatAddress, SectionName},
    show::{Claim, NotOnSale, SeatSlot, SectionPlaces},
    text::Category,
    ticket_type::TicketType,
};

use crate::{Code, Context, Rejection};

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
        let mut places = Vec::new();
        for (i, address) in seats.iter().enumerate() {
            let pointer = format!("{at}/seats/{i}");
            if self.taken.seats.contains(address) || seats[..i].contains(address) {
                return Err(Rejection::invalid(pointer, format!("{address} is named twice")));
            }
            match self.seat(ticket_type, address, block) {
                Ok(priced) => places.push(priced),
                Err((code, detail)) => problems.push((code, FieldError::at(pointer, detail))),
            }
        }
        match problems.first() {
            None => Ok(places),
            Some((code, first)) => Err(Rejection::Rule {
                code: *code,
                detail: format!("{} Choose others.", first.detail),
                errors: problems.iter().map(|(_, error)| error.clone()).collect(),
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

    fn best(&self, wanted: &Wanted<'_>, at: &str) -> Result<Vec<Priced>, Rejection> {
        self.check_wanted(wanted, at)?;
        if self.show.seating.is_none() {
            return self.anywhere(wanted, at);
        }
        let mut levels: Vec<Price> = self.prices(wanted);
        levels.sort_unstable();
        levels.dedup();
        levels
            .iter()
            .find_map(|&price| self.best_at(wanted, price))
            .or_else(|| self.standing(wanted, wanted.quantity))
            .or_else(|| self.seated_and_standing(wanted))
            .ok_or_else(|| self.sold_out(wanted, at))
    }

    /// A section or category that nobody can mean.
    fn check_wanted(&self, wanted: &Wanted<'_>, at: &str) -> Result<(), Rejection> {
        let terms = &wanted.ticket_type.terms;
        if let Some(name) = wanted.section {
            let section = self.show.places.section(name).ok_or_else(|| {
                Rejection::invalid(format!("{at}/section"), format!("the show has no section {name}"))
            })?;
            if !terms.opens_section(&section.name) {
                let detail = format!("{} does not sell places in {name}.", terms.name);
                return Err(Rejection::rule_at(Code::SeatNotInTicketType, format!("{at}/section"), detail));
            }
        }
        if let Some(category) = wanted.category {
            let known = self
                .show
                .places
                .sections()
                .iter()
                .any(|section| section.tallies.iter().any(|(of_section, _)| of_section.as_ref() == Some(category)));
            if !known {
                return Err(Rejection::invalid(
                    format!("{at}/category"),
                    format!("no seat has the category {category}"),
                ));
            }
            if terms.price_of(Some(category)).is_none() {
                let detail = format!("{} does not sell seats of {category}.", terms.name);
                return Err(Rejection::rule_at(Code::SeatNotInTicketType, format!("{at}/category"), detail));
            }
        }
        Ok(())
    }

    /// Every price at which the type has seats here.
    fn prices(&self, wanted: &Wanted<'_>) -> Vec<Price> {
        self.categories(wanted).into_iter().map(|(_, price)| price).collect()
    }

    /// The categories in question, with their prices, each once.
    fn categories(&self, wanted: &Wanted<'_>) -> Vec<(Option<Category>, Price)> {
        let mut categories: Vec<(Option<Category>, Price)> = Vec::new();
        for section in self.show.places.sections().iter().filter(|section| wanted.opens(section)) {
            for (category, _) in &section.tallies {
                if section.is_seated()
                    && wanted.category.is_none_or(|wanted| category.as_ref() == Some(wanted))
                    && !categories.iter().any(|(known, _)| known == category)
                    && let Some(price) = wanted.ticket_type.terms.price_of(category.as_ref())
                {
                    categories.push((category.clone(), price));
                }
            }
        }
        categories
    }

    /// The best seats of one category at this price; over its categories only where no single one has enough.
    fn best_at(&self, wanted: &Wanted<'_>, price: Price) -> Option<Vec<Priced>> {
        let quantity = wanted.quantity as usize;
        let at_price: Vec<_> =
            self.categories(wanted).into_iter().filter(|(_, p)| *p == price).map(|(c, _)| c).collect();
        let chosen = at_price
            .iter()
            .filter_map(|category| {
                let choice = FreeSeats { allocation: self, wanted, categories: std::slice::from_ref(category) };
                best_seats::best(&self.show.places, quantity, &choice)
            })
            .min_by_key(|chosen| chosen.rating)
            .or_else(|| {
                let choice = FreeSeats { allocation: self, wanted, categories: &at_price };
                (at_price.len() > 1).then(|| best_seats::best(&self.show.places, quantity, &choice)).flatten()
            })?;
        Some(chosen.seats.into_iter().filter_map(|address| self.priced(address, price)).collect())
    }

    fn priced(&self, address: SeatAddress, price: Price) -> Option<Priced> {
        let (section, seat) = self.show.places.seat(&address)?;
        let category = section.category(seat).cloned();
        Some(Priced { place: Place::seat(section.name.clone(), address), category, price })
    }

    /// Room in standing sections: all in one, else in as many as it takes; a group ticket never in two.
    fn standing(&self, wanted: &Wanted<'_>, quantity: u32) -> Option<Vec<Priced>> {
        if wanted.category.is_some() {
            return None;
        }
        let price = wanted.ticket_type.terms.price_of(None)?;
        let persons = u32::from(wanted.ticket_type.terms.persons).max(1);
        let rooms: Vec<(&SectionName, u32)> = self
            .show
            .places
            .sections()
            .iter()
            .filter(|section| !section.is_seated() && wanted.opens(section))
            .map(|section| (&section.name, self.room(section, wanted.block) / persons))
            .collect();
        let place =
            |section: &SectionName| Priced { place: Place::standing(section.clone(), persons), category: None, price };
        if let Some((section, _)) = rooms.iter().find(|(_, room)| *room >= quantity) {
            return Some((0..quantity).map(|_| place(section)).collect());
        }
        let spread: Vec<Priced> = rooms
            .iter()
            .flat_map(|(section, room)| (0..*room).map(move |_| *section))
            .take(quantity as usize)
            .map(place)
            .collect();
        (spread.len() == quantity as usize).then_some(spread)
    }

    /// Persons who still fit into a standing section, or into a block of it.
    fn room(&self, section: &SectionPlaces, block: Option<BlockId>) -> u32 {
        let room = match block {
            None => section.tally().free(),
            Some(block) => self.show.blocks.get(&block).map_or(0, |block| {
                let of_section = |place: &&Place| place.seat.is_none() && place.section.as_ref() == Some(&section.name);
                block.places.iter().filter(of_section).map(|place| place.persons).sum()
            }),
        };
        room.saturating_sub(self.taken.standing.get(&(section.name.clone(), block)).copied().unwrap_or(0))
    }

    /// A type that sells seats and standing places at one price, when neither alone has enough.
    fn seated_and_standing(&self, wanted: &Wanted<'_>) -> Option<Vec<Priced>> {
        let price = wanted.ticket_type.terms.price_of(None).filter(|_| wanted.category.is_none())?;
        (1..wanted.quantity).rev().find_map(|seated| {
            let mut places = self.best_at(&Wanted { quantity: seated, ..*wanted }, price)?;
            places.extend(self.standing(wanted, wanted.quantity - seated)?);
            Some(places)
        })
    }

    /// Admission to a show without a seating.
    fn anywhere(&self, wanted: &Wanted<'_>, at: &str) -> Result<Vec<Priced>, Rejection> {
        let terms = &wanted.ticket_type.terms;
        let price = terms.price_of(None).ok_or_else(|| self.sold_out(wanted, at))?;
        let persons = u32::from(terms.persons);
        Ok((0..wanted.quantity).map(|_| Priced { place: Place::anywhere(persons), category: None, price }).collect())
    }

    fn sold_out(&self, wanted: &Wanted<'_>, at: &str) -> Rejection {
        let free = match wanted.block {
            Some(_) => 0,
            None => self.show.free_places(wanted.ticket_type, wanted.section, wanted.category),
        };
        let name = &wanted.ticket_type.terms.name;
        let detail = match free {
            0 => format!("{name} is sold out here; try another section, category or ticket type."),
            n => format!("Only {n} places are left for {name}; ask for fewer, or in parts."),
        };
        Rejection::rule_at(Code::SoldOut, format!("{at}/quantity"), detail)
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

#[derive(Clone, Copy)]
struct Wanted<'a> {
    ticket_type: &'a TicketType,
    quantity: u32,
    category: Option<&'a Category>,
    section: Option<&'a SectionName>,
    block: Option<BlockId>,
}

impl Wanted<'_> {
    fn opens(&self, section: &SectionPlaces) -> bool {
        let terms = &self.ticket_type.terms;
        self.section.is_none_or(|wanted| wanted == &section.name)
            && terms.opens_section(&section.name)
            && (!section.is_seated() || u32::from(terms.persons) == 1)
    }
}

struct FreeSeats<'a> {
    allocation: &'a Allocation<'a>,
    wanted: &'a Wanted<'a>,
    categories: &'a [Option<Category>],
}

impl Choice for FreeSeats<'_> {
    fn section(&self, section: &SectionPlaces) -> bool {
        section.is_seated()
            && self.wanted.opens(section)
            && section.tallies.iter().any(|(category, tally)| {
                self.categories.contains(category) && (self.wanted.block.is_some() || tally.free() > 0)
            })
    }

    fn seat(&self, section: &SectionPlaces, seat: &SeatSlot) -> bool {
        let claim = self.wanted.block.map_or(Claim::Free, Claim::Blocked);
        seat.claim == claim
            && !self.allocation.taken.seats.contains(&seat.address)
            && section.tallies.get(seat.category).is_some_and(|(category, _)| self.categories.contains(category))
    }

    fn open(&self, seat: &SeatSlot) -> bool {
        seat.claim == Claim::Free && !self.allocation.taken.seats.contains(&seat.address)
    }
}

fn not_on_sale(show: &Show, why: NotOnSale, pointer: &str) -> Rejection {
    let zone = show.timezone;
    let (code, detail) = match why {
        NotOnSale::Cancelled => (Code::ShowCancelled, "The show is cancelled.".to_owned()),
        NotOnSale::Draft => (Code::NotOnSale, "The show is a draft; publish it first.".to_owned()),
        NotOnSale::Paused => (Code::SalesPaused, "Sales are paused; try again later.".to_owned()),
        NotOnSale::Closed => (Code::NotOnSale, "Sales are over.".to_owned()),
        NotOnSale::NotYet(at) => {
            (Code::NotOnSale, format!("On sale from {} ({}).", zone.date_and_clock(at), zone.tz()))
        }
        NotOnSale::NoLonger(at) => {
            (Code::NotOnSale, format!("Sales ended at {} ({}).", zone.date_and_clock(at), zone.tz()))
        }
        NotOnSale::Channel => (Code::NotOnSale, "This ticket type is not sold on this channel.".to_owned()),
    };
    Rejection::rule_at(code, pointer, detail)
}

/// The least and the most of each type in an order. Staff may sell more.
fn check_limits(
    show: &Show,
    requests: &[ItemRequest],
    already: &[HoldItem],
    pointer: &str,
    context: &Context,
) -> Result<(), Rejection> {
    for (i, request) in requests.iter().enumerate() {
        let Some(ticket_type) = show.ticket_type(request.ticket_type) else { continue };
        let terms = &ticket_type.terms;
        let of_type = requests.iter().filter(|other| other.ticket_type == ticket_type.id).map(ItemRequest::tickets);
        let before = already.iter().filter(|item| item.ticket_type == ticket_type.id).count();
        let count = u32::try_from(of_type.sum::<usize>() + before).unwrap_or(u32::MAX);
        let detail = if count > terms.max_per_order && !context.staff {
            format!("An order has at most {} of {}.", terms.max_per_order, terms.name)
        } else if count < terms.min_per_order {
            format!("An order has at least {} of {}.", terms.min_per_order, terms.name)
        } else {
            continue;
        };
        return Err(Rejection::rule_at(Code::LimitExceeded, format!("{pointer}/{i}"), detail));
    }
    Ok(())
}
