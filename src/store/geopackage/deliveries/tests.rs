//! Deliveries in a file: damage, full disks, killed writers and older files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::{Connection, params};
use tempfile::TempDir;

use crate::history::Entry;
use crate::ingest::ChangeSet;
use crate::model::{
    AreaCode, ContractKind, Delivery, DeliveryId, DeliveryState, NewDelivery, NewException, Origin, Revision,
};
use crate::store::contract::{change_set, new_record};
use crate::store::deliveries::to_millisecond;
use crate::store::delivery_contract::{
    a_copy_holds_the_same, delivery, delivery_contract, delivery_of, publishes, remembered,
    the_same_delivery_is_received_once, traced, unlocated, what_was_received_is_not_written_over,
};
use crate::store::delivery_kills::deliveries_survive_kills;
use crate::store::geopackage::deliveries::rows::{DeliveryRow, revisions, time_text};
use crate::store::geopackage::durability::Mount;
use crate::store::geopackage::{Access, GeoPackage, Occupied, functions, project, restore, transfer};
use crate::store::likeness::{does_what_memory_does, rows_of};
use crate::store::memory::Memory;
use crate::store::{CHUNK_BYTES, DeliveryStore as _, Receipt, Row, Store as _, StoreError};

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("register.gpkg");
    (folder, path)
}

fn create(path: &Path) -> GeoPackage {
    GeoPackage::open(path, Access::Create).unwrap()
}

/// A register with one delivery of two files, the first in three rows, that is published.
fn filled(path: &Path) -> GeoPackage {
    let store = create(path);
    store.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    let long: Vec<u8> = (0..2 * CHUNK_BYTES + 5).map(|at| (at / 3) as u8).collect();
    let files: [(&str, &[u8]); 2] = [("a.zip", &long), ("b.csv", b"b")];
    store.receive(&delivery_of(&files), &[&long, b"b"], &[]).unwrap();
    let rows = change_set().areas.iter().zip(1..).map(|(area, row)| traced(&area.code, row)).collect();
    let unlocated = vec![unlocated("甲", 2), unlocated("乙", 3)];
    let origin = Some(Origin::Publishes { delivery: DeliveryId(1), rows, unlocated, summary: None });
    store.commit(&new_record(), &Entry { origin, ..Entry::default() }).unwrap();
    store
}

#[test]
fn the_contract_holds_and_a_copy_and_a_backup_have_everything() {
    let (folder, path) = place();
    let store = create(&path);
    delivery_contract(&store);
    a_copy_holds_the_same(&store, &create(&folder.path().join("copy.gpkg")));
    let (backup, restored) = (folder.path().join("backup.gpkg"), folder.path().join("restored.gpkg"));
    store.backup(&backup).unwrap();
    restore(&backup, &restored, Occupied::Refuse).unwrap();
    let mut rows = rows_of(&create(&restored));
    rows.retain(|row| !matches!(row, Row::Audit(entry) if entry.told.action == "store.restore"));
    assert!(rows == rows_of(&store));
}

#[test]
fn the_same_delivery_is_received_once_whoever_hands_it_in() {
    let (folder, path) = place();
    let (one, other) = (create(&path), create(&path));
    the_same_delivery_is_received_once(&[&one, &other]);
    what_was_received_is_not_written_over(&create(&folder.path().join("other.gpkg")));
}

#[test]
fn a_killed_writer_keeps_every_byte_it_acknowledged() {
    let (_folder, path) = place();
    create(&path).commit(&new_record(), &Entry::from(&change_set())).unwrap();
    deliveries_survive_kills(path.to_str().unwrap());
}

#[test]
fn a_full_disk_receives_nothing_and_says_so() {
    let (folder, _) = place();
    let disk = folder.path().join("disk");
    let Some(_mount) = Mount::small(&disk) else { return };
    let path = disk.join("register.gpkg");
    let store = create(&path);
    store.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    let (small, bytes) = delivery(b"small");
    assert_eq!(store.receive(&small, &[&bytes], &[]).unwrap(), Receipt::New(DeliveryId(1)));
    let before = rows_of(&store);
    let (large, bytes) = delivery(&vec![7; 6 << 20]);
    let err = store.receive(&large, &[&bytes], &[]).unwrap_err();
    assert!(matches!(err, StoreError::Full { .. }), "{err:?}");
    assert!(rows_of(&store) == before);
    let (next, bytes) = delivery(b"next");
    assert_eq!(store.receive(&next, &[&bytes], &[]).unwrap(), Receipt::New(DeliveryId(2)));
    assert_eq!(store.check().unwrap(), [""; 0]);
}

