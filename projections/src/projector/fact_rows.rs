//! The facts of a page, in columns as `unnest` takes them, and how they are written: one statement a table.

use chrono::{DateTime, Utc};
use event_store::RecordedEvent;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::facts::{DoorFact, Facts, HoldFact, SalesFact, Sort};

/// The facts of a page.
#[derive(Debug, Default)]
pub(crate) struct FactRows {
    pub sales: SalesRows,
    pub door: DoorRows,
    pub holds: HoldRows,
}

/// Whose a fact is, and where it stands.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub show: Vec<Uuid>,
    position: Vec<i64>,
    ordinal: Vec<i32>,
    organization: Vec<Uuid>,
    happened_at: Vec<DateTime<Utc>>,
}

#[derive(Debug, Default)]
struct Sorts {
    ticket_type: Vec<Option<Uuid>>,
    channel: Vec<Option<&'static str>>,
    category: Vec<Option<String>>,
    section: Vec<Option<String>>,
}

#[derive(Debug, Default)]
pub(crate) struct SalesRows {
    pub keys: Keys,
    sorts: Sorts,
    order: Vec<Option<Uuid>>,
    ticket: Vec<Option<Uuid>>,
    status: Vec<Option<&'static str>>,
    price: Vec<Option<i64>>,
    tickets: Vec<Option<i64>>,
    voided: Vec<Option<i64>>,
    persons: Vec<Option<i64>>,
    gross: Vec<Option<i64>>,
    cancelled: Vec<Option<i64>>,
    tax: Vec<Option<i64>>,
    paid: Vec<Option<i64>>,
    refunded: Vec<Option<i64>>,
    capacity: Vec<Option<i64>>,
    held: Vec<Option<i64>>,
    sold: Vec<Option<i64>>,
    blocked: Vec<Option<i64>>,
}

#[derive(Debug, Default)]
pub(crate) struct DoorRows {
    pub keys: Keys,
    sorts: Sorts,
    order: Vec<Option<Uuid>>,
    ticket: Vec<Option<Uuid>>,
    gate: Vec<Option<String>>,
    area: Vec<Option<String>>,
    device: Vec<Option<Uuid>>,
    reason: Vec<Option<String>>,
    admitted: Vec<Option<i64>>,
    returned: Vec<Option<i64>>,
    departed: Vec<Option<i64>>,
    undone: Vec<Option<i64>>,
    overridden: Vec<Option<i64>>,
    refused: Vec<Option<i64>>,
    came: Vec<Option<i64>>,
}

#[derive(Debug, Default)]
pub(crate) struct HoldRows {
    pub keys: Keys,
    sorts: Sorts,
    hold: Vec<Uuid>,
    order: Vec<Option<Uuid>>,
    outcome: Vec<Option<&'static str>>,
    holds: Vec<Option<i64>>,
    places: Vec<Option<i64>>,
    value: Vec<Option<i64>>,
    held: Vec<Option<i64>>,
    blocked: Vec<Option<i64>>,
}

impl FactRows {
    /// Adds the facts of an event.
    pub fn push(&mut self, event: &RecordedEvent, facts: Facts) {
        for (ordinal, fact) in (0..).zip(facts.sales) {
            self.sales.push(event, ordinal, fact);
        }
        for (ordinal, fact) in (0..).zip(facts.door) {
            self.door.push(event, ordinal, fact);
        }
        for (ordinal, fact) in (0..).zip(facts.holds) {
            self.holds.push(event, ordinal, fact);
        }
    }

    /// Writes them.
    pub async fn write(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        self.sales.write(connection).await?;
        self.door.write(connection).await?;
        self.holds.write(connection).await
    }
}

impl Keys {
    fn push(&mut self, event: &RecordedEvent, ordinal: i32, happened_at: DateTime<Utc>) {
        self.show.push(event.stream);
        self.position.push(event.position);
        self.ordinal.push(ordinal);
        self.organization.push(event.organization);
        self.happened_at.push(happened_at);
    }
}

impl Sorts {
    fn push(&mut self, sort: Sort) {
        self.ticket_type.push(sort.ticket_type);
        self.channel.push(sort.channel);
        self.category.push(sort.category);
        self.section.push(sort.section);
    }
}

/// What did not change is null: it takes no room in the row.
fn changed(figure: i64) -> Option<i64> {
    (figure != 0).then_some(figure)
}

impl SalesRows {
    fn push(&mut self, event: &RecordedEvent, ordinal: i32, fact: SalesFact) {
        self.keys.push(event, ordinal, fact.happened_at);
        self.sorts.push(fact.sort);
        self.order.push(fact.order);
        self.ticket.push(fact.ticket);
        self.status.push(fact.status);
        self.price.push(fact.price);
        let figures = fact.figures;
        self.tickets.push(changed(figures.tickets));
        self.voided.push(changed(figures.voided));
        self.persons.push(changed(figures.persons));
        self.gross.push(changed(figures.gross));
        self.cancelled.push(changed(figures.cancelled));
        self.tax.push(changed(figures.tax));
        self.paid.push(changed(figures.paid));
        self.refunded.push(changed(figures.refunded));
        self.capacity.push(changed(figures.capacity));
        self.held.push(changed(figures.held));
        self.sold.push(changed(figures.sold));
        self.blocked.push(changed(figures.blocked));
    }

