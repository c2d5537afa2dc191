//! What is at a point.

use axum::response::Response;
use geo::Coord;
use geojson::JsonObject;
use serde::Deserialize;
use serde_json::json;

use crate::app::{AreaNear, LocateQuery};
use crate::auth::{Actor, Field};
use crate::crs;
use crate::http::areas::{Properties, put_area_summary};
use crate::http::extract::Asked;
use crate::http::site::View;
use crate::http::{Problem, cache};

/// Parameters of `GET /api/locate`: degrees, or metres of EPSG:4548.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocateParams {
    lng: Option<f64>,
    lat: Option<f64>,
    easting: Option<f64>,
    northing: Option<f64>,
    accuracy: Option<f64>,
}

impl LocateParams {
    fn point(&self) -> Result<Coord, Problem> {
        match (self.lng, self.lat, self.easting, self.northing) {
            (Some(lng), Some(lat), None, None) => Ok(Coord { x: lng, y: lat }),
            (None, None, Some(easting), Some(northing)) => crs::to_degrees(Coord { x: easting, y: northing })
                .map_err(|err| Problem::bad_parameter(err.to_string())),
            _ => Err(Problem::bad_parameter("give either lng and lat in degrees or easting and northing in metres")),
        }
    }
}

/// `GET /api/locate`
pub async fn locate(actor: Actor, Asked(view, params): Asked<LocateParams>) -> Result<Response, Problem> {
    let snapshot = &*view.snapshot;
    let asked = params.point()?;
    let point = actor.asks_at(asked, view.tolerance_m);
    let found = snapshot.locate(LocateQuery { point, accuracy_m: params.accuracy })?;
    let near = |list: &[AreaNear]| list.iter().map(|near| near_object(&view, &actor, near)).collect::<Vec<_>>();
    let areas: Vec<JsonObject> = found
        .areas
        .iter()
        .map(|area| {
            let sight = actor.sight_in(&snapshot.area(area.position).street);
            let mut properties = Properties::new(sight);
            put_area_summary(&mut properties, snapshot, area.position);
            let metres = sight.metres(area.distance_to_border_m, view.tolerance_m);
            properties.put(Field::Identity, "distance_to_border_m", metres);
            properties.into_object()
        })
        .collect();
    let street = found.street.map(|position| {
        let street = &snapshot.streets()[position];
        json!({ "code": street.code.as_str(), "name": street.name, "schematic": street.schematic })
    });
    let grid = crs::to_grid(asked).ok().map(
        |grid| json!({ "crs": crs::GRID_CRS, "easting_m": millimetres(grid.x), "northing_m": millimetres(grid.y) }),
    );
    let body = json!({
        "point": [asked.x, asked.y],
        "grid": grid,
        "in_district": found.in_district,
        "street": street,
        "areas": areas,
        "neighbours": near(&found.neighbours),
        "nearest": near(&found.nearest),
        "radius_m": found.radius_m,
    });
    cache::json(&view.tag, "application/json", &body)
}

fn near_object(view: &View, actor: &Actor, near: &AreaNear) -> JsonObject {
    let snapshot = &*view.snapshot;
    let sight = actor.sight_in(&snapshot.area(near.position).street);
    let mut properties = Properties::new(sight);
    put_area_summary(&mut properties, snapshot, near.position);
    properties.put(Field::Identity, "distance_m", sight.metres(near.distance_m, view.tolerance_m));
    properties.put(Field::Identity, "direction", near.direction.key());
    properties.into_object()
}

fn millimetres(metres: f64) -> f64 {
    (metres * 1000.0).round() / 1000.0
}
