//! What a seller says of a ticket type: the bodies, and the terms that they mean.

use commands::{
    Change,
    nested_change::TaxChange,
    revise_ticket_type::{MAX_PER_ORDER, TermsChange},
};
use domain::{
    FieldError,
    ids::PoolId,
    money::{Price, Tax, TaxRate},
    place::SectionName,
    text::{Category, DoorName, Name},
    ticket_type::{Capacity, CategoryPrice, Channel, Entries, Persons, Prices, TicketTypeTerms},
};
use projections::views::EntriesView;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::commands::{
    merge_patch,
    moment::{SalesBody, SalesPatch, ValidityBody, ValidityPatch},
};

/// What is sold: either at one `price`, or at `prices` by category.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::commands) struct AddTicketTypeBody {
    /// What visitors call it.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Adult")]
    name: Name,
    /// What each costs everywhere, in minor units of the show's currency; without `prices`.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000_000, example = 2500)]
    price: Option<Price>,
    /// What each costs by the seat's category; seats of other categories are not sold by it. Without `price`.
    #[serde(default)]
    #[schema(value_type = Option<Vec<CategoryPriceBody>>, example = json!(null))]
    prices: Option<Vec<CategoryPriceBody>>,
    /// The sections it opens; by default all.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(null))]
    sections: Option<Vec<SectionName>>,
    /// The categories it opens; by default all that it has a price for.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(null))]
    categories: Option<Vec<Category>>,
    /// The shared quotas that its tickets take from; by default none.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>, example = json!(null))]
    pools: Option<Vec<PoolId>>,
    /// The most tickets of it; by default as many as there are places.
    #[serde(default)]
    #[schema(value_type = Option<u32>, maximum = 1_000_000)]
    capacity: Option<Capacity>,
    /// How many people one ticket admits; by default 1. More only where people stand.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100, example = 1)]
    persons: Option<Persons>,
    /// The most tickets of it in a visitor's order; by default 10.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    max_per_order: Option<u32>,
    /// The fewest tickets of it in an order that has any; by default 1.
    #[serde(default)]
    #[schema(minimum = 1)]
    min_per_order: Option<u32>,
    /// When it is sold, within the show's own window.
    #[serde(default)]
    sales: Option<SalesBody>,
    /// Through which of `web`, `box_office`, `door` and `api` it is sold; by default all.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(null))]
    channels: Option<Vec<Channel>>,
    /// The areas it admits to; by default all.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(null))]
    areas: Option<Vec<DoorName>>,
    /// How often it admits to each area: an integer from 1, or `unlimited`; by default 1.
    #[serde(default)]
    #[schema(value_type = Option<EntriesView>, example = 1)]
    entries: Option<Entries>,
    /// When it admits; by default always.
    #[serde(default)]
    valid: Option<ValidityBody>,
    /// The tax on its price; left out: that of the organization's settings; null: none.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<TaxBody>)]
    tax: Change<TaxBody>,
}

/// The price of one category.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CategoryPriceBody {
    /// The category of the seats.
    #[schema(value_type = String, example = "Kategorie I")]
    category: Category,
    /// What each costs, in minor units.
    #[schema(value_type = i64, minimum = 0, maximum = 1_000_000_000, example = 4500)]
    price: Price,
}

/// A tax.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaxBody {
    /// Its rate in basis points: 1900 is 19 %.
    #[schema(value_type = u32, maximum = 10_000, example = 700)]
    rate_bps: TaxRate,
    /// Whether the stated price holds it; else it comes on top.
    included: bool,
}

impl From<TaxBody> for Tax {
    fn from(body: TaxBody) -> Self {
        Self { rate_bps: body.rate_bps, included: body.included }
    }
}

/// What changes of a tax.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::commands) struct TaxPatch {
    /// Its rate in basis points; not null.
    #[serde(default, deserialize_with = "merge_patch::value")]
    #[schema(value_type = Option<u32>, maximum = 10_000)]
    rate_bps: Option<TaxRate>,
    /// Whether the stated price holds it; not null.
    #[serde(default, deserialize_with = "merge_patch::value")]
    included: Option<bool>,
}

impl From<TaxPatch> for TaxChange {
    fn from(patch: TaxPatch) -> Self {
        Self { rate_bps: patch.rate_bps, included: patch.included }
    }
}

