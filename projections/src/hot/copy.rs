//! A show's copy: its rows as the tables hold them, each with the position that it changed at. Pure: news are applied to it,
//! views are read from it, and what changed behind any position is computed from it, so that nobody asks the tables twice.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use uuid::Uuid;

use crate::{
    queries::{Audience, Left, Mine, QueryError, ShowNews},
    views::{AttendanceView, ChangesView, SeatState},
};

/// What the tables hold of a show.
#[derive(Debug)]
pub(super) struct ShowCopy {
    /// The snapshot that it was last brought up to.
    pub position: i64,
    /// The same of all that is small.
    pub head: Arc<Head>,
    /// Once somebody has asked for them; who wants to know how much is left need not wait for 50,000 seats.
    seats: Option<BTreeMap<CompactString, Seat>>,
}

/// All of a show but its seats.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    pub slug: String,
    pub is_public: bool,
    /// The event at which its read models stopped.
    pub stopped: Option<i64>,
    /// The event that its seating was adopted by.
    pub seating: Option<i64>,
    /// The event that the last of its seats changed by; unknown as long as nobody has asked for them.
    pub seats_position: Option<i64>,
    pub left: Option<Left>,
    /// The event that what is left last changed by, for staff.
    pub left_position: i64,
    /// The event that last changed whether everybody is told numbers.
    pub numbers_position: i64,
    pub attendance: Option<AttendanceView>,
    pub attendance_position: i64,
}

#[derive(Debug, Clone, Copy)]
struct Seat {
    state: Option<SeatState>,
    hold: Option<Uuid>,
    order: Option<Uuid>,
    position: i64,
}

/// What changed behind a position.
#[derive(Debug)]
pub(super) struct Changes {
    /// As it is told.
    pub view: ChangesView,
    /// The event that the first of it changed by.
    pub first: i64,
}

impl Head {
    /// How far what is known at a position goes: not beyond the event that its read models stopped at. So whoever asks for what
    /// changed since finds all that comes once they go on.
    pub fn reach(&self, position: i64) -> i64 {
        self.stopped.map_or(position, |stopped| position.min(stopped - 1))
    }

    /// Whether nothing changed behind a position, for this audience. Only for one whose seats are known.
    pub fn is_as_of(&self, position: i64, audience: Audience) -> bool {
        let attendance = match audience {
            Audience::Public => 0,
            Audience::Staff => self.attendance_position,
        };
        let rest = self.seating.unwrap_or(0).max(self.left_changed_at(audience)).max(attendance);
        self.seats_position.is_some_and(|seats| position >= seats.max(rest))
    }

    /// The event that what is left changed by last, or how it is told.
    pub fn left_changed_at(&self, audience: Audience) -> i64 {
        match audience {
            // Whether the public sees numbers is its organization's setting: when that changes, so does what they are told.
            Audience::Public => self.left_position.max(self.numbers_position),
            Audience::Staff => self.left_position,
        }
    }

    /// When a sales window opens or closes next.
    pub fn turns_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.left.as_ref().and_then(|left| left.row.changes_at(now))
    }
}

impl ShowCopy {
    /// One of nothing, to apply all there is to.
    pub fn empty() -> Self {
        Self { position: -1, head: Arc::default(), seats: None }
    }

    /// One of a show that is not there.
    pub fn of_nothing(position: i64) -> Self {
        let head = Arc::new(Head { seats_position: Some(0), ..Head::default() });
        Self { position, head, seats: Some(BTreeMap::new()) }
    }

    /// Applies what the tables said at `position` is new since the copy's.
    pub fn apply(&mut self, position: i64, news: ShowNews) {
        let mut head = Head::clone(&self.head);
        if let Some(news) = news.seats {
            let last = news.seats.iter().map(|seat| seat.position).max();
            head.seats_position = Some(last.unwrap_or(0).max(head.seats_position.unwrap_or(0)));
            let kept = news.seats.into_iter().map(|seat| {
                let kept = Seat { state: seat.state, hold: seat.hold, order: seat.order, position: seat.position };
                (seat.seat, kept)
            });
            match &mut self.seats {
                Some(seats) if !news.all => seats.extend(kept),
                // Sorted once and built from the bottom: of a whole hall several times as quick as one by one.
                seats => *seats = Some(kept.collect()),
            }
        }
        if let Some((position, row)) = news.availability {
            head.left_position = position;
            head.left = Some(Left { row, public_numbers: news.public_numbers });
        } else if let Some(left) = &mut head.left {
            left.public_numbers = news.public_numbers;
        }
        if let Some((position, attendance)) = news.attendance {
            head.attendance_position = position;
            head.attendance = Some(attendance);
        }
        self.head = Arc::new(Head {
            slug: news.slug,
            is_public: news.is_public,
            stopped: news.stopped,
            seating: news.seating,
            numbers_position: news.numbers_position,
            ..head
        });
        self.position = position;
    }

    /// Up to where everything is in it.
    pub fn reaches(&self) -> i64 {
        self.head.reach(self.position)
    }

    /// Whether it has seats: only one that does can tell of them.
    pub fn has_seats(&self) -> bool {
        self.seats.is_some()
    }

