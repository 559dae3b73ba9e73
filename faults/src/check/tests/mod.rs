//! That the check can fail: each promise is broken in a log or a journal that was right, and the check must say so, and say it
//! of that promise alone.

mod log;
mod tampered_answers;
mod tampered_door;
mod tampered_log;
mod tampered_places;
