//! The tiles after a change: what changed is drawn anew together with what it touches.

use std::collections::BTreeSet;

use geo::{Coord, Rect};

use crate::app::Snapshot;
use crate::app::snapshot::delta::AllTouched;
use crate::model::StyleClass;
use crate::tiles::{Outline, Part, Pyramid, PyramidChanges};

/// Boundaries whose boxes are nearer than this may share vertices, degrees: more than tiles take for the same point.
const TOUCH_DEGREES: f64 = 1e-6;

impl Snapshot {
    /// The pyramid of this snapshot from that of the one before.
    pub(super) fn pyramid_after(&self, old: &Self, touched: &AllTouched) -> Pyramid {
        let features = touched
            .iter()
            .map(|(position, touched)| (*position, touched.after.as_deref().map(|held| held.shape())))
            .collect();
        let none = [0; StyleClass::ALL.len()];
        let streets = self.streets().iter().filter_map(|street| {
            let counts =
                |snapshot: &Self| snapshot.tallies.streets.get(&street.code).map_or(none, |tally| tally.classes);
            (counts(self) != counts(old)).then(|| (street.code.as_str(), counts(self)))
        });
        let moved = touched.iter().filter(|(_, touched)| touched.moved()).map(|(position, _)| *position as usize);
        let changes =
            PyramidChanges { features, outlines: self.outlines_around(old, moved), counts: streets.collect() };
        old.pyramid().with_changes(&changes)
    }

    /// The areas that moved, all that may touch where they are or were, and all that may touch those.
    fn outlines_around(&self, old: &Self, moved: impl Iterator<Item = usize>) -> Vec<Outline<'_>> {
        let mut drawn: BTreeSet<usize> = BTreeSet::new();
        for position in moved {
            for envelope in [old.index.envelope(position), self.index.envelope(position)].into_iter().flatten() {
                drawn.extend(self.index.within(grown(envelope)));
            }
        }
        let mut all = drawn.clone();
        for envelope in drawn.iter().filter_map(|position| self.index.envelope(*position)) {
            all.extend(self.index.within(grown(envelope)));
        }
        let mut all: Vec<usize> = all.into_iter().collect();
        // Of two vertices that are nearly the same the first counts, and the pyramid was built in this order.
        self.sort_by_code(&mut all);
        let outline = |position: usize| {
            let held = self.held(position);
            Outline {
                position: u32::try_from(position).expect("areas are numbered in 32 bits"),
                boundary: &held.area.boundary,
                label: held.label,
                part: if drawn.contains(&position) { Part::Drawn } else { Part::Context },
            }
        };
        all.into_iter().map(outline).collect()
    }
}

fn grown(envelope: Rect) -> Rect {
    let by = Coord { x: TOUCH_DEGREES, y: TOUCH_DEGREES };
    Rect::new(envelope.min() - by, envelope.max() + by)
}
