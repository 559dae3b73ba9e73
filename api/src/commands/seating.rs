//! The places of a show: AdoptSeating, in our own JSON or in pretix's.

mod plan;
mod pretix;

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode},
    response::Response,
};
use commands::{
    adopt_seating::AdoptSeating,
    desk::{Outcome, Resource},
};
use domain::{FieldError, ShowEvent, seating::Seating};
use serde::Serialize;
use utoipa::ToSchema;

use self::{plan::AdoptSeatingBody, pretix::PretixPlan};
use super::{
    answer::answer,
    submit::{Asked, Request},
};
use crate::{
    app::CommandSide,
    extract::{JsonBody, Needs, ShowPath},
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// The seating of a plan in pretix's format, as `PUT …/seating` takes it.
///
/// # Errors
/// What is wrong with the plan, with pointers into it.
pub fn seating_from_pretix(plan: &str) -> Result<Seating, Vec<FieldError>> {
    let plan: PretixPlan = serde_json::from_str(plan).map_err(|error| vec![FieldError::at("", error.to_string())])?;
    plan.into_seating()
}

/// A seating that was adopted.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct SeatingAdoptedAnswer {
    /// How many seats there are.
    #[schema(example = 1231)]
    seats: u32,
    /// How many people can stand.
    #[schema(example = 0)]
    standing: u32,
}

/// Draw the places of a show
///
/// As a whole. Also takes pretix's seating plans: zones become sections, and an aisle is a gap of more than one and a
/// half times the row's usual step. Again after sales began only if every held, sold or blocked seat is still there:
/// 409 `seating_in_use`. At most 32 MiB and 100,000 seats.
#[utoipa::path(
    put, path = "/shows/{show}/seating", tag = "Planning",
    request_body(content(
        (AdoptSeatingBody = "application/json"),
        (Object = "application/vnd.pretix.seating-plan+json"),
    )),
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 200, description = "It is adopted, or was so already.", body = SeatingAdoptedAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn adopt_seating(
    State(app): State<CommandSide>,
    needs: Needs<may::AdoptSeating>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body = request.raw_body().clone();
    // A plan may be 32 MiB long: reading it would keep a thread from everybody else's requests.
    let seating =
        tokio::task::spawn_blocking(move || seating(&body)).await.map_err(|error| Problem::internal(&error))?;
    let seating = request.judged(seating, None::<Resource>).await?;
    let asked_for = SeatingAdoptedAnswer { seats: seating.seat_count(), standing: seating.standing_count() };
    let outcome = request.submit(AdoptSeating { seating }, Vec::new()).await?;
    let body = adopted(&outcome).unwrap_or(asked_for);
    Ok(answer(StatusCode::OK, &outcome, body))
}

/// What was recorded; nothing where the show has exactly this seating already.
fn adopted(outcome: &Outcome) -> Option<SeatingAdoptedAnswer> {
    outcome.events.iter().find_map(|event| match event {
        ShowEvent::SeatingAdopted(event) => Some(SeatingAdoptedAnswer { seats: event.seats, standing: event.standing }),
        _ => None,
    })
}

pub(super) fn seating(body: &JsonBody) -> Result<Seating, Problem> {
    let of = |seating: Result<Seating, Vec<FieldError>>| seating.map_err(Problem::invalid);
    if is_pretix(body) {
        let mut plan = body.clone();
        plan.kind = Some(HeaderValue::from_static("application/json"));
        of(plan.parse::<PretixPlan>()?.into_seating())
    } else {
        of(body.parse::<AdoptSeatingBody>()?.into_seating())
    }
}

fn is_pretix(body: &JsonBody) -> bool {
    let kind = body.kind.as_ref().and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(pretix::CONTENT_TYPE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(kind: &'static str, text: &'static str) -> JsonBody {
        JsonBody { kind: Some(HeaderValue::from_static(kind)), bytes: text.into() }
    }

    #[test]
    fn the_content_type_says_which_format_it_is() {
        let ours = r#"{"sections": [{"name": "Floor", "capacity": 10}]}"#;
        let theirs = r#"{"name": "Hall", "categories": [{"name": "A"}], "zones": [{"name": "Z", "uuid": "u",
            "position": {"x": 0, "y": 0}, "rows": [{"row_number": "1", "position": {"x": 0, "y": 0}, "seats": [
            {"seat_number": "1", "seat_guid": "g", "position": {"x": 0, "y": 0}, "category": "A"}]}]}]}"#;
        assert_eq!(seating(&body("application/json", ours)).unwrap().standing_count(), 10);
        let kind = "Application/vnd.pretix.seating-plan+json; charset=utf-8";
        assert_eq!(seating(&body(kind, theirs)).unwrap().seat_count(), 1);
        assert_eq!(seating(&body("application/json", theirs)).unwrap_err().code(), "invalid");
        assert_eq!(seating(&body("text/csv", ours)).unwrap_err().code(), "unsupported_media_type");
        assert_eq!(seating(&body(kind, "{")).unwrap_err().code(), "not_json");
    }
}
