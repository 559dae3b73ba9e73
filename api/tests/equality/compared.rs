//! What the tables have to hold of an organization and its shows, said by the views of their states and by the log: every
//! column but the positions at which rows were last touched, and no row more.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Result;
use commands::properties::{PlayedOrganization, PlayedShow};
use domain::{OrganizationEvent, Show, ShowEvent, events::Line, place::Place, show::Claim};
use projections::views;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use crate::{played::Played, world::World};

/// The columns that say when a row was last touched: of them only the projector knows.
const TOUCHED: &str = "position";
/// Rows of a table that are told where they differ.
const TOLD_MAX: usize = 3;

/// That the tables hold what they have to, with everything projected.
pub async fn rows_are_views(world: &World, played: &Played) -> Result<()> {
    let owner = &world.owner;
    let organization = organization(&played.organization, &recorded(owner, played.id).await?)?;
    holds(owner, "organizations", "organization", played.id, vec![organization]).await?;
    for of in &played.shows {
        let Some(show) = of.state().show() else { continue };
        let recorded = recorded(owner, show.id.0).await?;
        for (table, rows) in (Rows { organization: played.id, show, of, recorded }).of_every_table()? {
            holds(owner, table, if table == "shows" { "id" } else { "show" }, show.id.0, rows).await?;
        }
        facts_are_figures(owner, show).await?;
    }
    activity_is_the_log(owner).await
}

/// That a table holds these rows of a stream, and no others.
async fn holds(owner: &PgPool, table: &str, column: &str, stream: Uuid, mut expected: Vec<Value>) -> Result<()> {
    let sql = format!("SELECT to_jsonb(t) - '{TOUCHED}' FROM read.{table} AS t WHERE {column} = $1");
    let mut rows = sqlx::query_scalar::<_, Value>(AssertSqlSafe(sql)).bind(stream).fetch_all(owner).await?;
    expected.sort_by_key(Value::to_string);
    rows.sort_by_key(Value::to_string);
    if rows != expected {
        let missing: Vec<_> = expected.iter().filter(|row| !rows.contains(row)).take(TOLD_MAX).collect();
        let unfounded: Vec<_> = rows.iter().filter(|row| !expected.contains(row)).take(TOLD_MAX).collect();
        panic!("read.{table} of {stream} has not {missing:#?} but {unfounded:#?}");
    }
    Ok(())
}

/// Where an event stands in the log, and since when, as the database writes it.
type Recorded = (i64, Value);

async fn recorded(owner: &PgPool, stream: Uuid) -> Result<Vec<Recorded>> {
    let sql = "SELECT position, to_jsonb(recorded_at) FROM log.events WHERE stream = $1 ORDER BY version";
    Ok(sqlx::query_as(sql).bind(stream).fetch_all(owner).await?)
}

fn organization(of: &PlayedOrganization, recorded: &[Recorded]) -> Result<Value> {
    let organization = of.organization();
    let mut numbers = None;
    for (event, (position, _)) in of.history().iter().zip(recorded) {
        let settings = match event {
            OrganizationEvent::OrganizationFounded(event) => &event.settings,
            OrganizationEvent::SettingsChanged(event) => &event.settings,
            _ => continue,
        };
        if numbers.is_none_or(|(before, _)| before != settings.public_numbers) {
            numbers = Some((settings.public_numbers, *position));
        }
    }
    Ok(json!({
        "organization": organization.id.0,
        "slug": organization.slug.as_str(),
        "name": organization.settings.name.as_str(),
        "public_numbers": organization.settings.public_numbers,
        "numbers_position": numbers.map(|(_, position)| position),
        "settings": serde_json::to_value(&organization.settings)?,
    }))
}

/// The rows of a show.
struct Rows<'a> {
    organization: Uuid,
    show: &'a Show,
    of: &'a PlayedShow,
    recorded: Vec<Recorded>,
}

