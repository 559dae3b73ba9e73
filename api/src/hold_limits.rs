//! How much one address may keep of one show without credentials: open holds and unpaid orders, by number and by places.
//!
//! Only the ids of such holds are remembered, by show and address, in the memory of this node: an address in the log, even
//! hashed, would be personal data for ever. A restart, or a second node, therefore begins at nothing; places themselves are
//! safe all the same, and every hold ends by itself. What is remembered may be out of date in one direction only, a hold that
//! has ended meanwhile: so before anybody is turned away the show's desk is asked which are still kept.
//!
//! Right under concurrency: a request reserves before its command is sent, and then says what became of it, or gives back
//! by being dropped. This machine's own address is counted like any other.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use commands::desk::{DeskError, Desks, KeptState};
use domain::{
    ids::{HoldId, ShowId},
    organization::SalesLimits,
};

use crate::{
    client_address::{ClientAddress, Network},
    problem::Problem,
};

/// Holds that are remembered at once, about 100 MB; past that, the addresses that were quiet longest are forgotten.
const REMEMBERED_MAX: usize = 1_000_000;

/// What a hold still keeps, in persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is open.
    Held {
        /// Its places.
        places: u32,
    },
    /// It became an order that awaits payment.
    Unpaid {
        /// The order's places.
        places: u32,
    },
}

/// Who knows what became of holds: the show's desk.
pub trait StillKept {
    /// Those of `holds` that keep places, open or in an order that awaits payment; others are left out.
    fn kept(
        &self,
        show: ShowId,
        holds: Vec<HoldId>,
    ) -> impl Future<Output = Result<HashMap<HoldId, Kept>, DeskError>> + Send;
}

impl StillKept for Desks {
    async fn kept(&self, show: ShowId, holds: Vec<HoldId>) -> Result<HashMap<HoldId, Kept>, DeskError> {
        let kept = Self::kept(self, show, holds).await?.into_iter();
        Ok(kept.map(|kept| (kept.hold, Kept::of(kept))).collect())
    }
}

impl Kept {
    fn of(kept: commands::desk::Kept) -> Self {
        match kept.state {
            KeptState::Open => Self::Held { places: kept.places },
            KeptState::Unpaid => Self::Unpaid { places: kept.places },
        }
    }
}

/// What addresses keep, on this node. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct HoldLimits {
    shared: Arc<Mutex<Remembered>>,
}

#[derive(Debug, Default)]
struct Remembered {
    addresses: HashMap<At, Address>,
    holds: usize,
}

/// One show, one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct At(ShowId, Network);

/// What one address keeps of one show.
#[derive(Debug, Clone)]
struct Address {
    holds: HashMap<HoldId, Kept>,
    reserved: Sum,
    used_at: Instant,
}

/// Holds and orders, with their places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    holds: u64,
    held_places: u64,
    unpaid_orders: u64,
    unpaid_places: u64,
}

/// Room for a command that is under way. Dropped, it is given back.
#[derive(Debug)]
#[must_use = "say what became of it, or the next request finds the room free"]
pub struct Reservation {
    limits: HoldLimits,
    at: At,
    sum: Sum,
}

impl HoldLimits {
    /// Room for one more hold of so many places.
    ///
    /// # Errors
    /// 409 `too_many_holds`, or what the desk says.
    pub async fn may_hold(
        &self,
        desk: &impl StillKept,
        show: ShowId,
        client: ClientAddress,
        places: u32,
        limits: SalesLimits,
    ) -> Result<Reservation, Problem> {
        let sum = Sum { holds: 1, held_places: places.into(), ..Sum::default() };
        self.reserve(desk, At(show, client.network()), sum, limits).await
    }

    /// Room for so many places more in a hold that is there.
    ///
    /// # Errors
    /// As [`Self::may_hold`].
    pub async fn may_add(
        &self,
        desk: &impl StillKept,
        show: ShowId,
        client: ClientAddress,
        places: u32,
        limits: SalesLimits,
    ) -> Result<Reservation, Problem> {
        let sum = Sum { held_places: places.into(), ..Sum::default() };
        self.reserve(desk, At(show, client.network()), sum, limits).await
    }

