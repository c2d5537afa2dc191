//! Every store does, step by step, what the register in memory does.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::history::{Entry, Fact, Kind, Lineage, NewRecord, Put, Seen};
use crate::model::{AreaCode, AsOf, DeliveryId, Origin, Revision, Validity};
use crate::store::contract::{change_set, new_record};
use crate::store::delivery_contract::{delivery, traced, unlocated};
use crate::store::memory::Memory;
use crate::store::{DeliveryStore as _, Question, Row, Store, StoreError};

/// Records that the comparison enters.
const STEPS: u32 = 120;

/// What differs between both sides is shown by name, not as two whole registers.
fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: Result<T, StoreError>,
    expected: Result<T, StoreError>,
) -> Option<T> {
    let told = |err: StoreError| {
        let cause = std::error::Error::source(&err).map(ToString::to_string).unwrap_or_default();
        format!("{err}: {cause}")
    };
    let (found, expected) = (found.map_err(told), expected.map_err(told));
    assert!(found == expected, "{what}:\n{found:#?}\nis not\n{expected:#?}");
    found.ok()
}

struct Dice(ChaCha8Rng);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0.next_u32() as usize % end
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    fn day(&mut self) -> Date {
        date(2020, 1, 1).saturating_add((self.below(40) as i32 * 30).days())
    }

    fn period(&mut self) -> Validity {
        let from = (!self.once_in(4)).then(|| self.day());
        Validity { from, until: self.once_in(2).then(|| self.day()) }
    }

    /// A change that may well make no sense.
    fn put(&mut self, facts: &[Fact]) -> Put {
        let mut fact = self.of(facts).clone();
        let other = self.of(facts).clone();
        match (&mut fact, other) {
            (Fact::Area(area), Fact::Area(other)) => {
                area.boundary = other.boundary;
                area.source_geometry = other.source_geometry;
            }
            (Fact::Area(area), Fact::Street(street)) => area.street = street.code,
            (Fact::Area(area), _) => {
                area.name = format!("名{}", self.below(3));
                area.site_area_m2 += 0.1;
            }
            (Fact::Assignment(assignment), Fact::Manager(manager)) => assignment.manager = manager.uscc,
            (Fact::Assignment(assignment), Fact::Area(other)) => assignment.area = other.code,
            (Fact::Committee(committee), Fact::Area(other)) => committee.area = other.code,
            (Fact::Committee(committee), _) => committee.committee.members = Some(self.below(9) as u16),
            (Fact::Manager(manager), _) => manager.phone = self.once_in(2).then(|| "010-1".to_owned()),
            (Fact::Street(street), Fact::District(district)) => street.boundary = district.boundary,
            (Fact::Street(street), _) => street.name = format!("街{}", self.below(2)),
            (Fact::Figure(figure), _) => figure.percent = self.below(100) as f64 / 3.0,
            _ => {}
        }
        if self.once_in(6)
            && let Fact::Area(area) = &mut fact
        {
            let code = format!("DEMO-NN-{:04}", self.below(30));
            area.code = AreaCode::parse(&code).unwrap();
            return Put::New { valid: self.period(), fact };
        }
        let lasting = matches!(fact.key().kind, Kind::District | Kind::Street | Kind::Community | Kind::Manager);
        let valid = self.period();
        match self.below(12) {
            0 => Put::New { fact, valid },
            1..4 if !lasting => Put::End { key: fact.key(), valid },
            _ => Put::Set { fact, valid },
        }
    }

    fn entry(&mut self, facts: &[Fact], areas: &[AreaCode], latest: u64) -> Entry {
        let puts = (0..1 + self.below(3)).map(|_| self.put(facts)).collect();
        let edge = |dice: &mut Self| Lineage {
            predecessor: dice.of(areas).clone(),
            successor: dice.of(areas).clone(),
            from: dice.day(),
        };
        let lineage = if self.once_in(4) { vec![edge(self)] } else { Vec::new() };
        let seen = |dice: &mut Self| Seen {
            area: dice.of(areas).clone(),
            at: Revision(latest.saturating_sub(dice.below(4) as u64)),
        };
        let seen = if self.once_in(4) { vec![seen(self)] } else { Vec::new() };
        let delivery = DeliveryId(self.below(5) as u32);
        let origin = self.once_in(5).then(|| match self.below(3) {
            0 => Origin::Undoes { delivery },
            rows => Origin::Publishes {
                delivery,
                rows: (0..rows).map(|row| traced(self.of(areas), row)).collect(),
                unlocated: (0..latest as usize % 4).map(|row| unlocated(&format!("名{row}"), row)).collect(),
                summary: latest.is_multiple_of(2).then(|| format!("{{\"rows\":{rows}}}")),
            },
        });
        let basis = self.once_in(4).then(|| Revision(latest.saturating_sub(self.below(2) as u64)));
        Entry { puts, lineage, seen, basis, origin, audit: Vec::new() }
    }
}

