//! Against a real server: the contract, and step by step the same as the register in memory.

// What the integration tests need of it too is not all needed here.
#[allow(dead_code)]
#[path = "../../../tests/it/support/postgres.rs"]
pub(super) mod postgres;

use postgres::{Cluster, database_of};

use super::*;
use crate::history::{Assignment, CommitteeFact, Fact, Kind, Put};
use crate::model::Validity;
use crate::store::contract::{change_set, new_record, store_contract};
use crate::store::kills::survives_kills;
use crate::store::likeness::{does_what_memory_does, rows_of};
use crate::store::memory::Memory;
use crate::store::model_test::behaves_like_the_ledger;

/// A store in a database of its own; `None` where PostgreSQL is not installed.
fn store() -> Option<(PostGis, String)> {
    let address = Cluster::shared()?.database();
    Some((PostGis::open(&address, &Options::default()).unwrap(), address))
}

#[test]
fn it_keeps_the_contract() {
    let Some((store, address)) = store() else { return };
    store_contract(&store);
    assert_eq!(store.check().unwrap(), [""; 0]);
    let told = |question: &str| {
        let question = format!("SET search_path TO onemap; SELECT {question}");
        Cluster::shared().unwrap().psql(database_of(&address), &question)
    };
    let contract = "contract_kind || ' ' || contract_filed_on FROM areas WHERE contract_kind IS NOT NULL";
    assert!(told(contract).ends_with("early_stage 2020-01-09"), "the views of the present tell it");
    assert!(told("count(*) FROM committees WHERE filing_applied_on = formed_on").ends_with('2'));
}

#[test]
fn it_does_what_the_register_in_memory_does() {
    let Some((store, address)) = store() else { return };
    let memory = does_what_memory_does(&store, 1);
    copies_are_equal(&address, &memory);
}

#[test]
fn it_behaves_like_the_ledger_and_its_answers_stand() {
    let Some(cluster) = Cluster::shared() else { return };
    behaves_like_the_ledger(6, || PostGis::open(&cluster.database(), &Options::default()).unwrap());
}

#[test]
fn a_killed_writer_loses_nothing_it_acknowledged_and_leaves_nothing_half_done() {
    let Some((store, address)) = store() else { return };
    store.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    survives_kills(&address);
}

/// From memory into another database and from there back.
fn copies_are_equal(address: &str, memory: &Memory) {
    let rows = rows_of(memory);
    let other = PostGis::open(&Cluster::shared().unwrap().database(), &Options::default()).unwrap();
    let latest = other.import(&mut rows.iter().cloned().map(Ok)).unwrap();
    assert_eq!(latest, memory.revision().unwrap());
    assert!(rows_of(&other) == rows);
    assert_eq!(other.check().unwrap(), [""; 0]);
    let back = Memory::new();
    back.import(&mut rows_of(&other).into_iter().map(Ok)).unwrap();
    assert!(rows_of(&back) == rows);
    for question in [Question::default(), Question { day: None, known: Some(Revision(20)) }] {
        assert!(back.load(question).unwrap() == memory.load(question).unwrap());
        assert!(other.load(question).unwrap() == memory.load(question).unwrap());
    }
    let again = other.import(&mut rows.into_iter().map(Ok)).unwrap_err();
    assert!(matches!(&again, StoreError::NotEmpty { latest, .. } if Some(*latest) == memory.revision().unwrap()));
    // The boundaries are the same bytes in both, whatever way they came.
    let bytes = "SELECT DISTINCT encode(geom::bytea || source::bytea, 'hex') FROM onemap.boundaries ORDER BY 1";
    let cluster = Cluster::shared().unwrap();
    let of = |address: &str| cluster.psql(database_of(address), bytes);
    assert_eq!(of(address), of(&format!("/{}", other.place().rsplit_once('/').unwrap().1)));
}

#[test]
fn an_import_that_fails_leaves_no_trace() {
    let Some((store, _)) = store() else { return };
    let memory = Memory::new();
    memory.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    let mut rows: Vec<Result<Row, StoreError>> = rows_of(&memory).into_iter().map(Ok).collect();
    rows.push(Err(StoreError::Empty));
    assert!(matches!(store.import(&mut rows.into_iter()), Err(StoreError::Empty)));
    assert_eq!((store.revision().unwrap(), rows_of(&store)), (None, vec![]));
}