    async fn write(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if self.keys.show.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            "INSERT INTO sales_facts (show, position, ordinal, organization, happened_at, ticket_type, channel, category, section,
                                      order_id, ticket, status, price, tickets, voided, persons, gross, cancelled, tax, paid,
                                      refunded, capacity, held, sold, blocked)
             SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::uuid[], $5::timestamptz[], $6::uuid[], $7::text[],
                                  $8::text[], $9::text[], $10::uuid[], $11::uuid[], $12::text[], $13::bigint[], $14::bigint[],
                                  $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[],
                                  $21::bigint[], $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[])",
            &self.keys.show,
            &self.keys.position,
            &self.keys.ordinal,
            &self.keys.organization,
            &self.keys.happened_at,
            &self.sorts.ticket_type as &[Option<Uuid>],
            &self.sorts.channel as &[Option<&str>],
            &self.sorts.category as &[Option<String>],
            &self.sorts.section as &[Option<String>],
            &self.order as &[Option<Uuid>],
            &self.ticket as &[Option<Uuid>],
            &self.status as &[Option<&str>],
            &self.price as &[Option<i64>],
            &self.tickets as &[Option<i64>],
            &self.voided as &[Option<i64>],
            &self.persons as &[Option<i64>],
            &self.gross as &[Option<i64>],
            &self.cancelled as &[Option<i64>],
            &self.tax as &[Option<i64>],
            &self.paid as &[Option<i64>],
            &self.refunded as &[Option<i64>],
            &self.capacity as &[Option<i64>],
            &self.held as &[Option<i64>],
            &self.sold as &[Option<i64>],
            &self.blocked as &[Option<i64>]
        )
        .execute(connection)
        .await
        .map(drop)
    }
}

impl DoorRows {
    fn push(&mut self, event: &RecordedEvent, ordinal: i32, fact: DoorFact) {
        self.keys.push(event, ordinal, fact.happened_at);
        self.sorts.push(fact.sort);
        self.order.push(fact.order);
        self.ticket.push(fact.ticket);
        self.gate.push(fact.gate);
        self.area.push(fact.area);
        self.device.push(fact.device);
        self.reason.push(fact.reason);
        self.admitted.push(changed(fact.admitted));
        self.returned.push(changed(fact.returned));
        self.departed.push(changed(fact.departed));
        self.undone.push(changed(fact.undone));
        self.overridden.push(changed(fact.overridden));
        self.refused.push(changed(fact.refused));
        self.came.push(changed(fact.came));
    }

    async fn write(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if self.keys.show.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            "INSERT INTO door_facts (show, position, ordinal, organization, happened_at, ticket_type, channel, category, section,
                                     order_id, ticket, gate, area, device, reason, admitted, returned, departed, undone,
                                     overridden, refused, came)
             SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::uuid[], $5::timestamptz[], $6::uuid[], $7::text[],
                                  $8::text[], $9::text[], $10::uuid[], $11::uuid[], $12::text[], $13::text[], $14::uuid[],
                                  $15::text[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[],
                                  $21::bigint[], $22::bigint[])",
            &self.keys.show,
            &self.keys.position,
            &self.keys.ordinal,
            &self.keys.organization,
            &self.keys.happened_at,
            &self.sorts.ticket_type as &[Option<Uuid>],
            &self.sorts.channel as &[Option<&str>],
            &self.sorts.category as &[Option<String>],
            &self.sorts.section as &[Option<String>],
            &self.order as &[Option<Uuid>],
            &self.ticket as &[Option<Uuid>],
            &self.gate as &[Option<String>],
            &self.area as &[Option<String>],
            &self.device as &[Option<Uuid>],
            &self.reason as &[Option<String>],
            &self.admitted as &[Option<i64>],
            &self.returned as &[Option<i64>],
            &self.departed as &[Option<i64>],
            &self.undone as &[Option<i64>],
            &self.overridden as &[Option<i64>],
            &self.refused as &[Option<i64>],
            &self.came as &[Option<i64>]
        )
        .execute(connection)
        .await
        .map(drop)
    }
}

impl HoldRows {
    fn push(&mut self, event: &RecordedEvent, ordinal: i32, fact: HoldFact) {
        self.keys.push(event, ordinal, fact.happened_at);
        self.sorts.push(fact.sort);
        self.hold.push(fact.hold);
        self.order.push(fact.order);
        self.outcome.push(fact.outcome);
        self.holds.push(changed(fact.holds));
        self.places.push(changed(fact.places));
        self.value.push(changed(fact.value));
        self.held.push(changed(fact.held));
        self.blocked.push(changed(fact.blocked));
    }

    async fn write(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if self.keys.show.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            "INSERT INTO hold_facts (show, position, ordinal, organization, happened_at, ticket_type, channel, category, section,
                                     hold, order_id, outcome, holds, places, value, held, blocked)
             SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::uuid[], $5::timestamptz[], $6::uuid[], $7::text[],
                                  $8::text[], $9::text[], $10::uuid[], $11::uuid[], $12::text[], $13::bigint[], $14::bigint[],
                                  $15::bigint[], $16::bigint[], $17::bigint[])",
            &self.keys.show,
            &self.keys.position,
            &self.keys.ordinal,
            &self.keys.organization,
            &self.keys.happened_at,
            &self.sorts.ticket_type as &[Option<Uuid>],
            &self.sorts.channel as &[Option<&str>],
            &self.sorts.category as &[Option<String>],
            &self.sorts.section as &[Option<String>],
            &self.hold,
            &self.order as &[Option<Uuid>],
            &self.outcome as &[Option<&str>],
            &self.holds as &[Option<i64>],
            &self.places as &[Option<i64>],
            &self.value as &[Option<i64>],
            &self.held as &[Option<i64>],
            &self.blocked as &[Option<i64>]
        )
        .execute(connection)
        .await
        .map(drop)
    }
}
