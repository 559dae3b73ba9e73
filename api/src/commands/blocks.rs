//! Blocks: BlockPlaces, ReleaseBlock.

use axum::{extract::State, response::Response};
use commands::{
    block_places::{BlockPlaces, NamedPlaces},
    desk::Resource,
    release_block::ReleaseBlock,
};
use domain::{
    FieldError,
    events::BlockKind,
    ids::{BlockId, ShowId},
    place::{SeatAddress, SectionName},
    text::Note,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::{CreatedAnswer, DoneAnswer, created, done, event},
    submit::{Asked, Request},
};
use crate::{
    app::CommandSide,
    extract::{Needs, PathIds, ShowPath},
    openapi::CommandProblems,
    permissions::may,
    problem::Problem,
};

/// Places to be taken out of sale.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockPlacesBody {
    /// What sellers call it; kept in the vault.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Sponsors")]
    label: Note,
    /// `house`, `production`, `guest_list`, `promoter` or `broken`.
    #[schema(value_type = String, example = "house")]
    kind: BlockKind,
    /// Which places.
    places: Vec<PlacesBody>,
}

/// Places: either `seats`, or a `quantity` of a standing `section`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlacesBody {
    /// These seats.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["Block A-3-12"]))]
    seats: Option<Vec<SeatAddress>>,
    /// A standing section.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = json!(null))]
    section: Option<SectionName>,
    /// For so many people.
    #[serde(default)]
    #[schema(minimum = 1, example = json!(null))]
    quantity: Option<u32>,
}

/// What of a block goes back on sale.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleaseBlockBody {
    /// Which of its places; by default all.
    #[serde(default)]
    places: Option<Vec<PlacesBody>>,
}

fn named_places(bodies: Vec<PlacesBody>) -> Result<Vec<NamedPlaces>, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut places = Vec::with_capacity(bodies.len());
    for (index, body) in bodies.into_iter().enumerate() {
        match (body.seats, body.section, body.quantity) {
            (Some(seats), None, None) => places.push(NamedPlaces::Seats(seats)),
            (None, Some(section), Some(quantity)) => places.push(NamedPlaces::Standing { section, quantity }),
            _ => errors.push(FieldError::at(format!("/places/{index}"), "needs either seats, or section and quantity")),
        }
    }
    if errors.is_empty() { Ok(places) } else { Err(errors) }
}

/// Take places out of sale
///
/// For the house, for guests, or because they are broken. Staff sell from a block by `from_block`.
#[utoipa::path(
    post, path = "/shows/{show}/blocks", tag = "Planning", request_body = BlockPlacesBody,
    params(("show" = Uuid, Path, description = "The show's id.")),
    responses(
        (status = 201, description = "They are blocked.", body = CreatedAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn block_places(
    State(app): State<CommandSide>,
    needs: Needs<may::BlockPlaces>,
    ShowPath(show): ShowPath,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let body: BlockPlacesBody = request.body(None).await?;
    let places = request.valid(named_places(body.places), None).await?;
    let mut typed = request.typed();
    let label = typed.text("block_label", body.label, None);
    let command = BlockPlaces { label: Some(label), kind: body.kind, places };
    let outcome = request.submit(command, typed.into_entries()).await?;
    Ok(created(&outcome, event!(&outcome, PlacesBlocked)?.block.0))
}

/// Put blocked places back on sale
///
/// All of them, or some.
#[utoipa::path(
    post, path = "/shows/{show}/blocks/{block}/release", tag = "Planning", request_body = Option<ReleaseBlockBody>,
    params(
        ("show" = Uuid, Path, description = "The show's id."),
        ("block" = Uuid, Path, description = "The block's id."),
    ),
    responses(
        (status = 200, description = "They are on sale, or were so already.", body = DoneAnswer),
        CommandProblems,
    ),
)]
pub(super) async fn release_block(
    State(app): State<CommandSide>,
    needs: Needs<may::ReleaseBlock>,
    PathIds((show, block)): PathIds<(ShowId, BlockId)>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = Request::new(&app, needs.caller, show, asked)?;
    let named = Some(Resource::Block(block));
    let body: ReleaseBlockBody = request.body_or_default(named).await?;
    let places = request.valid(body.places.map(named_places).transpose(), named).await?;
    Ok(done(&request.submit(ReleaseBlock { block, places }, Vec::new()).await?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_seats_or_a_quantity_of_a_section() {
        let body: BlockPlacesBody = serde_json::from_value(json!({
            "label": "Guests", "kind": "guest_list",
            "places": [{ "seats": ["A-1-1"] }, { "section": "Floor", "quantity": 8 }, { "section": "Floor" }, {}],
        }))
        .unwrap();
        let errors = named_places(body.places).unwrap_err();
        let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/places/2", "/places/3"]);
    }

    #[test]
    fn a_block_has_a_label_and_a_kind() {
        for body in [
            json!({ "kind": "house", "places": [] }),
            json!({ "label": "", "kind": "house", "places": [] }),
            json!({ "label": "A", "kind": "friends", "places": [] }),
        ] {
            assert!(serde_json::from_value::<BlockPlacesBody>(body.clone()).is_err(), "{body}");
        }
    }
}
