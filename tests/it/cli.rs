//! The real binary: load, serve over a real port, stop, with a clean log.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::process::{Server, onemap, run, text};

fn loaded() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("data").join("onemap.gpkg");
    let output = run(folder.path(), &["demo"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("revision 8"), "{}", text(&output.stdout));
    (folder, store)
}

#[test]
fn a_second_load_keeps_the_data() {
    let (folder, store) = loaded();
    let before = std::fs::metadata(&store).unwrap().modified().unwrap();
    let output = run(folder.path(), &["demo", "--store", store.to_str().unwrap()]);
    assert!(output.status.success());
    assert!(text(&output.stdout).contains("left as it is"), "{}", text(&output.stdout));
    assert_eq!(std::fs::metadata(&store).unwrap().modified().unwrap(), before);
}

#[test]
fn it_serves_over_a_real_port_and_stops_with_a_clean_log() {
    let (folder, _) = loaded();
    let server = Server::start(folder.path(), &[]);
    for (path, status, part) in [
        ("/healthz", "200", "alive"),
        ("/readyz", "200", "ready"),
        ("/", "200", "<!doctype html>"),
        ("/api/register", "200", "物业管理一张图"),
        ("/api/collections/areas/items?limit=1", "200", "FeatureCollection"),
        ("/tiles/areas/12/0/0.mvt", "204", ""),
        ("/nothing", "404", "urn:onemap:problem:not-found"),
    ] {
        let reply = server.client().get(path).unwrap();
        let answer = reply.text;
        assert!(reply.status.to_string() == status, "{path}: {answer}");
        assert!(answer.to_lowercase().contains(&part.to_lowercase()), "{path}: {answer}");
    }
    server.terminate();
    let (success, log) = server.end();
    assert!(success, "{log}");
    assert!(log.contains("listening") && log.contains("stopped"), "{log}");
    for bad in ["WARN", "ERROR", "panicked"] {
        assert!(!log.contains(bad), "{log}");
    }
}

#[test]
fn a_request_in_flight_is_answered_before_it_stops() {
    let (folder, _) = loaded();
    let server = Server::start(folder.path(), &[]);
    let mut stream = server.connect();
    // The server has the head's first line when the signal comes, and the rest only afterwards.
    write!(stream, "GET /api/register HTTP/1.1\r\nHost: localhost\r\n").unwrap();
    stream.flush().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    server.terminate();
    std::thread::sleep(Duration::from_millis(300));
    assert!(TcpStream::connect(&server.address).is_err(), "no new connection is taken");
    write!(stream, "\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(text(&answer).starts_with("HTTP/1.1 200 "), "{}", text(&answer));
    let (success, log) = server.end();
    assert!(success, "{log}");
}

#[test]
fn json_logs_are_one_object_a_line() {
    let (folder, _) = loaded();
    let server = Server::start(folder.path(), &["--log-format", "json"]);
    server.terminate();
    let (_, log) = server.end();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["areas"] == 1637 && line["revision"] == 8), "{log}");
}

#[test]
fn the_files_are_those_of_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["demo", "--out", "files"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/geojson");
    let mut compared = 0;
    for line in text(&output.stdout).lines() {
        let relative = Path::new(line).strip_prefix("files").unwrap();
        let (made, kept) =
            (std::fs::read(folder.path().join(line)).unwrap(), std::fs::read(assets.join(relative)).unwrap());
        assert!(made == kept, "{} differs from the committed file", relative.display());
        compared += 1;
    }
    assert_eq!(compared, 7);
}

#[test]
fn wrong_arguments_and_missing_stores_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let missing = run(folder.path(), &["serve", "--store", "none.gpkg"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("onemap demo"), "{}", text(&missing.stderr));
    assert!(!folder.path().join("none.gpkg").exists(), "looking for a store makes none");

    std::fs::write(folder.path().join("onemap.toml"), "lisen = '127.0.0.1:1'").unwrap();
    let misspelt = run(folder.path(), &["serve"]);
    assert_eq!(misspelt.status.code(), Some(1));
    assert!(text(&misspelt.stderr).contains("lisen"), "{}", text(&misspelt.stderr));

    let unreadable = onemap(folder.path()).args(["serve", "--config", "none.toml"]).output().unwrap();
    assert!(text(&unreadable.stderr).contains("none.toml"), "{}", text(&unreadable.stderr));
    std::fs::remove_file(folder.path().join("onemap.toml")).unwrap();
    let filter = onemap(folder.path()).arg("serve").env("RUST_LOG", "debug=[[").output().unwrap();
    assert!(text(&filter.stderr).contains("RUST_LOG"), "{}", text(&filter.stderr));
    let public = onemap(folder.path()).args(["serve", "--audience", "public"]).output().unwrap();
    assert!(text(&public.stderr).contains("--audience"), "roles took its place: {}", text(&public.stderr));

    assert_eq!(run(folder.path(), &["serve", "--colour", "red"]).status.code(), Some(2));
    for command in ["serve", "demo"] {
        let help = run(folder.path(), &[command, "--help"]);
        assert!(help.status.success() && text(&help.stdout).contains("--store"));
    }
}
