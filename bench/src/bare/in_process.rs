//! The desk without HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use uuid::Uuid;

use super::desk::{Desk, Kind};
use crate::measured::Measured;
use crate::windows::in_tasks;

/// Sells in this many tasks for so long.
pub async fn window(desk: Desk, tasks: usize, window: Duration) -> Result<Measured> {
    let ids = Arc::new(AtomicU64::new(1));
    in_tasks(tasks, window, move || {
        let (desk, id) = (desk.clone(), Uuid::from_u128(u128::from(ids.fetch_add(1, Ordering::Relaxed))));
        async move { desk.submit(Kind::Sale, id).await.map(drop) }
    })
    .await
}