    /// Room for an order of a hold.
    ///
    /// # Errors
    /// As [`Self::may_hold`].
    pub async fn may_order(
        &self,
        desk: &impl StillKept,
        show: ShowId,
        client: ClientAddress,
        hold: HoldId,
        limits: SalesLimits,
    ) -> Result<Reservation, Problem> {
        let at = At(show, client.network());
        let remembered = self.lock().addresses.get(&at).and_then(|address| address.holds.get(&hold).copied());
        let kept = match remembered {
            Some(kept) => Some(kept),
            None => desk.kept(show, vec![hold]).await?.remove(&hold),
        };
        // Of a hold that keeps nothing no order is made; the desk says why.
        let sum = match kept {
            Some(Kept::Held { places }) => Sum { unpaid_orders: 1, unpaid_places: places.into(), ..Sum::default() },
            Some(Kept::Unpaid { .. }) | None => Sum::default(),
        };
        self.reserve(desk, at, sum, limits).await
    }

    async fn reserve(
        &self,
        desk: &impl StillKept,
        at: At,
        sum: Sum,
        limits: SalesLimits,
    ) -> Result<Reservation, Problem> {
        if self.lock().reserve(at, sum, limits).is_err() {
            let known = self.lock().addresses.get(&at).map(|address| address.holds.clone()).unwrap_or_default();
            let kept = desk.kept(at.0, known.keys().copied().collect()).await?;
            let mut remembered = self.lock();
            remembered.refresh(at, &known, &kept);
            remembered.reserve(at, sum, limits)?;
        }
        Ok(Reservation { limits: self.clone(), at, sum })
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation {
    /// The hold was placed, with so many places.
    pub fn placed(mut self, hold: HoldId, places: u32) {
        self.settle(|remembered, at| remembered.remember(at, hold, Kept::Held { places }));
    }

    /// So many places were added to the hold, which may have been placed elsewhere.
    pub fn added(mut self, hold: HoldId, places: u32) {
        self.settle(|remembered, at| {
            let before = match remembered.addresses.get(&at).and_then(|address| address.holds.get(&hold)) {
                Some(Kept::Held { places }) => *places,
                Some(Kept::Unpaid { .. }) | None => 0,
            };
            remembered.remember(at, hold, Kept::Held { places: before + places });
        });
    }

    /// The hold became an order of so many places, with something due.
    pub fn ordered(mut self, hold: HoldId, places: u32) {
        self.settle(|remembered, at| remembered.remember(at, hold, Kept::Unpaid { places }));
    }

    /// Gives the room back and notes what it was used for, in one step.
    fn settle(&mut self, note: impl FnOnce(&mut Remembered, At)) {
        let sum = std::mem::take(&mut self.sum);
        let mut remembered = self.limits.lock();
        if let Some(address) = remembered.addresses.get_mut(&self.at) {
            address.reserved = address.reserved.less(sum);
        }
        note(&mut remembered, self.at);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.settle(|_, _| {});
    }
}

impl Remembered {
    fn reserve(&mut self, at: At, sum: Sum, limits: SalesLimits) -> Result<(), Problem> {
        if self.holds >= REMEMBERED_MAX {
            self.forget_quiet();
        }
        let now = Instant::now();
        let new = || Address { holds: HashMap::new(), reserved: Sum::default(), used_at: now };
        let address = self.addresses.entry(at).or_insert_with(new);
        address.used_at = now;
        address.sum().plus(sum).within(sum, limits)?;
        address.reserved = address.reserved.plus(sum);
        Ok(())
    }

    fn remember(&mut self, at: At, hold: HoldId, kept: Kept) {
        if let Some(address) = self.addresses.get_mut(&at)
            && address.holds.insert(hold, kept).is_none()
        {
            self.holds += 1;
        }
    }

    /// Takes over what the desk said, but of a hold that changed meanwhile.
    fn refresh(&mut self, at: At, known: &HashMap<HoldId, Kept>, kept: &HashMap<HoldId, Kept>) {
        let Some(address) = self.addresses.get_mut(&at) else { return };
        let before = address.holds.len();
        address.holds.retain(|hold, now| {
            if known.get(hold) != Some(&*now) {
                return true;
            }
            let Some(still) = kept.get(hold) else { return false };
            *now = *still;
            true
        });
        self.holds -= before - address.holds.len();
    }

    /// Forgets the quieter half of the addresses, but none with a command under way.
    fn forget_quiet(&mut self) {
        let by_use: BTreeMap<Instant, usize> =
            self.addresses.values().map(|address| (address.used_at, address.holds.len())).collect();
        let Some((middle, _)) = by_use.iter().nth(by_use.len() / 2) else { return };
        self.addresses.retain(|_, address| address.used_at > *middle || address.reserved != Sum::default());
        self.holds = self.addresses.values().map(|address| address.holds.len()).sum();
    }
}

impl Address {
    fn sum(&self) -> Sum {
        self.holds.values().fold(self.reserved, |sum, kept| {
            sum.plus(match *kept {
                Kept::Held { places } => Sum { holds: 1, held_places: places.into(), ..Sum::default() },
                Kept::Unpaid { places } => Sum { unpaid_orders: 1, unpaid_places: places.into(), ..Sum::default() },
            })
        })
    }
}

impl Sum {
    fn plus(self, other: Self) -> Self {
        Self {
            holds: self.holds + other.holds,
            held_places: self.held_places + other.held_places,
            unpaid_orders: self.unpaid_orders + other.unpaid_orders,
            unpaid_places: self.unpaid_places + other.unpaid_places,
        }
    }

    fn less(self, other: Self) -> Self {
        Self {
            holds: self.holds.saturating_sub(other.holds),
            held_places: self.held_places.saturating_sub(other.held_places),
            unpaid_orders: self.unpaid_orders.saturating_sub(other.unpaid_orders),
            unpaid_places: self.unpaid_places.saturating_sub(other.unpaid_places),
        }
    }

    /// Judged by what is asked for: too many unpaid orders are no reason against a hold.
    fn within(self, asked: Self, limits: SalesLimits) -> Result<(), Problem> {
        let over = |asked: u64, sum: u64, most: u32| asked > 0 && sum > u64::from(most);
        if over(asked.holds, self.holds, limits.holds) || over(asked.held_places, self.held_places, limits.held_places)
        {
            let detail = format!(
                "From your address {} holds with {} places are open at this show already, or would be with this one; \
                 that is more than the organizer allows. Order or release some of them, wait for them to run out, or ask \
                 the organizer.",
                self.holds, self.held_places
            );
            return Err(Problem::rejected("too_many_holds", detail, Vec::new()));
        }
        if over(asked.unpaid_orders, self.unpaid_orders, limits.unpaid_orders)
            || over(asked.unpaid_places, self.unpaid_places, limits.unpaid_places)
        {
            let detail = format!(
                "From your address {} orders with {} places await payment at this show already, or would with this one; \
                 that is more than the organizer allows. Pay some of them first, or ask the organizer.",
                self.unpaid_orders, self.unpaid_places
            );
            return Err(Problem::rejected("too_many_holds", detail, Vec::new()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const SHOW: ShowId = ShowId(Uuid::from_u128(1));
    const LIMITS: SalesLimits = SalesLimits { holds: 3, held_places: 10, unpaid_orders: 2, unpaid_places: 6 };

    /// A desk at which these holds keep places, and all others none.
    #[derive(Debug, Default)]
    struct Desk(HashMap<HoldId, Kept>);

    impl StillKept for Desk {
        async fn kept(&self, _: ShowId, holds: Vec<HoldId>) -> Result<HashMap<HoldId, Kept>, DeskError> {
            Ok(holds.into_iter().filter_map(|hold| Some((hold, *self.0.get(&hold)?))).collect())
        }
    }

    fn from(ip: &str) -> ClientAddress {
        ClientAddress::direct(ip.parse().unwrap())
    }

    fn hold(number: u128) -> HoldId {
        HoldId(Uuid::from_u128(number))
    }

    async fn place(limits: &HoldLimits, desk: &mut Desk, number: u128, places: u32) -> Result<(), Problem> {
        let room = limits.may_hold(desk, SHOW, from("203.0.113.1"), places, LIMITS).await?;
        desk.0.insert(hold(number), Kept::Held { places });
        room.placed(hold(number), places);
        Ok(())
    }

    #[tokio::test]
    async fn so_many_holds_and_no_more() {
        let (limits, mut desk) = (HoldLimits::default(), Desk::default());
        for number in 0..3 {
            place(&limits, &mut desk, number, 1).await.unwrap();
        }
        let problem = place(&limits, &mut desk, 4, 1).await.unwrap_err();
        assert_eq!((problem.status().as_u16(), problem.code()), (409, "too_many_holds"));
        let other = limits.may_hold(&desk, SHOW, from("203.0.113.2"), 1, LIMITS).await.unwrap();
        drop(other);
        // One ran out, which only the desk knows.
        desk.0.remove(&hold(1));
        place(&limits, &mut desk, 4, 1).await.unwrap();
        assert!(place(&limits, &mut desk, 5, 1).await.is_err());
    }

    #[tokio::test]
    async fn places_count_too_also_those_that_are_added() {
        let (limits, mut desk) = (HoldLimits::default(), Desk::default());
        place(&limits, &mut desk, 1, 8).await.unwrap();
        assert!(place(&limits, &mut desk, 2, 3).await.is_err());
        let room = limits.may_add(&desk, SHOW, from("203.0.113.1"), 2, LIMITS).await.unwrap();
        room.added(hold(1), 2);
        desk.0.insert(hold(1), Kept::Held { places: 10 });
        assert!(limits.may_add(&desk, SHOW, from("203.0.113.1"), 1, LIMITS).await.is_err());
    }

    #[tokio::test]
    async fn a_command_that_came_to_nothing_leaves_room() {
        let (limits, desk) = (HoldLimits::default(), Desk::default());
        for _ in 0..20 {
            drop(limits.may_hold(&desk, SHOW, from("203.0.113.1"), 10, LIMITS).await.unwrap());
        }
    }

    #[tokio::test]
    async fn an_order_takes_the_place_of_its_hold() {
        let (limits, mut desk) = (HoldLimits::default(), Desk::default());
        for number in 0..2 {
            place(&limits, &mut desk, number, 3).await.unwrap();
            let room = limits.may_order(&desk, SHOW, from("203.0.113.1"), hold(number), LIMITS).await.unwrap();
            desk.0.insert(hold(number), Kept::Unpaid { places: 3 });
            room.ordered(hold(number), 3);
        }
        place(&limits, &mut desk, 3, 1).await.unwrap();
        let problem = limits.may_order(&desk, SHOW, from("203.0.113.1"), hold(3), LIMITS).await.unwrap_err();
        assert_eq!(problem.code(), "too_many_holds");
        // One was paid.
        desk.0.remove(&hold(0));
        let _room = limits.may_order(&desk, SHOW, from("203.0.113.1"), hold(3), LIMITS).await.unwrap();
        // A hold from elsewhere counts where it is ordered.
        desk.0.insert(hold(9), Kept::Held { places: 6 });
        assert!(limits.may_order(&desk, SHOW, from("203.0.113.1"), hold(9), LIMITS).await.is_err());
    }

    #[tokio::test]
    async fn many_at_once_are_no_more_than_one_after_the_other() {
        let limits = HoldLimits::default();
        let mut asked = tokio::task::JoinSet::new();
        for number in 0..50 {
            let limits = limits.clone();
            asked.spawn(async move {
                let room = limits.may_hold(&Desk::default(), SHOW, from("203.0.113.1"), 1, LIMITS).await;
                tokio::task::yield_now().await;
                room.map(|room| std::mem::forget((room, number))).is_ok()
            });
        }
        let granted = asked.join_all().await.into_iter().filter(|granted| *granted).count();
        assert_eq!(granted, 3);
    }

    #[test]
    fn memory_is_bounded_and_what_is_under_way_is_not_forgotten() {
        let mut remembered = Remembered::default();
        let at = |number: u32| At(SHOW, Network::of(std::net::Ipv4Addr::from(number).into()));
        remembered.reserve(at(0), Sum { holds: 1, ..Sum::default() }, LIMITS).unwrap();
        for number in 1..100 {
            remembered.reserve(at(number), Sum::default(), LIMITS).unwrap();
            remembered.remember(at(number), hold(number.into()), Kept::Held { places: 1 });
        }
        remembered.forget_quiet();
        assert!(remembered.addresses.contains_key(&at(0)) && remembered.addresses.contains_key(&at(99)));
        assert!((40..60).contains(&remembered.holds), "{}", remembered.holds);
    }
}
