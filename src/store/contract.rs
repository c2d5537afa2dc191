//! What every store must do, whatever it keeps the register in.

use jiff::civil::date;

use crate::history::{Entry, Fact, Key, Kind, NewRecord, Put, Refusal};
use crate::ingest::{ChangeSet, Sources, check_exchange};
use crate::model::{Area, AreaId, ContractKind, ManagerId, RecordId, RecordKind, Revision, Validity};
use crate::store::delivery_contract::{nothing_was_received_yet, what_a_record_said_is_taken_back};
use crate::store::{Question, Store, StoreError};

/// The change set of the fixtures.
pub(crate) fn change_set() -> ChangeSet {
    let checked = check_exchange(&Sources {
        district: include_bytes!("../../tests/fixtures/exchange/district.geojson"),
        streets: include_bytes!("../../tests/fixtures/exchange/streets.geojson"),
        areas: include_bytes!("../../tests/fixtures/exchange/areas.geojson"),
        managers: include_bytes!("../../tests/fixtures/exchange/ledger/managers.csv"),
        committees: include_bytes!("../../tests/fixtures/exchange/ledger/committees.csv"),
        communities: include_bytes!("../../tests/fixtures/exchange/ledger/communities.csv"),
        figures: include_bytes!("../../tests/fixtures/exchange/ledger/figures.csv"),
    });
    assert_eq!(checked.faults, []);
    checked.changes
}

/// A record to enter them under.
pub(crate) fn new_record() -> NewRecord {
    NewRecord {
        kind: RecordKind::SurveyRound,
        document: "试文1号".to_owned(),
        authority: "试验区".to_owned(),
        dated: date(2022, 10, 27),
        author: "test".to_owned(),
        recorded_at: "2022-10-28T08:00:00.123Z".parse().unwrap(),
        note: String::new(),
        request: None,
    }
}

/// Runs the whole contract on a store in which nothing was ever entered.
pub(crate) fn store_contract(store: &dyn Store) {
    nothing_was_received_yet(store);
    let mut changes = change_set();
    tell_of_contract_and_filing(&mut changes);
    let changes = changes;
    an_empty_store_has_no_revision(store);
    a_change_set_with_a_fault_leaves_no_trace(store, &changes);
    what_is_entered_is_loaded(store, &changes);
    a_code_is_not_taken_twice(store, &changes);
    what_was_worked_out_on_another_revision_is_refused(store, &changes);
    numbers_go_on_and_references_reach_back(store, &changes);
    what_a_record_said_is_taken_back(store);
}

/// Facts that files of the exchange need not have.
fn tell_of_contract_and_filing(changes: &mut ChangeSet) {
    let area = &mut changes.areas[0];
    area.attributes.contract_kind = Some(ContractKind::EarlyStage);
    area.attributes.contract_filed_on = Some(date(2020, 1, 9));
    let committees = area.committees.iter_mut().flatten();
    committees.for_each(|committee| committee.filing_applied_on = Some(committee.formed_on));
}

fn an_empty_store_has_no_revision(store: &dyn Store) {
    assert_eq!(store.revision().unwrap(), None);
    assert!(matches!(store.load(Question::default()), Err(StoreError::Empty)));
}

fn a_change_set_with_a_fault_leaves_no_trace(store: &dyn Store, changes: &ChangeSet) {
    let mut bad = changes.clone();
    let last = bad.areas.last_mut().unwrap();
    last.manager = Some(crate::model::Uscc::parse("91000000MA0005449H").unwrap());
    let err = store.commit(&new_record(), &Entry::from(&bad)).unwrap_err();
    assert!(
        matches!(&err, StoreError::Refused(Refusal::UnknownReference { key, target })
            if key.code == "DEMO-XS-0001" && *target == Key::new(Kind::Manager, "91000000MA0005449H")),
        "{err}"
    );
    let mut bad = changes.clone();
    bad.areas.last_mut().unwrap().street = crate::model::StreetCode::parse("110105999").unwrap();
    assert!(matches!(
        store.commit(&new_record(), &Entry::from(&bad)),
        Err(StoreError::Refused(Refusal::UnknownReference { .. }))
    ));
    an_empty_store_has_no_revision(store);
}