/// Enters random records into an empty store and into memory, and compares everything that both can be asked.
pub(crate) fn does_what_memory_does(store: &dyn Store, seed: u64) -> Memory {
    let memory = Memory::new();
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(seed));
    let base = Entry::from(&change_set());
    let facts: Vec<Fact> = base.puts.iter().filter_map(Put::fact).cloned().collect();
    let mut areas: Vec<AreaCode> = change_set().areas.iter().map(|area| area.code.clone()).collect();
    areas.extend((0..30).map(|n| AreaCode::parse(&format!("DEMO-NN-{n:04}")).unwrap()));
    same("the first record", store.commit(&new_record(), &base), memory.commit(&new_record(), &base));
    let mut refused = 0;
    for step in 0..STEPS {
        let latest = memory.revision().unwrap().unwrap().0;
        if dice.once_in(8) {
            let (delivery, bytes) = delivery(&[dice.below(4) as u8]);
            let received = |store: &dyn Store| store.receive(&delivery, &[bytes.as_slice()], &[]);
            same("what was received", received(store), received(&memory));
        }
        let entry = dice.entry(&facts, &areas, latest);
        let request = dice.once_in(3).then(|| format!("r{}", dice.below(60)));
        let record = NewRecord { dated: dice.day(), request, ..new_record() };
        let entered = same(&format!("step {step}"), store.commit(&record, &entry), memory.commit(&record, &entry));
        refused += u32::from(entered.is_none());
        if step % 4 != 0 {
            continue;
        }
        let mut states: Vec<AsOf> = Vec::new();
        for _ in 0..3 {
            let known = dice.once_in(2).then(|| Revision(dice.below(latest as usize + 3) as u64));
            let question = Question { day: dice.once_in(2).then(|| dice.day()), known };
            let what = format!("step {step}, {question:?}");
            let register = same(&what, store.load(question), memory.load(question));
            states.extend(register.map(|register| register.as_of));
        }
        for from in &states {
            for to in &states {
                let what = format!("step {step}, from {from:?} to {to:?}");
                same(&what, store.changes(*from, *to), memory.changes(*from, *to));
            }
        }
        let revision = Revision(dice.below(latest as usize + 2) as u64);
        same(&format!("touched by {revision}"), store.touched_by(revision), memory.touched_by(revision));
        same(&format!("keys of {revision}"), store.keys_touched_by(revision), memory.keys_touched_by(revision));
        same(&format!("traces of {revision}"), store.traces_of_record(revision), memory.traces_of_record(revision));
        let (area, key) = (dice.of(&areas).clone(), dice.of(&facts).key());
        same(&format!("traces of {area}"), store.traces_of_area(&area), memory.traces_of_area(&area));
        same("rows without an area", store.unlocated(), memory.unlocated());
        same("deliveries", store.deliveries(), memory.deliveries());
        same(&format!("history of {}", area.as_str()), store.history(&area), memory.history(&area));
        same(&format!("versions of {key}"), store.versions(&key), memory.versions(&key));
    }
    assert!(refused > STEPS / 10 && refused < STEPS * 3 / 4, "{refused} of {STEPS} were refused");
    assert_eq!(rows_of(store), rows_of(&memory));
    assert_eq!(store.check().unwrap(), [""; 0]);
    memory
}

/// Everything there is.
pub(crate) fn rows_of(store: &dyn Store) -> Vec<Row> {
    let mut rows = Vec::new();
    store
        .export(&mut |row| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
    rows
}
