//! Everything that tiles are made from, prepared once a snapshot.

use std::sync::Arc;

use geo::{BoundingRect as _, Coord, MultiPolygon, Rect};
use rstar::RTree;

use crate::crs::mercator;
use crate::geom::{CellMap, label_point};
use crate::model::{District, Street, StyleClass};
use crate::tiles::brush::{Brush, MARGIN, Slot, slot, tree};
use crate::tiles::encode::{LayerWriter, Value};
use crate::tiles::grid::finest_zoom;
use crate::tiles::labels::{STREET_LABELS_FROM, is_labelled, label_rank};
use crate::tiles::level::Shapes;
use crate::tiles::summary::{Summary, areas_from, summarise};
use crate::tiles::{TileCoord, TileLayer};

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
///
/// A changed pyramid shares what was built in one go with the one it was made from, so that a change costs what changed.
#[derive(Debug, Clone)]
pub struct Pyramid {
    pub(super) ground: Arc<Ground>,
    pub(super) summaries: Vec<Summary>,
    summary_tree: RTree<Slot>,
    /// Areas that are not as in the ground or not in it, by position; `None` where there is none any more.
    pub(super) changes: CellMap<u32, Option<Change>>,
    changed_tree: RTree<Slot>,
}

/// What is built in one go.
#[derive(Debug)]
pub(super) struct Ground {
    areas: Vec<AreaFeature>,
    area_shapes: Shapes,
    area_tree: RTree<Slot>,
    pub(super) areas_from: u8,
    streets: Vec<StreetFeature>,
    street_envelopes: Vec<Rect>,
    /// The streets' shapes, then the district's.
    street_shapes: Shapes,
    street_tree: RTree<Slot>,
    district: StreetFeature,
    district_envelope: Option<Rect>,
}

/// What differs of an area.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    /// What is said of it; `None` as before.
    pub feature: Option<Arc<AreaFeature>>,
    /// Its shape; `None` as before.
    pub shape: Option<Redrawn>,
}

/// A shape that was drawn anew, together with those around it.
#[derive(Debug, Clone)]
pub(super) struct Redrawn {
    pub shapes: Arc<Shapes>,
    /// Which of the shapes.
    pub number: u32,
    /// Unit square.
    pub envelope: Rect,
}

