//! A geometry put together from its elements (10.2 to 10.8 of the standard).

use geo::Coord;

use crate::formats::Geometry;
use crate::formats::intake::ShapeFault;
use crate::geom::{RawPolygon, RawRing, RawShape};

/// Which element coordinates stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Point,
    Line,
    Outer,
    Inner,
}

/// A geometry that is being read.
#[derive(Default)]
pub(super) struct Builder {
    polygons: Vec<RawPolygon>,
    lines: Vec<RawRing>,
    points: Vec<Coord>,
    outer: Option<RawRing>,
    inner: Vec<RawRing>,
    positions: usize,
    why: Option<String>,
    /// The element's text as far as it was read.
    pub(super) source: String,
}

impl Builder {
    /// Takes the text of a `coordinates` element. Errors: more positions than the limit.
    pub(super) fn coordinates(&mut self, text: &str, owner: Owner, vertices: usize) -> Result<(), ShapeFault> {
        let mut positions = Vec::new();
        for tuple in text.split_ascii_whitespace() {
            self.positions += 1;
            if self.positions > vertices {
                return Err(ShapeFault::Vertices);
            }
            match position(tuple) {
                Some(position) => positions.push(position),
                None => {
                    let shown: String = tuple.chars().take(40).collect();
                    self.unreadable(format!("{shown:?} are no coordinates (longitude,latitude without blanks)"));
                    return Ok(());
                }
            }
        }
        match owner {
            Owner::Point => self.points.extend(positions),
            Owner::Line if positions.is_empty() => {}
            Owner::Line => self.lines.push(positions),
            _ if positions.is_empty() => self.unreadable("one of its rings has no coordinates".to_owned()),
            Owner::Outer if self.outer.is_some() => {
                self.unreadable("a polygon has more than one outer boundary".to_owned());
            }
            Owner::Outer => self.outer = Some(positions),
            Owner::Inner => self.inner.push(positions),
        }
        Ok(())
    }

    /// Closes a `Polygon` element.
    pub(super) fn polygon(&mut self) {
        let inner = std::mem::take(&mut self.inner);
        match self.outer.take() {
            Some(outer) => {
                let rings = std::iter::once(outer).chain(inner).collect();
                self.polygons.push(RawPolygon { rings });
            }
            None => self.unreadable("a polygon has no outer boundary".to_owned()),
        }
    }

    /// Only the first reason is kept.
    pub(super) fn unreadable(&mut self, why: String) {
        self.why.get_or_insert(why);
    }

    /// The geometry, and whether it has pieces of other kinds that are left out: outlines come before lines, lines before
    /// points, which are often but where a label stands.
    pub(super) fn finish(self, keep_source: bool) -> (Geometry, bool) {
        if let Some(why) = self.why {
            return (Geometry::Unreadable { why }, false);
        }
        let kinds = [self.polygons.is_empty(), self.lines.is_empty(), self.points.is_empty()];
        let mixed = kinds.iter().filter(|is_empty| !**is_empty).count() > 1;
        let shape = match kinds {
            [false, ..] => RawShape::Polygons(self.polygons),
            [_, false, _] => RawShape::Lines(self.lines),
            [_, _, false] => RawShape::Points(self.points),
            _ => return (Geometry::None, false),
        };
        let source = keep_source.then(|| self.source.into_boxed_str());
        (Geometry::Shape { shape, source }, mixed)
    }
}

/// A tuple of longitude, latitude and perhaps a height.
fn position(tuple: &str) -> Option<Coord> {
    let mut ordinates = tuple.split(',').map(|number| number.parse::<f64>().ok().filter(|number| number.is_finite()));
    let (x, y) = (ordinates.next()??, ordinates.next()??);
    let height = ordinates.next();
    let is_whole = ordinates.next().is_none() && (height.is_none_or(|height| height.is_some()) || tuple.ends_with(','));
    is_whole.then_some(Coord { x, y })
}
