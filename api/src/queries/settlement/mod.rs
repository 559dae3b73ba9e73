//! The settlement of a show: for promoter, rights society and city, as figures, as a table, or as a paper to sign.

mod paper;
mod words;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use integrations::documents::statement_pdf;
use projections::settlement::{SettledCheckpoint, Settlement, SettlementError, SettlementMoment};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use self::words::Words;
use super::SeenShow;
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{AsOf, Moment, Needs, Params, Position, ReaderLanguage, ShowName},
    openapi::StaffProblems,
    permissions::may,
    problem::Problem,
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SettlementParams {
    /// As what it is answered.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// By all that was recorded until this time; by default when the show is over, and until then by all there is.
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
    /// The same by all up to this position of the log; not together with `as_of`.
    #[param(value_type = Option<u64>, minimum = 0)]
    at: Option<u64>,
}

/// As what a settlement is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    #[default]
    Json,
    Csv,
    Pdf,
}

/// The settlement
///
/// What was sold, given away, refunded and admitted, by ticket type, category and price; gross, net and tax; what was paid and is due.
/// As of the show's end (`ends_at`, else a day after its start); before that it is provisional. The paper (`pdf`) is in the language of
/// `Accept-Language`: en, de.
#[utoipa::path(
    get,
    path = "/shows/{show}/settlement",
    tag = "Reports",
    params(("show" = String, Path, description = "Its id or slug"), SettlementParams),
    responses(
        (
            status = OK,
            content((Settlement = "application/json"), (String = "text/csv"), (Vec<u8> = "application/pdf"))
        ),
        StaffProblems
    )
)]
pub(super) async fn get_settlement(
    State(app): State<QuerySide>,
    needs: Needs<may::GetSettlement>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<SettlementParams>,
    language: ReaderLanguage,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenShow::find_own(&app, &needs.caller, &name, position).await?;
    let SettlementParams { format, as_of, at } = params.get()?;
    let moment = AsOf::new(as_of, at).moment()?.map_or(SettlementMoment::End, SettlementMoment::At);
    let found = app.queries.settling(seen.organization, seen.id, moment, app.clock.now()).await?;
    let (settling, stand, until) = found.ok_or_else(Problem::not_found)?;
    let checkpoint = covering(&app, settling.position()).await?;
    let words = Words::of(language.0);
    // Counting and drawing take milliseconds of computing, which would stop other requests on this thread.
    let written = tokio::task::spawn_blocking(move || {
        let sheet = settling.sheet(until, checkpoint).ok_or_else(Problem::not_found)?;
        match format {
            Format::Json => Ok(sheet.json()),
            Format::Csv => Ok(sheet.csv()),
            Format::Pdf => statement_pdf(&paper::statement(&sheet, words)).map_err(|error| Problem::internal(&error)),
        }
    });
    let bytes = written.await.map_err(|error| Problem::internal(&error))??;
    let (kind, ending) = match format {
        Format::Json => ("application/json", None),
        Format::Csv => ("text/csv; charset=utf-8; header=present", Some("csv")),
        Format::Pdf => ("application/pdf", Some("pdf")),
    };
    let mut response = conditions.answer(Some(stand.position), For::Caller, kind, bytes.into());
    let answered = response.headers_mut();
    if let Some(ending) = ending
        && let Ok(file) =
            HeaderValue::from_str(&format!("attachment; filename=\"settlement-{}.{ending}\"", stand.position))
    {
        answered.insert(header::CONTENT_DISPOSITION, file);
    }
    Ok(if format == Format::Pdf { language.said_of(response) } else { response })
}

/// The first signed checkpoint that covers a position; none before it is signed, a second or so after the event. The first, so that
/// the sheet of a moment says the same for ever.
async fn covering(app: &QuerySide, position: i64) -> Result<Option<SettledCheckpoint>, Problem> {
    let Ok(size) = u64::try_from(position) else { return Ok(None) };
    Ok(app.tree.first_from(size).await?.map(|checkpoint| SettledCheckpoint {
        size: i64::try_from(checkpoint.size).unwrap_or(i64::MAX),
        root: checkpoint.root.to_string(),
    }))
}

impl From<SettlementError> for Problem {
    fn from(error: SettlementError) -> Self {
        match error {
            SettlementError::Moment(error) => error.into(),
            SettlementError::Query(error) => error.into(),
        }
    }
}
