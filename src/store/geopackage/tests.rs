use super::*;
use crate::ingest::{ChangeSet, Sources, check_exchange};
use crate::store::contract::{change_set, new_record, store_contract};
use crate::store::likeness::{does_what_memory_does, rows_of};
use rusqlite::params;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("register.gpkg");
    (folder, path)
}

fn count(path: &Path, query: &str) -> i64 {
    Connection::open(path).unwrap().query_row(query, [], |row| row.get(0)).unwrap()
}

#[test]
fn the_contract_holds() {
    let (_folder, path) = place();
    store_contract(&GeoPackage::open(&path, Access::Create).unwrap());
}

#[test]
fn it_does_what_the_register_in_memory_does() {
    for seed in 1..4 {
        let (_folder, path) = place();
        let store = GeoPackage::open(&path, Access::Create).unwrap();
        let memory = does_what_memory_does(&store, seed);

        let (_folder, path) = place();
        let copy = GeoPackage::open(&path, Access::Create).unwrap();
        let rows = rows_of(&memory);
        assert_eq!(copy.import(&mut rows.iter().cloned().map(Ok)).unwrap(), memory.revision().unwrap());
        assert_eq!(copy.check().unwrap(), [""; 0]);
        assert!(rows_of(&copy) == rows);
        let again = copy.import(&mut rows.into_iter().map(Ok)).unwrap_err();
        assert!(matches!(again, StoreError::NotEmpty { .. }));
        for known in [None, Some(Revision(7)), Some(Revision(20))] {
            let question = Question { day: None, known };
            assert!(copy.load(question).unwrap() == memory.load(question).unwrap());
        }
    }
}

#[test]
fn a_waiting_reader_hears_of_a_record_of_another_process() {
    let (_folder, path) = place();
    let store = GeoPackage::open(&path, Access::Create).unwrap();
    assert_eq!(store.wait_beyond(None, Duration::from_millis(1)).unwrap(), None);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| store.wait_beyond(None, Duration::from_secs(20)).unwrap());
        let other = GeoPackage::open(&path, Access::Existing).unwrap();
        other.commit(&new_record(), &Entry::from(&change_set())).unwrap();
        assert_eq!(waiting.join().unwrap(), Some(Revision(1)));
    });
}

#[test]
fn migrations_apply_to_an_empty_file_and_only_once() {
    let (_folder, path) = place();
    fs::write(&path, b"").unwrap();
    assert!(matches!(GeoPackage::open(&path, Access::Existing), Err(StoreError::NotRegister { .. })));
    GeoPackage::open(&path, Access::Create).unwrap();
    let schema = || count(&path, "SELECT count(*) FROM sqlite_schema");
    let before = schema();
    let store = GeoPackage::open(&path, Access::Existing).unwrap();
    assert_eq!(store.path(), path);
    assert_eq!(schema(), before);
    assert_eq!(count(&path, "SELECT count(*) FROM refinery_schema_history"), 7);
}

#[test]
fn a_missing_file_and_files_of_something_else_are_refused_and_left_alone() {
    let (folder, path) = place();
    assert!(matches!(GeoPackage::open(&path, Access::Existing), Err(StoreError::File { .. })));
    assert!(!path.exists());

    let text = folder.path().join("notes.txt");
    fs::write(&text, "not a database at all, but longer than a header of one hundred bytes is, so that it is read")
        .unwrap();
    let plain = folder.path().join("plain.sqlite");
    Connection::open(&plain).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let other = folder.path().join("other.gpkg");
    Connection::open(&other).unwrap().execute_batch("PRAGMA application_id = 1196444487; CREATE TABLE t (a)").unwrap();
    for (file, why) in [(text, "is not a GeoPackage"), (plain, "but not a GeoPackage"), (other, "of something else")] {
        let before = fs::read(&file).unwrap();
        let err = GeoPackage::open(&file, Access::Create).unwrap_err();
        assert!(matches!(err, StoreError::NotRegister { .. }) && err.to_string().contains(why), "{err}");
        assert_eq!(fs::read(&file).unwrap(), before);
    }
}

