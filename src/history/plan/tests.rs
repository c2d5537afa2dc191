use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::*;
use crate::history::testing::{
    area_on, code, committee, committee_on, drawn, founded, holding, operate, successor, uscc,
};
use crate::history::{Amendment, Fate, Fates, Ledger};
use crate::model::{Name, NameKind};

const DAY: Date = date(2021, 6, 1);
const BEFORE: Date = date(2021, 5, 31);

fn serves(area: u32) -> Fates {
    BTreeMap::from([("C-1".to_owned(), Fate::Serves(code(area)))])
}

fn dissolved(day: Date) -> Fates {
    BTreeMap::from([("C-1".to_owned(), Fate::Dissolved(day))])
}

fn halves() -> Vec<crate::history::Successor> {
    vec![successor(11, drawn(0, 0, 5, 10)), successor(12, drawn(5, 0, 5, 10))]
}

fn split(committees: Fates) -> Operation {
    Operation::Split { area: code(1), into: halves(), committees }
}

fn amend(area: u32, amendment: Amendment) -> Operation {
    let (kind, committees) = (RecordKind::SurveyRound, Fates::new());
    Operation::Amend { kind, area: code(area), amendment: Box::new(amendment), committees }
}

fn refused(ledger: &mut Ledger, operation: &Operation) -> String {
    let before = ledger.revision();
    let faults = operate(ledger, operation, DAY).unwrap_err();
    assert_eq!(ledger.revision(), before);
    faults
}

#[test]
fn a_split_ends_the_area_and_its_successors_go_on_with_what_it_had() {
    let mut ledger = founded();
    operate(&mut ledger, &split(serves(12)), DAY).unwrap();

    assert!(area_on(&ledger, 1, BEFORE).is_some() && area_on(&ledger, 1, DAY).is_none());
    assert!(area_on(&ledger, 11, BEFORE).is_none());
    let half = area_on(&ledger, 11, DAY).unwrap();
    assert_eq!(half.other_names, [Name { kind: NameKind::Former, text: "1号院(演示)".to_owned() }]);
    assert_eq!((half.attributes.built_year, half.attributes.households), (Some(1998), None));
    let managed: Vec<Fact> =
        holding(&ledger, DAY).into_iter().filter(|fact| matches!(fact, Fact::Assignment(_))).collect();
    let areas: Vec<u32> = [2, 11, 12].into();
    assert_eq!(
        managed.iter().filter_map(Fact::area).cloned().collect::<Vec<_>>(),
        areas.into_iter().map(code).collect::<Vec<_>>()
    );
    assert_eq!(committee_on(&ledger, "C-1", BEFORE).unwrap().area, code(1));
    assert_eq!(committee_on(&ledger, "C-1", DAY).unwrap().area, code(12));
    let edges: Vec<_> =
        ledger.lineage().iter().map(|(_, edge)| (&edge.predecessor, &edge.successor, edge.from)).collect();
    assert_eq!(edges, [(&code(1), &code(11), DAY), (&code(1), &code(12), DAY)]);
}

#[test]
fn a_split_says_what_becomes_of_every_committee_and_of_no_other() {
    let mut ledger = founded();
    let faults = refused(&mut ledger, &split(Fates::new()));
    assert!(faults.starts_with("/split/committees, C-1: the committee of area DEMO-JS-0001"), "{faults}");
    let mut fates = serves(11);
    fates.insert("C-9".to_owned(), Fate::Dissolved(DAY));
    assert!(refused(&mut ledger, &split(fates)).starts_with("/split/committees/C-9, C-9: no area"));
    assert!(refused(&mut ledger, &split(serves(2))).contains("can serve DEMO-JS-0011 or DEMO-JS-0012"));
    assert!(refused(&mut ledger, &split(dissolved(date(2021, 6, 2)))).contains("must be dissolved by 2021-06-01"));
    assert!(refused(&mut ledger, &split(dissolved(date(2014, 1, 1)))).contains("formed on 2015-03-01"));

    operate(&mut ledger, &split(dissolved(date(2021, 5, 1))), DAY).unwrap();
    let dissolved_on = |day| committee_on(&ledger, "C-1", day).unwrap().committee.dissolved_on;
    assert_eq!(dissolved_on(date(2021, 4, 30)), None);
    assert_eq!(dissolved_on(DAY), Some(date(2021, 5, 1)));
}

