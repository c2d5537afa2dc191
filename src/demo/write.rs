//! The files: GeoJSON with one feature a line, and CSV. Every text is the same for the same district, byte for byte.

use geo::{Coord, LineString, MultiPolygon, Polygon};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::demo::base::StreetBase;
use crate::demo::district::{AreaRow, District};
use crate::demo::{DemoError, File};
use crate::model::{Management, RateId};

/// Attribution that must be shown with the outline of the district.
const DISTRICT_ATTRIBUTION: &str = "行政区划边界：国家地理信息公共服务平台（天地图），审图号 GS(2024)0650号";
const DISTRICT_CODE: &str = "110105";
const DISTRICT_NAME: &str = "朝阳区";
/// The report whose figures are compared with the computed ones.
const REPORT: &str = "朝阳区物业管理情况报告 2022-10-27";
const REPORT_DATED: &str = "2022-10-27";

/// All files of the district.
pub fn files(outline: &MultiPolygon, streets: &[StreetBase], district: &District) -> Result<Vec<File>, DemoError> {
    Ok(vec![
        File { path: "district.geojson", text: collection(vec![district_feature(outline)]) },
        File { path: "streets.geojson", text: collection(streets.iter().map(street_feature).collect()) },
        File {
            path: "areas.geojson",
            text: collection(sorted(district).into_iter().map(|a| area_feature(a, streets, district)).collect()),
        },
        File { path: "ledger/managers.csv", text: managers(district)? },
        File { path: "ledger/committees.csv", text: committees(district)? },
        File { path: "ledger/communities.csv", text: communities(streets)? },
        File { path: "ledger/figures.csv", text: figures()? },
    ])
}

fn sorted(district: &District) -> Vec<&AreaRow> {
    let mut areas: Vec<&AreaRow> = district.areas.iter().collect();
    areas.sort_by(|a, b| a.code.cmp(&b.code));
    areas
}

fn collection(features: Vec<Value>) -> String {
    let mut text = String::from("{\"type\":\"FeatureCollection\",\"features\":[\n");
    for (i, feature) in features.iter().enumerate() {
        if i > 0 {
            text.push_str(",\n");
        }
        text.push_str(&feature.to_string());
    }
    text.push_str("\n]}\n");
    text
}

fn feature(properties: Map<String, Value>, geometry: Value) -> Value {
    json!({ "type": "Feature", "properties": properties, "geometry": geometry })
}

fn properties<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn district_feature(outline: &MultiPolygon) -> Value {
    let members =
        [("code", json!(DISTRICT_CODE)), ("name", json!(DISTRICT_NAME)), ("attribution", json!(DISTRICT_ATTRIBUTION))];
    feature(properties(members), multi(outline))
}

fn street_feature(street: &StreetBase) -> Value {
    let members = [
        ("code", json!(street.plan.code)),
        ("name", json!(street.name)),
        ("stem", json!(street.stem)),
        ("kind", json!(if street.subdistrict { "subdistrict" } else { "area_office" })),
        ("initials", json!(street.plan.initials)),
        ("aliases", json!(street.aliases)),
        ("civil_affairs_code", json!(street.civil_affairs_code)),
        ("schematic", json!(true)),
    ];
    feature(properties(members), multi(&street.cell))
}

fn area_feature(area: &AreaRow, streets: &[StreetBase], district: &District) -> Value {
    let management = area.quasi.map_or(Management::Contracted, Management::QuasiProperty);
    let facts = &area.facts;
    let members = [
        ("code", json!(area.code)),
        ("name", json!(area.naming.name)),
        ("common_names", json!(area.naming.common)),
        ("former_names", json!(area.naming.former)),
        ("building_groups", json!(area.building_groups)),
        ("street", json!(streets[area.street].plan.code)),
        ("community", json!(area.community)),
        ("management", json!(management.key())),
        ("quasi_kind", json!(area.quasi.map(|kind| kind.key()))),
        ("manager", json!(district.managers[area.manager].uscc.as_str())),
        ("address", json!(area.naming.address)),
        ("floor_area_m2", json!(facts.floor_area_m2)),
        ("households", json!(facts.households)),
        ("building_count", json!(facts.building_count)),
        ("built_year", json!(facts.built_year)),
        ("fee_yuan_per_m2_month", json!(facts.fee_cents.map(|cents| cents as f64 / 100.0))),
        ("contract_from", json!(facts.contract_from.map(|day| day.to_string()))),
        ("contract_until", json!(facts.contract_until.map(|day| day.to_string()))),
        ("contract_kind", json!(facts.contract_kind.map(|kind| kind.key()))),
        ("contract_filed_on", json!(facts.contract_filed_on.map(|day| day.to_string()))),
        ("delimitation_document", json!(facts.delimitation_document)),
        ("committees_known", json!(true)),
        ("demo", json!(true)),
    ];
    let boundary = &area.estate.boundary;
    let geometry = match boundary.0.as_slice() {
        [only] => json!({ "type": "Polygon", "coordinates": polygon(only) }),
        _ => multi(boundary),
    };
    feature(properties(members), geometry)
}

