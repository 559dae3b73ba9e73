//! The parts of the bench: each measures what Turnout aims at, or some of it.

pub mod as_of;
pub mod bare;
pub mod growth;
pub mod history;
pub mod hot;
pub mod in_process;
pub mod listeners;
pub mod nodes;
pub mod opening;
pub mod overload;
pub mod read_side;
pub mod reading;
pub mod seat_map;
pub mod shows;
pub mod sustained;
pub mod tree;
