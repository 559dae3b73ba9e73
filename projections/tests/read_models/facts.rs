//! Sums over facts are the figures of the folded show, at every position.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::{Show, ShowState, money::Amount};
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, options},
};

const ORGANIZATION: Uuid = Uuid::from_u128(0xA);

/// Sums by name of the figure and what it is broken down by.
type Sums = BTreeMap<String, i64>;

/// What every fact adds to which sums, by its position.
async fn facts(world: &World, show: Uuid) -> Result<BTreeMap<i64, Vec<(String, i64)>>> {
    let mut facts: BTreeMap<i64, Vec<(String, i64)>> = BTreeMap::new();
    let sales = format!(
        "SELECT position, ticket_type::text, coalesce(section, '') AS section, coalesce(category, '') AS category,
                        to_jsonb(f) AS figures FROM {} AS f WHERE show = $1 ORDER BY position",
        world.facts("sales_facts").await?
    );
    for row in sqlx::query(AssertSqlSafe(sales)).bind(show).fetch_all(&world.owner).await? {
        let figures: serde_json::Value = row.get("figures");
        let entry = facts.entry(row.get("position")).or_default();
        for name in ["tickets", "persons", "gross", "cancelled", "tax", "paid", "refunded"] {
            entry.push((name.to_owned(), figures[name].as_i64().unwrap_or(0)));
        }
        if let Some(ticket_type) = row.get::<Option<String>, _>("ticket_type") {
            entry.push((format!("tickets {ticket_type}"), figures["tickets"].as_i64().unwrap_or(0)));
        }
        places(entry, &row, &figures, &["capacity", "held", "sold", "blocked"]);
    }
    let holds = format!(
        "SELECT position, coalesce(section, '') AS section, coalesce(category, '') AS category, to_jsonb(f) AS figures
                   FROM {} AS f WHERE show = $1",
        world.facts("hold_facts").await?
    );
    for row in sqlx::query(AssertSqlSafe(holds)).bind(show).fetch_all(&world.owner).await? {
        let figures: serde_json::Value = row.get("figures");
        places(facts.entry(row.get("position")).or_default(), &row, &figures, &["held", "blocked"]);
    }
    let door = format!("SELECT position, gate, ticket_type::text, date_trunc('minute', happened_at)::text AS minute, to_jsonb(f) AS figures
                  FROM {} AS f WHERE show = $1",
        world.facts("door_facts").await?
    );
    for row in sqlx::query(AssertSqlSafe(door)).bind(show).fetch_all(&world.owner).await? {
        let figures: serde_json::Value = row.get("figures");
        let entry = facts.entry(row.get("position")).or_default();
        let of = |name: &str| figures[name].as_i64().unwrap_or(0);
        for name in ["admitted", "overridden", "refused", "came"] {
            entry.push((name.to_owned(), of(name)));
        }
        entry.push(("departed".to_owned(), of("departed") - of("returned")));
        if let Some(gate) = row.get::<Option<String>, _>("gate") {
            entry.push((format!("admitted at {gate}"), of("admitted")));
            entry.push((format!("departed at {gate}"), of("departed")));
            entry.push((format!("refused at {gate}"), of("refused")));
        }
        if let Some(ticket_type) = row.get::<Option<String>, _>("ticket_type") {
            entry.push((format!("admitted with {ticket_type}"), of("admitted")));
        }
        entry.push((format!("admitted in {}", row.get::<String, _>("minute")), of("admitted")));
    }
    Ok(facts)
}

fn places(entry: &mut Vec<(String, i64)>, row: &sqlx::postgres::PgRow, figures: &serde_json::Value, names: &[&str]) {
    let (section, category): (String, String) = (row.get("section"), row.get("category"));
    for name in names {
        entry.push((format!("{name} in {section}/{category}"), figures[name].as_i64().unwrap_or(0)));
    }
}

