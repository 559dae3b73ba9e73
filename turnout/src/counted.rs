//! Counts in the program's English texts: `1 event`, `2 events`.

use std::fmt::Display;

/// A count and what there is so many of. Both forms are said in full, so that a verb may go along: `event is`, `events are`.
pub(crate) fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, one: &str, several: &str) -> String {
    let what = if count == N::from(1) { one } else { several };
    format!("{count} {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alone_takes_the_singular() {
        let said: Vec<String> = [0_u64, 1, 2, 21].map(|count| counted(count, "event is", "events are")).into();
        assert_eq!(said, ["0 events are", "1 event is", "2 events are", "21 events are"]);
        assert_eq!(counted(-1_i64, "place", "places"), "-1 places");
        assert_eq!(counted(1_usize, "stream", "streams"), "1 stream");
    }
}
