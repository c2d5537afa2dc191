//! Several instances over one database: one truth for all, whatever is killed or restarted under load.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::postgres::{Cluster, Fsync, Stop};
use crate::support::process::{Client, Server, onemap, run, text};

/// Instances that share the database.
const INSTANCES: usize = 3;

/// People who write at the same time, each an area of their own.
const WRITERS: usize = 3;

/// Changes each of them makes.
const EDITS: usize = 12;

/// Longest time until every instance shows what one of them was told.
const SPREAD_LIMIT: Duration = Duration::from_secs(20);

/// What the writers were promised, and what the readers saw of it.
#[derive(Default)]
struct Promises {
    /// Document numbers that an instance said were entered.
    acknowledged: BTreeSet<String>,
    /// Requests that failed once and then again.
    failed_twice: Vec<String>,
    /// Answers that no state of the register explains.
    wrong: Vec<String>,
}

/// One person who renames one area again and again, and asks another instance when one does not answer.
struct Writer {
    number: usize,
    area: String,
    clients: Vec<Client>,
    promises: Arc<Mutex<Promises>>,
}

impl Writer {
    fn work(&self) {
        for edit in 0..EDITS {
            let document = format!("试文-{}-{edit}", self.number);
            // Another person's record never touches this area, so only a retry after a change that went through unheard
            // could meet a conflict, and the request's number keeps that from happening.
            let mut failures = 0;
            for attempt in 0.. {
                let client = &self.clients[(self.number + edit + attempt) % self.clients.len()];
                match self.rename(client, &document, edit) {
                    Ok(()) => break,
                    Err(why) => {
                        failures += 1;
                        if failures > 1 {
                            self.promises.lock().unwrap().failed_twice.push(format!("{document}: {why}"));
                            return;
                        }
                    }
                }
            }
            self.promises.lock().unwrap().acknowledged.insert(document);
            std::thread::sleep(Duration::from_millis(150));
        }
    }

    fn rename(&self, client: &Client, document: &str, edit: usize) -> Result<(), String> {
        let item = format!("/api/collections/areas/items/{}", self.area);
        let shown = client.get(&item).map_err(|err| err.to_string())?;
        if shown.status != 200 {
            return Err(format!("{item}: {} {}", shown.status, shown.body));
        }
        let revision = shown.json()["properties"]["revision"].as_u64().ok_or("the item tells no revision")?;
        let body = json!({
            "record": { "document": document, "authority": "试验区", "dated": "2022-10-27", "author": "test", "note": "" },
            "rename": { "area": self.area, "name": format!("试验小区{}-{edit}(演示)", self.number) },
        });
        let headers =
            [("if-match", format!("\"{revision}\"")), ("idempotency-key", format!("edit-{}-{edit}", self.number))];
        let answer = client.post("/api/records", &headers, &body).map_err(|err| err.to_string())?;
        match answer.status {
            201 => Ok(()),
            // The instance has not heard yet of what another one was told a moment ago: the answer carries the revision,
            // and asking again with it is not a failure but the protocol.
            412 => {
                let latest = answer.json()["latest"].as_u64().ok_or("the conflict tells no revision")?;
                let headers = [
                    ("if-match", format!("\"{latest}\"")),
                    ("idempotency-key", format!("edit-{}-{edit}", self.number)),
                ];
                let again = client.post("/api/records", &headers, &body).map_err(|err| err.to_string())?;
                if again.status == 201 { Ok(()) } else { Err(format!("{} {}", again.status, again.body)) }
            }
            status => Err(format!("{status} {}", answer.body)),
        }
    }
}

