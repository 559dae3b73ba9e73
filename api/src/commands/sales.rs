//! When visitors may buy: PublishShow, PauseSales, ResumeSales, CloseSales, CancelShow.

use axum::{extract::State, response::Response};
use commands::{
    ShowCommand, cancel_show::CancelShow, close_sales::CloseSales, pause_sales::PauseSales, publish_show::PublishShow,
    resume_sales::ResumeSales,
};
use domain::{ids::ShowId, ticket_type::Channel};
use identity::Caller;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::{DoneAnswer, done},
    people::ReasonBody,
    submit::{Asked, Request},
};
use crate::{
    app::CommandSide,
    extract::{Needs, ShowPath},
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// A body with nothing to say: `{}`, or none.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EmptyBody {}

/// On which channels.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelsBody {
    /// Some of `web`, `box_office`, `door` and `api`; by default all.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["web"]))]
    channels: Option<Vec<Channel>>,
}

/// Let visitors see a show and buy
///
/// From here on the length of its short codes is fixed.
#[utoipa::path(
    post, path = "/shows/{show}/publish", tag = "Planning", request_body = Option<EmptyBody>,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 200, description = "It is published.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn publish_show(
    State(app): State<CommandSide>,
    needs: Needs<may::PublishShow>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    without_body(&app, needs.caller, show, asked, PublishShow).await
}

/// Let sales rest
///
/// On some channels or all. Open holds and orders go on.
#[utoipa::path(
    post, path = "/shows/{show}/pause-sales", tag = "Planning", request_body = Option<ChannelsBody>,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 200, description = "They rest, or rested already.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn pause_sales(
    State(app): State<CommandSide>,
    needs: Needs<may::PauseSales>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: ChannelsBody = request.body_or_default(None).await?;
    Ok(done(&request.submit(PauseSales { channels: body.channels }, Vec::new()).await?))
}

/// Let sales go on
///
/// On some channels or all.
#[utoipa::path(
    post, path = "/shows/{show}/resume-sales", tag = "Planning", request_body = Option<ChannelsBody>,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 200, description = "They go on, or did so already.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn resume_sales(
    State(app): State<CommandSide>,
    needs: Needs<may::ResumeSales>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: ChannelsBody = request.body_or_default(None).await?;
    Ok(done(&request.submit(ResumeSales { channels: body.channels }, Vec::new()).await?))
}

/// End sales
///
/// Before their window does.
#[utoipa::path(
    post, path = "/shows/{show}/close-sales", tag = "Planning", request_body = Option<EmptyBody>,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 200, description = "They are over.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn close_sales(
    State(app): State<CommandSide>,
    needs: Needs<may::CloseSales>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    without_body(&app, needs.caller, show, asked, CloseSales).await
}

/// Cancel a show
///
/// Nothing of it is sold and nobody is admitted any more; refunds stay possible.
#[utoipa::path(
    post, path = "/shows/{show}/cancel", tag = "Planning", request_body = ReasonBody,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 200, description = "It is cancelled.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn cancel_show(
    State(app): State<CommandSide>,
    needs: Needs<may::CancelShow>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: ReasonBody = request.body(None).await?;
    let mut typed = request.typed();
    let reason = typed.text("cancel_reason", body.reason, None);
    Ok(done(&request.submit(CancelShow { reason: Some(reason) }, typed.into_entries()).await?))
}

async fn without_body(
    app: &CommandSide,
    caller: Caller,
    show: ShowId,
    asked: Asked,
    command: impl Into<ShowCommand>,
) -> Result<Response, Problem> {
    let request = Request::new(app, caller, show, asked)?;
    let EmptyBody {} = request.body_or_default(None).await?;
    Ok(done(&request.submit(command, Vec::new()).await?))
}
