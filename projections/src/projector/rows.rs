//! The rows of a page, rendered from the states, in columns as `unnest` takes them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{OrganizationEvent, Show, ids::TicketId, organization::Settings, show::Ticket};
use event_store::RecordedEvent;
use serde::Serialize;
use uuid::Uuid;

use super::{
    fact_rows::FactRows,
    touched::{Touch, Touched},
};
use crate::read_models::{ReadModel, ReadModels};
use crate::views::{
    SeatState, attendance_view, availability_row, door_list_ticket, order_view, seat_claim, seating_view, show_view,
    ticket_view,
};

/// The tables that are written, in the order of [`Rows::counts`].
pub(crate) const TABLES: [&str; 14] = [
    "shows",
    "seating",
    "availability",
    "attendance",
    "seats",
    "orders",
    "tickets",
    "door_list",
    "organizations",
    "activity",
    "sales_facts",
    "door_facts",
    "hold_facts",
    "poisoned_streams",
];

/// All that a page writes beside the checkpoint.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Of which read models; rows of others are not rendered.
    models: ReadModels,
    pub shows: ShowRows,
    pub seating: DocumentRows,
    pub availability: DocumentRows,
    pub attendance: DocumentRows,
    pub seats: SeatRows,
    pub orders: OrderRows,
    pub tickets: TicketRows,
    pub door_list: DoorListRows,
    pub organizations: OrganizationRows,
    pub activity: ActivityRows,
    pub facts: FactRows,
    pub poisoned: Vec<Poisoned>,
}

/// A stream that stopped.
#[derive(Debug)]
pub(crate) struct Poisoned {
    pub stream: Uuid,
    pub organization: Uuid,
    pub position: i64,
    pub event_type: String,
    pub error: String,
}

#[derive(Debug, Default)]
pub(crate) struct ShowRows {
    pub id: Vec<Uuid>,
    pub organization: Vec<Uuid>,
    pub slug: Vec<String>,
    pub status: Vec<String>,
    pub is_public: Vec<bool>,
    pub name: Vec<String>,
    pub starts_at: Vec<DateTime<Utc>>,
    pub body: Vec<String>,
    pub position: Vec<i64>,
}

/// One JSON document per show.
#[derive(Debug, Default)]
pub(crate) struct DocumentRows {
    pub show: Vec<Uuid>,
    pub organization: Vec<Uuid>,
    pub body: Vec<String>,
    pub position: Vec<i64>,
}

#[derive(Debug, Default)]
pub(crate) struct SeatRows {
    pub show: Vec<Uuid>,
    pub organization: Vec<Uuid>,
    pub seat: Vec<String>,
    pub state: Vec<Option<&'static str>>,
    pub hold: Vec<Option<Uuid>>,
    pub order: Vec<Option<Uuid>>,
    pub ticket: Vec<Option<Uuid>>,
    pub position: Vec<i64>,
}

#[derive(Debug, Default)]
pub(crate) struct OrderRows {
    pub id: Vec<Uuid>,
    pub show: Vec<Uuid>,
    pub organization: Vec<Uuid>,
    pub reference: Vec<String>,
    pub status: Vec<String>,
    pub customer: Vec<Option<Uuid>>,
    pub body: Vec<String>,
    pub placed_at: Vec<DateTime<Utc>>,
    pub placed_position: Vec<i64>,
    pub position: Vec<i64>,
}

#[derive(Debug, Default)]
pub(crate) struct TicketRows {
    pub id: Vec<Uuid>,
    pub show: Vec<Uuid>,
    pub organization: Vec<Uuid>,
    pub order: Vec<Uuid>,
    pub short_code: Vec<String>,
    pub seat: Vec<Option<String>>,
    pub status: Vec<String>,
    pub holder: Vec<Option<Uuid>>,
    pub customer: Vec<Option<Uuid>>,
    pub issue: Vec<i32>,
    pub iat: Vec<i64>,
    pub kid: Vec<String>,
    pub body: Vec<String>,
    pub issued_position: Vec<i64>,
    pub position: Vec<i64>,
}

#[derive(Debug, Default)]
pub(crate) struct DoorListRows {
    pub ticket: Vec<Uuid>,
    pub show: Vec<Uuid>,
    pub organization: Vec<Uuid>,
    pub holder: Vec<Option<Uuid>>,
    pub body: Vec<String>,
    pub position: Vec<i64>,
}

/// What organizations settled in a page, by organization: the last of it.
#[derive(Debug, Default)]
pub(crate) struct OrganizationRows(pub HashMap<Uuid, Settled>);

