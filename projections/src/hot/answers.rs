//! What a kept show answers: rendered once for each audience, compressed and tagged, and given to whoever asks in that state.
//!
//! What always holds: an answer says what the copy said at its position; what is somebody's own (`mine`) is never kept. Bringing a
//! copy up to date is not here ([`super::show`]).

use std::sync::{Arc, PoisonError, atomic::Ordering};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio::sync::OwnedMutexGuard;

use super::{
    copy::{Changes, Head, ShowCopy},
    kept::{Kept, Span},
    show::{HotShow, SEAT_BYTES, State, index},
};
use crate::{
    queries::{Audience, Mine, QueryError},
    views::ChangesView,
};

/// A copy of more seats is rendered on a thread where others do not wait.
const SEATS_FEW: usize = 2_000;

/// Answers to what listeners missed, of one state: after a restart most of them come back with the same position.
const MISSED_MAX: usize = 16;

/// What they take: two of a hall of 50,000 seats.
const MISSED_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// A show in the state that a question is answered from.
#[derive(Debug, Clone)]
pub struct HotState {
    pub(super) show: Arc<HotShow>,
    pub(super) state: Arc<State>,
    /// Up to where it was looked at.
    pub(super) seen: i64,
}

/// What somebody wants to know the changes of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    after: Option<i64>,
    until: i64,
    audience: Audience,
}

/// What changed behind a position.
#[derive(Debug, Clone)]
pub struct Missed {
    /// How far it goes.
    pub position: i64,
    /// The event that the first of it changed by: whoever knows that one knows a part of this.
    pub(crate) first: i64,
    /// Whether nothing did.
    pub is_empty: bool,
    /// A [`ChangesView`].
    pub json: Bytes,
    /// The same bytes as a server-sent event (WHATWG HTML, section 9.2), with the position as its id.
    pub event: Bytes,
    during: Span,
}

impl HotState {
    /// The show.
    #[must_use]
    pub fn show(&self) -> &Arc<HotShow> {
        &self.show
    }

    /// Up to where everything is in it.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.state.head.reach(self.seen)
    }

    /// Up to where there is nothing to look for: beyond its position where its read models stopped.
    pub(crate) fn seen(&self) -> i64 {
        self.seen
    }

    /// Whether it is published or was.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.state.head.is_public
    }

    /// The event at which the show's read models stopped; they go on after a repair only.
    #[must_use]
    pub fn stopped(&self) -> Option<i64> {
        self.state.head.stopped
    }

    pub(super) fn is_named(&self, name: &str) -> bool {
        let is_there = !self.state.head.slug.is_empty();
        is_there && (self.state.head.slug == name || name.parse() == Ok(self.show.show))
    }

    pub(crate) fn head(&self) -> &Head {
        &self.state.head
    }

    /// How much is left, as JSON of an [`AvailabilityView`](crate::views::AvailabilityView). None: nothing to sell is known.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn availability(&self, now: DateTime<Utc>, audience: Audience) -> Result<Option<Arc<Kept>>, QueryError> {
        let slot = &self.state.left[index(audience)];
        if let Some(kept) = slot.holding(now) {
            return Ok(Some(kept));
        }
        let Some(left) = &self.state.head.left else { return Ok(None) };
        // Under the slot's lock: who comes meanwhile waits. A show has a handful of ticket types and sections.
        let mut kept = slot.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_ref().filter(|kept| kept.during.has(now)) {
            return Ok(Some(Arc::clone(kept)));
        }
        let json = written("availability", &left.view(now, audience))?;
        let fresh = Arc::new(Kept::new(json, audience).during(Span::around(now, Some(left))));
        *kept = Some(Arc::clone(&fresh));
        Ok(Some(fresh))
    }

    /// Every seat that is not free, as JSON of a [`SeatsView`](crate::views::SeatsView), and the position of it.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn seats(&self, audience: Audience) -> Result<(i64, Arc<Kept>), QueryError> {
        if let Some(kept) = self.state.seats[index(audience)].get() {
            return Ok((self.position(), kept));
        }
        let copy = self.show.copy_with_seats().await?;
        // The copy may be ahead of this state, and others may have rendered it.
        let state = self.show.state();
        let position = copy.reaches().max(self.position());
        if let Some(kept) = state.seats[index(audience)].get() {
            return Ok((position, kept));
        }
        let show = Arc::clone(&self.show);
        let kept = rendered(copy, move |copy| {
            let kept = Arc::new(Kept::new(copy.seats_json(None, audience)?, audience));
            state.seats[index(audience)].put(Arc::clone(&kept));
            show.bytes.store(copy.seats() * SEAT_BYTES + state.bytes(), Ordering::Relaxed);
            Ok(kept)
        });
        Ok((position, kept.await?))
    }

    /// The same with those that are somebody's own, which nobody else is told.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn seats_of(&self, mine: Mine, audience: Audience) -> Result<(i64, Bytes), QueryError> {
        let copy = self.show.copy_with_seats().await?;
        let position = copy.reaches().max(self.position());
        let json = rendered(copy, move |copy| copy.seats_json(Some(mine), audience)).await?;
        Ok((position, json.into()))
    }

    /// The places as adopted, as JSON of a [`SeatingView`](crate::views::SeatingView).
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn seating(&self, audience: Audience) -> Result<Arc<Kept>, QueryError> {
        let slot = &self.state.seating[index(audience)];
        if let Some(kept) = slot.get() {
            return Ok(kept);
        }
        let _one = self.show.seating.lock().await;
        if let Some(kept) = slot.get() {
            return Ok(kept);
        }
        let other = match audience {
            Audience::Public => Audience::Staff,
            Audience::Staff => Audience::Public,
        };
        if let Some(kept) = self.state.seating[index(other)].get() {
            let kept = Arc::new(kept.told_to(audience));
            slot.put(Arc::clone(&kept));
            return Ok(kept);
        }
        let found = self.show.queries.seating_text(self.show.organization, self.show.show).await?;
        let (position, json) = match found {
            Some((position, json)) => (Some(position), json.into_bytes()),
            None => (None, br#"{"sections":[]}"#.to_vec()),
        };
        let kept = Arc::new(Kept::new(json, audience));
        // Adopted since: right for whoever asked, and not kept for those of this state.
        if position == self.state.head.seating {
            slot.put(Arc::clone(&kept));
        }
        Ok(kept)
    }

    /// What changed behind a position, as JSON of a [`ChangesView`]; behind none: all there is, to begin anew from.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn changes(
        &self,
        after: Option<i64>,
        now: DateTime<Utc>,
        audience: Audience,
    ) -> Result<Missed, QueryError> {
        self.changes_until(i64::MAX, after, now, audience).await
    }

    /// The same up to a position: what changed again behind it is for whoever asks from there.
    pub(crate) async fn changes_until(
        &self,
        until: i64,
        after: Option<i64>,
        now: DateTime<Utc>,
        audience: Audience,
    ) -> Result<Missed, QueryError> {
        // Whoever has heard all that this state knows of missed nothing, whatever its seats are.
        if after.is_some_and(|after| after >= self.position().min(until) || self.state.head.is_as_of(after, audience)) {
            return nothing(after, self.position().min(until));
        }
        let asked = Asked { after, until: until.min(self.state.reaches()), audience };
        if let Some(known) = self.state.known_missed(asked, now) {
            return Ok(known);
        }
        let copy = self.show.copy_with_seats().await?;
        // The copy may be ahead of this state, and others may have rendered it.
        let state = self.show.state();
        if after.is_some_and(|after| state.head.is_as_of(after, audience)) {
            return nothing(after, self.position().max(copy.reaches()).min(until));
        }
        let asked = Asked { after, until: until.min(copy.reaches()), audience };
        if let Some(known) = state.known_missed(asked, now) {
            return Ok(known);
        }
        rendered(copy, move |copy| {
            let during = Span::around(now, copy.head.left.as_ref());
            let found = missed(&copy.changes(after, asked.until, now, audience), during)?;
            state.keep_missed(asked, found.clone());
            Ok(found)
        })
        .await
    }
}

