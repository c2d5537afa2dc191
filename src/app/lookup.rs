//! What is at a point: areas, metres to their borders, neighbours, the nearest three outside, the street.

use geo::Coord;

use crate::app::{Error, Snapshot};
use crate::crs;
use crate::index::Near;

/// Metres around the point in which other areas are named.
pub const NEIGHBOUR_RADIUS_M: f64 = 30.0;

/// A position that is less certain than this, in metres, is looked up as if it were this certain.
pub const ACCURACY_LIMIT_M: f64 = 200.0;

/// How many areas are named for a point outside them all.
pub const NEAREST_COUNT: usize = 3;

/// A point to look up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocateQuery {
    /// Where, degrees, lng lat.
    pub point: Coord,
    /// How far the true position may be off, metres.
    pub accuracy_m: Option<f64>,
}

/// One of the eight winds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// North
    N,
    /// North-east
    NE,
    /// East
    E,
    /// South-east
    SE,
    /// South
    S,
    /// South-west
    SW,
    /// West
    W,
    /// North-west
    NW,
}

impl Direction {
    /// Every wind, clockwise from north.
    pub const ALL: [Self; 8] = [Self::N, Self::NE, Self::E, Self::SE, Self::S, Self::SW, Self::W, Self::NW];

    /// The wind towards a place that is so many metres east and north; north for the place itself.
    pub fn towards(east_m: f64, north_m: f64) -> Self {
        let eighths = (east_m.atan2(north_m) / std::f64::consts::FRAC_PI_4).round();
        Self::ALL[eighths.rem_euclid(8.0) as usize % 8]
    }

    /// Name used in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::N => "N",
            Self::NE => "NE",
            Self::E => "E",
            Self::SE => "SE",
            Self::S => "S",
            Self::SW => "SW",
            Self::W => "W",
            Self::NW => "NW",
        }
    }
}

/// An area that holds the point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AreaAt {
    /// Position in the snapshot's areas.
    pub position: usize,
    /// Metres from the point to the area's nearest border; 0 on it.
    pub distance_to_border_m: f64,
}

/// An area that does not hold the point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AreaNear {
    /// Position in the snapshot's areas.
    pub position: usize,
    /// Metres from the point to the area.
    pub distance_m: f64,
    /// Where it is, seen from the point.
    pub direction: Direction,
}

/// The answer to a look-up.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// The point asked for, degrees.
    pub point: Coord,
    /// The point on the survey grid EPSG:4548, x easting and y northing in metres; `None` far outside its zone.
    pub grid: Option<Coord>,
    /// Whether the district's generalised outline holds the point.
    pub in_district: bool,
    /// Position of the street that holds the point.
    pub street: Option<usize>,
    /// Every area that holds the point.
    pub areas: Vec<AreaAt>,
    /// Other areas within [`Located::radius_m`], nearest first.
    pub neighbours: Vec<AreaNear>,
    /// The nearest areas when none holds the point, nearest first.
    pub nearest: Vec<AreaNear>,
    /// Radius in which neighbours were looked for, metres.
    pub radius_m: f64,
}

impl Snapshot {
    /// Looks a point up. Errors: a point that is not a longitude and latitude, an accuracy that is not a distance.
    pub fn locate(&self, query: LocateQuery) -> Result<Located, Error> {
        let LocateQuery { point, accuracy_m } = query;
        if !(-180.0..=180.0).contains(&point.x) || !(-90.0..=90.0).contains(&point.y) {
            return Err(Error::BadQuestion(format!(
                "({}, {}) is not a longitude and latitude in degrees",
                point.x, point.y
            )));
        }
        if let Some(bad) = accuracy_m.filter(|metres| !metres.is_finite() || *metres < 0.0) {
            return Err(Error::BadQuestion(format!("accuracy must be a distance in metres, it is {bad}")));
        }
        let radius_m = accuracy_m.unwrap_or(0.0).clamp(NEIGHBOUR_RADIUS_M, ACCURACY_LIMIT_M);
        let boundary_of = |position: usize| self.boundary(position);
        let mut inside = self.index().at(point, boundary_of);
        self.sort_by_code(&mut inside);
        let close = self.index().within_metres(point, radius_m, boundary_of);
        let neighbours =
            close.iter().filter(|near| !inside.contains(&near.position)).map(|near| seen_from(point, near));
        let nearest =
            if inside.is_empty() { self.index().nearest(point, NEAREST_COUNT, boundary_of) } else { Vec::new() };
        Ok(Located {
            point,
            grid: crs::to_grid(point).ok(),
            in_district: self.in_district(point),
            street: self.street_at(point),
            neighbours: neighbours.collect(),
            nearest: nearest.iter().map(|near| seen_from(point, near)).collect(),
            areas: inside.into_iter().map(|position| self.area_at(point, position)).collect(),
            radius_m,
        })
    }

    fn area_at(&self, point: Coord, position: usize) -> AreaAt {
        let border = crate::geom::LocalFrame::new(point).nearest_on_rings(self.boundary(position));
        AreaAt { position, distance_to_border_m: border.map_or(0.0, |(metres, _)| metres) }
    }
}

fn seen_from(point: Coord, near: &Near) -> AreaNear {
    let offset = crate::geom::LocalFrame::new(point).to_metres(near.at);
    AreaNear { position: near.position, distance_m: near.distance_m, direction: Direction::towards(offset.x, offset.y) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eight_winds_point_where_they_should() {
        for (east, north, wind) in [
            (0.0, 1.0, Direction::N),
            (1.0, 1.0, Direction::NE),
            (1.0, 0.1, Direction::E),
            (1.0, -1.0, Direction::SE),
            (0.0, -1.0, Direction::S),
            (-1.0, -1.0, Direction::SW),
            (-1.0, 0.0, Direction::W),
            (-1.0, 1.0, Direction::NW),
            (-0.01, 1.0, Direction::N),
            (0.0, 0.0, Direction::N),
        ] {
            assert_eq!(Direction::towards(east, north), wind, "{east} {north}");
        }
    }
}