fn what_is_entered_is_loaded(store: &dyn Store, changes: &ChangeSet) {
    assert_eq!(store.commit(&new_record(), &Entry::from(changes)).unwrap(), Revision(1));
    assert_eq!(store.revision().unwrap(), Some(Revision(1)));
    let register = store.load(Question::default()).unwrap();

    assert_eq!(register.as_of.known, Revision(1));
    let [record] = register.records.as_slice() else { panic!("one record") };
    assert_eq!((record.id, record.recorded_at), (RecordId(1), new_record().recorded_at));
    assert_eq!((&record.document, record.dated), (&new_record().document, new_record().dated));
    assert_eq!(register.district, changes.district);
    assert_eq!(register.streets, changes.streets);
    assert_eq!(register.communities, changes.communities);
    assert_eq!(register.figures, changes.figures);
    for ((manager, draft), id) in register.managers.iter().zip(&changes.managers).zip(1..) {
        assert_eq!((manager.id, &manager.uscc, manager.kind), (ManagerId(id), &draft.uscc, draft.kind));
        assert_eq!((&manager.name, &manager.phone), (&draft.name, &draft.phone));
        assert_eq!((manager.party_organisation, manager.demo), (draft.party_organisation, draft.demo));
    }
    let expected: Vec<Area> = changes
        .areas
        .iter()
        .zip(1..)
        .map(|(draft, id)| Area {
            id: AreaId(id),
            code: draft.code.clone(),
            name: draft.name.clone(),
            other_names: draft.other_names.clone(),
            street: draft.street.clone(),
            community: draft.community.clone(),
            boundary: draft.boundary.clone(),
            site_area_m2: draft.site_area_m2,
            management: draft.management,
            manager: draft
                .manager
                .as_ref()
                .map(|uscc| register.managers.iter().find(|manager| manager.uscc == *uscc).unwrap().id),
            committees: draft.committees.clone(),
            attributes: draft.attributes.clone(),
            validity: draft.validity,
            record: RecordId(1),
            changed: Revision(1),
            demo: draft.demo,
        })
        .collect();
    assert_eq!(register.areas, expected);
}

fn a_code_is_not_taken_twice(store: &dyn Store, changes: &ChangeSet) {
    let before = store.load(Question::default()).unwrap();
    let again = ChangeSet { areas: changes.areas.clone(), ..ChangeSet::default() };
    let err = store.commit(&new_record(), &Entry::from(&again)).unwrap_err();
    let taken = Key::new(Kind::Area, "DEMO-DS-0001");
    assert!(matches!(err, StoreError::Refused(Refusal::CodeExists(key)) if key == taken));
    assert_eq!(store.load(Question::default()).unwrap(), before);
}

fn what_was_worked_out_on_another_revision_is_refused(store: &dyn Store, changes: &ChangeSet) {
    let latest = store.revision().unwrap().unwrap();
    let street = changes.streets[0].clone();
    let set = Put::Set { fact: Fact::Street(street), valid: Validity::default() };
    let on = |basis| Entry { puts: vec![set.clone()], basis: Some(Revision(basis)), ..Entry::default() };
    let asked = NewRecord { request: Some("on a basis".to_owned()), ..new_record() };
    for basis in [latest.0 - 1, latest.0 + 1] {
        let err = store.commit(&asked, &on(basis)).unwrap_err();
        let moved = Refusal::Moved { basis: Revision(basis), latest };
        assert!(matches!(err, StoreError::Refused(refusal) if refusal == moved));
    }
    assert_eq!(store.revision_of_request("on a basis").unwrap(), None);
    let entered = store.commit(&asked, &on(latest.0)).unwrap();
    assert_eq!(entered, Revision(latest.0 + 1));
    // The same number is answered as the first time, although the register is at another revision now.
    assert_eq!(store.commit(&asked, &on(latest.0)).unwrap(), entered);
}

fn numbers_go_on_and_references_reach_back(store: &dyn Store, changes: &ChangeSet) {
    let mut draft = changes.areas[1].clone();
    draft.code = crate::model::AreaCode::parse("DEMO-AA-0001").unwrap();
    let further = ChangeSet { areas: vec![draft], ..ChangeSet::default() };
    let revision = store.commit(&new_record(), &Entry::from(&further)).unwrap();
    assert!(revision > Revision(1));
    let register = store.load(Question::default()).unwrap();
    assert_eq!(register.areas.len(), 4);
    let first = &register.areas[0];
    assert_eq!(first.code.as_str(), "DEMO-AA-0001");
    assert!(first.id > AreaId(3));
    assert_eq!(Revision(u64::from(first.record.0)), revision);
    assert_eq!(first.manager, register.areas[2].manager);
}
