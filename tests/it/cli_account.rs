//! `onemap account` and `onemap audit` on real files.

use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::support::process::{onemap, run, text};

const GOOD: &str = "枣营路口第三棵槐树往东走二十步";

/// Runs a command with this on its standard input.
fn with_input(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let pipes = |command: &mut std::process::Command| {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut child = pipes(onemap(folder).args(arguments));
    // A command that does not read it may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// What a command answers with `--json`, which must end with this exit code.
fn told(folder: &Path, code: i32, arguments: &[&str]) -> Value {
    let output = with_input(folder, &[arguments, &["--json"]].concat(), &format!("{GOOD}\n"));
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {out}{err}");
    assert!(!out.contains(GOOD) && !err.contains(GOOD));
    serde_json::from_str(&out).unwrap_or_else(|err| panic!("{err}: {out}"))
}

/// A folder with a register that holds the demonstration district.
fn loaded() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["demo"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    folder
}

fn add(folder: &Path, name: &str, role: &str) -> Value {
    told(folder, 0, &["account", "add", name, "--role", role, "--password-stdin"])
}

#[test]
fn accounts_are_made_changed_and_told() {
    let folder = loaded();
    let folder = folder.path();
    let clerk = add(folder, "clerk", "clerk");
    assert_eq!(
        (&clerk["role"], &clerk["display_name"], &clerk["password"]),
        (&json!("clerk"), &json!("clerk"), &json!(true))
    );
    let officer = ["account", "add", "zhao", "--role", "officer", "--display-name", "赵某", "--password-stdin"];
    let street = |code| [officer.as_slice(), &["--street", code]].concat();
    assert!(told(folder, 3, &officer)["refused"].as_str().unwrap().contains("one street or more"));
    assert!(told(folder, 3, &street("110105999"))["refused"].as_str().unwrap().contains("no such street"));
    assert_eq!(told(folder, 0, &street("110105001"))["streets"], json!(["110105001"]));
    let moved = told(folder, 0, &["account", "streets", "zhao", "110105002", "110105003"]);
    assert_eq!(moved["streets"], json!(["110105002", "110105003"]));
    assert_eq!(told(folder, 0, &["account", "disable", "clerk"])["disabled"], json!(true));
    assert_eq!(told(folder, 0, &["account", "enable", "clerk"])["disabled"], json!(false));
    assert_eq!(told(folder, 0, &["account", "role", "clerk", "district"])["role"], json!("district"));
    told(folder, 0, &["account", "password", "clerk", "--password-stdin"]);
    assert_eq!(told(folder, 0, &["account", "sign-out", "clerk"])["sessions_ended"], json!(0));
    let list = told(folder, 0, &["account", "list"]);
    let names: Vec<&str> =
        list["accounts"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["clerk", "zhao"]);
    let sentence = text(&run(folder, &["account", "list"]).stdout);
    assert!(sentence.contains("zhao (赵某): officer of 110105002, 110105003, never signed in"), "{sentence}");
}

#[test]
fn what_is_refused_and_what_is_wrong_end_differently() {
    let folder = loaded();
    let folder = folder.path();
    add(folder, "clerk", "clerk");
    let again = told(folder, 3, &["account", "add", "clerk", "--role", "clerk", "--password-stdin"]);
    assert!(again["refused"].as_str().unwrap().contains("there is an account clerk already"), "{again}");
    assert!(
        told(folder, 3, &["account", "disable", "nobody"])["refused"].as_str().unwrap().contains("no account nobody")
    );
    let weak = with_input(folder, &["account", "password", "clerk", "--password-stdin"], "passwordpassword\n");
    assert_eq!(weak.status.code(), Some(3));
    assert!(text(&weak.stdout).contains("too easy to guess"), "{}", text(&weak.stdout));
    let unasked = with_input(folder, &["account", "password", "clerk"], GOOD);
    assert_eq!(unasked.status.code(), Some(1));
    assert!(text(&unasked.stderr).contains("--password-stdin"), "{}", text(&unasked.stderr));
    for wrong in [
        vec!["account", "add", "x", "--role", "machine", "--password-stdin"],
        vec!["account", "add", "x", "--password-stdin"],
        vec!["account", "streets", "clerk"],
        vec!["account", "streets", "clerk", "1101"],
        vec!["audit", "verify", "--expect", "3"],
    ] {
        assert_eq!(with_input(folder, &wrong, GOOD).status.code(), Some(2), "{wrong:?}");
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let missing = with_input(elsewhere.path(), &["account", "list"], "");
    assert_eq!(missing.status.code(), Some(1));
}

#[test]
fn the_log_tells_of_it_is_verified_and_written_out() {
    let folder = loaded();
    let folder = folder.path();
    let before = told(folder, 0, &["audit", "verify"]);
    add(folder, "clerk", "clerk");
    told(folder, 0, &["account", "disable", "clerk"]);
    let verified = told(folder, 0, &["audit", "verify"]);
    assert_eq!(verified["whole"], json!(true));
    let head = verified["head"].as_str().unwrap();
    assert_ne!(verified["head"], before["head"]);
    told(folder, 0, &["account", "enable", "clerk"]);
    told(folder, 0, &["audit", "verify", "--expect", head]);
    let other = format!("{}:{}", head.split(':').next().unwrap(), "0".repeat(64));
    let fault = told(folder, 3, &["audit", "verify", "--expect", &other]);
    assert_eq!(fault["whole"], json!(false));

    let lines = text(&run(folder, &["audit", "export", "--json"]).stdout);
    let entries: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = entries.last().unwrap();
    assert_eq!(
        (&last["who"], &last["role"], &last["action"]),
        (&json!("cli"), &json!("machine"), &json!("account.change"))
    );
    assert_eq!((&last["object"], &last["after"]), (&json!("account/clerk"), &json!("{\"disabled\":false}")));
    assert!(entries.windows(2).all(|pair| pair[1]["previous_hash"] == pair[0]["hash"]));
    let after = format!("{}", entries.len() - 1);
    let csv = text(&run(folder, &["audit", "export", "--after", &after]).stdout);
    assert!(csv.starts_with("\u{feff}seq,at,who,") && csv.lines().count() == 2, "{csv}");
}

#[test]
fn a_copy_takes_accounts_and_log_along() {
    let folder = loaded();
    let folder = folder.path();
    add(folder, "clerk", "clerk");
    let copied = told(folder, 0, &["store", "copy", "--from", "data/onemap.gpkg", "--to", "copy.gpkg"]);
    assert_eq!(copied["documents"], json!(1));
    let place = ["--store", "copy.gpkg"];
    let list = told(folder, 0, &[["account", "list"].as_slice(), &place].concat());
    assert_eq!(list["accounts"][0]["name"], json!("clerk"));
    let (one, other) =
        (told(folder, 0, &["audit", "verify"]), told(folder, 0, &[["audit", "verify"].as_slice(), &place].concat()));
    assert_eq!(one["head"], other["head"]);
}
