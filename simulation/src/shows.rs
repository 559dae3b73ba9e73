//! The shows that are sold in a run: small ones, which sell out, and now and then a large one, of which snapshots are kept.

use chrono::{DateTime, TimeDelta, Utc};
use commands::{
    ShowCommand,
    add_ticket_type::AddTicketType,
    adopt_seating::AdoptSeating,
    allocation::ItemRequest,
    desk::{DeskError, Desks, Submission},
    issue_ticket::{IssueTicket, Settlement},
    publish_show::PublishShow,
    schedule_show::ScheduleShow,
};
use domain::{
    ShowEvent, ValueError,
    events::{Schedule, Venue},
    ids::{DeviceId, ShowId, TicketTypeId},
    place::{RowLabel, SeatAddress, SeatLabel, SectionName},
    seating::{Room, Row, Seat, Seating, Section},
    ticket_type::{Channel, Entries, Persons, Prices, SalesWindow, TicketTypeTerms, Validity},
};
use uuid::Uuid;

use crate::{chance::Chance, clients::best};

const SECTION: &str = "Main";

/// What a show has to sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hall {
    /// Rows of as many seats.
    Seats(u32, u32),
    /// Room for so many.
    Standing(u32),
}

/// A published show.
#[derive(Debug, Clone)]
pub struct Sold {
    pub show: ShowId,
    pub ticket_type: TicketTypeId,
    pub hall: Hall,
}

impl Hall {
    pub fn capacity(self) -> u32 {
        match self {
            Self::Seats(rows, seats) => rows * seats,
            Self::Standing(persons) => persons,
        }
    }

    /// The addresses of its seats.
    pub fn seats(self) -> Vec<SeatAddress> {
        let Self::Seats(rows, seats) = self else { return Vec::new() };
        (1..=rows)
            .flat_map(|row| (1..=seats).map(move |seat| format!("{SECTION}-{row}-{seat}")))
            .filter_map(|address| SeatAddress::try_from(address).ok())
            .collect()
    }

    fn seating(self) -> Result<Seating, ValueError> {
        let seat = |number: u32| {
            let seat = SeatLabel::try_from(number.to_string())?;
            Ok(Some(Seat { seat, x_milli: None, y_milli: None, category: None, features: Vec::new() }))
        };
        let row = |number: u32, seats: u32| {
            Ok(Row {
                label: RowLabel::try_from(number.to_string())?,
                seats: (1..=seats).map(seat).collect::<Result<_, ValueError>>()?,
            })
        };
        let room = match self {
            Self::Seats(rows, seats) => {
                Room::Seated((1..=rows).map(|number| row(number, seats)).collect::<Result<_, ValueError>>()?)
            }
            Self::Standing(persons) => Room::Standing(persons),
        };
        let section = Section { name: SectionName::try_from(SECTION.to_owned())?, room };
        Seating::new(vec![section]).map_err(|errors| ValueError(format!("{errors:?}")))
    }
}

/// What a seller asks, with a key of its own.
pub fn submission(chance: &Chance, organization: Uuid, command: impl Into<ShowCommand>) -> Submission {
    let command = command.into();
    let scan = matches!(command, ShowCommand::CheckIn(_));
    let id = match &command {
        ShowCommand::CheckIn(scan) => scan.scan.0,
        _ => chance.id(),
    };
    Submission {
        command,
        organization: Some(organization),
        vault: Vec::new(),
        command_id: id,
        request_hmac: (!scan).then_some([1; 32]),
        correlation: id,
        actor: "simulation".to_owned(),
        device: Some(DeviceId(Uuid::from_u128(1))),
        device_gates: None,
        may_override: true,
        channel: Channel::BoxOffice,
        staff: true,
        manager: true,
    }
}

/// Plans and publishes one, while nothing breaks.
pub async fn publish(
    desks: &Desks,
    chance: &Chance,
    organization: Uuid,
    hall: Hall,
    now: DateTime<Utc>,
) -> Result<Sold, String> {
    let show = ShowId(chance.id());
    let typed = |error: ValueError| format!("a show cannot be written down: {}", error.0);
    let refused = |error: DeskError| format!("a show cannot be planned: {error}");
    let plan: Vec<ShowCommand> = vec![
        schedule(show, now).map_err(typed)?.into(),
        AdoptSeating { seating: hall.seating().map_err(typed)? }.into(),
        AddTicketType { terms: terms().map_err(typed)? }.into(),
        PublishShow.into(),
    ];
    let mut ticket_type = None;
    for command in plan {
        let outcome = desks.submit(show, submission(chance, organization, command)).await.map_err(refused)?;
        if let [ShowEvent::TicketTypeAdded(added)] = &outcome.events[..] {
            ticket_type = Some(added.ticket_type);
        }
    }
    Ok(Sold { show, ticket_type: ticket_type.ok_or("no ticket type was added")?, hall })
}

/// Sells half of it, so that its history is worth a snapshot.
pub async fn fill(desks: &Desks, chance: &Chance, organization: Uuid, sold: &Sold) -> Result<(), String> {
    for _ in 0..6 {
        let items = vec![ItemRequest { ticket_type: sold.ticket_type, places: best(100), from_block: None }];
        let method = "cash".to_owned().try_into().map_err(|error: ValueError| error.0)?;
        let settlement = Settlement::Paid { method, reference: None };
        let sale = IssueTicket { items, customer: None, holders: Vec::new(), settlement };
        let sale = desks.submit(sold.show, submission(chance, organization, sale)).await;
        sale.map_err(|error| format!("nothing can be sold: {error}"))?;
    }
    Ok(())
}

fn schedule(show: ShowId, now: DateTime<Utc>) -> Result<ScheduleShow, ValueError> {
    let venue = Venue { name: "Hall".try_into()?, address: "".try_into()?, latitude_e7: None, longitude_e7: None };
    Ok(ScheduleShow {
        show,
        name: "Concert".try_into()?,
        description: "".try_into()?,
        venue,
        timezone: "Europe/Berlin".to_owned().try_into()?,
        schedule: Schedule { doors_at: None, starts_at: now + TimeDelta::days(30), ends_at: None },
        currency: "EUR".to_owned().try_into()?,
        sales: SalesWindow::default(),
        hold_seconds: 600,
        pay_within_seconds: 1_200,
        code_length: None,
        door: None,
    })
}

fn terms() -> Result<TicketTypeTerms, ValueError> {
    Ok(TicketTypeTerms {
        name: "Regular".try_into()?,
        prices: Prices::Flat(2_500.try_into()?),
        sections: None,
        categories: None,
        pools: Vec::new(),
        capacity: None,
        persons: Persons::try_from(1)?,
        max_per_order: 1_000,
        min_per_order: 1,
        sales: SalesWindow::default(),
        channels: None,
        areas: None,
        entries: Entries::Times(1),
        valid: Validity::default(),
        tax: None,
    })
}
