//! What is on sale, and how much of it is left.

use serde::{Deserialize, Serialize};

use crate::{
    door::Area,
    ids::TicketTypeId,
    place::SectionName,
    show::Show,
    text::Category,
    ticket_type::{Channel, SalesWindow, TicketType},
    time::Time,
};

/// Where sales rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    /// On every channel.
    pub all: bool,
    /// On these.
    pub channels: Vec<Channel>,
}

impl Paused {
    /// Whether sales rest on a channel.
    pub fn on(&self, channel: Channel) -> bool {
        self.all || self.channels.contains(&channel)
    }
}

/// How a show stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShowStatus {
    /// Only staff see it.
    Draft,
    /// Everybody sees it.
    Published,
    /// Sales rest on every channel.
    Paused,
    /// Sales are over.
    Closed,
    /// It does not take place.
    Cancelled,
}

impl ShowStatus {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Paused => "paused",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why something is not on sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOnSale {
    /// The show does not take place.
    Cancelled,
    /// It is not published.
    Draft,
    /// Sales rest.
    Paused,
    /// Sales are over.
    Closed,
    /// Sales begin at this moment.
    NotYet(Time),
    /// Sales ended at this moment.
    NoLonger(Time),
    /// The ticket type is not sold on this channel.
    Channel,
}

impl Show {
    /// How it stands.
    pub fn status(&self) -> ShowStatus {
        if self.cancelled {
            ShowStatus::Cancelled
        } else if self.code_length.is_none() {
            ShowStatus::Draft
        } else if self.closed {
            ShowStatus::Closed
        } else if self.paused.all {
            ShowStatus::Paused
        } else {
            ShowStatus::Published
        }
    }

    /// Its sales window with its default end: when it ends, else when it starts.
    pub fn sales_window(&self) -> SalesWindow {
        let end = self.schedule.ends_at.unwrap_or(self.schedule.starts_at);
        SalesWindow { opens_at: self.sales.opens_at, closes_at: Some(self.sales.closes_at.unwrap_or(end)) }
    }

    /// Whether a type can be bought now on a channel. Staff are not bound by the sales windows.
    pub fn on_sale(&self, ticket_type: &TicketType, now: Time, channel: Channel, staff: bool) -> Result<(), NotOnSale> {
        self.open_for_sale(channel)?;
        if ticket_type.terms.channels.as_ref().is_some_and(|channels| !channels.contains(&channel)) {
            return Err(NotOnSale::Channel);
        }
        if staff {
            return Ok(());
        }
        for window in [self.sales_window(), ticket_type.terms.sales] {
            if let Some(opens) = window.opens_at.filter(|opens| now < *opens) {
                return Err(NotOnSale::NotYet(opens));
            }
            if let Some(closes) = window.closes_at.filter(|closes| now >= *closes) {
                return Err(NotOnSale::NoLonger(closes));
            }
        }
        Ok(())
    }

    fn open_for_sale(&self, channel: Channel) -> Result<(), NotOnSale> {
        match self.status() {
            ShowStatus::Cancelled => Err(NotOnSale::Cancelled),
            ShowStatus::Draft => Err(NotOnSale::Draft),
            ShowStatus::Closed => Err(NotOnSale::Closed),
            ShowStatus::Paused => Err(NotOnSale::Paused),
            ShowStatus::Published if self.paused.on(channel) => Err(NotOnSale::Paused),
            ShowStatus::Published => Ok(()),
        }
    }

    /// Free places (persons) that a type opens: everywhere, in one section, of one category.
    pub fn free_places(
        &self,
        ticket_type: &TicketType,
        section: Option<&SectionName>,
        category: Option<&Category>,
    ) -> u32 {
        self.tallies(ticket_type)
            .filter(|(name, of, _)| {
                section.is_none_or(|section| section == *name) && category.is_none_or(|category| Some(category) == *of)
            })
            .map(|(_, _, tally)| tally.free())
            .sum()
    }

