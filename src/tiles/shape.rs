//! A shape on the grid: exterior rings, each followed by its holes.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{IntOverlayOptions, Overlay, ShapeType};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::core::solver::Solver;
use i_overlay::i_float::int::point::IntPoint;

use crate::tiles::grid::{Cell, Contact, Sides, clean, twice_area};

/// Where a ring lies in the cells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    start: u32,
    end: u32,
    exterior: bool,
}

/// Rings on the grid, open, cleaned and turned: exteriors with positive area, holes with negative.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    cells: Vec<Cell>,
    spans: Vec<Span>,
}

/// Some of the rings of a [`Shape`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShapeRef<'a> {
    cells: &'a [Cell],
    spans: &'a [Span],
}

impl<'a> ShapeRef<'a> {
    /// The rings in order: whether it is an exterior, and its vertices.
    pub(crate) fn rings(self) -> impl Iterator<Item = (bool, &'a [Cell])> {
        self.spans.iter().map(move |span| (span.exterior, &self.cells[span.start as usize..span.end as usize]))
    }

    /// Whether there is no ring.
    pub(crate) fn is_empty(self) -> bool {
        self.spans.is_empty()
    }
}

impl Shape {
    /// Everything in it.
    pub(crate) fn all(&self) -> ShapeRef<'_> {
        self.part(0, self.spans.len())
    }

    /// The rings of those numbers.
    pub(crate) fn part(&self, from: usize, to: usize) -> ShapeRef<'_> {
        ShapeRef { cells: &self.cells, spans: &self.spans[from..to] }
    }

    /// Number of rings.
    pub(crate) fn ring_count(&self) -> usize {
        self.spans.len()
    }

    /// Twice its surface in square cells, holes taken off.
    pub(crate) fn twice_area(&self) -> i128 {
        self.all().rings().map(|(_, ring)| twice_area(ring)).sum()
    }

    /// Forgets all rings, keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.cells.clear();
        self.spans.clear();
    }

    /// Appends all rings of another shape.
    pub(crate) fn append(&mut self, other: ShapeRef<'_>) {
        for (exterior, ring) in other.rings() {
            self.push_turned(exterior, ring);
        }
    }

    /// Cleans and turns `ring` and appends it. False, and nothing appended, when no surface is left.
    ///
    /// A hole belongs to the last exterior.
    pub(crate) fn push(&mut self, exterior: bool, ring: &mut Vec<Cell>) -> bool {
        clean(ring);
        let area = if ring.len() < 3 { 0 } else { twice_area(ring) };
        if area == 0 {
            return false;
        }
        if (area > 0) != exterior {
            ring.reverse();
        }
        self.push_turned(exterior, ring);
        true
    }

    fn push_turned(&mut self, exterior: bool, ring: &[Cell]) {
        let number = |n: usize| u32::try_from(n).expect("fewer than four billion vertices fit in memory");
        let start = number(self.cells.len());
        self.cells.extend_from_slice(ring);
        self.spans.push(Span { start, end: number(self.cells.len()), exterior });
    }

    /// Appends a square of `side` cells around `centre`.
    pub(crate) fn push_square(&mut self, centre: Cell, side: i32) {
        let (x, y) = (centre.x - side / 2, centre.y - side / 2);
        let corner = |dx, dy| Cell { x: x + dx, y: y + dy };
        self.push_turned(true, &[corner(0, 0), corner(side, 0), corner(side, side), corner(0, side)]);
    }

    /// How its sides meet.
    pub(crate) fn contact(&self, sides: &mut Sides) -> Contact {
        sides.contact(self.all().rings().map(|(_, ring)| ring))
    }

    /// Makes rings that touch or cross into a valid shape of the surface they wind around once or more.
    ///
    /// Vertices stay where they are; new ones come only where sides cross. Parts that lost their surface are dropped.
    pub(crate) fn repair(&mut self) {
        let options = IntOverlayOptions { ogc: true, ..IntOverlayOptions::keep_all_points() };
        let mut overlay = Overlay::new_custom(self.cells.len(), options, Solver::default());
        for (_, ring) in self.all().rings() {
            // The engine takes a ring as filled where the surveyor's formula is positive, as MVT does.
            overlay.add_path_iter(ring.iter().map(|cell| IntPoint::new(cell.x, cell.y)), ShapeType::Subject);
        }
        let shapes = overlay.overlay(OverlayRule::Subject, FillRule::Positive);
        self.clear();
        let mut ring = Vec::new();
        for contours in shapes {
            for (place, contour) in contours.iter().enumerate() {
                ring.clear();
                ring.extend(contour.iter().map(|point| Cell { x: point.x, y: point.y }));
                if !self.push(place == 0, &mut ring) && place == 0 {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(rings: &[(bool, &[(i32, i32)])]) -> Shape {
        let mut shape = Shape::default();
        for (exterior, ring) in rings {
            let mut cells: Vec<Cell> = ring.iter().map(|(x, y)| Cell { x: *x, y: *y }).collect();
            shape.push(*exterior, &mut cells);
        }
        shape
    }

    fn areas(shape: &Shape) -> Vec<i128> {
        let mut areas: Vec<i128> = shape.all().rings().map(|(_, ring)| twice_area(ring) / 2).collect();
        areas.sort_unstable();
        areas
    }

    #[test]
    fn a_hole_on_the_edge_becomes_a_bay() {
        let mut bitten =
            shape(&[(true, &[(0, 0), (10, 0), (10, 10), (0, 10)]), (false, &[(0, 2), (4, 2), (4, 6), (0, 6)])]);
        assert_eq!(bitten.contact(&mut Sides::default()), Contact::Cross);
        bitten.repair();
        assert_eq!(areas(&bitten), [84]);
        assert_eq!(bitten.contact(&mut Sides::default()), Contact::None);
    }

    #[test]
    fn a_bridge_of_no_width_is_cut() {
        // Two limbs joined along the edge, as a box clip leaves them.
        let mut limbs = shape(&[(true, &[(0, 0), (4, 0), (4, 2), (0, 2), (0, 6), (4, 6), (4, 8), (0, 8)])]);
        limbs.repair();
        assert_eq!(areas(&limbs), [8, 8]);
        assert_eq!(limbs.contact(&mut Sides::default()), Contact::None);
    }

    #[test]
    fn a_ring_that_touches_itself_is_split() {
        let mut hourglass = shape(&[(true, &[(0, 0), (8, 0), (4, 4), (8, 8), (0, 8), (4, 4)])]);
        hourglass.repair();
        assert_eq!(areas(&hourglass), [16, 16]);
    }

    #[test]
    fn vertices_on_straight_sides_stay() {
        let mut square = shape(&[(true, &[(0, 0), (5, 0), (10, 0), (10, 10), (0, 10)])]);
        square.repair();
        assert_eq!(square.all().rings().map(|(_, ring)| ring.len()).sum::<usize>(), 5);
        assert_eq!(areas(&square), [100]);
    }
}
