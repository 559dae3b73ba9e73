//! What somebody wants to buy, as holds and box-office sales name it.

use commands::allocation::{ItemRequest, PlacesRequest, Quantity};
use domain::{
    FieldError,
    ids::{BlockId, TicketTypeId},
    place::{SeatAddress, SectionName},
    text::Category,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// Tickets of one type: so many of the best places, or these seats.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemBody {
    /// Which type.
    #[schema(value_type = String, format = Uuid)]
    ticket_type: TicketTypeId,
    /// So many of the best places there are; without `seats`.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 1000, example = 2)]
    quantity: Option<QuantityField>,
    /// These seats; without `quantity`.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(null))]
    seats: Option<Vec<SeatAddress>>,
    /// Of this category; with `quantity`. By default the lowest-priced category that has enough.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    category: Option<Category>,
    /// In this section; with `quantity`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    section: Option<SectionName>,
    /// Out of this block; staff only.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid)]
    from_block: Option<BlockId>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "u32")]
struct QuantityField(Quantity);

impl TryFrom<u32> for QuantityField {
    type Error = domain::ValueError;

    fn try_from(n: u32) -> Result<Self, domain::ValueError> {
        Quantity::try_from(n).map(Self)
    }
}

/// The items of a request. `pointer` says where in the body they stand.
///
/// # Errors
/// What is wrong with them, each with its pointer.
pub(super) fn requests(items: Vec<ItemBody>, pointer: &str) -> Result<Vec<ItemRequest>, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut requests = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let at = format!("{pointer}/{index}");
        let places = match (item.quantity, item.seats) {
            (Some(quantity), None) => {
                PlacesRequest::Best { quantity: quantity.0, category: item.category, section: item.section }
            }
            (None, Some(seats)) => {
                for (field, given) in [("category", item.category.is_some()), ("section", item.section.is_some())] {
                    if given {
                        errors.push(FieldError::at(format!("{at}/{field}"), "goes with quantity, not with seats"));
                    }
                }
                PlacesRequest::Seats(seats)
            }
            (Some(_), Some(_)) => {
                errors.push(FieldError::at(format!("{at}/seats"), "name either seats or a quantity, not both"));
                continue;
            }
            (None, None) => {
                errors.push(FieldError::at(at, "needs a quantity or seats"));
                continue;
            }
        };
        requests.push(ItemRequest { ticket_type: item.ticket_type, places, from_block: item.from_block });
    }
    if errors.is_empty() { Ok(requests) } else { Err(errors) }
}

/// Whether any item is taken out of a block, which only staff may.
pub(super) fn from_a_block(items: &[ItemBody]) -> bool {
    items.iter().any(|item| item.from_block.is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const TYPE: &str = "0199a3c0-0000-7000-8000-000000000001";

    fn parsed(items: Value) -> Result<Vec<ItemRequest>, Vec<String>> {
        let items: Vec<ItemBody> = serde_json::from_value(items).unwrap();
        requests(items, "/items").map_err(|errors| errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn an_item_is_a_quantity_or_seats() {
        let items = parsed(json!([
            { "ticket_type": TYPE, "quantity": 2, "category": "Gold" },
            { "ticket_type": TYPE, "seats": ["Stalls-1-1", "Stalls-1-2"] },
        ]))
        .unwrap();
        assert_eq!(items.iter().map(ItemRequest::tickets).collect::<Vec<_>>(), [2, 2]);
    }

    #[test]
    fn neither_both_and_what_does_not_go_together_are_named() {
        assert_eq!(parsed(json!([{ "ticket_type": TYPE }])), Err(vec!["/items/0".to_owned()]));
        let both = json!([{ "ticket_type": TYPE, "quantity": 1, "seats": ["A-1-1"] }]);
        assert_eq!(parsed(both), Err(vec!["/items/0/seats".to_owned()]));
        let section = json!([{ "ticket_type": TYPE, "seats": ["A-1-1"], "section": "A" }]);
        assert_eq!(parsed(section), Err(vec!["/items/0/section".to_owned()]));
    }

    #[test]
    fn a_quantity_is_bounded() {
        for quantity in [0, 1_001] {
            let item = json!({ "ticket_type": TYPE, "quantity": quantity });
            assert!(serde_json::from_value::<ItemBody>(item).is_err(), "{quantity}");
        }
    }
}