/// What an organization settled.
#[derive(Debug)]
pub(crate) struct Settled {
    /// Where it was founded in this page; else its row is there.
    pub slug: Option<String>,
    /// All its settings.
    pub settings: Settings,
    /// The last event of this page that changed whether everybody sees numbers, if one did.
    pub numbers_position: Option<i64>,
    /// The last event that it is rendered after.
    pub position: i64,
}

#[derive(Debug, Default)]
pub(crate) struct ActivityRows {
    pub position: Vec<i64>,
    pub organization: Vec<Uuid>,
    pub stream_type: Vec<&'static str>,
    pub stream: Vec<Uuid>,
    pub event_type: Vec<String>,
    pub actor: Vec<String>,
    pub device: Vec<Option<Uuid>>,
    pub correlation: Vec<Uuid>,
    pub subjects: Vec<Vec<Uuid>>,
    pub recorded_at: Vec<DateTime<Utc>>,
}

impl Rows {
    /// No rows yet, of these read models.
    pub fn of(models: ReadModels) -> Self {
        Self { models, ..Self::default() }
    }

    /// Renders what was touched of a show.
    pub fn render(&mut self, organization: Uuid, show: &Show, touched: &Touched) {
        let has = |model| self.models.has(model);
        if let Some(position) = touched.show.filter(|_| has(ReadModel::Shows)) {
            self.shows.push(organization, show, position);
        }
        if let (Some(position), Some(seating)) = (touched.seating.filter(|_| has(ReadModel::Seating)), &show.seating) {
            self.seating.push(organization, show, &seating_view(seating), position);
        }
        if let Some(position) = touched.availability.filter(|_| has(ReadModel::Availability)) {
            self.availability.push(organization, show, &availability_row(show), position);
        }
        if let Some(position) = touched.attendance.filter(|_| has(ReadModel::Attendance)) {
            self.attendance.push(organization, show, &attendance_view(show), position);
        }
        if has(ReadModel::Seats) {
            self.seats.extend(organization, show, touched);
        }
        if has(ReadModel::Orders) {
            self.orders.extend(organization, show, touched);
        }
        if has(ReadModel::Tickets) {
            self.tickets.extend(organization, show, touched);
        }
        if has(ReadModel::DoorList) {
            self.door_list.extend(organization, show, &touched.door_list);
        }
    }

    /// Whether what events changed in figures is among them.
    pub fn tells_facts(&self) -> bool {
        self.models.has(ReadModel::Facts)
    }

    /// Enters an event, and whom and what it is about, in the activity.
    pub fn enter(&mut self, event: &RecordedEvent, subjects: Vec<Uuid>) {
        if self.models.has(ReadModel::Activity) {
            self.activity.push(event, subjects);
        }
    }

    /// Enters a stream that stopped: a row that goes with all read models together.
    pub fn stop(&mut self, poisoned: Poisoned) {
        if self.models == ReadModels::ALL {
            self.poisoned.push(poisoned);
        }
    }

    /// Takes note of what an event of an organization settles.
    pub fn settle(&mut self, organization: Uuid, position: i64, event: &OrganizationEvent) {
        if self.models.has(ReadModel::Organizations) {
            self.organizations.note(organization, position, event);
        }
    }

    /// How many rows of each of [`TABLES`].
    pub fn counts(&self) -> [usize; TABLES.len()] {
        [
            self.shows.id.len(),
            self.seating.show.len(),
            self.availability.show.len(),
            self.attendance.show.len(),
            self.seats.show.len(),
            self.orders.id.len(),
            self.tickets.id.len(),
            self.door_list.ticket.len(),
            self.organizations.0.len(),
            self.activity.position.len(),
            self.facts.sales.show.len(),
            self.facts.door.show.len(),
            self.facts.holds.show.len(),
            self.poisoned.len(),
        ]
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.counts().iter().sum()
    }
}

impl ShowRows {
    fn push(&mut self, organization: Uuid, show: &Show, position: i64) {
        let view = show_view(show);
        self.id.push(view.id);
        self.organization.push(organization);
        self.body.push(json(&view));
        self.slug.push(view.slug);
        self.status.push(view.status);
        self.is_public.push(show.code_length.is_some());
        self.name.push(view.name);
        self.starts_at.push(view.starts_at);
        self.position.push(position);
    }
}

impl DocumentRows {
    fn push(&mut self, organization: Uuid, show: &Show, body: &impl Serialize, position: i64) {
        self.show.push(show.id.0);
        self.organization.push(organization);
        self.body.push(json(body));
        self.position.push(position);
    }
}

