//! The read side's handlers, one file a resource. A handler finds what its path names, asks the read side one thing, and
//! answers with position and tag; it decides who may see what, never what is there.
//!
//! Staff see their own organization's; everybody else, staff of another organization too, sees what is public.

mod attendance;
mod availability;
mod bundle;
mod changes;
mod door_list;
mod history;
mod hot;
mod live;
mod orders;
mod past;
mod people;
mod proofs;
mod reports;
mod seating;
mod seats;
mod settings;
mod settlement;
mod shows;
mod socket;
mod ticket_documents;
mod tickets;

use domain::ids::ShowId;
use identity::{Caller, Link, Staff};
use projections::{
    Scope,
    queries::{Found, Page},
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    answer::For,
    app::QuerySide,
    extract::{Cursor, Limit, Position},
    problem::Problem,
};

/// Every query.
pub fn router() -> OpenApiRouter<QuerySide> {
    OpenApiRouter::new()
        .routes(routes!(shows::list_shows))
        .routes(routes!(shows::get_show))
        .routes(routes!(availability::get_availability))
        .routes(routes!(seating::get_seating))
        .routes(routes!(seats::get_seats))
        .routes(routes!(changes::get_changes))
        .routes(routes!(live::stream_live))
        .routes(routes!(socket::open_socket))
        .routes(routes!(attendance::get_attendance))
        .routes(routes!(door_list::get_door_list))
        .routes(routes!(orders::list_orders))
        .routes(routes!(orders::get_order))
        .routes(routes!(tickets::list_tickets))
        .routes(routes!(tickets::get_ticket))
        .routes(routes!(ticket_documents::get_ticket_pdf))
        .routes(routes!(ticket_documents::get_ticket_qr))
        .routes(routes!(ticket_documents::get_ticket_calendar))
        .routes(routes!(history::list_history))
        .routes(routes!(history::get_history_event))
        .routes(routes!(history::get_history_timeline))
        .routes(routes!(settings::get_settings))
        .routes(routes!(people::list_people))
        .routes(routes!(people::get_person))
        .routes(routes!(people::export_person))
        .merge(proofs::router())
        .routes(routes!(bundle::get_bundle))
        .routes(routes!(settlement::get_settlement))
        .merge(reports::router())
}

/// A query that takes no parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoParams {}

fn page(limit: Limit, cursor: Option<Cursor>) -> Page {
    Page { limit: limit.get(), cursor: cursor.map(|cursor| cursor.0) }
}

/// A show that the caller may see, and as whom.
struct SeenShow<'a> {
    id: Uuid,
    organization: Uuid,
    /// The caller, as staff of the show's organization.
    staff: Option<&'a Staff>,
}

impl<'a> SeenShow<'a> {
    /// The show of this id or slug.
    async fn find(app: &QuerySide, caller: &'a Caller, name: &str, position: Position) -> Result<Self, Problem> {
        let found = app.queries.find_show(name).await?.ok_or_else(Problem::not_found)?;
        let staff = caller.of_show(found.organization, found.id);
        if staff.is_none() && !found.is_public {
            return Err(Problem::not_found());
        }
        position.of_show(app, found.organization, ShowId(found.id)).await?;
        Ok(Self { id: found.id, organization: found.organization, staff })
    }

    /// The same for queries that only its organization's staff may ask: to all others it is not there.
    async fn find_own(app: &QuerySide, caller: &'a Caller, name: &str, position: Position) -> Result<Self, Problem> {
        let show = Self::find(app, caller, name, position).await?;
        if show.staff.is_some() { Ok(show) } else { Err(Problem::not_found()) }
    }

    fn scope(&self) -> Scope {
        if self.staff.is_some() { Scope::Organization(self.organization) } else { Scope::Public }
    }

    fn caching(&self) -> For {
        if self.staff.is_some() { For::Caller } else { For::Everybody }
    }
}

/// That the caller may see what is of this show and order: as staff of its organization, or with the order's secret.
async fn may_see(
    app: &QuerySide,
    caller: &Caller,
    found: Found,
    order: Uuid,
    position: Position,
) -> Result<(), Problem> {
    if caller.of_show(found.organization, found.show).is_none() && !caller.opens(Link::Order(order)) {
        return Err(Problem::not_found());
    }
    position.of_show(app, found.organization, ShowId(found.show)).await
}
