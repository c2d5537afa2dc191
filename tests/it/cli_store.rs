//! `onemap store` and `onemap record` on real files.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::process::{run, text};

/// Runs a command that must end with this exit code, and answers with its JSON object.
fn told(folder: &Path, code: i32, arguments: &[&str]) -> Value {
    let output = run(folder, &[arguments, &["--json"]].concat());
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {out}{err}");
    serde_json::from_str(&out).unwrap_or_else(|err| panic!("{err}: {out}"))
}

fn loaded() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["demo"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    folder
}

fn write_rename(folder: &Path, seen: u64, name: &str) {
    let document = json!({
        "record": { "document": "试文1号", "authority": "试验区", "dated": "2023-05-01", "author": "甲某" },
        "seen": { "DEMO-JS-0001": seen },
        "rename": { "area": "DEMO-JS-0001", "name": name },
    });
    std::fs::write(folder.join("rename.json"), document.to_string()).unwrap();
}

#[test]
fn a_record_is_a_dry_run_unless_it_is_committed() {
    let folder = loaded();
    let folder = folder.path();
    let before = told(folder, 0, &["store", "check"])["revision"].as_u64().unwrap();
    write_rename(folder, before, "新名(演示)");
    let dry = told(folder, 0, &["record", "rename.json"]);
    assert_eq!((&dry["dry_run"], &dry["revision"]), (&json!(true), &json!(before + 1)));
    assert_eq!(told(folder, 0, &["store", "check"])["revision"], before, "nothing was written");
    let done = told(folder, 0, &["record", "rename.json", "--commit"]);
    assert_eq!((&done["dry_run"], &done["areas"]), (&json!(false), &dry["areas"]));
    assert_eq!(told(folder, 0, &["store", "check"])["revision"], before + 1);
    write_rename(folder, before, "又一名(演示)");
    let late = told(folder, 3, &["record", "rename.json", "--commit"]);
    assert!(late["faults"][0]["message"].as_str().unwrap().contains("changed"), "{late}");
    write_rename(folder, before + 1, "");
    assert_eq!(told(folder, 3, &["record", "rename.json"])["faults"][0]["place"], "/rename/name");
    assert_eq!(run(folder, &["record", "none.json"]).status.code(), Some(1));
    assert_eq!(run(folder, &["record"]).status.code(), Some(2));
}

#[test]
fn a_backup_is_restored_only_where_nothing_is_lost() {
    let folder = loaded();
    let folder = folder.path();
    let before = told(folder, 0, &["backup", "--to", "backup.gpkg"])["revision"].as_u64().unwrap();
    write_rename(folder, before, "新名(演示)");
    told(folder, 0, &["record", "rename.json", "--commit"]);
    assert_eq!(told(folder, 3, &["restore", "--from", "backup.gpkg"])["restored"], false);
    assert_eq!(told(folder, 0, &["store", "check"])["revision"], before + 1, "it was left as it is");
    let restored = told(folder, 0, &["restore", "--from", "backup.gpkg", "--replace"]);
    let aside = restored["aside"].as_str().unwrap();
    assert_eq!(told(folder, 0, &["store", "check"])["revision"], before);
    assert_eq!(told(folder, 0, &["store", "check", "--store", aside])["revision"], before + 1);
    std::fs::write(folder.join("rubbish.gpkg"), "rubbish").unwrap();
    assert_eq!(run(folder, &["restore", "--from", "rubbish.gpkg", "--replace"]).status.code(), Some(1));
    assert_eq!(told(folder, 0, &["store", "check"])["revision"], before, "a bad backup changes nothing");
}

#[test]
fn a_copy_holds_the_same_and_goes_into_an_empty_place_only() {
    let folder = loaded();
    let folder = folder.path();
    let copy = ["store", "copy", "--from", "data/onemap.gpkg", "--to", "new/copy.gpkg"];
    let copied = told(folder, 0, &copy);
    assert_eq!(copied["digest"].as_str().unwrap().len(), 64);
    assert!(copied["versions"].as_u64().unwrap() > 1637);
    assert_eq!(told(folder, 3, &copy)["copied"], false, "there is a register already");
    let back = told(folder, 0, &["store", "copy", "--from", "new/copy.gpkg", "--to", "back.gpkg"]);
    assert_eq!(back["digest"], copied["digest"], "to and fro without loss");
    let itself = run(folder, &["store", "copy", "--from", "back.gpkg", "--to", "back.gpkg"]);
    assert_eq!(itself.status.code(), Some(1));
    assert_eq!(run(folder, &["store", "copy", "--from", "none.gpkg", "--to", "x.gpkg"]).status.code(), Some(1));
}

#[test]
fn every_command_explains_itself_and_no_password_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    for command in [&["backup"][..], &["restore"], &["store", "check"], &["store", "copy"], &["store", "backup"]] {
        let help = run(folder.path(), &[command, &["--help"]].concat());
        assert!(help.status.success() && text(&help.stdout).contains("--json"), "{command:?}");
    }
    assert!(text(&run(folder.path(), &["--help"]).stdout).contains("Exit codes"));
    let address = "postgres://me:geheim@127.0.0.1:1/onemap?sslmode=disable";
    let output = run(folder.path(), &["backup", "--to", "x.gpkg", "--store", address]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(told.contains("127.0.0.1") && !told.contains("geheim"), "{told}");
}