/// Damage that the triggers refuse, done without them.
fn damaged(path: &Path, damage: &str) {
    let sql = Connection::open(path).unwrap();
    assert!(sql.execute_batch(damage).is_err(), "{damage} was not refused");
    let tables = ["deliveries", "delivery_files", "delivery_chunks", "delivery_traces", "delivery_unlocated"];
    let unguarded = tables.map(|table| format!("DROP TRIGGER {table}_stay; DROP TRIGGER {table}_stay_as_they_are;"));
    sql.execute_batch(&format!("PRAGMA foreign_keys = off; {} {damage}", unguarded.concat())).unwrap();
}

#[test]
fn damage_is_found_by_the_check_and_by_reading() {
    let damages = [
        (
            "UPDATE delivery_chunks SET bytes = zeroblob(length(bytes)) WHERE id = 2",
            "delivery_chunks, row 2: its contents",
        ),
        ("DELETE FROM delivery_chunks WHERE id = 2", "bytes of it are there"),
        ("DELETE FROM delivery_files WHERE id = 2", "it refers to delivery_files that are not there"),
        ("DELETE FROM delivery_chunks WHERE file = 2; DELETE FROM delivery_files WHERE id = 2", "there are 1"),
        ("UPDATE delivery_files SET name = 'x' WHERE id = 2", "delivery_files, row 2: its contents"),
        ("UPDATE deliveries SET revision = 1, note = 'x'", "deliveries, row 1: its contents"),
        ("DELETE FROM delivery_traces WHERE id = 3", "it left 3 traces, there are 2"),
        ("UPDATE delivery_traces SET item = 'row 9' WHERE id = 3", "delivery_traces, row 3: its contents"),
        ("DELETE FROM delivery_unlocated WHERE id = 2", "it has 2 rows without an area, there are 1"),
        ("UPDATE delivery_unlocated SET name = 'x' WHERE id = 2", "delivery_unlocated, row 2: its contents"),
    ];
    for (damage, told) in damages {
        let (_folder, path) = place();
        let store = filled(&path);
        assert_eq!(store.check().unwrap(), [""; 0]);
        damaged(&path, damage);
        let faults = store.check().unwrap();
        assert!(faults.iter().any(|fault| fault.contains(told)), "{damage}: {faults:#?}");
        if damage.contains("delivery_chunks") && damage.contains("id = 2") && !damage.contains("file = 2") {
            let err = store.contents(DeliveryId(1)).unwrap_err();
            assert!(matches!(&err, StoreError::Damaged { what, .. } if what.contains("a.zip")), "{err}");
        }
    }
}

#[test]
fn a_trace_of_an_area_that_is_not_there_and_a_state_without_its_record_are_found() {
    let (_folder, path) = place();
    let store = filled(&path);
    // Rows whose checksums are right, as an importer with a mistake would write them.
    let mut rows = rows_of(&store);
    for row in &mut rows {
        match row {
            Row::Trace(trace) if trace.item == "row 1" => {
                trace.area = AreaCode::parse("DEMO-NN-0099").unwrap();
            }
            Row::Delivery(delivery) => {
                delivery.state = DeliveryState::Published { revision: Revision(1) };
            }
            _ => {}
        }
    }
    let (_folder, path) = place();
    let copy = create(&path);
    copy.import(&mut rows.into_iter().map(Ok)).unwrap();
    let faults = copy.check().unwrap();
    for told in ["there is no area DEMO-NN-0099", "delivery 1 was not published under record 2"] {
        assert!(faults.iter().any(|fault| fault.contains(told)), "{faults:#?}");
    }
}

#[test]
fn what_was_received_cannot_be_rewritten() {
    let (_folder, path) = place();
    let store = filled(&path);
    let exception = NewException {
        issue: "overlap".to_owned(),
        subject: "x".to_owned(),
        other: None,
        fingerprint: String::new(),
        reason: "y".to_owned(),
        owner: "z".to_owned(),
        expires_on: jiff::civil::date(2024, 1, 1),
        recorded_at: new_record().recorded_at,
        recorded_by: "test".to_owned(),
    };
    let id = store.record_exception(&exception, &[]).unwrap();
    store.withdraw_exception(id, new_record().recorded_at, &[]).unwrap();
    store.remember_columns(&remembered(["a", "b", "c"]), &[]).unwrap();
    let sql = Connection::open(&path).unwrap();
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
        "UPDATE deliveries SET state = 'undone'",
        "UPDATE delivery_files SET name = 'x'",
        "UPDATE delivery_chunks SET bytes = x'00'",
        "UPDATE delivery_traces SET item = 'x'",
        "UPDATE delivery_unlocated SET name = 'x'",
        "UPDATE delivery_unlocated SET recorded_until = 3, code = 'x'",
        "UPDATE sender_columns SET columns = 'x'",
        "UPDATE exceptions SET withdrawn_at = NULL",
        "UPDATE exceptions SET reason = 'x'",
        "INSERT INTO deliveries SELECT 2, digest, sender, received_at, received_by, note, files, 'received', NULL, NULL,
             settings, summary, 0, crc, 0 FROM deliveries",
    ] {
        assert!(sql.execute(statement, []).is_err(), "{statement}");
    }
    assert_eq!(store.check().unwrap(), [""; 0]);
}

