//! Where state hashes are printed: at the signed checkpoints of the log, which anybody may hold, or at every so many events.

use anyhow::bail;

/// The positions at which to hash, ascending, up to the log's head.
pub(super) fn points(checkpoints: Option<Vec<i64>>, every: Option<i64>, head: i64) -> anyhow::Result<Vec<i64>> {
    match every {
        Some(every) if every < 1 => bail!("--every takes a number of events from 1"),
        Some(every) => Ok((1..=head / every).map(|n| n * every).collect()),
        None => {
            let mut checkpoints = checkpoints.unwrap_or_default();
            checkpoints.retain(|size| *size <= head);
            if checkpoints.is_empty() {
                bail!("the log has no signed checkpoint to hash at; say --every N for a hash at every N events");
            }
            Ok(checkpoints)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_stand_at_checkpoints_or_at_every_so_many_events() {
        assert_eq!(points(Some(vec![3, 9, 12]), None, 10).unwrap(), [3, 9]);
        assert_eq!(points(None, Some(4), 10).unwrap(), [4, 8]);
        assert_eq!(points(Some(vec![3]), Some(5), 10).unwrap(), [5, 10]);
        assert!(points(Some(vec![]), None, 10).is_err());
        assert!(points(None, None, 10).is_err());
        assert!(points(None, Some(0), 10).is_err());
    }
}