impl State {
    fn known_missed(&self, asked: Asked, now: DateTime<Utc>) -> Option<Missed> {
        let missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = missed.iter().find(|(of, known)| *of == asked && known.during.has(now));
        known.map(|(_, known)| known.clone())
    }

    fn keep_missed(&self, asked: Asked, found: Missed) {
        let mut kept = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push((asked, found));
        while kept.len() > MISSED_MAX
            || kept.iter().map(|(_, known)| known.event.len()).sum::<usize>() > MISSED_BYTES_MAX
        {
            kept.remove(0);
        }
    }
}

impl Missed {
    /// That a sales window has opened or closed, told at a position.
    pub(crate) fn turned(
        state: &HotState,
        position: i64,
        now: DateTime<Utc>,
        audience: Audience,
    ) -> Result<Self, QueryError> {
        let availability = state.head().left.as_ref().map(|left| left.view(now, audience));
        Self::without_event(ChangesView { position, availability, ..ChangesView::default() })
    }

    /// As it is told, of what no event changed.
    fn without_event(view: ChangesView) -> Result<Self, QueryError> {
        missed(&Changes { view, first: i64::MAX }, Span::default())
    }
}

/// What somebody is told who missed nothing.
fn nothing(after: Option<i64>, position: i64) -> Result<Missed, QueryError> {
    let position = position.max(after.unwrap_or(0));
    Missed::without_event(ChangesView { position, ..ChangesView::default() })
}

fn missed(changes: &Changes, during: Span) -> Result<Missed, QueryError> {
    let Changes { view, first } = changes;
    let mut event = format!("id: {}\ndata: ", view.position).into_bytes();
    let begins_at = event.len();
    // JSON has no line breaks in it.
    serde_json::to_writer(&mut event, view).map_err(|source| QueryError::Corrupt { table: "changes", source })?;
    let ends_at = event.len();
    event.extend_from_slice(b"\n\n");
    let event = Bytes::from(event);
    let json = event.slice(begins_at..ends_at);
    Ok(Missed { position: view.position, first: *first, is_empty: view.is_empty(), json, event, during })
}

fn written(what: &'static str, view: &impl serde::Serialize) -> Result<Vec<u8>, QueryError> {
    serde_json::to_vec(view).map_err(|source| QueryError::Corrupt { table: what, source })
}

/// Renders under the lock of the copy, so that one does; where it takes long, on a thread where nothing else waits.
async fn rendered<T: Send + 'static>(
    copy: OwnedMutexGuard<ShowCopy>,
    render: impl FnOnce(&ShowCopy) -> Result<T, QueryError> + Send + 'static,
) -> Result<T, QueryError> {
    if copy.seats() <= SEATS_FEW {
        return render(&copy);
    }
    tokio::task::spawn_blocking(move || render(&copy)).await.map_err(ended)?
}

/// A thread that ended in the middle.
fn ended(error: tokio::task::JoinError) -> QueryError {
    QueryError::Database(sqlx::Error::Io(std::io::Error::other(error)))
}
