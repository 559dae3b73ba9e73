//! A show that the caller may see, answered from memory: what many ask at once costs no query.

use identity::{Caller, Staff};
use projections::{Audience, HotState};

use crate::{answer::For, app::QuerySide, extract::Position, problem::Problem};

/// A show in memory, in a state that has seen what was asked for, and as whom the caller sees it.
pub(super) struct SeenHot<'a> {
    pub state: HotState,
    /// The caller, as staff of the show's organization.
    pub staff: Option<&'a Staff>,
}

impl<'a> SeenHot<'a> {
    /// The show of this id or slug.
    pub async fn find(app: &QuerySide, caller: &'a Caller, name: &str, position: Position) -> Result<Self, Problem> {
        let state = app.hot.find(name, position.at_least()).await?.ok_or_else(Problem::not_found)?;
        let staff = caller.of_show(state.show().organization(), state.show().id());
        if staff.is_none() && !state.is_public() {
            return Err(Problem::not_found());
        }
        position.not_stopped(state.stopped())?;
        Ok(Self { state, staff })
    }

    pub fn audience(&self) -> Audience {
        if self.staff.is_some() { Audience::Staff } else { Audience::Public }
    }

    pub fn caching(&self) -> For {
        if self.staff.is_some() { For::Caller } else { For::Everybody }
    }
}
