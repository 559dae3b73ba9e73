//! Writes rows into tables that nobody else writes and that have none of them yet, by COPY: those that a rebuild fills, and those that
//! are made to compare with. PostgreSQL then takes them by the page instead of one by one.
//!
//! In its binary format, but for the facts: their columns are arrays, which are rendered as text, for live projection as well.
//!
//! Not into tables in use: it refuses COPY where row-level security holds for whoever writes.

use sqlx::PgConnection;

use super::{
    fact_rows::{DOOR, HOLDS, SALES},
    pg_text::Lines,
    rows::{ActivityRows, DocumentRows, DoorListRows, OrderRows, Rows, SeatRows, ShowRows, TicketRows},
};
use crate::pg_copy::RowsToCopy;

/// Writes them, in whatever schema the connection looks in first.
pub(super) async fn rows(connection: &mut PgConnection, rows: &Rows) -> Result<(), sqlx::Error> {
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
    send_lines(connection, "sales_facts", &facts(&SALES), rows.facts.sales.lines()).await?;
    send_lines(connection, "door_facts", &facts(&DOOR), rows.facts.door.lines()).await?;
    send_lines(connection, "hold_facts", &facts(&HOLDS), rows.facts.holds.lines()).await
}

const DOCUMENT: &[&str] = &["show", "organization", "body", "position"];
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

async fn send(
    connection: &mut PgConnection,
    table: &str,
    columns: &[&str],
    rows: RowsToCopy,
) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let statement = format!("COPY {table} ({}) FROM STDIN (FORMAT binary)", columns.join(", "));
    let mut copy = connection.copy_in_raw(&statement).await?;
    copy.send(rows.into_bytes()).await?;
    copy.finish().await.map(drop)
}

async fn send_lines(
    connection: &mut PgConnection,
    table: &str,
    columns: &[&str],
    lines: Lines,
) -> Result<(), sqlx::Error> {
    if lines.as_bytes().is_empty() {
        return Ok(());
    }
    let statement = format!("COPY {table} ({}) FROM STDIN", columns.join(", "));
    let mut copy = connection.copy_in_raw(&statement).await?;
    copy.send(lines.as_bytes()).await?;
    copy.finish().await.map(drop)
}

fn shows(rows: &ShowRows) -> RowsToCopy {
    let mut copy = RowsToCopy::of(SHOWS);
    for row in 0..rows.id.len() {
        copy.row().id(rows.id[row]).id(rows.organization[row]).text(rows.slug[row].as_str());
        copy.text(rows.status[row].as_str()).truth(rows.is_public[row]).text(rows.name[row].as_str());
        copy.moment(rows.starts_at[row]).text(rows.body[row].as_str()).number(rows.position[row]);
    }
    copy
}

fn documents(rows: &DocumentRows) -> RowsToCopy {
    let mut copy = RowsToCopy::of(DOCUMENT);
    for row in 0..rows.show.len() {
        copy.row().id(rows.show[row]).id(rows.organization[row]).text(rows.body[row].as_str());
        copy.number(rows.position[row]);
    }
    copy
}

fn seats(rows: &SeatRows) -> RowsToCopy {
    let mut copy = RowsToCopy::of(SEATS);
    for row in 0..rows.show.len() {
        copy.row().id(rows.show[row]).id(rows.organization[row]).text(rows.seat[row].as_str()).text(rows.state[row]);
        copy.id(rows.hold[row]).id(rows.order[row]).id(rows.ticket[row]).number(rows.position[row]);
    }
    copy
}

fn orders(rows: &OrderRows) -> RowsToCopy {
    let mut copy = RowsToCopy::of(ORDERS);
    for row in 0..rows.id.len() {
        copy.row().id(rows.id[row]).id(rows.show[row]).id(rows.organization[row]).text(rows.reference[row].as_str());
        copy.text(rows.status[row].as_str()).id(rows.customer[row]).text(rows.body[row].as_str());
        copy.moment(rows.placed_at[row]).number(rows.placed_position[row]).number(rows.position[row]);
    }
    copy
}

fn tickets(rows: &TicketRows) -> RowsToCopy {
    let mut copy = RowsToCopy::of(TICKETS);
    for row in 0..rows.id.len() {
        copy.row().id(rows.id[row]).id(rows.show[row]).id(rows.organization[row]).id(rows.order[row]);
        copy.text(rows.short_code[row].as_str()).text(rows.seat[row].as_deref()).text(rows.status[row].as_str());
        copy.id(rows.holder[row]).small_number(rows.issue[row]).number(rows.iat[row]).text(rows.kid[row].as_str());
        copy.text(rows.body[row].as_str()).number(rows.issued_position[row]).number(rows.position[row]);
        copy.id(rows.customer[row]);
    }
    copy
}

fn door_list(rows: &DoorListRows) -> RowsToCopy {
    let mut copy = RowsToCopy::of(DOOR_LIST);
    for row in 0..rows.ticket.len() {
        copy.row().id(rows.ticket[row]).id(rows.show[row]).id(rows.organization[row]).id(rows.holder[row]);
        copy.text(rows.body[row].as_str()).number(rows.position[row]);
    }
    copy
}

fn activity(rows: &ActivityRows) -> RowsToCopy {
    let mut copy = RowsToCopy::of(ACTIVITY);
    for row in 0..rows.position.len() {
        copy.row()
            .number(rows.position[row])
            .id(rows.organization[row])
            .text(rows.stream_type[row])
            .id(rows.stream[row]);
        copy.text(rows.event_type[row].as_str()).text(rows.actor[row].as_str()).id(rows.device[row]);
        copy.id(rows.correlation[row]).ids(&rows.subjects[row]).moment(rows.recorded_at[row]);
    }
    copy
}
