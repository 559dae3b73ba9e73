//! BlockPlaces: take places out of sale, for the house, for guests, or because they are broken.

use domain::{
    FieldError, Show, ShowEvent,
    events::{BlockKind, PlacesBlocked},
    ids::TextId,
    place::{Place, SeatAddress, SectionName},
    show::Claim,
};

use crate::{Code, Context, HeldBy, Rejection};

/// The most places of one block.
pub const PLACES_MAX: usize = 100_000;

/// Take places out of sale.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockPlaces {
    /// What sellers call it, in the vault.
    pub label: Option<TextId>,
    /// For whom or why.
    pub kind: BlockKind,
    /// Which places.
    pub places: Vec<NamedPlaces>,
}

/// Places as a seller names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedPlaces {
    /// These seats.
    Seats(Vec<SeatAddress>),
    /// Room for so many people in a standing section.
    Standing {
        /// Where.
        section: SectionName,
        /// How many.
        quantity: u32,
    },
}

impl BlockPlaces {
    pub(crate) fn decide(&self, show: &Show, context: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        crate::rejection::takes_place(show)?;
        let mut places: Vec<Place> = Vec::new();
        let mut problems: Vec<(Code, FieldError)> = Vec::new();
        let mut held_by = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for (i, named) in self.places.iter().enumerate() {
            match named {
                NamedPlaces::Seats(seats) => {
                    for (j, address) in seats.iter().enumerate() {
                        let pointer = format!("/places/{i}/seats/{j}");
                        if !seen.insert(address) {
                            return Err(Rejection::invalid(pointer, format!("{address} is named twice")));
                        }
                        match seat(show, address) {
                            Ok(place) => places.push(place),
                            Err((code, detail)) => {
                                held_by.extend(HeldBy::of_seat(show, code, address));
                                problems.push((code, FieldError::at(pointer, detail)));
                            }
                        }
                    }
                }
                NamedPlaces::Standing { section, quantity } => {
                    places.push(standing(show, section, *quantity, &places, i)?);
                }
            }
        }
        if places.len() > PLACES_MAX {
            return Err(Rejection::invalid("/places", format!("names more than {PLACES_MAX} places")));
        }
        if let Some((code, first)) = problems.first() {
            let detail = first.detail.clone();
            let (code, errors) = (*code, problems.into_iter().map(|p| p.1).collect());
            return Err(Rejection::Rule { code, detail, errors, held_by });
        }
        if places.is_empty() {
            return Err(Rejection::invalid("/places", "name at least one place"));
        }
        Ok(vec![PlacesBlocked { block: context.id(), label: self.label, kind: self.kind, places }.into()])
    }
}

fn seat(show: &Show, address: &SeatAddress) -> Result<Place, (Code, String)> {
    match show.places.seat(address) {
        None => Err((Code::UnknownSeat, format!("There is no seat {address}."))),
        Some((section, seat)) => match seat.claim {
            Claim::Free => Ok(Place::seat(section.name.clone(), address.clone())),
            Claim::Blocked(_) => Err((Code::SeatBlocked, format!("{address} is blocked already."))),
            Claim::Held(_) | Claim::Ordered(_) | Claim::Sold(_) => {
                Err((Code::SeatTaken, format!("{address} is taken.")))
            }
        },
    }
}

fn standing(show: &Show, name: &SectionName, quantity: u32, so_far: &[Place], i: usize) -> Result<Place, Rejection> {
    let section = show.places.section(name).filter(|section| !section.is_seated()).ok_or_else(|| {
        Rejection::invalid(format!("/places/{i}/section"), format!("there is no standing section {name}"))
    })?;
    if quantity == 0 {
        return Err(Rejection::invalid(format!("/places/{i}/quantity"), "must be at least 1"));
    }
    let same = |place: &&Place| place.seat.is_none() && place.section.as_ref() == Some(name);
    let earlier: u32 = so_far.iter().filter(same).map(|place| place.persons).sum();
    let free = section.tally().free().saturating_sub(earlier);
    if quantity > free {
        let detail = format!("Only {free} places are free in {name}.");
        return Err(Rejection::rule_at(Code::SoldOut, format!("/places/{i}/quantity"), detail));
    }
    Ok(Place::standing(name.clone(), quantity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        allocation::ItemRequest,
        hold_places::HoldPlaces,
        specification::{SEATED, STANDING, block, block_id, given, hold, hold_seats, item, item_seats},
    };

    #[test]
    fn a_blocked_seat_is_sold_from_its_block_only() {
        let given = given::published().by_staff().and(block(&["A-1-1"], 0));
        let from_block = Some(block_id(given.history()));
        given.clone().when(hold_seats(SEATED, &["A-1-1"])).then_rejected(Code::SeatBlocked, &["/items/0/seats/0"]);
        let items = vec![ItemRequest { from_block, ..item_seats(SEATED, &["A-1-1"]) }];
        assert_eq!(given.when(HoldPlaces { items }).events().len(), 1);
    }

    #[test]
    fn what_was_held_from_a_block_goes_back_to_it() {
        let given = given::published().by_staff().and(block(&[], 30));
        let from_block = Some(block_id(given.history()));
        let items = vec![ItemRequest { from_block, ..item(STANDING, 5) }];
        let ended = given.and(HoldPlaces { items }).at(1_000).ended();
        let tally = ended.state().show().unwrap().places.sections()[1].tally();
        assert_eq!((tally.blocked, tally.held, tally.free()), (30, 0, 20));
    }

    #[test]
    fn blocked_standing_places_are_not_sold() {
        let given = given::published().by_staff().and(block(&[], 30));
        given.when(hold(STANDING, 21)).then_rejected(Code::SoldOut, &["/items/0/quantity"]);
    }
}
