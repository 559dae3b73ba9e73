//! Which events hold what was asked for in vain: of a sale that was rejected, and of somebody who was refused at the door.
//!
//! Asked after the decision, by what it named; the decision itself waits for nothing here. The read models may be a moment behind it:
//! they are waited for, but not for long.

use std::{collections::HashMap, time::Duration};

use domain::events::CheckInRefused;
use sqlx::{Postgres, Transaction};
use tokio::time::Instant;
use uuid::Uuid;

use super::reasons::{Earlier, of_refusal};
use crate::queries::{Queries, QueryError, Scope, checkpoint};

/// Nobody waits longer to be told why.
const BEHIND_MAX: Duration = Duration::from_millis(250);
/// How often it is looked whether the read models have come so far.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// An event that holds what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Its position.
    pub position: i64,
    /// What happened.
    pub event_type: String,
}

/// The last event of some types that touched something.
pub(super) struct Latest {
    /// Which of the questions it answers, from 1.
    pub ordinal: i64,
    pub position: i64,
    pub event_type: String,
}

impl Queries {
    /// The last events of a show that touched each of these things and are of one of the types beside it; ascending, each once.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn holding(
        &self,
        organization: Uuid,
        show: Uuid,
        asked: &[(Uuid, &'static [&'static str])],
    ) -> Result<Vec<Holding>, QueryError> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let head = self.log.head().await?;
        let mut transaction = self.begin_soon_at(organization, head).await?;
        let asked: Vec<_> = asked
            .iter()
            .map(|(subject, types)| (Earlier { subject: *subject, types, of_its_order: false }, i64::MAX))
            .collect();
        let mut found: Vec<Holding> = latest(&mut transaction, show, &asked)
            .await?
            .into_iter()
            .map(|found| Holding { position: found.position, event_type: found.event_type })
            .collect();
        transaction.commit().await?;
        found.sort_unstable_by_key(|found| found.position);
        found.dedup();
        Ok(found)
    }

    /// For each refusal of a show, recorded up to the position beside it: the positions of the events that it rests on, ascending.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn refused_because(
        &self,
        organization: Uuid,
        show: Uuid,
        refusals: &[(i64, &CheckInRefused)],
    ) -> Result<Vec<Vec<i64>>, QueryError> {
        let mut because = vec![Vec::new(); refusals.len()];
        let mut asked = Vec::new();
        let mut of_which = Vec::new();
        for (index, (position, refused)) in refusals.iter().enumerate() {
            for earlier in of_refusal(show, refused) {
                asked.push((earlier, *position));
                of_which.push(index);
            }
        }
        let Some(last) = asked.iter().map(|(_, position)| *position).max() else { return Ok(because) };
        let mut transaction = self.begin_soon_at(organization, last - 1).await?;
        for found in latest(&mut transaction, show, &asked).await? {
            let which = usize::try_from(found.ordinal - 1).ok().and_then(|question| of_which.get(question));
            if let Some(positions) = which.and_then(|which| because.get_mut(*which)) {
                positions.push(found.position);
            }
        }
        transaction.commit().await?;
        because.iter_mut().for_each(|positions| positions.sort_unstable());
        Ok(because)
    }

    /// A snapshot at a position or later, if the read models come so far in a moment; else as they are.
    async fn begin_soon_at(
        &self,
        organization: Uuid,
        position: i64,
    ) -> Result<Transaction<'static, Postgres>, QueryError> {
        let until = Instant::now() + BEHIND_MAX;
        loop {
            let mut transaction = self.begin(Scope::Organization(organization)).await?;
            if checkpoint(&mut transaction).await? >= position || Instant::now() >= until {
                return Ok(transaction);
            }
            transaction.commit().await?;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// The orders of the tickets whose orders are meant.
async fn orders_of(
    transaction: &mut Transaction<'static, Postgres>,
    asked: &[(Earlier, i64)],
) -> Result<HashMap<Uuid, Uuid>, sqlx::Error> {
    let tickets: Vec<Uuid> =
        asked.iter().filter(|(earlier, _)| earlier.of_its_order).map(|(earlier, _)| earlier.subject).collect();
    if tickets.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!("SELECT id, order_id FROM tickets WHERE id = ANY($1)", &tickets);
    Ok(rows.fetch_all(&mut **transaction).await?.into_iter().map(|row| (row.id, row.order_id)).collect())
}

/// The last event of a stream before each position that touched a thing and is of some types.
pub(super) async fn latest(
    transaction: &mut Transaction<'static, Postgres>,
    stream: Uuid,
    asked: &[(Earlier, i64)],
) -> Result<Vec<Latest>, sqlx::Error> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let orders = orders_of(transaction, asked).await?;
    let subjects: Vec<Uuid> = asked
        .iter()
        .map(|(earlier, _)| match earlier.of_its_order {
            true => orders.get(&earlier.subject).copied().unwrap_or(earlier.subject),
            false => earlier.subject,
        })
        .collect();
    let befores: Vec<i64> = asked.iter().map(|(_, before)| *before).collect();
    let types: Vec<String> = asked.iter().map(|(earlier, _)| earlier.types.join(" ")).collect();
    sqlx::query_as!(
        Latest,
        r#"SELECT question AS "ordinal!", found AS "position!", found_type AS "event_type!"
             FROM latest_touching($1, $2, $3, $4)"#,
        stream,
        &subjects,
        &befores,
        &types
    )
    .fetch_all(&mut **transaction)
    .await
}