fn multi(polygons: &MultiPolygon) -> Value {
    json!({ "type": "MultiPolygon", "coordinates": polygons.iter().map(polygon).collect::<Vec<_>>() })
}

/// Rings in the winding of RFC 7946, 3.1.6: exteriors counter-clockwise, holes clockwise.
fn polygon(polygon: &Polygon) -> Value {
    let mut rings = vec![ring(polygon.exterior(), true)];
    rings.extend(polygon.interiors().iter().map(|hole| ring(hole, false)));
    Value::Array(rings)
}

fn ring(line: &LineString, counter_clockwise: bool) -> Value {
    let twice: f64 = line.lines().map(|edge| edge.determinant()).sum();
    let pair = |c: &Coord| json!([c.x, c.y]);
    if (twice > 0.0) == counter_clockwise {
        Value::Array(line.0.iter().map(pair).collect())
    } else {
        Value::Array(line.0.iter().rev().map(pair).collect())
    }
}

/// A table with its head row; lines end with LF.
fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Result<String, DemoError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|err| DemoError::Csv(err.into_error().into()))?;
    Ok(String::from_utf8(bytes).expect("only UTF-8 was written"))
}

fn cell<T: ToString>(value: Option<T>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

fn managers(district: &District) -> Result<String, DemoError> {
    let rows = district.managers.iter().map(|row| {
        vec![
            row.uscc.to_string(),
            row.name.clone(),
            row.kind.key().to_owned(),
            cell(row.phone.as_ref()),
            cell(row.party_organisation),
            "true".to_owned(),
        ]
    });
    table(&["uscc", "name", "kind", "phone", "party_organisation", "demo"], rows)
}

fn committees(district: &District) -> Result<String, DemoError> {
    const HEAD: [&str; 14] = [
        "code",
        "area",
        "kind",
        "formed_on",
        "filing_applied_on",
        "filed_on",
        "filing_number",
        "term_until",
        "dissolved_on",
        "operating",
        "members",
        "party_organisation",
        "party_since",
        "demo",
    ];
    let rows = district.committees.iter().map(|row| {
        vec![
            row.code.clone(),
            district.areas[row.area].code.clone(),
            row.kind.key().to_owned(),
            row.formed_on.to_string(),
            cell(row.filing_applied_on),
            cell(row.filed_on),
            cell(row.filing_number.as_ref()),
            row.term_until.to_string(),
            cell(None::<Date>),
            row.operating.to_string(),
            cell(row.members),
            row.party_organisation.to_string(),
            cell(row.party_since),
            "true".to_owned(),
        ]
    });
    table(&HEAD, rows)
}

fn communities(streets: &[StreetBase]) -> Result<String, DemoError> {
    let rows = streets.iter().flat_map(|street| {
        street
            .communities
            .iter()
            .map(|c| vec![c.code.clone(), c.name.clone(), c.stem.clone(), street.plan.code.to_owned()])
    });
    table(&["code", "name", "stem", "street"], rows)
}

/// The printed figures. Counts stand only where the report printed them. It set the coverage of areas beside its count of
/// committees (138 and 1,399), from which another percentage follows.
fn figures() -> Result<String, DemoError> {
    const FIGURES: [(RateId, &str, Option<u32>, Option<u32>); 5] = [
        (RateId::ContractedShare, "92.5", Some(1514), Some(1637)),
        (RateId::QuasiShare, "7.5", Some(123), Some(1637)),
        (RateId::CommitteeCoverage, "93.4", Some(1537), Some(1637)),
        (RateId::PartyCoverageCommittee, "94.5", Some(1456), None),
        (RateId::PartyCoverageCompany, "97.4", Some(530), Some(544)),
    ];
    let rows = FIGURES.iter().map(|(rate, percent, numerator, denominator)| {
        vec![
            rate.key().to_owned(),
            (*percent).to_owned(),
            cell(*numerator),
            cell(*denominator),
            REPORT.to_owned(),
            REPORT_DATED.to_owned(),
        ]
    });
    table(&["rate", "percent", "numerator", "denominator", "source", "dated"], rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_are_written_in_the_winding_of_the_standard() {
        let square = LineString::from(vec![(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0)]);
        assert_eq!(ring(&square, true)[1], json!([1.0, 0.0]));
        assert_eq!(ring(&square, false)[1], json!([0.0, 1.0]));
    }

    #[test]
    fn a_collection_has_one_feature_a_line() {
        let text = collection(vec![json!({"type": "Feature"}), json!({"type": "Feature"})]);
        assert_eq!(text.lines().count(), 4);
        assert!(serde_json::from_str::<Value>(&text).is_ok());
    }

    #[test]
    fn printed_figures_leave_counts_empty_that_were_not_printed() {
        let text = figures().unwrap();
        assert!(text.contains("committee_coverage,93.4,1537,1637,"), "{text}");
        assert!(text.contains("party_coverage_committee,94.5,1456,,"));
    }
}
