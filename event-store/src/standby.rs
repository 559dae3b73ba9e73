//! What a synchronous standby has, where there is one (`synchronous_standby_names`).

use sqlx::{Connection as _, PgConnection};

/// Waits until it has all that is visible here now, on disk. What was committed by somebody who did not live to see the commit
/// return (he, or the server, was ended in the middle) is visible and may be here alone: whoever answers for it waits first.
pub(crate) async fn wait_for_standby(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN; SET LOCAL synchronous_commit = on").await?;
    // Something to commit: a standby gets the log in order, so that it has what is before it.
    sqlx::query_scalar!("SELECT pg_logical_emit_message(true, 'turnout', 'standby')::text")
        .fetch_one(&mut *transaction)
        .await?;
    transaction.commit().await
}
