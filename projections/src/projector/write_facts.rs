//! Writes rows of facts into tables in use: one statement a table. A row that is there already is one that was not full.

use sqlx::PgConnection;

use super::fact_rows::{DOOR, FactRows, HOLDS, PartRows, SALES};

/// Writes them.
pub(super) async fn facts(connection: &mut PgConnection, rows: &FactRows) -> Result<(), sqlx::Error> {
    sales(&mut *connection, &rows.sales).await?;
    door(&mut *connection, &rows.door).await?;
    holds(connection, &rows.holds).await
}

async fn sales(connection: &mut PgConnection, rows: &PartRows<{ SALES.len() }>) -> Result<(), sqlx::Error> {
    if rows.show.is_empty() {
        return Ok(());
    }
    let [
        position,
        happened_at,
        order_id,
        ticket,
        status,
        ticket_type,
        channel,
        price,
        category,
        section,
        tickets,
        voided,
        persons,
        gross,
        cancelled,
        tax,
        paid,
        refunded,
        capacity,
        held,
        sold,
        blocked,
    ] = &rows.columns;
    sqlx::query!(
        "INSERT INTO sales_facts (show, part, organization, first_position, position, happened_at, order_id, ticket, status,
             ticket_type, channel, price, category, section, tickets, voided, persons, gross, cancelled, tax, paid, refunded,
             capacity, held, sold, blocked)
         SELECT r.show, r.part, r.organization, r.first_position, r.position::bigint[], r.happened_at::timestamptz[],
                r.order_id::uuid[], r.ticket::uuid[], r.status::text[], r.ticket_type::uuid[], r.channel::text[],
                r.price::bigint[], r.category::text[], r.section::text[], r.tickets::int[], r.voided::int[], r.persons::int[],
                r.gross::bigint[], r.cancelled::bigint[], r.tax::bigint[], r.paid::bigint[], r.refunded::bigint[],
                r.capacity::int[], r.held::int[], r.sold::int[], r.blocked::int[]
           FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[],
                       $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
                       $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[],
                       $24::text[], $25::text[], $26::text[])
                AS r (show, part, organization, first_position, position, happened_at, order_id, ticket, status,
                      ticket_type, channel, price, category, section, tickets, voided, persons, gross, cancelled, tax, paid,
                      refunded, capacity, held, sold, blocked)
         ON CONFLICT (show, part) DO UPDATE SET
            position = excluded.position, happened_at = excluded.happened_at, order_id = excluded.order_id,
            ticket = excluded.ticket, status = excluded.status, ticket_type = excluded.ticket_type, channel = excluded.channel,
            price = excluded.price, category = excluded.category, section = excluded.section, tickets = excluded.tickets,
            voided = excluded.voided, persons = excluded.persons, gross = excluded.gross, cancelled = excluded.cancelled,
            tax = excluded.tax, paid = excluded.paid, refunded = excluded.refunded, capacity = excluded.capacity,
            held = excluded.held, sold = excluded.sold, blocked = excluded.blocked",
        &rows.show,
        &rows.part,
        &rows.organization,
        &rows.first_position,
        position as &[Option<String>],
        happened_at as &[Option<String>],
        order_id as &[Option<String>],
        ticket as &[Option<String>],
        status as &[Option<String>],
        ticket_type as &[Option<String>],
        channel as &[Option<String>],
        price as &[Option<String>],
        category as &[Option<String>],
        section as &[Option<String>],
        tickets as &[Option<String>],
        voided as &[Option<String>],
        persons as &[Option<String>],
        gross as &[Option<String>],
        cancelled as &[Option<String>],
        tax as &[Option<String>],
        paid as &[Option<String>],
        refunded as &[Option<String>],
        capacity as &[Option<String>],
        held as &[Option<String>],
        sold as &[Option<String>],
        blocked as &[Option<String>]
    )
    .execute(connection)
    .await
    .map(drop)
}

