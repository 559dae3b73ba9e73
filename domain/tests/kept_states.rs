//! A state can be kept as bytes and taken up again as what it was.

mod common;

use domain::{
    ShowState,
    show::{Orders, OrdersPage, Tickets, TicketsPage},
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn a_state_read_from_its_bytes_is_the_state_and_goes_on_as_it(
        before in common::histories(),
        after in common::histories(),
    ) {
        let mut state = ShowState::fold(&before);
        let bytes = postcard::to_stdvec(&state).unwrap();
        let mut read: ShowState = postcard::from_bytes(&bytes).unwrap();
        prop_assert_eq!(&read, &state);
        for event in &after {
            state.evolve(event);
            read.evolve(event);
        }
        prop_assert_eq!(read, state);
    }

    #[test]
    fn a_state_kept_in_parts_is_the_state(history in common::histories()) {
        let state = ShowState::fold(&history);
        prop_assert_eq!(kept_in_parts(state.clone()).unwrap(), state);
    }

    #[test]
    fn a_state_is_also_read_from_a_format_with_names(history in common::histories()) {
        let state = ShowState::fold(&history);
        let text = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<ShowState>(&text).unwrap(), state);
    }
}

/// A state taken apart, written, read and put together.
fn kept_in_parts(state: ShowState) -> postcard::Result<ShowState> {
    let (rest, orders, tickets) = state.apart();
    let (orders, tickets): (Vec<_>, Vec<_>) = (orders.pages().collect(), tickets.pages().collect());
    let kept = postcard::to_stdvec(&(rest, orders, tickets))?;
    let (rest, orders, tickets): (_, Vec<OrdersPage>, Vec<TicketsPage>) = postcard::from_bytes(&kept)?;
    let (mut all_orders, mut all_tickets) = (Orders::default(), Tickets::default());
    orders.into_iter().for_each(|page| all_orders.add(page));
    tickets.into_iter().for_each(|page| all_tickets.add(page));
    Ok(ShowState::together(rest, all_orders, all_tickets))
}
