use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::store::Store as _;
use crate::store::geopackage::Access;
use crate::store::likeness::{does_what_memory_does, rows_of};
use crate::store::vault_contract::{
    a_copy_has_all_but_sessions, an_account_is_not_written_over, draft, one_of_many_writers_wins, six_entries,
    tamperings, vault_contract,
};

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("register.gpkg");
    (folder, path)
}

fn store() -> (TempDir, GeoPackage) {
    let (folder, path) = place();
    let store = GeoPackage::open(&path, Access::Create).unwrap();
    (folder, store)
}

#[test]
fn the_contract_holds_and_a_copy_has_everything() {
    let (_folder, one) = store();
    vault_contract(&one);
    let (_folder, copy) = store();
    a_copy_has_all_but_sessions(&one, &copy);
    let (_folder, other) = store();
    an_account_is_not_written_over(&other);
}

#[test]
fn writers_of_the_same_account_wait_for_each_other_and_one_wins() {
    let (_folder, one) = store();
    let other = GeoPackage::open(one.path(), Access::Existing).unwrap();
    one_of_many_writers_wins(&[&one, &other]);
}

/// With the triggers away, as somebody would who has the file in their hands.
fn tampered(path: &Path, statements: &str) {
    let other = Connection::open(path).unwrap();
    let names: Vec<String> = other
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name LIKE 'audit%'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(names.len(), 5);
    names.iter().for_each(|name| other.execute_batch(&format!("DROP TRIGGER {name}")).unwrap());
    other.execute_batch(statements).unwrap();
}

#[test]
fn whatever_is_changed_in_the_log_is_found_at_its_place() {
    let (folder, path) = place();
    six_entries(&GeoPackage::open(&path, Access::Create).unwrap());
    for (number, (statements, seq)) in tamperings(|digits| format!("x'{digits}'")).into_iter().enumerate() {
        let copy = folder.path().join(format!("{number}.gpkg"));
        std::fs::copy(&path, &copy).unwrap();
        tampered(&copy, &statements);
        let store = GeoPackage::open(&copy, Access::Existing).unwrap();
        let fault = store.verify_audit(None).unwrap();
        assert_eq!(fault.as_ref().map(|fault| fault.seq), Some(seq), "{statements}: {fault:?}");
        let told = store.check().unwrap();
        assert!(told.contains(&fault.unwrap().to_string()), "{statements}: {told:?}");
        let handed_on = store.export(&mut |_| Ok(())).unwrap_err();
        assert!(
            matches!(handed_on, StoreError::Corrupt { table: "audit" | "audit_head", .. }),
            "{statements}: {handed_on}"
        );
    }
}

#[test]
fn a_register_of_the_fifth_version_keeps_everything_and_takes_accounts() {
    let (_folder, path) = place();
    let store = GeoPackage::open(&path, Access::Create).unwrap();
    let memory = does_what_memory_does(&store, 7);
    let before = rows_of(&store);
    drop(store);
    let older = "DROP TABLE documents; DROP TABLE audit_head; DROP TABLE audit;
         DELETE FROM gpkg_contents WHERE table_name = 'audit'; DELETE FROM refinery_schema_history WHERE version >= 6";
    Connection::open(&path).unwrap().execute_batch(older).unwrap();
    let store = GeoPackage::open(&path, Access::Existing).unwrap();
    assert!(rows_of(&store) == before && before == rows_of(&memory));
    assert_eq!(store.check().unwrap(), [""; 0]);
    store
        .write(
            &[DocumentChange::new(DocumentKind::Account, "zhao", "{}".to_owned())],
            &[draft("cli", "account.add", 1)],
        )
        .unwrap();
    assert_eq!(store.verify_audit(None).unwrap(), None);
    assert_eq!(rows_of(&store).len(), before.len() + 2);
}

#[test]
fn what_cannot_be_read_is_found_at_its_place() {
    let (_folder, path) = place();
    six_entries(&GeoPackage::open(&path, Access::Create).unwrap());
    tampered(&path, "UPDATE audit SET at = 'then' WHERE seq = 4");
    let fault = GeoPackage::open(&path, Access::Existing).unwrap().verify_audit(None).unwrap().unwrap();
    assert!(fault.to_string().starts_with("table audit, row 4: it cannot be read: at:"), "{fault}");
}

#[test]
fn the_file_refuses_to_change_the_log() {
    let (_folder, path) = place();
    let store = GeoPackage::open(&path, Access::Create).unwrap();
    six_entries(&store);
    let other = Connection::open(&path).unwrap();
    for statement in [
        "UPDATE audit SET who = 'x' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 6",
        "INSERT OR REPLACE INTO audit SELECT 3, at, who, role, action, object, before, after, record, address_hash,
             previous_hash, hash FROM audit WHERE seq = 4",
        "INSERT INTO audit SELECT 8, at, who, role, action, object, before, after, record, address_hash, hash, hash
             FROM audit WHERE seq = 6",
        "UPDATE audit_head SET seq = 2",
        "DELETE FROM audit_head",
    ] {
        let refused = other.execute(statement, []).unwrap_err().to_string();
        assert!(refused.contains("audit"), "{statement}: {refused}");
    }
    assert_eq!(store.verify_audit(None).unwrap(), None);
}

#[test]
fn a_document_that_was_changed_outside_is_named() {
    let (_folder, path) = place();
    let store = GeoPackage::open(&path, Access::Create).unwrap();
    store.write(&[DocumentChange::new(DocumentKind::Account, "zhao", "{\"role\":\"clerk\"}".to_owned())], &[]).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute("UPDATE documents SET body = '{\"role\":\"admin\"}'", []).unwrap();
    let err = store.document(DocumentKind::Account, "zhao").unwrap_err().to_string();
    assert!(err.starts_with("table documents, row 1: its contents do not fit its checksum"), "{err}");
    assert_eq!(store.check().unwrap(), [err]);
}
