//! The best seats for a party, chosen inside the decision: choosing from a read model first fails most buyers under
//! load.
//!
//! In this order: in one row and adjoining (an aisle parts); leaving no single seat alone, where it can be helped;
//! nearest the front; nearest the middle of the row. Failing that, in neighbouring rows of one section, as few as
//! possible; failing that, anywhere. The front is the row of the lowest number where rows are numbered, else the first.

use crate::{
    place::SeatAddress,
    show::{Places, RowPlaces, SeatSlot, SectionPlaces},
};

/// Over how many rows a party is still thought of as together: a coach company sits in fewer.
const NEIGHBOURING_ROWS_MAX: usize = 50;

/// Which seats may be chosen.
pub trait Choice {
    /// Whether a section may be looked at.
    fn section(&self, section: &SectionPlaces) -> bool;
    /// Whether a seat may be taken.
    fn seat(&self, section: &SectionPlaces, seat: &SeatSlot) -> bool;
    /// Whether a seat is there for somebody else to take: one of these, left single, is left alone.
    fn open(&self, seat: &SeatSlot) -> bool;
}

/// How good chosen seats are; the least is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rating {
    /// 0: adjoining. 1: adjoining, but a single seat is left alone. 2: in neighbouring rows. 3: anywhere.
    pub togetherness: u8,
    /// How far the foremost row is from the front.
    pub rank: usize,
    /// Twice the distance from the middle of the row, in seats.
    pub off_centre: usize,
}

/// Chosen seats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// How good they are.
    pub rating: Rating,
    /// The seats, in the order of their rows.
    pub seats: Vec<SeatAddress>,
}

/// The best `quantity` seats, or none where fewer may be taken.
pub fn best(places: &Places, quantity: usize, choice: &impl Choice) -> Option<Chosen> {
    if quantity == 0 {
        return None;
    }
    adjoining(places, quantity, choice)
        .or_else(|| neighbouring(places, quantity, choice))
        .or_else(|| anywhere(places, quantity, choice))
}

/// Seats of one row next to each other. Rows come from the front, so the first rank that leaves nobody alone wins.
fn adjoining(places: &Places, quantity: usize, choice: &impl Choice) -> Option<Chosen> {
    let mut best: Option<(Rating, &RowPlaces, usize)> = None;
    for (_, section, row) in places.rows_from_front() {
        if let Some((rating, ..)) = best
            && rating.togetherness == 0
            && row.rank > rating.rank
        {
            break;
        }
        if row.slots.len() < quantity || !choice.section(section) {
            continue;
        }
        for start in windows(section, row, quantity, choice) {
            let rating = Rating {
                togetherness: u8::from(leaves_one_alone(row, start, quantity, choice)),
                rank: row.rank,
                off_centre: off_centre(row, start, quantity),
            };
            if best.as_ref().is_none_or(|(least, ..)| rating < *least) {
                best = Some((rating, row, start));
            }
        }
    }
    best.map(|(rating, row, start)| Chosen { rating, seats: addresses(row, start, quantity).collect() })
}

/// Where `quantity` adjoining seats begin that may be taken.
fn windows<'a>(
    section: &'a SectionPlaces,
    row: &'a RowPlaces,
    quantity: usize,
    choice: &'a impl Choice,
) -> impl Iterator<Item = usize> + 'a {
    let mut run = 0;
    row.slots.iter().enumerate().filter_map(move |(i, slot)| {
        let takeable = slot.as_ref().is_some_and(|seat| choice.seat(section, seat));
        run = if takeable { run + 1 } else { 0 };
        (run >= quantity).then(|| i + 1 - quantity)
    })
}

fn leaves_one_alone(row: &RowPlaces, start: usize, quantity: usize, choice: &impl Choice) -> bool {
    let open = |at: Option<usize>| {
        at.and_then(|at| row.slots.get(at)).and_then(Option::as_ref).is_some_and(|seat| choice.open(seat))
    };
    let end = start + quantity;
    let left = open(start.checked_sub(1)) && !open(start.checked_sub(2));
    let right = open(Some(end)) && !open(Some(end + 1));
    left || right
}

fn off_centre(row: &RowPlaces, start: usize, quantity: usize) -> usize {
    (2 * start + quantity).abs_diff(row.slots.len())
}

