//! Every statement of the read side, with its own filters taken out: row-level security alone lets nothing foreign through.
//!
//! The statements are those that the compiler checked (`.sqlx`), looked up in the sources that the role of queries runs. One that
//! is missing there, or that the other organization's rows do not show up in when it asks itself, fails the test.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context as _, Result};
use domain::{ShowEvent, events::PersonErased, ids::PersonId};
use event_store::{Ids, VaultEntry, VaultKind};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    story::Story,
    world::{World, catch_up, options},
};

const OURS: Uuid = Uuid::from_u128(0xA);
const THEIRS: Uuid = Uuid::from_u128(0xB);

/// What asks a function that sees everything: it answers to an id or slug with whose it is, and nothing else.
const LOOKUPS: [&str; 3] = ["find_show($1)", "find_order($1)", "find_ticket($1)"];

/// What belongs to no organization.
const OF_NOBODY: [&str; 1] = ["FROM checkpoints"];

/// A statement that was checked when it was compiled, and the types of its parameters.
struct Statement {
    text: String,
    parameters: Vec<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_own_filter_no_statement_finds_anything_foreign() -> Result<()> {
    let world = World::new().await?;
    everything_of(&world, THEIRS).await?;
    let statements = statements_of_the_read_side()?;
    assert!(statements.len() >= 25, "only {} statements", statements.len());
    for statement in &statements {
        let open = unfiltered(statement);
        let theirs = run(&world.query, THEIRS, statement, &open).await.with_context(|| open.clone())?;
        assert!(theirs.iter().any(says_something), "nothing is there to be found: {open}");
        for organization in [OURS, Uuid::nil()] {
            let found = run(&world.query, organization, statement, &open).await?;
            let foreign: Vec<_> = found.iter().filter(|row| says_something(row)).collect();
            assert!(foreign.is_empty(), "{open}\nfinds {foreign:?}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_organization_nothing_is_seen() -> Result<()> {
    let world = World::new().await?;
    everything_of(&world, THEIRS).await?;
    for statement in statements_of_the_read_side()? {
        let open = unfiltered(&statement);
        let mut connection = world.query.acquire().await?;
        let found = fetch(&mut connection, &statement, &open).await?;
        assert!(!found.iter().any(says_something), "{open}\nfinds {found:?}");
    }
    Ok(())
}

/// An organization of which every table holds something.
async fn everything_of(world: &World, organization: Uuid) -> Result<()> {
    world.found(organization).await?;
    let mut story = Story::begin(2);
    story.goes_on(150);
    // In the end, so that all of it has happened. One show alone: some statements expect one row.
    story.events.push(ShowEvent::decode("ShowCancelled", 1, &json!({ "reason": world.ids.next() }).to_string())?);
    let show = story.show.0;
    let entry = |kind, person, show| VaultEntry {
        id: world.ids.next(),
        kind,
        person,
        show,
        purpose: "customer".to_owned(),
        fields: json!({ "name": "Ada", "email": "ada@example.org", "phone": null, "locale": null }),
    };
    let known = entry(VaultKind::Person, None, Some(show));
    let about = entry(VaultKind::Text, Some(known.id), Some(show));
    let erased = entry(VaultKind::Person, None, None);
    let person = PersonId(erased.id);
    world.record_with(organization, show, &story.events, vec![known, about, erased]).await?;
    world.record_of_organization(organization, PersonErased { person, reason: None }).await?;
    world.record_raw(organization, show, "NeverHeardOf", "{}").await?;

    catch_up(&mut world.projector(options(1_000, 10))).await?;
    Ok(())
}

/// Every checked statement that the role of queries runs, except those that look up whose something is.
fn statements_of_the_read_side() -> Result<Vec<Statement>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace")?;
    let mut sources = vec![root.join("event-store/src/vault.rs")];
    for entry in fs::read_dir(root.join("projections/src/queries"))? {
        sources.push(entry?.path());
    }
    let source: String = sources
        .iter()
        .filter(|path| path.is_file())
        .map(|path| fs::read_to_string(path).map(|text| one_line(&text)))
        .collect::<Result<_, _>>()?;
    let asked =
        ["query!(", "query_as!(", "query_scalar!("].iter().map(|name| source.matches(name).count()).sum::<usize>();
    assert_eq!(source.matches("sqlx::query").count(), asked, "a statement that no compiler has checked");

    let mut described = 0;
    let mut statements = Vec::new();
    for entry in fs::read_dir(root.join(".sqlx"))? {
        let description: Value = serde_json::from_str(&fs::read_to_string(entry?.path())?)?;
        let text = description["query"].as_str().context("a text")?;
        let quoted = one_line(text);
        let found = source.matches(&format!("\"{quoted}\"")).count();
        described += found;
        let is_ours = found > 0 && !LOOKUPS.iter().chain(&OF_NOBODY).any(|part| text.contains(part));
        if is_ours {
            let types = description["describe"]["parameters"]["Left"].as_array().context("parameters")?;
            let parameters = types.iter().map(|kind| kind.as_str().unwrap_or_default().to_owned()).collect();
            statements.push(Statement { text: quoted, parameters });
        }
    }
    assert_eq!(described, asked, "a statement is not described: run `cargo sqlx prepare`");
    Ok(statements)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A statement in which whatever compares with a parameter is true whatever the parameter.
fn unfiltered(statement: &Statement) -> String {
    let words: Vec<&str> = statement.text.split(' ').collect();
    let mut open: Vec<String> = Vec::new();
    let mut index = 0;
    while index < words.len() {
        let compares =
            words.get(index + 1).is_some_and(|word| ["=", ">", "<", ">=", "<=", "ILIKE", "@>"].contains(word));
        let right = words.get(index + 2).copied().unwrap_or_default();
        let column = words[index].trim_start_matches('(');
        let plain =
            !column.is_empty() && !column.contains(['(', ')']) && !right.starts_with('(') && !right.contains(',');
        match number(right).filter(|_| compares && plain) {
            Some(number) => {
                let before = &words[index][..words[index].len() - column.len()];
                let closing = right.matches(')').count() - right.matches('(').count();
                let (kind, after) = (sql_type(&statement.parameters[number - 1]), ")".repeat(closing));
                open.push(format!("{before}(${number}::{kind} IS NULL OR true){after}"));
                index += 3;
            }
            None => {
                open.push(words[index].to_owned());
                index += 1;
            }
        }
    }
    // Lists of what is wanted, joined.
    open.join(" ").replace("ON t.show = c.show AND t.short_code = c.short_code", "ON true")
}

/// The number of the parameter in a word.
fn number(word: &str) -> Option<usize> {
    let (_, behind) = word.split_once('$')?;
    let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn sql_type(described: &str) -> &'static str {
    match described {
        "Uuid" => "uuid",
        "UuidArray" => "uuid[]",
        "Text" => "text",
        "TextArray" => "text[]",
        "Int8" => "bigint",
        "Timestamptz" => "timestamptz",
        "Bool" => "boolean",
        other => panic!("teach this test the type {other}"),
    }
}

/// The rows of a statement in a transaction as the read side begins it.
async fn run(pool: &PgPool, organization: Uuid, statement: &Statement, open: &str) -> Result<Vec<Value>> {
    let mut transaction = event_store::pools::begin_for(pool, organization).await?;
    fetch(&mut transaction, statement, open).await
}

/// The rows with parameters that let everything through: no limit, from the beginning, and whatever may be left out left out.
async fn fetch(connection: &mut sqlx::PgConnection, statement: &Statement, open: &str) -> Result<Vec<Value>> {
    let limit = open.split("LIMIT $").nth(1).and_then(|rest| number(&format!("${rest}")));
    let sql = format!("SELECT to_jsonb(q)::text FROM ({open}) AS q");
    let mut query = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql));
    for (index, kind) in statement.parameters.iter().enumerate() {
        query = match kind.as_str() {
            "Int8" => query.bind(if limit == Some(index + 1) { 1_000_000_i64 } else { 0 }),
            "Uuid" => query.bind(None::<Uuid>),
            "UuidArray" => query.bind(vec![Uuid::nil()]),
            "Text" => query.bind(None::<String>),
            "TextArray" => query.bind(vec![String::new()]),
            "Timestamptz" => query.bind(None::<chrono::DateTime<chrono::Utc>>),
            _ => query.bind(false),
        };
    }
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(|row| Ok(serde_json::from_str(row)?)).collect()
}

/// Whether a row holds more than nulls and noes.
fn says_something(row: &Value) -> bool {
    row.as_object().is_some_and(|row| row.values().any(|value| !value.is_null() && *value != json!(false)))
}

#[test]
fn what_compares_with_a_parameter_is_opened() {
    let of = |text: &str, parameters: &[&str]| {
        unfiltered(&Statement {
            text: text.to_owned(),
            parameters: parameters.iter().map(|kind| (*kind).to_owned()).collect(),
        })
    };
    assert_eq!(
        of("SELECT a FROM b WHERE organization = $1 AND ($2::bigint IS NULL OR c < $2)", &["Uuid", "Int8"]),
        "SELECT a FROM b WHERE ($1::uuid IS NULL OR true) AND ($2::bigint IS NULL OR ($2::bigint IS NULL OR true))"
    );
    assert_eq!(of("(d = ANY($1))", &["UuidArray"]), "(($1::uuid[] IS NULL OR true))");
    let every: BTreeSet<_> =
        ["Uuid", "UuidArray", "Text", "TextArray", "Int8", "Timestamptz", "Bool"].map(sql_type).into();
    assert_eq!(every.len(), 7);
}
