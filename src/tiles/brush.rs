//! What lies in a tile, and drawing it there.

use geo::{Coord, Rect};
use rstar::{AABB, Envelope as _, RTree, RTreeObject};

use crate::tiles::TileCoord;
use crate::tiles::clip::{GridBox, Scratch, clip};
use crate::tiles::encode::{EXTENT, LayerWriter, Value};
use crate::tiles::grid::{Cell, cells_across, square_of};
use crate::tiles::level::{Shapes, square_at};
use crate::tiles::shape::Shape;

/// Margin around a tile in grid cells that its polygons are drawn into, so that strokes do not end at its edge.
pub const BUFFER: u32 = 64;

/// The margin as a share of a tile's width.
pub(crate) const MARGIN: f64 = BUFFER as f64 / EXTENT as f64;

/// An envelope this far inside the buffered tile needs no clip: a prepared shape leaves its envelope by a cell at most,
/// a square by half its side.
const SAFE_MARGIN: f64 = (BUFFER - 4) as f64 / EXTENT as f64;

/// Entry of a tree: which feature, and its envelope in the unit square.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    pub position: u32,
    pub envelope: AABB<[f64; 2]>,
}

impl RTreeObject for Slot {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

/// The entry of a feature.
pub(crate) fn slot(position: usize, envelope: Rect) -> Slot {
    let position = u32::try_from(position).expect("fewer than four billion features fit in memory");
    Slot { position, envelope: aabb(envelope) }
}

fn aabb(rect: Rect) -> AABB<[f64; 2]> {
    AABB::from_corners(rect.min().into(), rect.max().into())
}

/// The tree over envelopes, which features are numbered by.
pub(crate) fn tree(envelopes: impl Iterator<Item = Rect>) -> RTree<Slot> {
    RTree::bulk_load(envelopes.enumerate().map(|(position, envelope)| slot(position, envelope)).collect())
}

/// What drawing one tile needs again and again.
pub(crate) struct Brush {
    pub coord: TileCoord,
    /// The zoom whose grid is the finest that shapes are drawn on.
    finest: u8,
    /// Grid place of the tile's north-west corner.
    pub origin: Cell,
    window: GridBox,
    /// The buffered tile in the unit square, and the part in which shapes need no clip.
    reach: AABB<[f64; 2]>,
    safe: AABB<[f64; 2]>,
    room: Shape,
    clipped: Shape,
    scratch: Scratch,
}

impl Brush {
    /// Ready to draw that tile.
    pub(crate) fn new(coord: TileCoord, finest: u8) -> Self {
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
            finest,
            origin,
            window,
            reach: aabb(coord.unit_bounds(MARGIN)),
            safe: aabb(coord.unit_bounds(SAFE_MARGIN)),
            room: Shape::default(),
            clipped: Shape::default(),
            scratch: Scratch::default(),
        }
    }

    /// Features whose envelope meets the buffered tile, in the order of the input.
    pub(crate) fn found(&self, tree: &RTree<Slot>) -> Vec<Slot> {
        let mut slots: Vec<Slot> = tree.locate_in_envelope_intersecting(self.reach).copied().collect();
        slots.sort_unstable_by_key(|slot| slot.position);
        slots
    }

    /// Whether a feature's envelope meets the buffered tile.
    pub(crate) fn reaches(&self, slot: &Slot) -> bool {
        self.reach.intersects(&slot.envelope)
    }

    /// Adds what of a feature lies in the buffered tile.
    pub(crate) fn polygon<'a>(
        &mut self,
        layer: &mut LayerWriter<'a>,
        id: u64,
        (shapes, slot): (&Shapes, Slot),
        attributes: &[(&'static str, Value<'a>)],
    ) {
        let zoom = self.coord.z();
        let fits = shapes.is_prepared(zoom) && self.safe.contains_envelope(&slot.envelope);
        let shape = shapes.shape(slot.position as usize, (zoom, self.finest), &mut self.room);
        if fits {
            layer.polygon(id, shape, attributes);
        } else {
            clip(shape, self.window, &mut self.clipped, &mut self.scratch);
            layer.polygon(id, self.clipped.all(), attributes);
        }
    }

    /// Adds a feature as a square around a point of the unit square.
    pub(crate) fn square<'a>(
        &mut self,
        layer: &mut LayerWriter<'a>,
        id: u64,
        at: Coord,
        attributes: &[(&'static str, Value<'a>)],
    ) {
        clip(square_at(at, self.coord.z()).all(), self.window, &mut self.clipped, &mut self.scratch);
        layer.polygon(id, self.clipped.all(), attributes);
    }

    /// The grid square of a point of the unit square, if it lies in this tile proper. West and north edges belong to it.
    pub(crate) fn own_square(&self, unit: Coord) -> Option<Cell> {
        let at = square_of(unit, cells_across(self.coord.z()));
        let inside = |place: i32, corner: i32| (0..EXTENT as i32).contains(&(place - corner));
        (inside(at.x, self.origin.x) && inside(at.y, self.origin.y)).then_some(at)
    }
}