    /// How many seats it holds.
    pub fn seats(&self) -> usize {
        self.seats.as_ref().map_or(0, BTreeMap::len)
    }

    fn each_seat(&self) -> impl Iterator<Item = (&CompactString, &Seat)> + Clone {
        debug_assert!(self.has_seats(), "nobody asked for the seats that are told of");
        self.seats.iter().flatten()
    }

    /// Every seat that is not free, as JSON of a [`SeatsView`](crate::views::SeatsView).
    pub fn seats_json(&self, mine: Option<Mine>, audience: Audience) -> Result<Vec<u8>, QueryError> {
        // `"Block A-12-34":"blocked",`
        let mut json = Vec::with_capacity(32 * self.seats() + 32);
        let written = serde_json::to_writer(&mut json, &Seats { copy: self, mine, audience });
        written.map(|()| json).map_err(|source| QueryError::Corrupt { table: "seats", source })
    }

    /// What changed behind a position, up to another; behind none, or another seating: all there is, to begin anew from. What
    /// changed again behind `until` is for whoever asks from there, though who begins anew may be told of it twice.
    pub fn changes(&self, after: Option<i64>, until: i64, now: DateTime<Utc>, audience: Audience) -> Changes {
        let head = &self.head;
        let since = after.unwrap_or(-1);
        let mut first = i64::MAX;
        let mut is_told = |position| {
            let is_told = since < position && position <= until;
            if is_told {
                first = position.min(first);
            }
            is_told
        };
        let reset = after.is_none() || head.seating.is_some_and(&mut is_told);
        let left = head.left.as_ref().filter(|_| is_told(head.left_changed_at(audience)));
        let attendance = head.attendance.as_ref();
        let attendance = attendance.filter(|_| audience == Audience::Staff && is_told(head.attendance_position));
        let seats = if reset || head.seats_position.is_none_or(|position| position > since) {
            let told =
                self.each_seat().filter(|(_, seat)| if reset { seat.state.is_some() } else { is_told(seat.position) });
            told.map(|(address, seat)| (address.to_string(), seat.state.map(|state| shown(state, audience)))).collect()
        } else {
            BTreeMap::new()
        };
        let view = ChangesView {
            position: until.max(since),
            reset,
            seats,
            availability: left.map(|left| left.view(now, audience)),
            attendance: attendance.cloned(),
        };
        Changes { view, first }
    }
}

fn shown(state: SeatState, audience: Audience) -> SeatState {
    match audience {
        Audience::Public => SeatState::Taken,
        Audience::Staff => state,
    }
}

/// Written without a map of its own: of 50,000 seats that would be the most of the work.
struct Seats<'a> {
    copy: &'a ShowCopy,
    mine: Option<Mine>,
    audience: Audience,
}

impl Serialize for Seats<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let taken = self.copy.each_seat().filter_map(|(address, seat)| Some((address, seat.state?)));
        let mine = self.copy.each_seat().filter(|(_, seat)| match self.mine {
            Some(Mine::Hold(hold)) => seat.state.is_some() && seat.hold == Some(hold),
            Some(Mine::Order(order)) => seat.state.is_some() && seat.order == Some(order),
            None => false,
        });
        let mine: Vec<&str> = mine.map(|(address, _)| address.as_str()).collect();
        let mut body = serializer.serialize_struct("SeatsView", 2)?;
        body.serialize_field("seats", &Pairs(taken.map(|(address, state)| (address, shown(state, self.audience)))))?;
        body.serialize_field("mine", &mine)?;
        body.end()
    }
}

struct Pairs<I>(I);

impl<'a, I: Iterator<Item = (&'a CompactString, SeatState)> + Clone> Serialize for Pairs<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.clone().map(|(address, state)| (address.as_str(), state.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queries::{SeatNews, SeatsNews};

    fn sold(seat: &str, position: i64) -> SeatNews {
        SeatNews { seat: seat.into(), state: Some(SeatState::Sold), hold: None, order: None, position }
    }

    #[test]
    fn what_changed_is_told_from_one_position_to_another() {
        let mut copy = ShowCopy::empty();
        let seats = SeatsNews { all: true, seats: vec![sold("A-1", 5), sold("A-2", 9), sold("A-3", 12)] };
        let attendance = Some((9, AttendanceView::default()));
        copy.apply(14, ShowNews { attendance, seats: Some(seats), ..ShowNews::default() });
        let told = |after, until| {
            let Changes { view, first } = copy.changes(Some(after), until, DateTime::UNIX_EPOCH, Audience::Staff);
            assert!(!view.reset);
            (view.position, first, view.seats.into_keys().collect::<Vec<_>>().join(" "), view.attendance.is_some())
        };
        assert_eq!(told(4, 14), (14, 5, "A-1 A-2 A-3".to_owned(), true));
        assert_eq!(told(4, 8), (8, 5, "A-1".to_owned(), false));
        assert_eq!(told(5, 11), (11, 9, "A-2".to_owned(), true));
        assert_eq!(told(9, 12), (12, 12, "A-3".to_owned(), false));
        assert_eq!(told(12, 14), (14, i64::MAX, String::new(), false));
    }
}
