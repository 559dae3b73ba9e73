//! The read models against a real PostgreSQL: projecting, rebuilding, leading, reading.

mod isolation;
mod leading;
mod live;
mod poison;
mod reading;
mod rebuilding;
mod story;
mod world;
