use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;

use calamine::{Data, Reader as _, Xlsx};

use super::*;
use crate::app::App;
use crate::auth::{Actor, Reader};
use crate::model::AreaCode;
use crate::store::memory::Memory;

fn reader(actor: &Actor) -> Reader<'_> {
    Reader { actor, tolerance_m: 1.0, mark: "审图号 京S(2026)001号" }
}

fn demo() -> App {
    let app = App::new(Arc::new(Memory::new()));
    app.load_demo(None).unwrap();
    app
}

#[test]
fn columns_have_distinct_keys_and_titles_in_both_languages() {
    let keys: BTreeSet<&str> = COLUMNS.iter().map(|column| column.key).collect();
    let titles: BTreeSet<&str> = COLUMNS.iter().map(|column| column.title.zh).collect();
    assert_eq!((keys.len(), titles.len()), (COLUMNS.len(), COLUMNS.len()));
    assert!(COLUMNS.iter().all(|column| !column.title.en.is_empty()));
}

#[test]
fn the_table_tells_what_the_areas_tell_and_sorts_texts_by_their_places() {
    let app = demo();
    let snapshot = app.snapshot().unwrap();
    let table = ledger_table(&snapshot, &Actor::at_the_machine(), None, snapshot.data_date());
    assert_eq!((table.positions.len(), table.columns.len()), (1637, COLUMNS.len()));
    for (column, data) in &table.columns {
        let rows = match data {
            ColumnData::Texts(values, data) => {
                assert!(values.is_sorted_by_key(|text| crate::search::sort_key(text)), "{}", column.key);
                data.len()
            }
            ColumnData::Dates(values, data) => {
                assert!(values.is_sorted(), "{}", column.key);
                data.len()
            }
            ColumnData::Terms(_, data) => data.len(),
            ColumnData::Numbers(data) => data.len(),
            ColumnData::Booleans(data) => data.len(),
        };
        assert_eq!(rows, 1637, "{}", column.key);
    }
    let data = |key: &str| &table.columns.iter().find(|(column, _)| column.key == key).unwrap().1;
    let ColumnData::Texts(names, of_rows) = data("name") else { panic!("names are texts") };
    let ColumnData::Terms(streets, of_streets) = data("street") else { panic!("streets are terms") };
    for at in (0..1637).step_by(101) {
        let area = snapshot.area(table.positions[at]);
        assert_eq!(names[of_rows[at].unwrap() as usize], area.name);
        assert_eq!(streets[of_streets[at].unwrap() as usize].key, area.street.as_str());
    }
    let street = snapshot.streets()[3].code.clone();
    let part = ledger_table(&snapshot, &Actor::at_the_machine(), Some(&street), snapshot.data_date());
    assert_eq!(part.positions.len(), snapshot.areas_of_street(3).len());
}

#[test]
fn the_public_gets_no_internal_column() {
    let app = demo();
    let snapshot = app.snapshot().unwrap();
    let public = Actor::public();
    let table = ledger_table(&snapshot, &public, None, snapshot.data_date());
    let keys: Vec<&str> = table.columns.iter().map(|(column, _)| column.key).collect();
    for hidden in ["manager_uscc", "address", "households", "contract_until", "owners_party", "next_due", "warnings"] {
        assert!(!keys.contains(&hidden), "{hidden}");
    }
    assert!(keys.contains(&"name") && keys.contains(&"committee"));
    let selection = Selection {
        format: LedgerFormat::Csv,
        codes: None,
        columns: Some(vec!["name".to_owned(), "owners_party".to_owned()]),
        filter: String::new(),
        language: LedgerLanguage::Chinese,
        due_day: snapshot.data_date(),
    };
    let refused = export_ledger(&snapshot, reader(&public), &selection).unwrap_err();
    assert_eq!(refused.to_string(), "the ledger has no column \"owners_party\"");
}

#[test]
fn a_workbook_has_its_line_its_order_and_its_code_lists() {
    let app = demo();
    let snapshot = app.snapshot().unwrap();
    let mut codes: Vec<AreaCode> = snapshot.areas().take(3).map(|area| area.code.clone()).collect();
    codes.reverse();
    let selection = |format, language| Selection {
        format,
        codes: Some(codes.clone()),
        columns: Some(["code", "name", "management", "households", "contract_until"].map(str::to_owned).to_vec()),
        filter: "街乡 = 建外街道".to_owned(),
        language,
        due_day: snapshot.data_date(),
    };
    let write = |format, language| {
        export_ledger(&snapshot, reader(&Actor::at_the_machine()), &selection(format, language)).unwrap()
    };
    let mut book = Xlsx::new(Cursor::new(write(LedgerFormat::Xlsx, LedgerLanguage::Chinese))).unwrap();
    assert_eq!(book.sheet_names(), ["台账", "代码表"]);
    let range = book.worksheet_range("台账").unwrap();
    let line = range.get_value((0, 0)).unwrap().to_string();
    assert!(
        line.contains(
            "数据日期 2022-10-27 · 筛选：街乡 = 建外街道 · 共 3 条 · 演示数据 非真实 · 审图号 京S(2026)001号"
        ),
        "{line}"
    );
    assert_eq!(range.get_value((1, 2)), Some(&Data::String("管理类型".to_owned())));
    for (row, code) in (2_u32..).zip(&codes) {
        assert_eq!(range.get_value((row, 0)), Some(&Data::String(code.to_string())));
    }
    let lists = book.worksheet_range("代码表").unwrap();
    assert_eq!(lists.get_value((1, 1)), Some(&Data::String("contracted".to_owned())));
    assert_eq!(lists.get_value((1, 2)), Some(&Data::String("委托管理".to_owned())));

    let text = String::from_utf8(write(LedgerFormat::Csv, LedgerLanguage::English)).unwrap();
    assert!(
        text.starts_with("\u{feff}Code,Name,Management,Households,Contract until,Demonstration data,Imprint\r\n"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 4);
    let last = format!(
        ",yes,{}物业管理区域 · 审图号 京S(2026)001号 · 数据日期 2022-10-27 · 来源：{}",
        snapshot.district().name,
        snapshot.latest_record().document
    );
    assert!(text.lines().skip(1).all(|line| line.ends_with(&last)), "{text}");

    let document: serde_json::Value =
        serde_json::from_slice(&write(LedgerFormat::GeoJson, LedgerLanguage::Chinese)).unwrap();
    let first = &document["features"][0];
    assert_eq!(first["properties"]["code"], codes[0].as_str());
    assert!(first["geometry"]["coordinates"].is_array());
    assert_eq!(first["properties"]["demo"], true);
    assert_eq!(document["type"], "FeatureCollection");
    assert_eq!((&document["date"], &document["demo"]), (&"2022-10-27".into(), &true.into()));
    assert_eq!(document["source"], snapshot.latest_record().document);
    assert_eq!(document["mark"], "审图号 京S(2026)001号");
    assert_eq!(document["filter"], "街乡 = 建外街道");
}

#[test]
fn an_area_that_is_not_there_is_named() {
    let app = demo();
    let snapshot = app.snapshot().unwrap();
    let selection = Selection {
        format: LedgerFormat::Xlsx,
        codes: Some(vec![AreaCode::parse("DEMO-XX-9999").unwrap()]),
        columns: None,
        filter: String::new(),
        language: LedgerLanguage::Chinese,
        due_day: snapshot.data_date(),
    };
    let refused = export_ledger(&snapshot, reader(&Actor::at_the_machine()), &selection).unwrap_err();
    assert_eq!(refused.to_string(), "area DEMO-XX-9999 does not exist");
}