impl Rows<'_> {
    fn of_every_table(&self) -> Result<Vec<(&'static str, Vec<Value>)>> {
        let show = self.show;
        let seating = show.seating.as_ref().map(views::seating_view);
        Ok(vec![
            ("shows", vec![self.show()?]),
            ("seating", seating.iter().map(|view| self.document(view)).collect::<Result<_>>()?),
            ("availability", vec![self.document(&views::availability_row(show))?]),
            ("attendance", vec![self.document(&views::attendance_view(show))?]),
            ("seats", self.seats()),
            ("orders", self.orders()?),
            ("tickets", self.tickets()?),
            ("door_list", self.door_list()?),
        ])
    }

    fn show(&self) -> Result<Value> {
        let show = self.show;
        Ok(json!({
            "id": show.id.0,
            "organization": self.organization,
            "slug": show.slug.as_str(),
            "status": show.status().as_str(),
            "is_public": show.code_length.is_some(),
            "name": show.name.as_str(),
            "starts_at": show.schedule.starts_at.to_rfc3339(),
            "body": serde_json::to_string(&views::show_view(show))?,
        }))
    }

    fn document(&self, view: &impl Serialize) -> Result<Value> {
        let body = serde_json::to_string(view)?;
        Ok(json!({ "show": self.show.id.0, "organization": self.organization, "body": body }))
    }

    /// Of every seat that an event named, and no other: who has it.
    fn seats(&self) -> Vec<Value> {
        let show = self.show;
        let named: BTreeSet<_> = self.of.history().iter().flat_map(places).filter_map(|place| place.seat).collect();
        for taken in show.places.taken_seats() {
            assert!(named.contains(&taken.address), "no event gave {} to anybody", taken.address);
        }
        let row = |seat: &domain::place::SeatAddress| {
            let claim = show.places.seat(seat).map_or(Claim::Free, |(_, seat)| seat.claim);
            let (state, hold, order, ticket) = match claim {
                Claim::Free => (None, None, None, None),
                Claim::Blocked(_) => (Some("blocked"), None, None, None),
                Claim::Held(hold) => (Some("held"), Some(hold.0), None, None),
                Claim::Ordered(order) => (Some("held"), None, Some(order.0), None),
                Claim::Sold(ticket) => {
                    let order = show.ticket(ticket).map(|ticket| ticket.order.0);
                    (Some("sold"), None, order, Some(ticket.0))
                }
            };
            json!({
                "show": show.id.0, "organization": self.organization, "seat": seat.as_str(),
                "state": state, "hold": hold, "order_id": order, "ticket": ticket,
            })
        };
        named.iter().map(row).collect()
    }

    fn orders(&self) -> Result<Vec<Value>> {
        let placed = self.first(|event| match event {
            ShowEvent::OrderPlaced(event) => Some(event.order.0),
            _ => None,
        });
        let row = |order: &domain::show::Order| {
            let (position, at) = &placed[&order.id.0];
            Ok(json!({
                "id": order.id.0,
                "show": self.show.id.0,
                "organization": self.organization,
                "reference": order.reference,
                "status": serde_json::to_value(order.status)?,
                "customer": order.customer.map(|customer| customer.0),
                "body": serde_json::to_string(&views::order_view(self.show, order))?,
                "placed_at": at,
                "placed_position": position,
            }))
        };
        self.show.orders().map(row).collect()
    }

    fn tickets(&self) -> Result<Vec<Value>> {
        let issued = self.first(|event| match event {
            ShowEvent::TicketIssued(event) => Some(event.ticket.0),
            _ => None,
        });
        let row = |ticket: &domain::show::Ticket| {
            Ok(json!({
                "id": ticket.id.0,
                "show": self.show.id.0,
                "organization": self.organization,
                "order_id": ticket.order.0,
                "short_code": ticket.short_code.to_string(),
                "seat": ticket.seat().map(ToString::to_string),
                "status": if ticket.void { "void" } else { "valid" },
                "holder": ticket.holder.map(|holder| holder.0),
                "customer": ticket.customer.map(|customer| customer.0),
                "issue": ticket.issue,
                "iat": ticket.iat,
                "kid": ticket.kid,
                "body": serde_json::to_string(&views::ticket_view(self.show, ticket))?,
                "issued_position": issued[&ticket.id.0].0,
            }))
        };
        self.show.tickets().map(row).collect()
    }

    fn door_list(&self) -> Result<Vec<Value>> {
        let row = |ticket: &domain::show::Ticket| {
            Ok(json!({
                "ticket": ticket.id.0,
                "show": self.show.id.0,
                "organization": self.organization,
                "holder": ticket.holder.map(|holder| holder.0),
                "body": serde_json::to_string(&views::door_list_ticket(self.show, ticket))?,
            }))
        };
        self.show.tickets().map(row).collect()
    }

    /// Where things began.
    fn first(&self, begins: impl Fn(&ShowEvent) -> Option<Uuid>) -> HashMap<Uuid, &Recorded> {
        let events = self.of.history().iter().zip(&self.recorded);
        events.filter_map(|(event, recorded)| Some((begins(event)?, recorded))).collect()
    }
}

/// The places that an event says somebody has from now on, or no longer.
fn places(event: &ShowEvent) -> Vec<Place> {
    let of_lines = |lines: &[Line]| lines.iter().flat_map(|line| line.places.clone()).collect();
    match event {
        ShowEvent::PlacesBlocked(event) => event.places.clone(),
        ShowEvent::HoldPlaced(event) => event.items.iter().flat_map(|item| item.places.clone()).collect(),
        ShowEvent::HoldChanged(event) => event.added.iter().flat_map(|item| item.places.clone()).collect(),
        ShowEvent::OrderPlaced(event) => of_lines(&event.lines),
        ShowEvent::TicketMoved(event) => vec![event.to.clone()],
        _ => Vec::new(),
    }
}

