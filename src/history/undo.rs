//! Taking a record back: what is to be entered so that everything is again as it was known before it.

use jiff::civil::Date;

use crate::history::{Entry, Fact, Key, Kind, Put, Version};
use crate::model::{Revision, Validity};

/// The entry that restores, on the valid clock, what was known just before a record: in the periods in which the record
/// changed something, the facts that were known before it, and an end where there was nothing.
///
/// `things` are the keys that the record touched, each with all its versions, in any order. History stays: what the record
/// said is still known under its revision, codes that it used are not free again, and so does the lineage it entered.
/// Districts, streets, communities and managers that were new under the record cannot end, so they stay too. The entry
/// has neither basis nor origin; whoever enters it says on which revision the versions were read.
///
/// Errors: the keys, in order, of which a later record said something in those periods, even if that was taken back.
pub fn undo(revision: Revision, things: &[(Key, Vec<Version>)]) -> Result<Entry, Vec<Key>> {
    let (mut puts, mut touched) = (Vec::new(), Vec::new());
    for (key, versions) in things {
        match restore(revision, key, versions) {
            Ok(restoring) => puts.extend(restoring),
            Err(LaterRecord) => touched.push(key.clone()),
        }
    }
    if !touched.is_empty() {
        touched.sort_unstable();
        return Err(touched);
    }
    // In the order of their references; those of one thing stay in the order of their days.
    puts.sort_by_cached_key(Put::key);
    Ok(Entry { puts, ..Entry::default() })
}

/// A later record said something in a period that is to be restored.
struct LaterRecord;

/// A stretch of days, and what was known of it before.
struct Stretch<'a> {
    valid: Validity,
    before: Option<&'a Fact>,
}

fn restore(revision: Revision, key: &Key, versions: &[Version]) -> Result<Vec<Put>, LaterRecord> {
    // The first record has nothing before it, under which nothing was known.
    let previous = Revision(revision.0.saturating_sub(1));
    let concerned: Vec<&Version> = versions
        .iter()
        .filter(|version| version.recorded.was_known(previous) || version.recorded.until.is_none_or(|at| at > revision))
        .collect();
    let mut stretches: Vec<Stretch<'_>> = Vec::new();
    for valid in stretches_of(&concerned) {
        let there: Vec<&Version> =
            concerned.iter().copied().filter(|version| version.valid.overlap(&valid).is_some()).collect();
        let told = |known| there.iter().find(|version| version.recorded.was_known(known)).map(|version| &version.fact);
        let (before, after) = (told(previous), told(revision));
        if before == after {
            continue;
        }
        let clocks = there.iter().flat_map(|version| [Some(version.recorded.from), version.recorded.until]);
        if clocks.flatten().any(|later| later > revision && told(later) != after) {
            return Err(LaterRecord);
        }
        match stretches.last_mut() {
            Some(last) if last.valid.until == valid.from && last.before == before => last.valid.until = valid.until,
            _ => stretches.push(Stretch { valid, before }),
        }
    }
    let lasting = matches!(key.kind, Kind::District | Kind::Street | Kind::Community | Kind::Manager);
    let puts = stretches.into_iter().filter_map(|Stretch { valid, before }| match before {
        Some(fact) => Some(Put::Set { fact: fact.clone(), valid }),
        None => (!lasting).then(|| Put::End { key: key.clone(), valid }),
    });
    Ok(puts.collect())
}

