//! Writes the rows of a page: one statement a table, and the checkpoint, in one transaction. Arrays hold the columns.
//!
//! The transaction holds only if the checkpoint is still where the page began and nobody has taken the lease since (the
//! fence): of two projectors that both believe to lead, one writes. It need not be flushed before it counts: rows and
//! checkpoint are lost together, and then written again.

use sqlx::{PgConnection, PgPool};

use super::{
    copy, pg_text,
    rows::{
        ActivityRows, DocumentRows, DoorListRows, OrderRows, OrganizationRows, Poisoned, Rows, SeatRows, ShowRows,
        TicketRows, json,
    },
    write_facts,
};

/// A checkpoint's move.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checkpoint {
    /// Which.
    pub name: &'static str,
    /// That of the lease.
    pub fence: i64,
    /// Where it has to be.
    pub from: i64,
    /// Where it is then.
    pub to: i64,
}

/// Writes rows and checkpoint. False: somebody else has moved on, and nothing was written.
pub(crate) async fn write(pool: &PgPool, checkpoint: Checkpoint, rows: &Rows) -> Result<bool, sqlx::Error> {
    let mut transaction = pool.begin_with("BEGIN; SET LOCAL synchronous_commit = off").await?;
    let moved = sqlx::query!(
        "UPDATE checkpoints SET position = $4 WHERE name = $1 AND position = $3 AND fence = $2",
        checkpoint.name,
        checkpoint.fence,
        checkpoint.from,
        checkpoint.to
    )
    .execute(&mut *transaction)
    .await?
    .rows_affected();
    if moved != 1 {
        transaction.rollback().await?;
        return Ok(false);
    }
    self::rows(&mut transaction, How::Upsert, rows).await?;
    transaction.commit().await?;
    Ok(true)
}

/// What to do where a row is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// It is replaced.
    Upsert,
    /// It cannot be: each row is written once, into tables that nobody else writes (see [`copy`]).
    Insert,
}

macro_rules! upsert {
    ($connection:ident, $sql:literal, $($column:expr),+ $(,)?) => {
        sqlx::query!($sql, $($column),+).execute($connection).await.map(drop)
    };
}

/// Writes rows, in whatever schema the connection looks in first.
pub(crate) async fn rows(connection: &mut PgConnection, how: How, rows: &Rows) -> Result<(), sqlx::Error> {
    match how {
        How::Insert => copy::rows(&mut *connection, rows).await?,
        How::Upsert => {
            shows(&mut *connection, &rows.shows).await?;
            seating(&mut *connection, &rows.seating).await?;
            availability(&mut *connection, &rows.availability).await?;
            attendance(&mut *connection, &rows.attendance).await?;
            seats(&mut *connection, &rows.seats).await?;
            orders(&mut *connection, &rows.orders).await?;
            tickets(&mut *connection, &rows.tickets).await?;
            door_list(&mut *connection, &rows.door_list).await?;
            activity(&mut *connection, &rows.activity).await?;
            write_facts::facts(&mut *connection, &rows.facts).await?;
        }
    }
    organizations(&mut *connection, &rows.organizations).await?;
    poisoned(connection, &rows.poisoned).await
}

async fn shows(connection: &mut PgConnection, rows: &ShowRows) -> Result<(), sqlx::Error> {
    if rows.id.is_empty() {
        return Ok(());
    }
    upsert!(
        connection,
        "INSERT INTO shows (id, organization, slug, status, is_public, name, starts_at, body, position)
         SELECT r.id, r.organization, r.slug, r.status, r.is_public, r.name, r.starts_at, r.body, r.position
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bool[], $6::text[], $7::timestamptz[], $8::text[], $9::bigint[])
                AS r (id, organization, slug, status, is_public, name, starts_at, body, position)
         ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, status = excluded.status, is_public = excluded.is_public,
            name = excluded.name, starts_at = excluded.starts_at, body = excluded.body, position = excluded.position",
        &rows.id,
        &rows.organization,
        &rows.slug,
        &rows.status,
        &rows.is_public,
        &rows.name,
        &rows.starts_at,
        &rows.body,
        &rows.position
    )
}

