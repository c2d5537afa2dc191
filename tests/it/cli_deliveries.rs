//! `onemap export`, `import` and `check` on real files.

use std::io::Read as _;
use std::path::Path;

use onemap::model::NewException;
use onemap::store::geopackage::Access;
use onemap::store::{Place, open};
use serde_json::{Value, json};

use crate::support::process::{run, text};
use crate::support::tree::root;

/// The nine formats by the endings of their files.
const ENDINGS: [&str; 9] = ["geojson", "geojsonl", "zip", "gpkg", "kml", "kmz", "fgb", "csv", "xlsx"];

fn loaded() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    said(folder.path(), 0, &["demo"]);
    folder
}

/// What a command says that must end with this exit code.
fn said(folder: &Path, code: i32, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {err}{}", out.chars().take(2000).collect::<String>());
    out
}

/// The first JSON object that a command tells.
fn told(folder: &Path, code: i32, arguments: &[&str]) -> Value {
    let out = said(folder, code, &[arguments, &["--json"]].concat());
    let line = out.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("no object: {out}"));
    serde_json::from_str(line).unwrap()
}

fn unchanged(rows: usize) -> Value {
    json!({ "added": 0, "changed": 0, "unchanged": rows, "unlocated": 0, "unusable": 0, "vanished": 0 })
}

/// Writes some of the exported areas, changed, as a file of its own.
fn write_part(folder: &Path, name: &str, change: impl FnOnce(&mut Vec<Value>)) {
    if !folder.join("all.geojson").exists() {
        said(folder, 0, &["export", "all.geojson"]);
    }
    let mut all: Value = serde_json::from_slice(&std::fs::read(folder.join("all.geojson")).unwrap()).unwrap();
    change(all["features"].as_array_mut().unwrap());
    std::fs::write(folder.join(name), all.to_string()).unwrap();
}

fn revision(folder: &Path) -> Value {
    told(folder, 0, &["store", "check"])["revision"].clone()
}

#[test]
fn an_export_in_any_format_is_read_back_without_a_change() {
    let folder = loaded();
    let folder = folder.path();
    let before = revision(folder);
    for ending in ENDINGS {
        let file = format!("areas.{ending}");
        said(folder, 0, &["export", &file]);
        let told = told(folder, 0, &["import", "--as", "X", &file]);
        assert_eq!((&told["rows"], &told["changes"]), (&json!(1637), &unchanged(1637)), "{ending}");
        let findings = told["findings"].as_array().unwrap();
        assert!(findings.iter().all(|finding| finding["severity"] == "fix_later"), "{ending}");
    }
    assert_eq!(revision(folder), before, "a dry run writes nothing");
    said(folder, 1, &["export", "areas.csv"]);
    said(folder, 1, &["export", "areas.dwg"]);
}

#[test]
fn a_committed_import_publishes_once() {
    let folder = loaded();
    let folder = folder.path();
    write_part(folder, "one.geojson", |areas| {
        areas.truncate(1);
        areas[0]["properties"]["name"] = json!("改名里(演示)");
    });
    let before = revision(folder).as_u64().unwrap();
    let changes = &told(folder, 0, &["import", "--as", "X", "one.geojson"])["changes"];
    assert_eq!((&changes["changed"], &changes["unchanged"]), (&json!(1), &json!(0)));
    assert_eq!(revision(folder), before);
    let out = said(folder, 0, &["import", "--as", "X", "--commit", "one.geojson"]);
    assert!(out.contains(&format!("published delivery 1 as revision {}", before + 1)), "{out}");
    assert_eq!(revision(folder), before + 1);
    said(folder, 0, &["export", "after.geojson"]);
    assert!(std::fs::read_to_string(folder.join("after.geojson")).unwrap().contains("改名里(演示)"));
    let again = said(folder, 0, &["import", "--as", "X", "--commit", "one.geojson"]);
    assert!(again.contains("nothing new"), "{again}");
    assert_eq!(revision(folder), before + 1, "the same bytes are entered once");
}

