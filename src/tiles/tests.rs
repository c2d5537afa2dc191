//! The promises of the whole pyramid, on random subdivisions of a field.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use geo::{
    Area as _, BooleanOps as _, BoundingRect as _, Coord, LineString, MapCoords as _, MultiPolygon, Polygon, Rect,
};
use proptest::prelude::*;

use crate::crs::mercator;
use crate::geom::label_point;
use crate::model::{Street, StreetCode};
use crate::tiles::grid::{Cell, twice_area};
use crate::tiles::testing::{Feature, Field, FieldPlan, Shape, decode, layer};
use crate::tiles::{LAST_LEVEL, Pyramid, STREET_LABELS_FROM, TileCoord, TileLayer, ZOOM_LIMIT};

fn plans() -> impl Strategy<Value = FieldPlan> {
    (any::<u64>(), 4..16_i32, 0.0005_f64..0.004, 0.0_f64..1.5, prop_oneof![Just(0.0), 0.05..0.35_f64]).prop_map(
        |(seed, squares, square_degrees, turn, jitter)| FieldPlan { seed, squares, square_degrees, turn, jitter },
    )
}

/// Tiles of a zoom that meet a box in degrees.
fn tiles_over(bounds: Rect, z: u8) -> Vec<TileCoord> {
    let north_west = TileCoord::at(Coord { x: bounds.min().x, y: bounds.max().y }, z).unwrap();
    let south_east = TileCoord::at(Coord { x: bounds.max().x, y: bounds.min().y }, z).unwrap();
    (north_west.x()..=south_east.x())
        .flat_map(|x| (north_west.y()..=south_east.y()).map(move |y| TileCoord::new(z, x, y).unwrap()))
        .collect()
}

fn areas_of(pyramid: &Pyramid, tile: TileCoord) -> Vec<Feature> {
    let mut layers = decode(&pyramid.tile(TileLayer::Areas, tile));
    layers.iter().position(|layer| layer.name == "areas").map_or(Vec::new(), |at| layers.swap_remove(at).features)
}

