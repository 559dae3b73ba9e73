//! Tables of a read model a second time, in a schema of their own: made like those in use, filled, and given their place.
//!
//! What always holds: a twin has the columns, options, constraints, indexes, row-level security and rights of its model, taken from the
//! catalogue and from nowhere else, so that a later migration need not be repeated here. Policies name tables by themselves
//! only; whatever names them from outside (functions) does so by name, and so follows the switch.

use std::sync::{Mutex, PoisonError};

use sqlx::{AssertSqlSafe, Executor as _, PgConnection, PgPool, Row as _};

use crate::read_models::{POISONED, Table};

/// The schema in use.
pub(crate) const LIVE: &str = "read";
/// Where new tables are filled.
pub(super) const NEXT: &str = "read_next";
/// Where the tables that were in use before are kept.
pub(super) const OLD: &str = "read_old";

/// Clears away what an unfinished rebuild left, and makes the schema for the next.
pub(super) async fn begin_anew(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    connection.execute("DROP SCHEMA IF EXISTS read_next CASCADE; CREATE SCHEMA read_next").await.map(drop)
}

/// Makes empty twins of tables, without keys and indexes: those come when they are full.
pub(super) async fn make_twins(connection: &mut PgConnection, tables: &[Table]) -> Result<(), sqlx::Error> {
    for Table { name, .. } in tables {
        run(connection, &format!("CREATE TABLE {NEXT}.{name} (LIKE {LIVE}.{name} INCLUDING ALL EXCLUDING INDEXES)"))
            .await?;
        // Before it is filled: they say how. LIKE leaves them out.
        let options = sqlx::query_scalar!(
            r#"SELECT s.set AS "set!" FROM pg_class AS c, LATERAL (
                   SELECT format('SET (%s)', array_to_string(c.reloptions, ', ')) AS set WHERE c.reloptions IS NOT NULL
                   UNION ALL
                   SELECT format('ALTER COLUMN %I SET STATISTICS %s', a.attname, a.attstattarget) FROM pg_attribute AS a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attstattarget >= 0) AS s
                WHERE c.oid = format('read.%I', $1::text)::regclass"#,
            name
        )
        .fetch_all(&mut *connection)
        .await?;
        if !options.is_empty() {
            run(connection, &format!("ALTER TABLE {NEXT}.{name} {}", options.join(", "))).await?;
        }
        // Rare rows, written with a look at what is there.
        if *name == POISONED.name {
            run(connection, &format!("ALTER TABLE {NEXT}.{name} ADD CONSTRAINT {name}_pkey PRIMARY KEY (stream)"))
                .await?;
        }
    }
    Ok(())
}

/// Gives full twins their indexes, several at a time: while one is sorted, another can be written. Then their keys, which are made
/// of unique ones: made with its key at once, an index would let nothing else be made of its table meanwhile.
pub(super) async fn index_twins(pool: &PgPool, tables: &[Table]) -> Result<(), sqlx::Error> {
    let names: Vec<String> = tables.iter().map(|table| table.name.to_owned()).collect();
    // What takes longest first.
    let indexes = sqlx::query_scalar!(
        r#"
        SELECT replace(pg_get_indexdef(i.indexrelid), ' ON read.', ' ON read_next.') AS "ddl!"
          FROM unnest($1::text[]) AS t (name)
          JOIN pg_index AS i ON i.indrelid = format('read.%I', t.name)::regclass
          JOIN pg_class AS c ON c.oid = i.indexrelid
          JOIN pg_am AS a ON a.oid = c.relam
         WHERE to_regclass(format('read_next.%I', c.relname)) IS NULL
         ORDER BY a.amname = 'gin' DESC, pg_table_size(format('read_next.%I', t.name)::regclass) DESC, c.relname"#,
        &names
    )
    .fetch_all(pool)
    .await?;
    let left = Mutex::new(indexes.into_iter());
    let some = || async {
        let mut connection = pool.acquire().await?;
        // Enough to sort a million entries without files.
        run(&mut connection, "SET maintenance_work_mem = '256MB'").await?;
        loop {
            let next = left.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(statement) = next else { return Ok::<_, sqlx::Error>(()) };
            run(&mut connection, &statement).await?;
        }
    };
    tokio::try_join!(some(), some())?;

    let keys = sqlx::query_scalar!(
        r#"
        SELECT format('ALTER TABLE read_next.%I ADD CONSTRAINT %I %s USING INDEX %I', t.name, k.conname,
                      CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, c.relname) AS "ddl!"
          FROM unnest($1::text[]) AS t (name)
          JOIN pg_constraint AS k ON k.conrelid = format('read.%I', t.name)::regclass AND k.contype IN ('p', 'u')
          JOIN pg_class AS c ON c.oid = k.conindid
         WHERE NOT EXISTS (SELECT FROM pg_constraint AS n
                            WHERE n.conrelid = format('read_next.%I', t.name)::regclass AND n.conname = k.conname)"#,
        &names
    )
    .fetch_all(pool)
    .await?;
    let mut connection = pool.acquire().await?;
    for key in keys {
        run(&mut connection, &key).await?;
    }
    Ok(())
}

