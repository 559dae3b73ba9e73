//! ReleaseBlock: put blocked places back on sale, all or some.

use domain::{Show, ShowEvent, events::BlockReleased, ids::BlockId, place::Place, show::Block};

use crate::{Context, Rejection, block_places::NamedPlaces};

/// Put blocked places back on sale.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseBlock {
    /// Which block.
    pub block: BlockId,
    /// Which of its places; none: all.
    pub places: Option<Vec<NamedPlaces>>,
}

impl ReleaseBlock {
    pub(crate) fn decide(&self, show: &Show, _: &Context) -> Result<Vec<ShowEvent>, Rejection> {
        let block = show.blocks.get(&self.block).ok_or(Rejection::NotFound)?;
        if block.released {
            return Ok(Vec::new());
        }
        let places = match &self.places {
            None => block.places.clone(),
            Some(named) => of_block(block, named)?,
        };
        let persons = |places: &[Place]| places.iter().map(|place| place.persons).sum::<u32>();
        let whole = self.places.is_none() || persons(&places) == persons(&block.places);
        Ok(vec![BlockReleased { block: self.block, places, whole }.into()])
    }
}

fn of_block(block: &Block, named: &[NamedPlaces]) -> Result<Vec<Place>, Rejection> {
    let mut places: Vec<Place> = Vec::new();
    for (i, named) in named.iter().enumerate() {
        match named {
            NamedPlaces::Seats(seats) => {
                for (j, seat) in seats.iter().enumerate() {
                    let place = block.places.iter().find(|place| place.seat.as_ref() == Some(seat));
                    match place {
                        Some(place) if !places.contains(place) => places.push(place.clone()),
                        _ => {
                            let detail = format!("{seat} is not in this block, or is named twice");
                            return Err(Rejection::invalid(format!("/places/{i}/seats/{j}"), detail));
                        }
                    }
                }
            }
            NamedPlaces::Standing { section, quantity } => {
                let same = |place: &&Place| place.seat.is_none() && place.section.as_ref() == Some(section);
                let persons = |places: &[Place]| places.iter().filter(same).map(|place| place.persons).sum::<u32>();
                let blocked = persons(&block.places).saturating_sub(persons(&places));
                if !(1..=blocked).contains(quantity) {
                    let detail = format!("the block has {blocked} places in {section}");
                    return Err(Rejection::invalid(format!("/places/{i}/quantity"), detail));
                }
                places.push(Place::standing(section.clone(), *quantity));
            }
        }
    }
    if places.is_empty() {
        return Err(Rejection::invalid("/places", "name at least one place, or leave it out to release all"));
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specification::{SEATED, block, block_id, given, hold_seats};

    #[test]
    fn released_places_are_on_sale_again() {
        let given = given::published().by_staff().and(block(&["A-1-1", "A-1-2"], 0));
        let id = block_id(given.history());
        let seats = vec![NamedPlaces::Seats(vec!["A-1-1".to_owned().try_into().unwrap()])];
        let some = given.and(ReleaseBlock { block: id, places: Some(seats) });
        assert_eq!(some.clone().when(hold_seats(SEATED, &["A-1-1"])).events().len(), 1);
        some.clone()
            .when(hold_seats(SEATED, &["A-1-2"]))
            .then_rejected(crate::Code::SeatBlocked, &["/items/0/seats/0"]);
        let all = some.and(ReleaseBlock { block: id, places: None });
        assert_eq!(all.clone().when(hold_seats(SEATED, &["A-1-2"])).events().len(), 1);
        all.when(ReleaseBlock { block: id, places: None }).then([]);
    }
}
