//! Why an event happened: what was asked for together with it, what it follows from, the earlier events that made it so, and the
//! later ones that rest on it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{Postgres, Transaction};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    HistoryFilter, HistoryItem, Reading,
    consequences::consequences,
    filter::Span,
    items::{Row, rows},
    reasons::reasons,
    why::latest,
};
use crate::{
    Answer,
    queries::{Queries, QueryError, Scope, checkpoint},
};

/// Events of one kind of relation that are told; what has more is asked for by filters.
const RELATED_MAX: i64 = 200;

/// How another event belongs to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// It follows from the other.
    Cause,
    /// The other follows from it.
    Effect,
    /// The other made it so.
    Reason,
    /// It made the other so.
    Consequence,
    /// Both follow from one request.
    SameRequest,
}

/// Another event that explains one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Because {
    /// Its position.
    pub position: i64,
    /// How it belongs to the one that was asked for.
    pub relation: Relation,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "TicketVoided")]
    pub event_type: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The same in a plain sentence in the reader's language.
    pub sentence: String,
}

/// An event, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExplainedEvent {
    /// The event.
    #[serde(flatten)]
    pub event: HistoryItem,
    /// What explains it, ascending by position, each event once: by the first that fits of cause, effect, reason, consequence, same request.
    pub because: Vec<Because>,
}

impl Queries {
    /// The event at a position, and what explains it. None: there is no such one in the organization, and within reach (up to the
    /// checkpoint).
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn history_event(
        &self,
        organization: Uuid,
        position: i64,
        reach: Option<&[Uuid]>,
        reading: Reading,
    ) -> Result<Answer<Option<ExplainedEvent>>, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let reached = checkpoint(&mut transaction).await?;
        let within = HistoryFilter { reach: reach.map(<[Uuid]>::to_vec), ..HistoryFilter::default() };
        let only = Span { after: position.saturating_sub(1), before: position.saturating_add(1) };
        let Some(event) = rows(&mut transaction, organization, &within, only, 1).await?.pop() else {
            return Ok(Answer { position: reached, body: None });
        };
        let (relations, mut all) = related(&mut transaction, organization, &within, &event).await?;
        all.push(event);
        let mut told = self.told(transaction, organization, reading, all).await?;
        let explained = told.pop().map(|event| ExplainedEvent {
            event,
            because: told
                .into_iter()
                .zip(relations)
                .map(|(other, relation)| Because {
                    position: other.position,
                    relation,
                    event_type: other.event_type,
                    recorded_at: other.recorded_at,
                    sentence: other.sentence,
                })
                .collect(),
        });
        Ok(Answer { position: reached, body: explained })
    }
}

/// The events that explain one, ascending, with their relations.
async fn related(
    transaction: &mut Transaction<'static, Postgres>,
    organization: Uuid,
    within: &HistoryFilter,
    event: &Row,
) -> Result<(Vec<Relation>, Vec<Row>), QueryError> {
    let mut found: BTreeMap<i64, (Relation, Row)> = BTreeMap::new();
    let mut note = |relation: Relation, row: Row| {
        if row.position != event.position {
            let known = found.entry(row.position).or_insert((relation, row));
            known.0 = known.0.min(relation);
        }
    };
    let all = Span { after: 0, before: i64::MAX };
    let together = HistoryFilter { correlation: Some(event.correlation), ..within.clone() };
    for row in rows(transaction, organization, &together, all, RELATED_MAX).await? {
        let relation = if event.causation.is_some_and(|cause| cause == row.command) {
            Relation::Cause
        } else if row.causation.is_some_and(|cause| cause == event.command) {
            Relation::Effect
        } else {
            Relation::SameRequest
        };
        note(relation, row);
    }
    let asked: Vec<_> = reasons(event.recorded()).into_iter().map(|earlier| (earlier, event.position)).collect();
    for found in latest(transaction, event.stream, &asked).await? {
        let only = Span { after: found.position - 1, before: found.position + 1 };
        for row in rows(transaction, organization, within, only, 1).await? {
            note(Relation::Reason, row);
        }
    }
    if let Some(later) = consequences(event.recorded()) {
        let touching = HistoryFilter { stream: Some(event.stream), subjects: vec![later.subject], ..within.clone() };
        let behind = Span { after: event.position, before: i64::MAX };
        for row in rows(transaction, organization, &touching, behind, RELATED_MAX).await? {
            if later.fits(row.recorded()) {
                note(Relation::Consequence, row);
            }
        }
    }
    Ok(found.into_values().unzip())
}
