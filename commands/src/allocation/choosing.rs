//! The best places there are for what somebody wants: which price, which category, seats or room to stand.

use domain::{
    best_seats::{self, Choice},
    ids::BlockId,
    money::Price,
    place::{Place, SeatAddress, SectionName},
    show::{Claim, SeatSlot, SectionPlaces},
    text::Category,
    ticket_type::TicketType,
};

use super::{Allocation, Priced};
use crate::{Code, Rejection};

/// What somebody wants, with its type.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub ticket_type: &'a TicketType,
    pub quantity: u32,
    pub category: Option<&'a Category>,
    pub section: Option<&'a SectionName>,
    pub block: Option<BlockId>,
}

impl Wanted<'_> {
    fn opens(&self, section: &SectionPlaces) -> bool {
        let terms = &self.ticket_type.terms;
        self.section.is_none_or(|wanted| wanted == &section.name)
            && terms.opens_section(&section.name)
            && (!section.is_seated() || u32::from(terms.persons) == 1)
    }
}

impl Allocation<'_> {
    pub(super) fn best(&self, wanted: &Wanted<'_>, at: &str) -> Result<Vec<Priced>, Rejection> {
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
            n if n >= wanted.quantity => {
                format!("No category of {name} has {} places left together; ask for fewer.", wanted.quantity)
            }
            n => format!("Only {n} places are left for {name}; ask for fewer."),
        };
        Rejection::rule_at(Code::SoldOut, format!("{at}/quantity"), detail)
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
