//! The settlement of a show in the log: its events from the first to the moment, folded page by page.
//!
//! It begins at the stream's beginning, not at a snapshot: tax rates and what was refunded for which tickets are not in the state.

use chrono::{DateTime, Utc};
use domain::{ShowEvent, events::Schedule};
use event_store::StreamEvent;
use futures::TryStreamExt;
use thiserror::Error;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{Settling, Until};
use crate::{
    as_of::{Moment, MomentError, Stand},
    queries::{Queries, QueryError, Scope},
};

/// Settlements that are folded at once: each takes a core and some tens of megabytes.
const FOLDING_MAX: usize = 2;
static FOLDING: Semaphore = Semaphore::const_new(FOLDING_MAX);

/// As of when a settlement is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettlementMoment {
    /// When the show is over; while it is not, as it stands.
    End,
    /// A moment of the past.
    At(Moment),
}

/// Why there is no settlement.
#[derive(Debug, Error)]
pub enum SettlementError {
    /// The moment is none.
    #[error("the moment is none")]
    Moment(#[from] MomentError),
    /// The log or the read models cannot be read.
    #[error("the show's events cannot be read")]
    Query(#[from] QueryError),
}

/// An event, understood.
struct Understood {
    position: i64,
    version: i64,
    recorded_at: DateTime<Utc>,
    event: ShowEvent,
}

impl Queries {
    /// The settlement of an organization's show: what it is to be made of, where the log stood, and until when it goes. None: there is
    /// no such show, or there was none then. `now` is the clock.
    ///
    /// # Errors
    /// See [`SettlementError`].
    pub async fn settling(
        &self,
        organization: Uuid,
        show: Uuid,
        moment: SettlementMoment,
        now: DateTime<Utc>,
    ) -> Result<Option<(Settling, Stand, Until)>, SettlementError> {
        let (stand, until) = match moment {
            SettlementMoment::At(moment) => {
                let stand = self.stand(moment, now).await?;
                (stand, Until::Moment(stand.time))
            }
            SettlementMoment::End => {
                let found = self.show(Scope::Organization(organization), show).await?;
                let Some(found) = found.body else { return Ok(None) };
                let schedule =
                    Schedule { doors_at: found.doors_at, starts_at: found.starts_at, ends_at: found.ends_at };
                let over_at = schedule.over_at();
                if over_at <= now {
                    let stand = self.stand(Moment::Time(over_at), now).await?;
                    (stand, Until::Moment(over_at))
                } else {
                    let position = self.log.head().await.map_err(QueryError::from)?;
                    (Stand { position, time: now }, Until::LastEvent)
                }
            }
        };
        let version = self.log.version_at(show, stand.position).await.map_err(QueryError::from)?;
        if version == 0 {
            return Ok(None);
        }
        // It is never closed.
        let _permit = FOLDING.acquire().await;
        let mut settling = Settling::default();
        let mut pages = std::pin::pin!(self.log.ahead(show, 0, version, understood));
        while let Some(page) = pages.try_next().await.map_err(QueryError::from)? {
            for Understood { position, version, recorded_at, event } in page? {
                settling.take(position, version, recorded_at, &event);
            }
        }
        Ok(Some((settling, stand, until)))
    }
}

fn understood(events: Vec<StreamEvent>) -> Result<Vec<Understood>, QueryError> {
    let understood = events.into_iter().map(
        |StreamEvent { position, version, recorded_at, event_type, schema, payload, .. }| {
            ShowEvent::decode(&event_type, schema, &payload)
                .map(|event| Understood { position, version, recorded_at, event })
                .map_err(|source| QueryError::Unreadable { position, source })
        },
    );
    understood.collect()
}
