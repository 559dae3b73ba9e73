//! What handlers ask of the past: a show as it stood, for its organization's staff.

use identity::Caller;
use projections::as_of::{Moment, Past};
use uuid::Uuid;

use super::{SeenShow, hot::SeenHot};
use crate::{app::QuerySide, problem::Problem};

impl SeenShow<'_> {
    /// The show as it stood.
    pub(super) async fn past(&self, app: &QuerySide, moment: Moment) -> Result<Past, Problem> {
        if self.staff.is_none() {
            return Err(not_for_others());
        }
        find(app, self.organization, self.id, moment).await
    }
}

impl SeenHot<'_> {
    /// The show as it stood.
    pub(super) async fn past(&self, app: &QuerySide, moment: Moment) -> Result<Past, Problem> {
        if self.staff.is_none() {
            return Err(not_for_others());
        }
        let show = self.state.show();
        find(app, show.organization(), show.id(), moment).await
    }
}

/// A show as it stood, where the caller is staff of its organization; whoever has an order's secret is not.
pub(super) async fn past(
    app: &QuerySide,
    caller: &Caller,
    organization: Uuid,
    show: Uuid,
    moment: Moment,
) -> Result<Past, Problem> {
    if caller.of_show(organization, show).is_none() {
        return Err(not_for_others());
    }
    find(app, organization, show, moment).await
}

async fn find(app: &QuerySide, organization: Uuid, show: Uuid, moment: Moment) -> Result<Past, Problem> {
    let stand = app.queries.stand(moment, app.clock.now()).await?;
    app.queries.past(organization, show, stand).await?.ok_or_else(Problem::not_found)
}

fn not_for_others() -> Problem {
    Problem::forbidden("Only staff of the show's organization see it as it was; leave `as_of` and `at` out.")
}
