//! Deliveries from bytes to findings, against a register of two streets.

use std::io::Cursor;

use jiff::civil::date;

use crate::formats::{self, InputFile, ReadOptions};
use crate::ingest::delivery::{About, ColumnMap, Delivered, FindingState, Known, Settings, Silent, check, guess};
use crate::ingest::{AreaDraft, ChangeSet, Sources, check_exchange};
use crate::model::{
    Area, AreaId, Community, ContractKind, Exception, ExceptionId, Manager, ManagerId, NewException, RecordId, Revision,
};

fn exchange() -> ChangeSet {
    let checked = check_exchange(&Sources {
        district: include_bytes!("../../../tests/fixtures/exchange/district.geojson"),
        streets: include_bytes!("../../../tests/fixtures/exchange/streets.geojson"),
        areas: include_bytes!("../../../tests/fixtures/exchange/areas.geojson"),
        managers: include_bytes!("../../../tests/fixtures/exchange/ledger/managers.csv"),
        committees: include_bytes!("../../../tests/fixtures/exchange/ledger/committees.csv"),
        communities: include_bytes!("../../../tests/fixtures/exchange/ledger/communities.csv"),
        figures: include_bytes!("../../../tests/fixtures/exchange/ledger/figures.csv"),
    });
    assert_eq!(checked.faults, []);
    checked.changes
}

struct Register {
    changes: ChangeSet,
    managers: Vec<Manager>,
    areas: Vec<Area>,
}

fn register() -> Register {
    let changes = exchange();
    let managers = changes.managers.iter().zip(1..).map(|(draft, number)| Manager {
        id: ManagerId(number),
        kind: draft.kind,
        name: draft.name.clone(),
        uscc: draft.uscc.clone(),
        phone: draft.phone.clone(),
        party_organisation: draft.party_organisation,
        demo: draft.demo,
    });
    let managers: Vec<Manager> = managers.collect();
    let area = |(draft, number): (&AreaDraft, u32)| Area {
        id: AreaId(number),
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
            .and_then(|uscc| managers.iter().find(|manager| manager.uscc == *uscc))
            .map(|manager| manager.id),
        committees: draft.committees.clone(),
        attributes: draft.attributes.clone(),
        validity: draft.validity,
        record: RecordId(1),
        changed: Revision(1),
        demo: draft.demo,
    };
    let areas = changes.areas.iter().zip(1..).map(area).collect();
    Register { changes, managers, areas }
}

fn checked_with(file: &str, text: &str, exceptions: &[Exception]) -> Delivered {
    let register = register();
    let mut known = Known::nothing(date(2022, 10, 27));
    known.sender = "测试单位";
    known.district = register.changes.district.as_ref();
    known.streets = &register.changes.streets;
    let communities: Vec<&Community> = register.changes.communities.iter().collect();
    known.communities = communities;
    known.managers = &register.managers;
    known.exceptions = exceptions;
    let known = known.with_areas(register.areas.iter().collect());
    let input = InputFile { name: file.to_owned(), bytes: Box::new(Cursor::new(text.as_bytes())) };
    let dataset = formats::read(vec![input], &ReadOptions::default()).unwrap();
    let maps: Vec<ColumnMap> = dataset.layers.iter().map(|layer| ColumnMap::of_guesses(&guess(layer))).collect();
    check(dataset, &maps, &Settings::default(), &known, &Silent).0
}

fn checked(file: &str, text: &str) -> Delivered {
    checked_with(file, text, &[])
}