/// That what the facts of a show sum up to are its figures.
async fn facts_are_figures(owner: &PgPool, show: &Show) -> Result<()> {
    let figures = figures(show);
    let sums: Vec<String> = FACTS.iter().map(|(name, sum)| format!("'{name}', {sum}")).collect();
    let sum = "SELECT coalesce(sum(n), 0) FROM read.";
    let sql = format!("SELECT jsonb_build_object({})", sums.join(", ")).replace("SUM ", sum);
    let told: Value = sqlx::query_scalar(AssertSqlSafe(sql)).bind(show.id.0).fetch_one(owner).await?;
    let told: BTreeMap<&str, i64> = FACTS.iter().map(|(name, _)| (*name, told[*name].as_i64().unwrap_or(0))).collect();
    assert_eq!(told, figures, "the facts of {}", show.id);
    Ok(())
}

/// Figures, and how they are summed up of facts.
const FACTS: [(&str, &str); 15] = [
    (
        "total",
        "(SUM sales_facts, unnest(gross) AS n WHERE show = $1) - (SUM sales_facts, unnest(cancelled) AS n WHERE show = $1)",
    ),
    ("tax", "(SUM sales_facts, unnest(tax) AS n WHERE show = $1)"),
    ("paid", "(SUM sales_facts, unnest(paid) AS n WHERE show = $1)"),
    ("refunded", "(SUM sales_facts, unnest(refunded) AS n WHERE show = $1)"),
    ("tickets", "(SUM sales_facts, unnest(tickets) AS n WHERE show = $1)"),
    ("persons", "(SUM sales_facts, unnest(persons) AS n WHERE show = $1)"),
    ("capacity", "(SUM sales_facts, unnest(capacity) AS n WHERE show = $1)"),
    (
        "held",
        "(SUM sales_facts, unnest(held) AS n WHERE show = $1) + (SUM hold_facts, unnest(held) AS n WHERE show = $1)",
    ),
    ("sold", "(SUM sales_facts, unnest(sold) AS n WHERE show = $1)"),
    (
        "blocked",
        "(SUM sales_facts, unnest(blocked) AS n WHERE show = $1) + (SUM hold_facts, unnest(blocked) AS n WHERE show = $1)",
    ),
    ("admitted", "(SUM door_facts, unnest(admitted) AS n WHERE show = $1)"),
    (
        "departed",
        "(SUM door_facts, unnest(departed) AS n WHERE show = $1) - (SUM door_facts, unnest(returned) AS n WHERE show = $1)",
    ),
    ("refused", "(SUM door_facts, unnest(refused) AS n WHERE show = $1)"),
    ("overridden", "(SUM door_facts, unnest(overridden) AS n WHERE show = $1)"),
    ("came", "(SUM door_facts, unnest(came) AS n WHERE show = $1)"),
];

fn figures(show: &Show) -> BTreeMap<&'static str, i64> {
    let orders = |of: fn(&domain::show::Order) -> i64| show.orders().map(of).sum::<i64>();
    let valid = || show.tickets().filter(|ticket| !ticket.void);
    let persons_who_came = |ticket: &domain::show::Ticket| {
        let most = show.presence.stays(ticket.id).iter().map(|stay| stay.inside + stay.out).max();
        i64::from(most.unwrap_or(0).min(ticket.persons))
    };
    let tallies = || show.places.sections().iter().flat_map(|section| section.tallies.iter().map(|(_, tally)| tally));
    let door = &show.attendance;
    BTreeMap::from([
        ("total", orders(|order| order.total().0)),
        ("tax", orders(|order| order.lines.iter().map(|line| line.tax.0).sum())),
        ("paid", orders(|order| order.paid.0)),
        ("refunded", orders(|order| order.refunded.0)),
        ("tickets", valid().count() as i64),
        ("persons", valid().map(|ticket| i64::from(ticket.persons)).sum()),
        ("capacity", tallies().map(|tally| i64::from(tally.capacity)).sum()),
        ("held", tallies().map(|tally| i64::from(tally.held)).sum()),
        ("sold", tallies().map(|tally| i64::from(tally.sold)).sum()),
        ("blocked", tallies().map(|tally| i64::from(tally.blocked)).sum()),
        ("admitted", door.admitted.into()),
        ("departed", door.departed.into()),
        ("refused", door.refused.into()),
        ("overridden", door.overridden.into()),
        ("came", valid().map(persons_who_came).sum()),
    ])
}

/// That every event stands once in the activity, as in the log.
async fn activity_is_the_log(owner: &PgPool) -> Result<()> {
    let columns = "position, organization, stream_type, stream, type, actor, device, correlation, recorded_at";
    let sql = format!(
        "WITH log AS (SELECT {columns} FROM log.events), activity AS (SELECT {columns} FROM read.activity)
         SELECT count(*) FROM ((TABLE log EXCEPT TABLE activity) UNION ALL (TABLE activity EXCEPT TABLE log)) AS differing"
    );
    let differing: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(owner).await?;
    assert_eq!(differing, 0, "events that stand otherwise in the activity");
    Ok(())
}
