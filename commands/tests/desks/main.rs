//! Desks on a real log: what is answered is true, once, on any number of nodes, and through faults.

mod ends;
mod faults;
mod once;
mod sales;
mod world;
