//! Fuzz targets for whatever reads what comes from outside, run by libFuzzer (`scripts/fuzz`).
//!
//! One program holds all of them, so that it is built and linked once; `TURNOUT_FUZZ_TARGET` says which one it is. A target
//! takes any bytes and panics where a promise is broken: not that something is refused, but that it is refused well, and that
//! what is accepted is within its limits and says the same once it was written and read again.
//!
//! A new target: a file in `targets/` with `pub fn run(data: &[u8])`, its line in [`TARGETS`], and some seeds in
//! `fuzz/seeds/` under its name.

#![no_main]

mod problem;
mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

use targets::TARGETS;

static TARGET: OnceLock<fn(&[u8])> = OnceLock::new();

fuzz_target!(
    init: {
        let name = std::env::var("TURNOUT_FUZZ_TARGET").unwrap_or_default();
        let found = TARGETS.iter().find(|(known, _)| *known == name);
        let (_, run) = found.unwrap_or_else(|| {
            let known: Vec<&str> = TARGETS.iter().map(|(known, _)| *known).collect();
            panic!("TURNOUT_FUZZ_TARGET has to be one of: {}", known.join(" "))
        });
        TARGET.get_or_init(|| *run);
    },
    |data: &[u8]| {
        if let Some(run) = TARGET.get() {
            run(data);
        }
    }
);