/// All days, cut wherever one of the versions begins or ends, in order.
fn stretches_of(versions: &[&Version]) -> Vec<Validity> {
    let mut cuts: Vec<Date> =
        versions.iter().flat_map(|version| [version.valid.from, version.valid.until]).flatten().collect();
    cuts.sort_unstable();
    cuts.dedup();
    let ends = cuts.iter().copied().map(Some).chain([None]);
    let begins = [None].into_iter().chain(cuts.iter().copied().map(Some));
    begins.zip(ends).map(|(from, until)| Validity { from, until }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::testing::{area, code, committee, drawn, founded, holding, new_record, uscc};
    use crate::history::{AreaFact, Assignment, CommitteeFact, Ledger};
    use crate::ingest::ManagerDraft;
    use crate::model::{Committee, ManagerKind, RecordKind, Uscc};
    use jiff::civil::date;
    use proptest::prelude::*;

    fn enter(ledger: &mut Ledger, puts: Vec<Put>) -> Revision {
        ledger.enter(&record(), &Entry { puts, ..Entry::default() }).unwrap()
    }

    fn record() -> crate::history::NewRecord {
        new_record(RecordKind::Correction, date(2021, 1, 1))
    }

    fn undone(ledger: &Ledger, revision: Revision) -> Result<Entry, Vec<Key>> {
        let keys = ledger.keys_touched_by(revision).into_iter();
        let things: Vec<(Key, Vec<Version>)> = keys.map(|key| (key.clone(), ledger.versions(&key).to_vec())).collect();
        undo(revision, &things)
    }

    fn called(serial: u32, name: &str) -> Fact {
        Fact::Area(AreaFact { name: name.to_owned(), ..area(serial, drawn(0, 0, 10, 10)) })
    }

    fn set(fact: Fact, from: i16, until: Option<i16>) -> Put {
        let day = |year| date(year, 1, 1);
        Put::Set { fact, valid: Validity { from: Some(day(from)), until: until.map(day) } }
    }

    #[test]
    fn what_was_known_before_is_restored_in_the_periods_that_changed() {
        let mut ledger = founded();
        enter(&mut ledger, vec![set(called(1, "一"), 2015, Some(2018))]);
        let wrong =
            enter(&mut ledger, vec![set(called(1, "二"), 2014, Some(2020)), set(called(1, "一"), 2016, Some(2017))]);
        let entry = undone(&ledger, wrong).unwrap();
        let told: Vec<_> = (entry.puts.iter())
            .map(|put| {
                let Some(Fact::Area(area)) = put.fact() else { panic!("an area is set") };
                let year = |day: Option<Date>| day.map(Date::year);
                (area.name.clone(), year(put.valid().from), year(put.valid().until))
            })
            .collect();
        let old = "1号院(演示)".to_owned();
        assert_eq!(
            told,
            [
                (old.clone(), Some(2014), Some(2015)),
                ("一".to_owned(), Some(2015), Some(2016)),
                ("一".to_owned(), Some(2017), Some(2018)),
                (old, Some(2018), Some(2020)),
            ]
        );
    }

    #[test]
    fn something_new_ends_and_a_new_manager_stays() {
        let mut ledger = founded();
        let manager = Fact::Manager(ManagerDraft {
            kind: ManagerKind::Company,
            name: "新物业".to_owned(),
            uscc: Uscc::parse("91000000MA0005449H").unwrap(),
            phone: None,
            party_organisation: None,
            demo: true,
        });
        let always = Validity::default();
        let new = |fact| Put::New { fact, valid: always };
        let begins = Put::New { fact: called(9, "九"), valid: Validity::since(date(2021, 1, 1)) };
        let wrong = enter(&mut ledger, vec![new(manager.clone()), begins]);
        let entry = undone(&ledger, wrong).unwrap();
        let ends = Put::End { key: called(9, "").key(), valid: Validity::since(date(2021, 1, 1)) };
        assert_eq!(entry.puts, [ends]);
        ledger.enter(&record(), &entry).unwrap();
        assert!(holding(&ledger, date(2022, 1, 1)).contains(&manager));
        assert!(!holding(&ledger, date(2022, 1, 1)).contains(&called(9, "九")));
    }

    #[test]
    fn a_later_record_stands_in_the_way_only_where_it_said_something() {
        let mut ledger = founded();
        let wrong = enter(&mut ledger, vec![set(called(1, "一"), 2015, Some(2018)), set(called(2, "二"), 2015, None)]);
        // Before the period, so what the wrong record said stays as it is.
        enter(&mut ledger, vec![set(called(1, "早"), 2010, Some(2012))]);
        assert!(undone(&ledger, wrong).is_ok());
        let later = enter(&mut ledger, vec![set(called(2, "晚"), 2020, Some(2021))]);
        assert_eq!(undone(&ledger, wrong), Err(vec![called(2, "").key()]));
        // Also when it was taken back.
        let entry = undone(&ledger, later).unwrap();
        ledger.enter(&record(), &entry).unwrap();
        assert_eq!(undone(&ledger, wrong), Err(vec![called(2, "").key()]));
        // An undo can be undone, and the first record then taken back.
        let mut ledger = founded();
        let wrong = enter(&mut ledger, vec![set(called(1, "一"), 2015, None)]);
        let before = holding(&ledger, date(2016, 1, 1));
        let entry = undone(&ledger, wrong).unwrap();
        let taken_back = ledger.enter(&record(), &entry).unwrap();
        let entry = undone(&ledger, taken_back).unwrap();
        ledger.enter(&record(), &entry).unwrap();
        assert_eq!(holding(&ledger, date(2016, 1, 1)), before);
    }

    #[test]
    fn the_first_record_is_taken_back_but_for_what_lasts() {
        let mut ledger = founded();
        let entry = undone(&ledger, Revision(1)).unwrap();
        ledger.enter(&record(), &entry).unwrap();
        let left = holding(&ledger, date(2020, 1, 1));
        assert!(!left.is_empty() && left.iter().all(is_lasting));
        assert_eq!(undone(&ledger, Revision(9)), Ok(Entry::default()));
    }

    fn is_lasting(fact: &Fact) -> bool {
        matches!(fact, Fact::District(_) | Fact::Street(_) | Fact::Community(_) | Fact::Manager(_))
    }

    fn period(from: u8, until: u8) -> Validity {
        let year = |n: u8| (!n.is_multiple_of(4)).then(|| date(2015 + i16::from(n % 8), 1, 1));
        Validity { from: year(from), until: year(until) }
    }

    /// A put that may well be refused.
    fn put([what, which, from, until, how]: [u8; 5]) -> Put {
        let (serial, valid) = (1 + u32::from(which) % 6, period(from, until));
        let members = Committee { members: Some(how.into()), ..committee(&format!("C-{}", which % 3)) };
        let committee = Fact::Committee(CommitteeFact { area: code(1 + u32::from(how) % 4), committee: members });
        let assigned = Fact::Assignment(Assignment { area: code(serial), manager: uscc(usize::from(how) % 2) });
        match what % 8 {
            0 | 1 => Put::Set { fact: called(serial, &format!("名{}", how % 3)), valid },
            2 => Put::End { key: called(serial, "").key(), valid },
            3 => Put::Set { fact: assigned, valid },
            4 => Put::End { key: assigned.key(), valid },
            5 => Put::Set { fact: committee, valid },
            6 => Put::New { fact: committee, valid },
            _ => Put::New { fact: called(serial, "新"), valid },
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

        #[test]
        fn what_is_taken_back_was_never_there(
            records in prop::collection::vec(prop::collection::vec(any::<[u8; 5]>(), 1..5), 1..8),
            further in prop::collection::vec(any::<[u8; 5]>(), 0..3),
        ) {
            let mut ledger = founded();
            let enter = |ledger: &mut Ledger, puts: &[[u8; 5]]| {
                let entry = Entry { puts: puts.iter().copied().map(put).collect(), ..Entry::default() };
                ledger.enter(&record(), &entry).ok()
            };
            let days = (2013..2026).flat_map(|year| [date(year, 1, 1), date(year, 12, 31)]);
            let told = |ledger: &Ledger| days.clone().map(|day| holding(ledger, day)).collect::<Vec<_>>();
            for (at, puts) in records.iter().enumerate() {
                let before = told(&ledger);
                let Some(revision) = enter(&mut ledger, puts) else { continue };
                let after = told(&ledger);
                if at + 1 < records.len() && at % 2 == 0 {
                    continue;
                }
                let mut other = ledger.clone();
                let restoring = undone(&other, revision).unwrap();
                let again = other.enter(&record(), &restoring).unwrap();
                prop_assert_eq!(told(&other), before.clone());
                // And back again.
                let forth = undone(&other, again).unwrap();
                other.enter(&record(), &forth).unwrap();
                prop_assert_eq!(told(&other), after);
                // After later records it is refused, or nothing but what it said is taken back.
                if enter(&mut ledger, &further).is_some() && let Ok(restoring) = undone(&ledger, revision) {
                    prop_assert!(ledger.enter(&record(), &restoring).is_ok());
                }
            }
        }
    }
}
