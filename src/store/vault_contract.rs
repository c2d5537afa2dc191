//! What every store must do with documents and the audit log, whatever it keeps them in.

use jiff::Timestamp;

use crate::history::{AuditBreak, AuditDraft, AuditFault, AuditHead, Entry, NOTHING_BEFORE, NewRecord};
use crate::model::{Digest, ExceptionId, NewException, Revision};
use crate::store::contract::{change_set, new_record};
use crate::store::delivery_contract::{delivery, remembered};
use crate::store::kills::renamed;
use crate::store::likeness::rows_of;
use crate::store::{AuditFrom, AuditQuery, Document, DocumentChange, DocumentKind, Receipt, Row, Store, StoreError};

/// Something that `who` did at a second of a minute.
pub(crate) fn draft(who: &str, action: &str, second: u32) -> AuditDraft {
    AuditDraft {
        at: format!("2023-05-01T01:02:{second:02}.456789Z").parse().unwrap(),
        who: who.to_owned(),
        role: "clerk".to_owned(),
        action: action.to_owned(),
        object: None,
        before: None,
        after: Some("{\"名\":\"甲\"}".to_owned()),
        address_hash: Some("00ff".to_owned()),
    }
}

/// What the log says after an entry, oldest first.
pub(crate) fn told(store: &dyn Store, after: u64) -> Vec<(String, Option<String>, Option<Revision>)> {
    let all = store.audit_entries(&AuditQuery::of(AuditFrom::After(after), 1000)).unwrap();
    all.into_iter().map(|entry| (entry.told.action, entry.told.object, entry.record)).collect()
}

/// Runs the contract on a store in which nothing was ever entered, received or written.
pub(crate) fn vault_contract(store: &dyn Store) {
    nothing_is_kept_yet(store);
    documents_are_compared_and_set(store);
    what_is_written_is_written_as_a_whole(store);
    the_log_is_a_chain_and_is_asked_in_both_directions(store);
    a_record_takes_its_part_of_the_log_along_or_leaves_none(store);
    deliveries_and_exceptions_take_theirs_along(store);
    a_log_that_goes_another_way_than_is_known_is_found(store);
    assert_eq!(store.check().unwrap(), [""; 0]);
}

fn nothing_is_kept_yet(store: &dyn Store) {
    for kind in DocumentKind::ALL {
        assert_eq!(store.document(kind, "zhao").unwrap(), None);
        assert_eq!(store.documents(kind).unwrap(), []);
    }
    assert_eq!(told(store, 0), []);
    assert_eq!(store.audit_head().unwrap(), None);
    assert_eq!(store.verify_audit(None).unwrap(), None);
    store.write(&[], &[]).unwrap();
    assert_eq!(rows_of(store), []);
}

fn documents_are_compared_and_set(store: &dyn Store) {
    let (kind, id) = (DocumentKind::Account, "zhao");
    let outdated = |change: DocumentChange| {
        let err = store.write(&[change], &[draft("qian", "account.change", 1)]).unwrap_err();
        assert!(matches!(&err, StoreError::Outdated { kind: "account", id: told } if told == id), "{err}");
    };
    store.write(&[DocumentChange::new(kind, id, "{}".to_owned())], &[]).unwrap();
    let first = store.document(kind, id).unwrap().unwrap();
    assert_eq!(first, Document { kind, id: id.to_owned(), revision: 1, body: "{}".to_owned() });
    outdated(DocumentChange::new(kind, id, "{\"b\":1}".to_owned()));
    store.write(&[DocumentChange::of(&first, "{\"a\":\"区\"}".to_owned())], &[]).unwrap();
    outdated(DocumentChange::of(&first, "{\"b\":2}".to_owned()));
    outdated(DocumentChange::removal(&first));
    let second = store.document(kind, id).unwrap().unwrap();
    assert_eq!((second.revision, second.body.as_str()), (2, "{\"a\":\"区\"}"));
    // Of another kind, the same name is another document.
    assert_eq!(store.document(DocumentKind::Token, id).unwrap(), None);
    store.write(&[DocumentChange::removal(&second)], &[]).unwrap();
    assert_eq!(store.document(kind, id).unwrap(), None);
    outdated(DocumentChange::removal(&second));
    outdated(DocumentChange::of(&second, "{}".to_owned()));
    assert_eq!(told(store, 0), [], "what was refused left nothing in the log");
}

