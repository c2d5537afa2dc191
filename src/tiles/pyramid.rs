//! Everything that tiles are made from, prepared once a snapshot.

use geo::{BoundingRect as _, Coord, MultiPolygon, Rect};
use rstar::{AABB, RTree, RTreeObject};

use crate::crs::mercator;
use crate::geom::label_point;
use crate::model::{District, Street, StyleClass};
use crate::tiles::clip::{GridBox, Scratch, clip};
use crate::tiles::encode::{EXTENT, LayerWriter, Value};
use crate::tiles::grid::{Cell, cells_across, square_of};
use crate::tiles::labels::{STREET_LABELS_FROM, is_labelled, label_rank};
use crate::tiles::level::{Shapes, square_at};
use crate::tiles::shape::Shape;
use crate::tiles::summary::{Summary, areas_from, summarise};
use crate::tiles::{TileCoord, TileLayer};

/// Margin around a tile in grid cells that its polygons are drawn into, so that strokes do not end at its edge.
pub const BUFFER: u32 = 64;

/// The margin as a share of a tile's width.
const MARGIN: f64 = BUFFER as f64 / EXTENT as f64;

/// An envelope this far inside the buffered tile needs no clip: a prepared shape leaves its envelope by a cell at most,
/// a square by half its side.
const SAFE_MARGIN: f64 = (BUFFER - 4) as f64 / EXTENT as f64;

/// An area as the tiles show it.
#[derive(Debug, Clone, Copy)]
pub struct AreaShape<'a> {
    /// Stable number, the feature's id.
    pub id: u32,
    /// Code.
    pub code: &'a str,
    /// Official name.
    pub name: &'a str,
    /// Code of its street.
    pub street: &'a str,
    /// Key of its management.
    pub management: &'static str,
    /// Key of its committee status on the data date.
    pub committee: &'static str,
    /// Class of the theme.
    pub class: StyleClass,
    /// Boundary in degrees, lng lat.
    pub boundary: &'a MultiPolygon,
    /// Surface in square metres.
    pub surface_m2: f64,
    /// A point inside the boundary, degrees.
    pub label: Coord,
}

/// A street as the tiles show it.
#[derive(Debug, Clone, Copy)]
pub struct StreetShape<'a> {
    /// The street.
    pub street: &'a Street,
    /// A point inside its boundary, degrees.
    pub label: Coord,
}

/// What a pyramid is built from.
#[derive(Debug, Clone, Copy)]
pub struct PyramidInput<'a> {
    /// Areas, in the order they are drawn.
    pub areas: &'a [AreaShape<'a>],
    /// Streets.
    pub streets: &'a [StreetShape<'a>],
    /// The district.
    pub district: &'a District,
}

/// Immutable source of the tiles of one snapshot; owns all it needs.
#[derive(Debug)]
pub struct Pyramid {
    areas: Vec<AreaFeature>,
    area_shapes: Shapes,
    area_tree: RTree<Slot>,
    areas_from: u8,
    summaries: Vec<Summary>,
    summary_tree: RTree<Slot>,
    streets: Vec<StreetFeature>,
    /// The streets' shapes, then the district's.
    street_shapes: Shapes,
    street_tree: RTree<Slot>,
    district: StreetFeature,
    district_envelope: Option<Rect>,
}

#[derive(Debug)]
struct AreaFeature {
    id: u32,
    rank: u8,
    class: StyleClass,
    management: &'static str,
    committee: &'static str,
    code: Box<str>,
    name: Box<str>,
    street: Box<str>,
    /// Unit square.
    label: Coord,
}

#[derive(Debug)]
struct StreetFeature {
    code: Box<str>,
    name: Box<str>,
    schematic: bool,
    /// Unit square.
    label: Coord,
}

/// Entry of a tree: which feature, and its envelope in the unit square.
#[derive(Debug, Clone, Copy)]
struct Slot {
    position: u32,
    min: [f64; 2],
    max: [f64; 2],
}

