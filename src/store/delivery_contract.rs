//! What every store must do with deliveries, whatever it keeps the register in.

use jiff::Timestamp;
use jiff::civil::date;

use crate::history::{AreaFact, Entry, Fact, Key, Kind, NewRecord, Put, Refusal, undo};
use crate::model::{
    AreaCode, DeliveredFile, DeliveryId, DeliveryState, ExceptionId, NewDelivery, NewException, Origin, Revision,
    StreetCode, TracedRow, UnlocatedRow, Validity,
};
use crate::store::contract::{change_set, new_record};
use crate::store::likeness::rows_of;
use crate::store::memory::Memory;
use crate::store::{
    CHUNK_BYTES, DeliveryStore as _, Question, Receipt, Row, SenderColumns, Store, StoreError, digest_of_delivery,
    digest_of_file,
};

fn at() -> Timestamp {
    "2023-05-01T01:02:03.456789Z".parse().unwrap()
}

fn to_millisecond() -> Timestamp {
    "2023-05-01T01:02:03.457Z".parse().unwrap()
}

/// A delivery of these files.
pub(crate) fn delivery_of(files: &[(&str, &[u8])]) -> NewDelivery {
    let file = |(name, bytes): &(&str, &[u8])| DeliveredFile {
        name: (*name).to_owned(),
        size: bytes.len() as u64,
        digest: digest_of_file(bytes),
    };
    let files: Vec<DeliveredFile> = files.iter().map(file).collect();
    NewDelivery {
        sender: "麦子店街道".to_owned(),
        digest: digest_of_delivery(&files),
        files,
        received_at: at(),
        received_by: "test".to_owned(),
        note: "五月".to_owned(),
    }
}

/// A delivery of one file that is made of a few bytes.
pub(crate) fn delivery(bytes: &[u8]) -> (NewDelivery, Vec<u8>) {
    (delivery_of(&[("areas.csv", bytes)]), bytes.to_vec())
}

/// A row that tells of an area.
pub(crate) fn traced(area: &AreaCode, row: usize) -> TracedRow {
    TracedRow { area: area.clone(), file: "areas.csv".to_owned(), item: format!("row {row}") }
}

/// A row without an area.
pub(crate) fn unlocated(name: &str, row: usize) -> UnlocatedRow {
    UnlocatedRow {
        file: "areas.csv".to_owned(),
        item: format!("row {row}"),
        name: name.to_owned(),
        street: row.is_multiple_of(2).then(|| StreetCode::parse("110105017").unwrap()),
        foreign_code: row.is_multiple_of(3).then(|| format!("F{row}")),
    }
}

/// What the columns of a sender's files, by their heads, are remembered as.
pub(crate) fn remembered(texts: [&str; 3]) -> SenderColumns {
    let [sender, heads, columns] = texts.map(str::to_owned);
    SenderColumns { sender, heads, columns, at: at() }
}

/// What publishes a delivery with these traces alone.
pub(crate) fn publishes(delivery: u32, rows: Vec<TracedRow>) -> Origin {
    Origin::Publishes { delivery: DeliveryId(delivery), rows, unlocated: Vec::new(), summary: None }
}

/// Bytes that fill more than two rows, each of them different.
fn long() -> Vec<u8> {
    (0..CHUNK_BYTES * 5 / 2).map(|at| (at * 31 / 7 + at / 65_536) as u8).collect()
}

pub(crate) fn nothing_was_received_yet(store: &dyn Store) {
    let first = DeliveryId(1);
    assert_eq!(store.deliveries().unwrap(), []);
    assert_eq!(store.delivery(first).unwrap(), None);
    assert_eq!(store.contents(first).unwrap(), []);
    assert!(matches!(store.note_check(first, "{}", "{}", &[]), Err(StoreError::NoSuchDelivery(id)) if id == first));
    assert_eq!(store.traces_of_record(Revision(1)).unwrap(), []);
    assert_eq!(store.unlocated().unwrap(), []);
    assert_eq!(store.traces_of_record(Revision(u64::MAX)).unwrap(), []);
    assert_eq!(store.keys_touched_by(Revision(u64::MAX)).unwrap(), []);
    assert_eq!(store.exceptions().unwrap(), []);
    assert!(!store.withdraw_exception(ExceptionId(1), at(), &[]).unwrap());
    assert_eq!(rows_of(store), []);
}

