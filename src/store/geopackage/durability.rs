//! What becomes of a register when files are cut, bits flip, processes are killed and disks are full.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use jiff::Timestamp;
use jiff::civil::date;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use tempfile::TempDir;

use super::*;
use crate::history::{AuditDraft, Fact, Put};
use crate::model::Validity;
use crate::store::contract::{change_set, new_record};
use crate::store::geopackage::sheet::{self, Sheet};
use crate::store::kills::{rename, renamed, survives_kills};
use crate::store::likeness::{does_what_memory_does, rows_of};
use crate::store::memory::Memory;
use crate::store::{AuditFrom, AuditQuery, DocumentChange, DocumentKind, REPORT_SERIAL, Vault as _};

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("register.gpkg");
    (folder, path)
}

fn filled(path: &Path) -> GeoPackage {
    let store = GeoPackage::open(path, Access::Create).unwrap();
    store.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    store
}

/// Opens, checks and loads; `None` when the damage is noticed.
fn read_whole(path: &Path) -> Option<(Register, Vec<Row>)> {
    let store = GeoPackage::open(path, Access::Existing).ok()?;
    if store.check().ok()? != [""; 0] {
        return None;
    }
    let mut rows = Vec::new();
    let told = store.export(&mut |row| {
        rows.push(row);
        Ok(())
    });
    told.ok()?;
    Some((store.load(Question::default()).ok()?, rows))
}

