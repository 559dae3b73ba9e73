//! `turnout verify`: all is right where Turnout alone wrote, and where somebody else had a hand in the log it says at which position.
//!
//! One server writes one log. Each case gets a copy of it, does to it as a superuser what nobody else may, and looks.

mod backed_up;
mod broken_off;
mod forged;
mod older;
mod poisoned;
mod reach;
mod rebuilt;
mod recovered;
mod replayed;
mod signed;
mod written;

use std::process::{Command, Output};

use black_box::turnout;
use serde_json::Value;

/// What the program said, as JSON, and its exit code.
fn verify(database_url: &str) -> (Value, i32) {
    let output = run(turnout().args(["verify", "--json"]).env("DATABASE_URL", database_url));
    let said = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    });
    (said, output.status.code().expect("it ended by itself"))
}

fn run(command: &mut Command) -> Output {
    command.output().expect("to run the program")
}

/// All is right.
#[track_caller]
fn assert_right(database_url: &str) -> Value {
    let (said, code) = verify(database_url);
    assert_eq!((code, &said["right"], &said["findings"]), (0, &Value::Bool(true), &0.into()), "{said:#}");
    said
}

/// Something is wrong, and among it this, at this position.
#[track_caller]
fn assert_wrong(database_url: &str, position: i64, what: &str) {
    let (said, code) = verify(database_url);
    assert_eq!((code, &said["right"]), (1, &Value::Bool(false)), "{said:#}");
    let first = said["first"].as_array().expect("what is wrong");
    let named =
        first.iter().any(|one| one["position"] == position && one["what"].as_str().unwrap_or("").contains(what));
    assert!(named, "{what:?} at {position} is not among {said:#}");
}
