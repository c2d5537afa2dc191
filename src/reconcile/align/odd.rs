//! Single rows in another system than their batch.

use std::collections::BTreeMap;

use geo::Coord;
use rayon::prelude::*;

use crate::reconcile::align::batch::{Rows, best_overlap};
use crate::reconcile::align::{Left, Placement, System};
use crate::reconcile::evidence::Likeness;
use crate::reconcile::ground::Spot;
use crate::reconcile::plane::Flat;

/// An outline that overlaps less than this may be in another system than its batch.
const ODD_BELOW: f64 = 0.30;

/// In which it has to overlap more than this.
const ODD_ABOVE: f64 = 0.58;

/// A piece of a split covers less of its area than this, and lies within it by so much.
const PIECE_IOU: f64 = 0.8;
const PIECE_WITHIN: f64 = 0.8;

/// A row that fills what the pieces of an area leave open lies within the area by so much, covers hardly anything of the
/// pieces, and all of them together make up the area.
const FILLS_WITHIN: f64 = 0.85;
const FILLS_AGAIN: f64 = 0.12;
const FILLED: (f64, f64) = (0.85, 1.12);

/// What the outlines cover where they lie now.
struct Covered {
    /// The area that each row covers best, and its share of the union of both.
    best: Vec<Option<(f64, u32)>>,
    /// Rows that lie within an area and are a part of it.
    pieces: BTreeMap<u32, Vec<u32>>,
}

impl Covered {
    fn new(left: &Left<'_>, rows: &Rows<'_>, spots: &[Spot]) -> Self {
        let overlaps: Vec<Option<(f64, u32)>> = rows.each(|row| best_overlap(left, spots[row].flat()?));
        let mut pieces: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (row, overlap) in overlaps.iter().enumerate() {
            let Some((iou, area)) = overlap.filter(|(iou, _)| *iou < PIECE_IOU) else { continue };
            let sizes = left.spots[area as usize].flat().zip(spots[row].flat());
            // What both cover, from the share of the union.
            let within = |(area, row): (&Flat, &Flat)| iou / (1.0 + iou) * (area.surface + row.surface) / row.surface;
            if sizes.map_or(0.0, within) > PIECE_WITHIN {
                pieces.entry(area).or_default().push(row as u32);
            }
        }
        Self { best: overlaps, pieces }
    }

    /// Whether the row may belong elsewhere: it lies on no area, or on one of another name while its name is that of an area.
    fn is_doubtful(&self, left: &Left<'_>, rows: &Rows<'_>, row: usize) -> bool {
        let Some((_, area)) = self.best[row].filter(|(iou, _)| *iou >= ODD_BELOW) else { return true };
        let Some(name) = rows.features[row].name() else { return false };
        let mut called = left.lists.names.of(name.key_hash()).peekable();
        called.peek().is_some()
            && called.all(|other| other != area)
            && !Likeness::of(&left.features[area as usize], &rows.features[row]).is_named_alike()
    }

    /// How much of an area the outline and its pieces make up, when it fills what they leave open, and which area that is.
    fn filled(&self, left: &Left<'_>, flat: &Flat, spots: &[Spot]) -> Option<(f64, u32)> {
        let fills = |other: u32| {
            let pieces = self.pieces.get(&other)?;
            let area = left.spots[other as usize].flat()?;
            let shared = flat.shared_with(area);
            if shared < FILLS_WITHIN * flat.surface {
                return None;
            }
            let pieces = pieces.iter().filter_map(|piece| spots[*piece as usize].flat());
            let (mut again, mut made) = (0.0, shared);
            for piece in pieces {
                again += flat.shared_with(piece);
                made += piece.shared_with(area);
            }
            let made = made / area.surface;
            (again < FILLS_AGAIN * flat.surface && (FILLED.0..FILLED.1).contains(&made))
                .then_some((made.min(1.0), other))
        };
        let mut near: Vec<u32> = left.ground.near(flat.min, flat.max, 0.0).collect();
        near.sort_unstable();
        near.into_iter().filter_map(fills).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
    }
}

/// Single rows in another system than their batch: only when the outline fits there, as an area or as what the pieces of an
/// area leave open, and the words agree.
pub(crate) fn odd_rows(left: &Left<'_>, rows: &Rows<'_>, placed: (&mut [Spot], &mut [Placement], &mut [bool])) {
    let (spots, placements, odd) = placed;
    let covered = Covered::new(left, rows, spots);
    let found: Vec<(usize, Placement, Spot)> = rows
        .map_order
        .par_iter()
        .filter_map(|row| {
            let row = *row as usize;
            spots[row].flat().filter(|_| covered.is_doubtful(left, rows, row))?;
            let lies = covered.best[row].is_some_and(|(iou, _)| iou >= ODD_BELOW);
            let others = System::ALL.iter().filter(|system| **system != placements[row].system);
            // The hand that drew the batch shifted and grew this row too, unless another hand drew it.
            let hands = |system: &System| {
                let alike = Placement { system: *system, ..placements[row] };
                [alike, Placement { by: Coord::zero(), growth: 0.0, ..alike }]
            };
            let tried = others.flat_map(hands).filter_map(|placement| {
                let mut spot = placement.spot(&left.frame, &rows.records[row].shape);
                if let Spot::Flat(flat) = &mut spot
                    && placement.growth != 0.0
                {
                    *flat = flat.grown(-placement.growth);
                }
                let flat = spot.flat()?;
                let fits = |(iou, area): &(f64, u32)| *iou > ODD_ABOVE && is_told(left, rows, (*area, row), lies);
                let whole = best_overlap(left, flat).filter(fits);
                let (fit, _) = whole.or_else(|| {
                    covered
                        .filled(left, flat, spots)
                        .filter(|(_, area)| !lies && is_told(left, rows, (*area, row), lies))
                })?;
                Some((fit, placement, spot))
            });
            let best = tried.max_by(|a, b| a.0.total_cmp(&b.0))?;
            Some((row, best.1, best.2))
        })
        .collect();
    for (row, placement, spot) in found {
        (placements[row], spots[row], odd[row]) = (placement, spot, true);
    }
}

/// Whether the words say that the row is of the area. Neighbours have street, road and company in common: of another name it
/// takes more, and nothing against it; a row that `lies` on another area has to have the name.
fn is_told(left: &Left<'_>, rows: &Rows<'_>, (area, row): (u32, usize), lies: bool) -> bool {
    let likeness = Likeness::of(&left.features[area as usize], &rows.features[row]);
    let (same, differs) = likeness.witnesses();
    likeness.is_named_alike() || !lies && same.len() >= 3 && differs.is_empty()
}
