//! Seeds, planted defects, and that a seed is always the same run.

#![expect(clippy::print_stdout, reason = "what a run counted, and what found a defect, is said with --nocapture")]

mod planted;
mod same;
mod seeds;