#[test]
fn many_areas_vanish_only_when_their_number_is_confirmed() {
    let folder = loaded();
    let folder = folder.path();
    write_part(folder, "less.geojson", |areas| {
        let mut at = 0;
        areas.retain(|_| {
            at += 1;
            at % 10 != 0
        });
    });
    let before = revision(folder).as_u64().unwrap();
    let whole = ["import", "--as", "X", "--scope", "district", "less.geojson"];
    let changes = &told(folder, 0, &whole)["changes"];
    assert_eq!((&changes["unchanged"], &changes["vanished"]), (&json!(1474), &json!(163)));
    for confirmed in [&[][..], &["--confirm-vanishing", "162"]] {
        let out = said(folder, 3, &[&whole[..], &["--commit"][..], confirmed].concat());
        assert!(out.contains("refused") && out.contains("163 of 1637"), "{out}");
        assert_eq!(revision(folder), before);
    }
    said(folder, 0, &[&whole[..], &["--commit", "--confirm-vanishing", "163"]].concat());
    assert_eq!(revision(folder), before + 1);
    said(folder, 0, &["export", "left.csv"]);
    let left = told(folder, 0, &["import", "--as", "X", "left.csv"]);
    assert_eq!(left["changes"], unchanged(1474));
}

#[test]
fn files_by_themselves_are_checked_without_a_register() {
    let folder = loaded();
    write_part(folder.path(), "twice.geojson", |areas| {
        areas.truncate(2);
        let mut twin = areas[0].clone();
        twin["properties"]["code"] = json!("DEMO-JS-0999");
        areas.push(twin);
    });
    let alone = tempfile::tempdir().unwrap();
    std::fs::copy(folder.path().join("twice.geojson"), alone.path().join("twice.geojson")).unwrap();
    let report = ["check", "--alone", "--html", "r.html", "--xlsx", "r.xlsx", "twice.geojson"];
    let told = told(alone.path(), 3, &report);
    assert_eq!((&told["rows"], &told["publishable"]), (&json!(3), &json!(false)));
    let findings = told["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["severity"] == "must_fix" && finding["row"] == 3), "{findings:?}");
    assert!(std::fs::read_to_string(alone.path().join("r.html")).unwrap().contains("twice.geojson"));
    assert!(std::fs::read(alone.path().join("r.xlsx")).unwrap().starts_with(b"PK"));
    assert!(!alone.path().join("data").exists(), "nothing is made");
    said(alone.path(), 1, &["check", "--alone", "none.geojson"]);
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
fn real_areas_that_overlap_nobody_have_fourteen_findings() {
    let name = "shared/data/bench/london_output_areas.geojsonl.gz";
    let Some(file) = root().ancestors().skip(1).map(|above| above.join(name)).find(|file| file.is_file()) else {
        eprintln!("skipped: there is no {name} beside the checkout");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_end(&mut bytes).unwrap();
    std::fs::write(folder.path().join("real.geojsonl"), bytes).unwrap();
    let output = run(folder.path(), &["check", "--alone", "--json", "real.geojsonl"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["findings"].as_array().unwrap().len(), 14);
}

#[test]
fn a_row_without_a_place_is_published_listed_and_counted_until_it_is_drawn() {
    let folder = loaded();
    let folder = folder.path();
    assert_eq!(told(folder, 0, &["completeness"])["areas"], 1637);
    std::fs::write(folder.join("ledger.csv"), "小区名称,街道,管理类型\n未绘新村,劲松街道,委托管理\n").unwrap();
    let arguments = ["import", "--as", "劲松街道", "ledger.csv", "--commit"];
    let published = said(folder, 0, &arguments);
    assert!(published.contains("未落图"), "{published}");
    let open = told(folder, 3, &["completeness"]);
    assert_eq!(open["ledger_only"][0]["subject"], "未绘新村 @ 110105017");
    assert_eq!(open["ledger_only"].as_array().unwrap().len(), 1);
    let lines = said(folder, 3, &["completeness"]);
    assert!(lines.contains("账有图无 1 · 图有账无 0"), "{lines}");

    // Drawn, but nothing is said of its management or committees: now it is on the map and not in the ledger.
    let square = "POLYGON((116.4601 39.8701,116.4602 39.8701,116.4602 39.8702,116.4601 39.8702,116.4601 39.8701))";
    std::fs::write(folder.join("drawn.csv"), format!("小区名称,街道,wkt\n未绘新村,劲松街道,\"{square}\"\n")).unwrap();
    let drawn = said(folder, 0, &["import", "--as", "劲松街道", "drawn.csv", "--commit"]);
    let left = told(folder, 3, &["completeness"]);
    assert!(left["ledger_only"].as_array().unwrap().is_empty(), "{left} {drawn}");
    assert_eq!(left["map_only"].as_array().unwrap().len(), 1, "{left}");
}

/// Records an exception that holds up to a day.
fn excuse(folder: &Path, (issue, subject, fingerprint): (&str, &str, &str), expires_on: jiff::civil::Date) {
    let store = open(&Place::File(folder.join("data/onemap.gpkg")), Access::Existing).unwrap();
    let text = str::to_owned;
    let recorded = NewException {
        issue: text(issue),
        subject: text(subject),
        other: None,
        fingerprint: text(fingerprint),
        reason: text("拆迁中"),
        owner: text("区房管局"),
        expires_on,
        recorded_at: jiff::Timestamp::UNIX_EPOCH,
        recorded_by: text("internal"),
    };
    store.record_exception(&recorded, &[]).unwrap();
}

#[test]
fn what_is_excused_lets_completeness_end_well_until_the_day_passes_or_the_boundary_changes() {
    let folder = loaded();
    let folder = folder.path();
    let square =
        |to: &str| format!("POLYGON((116.4601 39.8701,{to} 39.8701,{to} 39.8702,116.4601 39.8702,116.4601 39.8701))");
    let import = |name: &str, text: String| {
        std::fs::write(folder.join(name), text).unwrap();
        said(folder, 0, &["import", "--as", "劲松街道", name, "--commit"]);
    };
    import("ledger.csv", "小区名称,街道,管理类型\n未绘新村,劲松街道,委托管理\n".to_owned());
    import("drawn.csv", format!("小区名称,街道,wkt\n新绘小区,劲松街道,\"{}\"\n", square("116.4602")));
    let open = told(folder, 3, &["completeness"]);
    let row = open["ledger_only"][0]["subject"].as_str().unwrap();
    let area = open["map_only"][0]["subject"].as_str().unwrap();
    let fingerprint = open["map_only"][0]["fingerprint"].as_str().unwrap();
    let [today, yesterday] = [0, 1].map(|days: i64| {
        let now = jiff::Timestamp::now().to_zoned(jiff::tz::Offset::constant(8).to_time_zone()).date();
        now.saturating_sub(jiff::Span::new().days(days))
    });
    // One of both, an expired one, one of another boundary: none is enough.
    excuse(folder, ("not-located", row, ""), today);
    excuse(folder, ("not-registered", area, fingerprint), yesterday);
    excuse(folder, ("not-registered", area, "00"), today);
    let half = told(folder, 3, &["completeness"]);
    assert_eq!((&half["excused"], &half["ledger_only"], &half["complete"]), (&json!(1), &json!([]), &json!(false)));
    assert_eq!(half["map_only"].as_array().unwrap().len(), 1);
    // A delivery calls the outline by what it said of it; the boundary decides.
    excuse(folder, ("not-registered", "row 2 of drawn.csv", fingerprint), today);
    let whole = told(folder, 0, &["completeness"]);
    assert_eq!((&whole["excused"], &whole["complete"]), (&json!(2), &json!(true)));
    assert!(said(folder, 0, &["completeness"]).contains("2 excused"));
    // Drawn anew, it is another boundary, of which nobody said anything.
    import("again.csv", format!("小区名称,街道,wkt\n新绘小区,劲松街道,\"{}\"\n", square("116.4603")));
    let drawn = told(folder, 3, &["completeness"]);
    assert_eq!((&drawn["excused"], &drawn["map_only"][0]["subject"]), (&json!(1), &json!(area)));
}

#[test]
fn a_report_is_written_for_a_day_and_refuses_what_does_not_follow() {
    let folder = loaded();
    let folder = folder.path();
    let report = said(folder, 0, &["report", "--on", "2022-10-27", "--percent", "committee_coverage=93.4"]);
    assert!(report.contains("组建率93.4%（1,529/1,637）"), "{report}");
    let refused = said(folder, 3, &["report", "--percent", "committee_count_ratio=93.4"]);
    assert!(refused.contains("numerators over 1637 that fit: 1529") && !refused.contains("截至"), "{refused}");
    assert!(!said(folder, 0, &["report", "--for", "public"]).contains("党组织"));
    said(folder, 2, &["report", "--percent", "speed=1"]);
}
