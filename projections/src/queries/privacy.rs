//! What is known of somebody: for the person who asks for it, and for whoever has to answer them.
//!
//! What accounts say of members is not the read side's to know: whoever asks brings it along.
//!
//! A ticket is its holder's; where nobody is named, its customer's, or theirs to whom it was transferred. What is known of
//! others with the same order is not told.

use chrono::{DateTime, TimeDelta, Utc};
use event_store::VaultRow;
use serde::Serialize;
use sqlx::{Postgres, Transaction};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Answer, List, Page, Queries, QueryError, Scope, checkpoint, read};
use crate::{
    history::{HistoryFilter, HistoryItem, Reading},
    views::{OrderView, ShowView, TicketView},
};

/// How many events are read at once.
const PAGE: u16 = 200;

/// Somebody in the vault.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PersonItem {
    /// By what the history calls them.
    pub id: Uuid,
    /// As what they are known: `customer`, `holder` or `member`.
    #[schema(example = "customer")]
    pub purpose: String,
    /// Their name.
    pub name: Option<String>,
    /// Where mail reaches them.
    pub email: Option<String>,
    /// Where a call reaches them.
    pub phone: Option<String>,
    /// Their language, as a BCP 47 tag.
    pub locale: Option<String>,
    /// The show that they are known from; null for members.
    pub show: Option<Uuid>,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// A text that is about a person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PersonText {
    /// By what the history calls it.
    pub id: Uuid,
    /// What it is for, such as `refund_reason`.
    #[schema(example = "refund_reason")]
    pub purpose: String,
    /// What was typed.
    pub text: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// An order of a person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PersonOrder {
    /// Its id.
    pub id: Uuid,
    /// Its show.
    pub show: Uuid,
    /// What people call it.
    #[schema(example = "K7Q2M")]
    pub reference: String,
}

/// A ticket of a person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PersonTicket {
    /// Its id.
    pub id: Uuid,
    /// Its show.
    pub show: Uuid,
    /// Its seat; null where people stand.
    pub seat: Option<String>,
}

/// What is known of somebody, in short.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PersonView {
    /// By what the history calls them.
    pub id: Uuid,
    /// As what they are known: `customer`, `holder` or `member`.
    #[schema(example = "customer")]
    pub purpose: String,
    /// Their name.
    pub name: Option<String>,
    /// Where mail reaches them.
    pub email: Option<String>,
    /// Where a call reaches them.
    pub phone: Option<String>,
    /// Their language, as a BCP 47 tag.
    pub locale: Option<String>,
    /// The show that they are known from; null for members.
    pub show: Option<Uuid>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// What was typed about them.
    pub texts: Vec<PersonText>,
    /// What they bought.
    pub orders: Vec<PersonOrder>,
    /// What admits them.
    pub tickets: Vec<PersonTicket>,
    /// When they are erased by themselves, as show and settings stand now; null: not by themselves.
    pub erases_at: Option<DateTime<Utc>>,
}

/// All that is known of somebody, for themselves.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonExport {
    /// When it was put together.
    pub exported_at: DateTime<Utc>,
    /// The person.
    pub person: PersonItem,
    /// By what they sign in; null for whoever is no member.
    pub account: Option<ExportedAccount>,
    /// What was typed about them.
    pub texts: Vec<PersonText>,
    /// What they bought.
    pub orders: Vec<ExportedOrder>,
    /// What admits them.
    pub tickets: Vec<ExportedTicket>,
    /// When and where they were let in, let out, or refused.
    pub check_ins: Vec<ExportedCheckIn>,
    /// Every event that is about them, as it is recorded.
    pub events: Vec<HistoryItem>,
}

/// By what a member signs in. Their password is kept as a hash that says nothing to them, and is not here.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExportedAccount {
    /// Its id, as events name it.
    pub id: Uuid,
    /// The address that they sign in with.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Whether they set the installation up.
    pub installation_owner: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Where they are signed in, the first one first, for whichever organization; also those that ended and are not cleared away.
    pub sessions: Vec<ExportedSession>,
}

/// A session of a member.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExportedSession {
    /// Its id.
    pub id: Uuid,
    /// When it was started.
    pub started_at: DateTime<Utc>,
    /// When it was last used, to some minutes.
    pub seen_at: DateTime<Utc>,
    /// When it ends in any case.
    pub ends_at: DateTime<Utc>,
    /// In what.
    #[schema(example = "Firefox on Linux")]
    pub client: String,
}

/// An order of a person, with their own tickets.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExportedOrder {
    /// Its show.
    pub show: Uuid,
    /// The show's name.
    pub show_name: Option<String>,
    /// The order.
    pub order: OrderView,
}

/// A ticket of a person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExportedTicket {
    /// Its show.
    pub show: Uuid,
    /// The show's name.
    pub show_name: Option<String>,
    /// The ticket.
    pub ticket: TicketView,
}

