//! Deliveries in a database: against a real server.

use super::*;
use crate::history::Entry;
use crate::model::Origin;
use crate::store::contract::{change_set, new_record};
use crate::store::delivery_contract::{
    a_copy_holds_the_same, delivery, delivery_contract, delivery_of, remembered, the_same_delivery_is_received_once,
    traced, unlocated, what_was_received_is_not_written_over,
};
use crate::store::delivery_kills::deliveries_survive_kills;
use crate::store::likeness::rows_of;
use crate::store::postgis::Options;
use crate::store::postgis::tests::postgres::{Cluster, database_of};
use crate::store::{CHUNK_BYTES, Row, Store as _};

fn store() -> Option<(PostGis, String)> {
    let address = Cluster::shared()?.database();
    Some((PostGis::open(&address, &Options::default()).unwrap(), address))
}

/// A register with one delivery of two files, the first in three rows, that is published.
fn filled() -> Option<(PostGis, String)> {
    let (store, address) = store()?;
    store.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    let long: Vec<u8> = (0..2 * CHUNK_BYTES + 5).map(|at| (at / 3) as u8).collect();
    let files: [(&str, &[u8]); 2] = [("a.zip", &long), ("b.csv", b"b")];
    store.receive(&delivery_of(&files), &[&long, b"b"], &[]).unwrap();
    let rows = change_set().areas.iter().zip(1..).map(|(area, row)| traced(&area.code, row)).collect();
    let unlocated = vec![unlocated("甲", 2), unlocated("乙", 3)];
    let origin = Some(Origin::Publishes { delivery: DeliveryId(1), rows, unlocated, summary: None });
    store.commit(&new_record(), &Entry { origin, ..Entry::default() }).unwrap();
    Some((store, address))
}

#[test]
fn the_contract_holds_and_a_copy_has_everything() {
    let Some((one, _)) = store() else { return };
    delivery_contract(&one);
    let Some((copy, _)) = store() else { return };
    a_copy_holds_the_same(&one, &copy);
}

#[test]
fn the_same_delivery_is_received_once_whoever_hands_it_in() {
    let Some((one, address)) = store() else { return };
    let other = PostGis::open(&address, &Options::default()).unwrap();
    the_same_delivery_is_received_once(&[&one, &other]);
    let Some((third, _)) = store() else { return };
    what_was_received_is_not_written_over(&third);
}

#[test]
fn a_killed_writer_keeps_every_byte_it_acknowledged() {
    let Some((store, address)) = store() else { return };
    store.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    deliveries_survive_kills(&address);
}

#[test]
fn damage_is_found_by_the_check_and_by_reading() {
    let Some((store, address)) = filled() else { return };
    assert_eq!(store.check().unwrap(), [""; 0]);
    let cluster = Cluster::shared().unwrap();
    let faults = |damage: &str| {
        let damage = format!("SET session_replication_role TO replica; SET search_path TO onemap, public; {damage}");
        cluster.psql(database_of(&address), &damage);
        store.check().unwrap()
    };
    let told = |faults: &[String], what: &str| assert!(faults.iter().any(|fault| fault.contains(what)), "{faults:#?}");
    let found = faults("UPDATE delivery_chunks SET bytes = set_byte(bytes, 9, 255) WHERE file = 1 AND position = 2");
    told(&found, "file 1 of delivery 1: its bytes do not fit its digest");
    let err = store.contents(DeliveryId(1)).unwrap_err();
    assert!(matches!(&err, StoreError::Damaged { what, .. } if what.contains("a.zip")), "{err}");
    told(&faults("DELETE FROM delivery_chunks WHERE file = 1 AND position = 2"), "part 2 of it is missing");
    told(&faults("DELETE FROM delivery_files WHERE id = 2"), "1 of its files are missing");
    told(&faults("UPDATE delivery_traces SET area = 'DEMO-NN-0099' WHERE id = 1"), "there is no area DEMO-NN-0099");
    let stray = faults("UPDATE delivery_unlocated SET recorded_until = 9 WHERE id = 2");
    told(&stray, "delivery_unlocated, row 2: there is no record 9");
    told(&faults("UPDATE deliveries SET revision = 1"), "delivery 1 was not published under record 2");
    told(&faults("UPDATE deliveries SET revision = 9"), "it is published under a record that is not there");
    told(&faults("UPDATE deliveries SET id = 5"), "there is no row 1");
}

