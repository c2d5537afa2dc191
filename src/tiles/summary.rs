//! Low zooms: where areas would be specks, the tile shows one feature a street.

use geo::{Coord, Rect};

use crate::geom::CellMap;
use crate::model::StyleClass;

/// Most areas that a tile should hold when areas are drawn.
pub const MAX_TILE_AREAS: usize = 4000;

/// Areas are drawn from here at the earliest.
const EARLIEST: u8 = 9;

/// Areas are drawn from here at the latest, however many there are.
const LATEST: u8 = 14;

/// Least side in pixels of the median area, drawn as a square, at the zooms where areas are drawn (256 pixel tiles).
const LEAST_SIDE_PX: f64 = 1.0;

/// What the areas of a street come to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary {
    /// Code of the street.
    pub street: Box<str>,
    /// Position of the street among those with a boundary; `None` where it is drawn as a square.
    pub position: Option<usize>,
    /// A point in it; unit square.
    pub anchor: Coord,
    /// Areas of each class, in the order of the legend.
    pub counts: [u32; StyleClass::ALL.len()],
}

impl Summary {
    /// How many areas.
    pub fn count(&self) -> u64 {
        self.counts.iter().copied().map(u64::from).sum()
    }

    /// The commonest class; the first of the legend's order among equals.
    pub fn class(&self) -> StyleClass {
        let most = self.counts.iter().copied().max();
        let first = StyleClass::ALL.into_iter().find(|class| Some(self.counts[class.rank()]) == most);
        first.expect("one of the counts is the greatest")
    }
}

/// Sums up areas, given as street code, class and label (unit square), in the order in which the streets first occur.
pub(crate) fn summarise<'a>(
    areas: impl Iterator<Item = (&'a str, StyleClass, Coord)>,
    place_of: impl Fn(&str) -> Option<(Option<usize>, Coord)>,
) -> Vec<Summary> {
    let mut summaries: Vec<Summary> = Vec::new();
    let mut numbers: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for (street, class, label) in areas {
        let number = *numbers.entry(street).or_insert_with(|| {
            // A street nobody knows is shown where its first area is.
            let (position, anchor) = place_of(street).unwrap_or((None, label));
            summaries.push(Summary { street: street.into(), position, anchor, counts: [0; StyleClass::ALL.len()] });
            summaries.len() - 1
        });
        summaries[number].counts[class.rank()] += 1;
    }
    summaries
}

/// Lowest zoom, 9 to 14, at which no tile holds more than [`MAX_TILE_AREAS`] areas and the median area is a pixel wide.
///
/// Surfaces and envelopes are those of the unit square; `margin` is the buffer as a share of a tile's width.
pub(crate) fn areas_from(surfaces: impl Iterator<Item = f64>, envelopes: &[Rect], margin: f64) -> u8 {
    let mut surfaces: Vec<f64> = surfaces.collect();
    if surfaces.is_empty() {
        return EARLIEST;
    }
    let middle = surfaces.len() / 2;
    let median = *surfaces.select_nth_unstable_by(middle, f64::total_cmp).1;
    (EARLIEST..LATEST)
        .find(|zoom| {
            let tiles = f64::from(1_u32 << zoom);
            median.sqrt() * tiles * 256.0 >= LEAST_SIDE_PX && fullest_tile(envelopes, tiles, margin) <= MAX_TILE_AREAS
        })
        .unwrap_or(LATEST)
}

/// Most envelopes that meet one tile.
fn fullest_tile(envelopes: &[Rect], tiles: f64, margin: f64) -> usize {
    if envelopes.len() <= MAX_TILE_AREAS {
        return envelopes.len();
    }
    let mut counts: CellMap<(u32, u32), usize> = CellMap::default();
    let index = |share: f64| share.floor().clamp(0.0, tiles - 1.0) as u32;
    for envelope in envelopes {
        let (min, max) = (envelope.min(), envelope.max());
        for x in index(min.x * tiles - margin)..=index(max.x * tiles + margin) {
            for y in index(min.y * tiles - margin)..=index(max.y * tiles + margin) {
                *counts.entry((x, y)).or_default() += 1;
            }
        }
    }
    counts.values().copied().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: Coord = Coord { x: 0.5, y: 0.5 };

    #[test]
    fn a_summary_counts_and_takes_the_commonest_class() {
        use StyleClass::{ContractedNone, ContractedOwners, QuasiOwners};
        let areas = [
            ("a", QuasiOwners),
            ("b", QuasiOwners),
            ("a", ContractedNone),
            ("a", ContractedNone),
            ("b", ContractedOwners),
        ];
        let known = |street: &str| (street == "a").then_some((Some(3), Coord { x: 0.25, y: 0.25 }));
        let summaries = summarise(areas.into_iter().map(|(street, class)| (street, class, ORIGIN)), known);
        assert_eq!(summaries.len(), 2);
        assert_eq!((summaries[0].count(), summaries[0].class(), summaries[0].position), (3, ContractedNone, Some(3)));
        assert_eq!((summaries[1].count(), summaries[1].class(), summaries[1].position), (2, ContractedOwners, None));
        assert_eq!(summaries[1].anchor, ORIGIN);
    }

    #[test]
    fn areas_are_drawn_once_they_are_a_pixel_wide_and_not_too_many() {
        let square = |x: f64, side: f64| Rect::new(Coord { x, y: 0.5 }, Coord { x: x + side, y: 0.5 + side });
        let pixel_at = |zoom: u8| 1.0 / 256.0 / f64::from(1_u32 << zoom);
        assert_eq!(areas_from([].into_iter(), &[], 0.0), 9);
        for (zoom, expected) in [(5, 9), (9, 9), (11, 11), (17, 14)] {
            let side = pixel_at(zoom);
            assert_eq!(areas_from([side * side * 1.001].into_iter(), &[square(0.5, side)], 0.0), expected);
        }
        // Ten thousand wide areas in a row over four tiles of zoom 9: at most 2500 a tile from zoom 9 on, all in one at 7.
        let row: Vec<Rect> = (0..10_000).map(|i| square(0.5 + f64::from(i) / 10_000.0 / 128.0, pixel_at(9))).collect();
        assert_eq!(fullest_tile(&row, 128.0, 0.0), 10_000);
        assert!(fullest_tile(&row, 512.0, 0.0) <= 2_510);
        let crowd = vec![square(0.5, pixel_at(9)); 5_000];
        assert_eq!(areas_from(vec![1.0; 5_000].into_iter(), &crowd, 0.0), 14);
    }
}