/// Reads until told to stop: revisions never go back, and an area always has a name that somebody gave it.
fn read(client: &Client, area: &str, promises: &Mutex<Promises>, stop: &AtomicBool) {
    let mut last = 0;
    while !stop.load(Ordering::Relaxed) {
        let wrong = |what: String| promises.lock().unwrap().wrong.push(what);
        // An instance that was killed answers nothing, which is not a wrong answer.
        let Ok(ready) = client.get("/readyz") else { return };
        let revision = ready.json()["revision"].as_u64().unwrap_or(0);
        if ready.status != 200 || revision < last {
            wrong(format!("{} /readyz: {} after revision {last}: {}", client.address, ready.status, ready.body));
        }
        last = revision;
        let Ok(item) = client.get(&format!("/api/collections/areas/items/{area}")) else { return };
        let name = item.json()["properties"]["name"].as_str().unwrap_or_default().to_owned();
        if item.status != 200 || !name.ends_with("(演示)") {
            wrong(format!("{} {area}: {} {}", client.address, item.status, item.body));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn three_instances_tell_one_truth_while_one_is_killed_and_the_database_restarts() {
    let Some(cluster) = Cluster::start(Fsync::On) else { return };
    let address = cluster.database();
    let folder = tempfile::tempdir().unwrap();
    let loaded = onemap(folder.path()).args(["demo", "--store", &address]).output().unwrap();
    assert!(loaded.status.success(), "{}", text(&loaded.stderr));

    let mut servers: Vec<Server> = (0..INSTANCES)
        .map(|number| {
            let own = folder.path().join(number.to_string());
            std::fs::create_dir(&own).unwrap();
            Server::start(&own, &["--store", &address])
        })
        .collect();
    let clients: Vec<Client> = servers.iter().map(Server::client).collect();
    let listed = clients[0].get("/api/collections/areas/items?limit=40").unwrap().json();
    let areas: Vec<String> = listed["features"]
        .as_array()
        .unwrap()
        .iter()
        .step_by(10)
        .map(|feature| feature["properties"]["code"].as_str().unwrap().to_owned())
        .collect();

    let promises = Arc::new(Mutex::new(Promises::default()));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let writer = Writer {
                    number,
                    area: areas[number].clone(),
                    clients: clients.clone(),
                    promises: Arc::clone(&promises),
                };
                scope.spawn(move || writer.work())
            })
            .collect();
        for (client, area) in clients.iter().zip(&areas) {
            scope.spawn(|| read(client, area, &promises, &stop));
        }
        std::thread::sleep(Duration::from_millis(700));
        servers.pop().unwrap().kill();
        std::thread::sleep(Duration::from_millis(500));
        cluster.stop(Stop::Immediate);
        cluster.start_again();
        for writer in writers {
            writer.join().unwrap();
        }
        stop.store(true, Ordering::Relaxed);
    });

    let promises = promises.lock().unwrap();
    assert_eq!(promises.wrong, Vec::<String>::new());
    assert_eq!(promises.failed_twice, Vec::<String>::new());
    assert_eq!(promises.acknowledged.len(), WRITERS * EDITS);
    every_instance_has_every_record_once(&clients[..INSTANCES - 1], &promises.acknowledged);
    for (number, area) in areas.iter().take(WRITERS).enumerate() {
        for client in &clients[..INSTANCES - 1] {
            let item = client.get(&format!("/api/collections/areas/items/{area}")).unwrap().json();
            assert_eq!(item["properties"]["name"], format!("试验小区{number}-{}(演示)", EDITS - 1));
        }
    }
    let checked = onemap(folder.path()).args(["store", "check", "--store", &address]).output().unwrap();
    assert!(checked.status.success(), "{}{}", text(&checked.stdout), text(&checked.stderr));
    for server in servers {
        server.terminate();
        let (success, log) = server.end();
        assert!(success && !log.contains("panicked"), "{log}");
    }
}

