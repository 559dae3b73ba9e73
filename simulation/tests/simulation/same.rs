//! A seed is always the same run.

use simulation::run;

#[test]
fn a_seed_is_always_the_same_run() {
    for seed in 1..=60 {
        let (one, other) = (run(seed, None), run(seed, None));
        assert_eq!(one.last, other.last, "seed {seed}");
        assert_eq!(one.trace, other.trace, "seed {seed}");
    }
}

#[test]
fn another_seed_is_another_run() {
    assert_ne!(run(1, None).trace, run(2, None).trace);
}
