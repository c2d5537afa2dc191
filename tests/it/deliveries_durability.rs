//! What becomes of deliveries when the program is killed at any instant, and when the disk is full.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use onemap::history::{Fact, Kind};
use onemap::store::geopackage::Access;
use onemap::store::{Place, Question, Row, Store, open};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::support::disk::Disk;
use crate::support::process::{Client, Reply, Server, onemap, run, text};
use crate::support::story::copy_of_demo;

/// Imports that are killed.
const KILLS: usize = 50;

/// Imports between two that nobody kills, which tell how long one takes.
const KILLS_BETWEEN: usize = 10;

/// Areas of the register, and of every delivery.
const AREAS: usize = 20;

/// The register, seen from the folder of the test.
const REGISTER: &str = "disk/register.gpkg";

/// A few areas of the demonstration district in a file, so that a command is through with it in no time.
fn write_register(path: &Path) {
    let mut rows = Vec::new();
    let collected = copy_of_demo().export(&mut |row| {
        rows.push(row);
        Ok(())
    });
    collected.unwrap();
    let codes = rows.iter().filter_map(|row| match row {
        Row::Thing(key, ..) if key.kind == Kind::Area => Some(key.code.clone()),
        _ => None,
    });
    let kept: BTreeSet<String> = codes.collect::<BTreeSet<_>>().into_iter().take(AREAS).collect();
    rows.retain(|row| match row {
        Row::Thing(key, _, versions) => match &versions[0].fact {
            Fact::Area(_) | Fact::Assignment(_) => kept.contains(&key.code),
            Fact::Committee(committee) => kept.contains(committee.area.as_str()),
            _ => true,
        },
        _ => true,
    });
    let store = open(&Place::File(path.to_owned()), Access::Create).unwrap();
    store.import(&mut rows.into_iter().map(Ok)).unwrap();
}

/// What a delivery of this number says: every area has an address of its own.
fn version(areas: &Value, number: usize) -> String {
    let mut areas = areas.clone();
    for area in areas["features"].as_array_mut().unwrap() {
        area["properties"]["address"] = json!(address(number));
    }
    areas.to_string()
}

fn address(number: usize) -> String {
    format!("试验路{number}号")
}

