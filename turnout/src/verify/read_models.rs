//! `turnout verify --read`: whether what people see is what happened.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use projections::ReadCheck;

use super::{Looked, findings::Findings, progress};

/// How often the bar is drawn.
const DRAWN_EVERY: Duration = Duration::from_millis(200);

/// Compares all read models with the log.
pub(super) async fn look(url: &str) -> anyhow::Result<Looked> {
    let began = Instant::now();
    let check = ReadCheck::new(url);
    let far = check.progress();
    let bar = progress(0);
    let drawn = tokio::spawn({
        let bar = bar.clone();
        async move {
            loop {
                let looked = *far.borrow();
                bar.set_length(looked.of);
                bar.set_position(looked.events);
                tokio::time::sleep(DRAWN_EVERY).await;
            }
        }
    });
    let mut findings = Findings::default();
    let looked = check.run(|difference| findings.add_elsewhere(difference.to_string())).await;
    drawn.abort();
    bar.finish_and_clear();
    let looked = looked.context("the read models cannot be compared with the log")?;
    Ok(Looked { events: looked.events, streams: looked.streams, took: began.elapsed(), findings })
}