impl RTreeObject for Slot {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.min, self.max)
    }
}

impl Pyramid {
    /// Projects, simplifies and indexes everything. Uses all cores.
    pub fn build(input: &PyramidInput<'_>) -> Self {
        let area_envelopes: Vec<Rect> =
            input.areas.iter().map(|area| unit_envelope(area.boundary, area.label)).collect();
        let area_shapes = Shapes::build(input.areas.iter().map(|area| (area.boundary, area.label)));
        let areas_from = areas_from(area_shapes.surfaces(), &area_envelopes, MARGIN);

        let district_label = label_point(&input.district.boundary);
        let district_label = district_label.unwrap_or(Coord { x: 0.0, y: 0.0 });
        let outlines = input.streets.iter().map(|shape| (&shape.street.boundary, shape.label));
        let outlines = outlines.chain([(&input.district.boundary, district_label)]);
        let (area_shapes, street_shapes) =
            rayon::join(|| area_shapes.prepare(areas_from), || Shapes::build(outlines).prepare(0));

        let streets: Vec<StreetFeature> = input.streets.iter().map(StreetFeature::new).collect();
        let street_envelopes: Vec<Rect> =
            input.streets.iter().map(|shape| unit_envelope(&shape.street.boundary, shape.label)).collect();
        let areas: Vec<AreaFeature> = input.areas.iter().map(AreaFeature::new).collect();
        let summaries = summarise(areas.iter().map(|area| (&*area.street, area.class, area.label)), |code| {
            let position = streets.iter().position(|street| &*street.code == code)?;
            let has_boundary = !input.streets[position].street.boundary.0.is_empty();
            Some((has_boundary.then_some(position), streets[position].label))
        });
        let summary_envelopes = summaries.iter().map(|summary| {
            summary.position.map_or(Rect::new(summary.anchor, summary.anchor), |street| street_envelopes[street])
        });
        let district = &input.district;
        Self {
            area_tree: tree(area_envelopes.iter().copied()),
            summary_tree: tree(summary_envelopes),
            street_tree: tree(street_envelopes.iter().copied()),
            district: StreetFeature {
                code: district.code.as_str().into(),
                name: district.name.as_str().into(),
                schematic: false,
                label: district_label,
            },
            district_envelope: (!district.boundary.0.is_empty())
                .then(|| unit_envelope(&district.boundary, district_label)),
            areas,
            area_shapes,
            areas_from,
            summaries,
            streets,
            street_shapes,
        }
    }

    /// Lowest zoom at which areas are drawn one by one; below it tiles show the summaries of the streets.
    pub fn areas_from(&self) -> u8 {
        self.areas_from
    }

    /// The tile as MVT 2.1. Empty when nothing lies in it, which HTTP says with 204.
    pub fn tile(&self, layer: TileLayer, coord: TileCoord) -> Vec<u8> {
        let mut brush = Brush::new(coord);
        let mut tile = Vec::new();
        match layer {
            TileLayer::Areas if coord.z() < self.areas_from => self.draw_summaries(&mut brush, &mut tile),
            TileLayer::Areas => self.draw_areas(&mut brush, &mut tile),
            TileLayer::Streets => self.draw_streets(&mut brush, &mut tile),
        }
        tile
    }

    fn draw_areas(&self, brush: &mut Brush, tile: &mut Vec<u8>) {
        let mut areas = LayerWriter::new("areas", brush.origin);
        let mut labels = LayerWriter::new("labels", brush.origin);
        for slot in brush.found(&self.area_tree) {
            let area = &self.areas[slot.position as usize];
            let (code, name) = (Value::Text(&area.code), Value::Text(&area.name));
            let style = Value::Text(area.class.key());
            let attributes = [
                ("code", code),
                ("name", name),
                ("street", Value::Text(&area.street)),
                ("management", Value::Text(area.management)),
                ("committee", Value::Text(area.committee)),
                ("style", style),
            ];
            brush.polygon(&mut areas, u64::from(area.id), (&self.area_shapes, slot), &attributes);
            if is_labelled(area.rank, brush.coord.z())
                && let Some(at) = brush.own_square(area.label)
            {
                let rank = Value::Number(u64::from(area.rank));
                let attributes = [("code", code), ("name", name), ("rank", rank), ("style", style)];
                labels.point(u64::from(area.id), at, &attributes);
            }
        }
        areas.finish(tile);
        labels.finish(tile);
    }

