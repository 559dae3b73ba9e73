//! Many scans at once: what a keypad gathered without the network.
//!
//! Each scan is understood by itself, so that one that is not holds nobody up. They are decided in the order sent: all
//! are built first, then dropped into the desk's mailbox one after the other while answers are still coming.

use axum::{
    Json,
    extract::State,
    http::HeaderValue,
    response::{IntoResponse, Response},
};
use commands::{check_in::CheckIn, desk::Outcome};
use domain::FieldError;
use event_store::VaultEntry;
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::{CheckInAnswer, CheckInResult, ToDo, answered},
    guessing::{Guesses, Told},
    scan::{Presented, ScanBody, known_fields, scan_id},
    scene::Scene,
    shown::shown,
};
use crate::{
    app::CommandSide,
    client_address::ClientAddress,
    commands::{
        answer::positioned,
        submit::{Asked, Request},
    },
    extract::{JsonBody, Needs, ShowPath},
    openapi::CommandProblems,
    permissions::may,
    problem::{FieldProblem, Problem},
};

/// The most scans of a batch.
const SCANS_MAX: usize = 1_000;
/// How many wait for the desk at a time: it decides hundreds together, and others are at the door, too.
const AT_A_TIME: usize = 128;
/// The same of whoever may guess: less than the codes that may be unknown at once, which all of these might be.
const GUESSES_AT_A_TIME: usize = 32;

/// Scans, in the order in which they were made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::commands) struct BatchBody {
    /// At most 1,000, each as for `POST …/check-ins`; fields that are not known are passed over.
    #[schema(value_type = Vec<ScanBody>, max_items = 1000)]
    scans: Vec<Value>,
}

/// The answers, in the order sent.
#[derive(Debug, Serialize, ToSchema)]
struct BatchAnswer {
    /// One for each scan.
    results: Vec<BatchResult>,
}

/// The answer to a scan of a batch.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct BatchResult {
    /// As that of a scan sent alone, or `invalid`.
    #[serde(flatten)]
    answer: CheckInAnswer,
    /// What could not be understood of an invalid one; pointers into the scan.
    #[schema(value_type = Vec<FieldProblem>)]
    errors: Vec<FieldError>,
}

/// A scan on its way.
enum Prepared {
    Ready(Box<CheckIn>, Presented, Vec<VaultEntry>),
    Invalid(Box<BatchResult>),
}

/// Look at many tickets
///
/// What a device gathered without the network. One that cannot be understood is answered `invalid`, with `errors`, and
/// holds nobody up; everything else is decided in the order sent.
#[utoipa::path(
    post, path = "/shows/{show}/check-ins/batch", tag = "Door", request_body = BatchBody,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 200, description = "Each has its answer.", body = BatchAnswer),
        CommandProblems,
    ),
)]
pub(crate) async fn check_in_batch(
    State(app): State<CommandSide>,
    needs: Needs<may::CheckInBatch>,
    ShowPath(show): ShowPath,
    client: ClientAddress,
    asked: Asked,
) -> Result<Response, Problem> {
    let guesses = Guesses::of(&app, show, &needs.caller, client);
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: BatchBody = request.body(None).await?;
    let few = if body.scans.len() <= SCANS_MAX {
        Ok(())
    } else {
        Err(vec![FieldError::at("/scans", format!("has more than {SCANS_MAX} scans; send them in parts"))])
    };
    request.valid(few, None).await?;
    request.exists(None).await?;
    let mut prepared = Vec::with_capacity(body.scans.len());
    for scan in body.scans {
        prepared.push(prepare(&app, &request, scan).await);
    }
    let at_a_time = if guesses.is_paired_device() { AT_A_TIME } else { GUESSES_AT_A_TIME };
    let decided = stream::iter(prepared).map(|scan| decide(&request, &guesses, scan));
    let decided: Vec<_> = decided.buffered(at_a_time).collect().await;
    let decided = decided.into_iter().collect::<Result<Vec<_>, Problem>>()?;
    let outcomes: Vec<Outcome> = decided.iter().filter_map(|(result, _)| result.as_ref().ok()).cloned().collect();
    let scene = Scene::of(&app, show, &outcomes).await;
    let results = decided.into_iter().map(|(result, told)| match result {
        Ok(outcome) => Ok(BatchResult { answer: answered(&outcome, &scene)?.told(told), errors: Vec::new() }),
        Err(invalid) => Ok(*invalid),
    });
    let body = BatchAnswer { results: results.collect::<Result<_, Problem>>()? };
    let response = Json(body).into_response();
    Ok(match outcomes.iter().map(|outcome| outcome.position).max() {
        Some(position) => positioned(response, position),
        None => response,
    })
}