#[test]
fn successors_cover_the_ground_before_and_nothing_else() {
    let mut ledger = founded();
    let with = |first, second| {
        let into = vec![successor(11, first), successor(12, second)];
        Operation::Split { area: code(1), into, committees: serves(11) }
    };
    let gap = refused(&mut ledger, &with(drawn(0, 0, 4, 10), drawn(5, 0, 5, 10)));
    assert!(gap.starts_with("/split/into: the successors leave out 94"), "{gap}");
    let overlap = refused(&mut ledger, &with(drawn(0, 0, 6, 10), drawn(5, 0, 5, 10)));
    assert!(overlap.starts_with("/split/into/1/geometry, DEMO-JS-0012: the boundary overlaps that of DEMO-JS-0011"));
    let beyond = refused(&mut ledger, &with(drawn(0, 0, 5, 10), drawn(5, 0, 6, 10)));
    assert!(
        beyond.contains("the successors take 94") && beyond.contains("overlaps area DEMO-JS-0002 by 94"),
        "{beyond}"
    );
}

#[test]
fn codes_are_new_and_of_the_same_district() {
    let mut ledger = founded();
    let with = |first: &str, second: &str| {
        let mut into = halves();
        into[0].code = AreaCode::parse(first).unwrap();
        into[1].code = AreaCode::parse(second).unwrap();
        Operation::Split { area: code(1), into, committees: dissolved(DAY) }
    };
    let taken = refused(&mut ledger, &with("DEMO-JS-0002", "DEMO-JS-0012"));
    assert!(taken.starts_with("/split/into/0/code, DEMO-JS-0002: the code belongs to 2号院(演示)"), "{taken}");
    assert!(refused(&mut ledger, &with("CY-JS-0011", "DEMO-JS-0012")).contains("must begin like that"));
    assert!(refused(&mut ledger, &with("DEMO-JS-0011", "DEMO-JS-0011")).contains("two successors have this code"));
    operate(&mut ledger, &Operation::Retire { area: code(4), committees: Fates::new() }, date(2020, 2, 1)).unwrap();
    let reused = refused(&mut ledger, &with("DEMO-JS-0004", "DEMO-JS-0012"));
    assert!(reused.contains("codes are never used again"), "{reused}");
}

#[test]
fn a_merge_adds_up_what_is_counted_and_has_every_predecessor() {
    let mut ledger = founded();
    let into = Box::new(successor(20, drawn(0, 0, 20, 10)));
    let merge = Operation::Merge { areas: vec![code(1), code(2)], into: into.clone(), committees: serves(20) };
    operate(&mut ledger, &merge, DAY).unwrap();
    let merged = area_on(&ledger, 20, DAY).unwrap();
    assert_eq!(merged.attributes.households, Some(203));
    assert_eq!(merged.other_names.len(), 2);
    assert_eq!(ledger.lineage().len(), 2);
    let again =
        refused(&mut ledger, &Operation::Merge { areas: vec![code(1), code(3)], into, committees: Fates::new() });
    assert!(again.starts_with("/merge/areas/0, DEMO-JS-0001: the area ended on 2021-06-01"), "{again}");
}

#[test]
fn borders_move_and_codes_stay() {
    let mut ledger = founded();
    let adjust = |first, second, committees| Operation::Adjust {
        boundaries: vec![(code(1), first), (code(2), second)],
        committees,
    };
    let overlapping = adjust(drawn(0, 0, 12, 10), drawn(11, 0, 9, 10), serves(1));
    assert!(refused(&mut ledger, &overlapping).contains("/adjust/boundaries/1/geometry"));
    let beyond = adjust(drawn(0, 0, 12, 10), drawn(12, 0, 9, 10), serves(1));
    assert!(refused(&mut ledger, &beyond).contains("overlaps area DEMO-JS-0003"));
    operate(&mut ledger, &adjust(drawn(0, 0, 12, 10), drawn(12, 0, 8, 10), serves(1)), DAY).unwrap();
    assert_eq!(area_on(&ledger, 1, DAY).unwrap().boundary, drawn(0, 0, 12, 10).boundary);
    assert_eq!(area_on(&ledger, 1, BEFORE).unwrap().boundary, drawn(0, 0, 10, 10).boundary);
    assert_eq!(committee_on(&ledger, "C-1", DAY).unwrap().area, code(1));
}

