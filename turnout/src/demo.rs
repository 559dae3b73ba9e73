//! Shows to try: a handball match in a real hall with prices by category, a standing festival of two days with a quota
//! for each, and a play tonight in a small theatre, with some of its visitors in already.
//!
//! Only an empty installation is filled. Everything goes through desks, as everybody's commands do.

mod festival;
mod handball;
mod theatre;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Datelike as _, NaiveTime, TimeDelta, TimeZone as _, Utc, Weekday};
use commands::{
    ShowCommand,
    allocation::{ItemRequest, PlacesRequest, Quantity},
    desk::{Desks, Outcome, Submission},
    issue_ticket::{IssueTicket, Settlement},
    publish_show::PublishShow,
    schedule_show::{HOLD_SECONDS, PAY_WITHIN_SECONDS, ScheduleShow},
};
use domain::{
    ShowEvent,
    events::{Schedule, Venue},
    ids::{PoolId, ShowId, TicketId, TicketTypeId},
    money::{Tax, TaxRate},
    ticket_type::{CategoryPrice, Channel, Entries, Persons, Prices, SalesWindow, TicketTypeTerms, Validity},
    time::Zone,
};
use event_store::{Clock, Ids, Log};
use uuid::Uuid;

/// Fills an empty installation with shows to try.
pub async fn fill(
    desks: &Desks,
    log: &Log,
    organization: Uuid,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> anyhow::Result<()> {
    if log.has_shows().await? {
        return Ok(());
    }
    let zone = Zone::try_from("Europe/Berlin".to_owned())?;
    let demo = Demo { desks, organization, ids, now: clock.now(), zone };
    handball::fill(&demo).await.context("the demo's match could not be made")?;
    festival::fill(&demo).await.context("the demo's festival could not be made")?;
    theatre::fill(&demo).await.context("the demo's play could not be made")?;
    tracing::info!("filled with shows to try");
    Ok(())
}

/// Who fills.
struct Demo<'a> {
    desks: &'a Desks,
    organization: Uuid,
    ids: &'a dyn Ids,
    now: DateTime<Utc>,
    zone: Zone,
}

/// What a show of the demo is.
struct Planned {
    name: &'static str,
    description: &'static str,
    venue: &'static str,
    address: &'static str,
    latitude_e7: i32,
    longitude_e7: i32,
    schedule: Schedule,
}

impl Demo<'_> {
    /// A time of day, so many days from today, in the shows' zone.
    fn at(&self, days: i64, hour: u32, minute: u32) -> anyhow::Result<DateTime<Utc>> {
        let day = self.zone.day(self.now) + TimeDelta::days(days);
        let time = NaiveTime::from_hms_opt(hour, minute, 0).context("no such time of day")?;
        let local = self.zone.tz().from_local_datetime(&day.and_time(time)).earliest();
        Ok(local.context("the clock skips this hour on that day")?.with_timezone(&Utc))
    }

    /// The day of the week, so many days from today, in the shows' zone.
    fn weekday(&self, days: i64) -> Weekday {
        (self.zone.day(self.now) + TimeDelta::days(days)).weekday()
    }

    async fn ask(&self, show: ShowId, command: impl Into<ShowCommand>) -> anyhow::Result<Outcome> {
        let id = self.ids.next();
        let submission = Submission {
            command: command.into(),
            organization: Some(self.organization),
            vault: Vec::new(),
            command_id: id,
            request_hmac: None,
            correlation: id,
            actor: "demo".to_owned(),
            device: None,
            device_gates: None,
            may_override: true,
            channel: Channel::BoxOffice,
            staff: true,
            manager: true,
        };
        match self.desks.submit(show, submission).await {
            Ok(outcome) => Ok(outcome),
            Err(commands::desk::DeskError::Rejected(rejection)) => bail!("rejected: {rejection:?}"),
            Err(error) => Err(error.into()),
        }
    }

    async fn schedule(&self, planned: Planned) -> anyhow::Result<ShowId> {
        let show = ShowId(self.ids.next());
        let command = ScheduleShow {
            show,
            name: planned.name.try_into()?,
            description: planned.description.try_into()?,
            venue: Venue {
                name: planned.venue.try_into()?,
                address: planned.address.try_into()?,
                latitude_e7: Some(planned.latitude_e7),
                longitude_e7: Some(planned.longitude_e7),
            },
            timezone: self.zone,
            schedule: planned.schedule,
            currency: "EUR".to_owned().try_into()?,
            sales: SalesWindow::default(),
            hold_seconds: HOLD_SECONDS,
            pay_within_seconds: PAY_WITHIN_SECONDS,
            code_length: None,
            door: None,
        };
        self.ask(show, command).await?;
        Ok(show)
    }

    async fn publish(&self, show: ShowId) -> anyhow::Result<()> {
        self.ask(show, PublishShow).await?;
        Ok(())
    }

    /// Adds a ticket type and says its id.
    async fn add_type(&self, show: ShowId, terms: TicketTypeTerms) -> anyhow::Result<TicketTypeId> {
        let outcome = self.ask(show, commands::add_ticket_type::AddTicketType { terms }).await?;
        match &outcome.events[..] {
            [ShowEvent::TicketTypeAdded(event)] => Ok(event.ticket_type),
            _ => bail!("no ticket type was added"),
        }
    }

    /// Adds a quota and says its id.
    async fn add_pool(&self, show: ShowId, name: &str, capacity: u32) -> anyhow::Result<PoolId> {
        let command = commands::add_pool::AddPool { name: name.try_into()?, capacity: capacity.try_into()? };
        let outcome = self.ask(show, command).await?;
        match &outcome.events[..] {
            [ShowEvent::PoolAdded(event)] => Ok(event.pool),
            _ => bail!("no pool was added"),
        }
    }

    /// Sells the best places for cash and says which tickets came of it.
    async fn sell(&self, show: ShowId, ticket_type: TicketTypeId, quantity: u32) -> anyhow::Result<Vec<TicketId>> {
        let places = PlacesRequest::Best { quantity: Quantity::try_from(quantity)?, category: None, section: None };
        let command = IssueTicket {
            items: vec![ItemRequest { ticket_type, places, from_block: None }],
            customer: None,
            holders: Vec::new(),
            settlement: Settlement::Paid { method: "cash".to_owned().try_into()?, reference: None },
        };
        let outcome = self.ask(show, command).await?;
        let tickets = outcome.events.iter().filter_map(|event| match event {
            ShowEvent::TicketIssued(event) => Some(event.ticket),
            _ => None,
        });
        Ok(tickets.collect())
    }
}

/// A ticket type with nothing special about it: one person, one entry, 7 % tax included.
fn terms(name: &str, prices: Prices) -> anyhow::Result<TicketTypeTerms> {
    Ok(TicketTypeTerms {
        name: name.try_into()?,
        prices,
        sections: None,
        categories: None,
        pools: Vec::new(),
        capacity: None,
        persons: Persons::try_from(1)?,
        max_per_order: 10,
        min_per_order: 1,
        sales: SalesWindow::default(),
        channels: None,
        areas: None,
        entries: Entries::Times(1),
        valid: Validity::default(),
        tax: Some(Tax { rate_bps: TaxRate::try_from(700)?, included: true }),
    })
}

fn by_category(prices: &[(&str, i64)]) -> anyhow::Result<Prices> {
    let price = |(category, price): &(&str, i64)| -> anyhow::Result<CategoryPrice> {
        Ok(CategoryPrice { category: (*category).try_into()?, price: (*price).try_into()? })
    };
    Ok(Prices::ByCategory(prices.iter().map(price).collect::<Result<_, _>>()?))
}
