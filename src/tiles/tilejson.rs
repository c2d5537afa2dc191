//! The document that describes a kind of tile.

use geo::Rect;
use serde_json::{Value, json};

use crate::model::Revision;
use crate::tiles::labels::AREA_LABEL_ZOOMS;
use crate::tiles::{STREET_LABELS_FROM, TileLayer, ZOOM_LIMIT};

/// TileJSON 3.0 of a kind of tile.
///
/// `tiles_url_template` holds `{z}`, `{x}` and `{y}`. `bounds` are degrees, lng lat. `version` is the revision as the minor
/// number, so that it changes with the data and stays a version as the specification wants it.
pub fn tilejson(
    layer: TileLayer,
    tiles_url_template: &str,
    bounds: Rect,
    attribution: &str,
    revision: Revision,
) -> Value {
    let (min, max, middle) = (bounds.min(), bounds.max(), bounds.center());
    json!({
        "tilejson": "3.0.0",
        "name": layer.key(),
        "version": format!("1.{}.0", revision.0),
        "scheme": "xyz",
        "tiles": [tiles_url_template],
        "minzoom": 0,
        "maxzoom": ZOOM_LIMIT,
        "bounds": [min.x, min.y, max.x, max.y],
        "center": [middle.x, middle.y, 11],
        "attribution": attribution,
        "vector_layers": vector_layers(layer),
    })
}

fn vector_layers(layer: TileLayer) -> Value {
    match layer {
        TileLayer::Areas => json!([
            {"id": "areas", "description": "Areas; at low zooms one summary a street", "minzoom": 0, "maxzoom": ZOOM_LIMIT,
             "fields": {
                "code": "Code of the area",
                "name": "Name of the area or, in a summary, of the street",
                "street": "Code of the street",
                "management": "contracted | quasi_property | unknown",
                "committee": "owners | property_management | transition | none | unknown",
                "style": "Class of the theme; in a summary the commonest",
                "summary": "true in a summary, absent otherwise",
                "count": "Number of areas in a summary"}},
            {"id": "labels", "description": "One point in each area", "minzoom": AREA_LABEL_ZOOMS[0], "maxzoom": ZOOM_LIMIT,
             "fields": {
                "code": "Code of the area",
                "name": "Name of the area",
                "rank": "1 (largest areas, shown first) to 5",
                "style": "Class of the theme"}},
        ]),
        TileLayer::Streets => json!([
            {"id": "district", "description": "The district", "minzoom": 0, "maxzoom": ZOOM_LIMIT,
             "fields": {"code": "Code of the district", "name": "Name of the district"}},
            {"id": "streets", "description": "Streets", "minzoom": 0, "maxzoom": ZOOM_LIMIT,
             "fields": {
                "code": "Code of the street",
                "name": "Name of the street",
                "schematic": "true when the boundary is a sketch"}},
            {"id": "labels", "description": "One point in each street", "minzoom": STREET_LABELS_FROM, "maxzoom": ZOOM_LIMIT,
             "fields": {"code": "Code of the street", "name": "Name of the street"}},
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Coord;

    #[test]
    fn the_document_names_tiles_bounds_and_layers() {
        let bounds = Rect::new(Coord { x: 116.25, y: 39.75 }, Coord { x: 116.75, y: 40.25 });
        let url = "http://localhost/tiles/areas/{z}/{x}/{y}.mvt";
        let document = tilejson(TileLayer::Areas, url, bounds, "a", Revision(7));
        assert_eq!(document["tilejson"], "3.0.0");
        assert_eq!(document["tiles"], json!([url]));
        assert_eq!(document["bounds"], json!([116.25, 39.75, 116.75, 40.25]));
        assert_eq!(document["version"], "1.7.0");
        assert_eq!(document["maxzoom"], 18);
        let ids = |layer| -> Vec<Value> {
            vector_layers(layer).as_array().unwrap().iter().map(|layer| layer["id"].clone()).collect()
        };
        assert_eq!(ids(TileLayer::Areas), ["areas", "labels"]);
        assert_eq!(ids(TileLayer::Streets), ["district", "streets", "labels"]);
    }
}
