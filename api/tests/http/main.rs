//! The API as one service, on PostgreSQL but without a socket: what every path has in common, who sees what, sessions, and
//! queries that have seen what was commanded. Every rule of the contract over a socket is tested in `tests/`.

mod as_of;
mod counting;
mod evening;
mod everywhere;
mod reading;
mod reports;
mod sessions;
mod several_shows;
mod world;