    fn draw_summaries(&self, brush: &mut Brush, tile: &mut Vec<u8>) {
        let mut areas = LayerWriter::new("areas", brush.origin);
        for slot in brush.found(&self.summary_tree) {
            let summary = &self.summaries[slot.position as usize];
            let street = summary.position.map(|position| (position, &self.streets[position]));
            let attributes = [
                ("summary", Value::Flag(true)),
                ("street", Value::Text(&summary.street)),
                ("name", Value::Text(street.map_or(&summary.street, |(_, street)| &street.name))),
                ("style", Value::Text(summary.class.key())),
                ("count", Value::Number(summary.count)),
            ];
            let id = feature_id(&summary.street);
            if let Some((position, _)) = street {
                let slot = Slot { position: position as u32, ..slot };
                brush.polygon(&mut areas, id, (&self.street_shapes, slot), &attributes);
            } else {
                let square = square_at(summary.anchor, brush.coord.z());
                clip(square.all(), brush.window, &mut brush.clipped, &mut brush.scratch);
                areas.polygon(id, brush.clipped.all(), &attributes);
            }
        }
        areas.finish(tile);
    }

    fn draw_streets(&self, brush: &mut Brush, tile: &mut Vec<u8>) {
        let mut district = LayerWriter::new("district", brush.origin);
        let mut streets = LayerWriter::new("streets", brush.origin);
        let mut labels = LayerWriter::new("labels", brush.origin);
        if let Some(envelope) = self.district_envelope {
            let attributes = [("code", Value::Text(&*self.district.code)), ("name", Value::Text(&*self.district.name))];
            let slot = slot(self.streets.len(), envelope);
            if brush.reaches(&slot) {
                brush.polygon(&mut district, feature_id(&self.district.code), (&self.street_shapes, slot), &attributes);
            }
        }
        for slot in brush.found(&self.street_tree) {
            let street = &self.streets[slot.position as usize];
            let (code, name) = (("code", Value::Text(&*street.code)), ("name", Value::Text(&*street.name)));
            let attributes = [code, name, ("schematic", Value::Flag(street.schematic))];
            let id = feature_id(&street.code);
            brush.polygon(&mut streets, id, (&self.street_shapes, slot), &attributes);
            if brush.coord.z() >= STREET_LABELS_FROM
                && let Some(at) = brush.own_square(street.label)
            {
                labels.point(id, at, &[code, name]);
            }
        }
        district.finish(tile);
        streets.finish(tile);
        labels.finish(tile);
    }
}

impl AreaFeature {
    fn new(area: &AreaShape<'_>) -> Self {
        Self {
            id: area.id,
            rank: label_rank(area.surface_m2),
            class: area.class,
            management: area.management,
            committee: area.committee,
            code: area.code.into(),
            name: area.name.into(),
            street: area.street.into(),
            label: mercator::to_unit(area.label),
        }
    }
}

impl StreetFeature {
    fn new(shape: &StreetShape<'_>) -> Self {
        Self {
            code: shape.street.code.as_str().into(),
            name: shape.street.name.as_str().into(),
            schematic: shape.street.schematic,
            label: mercator::to_unit(shape.label),
        }
    }
}

/// What drawing one tile needs again and again.
struct Brush {
    coord: TileCoord,
    /// Grid place of the tile's north-west corner.
    origin: Cell,
    window: GridBox,
    /// The buffered tile in the unit square, and the part in which shapes need no clip.
    reach: Rect,
    safe: Rect,
    room: Shape,
    clipped: Shape,
    scratch: Scratch,
}

