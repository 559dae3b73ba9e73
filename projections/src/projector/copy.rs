//! Writes rows into tables that nobody else writes and that have none of them yet, by COPY: those that a rebuild fills, and those that
//! are made to compare with. PostgreSQL then takes them by the page instead of one by one.
//!
//! Not into tables in use: it refuses COPY where row-level security holds for whoever writes.

use sqlx::PgConnection;

use super::{
    fact_rows::{DOOR, HOLDS, SALES},
    pg_text::Lines,
    rows::{ActivityRows, DocumentRows, DoorListRows, OrderRows, Rows, SeatRows, ShowRows, TicketRows},
};

/// Writes them, in whatever schema the connection looks in first.
pub(super) async fn rows(connection: &mut PgConnection, rows: &Rows) -> Result<(), sqlx::Error> {
    const DOCUMENT: &[&str] = &["show", "organization", "body", "position"];
    let parts = ["show", "part", "organization", "first_position"];
    let facts = |columns: &[&'static str]| [&parts, columns].concat();
    send(connection, "shows", SHOWS, shows(&rows.shows)).await?;
    send(connection, "seating", DOCUMENT, documents(&rows.seating)).await?;
    send(connection, "availability", DOCUMENT, documents(&rows.availability)).await?;
    send(connection, "attendance", DOCUMENT, documents(&rows.attendance)).await?;
    send(connection, "seats", SEATS, seats(&rows.seats)).await?;
    send(connection, "orders", ORDERS, orders(&rows.orders)).await?;
    send(connection, "tickets", TICKETS, tickets(&rows.tickets)).await?;
    send(connection, "door_list", DOOR_LIST, door_list(&rows.door_list)).await?;
    send(connection, "activity", ACTIVITY, activity(&rows.activity)).await?;
    send(connection, "sales_facts", &facts(&SALES), rows.facts.sales.lines()).await?;
    send(connection, "door_facts", &facts(&DOOR), rows.facts.door.lines()).await?;
    send(connection, "hold_facts", &facts(&HOLDS), rows.facts.holds.lines()).await
}

const SHOWS: &[&str] = &["id", "organization", "slug", "status", "is_public", "name", "starts_at", "body", "position"];
const SEATS: &[&str] = &["show", "organization", "seat", "state", "hold", "order_id", "ticket", "position"];
const ORDERS: &[&str] = &[
    "id",
    "show",
    "organization",
    "reference",
    "status",
    "customer",
    "body",
    "placed_at",
    "placed_position",
    "position",
];
const TICKETS: &[&str] = &[
    "id",
    "show",
    "organization",
    "order_id",
    "short_code",
    "seat",
    "status",
    "holder",
    "issue",
    "iat",
    "kid",
    "body",
    "issued_position",
    "position",
    "customer",
];
const DOOR_LIST: &[&str] = &["ticket", "show", "organization", "holder", "body", "position"];
const ACTIVITY: &[&str] = &[
    "position",
    "organization",
    "stream_type",
    "stream",
    "type",
    "actor",
    "device",
    "correlation",
    "subjects",
    "recorded_at",
];

async fn send(connection: &mut PgConnection, table: &str, columns: &[&str], lines: Lines) -> Result<(), sqlx::Error> {
    if lines.as_bytes().is_empty() {
        return Ok(());
    }
    let statement = format!("COPY {table} ({}) FROM STDIN", columns.join(", "));
    let mut copy = connection.copy_in_raw(&statement).await?;
    copy.send(lines.as_bytes()).await?;
    copy.finish().await.map(drop)
}

fn shows(rows: &ShowRows) -> Lines {
    let mut lines = Lines::default();
    for row in 0..rows.id.len() {
        lines.id(rows.id[row]).id(rows.organization[row]).text(rows.slug[row].as_str()).text(rows.status[row].as_str());
        lines.truth(rows.is_public[row]).text(rows.name[row].as_str()).moment(rows.starts_at[row]);
        lines.text(rows.body[row].as_str()).number(rows.position[row]).end();
    }
    lines
}

fn documents(rows: &DocumentRows) -> Lines {
    let mut lines = Lines::default();
    for row in 0..rows.show.len() {
        lines.id(rows.show[row]).id(rows.organization[row]).text(rows.body[row].as_str());
        lines.number(rows.position[row]).end();
    }
    lines
}

fn seats(rows: &SeatRows) -> Lines {
    let mut lines = Lines::default();
    for row in 0..rows.show.len() {
        lines.id(rows.show[row]).id(rows.organization[row]).text(rows.seat[row].as_str()).text(rows.state[row]);
        lines.id(rows.hold[row]).id(rows.order[row]).id(rows.ticket[row]).number(rows.position[row]).end();
    }
    lines
}

fn orders(rows: &OrderRows) -> Lines {
    let mut lines = Lines::default();
    for row in 0..rows.id.len() {
        lines.id(rows.id[row]).id(rows.show[row]).id(rows.organization[row]).text(rows.reference[row].as_str());
        lines.text(rows.status[row].as_str()).id(rows.customer[row]).text(rows.body[row].as_str());
        lines.moment(rows.placed_at[row]).number(rows.placed_position[row]).number(rows.position[row]).end();
    }
    lines
}

fn tickets(rows: &TicketRows) -> Lines {
    let mut lines = Lines::default();
    for row in 0..rows.id.len() {
        lines.id(rows.id[row]).id(rows.show[row]).id(rows.organization[row]).id(rows.order[row]);
        lines.text(rows.short_code[row].as_str()).text(rows.seat[row].as_deref()).text(rows.status[row].as_str());
        lines.id(rows.holder[row]).number(rows.issue[row]).number(rows.iat[row]).text(rows.kid[row].as_str());
        lines.text(rows.body[row].as_str()).number(rows.issued_position[row]).number(rows.position[row]);
        lines.id(rows.customer[row]).end();
    }
    lines
}

fn door_list(rows: &DoorListRows) -> Lines {
    let mut lines = Lines::default();
    for row in 0..rows.ticket.len() {
        lines.id(rows.ticket[row]).id(rows.show[row]).id(rows.organization[row]).id(rows.holder[row]);
        lines.text(rows.body[row].as_str()).number(rows.position[row]).end();
    }
    lines
}

fn activity(rows: &ActivityRows) -> Lines {
    let mut lines = Lines::default();
    for row in 0..rows.position.len() {
        lines.number(rows.position[row]).id(rows.organization[row]).text(rows.stream_type[row]).id(rows.stream[row]);
        lines.text(rows.event_type[row].as_str()).text(rows.actor[row].as_str()).id(rows.device[row]);
        lines.id(rows.correlation[row]).text(rows.subjects[row].as_str()).moment(rows.recorded_at[row]).end();
    }
    lines
}
