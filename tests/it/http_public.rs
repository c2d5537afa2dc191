//! What the public gets of the whole demonstration district: no key that is not on the list, no border finer than allowed.

use std::collections::BTreeSet;
use std::io::Read as _;

use axum::Router;
use axum::body::Body;
use flate2::read::GzDecoder;
use geo::{Coord, HausdorffDistance as _, MultiPolygon};
use mvt_reader::Reader;
use onemap::crs::mercator;
use onemap::formats::FileFormat;
use onemap::geom::LocalFrame;
use onemap::http::{Settings, Site, router};
use serde_json::{Value, json};

use crate::support::{Answer, Who, demo_app, request, send, settings};

/// Every member of every answer to the public about the register, wherever it stands.
const ALLOWED: &str = "
    actions added aliases areas as_of asked attributes attribution audience authority base_layer bbox began_on
    candidates change changed changes classes code color columns committee community community_name computed
    coordinates count count_below crs dark dash_px data data_date date dated datetime decimals definition delimitation_document
    demo denominator denominator_below denominators description difference_points direction display_name distance_m distance_to_border_m district
    document due due_date easting_m edges en ended ended_on expires_at explanation facts features
    fee_yuan_per_m2_month field fields fill follows from geometry grid ground href id in_district initials items key
    kind known label labels light limits lineage links management manager_kind manager_name manager_phone managers
    map map_approval_number matched members met months name nearest neighbour_m neighbours northing_m note
    numberReturned numerator numerator_below numerators opacity open other_names own paragraphs part pattern percent phone point
    predecessor predecessors present printed properties quasi_kind query radius_m rank rate rates record recorded_at
    recorded_from recorded_until records rel results revision role same_counts schematic search single_sign_on source
    stem street street_name streets stroke style successor successors targets text themes title to total totals
    touched type unchanged valid_from valid_until values version versions why_closed width_px with_denominator
    with_numerator zh-CN
";

/// Members that name persons, credit, parties or what only offices need. None may ever come.
const FORBIDDEN: [&str; 26] = [
    "uscc",
    "manager",
    "manager_uscc",
    "manager_party_organisation",
    "party_organisation",
    "party_since",
    "address",
    "site_area_m2",
    "floor_area_m2",
    "households",
    "building_count",
    "built_year",
    "contract_from",
    "contract_until",
    "contract_kind",
    "contract_filed_on",
    "foreign_codes",
    "committees",
    "filing_number",
    "filed_on",
    "term_until",
    "operating",
    "author",
    "sender",
    "received_by",
    "delivery",
];

async fn get(router: &Router, path: &str) -> Answer {
    send(router, request("GET", path).body(Body::empty()).unwrap()).await
}

fn public() -> &'static Router {
    &demo_app(Who::Nobody).1
}

/// Names of all members of a document. Those of objects whose members are named by data are left out.
fn keys(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                into.insert(name.clone());
                keys(value, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, into)),
        _ => {}
    }
}

/// Every page of a list.
async fn pages(first: &str) -> Vec<Value> {
    let (mut pages, mut path) = (Vec::new(), Some(first.to_owned()));
    while let Some(here) = path {
        let answer = get(public(), &here).await;
        assert_eq!(answer.status, 200, "{here}");
        let page = answer.json();
        let links = page["links"].as_array().cloned().unwrap_or_default();
        path = links.iter().find(|link| link["rel"] == "next").map(|link| link["href"].as_str().unwrap().to_owned());
        pages.push(page);
    }
    pages
}

fn check(path: &str, value: &Value, allowed: &BTreeSet<&str>) {
    let mut found = BTreeSet::new();
    keys(value, &mut found);
    let odd: Vec<&String> = found.iter().filter(|key| !allowed.contains(key.as_str())).collect();
    assert!(odd.is_empty(), "{path} has members that are not on the list: {odd:?}");
}