/// Runs the contract on a store in which nothing was ever entered or received.
pub(crate) fn delivery_contract(store: &dyn Store) {
    nothing_was_received_yet(store);
    what_is_received_is_kept_byte_for_byte(store);
    what_is_not_what_it_is_said_to_be_is_not_received(store);
    store.commit(&new_record(), &Entry::from(&change_set())).unwrap();
    an_entry_publishes_with_its_traces_or_not_at_all(store);
    what_was_taken_back_may_be_published_again(store);
    rows_without_an_area_are_known_as_long_as_their_record_stands(store);
    what_is_in_the_register_stays_described_as_it_was_published(store);
    the_last_columns_of_a_sender_count(store);
    an_exception_is_withdrawn_once(store);
    assert_eq!(store.check().unwrap(), [""; 0]);
    everything_goes_to_another_store_and_back(store);
}

fn what_is_received_is_kept_byte_for_byte(store: &dyn Store) {
    let long = long();
    let files: [(&str, &[u8]); 4] =
        [("小区.zip", &long), ("empty", b""), ("小区.zip", b"\0\xff"), ("one", &long[..CHUNK_BYTES])];
    let contents: Vec<&[u8]> = files.iter().map(|(_, bytes)| *bytes).collect();
    let new = delivery_of(&files);
    assert_eq!(store.receive(&new, &contents, &[]).unwrap(), Receipt::New(DeliveryId(1)));
    let kept = store.contents(DeliveryId(1)).unwrap();
    assert_eq!(kept.iter().map(|(file, _)| file.clone()).collect::<Vec<_>>(), new.files);
    assert!(kept.iter().zip(&contents).all(|((_, kept), bytes)| kept == bytes));
    let told = store.delivery(DeliveryId(1)).unwrap().unwrap();
    assert_eq!(told.received, NewDelivery { received_at: to_millisecond(), ..new.clone() });
    assert_eq!((told.state, told.settings, told.summary), (DeliveryState::Received, None, None));

    // The same files in another order and under other names are the same delivery.
    let again: Vec<(&str, &[u8])> = files.iter().rev().map(|(_, bytes)| ("other", *bytes)).collect();
    let contents: Vec<&[u8]> = again.iter().map(|(_, bytes)| *bytes).collect();
    let receipt = store.receive(&delivery_of(&again), &contents, &[]).unwrap();
    assert_eq!(receipt, Receipt::Known(DeliveryId(1)));
    let (second, bytes) = delivery(b"second");
    assert_eq!(store.receive(&second, &[&bytes], &[]).unwrap(), Receipt::New(DeliveryId(2)));
    let numbers: Vec<u32> = store.deliveries().unwrap().iter().map(|delivery| delivery.id.0).collect();
    assert_eq!(numbers, [2, 1]);

    store.note_check(DeliveryId(2), "{\"columns\":1}", "{\"rows\":1}", &[]).unwrap();
    store.note_check(DeliveryId(2), "{\"columns\":2}", "{\"rows\":2}", &[]).unwrap();
    let told = store.delivery(DeliveryId(2)).unwrap().unwrap();
    assert_eq!((told.settings.as_deref(), told.summary.as_deref()), (Some("{\"columns\":2}"), Some("{\"rows\":2}")));
    // None of this is a record.
    assert_eq!(store.revision().unwrap(), None);
    assert!(matches!(store.load(Question::default()), Err(StoreError::Empty)));
}

fn what_is_not_what_it_is_said_to_be_is_not_received(store: &dyn Store) {
    let (new, _) = delivery(b"third");
    for contents in [vec![b"other".as_slice()], vec![b"thirds"], vec![], vec![b"third", b"third"]] {
        assert!(matches!(store.receive(&new, &contents, &[]), Err(StoreError::OtherBytes { .. })));
    }
    assert_eq!(store.deliveries().unwrap().len(), 2);
}

fn renaming(name: &str) -> Entry {
    let draft = &change_set().areas[0];
    let fact = Fact::Area(AreaFact { name: name.to_owned(), ..AreaFact::from(draft) });
    Entry { puts: vec![Put::Set { fact, valid: Validity::since(date(2023, 1, 1)) }], ..Entry::default() }
}

fn publishing(name: &str, rows: Vec<TracedRow>) -> Entry {
    Entry { origin: Some(publishes(2, rows)), ..renaming(name) }
}

fn undoing(delivery: u32) -> Entry {
    Entry { origin: Some(Origin::Undoes { delivery: DeliveryId(delivery) }), ..renaming("旧") }
}

fn refusal(store: &dyn Store, entry: &Entry) -> Refusal {
    match store.commit(&new_record(), entry) {
        Err(StoreError::Refused(refusal)) => refusal,
        other => panic!("{other:?} instead of a refusal"),
    }
}

