//! A play in a small theatre: eight rows with an aisle, a wheelchair place. It is on tonight, so that its door can be
//! tried at once; some of its visitors are in.

use chrono::TimeDelta;
use commands::{
    adopt_seating::AdoptSeating,
    check_in::{CheckIn, Shown},
};
use domain::{
    door::Direction,
    events::Schedule,
    ids::{ScanId, TicketId},
    seating::{Feature, Room, Row, Seat, Seating, Section},
    ticket_type::{Capacity, Prices, TicketTypeTerms},
};

use super::{Demo, Planned, by_category, terms};

/// Rows in front, which cost more.
const FRONT_ROWS: u32 = 3;
const ROWS: u32 = 8;
const SEATS_A_SIDE: u32 = 6;

pub(super) async fn fill(demo: &Demo<'_>) -> anyhow::Result<()> {
    // In about two hours, on the quarter.
    let quarter = 15 * 60;
    let seconds = (demo.now.timestamp() / quarter + 1) * quarter;
    let this_quarter = chrono::DateTime::from_timestamp(seconds, 0).unwrap_or(demo.now);
    let starts_at = this_quarter + TimeDelta::hours(2);
    let show = demo
        .schedule(Planned {
            name: "The Tempest",
            description: "William Shakespeare's last play, in the small house. Two hours, no interval.",
            venue: "Kleines Haus",
            address: "Theaterplatz 1, 99084 Erfurt",
            latitude_e7: 509_800_000,
            longitude_e7: 110_200_000,
            schedule: Schedule {
                doors_at: Some(this_quarter - TimeDelta::minutes(15)),
                starts_at,
                ends_at: Some(starts_at + TimeDelta::hours(2)),
            },
        })
        .await?;
    demo.ask(show, AdoptSeating { seating: seating()? }).await?;
    let regular = demo.add_type(show, terms("Regular", by_category(&[("Front", 3_600), ("Rear", 2_600)])?)?).await?;
    let reduced = demo.add_type(show, terms("Students", by_category(&[("Front", 1_800), ("Rear", 1_300)])?)?).await?;
    let companion =
        TicketTypeTerms { capacity: Some(Capacity::try_from(4)?), ..terms("Companion", Prices::Flat(0.try_into()?))? };
    demo.add_type(show, companion).await?;
    demo.publish(show).await?;
    let mut tickets = Vec::new();
    for party in [2, 2, 4, 1, 2, 3] {
        tickets.extend(demo.sell(show, regular, party).await?);
    }
    tickets.extend(demo.sell(show, reduced, 5).await?);
    for ticket in tickets.into_iter().take(7) {
        demo.ask(show, admit(demo, ticket)).await?;
    }
    Ok(())
}

fn admit(demo: &Demo<'_>, ticket: TicketId) -> CheckIn {
    CheckIn {
        scan: ScanId(demo.ids.next()),
        shown: Shown::Ticket(ticket),
        direction: Direction::In,
        gate: None,
        area: None,
        persons: None,
        device: None,
        scanned_at: None,
        override_reason: None,
        offline: None,
    }
}

fn seating() -> anyhow::Result<Seating> {
    let mut rows = Vec::new();
    for row in 1..=ROWS {
        let mut seats = Vec::new();
        for seat in 1..=2 * SEATS_A_SIDE {
            if seat == SEATS_A_SIDE + 1 {
                seats.push(None);
            }
            let wheelchair = row == ROWS && seat <= 2;
            seats.push(Some(Seat {
                seat: seat.to_string().try_into()?,
                x_milli: None,
                y_milli: None,
                category: Some(if row <= FRONT_ROWS { "Front" } else { "Rear" }.try_into()?),
                features: if wheelchair { vec![Feature::Accessible] } else { Vec::new() },
            }));
        }
        rows.push(Row { label: row.to_string().try_into()?, seats });
    }
    let stalls = Section { name: "Stalls".to_owned().try_into()?, room: Room::Seated(rows) };
    Seating::new(vec![stalls]).map_err(|errors| anyhow::anyhow!("{errors:?}"))
}
