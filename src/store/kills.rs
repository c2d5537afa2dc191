//! A writer that is killed at any instant loses nothing that it acknowledged, and leaves nothing half done.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use jiff::civil::date;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::history::{AreaFact, Entry, Fact, NewRecord, Put};
use crate::model::{Revision, Validity};
use crate::store::contract::{change_set, new_record};
use crate::store::geopackage::Access;
use crate::store::vault_contract::{draft, told as told_after};
use crate::store::{Place, Question, Store, StoreError, open};

/// Names the place that a child process writes to.
const CHILD_PLACE: &str = "ONEMAP_TEST_CHILD_PLACE";

/// Processes that are killed.
const KILLS: u32 = 200;

/// An area gets another name; the date goes on with the number, so that what is shown of the present follows.
pub(crate) fn renamed(number: u64) -> (NewRecord, Entry) {
    // Reading the fixtures takes longer than a record does.
    static LAST: LazyLock<AreaFact> = LazyLock::new(|| {
        let areas = change_set().areas.into_iter();
        AreaFact::from(&areas.max_by(|a, b| a.code.cmp(&b.code)).unwrap())
    });
    let area = AreaFact { name: format!("名{number}"), ..LAST.clone() };
    let from = date(2022, 11, 1).saturating_add(jiff::Span::new().days((number % 1000) as i64));
    let puts = vec![Put::Set { fact: Fact::Area(area), valid: Validity::since(from) }];
    let audit = vec![draft("zhao", "area.change", (number % 60) as u32)];
    (NewRecord { dated: from, note: format!("{number}"), ..new_record() }, Entry { puts, audit, ..Entry::default() })
}

/// Enters [`renamed`].
pub(crate) fn rename(store: &dyn Store, number: u64) -> Result<Revision, StoreError> {
    let (record, entry) = renamed(number);
    store.commit(&record, &entry)
}

/// Run by the tests of the stores in a process of its own, which they kill.
#[test]
#[ignore = "a child process of other tests"]
#[expect(clippy::print_stdout, reason = "the parent reads what was acknowledged")]
fn a_child_enters_records_until_it_is_killed() {
    let Ok(place) = env::var(CHILD_PLACE) else { return };
    let store = open(&Place::parse(&place), Access::Existing).unwrap();
    // The test harness has begun a line with the name of this test.
    println!();
    loop {
        let next = store.revision().unwrap().unwrap().0 + 1;
        let revision = rename(&*store, next).unwrap();
        println!("entered {revision}");
        std::io::stdout().flush().unwrap();
    }
}

/// Kills writers of the store in this place, which holds the contract's change set and nothing else, at random instants.
pub(crate) fn survives_kills(place: &str) {
    let place_of = Place::parse(place);
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut acknowledged = 1;
    for kill in 0..KILLS {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "store::kills::a_child_enters_records_until_it_is_killed"])
            .args(["--ignored", "--nocapture", "--test-threads=1"])
            .env(CHILD_PLACE, place)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let told = |line: String| line.strip_prefix("entered ").and_then(|revision| revision.parse::<u64>().ok());
        // Some are killed before their first record, the others at any moment after it.
        if kill % 5 != 0 {
            acknowledged = lines.by_ref().find_map(told).unwrap_or(acknowledged);
        }
        thread::sleep(Duration::from_micros(u64::from(random.next_u32() % 20_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged = lines.filter_map(told).last().unwrap_or(acknowledged);

        let store = open(&place_of, Access::Existing).unwrap();
        let latest = settled(&*store, acknowledged);
        assert!(latest == acknowledged || latest == acknowledged + 1, "{latest} after {acknowledged}");
        // The whole check grows with the register, so it is made now and then, and at the end.
        if kill % 10 == 0 || kill + 1 == KILLS {
            assert_eq!(store.check().unwrap(), [""; 0], "after kill {kill}");
        }
        let register = store.load(Question { day: None, known: Some(Revision(latest)) }).unwrap();
        assert_eq!(register.records.last().unwrap().note, if latest == 1 { String::new() } else { latest.to_string() });
        // The log has the part of every record and of nothing else.
        let last = told_after(&*store, latest.saturating_sub(5)).pop();
        assert_eq!(last.and_then(|(_, _, record)| record), (latest > 1).then_some(Revision(latest)));
        assert_eq!(store.audit_head().unwrap().map_or(0, |head| head.seq), latest - 1);
        acknowledged = latest;
    }
    assert_eq!(open(&place_of, Access::Existing).unwrap().verify_audit(None).unwrap(), None);
    assert!(acknowledged > u64::from(KILLS) / 2, "{acknowledged}");
}

/// The latest revision once it stays: a database may still be at work on what a killed client asked it for.
fn settled(store: &dyn Store, acknowledged: u64) -> u64 {
    // Waits for the end of whatever the killed one was committing.
    store.write(&[], &[]).unwrap();
    let latest = || store.revision().unwrap().unwrap().0;
    let mut seen = latest();
    if seen > acknowledged {
        return seen;
    }
    for _ in 0..5 {
        thread::sleep(Duration::from_millis(2));
        seen = latest();
    }
    seen
}
