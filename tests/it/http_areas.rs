//! The collections as RFC 7946 GeoJSON.

use std::collections::BTreeSet;

use axum::body::Body;
use geo::orient::Direction;
use geo::{MultiPolygon, Orient as _};
use serde_json::Value;

use crate::support::{Who, demo_app, get, get_json, request, send};

/// Follows `next` links from a path to the end and returns all features.
async fn walk(path: &str) -> Vec<Value> {
    let mut features = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = get_json(&path).await;
        let list = page["features"].as_array().unwrap();
        assert_eq!(page["numberReturned"], list.len());
        features.extend(list.iter().cloned());
        next = page["links"]
            .as_array()
            .unwrap()
            .iter()
            .find(|link| link["rel"] == "next")
            .map(|link| link["href"].as_str().unwrap().to_owned());
    }
    features
}

fn codes(features: &[Value]) -> Vec<String> {
    features.iter().map(|feature| feature["properties"]["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn paging_visits_every_area_once_and_in_order() {
    let features = walk("/api/collections/areas/items?limit=250").await;
    let codes = codes(&features);
    assert_eq!(codes.len(), 1637);
    assert!(codes.windows(2).all(|pair| pair[0] < pair[1]));
    let ids: BTreeSet<u64> = features.iter().map(|feature| feature["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), 1637);
}

#[tokio::test]
async fn boundaries_follow_rfc_7946() {
    let answer = get("/api/collections/areas/items?limit=1000").await;
    assert_eq!(answer.header("content-type"), "application/geo+json");
    let page = answer.json();
    assert_eq!(page["type"], "FeatureCollection");
    assert!(page.get("crs").is_none());
    for feature in page["features"].as_array().unwrap() {
        let code = &feature["properties"]["code"];
        let geometry: geojson::Geometry = serde_json::from_value(feature["geometry"].clone()).unwrap();
        let boundary: MultiPolygon = MultiPolygon::try_from(geometry).unwrap();
        assert_eq!(
            boundary.orient(Direction::Default),
            boundary,
            "{code}: exteriors counter-clockwise, holes clockwise"
        );
        assert!(boundary.iter().all(|polygon| polygon.exterior().is_closed()), "{code}");
        let bbox: Vec<f64> = feature["bbox"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
        assert!(bbox[0] < bbox[2] && bbox[1] < bbox[3] && bbox[0] > 116.0 && bbox[2] < 117.0, "{code}");
    }
}

#[tokio::test]
async fn a_limit_above_the_maximum_is_clamped() {
    for limit in ["1001", "100000", "99999999999999999999999"] {
        let page = get_json(&format!("/api/collections/areas/items?limit={limit}")).await;
        assert_eq!(page["numberReturned"], 1000);
    }
}

#[tokio::test]
async fn links_can_be_followed_as_they_stand_whatever_was_asked() {
    for bbox in ["116.3,39.8,116.7,40.2", "%20116.3,%0939.8,116.7,40.2%0A"] {
        let page = get_json(&format!("/api/collections/areas/items?limit=3&bbox={bbox}")).await;
        let links = page["links"].as_array().unwrap();
        assert_eq!(links.len(), 2);
        for link in links {
            let href = link["href"].as_str().unwrap();
            assert!(href.bytes().all(|b| b.is_ascii_graphic()), "{href:?}");
            assert_eq!(get(href).await.status, 200, "{href}");
        }
    }
}

#[tokio::test]
async fn a_manager_gives_the_areas_that_it_manages() {
    let snapshot = demo_app(Who::District).0.snapshot().unwrap();
    let busiest = (0..snapshot.managers().len()).max_by_key(|at| snapshot.managed_by(*at).len()).unwrap();
    let uscc = snapshot.managers()[busiest].uscc.as_str();
    let features = walk(&format!("/api/collections/areas/items?limit=5&manager={uscc}")).await;
    assert_eq!(features.len(), snapshot.managed_by(busiest).len());
    assert!(features.iter().all(|feature| feature["properties"]["manager"] == uscc));
    let public = request("GET", &format!("/api/collections/areas/items?manager={uscc}")).body(Body::empty()).unwrap();
    assert_eq!(send(&demo_app(Who::Nobody).1, public).await.status, 404, "credit codes are internal");
}

#[tokio::test]
async fn a_box_gives_the_areas_that_meet_it_and_no_others() {
    use geo::Intersects as _;
    let (app, _) = demo_app(Who::District);
    let snapshot = app.snapshot().unwrap();
    for bbox in ["116.46,39.88,116.48,39.90", "116.2,39.5,116.9,40.3", "100,10,101,11"] {
        let numbers: Vec<f64> = bbox.split(',').map(|n| n.parse().unwrap()).collect();
        let rect = geo::Rect::new((numbers[0], numbers[1]), (numbers[2], numbers[3]));
        let scanned: Vec<String> =
            snapshot.areas().filter(|area| area.boundary.intersects(&rect)).map(|area| area.code.to_string()).collect();
        assert_eq!(
            codes(&walk(&format!("/api/collections/areas/items?limit=97&bbox={bbox}")).await),
            scanned,
            "{bbox}"
        );
    }
}

#[tokio::test]
async fn a_street_gives_its_own_areas() {
    let features = walk("/api/collections/areas/items?limit=20&street=110105017").await;
    assert_eq!(features.len(), 45);
    assert!(features.iter().all(|feature| feature["properties"]["street_name"] == "劲松街道"));
}

#[tokio::test]
async fn an_area_tells_everything_known_and_its_source() {
    let page = get_json("/api/collections/areas/items?street=110105017").await;
    let listed = &page["features"][0];
    let code = listed["properties"]["code"].as_str().unwrap();
    let area = get_json(&format!("/api/collections/areas/items/{code}")).await;
    assert_eq!(area["properties"], listed["properties"]);
    assert_eq!(area["geometry"], listed["geometry"]);
    let properties = area["properties"].as_object().unwrap();
    for name in [
        "code",
        "name",
        "other_names",
        "street",
        "street_name",
        "community",
        "community_name",
        "management",
        "quasi_kind",
        "committee",
        "style",
        "manager",
        "manager_name",
        "manager_kind",
        "manager_phone",
        "manager_party_organisation",
        "site_area_m2",
        "floor_area_m2",
        "households",
        "building_count",
        "built_year",
        "address",
        "fee_yuan_per_m2_month",
        "contract_from",
        "contract_until",
        "contract_kind",
        "contract_filed_on",
        "delimitation_document",
        "foreign_codes",
        "committees",
        "label",
        "demo",
        "valid_from",
        "valid_until",
        "revision",
        "source",
    ] {
        assert!(properties.contains_key(name), "{name}");
    }
    assert_eq!(properties["demo"], true);
    assert!(properties["name"].as_str().unwrap().ends_with("(演示)"));
    assert_eq!(properties["source"]["record"], 1);
    assert_eq!(properties["source"]["dated"], "2022-10-27");
}

#[tokio::test]
async fn the_public_sees_the_public_layer_only() {
    let router = &demo_app(Who::Nobody).1;
    let answer =
        send(router, request("GET", "/api/collections/areas/items?limit=1000").body(Body::empty()).unwrap()).await;
    let page = answer.json();
    let allowed: BTreeSet<&str> = [
        "code",
        "name",
        "other_names",
        "street",
        "street_name",
        "community",
        "community_name",
        "management",
        "quasi_kind",
        "committee",
        "style",
        "manager_name",
        "manager_kind",
        "manager_phone",
        "fee_yuan_per_m2_month",
        "delimitation_document",
        "label",
        "demo",
        "valid_from",
        "valid_until",
        "revision",
        "source",
    ]
    .into();
    for feature in page["features"].as_array().unwrap() {
        let seen: BTreeSet<&str> = feature["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(seen, allowed);
    }
    let text = String::from_utf8(answer.body).unwrap();
    assert!(!text.contains("party"), "no party flag leaves the office");
}

#[tokio::test]
async fn streets_and_managers_are_collections_too() {
    let streets = walk("/api/collections/streets/items?limit=10").await;
    assert_eq!(streets.len(), 43);
    let areas: u64 = streets.iter().map(|street| street["properties"]["areas"].as_u64().unwrap()).sum();
    assert_eq!(areas, 1637);
    assert!(streets.iter().all(|street| street["properties"]["schematic"] == true));

    let managers = walk("/api/collections/managers/items?limit=200").await;
    let companies: Vec<&Value> = managers.iter().filter(|m| m["properties"]["kind"] == "company").collect();
    assert_eq!(companies.len(), 544);
    let managed: u64 = companies.iter().map(|m| m["properties"]["areas"].as_u64().unwrap()).sum();
    assert_eq!(managed, 1514);
    assert!(managers.iter().all(|manager| manager["geometry"].is_null()));
}
