//! Findings for people and programs: lines for a terminal, JSON, a page, a workbook, a table.

mod files;
mod page;
mod text;

use geojson::GeometryValue;
use serde_json::{Value, json};

use crate::formats::Item;
use crate::ingest::delivery::{Finding, FindingState, Param, Severity, Side};
use crate::model::Text;

pub use files::{csv, xlsx};
pub use page::html;
pub use text::text;

/// The language of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Chinese,
    /// English.
    English,
}

impl Language {
    fn of(self, text: Text) -> &'static str {
        match self {
            Self::Chinese => text.zh,
            Self::English => text.en,
        }
    }
}

/// What is wrong, in one sentence without a full stop.
pub fn wrong(finding: &Finding, language: Language) -> String {
    filled(language.of(finding.issue.wrong), finding)
}

/// How to put it right.
pub fn fix(finding: &Finding, language: Language) -> String {
    filled(language.of(finding.issue.fix), finding)
}

/// A text with its braces filled. A name that has no value stays out, so that nobody reads a brace.
fn filled(text: &str, finding: &Finding) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        if let Some(value) = finding.params.get(name) {
            filled.push_str(&param(value));
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn param(value: &Param) -> String {
    match value {
        Param::Text(text) => text.clone(),
        Param::Number(number, decimals) => format!("{number:.*}", usize::from(*decimals)),
        Param::Count(count) => count.to_string(),
    }
}

/// Name of a state in the API.
pub fn state_key(state: FindingState) -> &'static str {
    match state {
        FindingState::Open => "open",
        FindingState::Excepted(_) => "excepted",
        FindingState::Repaired => "repaired",
    }
}

/// Name of a severity in the API.
pub fn severity_key(severity: Severity) -> &'static str {
    match severity {
        Severity::MustFix => "must_fix",
        Severity::FixLater => "fix_later",
    }
}

/// Name of a side in the API.
pub fn side_key(side: Side) -> &'static str {
    match side {
        Side::Bureau => "bureau",
        Side::Street => "street",
        Side::District => "district",
    }
}

/// A finding as an object of the API.
pub fn finding_object(finding: &Finding) -> Value {
    let both = |of: fn(&Finding, Language) -> String| json!({ "zh-CN": of(finding, Language::Chinese), "en": of(finding, Language::English) });
    let number = match finding.place.item {
        Item::File => None,
        Item::Feature(number) | Item::Row(number) => Some(number),
    };
    let params: serde_json::Map<String, Value> = finding
        .params
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Param::Text(text) => text.clone().into(),
                // As it is told: more digits would claim more than was measured.
                Param::Number(..) => param(value).parse::<f64>().map_or(Value::Null, Value::from),
                Param::Count(count) => (*count).into(),
            };
            ((*name).to_owned(), value)
        })
        .collect();
    json!({
        "issue": finding.issue.id,
        "severity": severity_key(finding.issue.severity),
        "side": side_key(finding.issue.side),
        "state": state_key(finding.state),
        "file": &*finding.place.file,
        "item": finding.place.item.to_string(),
        "row": number,
        "subject": finding.subject,
        "name": finding.name,
        "street": finding.street.as_ref().map(|street| street.as_str()),
        "field": finding.field.map(|field| field.key()),
        "column": finding.column,
        "value": finding.value,
        "params": params,
        "title": { "zh-CN": finding.issue.title.zh, "en": finding.issue.title.en },
        "wrong": both(wrong),
        "fix": both(fix),
        "at": finding.at.map(|at| [at.x, at.y]),
        "shape": finding.shape.as_ref().map(|shape| geojson::Geometry::new(GeometryValue::from(shape))),
        "other": finding.other.as_ref().map(|other| json!({
            "subject": other.subject,
            "name": other.name,
            "item": other.place.as_ref().map(|place| place.item.to_string()),
        })),
        "fingerprint": finding.fingerprint,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Place;
    use crate::ingest::delivery::catalogue::{OVERLAP, PERSONAL_DATA};

    #[test]
    fn sentences_are_filled_in_both_languages() {
        let finding = Finding::new(&OVERLAP, Place::file("a.shp"))
            .with("other", "枣营北里")
            .with("other_place", "a.shp, feature 3")
            .with("surface_m2", Param::Number(12.345, 1))
            .with("width_m", Param::Number(0.5, 2));
        assert_eq!(wrong(&finding, Language::Chinese), "与 枣营北里（a.shp, feature 3）重叠 12.3 平方米，宽 0.50 米");
        assert!(wrong(&finding, Language::English).contains("over 12.3 m², 0.50 m wide"));
        assert_eq!(finding_object(&finding)["params"]["surface_m2"], 12.3);
    }

    #[test]
    fn a_page_escapes_what_files_say_and_a_table_disarms_formulas() {
        let mut finding = Finding::new(&PERSONAL_DATA, Place::file("<b>.csv")).with("column", "=cmd|' /C calc'!A0");
        finding.name = Some("<script>alert(1)</script>".to_owned());
        finding.value = Some("=1+1".to_owned());
        let page = html(&[&finding], "<i>");
        assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"));
        let table = String::from_utf8(csv(&[&finding])).unwrap();
        assert!(table.starts_with('\u{feff}') && table.contains("'=1+1"));
        assert!(xlsx(&[&finding], "t").unwrap().starts_with(b"PK"));
    }
}
