//! Against a real server.

use super::*;
use crate::store::Store as _;
use crate::store::likeness::{does_what_memory_does, rows_of};
use crate::store::postgis::Options;
use crate::store::postgis::tests::postgres::{Cluster, database_of};
use crate::store::vault_contract::{
    a_copy_has_all_but_sessions, an_account_is_not_written_over, draft, one_of_many_writers_wins, six_entries,
    tamperings, vault_contract,
};

fn store() -> Option<(PostGis, String)> {
    let address = Cluster::shared()?.database();
    Some((PostGis::open(&address, &Options::default()).unwrap(), address))
}

#[test]
fn the_contract_holds_and_a_copy_has_everything() {
    let Some((one, _)) = store() else { return };
    vault_contract(&one);
    let Some((copy, _)) = store() else { return };
    a_copy_has_all_but_sessions(&one, &copy);
    let Some((other, _)) = store() else { return };
    an_account_is_not_written_over(&other);
}

#[test]
fn writers_of_the_same_account_wait_for_each_other_and_one_wins() {
    let Some((one, address)) = store() else { return };
    let other = PostGis::open(&address, &Options::default()).unwrap();
    one_of_many_writers_wins(&[&one, &other]);
}

#[test]
fn whatever_is_changed_in_the_log_is_found_at_its_place() {
    let Some((store, address)) = store() else { return };
    six_entries(&store);
    let cluster = Cluster::shared().unwrap();
    let run = |statements: &str| {
        let whole = format!("SET search_path TO onemap, public; SET session_replication_role TO replica; {statements}");
        cluster.psql(database_of(&address), &whole)
    };
    run("CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_head AS SELECT * FROM audit_head");
    for (statements, seq) in tamperings(|digits| format!("'\\x{digits}'")) {
        run(&statements);
        let fault = store.verify_audit(None).unwrap();
        assert_eq!(fault.as_ref().map(|fault| fault.seq), Some(seq), "{statements}: {fault:?}");
        let told = store.check().unwrap();
        assert!(told.contains(&fault.unwrap().to_string()), "{statements}: {told:?}");
        let handed_on = store.export(&mut |_| Ok(())).unwrap_err();
        assert!(matches!(handed_on, StoreError::Corrupt { table: "audit", .. }), "{statements}: {handed_on}");
        run("DELETE FROM audit; DELETE FROM audit_head; INSERT INTO audit SELECT * FROM kept;
             INSERT INTO audit_head SELECT * FROM kept_head");
        assert_eq!(store.verify_audit(None).unwrap(), None);
    }
}

#[test]
fn the_database_refuses_to_change_the_log() {
    let Some((store, address)) = store() else { return };
    six_entries(&store);
    let cluster = Cluster::shared().unwrap();
    for statement in [
        "UPDATE audit SET who = 'x' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 6",
        "TRUNCATE audit",
        "UPDATE audit_head SET seq = 2",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
    ] {
        let told = cluster.psql_refused(database_of(&address), &format!("SET search_path TO onemap; {statement}"));
        let told = told.unwrap_or_else(|| panic!("{statement} was not refused"));
        assert!(told.contains("the register keeps everything"), "{statement}: {told}");
    }
    assert_eq!(store.verify_audit(None).unwrap(), None);
}

#[test]
fn a_register_of_the_fifth_version_keeps_everything_and_takes_accounts() {
    let Some((store, address)) = store() else { return };
    let memory = does_what_memory_does(&store, 7);
    drop(store);
    let older = "SET search_path TO onemap; DROP TABLE documents, audit, audit_head;
         DELETE FROM refinery_schema_history WHERE version >= 6";
    Cluster::shared().unwrap().psql(database_of(&address), older);
    let store = PostGis::open(&address, &Options::default()).unwrap();
    assert!(rows_of(&store) == rows_of(&memory));
    assert_eq!(store.check().unwrap(), [""; 0]);
    let account = DocumentChange::new(DocumentKind::Account, "zhao", "{}".to_owned());
    Vault::write(&store, &[account], &[draft("cli", "account.add", 1)]).unwrap();
    assert_eq!(store.verify_audit(None).unwrap(), None);
}

#[test]
fn a_write_whose_answer_was_lost_is_not_made_twice() {
    let Some((store, _)) = store() else { return };
    let change = [DocumentChange::new(DocumentKind::Account, "zhao", "{}".to_owned())];
    let draft = [draft("cli", "account.add", 1)];
    let tries = Tries::default();
    let write = || store.with_client(async |client| write(client, &change, &draft, &tries).await);
    write().unwrap();
    // As after a lost answer: the same try once more.
    write().unwrap();
    assert_eq!(store.document(DocumentKind::Account, "zhao").unwrap().map(|document| document.revision), Some(1));
    assert_eq!(store.audit_head().unwrap().map(|head| head.seq), Some(1));
    // A try of its own is refused, as that of anybody else.
    let err = Vault::write(&store, &change, &draft).unwrap_err();
    assert!(matches!(err, StoreError::Outdated { .. }), "{err}");
}
