//! The desk of organizations on a real log: what is answered is true, once, on any number of nodes, and through faults.

mod faults;
mod members;
mod once;
mod world;
