//! What a report can be asked, and what is wrong with it where it cannot.

use chrono::{DateTime, FixedOffset, Utc};
use domain::ValueError;
use projections::reports::{Moment as AsOf, Report, ReportEvents, Unit};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    extract::{Cursor, Limit, Moment, SearchText},
    problem::Problem,
};

/// More than an organization compares, and little enough for an address.
const SHOWS_MAX: usize = 200;

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReportParams {
    /// Of these shows, by their ids, separated by commas; by default of all.
    #[param(value_type = Option<String>)]
    show: Option<Shows>,
    /// Of what happened then or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Moment>,
    /// Of what happened before.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Moment>,
    /// As things stood then, by all that was recorded until this time.
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
    /// The same by all up to this position of the log; not together with `as_of`.
    #[param(value_type = Option<u64>, minimum = 0)]
    at: Option<u64>,
    /// What its rows are broken down by: dimensions of this report, separated by commas.
    #[param(value_type = Option<String>)]
    by: Option<SearchText>,
    /// As what it is answered.
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// As what a report is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    #[default]
    Json,
    Csv,
    Xlsx,
    Ndjson,
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsParams {
    /// Of these shows, by their ids, separated by commas; by default of all.
    #[param(value_type = Option<String>)]
    show: Option<Shows>,
    /// Of what happened then or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Moment>,
    /// Of what happened before.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Moment>,
    /// As things stood then, by all that was recorded until this time.
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
    /// The same by all up to this position of the log; not together with `as_of`.
    #[param(value_type = Option<u64>, minimum = 0)]
    at: Option<u64>,
    /// Of shows in this currency.
    #[param(value_type = Option<String>)]
    currency: Option<SearchText>,
    /// Of the minute that begins then, by the show's clock; this and what follows only where the report has the dimension.
    #[param(value_type = Option<String>, format = DateTime)]
    minute: Option<Local>,
    /// Of the hour that begins then, by the show's clock.
    #[param(value_type = Option<String>, format = DateTime)]
    hour: Option<Local>,
    /// Of the day that begins then, by the show's clock.
    #[param(value_type = Option<String>, format = DateTime)]
    day: Option<Local>,
    /// Of this ticket type; empty: of none. So are the others.
    #[param(value_type = Option<String>)]
    ticket_type: Option<SearchText>,
    /// Of this channel.
    #[param(value_type = Option<String>)]
    channel: Option<SearchText>,
    /// Of this price, in minor units.
    #[param(value_type = Option<String>)]
    price: Option<SearchText>,
    /// Of this category.
    #[param(value_type = Option<String>)]
    category: Option<SearchText>,
    /// Of this section.
    #[param(value_type = Option<String>)]
    section: Option<SearchText>,
    /// Of orders that stand so.
    #[param(value_type = Option<String>)]
    status: Option<SearchText>,
    /// Of holds of which this became.
    #[param(value_type = Option<String>)]
    outcome: Option<SearchText>,
    /// At this gate.
    #[param(value_type = Option<String>)]
    gate: Option<SearchText>,
    /// In this area.
    #[param(value_type = Option<String>)]
    area: Option<SearchText>,
    /// For this reason.
    #[param(value_type = Option<String>)]
    reason: Option<SearchText>,
    /// By this device.
    #[param(value_type = Option<String>)]
    device: Option<SearchText>,
    /// Only those that add to one of these figures of the report, separated by commas; by default, to any.
    #[param(value_type = Option<String>)]
    figure: Option<SearchText>,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// Ids of shows.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct Shows(Vec<Uuid>);

impl TryFrom<String> for Shows {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        let ids: Result<Vec<Uuid>, _> = text.split(',').map(|id| Uuid::try_parse(id.trim())).collect();
        match ids {
            Ok(ids) if ids.len() <= SHOWS_MAX => Ok(Self(ids)),
            _ => Err(ValueError(format!("must be ids of shows, separated by commas; at most {SHOWS_MAX}"))),
        }
    }
}

/// A moment as a clock showed it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Local(DateTime<FixedOffset>);

impl TryFrom<String> for Local {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        DateTime::parse_from_rfc3339(&text)
            .map(Self)
            .map_err(|_| ValueError("must be the `local` of a row, as in 2027-05-04T18:00:00+02:00".to_owned()))
    }
}

/// What is asked of a report, as far as it can be.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub shows: Option<Vec<Uuid>>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    pub moment: AsOf,
    /// Everything that it is broken down by, in the order asked for.
    pub dimensions: Vec<&'static str>,
    /// The same without the unit of time.
    pub by: Vec<&'static str>,
    pub unit: Option<Unit>,
    pub format: Format,
}

impl ReportParams {
    /// The same, for a report.
    ///
    /// # Errors
    /// 422 with the parameter that cannot be.
    pub fn of(self, report: &'static Report) -> Result<Asked, Problem> {
        let dimensions = match &self.by {
            Some(by) => dimensions(report, &by.0)?,
            None => report.by_default.to_vec(),
        };
        let mut units = dimensions.iter().filter_map(|name| Unit::named(name));
        let unit = units.next();
        if units.next().is_some() {
            return Err(Problem::invalid_at("/by", "names two units of time; name one of them"));
        }
        Ok(Asked {
            shows: self.show.map(|shows| shows.0),
            from: self.from.map(|from| from.0),
            to: self.to.map(|to| to.0),
            moment: moment(self.as_of, self.at)?,
            by: dimensions.iter().copied().filter(|name| Unit::named(name).is_none()).collect(),
            dimensions,
            unit,
            format: self.format,
        })
    }
}

