//! Waiting for what happens by itself, such as a hold's end: ask again until it has, and say so when it has not.

use std::time::{Duration, Instant};

/// Asks every 50 ms until there is an answer.
///
/// # Panics
/// When there is none after `within`.
#[track_caller]
pub fn eventually<F, T>(within: Duration, what: &str, mut ask: F) -> impl Future<Output = T>
where
    F: AsyncFnMut() -> Option<T>,
{
    let caller = std::panic::Location::caller();
    async move {
        let started = Instant::now();
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            assert!(started.elapsed() < within, "{caller}: not within {within:?}: {what}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
