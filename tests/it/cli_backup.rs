//! `onemap backup` while changes go on: what is restored is one state of the register, whole.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::support::postgres::Cluster;
use crate::support::process::{Client, Server, run, text};

/// Changes that must have been made before, while and after the backups are written.
const EDITS_MIN: u64 = 20;

/// Backups that are written one after another meanwhile.
const BACKUPS: usize = 3;

fn told(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, &[arguments, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Renames one area; answers with the revision that it was told.
fn rename(client: &Client, number: u64) -> u64 {
    let area = format!("DEMO-JS-{:04}", 1 + number % 40);
    let item = client.get(&format!("/api/collections/areas/items/{area}")).unwrap().json();
    let seen = item["properties"]["revision"].as_u64().unwrap();
    let document = json!({
        "record": { "document": format!("试文{number}号"), "authority": "试验区", "dated": "2023-05-01", "author": "甲某" },
        "rename": { "area": area, "name": format!("第{number}名(演示)") },
    });
    let entered = client.post("/api/records", &[("If-Match", format!("\"{seen}\""))], &document).unwrap();
    assert_eq!(entered.status, 201, "{}", entered.text);
    entered.json()["revision"].as_u64().unwrap()
}

/// Everything that is told of this revision: all areas of the day and all records up to it.
fn state(client: &Client, revision: u64) -> Vec<Value> {
    let mut pages = Vec::new();
    let begin = format!("/api/collections/areas/items?datetime=2023-06-01&known={revision}&limit=1000");
    let mut next = Some(begin);
    while let Some(path) = next {
        let page = client.get(&path).unwrap().json();
        let links = page["links"].as_array().unwrap();
        next = links.iter().find(|link| link["rel"] == "next").map(|link| link["href"].as_str().unwrap().to_owned());
        pages.extend(page["features"].as_array().unwrap().iter().cloned());
    }
    pages.push(client.get(&format!("/api/records/{revision}")).unwrap().json());
    pages
}

#[test]
fn a_backup_that_was_written_under_load_is_the_state_of_its_instant() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(run(folder, &["demo"]).status.success());
    let server = Server::start(folder, &["--rate-limits=false"]);
    let (latest, enough, client) = (AtomicU64::new(0), AtomicBool::new(false), server.client());
    let backups: Vec<(u64, u64, u64)> = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 0;
            while number < EDITS_MIN || !enough.load(Ordering::SeqCst) {
                number += 1;
                latest.store(rename(&client, number), Ordering::SeqCst);
            }
        });
        while latest.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        let written = (0..BACKUPS).map(|number| {
            let before = latest.load(Ordering::SeqCst);
            let backup = told(folder, &["backup", "--to", &format!("backup-{number}.gpkg")]);
            // One more may have been entered and not been told yet.
            (before, backup["revision"].as_u64().unwrap(), latest.load(Ordering::SeqCst) + 1)
        });
        let written = written.collect();
        enough.store(true, Ordering::SeqCst);
        written
    });
    let last = latest.load(Ordering::SeqCst);
    for (number, (before, revision, after)) in backups.into_iter().enumerate() {
        assert!(before <= revision && revision <= after, "revision {revision} is none of {before} to {after}");
        let place = format!("restored-{number}");
        let restored = folder.join(&place);
        std::fs::create_dir(&restored).unwrap();
        let store = restored.join("onemap.gpkg");
        let from = format!("backup-{number}.gpkg");
        told(folder, &["restore", "--from", &from, "--store", store.to_str().unwrap()]);
        let checked = told(folder, &["store", "check", "--store", store.to_str().unwrap()]);
        assert_eq!(checked["revision"], revision);
        let copy = Server::start(&restored, &["--store", "onemap.gpkg"]);
        assert!(state(&copy.client(), revision) == state(&client, revision), "backup {number} differs at {revision}");
    }
    assert!(last > EDITS_MIN, "changes went on meanwhile");
}

#[test]
fn a_restore_checks_before_it_replaces_and_keeps_what_it_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(run(folder, &["demo"]).status.success());
    told(folder, &["backup", "--to", "backup.gpkg"]);
    let register = std::fs::read(folder.join("data/onemap.gpkg")).unwrap();
    let mut damaged = std::fs::read(folder.join("backup.gpkg")).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 4_096].fill(0xa5);
    std::fs::write(folder.join("damaged.gpkg"), damaged).unwrap();
    let refused = run(folder, &["restore", "--from", "damaged.gpkg", "--replace"]);
    assert!(matches!(refused.status.code(), Some(1 | 3)), "{}", text(&refused.stdout));
    assert!(std::fs::read(folder.join("data/onemap.gpkg")).unwrap() == register, "it is as it was, byte for byte");
    assert_eq!(run(folder, &["restore", "--from", "backup.gpkg"]).status.code(), Some(3), "there is a register");
    let restored = told(folder, &["restore", "--from", "backup.gpkg", "--replace"]);
    let aside = restored["aside"].as_str().unwrap();
    assert_eq!(told(folder, &["store", "check", "--store", aside])["damage"], json!([]));
    let server = Server::start(folder, &[]);
    let in_use = run(folder, &["restore", "--from", "backup.gpkg", "--replace"]);
    assert_eq!(in_use.status.code(), Some(1), "a program has it open: {}", text(&in_use.stdout));
    drop(server);
}

#[test]
fn a_backup_of_a_database_is_a_file_that_holds_the_same() {
    let Some(cluster) = Cluster::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let address = cluster.database();
    assert!(run(folder, &["demo", "--store", &address]).status.success());
    let backup = told(folder, &["backup", "--store", &address, "--to", "backup.gpkg"]);
    assert_eq!(told(folder, &["store", "check", "--store", "backup.gpkg"])["revision"], backup["revision"]);
    let names = |place: &str| {
        let exported = run(folder, &["export", "areas.csv", "--store", place]);
        assert!(exported.status.success(), "{}", text(&exported.stderr));
        let table = std::fs::read(folder.join("areas.csv")).unwrap();
        std::fs::remove_file(folder.join("areas.csv")).unwrap();
        table
    };
    assert!(names("backup.gpkg") == names(&address), "the same areas");
    let left: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".copy")), "{left:?}");
    let restored = run(folder, &["restore", "--store", &address, "--from", "backup.gpkg", "--replace"]);
    assert_eq!(restored.status.code(), Some(1));
    assert!(text(&restored.stderr).contains("onemap store copy"), "{}", text(&restored.stderr));
}