impl EventsParams {
    /// The same, for a report: what is asked of it, and of which row the events.
    ///
    /// # Errors
    /// 422 with the parameter that cannot be.
    pub fn of(self, report: &'static Report) -> Result<(Asked, ReportEvents), Problem> {
        let moment = moment(self.as_of, self.at)?;
        let units = [(Unit::Minute, self.minute), (Unit::Hour, self.hour), (Unit::Day, self.day)];
        let mut buckets = units.into_iter().filter_map(|(unit, begins)| Some((unit, begins?.0)));
        let bucket = buckets.next();
        if let Some((unit, _)) = buckets.next() {
            return Err(Problem::invalid_at(
                format!("/{}", unit.as_str()),
                "is a second unit of time; send one of them",
            ));
        }
        if let Some((unit, _)) = bucket
            && !report.units.contains(&unit)
        {
            return Err(no_dimension(report, unit.as_str()));
        }
        let named = [
            ("ticket_type", self.ticket_type),
            ("channel", self.channel),
            ("price", self.price),
            ("category", self.category),
            ("section", self.section),
            ("status", self.status),
            ("outcome", self.outcome),
            ("gate", self.gate),
            ("area", self.area),
            ("reason", self.reason),
            ("device", self.device),
        ];
        let mut words = Vec::new();
        for (name, word) in named {
            let Some(SearchText(word)) = word else { continue };
            if !report.words.contains(&name) {
                return Err(no_dimension(report, name));
            }
            words.push((name, Some(word).filter(|word| !word.is_empty())));
        }
        let figures = match &self.figure {
            Some(SearchText(names)) => figures(report, names)?,
            None => Vec::new(),
        };
        let after = match self.cursor {
            Some(cursor) => {
                cursor.0.parse().map_err(|_| Problem::invalid_at("/cursor", "is no `next` of this list"))?
            }
            None => 0,
        };
        let wanted = ReportEvents {
            bucket,
            words,
            currency: self.currency.map(|currency| currency.0),
            after,
            limit: self.limit.get(),
            figures,
        };
        let asked = Asked {
            shows: self.show.map(|shows| shows.0),
            from: self.from.map(|from| from.0),
            to: self.to.map(|to| to.0),
            moment,
            dimensions: Vec::new(),
            by: Vec::new(),
            unit: None,
            format: Format::Json,
        };
        Ok((asked, wanted))
    }
}

fn moment(as_of: Option<Moment>, at: Option<u64>) -> Result<AsOf, Problem> {
    match (as_of, at) {
        (None, None) => Ok(AsOf::Now),
        (Some(time), None) => Ok(AsOf::Time(time.0)),
        // More than a position can be is beyond the head as well.
        (None, Some(at)) => Ok(AsOf::Position(i64::try_from(at).unwrap_or(i64::MAX))),
        (Some(_), Some(_)) => Err(Problem::invalid_at("/at", "names another moment than `as_of`; send one of them")),
    }
}

fn dimensions(report: &'static Report, by: &str) -> Result<Vec<&'static str>, Problem> {
    let mut dimensions = Vec::new();
    for name in by.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let known = one_of(report.dimensions(), name, "/by")?;
        if dimensions.contains(&known) {
            return Err(Problem::invalid_at("/by", format!("names {known} twice")));
        }
        dimensions.push(known);
    }
    Ok(dimensions)
}

fn figures(report: &'static Report, names: &str) -> Result<Vec<&'static str>, Problem> {
    let known = report.figures.iter().map(|figure| figure.name);
    names.split(',').map(|name| one_of(known.clone(), name.trim(), "/figure")).collect()
}

fn one_of(
    known: impl Iterator<Item = &'static str> + Clone,
    name: &str,
    pointer: &'static str,
) -> Result<&'static str, Problem> {
    known.clone().find(|known| *known == name).ok_or_else(|| {
        let names: Vec<_> = known.collect();
        Problem::invalid_at(pointer, format!("{name:?} is none of {}", names.join(", ")))
    })
}

fn no_dimension(report: &'static Report, name: &str) -> Problem {
    let names: Vec<_> = report.dimensions().collect();
    Problem::invalid_at(format!("/{name}"), format!("is no dimension of this report; these are: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(by: &str) -> ReportParams {
        ReportParams {
            show: None,
            from: None,
            to: None,
            as_of: None,
            at: None,
            by: Some(SearchText(by.to_owned())),
            format: Format::Json,
        }
    }

    #[test]
    fn what_a_report_cannot_be_broken_down_by_is_named_with_what_it_can() {
        let problem = params("day,colour").of(&Report::SALES).unwrap_err();
        assert_eq!(problem.errors()[0].pointer, "/by");
        let detail = &problem.errors()[0].detail;
        assert!(detail.contains("colour") && detail.contains("ticket_type") && detail.contains("hour"), "{detail}");
        for twice in ["day,day", "hour,day"] {
            assert_eq!(params(twice).of(&Report::SALES).unwrap_err().errors()[0].pointer, "/by");
        }
        let asked = params("day, ticket_type").of(&Report::SALES).unwrap();
        assert_eq!((asked.unit, asked.by), (Some(Unit::Day), vec!["ticket_type"]));
    }

    #[test]
    fn shows_are_named_by_their_ids() {
        let id = Uuid::from_u128(7).to_string();
        assert_eq!(Shows::try_from(format!("{id},{id}")).unwrap().0.len(), 2);
        for bad in ["", "spring-cup", &format!("{id},")] {
            assert!(Shows::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
