//! `onemap reconcile` on files: without a server, and without a register unless it is one of the sides.

use std::fmt::Write as _;
use std::path::Path;

use onemap::crs::{self, gcj02};
use onemap::reconcile::{Record, Shape};
use serde_json::{Value, json};

use crate::support::process::{run, text};
use crate::trial::delivery::trial;
use crate::trial::levels::MEDIUM;

const HEAD: &str = "left_id,right_id,relation,status,drift,probability,reason";

fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {err}");
    out
}

/// The records as GeoJSON, every position passed through `place`.
fn geojson(records: &[Record], place: impl Fn(geo::Coord) -> geo::Coord) -> String {
    let at = |point: &geo::Coord| {
        let there = place(*point);
        json!([(there.x * 1e7).round() / 1e7, (there.y * 1e7).round() / 1e7])
    };
    let feature = |record: &Record| {
        let geometry = match &record.shape {
            Shape::None => Value::Null,
            Shape::Point(point) => json!({ "type": "Point", "coordinates": at(point) }),
            Shape::Outline(outline) => {
                let ring: Vec<Value> = outline.0[0].exterior().0.iter().map(at).collect();
                json!({ "type": "Polygon", "coordinates": [ring] })
            }
        };
        let properties = json!({ "id": record.id, "name": record.name, "aliases": record.aliases, "address": record.address,
            "street": record.street, "mgmt_type": record.management, "committee": record.committee,
            "company": record.company, "households": record.households, "source": record.source });
        json!({ "type": "Feature", "id": record.id, "properties": properties, "geometry": geometry })
    };
    json!({ "type": "FeatureCollection", "features": records.iter().map(feature).collect::<Vec<_>>() }).to_string()
}

/// Rows of a table as offices deliver it: GBK, Chinese heads, places as two columns where there are any.
fn table<'a>(records: impl Iterator<Item = &'a Record>, with_places: bool) -> Vec<u8> {
    let mut table = "编号,小区名称,地址,街乡,物业类型,业委会情况,物业企业,户数,数据来源".to_owned();
    table.push_str(if with_places { ",经度,纬度\n" } else { "\n" });
    for one in records {
        let fields = [
            &one.id,
            &one.name,
            &one.address,
            &one.street,
            &one.management,
            &one.committee,
            &one.company,
            &one.households,
            &one.source,
        ];
        table.push_str(&fields.map(String::as_str).map(|field| format!("\"{field}\"")).join(","));
        if let Shape::Point(point) = one.shape {
            write!(table, ",{:.7},{:.7}", point.x, point.y).unwrap();
        }
        table.push('\n');
    }
    encoding_rs::GBK.encode(&table).0.into_owned()
}

#[test]
fn one_file_and_the_same_rows_as_a_grid_and_two_tables_in_gbk_give_the_same_result() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let trial = trial(21, 120, &MEDIUM);
    std::fs::write(folder.join("left.geojson"), geojson(&trial.left, |point| point)).unwrap();
    std::fs::write(folder.join("right.geojson"), geojson(&trial.right, |point| point)).unwrap();
    let drawn: Vec<Record> = trial.right.iter().filter(|one| matches!(one.shape, Shape::Outline(_))).cloned().collect();
    // The outlines in metres of the survey grid, though GeoJSON should not hold any.
    let grid = geojson(&drawn, |point| crs::to_grid(point).unwrap());
    std::fs::write(folder.join("polygons.geojson"), grid).unwrap();
    let points = trial.right.iter().filter(|one| matches!(one.shape, Shape::Point(_)));
    std::fs::write(folder.join("points.csv"), table(points, true)).unwrap();
    let names = trial.right.iter().filter(|one| one.shape == Shape::None);
    std::fs::write(folder.join("names.csv"), table(names, false)).unwrap();

    let whole =
        ["reconcile", "--left", "left.geojson", "--right", "right.geojson", "--out", "a.csv", "--attrs", "a_attrs.csv"];
    said(folder, &[&whole[..], &["--report", "a.html"]].concat());
    let parts = ["reconcile", "--left", "left.geojson", "--right", "polygons.geojson", "--right", "points.csv"];
    said(
        folder,
        &[&parts[..], &["--right", "names.csv", "--out", "b.csv", "--attrs", "b_attrs.csv", "--report", "b.xlsx"]]
            .concat(),
    );
    said(folder, &["reconcile", "--left", "left.geojson", "--right", "right.geojson", "--out", "c.csv"]);

    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(read("a.csv"), read("c.csv"), "the same files must give the same bytes");
    assert_eq!(read("a.csv").lines().next(), Some(HEAD));
    let decided = |name: &str| -> Vec<String> {
        read(name).lines().map(|line| line.split(',').take(4).collect::<Vec<_>>().join(",")).collect()
    };
    assert_eq!(decided("a.csv"), decided("b.csv"));
    assert_eq!(read("a_attrs.csv"), read("b_attrs.csv"));
    assert!(decided("a.csv").iter().filter(|line| line.ends_with(",1:1,auto")).count() > 60);
    assert!(read("a.html").contains("比对报告") && std::fs::read(folder.join("b.xlsx")).unwrap().starts_with(b"PK"));
}

#[test]
fn the_system_of_a_file_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let outlines: Vec<Record> = crate::trial::ledger::ledger(5, 160, 0.0)
        .records
        .into_iter()
        .map(|record| Record { id: record.id, shape: record.shape, ..Record::default() })
        .collect();
    std::fs::write(folder.join("left.geojson"), geojson(&outlines, |point| point)).unwrap();
    let found = |place: &dyn Fn(geo::Coord) -> geo::Coord| -> (String, f64) {
        std::fs::write(folder.join("right.geojson"), geojson(&outlines, place)).unwrap();
        let out = said(folder, &["reconcile", "--left", "left.geojson", "--right", "right.geojson", "--json"]);
        let answer: Value = serde_json::from_str(out.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
        let shift = &answer["right"]["shift_m"];
        assert_eq!(answer["statements"]["1:1"], json!({ "statements": 160, "review": 0 }), "{answer}");
        (
            answer["right"]["system"].as_str().unwrap().to_owned(),
            shift[0].as_f64().unwrap().hypot(shift[1].as_f64().unwrap()),
        )
    };
    let degrees = found(&|point| point);
    assert!(degrees.1 < 1.0);
    assert_eq!(found(&gcj02::from_degrees).0, "gcj02");
    assert_eq!(found(&crs::bd09::from_degrees).0, "bd09");
    assert_eq!(found(&|point| crs::to_grid(point).unwrap()).0, "EPSG:4548");
    let swapped = found(&|point| geo::Coord { x: point.y, y: point.x });
    assert_ne!(swapped.0, degrees.0);
    let shifted = found(&|point| point + geo::Coord { x: 0.0006, y: -0.0004 });
    assert_eq!(shifted.0, degrees.0);
    assert!((shifted.1 - 68.0).abs() < 4.0, "{}", shifted.1);
}

#[test]
fn the_register_is_a_side_and_what_cannot_be_done_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    said(folder, &["demo"]);
    said(folder, &["export", "all.geojson"]);
    let out = said(folder, &["reconcile", "--left", "register", "--right", "all.geojson", "--json"]);
    let answer: Value = serde_json::from_str(out.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
    assert_eq!(answer["statements"]["1:1"], json!({ "statements": 1637, "review": 0 }), "{answer}");
    let refused =
        run(folder, &["reconcile", "--left", "all.geojson", "--right", "all.geojson", "--report", "report.txt"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains(".html or .xlsx"));
}