fn what_is_written_is_written_as_a_whole(store: &dyn Store) {
    let new = |kind, id| DocumentChange::new(kind, id, format!("{{\"id\":\"{id}\"}}"));
    let changes = [
        new(DocumentKind::Account, "zhao"),
        new(DocumentKind::Account, "qian"),
        new(DocumentKind::Session, "s1"),
        new(DocumentKind::Setting, "key"),
    ];
    store.write(&changes, &[draft("cli", "account.add", 2), draft("zhao", "session.start", 3)]).unwrap();
    let ids = |kind| store.documents(kind).unwrap().into_iter().map(|document| document.id).collect::<Vec<_>>();
    assert_eq!(ids(DocumentKind::Account), ["qian", "zhao"]);
    // The last one is refused, so nothing of all is written.
    let changes =
        [new(DocumentKind::Account, "sun"), new(DocumentKind::Token, "t1"), new(DocumentKind::Setting, "key")];
    let err = store.write(&changes, &[draft("cli", "account.add", 4)]).unwrap_err();
    assert!(matches!(&err, StoreError::Outdated { kind: "setting", .. }), "{err}");
    assert_eq!((ids(DocumentKind::Account), ids(DocumentKind::Token)), (vec!["qian".into(), "zhao".into()], vec![]));
    assert_eq!(told(store, 0).len(), 2);
    // A document may be written twice at once, each time on what came before.
    let twice = [
        new(DocumentKind::Report, "R-2023-000001"),
        DocumentChange { seen: Some(1), body: Some("{}".to_owned()), ..new(DocumentKind::Report, "R-2023-000001") },
    ];
    store.write(&twice, &[]).unwrap();
    assert_eq!(store.document(DocumentKind::Report, "R-2023-000001").unwrap().unwrap().revision, 2);
}

fn the_log_is_a_chain_and_is_asked_in_both_directions(store: &dyn Store) {
    let drafts: Vec<AuditDraft> = (10..20)
        .map(|second| {
            let who = if second % 2 == 0 { "zhao" } else { "qian" };
            let action = if second % 5 == 0 { "session.start" } else { "area.change" };
            AuditDraft { object: Some(format!("area/{}", second % 3)), ..draft(who, action, second) }
        })
        .collect();
    store.write(&[], &drafts).unwrap();
    let seqs = |query: &AuditQuery| -> Vec<u64> {
        store.audit_entries(query).unwrap().into_iter().map(|entry| entry.seq).collect()
    };
    let newest = AuditQuery::of(AuditFrom::Newest, 1000);
    assert_eq!(seqs(&newest), (1..=12).rev().collect::<Vec<_>>());
    assert_eq!(seqs(&AuditQuery::of(AuditFrom::Before(5), 2)), [4, 3]);
    assert_eq!(seqs(&AuditQuery::of(AuditFrom::After(9), 2)), [10, 11]);
    assert_eq!(seqs(&AuditQuery::of(AuditFrom::Newest, 0)), [0; 0]);
    let asked = |ask: fn(&mut AuditQuery)| {
        let mut query = newest.clone();
        ask(&mut query);
        seqs(&query)
    };
    assert_eq!(asked(|query| query.who = Some("zhao".into())), [11, 9, 7, 5, 3, 2]);
    assert_eq!(asked(|query| query.object = Some("area/0".into())), [11, 8, 5]);
    assert_eq!(asked(|query| query.object = Some("area/".into())), [0; 0]);
    assert_eq!(asked(|query| query.action = Some("session.start".into())), [8, 3, 2]);
    assert_eq!(asked(|query| query.action = Some("session.".into())), [8, 3, 2]);
    assert_eq!(asked(|query| query.action = Some("session".into())), [0; 0]);
    let at = |second: u32| -> Timestamp { format!("2023-05-01T01:02:{second:02}.457Z").parse().unwrap() };
    let span = AuditQuery { since: Some(at(11)), until: Some(at(14)), ..newest.clone() };
    assert_eq!(seqs(&span), [6, 5, 4], "from the first millisecond on and not to the last");
    let both = AuditQuery { who: Some("zhao".into()), object: Some("area/0".into()), ..newest.clone() };
    assert_eq!(seqs(&both), [11, 5]);

    let entries = store.audit_entries(&AuditQuery::of(AuditFrom::After(0), 1000)).unwrap();
    assert_eq!(entries[0].previous, NOTHING_BEFORE);
    assert!(entries.windows(2).all(|pair| pair[1].previous == pair[0].hash));
    assert!(entries.iter().all(|entry| entry.computed() == entry.hash));
    assert_eq!(entries[0].told, AuditDraft { at: at(2), ..draft("cli", "account.add", 2) });
    assert_eq!(store.audit_head().unwrap(), Some(entries[11].head()));
    assert_eq!(store.verify_audit(Some(entries[4].head())).unwrap(), None);
}