fn an_entry_publishes_with_its_traces_or_not_at_all(store: &dyn Store) {
    let areas: Vec<AreaCode> = change_set().areas.iter().map(|area| area.code.clone()).collect();
    let (received, delivery) = (DeliveryState::Received, DeliveryId(2));
    let before = rows_of(store);
    let origin = Some(publishes(9, Vec::new()));
    assert_eq!(refusal(store, &Entry { origin, ..renaming("甲") }), Refusal::NoSuchDelivery(DeliveryId(9)));
    assert_eq!(refusal(store, &undoing(2)), Refusal::NotPublished { delivery, state: received });
    let unknown = AreaCode::parse("DEMO-NN-0099").unwrap();
    let stray = publishing("甲", vec![traced(&areas[0], 1), traced(&unknown, 2)]);
    assert_eq!(refusal(store, &stray), Refusal::NoSuchThing(Key::new(Kind::Area, unknown.as_str())));
    // What fails for another reason leaves the delivery as it was.
    let mut taken = publishing("甲", vec![traced(&areas[0], 1)]);
    taken.puts.push(Put::New { fact: taken.puts[0].fact().unwrap().clone(), valid: Validity::default() });
    assert!(matches!(refusal(store, &taken), Refusal::CodeExists(_)));
    assert!(rows_of(store) == before);

    let rows = vec![traced(&areas[1], 7), traced(&areas[0], 9), traced(&areas[1], 3)];
    let record = NewRecord { request: Some("publish".to_owned()), ..new_record() };
    let revision = store.commit(&record, &publishing("甲", rows.clone())).unwrap();
    assert_eq!(store.commit(&record, &publishing("甲", rows)).unwrap(), revision);
    let state = DeliveryState::Published { revision };
    assert_eq!(store.delivery(delivery).unwrap().unwrap().state, state);
    let items = |area: &AreaCode| {
        let traces = store.traces_of_area(area).unwrap();
        assert!(traces.iter().all(|trace| trace.delivery == delivery && trace.area == *area));
        traces.into_iter().map(|trace| (trace.revision.0 - revision.0, trace.item)).collect::<Vec<_>>()
    };
    assert_eq!(items(&areas[0]), [(0, "row 9".to_owned())]);
    assert_eq!(items(&areas[1]), [(0, "row 7".to_owned()), (0, "row 3".to_owned())]);
    let of_record: Vec<String> =
        store.traces_of_record(revision).unwrap().into_iter().map(|trace| trace.item).collect();
    assert_eq!(of_record, ["row 9", "row 7", "row 3"]);
    assert_eq!(refusal(store, &publishing("乙", Vec::new())), Refusal::NotPublishable { delivery, state });
    assert_eq!(store.revision().unwrap(), Some(revision));
}

fn what_was_taken_back_may_be_published_again(store: &dyn Store) {
    let delivery = DeliveryId(2);
    let published = store.revision().unwrap().unwrap();
    let by = store.commit(&new_record(), &undoing(2)).unwrap();
    let state = DeliveryState::Undone { revision: published, by };
    assert_eq!(store.delivery(delivery).unwrap().unwrap().state, state);
    assert_eq!(refusal(store, &undoing(2)), Refusal::NotPublished { delivery, state });
    let area = change_set().areas[0].code.clone();
    let revision = store.commit(&new_record(), &publishing("丙", vec![traced(&area, 9)])).unwrap();
    assert_eq!(store.delivery(delivery).unwrap().unwrap().state, DeliveryState::Published { revision });
    let told: Vec<Revision> = store.traces_of_area(&area).unwrap().iter().map(|trace| trace.revision).collect();
    assert_eq!(told, [published, revision]);
    assert_eq!(store.delivery(DeliveryId(1)).unwrap().unwrap().state, DeliveryState::Received);
}

/// Publishes the third delivery with these rows and this summary.
fn publishing_rows(rows: &[(&str, usize)], summary: &str) -> Entry {
    let unlocated = rows.iter().map(|(name, row)| unlocated(name, *row)).collect();
    let summary = Some(summary.to_owned());
    let origin = Origin::Publishes { delivery: DeliveryId(3), rows: Vec::new(), unlocated, summary };
    Entry { origin: Some(origin), ..Entry::default() }
}

