//! The facts of shows as rows: a row is of up to sixteen consecutive events of a show, each of its columns an array, each element a
//! fact. A fact by itself would be a row of more columns than figures, and written for every event.
//!
//! What always holds: which events a row is of is said by their versions alone, so that how a log was cut into pages leaves no trace.
//! A row that is not full yet is written again, as a whole, by each page that adds to it; [`OpenFacts`] is what it says so far.

use event_store::RecordedEvent;
use uuid::Uuid;

use super::pg_text::{Array, Lines};
use crate::facts::{DoorFact, Facts, HoldFact, SalesFact};

/// Events of a row. More make fewer rows of a show that sells much, and more to write again of one that sells a little at a time.
pub(crate) const EVENTS_OF_ROW: i64 = 16;

/// The arrays of `sales_facts`, in the order of their columns.
pub(super) const SALES: [&str; 22] = [
    "position",
    "happened_at",
    "order_id",
    "ticket",
    "status",
    "ticket_type",
    "channel",
    "price",
    "category",
    "section",
    "tickets",
    "voided",
    "persons",
    "gross",
    "cancelled",
    "tax",
    "paid",
    "refunded",
    "capacity",
    "held",
    "sold",
    "blocked",
];

/// Those of `door_facts`.
pub(super) const DOOR: [&str; 19] = [
    "position",
    "happened_at",
    "order_id",
    "ticket",
    "ticket_type",
    "channel",
    "category",
    "section",
    "gate",
    "area",
    "device",
    "reason",
    "admitted",
    "returned",
    "departed",
    "undone",
    "overridden",
    "refused",
    "came",
];

/// Those of `hold_facts`.
pub(super) const HOLDS: [&str; 14] = [
    "position",
    "happened_at",
    "hold",
    "order_id",
    "outcome",
    "ticket_type",
    "channel",
    "category",
    "section",
    "holds",
    "places",
    "value",
    "held",
    "blocked",
];

/// Rows of facts.
#[derive(Debug, Default)]
pub(crate) struct FactRows {
    pub sales: PartRows<{ SALES.len() }>,
    pub door: PartRows<{ DOOR.len() }>,
    pub holds: PartRows<{ HOLDS.len() }>,
}

/// Rows of one of their tables.
#[derive(Debug)]
pub(crate) struct PartRows<const COLUMNS: usize> {
    pub show: Vec<Uuid>,
    /// Which sixteen events of the show, from 0.
    pub part: Vec<i32>,
    pub organization: Vec<Uuid>,
    /// Of the first fact.
    pub first_position: Vec<i64>,
    pub columns: [Vec<Option<String>>; COLUMNS],
}

/// The facts of a show's last events, as far as their row is full.
#[derive(Debug, Default)]
pub(super) struct OpenFacts {
    show: Uuid,
    organization: Uuid,
    part: i64,
    sales: Part<{ SALES.len() }>,
    door: Part<{ DOOR.len() }>,
    holds: Part<{ HOLDS.len() }>,
}

#[derive(Debug)]
struct Part<const COLUMNS: usize> {
    first_position: i64,
    facts: usize,
    /// How many of them are in rows that are handed on.
    told: usize,
    columns: [Array; COLUMNS],
}

/// The last version of the rows before that of the next event behind a version.
pub(super) fn full_until(version: i64) -> i64 {
    version - version % EVENTS_OF_ROW
}

impl OpenFacts {
    /// Adds the facts of an event; a row that is full before it goes to `rows`.
    pub fn take(&mut self, event: &RecordedEvent, facts: Facts, rows: &mut FactRows) {
        let part = full_until(event.version - 1) / EVENTS_OF_ROW;
        if part != self.part || event.stream != self.show {
            self.tell(rows);
            *self = Self { show: event.stream, organization: event.organization, part, ..Self::default() };
        }
        for fact in facts.sales {
            self.sales.begin(event.position);
            self.sales.push(event.position, &fact);
        }
        for fact in facts.door {
            self.door.begin(event.position);
            self.door.push(event.position, &fact);
        }
        for fact in facts.holds {
            self.holds.begin(event.position);
            self.holds.push(event.position, &fact);
        }
    }

    /// Hands on what was added since it was last told.
    pub fn tell(&mut self, rows: &mut FactRows) {
        let of = (self.show, i32::try_from(self.part).unwrap_or(i32::MAX), self.organization);
        self.sales.tell(of, &mut rows.sales);
        self.door.tell(of, &mut rows.door);
        self.holds.tell(of, &mut rows.holds);
    }
}

impl<const COLUMNS: usize> Default for Part<COLUMNS> {
    fn default() -> Self {
        Self { first_position: 0, facts: 0, told: 0, columns: std::array::from_fn(|_| Array::default()) }
    }
}

