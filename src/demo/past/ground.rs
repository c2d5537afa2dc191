//! Ground of areas that are no more: united, cut, and moved borders of present ones.

use geo::{BooleanOps as _, BoundingRect as _, Contains as _, Coord, LineString, MultiPolygon, Polygon, Rect};

use crate::formats::geojson::geometry_text;
use crate::geom::{check_boundary, surface_m2};
use crate::history::{AreaFact, Drawn};
use crate::model::Boundary;

/// Smallest part of an area that is cut, as a share of it.
const PART_MIN: f64 = 0.25;

/// Half the side of the square of ground that changes hands when a border moves, degrees of longitude and latitude: about
/// 21 m and 22 m.
const STRIP: Coord = Coord { x: 2.5e-4, y: 2e-4 };

/// Least ground that changes hands, square metres.
const STRIP_MIN_M2: f64 = 200.0;

/// Width and height of an area that lies on no present one, degrees: about 100 m by 100 m.
pub(super) const PLOT: Coord = Coord { x: 1.2e-3, y: 9e-4 };

/// Both areas as one; `None` unless they touch along a border and the whole is one plain polygon.
pub(super) fn united(one: &Boundary, other: &Boundary) -> Option<Boundary> {
    let whole = plain(&one.union(other))?;
    let both = surface_m2(one) + surface_m2(other);
    ((surface_m2(&whole) - both).abs() < 1.0).then_some(whole)
}

/// An area cut in two across its longer side; `None` unless both parts are plain polygons of some size.
pub(super) fn cut(boundary: &Boundary) -> Option<(Boundary, Boundary)> {
    let bounds = boundary.bounding_rect()?;
    let (low, high, middle) = (bounds.min(), bounds.max(), bounds.center());
    let (first, second) = if bounds.width() > bounds.height() {
        (Rect::new(low, Coord { x: middle.x, y: high.y }), Rect::new(Coord { x: middle.x, y: low.y }, high))
    } else {
        (Rect::new(low, Coord { x: high.x, y: middle.y }), Rect::new(Coord { x: low.x, y: middle.y }, high))
    };
    let part = |half: Rect| plain(&boundary.intersection(&MultiPolygon::from(half.to_polygon())));
    let (first, second) = (part(first)?, part(second)?);
    let least = surface_m2(boundary) * PART_MIN;
    (surface_m2(&first) > least && surface_m2(&second) > least).then_some((first, second))
}

/// Two neighbours as they were when a square of ground at their border belonged to the first; `None` unless both were plain
/// polygons then.
pub(super) fn shifted(one: &Boundary, other: &Boundary) -> Option<(Boundary, Boundary)> {
    let at = middle_of_border(one, other)?;
    let square = MultiPolygon::from(Rect::new(at - STRIP, at + STRIP).to_polygon());
    let strip = plain(&other.intersection(&square))?;
    if surface_m2(&strip) < STRIP_MIN_M2 {
        return None;
    }
    Some((united(one, &strip)?, plain(&other.difference(&strip))?))
}

/// A plot in the territory, `free` of present areas; searched row by row from the south-west.
pub(super) fn free_plot(territory: &MultiPolygon, free: impl Fn(Rect) -> bool) -> Option<Boundary> {
    let bounds = territory.bounding_rect()?;
    let (columns, rows) = (bounds.width() / PLOT.x, bounds.height() / PLOT.y);
    let corners = (0..rows as usize).flat_map(|row| (0..columns as usize).map(move |column| (column, row)));
    let plots = corners.map(|(column, row)| {
        let corner = Coord {
            x: rounded(bounds.min().x + column as f64 * PLOT.x),
            y: rounded(bounds.min().y + row as f64 * PLOT.y),
        };
        Rect::new(corner, Coord { x: rounded(corner.x + PLOT.x), y: rounded(corner.y + PLOT.y) })
    });
    let inside = plots.into_iter().filter(|plot| territory.contains(&plot.to_polygon()));
    inside.filter(|plot| free(*plot)).find_map(|plot| plain(&MultiPolygon::from(plot.to_polygon())))
}

/// Gives an area another boundary.
pub(super) fn draw(area: &mut AreaFact, boundary: Boundary) {
    let (source, surface_m2) = (geometry_text(&boundary), surface_m2(&boundary));
    Drawn { boundary, source, surface_m2 }.draw(area);
}

/// Middle of the longest side that two areas share.
fn middle_of_border(one: &Boundary, other: &Boundary) -> Option<Coord> {
    let sides = |boundary: &Boundary| -> Vec<(Coord, Coord)> {
        boundary.iter().flat_map(|polygon| polygon.exterior().lines()).map(|side| (side.start, side.end)).collect()
    };
    let of_other = sides(other);
    let length = |(a, b): &(Coord, Coord)| (b.x - a.x).hypot(b.y - a.y);
    let shared = sides(one).into_iter().filter(|(start, end)| of_other.contains(&(*end, *start)));
    let (start, end) = shared.max_by(|a, b| length(a).total_cmp(&length(b)))?;
    Some(Coord { x: f64::midpoint(start.x, end.x), y: f64::midpoint(start.y, end.y) })
}

/// The boundary with seven decimals, as the exchange files have them; `None` unless it is one valid polygon without holes.
fn plain(boundary: &MultiPolygon) -> Option<Boundary> {
    let [only] = boundary.0.as_slice() else { return None };
    if !only.interiors().is_empty() {
        return None;
    }
    let mut ring: Vec<Coord> = only.exterior().0.iter().map(|c| Coord { x: rounded(c.x), y: rounded(c.y) }).collect();
    ring.dedup();
    let plain = MultiPolygon::from(Polygon::new(LineString::new(ring), Vec::new()));
    check_boundary(&plain).ok()?;
    Some(plain)
}

fn rounded(degrees: f64) -> f64 {
    (degrees * 1e7).round() / 1e7
}