fn every_instance_has_every_record_once(clients: &[Client], acknowledged: &BTreeSet<String>) {
    let documents = |client: &Client| -> BTreeMap<String, usize> {
        let mut count = BTreeMap::new();
        let records: Value = client.get("/api/records?limit=1000").unwrap().json();
        for record in records["records"].as_array().unwrap() {
            *count.entry(record["document"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        count.retain(|document, _| document.starts_with("试文-"));
        count
    };
    let started = Instant::now();
    for client in clients {
        loop {
            let found = documents(client);
            if found.len() == acknowledged.len() {
                assert!(found.values().all(|count| *count == 1), "{found:?}");
                assert!(found.keys().all(|document| acknowledged.contains(document)), "{found:?}");
                break;
            }
            assert!(started.elapsed() < SPREAD_LIMIT, "{}: {} of {}", client.address, found.len(), acknowledged.len());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

#[test]
fn what_one_instance_is_told_the_others_show_within_a_second() {
    let Some(cluster) = Cluster::start(Fsync::On) else { return };
    let address = cluster.database();
    let folder = tempfile::tempdir().unwrap();
    let loaded = onemap(folder.path()).args(["demo", "--store", &address]).output().unwrap();
    assert!(loaded.status.success(), "{}", text(&loaded.stderr));
    let servers: Vec<Server> = ["a", "b"]
        .map(|name| {
            let own = folder.path().join(name);
            std::fs::create_dir(&own).unwrap();
            Server::start(&own, &["--store", &address])
        })
        .into();
    let (told, other) = (servers[0].client(), servers[1].client());
    let item = told.get("/api/collections/areas/items?limit=1").unwrap().json();
    let (code, revision) = (&item["features"][0]["properties"]["code"], &item["features"][0]["properties"]["revision"]);
    let body = json!({
        "record": { "document": "试文", "authority": "试验区", "dated": "2022-10-27", "author": "test", "note": "" },
        "rename": { "area": code, "name": "传达小区(演示)" },
    });
    let answer = told.post("/api/records", &[("if-match", format!("\"{revision}\""))], &body).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.body);
    let path = format!("/api/collections/areas/items/{}", code.as_str().unwrap());
    // The instance that was told shows it at once: whoever wrote reads what they wrote.
    assert_eq!(told.get(&path).unwrap().json()["properties"]["name"], "传达小区(演示)");
    let started = Instant::now();
    while other.get(&path).unwrap().json()["properties"]["name"] != "传达小区(演示)" {
        assert!(started.elapsed() < SPREAD_LIMIT, "the other instance never heard of it");
        std::thread::sleep(Duration::from_millis(10));
    }

    cluster.stop(Stop::Fast);
    let lost = Instant::now();
    loop {
        let ready = other.get("/readyz").unwrap();
        assert_eq!(ready.status, 200, "the last snapshot is served: {}", ready.body);
        if ready.json()["store"] == "lost" {
            assert!(ready.json()["store_lost_since"].is_string());
            break;
        }
        assert!(lost.elapsed() < SPREAD_LIMIT, "the loss of the database is not told: {}", ready.body);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(other.get("/metrics").unwrap().body.contains("onemap_store_connected 0"));
    assert_eq!(other.get(&path).unwrap().status, 200);
    cluster.start_again();
    let back = Instant::now();
    while other.get("/readyz").unwrap().json()["store"] != "connected" {
        assert!(back.elapsed() < SPREAD_LIMIT, "the database is back and nobody noticed");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_register_goes_from_a_file_into_a_database_and_back_without_loss() {
    let Some(cluster) = Cluster::shared() else { return };
    let (address, folder) = (cluster.database(), tempfile::tempdir().unwrap());
    let told = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    told(&["demo", "--store", "first.gpkg"]);
    let there = told(&["store", "copy", "--from", "first.gpkg", "--to", &address, "--json"]);
    let back = told(&["store", "copy", "--from", &address, "--to", "second.gpkg", "--json"]);
    let digest = |answer: &str| serde_json::from_str::<Value>(answer).unwrap()["digest"].clone();
    assert!(digest(&there).is_string(), "{there}");
    assert_eq!(digest(&there), digest(&back));
    assert!(!there.contains("secret"), "{there}");
    told(&["store", "check", "--store", &address]);
    told(&["store", "check", "--store", "second.gpkg"]);
}
