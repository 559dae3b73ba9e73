//! What a reader of the log asks of whatever holds it.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{ReadError, Touched};
use crate::event::{RecordedEvent, StreamEvent, TypedEvent};

/// Where the log is read. [`Log`](super::Log) says what each answers, and looks for holes itself.
#[async_trait]
#[expect(missing_docs, reason = "each method is the one of the same name of Log")]
pub trait LogSource: Send + Sync + fmt::Debug {
    async fn page(&self, after: i64, limit: i64) -> Result<Vec<RecordedEvent>, ReadError>;
    async fn facts(&self, stream: Uuid, after_version: i64, limit: i64) -> Result<Vec<StreamEvent>, ReadError>;
    async fn stream(&self, stream: Uuid, after_version: i64, limit: i64) -> Result<Vec<RecordedEvent>, ReadError>;
    async fn of_types(&self, types: &[&str], after: i64, until: i64) -> Result<Vec<TypedEvent>, ReadError>;
    async fn streams_between(&self, after: i64, until: i64) -> Result<Vec<Touched>, ReadError>;
    async fn organization_command(&self, organization: Uuid, command: Uuid) -> Result<Vec<RecordedEvent>, ReadError>;
    async fn stream_organization(&self, stream: Uuid) -> Result<Option<Uuid>, ReadError>;
    async fn has_shows(&self) -> Result<bool, ReadError>;
    async fn position_at(&self, moment: DateTime<Utc>) -> Result<i64, ReadError>;
    async fn version_at(&self, stream: Uuid, position: i64) -> Result<i64, ReadError>;
    async fn head(&self) -> Result<i64, ReadError>;
}