fn a_record_takes_its_part_of_the_log_along_or_leaves_none(store: &dyn Store) {
    let before = told(store, 0).len();
    let audit = vec![draft("zhao", "area.change", 30), draft("zhao", "area.change", 31)];
    let bad = Entry { audit: audit.clone(), basis: Some(Revision(7)), ..Entry::from(&change_set()) };
    assert!(matches!(store.commit(&new_record(), &bad), Err(StoreError::Refused(_))));
    assert_eq!(told(store, 0).len(), before);
    let first = Entry { audit: audit.clone(), ..Entry::from(&change_set()) };
    assert_eq!(store.commit(&new_record(), &first).unwrap(), Revision(1));
    let (record, second) = renamed(2);
    let record = NewRecord { request: Some("again".to_owned()), ..record };
    let second = Entry { audit: audit[..1].to_vec(), ..second };
    assert_eq!(store.commit(&record, &second).unwrap(), Revision(2));
    // A request that was answered before is answered again, and nothing more happened.
    assert_eq!(store.commit(&record, &second).unwrap(), Revision(2));
    let records: Vec<Option<Revision>> =
        told(store, 0).split_off(before).into_iter().map(|(_, _, record)| record).collect();
    assert_eq!(records, [1, 1, 2].map(|record| Some(Revision(record))));
}

fn deliveries_and_exceptions_take_theirs_along(store: &dyn Store) {
    let before = told(store, 0).len();
    let (new, bytes) = delivery(b"first");
    let received = [draft("zhao", "delivery.receive", 40)];
    let Receipt::New(id) = store.receive(&new, &[&bytes], &received).unwrap() else { panic!("it is new") };
    assert_eq!(store.receive(&new, &[&bytes], &received).unwrap(), Receipt::Known(id));
    store.note_check(id, "{}", "{}", &[draft("zhao", "delivery.check", 41)]).unwrap();
    let missing = crate::model::DeliveryId(9);
    store.note_check(missing, "{}", "{}", &[draft("zhao", "delivery.check", 42)]).unwrap_err();
    let columns = AuditDraft { object: Some(format!("delivery/{id}")), ..draft("zhao", "delivery.columns", 42) };
    store.remember_columns(&remembered(["甲", "h", "{}"]), &[columns]).unwrap();
    let exception = NewException {
        issue: "overlap".to_owned(),
        subject: "DEMO-DS-0001".to_owned(),
        other: None,
        fingerprint: "0f".to_owned(),
        reason: "批复如此".to_owned(),
        owner: "钱".to_owned(),
        expires_on: jiff::civil::date(2024, 1, 1),
        recorded_at: received[0].at,
        recorded_by: "zhao".to_owned(),
    };
    let id = store.record_exception(&exception, &[draft("zhao", "exception.grant", 43)]).unwrap();
    assert_eq!(id, ExceptionId(1));
    let withdraw = [draft("zhao", "exception.withdraw", 44)];
    assert!(store.withdraw_exception(id, received[0].at, &withdraw).unwrap());
    assert!(!store.withdraw_exception(id, received[0].at, &withdraw).unwrap());
    let objects: Vec<(String, Option<String>)> =
        told(store, 0).split_off(before).into_iter().map(|(action, object, _)| (action, object)).collect();
    let expected = [
        ("delivery.receive", "delivery/1"),
        ("delivery.check", "delivery/1"),
        ("delivery.columns", "delivery/1"),
        ("exception.grant", "exception/1"),
        ("exception.withdraw", "exception/1"),
    ];
    assert_eq!(objects, expected.map(|(action, object)| (action.to_owned(), Some(object.to_owned()))));
}

fn a_log_that_goes_another_way_than_is_known_is_found(store: &dyn Store) {
    let head = store.audit_head().unwrap().unwrap();
    let other = AuditHead { hash: Digest([7; 32]), ..head };
    let fault = AuditFault { seq: head.seq, what: AuditBreak::OtherHead };
    assert_eq!(store.verify_audit(Some(other)).unwrap(), Some(fault));
    let longer = AuditHead { seq: head.seq + 3, ..head };
    let fault = AuditFault { seq: head.seq + 1, what: AuditBreak::Missing };
    assert_eq!(store.verify_audit(Some(longer)).unwrap(), Some(fault));
}

/// A copy has everything but who is signed in, and its log goes on where the other one ended.
pub(crate) fn a_copy_has_all_but_sessions(store: &dyn Store, copy: &dyn Store) {
    assert!(!store.documents(DocumentKind::Session).unwrap().is_empty());
    let rows = rows_of(store);
    assert!(rows.iter().all(|row| !matches!(row, Row::Document(document) if document.kind == DocumentKind::Session)));
    copy.import(&mut rows.iter().cloned().map(Ok)).unwrap();
    assert!(rows_of(copy) == rows);
    assert_eq!(copy.check().unwrap(), [""; 0]);
    assert_eq!(copy.audit_head().unwrap(), store.audit_head().unwrap());
    let account = copy.document(DocumentKind::Account, "zhao").unwrap();
    assert!(account.is_some() && account == store.document(DocumentKind::Account, "zhao").unwrap());
    copy.write(&[], &[draft("cli", "store.copy", 50)]).unwrap();
    assert_eq!(copy.verify_audit(store.audit_head().unwrap()).unwrap(), None);
    let again = copy.import(&mut rows.into_iter().map(Ok)).unwrap_err();
    assert!(matches!(again, StoreError::NotEmpty { .. }));
}