/// The migrations that files of older versions have seen.
const MIGRATIONS: [(&str, &str); 4] = [
    ("register", include_str!("../../migrations/V1__register.sql")),
    ("history", include_str!("../../migrations/V2__history.sql")),
    ("deliveries", include_str!("../../migrations/V3__deliveries.sql")),
    ("unlocated", include_str!("../../migrations/V4__unlocated.sql")),
];

/// Columns that came with the fifth version.
const LATER_COLUMNS: [(&str, &str); 3] =
    [("areas", "contract_kind"), ("areas", "contract_filed_on"), ("committees", "filing_applied_on")];

/// A file as the program left it after so many migrations, without deliveries.
fn older(path: &Path, migrations: usize, memory: &Memory) {
    let mut sql = Connection::open(path).unwrap();
    functions::register(&sql).unwrap();
    sql.execute_batch(
        "PRAGMA application_id = 1196444487; PRAGMA user_version = 10300; PRAGMA journal_mode = wal;
         CREATE TABLE refinery_schema_history(
             version INT4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255));",
    )
    .unwrap();
    for ((name, migration), version) in MIGRATIONS.iter().zip(1..).take(migrations) {
        sql.execute_batch(migration).unwrap();
        let entered = "INSERT INTO refinery_schema_history VALUES (?, ?, '2026-01-01T00:00:00Z', '1')";
        sql.execute(entered, params![version, name]).unwrap();
    }
    let rows =
        rows_of(memory).into_iter().filter(|row| matches!(row, Row::Record(..) | Row::Thing(..) | Row::Lineage(..)));
    let transaction = sql.transaction().unwrap();
    transfer::import(&transaction, &mut rows.map(Ok)).unwrap();
    // The program of now fills columns that a file of these versions did not have.
    transaction.execute_batch(include_str!("../../migrations/V5__contracts.sql")).unwrap();
    project::rebuild(&transaction).unwrap();
    for (table, column) in LATER_COLUMNS {
        transaction.execute(&format!("ALTER TABLE {table} DROP COLUMN {column}"), []).unwrap();
    }
    transaction.commit().unwrap();
}

/// Rows of the history, without those of deliveries.
fn history(rows: Vec<Row>) -> Vec<Row> {
    let kept = |row: &Row| !matches!(row, Row::Delivery(_) | Row::Chunk(_) | Row::Trace(_) | Row::Unlocated(_));
    rows.into_iter().filter(kept).collect()
}

#[test]
fn a_register_of_the_second_version_keeps_everything_and_takes_deliveries() {
    let (folder, path) = place();
    let memory = does_what_memory_does(&create(&folder.path().join("scratch.gpkg")), 5);
    older(&path, 2, &memory);
    let store = GeoPackage::open(&path, Access::Existing).unwrap();
    assert_eq!(store.check().unwrap(), [""; 0]);
    assert!(history(rows_of(&store)) == history(rows_of(&memory)));
    let (new, bytes) = delivery(b"first");
    assert_eq!(store.receive(&new, &[&bytes], &[]).unwrap(), Receipt::New(DeliveryId(1)));
    let origin = Some(publishes(1, Vec::new()));
    store.commit(&new_record(), &Entry { origin, ..Entry::default() }).unwrap();
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn a_register_of_the_fourth_version_takes_contracts_and_applications() {
    let (folder, path) = place();
    let memory = does_what_memory_does(&create(&folder.path().join("scratch.gpkg")), 5);
    older(&path, 4, &memory);
    let store = GeoPackage::open(&path, Access::Existing).unwrap();
    assert_eq!(store.check().unwrap(), [""; 0]);
    assert!(history(rows_of(&store)) == history(rows_of(&memory)));
    let mut further = change_set();
    for (area, serial) in further.areas.iter_mut().zip(1..) {
        area.code = AreaCode::parse(&format!("DEMO-ZZ-{serial:04}")).unwrap();
        area.attributes.contract_kind = Some(ContractKind::Emergency);
        area.attributes.contract_filed_on = Some(jiff::civil::date(2022, 5, 1));
        for committee in area.committees.iter_mut().flatten() {
            committee.code = format!("Z-{}", committee.code);
            committee.filing_applied_on = Some(committee.formed_on);
        }
    }
    let areas = ChangeSet { areas: further.areas, ..ChangeSet::default() };
    store.commit(&new_record(), &Entry::from(&areas)).unwrap();
    assert_eq!(store.check().unwrap(), [""; 0]);
    let sql = Connection::open(&path).unwrap();
    let count = |query: &str| sql.query_row(query, [], |row| row.get::<_, u32>(0)).unwrap();
    let told = "SELECT count(*) FROM areas WHERE contract_kind = 'emergency' AND contract_filed_on = '2022-05-01'";
    assert_eq!(count(told), 3);
    assert_eq!(count("SELECT count(*) FROM committees WHERE filing_applied_on = formed_on"), 2);
}

/// A delivery as the third version of the program kept it, its rows without an area in its summary.
fn enter_in_third_version(sql: &Connection, id: u32, state: DeliveryState, summary: &str) {
    let (new, _) = delivery(&[u8::try_from(id).unwrap()]);
    let received = NewDelivery { files: Vec::new(), received_at: to_millisecond(new.received_at), ..new };
    let told = Delivery { id: DeliveryId(id), received, state, settings: None, summary: Some(summary.to_owned()) };
    let row = DeliveryRow { delivery: told.clone(), files: 0, traces: 0, unlocated: 0 };
    let (revision, undone_by) = revisions(state);
    let (digest, received) = (told.received.digest.0, &told.received);
    let at = time_text(received.received_at);
    let cells = params![
        id,
        digest.as_slice(),
        received.sender,
        at,
        received.received_by,
        received.note,
        state.key(),
        revision,
        undone_by,
        summary,
        row.sum().crc()
    ];
    let insert =
        "INSERT INTO deliveries (id, digest, sender, received_at, received_by, note, files, state, revision, undone_by,
             summary, traces, crc)
         VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, 0, ?)";
    sql.execute(insert, cells).unwrap();
}