fn addresses(row: &RowPlaces, start: usize, quantity: usize) -> impl Iterator<Item = SeatAddress> {
    row.slots.iter().skip(start).take(quantity).flatten().map(|seat| seat.address.clone())
}

/// A run of adjoining seats that may be taken.
#[derive(Clone, Copy)]
struct Run<'a> {
    row: &'a RowPlaces,
    start: usize,
    length: usize,
}

/// Runs in as few neighbouring rows of a section as possible, the foremost of these.
fn neighbouring(places: &Places, quantity: usize, choice: &impl Choice) -> Option<Chosen> {
    let sections: Vec<Vec<Option<Run<'_>>>> = places
        .sections()
        .iter()
        .filter(|section| choice.section(section))
        .map(|section| {
            let mut rows: Vec<&RowPlaces> = section.rows.iter().collect();
            rows.sort_by_key(|row| row.rank);
            rows.into_iter().map(|row| longest_run(section, row, quantity, choice)).collect()
        })
        .collect();
    let most_rows = sections.iter().map(Vec::len).max().unwrap_or(0).min(quantity).min(NEIGHBOURING_ROWS_MAX);
    (2..=most_rows).find_map(|rows| {
        sections
            .iter()
            .flat_map(|section| section.windows(rows))
            .filter_map(|window| across(window, quantity))
            .min_by_key(|chosen| chosen.rating)
    })
}