fn rows_without_an_area_are_known_as_long_as_their_record_stands(store: &dyn Store) {
    let (third, bytes) = delivery(b"third");
    assert_eq!(store.receive(&third, &[&bytes], &[]).unwrap(), Receipt::New(DeliveryId(3)));
    store.note_check(DeliveryId(3), "{}", "{\"rows\":1}", &[]).unwrap();
    let told = |store: &dyn Store| {
        let rows = store.unlocated().unwrap().into_iter();
        rows.map(|kept| (kept.delivery.0, kept.row, kept.recorded.from, kept.recorded.until)).collect::<Vec<_>>()
    };
    // What is refused leaves nothing, neither rows nor a summary.
    let before = rows_of(store);
    let late = Entry { basis: Some(Revision(1)), ..publishing_rows(&[("甲", 2)], "{\"rows\":9}") };
    assert!(matches!(refusal(store, &late), Refusal::Moved { .. }));
    assert!(rows_of(store) == before);

    let record = NewRecord { request: Some("rows".to_owned()), ..new_record() };
    let entry = publishing_rows(&[("甲", 2), ("乙", 3)], "{\"rows\":2}");
    let first = store.commit(&record, &entry).unwrap();
    assert_eq!(store.commit(&record, &entry).unwrap(), first);
    let open = [(3, unlocated("甲", 2), first, None), (3, unlocated("乙", 3), first, None)];
    assert_eq!(told(store), open);
    assert_eq!(store.delivery(DeliveryId(3)).unwrap().unwrap().summary.as_deref(), Some("{\"rows\":2}"));

    let by = store.commit(&new_record(), &undoing(3)).unwrap();
    store.note_check(DeliveryId(3), "{}", "{\"rows\":3}", &[]).unwrap();
    let again = store.commit(&new_record(), &publishing_rows(&[("丙", 4)], "{\"rows\":4}")).unwrap();
    let ended = open.map(|(delivery, row, from, _)| (delivery, row, from, Some(by)));
    assert_eq!(told(store), [ended.as_slice(), &[(3, unlocated("丙", 4), again, None)]].concat());
    assert_eq!(store.check().unwrap(), [""; 0]);
}

fn what_is_in_the_register_stays_described_as_it_was_published(store: &dyn Store) {
    let told = || {
        let delivery = store.delivery(DeliveryId(3)).unwrap().unwrap();
        (delivery.settings, delivery.summary)
    };
    let published = (Some("{}".to_owned()), Some("{\"rows\":4}".to_owned()));
    assert_eq!(told(), published);
    store.note_check(DeliveryId(3), "{\"columns\":5}", "{\"rows\":5}", &[]).unwrap();
    assert_eq!(told(), published);
}

fn the_last_columns_of_a_sender_count(store: &dyn Store) {
    assert_eq!(store.remembered_columns("甲", "h1").unwrap(), None);
    for (sender, heads, columns) in [("甲", "h1", "1"), ("甲", "h2", "2"), ("乙", "h1", "3"), ("甲", "h1", "4")] {
        store.remember_columns(&remembered([sender, heads, columns]), &[]).unwrap();
    }
    let told = |sender, heads| store.remembered_columns(sender, heads).unwrap();
    assert_eq!([told("甲", "h1"), told("甲", "h2"), told("乙", "h1")], ["4", "2", "3"].map(|n| Some(n.to_owned())));
    assert_eq!(told("乙", "h2"), None);
}

fn an_exception_is_withdrawn_once(store: &dyn Store) {
    let revision = store.revision().unwrap();
    let new = |other: Option<&str>| NewException {
        issue: "overlap".to_owned(),
        subject: "DEMO-DS-0001".to_owned(),
        other: other.map(str::to_owned),
        fingerprint: "0f".to_owned(),
        reason: "批复如此".to_owned(),
        owner: "区房管局".to_owned(),
        expires_on: date(2024, 6, 1),
        recorded_at: at(),
        recorded_by: "test".to_owned(),
    };
    assert_eq!(store.record_exception(&new(Some("DEMO-DS-0002")), &[]).unwrap(), ExceptionId(1));
    assert_eq!(store.record_exception(&new(None), &[]).unwrap(), ExceptionId(2));
    assert!(store.withdraw_exception(ExceptionId(1), at(), &[]).unwrap());
    assert!(!store.withdraw_exception(ExceptionId(1), at(), &[]).unwrap());
    assert!(!store.withdraw_exception(ExceptionId(3), at(), &[]).unwrap());
    let told = store.exceptions().unwrap();
    let withdrawn: Vec<_> = told.iter().map(|exception| (exception.id.0, exception.withdrawn_at)).collect();
    assert_eq!(withdrawn, [(1, Some(to_millisecond())), (2, None)]);
    assert_eq!(told[1].recorded, NewException { recorded_at: to_millisecond(), ..new(None) });
    assert_eq!(store.revision().unwrap(), revision);
}

