//! A handball match in the Riethsporthalle Erfurt: 1,231 seats in six blocks, three categories.
//!
//! The seating is the hall's own, in pretix's seating-plan format, as a seller would upload it.

use commands::adopt_seating::AdoptSeating;
use domain::events::Schedule;

use super::{Demo, Planned, by_category, terms};

const PLAN: &str = include_str!("riethsporthalle.pretix.json");

pub(super) async fn fill(demo: &Demo<'_>) -> anyhow::Result<()> {
    let show = demo
        .schedule(Planned {
            name: "Thüringer HC – Cup Final",
            description: "The final of the cup. Doors open an hour before the throw-off.",
            venue: "Riethsporthalle",
            address: "Essener Straße 20, 99089 Erfurt",
            latitude_e7: 510_060_000,
            longitude_e7: 110_170_000,
            schedule: Schedule {
                doors_at: Some(demo.at(21, 17, 0)?),
                starts_at: demo.at(21, 18, 0)?,
                ends_at: Some(demo.at(21, 20, 0)?),
            },
        })
        .await?;
    let seating = api::commands::seating_from_pretix(PLAN)
        .map_err(|errors| anyhow::anyhow!("the hall's plan is not valid: {errors:?}"))?;
    demo.ask(show, AdoptSeating { seating }).await?;
    let prices = by_category(&[("Kategorie I", 2_800), ("Kategorie II", 2_200), ("VIP", 6_500)])?;
    let regular = demo.add_type(show, terms("Regular", prices)?).await?;
    let prices = by_category(&[("Kategorie I", 2_000), ("Kategorie II", 1_500)])?;
    let reduced = demo.add_type(show, terms("Reduced", prices)?).await?;
    demo.publish(show).await?;
    for party in [2, 4, 2, 3, 1, 5, 2, 6, 2, 4] {
        demo.sell(show, regular, party).await?;
    }
    for party in [2, 3, 1] {
        demo.sell(show, reduced, party).await?;
    }
    Ok(())
}
