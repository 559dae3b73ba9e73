//! What the history can be asked, and what is wrong with it where it cannot.

use domain::ValueError;
use projections::{history::HistoryFilter, queries::Page};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::super::changes::After;
use crate::{
    extract::{Cursor, Limit, Moment, SearchText},
    problem::Problem,
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::queries) struct HistoryParams {
    /// Of this show's stream alone, by its id.
    show: Option<Uuid>,
    /// Of this stream: a show's or an organization's id.
    stream: Option<Uuid>,
    /// Of this type, such as `TicketIssued`.
    #[serde(rename = "type")]
    #[param(rename = "type", value_type = Option<String>)]
    event_type: Option<SearchText>,
    /// Of this actor.
    #[param(value_type = Option<String>)]
    actor: Option<SearchText>,
    /// Of this device.
    device: Option<Uuid>,
    /// That are about this person.
    person: Option<Uuid>,
    /// That follow from one request.
    correlation: Option<Uuid>,
    /// That touched this seat, by its address, of the show that `show` names.
    #[param(value_type = Option<String>)]
    seat: Option<SearchText>,
    /// That touched this ticket, by its id.
    ticket: Option<Uuid>,
    /// That touched this order, by its id, or its tickets.
    order: Option<Uuid>,
    /// That touched this hold.
    hold: Option<Uuid>,
    /// That touched this block, or places held or sold from it.
    block: Option<Uuid>,
    /// Of this look at a ticket.
    scan: Option<Uuid>,
    /// Behind this position.
    #[param(value_type = Option<i64>, minimum = 0)]
    after: Option<After>,
    /// Before this position.
    #[param(value_type = Option<i64>, minimum = 0)]
    before: Option<After>,
    /// Recorded then or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Moment>,
    /// Recorded before.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Moment>,
    /// As what it is answered: a page, or everything that fits, one event a line.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// At most so many items; not with `format=ndjson`.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// The `next` of the page before; not with `format=ndjson`.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Json,
    Ndjson,
}

/// What is asked for: a page of it, or all.
pub(super) struct Asked {
    pub filter: HistoryFilter,
    /// None: everything that fits.
    pub page: Option<Page>,
}

impl HistoryParams {
    /// What is asked for, of what a credential reaches.
    pub(super) fn asked(self, reach: Option<Vec<Uuid>>) -> Result<Asked, Problem> {
        let mut subjects: Vec<Uuid> =
            [self.person, self.ticket, self.order, self.hold, self.block, self.scan].into_iter().flatten().collect();
        match (self.seat, self.show) {
            (Some(seat), Some(show)) => subjects.push(HistoryFilter::seat(show, &seat.0)),
            (Some(_), None) => {
                return Err(Problem::invalid_at("/seat", "is a seat of a show; send the show's id as `show`, too"));
            }
            (None, _) => {}
        }
        let page = match self.format {
            Format::Json => Some(super::super::page(self.limit.unwrap_or_default(), self.cursor)),
            Format::Ndjson => {
                let all = "is not taken together with format=ndjson, which answers everything that fits";
                if self.limit.is_some() {
                    return Err(Problem::invalid_at("/limit", all));
                }
                if self.cursor.is_some() {
                    return Err(Problem::invalid_at("/cursor", all));
                }
                None
            }
        };
        let filter = HistoryFilter {
            show: self.show,
            stream: self.stream,
            event_type: self.event_type.map(|text| text.0),
            actor: self.actor.map(|text| text.0),
            device: self.device,
            correlation: self.correlation,
            subjects,
            after: self.after.map(|after| after.0),
            before: self.before.map(|before| before.0),
            from: self.from.map(|from| from.0),
            to: self.to.map(|to| to.0),
            reach,
        };
        Ok(Asked { filter, page })
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::queries) struct TimelineParams {
    /// The show, by its id.
    pub(super) show: Uuid,
    /// Into at most so many equal parts of time.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000, default = 200)]
    pub(super) buckets: Buckets,
}

/// How many parts a timeline has.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "u16")]
pub(super) struct Buckets(pub u16);

impl Default for Buckets {
    fn default() -> Self {
        Self(200)
    }
}

impl TryFrom<u16> for Buckets {
    type Error = ValueError;

    fn try_from(buckets: u16) -> Result<Self, ValueError> {
        if (1..=1000).contains(&buckets) {
            Ok(Self(buckets))
        } else {
            Err(ValueError("must be from 1 to 1000".to_owned()))
        }
    }
}
