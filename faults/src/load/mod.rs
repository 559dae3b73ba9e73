//! The load: clients that sell, buy and let people in, all at once, through every fault. Each keeps a journal of what it asked
//! and was answered; whoever gets no answer asks again with the same key until there is one.

mod asking;
mod box_office;
mod clients;
mod door;
mod request;
mod shows;
mod web;

pub use asking::{Asking, Pulse};
pub use clients::Load;
pub use request::Tally;
