//! Tries a stream again that stopped at an event that could not be understood, once the program understands it.
//!
//! All of its rows are made anew, in one transaction, while the projector waits; readers see them before or after.

use event_store::{Log, ReadError};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::{Counter, Rebuild, RebuildError, Stage, end, schema, switch::checkpoint, whole};
use crate::{
    ReadModels,
    projector::{
        CHECKPOINT,
        rows::Rows,
        write::{self, How},
    },
    verify,
};

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub struct Retried {
    /// Events of the stream.
    pub events: i64,
    /// Whether it still stops.
    pub stopped: bool,
}

impl Rebuild {
    /// Makes the rows of one stream anew, in all read models.
    ///
    /// # Errors
    /// See [`RebuildError`]; its rows are as they were then.
    pub async fn retry(&self, stream: Uuid) -> Result<Retried, RebuildError> {
        let mut connection = self.alone().await?;
        let retried = self.retry_alone(&mut connection, stream).await;
        end(connection).await;
        retried
    }

    async fn retry_alone(&self, connection: &mut PgConnection, stream: Uuid) -> Result<Retried, RebuildError> {
        schema::run(connection, "SET search_path = read").await?;
        let mut transaction = connection.begin().await?;
        // The projector's next page waits here. Its fence is another then: it forgets what stopped, and reads that again.
        sqlx::query!("UPDATE read.checkpoints SET fence = fence + 1 WHERE name = $1", CHECKPOINT)
            .execute(&mut *transaction)
            .await?;
        let position = checkpoint(&mut transaction).await?;
        let head =
            verify::head(&mut transaction, stream, position).await?.ok_or(RebuildError::UnknownStream(stream))?;
        let log = Log::new(self.owner.clone(), None);
        let counter = self.begin(Stage::Building, head.version);
        let mut sink = AllRows(Rows::of(ReadModels::ALL), counter.clone());
        let whole::Whole { stopped, .. } = whole::fold(&log, head, None, &mut sink).await?;
        counter.stage(Stage::Switching);
        for table in ReadModels::ALL.tables() {
            let delete = format!("DELETE FROM read.{} WHERE {} = '{stream}'", table.name, table.stream);
            schema::run(&mut transaction, &delete).await?;
        }
        write::rows(&mut transaction, How::Upsert, &sink.0).await?;
        transaction.commit().await?;
        Ok(Retried { events: head.version, stopped })
    }
}

/// All rows of one stream.
struct AllRows(Rows, Counter);

impl whole::Sink for AllRows {
    type Error = ReadError;

    fn rows(&mut self) -> &mut Rows {
        &mut self.0
    }

    async fn progress(&mut self, events: u64) -> Result<(), ReadError> {
        self.1.add(events);
        Ok(())
    }
}