/// What happened to a person at the door.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ExportedCheckIn {
    /// The event's position in the log.
    pub position: i64,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// At which show.
    pub show: Uuid,
    /// What happened: `CheckedIn`, `CheckedOut`, `CheckInRefused` or `CheckInUndone`.
    #[schema(example = "CheckedIn")]
    pub what: String,
    /// In which area.
    pub area: Option<String>,
    /// At which gate.
    pub gate: Option<String>,
}

/// What the read models hold of a person.
struct Traces {
    position: i64,
    orders: Vec<(Uuid, OrderView)>,
    tickets: Vec<(Uuid, TicketView)>,
    shows: Vec<ShowView>,
    people_days: Option<u32>,
    cancelled_at: Option<DateTime<Utc>>,
}

impl Queries {
    /// People of an organization, the latest first; `q` in the name, e-mail address or phone number, whatever its case, or in what
    /// an account says of a member: of those the ids are in `also`.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn list_people(
        &self,
        organization: Uuid,
        q: Option<&str>,
        also: &[Uuid],
        page: &Page,
    ) -> Result<Answer<List<PersonItem>>, QueryError> {
        let before = page.id()?;
        // First: what the vault says is then of this position or later.
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint(&mut transaction).await?;
        transaction.commit().await?;
        let mut rows = self.vault.people(organization, q, also, before, page.rows()).await?;
        let next = page.cut(&mut rows, |row| row.id.to_string());
        Ok(Answer { position, body: List { items: rows.iter().map(item).collect(), next } })
    }

    /// What is known of a person. None: nobody of this id is in the vault (any more).
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn person(&self, organization: Uuid, person: Uuid) -> Result<Answer<Option<PersonView>>, QueryError> {
        let (known, texts) = self.vault.of_person(organization, person).await?;
        let traces = self.traces(organization, person, known.as_ref().and_then(|row| row.show)).await?;
        let position = traces.position;
        let Some(known) = known else { return Ok(Answer { position, body: None }) };
        let erases_at = traces.erases_at(known.show);
        let PersonItem { id, purpose, name, email, phone, locale, show, created_at } = item(&known);
        let body = PersonView {
            id,
            purpose,
            name,
            email,
            phone,
            locale,
            show,
            created_at,
            texts: texts.iter().map(text).collect(),
            orders: traces
                .orders
                .into_iter()
                .map(|(show, order)| PersonOrder { id: order.id, show, reference: order.reference })
                .collect(),
            tickets: traces
                .tickets
                .into_iter()
                .map(|(show, ticket)| PersonTicket { id: ticket.id, show, seat: ticket.seat })
                .collect(),
            erases_at,
        };
        Ok(Answer { position, body: Some(body) })
    }

    /// All that is known of a person, also the events that are about them, with the account of a member. None: nobody of this
    /// id is in the vault (any more).
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn export_person(
        &self,
        organization: Uuid,
        person: Uuid,
        account: Option<ExportedAccount>,
        now: DateTime<Utc>,
    ) -> Result<Answer<Option<PersonExport>>, QueryError> {
        let (known, texts) = self.vault.of_person(organization, person).await?;
        let traces = self.traces(organization, person, None).await?;
        let position = traces.position;
        let Some(known) = known else { return Ok(Answer { position, body: None }) };
        let events = self.events_about(organization, person).await?;
        let person = item(&known);
        let show_name = |id: Uuid| traces.shows.iter().find(|show| show.id == id).map(|show| show.name.clone());
        let own = |ticket: &TicketView| TicketView { holder: person.name.clone(), ..ticket.clone() };
        let of_order = |order: &OrderView| {
            let tickets = traces.tickets.iter().filter(|(_, ticket)| ticket.order == order.id);
            tickets.map(|(_, ticket)| ticket.clone()).collect()
        };
        let body = PersonExport {
            exported_at: now,
            texts: texts.iter().map(text).collect(),
            orders: traces
                .orders
                .iter()
                .map(|(show, order)| ExportedOrder {
                    show: *show,
                    show_name: show_name(*show),
                    order: OrderView { tickets: of_order(order), ..order.clone() },
                })
                .collect(),
            tickets: traces
                .tickets
                .iter()
                .map(|(show, ticket)| ExportedTicket {
                    show: *show,
                    show_name: show_name(*show),
                    ticket: if person.purpose == "holder" { own(ticket) } else { ticket.clone() },
                })
                .collect(),
            check_ins: events.iter().filter_map(check_in).collect(),
            events,
            person,
            account,
        };
        Ok(Answer { position, body: Some(body) })
    }

    /// Everything in the history that is about a person.
    async fn events_about(&self, organization: Uuid, person: Uuid) -> Result<Vec<HistoryItem>, QueryError> {
        let filter = HistoryFilter { subjects: vec![person], ..HistoryFilter::default() };
        // With their own codes, and nobody else's name: neither of who works here nor of who bought with them.
        let reading = Reading { unmask: true, ..Reading::default() };
        let mut page = Page { limit: PAGE, cursor: None };
        let mut events = Vec::new();
        loop {
            let List { items, next } = self.history(organization, &filter, reading, &page).await?.body;
            events.extend(items);
            match next {
                Some(next) => page.cursor = Some(next),
                None => return Ok(events),
            }
        }
    }

    async fn traces(&self, organization: Uuid, person: Uuid, show: Option<Uuid>) -> Result<Traces, QueryError> {
        let mut transaction = self.begin(Scope::Organization(organization)).await?;
        let position = checkpoint(&mut transaction).await?;
        let orders = sqlx::query!(
            r#"SELECT show, body::text AS "body!" FROM orders WHERE customer = $1 ORDER BY placed_position"#,
            person
        )
        .fetch_all(&mut *transaction)
        .await?;
        let tickets = sqlx::query!(
            r#"SELECT show, body::text AS "body!" FROM tickets
                WHERE id IN (SELECT id FROM tickets WHERE holder = $1
                             UNION SELECT id FROM tickets WHERE customer = $1 AND holder IS NULL
                             UNION SELECT t.id FROM orders AS o JOIN tickets AS t ON t.order_id = o.id
                                    WHERE o.customer = $1 AND t.customer IS NULL AND t.holder IS NULL)
                ORDER BY issued_position"#,
            person
        )
        .fetch_all(&mut *transaction)
        .await?;
        let of_shows: Vec<Uuid> =
            orders.iter().map(|row| row.show).chain(tickets.iter().map(|row| row.show)).chain(show).collect();
        let shows = sqlx::query_scalar!(r#"SELECT body::text AS "body!" FROM shows WHERE id = ANY($1)"#, &of_shows)
            .fetch_all(&mut *transaction)
            .await?;
        let people_days = sqlx::query_scalar!(
            "SELECT (settings->'retention'->>'people_days')::int FROM organizations WHERE organization = $1",
            organization
        )
        .fetch_optional(&mut *transaction)
        .await?
        .flatten();
        let cancelled_at = cancelled_at(&mut transaction, show).await?;
        transaction.commit().await?;
        Ok(Traces {
            position,
            orders: orders
                .iter()
                .map(|row| Ok((row.show, read("orders", &row.body)?)))
                .collect::<Result<_, QueryError>>()?,
            tickets: tickets
                .iter()
                .map(|row| Ok((row.show, read("tickets", &row.body)?)))
                .collect::<Result<_, QueryError>>()?,
            shows: shows.iter().map(|body| read("shows", body)).collect::<Result<_, _>>()?,
            people_days: people_days.and_then(|days| u32::try_from(days).ok()),
            cancelled_at,
        })
    }
}

