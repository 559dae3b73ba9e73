//! What the repository says of itself: which crate may know which, and that its prose names only what exists.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

/// Crate and what of ours it may depend on; the table of `docs/architecture.md`.
const EDGES: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("event-store", &[]),
    ("commands", &["domain", "event-store"]),
    ("projections", &["domain", "event-store"]),
    ("reactions", &["domain", "event-store", "commands", "integrations"]),
    ("integrations", &["domain"]),
    ("identity", &["domain", "event-store"]),
    ("api", &["domain", "event-store", "commands", "projections", "reactions", "integrations", "identity"]),
    (
        "turnout",
        &[
            "domain",
            "event-store",
            "commands",
            "projections",
            "reactions",
            "integrations",
            "identity",
            "api",
            "embedded-postgres",
        ],
    ),
    ("embedded-postgres", &[]),
    // It sees the binary, never its crates.
    ("black-box", &[]),
    // Likewise, but for the program that sells without HTTP.
    ("bench", &["commands", "domain", "event-store", "identity"]),
    ("faults", &["embedded-postgres"]),
    ("simulation", &["commands", "domain", "event-store"]),
    ("fuzz", &["api", "domain", "identity", "projections"]),
];

/// What tests of any crate may use besides: a PostgreSQL of their own.
const FOR_TESTS: &str = "embedded-postgres";

fn metadata() -> Value {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(workspace())
        .output()
        .expect("cargo metadata");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn no_crate_has_an_edge_that_the_table_does_not_have() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    let ours: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let table: BTreeSet<&str> = EDGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(ours, table, "the workspace's crates and the table's");
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        let (_, allowed) = EDGES.iter().find(|(known, _)| *known == name).expect("a row of the table");
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let on = dependency["name"].as_str().expect("a name");
            if !ours.contains(on) {
                continue;
            }
            let for_tests = dependency["kind"] == "dev" && on == FOR_TESTS;
            assert!(for_tests || allowed.contains(&on), "`{name}` must not depend on `{on}`");
        }
    }
}

/// Files that git has, or would take.
fn files() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(workspace())
        .output()
        .expect("git ls-files");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .expect("paths in UTF-8")
        .split_terminator('\0')
        .map(PathBuf::from)
        .filter(|path| workspace().join(path).is_file())
        .collect()
}

/// What stands between backquotes and in link targets of a Markdown text, outside fenced blocks.
fn mentions(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            found.extend(line.split_whitespace().filter(|word| word.starts_with("scripts/")).map(str::to_owned));
            continue;
        }
        found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        found.extend(line.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(|target| {
            // A link is relative to its file; such links are told apart by their brackets alone.
            format!("link:{target}")
        }));
    }
    found
}

/// Whether a word between backquotes claims to be a path of this repository.
fn is_path(word: &str, top: &BTreeSet<String>) -> bool {
    let plain = word.chars().all(|character| character.is_ascii_alphanumeric() || "/._-".contains(character));
    plain && word.split_once('/').is_some_and(|(first, _)| top.contains(first))
}

#[test]
fn prose_names_only_paths_that_exist() {
    let files = files();
    let top: BTreeSet<String> = files
        .iter()
        .filter(|path| path.components().count() > 1)
        .filter_map(|path| path.components().next())
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let mut wrong = Vec::new();
    for file in files.iter().filter(|path| path.extension().is_some_and(|kind| kind == "md")) {
        let text = std::fs::read_to_string(workspace().join(file)).expect("Markdown in UTF-8");
        let folder = workspace().join(file.parent().expect("a folder"));
        for mention in mentions(&text) {
            let there = match mention.strip_prefix("link:") {
                Some(target) => {
                    let path = target.split('#').next().expect("a path");
                    path.is_empty()
                        || target.contains("://")
                        || target.starts_with("mailto:")
                        || folder.join(path).exists()
                }
                None => {
                    let word = mention.split_whitespace().next().unwrap_or_default();
                    // Made by a build, so not there in a fresh clone.
                    let built = ["target/", "web/dist", "web/node_modules"].iter().any(|made| word.starts_with(made));
                    built || !is_path(word, &top) || workspace().join(word).exists()
                }
            };
            if !there {
                wrong.push(format!("{}: {mention}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "named but not there:\n{}", wrong.join("\n"));
}

#[test]
fn the_readme_tells_of_the_two_commands_and_they_are_executable() {
    use std::os::unix::fs::PermissionsExt;

    let readme = std::fs::read_to_string(workspace().join("README.md")).expect("a README");
    for script in ["scripts/start", "scripts/test"] {
        assert!(readme.contains(script), "README.md does not tell of {script}");
        let mode = std::fs::metadata(workspace().join(script)).expect("the script").permissions().mode();
        assert_ne!(mode & 0o111, 0, "{script} is not executable");
    }
}

/// The quoted words that directly follow `before` in a text.
fn words_behind(text: &str, before: &str) -> Vec<String> {
    text.split(before).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

#[test]
fn everything_that_is_typed_is_kept_for_a_stated_time() {
    let mut known = BTreeSet::new();
    let migrations = files().into_iter().filter(|path| path.starts_with("migrations"));
    for path in migrations {
        let sql = std::fs::read_to_string(workspace().join(path)).expect("SQL in UTF-8");
        for inserted in sql.split("INSERT INTO vault.purposes").skip(1) {
            let rows = inserted.split(");").next().unwrap_or_default();
            let purpose = |line: &str| Some(line.trim().strip_prefix("('")?.split_once('\'')?.0.to_owned());
            known.extend(rows.lines().filter_map(purpose));
        }
    }
    assert!(known.len() > 10, "the table of purposes is not found: {known:?}");
    let mut used = BTreeSet::new();
    let of_the_server =
        |path: &PathBuf| ["api/src", "turnout/src", "identity/src"].iter().any(|top| path.starts_with(top));
    for path in
        files().into_iter().filter(of_the_server).filter(|path| path.extension().is_some_and(|kind| kind == "rs"))
    {
        let source = std::fs::read_to_string(workspace().join(&path)).expect("Rust in UTF-8");
        // The four ways into the vault: as typed for a show or an organization, as a person, as an entry written out.
        for before in ["typed.text(\"", "VaultKind::Person, \"", "purpose: \""] {
            used.extend(words_behind(&source, before).into_iter().map(|purpose| (purpose, path.clone())));
        }
        for call in source.split("typed(").skip(1).filter_map(|rest| rest.split_once(", \"")) {
            if call.0.chars().all(|character| character.is_ascii_alphanumeric() || "._".contains(character)) {
                used.extend(call.1.split_once('"').map(|(purpose, _)| (purpose.to_owned(), path.clone())));
            }
        }
    }
    assert!(used.len() > 10, "what is typed is not found: {used:?}");
    let unknown: Vec<_> = used.iter().filter(|(purpose, _)| !known.contains(purpose)).collect();
    assert!(unknown.is_empty(), "for how long is it kept? {unknown:?}");
    let used: BTreeSet<_> = used.iter().map(|(purpose, _)| purpose).collect();
    let unused: Vec<_> = known.iter().filter(|purpose| !used.contains(purpose)).collect();
    assert!(unused.is_empty(), "nobody types it: {unused:?}");
}