async fn door(connection: &mut PgConnection, rows: &PartRows<{ DOOR.len() }>) -> Result<(), sqlx::Error> {
    if rows.show.is_empty() {
        return Ok(());
    }
    let [
        position,
        happened_at,
        order_id,
        ticket,
        ticket_type,
        channel,
        category,
        section,
        gate,
        area,
        device,
        reason,
        admitted,
        returned,
        departed,
        undone,
        overridden,
        refused,
        came,
    ] = &rows.columns;
    sqlx::query!(
        "INSERT INTO door_facts (show, part, organization, first_position, position, happened_at, order_id, ticket,
             ticket_type, channel, category, section, gate, area, device, reason, admitted, returned, departed, undone,
             overridden, refused, came)
         SELECT r.show, r.part, r.organization, r.first_position, r.position::bigint[], r.happened_at::timestamptz[],
                r.order_id::uuid[], r.ticket::uuid[], r.ticket_type::uuid[], r.channel::text[], r.category::text[],
                r.section::text[], r.gate::text[], r.area::text[], r.device::uuid[], r.reason::text[], r.admitted::int[],
                r.returned::int[], r.departed::int[], r.undone::int[], r.overridden::int[], r.refused::int[], r.came::int[]
           FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[],
                       $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
                       $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[])
                AS r (show, part, organization, first_position, position, happened_at, order_id, ticket, ticket_type,
                      channel, category, section, gate, area, device, reason, admitted, returned, departed, undone, overridden,
                      refused, came)
         ON CONFLICT (show, part) DO UPDATE SET
            position = excluded.position, happened_at = excluded.happened_at, order_id = excluded.order_id,
            ticket = excluded.ticket, ticket_type = excluded.ticket_type, channel = excluded.channel,
            category = excluded.category, section = excluded.section, gate = excluded.gate, area = excluded.area,
            device = excluded.device, reason = excluded.reason, admitted = excluded.admitted, returned = excluded.returned,
            departed = excluded.departed, undone = excluded.undone, overridden = excluded.overridden,
            refused = excluded.refused, came = excluded.came",
        &rows.show,
        &rows.part,
        &rows.organization,
        &rows.first_position,
        position as &[Option<String>],
        happened_at as &[Option<String>],
        order_id as &[Option<String>],
        ticket as &[Option<String>],
        ticket_type as &[Option<String>],
        channel as &[Option<String>],
        category as &[Option<String>],
        section as &[Option<String>],
        gate as &[Option<String>],
        area as &[Option<String>],
        device as &[Option<String>],
        reason as &[Option<String>],
        admitted as &[Option<String>],
        returned as &[Option<String>],
        departed as &[Option<String>],
        undone as &[Option<String>],
        overridden as &[Option<String>],
        refused as &[Option<String>],
        came as &[Option<String>]
    )
    .execute(connection)
    .await
    .map(drop)
}

async fn holds(connection: &mut PgConnection, rows: &PartRows<{ HOLDS.len() }>) -> Result<(), sqlx::Error> {
    if rows.show.is_empty() {
        return Ok(());
    }
    let [
        position,
        happened_at,
        hold,
        order_id,
        outcome,
        ticket_type,
        channel,
        category,
        section,
        holds,
        places,
        value,
        held,
        blocked,
    ] = &rows.columns;
    sqlx::query!(
        "INSERT INTO hold_facts (show, part, organization, first_position, position, happened_at, hold, order_id, outcome,
             ticket_type, channel, category, section, holds, places, value, held, blocked)
         SELECT r.show, r.part, r.organization, r.first_position, r.position::bigint[], r.happened_at::timestamptz[],
                r.hold::uuid[], r.order_id::uuid[], r.outcome::text[], r.ticket_type::uuid[], r.channel::text[],
                r.category::text[], r.section::text[], r.holds::int[], r.places::int[], r.value::bigint[], r.held::int[],
                r.blocked::int[]
           FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[],
                       $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
                       $16::text[], $17::text[], $18::text[])
                AS r (show, part, organization, first_position, position, happened_at, hold, order_id, outcome,
                      ticket_type, channel, category, section, holds, places, value, held, blocked)
         ON CONFLICT (show, part) DO UPDATE SET
            position = excluded.position, happened_at = excluded.happened_at, hold = excluded.hold,
            order_id = excluded.order_id, outcome = excluded.outcome, ticket_type = excluded.ticket_type, channel = excluded.channel,
            category = excluded.category, section = excluded.section, holds = excluded.holds, places = excluded.places,
            value = excluded.value, held = excluded.held, blocked = excluded.blocked",
        &rows.show,
        &rows.part,
        &rows.organization,
        &rows.first_position,
        position as &[Option<String>],
        happened_at as &[Option<String>],
        hold as &[Option<String>],
        order_id as &[Option<String>],
        outcome as &[Option<String>],
        ticket_type as &[Option<String>],
        channel as &[Option<String>],
        category as &[Option<String>],
        section as &[Option<String>],
        holds as &[Option<String>],
        places as &[Option<String>],
        value as &[Option<String>],
        held as &[Option<String>],
        blocked as &[Option<String>]
    )
    .execute(connection)
    .await
    .map(drop)
}