async fn seating(connection: &mut PgConnection, rows: &DocumentRows) -> Result<(), sqlx::Error> {
    if rows.show.is_empty() {
        return Ok(());
    }
    upsert!(
        connection,
        "INSERT INTO seating (show, organization, body, position)
         SELECT r.show, r.organization, r.body, r.position
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[]) AS r (show, organization, body, position)
         ON CONFLICT (show) DO UPDATE SET body = excluded.body, position = excluded.position",
        &rows.show,
        &rows.organization,
        &rows.body,
        &rows.position
    )
}

async fn availability(connection: &mut PgConnection, rows: &DocumentRows) -> Result<(), sqlx::Error> {
    if rows.show.is_empty() {
        return Ok(());
    }
    upsert!(
        connection,
        "INSERT INTO availability (show, organization, body, position)
         SELECT r.show, r.organization, r.body, r.position
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[]) AS r (show, organization, body, position)
         ON CONFLICT (show) DO UPDATE SET body = excluded.body, position = excluded.position",
        &rows.show,
        &rows.organization,
        &rows.body,
        &rows.position
    )
}

async fn attendance(connection: &mut PgConnection, rows: &DocumentRows) -> Result<(), sqlx::Error> {
    if rows.show.is_empty() {
        return Ok(());
    }
    upsert!(
        connection,
        "INSERT INTO attendance (show, organization, body, position)
         SELECT r.show, r.organization, r.body, r.position
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[]) AS r (show, organization, body, position)
         ON CONFLICT (show) DO UPDATE SET body = excluded.body, position = excluded.position",
        &rows.show,
        &rows.organization,
        &rows.body,
        &rows.position
    )
}

async fn seats(connection: &mut PgConnection, rows: &SeatRows) -> Result<(), sqlx::Error> {
    if rows.show.is_empty() {
        return Ok(());
    }
    upsert!(
        connection,
        "INSERT INTO seats (show, organization, seat, state, hold, order_id, ticket, position)
         SELECT r.show, r.organization, r.seat, r.state, r.hold, r.order_id, r.ticket, r.position
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::bigint[])
                AS r (show, organization, seat, state, hold, order_id, ticket, position)
         ON CONFLICT (show, seat) DO UPDATE SET state = excluded.state, hold = excluded.hold, order_id = excluded.order_id,
            ticket = excluded.ticket, position = excluded.position",
        &rows.show,
        &rows.organization,
        &rows.seat,
        &rows.state as &[Option<&str>],
        &rows.hold as &[Option<sqlx::types::Uuid>],
        &rows.order as &[Option<sqlx::types::Uuid>],
        &rows.ticket as &[Option<sqlx::types::Uuid>],
        &rows.position
    )
}

/// When and where an order was placed is said by the event that begins it, and never changes.
async fn orders(connection: &mut PgConnection, rows: &OrderRows) -> Result<(), sqlx::Error> {
    if rows.id.is_empty() {
        return Ok(());
    }
    upsert!(
        connection,
        "INSERT INTO orders (id, show, organization, reference, status, customer, body, placed_at, placed_position, position)
         SELECT r.id, r.show, r.organization, r.reference, r.status, r.customer, r.body, r.placed_at, r.placed_position,
                r.position
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::timestamptz[],
                       $9::bigint[], $10::bigint[])
                AS r (id, show, organization, reference, status, customer, body, placed_at, placed_position, position)
         ON CONFLICT (id) DO UPDATE SET status = excluded.status, customer = excluded.customer, body = excluded.body,
            position = excluded.position",
        &rows.id,
        &rows.show,
        &rows.organization,
        &rows.reference,
        &rows.status,
        &rows.customer as &[Option<sqlx::types::Uuid>],
        &rows.body,
        &rows.placed_at,
        &rows.placed_position,
        &rows.position
    )
}

