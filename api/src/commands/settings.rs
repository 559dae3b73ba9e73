//! Settings of an organization: ChangeSettings.

use axum::{extract::State, http::StatusCode, response::Response};
use commands::{
    Change,
    organization::{
        change_settings::ChangeSettings,
        settings_change::{DoorDefaultsChange, RetentionChange, SalesLimitsChange},
    },
};
use domain::{
    OrganizationEvent,
    codes::CodeLength,
    door::{CodeRule, HolderRule, Per, Reentry},
    language::Languages,
    money::Currency,
    text::Name,
    time::Zone,
};
use projections::views::{SettingsView, settings_view};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Asked, OrganizationRequest, merge_patch, organization_answer, ticket_types::terms::TaxPatch};
use crate::{app::CommandSide, extract::Needs, openapi::CommandProblems, permissions::may, problem::Problem};

/// What changes of the settings; what is left out stays, null sets back to what a new organization begins with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeSettingsBody {
    /// The organization's name; not null.
    #[serde(default, deserialize_with = "merge_patch::value")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    name: Option<Name>,
    /// The IANA time zone of new shows; null: UTC.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    timezone: Change<Zone>,
    /// The languages that it speaks to visitors (BCP 47), the preferred one first; null: English.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 10, example = json!(["de", "en"]))]
    languages: Change<Languages>,
    /// The currency of new shows (ISO 4217); null: EUR.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<String>, example = "EUR")]
    currency: Change<Currency>,
    /// How long a hold lasts at new shows, in seconds; null: 900.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 7_776_000)]
    hold_seconds: Change<u32>,
    /// How long an order waits for its payment at new shows, in seconds; null: 86,400.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 7_776_000)]
    pay_within_seconds: Change<u32>,
    /// How many digits the short codes of new shows have; null: as few as leave nine codes in ten unused.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u8>, minimum = 3, maximum = 8)]
    code_length: Change<CodeLength>,
    /// The tax of new ticket types; null: none.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<TaxPatch>)]
    tax: Change<TaxPatch>,
    /// How long it keeps what it knows of people; null: 180 and 3,650 days.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<RetentionPatch>)]
    retention: Change<RetentionPatch>,
    /// Whether everybody sees how many places are left, in numbers; null: no.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<bool>)]
    public_numbers: Change<bool>,
    /// The rules of the door at new shows; null: those of every show.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<DoorDefaultsPatch>)]
    door: Change<DoorDefaultsPatch>,
    /// What one address without credentials may have open at one show; null: 200, 400, 200 and 400.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<SalesLimitsPatch>)]
    limits: Change<SalesLimitsPatch>,
}

/// What changes of the retention, in days after a show's end.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RetentionPatch {
    /// Names, addresses, and what was typed about people; null: 180.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 3650)]
    people_days: Change<u32>,
    /// What was typed about money, never less than `people_days`; null: 3,650.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 7300)]
    money_days: Change<u32>,
}

/// What changes of the door of new shows.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DoorDefaultsPatch {
    /// Whether people may come back: `never`, `after_exit` or `always`; null: `after_exit`.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<String>, example = "after_exit")]
    reentry: Change<Reentry>,
    /// Over what entries are counted: `show` or `day`; null: `show`.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<String>, example = "show")]
    per: Change<Per>,
    /// How long before doors people are let in, in seconds; null: 0.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>)]
    opens_before_seconds: Change<u32>,
    /// What a short code does: `admit`, `confirm` or `off`; null: `admit`.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<String>, example = "admit")]
    codes: Change<CodeRule>,
    /// How much of the holder's name the door sees: `none`, `initials` or `full`; null: `initials`.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<String>, example = "initials")]
    holder: Change<HolderRule>,
}

/// What changes of what one address without credentials may have open at one show.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SalesLimitsPatch {
    /// Open holds; null: 200.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
    holds: Change<u32>,
    /// Places in open holds, in persons; null: 400.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
    held_places: Change<u32>,
    /// Orders that await payment; null: 200.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
    unpaid_orders: Change<u32>,
    /// Places in orders that await payment, in persons; null: 400.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
    unpaid_places: Change<u32>,
}

impl From<RetentionPatch> for RetentionChange {
    fn from(patch: RetentionPatch) -> Self {
        Self { people_days: patch.people_days, money_days: patch.money_days }
    }
}