/// What tiles say of an area.
#[derive(Debug)]
pub(super) struct AreaFeature {
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
    has_boundary: bool,
    /// Unit square.
    label: Coord,
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
        let district = &input.district;
        let ground = Ground {
            area_tree: tree(area_envelopes.iter().copied()),
            street_tree: tree(street_envelopes.iter().copied()),
            district: StreetFeature {
                code: district.code.as_str().into(),
                name: district.name.as_str().into(),
                schematic: false,
                has_boundary: true,
                label: district_label,
            },
            district_envelope: (!district.boundary.0.is_empty())
                .then(|| unit_envelope(&district.boundary, district_label)),
            areas,
            area_shapes,
            areas_from,
            streets,
            street_envelopes,
            street_shapes,
        };
        let summaries = summarise(ground.areas.iter().map(|area| (&*area.street, area.class, area.label)), |code| {
            ground.place_of_street(code)
        });
        Self {
            summary_tree: ground.summary_tree(&summaries),
            summaries,
            changes: CellMap::default(),
            changed_tree: RTree::new(),
            ground: Arc::new(ground),
        }
    }

    /// The same ground with other changes and summaries.
    pub(super) fn changed(&self, changes: CellMap<u32, Option<Change>>, summaries: Vec<Summary>) -> Self {
        let moved = changes
            .iter()
            .filter_map(|(position, change)| Some(slot(*position as usize, change.as_ref()?.shape.as_ref()?.envelope)));
        Self {
            changed_tree: RTree::bulk_load(moved.collect()),
            summary_tree: self.ground.summary_tree(&summaries),
            ground: Arc::clone(&self.ground),
            summaries,
            changes,
        }
    }

    /// Lowest zoom at which areas are drawn one by one; below it tiles show the summaries of the streets.
    pub fn areas_from(&self) -> u8 {
        self.ground.areas_from
    }

    /// The tile as MVT 2.1. Empty when nothing lies in it, which HTTP says with 204.
    pub fn tile(&self, layer: TileLayer, coord: TileCoord) -> Vec<u8> {
        self.tile_within(layer, coord, 0.0)
    }

    /// The same, where no border is drawn finer than that tolerance needs, in metres.
    pub fn tile_within(&self, layer: TileLayer, coord: TileCoord, tolerance_m: f64) -> Vec<u8> {
        let mut brush = Brush::new(coord, finest_zoom(tolerance_m));
        let mut tile = Vec::new();
        match layer {
            TileLayer::Areas if coord.z() < self.ground.areas_from => self.draw_summaries(&mut brush, &mut tile),
            TileLayer::Areas => self.draw_areas(&mut brush, &mut tile),
            TileLayer::Streets => self.draw_streets(&mut brush, &mut tile),
        }
        tile
    }

    fn draw_areas(&self, brush: &mut Brush, tile: &mut Vec<u8>) {
        let mut areas = LayerWriter::new("areas", brush.origin);
        let mut labels = LayerWriter::new("labels", brush.origin);
        for slot in self.areas_in(brush) {
            let (area, shapes, slot) = self.area_at(slot);
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
            brush.polygon(&mut areas, u64::from(area.id), (shapes, slot), &attributes);
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

    /// Areas whose envelope meets the buffered tile, in the order of their positions.
    fn areas_in(&self, brush: &Brush) -> Vec<Slot> {
        let mut slots = brush.found(&self.ground.area_tree);
        if !self.changes.is_empty() {
            let stays = |slot: &Slot| match self.changes.get(&slot.position) {
                None => true,
                Some(change) => change.as_ref().is_some_and(|change| change.shape.is_none()),
            };
            slots.retain(stays);
            slots.extend(brush.found(&self.changed_tree));
            slots.sort_unstable_by_key(|slot| slot.position);
        }
        slots
    }

    /// What is said of the area of a slot, and where its shape is.
    fn area_at(&self, slot: Slot) -> (&AreaFeature, &Shapes, Slot) {
        let change = self.changes.get(&slot.position).and_then(Option::as_ref);
        let feature = change.and_then(|change| change.feature.as_deref());
        let area = feature.unwrap_or_else(|| &self.ground.areas[slot.position as usize]);
        match change.and_then(|change| change.shape.as_ref()) {
            Some(redrawn) => (area, &*redrawn.shapes, Slot { position: redrawn.number, ..slot }),
            None => (area, &self.ground.area_shapes, slot),
        }
    }

    fn draw_summaries(&self, brush: &mut Brush, tile: &mut Vec<u8>) {
        let ground = &self.ground;
        let mut areas = LayerWriter::new("areas", brush.origin);
        for slot in brush.found(&self.summary_tree) {
            let summary = &self.summaries[slot.position as usize];
            let street = summary.position.map(|position| (position, &ground.streets[position]));
            let attributes = [
                ("summary", Value::Flag(true)),
                ("street", Value::Text(&summary.street)),
                ("name", Value::Text(street.map_or(&summary.street, |(_, street)| &street.name))),
                ("style", Value::Text(summary.class().key())),
                ("count", Value::Number(summary.count())),
            ];
            let id = feature_id(&summary.street);
            if let Some((position, _)) = street {
                let slot = Slot { position: position as u32, envelope: slot.envelope };
                brush.polygon(&mut areas, id, (&ground.street_shapes, slot), &attributes);
            } else {
                brush.square(&mut areas, id, summary.anchor, &attributes);
            }
        }
        areas.finish(tile);
    }

    fn draw_streets(&self, brush: &mut Brush, tile: &mut Vec<u8>) {
        let ground = &self.ground;
        let mut district = LayerWriter::new("district", brush.origin);
        let mut streets = LayerWriter::new("streets", brush.origin);
        let mut labels = LayerWriter::new("labels", brush.origin);
        if let Some(envelope) = ground.district_envelope {
            let attributes =
                [("code", Value::Text(&ground.district.code)), ("name", Value::Text(&ground.district.name))];
            let slot = slot(ground.streets.len(), envelope);
            if brush.reaches(&slot) {
                brush.polygon(
                    &mut district,
                    feature_id(&ground.district.code),
                    (&ground.street_shapes, slot),
                    &attributes,
                );
            }
        }
        for slot in brush.found(&ground.street_tree) {
            let street = &ground.streets[slot.position as usize];
            let (code, name) = (("code", Value::Text(&street.code)), ("name", Value::Text(&street.name)));
            let attributes = [code, name, ("schematic", Value::Flag(street.schematic))];
            let id = feature_id(&street.code);
            brush.polygon(&mut streets, id, (&ground.street_shapes, slot), &attributes);
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

impl Ground {
    /// Position, where it has a boundary, and label of a street.
    pub(super) fn place_of_street(&self, code: &str) -> Option<(Option<usize>, Coord)> {
        let position = self.streets.iter().position(|street| &*street.code == code)?;
        let street = &self.streets[position];
        Some((street.has_boundary.then_some(position), street.label))
    }

    fn summary_tree(&self, summaries: &[Summary]) -> RTree<Slot> {
        tree(summaries.iter().map(|summary| {
            summary.position.map_or(Rect::new(summary.anchor, summary.anchor), |street| self.street_envelopes[street])
        }))
    }
}

impl AreaFeature {
    pub(super) fn new(area: &AreaShape<'_>) -> Self {
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
            has_boundary: !shape.street.boundary.0.is_empty(),
            label: mercator::to_unit(shape.label),
        }
    }
}

/// Number of a street or district in the tiles: its code read as a number, 0 where it is none.
fn feature_id(code: &str) -> u64 {
    code.parse().unwrap_or(0)
}

/// Envelope in the unit square; that of the label where there is no boundary.
pub(super) fn unit_envelope(boundary: &MultiPolygon, label: Coord) -> Rect {
    // Projection keeps east-west and north-south apart, so the corners' envelope is the envelope of the projected rings.
    let envelope = boundary.bounding_rect().unwrap_or_else(|| Rect::new(label, label));
    Rect::new(mercator::to_unit(envelope.min()), mercator::to_unit(envelope.max()))
}