#[test]
fn a_newer_schema_is_refused_with_both_versions() {
    let (_folder, path) = place();
    drop(GeoPackage::open(&path, Access::Create).unwrap());
    let connection = Connection::open(&path).unwrap();
    connection
        .execute("INSERT INTO refinery_schema_history VALUES (99, 'later', '2030-01-01T00:00:00Z', '1')", [])
        .unwrap();
    let err = GeoPackage::open(&path, Access::Existing).unwrap_err();
    assert!(matches!(err, StoreError::NewerSchema { found: 99, known: 7, .. }), "{err}");
}

#[test]
fn a_refused_entry_leaves_no_row_in_any_table() {
    let (_folder, path) = place();
    let store = GeoPackage::open(&path, Access::Create).unwrap();
    let mut entry = Entry::from(&change_set());
    // The last reference that is looked up.
    let mut further = change_set();
    further.communities[0].street = crate::model::StreetCode::parse("110105999").unwrap();
    further.communities[0].code = crate::model::CommunityCode::parse("110105999001").unwrap();
    further.communities.truncate(1);
    entry.puts.extend(Entry::from(&ChangeSet { communities: further.communities, ..ChangeSet::default() }).puts);
    assert!(matches!(store.commit(&new_record(), &entry), Err(StoreError::Refused(_))));
    for table in ["records", "things", "versions", "boundaries", "areas", "committees", "rtree_areas_geom"] {
        assert_eq!(count(&path, &format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    assert_eq!(store.commit(&new_record(), &Entry::from(&change_set())).unwrap(), Revision(1));
    assert_eq!(store.check().unwrap(), [""; 0]);
}

#[test]
fn the_delivered_text_is_kept_byte_for_byte_and_the_index_is_filled() {
    let (_folder, path) = place();
    let store = GeoPackage::open(&path, Access::Create).unwrap();
    let changes = change_set();
    store.commit(&new_record(), &Entry::from(&changes)).unwrap();
    let connection = Connection::open(&path).unwrap();
    for area in &changes.areas {
        let text: String = connection
            .query_row(
                "SELECT source FROM boundaries JOIN versions ON boundary = boundaries.id JOIN things ON thing = things.id WHERE code = ?", params![area.code.as_str()], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(text, area.source_geometry);
    }
    let inside = "SELECT count(*) FROM rtree_areas_geom WHERE maxx >= 116.46 AND minx <= 116.465 AND maxy >= 39.95 AND miny <= 39.96";
    assert_eq!(count(&path, inside), 1);
    assert_eq!(count(&path, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(
        count(
            &path,
            "SELECT count(*) FROM gpkg_contents WHERE table_name = 'areas' AND min_x BETWEEN 116.40 AND 116.41"
        ),
        1
    );
}

#[test]
fn a_reader_goes_on_while_a_record_is_entered() {
    let (_folder, path) = place();
    let store = GeoPackage::open(&path, Access::Create).unwrap();
    let other = GeoPackage::open(&path, Access::Existing).unwrap();
    store.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    let mut writer = lock(&store.writer);
    let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    transaction.execute("INSERT INTO records SELECT 2, kind, document, authority, dated, author, recorded_at, note, request, versions, lineage, crc FROM records", []).unwrap();
    for reader in [&store, &other] {
        let register = reader.load(Question::default()).unwrap();
        assert_eq!(register.areas.len(), 3);
        assert_eq!(register.records.len(), 1);
    }
}

#[test]
fn a_changed_row_is_named_and_history_cannot_be_rewritten() {
    let (_folder, path) = place();
    let store = GeoPackage::open(&path, Access::Create).unwrap();
    store.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    let other = Connection::open(&path).unwrap();
    for statement in [
        "UPDATE versions SET facts = '{}' WHERE id = 2",
        "UPDATE versions SET valid_from = '2020-01-01' WHERE id = 2",
        "UPDATE things SET code = 'x' WHERE id = 2",
        "UPDATE records SET note = 'x'",
        "UPDATE boundaries SET source = 'x'",
        "DELETE FROM versions",
        "DELETE FROM records",
        "INSERT INTO versions SELECT 1000, thing, area, valid_from, valid_until, recorded_from, NULL, boundary, crc, facts
             FROM versions WHERE id = 2",
    ] {
        assert!(other.execute(statement, []).is_err(), "{statement}");
    }
    assert_eq!(store.check().unwrap(), [""; 0]);
    other
        .execute_batch("DROP TRIGGER versions_stay_as_they_are; UPDATE versions SET facts = '{}' WHERE id = 2")
        .unwrap();
    let err = store.load(Question::default()).unwrap_err().to_string();
    assert!(err.starts_with("table versions, row 2: its contents do not fit its checksum: restore"), "{err}");
    // The row itself, and what was entered under its record.
    assert!(store.check().unwrap()[0].starts_with("table versions, row 2: its contents"));
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
fn gdal_opens_it_without_a_warning_and_finds_the_spatial_index() {
    if Command::new("ogrinfo").arg("--version").output().is_err() {
        eprintln!("skipped: ogrinfo is not installed");
        return;
    }
    let (_folder, path) = place();
    GeoPackage::open(&path, Access::Create).unwrap().commit(&new_record(), &Entry::from(&change_set())).unwrap();
    let ogrinfo = |arguments: &[&str]| {
        let output = Command::new("ogrinfo").args(arguments).arg(&path).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && errors.is_empty(), "{errors}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let summary = ogrinfo(&["-ro", "-al", "-so"]);
    assert!(!summary.contains("Warning"), "{summary}");
    for layer in ["areas", "streets", "district", "committees", "managers", "communities", "records"] {
        assert!(summary.contains(&format!("Layer name: {layer}")), "{summary}");
    }
    let areas = summary.split("Layer name: ").find(|part| part.starts_with("areas\n")).unwrap();
    assert!(areas.contains("Geometry: Multi Polygon\nFeature Count: 3\n") && areas.contains("4490"), "{areas}");
    let has_index = ogrinfo(&["-ro", "-q", "-sql", "SELECT HasSpatialIndex('areas', 'geom') AS indexed"]);
    assert!(has_index.contains("(Integer) = 1"), "{has_index}");
    // GDAL writes through the triggers too.
    ogrinfo(&["-sql", "UPDATE areas SET name = 'renamed' WHERE id = 1"]);
}

/// The demonstration district, when its files are there: everything passes, enters and loads.
#[test]
#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
fn the_demonstration_district_passes_and_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/geojson");
    let read = |name: &str| fs::read(folder.join(name));
    let Ok(areas) = read("areas.geojson") else {
        eprintln!("skipped: no demonstration data");
        return;
    };
    let [district, streets, managers, committees, communities, figures] = [
        "district.geojson",
        "streets.geojson",
        "ledger/managers.csv",
        "ledger/committees.csv",
        "ledger/communities.csv",
        "ledger/figures.csv",
    ]
    .map(|name| read(name).unwrap());
    let started = std::time::Instant::now();
    let checked = check_exchange(&Sources {
        district: &district,
        streets: &streets,
        areas: &areas,
        managers: &managers,
        committees: &committees,
        communities: &communities,
        figures: &figures,
    });
    let faults: Vec<String> = checked.faults.iter().take(20).map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let checked_in = started.elapsed();
    let (_folder, path) = place();
    let store = GeoPackage::open(&path, Access::Create).unwrap();
    store.commit(&new_record(), &Entry::from(&checked.changes)).unwrap();
    let committed_in = started.elapsed() - checked_in;
    let started = std::time::Instant::now();
    let register = store.load(Question::default()).unwrap();
    eprintln!("checked in {checked_in:?}, entered in {committed_in:?}, loaded in {:?}", started.elapsed());
    assert_eq!((register.streets.len(), register.areas.len()), (43, 1637));
    for (area, draft) in register.areas.iter().zip(&checked.changes.areas) {
        assert_eq!((&area.code, &area.boundary, &area.committees), (&draft.code, &draft.boundary, &draft.committees));
    }
}