#[test]
fn a_name_that_is_known_to_come_later_stays() {
    let mut ledger = founded();
    let rename = |name: &str| Operation::Rename { area: code(1), name: name.to_owned() };
    operate(&mut ledger, &rename("后名(演示)"), date(2022, 1, 1)).unwrap();
    operate(&mut ledger, &rename("中名(演示)"), DAY).unwrap();
    let name_on = |day| area_on(&ledger, 1, day).unwrap().name;
    assert_eq!(name_on(BEFORE), "1号院(演示)");
    assert_eq!(name_on(DAY), "中名(演示)");
    assert_eq!(name_on(date(2022, 1, 1)), "后名(演示)");
    assert!(refused(&mut ledger, &rename("中名(演示)")).contains("has this name already"));
}

#[test]
fn an_area_that_has_ended_or_not_begun_does_not_change() {
    let mut ledger = founded();
    operate(&mut ledger, &split(serves(11)), DAY).unwrap();
    let rename = |area: u32| Operation::Rename { area: code(area), name: "新名(演示)".to_owned() };
    assert!(refused(&mut ledger, &rename(1)).contains("the area ended on 2021-06-01"));
    let early = operate(&mut ledger, &rename(11), date(2020, 5, 1)).unwrap_err();
    assert!(early.contains("the area begins on 2021-06-01"), "{early}");
    assert!(refused(&mut ledger, &rename(99)).contains("there is no such area"));
    let retired =
        operate(&mut ledger, &Operation::Retire { area: code(1), committees: dissolved(DAY) }, date(2021, 1, 1));
    assert!(retired.unwrap_err().contains("known already that the area ends on 2021-06-01"));
}

#[test]
fn a_correction_holds_for_all_days_of_the_area_and_revives_nothing() {
    let mut ledger = founded();
    operate(&mut ledger, &split(serves(11)), DAY).unwrap();
    let mut amendment = Amendment { manager: Some(Some(uscc(1))), ..Amendment::default() };
    amendment.attributes.built_year = Some(Some(1987));
    let (valid, committees) = (Validity::default(), Fates::new());
    let correct = Operation::Correct { area: code(1), amendment: Box::new(amendment), valid, committees };
    operate(&mut ledger, &correct, date(2022, 1, 1)).unwrap();
    assert_eq!(area_on(&ledger, 1, date(1990, 1, 1)).unwrap().attributes.built_year, Some(1987));
    assert!(area_on(&ledger, 1, DAY).is_none());
    assert_eq!(area_on(&ledger, 11, DAY).unwrap().attributes.built_year, Some(1998));
    assert!(refused(&mut ledger, &correct).contains("it changes nothing"));
    let managed = holding(&ledger, DAY).into_iter().filter(|fact| fact.key() == assignment_key(&code(1))).count();
    assert_eq!(managed, 0);
}

#[test]
fn amendments_refer_to_what_there_is() {
    let mut ledger = founded();
    let manager = crate::model::Uscc::parse("91000000MA0005449H").unwrap();
    let faults = refused(&mut ledger, &amend(1, Amendment { manager: Some(Some(manager)), ..Amendment::default() }));
    assert!(faults.starts_with("/amend/amend/manager, 91000000MA0005449H: there is no manager"), "{faults}");
    let mut contract = Amendment::default();
    contract.attributes.contract_from = Some(Some(DAY));
    contract.attributes.contract_until = Some(Some(BEFORE));
    assert!(refused(&mut ledger, &amend(1, contract)).contains("/amend/amend/contract_until"));
    let borrowed = Amendment { committees: Some(vec![committee("C-1")]), ..Amendment::default() };
    assert!(refused(&mut ledger, &amend(2, borrowed)).contains("serves area DEMO-JS-0001"));
}

#[test]
fn a_list_of_committees_says_all_there_are() {
    let mut ledger = founded();
    let list = vec![committee("C-2"), committee("C-3")];
    operate(&mut ledger, &amend(1, Amendment { committees: Some(list), ..Amendment::default() }), DAY).unwrap();
    assert!(committee_on(&ledger, "C-1", BEFORE).is_some() && committee_on(&ledger, "C-1", DAY).is_none());
    assert!(committee_on(&ledger, "C-3", DAY).is_some() && committee_on(&ledger, "C-3", BEFORE).is_none());
    let redrawn = Amendment { drawn: Some(drawn(0, 0, 9, 10)), ..Amendment::default() };
    let faults = refused(&mut ledger, &amend(1, redrawn));
    assert!(faults.contains("C-2: the committee") && faults.contains("C-3: the committee"), "{faults}");
}
