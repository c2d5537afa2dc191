use super::*;
use crate::model::{CommitteeStatus, ContractKind, NameKind, QuasiKind};
use geo::{CoordsIter as _, Winding as _};
use jiff::civil::date;

const DISTRICT: &str = include_str!("../../tests/fixtures/exchange/district.geojson");
const STREETS: &str = include_str!("../../tests/fixtures/exchange/streets.geojson");
const AREAS: &str = include_str!("../../tests/fixtures/exchange/areas.geojson");
const MANAGERS: &str = include_str!("../../tests/fixtures/exchange/ledger/managers.csv");
const COMMITTEES: &str = include_str!("../../tests/fixtures/exchange/ledger/committees.csv");
const COMMUNITIES: &str = include_str!("../../tests/fixtures/exchange/ledger/communities.csv");
const FIGURES: &str = include_str!("../../tests/fixtures/exchange/ledger/figures.csv");

fn sources() -> Sources<'static> {
    Sources {
        district: DISTRICT.as_bytes(),
        streets: STREETS.as_bytes(),
        areas: AREAS.as_bytes(),
        managers: MANAGERS.as_bytes(),
        committees: COMMITTEES.as_bytes(),
        communities: COMMUNITIES.as_bytes(),
        figures: FIGURES.as_bytes(),
    }
}

/// Faults after one text of a file was replaced by another.
fn faults_with(file: &str, from: &str, to: &str) -> Vec<String> {
    assert!(file.contains(from), "{from}");
    let text = file.replacen(from, to, 1);
    let mut sources = sources();
    let slot = [
        &mut sources.district,
        &mut sources.streets,
        &mut sources.areas,
        &mut sources.managers,
        &mut sources.committees,
        &mut sources.communities,
        &mut sources.figures,
    ]
    .into_iter()
    .find(|slot| **slot == file.as_bytes())
    .unwrap();
    *slot = text.as_bytes();
    check_exchange(&sources).faults.iter().map(ToString::to_string).collect()
}

/// The one fault after that replacement.
fn fault_with(file: &str, from: &str, to: &str) -> String {
    let faults = faults_with(file, from, to);
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults.into_iter().next().unwrap()
}

#[test]
fn a_good_delivery_has_no_faults_and_is_sorted_by_code() {
    let Checked { changes, faults } = check_exchange(&sources());
    assert_eq!(faults, []);
    assert_eq!(changes.district.as_ref().map(|d| d.code.as_str()), Some("110105"));
    let codes: Vec<&str> = changes.areas.iter().map(|area| area.code.as_str()).collect();
    assert_eq!(codes, ["DEMO-DS-0001", "DEMO-DS-0002", "DEMO-XS-0001"]);
    assert_eq!((changes.streets.len(), changes.communities.len(), changes.managers.len()), (2, 1, 2));
    assert_eq!((changes.figures[0].numerator, changes.figures[1].numerator), (None, Some(1514)));

    let [first, second, third] = changes.areas.as_slice() else { panic!("three areas") };
    let kinds: Vec<NameKind> = first.other_names.iter().map(|name| name.kind).collect();
    assert_eq!(kinds, [NameKind::Common, NameKind::Former, NameKind::BuildingGroup, NameKind::BuildingGroup]);
    assert_eq!(first.attributes.households, Some(120));
    let status = CommitteeStatus::derive(first.committees.as_deref(), date(2022, 10, 27));
    assert_eq!(status, CommitteeStatus::Transition);
    assert_eq!(second.management, Management::QuasiProperty(QuasiKind::OwningUnit));
    assert_eq!(second.committees, Some(vec![]));
    assert_eq!(third.committees, None);
}

#[test]
fn boundaries_are_wound_as_the_standard_has_it_and_their_text_is_kept() {
    let areas = check_exchange(&sources()).changes.areas;
    for area in &areas {
        for polygon in &area.boundary {
            assert!(polygon.exterior().is_ccw());
            assert!(polygon.interiors().iter().all(|hole| hole.is_cw()));
        }
    }
    let odd = r#"{ "type": "Polygon", "coordinates": [ [ [116.460, 39.950], [116.460, 39.951], [116.461, 39.951], [116.461, 39.950], [116.460, 39.950] ] ] }"#;
    assert_eq!(areas[0].source_geometry, odd);
    assert!((areas[0].site_area_m2 - 85.4 * 111.0).abs() < 20.0, "{}", areas[0].site_area_m2);
    assert_eq!(areas[1].boundary.coords_count(), 14);
}