#[test]
fn what_was_received_cannot_be_rewritten() {
    let Some((store, address)) = filled() else { return };
    store.remember_columns(&remembered(["a", "b", "c"]), &[]).unwrap();
    let cluster = Cluster::shared().unwrap();
    let refused = |statement: &str| {
        let told = cluster.psql_refused(database_of(&address), &format!("SET search_path TO onemap; {statement}"));
        told.unwrap_or_else(|| panic!("{statement} was not refused"))
    };
    for statement in [
        "DELETE FROM deliveries",
        "DELETE FROM delivery_files",
        "DELETE FROM delivery_chunks",
        "DELETE FROM delivery_traces",
        "DELETE FROM delivery_unlocated",
        "DELETE FROM sender_columns",
        "DELETE FROM exceptions",
        "UPDATE deliveries SET sender = 'x'",
        "UPDATE deliveries SET state = 'received', revision = NULL",
        "UPDATE delivery_files SET name = 'x'",
        "UPDATE delivery_chunks SET bytes = ''",
        "UPDATE delivery_traces SET item = 'x'",
        "UPDATE delivery_unlocated SET name = 'x'",
        "UPDATE delivery_unlocated SET recorded_until = 3, code = 'x'",
        "UPDATE sender_columns SET columns = 'x'",
    ] {
        assert!(refused(statement).contains("the register keeps everything"), "{statement}");
    }
    assert!(refused("UPDATE deliveries SET state = 'undone'").contains("check"));
}

#[test]
fn a_register_of_the_second_version_keeps_everything_and_takes_deliveries() {
    let Some((store, address)) = filled() else { return };
    let history = |store: &PostGis| {
        let kept = |row: &Row| matches!(row, Row::Record(..) | Row::Thing(..) | Row::Lineage(..));
        rows_of(store).into_iter().filter(kept).collect::<Vec<_>>()
    };
    let before = history(&store);
    drop(store);
    let older = "SET search_path TO onemap; DROP TABLE documents, audit, audit_head;
         DROP TABLE delivery_unlocated, delivery_traces, delivery_chunks, delivery_files, deliveries,
             sender_columns, exceptions;
         DELETE FROM refinery_schema_history WHERE version >= 3";
    Cluster::shared().unwrap().psql(database_of(&address), older);
    let store = PostGis::open(&address, &Options::default()).unwrap();
    assert!(history(&store) == before);
    let (new, bytes) = delivery(b"first");
    assert_eq!(store.receive(&new, &[&bytes], &[]).unwrap(), Receipt::New(DeliveryId(1)));
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn rows_without_an_area_move_out_of_the_summaries_of_the_third_version() {
    let Some((store, address)) = filled() else { return };
    let kept = store.unlocated().unwrap();
    let delivery = store.delivery(DeliveryId(1)).unwrap();
    assert_eq!((kept.len(), delivery.unwrap().summary), (2, None));
    drop(store);
    let older = r#"SET search_path TO onemap; DROP TABLE documents, audit, audit_head, delivery_unlocated;
         DELETE FROM refinery_schema_history WHERE version >= 4;
         UPDATE deliveries SET summary = '{"rows": 3, "unlocated": [
             {"file": "areas.csv", "item": "row 2", "name": "甲", "street": "110105017", "code": null},
             {"file": "areas.csv", "item": "row 3", "name": "乙", "street": null, "code": "F3"}]}'"#;
    Cluster::shared().unwrap().psql(database_of(&address), older);
    let store = PostGis::open(&address, &Options::default()).unwrap();
    assert_eq!(store.unlocated().unwrap(), kept);
    let summary = store.delivery(DeliveryId(1)).unwrap().unwrap().summary.unwrap();
    assert_eq!(summary, r#"{"rows": 3, "unlocated": 2}"#);
    assert_eq!(store.check().unwrap(), [""; 0]);
}