impl Brush {
    fn new(coord: TileCoord) -> Self {
        // Zoom 18 has 2^30 cells, so the corner fits.
        let corner = |index: u32| (index * EXTENT) as i32;
        let origin = Cell { x: corner(coord.x()), y: corner(coord.y()) };
        let (buffer, extent) = (BUFFER as i32, EXTENT as i32);
        let window = GridBox {
            min: Cell { x: origin.x - buffer, y: origin.y - buffer },
            max: Cell { x: origin.x + extent + buffer, y: origin.y + extent + buffer },
        };
        Self {
            coord,
            origin,
            window,
            reach: coord.unit_bounds(MARGIN),
            safe: coord.unit_bounds(SAFE_MARGIN),
            room: Shape::default(),
            clipped: Shape::default(),
            scratch: Scratch::default(),
        }
    }

    /// Features whose envelope meets the buffered tile, in the order of the input.
    fn found(&self, tree: &RTree<Slot>) -> Vec<Slot> {
        let reach = AABB::from_corners(self.reach.min().into(), self.reach.max().into());
        let mut slots: Vec<Slot> = tree.locate_in_envelope_intersecting(reach).copied().collect();
        slots.sort_unstable_by_key(|slot| slot.position);
        slots
    }

    fn reaches(&self, slot: &Slot) -> bool {
        let (min, max) = (self.reach.min(), self.reach.max());
        slot.min[0] <= max.x && slot.max[0] >= min.x && slot.min[1] <= max.y && slot.max[1] >= min.y
    }

    fn is_safe(&self, slot: &Slot) -> bool {
        let (min, max) = (self.safe.min(), self.safe.max());
        slot.min[0] >= min.x && slot.max[0] <= max.x && slot.min[1] >= min.y && slot.max[1] <= max.y
    }

    fn polygon<'a>(
        &mut self,
        layer: &mut LayerWriter<'a>,
        id: u64,
        (shapes, slot): (&Shapes, Slot),
        attributes: &[(&'static str, Value<'a>)],
    ) {
        let zoom = self.coord.z();
        let fits = shapes.is_prepared(zoom) && self.is_safe(&slot);
        let shape = shapes.shape(slot.position as usize, zoom, &mut self.room);
        if fits {
            layer.polygon(id, shape, attributes);
        } else {
            clip(shape, self.window, &mut self.clipped, &mut self.scratch);
            layer.polygon(id, self.clipped.all(), attributes);
        }
    }

    /// The grid square of a point of the unit square, if it lies in this tile proper. West and north edges belong to it.
    fn own_square(&self, unit: Coord) -> Option<Cell> {
        let at = square_of(unit, cells_across(self.coord.z()));
        let inside = |place: i32, corner: i32| (0..EXTENT as i32).contains(&(place - corner));
        (inside(at.x, self.origin.x) && inside(at.y, self.origin.y)).then_some(at)
    }
}

/// Number of a street or district in the tiles: its code read as a number, 0 where it is none.
fn feature_id(code: &str) -> u64 {
    code.parse().unwrap_or(0)
}

/// Envelope in the unit square; that of the label where there is no boundary.
fn unit_envelope(boundary: &MultiPolygon, label: Coord) -> Rect {
    // Projection keeps east-west and north-south apart, so the corners' envelope is the envelope of the projected rings.
    let envelope = boundary.bounding_rect().unwrap_or_else(|| Rect::new(label, label));
    Rect::new(mercator::to_unit(envelope.min()), mercator::to_unit(envelope.max()))
}

fn slot(position: usize, envelope: Rect) -> Slot {
    let position = u32::try_from(position).expect("fewer than four billion features fit in memory");
    Slot { position, min: envelope.min().into(), max: envelope.max().into() }
}

fn tree(envelopes: impl Iterator<Item = Rect>) -> RTree<Slot> {
    RTree::bulk_load(envelopes.enumerate().map(|(position, envelope)| slot(position, envelope)).collect())
}