/// What changes of a ticket type; what is left out stays, null sets back to the default.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::commands) struct ReviseTicketTypeBody {
    /// What visitors call it; not null.
    #[serde(default, deserialize_with = "merge_patch::value")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    name: Option<Name>,
    /// What each costs everywhere; null only together with `prices`.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000_000)]
    price: Change<Price>,
    /// What each costs by category; null only together with `price`.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<Vec<CategoryPriceBody>>)]
    prices: Change<Vec<CategoryPriceBody>>,
    /// The sections it opens; null: all.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<Vec<String>>)]
    sections: Change<Vec<SectionName>>,
    /// The categories it opens; null: all that it has a price for.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<Vec<String>>)]
    categories: Change<Vec<Category>>,
    /// The shared quotas that its tickets take from; null: none.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<Vec<Uuid>>)]
    pools: Change<Vec<PoolId>>,
    /// The most tickets of it, never below what is sold; null: as many as there are places.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>, maximum = 1_000_000)]
    capacity: Change<Capacity>,
    /// How many people one ticket admits; null: 1.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100)]
    persons: Change<Persons>,
    /// The most tickets of it in a visitor's order; null: 10.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>)]
    max_per_order: Change<u32>,
    /// The fewest tickets of it in an order that has any; null: 1.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<u32>)]
    min_per_order: Change<u32>,
    /// When it is sold; null: within the show's own window.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<SalesPatch>)]
    sales: Change<SalesPatch>,
    /// Through which channels it is sold; null: all.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<Vec<String>>)]
    channels: Change<Vec<Channel>>,
    /// The areas it admits to; null: all.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<Vec<String>>)]
    areas: Change<Vec<DoorName>>,
    /// How often it admits to each area: an integer from 1, or `unlimited`; null: 1.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<EntriesView>)]
    entries: Change<Entries>,
    /// When it admits; null: always.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<ValidityPatch>)]
    valid: Change<ValidityPatch>,
    /// The tax on its price; null: none.
    #[serde(default, deserialize_with = "merge_patch::change")]
    #[schema(value_type = Option<TaxPatch>)]
    tax: Change<TaxPatch>,
}

impl AddTicketTypeBody {
    /// Whether it is for the organization's settings to say which tax is on its price.
    pub(in crate::commands) fn leaves_tax_out(&self) -> bool {
        self.tax == Change::Keep
    }

    /// The terms, defaults included; `tax` is that of the organization.
    ///
    /// # Errors
    /// That it has no price, or two.
    pub(in crate::commands) fn into_terms(self, tax: Option<Tax>) -> Result<TicketTypeTerms, Vec<FieldError>> {
        let prices = match (self.price, self.prices) {
            (Some(price), None) => Prices::Flat(price),
            (None, Some(prices)) => by_category(prices),
            (Some(_), Some(_)) => {
                return Err(vec![FieldError::at("/prices", "name either a price or prices by category, not both")]);
            }
            (None, None) => {
                return Err(vec![FieldError::at("/price", "is missing; name a price, or prices by category")]);
            }
        };
        let one = Persons::try_from(1).map_err(|error| vec![FieldError::at("/persons", error.to_string())])?;
        Ok(TicketTypeTerms {
            name: self.name,
            prices,
            sections: self.sections,
            categories: self.categories,
            pools: self.pools.unwrap_or_default(),
            capacity: self.capacity,
            persons: self.persons.unwrap_or(one),
            max_per_order: self.max_per_order.unwrap_or(MAX_PER_ORDER),
            min_per_order: self.min_per_order.unwrap_or(1),
            sales: self.sales.unwrap_or_default().into(),
            channels: self.channels,
            areas: self.areas,
            entries: self.entries.unwrap_or(Entries::Times(1)),
            valid: self.valid.unwrap_or_default().into(),
            tax: merge_patch::map(self.tax, Tax::from).apply_optional(tax),
        })
    }
}