impl Traces {
    /// When what is known from this show goes by itself.
    fn erases_at(&self, show: Option<Uuid>) -> Option<DateTime<Utc>> {
        let show = self.shows.iter().find(|of| Some(of.id) == show)?;
        let scheduled = domain::events::Schedule { doors_at: None, starts_at: show.starts_at, ends_at: show.ends_at };
        let over_at = self.cancelled_at.map_or(scheduled.over_at(), |at| at.min(scheduled.over_at()));
        over_at.checked_add_signed(TimeDelta::days(i64::from(self.people_days?)))
    }
}

async fn cancelled_at(
    transaction: &mut Transaction<'static, Postgres>,
    show: Option<Uuid>,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let Some(show) = show else { return Ok(None) };
    sqlx::query_scalar!(
        "SELECT a.recorded_at FROM shows AS s JOIN activity AS a ON a.stream = s.id AND a.type = 'ShowCancelled'
          WHERE s.id = $1 AND s.status = 'cancelled' ORDER BY a.position LIMIT 1",
        show
    )
    .fetch_optional(&mut **transaction)
    .await
}

fn item(row: &VaultRow) -> PersonItem {
    let field = |name| row.text(name).map(str::to_owned);
    PersonItem {
        id: row.id,
        purpose: row.purpose.clone(),
        name: field("name"),
        email: field("email"),
        phone: field("phone"),
        locale: field("locale"),
        show: row.show,
        created_at: row.created_at,
    }
}

fn text(row: &VaultRow) -> PersonText {
    PersonText {
        id: row.id,
        purpose: row.purpose.clone(),
        text: row.text("text").map(str::to_owned),
        created_at: row.created_at,
    }
}

fn check_in(event: &HistoryItem) -> Option<ExportedCheckIn> {
    let at_the_door = ["CheckedIn", "CheckedOut", "CheckInRefused", "CheckInUndone"];
    if !at_the_door.contains(&event.event_type.as_str()) {
        return None;
    }
    let payload: serde_json::Value = serde_json::from_str(event.payload.get()).ok()?;
    let said = |field: &str| {
        let scan = payload.get("scan").filter(|scan| scan.is_object()).unwrap_or(&payload);
        scan.get(field)?.as_str().map(str::to_owned)
    };
    Some(ExportedCheckIn {
        position: event.position,
        recorded_at: event.recorded_at,
        show: event.stream,
        what: event.event_type.clone(),
        area: said("area"),
        gate: said("gate"),
    })
}
