//! What is at a point, through the web edge.

use geo::{Coord, Distance as _, Geodesic, Intersects as _, Point};

use crate::support::{Who, demo_app, get_json};

#[tokio::test]
async fn a_point_inside_an_area_names_it_its_street_and_the_metres_to_its_border() {
    let (app, _) = demo_app(Who::District);
    let snapshot = app.snapshot().unwrap();
    for position in snapshot.positions().step_by(41) {
        let area = &snapshot.area(position);
        let label = snapshot.label(position);
        let answer = get_json(&format!("/api/locate?lng={}&lat={}", label.x, label.y)).await;
        let areas = answer["areas"].as_array().unwrap();
        let found =
            areas.iter().find(|found| found["code"] == area.code.as_str()).expect("a label lies inside its area");
        assert_eq!(answer["nearest"].as_array().unwrap().len(), 0);
        assert_eq!(answer["street"]["code"], area.street.as_str(), "{}", area.code);

        // The nearest border point, found on the ellipsoid by walking every side in small steps.
        let mut least = f64::INFINITY;
        for line in area.boundary.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors())) {
            for side in line.lines() {
                for step in 0..=200 {
                    let share = f64::from(step) / 200.0;
                    let at = Point::new(
                        side.start.x + share * (side.end.x - side.start.x),
                        side.start.y + share * (side.end.y - side.start.y),
                    );
                    least = least.min(Geodesic.distance(Point::from(label), at));
                }
            }
        }
        let told = found["distance_to_border_m"].as_f64().unwrap();
        assert!((told - least).abs() < 0.3 + least * 0.01, "{}: {told} against {least}", area.code);
    }
}

#[tokio::test]
async fn a_point_on_a_shared_border_names_all_areas_there() {
    let (app, _) = demo_app(Who::District);
    let snapshot = app.snapshot().unwrap();
    let mut shared = 0;
    for area in snapshot.areas().step_by(7) {
        for vertex in area.boundary.iter().flat_map(|polygon| polygon.exterior().coords()).take(3) {
            let scanned: Vec<&str> = snapshot
                .areas()
                .filter(|other| other.boundary.intersects(vertex))
                .map(|other| other.code.as_str())
                .collect();
            if scanned.len() < 2 {
                continue;
            }
            shared += 1;
            let answer = get_json(&format!("/api/locate?lng={}&lat={}", vertex.x, vertex.y)).await;
            let told: Vec<&str> =
                answer["areas"].as_array().unwrap().iter().map(|area| area["code"].as_str().unwrap()).collect();
            assert_eq!(told, scanned);
            assert!(answer["areas"].as_array().unwrap().iter().all(|area| area["distance_to_border_m"] == 0.0));
        }
    }
    assert!(shared > 20, "the district has shared borders to test, found {shared}");
}

#[tokio::test]
async fn neighbours_lie_within_the_radius_and_come_nearest_first() {
    let (app, _) = demo_app(Who::District);
    let snapshot = app.snapshot().unwrap();
    let mut seen = 0;
    for area in snapshot.areas().step_by(97) {
        let corner = area.boundary.0[0].exterior().0[0];
        for (query, radius) in
            [(String::new(), 30.0), ("&accuracy=120".to_owned(), 120.0), ("&accuracy=5000".to_owned(), 200.0)]
        {
            let answer = get_json(&format!("/api/locate?lng={}&lat={}{query}", corner.x, corner.y)).await;
            assert_eq!(answer["radius_m"], radius);
            let metres: Vec<f64> = answer["neighbours"]
                .as_array()
                .unwrap()
                .iter()
                .map(|near| near["distance_m"].as_f64().unwrap())
                .collect();
            assert!(metres.iter().all(|distance| *distance > 0.0 && *distance <= radius), "{metres:?}");
            assert!(metres.windows(2).all(|pair| pair[0] <= pair[1]), "{metres:?}");
            seen += metres.len();
        }
    }
    assert!(seen > 20, "the district has neighbours to test, found {seen}");
}

#[tokio::test]
async fn a_point_outside_names_the_nearest_three_with_metres_and_direction() {
    // South of the district: everything is to the north.
    let answer = get_json("/api/locate?lng=116.46&lat=39.5").await;
    assert_eq!(answer["areas"].as_array().unwrap().len(), 0);
    assert_eq!(answer["in_district"], false);
    assert!(answer["street"].is_null());
    let nearest = answer["nearest"].as_array().unwrap();
    assert_eq!(nearest.len(), 3);
    assert!(nearest.iter().all(|near| near["distance_m"].as_f64().unwrap() > 20_000.0));
    assert!(nearest.iter().all(|near| ["N", "NE", "NW"].contains(&near["direction"].as_str().unwrap())));
}

#[tokio::test]
async fn degrees_and_survey_metres_ask_the_same_question() {
    let degrees = get_json("/api/locate?lng=116.4435&lat=39.9215").await;
    assert_eq!(degrees["grid"]["crs"], "EPSG:4548");
    assert!((degrees["grid"]["easting_m"].as_f64().unwrap() - 452_423.812).abs() < 0.002);
    assert!((degrees["grid"]["northing_m"].as_f64().unwrap() - 4_420_961.145).abs() < 0.002);
    let metres = get_json("/api/locate?easting=452423.812&northing=4420961.145").await;
    let point = Coord { x: metres["point"][0].as_f64().unwrap(), y: metres["point"][1].as_f64().unwrap() };
    assert!((point.x - 116.4435).abs() < 1e-7 && (point.y - 39.9215).abs() < 1e-7);
    assert_eq!(metres["street"], degrees["street"]);
    // Far from the grid's zone there is still an answer, without grid coordinates.
    let far = get_json("/api/locate?lng=2.35&lat=48.85").await;
    assert!(far["grid"].is_null());
    assert_eq!(far["nearest"].as_array().unwrap().len(), 0, "nothing here is near Paris");
}