#[tokio::test]
async fn no_answer_to_the_public_has_a_member_that_is_not_on_the_list() {
    let allowed: BTreeSet<&str> = ALLOWED.split_whitespace().collect();
    for forbidden in FORBIDDEN {
        assert!(!allowed.contains(forbidden), "{forbidden}");
    }
    let (app, _) = demo_app(Who::Nobody);
    let snapshot = app.snapshot().unwrap();
    for list in ["areas", "streets", "managers"] {
        for page in pages(&format!("/api/collections/{list}/items?limit=1000")).await {
            check(list, &page, &allowed);
        }
    }
    for path in [
        "/api/register",
        "/api/session",
        "/api/themes",
        "/api/themes/management-committee",
        "/api/rates",
        "/api/report",
    ] {
        check(path, &get(public(), path).await.json(), &allowed);
    }
    for path in ["/api/records", "/api/records/1", "/api/changes?since=1", "/api/rates/ranking", "/api/rates/series"] {
        check(path, &get(public(), path).await.json(), &allowed);
    }
    for rate in ["contracted_share", "quasi_share", "committee_coverage"] {
        for part in ["numerator", "denominator"] {
            for page in pages(&format!("/api/rates/{rate}/areas?part={part}&limit=1000")).await {
                check(rate, &page, &allowed);
            }
        }
    }
    check("/api/ledger", &get(public(), "/api/ledger").await.json(), &allowed);
    for street in snapshot.streets() {
        let code = street.code.as_str();
        for path in [
            format!("/api/rates?street={code}"),
            format!("/api/themes/management-committee?street={code}"),
            format!("/api/search?q={}", street.initials),
            format!("/api/ledger?street={code}"),
            format!("/api/rates/series?street={code}&from=2022-10"),
        ] {
            check(&path, &get(public(), &path).await.json(), &allowed);
        }
    }
    for area in snapshot.areas().step_by(41) {
        let at = snapshot.label(snapshot.area_position(&area.code).unwrap());
        for path in [
            format!("/api/collections/areas/items/{}", area.code),
            format!("/api/areas/{}/history", area.code),
            format!("/api/areas/{}/lineage", area.code),
            format!("/api/locate?lng={}&lat={}", at.x, at.y),
            format!("/api/collections/areas/items/{}?datetime=2021-06-30", area.code),
        ] {
            let answer = get(public(), &path).await;
            if answer.status == 200 {
                check(&path, &answer.json(), &allowed);
            }
        }
    }
}

#[tokio::test]
async fn tiles_hold_what_everybody_may_know_and_nothing_else() {
    let allowed: BTreeSet<&str> =
        ["code", "name", "street", "management", "committee", "style", "rank", "summary", "count", "schematic"].into();
    let bounds = demo_app(Who::Nobody).0.snapshot().unwrap().bounds();
    let (min, max) = (mercator::to_unit(bounds.min()), mercator::to_unit(bounds.max()));
    let mut seen = 0;
    for (zoom, layer) in [(9, "areas"), (11, "areas"), (13, "areas"), (14, "areas"), (12, "streets")] {
        let scale = f64::from(1_u32 << zoom);
        for x in (min.x * scale) as u32..=(max.x * scale) as u32 {
            for y in (max.y * scale) as u32..=(min.y * scale) as u32 {
                let answer = get(public(), &format!("/tiles/{layer}/{zoom}/{x}/{y}.mvt")).await;
                if answer.status == 204 {
                    continue;
                }
                let reader = Reader::new(plain(&answer)).unwrap();
                for index in 0..reader.get_layer_names().unwrap().len() {
                    for feature in reader.get_features(index).unwrap() {
                        let names: Vec<String> = feature.properties.unwrap_or_default().into_keys().collect();
                        assert!(names.iter().all(|name| allowed.contains(name.as_str())), "{names:?}");
                        seen += 1;
                    }
                }
            }
        }
    }
    assert!(seen > 4_000, "{seen} features");
}