/// Ids of the findings that count, sorted, each once.
fn open(delivered: &Delivered) -> Vec<&'static str> {
    let open = delivered.findings.iter().filter(|finding| finding.state == FindingState::Open);
    let mut ids: Vec<&str> = open.map(|finding| finding.issue.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn square(lng: f64, lat: f64) -> String {
    let (east, north) = (lng + 0.001, lat + 0.001);
    format!("POLYGON (({lng} {lat}, {east} {lat}, {east} {north}, {lng} {north}, {lng} {lat}))")
}

#[test]
fn a_row_about_a_known_area_is_found_by_code_or_by_name_and_street() {
    let csv = "登记编号,小区名称,街道,户数\nDEMO-DS-0001,,,130\n,东试二里(演示),东试街道,80\n";
    let delivered = checked("台账.csv", csv);
    let about: Vec<About> = delivered.drafts.iter().map(|draft| draft.about).collect();
    assert!(matches!(about[..], [About::Existing(0), About::Existing(1)]), "{about:?} {:?}", delivered.findings);
    assert_eq!(delivered.drafts[0].row.households, Some(130));
    assert!(delivered.is_publishable(), "{:?}", delivered.findings);
}

#[test]
fn codes_that_are_unknown_damaged_or_stand_twice_are_told_with_their_rows() {
    let csv = "登记编号,户数\nDEMO-DS-0099,1\n9.11E+17,2\nDEMO-DS-0001,3\nDEMO-DS-0001,4\n";
    let delivered = checked("a.csv", csv);
    for id in ["unknown-code", "damaged-code", "duplicate-code", "row-repeated"] {
        assert!(open(&delivered).contains(&id), "{id}: {:?}", open(&delivered));
    }
    let damaged = delivered.findings.iter().find(|finding| finding.issue.id == "damaged-code").unwrap();
    assert_eq!(damaged.place.item.to_string(), "row 3");
    assert_eq!(damaged.column.as_deref(), Some("登记编号"));
    assert!(!delivered.is_publishable());
}

#[test]
fn a_new_area_needs_a_name_a_street_and_an_outline() {
    let csv = format!(
        "小区名称,街道,wkt\n新里,,\"{}\"\n新村,不存在街道,\"{}\"\n未落,东试街道,\n",
        square(116.45, 39.96),
        square(116.452, 39.96)
    );
    let delivered = checked("a.csv", &csv);
    for id in ["missing-required", "unknown-street", "not-located"] {
        assert!(open(&delivered).contains(&id), "{id}: {:?}", open(&delivered));
    }
}

#[test]
fn overlaps_are_measured_and_an_exception_holds_until_the_outline_changes() {
    let rows = |shift: f64| {
        format!(
            "小区名称,街道,wkt\n甲,东试街道,\"{}\"\n乙,东试街道,\"{}\"\n",
            square(116.45, 39.96),
            square(116.4505 + shift, 39.96)
        )
    };
    let delivered = checked("a.csv", &rows(0.0));
    let overlap = delivered.findings.iter().find(|finding| finding.issue.id == "overlap").expect("they overlap");
    let shape = overlap.shape.as_ref().expect("the piece is told");
    let surface = crate::geom::surface_m2(shape);
    assert!((surface - 42.7 * 111.0).abs() < 60.0, "{surface}");

    let exception = |fingerprint: &str| Exception {
        id: ExceptionId(7),
        recorded: NewException {
            issue: "overlap".to_owned(),
            subject: overlap.subject.clone(),
            other: overlap.other.as_ref().map(|other| other.subject.clone()),
            fingerprint: fingerprint.to_owned(),
            reason: "立体分层".to_owned(),
            owner: "区".to_owned(),
            expires_on: date(2023, 1, 1),
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
            recorded_by: String::new(),
        },
        withdrawn_at: None,
    };
    let lawful = [exception(&overlap.fingerprint)];
    let state = |delivered: &Delivered| {
        delivered.findings.iter().find(|finding| finding.issue.id == "overlap").map(|finding| finding.state)
    };
    assert_eq!(state(&checked_with("a.csv", &rows(0.0), &lawful)), Some(FindingState::Excepted(ExceptionId(7))));
    assert_eq!(state(&checked_with("a.csv", &rows(0.0001), &lawful)), Some(FindingState::Open), "the outline changed");
}

#[test]
fn small_flaws_are_repaired_and_told_and_large_ones_block() {
    let unclosed = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"name":"甲","street":"东试街道"},"geometry":{"type":"Polygon","coordinates":[[[116.45,39.96],[116.451,39.96],[116.451,39.961],[116.45,39.961]]]}},
        {"type":"Feature","properties":{"name":"乙","street":"东试街道"},"geometry":{"type":"Polygon","coordinates":[[[116.455,39.96],[116.456,39.961],[116.456,39.96],[116.455,39.961],[116.455,39.96]]]}}]}"#;
    let delivered = checked("a.geojson", unclosed);
    let states: Vec<(&str, FindingState)> =
        delivered.findings.iter().map(|finding| (finding.issue.id, finding.state)).collect();
    assert!(states.contains(&("unclosed-ring", FindingState::Repaired)), "{states:?}");
    assert!(states.contains(&("self-intersection", FindingState::Open)), "{states:?}");
    assert!(delivered.drafts[0].outline.is_some() && delivered.drafts[1].outline.is_none());
    assert!(delivered.drafts[0].outline.as_ref().unwrap().source.contains("[116.45,39.961]]]"), "byte for byte");
}

