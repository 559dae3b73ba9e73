//! The parts of the bench: each measures an aim of issue 4, or some of them.

pub mod bare;
pub mod growth;
pub mod hot;
pub mod in_process;
pub mod nodes;
pub mod opening;
pub mod overload;
pub mod shows;
pub mod sustained;
