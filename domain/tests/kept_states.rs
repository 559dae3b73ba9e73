//! A state can be kept as bytes and taken up again as what it was.

mod common;

use domain::{
    ShowEvent, ShowState,
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
        prop_assert_eq!(kept_in_parts(state.clone()).unwrap(), Some(state));
    }

    #[test]
    fn a_state_is_also_read_from_a_format_with_names(history in common::histories()) {
        let state = ShowState::fold(&history);
        let text = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<ShowState>(&text).unwrap(), state);
    }
}

#[test]
fn a_state_of_several_pages_is_the_state() {
    let golden = |name: &str, other: &[(&str, String)]| {
        let files = common::files();
        let (_, schema, payload) = files.iter().rfind(|(of, ..)| of == name).unwrap();
        let payload = other.iter().fold(payload.clone(), |payload, (from, to)| payload.replace(from, to));
        ShowEvent::decode(name, *schema, &payload).unwrap()
    };
    let (order, ticket) = ("0199a000-0000-7000-8000-000000000007", "0199a000-0000-7000-8000-00000000000a");
    let id = |kind: u8, number: u32| format!("0199a000-0000-7000-80{kind:02}-{number:012}");
    let mut state = ShowState::fold(&[golden("ShowScheduled", &[])]);
    for number in 0..4_321 {
        let ids = [(order, id(1, number)), (ticket, id(2, number))];
        let [order, ticket] = ids.clone();
        state.evolve(&golden("OrderPlaced", &[order, ticket, ("7KQ4M", format!("{number:05}"))]));
        state.evolve(&golden("TicketIssued", &[ids[0].clone(), ids[1].clone(), ("00742", format!("{number:05}"))]));
    }
    // One has another code now; the one before is still known.
    state.evolve(&golden("TicketReissued", &[(ticket, id(2, 77))]));
    assert_eq!(kept_in_parts(state.clone()).unwrap(), Some(state.clone()));
    let (rest, orders, tickets) = state.clone().apart();
    assert_eq!((orders.pages().count(), tickets.pages().count()), (4, 4), "three pages, and what they do not say");
    // One that is missing is missed.
    let some_orders = |from: usize, pages: usize| {
        let mut some = Orders::default();
        orders.pages().skip(from).take(pages).for_each(|page| some.add(page));
        some
    };
    let some_tickets = |from: usize, pages: usize| {
        let mut some = Tickets::default();
        tickets.pages().skip(from).take(pages).for_each(|page| some.add(page));
        some
    };
    for (from, pages) in [(0, 0), (0, 2), (0, 3), (1, 3), (3, 1)] {
        assert_eq!(ShowState::together(rest.clone(), some_orders(from, pages), some_tickets(0, 4)), None);
        assert_eq!(ShowState::together(rest.clone(), some_orders(0, 4), some_tickets(from, pages)), None);
    }
    assert_eq!(ShowState::together(rest, some_orders(0, 4), some_tickets(0, 4)), Some(state));
}

/// A state taken apart, written, read and put together.
fn kept_in_parts(state: ShowState) -> postcard::Result<Option<ShowState>> {
    let (rest, orders, tickets) = state.apart();
    let (orders, tickets): (Vec<_>, Vec<_>) = (orders.pages().collect(), tickets.pages().collect());
    let kept = postcard::to_stdvec(&(rest, orders, tickets))?;
    let (rest, orders, tickets): (_, Vec<OrdersPage>, Vec<TicketsPage>) = postcard::from_bytes(&kept)?;
    let (mut all_orders, mut all_tickets) = (Orders::default(), Tickets::default());
    orders.into_iter().for_each(|page| all_orders.add(page));
    tickets.into_iter().for_each(|page| all_tickets.add(page));
    Ok(ShowState::together(rest, all_orders, all_tickets))
}
