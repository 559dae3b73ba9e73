//! The moment of the past that staff may ask for: `as_of`, a time, or `at`, a position of the log.

use projections::as_of;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Moment;
use crate::problem::Problem;

/// The parameters of a query that takes no others.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// Staff only: the answer as things stood then, by all that was recorded until this time.
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
    /// Staff only: the same by all up to this position of the log; not together with `as_of`.
    #[param(value_type = Option<u64>, minimum = 0)]
    at: Option<u64>,
}

impl AsOf {
    /// Of a query that takes others beside.
    #[must_use]
    pub fn new(as_of: Option<Moment>, at: Option<u64>) -> Self {
        Self { as_of, at }
    }

    /// The moment; none: now.
    ///
    /// # Errors
    /// 422 where there are two.
    pub fn moment(&self) -> Result<Option<as_of::Moment>, Problem> {
        match (self.as_of, self.at) {
            (None, None) => Ok(None),
            (Some(time), None) => Ok(Some(as_of::Moment::Time(time.0))),
            // More than a position can be is beyond the head as well.
            (None, Some(at)) => Ok(Some(as_of::Moment::Position(i64::try_from(at).unwrap_or(i64::MAX)))),
            (Some(_), Some(_)) => {
                Err(Problem::invalid_at("/at", "names another moment than `as_of`; send one of them"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_moment_or_none() {
        let time = || Moment::try_from("2027-05-04T18:00:00Z".to_owned()).ok();
        assert_eq!(AsOf::new(None, None).moment().unwrap(), None);
        assert_eq!(AsOf::new(None, Some(7)).moment().unwrap(), Some(as_of::Moment::Position(7)));
        assert_eq!(AsOf::new(None, Some(u64::MAX)).moment().unwrap(), Some(as_of::Moment::Position(i64::MAX)));
        let then = time().unwrap().0;
        assert_eq!(AsOf::new(time(), None).moment().unwrap(), Some(as_of::Moment::Time(then)));
        assert_eq!(AsOf::new(time(), Some(7)).moment().unwrap_err().errors()[0].pointer, "/at");
    }
}