#[test]
fn personal_data_are_not_read() {
    let csv = "登记编号,联系人手机\nDEMO-DS-0001,13800000000\nDEMO-DS-0002,13900000000\n";
    let delivered = checked("a.csv", csv);
    let finding = delivered.findings.iter().find(|finding| finding.issue.id == "personal-data").unwrap();
    assert_eq!(finding.column.as_deref(), Some("联系人手机"));
    assert!(finding.value.is_none() && !format!("{finding:?}").contains("1380000"));
}

#[test]
fn the_rules_of_committees_are_checked() {
    let csv = "登记编号,业委会成立日期,业委会备案日期,业委会任期届满,业委会委员人数,合同起始,合同到期\n\
               DEMO-DS-0001,2020-01-01,2020-06-01,2026-01-01,4,2022-01-01,2021-01-01\n";
    let ids = checked("a.csv", csv);
    for id in [
        "committee-even-members",
        "committee-too-few-members",
        "committee-term-too-long",
        "committee-late-filing",
        "dates-out-of-order",
    ] {
        assert!(open(&ids).contains(&id), "{id}: {:?}", open(&ids));
    }
}

#[test]
fn contracts_and_applications_are_read_in_the_words_of_offices() {
    let head = "登记编号,合同类型,合同备案日期,业委会成立日期,业委会备案申请日期,业委会备案日期";
    let read = |row: &str| checked("a.csv", &format!("{head}\n{row}\n"));
    let delivered = read("DEMO-DS-0001,前期物业服务合同,2022年1月9日,2022-01-01,2022-01-20,2022-01-25");
    let row = &delivered.drafts[0].row;
    assert_eq!((row.contract_kind, row.contract_filed_on), (Some(ContractKind::EarlyStage), Some(date(2022, 1, 9))));
    let owners = row.owners.as_ref().unwrap();
    assert_eq!((owners.filing_applied_on, owners.filed_on), (Some(date(2022, 1, 20)), Some(date(2022, 1, 25))));
    assert!(!open(&delivered).contains(&"dates-out-of-order"), "{:?}", open(&delivered));

    let filed_before = read("DEMO-DS-0001,普通,,2022-01-01,2022-01-20,2022-01-19");
    assert!(open(&filed_before).contains(&"dates-out-of-order"));
    let applied_before = read("DEMO-DS-0001,,,2022-01-01,2021-12-31,");
    assert!(open(&applied_before).contains(&"dates-out-of-order"));
    let unknown = read("DEMO-DS-0001,口头,,,,");
    assert!(open(&unknown).contains(&"unknown-value") && unknown.drafts[0].row.contract_kind.is_none());
}

#[test]
fn a_table_is_joined_to_the_outlines_of_the_same_delivery() {
    let outlines = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"新里","street":"东试街道"},"geometry":{"type":"Polygon","coordinates":[[[116.46,39.96],[116.461,39.96],[116.461,39.961],[116.46,39.961],[116.46,39.96]]]}}]}"#;
    let register = register();
    let mut known = Known::nothing(date(2022, 10, 27));
    known.district = register.changes.district.as_ref();
    known.streets = &register.changes.streets;
    let known = known.with_areas(register.areas.iter().collect());
    let table = "小区名称,街道,户数\n新里,东试街道,77\n";
    let input = |name: &str, text: &str| InputFile {
        name: name.to_owned(),
        bytes: Box::new(Cursor::new(text.to_owned().into_bytes())),
    };
    let dataset =
        formats::read(vec![input("a.geojson", outlines), input("b.csv", table)], &ReadOptions::default()).unwrap();
    let maps: Vec<ColumnMap> = dataset.layers.iter().map(|layer| ColumnMap::of_guesses(&guess(layer))).collect();
    let (delivered, _) = check(dataset, &maps, &Settings::default(), &known, &Silent);
    assert_eq!(delivered.drafts.len(), 1, "{:?}", delivered.drafts);
    assert_eq!(delivered.drafts[0].row.households, Some(77));
    assert_eq!(delivered.drafts[0].places.len(), 2);
}
