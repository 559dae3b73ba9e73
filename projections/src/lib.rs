//! The read side: read models, what builds them, and the queries that answer from them.
//!
//! What always holds: the rows of a show are the view (`views`) of its state folded to the row's position, so a read model is a
//! function of the log by construction, and what is asked of a moment in the past can be rendered by the same functions.
//! [`Projector`] folds and writes, rows and checkpoint in one transaction; [`Queries`] reads under row-level security, one
//! organization at a time; [`LiveFeeds`] tells listeners what changed. Names of people are never here: they are joined from the
//! vault when somebody asks. Nothing here can see `commands`.

pub mod as_of;
mod facts;
pub mod history;
mod hot;
mod live;
mod pg_copy;
mod projector;
pub mod queries;
mod read_models;
mod rebuild;
pub mod reports;
pub mod settlement;
mod verify;
pub mod views;

pub use hot::{Coding, Follower, Form, HotShow, HotShows, HotState, Kept, Missed};
pub use live::{Listener, LiveChange, LiveFeeds, LiveOptions};
pub use projector::{Projector, ProjectorError, ProjectorOptions, Step};
pub use queries::{Answer, Audience, CheckpointFollower, Queries, QueryError, Scope, WaitError};
pub use read_models::{ReadModel, ReadModels, UnknownReadModel};
pub use rebuild::{Progress, Rebuild, RebuildError, Rebuilt, Retried, Stage};
pub use verify::{Difference, Differs, ReadCheck, VerifyError};