#[test]
fn rows_without_an_area_move_out_of_the_summaries_of_the_third_version() {
    let (folder, path) = place();
    let memory = does_what_memory_does(&create(&folder.path().join("scratch.gpkg")), 5);
    older(&path, 3, &memory);
    let sql = Connection::open(&path).unwrap();
    let listed = |name: &str, street: &str, code: &str| {
        format!(r#"{{"file":"areas.csv","item":"row 3","name":"{name}","street":{street},"code":{code}}}"#)
    };
    let summary = |rows: &[String]| format!(r#"{{"rows":1,"unlocated":[{}]}}"#, rows.join(","));
    let (later, earlier) = (Revision(5), Revision(2));
    let rows = [listed("甲", "\"110105017\"", "null"), listed("乙", "null", "\"F3\"")];
    enter_in_third_version(&sql, 1, DeliveryState::Published { revision: later }, &summary(&rows));
    let undone = DeliveryState::Undone { revision: earlier, by: Revision(4) };
    enter_in_third_version(&sql, 2, undone, &summary(&[listed("丙", "null", "null")]));
    enter_in_third_version(&sql, 3, DeliveryState::Received, &summary(&[listed("丁", "null", "null")]));
    enter_in_third_version(&sql, 4, DeliveryState::Received, "{\"rows\":1}");
    drop(sql);

    let store = GeoPackage::open(&path, Access::Existing).unwrap();
    assert_eq!(store.check().unwrap(), [""; 0]);
    let told: Vec<_> = store
        .unlocated()
        .unwrap()
        .into_iter()
        .map(|kept| (kept.delivery.0, kept.row.name, kept.recorded.from, kept.recorded.until))
        .collect();
    let expected = [(2, "丙", earlier, Some(Revision(4))), (1, "甲", later, None), (1, "乙", later, None)];
    assert_eq!(told, expected.map(|(delivery, name, from, until)| (delivery, name.to_owned(), from, until)));
    let summaries = store.deliveries().unwrap().into_iter().rev().map(|delivery| delivery.summary.unwrap());
    let expected = ["{\"rows\":1,\"unlocated\":2}", "{\"rows\":1,\"unlocated\":1}"];
    assert_eq!(summaries.collect::<Vec<_>>(), [expected[0], expected[1], expected[1], "{\"rows\":1}"]);
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
fn gdal_lists_what_was_delivered() {
    if Command::new("ogrinfo").arg("--version").output().is_err() {
        eprintln!("skipped: ogrinfo is not installed");
        return;
    }
    let (_folder, path) = place();
    drop(filled(&path));
    let output = Command::new("ogrinfo").args(["-ro", "-al", "-so"]).arg(&path).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    let summary = String::from_utf8_lossy(&output.stdout);
    for layer in [
        "deliveries",
        "delivery_files",
        "delivery_chunks",
        "delivery_traces",
        "delivery_unlocated",
        "sender_columns",
        "exceptions",
    ] {
        assert!(summary.contains(&format!("Layer name: {layer}\n")), "{summary}");
    }
    assert!(fs::metadata(&path).unwrap().len() > 2 * CHUNK_BYTES as u64);
}
