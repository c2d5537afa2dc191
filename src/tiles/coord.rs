//! Which tile of which kind.

use geo::{Coord, Rect};

use crate::crs::mercator;

/// Highest zoom that is served.
pub const ZOOM_LIMIT: u8 = 18;

/// Why a tile does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Above [`ZOOM_LIMIT`].
    #[error("zoom {0} is above {ZOOM_LIMIT}")]
    Zoom(u8),
    /// Column or row outside the zoom's 2^z.
    #[error("tile {z}/{x}/{y} is outside the {side} by {side} tiles of its zoom", side = 1_u32 << z)]
    Outside {
        /// Zoom.
        z: u8,
        /// Column.
        x: u32,
        /// Row.
        y: u32,
    },
}

/// A tile of the XYZ scheme: zoom, column from the west, row from the north. Always one that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileCoord {
    z: u8,
    x: u32,
    y: u32,
}

impl TileCoord {
    /// Checks the numbers. Errors: [`TileError`].
    pub fn new(z: u8, x: u32, y: u32) -> Result<Self, TileError> {
        if z > ZOOM_LIMIT {
            return Err(TileError::Zoom(z));
        }
        if x >> z != 0 || y >> z != 0 {
            return Err(TileError::Outside { z, x, y });
        }
        Ok(Self { z, x, y })
    }

    /// The tile of a zoom that holds a point in degrees, lng lat. West and north edges belong to a tile, east and south
    /// edges to its neighbour. Errors: [`TileError::Zoom`].
    pub fn at(point: Coord, z: u8) -> Result<Self, TileError> {
        if z > ZOOM_LIMIT {
            return Err(TileError::Zoom(z));
        }
        let unit = mercator::to_unit(point);
        let side = 1_u32 << z;
        let index = |share: f64| ((share * f64::from(side)).floor().max(0.0) as u32).min(side - 1);
        Ok(Self { z, x: index(unit.x), y: index(unit.y) })
    }

    /// Zoom.
    pub fn z(self) -> u8 {
        self.z
    }

    /// Column from the west.
    pub fn x(self) -> u32 {
        self.x
    }

    /// Row from the north.
    pub fn y(self) -> u32 {
        self.y
    }

    /// Its box in degrees, lng lat.
    pub fn bounds(self) -> Rect {
        let unit = self.unit_bounds(0.0);
        Rect::new(mercator::to_degrees(unit.min()), mercator::to_degrees(unit.max()))
    }

    /// Its box in the unit square, widened on every side by a share of its width.
    pub(crate) fn unit_bounds(self, margin: f64) -> Rect {
        let side = f64::from(1_u32 << self.z);
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        Rect::new(
            Coord { x: (x - margin) / side, y: (y - margin) / side },
            Coord { x: (x + 1.0 + margin) / side, y: (y + 1.0 + margin) / side },
        )
    }
}

/// A kind of tile, each with a TileJSON document of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TileLayer {
    /// Areas and their labels.
    Areas,
    /// District, streets and the streets' labels.
    Streets,
}

impl TileLayer {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Areas, Self::Streets];

    /// Name in the URL.
    pub fn key(self) -> &'static str {
        match self {
            Self::Areas => "areas",
            Self::Streets => "streets",
        }
    }

    /// The kind of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tiles_that_exist_are_made() {
        assert!(TileCoord::new(0, 0, 0).is_ok());
        assert!(TileCoord::new(18, 262_143, 262_143).is_ok());
        assert_eq!(TileCoord::new(19, 0, 0), Err(TileError::Zoom(19)));
        assert_eq!(TileCoord::new(255, 0, 0), Err(TileError::Zoom(255)));
        let err = TileCoord::new(3, 8, 0).unwrap_err();
        assert_eq!(err.to_string(), "tile 3/8/0 is outside the 8 by 8 tiles of its zoom");
        assert!(TileCoord::new(3, 0, u32::MAX).is_err());
    }

    #[test]
    fn a_point_is_in_the_bounds_of_its_tile() {
        let point = Coord { x: 116.4435, y: 39.9215 };
        for z in 0..=ZOOM_LIMIT {
            let tile = TileCoord::at(point, z).unwrap();
            let bounds = tile.bounds();
            assert!(bounds.min().x <= point.x && point.x < bounds.max().x);
            assert!(bounds.min().y < point.y && point.y <= bounds.max().y);
        }
        assert_eq!(TileCoord::at(point, 12), TileCoord::new(12, 3372, 1551));
    }

    #[test]
    fn kinds_read_back() {
        for layer in TileLayer::ALL {
            assert_eq!(TileLayer::from_key(layer.key()), Some(layer));
        }
        assert_eq!(TileLayer::from_key("labels"), None);
    }
}
