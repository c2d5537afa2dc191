use jiff::civil::date;

use super::*;
use crate::history::AttributeChanges;
use crate::model::{ContractKind, Management, NameKind, QuasiKind};

const SQUARE: &str =
    r#"{ "type": "Polygon", "coordinates": [[[116.40,39.90],[116.41,39.90],[116.41,39.910],[116.40,39.90]]] }"#;

const RECORD: &str =
    r#""record":{"document":"试文2号","authority":"试验区","dated":"2023-05-01","author":"test","note":""}"#;

fn document(rest: &str) -> String {
    format!("{{{RECORD},{rest}}}")
}

fn read(rest: &str) -> ChangeRequest {
    ChangeRequest::read(document(rest).as_bytes()).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn faults(body: &str) -> Vec<String> {
    ChangeRequest::read(body.as_bytes()).unwrap_err().iter().map(ToString::to_string).collect()
}

fn fault(rest: &str) -> String {
    let faults = faults(&document(rest));
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults.into_iter().next().unwrap()
}

fn code(text: &str) -> AreaCode {
    AreaCode::parse(text).unwrap()
}

#[test]
fn a_split_is_read_with_the_text_of_its_geometries() {
    let request = read(&format!(
        r#""effective":"2023-06-01","seen":{{"DEMO-JS-0001":7}},
        "split":{{"area":"DEMO-JS-0001","into":[
            {{"code":"DEMO-JS-0200","name":"甲院(演示)","geometry":{SQUARE},"amend":{{"households":120,"community":null}}}},
            {{"code":"DEMO-JS-0201","name":"乙院(演示)","geometry":{SQUARE}}}],
        "committees":{{"C-1":{{"serves":"DEMO-JS-0200"}},"C/2":{{"dissolved_on":"2023-06-01"}}}}}}"#
    ));
    assert_eq!((request.effective, request.operation.kind()), (date(2023, 6, 1), RecordKind::Split));
    assert_eq!(request.seen, BTreeMap::from([(code("DEMO-JS-0001"), Revision(7))]));
    let Operation::Split { area, into, committees } = request.operation else { panic!("a split") };
    assert_eq!(area, code("DEMO-JS-0001"));
    assert_eq!(into[0].drawn.source, SQUARE);
    assert_eq!(into[0].amendment.attributes.households, Some(Some(120)));
    assert_eq!((&into[0].amendment.community, &into[1].amendment.community), (&Some(None), &None));
    assert_eq!(committees["C-1"], Fate::Serves(code("DEMO-JS-0200")));
    assert_eq!(committees["C/2"], Fate::Dissolved(date(2023, 6, 1)));
}

#[test]
fn every_operation_is_read_and_says_its_kind() {
    let successor = format!(r#"{{"code":"DEMO-JS-0200","name":"甲院(演示)","geometry":{SQUARE}}}"#);
    for (rest, kind) in [
        (format!(r#""merge":{{"areas":["DEMO-JS-0001","DEMO-JS-0002"],"into":{successor}}}"#), RecordKind::Merge),
        (format!(r#""adjust":{{"boundaries":[{{"area":"DEMO-JS-0001","geometry":{SQUARE}}}]}}"#), RecordKind::Adjust),
        (r#""rename":{"area":"DEMO-JS-0001","name":"新名(演示)"}"#.to_owned(), RecordKind::Rename),
        (r#""retire":{"area":"DEMO-JS-0001"}"#.to_owned(), RecordKind::Retirement),
        (
            r#""correct":{"area":"DEMO-JS-0001","amend":{"built_year":1987},"valid_until":"2020-01-01"}"#.to_owned(),
            RecordKind::Correction,
        ),
        (
            r#""amend":{"kind":"delivery","area":"DEMO-JS-0001","amend":{"manager":null}}"#.to_owned(),
            RecordKind::Delivery,
        ),
    ] {
        let request = read(&rest);
        assert_eq!(request.operation.kind(), kind);
        assert_eq!(request.effective, date(2023, 5, 1), "the date of the document");
        let record = request.record("2023-05-02T00:00:00Z".parse().unwrap());
        assert_eq!((record.kind, record.document.as_str(), record.request), (kind, "试文2号", None));
    }
}

#[test]
fn an_amendment_has_the_names_of_the_item() {
    let request = read(
        r#""amend":{"kind":"survey_round","area":"DEMO-JS-0001","amend":{
            "name":"新名(演示)","other_names":[{"kind":"former","text":"旧名"}],"street":"110105017","community":"110105017001",
            "management":"quasi_property","quasi_kind":"owning_unit","manager":"91000000MA00000157","address":null,
            "floor_area_m2":1200.5,"households":0,"building_count":3,"built_year":1998,"fee_yuan_per_m2_month":1.85,
            "contract_from":"2020-01-01","contract_until":null,"contract_kind":"early_stage","contract_filed_on":"2020-01-09",
            "delimitation_document":"试划字1号",
            "committees":[{"code":"C-1","kind":"owners","formed_on":"2021-01-01","filing_applied_on":"2021-01-20","filed_on":null,"operating":true,
                "members":5,"party_organisation":true,"party_since":"2021-02-01"}]}}"#,
    );
    let Operation::Amend { amendment, .. } = request.operation else { panic!("an amendment") };
    assert_eq!(amendment.name.as_deref(), Some("新名(演示)"));
    assert_eq!(amendment.other_names.as_ref().unwrap()[0].kind, NameKind::Former);
    assert_eq!(amendment.management, Some(Management::QuasiProperty(QuasiKind::OwningUnit)));
    let expected = AttributeChanges {
        address: Some(None),
        floor_area_m2: Some(Some(1200.5)),
        households: Some(Some(0)),
        building_count: Some(Some(3)),
        built_year: Some(Some(1998)),
        fee_yuan_per_m2_month: Some(Some(1.85)),
        contract_from: Some(Some(date(2020, 1, 1))),
        contract_until: Some(None),
        contract_kind: Some(Some(ContractKind::EarlyStage)),
        contract_filed_on: Some(Some(date(2020, 1, 9))),
        delimitation_document: Some(Some("试划字1号".to_owned())),
        foreign_codes: None,
    };
    assert_eq!(amendment.attributes, expected);
    let committees = amendment.committees.unwrap();
    assert_eq!((committees[0].members, committees[0].party.unwrap().since), (Some(5), Some(date(2021, 2, 1))));
    assert_eq!(committees[0].filing_applied_on, Some(date(2021, 1, 20)));
}

#[test]
fn each_fault_names_its_place_and_all_are_found() {
    let open = SQUARE.replace("[116.40,39.90]]]", "[116.40,39.91]]]");
    let found = faults(&document(&format!(
        r#""split":{{"area":"JS-1","into":[{{"code":"DEMO-JS-0200","name":" ","geometry":{open},"colour":"red"}}],
        "committees":{{"C-1":{{"serves":"DEMO-JS-0200","dissolved_on":"2023-06-01"}}}}}},"extra":1"#
    )));
    let beginnings = [
        "/extra: nothing called \"extra\"",
        "/split/area: \"JS-1\" is not an area code",
        "/split/into/0/name: a text of more than blanks",
        "/split/into/0/geometry: polygon 1, ring 1 is not closed",
        "/split/into/0/colour: nothing called",
        "/split/committees/C-1: either",
    ];
    assert_eq!(found.len(), beginnings.len(), "{found:#?}");
    for (fault, beginning) in found.iter().zip(beginnings) {
        assert!(fault.starts_with(beginning), "{fault}");
    }
}

#[test]
fn what_cannot_be_read_is_a_fault_and_never_a_guess() {
    let rename = |rest: &str| format!(r#""rename":{{"area":"DEMO-JS-0001","name":"新名"}}{rest}"#);
    assert!(fault(&rename(r#","retire":{"area":"DEMO-JS-0001"}"#)).contains("one operation only"));
    assert!(fault(r#""seen":{}"#).contains("one of split, merge"));
    assert!(fault(&rename(r#","effective":"2023-6-1""#)).starts_with("/effective: \"2023-6-1\" is not a date"));
    assert!(fault(&rename(r#","seen":{"DEMO-JS-0001":-1}"#)).starts_with("/seen/DEMO-JS-0001: -1 is negative"));
    assert!(fault(r#""rename":{"area":"DEMO-JS-0001","name":"甲","name":"乙"}"#).contains("is there twice"));
    assert!(fault(r#""rename":[1]"#).starts_with("/rename: an object is expected, not [1]"));
    let amend = |members: &str| fault(&format!(r#""correct":{{"area":"DEMO-JS-0001","amend":{{{members}}}}}"#));
    assert!(amend(r#""households":"many""#).starts_with("/correct/amend/households: a number"));
    assert!(amend(r#""built_year":98"#).contains("98 is not a year"));
    assert!(amend(r#""management":"quasi_property""#).starts_with("/correct/amend/quasi_kind"));
    assert!(amend(r#""quasi_kind":"other""#).contains("without `management`"));
    let long = "长".repeat(TEXT_LIMIT_CHARS + 1);
    assert!(amend(&format!(r#""address":"{long}""#)).contains("1000 are the most"));
    assert!(faults("{oops")[0].starts_with("the document: the document is not JSON"));
    assert!(faults("{}").iter().any(|fault| fault.starts_with("/record: it is required")));
    assert!(fault(r#""amend":{"kind":"merge","area":"DEMO-JS-0001","amend":{}}"#).starts_with("/amend/kind"));
}
