//! A standing festival of two days for 5,000 people a day. A day ticket takes from its day's quota, a weekend ticket
//! from both, a group ticket for four people takes four; the ground counts entries by the day.

use chrono::Weekday;
use commands::{adopt_seating::AdoptSeating, set_door::SetDoor};
use domain::{
    door::{Area, CodeRule, DoorRules, Gate, HolderRule, Per, Reentry},
    events::Schedule,
    seating::{Room, Seating, Section},
    ticket_type::{Persons, Prices, TicketTypeTerms, Validity},
};

use super::{Demo, Planned, terms};

pub(super) async fn fill(demo: &Demo<'_>) -> anyhow::Result<()> {
    // A Friday about two months from now.
    let friday = (60..67).find(|days| demo.weekday(*days) == Weekday::Fri).unwrap_or(60);
    let show = demo
        .schedule(Planned {
            name: "Riverside Festival",
            description: "Two days of music by the river. Friday and Saturday, or both.",
            venue: "Riverside Park",
            address: "Uferweg 1, 99092 Erfurt",
            latitude_e7: 509_700_000,
            longitude_e7: 110_300_000,
            schedule: Schedule {
                doors_at: Some(demo.at(friday, 12, 0)?),
                starts_at: demo.at(friday, 14, 0)?,
                ends_at: Some(demo.at(friday + 1, 23, 30)?),
            },
        })
        .await?;
    // Two days of 5,000: the quotas below are what keeps each day to its number.
    let ground = Section { name: "Festival ground".to_owned().try_into()?, room: Room::Standing(10_000) };
    let seating = Seating::new(vec![ground]).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    demo.ask(show, AdoptSeating { seating }).await?;
    let friday_pool = demo.add_pool(show, "Friday", 5_000).await?;
    let saturday_pool = demo.add_pool(show, "Saturday", 5_000).await?;
    demo.ask(show, SetDoor { rules: door()? }).await?;
    let flat = |price: i64| -> anyhow::Result<Prices> { Ok(Prices::Flat(price.try_into()?)) };
    let saturday_morning = demo.at(friday + 1, 5, 0)?;
    let on_friday = TicketTypeTerms {
        pools: vec![friday_pool],
        valid: Validity { from: None, until: Some(saturday_morning) },
        ..terms("Friday", flat(5_900)?)?
    };
    let on_saturday = TicketTypeTerms {
        pools: vec![saturday_pool],
        valid: Validity { from: Some(saturday_morning), until: None },
        ..terms("Saturday", flat(6_900)?)?
    };
    let weekend = TicketTypeTerms { pools: vec![friday_pool, saturday_pool], ..terms("Weekend", flat(10_900)?)? };
    let group = TicketTypeTerms {
        pools: vec![friday_pool, saturday_pool],
        persons: Persons::try_from(4)?,
        ..terms("Weekend for four", flat(39_900)?)?
    };
    let mut types = Vec::new();
    for ticket_type in [on_friday, on_saturday, weekend, group] {
        types.push(demo.add_type(show, ticket_type).await?);
    }
    demo.publish(show).await?;
    for (ticket_type, quantity) in types.into_iter().zip([180, 240, 320, 20]) {
        demo.sell(show, ticket_type, quantity).await?;
    }
    Ok(())
}

fn door() -> anyhow::Result<DoorRules> {
    let area = Area { name: "Ground".try_into()?, limit: Some(5_000), reentry: Reentry::AfterExit, per: Per::Day };
    let gate = |name: &str| -> anyhow::Result<Gate> {
        Ok(Gate { name: name.try_into()?, area: area.name.clone(), sections: None, ticket_types: None })
    };
    Ok(DoorRules {
        gates: vec![gate("North gate")?, gate("River gate")?],
        areas: vec![area.clone()],
        opens_before_seconds: 0,
        codes: CodeRule::Admit,
        holder: HolderRule::Initials,
    })
}