impl From<DoorDefaultsPatch> for DoorDefaultsChange {
    fn from(patch: DoorDefaultsPatch) -> Self {
        let DoorDefaultsPatch { reentry, per, opens_before_seconds, codes, holder } = patch;
        Self { reentry, per, opens_before_seconds, codes, holder }
    }
}

impl From<SalesLimitsPatch> for SalesLimitsChange {
    fn from(patch: SalesLimitsPatch) -> Self {
        let SalesLimitsPatch { holds, held_places, unpaid_orders, unpaid_places } = patch;
        Self { holds, held_places, unpaid_orders, unpaid_places }
    }
}

impl From<ChangeSettingsBody> for ChangeSettings {
    fn from(body: ChangeSettingsBody) -> Self {
        Self {
            name: body.name,
            timezone: body.timezone,
            languages: body.languages,
            currency: body.currency,
            hold_seconds: body.hold_seconds,
            pay_within_seconds: body.pay_within_seconds,
            code_length: body.code_length,
            tax: merge_patch::map(body.tax, Into::into),
            retention: merge_patch::map(body.retention, Into::into),
            public_numbers: body.public_numbers,
            door: merge_patch::map(body.door, Into::into),
            limits: merge_patch::map(body.limits, Into::into),
        }
    }
}

/// Change the settings
///
/// A JSON merge patch (RFC 7396). What shows have already stays with them; numbers for everybody and limits hold at once.
#[utoipa::path(
    patch, path = "/settings", tag = "Organization", request_body = ChangeSettingsBody,
    responses(
        (status = 200, description = "The settings as they are then.", body = SettingsView),
        CommandProblems,
    ),
)]
pub(super) async fn change_settings(
    State(app): State<CommandSide>,
    needs: Needs<may::ChangeSettings>,
    asked: Asked,
) -> Result<Response, Problem> {
    let request = OrganizationRequest::new(&app, needs.caller, asked)?;
    let body: ChangeSettingsBody = request.body()?;
    let outcome = request.submit(ChangeSettings::from(body), Vec::new(), Vec::new()).await?;
    let organization = &outcome.organization;
    // Of a repeat, the answer of the first; without a change, what there is.
    let settings = outcome.events.iter().find_map(|event| match event {
        OrganizationEvent::SettingsChanged(event) => Some(&event.settings),
        _ => None,
    });
    let view = settings_view(organization.slug.as_str(), settings.unwrap_or(&organization.settings));
    Ok(organization_answer(StatusCode::OK, &outcome, view))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn wrong(body: Value) -> String {
        serde_path_to_error::deserialize::<_, ChangeSettingsBody>(body)
            .map_or_else(|error| error.path().to_string(), |_| "nothing".to_owned())
    }

    #[test]
    fn what_is_wrong_is_named_where_it_is() {
        for (body, path) in [
            (json!({}), "nothing"),
            (json!({ "tax": null, "retention": null, "door": null, "limits": null, "languages": null }), "nothing"),
            (json!({ "door": { "codes": null, "per": "day" }, "retention": { "people_days": 30 } }), "nothing"),
            (json!({ "name": null }), "name"),
            (json!({ "timezone": "Europe/Nowhere" }), "timezone"),
            (json!({ "languages": ["de", "german"] }), "languages[1]"),
            (json!({ "languages": [] }), "languages"),
            (json!({ "currency": "EURO" }), "currency"),
            (json!({ "hold_seconds": -1 }), "hold_seconds"),
            (json!({ "code_length": 9 }), "code_length"),
            (json!({ "tax": { "rate_bps": 10_001 } }), "tax.rate_bps"),
            (json!({ "retention": { "people": 30 } }), "retention.people"),
            (json!({ "door": { "holder": "all" } }), "door.holder"),
            (json!({ "limits": { "holds": "many" } }), "limits.holds"),
            (json!({ "slug": "another" }), "slug"),
        ] {
            assert_eq!(wrong(body.clone()), path, "{body}");
        }
    }

    #[test]
    fn parts_are_merged_too() {
        let body: ChangeSettingsBody = serde_json::from_value(json!({ "retention": { "money_days": null } })).unwrap();
        let command = ChangeSettings::from(body);
        let change = RetentionChange { people_days: Change::Keep, money_days: Change::Clear };
        assert_eq!((command.retention, command.limits), (Change::Set(change), Change::Keep));
    }
}