/// All tiles at low zooms, those of some labels at high ones.
fn some_tiles(field: &Field, z: u8) -> Vec<TileCoord> {
    if z <= 13 {
        return tiles_over(field.outline.bounding_rect().unwrap(), z);
    }
    let every = field.areas.len().div_ceil(6);
    let labels = field.areas.iter().step_by(every).map(|(boundary, _)| label_point(boundary).unwrap());
    let corners = field.areas.iter().step_by(every).map(|(boundary, _)| boundary.0[0].exterior().0[1]);
    labels.chain(corners).map(|at| TileCoord::at(at, z).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_tile_is_valid_at_every_zoom(plan in plans()) {
        let field = plan.draw();
        let pyramid = field.pyramid();
        for z in 0..=ZOOM_LIMIT {
            for tile in some_tiles(&field, z) {
                for kind in TileLayer::ALL {
                    let bytes = pyramid.tile(kind, tile);
                    let layers = decode(&bytes);
                    let reader = mvt_reader::Reader::new(bytes).unwrap();
                    let names = reader.get_layer_names().unwrap();
                    prop_assert_eq!(names.len(), layers.len());
                    for (number, layer) in layers.iter().enumerate() {
                        prop_assert_eq!(&names[number], &layer.name);
                        let read = reader.get_features(number).unwrap();
                        prop_assert_eq!(read.len(), layer.features.len());
                        for (theirs, ours) in read.iter().zip(&layer.features) {
                            prop_assert_eq!(theirs.id, Some(ours.id));
                            if let (geo::Geometry::MultiPolygon(theirs), Shape::Rings(rings)) = (&theirs.geometry, &ours.geometry) {
                                let count: usize = theirs.iter().map(|polygon| 1 + polygon.interiors().len()).sum();
                                prop_assert_eq!(count, rings.len());
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn neighbours_keep_the_same_vertices_on_their_shared_sides(plan in plans()) {
        // A square of the lattice is 7 cells of zoom 9 or more, so that the grid joins no two sides.
        let plan = FieldPlan { square_degrees: plan.square_degrees.max(0.0012), ..plan };
        let field = plan.draw();
        let pyramid = field.pyramid();
        let bounds = field.outline.bounding_rect().unwrap();
        let across = f64::from(crate::tiles::EXTENT);
        for z in pyramid.areas_from()..=ZOOM_LIMIT {
            for tile in some_tiles(&field, z) {
                let mut sides: HashMap<(Cell, Cell), i32> = HashMap::new();
                for feature in areas_of(&pyramid, tile) {
                    for ring in feature.rings() {
                        for (from, to) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                            *sides.entry((*from, *to)).or_default() += 1;
                        }
                    }
                }
                let alone = |side: &(Cell, Cell)| !sides.contains_key(&(side.1, side.0));
                for (side, count) in &sides {
                    prop_assert_eq!(*count, 1, "a side belongs to one area");
                    let along_window = |a: i32, b: i32| a == b && (a == -64 || a == 4160);
                    if alone(side) && !along_window(side.0.x, side.1.x) && !along_window(side.0.y, side.1.y) {
                        // Then it is the rim of the field.
                        let middle = Coord {
                            x: (f64::from(side.0.x) + f64::from(side.1.x)) / 2.0 / across,
                            y: (f64::from(side.0.y) + f64::from(side.1.y)) / 2.0 / across,
                        };
                        let tiles = f64::from(1_u32 << z);
                        let at = mercator::to_degrees(Coord {
                            x: (f64::from(tile.x()) + middle.x) / tiles, y: (f64::from(tile.y()) + middle.y) / tiles,
                        });
                        let metres = crate::geom::LocalFrame::new(at).nearest_on_rings(&field.outline).unwrap().0;
                        let pixel_m = 156_543.0 * 0.77 / tiles;
                        prop_assert!(metres < pixel_m, "{z} {side:?} is {metres} m from the rim {bounds:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_pieces_of_a_polygon_make_the_polygon(plan in plans(), z in 9_u8..17) {
        let plan = FieldPlan { squares: 6, ..plan };
        let field = plan.draw();
        let pyramid = field.pyramid();
        let z = z.max(pyramid.areas_from());
        let cells = f64::from(crate::tiles::EXTENT) * f64::from(1_u32 << z);
        let (boundary, _) = &field.areas[0];
        let exact = boundary.map_coords(|c| { let unit = mercator::to_unit(c); Coord { x: unit.x * cells, y: unit.y * cells } });
        let perimeter: f64 = exact.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()))
            .flat_map(LineString::lines).map(|side| side.delta().x.hypot(side.delta().y)).sum();
        let mut pieces: Vec<Polygon> = Vec::new();
        for tile in tiles_over(boundary.bounding_rect().unwrap(), z) {
            let corner = Coord { x: f64::from(tile.x()) * 4096.0, y: f64::from(tile.y()) * 4096.0 };
            let frame = Rect::new(corner, corner + Coord { x: 4096.0, y: 4096.0 }).to_polygon();
            for feature in areas_of(&pyramid, tile).iter().filter(|feature| feature.id == 1) {
                let placed = feature.polygons().map_coords(|c| c + corner);
                pieces.extend(placed.intersection(&frame));
            }
        }
        let sum: f64 = pieces.iter().map(Polygon::unsigned_area).sum();
        // Simplification moves a border by its tolerance at most, snapping and cutting by a cell.
        let moved = if z <= LAST_LEVEL { 8.0 } else { 1.5 };
        let allowed = perimeter * moved + 64.0;
        prop_assert!((sum - exact.unsigned_area()).abs() <= allowed);
        let union = geo::unary_union(&pieces);
        prop_assert!((union.unsigned_area() - sum).abs() <= 1e-6 * sum + 1.0, "pieces do not overlap");
        prop_assert!(MultiPolygon::xor(&union, &exact).unsigned_area() <= allowed);
    }

    #[test]
    fn every_area_is_in_the_tile_of_its_label_and_labels_are_in_one_tile(plan in plans()) {
        let field = plan.draw();
        let pyramid = field.pyramid();
        for z in pyramid.areas_from()..=ZOOM_LIMIT {
            for (number, (boundary, _)) in field.areas.iter().enumerate().step_by(1 + field.areas.len() / 10) {
                let tile = TileCoord::at(label_point(boundary).unwrap(), z).unwrap();
                let id = number as u64 + 1;
                prop_assert!(areas_of(&pyramid, tile).iter().any(|feature| feature.id == id), "{z} {id}");
            }
        }
        for z in [12, 13, 15] {
            let mut seen = Vec::new();
            for tile in tiles_over(field.outline.bounding_rect().unwrap(), z) {
                let layers = decode(&pyramid.tile(TileLayer::Areas, tile));
                seen.extend(layer(&layers, "labels").into_iter().flat_map(|layer| &layer.features).map(|f| f.id));
            }
            let distinct: BTreeSet<u64> = seen.iter().copied().collect();
            prop_assert_eq!(distinct.len(), seen.len());
            if z == 15 {
                prop_assert_eq!(seen.len(), field.areas.len());
            }
        }
    }

    #[test]
    fn summaries_count_every_area(plan in plans()) {
        let field = plan.draw();
        let pyramid = field.pyramid();
        for z in 0..pyramid.areas_from() {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            for tile in tiles_over(field.outline.bounding_rect().unwrap(), z) {
                for feature in areas_of(&pyramid, tile) {
                    prop_assert_eq!(&feature.attributes["summary"], true);
                    counts.insert(feature.text("street").to_owned(), feature.attributes["count"].as_u64().unwrap());
                }
            }
            prop_assert_eq!(counts.values().sum::<u64>(), field.areas.len() as u64, "zoom {}", z);
        }
    }
}

const PLAN: FieldPlan = FieldPlan { seed: 7, squares: 12, square_degrees: 0.002, turn: 0.3, jitter: 0.2 };

#[test]
fn attributes_are_those_of_the_contract() {
    let field = PLAN.draw();
    let pyramid = field.pyramid();
    let at = label_point(&field.areas[0].0).unwrap();
    let layers = decode(&pyramid.tile(TileLayer::Areas, TileCoord::at(at, 15).unwrap()));
    let keys =
        |name: &str| -> Vec<String> { layer(&layers, name).unwrap().features[0].attributes.keys().cloned().collect() };
    assert_eq!(keys("areas"), ["code", "committee", "management", "name", "street", "style"]);
    assert_eq!(keys("labels"), ["code", "name", "rank", "style"]);
    let one = layer(&layers, "areas").unwrap().features.iter().find(|feature| feature.id == 1).unwrap();
    assert_eq!(one.text("code"), "DEMO-AA-0001");
    assert_eq!(one.text("style"), "contracted-property-management");
    assert_eq!(one.text("street"), field.areas[0].1);
}

#[test]
fn a_streets_tile_holds_district_streets_and_labels() {
    let field = PLAN.draw();
    let pyramid = field.pyramid();
    for z in 0..=12 {
        let tile = TileCoord::at(label_point(&field.outline).unwrap(), z).unwrap();
        let layers = decode(&pyramid.tile(TileLayer::Streets, tile));
        let district = &layer(&layers, "district").unwrap().features[0];
        assert_eq!((district.id, district.text("name")), (110_105, "朝阳区"));
        let streets = &layer(&layers, "streets").unwrap().features;
        assert!(streets.iter().all(|street| street.attributes["schematic"] == true));
        assert_eq!(layer(&layers, "labels").is_some(), z >= STREET_LABELS_FROM, "zoom {z}");
    }
}

#[test]
fn a_tile_far_away_is_empty() {
    let pyramid = PLAN.draw().pyramid();
    for kind in TileLayer::ALL {
        for z in 2..=ZOOM_LIMIT {
            assert!(pyramid.tile(kind, TileCoord::new(z, 0, 0).unwrap()).is_empty());
        }
    }
}

#[test]
fn an_empty_register_has_empty_tiles() {
    let mut field = PLAN.draw();
    field.areas.clear();
    field.streets.clear();
    field.outline = MultiPolygon::new(vec![]);
    let pyramid = field.pyramid();
    for kind in TileLayer::ALL {
        assert!(pyramid.tile(kind, TileCoord::new(0, 0, 0).unwrap()).is_empty());
    }
}

#[test]
fn a_street_nobody_knows_is_counted_too() {
    let mut field = PLAN.draw();
    field.areas[0].1 = "110105999".into();
    let total = field.areas.len() as u64;
    let features = areas_of(&field.pyramid(), TileCoord::new(0, 0, 0).unwrap());
    let stranger = features.iter().find(|feature| feature.text("street") == "110105999").unwrap();
    assert_eq!(
        (stranger.id, stranger.text("name"), &stranger.attributes["count"]),
        (110_105_999, "110105999", &1.into())
    );
    assert_eq!(features.iter().map(|feature| feature.attributes["count"].as_u64().unwrap()).sum::<u64>(), total);
}

#[test]
fn a_speck_is_drawn_as_a_square() {
    let mut field = PLAN.draw();
    let at = label_point(&field.areas[0].0).unwrap();
    let metre = 1e-5;
    let speck = Rect::new(at, at + Coord { x: metre, y: metre }).to_polygon();
    field.areas.push((MultiPolygon::from(speck), field.areas[0].1.clone()));
    let id = field.areas.len() as u64;
    let pyramid = field.pyramid();
    for z in pyramid.areas_from()..=ZOOM_LIMIT {
        let features = areas_of(&pyramid, TileCoord::at(at, z).unwrap());
        let rings = features.iter().find(|feature| feature.id == id).unwrap().rings();
        assert!(twice_area(&rings[0]) >= 32, "zoom {z}");
    }
}

/// Boundaries of a demonstration file, with the text of one member of each feature.
fn demonstration(file: &str, member: &str) -> Vec<(MultiPolygon, String)> {
    let path = format!("{}/assets/geojson/{file}", env!("CARGO_MANIFEST_DIR"));
    let collection: geojson::FeatureCollection = std::fs::read_to_string(path).unwrap().parse().unwrap();
    collection
        .features
        .into_iter()
        .map(|feature| {
            let text = feature.property(member).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
            let boundary = match geo::Geometry::try_from(feature.geometry.unwrap()).unwrap() {
                geo::Geometry::Polygon(polygon) => MultiPolygon::from(polygon),
                geo::Geometry::MultiPolygon(boundary) => boundary,
                other => panic!("{other:?} is no boundary"),
            };
            (boundary, text)
        })
        .collect()
}

#[test]
fn the_demonstration_districts_tiles_are_valid_and_show_every_area() {
    let streets = demonstration("streets.geojson", "code");
    let mut field = Field {
        outline: demonstration("district.geojson", "code").remove(0).0,
        areas: demonstration("areas.geojson", "street"),
        streets: PLAN.draw().streets,
    };
    let pattern = field.streets[0].clone();
    field.streets = streets
        .into_iter()
        .map(|(boundary, code)| Street { boundary, code: StreetCode::parse(&code).unwrap(), ..pattern.clone() })
        .collect();
    let pyramid = field.pyramid();
    let bounds = field.outline.bounding_rect().unwrap();
    for z in 0..=LAST_LEVEL {
        let mut seen = BTreeSet::new();
        for tile in tiles_over(bounds, z) {
            decode(&pyramid.tile(TileLayer::Streets, tile));
            seen.extend(areas_of(&pyramid, tile).iter().map(|feature| feature.id));
        }
        if z >= pyramid.areas_from() {
            assert_eq!(seen.len(), field.areas.len(), "zoom {z}");
        }
    }
    for (boundary, _) in field.areas.iter().step_by(40) {
        for z in LAST_LEVEL + 1..=ZOOM_LIMIT {
            for tile in tiles_over(boundary.bounding_rect().unwrap(), z).into_iter().take(12) {
                decode(&pyramid.tile(TileLayer::Areas, tile));
                decode(&pyramid.tile(TileLayer::Streets, tile));
            }
        }
    }
}
