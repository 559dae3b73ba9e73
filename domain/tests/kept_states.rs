//! A state can be kept as bytes and taken up again as what it was.

mod common;

use domain::ShowState;
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
        let (rest, orders, tickets) = state.clone().apart();
        let kept = postcard::to_stdvec(&(rest, orders, tickets)).unwrap();
        let (rest, orders, tickets) = postcard::from_bytes(&kept).unwrap();
        prop_assert_eq!(ShowState::together(rest, orders, tickets), state);
    }

    #[test]
    fn a_state_is_also_read_from_a_format_with_names(history in common::histories()) {
        let state = ShowState::fold(&history);
        let text = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<ShowState>(&text).unwrap(), state);
    }
}