async fn prepare(app: &CommandSide, request: &Request<'_>, scan: Value) -> Prepared {
    let id = scan_id(&scan);
    let body = match understood(&scan) {
        Ok(body) => body,
        Err(errors) => return Prepared::Invalid(invalid(id, errors)),
    };
    let presented = match body.presented() {
        Ok(presented) => presented,
        Err(errors) => return Prepared::Invalid(invalid(id, errors)),
    };
    let shown = shown(app, request.organization(), request.show(), presented.clone()).await;
    let mut typed = request.typed();
    let command = body.into_command(shown, &*app.ids, &mut typed);
    Prepared::Ready(Box::new(command), presented, typed.into_entries())
}

/// A scan by itself, with pointers into it.
pub(in crate::commands) fn understood(scan: &Value) -> Result<ScanBody, Vec<FieldError>> {
    let text = known_fields(scan.clone()).to_string();
    let body = JsonBody { kind: Some(HeaderValue::from_static("application/json")), bytes: text.into() };
    body.parse().map_err(|problem: Problem| problem.errors().to_vec())
}

/// The outcome, or an answer in its place for what cannot be; and what of it is told. Only what concerns the whole batch is
/// a problem.
async fn decide(
    request: &Request<'_>,
    guesses: &Guesses<'_>,
    scan: Prepared,
) -> Result<(Result<Outcome, Box<BatchResult>>, Told), Problem> {
    let (command, presented, vault) = match scan {
        Prepared::Ready(command, presented, vault) => (command, presented, vault),
        Prepared::Invalid(invalid) => return Ok((Err(invalid), Told::Everything)),
    };
    let id = command.scan.0;
    let instead = |errors| Ok((Err(invalid(Some(id), errors)), Told::Everything));
    let look = match guesses.look(&presented, command.offline.is_some()) {
        Ok(look) => look,
        Err(problem) => return instead(vec![FieldError::at("/short_code", problem.detail())]),
    };
    match request.submit_scan(*command, vault).await {
        Ok(outcome) => {
            let told = guesses.judge(look, &outcome);
            Ok((Ok(outcome), told))
        }
        Err(problem) if problem.code() == "invalid" => instead(problem.errors().to_vec()),
        // Of a device that is not where the scan was, or may not override: the others of the batch are facts all the same.
        Err(problem) if problem.code() == "forbidden" => instead(vec![FieldError::at("", problem.detail())]),
        Err(problem) => Err(problem),
    }
}

fn invalid(scan: Option<Uuid>, errors: Vec<FieldError>) -> Box<BatchResult> {
    let answer = CheckInAnswer {
        scan,
        at: None,
        result: CheckInResult::Invalid,
        reason: None,
        overridable: false,
        say: "This scan could not be understood and is not recorded. Call a manager.".to_owned(),
        to_do: ToDo::CallManager,
        ticket: None,
        previous: None,
        entries_left: None,
        persons_left: None,
        undone: false,
        because: Vec::new(),
    };
    Box::new(BatchResult { answer, errors })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_understood_is_named_and_a_field_of_tomorrow_is_passed_over() {
        let pointers = |scan: Value| match understood(&scan) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.into_iter().map(|error| error.pointer).collect(),
        };
        assert!(pointers(json!({ "short_code": "0427", "a_field_of_tomorrow": 1 })).is_empty());
        assert_eq!(pointers(json!({ "short_code": "0427", "scan": "no UUID" })), ["/scan"]);
        assert_eq!(pointers(json!({ "token": "x".repeat(3_000) })), ["/token"]);
        assert_eq!(pointers(json!(7)), [""]);
    }

    #[test]
    fn an_invalid_scan_has_every_field() {
        let shown = serde_json::to_value(invalid(None, vec![FieldError::at("", "needs a ticket")])).unwrap();
        assert_eq!(
            (&shown["result"], &shown["ticket"], &shown["do"]),
            (&json!("invalid"), &json!(null), &json!("call_manager"))
        );
        assert_eq!(shown["errors"][0]["detail"], "needs a ticket");
    }
}
