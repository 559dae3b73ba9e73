//! The bare limit by itself, at every number of connections, over HTTP and in its own process.

use std::time::Duration;

use anyhow::Result;

use crate::measured::Measured;
use crate::report::{Report, Row};
use crate::scene::Scene;

/// Plans are made, caches filled, connections warm.
pub const WARM_UP: Duration = Duration::from_secs(1);

/// Where a part has one number of connections.
pub const CONNECTIONS_MANY: usize = 64;

/// More than sales are measured at: where the design ends.
const CONNECTIONS: &[usize] = &[1, 16, 64, 256];
const TASKS: &[usize] = &[64, 256];

/// Measures it.
pub async fn measure(scene: &mut Scene, report: &mut Report) -> Result<()> {
    for connections in CONNECTIONS {
        let mut load = scene.bare_load(*connections);
        let window = std::mem::replace(&mut load.window, WARM_UP);
        scene.bare.show.sell(load).await?;
        load.window = window;
        let run = scene.bare.show.sell(load).await?;
        report.add(Row::of_window("bare limit: a sale over HTTP", *connections, &run.measured));
    }
    for tasks in TASKS {
        scene.bare.in_process(*tasks, WARM_UP)?;
        let measured: Measured = scene.bare.in_process(*tasks, scene.settings.window)?;
        report.add(Row::of_window("bare limit: a sale in process", format!("{tasks} tasks"), &measured));
    }
    Ok(())
}
