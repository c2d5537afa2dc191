//! Vector tiles through the web edge, decoded by an independent reader.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::StatusCode;
use flate2::read::GzDecoder;
use mvt_reader::Reader;
use mvt_reader::feature::Value;
use onemap::crs::mercator;

use crate::support::{Who, demo_app, get, get_json, request, send};

/// Columns and rows of the tiles that cover the district at this zoom.
fn covering(zoom: u32) -> impl Iterator<Item = (u32, u32)> {
    let bounds = demo_app(Who::District).0.snapshot().unwrap().bounds();
    let scale = f64::from(1_u32 << zoom);
    let (min, max) = (mercator::to_unit(bounds.min()), mercator::to_unit(bounds.max()));
    let (west, east) = ((min.x * scale) as u32, (max.x * scale) as u32);
    let (north, south) = ((max.y * scale) as u32, (min.y * scale) as u32);
    (west..=east).flat_map(move |x| (north..=south).map(move |y| (x, y)))
}

fn layer(body: &[u8], name: &str) -> Vec<mvt_reader::feature::Feature<f32>> {
    let reader = Reader::new(body.to_vec()).unwrap();
    let names = reader.get_layer_names().unwrap();
    names.iter().position(|n| n == name).map_or_else(Vec::new, |index| reader.get_features(index).unwrap())
}

fn text(feature: &mvt_reader::feature::Feature<f32>, name: &str) -> Option<String> {
    match feature.properties.as_ref()?.get(name)? {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

#[tokio::test]
async fn every_area_is_in_the_tiles_that_cover_the_district() {
    for zoom in [11, 13] {
        let mut codes = BTreeSet::new();
        let mut labels = Vec::new();
        for (x, y) in covering(zoom) {
            let answer = get(&format!("/tiles/areas/{zoom}/{x}/{y}.mvt")).await;
            if answer.status == StatusCode::NO_CONTENT {
                continue;
            }
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!(answer.header("content-type"), "application/vnd.mapbox-vector-tile");
            for feature in layer(&answer.body, "areas") {
                assert!(feature.id.is_some());
                for name in ["name", "street", "management", "committee", "style"] {
                    assert!(text(&feature, name).is_some(), "{name}");
                }
                let properties = feature.properties.as_ref().unwrap();
                assert_eq!(properties.len(), 6, "tiles carry public fields only: {properties:?}");
                codes.insert(text(&feature, "code").unwrap());
            }
            labels.extend(layer(&answer.body, "labels").iter().filter_map(|label| text(label, "code")));
        }
        assert_eq!(codes.len(), 1637, "zoom {zoom}");
        let distinct: BTreeSet<&String> = labels.iter().collect();
        assert_eq!(distinct.len(), labels.len(), "each label is in one tile only");
    }
}

#[tokio::test]
async fn low_zooms_tell_street_summaries_that_count_every_area() {
    for zoom in [0, 5, 8] {
        let mut areas = 0;
        for (x, y) in covering(zoom) {
            let answer = get(&format!("/tiles/areas/{zoom}/{x}/{y}.mvt")).await;
            let mut streets = BTreeSet::new();
            for feature in layer(&answer.body, "areas") {
                assert!(streets.insert(text(&feature, "street").unwrap()), "one summary a street");
                match feature.properties.unwrap()["count"] {
                    Value::UInt(count) => areas += count,
                    Value::Int(count) | Value::SInt(count) => areas += u64::try_from(count).unwrap(),
                    ref other => panic!("a count is a whole number, not {other:?}"),
                }
            }
        }
        assert!(areas >= 1637, "zoom {zoom}: {areas}");
    }
}

#[tokio::test]
async fn streets_and_district_have_tiles_of_their_own() {
    let mut streets = BTreeSet::new();
    let mut labels = BTreeSet::new();
    for (x, y) in covering(11) {
        let answer = get(&format!("/tiles/streets/11/{x}/{y}.mvt")).await;
        streets.extend(layer(&answer.body, "streets").iter().filter_map(|street| text(street, "code")));
        labels.extend(layer(&answer.body, "labels").iter().filter_map(|street| text(street, "name")));
        assert!(
            answer.body.is_empty()
                || !layer(&answer.body, "district").is_empty()
                || !layer(&answer.body, "streets").is_empty()
        );
    }
    assert_eq!((streets.len(), labels.len()), (43, 43));
}

#[tokio::test]
async fn empty_tiles_are_204_at_every_zoom_and_compressed_ones_hold_the_same() {
    for zoom in 1..=18 {
        let answer = get(&format!("/tiles/areas/{zoom}/0/0.mvt")).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0), "zoom {zoom}");
    }
    let router = &demo_app(Who::District).1;
    let path = "/tiles/areas/12/3372/1551.mvt";
    let plain = get(path).await;
    assert!(!plain.body.is_empty());
    assert_eq!(plain.header("cache-control"), "private, max-age=60");
    let version = get_json("/api/register").await["version"].as_str().unwrap().to_owned();
    let of_version = get(&format!("{path}?v={version}")).await;
    assert!(of_version.header("cache-control").contains("immutable"));
    let of_another = get(&format!("{path}?v=r0-00000000")).await;
    assert_eq!(of_another.header("cache-control"), "private, max-age=60");
    let packed =
        send(router, request("GET", path).header("accept-encoding", "br, gzip").body(Body::empty()).unwrap()).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.header("vary").to_lowercase().contains("accept-encoding"));
    let mut unpacked = Vec::new();
    std::io::copy(&mut GzDecoder::new(packed.body.as_slice()), &mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    assert!(packed.body.len() < plain.body.len());
}

#[tokio::test]
async fn tilejson_says_where_the_tiles_are_and_what_is_in_them() {
    for (name, layers) in [("areas", vec!["areas", "labels"]), ("streets", vec!["district", "streets", "labels"])] {
        let document = get_json(&format!("/tiles/{name}.json")).await;
        assert_eq!(document["tilejson"], "3.0.0");
        assert_eq!(document["tiles"][0], format!("http://onemap.test/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt"));
        assert_eq!((&document["minzoom"], &document["maxzoom"]), (&0.into(), &18.into()));
        let told: BTreeSet<&str> =
            document["vector_layers"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap()).collect();
        assert_eq!(told, layers.into_iter().collect());
        assert_eq!(document["bounds"].as_array().unwrap().len(), 4);
    }
}
