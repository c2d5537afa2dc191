//! Columns to fields: guessed from heads and values, said by a clerk, remembered by the heads of a sender's files.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::formats::{Cell, Layer};
use crate::ingest::delivery::synonyms::{HEADS, PARTS};
use crate::ingest::delivery::{CommitteePart, DeliveredField, value};
use crate::model::{AreaCode, CommitteeKind, Uscc};

/// Records that are looked at when values decide.
const LOOKED_AT: usize = 200;

/// Share of the filled cells that must look alike for values to decide.
const ALIKE: f64 = 0.8;

/// Share of a column of codes that must be the register's own for the column to be one of them; the rest are then faults.
const OWN_CODES: f64 = 0.3;

/// Why a column is thought to mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// Its head says so.
    Header,
    /// Its values look so.
    Values,
    /// A clerk said so of such a file.
    Remembered,
    /// Nothing is known of it.
    None,
}

impl Confidence {
    /// Name used in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Values => "values",
            Self::Remembered => "remembered",
            Self::None => "none",
        }
    }
}

/// What a column is thought to mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnGuess {
    /// Its name.
    pub column: String,
    /// What it means.
    pub field: Option<DeliveredField>,
    /// Why.
    pub confidence: Confidence,
}

/// What the columns of a layer mean.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnMap {
    fields: BTreeMap<String, Option<DeliveredField>>,
}

impl ColumnMap {
    /// From guesses.
    pub fn of_guesses(guesses: &[ColumnGuess]) -> Self {
        Self { fields: guesses.iter().map(|guess| (guess.column.clone(), guess.field)).collect() }
    }

    /// What a column means.
    pub fn field(&self, column: &str) -> Option<DeliveredField> {
        self.fields.get(column).copied().flatten()
    }

    /// Says what a column means; another column that meant the same means nothing any more.
    pub fn set(&mut self, column: &str, field: Option<DeliveredField>) {
        if field.is_some_and(is_single) {
            for other in self.fields.values_mut().filter(|other| **other == field) {
                *other = None;
            }
        }
        self.fields.insert(column.to_owned(), field);
    }

    /// Reads `{"XQMC":"name","DZ":null}`. Errors say which field is not known, or stands twice.
    pub fn from_json(value: &Value) -> Result<Self, String> {
        let members = value.as_object().ok_or("an object of columns and fields is expected")?;
        let mut fields = BTreeMap::new();
        let mut taken = HashSet::new();
        for (column, field) in members {
            let field = match field {
                Value::Null => None,
                Value::String(key) => Some(
                    DeliveredField::from_key(key)
                        .ok_or_else(|| format!("column {column:?}: {key:?} is no field that is known here"))?,
                ),
                other => {
                    return Err(format!("column {column:?}: the name of a field or null is expected, not {other}"));
                }
            };
            if let Some(field) = field.filter(|field| is_single(*field))
                && !taken.insert(field)
            {
                return Err(format!("column {column:?}: another column is {} already", field.key()));
            }
            fields.insert(column.clone(), field);
        }
        Ok(Self { fields })
    }

    /// As [`ColumnMap::from_json`] reads it.
    pub fn to_json(&self) -> Value {
        let member = |(column, field): (&String, &Option<DeliveredField>)| {
            (column.clone(), field.map_or(Value::Null, |field| field.key().into_owned().into()))
        };
        Value::Object(self.fields.iter().map(member).collect::<Map<String, Value>>())
    }
}

/// Whether one column of a layer at most can mean it.
fn is_single(field: DeliveredField) -> bool {
    !matches!(field, DeliveredField::Serial | DeliveredField::Ignored)
}

