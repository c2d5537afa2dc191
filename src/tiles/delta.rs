//! A pyramid in which some areas are not as before.

use std::sync::Arc;

use geo::{Coord, MultiPolygon};

use crate::geom::CellMap;
use crate::model::StyleClass;
use crate::tiles::level::Shapes;
use crate::tiles::pyramid::{AreaFeature, AreaShape, Change, Pyramid, Redrawn, unit_envelope};
use crate::tiles::summary::Summary;

/// A boundary that is drawn anew, or that must be there for others to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct Outline<'a> {
    /// Position of the area.
    pub position: u32,
    /// Degrees, lng lat.
    pub boundary: &'a MultiPolygon,
    /// A point inside, degrees.
    pub label: Coord,
    /// What it is there for.
    pub part: Part,
}

/// What an outline is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It is drawn anew.
    Drawn,
    /// It touches what is drawn anew and keeps its own shape.
    Context,
}

/// What is not as before.
#[derive(Debug, Clone, Default)]
pub struct PyramidChanges<'a> {
    /// Areas of which something else is told; `None` for those that are gone.
    pub features: Vec<(u32, Option<AreaShape<'a>>)>,
    /// New boundaries, all that touch them now or touched what was there before, and all that touch those; in the order in
    /// which a pyramid would be built from them.
    pub outlines: Vec<Outline<'a>>,
    /// Areas of each class, in the order of the legend, of streets where that is not as before.
    pub counts: Vec<(&'a str, [u32; StyleClass::ALL.len()])>,
}

impl Pyramid {
    /// The pyramid with these changes beside what was changed before.
    ///
    /// Boundaries are simplified together with those they touch, so that neighbours keep the same vertices on a shared
    /// border. The lowest zoom of single areas stays as it is.
    pub fn with_changes(&self, new: &PyramidChanges<'_>) -> Self {
        let mut changes: CellMap<u32, Option<Change>> = self.changes.clone();
        for (position, shape) in &new.features {
            let change = changes.entry(*position).or_insert_with(|| Some(Change::default()));
            match shape {
                None => *change = None,
                Some(shape) => {
                    change.get_or_insert_default().feature = Some(Arc::new(AreaFeature::new(shape)));
                }
            }
        }
        if new.outlines.iter().any(|outline| outline.part == Part::Drawn) {
            let shapes = Shapes::build(new.outlines.iter().map(|outline| (outline.boundary, outline.label)));
            let shapes = Arc::new(shapes.prepare(self.ground.areas_from));
            for (outline, number) in new.outlines.iter().zip(0..).filter(|(outline, _)| outline.part == Part::Drawn) {
                let change = changes.entry(outline.position).or_insert_with(|| Some(Change::default()));
                change.get_or_insert_default().shape = Some(Redrawn {
                    shapes: Arc::clone(&shapes),
                    number,
                    envelope: unit_envelope(outline.boundary, outline.label),
                });
            }
        }
        let mut summaries = self.summaries.clone();
        for (street, counts) in &new.counts {
            match summaries.iter_mut().find(|summary| &*summary.street == *street) {
                Some(summary) => summary.counts = *counts,
                None => {
                    // A street without a place in the ground is none of the register, which is built anew then.
                    let Some((position, anchor)) = self.ground.place_of_street(street) else { continue };
                    summaries.push(Summary { street: (*street).into(), position, anchor, counts: *counts });
                }
            }
        }
        summaries.retain(|summary| summary.count() > 0);
        self.changed(changes, summaries)
    }
}