async fn tickets(connection: &mut PgConnection, rows: &TicketRows) -> Result<(), sqlx::Error> {
    if rows.id.is_empty() {
        return Ok(());
    }
    upsert!(
        connection,
        "INSERT INTO tickets (id, show, organization, order_id, short_code, seat, status, holder, issue, iat, kid, body,
                              issued_position, position, customer)
         SELECT r.id, r.show, r.organization, r.order_id, r.short_code, r.seat, r.status, r.holder, r.issue, r.iat, r.kid,
                r.body, r.issued_position, r.position, r.customer
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::int[],
                       $10::bigint[], $11::text[], $12::text[], $13::bigint[], $14::bigint[], $15::uuid[])
                AS r (id, show, organization, order_id, short_code, seat, status, holder, issue, iat, kid, body,
                      issued_position, position, customer)
         ON CONFLICT (id) DO UPDATE SET short_code = excluded.short_code, seat = excluded.seat, status = excluded.status,
            holder = excluded.holder, customer = excluded.customer, issue = excluded.issue, iat = excluded.iat,
            kid = excluded.kid, body = excluded.body, position = excluded.position",
        &rows.id,
        &rows.show,
        &rows.organization,
        &rows.order,
        &rows.short_code,
        &rows.seat as &[Option<String>],
        &rows.status,
        &rows.holder as &[Option<sqlx::types::Uuid>],
        &rows.issue,
        &rows.iat,
        &rows.kid,
        &rows.body,
        &rows.issued_position,
        &rows.position,
        &rows.customer as &[Option<sqlx::types::Uuid>]
    )
}

async fn door_list(connection: &mut PgConnection, rows: &DoorListRows) -> Result<(), sqlx::Error> {
    if rows.ticket.is_empty() {
        return Ok(());
    }
    upsert!(
        connection,
        "INSERT INTO door_list (ticket, show, organization, holder, body, position)
         SELECT r.ticket, r.show, r.organization, r.holder, r.body, r.position
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[])
                AS r (ticket, show, organization, holder, body, position)
         ON CONFLICT (ticket) DO UPDATE SET holder = excluded.holder, body = excluded.body, position = excluded.position",
        &rows.ticket,
        &rows.show,
        &rows.organization,
        &rows.holder as &[Option<sqlx::types::Uuid>],
        &rows.body,
        &rows.position
    )
}

async fn activity(connection: &mut PgConnection, rows: &ActivityRows) -> Result<(), sqlx::Error> {
    if rows.position.is_empty() {
        return Ok(());
    }
    // `unnest` takes no arrays of different lengths.
    let subjects: Vec<String> = rows.subjects.iter().map(|subjects| pg_text::ids(subjects)).collect();
    sqlx::query!(
        "INSERT INTO activity (position, organization, stream_type, stream, type, actor, device, correlation, subjects, recorded_at)
         SELECT r.position, r.organization, r.stream_type, r.stream, r.type, r.actor, r.device, r.correlation, r.subjects::uuid[],
                r.recorded_at
           FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::uuid[],
                       $9::text[], $10::timestamptz[])
                AS r (position, organization, stream_type, stream, type, actor, device, correlation, subjects, recorded_at)",
        &rows.position,
        &rows.organization,
        &rows.stream_type as &[&str],
        &rows.stream,
        &rows.event_type,
        &rows.actor,
        &rows.device as &[Option<sqlx::types::Uuid>],
        &rows.correlation,
        &subjects,
        &rows.recorded_at
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Rare: a statement each. An organization is founded once; later its row is there.
async fn organizations(connection: &mut PgConnection, rows: &OrganizationRows) -> Result<(), sqlx::Error> {
    for (organization, settled) in &rows.0 {
        let (name, settings) = (settled.settings.name.as_str(), json(&settled.settings));
        match &settled.slug {
            Some(slug) => sqlx::query!(
                "INSERT INTO organizations (organization, slug, name, public_numbers, numbers_position, settings, position)
                 VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7)",
                organization,
                slug,
                name,
                settled.settings.public_numbers,
                settled.numbers_position.unwrap_or(settled.position),
                settings,
                settled.position
            )
            .execute(&mut *connection)
            .await
            .map(drop)?,
            None => sqlx::query!(
                "UPDATE organizations SET name = $2, public_numbers = $3, numbers_position = coalesce($4, numbers_position),
                        settings = $5::text::jsonb, position = $6
                  WHERE organization = $1",
                organization,
                name,
                settled.settings.public_numbers,
                settled.numbers_position,
                settings,
                settled.position
            )
            .execute(&mut *connection)
            .await
            .map(drop)?,
        }
    }
    Ok(())
}

/// Rare: a statement each. The first poison of a stream is the one that counts.
async fn poisoned(connection: &mut PgConnection, rows: &[Poisoned]) -> Result<(), sqlx::Error> {
    for row in rows {
        sqlx::query!(
            "INSERT INTO poisoned_streams (stream, organization, position, type, error) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (stream) DO NOTHING",
            row.stream,
            row.organization,
            row.position,
            row.event_type,
            row.error
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