#[test]
fn the_tables_refuse_overlaps_and_changes_of_history() {
    let Some((store, address)) = store() else { return };
    store.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    let cluster = Cluster::shared().unwrap();
    let refused = |statement: &str| {
        let told = cluster.psql_refused(database_of(&address), &format!("SET search_path TO onemap; {statement}"));
        told.unwrap_or_else(|| panic!("{statement} was not refused"))
    };
    let columns = "thing, area, valid_from, valid_until, recorded_from, recorded_until, boundary, facts";
    let again = |valid: &str| {
        format!(
            "INSERT INTO versions (id, {columns}) SELECT 9999, thing, area, {valid}, recorded_from, recorded_until,
             boundary, facts FROM versions WHERE id = 1"
        )
    };
    for valid in ["NULL, NULL", "'2020-01-01', '2021-01-01'", "NULL, '0001-01-02'"] {
        assert!(refused(&again(valid)).contains("versions_do_not_overlap"));
    }
    for statement in [
        "UPDATE versions SET facts = '{}'",
        "UPDATE versions SET recorded_until = NULL",
        "DELETE FROM versions",
        "TRUNCATE versions",
        "UPDATE records SET note = 'x'",
        "DELETE FROM records WHERE id = 1",
        "UPDATE boundaries SET source = ''",
        "UPDATE things SET code = 'x'",
        "DELETE FROM lineage",
    ] {
        assert!(refused(statement).contains("the register keeps everything"), "{statement}");
    }
    assert!(refused("UPDATE versions SET recorded_until = 1").contains("check"));
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn damage_is_found_and_named() {
    let Some((store, address)) = store() else { return };
    store.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    // As the superuser might, with the triggers off.
    let damage = "SET session_replication_role TO replica; SET search_path TO onemap, public;
         UPDATE boundaries SET geom = ST_Translate(geom, 0.001, 0) WHERE id = 1;
         UPDATE versions SET facts = '{\"manager\":1}' WHERE thing = (SELECT max(id) FROM things WHERE kind = 'assignment');
         DELETE FROM things WHERE kind = 'manager';
         UPDATE things SET changed = NULL WHERE kind = 'area' AND number = 1";
    Cluster::shared().unwrap().psql(database_of(&address), damage);
    let faults = store.check().unwrap();
    for place in [
        "table boundaries, row 1:",
        "the facts cannot be read",
        "refers to manager",
        "is missing",
        "table things, area",
    ] {
        assert!(faults.iter().any(|fault| fault.contains(place)), "{place}: {faults:#?}");
    }
}

#[test]
fn boundaries_and_their_texts_come_back_byte_for_byte() {
    let Some((store, _)) = store() else { return };
    let mut changes = change_set();
    let odd = [116.4 + f64::EPSILON * 64.0, 39.900_000_000_000_01, -0.0, 1e-300, f64::MIN_POSITIVE];
    for (area, odd) in changes.areas.iter_mut().zip(odd) {
        let mut rings = area.boundary.0[0].clone();
        rings.exterior_mut(|ring| {
            ring.0[1].x = odd;
        });
        area.boundary.0[0] = rings;
        area.source_geometry = format!("{{ \"type\":\"MultiPolygon\" ,\r\n\t\"odd\": {odd:e} }}  \u{feff}✓");
    }
    store.commit(&new_record(), &Entry::from(&changes)).unwrap();
    for area in &changes.areas {
        let versions = store.versions(&Key::new(Kind::Area, area.code.as_str())).unwrap();
        let Fact::Area(found) = &versions[0].fact else { panic!("an area") };
        let bits = |boundary: &crate::model::Boundary| {
            let polygons = boundary.iter();
            let rings = polygons.flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
            rings.flat_map(|ring| &ring.0).map(|at| (at.x.to_bits(), at.y.to_bits())).collect::<Vec<_>>()
        };
        assert_eq!(bits(&found.boundary), bits(&area.boundary));
        assert_eq!(found.source_geometry.as_bytes(), area.source_geometry.as_bytes());
        assert_eq!(found.site_area_m2.to_bits(), area.site_area_m2.to_bits());
    }
}

#[test]
fn a_committee_that_moves_changes_both_areas() {
    let Some((store, _)) = store() else { return };
    let changes = change_set();
    store.commit(&new_record(), &Entry::from(&changes)).unwrap();
    let mut committees = changes
        .areas
        .iter()
        .flat_map(|area| area.committees.iter().flatten().map(|committee| (area.code.clone(), committee.clone())));
    let (home, committee) = committees.next().unwrap();
    let target = changes.areas.iter().find(|area| area.code != home).unwrap().code.clone();
    let fact = Fact::Committee(CommitteeFact { area: target.clone(), committee });
    let moves = Entry { puts: vec![Put::Set { fact, valid: Validity::default() }], ..Entry::default() };
    store.commit(&new_record(), &moves).unwrap();
    let register = store.load(Question::default()).unwrap();
    for code in [&home, &target] {
        assert_eq!(register.areas.iter().find(|area| area.code == *code).unwrap().changed, Revision(2));
    }
    let nobody = Entry {
        puts: vec![Put::Set {
            fact: Fact::Assignment(Assignment { area: home, manager: changes.managers[0].uscc.clone() }),
            valid: Validity::default(),
        }],
        ..Entry::default()
    };
    store.commit(&new_record(), &nobody).unwrap();
    assert_eq!(store.revision().unwrap(), Some(Revision(3)));
}