impl SeatRows {
    fn extend(&mut self, organization: Uuid, show: &Show, touched: &Touched) {
        for (seat, position) in &touched.seats {
            let claim = seat_claim(show, seat);
            self.show.push(show.id.0);
            self.organization.push(organization);
            self.seat.push(seat.to_string());
            self.state.push(claim.state.map(SeatState::as_str));
            self.hold.push(claim.hold);
            self.order.push(claim.order);
            self.ticket.push(claim.ticket);
            self.position.push(*position);
        }
    }
}

impl OrderRows {
    fn extend(&mut self, organization: Uuid, show: &Show, touched: &Touched) {
        for (order, touch) in &touched.orders {
            let Some(order) = show.order(*order) else { continue };
            let view = order_view(show, order);
            self.id.push(view.id);
            self.show.push(show.id.0);
            self.organization.push(organization);
            self.customer.push(order.customer.map(|customer| customer.0));
            self.body.push(json(&view));
            self.reference.push(view.reference);
            self.status.push(view.status);
            self.placed_at.push(touch.first_at);
            self.placed_position.push(touch.first);
            self.position.push(touch.last);
        }
    }
}

impl TicketRows {
    fn extend(&mut self, organization: Uuid, show: &Show, touched: &Touched) {
        for (ticket, touch) in &touched.tickets {
            if let Some(ticket) = show.ticket(*ticket) {
                self.push(organization, show, ticket, *touch);
            }
        }
    }

    fn push(&mut self, organization: Uuid, show: &Show, ticket: &Ticket, touch: Touch) {
        let view = ticket_view(show, ticket);
        self.id.push(view.id);
        self.show.push(show.id.0);
        self.organization.push(organization);
        self.order.push(view.order);
        self.holder.push(ticket.holder.map(|holder| holder.0));
        self.customer.push(ticket.customer.map(|customer| customer.0));
        self.issue.push(i32::try_from(ticket.issue).unwrap_or(i32::MAX));
        self.iat.push(ticket.iat);
        self.kid.push(ticket.kid.clone());
        self.body.push(json(&view));
        self.short_code.push(view.short_code);
        self.seat.push(view.seat);
        self.status.push(view.status);
        self.issued_position.push(touch.first);
        self.position.push(touch.last);
    }
}

impl DoorListRows {
    fn extend(&mut self, organization: Uuid, show: &Show, touched: &HashMap<TicketId, i64>) {
        for (ticket, position) in touched {
            let Some(ticket) = show.ticket(*ticket) else { continue };
            self.ticket.push(ticket.id.0);
            self.show.push(show.id.0);
            self.organization.push(organization);
            self.holder.push(ticket.holder.map(|holder| holder.0));
            self.body.push(json(&door_list_ticket(show, ticket)));
            self.position.push(*position);
        }
    }
}

impl OrganizationRows {
    fn note(&mut self, organization: Uuid, position: i64, event: &OrganizationEvent) {
        let (slug, settings, changes_numbers) = match event {
            OrganizationEvent::OrganizationFounded(event) => {
                (Some(event.slug.as_str().to_owned()), &event.settings, true)
            }
            OrganizationEvent::SettingsChanged(event) => {
                (None, &event.settings, event.changed.iter().any(|name| name == "public_numbers"))
            }
            _ => return,
        };
        let before = self.0.remove(&organization);
        let numbers_position =
            if changes_numbers { Some(position) } else { before.as_ref().and_then(|of| of.numbers_position) };
        let slug = slug.or_else(|| before.and_then(|of| of.slug));
        self.0.insert(organization, Settled { slug, settings: settings.clone(), numbers_position, position });
    }
}

impl ActivityRows {
    fn push(&mut self, event: &RecordedEvent, subjects: Vec<Uuid>) {
        self.position.push(event.position);
        self.organization.push(event.organization);
        self.stream_type.push(event.stream_type.as_str());
        self.stream.push(event.stream);
        self.event_type.push(event.event_type.clone());
        self.actor.push(event.metadata.actor.clone());
        self.device.push(event.metadata.device);
        self.correlation.push(event.metadata.correlation);
        self.subjects.push(subjects);
        self.recorded_at.push(event.recorded_at);
    }
}

pub(crate) fn json(body: &impl Serialize) -> String {
    #[expect(clippy::expect_used, reason = "our own structs: text keys, no failing serializer")]
    serde_json::to_string(body).expect("a view is always writable as JSON")
}
