//! Random sequences of operations on a row of areas: ground is never lost or counted twice, lineage leads forwards, and
//! what was known stays known.

use std::collections::BTreeMap;

use geo::BoundingRect as _;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::history::testing::{area_on, code, committee_on, drawn, founded, holding, operate, successor};
use crate::history::{AreaFact, Fact, Fate, Fates, Ledger, Operation};
use crate::model::{AsOf, Revision};

/// First day of the operations; each takes effect a month after the one before.
const START: Date = date(2020, 2, 1);

/// Units of the grid from the first area's west to this degree.
fn units(lng: f64) -> i32 {
    ((lng - 116.4) * 1e4).round() as i32
}

/// The areas of a day from west to east, each with its west and east in units.
fn row(ledger: &Ledger, day: Date) -> Vec<(AreaFact, i32, i32)> {
    let areas = holding(ledger, day).into_iter().filter_map(|fact| match fact {
        Fact::Area(area) => {
            let bounds = area.boundary.bounding_rect().unwrap();
            Some((area, units(bounds.min().x), units(bounds.max().x)))
        }
        _ => None,
    });
    let mut row: Vec<_> = areas.collect();
    row.sort_by_key(|(_, west, _)| *west);
    row
}

/// An operation that people could do on that row; `None` where there is too little room for it.
fn operation(ledger: &Ledger, day: Date, [what, which, how]: [u8; 3]) -> Option<Operation> {
    let row = row(ledger, day);
    let at = usize::from(which) % row.len().max(1);
    let (area, west, east) = row.get(at)?;
    let next = 100 + 2 * u32::try_from(ledger.records().len()).unwrap();
    let committee = committee_on(ledger, "C-1", day).filter(|fact| fact.committee.dissolved_on.is_none());
    let fates = |of: &[&AreaFact], to: u32| -> Fates {
        let of_these = committee.iter().filter(|fact| of.iter().any(|area| area.code == fact.area));
        let fate = if how % 5 == 0 { Fate::Dissolved(day) } else { Fate::Serves(code(to)) };
        of_these.map(|fact| (fact.committee.code.clone(), fate.clone())).collect()
    };
    let beside = || row.get(at + 1).filter(|(_, next_west, _)| next_west == east);
    match what % 5 {
        0 if east - west >= 2 => {
            let middle = west + 1 + i32::from(how) % (east - west - 1);
            let into = vec![
                successor(next, drawn(*west, 0, middle - west, 10)),
                successor(next + 1, drawn(middle, 0, east - middle, 10)),
            ];
            Some(Operation::Split { area: area.code.clone(), into, committees: fates(&[area], next) })
        }
        1 => {
            let (other, _, far) = beside()?;
            let into = Box::new(successor(next, drawn(*west, 0, far - west, 10)));
            let areas = vec![area.code.clone(), other.code.clone()];
            Some(Operation::Merge { areas, into, committees: fates(&[area, other], next) })
        }
        2 => {
            let (other, _, far) = beside()?;
            let middle = west + 1 + i32::from(how) % (far - west - 1).max(1);
            let first = (area.code.clone(), drawn(*west, 0, middle - west, 10));
            let second = (other.code.clone(), drawn(middle, 0, far - middle, 10));
            let moved = middle != *east;
            let serial = area.code.as_str().rsplit('-').next()?.parse().ok()?;
            let boundaries = vec![first, second];
            moved.then(|| Operation::Adjust { boundaries, committees: fates(&[area, other], serial) })
        }
        3 => Some(Operation::Rename { area: area.code.clone(), name: format!("{next}号(演示)") }),
        _ if how % 4 == 0 => {
            let mut committees = fates(&[area], 0);
            committees.values_mut().for_each(|fate| *fate = Fate::Dissolved(day));
            Some(Operation::Retire { area: area.code.clone(), committees })
        }
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn ground_is_neither_lost_nor_counted_twice(steps in prop::collection::vec(any::<[u8; 3]>(), 1..12)) {
        let mut ledger = founded();
        let mut told: BTreeMap<AsOf, Vec<Fact>> = BTreeMap::new();
        for (step, bytes) in (0_i32..).zip(steps) {
            let day = START + step.months();
            let eve = day.yesterday().unwrap();
            let Some(operation) = operation(&ledger, day, bytes) else { continue };
            let before: f64 = row(&ledger, eve).iter().map(|(area, ..)| area.site_area_m2).sum();
            let entered = operate(&mut ledger, &operation, day);
            prop_assert!(entered.is_ok(), "{operation:?}: {entered:?}");

            let row = row(&ledger, day);
            prop_assert!(row.windows(2).all(|pair| pair[0].2 <= pair[1].1), "areas overlap");
            let after: f64 = row.iter().map(|(area, ..)| area.site_area_m2).sum();
            let kept = matches!(operation, Operation::Retire { .. }) || (after - before).abs() < 1.0;
            prop_assert!(kept && after <= before + 1.0, "{before} m2 became {after} m2 by {operation:?}");
            if let Some(fact) = committee_on(&ledger, "C-1", day) {
                let there = row.iter().any(|(area, ..)| area.code == fact.area);
                prop_assert!(there || fact.committee.dissolved_on.is_some(), "C-1 serves nobody");
            }
            for (as_of, facts) in &told {
                let again: Vec<Fact> = ledger.holding(*as_of).map(|holding| holding.version.fact.clone()).collect();
                prop_assert_eq!(&again, facts);
            }
            let known = Revision(u64::try_from(ledger.records().len()).unwrap());
            for day in [eve, day, date(2019, 1, 1)] {
                let as_of = AsOf { day, known };
                told.insert(as_of, ledger.holding(as_of).map(|holding| holding.version.fact.clone()).collect());
            }
        }
        for (_, edge) in ledger.lineage() {
            let serial = |code: &crate::model::AreaCode| code.as_str()[8..].parse::<u32>().unwrap();
            let (before, after) = (serial(&edge.predecessor), serial(&edge.successor));
            let eve = edge.from.yesterday().unwrap();
            prop_assert!(before < after, "codes only grow, so there is no way back");
            prop_assert!(area_on(&ledger, before, eve).is_some() && area_on(&ledger, before, edge.from).is_none());
            prop_assert!(area_on(&ledger, after, eve).is_none() && area_on(&ledger, after, edge.from).is_some());
        }
    }
}