fn plain(answer: &Answer) -> Vec<u8> {
    if answer.header("content-encoding") != "gzip" {
        return answer.body.clone();
    }
    let mut bytes = Vec::new();
    GzDecoder::new(&*answer.body).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Both borders in metres, so that their distance is one in metres.
fn in_metres(boundary: &MultiPolygon) -> MultiPolygon {
    use geo::MapCoords as _;
    let frame = LocalFrame::new(Coord { x: 116.47, y: 39.92 });
    boundary.map_coords(|coord| frame.to_metres(coord))
}

#[tokio::test]
async fn borders_for_the_public_are_near_the_true_ones_and_are_not_them() {
    const TOLERANCE_M: f64 = 1.0;
    let (app, _) = demo_app(Who::Nobody);
    let edge = router(Site::new(app.clone(), Settings { public_tolerance_m: TOLERANCE_M, ..settings() }));
    let district = Who::District.asks(app, &edge);
    let snapshot = app.snapshot().unwrap();
    let boundary = |feature: &Value| -> MultiPolygon {
        let geometry: geojson::Geometry = serde_json::from_value(feature["geometry"].clone()).unwrap();
        match geo::Geometry::try_from(geometry).unwrap() {
            geo::Geometry::Polygon(polygon) => polygon.into(),
            geo::Geometry::MultiPolygon(polygons) => polygons,
            other => panic!("{other:?} is no boundary"),
        }
    };
    let mut moved = 0;
    let page = get(&edge, "/api/collections/areas/items?limit=1000").await.json();
    for feature in page["features"].as_array().unwrap().iter().step_by(7) {
        let code = onemap::model::AreaCode::parse(feature["properties"]["code"].as_str().unwrap()).unwrap();
        let truth = snapshot.boundary(snapshot.area_position(&code).unwrap());
        let shown = boundary(feature);
        let distance_m = in_metres(truth).hausdorff_distance(&in_metres(&shown));
        assert!(distance_m <= TOLERANCE_M, "{code}: {distance_m} m");
        assert!(onemap::geom::check_boundary(&shown).is_ok(), "{code} stays valid");
        moved += usize::from(distance_m > 0.01);
    }
    assert!(moved > 100, "{moved} borders are not the true ones");
    for path in
        ["/api/export?format=geojson", "/api/collections/areas/items/DEMO-JS-0001", "/tiles/areas/17/107940/49640.mvt"]
    {
        let (shown, truth) = (get(&edge, path).await, get(&district, path).await);
        assert_eq!(shown.status, truth.status, "{path}");
        assert_ne!(shown.body, truth.body, "{path}");
    }
    // Nor is the border found by asking on which side of it places are.
    let first = onemap::model::AreaCode::parse("DEMO-JS-0001").unwrap();
    let corner = snapshot.boundary(snapshot.area_position(&first).unwrap()).0[0].exterior().0[0];
    for (lng, lat) in [(corner.x, corner.y), (corner.x + 2e-6, corner.y + 2e-6)] {
        let path = format!("/api/locate?lng={lng}&lat={lat}");
        let told = get(&edge, &path).await.json();
        assert_eq!(told["point"], json!([lng, lat]), "{path}");
        for near in ["areas", "neighbours"].iter().flat_map(|list| told[*list].as_array().unwrap()) {
            let metres = near["distance_m"].as_f64().or(near["distance_to_border_m"].as_f64()).unwrap();
            assert_eq!(metres, (metres / TOLERANCE_M).round() * TOLERANCE_M, "{path}");
        }
        let near = onemap::geom::gridded_point(Coord { x: lng, y: lat }, TOLERANCE_M);
        let there = get(&edge, &format!("/api/locate?lng={}&lat={}", near.x, near.y)).await.json();
        assert_eq!((&told["areas"], &told["neighbours"]), (&there["areas"], &there["neighbours"]), "{path}");
    }
    let export = get(&edge, "/api/export?format=geojson").await.json();
    let code = onemap::model::AreaCode::parse("DEMO-JS-0001").unwrap();
    let truth = snapshot.boundary(snapshot.area_position(&code).unwrap());
    let feature = export["features"].as_array().unwrap().iter().find(|one| one["properties"]["code"] == "DEMO-JS-0001");
    let distance_m = in_metres(truth).hausdorff_distance(&in_metres(&boundary(feature.unwrap())));
    assert!((0.01..=TOLERANCE_M).contains(&distance_m), "{distance_m} m");
}

/// Everything of a file that can be read as text: of an archive, that of its members.
fn texts_of(bytes: Vec<u8>) -> String {
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    if let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) {
        for at in 0..archive.len() {
            let mut member = Vec::new();
            archive.by_index(at).unwrap().read_to_end(&mut member).unwrap();
            text += &String::from_utf8_lossy(&member);
        }
    }
    text
}

#[tokio::test]
async fn every_file_carries_the_approval_number_the_source_and_the_day() {
    const NUMBER: &str = "审图号 京S(2026)001号";
    let (app, _) = demo_app(Who::Nobody);
    let edge = |map_approval_number: Option<&str>| {
        let map_approval_number = map_approval_number.map(str::to_owned);
        router(Site::new(app.clone(), Settings { map_approval_number, ..settings() }))
    };
    let approved = edge(Some("京S(2026)001号"));
    let source = app.snapshot().unwrap().latest_record().document.clone();
    for format in FileFormat::ALL {
        let path = format!("/api/export?format={}&street=110105001", format.key());
        let text = texts_of(get(&approved, &path).await.body);
        for told in [NUMBER, "数据日期 2022-10-27", source.as_str()] {
            assert!(text.contains(told), "{path}: {told}");
        }
        let text = texts_of(get(&edge(None), &path).await.body);
        assert!(text.contains("示意 · 演示") && !text.contains(NUMBER), "{path}: demonstration");
    }
    let clerk = Who::Clerk.asks(app, &approved);
    assert!(texts_of(get(&clerk, "/api/due?f=xlsx").await.body).contains(NUMBER), "due list");
}
