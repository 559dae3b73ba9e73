//! Planted defects of the server are found, each within a part of the suite's seeds: a simulation that finds nothing could
//! also be one that looks at nothing.

use simulation::{Bug, run};

/// Fewer than the suite has.
const SEEDS_MAX: u64 = 200;

fn is_found(bug: Bug) {
    let found = (1..=SEEDS_MAX).find_map(|seed| run(seed, Some(bug)).finding.map(|finding| (seed, finding)));
    let (seed, finding) = found.unwrap_or_else(|| panic!("{bug:?} is not found"));
    assert_eq!(run(seed, None).finding, None, "seed {seed} finds something without {bug:?}, too");
    println!("{bug:?} is found by seed {seed}: {finding}");
}

macro_rules! planted {
    ($($name:ident: $bug:ident;)*) => {$(
        #[test]
        fn $name() {
            is_found(Bug::$bug);
        }
    )*};
}

planted! {
    a_lost_commit: LosesACommit;
    a_batch_that_is_written_twice: WritesTwice;
    versions_that_are_not_compared: IgnoresVersions;
    rejections_that_are_not_confirmed: ConfirmsAnything;
    a_hole: LeavesAHole;
    a_part_of_a_batch: WritesAPart;
    time_that_goes_back: TurnsBackTime;
    a_backend_that_works_on: LeavesBackends;
    a_checkpoint_that_anybody_sets: SetsAnyCheckpoint;
}
