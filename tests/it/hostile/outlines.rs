//! Outlines that are none, as GeoJSON.

use std::fmt::Write as _;

use crate::hostile::{Case, Expected, Finding, Refusal, Rows};

/// A square as a ring of positions, its south-western corner `step` thousandths of a degree east of a good place.
fn square(step: f64, side: f64) -> String {
    let (x, y) = (116.45 + step / 1000.0, 39.92);
    let (e, n) = (x + side / 1000.0, y + side / 1000.0);
    format!("[[{x},{y}],[{e},{y}],[{e},{n}],[{x},{n}],[{x},{y}]]")
}

fn feature(geometry: &str, properties: &str) -> String {
    format!(r#"{{"type":"Feature","geometry":{geometry},"properties":{{{properties}}}}}"#)
}

/// A feature with a polygon of these rings.
fn area(name: &str, rings: &str) -> String {
    let geometry = format!(r#"{{"type":"Polygon","coordinates":[{rings}]}}"#);
    feature(&geometry, &format!(r#""name":"{name}","street":"麦子店街道""#))
}

fn collection(features: &[String]) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

fn with_crs(crs: &str, features: &[String]) -> String {
    collection(features).replacen('{', &format!(r#"{{"crs":{crs},"#), 1)
}

/// One area with these rings.
fn rings(what: &str, rings: &str, expected: Expected) -> Case {
    Case::new(what, "a.geojson", collection(&[area("甲", rings)]), expected)
}

/// A star-shaped outline with that many vertices.
fn many_vertices(count: usize) -> String {
    let mut ring = String::from("[");
    for number in 0..=count {
        let turn = std::f64::consts::TAU * (number % count) as f64 / count as f64;
        let separator = if number == 0 { "" } else { "," };
        // Writing to a string does not fail.
        let _ = write!(ring, "{separator}[{:.12},{:.12}]", 116.45 + 0.01 * turn.cos(), 39.92 + 0.01 * turn.sin());
    }
    ring + "]"
}

fn shapes() -> Vec<Case> {
    let hole = |step: f64, y: f64| {
        let (x, y) = (116.45 + step / 1000.0, 39.92 + y / 1000.0);
        format!("[[{x},{y}],[{x},{0}],[{1},{0}],[{1},{y}],[{x},{y}]]", y + 0.001, x + 0.001)
    };
    let bow = "[[116.45,39.92],[116.46,39.93],[116.46,39.92],[116.45,39.93],[116.45,39.92]]";
    let spike = "[[116.45,39.92],[116.46,39.92],[116.46,39.925],[116.49,39.92500001],[116.46,39.92500002],[116.46,39.93],[116.45,39.93],[116.45,39.92]]";
    let twice = "[[116.45,39.92],[116.46,39.92],[116.46,39.92],[116.46,39.93],[116.45,39.93],[116.45,39.92]]";
    let back =
        "[[116.45,39.92],[116.46,39.92],[116.47,39.92],[116.46,39.92],[116.46,39.93],[116.45,39.93],[116.45,39.92]]";
    let touch = "[[116.45,39.92],[116.46,39.92],[116.455,39.925],[116.46,39.93],[116.45,39.93],[116.455,39.925],[116.45,39.92]]";
    let (large, far) = (square(0.0, 10.0), square(30.0, 1.0));
    vec![
        rings("a bow-tie", bow, Finding("self-intersection")),
        rings("a spike", spike, Finding("spike")),
        rings("a vertex twice", twice, Finding("duplicate-vertices")),
        rings("a side that runs back", back, Finding("collinear-overlap")),
        rings("an outline that touches itself", touch, Finding("self-touch")),
        rings(
            "a ring left open",
            "[[116.45,39.92],[116.46,39.92],[116.46,39.93],[116.45,39.93]]",
            Finding("unclosed-ring"),
        ),
        rings("a ring of two positions", "[[116.45,39.92],[116.46,39.92]]", Finding("degenerate-ring")),
        rings(
            "a ring on one line",
            "[[116.45,39.92],[116.46,39.92],[116.47,39.92],[116.45,39.92]]",
            Finding("degenerate-ring"),
        ),
        rings(
            "a ring of one position many times",
            &format!("[{}]", ["[116.45,39.92]"; 9].join(",")),
            Finding("degenerate-ring"),
        ),
        rings("a ring without a position", "[]", Rows(1)),
        rings("a polygon without a ring", "", Rows(1)),
        rings("a hole outside", &format!("{large},{}", hole(30.0, 2.0)), Finding("hole-outside")),
        rings("holes that cross", &format!("{large},{},{}", hole(2.0, 2.0), hole(2.5, 2.5)), Finding("holes-cross")),
        rings("a hole twice", &format!("{large},{0},{0}", hole(2.0, 2.0)), Finding("repeated-ring")),
        rings("200,000 vertices", &many_vertices(200_000), Refusal("the number of positions")),
        rings("a hundred thousand empty rings", &vec!["[]"; 100_000].join(","), Rows(1)),
        Case::new(
            "parts that overlap",
            "a.geojson",
            collection(&[feature(
                &format!(r#"{{"type":"MultiPolygon","coordinates":[[{large}],[{}]]}}"#, hole(5.0, 5.0)),
                r#""name":"甲""#,
            )]),
            Finding("parts-overlap"),
        ),
        Case::new(
            "a line",
            "a.geojson",
            collection(&[feature(&format!(r#"{{"type":"LineString","coordinates":{far}}}"#), r#""name":"甲""#)]),
            Finding("not-a-polygon"),
        ),
    ]
}

fn neighbours() -> Vec<Case> {
    let two = |what: &str, a: String, b: String, expected| {
        Case::new(what, "a.geojson", collection(&[area("甲", &a), area("乙", &b)]), expected)
    };
    vec![
        two("an overlap", square(0.0, 5.0), square(3.0, 5.0), Finding("overlap")),
        two("one outline twice", square(0.0, 5.0), square(0.0, 5.0), Finding("duplicate-geometry")),
        two(
            "one outline in another",
            square(0.0, 5.0),
            {
                let (x, y) = (116.4501, 39.9201);
                format!("[[{x},{y}],[116.4540,{y}],[116.4540,39.9240],[{x},39.9240],[{x},{y}]]")
            },
            Finding("contained-duplicate"),
        ),
        Case::new(
            "a hundred areas on one place",
            "a.geojson",
            collection(
                &(0..300)
                    .map(|number| area(&format!("院{number}"), &square(f64::from(number) / 1000.0, 5.0)))
                    .collect::<Vec<_>>(),
            ),
            Finding("overlap"),
        ),
    ]
}

fn places() -> Vec<Case> {
    let good = [area("甲", &square(0.0, 5.0))];
    let swapped = "[[39.92,116.45],[39.92,116.46],[39.93,116.46],[39.93,116.45],[39.92,116.45]]";
    let metres = "[[452000,4420000],[452500,4420000],[452500,4420500],[452000,4420500],[452000,4420000]]";
    let named = |name: &str| format!(r#"{{"type":"name","properties":{{"name":"{name}"}}}}"#);
    vec![
        rings("latitude before longitude", swapped, Finding("crs-suspect")),
        rings("metres as degrees", metres, Finding("crs-unknown")),
        Case::new("the member crs is null", "a.geojson", with_crs("null", &good), Rows(1)),
        Case::new(
            "a reference system that is none",
            "a.geojson",
            with_crs(&named("urn:ogc:def:crs:EPSG::999999"), &good),
            Finding("crs-unknown"),
        ),
        Case::new("a reference system as a number", "a.geojson", with_crs("4326", &good), Rows(1)),
        Case::new(
            "a linked reference system",
            "a.geojson",
            with_crs(r#"{"type":"link","properties":{"href":"http://localhost:1/crs"}}"#, &good),
            Finding("crs-unknown"),
        ),
        Case::new(
            "a reference system of a pipeline",
            "a.geojson",
            with_crs(&named("+proj=pipeline +step +proj=longlat"), &good),
            Finding("crs-unknown"),
        ),
    ]
}

fn numbers() -> Vec<Case> {
    let ring = |value: &str| format!("[[{value},39.92],[116.46,39.92],[116.46,39.93],[{value},39.92]]");
    vec![
        rings("NaN as a coordinate", &ring("NaN"), Finding("unreadable-geometry")),
        rings("a number beyond all numbers", &ring("1e999"), Finding("unreadable-geometry")),
        rings("a text as a coordinate", &ring("\"116.45\""), Finding("unreadable-geometry")),
        rings("nothing as a coordinate", &ring("null"), Finding("unreadable-geometry")),
        rings("a coordinate of a million digits", &ring(&format!("116.{}", "4".repeat(1_000_000))), Rows(1)),
        rings(
            "a coordinate in a list of lists",
            &ring(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))),
            Refusal("the nesting"),
        ),
        rings("a position of one number", "[[116.45],[116.46],[116.47],[116.45]]", Finding("unreadable-geometry")),
    ]
}

fn documents() -> Vec<Case> {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let nested = |value: &str| collection(&[feature("null", &format!(r#""name":"甲","more":{value}"#))]);
    let good = collection(&[area("甲", &square(0.0, 5.0))]);
    let wide: Vec<u8> = format!("\u{feff}{good}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let gc = format!(
        r#"{}{{"type":"Point","coordinates":[1,2]}}{}"#,
        r#"{"type":"GeometryCollection","geometries":["#.repeat(20_000),
        "]}".repeat(20_000)
    );
    vec![
        Case::new("a collection without a feature", "a.geojson", collection(&[]), Refusal("the collection is empty")),
        Case::new("100,000 lists in one another", "a.geojson", nested(&deep("[", "]")), Refusal("")),
        Case::new(
            "100,000 objects in one another",
            "a.geojson",
            nested(&format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000))),
            Refusal(""),
        ),
        Case::new(
            "20,000 collections of geometries in one another",
            "a.geojson",
            collection(&[feature(&gc, r#""name":"甲""#)]),
            Refusal("the nesting"),
        ),
        Case::new(
            "lists that never end",
            "a.geojson",
            "{\"features\":".to_owned() + &"[".repeat(1_000_000),
            Refusal(""),
        ),
        Case::new("a text that never ends", "a.geojson", format!("{{\"type\":\"{}", "a".repeat(8 << 20)), Refusal("")),
        Case::new("a byte order mark", "a.geojson", format!("\u{feff}{good}"), Rows(1)),
        Case::new("UTF-16", "a.geojson", wide, Rows(1)),
        Case::new(
            "bytes that are no UTF-8",
            "a.geojson",
            good.replace('甲', "X")
                .into_bytes()
                .into_iter()
                .map(|b| if b == b'X' { 0xff } else { b })
                .collect::<Vec<_>>(),
            Finding("unreadable-row"),
        ),
        Case::new("another document after the first", "a.geojson", format!("{good} {good}"), Refusal("")),
        Case::new("a member twice", "a.geojson", good.replacen('{', r#"{"features":[],"#, 1), Rows(1)),
        Case::new("TopoJSON", "a.json", r#"{"type":"Topology","objects":{},"arcs":[]}"#, Refusal("")),
        Case::new(
            "a hundred thousand properties",
            "a.geojson",
            collection(&[feature(
                "null",
                &(0..100_000).map(|n| format!(r#""p{n}":{n}"#)).collect::<Vec<_>>().join(","),
            )]),
            Refusal("columns"),
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [shapes(), neighbours(), places(), numbers(), documents()].into_iter().flatten().collect()
}
