//! The desk without HTTP: so many tasks, each asking for its next sale when it has the answer to the last one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use uuid::Uuid;

use super::desk::{Desk, Kind};
use crate::latencies::Latencies;
use crate::measured::Measured;

/// Sells in this many tasks for so long.
pub async fn window(desk: Desk, tasks: usize, window: Duration) -> Result<Measured> {
    let ids = Arc::new(AtomicU64::new(1));
    let started = Instant::now();
    let mut sellers = Vec::with_capacity(tasks);
    for _ in 0..tasks {
        let (desk, ids) = (desk.clone(), ids.clone());
        sellers.push(tokio::spawn(async move {
            let mut latencies = Latencies::default();
            while started.elapsed() < window {
                let id = Uuid::from_u128(u128::from(ids.fetch_add(1, Ordering::Relaxed)));
                let asked = Instant::now();
                desk.submit(Kind::Sale, id).await?;
                latencies.note(asked.elapsed());
            }
            anyhow::Ok(latencies)
        }));
    }
    let mut latencies = Latencies::default();
    for seller in sellers {
        latencies.add(&seller.await??);
    }
    Ok(Measured::new(started.elapsed(), latencies))
}