#[test]
fn columns_that_came_later_are_read_and_may_be_missing() {
    let old = check_exchange(&sources()).changes.areas.swap_remove(0);
    let told = (old.attributes.contract_kind, old.attributes.contract_filed_on);
    assert_eq!(told, (None, None));
    assert!(old.committees.iter().flatten().all(|committee| committee.filing_applied_on.is_none()));

    let contract = r#""contract_kind":"early_stage","contract_filed_on":"2020-01-09","committees_known""#;
    let areas = AREAS.replacen("\"committees_known\"", contract, 1);
    let committees = COMMITTEES
        .replacen("code,", "filing_applied_on,code,", 1)
        .replacen("DEMO-C-0002", "2022-10-05,DEMO-C-0002", 1)
        .replacen("DEMO-C-0001", ",DEMO-C-0001", 1);
    let with = |areas: &str, committees: &str| {
        let (areas, committees) = (areas.as_bytes(), committees.as_bytes());
        check_exchange(&Sources { areas, committees, ..sources() })
    };
    let checked = with(&areas, &committees);
    assert_eq!(checked.faults, []);
    let area = &checked.changes.areas[0];
    assert_eq!(area.attributes.contract_kind, Some(ContractKind::EarlyStage));
    assert_eq!(area.attributes.contract_filed_on, Some(date(2020, 1, 9)));
    let applied: Vec<_> = area.committees.iter().flatten().map(|committee| committee.filing_applied_on).collect();
    assert_eq!(applied, [None, Some(date(2022, 10, 5))]);

    let fault = |areas: &str, committees: &str| with(areas, committees).faults[0].to_string();
    let unknown = fault(&areas.replace("early_stage", "oral"), &committees);
    assert!(unknown.ends_with("contract_kind: \"oral\" is not one of the known values"), "{unknown}");
    let early = fault(&areas, &committees.replace("2022-10-05", "2022-09-05"));
    assert!(early.contains("filing_applied_on: 2022-09-05 is before 2022-10-01"), "{early}");
    let late = fault(&areas, &committees.replace("2022-10-05", "2022-10-25"));
    assert!(late.contains("filed_on: 2022-10-20 is before 2022-10-25"), "{late}");
}

#[test]
fn each_kind_of_fault_is_named_with_its_place() {
    for (file, from, to, expected) in [
        (AREAS, "DEMO-DS-0002", "DS-2", "areas.geojson, feature 2 (line 3), DS-2, code: \"DS-2\" is not an area code"),
        (
            AREAS,
            "\"quasi_property\"",
            "\"quasi\"",
            "DEMO-DS-0002, management: \"quasi\" is not one of the known values",
        ),
        (AREAS, "\"owning_unit\"", "null", "quasi_kind: quasi-property management needs it"),
        (AREAS, "\"households\":120", "\"households\":-3", "DEMO-DS-0001, households: -3 is negative"),
        (AREAS, "\"households\":120", "\"households\":1.5", "households: \"1.5\" is not a number that fits here"),
        (AREAS, "2020-01-01", "2026-01-01", "contract_until: 2025-12-31 is before 2026-01-01"),
        (AREAS, "2020-01-01", "2020-02-30", "contract_from: \"2020-02-30\" is not a date"),
        (AREAS, "\"name\":\"东试二里(演示)\"", "\"name\":\" \"", "name: a text of blanks only"),
        (AREAS, "\"street\":\"110105902\"", "\"street\":\"110105903\"", "street: there is no street 110105903"),
        (AREAS, "\"manager\":null", "\"manager\":\"91000000MA0005449H\"", "there is no manager 91000000MA0005449H"),
        (AREAS, "[116.411,39.951]", "[116.411,39.949]", "DEMO-XS-0001, geometry: the boundary is not valid"),
        (AREAS, "\"committees_known\":true", "\"committees_known\":false", "it is false, but the ledger lists 2"),
        (MANAGERS, "MA00000232", "MA00000233", "managers.csv, row 3 (line 3), 91000000MA00000233, uscc:"),
        (
            COMMITTEES,
            "2022-10-20",
            "2022-09-20",
            "committees.csv, row 2 (line 2), DEMO-C-0002, filed_on: 2022-09-20 is before",
        ),
        (COMMITTEES, "false,,true", ",2022-01-01,true", "party_since: a date is given, but no party organisation"),
        (
            COMMITTEES,
            "DEMO-C-0001,DEMO-DS-0001",
            "DEMO-C-0001,DEMO-DS-0009",
            "DEMO-C-0001, area: there is no area DEMO-DS-0009",
        ),
        (COMMITTEES, "DEMO-C-0001", "DEMO-C-0002", "the code is taken already by committees.csv, row 2 (line 2)"),
        (FIGURES, "93.4", "", "figures.csv, row 2 (line 2), committee_coverage, percent: it is required and not there"),
        (STREETS, "\"XS\"", "\"DS\"", "initials: the code is taken already by streets.geojson, feature 1 (line 2)"),
    ] {
        let mut faults = faults_with(file, from, to);
        // What refers to a thing that is refused has a fault too.
        faults.retain(|fault| {
            !fault.contains("91000000MA00000232, which")
                && !fault.contains("manager: there is no manager 91000000MA00000232")
        });
        assert_eq!(faults.len(), 1, "{to}: {faults:#?}");
        assert!(faults[0].contains(expected), "{} / {expected}", faults[0]);
    }
}

#[test]
fn all_faults_are_found_in_one_go() {
    let text = AREAS
        .replace("\"built_year\":1998", "\"built_year\":98")
        .replace("\"households\":120", "\"households\":\"many\"");
    let text = text.replace("DEMO-XS-0001", "DEMO-DS-0002");
    let checked = check_exchange(&Sources { areas: text.as_bytes(), ..sources() });
    let faults: Vec<String> = checked.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 3, "{faults:#?}");
    assert!(faults[2].contains("the code is taken already by areas.geojson, feature 2"), "{}", faults[2]);
}

#[test]
fn misspelt_and_missing_columns_are_named_once() {
    let faults = faults_with(MANAGERS, "phone", "phonne");
    assert!(faults.iter().any(|f| f == "managers.csv, phonne: nothing of that name is known here; is it misspelt?"));
    assert!(faults.iter().any(|f| f == "managers.csv, phone: no record has it, but it is required"));
    assert!(fault_with(FIGURES, "percent", "percent,percent").contains("two columns are named"));
}