impl ReviseTicketTypeBody {
    /// What changes.
    ///
    /// # Errors
    /// That it would have no price, or two.
    pub(in crate::commands) fn into_changes(self) -> Result<TermsChange, Vec<FieldError>> {
        let prices = match (self.price, self.prices) {
            (Change::Keep, Change::Keep) => None,
            (Change::Set(price), Change::Keep | Change::Clear) => Some(Prices::Flat(price)),
            (Change::Keep | Change::Clear, Change::Set(prices)) => Some(by_category(prices)),
            (Change::Set(_), Change::Set(_)) => {
                return Err(vec![FieldError::at("/prices", "name either a price or prices by category, not both")]);
            }
            (Change::Clear, Change::Keep | Change::Clear) => {
                return Err(vec![FieldError::at("/price", "has no default; name a price, or prices by category")]);
            }
            (Change::Keep, Change::Clear) => {
                return Err(vec![FieldError::at("/prices", "has no default; name prices by category, or a price")]);
            }
        };
        Ok(TermsChange {
            name: self.name,
            prices,
            sections: self.sections,
            categories: self.categories,
            pools: self.pools,
            capacity: self.capacity,
            persons: self.persons,
            max_per_order: self.max_per_order,
            min_per_order: self.min_per_order,
            sales: merge_patch::map(self.sales, Into::into),
            channels: self.channels,
            areas: self.areas,
            entries: self.entries,
            valid: merge_patch::map(self.valid, Into::into),
            tax: merge_patch::map(self.tax, Into::into),
        })
    }
}

fn by_category(prices: Vec<CategoryPriceBody>) -> Prices {
    let price = |body: CategoryPriceBody| CategoryPrice { category: body.category, price: body.price };
    Prices::ByCategory(prices.into_iter().map(price).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn added(body: Value) -> Result<TicketTypeTerms, String> {
        let body: AddTicketTypeBody =
            serde_path_to_error::deserialize(body).map_err(|error| error.path().to_string())?;
        body.into_terms(None).map_err(|errors| errors[0].pointer.clone())
    }

    fn revised(body: Value) -> Result<TermsChange, String> {
        let body: ReviseTicketTypeBody =
            serde_path_to_error::deserialize(body).map_err(|error| error.path().to_string())?;
        body.into_changes().map_err(|errors| errors[0].pointer.clone())
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let terms = added(json!({ "name": "Adult", "price": 2500 })).unwrap();
        assert_eq!((terms.max_per_order, terms.min_per_order, terms.entries), (10, 1, Entries::Times(1)));
        assert_eq!((u32::from(terms.persons), terms.channels, terms.tax), (1, None, None));
    }

    #[test]
    fn what_is_wrong_is_named_where_it_is() {
        for (body, path) in [
            (json!({ "name": "X" }), "/price"),
            (json!({ "name": "X", "price": 1, "prices": [] }), "/prices"),
            (json!({ "name": "X", "price": -1 }), "price"),
            (json!({ "name": "X", "price": 1.5 }), "price"),
            (json!({ "name": "X", "price": 1, "channels": ["pigeon"] }), "channels[0]"),
            (json!({ "name": "X", "price": 1, "persons": 0 }), "persons"),
            (json!({ "name": "X", "price": 1, "entries": "often" }), "entries"),
            (json!({ "name": "X", "price": 1, "tax": { "rate_bps": 10_001, "included": true } }), "tax.rate_bps"),
            (json!({ "name": "X", "prices": [{ "category": "A", "price": 1, "tax": 1 }] }), "prices[0].tax"),
        ] {
            assert_eq!(added(body.clone()), Err(path.to_owned()), "{body}");
        }
    }

    #[test]
    fn a_price_takes_the_place_of_prices_and_is_never_cleared_alone() {
        let price = Price::try_from(100).unwrap();
        let flat = revised(json!({ "price": 100, "prices": null })).unwrap();
        assert_eq!(flat.prices, Some(Prices::Flat(price)));
        let by_category = revised(json!({ "price": null, "prices": [{ "category": "A", "price": 1 }] })).unwrap();
        assert!(matches!(by_category.prices, Some(Prices::ByCategory(_))));
        assert_eq!(revised(json!({})), Ok(TermsChange::default()));
        assert_eq!(revised(json!({ "price": null })), Err("/price".to_owned()));
        assert_eq!(revised(json!({ "prices": null })), Err("/prices".to_owned()));
        assert_eq!(revised(json!({ "name": null })), Err("name".to_owned()));
    }

    #[test]
    fn null_sets_back_to_the_default() {
        let changes = revised(json!({ "capacity": null, "entries": "unlimited", "valid": null })).unwrap();
        assert_eq!((changes.capacity, changes.entries), (Change::Clear, Change::Set(Entries::Unlimited)));
        assert_eq!((changes.valid, changes.tax), (Change::Clear, Change::Keep));
    }
}
