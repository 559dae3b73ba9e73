//! What is put into fields: the lines of `tests/attacks/corpus.txt`, and what is too large to write down.

use serde_json::Value;

const FILE: &str = include_str!("../../../attacks/corpus.txt");

/// Something to put into a field.
pub(super) struct Entry {
    /// As JSON text, which may be none that a parser takes.
    pub(super) json: String,
    /// As the bytes of a text, for parameters and headers.
    pub(super) text: Vec<u8>,
    /// Too large to be put into every field.
    pub(super) large: bool,
}

/// All of it.
pub(super) fn corpus() -> Vec<Entry> {
    let lines = FILE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut entries: Vec<Entry> = lines.map(entry).collect();
    assert!(entries.len() > 200, "the corpus is not whole: {} lines", entries.len());
    entries.extend(made().into_iter().map(|json| Entry { large: true, ..entry(&json) }));
    entries
}

fn entry(json: &str) -> Entry {
    Entry { json: json.to_owned(), text: text(json), large: false }
}

/// What a JSON text says, in bytes. Half a character has no UTF-8; it stands as WTF-8 would have it, which is no UTF-8.
fn text(json: &str) -> Vec<u8> {
    match serde_json::from_str(json) {
        Ok(Value::String(text)) => text.into_bytes(),
        Ok(_) => json.as_bytes().to_vec(),
        Err(_) if json.starts_with('"') => b"a\xed\xa0\x80b\xc0\xaf\xff".to_vec(),
        Err(_) => json.as_bytes().to_vec(),
    }
}

fn made() -> Vec<String> {
    let quoted = |text: &str, times| format!("\"{}\"", text.repeat(times));
    let list = |item: &str, times| format!("[{}]", vec![item; times].join(","));
    let nested = |open: &str, close: &str, depth| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    vec![
        quoted("a", 300),
        quoted("a", 5_000),
        quoted("ä", 30_000),
        quoted("\\u200b", 5_000),
        quoted("\\ud83d\\ude00", 5_000),
        quoted("a\\u0301", 20_000),
        quoted("' OR ", 2_000),
        quoted("../", 2_000),
        format!("1{}", "0".repeat(5_000)),
        format!("0.{}1", "0".repeat(5_000)),
        list("0", 20_000),
        list("null", 1_001),
        list("{}", 2_000),
        list("\"Hall-1-1\"", 2_000),
        list("\"00000000-0000-7000-8000-000000000000\"", 2_000),
        nested("[", "]", 100),
        nested("[", "]", 129),
        nested("[", "]", 50_000),
        nested("{\"a\":", "}", 100),
        nested("{\"a\":", "}", 20_000),
        format!("{{{}}}", (0..2_000).map(|number| format!("\"f{number}\":1")).collect::<Vec<_>>().join(",")),
    ]
}
