use std::collections::{BTreeMap, BTreeSet};

use geo::BooleanOps as _;

use super::*;
use crate::demo::{Base, SEED, generate};
use crate::geom::surface_m2;
use crate::history::{Ledger, NewRecord, OVERLAP_LIMIT_M2};
use crate::ingest::{Sources, check_exchange};
use crate::model::{AsOf, Revision};

const SURVEY: Date = date(2022, 10, 27);

fn changes() -> ChangeSet {
    let files = generate(&Base::embedded(), SEED).unwrap();
    let text = |path: &str| files.iter().find(|file| file.path == path).unwrap().text.as_bytes();
    check_exchange(&Sources {
        district: text("district.geojson"),
        streets: text("streets.geojson"),
        areas: text("areas.geojson"),
        managers: text("ledger/managers.csv"),
        committees: text("ledger/committees.csv"),
        communities: text("ledger/communities.csv"),
        figures: text("ledger/figures.csv"),
    })
    .changes
}

fn ledger(changes: &ChangeSet) -> Ledger {
    let mut ledger = Ledger::default();
    let mut enter = |kind, dated, entry: &Entry| {
        let record = NewRecord {
            kind,
            document: String::new(),
            authority: String::new(),
            dated,
            author: String::new(),
            recorded_at: "2022-10-28T08:00:00Z".parse().unwrap(),
            note: String::new(),
            request: None,
        };
        ledger.enter(&record, entry).unwrap();
    };
    enter(RecordKind::SurveyRound, SURVEY, &Entry::from(changes));
    for chapter in past(changes, SEED).unwrap() {
        enter(chapter.kind, chapter.dated, &chapter.entry);
    }
    ledger
}

/// What holds on a day under a revision, without committees of areas that are not there.
fn holding(ledger: &Ledger, day: Date, known: u64) -> BTreeMap<Key, Fact> {
    let facts: Vec<Fact> =
        ledger.holding(AsOf { day, known: Revision(known) }).map(|holding| holding.version.fact.clone()).collect();
    let areas: BTreeSet<AreaCode> = areas(&facts).map(|area| area.code.clone()).collect();
    let kept = facts.into_iter().filter(|fact| fact.area().is_none_or(|area| areas.contains(area)));
    kept.map(|fact| (fact.key(), fact)).collect()
}

fn areas<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> impl Iterator<Item = &'a AreaFact> {
    facts.into_iter().filter_map(|fact| match fact {
        Fact::Area(area) => Some(area),
        _ => None,
    })
}

#[test]
fn the_past_leaves_the_day_of_the_survey_as_it_is_and_is_the_same_every_time() {
    let changes = changes();
    assert_eq!(past(&changes, SEED).unwrap(), past(&changes, SEED).unwrap());
    let ledger = ledger(&changes);
    assert_eq!(ledger.revision(), Some(Revision(8)));
    let now = holding(&ledger, SURVEY, 8);
    assert!(now == holding(&ledger, SURVEY, 1));
    assert_eq!(areas(now.values()).count(), 1637);
    assert!(holding(&ledger, date(2021, 1, 1), 1) == now, "the survey alone knows of no other day");
}

#[test]
fn on_every_day_areas_lie_apart_and_cover_the_ground_that_the_story_tells() {
    let changes = changes();
    let ledger = ledger(&changes);
    let ground = |day| {
        let facts = holding(&ledger, day, 8);
        let areas: Vec<&AreaFact> = areas(facts.values()).collect();
        let index = AreaIndex::build(areas.iter().map(|area| &area.boundary));
        for (at, area) in areas.iter().enumerate() {
            for other in index.within(area.boundary.bounding_rect().unwrap()).filter(|other| *other > at) {
                let overlap = surface_m2(&area.boundary.intersection(&areas[other].boundary));
                assert!(overlap < OVERLAP_LIMIT_M2, "{} and {}: {overlap}", area.code, areas[other].code);
            }
        }
        (areas.len(), areas.iter().map(|area| area.site_area_m2).sum::<f64>())
    };
    let (now, surface) = ground(SURVEY);
    // The first split and the moved border are still to come; neither changes the ground as a whole.
    let (before, surface_before) = ground(date(2021, 1, 1));
    assert_eq!((now, before), (1637, 1636));
    assert!((surface - surface_before).abs() < 5.0, "{surface} {surface_before}");
    // Before 2019-06-01 the merge is to come too, and the area that is gone lies on ground of its own.
    let (first, surface_first) = ground(date(2019, 1, 1));
    assert_eq!(first, 1637 - 2 + 1 + 1);
    assert!((surface_first - surface - 10_000.0).abs() < 1_000.0, "{surface} {surface_first}");
}

#[test]
fn lineage_leads_from_areas_that_ended_to_those_that_took_their_place() {
    let changes = changes();
    let ledger = ledger(&changes);
    assert_eq!(ledger.lineage().len(), 6);
    let present: BTreeSet<&AreaCode> = changes.areas.iter().map(|area| &area.code).collect();
    for (_, edge) in ledger.lineage() {
        assert!(present.contains(&edge.successor) && !present.contains(&edge.predecessor));
        let there = |code: &AreaCode, day| holding(&ledger, day, 8).contains_key(&Key::new(Kind::Area, code.as_str()));
        let eve = edge.from.yesterday().unwrap();
        assert!(there(&edge.predecessor, eve) && !there(&edge.predecessor, edge.from));
        assert!(!there(&edge.successor, eve) && there(&edge.successor, edge.from));
    }
}

#[test]
fn the_second_clock_tells_what_was_thought_before_a_correction() {
    let ledger = ledger(&changes());
    let year = |known| {
        let facts = holding(&ledger, date(2021, 1, 1), known);
        let former = areas(facts.values()).find(|area| area.code.as_str().ends_with("-0901")).unwrap();
        former.attributes.built_year.unwrap()
    };
    assert_eq!(year(8), year(7) - 2);
}