/// The areas of the register, as it exports them.
fn exported(folder: &Path) -> Value {
    let output = run(folder, &["export", "--store", REGISTER, "all.geojson"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let areas: Value = serde_json::from_slice(&fs::read(folder.join("all.geojson")).unwrap()).unwrap();
    assert_eq!(areas["features"].as_array().unwrap().len(), AREAS);
    areas
}

fn arguments(file: &str) -> [&str; 11] {
    ["import", "--store", REGISTER, "--as", "X", "--record", "试文1号", "--dated", "2024-01-01", "--commit", file]
}

fn check(folder: &Path, after: &str) {
    let output = run(folder, &["store", "check", "--store", REGISTER]);
    assert!(output.status.success(), "after {after}: {}{}", text(&output.stdout), text(&output.stderr));
}

/// What a register holds.
#[derive(Debug, PartialEq, Eq)]
struct State {
    revision: u64,
    addresses: BTreeSet<Option<String>>,
    areas: usize,
}

impl State {
    fn of(store: &dyn Store) -> Self {
        let register = store.load(Question::default()).unwrap();
        Self {
            revision: register.records.len() as u64,
            addresses: register.areas.iter().map(|area| area.attributes.address.clone()).collect(),
            areas: register.areas.len(),
        }
    }
}

#[test]
fn an_import_that_is_killed_is_in_the_register_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("disk")).unwrap();
    let place = Place::File(folder.join(REGISTER));
    write_register(&folder.join(REGISTER));
    let areas = exported(folder);
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut sent: Vec<String> = Vec::new();
    let (mut kills, mut kept, mut entered) = (0, 0, 0);
    let mut whole = Duration::ZERO;
    while kills < KILLS {
        assert!(sent.len() < 3 * KILLS, "most imports end before they are killed");
        let (number, undisturbed) = (sent.len(), sent.len().is_multiple_of(KILLS_BETWEEN + 1));
        sent.push(version(&areas, number));
        fs::write(folder.join("a.geojson"), &sent[number]).unwrap();
        let before = State::of(&*open(&place, Access::Existing).unwrap());
        let known = open(&place, Access::Existing).unwrap().deliveries().unwrap().len();

        let (out, started) = (folder.join("import.out"), Instant::now());
        let mut child = onemap(folder)
            .args(arguments("a.geojson"))
            .stdout(File::create(&out).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        if undisturbed {
            assert!(child.wait().unwrap().success());
            whole = started.elapsed();
        } else {
            std::thread::sleep(whole.mul_f64(f64::from(random.next_u32()) / f64::from(u32::MAX)));
            // Fails when it has just ended.
            let _ = child.kill();
            kills += usize::from(child.wait().unwrap().signal() == Some(9));
        }

        let out = fs::read_to_string(&out).unwrap();
        check(folder, &format!("import {number}"));
        let store = open(&place, Access::Existing).unwrap();
        let after = State::of(&*store);
        let deliveries = store.deliveries().unwrap();
        let addresses = BTreeSet::from([Some(address(number))]);
        let new = State { revision: before.revision + 1, addresses, areas: AREAS };
        assert!(after == before || after == new, "import {number}: {after:?} is neither {before:?} nor {new:?}");
        let (received, published) = (deliveries.len() > known, after == new);
        assert!(deliveries.len() <= known + 1 && (received || !published), "import {number}");
        // What was said to be so is so. A check is told of what was received only.
        assert!(received || !out.contains("rows;"), "import {number}: {out}");
        assert!(published || !out.contains("published delivery"), "import {number}: {out}");
        assert!(published || !undisturbed, "import {number}: {out}");
        if received {
            let state = if published { "published" } else { "received" };
            assert_eq!(deliveries[0].state.key(), state, "import {number}");
            assert!(store.contents(deliveries[0].id).unwrap()[0].1 == sent[number].as_bytes(), "import {number}");
        }
        kept += usize::from(received && !published && !undisturbed);
        entered += usize::from(published && !undisturbed);
    }
    assert!(kept > 0, "some are killed between the two transactions: {kept} of {kills}, {entered} were entered");

    // What was left lying is taken up again, and everything that was received is there.
    let last = sent.len() - 1;
    assert!(run(folder, &arguments("a.geojson")).status.success());
    let store = open(&place, Access::Existing).unwrap();
    assert_eq!(State::of(&*store).addresses, BTreeSet::from([Some(address(last))]));
    let sent: BTreeSet<&[u8]> = sent.iter().map(String::as_bytes).collect();
    for delivery in store.deliveries().unwrap() {
        assert!(sent.contains(&*store.contents(delivery.id).unwrap()[0].1), "delivery {}", delivery.id);
    }
}

/// The reply, which must have this status.
fn told(reply: Reply, status: u16) -> Value {
    assert_eq!(reply.status, status, "{}", reply.text);
    reply.json()
}

fn publish(client: &Client, id: u64) -> Reply {
    let told = client.post(&format!("/api/deliveries/{id}/check"), &[], &json!({})).unwrap();
    assert_eq!(told.status, 200, "{}", told.text);
    let record = json!({ "document": "试文1号", "authority": "试验区", "dated": "2024-01-01", "author": "甲某" });
    client.post(&format!("/api/deliveries/{id}/publish"), &[], &json!({ "record": record })).unwrap()
}

/// Fills a disk but for half a mebibyte.
fn fill(filler: &Path) {
    let mut file = File::create(filler).unwrap();
    let mut size = 0;
    while let Ok(more) = file.write(&[0; 64 << 10]) {
        size += more as u64;
    }
    file.set_len(size - (512 << 10)).unwrap();
}

#[test]
fn a_delivery_for_which_there_is_no_room_is_refused_and_goes_through_later() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let Some(disk) = Disk::small(folder.join("disk")) else { return };
    write_register(&folder.join(REGISTER));
    let areas = exported(folder);
    let server = Server::start(folder, &["--store", REGISTER]);
    let client = server.client();
    let small = version(&areas, 1);
    // Blanks are no data, but bytes that have to be kept.
    let large = |number: usize| version(&areas, number) + &" ".repeat(1 << 20);
    assert_eq!(told(client.deliver("X", "a.geojson", &small).unwrap(), 201)["id"], 1);
    let revision = || client.get("/api/register").unwrap().json()["revision"].as_u64().unwrap();
    let before = revision();

    let filler = disk.path().join("filler");
    fill(&filler);
    let refused = told(client.deliver("X", "b.geojson", &large(2)).unwrap(), 507);
    assert_eq!(refused["type"], "urn:onemap:problem:store-full");
    assert!(refused["detail"].as_str().unwrap().contains("no room"), "{refused}");
    fs::write(folder.join("c.geojson"), large(3)).unwrap();
    let output = run(folder, &arguments("c.geojson"));
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("make room and try again"), "{}", text(&output.stderr));
    let list = client.get("/api/deliveries").unwrap().json();
    assert_eq!((list["deliveries"].as_array().unwrap().len(), revision()), (1, before), "nothing was kept of it");
    assert_eq!(client.get("/api/deliveries/1/files/1").unwrap().body, small, "nor lost of the others");
    check(folder, "the disk was full");

    fs::remove_file(&filler).unwrap();
    assert_eq!(told(client.deliver("X", "b.geojson", &large(2)).unwrap(), 201)["id"], 2);
    for (id, number) in [(1, 1), (2, 2)] {
        assert_eq!(told(publish(&client, id), 201)["revision"], before + number as u64);
        let all = client.get("/api/export?format=geojson").unwrap().body;
        assert_eq!(all.matches(&address(number)).count(), AREAS);
    }
    let output = run(folder, &arguments("c.geojson"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    check(folder, "there was room again");
    server.terminate();
    let (success, log) = server.end();
    assert!(success && !log.contains("panicked"), "{log}");
}