/// Nothing is taken in where there is an account, or a log, but no record.
pub(crate) fn an_account_is_not_written_over(store: &dyn Store) {
    store.write(&[DocumentChange::new(DocumentKind::Account, "zhao", "{}".to_owned())], &[]).unwrap();
    let err = store.import(&mut std::iter::empty()).unwrap_err();
    assert!(matches!(err, StoreError::NotEmpty { latest: Revision(0), .. }), "{err}");
}

/// Of writers who saw the same, one is the first and the others are told.
pub(crate) fn one_of_many_writers_wins(stores: &[&dyn Store]) {
    let (kind, id) = (DocumentKind::Account, "zhao");
    stores[0].write(&[DocumentChange::new(kind, id, "{}".to_owned())], &[]).unwrap();
    let seen = stores[0].document(kind, id).unwrap().unwrap();
    let winners: Vec<bool> = std::thread::scope(|scope| {
        let write = |number: usize| {
            let (store, change) =
                (stores[number % stores.len()], DocumentChange::of(&seen, format!("{{\"n\":{number}}}")));
            scope.spawn(move || match store.write(&[change], &[draft("zhao", "account.change", 1)]) {
                Ok(()) => true,
                Err(StoreError::Outdated { .. }) => false,
                Err(err) => panic!("{err}"),
            })
        };
        let writers: Vec<_> = (0..8).map(write).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(winners.iter().filter(|won| **won).count(), 1);
    let number = winners.iter().position(|won| *won).unwrap();
    let document = stores[0].document(kind, id).unwrap().unwrap();
    assert_eq!((document.revision, document.body), (2, format!("{{\"n\":{number}}}")));
    assert_eq!(told(stores[0], 0).len(), 1, "only what was written is in the log");
}

/// Ways in which somebody with the database in their hands might change the log, and the entry at which that shows. The log
/// has six entries; `text` makes a blob of a text of hexadecimal digits.
pub(crate) fn tamperings(text: impl Fn(&str) -> String) -> Vec<(String, u64)> {
    let hash = text(&"ab".repeat(32));
    let mut ways: Vec<(String, u64)> = ["who", "role", "action", "object", "before", "after", "address_hash"]
        .into_iter()
        .map(|column| (format!("UPDATE audit SET {column} = 'x' WHERE seq = 3"), 3))
        .collect();
    ways.extend([
        ("UPDATE audit SET at = '2023-05-01T01:02:03.999Z' WHERE seq = 3".to_owned(), 3),
        ("UPDATE audit SET object = NULL WHERE seq = 3".to_owned(), 3),
        ("UPDATE audit SET record = 1 WHERE seq = 3".to_owned(), 3),
        (format!("UPDATE audit SET hash = {hash} WHERE seq = 3"), 3),
        (format!("UPDATE audit SET previous_hash = {hash} WHERE seq = 3"), 3),
        ("UPDATE audit SET seq = 70 WHERE seq = 3".to_owned(), 3),
        ("DELETE FROM audit WHERE seq = 1".to_owned(), 1),
        ("DELETE FROM audit WHERE seq = 3".to_owned(), 3),
        ("DELETE FROM audit WHERE seq = 6".to_owned(), 6),
        ("DELETE FROM audit WHERE seq > 2".to_owned(), 3),
        ("DELETE FROM audit".to_owned(), 1),
        (
            "UPDATE audit SET seq = 99 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4;
          UPDATE audit SET seq = 4 WHERE seq = 99"
                .to_owned(),
            3,
        ),
        ("UPDATE audit_head SET seq = 5".to_owned(), 6),
        (format!("UPDATE audit_head SET hash = {hash}"), 6),
        ("DELETE FROM audit_head".to_owned(), 1),
        (
            "INSERT INTO audit SELECT 7, at, who, role, action, object, before, after, record, address_hash, hash, hash
          FROM audit WHERE seq = 6"
                .to_owned(),
            7,
        ),
    ]);
    ways
}

/// Six entries, the last two of them of a record.
pub(crate) fn six_entries(store: &dyn Store) {
    let object = |second| AuditDraft { object: Some("area/甲".to_owned()), ..draft("zhao", "area.change", second) };
    store.write(&[], &(1..=4).map(object).collect::<Vec<_>>()).unwrap();
    let entry = Entry { audit: vec![object(5), object(6)], ..Entry::from(&change_set()) };
    store.commit(&new_record(), &entry).unwrap();
    assert_eq!(store.audit_head().unwrap().map(|head| head.seq), Some(6));
}
