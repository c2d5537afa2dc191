//! A writer that is killed while it receives and publishes keeps every byte that it acknowledged, published or not and
//! never half.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::history::{Entry, Key, Recorded};
use crate::model::{AreaCode, Delivery, DeliveryState, Origin, Trace};
use crate::store::contract::change_set;
use crate::store::delivery_contract::{delivery, traced, unlocated};
use crate::store::geopackage::Access;
use crate::store::kills::renamed;
use crate::store::vault_contract::draft;
use crate::store::{CHUNK_BYTES, Place, Receipt, Store, open};

/// Names the place that a child process writes to.
const CHILD_PLACE: &str = "ONEMAP_TEST_DELIVERY_PLACE";

/// Processes that are killed.
const KILLS: u32 = 60;

/// Traces, and rows without an area, that every publication leaves.
const ROWS: usize = 40;

/// What the delivery of a number is made of; some of them fill several rows.
fn bytes(number: u32) -> Vec<u8> {
    let size = if number % 7 == 3 { 2 * CHUNK_BYTES + 17 } else { 20_000 };
    (0..size).map(|at| (at as u32).wrapping_mul(number | 1).to_le_bytes()[1]).chain(number.to_le_bytes()).collect()
}

/// The area that rows tell of. Reading the fixtures takes longer than a record does.
fn area() -> &'static AreaCode {
    static AREA: LazyLock<AreaCode> = LazyLock::new(|| change_set().areas[0].code.clone());
    &AREA
}

/// The area that [`renamed`] is about.
fn renamed_area() -> &'static Key {
    static KEY: LazyLock<Key> = LazyLock::new(|| renamed(1).1.puts[0].key());
    &KEY
}

/// Run by the tests of the stores in a process of its own, which they kill.
#[test]
#[ignore = "a child process of other tests"]
#[expect(clippy::print_stdout, reason = "the parent reads what was acknowledged")]
fn a_child_receives_and_publishes_until_it_is_killed() {
    let Ok(place) = env::var(CHILD_PLACE) else { return };
    let store = open(&Place::parse(&place), Access::Existing).unwrap();
    let say = |what: String| {
        println!("{what}");
        std::io::stdout().flush().unwrap();
    };
    let enter = |origin: Origin| {
        let next = store.revision().unwrap().unwrap().0 + 1;
        let (record, entry) = renamed(next);
        store.commit(&record, &Entry { origin: Some(origin), ..entry }).unwrap()
    };
    // The test's own name stands on the first line.
    say(String::new());
    loop {
        let next = store.deliveries().unwrap().first().map_or(1, |last| last.id.0 + 1);
        let (new, bytes) = delivery(&bytes(next));
        let Receipt::New(id) = store.receive(&new, &[&bytes], &[draft("zhao", "delivery.receive", 1)]).unwrap() else {
            panic!("it is new")
        };
        say(format!("received {id}"));
        store.note_check(id, "{}", "{}", &[]).unwrap();
        let rows = (0..ROWS).map(|row| traced(area(), row)).collect();
        let without_area = (0..ROWS).map(|row| unlocated("名", row)).collect();
        let origin = Origin::Publishes { delivery: id, rows, unlocated: without_area, summary: None };
        say(format!("published {id} {}", enter(origin)));
        if next.is_multiple_of(3) {
            say(format!("undone {id} {}", enter(Origin::Undoes { delivery: id })));
        }
    }
}

/// What a child acknowledged: the last delivery it received, and its last record.
#[derive(Default)]
struct Acknowledged {
    delivery: u32,
    revision: u64,
}

impl Acknowledged {
    fn hear(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["received", id] => self.delivery = id.parse().unwrap_or(self.delivery),
            ["published" | "undone", _, revision] => self.revision = revision.parse().unwrap_or(self.revision),
            _ => {}
        }
    }
}