/// Digest of the heads of a layer, whatever their order, in hexadecimal: by it a sender's columns are remembered.
pub fn fingerprint_of_heads(layer: &Layer) -> String {
    let mut heads: Vec<String> = layer.columns.iter().map(|column| normal_head(column)).collect();
    heads.sort();
    let digest = Sha256::digest(heads.join("\n"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the columns of a layer mean, as far as heads and values tell. No two mean the same: of several the first whose head
/// is nearest to the usual one.
pub fn guess(layer: &Layer) -> Vec<ColumnGuess> {
    let mut guesses: Vec<(ColumnGuess, u8)> = layer
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let (field, confidence, rank) = match of_head(column) {
                Some((field, rank)) => (Some(field), Confidence::Header, rank),
                None => match of_values(layer, at) {
                    Some(field) => (Some(field), Confidence::Values, 9),
                    None => (None, Confidence::None, u8::MAX),
                },
            };
            (ColumnGuess { column: column.clone(), field, confidence }, rank)
        })
        .collect();
    settle_codes(layer, &mut guesses);
    settle_committees(layer, &mut guesses);
    let mut best: BTreeMap<DeliveredField, (u8, usize)> = BTreeMap::new();
    for (at, (guess, rank)) in guesses.iter().enumerate() {
        if let Some(field) = guess.field.filter(|field| is_single(*field)) {
            let known = best.entry(field).or_insert((*rank, at));
            if *rank < known.0 {
                *known = (*rank, at);
            }
        }
    }
    for (at, (guess, _)) in guesses.iter_mut().enumerate() {
        if guess.field.is_some_and(|field| is_single(field) && best[&field].1 != at) {
            guess.field = None;
            guess.confidence = Confidence::None;
        }
    }
    guesses.into_iter().map(|(guess, _)| guess).collect()
}

/// A column of codes holds the register's own when its values look so, else the sender's.
fn settle_codes(layer: &Layer, guesses: &mut [(ColumnGuess, u8)]) {
    for (at, (guess, _)) in guesses.iter_mut().enumerate() {
        if guess.field == Some(DeliveredField::Code) {
            let own = share(layer, at, |text| AreaCode::parse(text).is_ok());
            if own.is_some_and(|own| own < OWN_CODES) {
                guess.field = Some(DeliveredField::ForeignCode);
            }
        }
    }
}

/// A column with the name of one committee and nothing but yes and no says whether there is one.
fn settle_committees(layer: &Layer, guesses: &mut [(ColumnGuess, u8)]) {
    for (at, (guess, _)) in guesses.iter_mut().enumerate() {
        let head = normal_head(&layer.columns[at]);
        let kind = COMMITTEE_NAMES.iter().find(|(_, names)| names.contains(&head.as_str())).map(|(kind, _)| *kind);
        let Some(kind) = kind.filter(|_| guess.field == Some(DeliveredField::CommitteeStatus)) else { continue };
        let says = |text: &str| value::yes_no(&Cell::Text(text.into())).is_ok();
        if share(layer, at, says).is_some_and(|share| share >= ALIKE) {
            guess.field = Some(DeliveredField::Committee(kind, CommitteePart::Present));
        }
    }
}

/// A head without blanks, brackets and what stands in them, punctuation; small letters.
fn normal_head(head: &str) -> String {
    let mut text = value::half_width(head);
    while let Some(open) = text.find(['(', '[']) {
        let close = text[open..].find([')', ']']).map_or(text.len(), |at| open + at + 1);
        text.replace_range(open..close, "");
    }
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The field that a head means, and how sure that is: 0 the exporter's own head, 1 a usual head, 2 a part of one.
fn of_head(head: &str) -> Option<(DeliveredField, u8)> {
    let trimmed = head.trim();
    if let Some(field) =
        DeliveredField::all().into_iter().find(|field| field.short_key() == trimmed || field.key() == trimmed)
    {
        return Some((field, 0));
    }
    let normal = normal_head(head);
    if normal.is_empty() {
        return None;
    }
    let of_both = names_both(head);
    // 任期(年) is how long a term is, and no day; without its brackets it would read as the end of the term.
    let is_length = head.contains("任期") && (head.contains("(年") || head.contains("（年"));
    if let Some(field) = of_committee_head(&normal).filter(|_| !of_both && !is_length) {
        return Some((field, 1));
    }
    if let Some((field, _)) = HEADS.iter().find(|(_, heads)| heads.contains(&normal.as_str())) {
        return Some((*field, 1));
    }
    if of_both || is_length {
        return None;
    }
    // A Shapefile cuts Chinese heads after five characters or less; a table adds words around them.
    let part = PARTS.iter().find(|(_, part)| normal.contains(part));
    if let Some((field, _)) = part {
        return Some((*field, 2));
    }
    let cut = |heads: &&[&str]| {
        normal.chars().count() >= 3 && heads.iter().any(|head| head.starts_with(&normal) && !head.is_ascii())
    };
    HEADS.iter().find(|(_, heads)| cut(heads)).map(|(field, _)| (*field, 3))
}

/// What heads call the committees.
const COMMITTEE_NAMES: [(CommitteeKind, &[&str]); 2] = [
    (CommitteeKind::Owners, &["业主委员会", "业委会", "ownerscommittee"]),
    (CommitteeKind::PropertyManagement, &["物业管理委员会", "物管会", "managementcommittee"]),
];

/// Whether a head names both committees: which one a value is about cannot be told.
fn names_both(head: &str) -> bool {
    let names = |(_, names): &(CommitteeKind, &[&str])| names.iter().any(|name| head.contains(name));
    COMMITTEE_NAMES.iter().all(names)
}

/// A head that names a kind of committee and a fact about it: 业委会成立日期, 物管会|备案号.
fn of_committee_head(normal: &str) -> Option<DeliveredField> {
    // The first that fits; 任期 alone is its end, with more words it may be its beginning or its length.
    const FACTS: [(CommitteePart, &[&str]); 13] = [
        (CommitteePart::PartySince, &["党组织成立日期", "党组织成立时间", "党支部成立时间"]),
        (CommitteePart::Party, &["党组织", "党支部", "党的组织"]),
        (CommitteePart::FilingNumber, &["备案号", "备案编号", "备案证号", "备案文号"]),
        (CommitteePart::Operating, &["运转", "是否正常", "正常运", "运行情况", "运行"]),
        (
            CommitteePart::FilingAppliedOn,
            &["备案申请", "申请备案", "备案受理日期", "备案受理时间", "申报备案", "备案申报", "备案提交"],
        ),
        (CommitteePart::FiledOn, &["备案日期", "备案时间", "备案"]),
        (CommitteePart::TermUntil, &["任期届满", "届满", "任期截止", "到期", "任期至", "任期止", "任期结束"]),
        (CommitteePart::DissolvedOn, &["解散日期", "解散时间", "终止日期", "解散"]),
        (CommitteePart::Present, &["是否成立", "是否组建", "是否建立", "是否有", "成立情况", "组建情况"]),
        (CommitteePart::FormedOn, &["成立日期", "成立时间", "组建日期", "组建时间", "选举日期", "成立", "组建"]),
        (CommitteePart::Members, &["委员人数", "成员人数", "委员数", "人数", "成员数"]),
        (CommitteePart::Code, &["编号", "代码", "编码"]),
        (CommitteePart::FormedOn, &["formedon", "formed"]),
    ];
    for (kind, names) in COMMITTEE_NAMES {
        for name in names {
            if let Some(at) = normal.find(name) {
                let rest = format!("{}{}", &normal[..at], &normal[at + name.len()..]);
                let fact = FACTS.iter().find(|(_, words)| words.iter().any(|word| rest.contains(word)));
                let part = fact.map(|(part, _)| *part).or((rest == "任期").then_some(CommitteePart::TermUntil))?;
                // Whether something was done is no date of it.
                let asks = matches!(part, CommitteePart::Present | CommitteePart::Operating | CommitteePart::Party);
                return (asks || !rest.contains("是否")).then_some(DeliveredField::Committee(kind, part));
            }
        }
    }
    None
}

/// Share of a column's filled cells of which something holds; `None` when too few are filled.
fn share(layer: &Layer, column: usize, holds: impl Fn(&str) -> bool) -> Option<f64> {
    let texts: Vec<String> = layer
        .records
        .iter()
        .take(LOOKED_AT)
        .filter_map(|record| value::plain_text(record.cells.get(column).unwrap_or(&Cell::Empty)))
        .collect();
    (!texts.is_empty()).then(|| texts.iter().filter(|text| holds(text)).count() as f64 / texts.len() as f64)
}

/// What the values of a column without a telling head are.
fn of_values(layer: &Layer, column: usize) -> Option<DeliveredField> {
    let alike = |holds: &dyn Fn(&str) -> bool| share(layer, column, holds).is_some_and(|share| share >= ALIKE);
    if alike(&|text| AreaCode::parse(text).is_ok()) {
        return Some(DeliveredField::Code);
    }
    if alike(&|text| Uscc::parse(&text.to_uppercase()).is_ok()) {
        return Some(DeliveredField::ManagerUscc);
    }
    if alike(&|text| {
        ["街道", "地区", "地区办事处"].iter().any(|kind| text.ends_with(kind)) && text.chars().count() <= 12
    }) {
        return Some(DeliveredField::Street);
    }
    if alike(&|text| text.contains("物业") && text.ends_with("公司")) {
        return Some(DeliveredField::ManagerName);
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::formats::{FileFormat, Geometry, Item, SourceRecord};

    fn layer(columns: &[&str], rows: &[&[&str]]) -> Layer {
        let record = |(at, row): (usize, &&[&str])| SourceRecord {
            item: Item::Row(at + 2),
            line: None,
            geometry: Geometry::None,
            cells: row.iter().map(|text| Cell::Text((*text).into())).collect(),
        };
        Layer {
            file: Arc::from("t.csv"),
            name: "t".to_owned(),
            format: FileFormat::Csv,
            encoding: None,
            crs: None,
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            records: rows.iter().enumerate().map(record).collect(),
        }
    }

    fn guessed(columns: &[&str], rows: &[&[&str]]) -> Vec<Option<String>> {
        guess(&layer(columns, rows))
            .into_iter()
            .map(|guess| guess.field.map(|field| field.key().into_owned()))
            .collect()
    }

    #[test]
    fn heads_of_offices_are_understood() {
        let heads = [
            "序号",
            "小区名称",
            "所属街道（乡镇）",
            "物业服务企业|名称",
            "统一社会信用代码",
            "占地面积（万平方米）",
            "业委会备案日期",
            "物管会是否组建",
            "XQMC2",
            "管理类型",
        ];
        let expected = [
            "serial",
            "name",
            "street",
            "manager_name",
            "manager_uscc",
            "site_area_m2",
            "owners.filed",
            "property_management.present",
            "",
            "management",
        ];
        for (got, expected) in guessed(&heads, &[]).iter().zip(expected) {
            assert_eq!(got.as_deref().unwrap_or_default(), expected);
        }
        let abbreviated = ["BH", "XQMC", "DZ", "JD", "WYLX", "WYH", "WYQY", "HS", "SJLY"];
        let expected = [
            "foreign_code",
            "name",
            "address",
            "street",
            "management",
            "committee_status",
            "manager_name",
            "households",
        ];
        let got = guessed(&abbreviated, &[&["R-001"]]);
        for (got, expected) in got.iter().zip(expected) {
            assert_eq!(got.as_deref(), Some(expected));
        }
    }

    #[test]
    fn heads_of_committees_are_not_guessed_beyond_their_words() {
        for (head, expected) in [
            ("业委会是否正常运转", Some("owners.works")),
            ("业委会任期届满日期", Some("owners.term")),
            ("业委会任期", Some("owners.term")),
            ("业委会任期起始日期", None),
            ("业委会任期(年)", None),
            ("业委会是否备案", None),
            ("业委会备案日期", Some("owners.filed")),
            ("业委会备案申请日期", Some("owners.applied")),
            ("物管会申请备案时间", Some("property_management.applied")),
            ("合同备案日期", Some("contract_filed_on")),
            ("物业服务合同备案时间", Some("contract_filed_on")),
            ("物业服务合同类型", Some("contract_kind")),
            ("业委会/物管会成立时间", None),
            ("业委会（物管会）备案日期", None),
            ("业委会物管会", Some("committee_status")),
        ] {
            assert_eq!(guessed(&[head], &[&["x"]]), [expected.map(str::to_owned)], "{head}");
        }
        let got = guessed(&["业委会", "物管会"], &[&["是", "否"], &["否", "是"]]);
        assert_eq!(got, [Some("owners.present".to_owned()), Some("property_management.present".to_owned())]);
        assert_eq!(guessed(&["业委会"], &[&["业委会"], &["物管会"]]), [Some("committee_status".to_owned())]);
    }

    #[test]
    fn what_an_export_heads_is_read_back() {
        for field in DeliveredField::all() {
            let head = field.short_key();
            let row: &[&str] = if field == DeliveredField::Code { &["CY-JS-0001"] } else { &["x"] };
            assert_eq!(guessed(&[&head], &[row]), [Some(field.key().into_owned())], "{head}");
        }
    }

    #[test]
    fn no_two_columns_mean_the_same_and_values_decide_where_heads_do_not() {
        assert_eq!(guessed(&["名称", "小区名称"], &[]), [Some("name".to_owned()), None]);
        let got = guessed(&["a", "b"], &[&["91000000MA00000157", "劲松街道"], &["91000000MA00000232", "双井街道"]]);
        assert_eq!(got, [Some("manager_uscc".to_owned()), Some("street".to_owned())]);
    }

    #[test]
    fn a_map_is_written_and_read_back_and_refuses_what_it_does_not_know() {
        let map = ColumnMap::of_guesses(&guess(&layer(&["名称", "x"], &[])));
        assert_eq!(ColumnMap::from_json(&map.to_json()), Ok(map));
        assert!(ColumnMap::from_json(&serde_json::json!({ "a": "nonsense" })).unwrap_err().contains("nonsense"));
        assert!(
            ColumnMap::from_json(&serde_json::json!({ "a": "name", "b": "name" })).unwrap_err().contains("already")
        );
    }
}