impl<const COLUMNS: usize> Default for PartRows<COLUMNS> {
    fn default() -> Self {
        Self {
            show: Vec::new(),
            part: Vec::new(),
            organization: Vec::new(),
            first_position: Vec::new(),
            columns: std::array::from_fn(|_| Vec::new()),
        }
    }
}

impl<const COLUMNS: usize> Part<COLUMNS> {
    fn begin(&mut self, position: i64) {
        if self.facts == 0 {
            self.first_position = position;
        }
        self.facts += 1;
    }

    fn tell(&mut self, (show, part, organization): (Uuid, i32, Uuid), rows: &mut PartRows<COLUMNS>) {
        if self.told == self.facts {
            return;
        }
        self.told = self.facts;
        rows.show.push(show);
        rows.part.push(part);
        rows.organization.push(organization);
        rows.first_position.push(self.first_position);
        for (column, array) in rows.columns.iter_mut().zip(&self.columns) {
            column.push(array.so_far());
        }
    }
}

impl<const COLUMNS: usize> PartRows<COLUMNS> {
    /// For COPY.
    pub(super) fn lines(&self) -> Lines {
        let mut lines = Lines::default();
        for row in 0..self.show.len() {
            lines.id(self.show[row]).number(self.part[row]).id(self.organization[row]).number(self.first_position[row]);
            for column in &self.columns {
                lines.text(column[row].as_deref());
            }
            lines.end();
        }
        lines
    }
}

/// What did not change is null: it takes no room.
fn changed(figure: i64) -> Option<i64> {
    (figure != 0).then_some(figure)
}

impl Part<{ SALES.len() }> {
    fn push(&mut self, at: i64, fact: &SalesFact) {
        let [
            position,
            happened_at,
            order,
            ticket,
            status,
            ticket_type,
            channel,
            price,
            category,
            section,
            figures @ ..,
        ] = &mut self.columns;
        position.number(Some(at));
        happened_at.moment(fact.happened_at);
        order.id(fact.order);
        ticket.id(fact.ticket);
        status.word(fact.status);
        ticket_type.id(fact.sort.ticket_type);
        channel.word(fact.sort.channel);
        price.number(fact.price);
        category.word(fact.sort.category.as_deref());
        section.word(fact.sort.section.as_deref());
        let told = &fact.figures;
        let changes: [i64; 12] = [
            told.tickets,
            told.voided,
            told.persons,
            told.gross,
            told.cancelled,
            told.tax,
            told.paid,
            told.refunded,
            told.capacity,
            told.held,
            told.sold,
            told.blocked,
        ];
        figures.iter_mut().zip(changes).for_each(|(column, figure)| column.number(changed(figure)));
    }
}

impl Part<{ DOOR.len() }> {
    fn push(&mut self, at: i64, fact: &DoorFact) {
        let [
            position,
            happened_at,
            order,
            ticket,
            ticket_type,
            channel,
            category,
            section,
            gate,
            area,
            device,
            reason,
            figures @ ..,
        ] = &mut self.columns;
        position.number(Some(at));
        happened_at.moment(fact.happened_at);
        order.id(fact.order);
        ticket.id(fact.ticket);
        ticket_type.id(fact.sort.ticket_type);
        channel.word(fact.sort.channel);
        category.word(fact.sort.category.as_deref());
        section.word(fact.sort.section.as_deref());
        gate.word(fact.gate.as_deref());
        area.word(fact.area.as_deref());
        device.id(fact.device);
        reason.word(fact.reason.as_deref());
        let changes: [i64; 7] =
            [fact.admitted, fact.returned, fact.departed, fact.undone, fact.overridden, fact.refused, fact.came];
        figures.iter_mut().zip(changes).for_each(|(column, figure)| column.number(changed(figure)));
    }
}

impl Part<{ HOLDS.len() }> {
    fn push(&mut self, at: i64, fact: &HoldFact) {
        let [position, happened_at, hold, order, outcome, ticket_type, channel, category, section, figures @ ..] =
            &mut self.columns;
        position.number(Some(at));
        happened_at.moment(fact.happened_at);
        hold.id(Some(fact.hold));
        order.id(fact.order);
        outcome.word(fact.outcome);
        ticket_type.id(fact.sort.ticket_type);
        channel.word(fact.sort.channel);
        category.word(fact.sort.category.as_deref());
        section.word(fact.sort.section.as_deref());
        let changes: [i64; 5] = [fact.holds, fact.places, fact.value, fact.held, fact.blocked];
        figures.iter_mut().zip(changes).for_each(|(column, figure)| column.number(changed(figure)));
    }
}