fn longest_run<'a>(
    section: &SectionPlaces,
    row: &'a RowPlaces,
    quantity: usize,
    choice: &impl Choice,
) -> Option<Run<'a>> {
    let mut run = 0;
    let mut longest = 0;
    for slot in &row.slots {
        run = if slot.as_ref().is_some_and(|seat| choice.seat(section, seat)) { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    // A party that fits into one row is not split, so no run that matters is as long as the party.
    let length = longest.min(quantity - 1);
    if length == 0 {
        return None;
    }
    let start = windows(section, row, length, choice).min_by_key(|&start| off_centre(row, start, length))?;
    Some(Run { row, start, length })
}

/// A party over these rows, each with a part of it; nobody sits alone where it can be helped.
fn across(window: &[Option<Run<'_>>], quantity: usize) -> Option<Chosen> {
    let runs: Vec<Run<'_>> = window.iter().copied().collect::<Option<_>>()?;
    if runs.iter().map(|run| run.length).sum::<usize>() < quantity {
        return None;
    }
    let mut parts: Vec<usize> = vec![0; runs.len()];
    let mut left = quantity;
    for (i, run) in runs.iter().enumerate() {
        let rows_behind = runs.len() - i - 1;
        parts[i] = run.length.min(left.saturating_sub(rows_behind));
        left -= parts[i];
    }
    let last = parts.len() - 1;
    if parts[last] == 1 && runs[last].length > 1 && parts[last - 1] > 2 {
        parts[last - 1] -= 1;
        parts[last] += 1;
    }
    let off = runs.iter().map(|run| off_centre(run.row, run.start, run.length)).sum();
    let seats = runs.iter().zip(&parts).flat_map(|(run, part)| addresses(run.row, run.start, *part)).collect();
    let rank = runs.iter().map(|run| run.row.rank).min().unwrap_or(0);
    Some(Chosen { rating: Rating { togetherness: 2, rank, off_centre: off }, seats })
}

fn anywhere(places: &Places, quantity: usize, choice: &impl Choice) -> Option<Chosen> {
    let mut seats: Vec<(usize, usize, &SeatSlot)> = places
        .rows_from_front()
        .filter(|(_, section, _)| choice.section(section))
        .flat_map(|(_, section, row)| windows(section, row, 1, choice).map(move |start| (row, start)))
        .filter_map(|(row, start)| Some((row.rank, off_centre(row, start, 1), row.slots[start].as_ref()?)))
        .collect();
    if seats.len() < quantity {
        return None;
    }
    seats.sort_by_key(|(rank, off, _)| (*rank, *off));
    let rank = seats[0].0;
    let off_centre = seats.iter().take(quantity).map(|(_, off, _)| off).sum();
    let seats = seats.into_iter().take(quantity).map(|(_, _, seat)| seat.address.clone()).collect();
    Some(Chosen { rating: Rating { togetherness: 3, rank, off_centre }, seats })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::HoldId,
        place::{RowLabel, SectionName},
        seating::{Room, Row, Seat, Seating, Section},
        show::Claim,
    };

    struct Anything;

    impl Choice for Anything {
        fn section(&self, _: &SectionPlaces) -> bool {
            true
        }
        fn seat(&self, _: &SectionPlaces, seat: &SeatSlot) -> bool {
            seat.claim == Claim::Free
        }
        fn open(&self, seat: &SeatSlot) -> bool {
            seat.claim == Claim::Free
        }
    }

    /// Rows as drawn: `.` free, `x` taken, a space an aisle.
    fn hall(rows: &[(&str, &str)]) -> Places {
        let section = SectionName::try_from("A".to_owned()).unwrap();
        let plan = rows
            .iter()
            .map(|(label, seats)| Row {
                label: RowLabel::try_from((*label).to_owned()).unwrap(),
                seats: seats
                    .chars()
                    .enumerate()
                    .map(|(i, c)| {
                        (c != ' ').then(|| Seat {
                            seat: (i + 1).to_string().try_into().unwrap(),
                            x_milli: None,
                            y_milli: None,
                            category: None,
                            features: Vec::new(),
                        })
                    })
                    .collect(),
            })
            .collect();
        let seating = Seating::new(vec![Section { name: section.clone(), room: Room::Seated(plan) }]).unwrap();
        let mut places = Places::new(&seating);
        let hold = Claim::Held(HoldId(uuid::Uuid::nil()));
        for (label, seats) in rows {
            for (i, _) in seats.chars().enumerate().filter(|(_, c)| *c == 'x') {
                let address = SeatAddress::try_from(format!("A-{label}-{}", i + 1)).unwrap();
                places.pass(&crate::place::Place::seat(section.clone(), address), Claim::Free, hold);
            }
        }
        places
    }

    fn chosen(rows: &[(&str, &str)], quantity: usize) -> Vec<String> {
        let seats = best(&hall(rows), quantity, &Anything).map_or(Vec::new(), |chosen| chosen.seats);
        seats.into_iter().map(|seat| seat.as_str()[2..].to_owned()).collect()
    }

    #[test]
    fn the_middle_of_the_lowest_numbered_row() {
        assert_eq!(chosen(&[("10", "......"), ("2", "......")], 2), ["2-3", "2-4"]);
        assert_eq!(chosen(&[("B", "......"), ("A", "......")], 2), ["B-3", "B-4"]);
    }

    #[test]
    fn no_seat_is_left_alone_where_it_can_be_helped() {
        // The middle two would leave one on each side.
        assert_eq!(chosen(&[("1", "....")], 2), ["1-1", "1-2"]);
        // Row 1 cannot help it, row 2 can.
        assert_eq!(chosen(&[("1", "..."), ("2", "......")], 2), ["2-3", "2-4"]);
        // Nowhere can it be helped: the front.
        assert_eq!(chosen(&[("1", "..."), ("2", "...")], 2), ["1-1", "1-2"]);
    }

    #[test]
    fn an_aisle_parts() {
        assert_eq!(chosen(&[("1", ".. .."), ("2", "xx....xx")], 3), ["2-3", "2-4", "2-5"]);
    }

    #[test]
    fn a_party_too_large_for_a_row_sits_in_neighbouring_rows() {
        assert_eq!(chosen(&[("1", "x..x"), ("2", "x..x"), ("3", "xxxx")], 4), ["1-2", "1-3", "2-2", "2-3"]);
        // Three in front and one behind would leave one person alone.
        assert_eq!(chosen(&[("1", "...x"), ("2", "...x")], 4), ["1-1", "1-2", "2-1", "2-2"]);
    }

    #[test]
    fn when_nothing_adjoins_anywhere_will_do_and_only_too_few_is_none() {
        let rows = [("1", "x.x.x"), ("2", "xxxxx"), ("3", "x.xxx")];
        assert_eq!(chosen(&rows, 3), ["1-2", "1-4", "3-2"]);
        assert!(best(&hall(&rows), 4, &Anything).is_none());
    }
}
