//! The migrations of the whole database, built into the program.
//!
//! They are for the owner (`turnout migrate`, the embedded server's start, tests); the server's own role cannot run them.
//! A migration that has landed is never edited: sqlx refuses a database whose applied ones differ.

use sqlx::PgPool;
use sqlx::migrate::{MigrateError, Migrator};

/// Everything in the folder `migrations`, in the order of its numbers.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// Brings the database up to date. `owner` must be connected as the owner (see [`crate::pools::Role::Owner`]).
///
/// Several programs may do it at once: they wait for each other.
///
/// # Errors
/// When a migration fails, or when the database has one that this program does not know or knows otherwise.
pub async fn migrate(owner: &PgPool) -> Result<(), MigrateError> {
    MIGRATOR.run(owner).await
}