#[test]
fn no_cut_and_no_flipped_bit_leads_to_another_register() {
    let (folder, path) = place();
    let store = filled(&path);
    for number in 0..3 {
        rename(&store, number).unwrap();
    }
    drop(store);
    let whole = read_whole(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let damaged = folder.path().join("damaged.gpkg");
    let mut noticed = 0;
    for round in 0..200 {
        let mut bytes = bytes.clone();
        let at = random.next_u64() as usize % bytes.len();
        if round % 4 == 0 {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << (random.next_u32() % 8);
        }
        fs::write(&damaged, &bytes).unwrap();
        for log in ["damaged.gpkg-wal", "damaged.gpkg-shm"] {
            let _ = fs::remove_file(folder.path().join(log));
        }
        match read_whole(&damaged) {
            None => noticed += 1,
            Some(found) => assert!(found == whole, "round {round}, byte {at}"),
        }
        if round % 4 == 0 {
            let told = GeoPackage::open(&damaged, Access::Existing).unwrap_err().to_string();
            assert!(told.contains("damaged") || told.contains("not a register"), "{told}");
        }
    }
    // Flips in free space are not noticed, and do no harm.
    assert!(noticed > 40, "{noticed}");
}

#[test]
fn a_backup_is_the_register_of_its_instant_and_can_be_restored() {
    let (folder, path) = place();
    let store = filled(&path);
    let backup = folder.path().join("backup.gpkg");
    thread::scope(|scope| {
        scope.spawn(|| (0..30).for_each(|number| assert!(rename(&store, number).is_ok())));
        for _ in 0..5 {
            store.backup(&backup).unwrap();
            let (register, rows) = read_whole(&backup).unwrap();
            let known = register.as_of.known;
            let question = Question { day: Some(register.as_of.day), known: Some(known) };
            let then = store.load(question).unwrap();
            assert_eq!((then.records.len() as u64, &then.records), (known.0, &register.records));
            let records = rows.iter().filter(|row| matches!(row, Row::Record(..))).count();
            assert_eq!(records as u64, known.0);
        }
    });
    let latest = rows_of(&store);
    store.backup(&backup).unwrap();
    assert!(!folder.path().join("backup.gpkg-wal").exists());
    rename(&store, 77).unwrap();
    drop(store);

    assert!(matches!(restore(&backup, &path, Occupied::Refuse), Err(StoreError::File { .. })));
    let aside = restore(&backup, &path, Occupied::SetAside).unwrap().unwrap();
    let mut restored = rows_of(&GeoPackage::open(&path, Access::Existing).unwrap());
    restored.retain(|row| !matches!(row, Row::Audit(entry) if entry.told.action == "store.restore"));
    assert!(restored == latest);
    assert_eq!(GeoPackage::open(&aside, Access::Existing).unwrap().revision().unwrap(), Some(Revision(32)));

    let mut bytes = fs::read(&backup).unwrap();
    let middle = bytes.len() / 2;
    bytes.truncate(middle);
    fs::write(&backup, bytes).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(restore(&backup, &path, Occupied::SetAside), Err(StoreError::Damaged { .. })));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_restore_leaves_a_trace_and_nobody_signed_in() {
    let (folder, path) = place();
    let store = filled(&path);
    let document = |kind, id: &str, body: &str| DocumentChange::new(kind, id, body.to_owned());
    let told = |action: &str| AuditDraft {
        at: Timestamp::UNIX_EPOCH,
        who: "clerk".to_owned(),
        role: "clerk".to_owned(),
        action: action.to_owned(),
        object: None,
        before: None,
        after: None,
        address_hash: None,
    };
    let first = [
        document(DocumentKind::Session, "s", "{}"),
        document(DocumentKind::Setting, REPORT_SERIAL, r#"{"year":2026,"last":3}"#),
    ];
    store.write(&first, &[told("report.send")]).unwrap();
    let backup = folder.path().join("backup.gpkg");
    store.backup(&backup).unwrap();
    let before = store.audit_head().unwrap();
    let serial = store.document(DocumentKind::Setting, REPORT_SERIAL).unwrap().unwrap();
    store
        .write(&[DocumentChange::of(&serial, r#"{"year":2026,"last":9}"#.to_owned())], &[told("report.send")])
        .unwrap();
    let replaced = store.audit_head().unwrap();
    drop(store);

    restore(&backup, &path, Occupied::SetAside).unwrap();
    let restored = GeoPackage::open(&path, Access::Existing).unwrap();
    assert_eq!(restored.documents(DocumentKind::Session).unwrap().len(), 0);
    let serial = restored.document(DocumentKind::Setting, REPORT_SERIAL).unwrap().unwrap();
    assert_eq!(serial.body, r#"{"year":2026,"last":9}"#, "no number comes again");
    let last = restored.audit_entries(&AuditQuery::of(AuditFrom::Newest, 1)).unwrap().remove(0);
    assert_eq!((last.seq, last.told.action.as_str()), (before.unwrap().seq + 1, "store.restore"));
    assert!(last.told.before.unwrap().contains(&replaced.unwrap().to_string()));
    assert!(last.told.after.unwrap().contains(&before.unwrap().to_string()));
    assert_eq!(restored.verify_audit(before).unwrap(), None);
    assert_eq!(restored.check().unwrap(), Vec::<String>::new());
}

#[test]
fn nobody_but_the_owner_reads_a_register_or_a_backup() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path) = place();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let store = filled(&path);
    let backup = folder.path().join("backup.gpkg");
    store.backup(&backup).unwrap();
    for own in [&path, &folder.path().join("register.gpkg-wal"), &backup] {
        assert_eq!(mode(own), 0o600, "{}", own.display());
    }
    drop(store);
    fs::set_permissions(&backup, fs::Permissions::from_mode(0o644)).unwrap();
    restore(&backup, &path, Occupied::SetAside).unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_register_that_is_open_is_not_set_aside_and_not_backed_up_onto_itself() {
    let (folder, path) = place();
    let store = filled(&path);
    let backup = folder.path().join("backup.gpkg");
    store.backup(&backup).unwrap();
    rename(&store, 1).unwrap();
    let latest = rows_of(&store);
    let link = folder.path().join("link.gpkg");
    fs::hard_link(&path, &link).unwrap();
    for own in [&path, &link, &folder.path().join("register.gpkg-wal"), &folder.path().join(".").join("register.gpkg")]
    {
        assert!(matches!(store.backup(own), Err(StoreError::Unfit { .. })), "{}", own.display());
    }
    fs::remove_file(&link).unwrap();

    let names = || {
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    let err = restore(&backup, &path, Occupied::SetAside).unwrap_err();
    assert!(matches!(err, StoreError::InUse { .. }) && err.to_string().contains("stop the server"), "{err}");
    assert_eq!(names(), before);
    rename(&store, 2).unwrap();
    assert_eq!(store.revision().unwrap(), Some(Revision(3)));
    drop(store);

    // As a killed server leaves it: what it acknowledged last stands in the log only.
    let source = filled(&folder.path().join("source.gpkg"));
    rename(&source, 1).unwrap();
    for suffix in ["", "-wal"] {
        let part = |name: &str| folder.path().join(format!("{name}{suffix}"));
        fs::copy(part("source.gpkg"), part("killed.gpkg")).unwrap();
    }
    let killed = folder.path().join("killed.gpkg");
    for path in [&path, &killed] {
        let aside = restore(&backup, path, Occupied::SetAside).unwrap().unwrap();
        let left = |suffix: &str| fs::exists(format!("{}{suffix}", path.display())).unwrap();
        assert!(!left("-wal") && !left("-shm") && !left("-journal") && !left(".part"));
        assert_eq!(GeoPackage::open(path, Access::Existing).unwrap().revision().unwrap(), Some(Revision(1)));
        let kept = GeoPackage::open(&aside, Access::Existing).unwrap();
        let expected = if path == &killed { Revision(2) } else { Revision(3) };
        assert_eq!(kept.revision().unwrap(), Some(expected));
        assert!(rows_of(&kept).len() >= latest.len());
    }

    fs::write(&path, "no register at all").unwrap();
    let aside = restore(&backup, &path, Occupied::SetAside).unwrap().unwrap();
    assert_eq!(fs::read(aside).unwrap(), b"no register at all");
}

#[test]
fn a_killed_writer_loses_nothing_it_acknowledged_and_leaves_nothing_half_done() {
    let (_folder, path) = place();
    drop(filled(&path));
    survives_kills(path.to_str().unwrap());
}

/// Unmounts when the test ends, however it ends.
pub(super) struct Mount(PathBuf);

impl Mount {
    /// A disk of 6 MiB in a folder; `None` where none can be mounted, which is said.
    #[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
    pub(super) fn small(disk: &Path) -> Option<Self> {
        fs::create_dir(disk).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"]).arg(disk).output();
        if !mount.is_ok_and(|mount| mount.status.success()) {
            eprintln!("skipped: a small disk cannot be mounted here");
            return None;
        }
        Some(Self(disk.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_refuses_clearly_loses_nothing_and_is_overcome() {
    let (folder, _) = place();
    let disk = folder.path().join("disk");
    let Some(_mount) = Mount::small(&disk) else { return };
    let path = disk.join("register.gpkg");
    let store = filled(&path);
    fs::write(disk.join("filler"), vec![0; 2 << 20]).unwrap();
    let mut latest = Revision(1);
    let err = loop {
        let (record, entry) = renamed(latest.0);
        let bulky = NewRecord { note: "长".repeat(50_000), ..record };
        match store.commit(&bulky, &entry) {
            Ok(revision) => latest = revision,
            Err(err) => break err,
        }
    };
    assert!(matches!(&err, StoreError::Full { place } if *place == path.display().to_string()), "{err:?}");
    assert!(err.to_string().contains("nothing was entered; make room and try again"));
    assert_eq!(store.revision().unwrap(), Some(latest));
    assert_eq!(store.load(Question::default()).unwrap().records.len() as u64, latest.0);
    assert!(matches!(store.backup(&disk.join("backup.gpkg")), Err(StoreError::Full { .. })));
    fs::remove_file(disk.join("filler")).unwrap();
    assert_eq!(rename(&store, 5).unwrap(), Revision(latest.0 + 1));
    assert_eq!(store.check().unwrap(), [""; 0]);
    drop(store);
    assert_eq!(GeoPackage::open(&path, Access::Existing).unwrap().check().unwrap(), [""; 0]);
}

/// Rows as the first version of the schema had them: the columns that it shares, and further ones.
fn insert_v1(sql: &Connection, sheet: &Sheet, row: Vec<Value>, further: Vec<(&str, Value)>) {
    let later = [
        "aliases",
        "other_names",
        "manager_name",
        "committee_status",
        "contract_kind",
        "contract_filed_on",
        "filing_applied_on",
        "record",
        "changed",
    ];
    let shared = sheet.columns.iter().copied().zip(row).filter(|(column, _)| !later.contains(column));
    let (columns, values): (Vec<&str>, Vec<Value>) = shared.chain(further).unzip();
    let places = vec!["?"; columns.len()].join(", ");
    let insert = format!("INSERT INTO {} ({}) VALUES ({places})", sheet.table, columns.join(", "));
    sql.execute(&insert, params_from_iter(values)).unwrap();
}

/// A file as the first version of the program left it.
fn first_version(path: &Path, memory: &Memory) {
    let sql = Connection::open(path).unwrap();
    functions::register(&sql).unwrap();
    sql.execute_batch(
        "PRAGMA application_id = 1196444487; PRAGMA user_version = 10300; PRAGMA journal_mode = wal;
         CREATE TABLE refinery_schema_history(
             version INT4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255));
         INSERT INTO refinery_schema_history VALUES (1, 'register', '2026-01-01T00:00:00Z', '1');",
    )
    .unwrap();
    sql.execute_batch(include_str!("../migrations/V1__register.sql")).unwrap();
    let register = memory.load(Question::default()).unwrap();
    let record = &register.records[0];
    let cells = [&record.document, &record.authority, &record.author, &record.note];
    sql.execute(
        "INSERT INTO records (id, kind, document, authority, dated, author, recorded_at, note)
         VALUES (1, 'survey_round', ?, ?, '2022-10-27', ?, '2022-10-28T08:00:00.123Z', ?)",
        params_from_iter(cells),
    )
    .unwrap();
    let since = || vec![("recorded_from", Value::Integer(1))];
    if let Some(district) = &register.district {
        insert_v1(&sql, &sheet::DISTRICT, sheet::district(1, district), since());
    }
    for (street, number) in register.streets.iter().zip(1..) {
        insert_v1(&sql, &sheet::STREETS, sheet::street(number, street), since());
        for alias in &street.aliases {
            let insert = "INSERT INTO street_aliases (street, alias, recorded_from) VALUES (?, ?, 1)";
            sql.execute(insert, [street.code.as_str(), alias]).unwrap();
        }
    }
    for (community, number) in register.communities.iter().zip(1..) {
        insert_v1(&sql, &sheet::COMMUNITIES, sheet::community(number, community), since());
    }
    for manager in &register.managers {
        insert_v1(&sql, &sheet::MANAGERS, sheet::manager(manager), since());
    }
    let mut committees = Vec::new();
    for (area, draft) in register.areas.iter().zip(change_set().areas) {
        let mut further = since();
        further.push(("committees_known", area.committees.is_some().into()));
        further.push(("source_geometry", draft.source_geometry.into()));
        insert_v1(&sql, &sheet::AREAS, sheet::area(area, None, register.as_of.day), further);
        for name in &area.other_names {
            let insert = "INSERT INTO area_names (area_id, kind, name, recorded_from) VALUES (?, ?, ?, 1)";
            sql.execute(insert, (area.id.0, name.kind.key(), &name.text)).unwrap();
        }
        committees.extend(area.committees.iter().flatten().map(|committee| (area.id, committee)));
    }
    committees.sort_by(|(_, a), (_, b)| a.code.cmp(&b.code));
    for ((area, committee), number) in committees.into_iter().zip(1..) {
        insert_v1(&sql, &sheet::COMMITTEES, sheet::committee(number, area, committee), since());
    }
    for (figure, number) in register.figures.iter().zip(1..) {
        insert_v1(&sql, &sheet::FIGURES, sheet::figure(number, figure), since());
    }
}

#[test]
fn a_register_of_the_first_version_keeps_everything_and_its_numbers() {
    let (_folder, path) = place();
    let memory = Memory::new();
    memory.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    first_version(&path, &memory);
    let store = GeoPackage::open(&path, Access::Existing).unwrap();
    assert_eq!(store.check().unwrap(), [""; 0]);
    assert!(store.load(Question::default()).unwrap() == memory.load(Question::default()).unwrap());
    let told = |rows: Vec<Row>| rows.into_iter().map(|row| format!("{row:?}")).collect::<Vec<_>>();
    assert_eq!(told(rows_of(&store)), told(rows_of(&memory)));
    // It goes on from there.
    let (record, entry) = renamed(2);
    assert_eq!(store.commit(&record, &entry).unwrap(), Revision(2));
    memory.commit(&record, &entry).unwrap();
    assert!(rows_of(&store) == rows_of(&memory));
}

#[test]
fn a_first_version_that_cannot_be_read_is_left_as_it_is() {
    let (_folder, path) = place();
    let memory = Memory::new();
    memory.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    first_version(&path, &memory);
    let sql = Connection::open(&path).unwrap();
    sql.execute("UPDATE committees SET kind = 'choir' WHERE id = 1", []).unwrap();
    drop(sql);
    let before = fs::read(&path).unwrap();
    let err = GeoPackage::open(&path, Access::Existing).unwrap_err().to_string();
    assert_eq!(err, "table committees, row 1: kind: \"choir\" is not one of the known values");
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// The demonstration district as it is delivered.
fn demonstration() -> crate::ingest::ChangeSet {
    let files = crate::demo::generate(&crate::demo::Base::embedded(), crate::demo::SEED).unwrap();
    let text = |path: &str| files.iter().find(|file| file.path == path).unwrap().text.as_bytes();
    let checked = crate::ingest::check_exchange(&crate::ingest::Sources {
        district: text("district.geojson"),
        streets: text("streets.geojson"),
        areas: text("areas.geojson"),
        managers: text("ledger/managers.csv"),
        committees: text("ledger/committees.csv"),
        communities: text("ledger/communities.csv"),
        figures: text("ledger/figures.csv"),
    });
    assert_eq!(checked.faults, []);
    checked.changes
}

#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "a measurement says what it found")]
fn measure_one_edit_among_many() {
    let (_folder, path) = place();
    let store = GeoPackage::open(&path, Access::Create).unwrap();
    let mut changes = demonstration();
    crate::demo::repeat(&mut changes, 100_000).unwrap();
    let timed = |what: &str, work: &mut dyn FnMut()| {
        let started = std::time::Instant::now();
        work();
        eprintln!("{what}: {:?}", started.elapsed());
    };
    timed("commit all", &mut || {
        store.commit(&new_record(), &Entry::from(&changes)).unwrap();
    });
    timed("load", &mut || drop(store.load(Question::default()).unwrap()));
    let Some(Fact::Area(area)) = Entry::from(&changes)
        .puts
        .iter()
        .rev()
        .filter_map(Put::fact)
        .find(|fact| fact.key().kind == crate::history::Kind::Area)
        .cloned()
    else {
        panic!("there are areas")
    };
    timed("ten renames", &mut || {
        for number in 0..10 {
            let fact = Fact::Area(crate::history::AreaFact { name: format!("名{number}"), ..area.clone() });
            let puts = vec![Put::Set { fact, valid: Validity::since(date(2022, 10, 1)) }];
            store.commit(&new_record(), &Entry { puts, ..Entry::default() }).unwrap();
        }
    });
    let day = store.load(Question::default()).unwrap().as_of.day;
    let as_of = |known| AsOf { day, known: Revision(known) };
    timed("changes of one", &mut || drop(store.changes(as_of(10), as_of(11)).unwrap()));
    timed("load the past", &mut || {
        drop(store.load(Question { day: None, known: Some(Revision(4)) }).unwrap());
    });
    timed("check", &mut || assert_eq!(store.check().unwrap(), [""; 0]));
    timed("export", &mut || drop(rows_of(&store)));
}

#[test]
fn random_records_survive_a_backup() {
    let (folder, path) = place();
    let store = GeoPackage::open(&path, Access::Create).unwrap();
    let memory = does_what_memory_does(&store, 11);
    let backup = folder.path().join("backup.gpkg");
    store.backup(&backup).unwrap();
    assert!(rows_of(&GeoPackage::open(&backup, Access::Existing).unwrap()) == rows_of(&memory));
}