/// Gives a full twin what else makes it fit for use: row-level security, rights and statistics.
pub(super) async fn finish_twin(connection: &mut PgConnection, table: Table) -> Result<(), sqlx::Error> {
    let ddl = sqlx::query_scalar!(
        r#"
        SELECT d.ddl AS "ddl!" FROM pg_class AS c, LATERAL (
            SELECT 1 AS step, format('ALTER TABLE read_next.%I ENABLE ROW LEVEL SECURITY', c.relname) AS ddl WHERE c.relrowsecurity
            UNION ALL
            SELECT 1, format('ALTER TABLE read_next.%I FORCE ROW LEVEL SECURITY', c.relname) WHERE c.relforcerowsecurity
            UNION ALL
            SELECT 2, format('CREATE POLICY %I ON read_next.%I AS %s FOR %s TO %s%s%s', p.policyname, p.tablename, p.permissive, p.cmd,
                             (SELECT string_agg(quote_ident(r), ', ') FROM unnest(p.roles) AS r),
                             coalesce(' USING (' || p.qual || ')', ''), coalesce(' WITH CHECK (' || p.with_check || ')', ''))
              FROM pg_policies AS p WHERE p.schemaname = 'read' AND p.tablename = c.relname
            UNION ALL
            SELECT 3, format('GRANT %s ON read_next.%I TO %s', a.privilege_type, c.relname, a.grantee::regrole)
              FROM aclexplode(c.relacl) AS a WHERE a.grantee <> c.relowner
            UNION ALL
            SELECT 4, format('ANALYZE read_next.%I', c.relname)) AS d
         WHERE c.oid = format('read.%I', $1::text)::regclass
         ORDER BY d.step"#,
        table.name
    )
    .fetch_all(&mut *connection)
    .await?;
    for statement in ddl {
        run(connection, &statement).await?;
    }
    Ok(())
}

/// How many rows a new table holds.
pub(super) async fn count(connection: &mut PgConnection, table: &str) -> Result<i64, sqlx::Error> {
    let row = connection.fetch_one(AssertSqlSafe(format!("SELECT count(*) FROM {NEXT}.{table}"))).await?;
    row.try_get(0)
}

/// The tables of ours that a schema holds.
pub(super) async fn tables_of(connection: &mut PgConnection, schema: &str) -> Result<Vec<String>, sqlx::Error> {
    let tables = sqlx::query_scalar!(
        r#"SELECT tablename::text AS "name!" FROM pg_tables WHERE schemaname = $1::text ORDER BY 1"#,
        schema
    );
    tables.fetch_all(connection).await
}

/// Runs a statement that is made of names of ours and of what the catalogue wrote.
pub(super) async fn run(connection: &mut PgConnection, statement: &str) -> Result<(), sqlx::Error> {
    connection.execute(AssertSqlSafe(statement.to_owned())).await.map(drop)
}