    /// All places (persons) that a type opens; none in a show without a seating.
    pub fn capacity_of_places(&self, ticket_type: &TicketType) -> Option<u32> {
        self.seating.as_ref()?;
        Some(self.tallies(ticket_type).map(|(_, _, tally)| tally.capacity).sum())
    }

    fn tallies<'a>(
        &'a self,
        ticket_type: &'a TicketType,
    ) -> impl Iterator<Item = (&'a SectionName, Option<&'a Category>, &'a super::Tally)> {
        let terms = &ticket_type.terms;
        let persons = u32::from(terms.persons);
        self.places
            .sections()
            .iter()
            .filter(move |section| terms.opens_section(&section.name) && (persons == 1 || !section.is_seated()))
            .flat_map(|section| section.tallies.iter().map(move |(c, tally)| (&section.name, c.as_ref(), tally)))
            .filter(move |(_, category, _)| terms.price_of(*category).is_some())
    }

    /// How many more tickets of a type can be sold: by its capacity, its pools and its places.
    pub fn available(&self, ticket_type: &TicketType) -> u32 {
        let persons = u32::from(ticket_type.terms.persons).max(1);
        let by_places = self.seating.is_some().then(|| self.free_tickets(ticket_type, persons));
        [self.left_of_type(ticket_type), by_places]
            .into_iter()
            .flatten()
            .chain(self.left_in_pools(ticket_type).map(|(_, left)| left / persons))
            .min()
            .unwrap_or(0)
    }

    /// Tickets of a type that its places have room for: a group stands in one section.
    fn free_tickets(&self, ticket_type: &TicketType, persons: u32) -> u32 {
        self.tallies(ticket_type).map(|(_, _, tally)| tally.free() / persons).sum()
    }

    /// Tickets left of a type by its own capacity.
    pub fn left_of_type(&self, ticket_type: &TicketType) -> Option<u32> {
        let capacity = u32::from(ticket_type.terms.capacity?);
        Some(capacity.saturating_sub(ticket_type.held + ticket_type.sold))
    }

    /// Persons left in each of a type's pools.
    pub fn left_in_pools<'a>(
        &'a self,
        ticket_type: &'a TicketType,
    ) -> impl Iterator<Item = (&'a crate::ticket_type::Pool, u32)> {
        ticket_type.terms.pools.iter().filter_map(|id| self.pools.get(id)).map(|pool| (pool, pool.left()))
    }

    /// The most tickets of a type there can ever be, as far as anything bounds it.
    pub fn capacity_of(&self, ticket_type: &TicketType) -> u32 {
        let persons = u32::from(ticket_type.terms.persons).max(1);
        [ticket_type.terms.capacity.map(u32::from), self.capacity_of_places(ticket_type).map(|places| places / persons)]
            .into_iter()
            .flatten()
            .chain(
                ticket_type
                    .terms
                    .pools
                    .iter()
                    .filter_map(|id| self.pools.get(id))
                    .map(|p| u32::from(p.capacity) / persons),
            )
            .min()
            .unwrap_or(0)
    }

    /// The most tickets that the whole show can have: what the length of its codes is found from.
    pub fn capacity(&self) -> u32 {
        match &self.seating {
            Some(seating) => seating.seat_count().saturating_add(seating.standing_count()),
            None => self.ticket_types.values().map(|t| self.capacity_of(t)).fold(0, u32::saturating_add),
        }
    }

    /// A ticket type by its id.
    pub fn ticket_type(&self, id: TicketTypeId) -> Option<&TicketType> {
        self.ticket_types.get(&id)
    }

    /// Whether a type admits to an area.
    pub fn admits_to(&self, ticket_type: &TicketType, area: &Area) -> bool {
        ticket_type.terms.areas.as_ref().is_none_or(|areas| areas.contains(&area.name))
    }
}