/// The same sums of a folded show.
fn sums(show: &Show) -> Sums {
    let mut sums = Sums::new();
    let mut add = |name: String, n: i64| *sums.entry(name).or_default() += n;
    for order in show.orders() {
        add("total".to_owned(), order.total().0);
        add("tax".to_owned(), order.lines.iter().map(|line| line.tax).sum::<Amount>().0);
        add("paid".to_owned(), order.paid.0);
        add("refunded".to_owned(), order.refunded.0);
    }
    for ticket in show.tickets().filter(|ticket| !ticket.void) {
        add("tickets".to_owned(), 1);
        add("persons".to_owned(), i64::from(ticket.persons));
        add(format!("tickets {}", ticket.ticket_type), 1);
        let most = show.presence.stays(ticket.id).iter().map(|stay| stay.inside + stay.out).max();
        add("came".to_owned(), i64::from(most.unwrap_or(0).min(ticket.persons)));
    }
    for section in show.places.sections() {
        for (category, tally) in &section.tallies {
            let of = format!("{}/{}", section.name, category.as_ref().map_or("", |category| category.as_str()));
            for (name, n) in
                [("capacity", tally.capacity), ("held", tally.held), ("sold", tally.sold), ("blocked", tally.blocked)]
            {
                add(format!("{name} in {of}"), i64::from(n));
            }
        }
    }
    let door = &show.attendance;
    add("admitted".to_owned(), i64::from(door.admitted));
    add("departed".to_owned(), i64::from(door.departed));
    add("overridden".to_owned(), i64::from(door.overridden));
    add("refused".to_owned(), i64::from(door.refused));
    for (gate, figures) in &door.by_gate {
        add(format!("admitted at {gate}"), i64::from(figures.admitted));
        add(format!("departed at {gate}"), i64::from(figures.departed));
        add(format!("refused at {gate}"), i64::from(figures.refused));
    }
    for (ticket_type, figures) in &door.by_ticket_type {
        add(format!("admitted with {ticket_type}"), i64::from(figures.admitted));
    }
    for (minute, admitted) in &door.by_minute {
        let minute = chrono::DateTime::from_timestamp(*minute, 0).unwrap().format("%Y-%m-%d %H:%M:%S+00");
        add(format!("admitted in {minute}"), i64::from(*admitted));
    }
    sums.retain(|_, n| *n != 0);
    sums
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sums_over_facts_are_the_figures_of_the_folded_show_at_every_position() -> Result<()> {
    let world = World::new().await?;
    let mut projector = world.projector(options(100, 10));
    let mut seen = Sums::new();
    for seed in 1..=12 {
        let mut story = Story::begin(seed);
        story.goes_on(300);
        world.record(ORGANIZATION, story.show.0, story.news()).await?;
        catch_up(&mut projector).await?;
        let facts = facts(&world, story.show.0).await?;
        let first = sqlx::query_scalar::<_, i64>("SELECT min(position) FROM log.events WHERE stream = $1")
            .bind(story.show.0)
            .fetch_one(&world.owner)
            .await?;
        let mut state = ShowState::default();
        let mut so_far = Sums::new();
        for (position, event) in (first..).zip(&story.events) {
            state.evolve(event);
            for (name, n) in facts.get(&position).into_iter().flatten() {
                *so_far.entry(name.clone()).or_default() += n;
                *seen.entry(name.split(' ').next().unwrap_or_default().to_owned()).or_default() += n.abs();
            }
            let mut told = so_far.clone();
            let total = told.remove("gross").unwrap_or(0) - told.remove("cancelled").unwrap_or(0);
            told.insert("total".to_owned(), total);
            told.retain(|_, n| *n != 0);
            let folded = sums(state.show().unwrap());
            assert_eq!(told, folded, "seed {seed}, after {} at {position}: {event:?}", event.event_type());
        }
    }
    for name in ["gross", "cancelled", "tax", "paid", "refunded", "held", "sold", "blocked", "came", "departed"] {
        assert!(seen[name] > 0, "the stories tell nothing of {name}");
    }
    Ok(())
}
