//! The server's own PostgreSQL, over its Unix socket, for what no answer over HTTP can prove.

use std::path::Path;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row};

/// Connects as a role. The socket's place is in line 5 of `postmaster.pid`, its port in line 4.
///
/// # Panics
/// When no server listens there.
pub async fn connect(data: &Path, user: &str) -> PgConnection {
    let pid_file = std::fs::read_to_string(data.join("postgres/postmaster.pid")).expect("a running PostgreSQL");
    let lines: Vec<&str> = pid_file.lines().collect();
    let port = lines[3].trim().parse().expect("a port in postmaster.pid");
    PgConnectOptions::new_without_pgpass()
        .socket(lines[4].trim())
        .port(port)
        .username(user)
        .database("turnout")
        .connect()
        .await
        .unwrap_or_else(|error| panic!("cannot connect as {user}: {error}"))
}

/// The process id of the server's PostgreSQL.
///
/// # Panics
/// When none runs.
#[must_use]
pub fn postmaster(data: &Path) -> i32 {
    let pid_file = std::fs::read_to_string(data.join("postgres/postmaster.pid")).expect("a running PostgreSQL");
    pid_file.lines().next().and_then(|line| line.trim().parse().ok()).expect("a process id in postmaster.pid")
}

/// Every table of the installation, as `schema.name`.
///
/// # Panics
/// When the catalog cannot be read.
pub async fn tables(connection: &mut PgConnection) -> Vec<String> {
    let rows = connection
        .fetch_all(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
             ORDER BY 1",
        )
        .await
        .expect("the list of tables");
    rows.iter().map(|row| row.get(0)).collect()
}

/// The tables in which a text stands in any column, also as the hexadecimal digits of its bytes.
/// Row-level security is off, so that a table that would hide its rows is an error and not an empty answer.
///
/// # Panics
/// When a table cannot be read.
pub async fn tables_with(connection: &mut PgConnection, text: &str) -> Vec<String> {
    connection.execute("SET row_security = off").await.expect("to see every row");
    let mut found = Vec::new();
    for table in tables(connection).await {
        let statement = format!(
            "SELECT count(*) FROM {table} AS t WHERE position($1 in t::text) > 0
                 OR position(encode(convert_to($1, 'UTF8'), 'hex') in t::text) > 0"
        );
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(statement))
            .bind(text)
            .fetch_one(&mut *connection)
            .await
            .unwrap_or_else(|error| panic!("cannot search {table}: {error}"));
        if count > 0 {
            found.push(table);
        }
    }
    found
}

/// The SQLSTATE with which a statement fails, or `None` where it succeeds. Nothing of it stays.
///
/// # Panics
/// When the connection breaks.
pub async fn failure(connection: &mut PgConnection, statement: &str) -> Option<String> {
    connection.execute("BEGIN").await.expect("BEGIN");
    let outcome = connection.execute(AssertSqlSafe(statement.to_owned())).await;
    connection.execute("ROLLBACK").await.expect("ROLLBACK");
    match outcome {
        Ok(_) => None,
        Err(sqlx::Error::Database(error)) => Some(error.code().unwrap_or_default().into_owned()),
        Err(error) => panic!("{statement}: {error}"),
    }
}

/// Takes the projectors' lease, as another server would, with a fence above theirs: they write nothing from now on, until they are
/// [let go](let_projectors_go).
///
/// # Panics
/// When the connection is not the owner's.
pub async fn hold_projectors(connection: &mut PgConnection) {
    let hold = "BEGIN;
        UPDATE read.leases SET holder = gen_random_uuid(), fence = fence + 1, expires_at = now() + interval '1 day' WHERE name = 'read';
        UPDATE read.checkpoints SET fence = fence + 1 WHERE name = 'read';
        COMMIT";
    connection.execute(hold).await.expect("to take the lease");
}

/// Ends the lease that was taken.
///
/// # Panics
/// When the connection is not the owner's.
pub async fn let_projectors_go(connection: &mut PgConnection) {
    let go = "UPDATE read.leases SET expires_at = now() - interval '1 second' WHERE name = 'read'";
    connection.execute(go).await.expect("to end the lease");
}