/// Kills writers of the store in this place, which holds the contract's change set and nothing else, at random instants.
pub(crate) fn deliveries_survive_kills(place: &str) {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let (mut told, mut seen) = (Acknowledged { delivery: 0, revision: 1 }, 0);
    for kill in 0..KILLS {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "store::delivery_kills::a_child_receives_and_publishes_until_it_is_killed"])
            .args(["--ignored", "--nocapture", "--test-threads=1"])
            .env(CHILD_PLACE, place)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        // Some are killed before they said anything, some while they publish, some while they take back or receive again.
        let awaited = ["", "received", "received", "published", "published"][kill as usize % 5];
        while !awaited.is_empty() {
            let Some(line) = lines.next() else { break };
            told.hear(&line);
            if line.starts_with(awaited) {
                break;
            }
        }
        thread::sleep(Duration::from_micros(u64::from(random.next_u32() % 100_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        lines.for_each(|line| told.hear(&line));

        let store = open(&Place::parse(place), Access::Existing).unwrap();
        let whole = kill % 10 == 9 || kill + 1 == KILLS;
        let (deliveries, latest) = settled(&*store);
        let received = deliveries.len() as u32;
        assert!(received == told.delivery || received == told.delivery + 1, "{received} after {}", told.delivery);
        assert!(latest == told.revision || latest == told.revision + 1, "{latest} after {}", told.revision);
        for delivery in deliveries.iter().filter(|delivery| whole || delivery.id.0 >= seen) {
            is_whole(&*store, delivery);
        }
        assert_eq!(latest - 1, deliveries.iter().map(records_of).sum::<u64>());
        // The log tells of every delivery and of every record, once.
        assert_eq!(store.audit_head().unwrap().map_or(0, |head| head.seq), latest - 1 + u64::from(received));
        if whole {
            assert_eq!(store.check().unwrap(), [""; 0], "after kill {kill}");
        }
        (told.delivery, told.revision, seen) = (received, latest, received);
    }
    assert!(told.delivery > KILLS / 3 && told.revision > u64::from(KILLS / 3), "{} {}", told.delivery, told.revision);
}

/// Deliveries and the latest revision once they stay: a database may still be at work on what a killed client asked it for.
fn settled(store: &dyn Store) -> (Vec<Delivery>, u64) {
    // Waits for the end of whatever the killed one was committing.
    store.write(&[], &[]).unwrap();
    let state = || (store.deliveries().unwrap(), store.revision().unwrap().unwrap().0);
    let mut seen = state();
    loop {
        thread::sleep(Duration::from_millis(20));
        match state() {
            again if again == seen => return seen,
            other => seen = other,
        }
    }
}

/// Records that a delivery of that state was part of.
fn records_of(delivery: &Delivery) -> u64 {
    match delivery.state {
        DeliveryState::Received => 0,
        DeliveryState::Published { .. } => 1,
        DeliveryState::Undone { .. } => 2,
    }
}

fn is_whole(store: &dyn Store, delivery: &Delivery) {
    let id = delivery.id;
    let contents = store.contents(id).unwrap();
    assert!(contents.len() == 1 && contents[0].1 == bytes(id.0), "the bytes of delivery {id}");

    let traces = store.traces_of_area(area()).unwrap().into_iter().filter(|trace| trace.delivery == id);
    let traces: Vec<Trace> = traces.collect();
    match delivery.state {
        DeliveryState::Received => assert_eq!(traces, []),
        DeliveryState::Published { revision } | DeliveryState::Undone { revision, .. } => {
            assert_eq!(traces.len(), ROWS);
            assert_eq!(store.traces_of_record(revision).unwrap(), traces);
            let kept = store.unlocated().unwrap().into_iter().filter(|kept| kept.delivery == id);
            let until = match delivery.state {
                DeliveryState::Undone { by, .. } => Some(by),
                _ => None,
            };
            let recorded: Vec<Recorded> = kept.map(|kept| kept.recorded).collect();
            assert_eq!(recorded, [Recorded { from: revision, until }; ROWS]);
            // The record is the one that was entered with it.
            let told = store.versions(renamed_area()).unwrap();
            assert!(told.iter().any(|version| version.recorded.from == revision));
        }
    }
}
