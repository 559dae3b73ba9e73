//! Looks up what the sentences of a page need: a statement for each kind of thing that the page mentions.

use std::collections::{HashMap, HashSet};

use fluent_bundle::FluentArgs;
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::{
    Reading,
    known::{Known, KnownShow, KnownTicket, Mentioned},
    masks, messages,
    sentence::{self, Recorded},
};
use crate::{
    queries::{Queries, QueryError, read},
    views::ShowView,
};

impl Queries {
    /// What the sentences of these events need. Names come from the vault behind the snapshot, as they are now.
    pub(super) async fn look_up<'a>(
        &self,
        mut transaction: Transaction<'static, Postgres>,
        organization: Uuid,
        reading: Reading,
        events: impl Iterator<Item = Recorded<'a>> + Clone,
    ) -> Result<Known, QueryError> {
        let mut mentioned = sentence::mentioned(events.clone(), reading);
        let mut known = Known {
            credentials: names_of_credentials(&mut transaction, organization, &mentioned).await?,
            orders: orders(&mut transaction, &mentioned).await?,
            shows: shows(&mut transaction, &mentioned).await?,
            ..Known::default()
        };
        let members = names_of_members(&mut transaction, organization, &mentioned).await?;
        let codes = tickets(&mut transaction, &mentioned, &mut known).await?;
        if !reading.unmask {
            let payloads = events.map(|event| (event.stream, event.payload));
            known.masked = masks::live_codes(&mut transaction, payloads).await?;
            known.masked.extend(codes);
        }
        transaction.commit().await?;
        sentence::names_of(&known, &mut mentioned);
        let ids: Vec<Uuid> = mentioned.vault.into_iter().collect();
        let entries = self.vault.entries(organization, &ids).await?;
        let texts = entries.into_iter().map(|(id, row)| {
            let name = row.text("name").or_else(|| row.text("text")).or(members.get(&id).map(String::as_str));
            // Who did not join, or left, has only an address, which is not for everybody.
            let name = name.or_else(|| row.text("email").filter(|_| reading.names));
            (
                id,
                name.map_or_else(|| messages::message(reading.language, "somebody", &FluentArgs::new()), str::to_owned),
            )
        });
        known.vault = texts.collect();
        Ok(known)
    }
}

async fn names_of_credentials(
    transaction: &mut Transaction<'static, Postgres>,
    organization: Uuid,
    mentioned: &Mentioned,
) -> Result<HashMap<Uuid, Uuid>, sqlx::Error> {
    if mentioned.credentials.is_empty() {
        return Ok(HashMap::new());
    }
    let asked: Vec<Uuid> = mentioned.credentials.iter().copied().collect();
    let rows = sqlx::query!(
        r#"SELECT credential AS "credential!", name AS "name!" FROM identity.names_of_credentials($1, $2)"#,
        organization,
        &asked
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(rows.into_iter().map(|row| (row.credential, row.name)).collect())
}

async fn names_of_members(
    transaction: &mut Transaction<'static, Postgres>,
    organization: Uuid,
    mentioned: &Mentioned,
) -> Result<HashMap<Uuid, String>, sqlx::Error> {
    if mentioned.members.is_empty() {
        return Ok(HashMap::new());
    }
    let asked: Vec<Uuid> = mentioned.members.iter().copied().collect();
    let rows = sqlx::query!(
        r#"SELECT member AS "member!", name AS "name!" FROM identity.names_of_members($1, $2)"#,
        organization,
        &asked
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(rows.into_iter().map(|row| (row.member, row.name)).collect())
}

async fn orders(
    transaction: &mut Transaction<'static, Postgres>,
    mentioned: &Mentioned,
) -> Result<HashMap<Uuid, String>, sqlx::Error> {
    if mentioned.orders.is_empty() {
        return Ok(HashMap::new());
    }
    let asked: Vec<Uuid> = mentioned.orders.iter().copied().collect();
    let rows = sqlx::query!("SELECT id, reference FROM orders WHERE id = ANY($1)", &asked)
        .fetch_all(&mut **transaction)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.reference)).collect())
}

/// Adds tickets; answers the codes of those that are valid.
async fn tickets(
    transaction: &mut Transaction<'static, Postgres>,
    mentioned: &Mentioned,
    known: &mut Known,
) -> Result<HashSet<(Uuid, String)>, sqlx::Error> {
    if mentioned.tickets.is_empty() {
        return Ok(HashSet::new());
    }
    let asked: Vec<Uuid> = mentioned.tickets.iter().copied().collect();
    let rows = sqlx::query!("SELECT id, show, short_code, seat, status FROM tickets WHERE id = ANY($1)", &asked)
        .fetch_all(&mut **transaction)
        .await?;
    let valid = rows.iter().filter(|row| row.status == "valid").map(|row| (row.show, row.short_code.clone()));
    let valid = valid.collect();
    known.tickets =
        rows.into_iter().map(|row| (row.id, KnownTicket { short_code: row.short_code, seat: row.seat })).collect();
    Ok(valid)
}

async fn shows(
    transaction: &mut Transaction<'static, Postgres>,
    mentioned: &Mentioned,
) -> Result<HashMap<Uuid, KnownShow>, QueryError> {
    if mentioned.shows.is_empty() {
        return Ok(HashMap::new());
    }
    let asked: Vec<Uuid> = mentioned.shows.iter().copied().collect();
    let rows = sqlx::query!(r#"SELECT id, body::text AS "body!" FROM shows WHERE id = ANY($1)"#, &asked)
        .fetch_all(&mut **transaction)
        .await?;
    let mut shows = HashMap::new();
    for row in rows {
        let view: ShowView = read("shows", &row.body)?;
        // Both were written by the domain, and are read by it.
        let (Ok(zone), Ok(currency)) = (view.timezone.try_into(), view.currency.try_into()) else { continue };
        let ticket_types = view.ticket_types.into_iter().map(|known| (known.id, known.name)).collect();
        shows.insert(row.id, KnownShow { name: view.name, zone, currency, ticket_types });
    }
    Ok(shows)
}