fn everything_goes_to_another_store_and_back(store: &dyn Store) {
    let rows = rows_of(store);
    let longest = rows.iter().filter_map(|row| match row {
        Row::Chunk(chunk) => Some(chunk.bytes.len()),
        _ => None,
    });
    assert_eq!(longest.max(), Some(CHUNK_BYTES));
    let copy = Memory::new();
    copy.import(&mut rows.iter().cloned().map(Ok)).unwrap();
    assert!(rows_of(&copy) == rows);
    assert_eq!(copy.contents(DeliveryId(1)).unwrap(), store.contents(DeliveryId(1)).unwrap());
    let again = store.import(&mut rows.into_iter().map(Ok));
    assert!(matches!(again, Err(StoreError::NotEmpty { .. })));
}

/// Takes everything of a store over into an empty one of the same kind.
pub(crate) fn a_copy_holds_the_same(store: &dyn Store, copy: &dyn Store) {
    let rows = rows_of(store);
    let latest = copy.import(&mut rows.iter().cloned().map(Ok)).unwrap();
    assert_eq!(latest, store.revision().unwrap());
    assert!(rows_of(copy) == rows);
    assert_eq!(copy.check().unwrap(), [""; 0]);
    // It goes on where the other ended.
    let (next, bytes) = delivery(b"next");
    let last = store.deliveries().unwrap()[0].id;
    assert_eq!(copy.receive(&next, &[&bytes], &[]).unwrap(), Receipt::New(DeliveryId(last.0 + 1)));
    let state = store.delivery(DeliveryId(2)).unwrap().unwrap().state;
    let refused = Refusal::NotPublishable { delivery: DeliveryId(2), state };
    assert_eq!(refusal(copy, &publishing("丁", Vec::new())), refused);
}

/// A store that holds deliveries only is not empty.
pub(crate) fn what_was_received_is_not_written_over(store: &dyn Store) {
    let (new, bytes) = delivery(b"only");
    store.receive(&new, &[&bytes], &[]).unwrap();
    let err = store.import(&mut rows_of(&Memory::new()).into_iter().map(Ok)).unwrap_err();
    assert!(matches!(err, StoreError::NotEmpty { latest: Revision(0), .. }), "{err}");
    assert_eq!(store.deliveries().unwrap().len(), 1);
}

/// Everybody hands in the same at once: one is told that it is new, all are told the same number.
pub(crate) fn the_same_delivery_is_received_once(stores: &[&dyn Store]) {
    let (new, bytes) = delivery(b"at once");
    let receipts: Vec<Receipt> = std::thread::scope(|scope| {
        let receive = |store: &&dyn Store| store.receive(&new, &[&bytes], &[]).unwrap();
        let threads: Vec<_> = stores.iter().cycle().take(8).map(|store| scope.spawn(move || receive(store))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let news: Vec<&Receipt> = receipts.iter().filter(|receipt| matches!(receipt, Receipt::New(_))).collect();
    let [Receipt::New(id)] = news[..] else { panic!("{receipts:?}") };
    assert!(receipts.iter().all(|receipt| *receipt == Receipt::New(*id) || *receipt == Receipt::Known(*id)));
    assert_eq!(stores[0].deliveries().unwrap().len(), 1);
}

pub(crate) fn what_a_record_said_is_taken_back(store: &dyn Store) {
    let before = store.load(Question::default()).unwrap();
    let revision = store.commit(&NewRecord { dated: before.as_of.day, ..new_record() }, &renaming("错")).unwrap();
    let key = Key::new(Kind::Area, change_set().areas[0].code.as_str());
    assert_eq!(store.keys_touched_by(revision).unwrap(), std::slice::from_ref(&key));
    let entry = undo(revision, &[(key.clone(), store.versions(&key).unwrap())]).unwrap();
    store.commit(&NewRecord { dated: before.as_of.day, ..new_record() }, &entry).unwrap();
    let question = Question { day: Some(date(2023, 6, 1)), known: Some(before.as_of.known) };
    let names = |question| {
        let areas = store.load(question).unwrap().areas.into_iter();
        areas.map(|area| (area.code, area.name)).collect::<Vec<_>>()
    };
    assert_eq!(names(Question { known: None, ..question }), names(question));
    assert_ne!(names(Question { known: Some(revision), ..question }), names(question));
}
