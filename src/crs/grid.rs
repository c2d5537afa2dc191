//! The survey grid of the district, EPSG:4548 (CGCS2000, 3-degree Gauss-Kruger, central meridian 117E), through PROJ.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use geo::Coord;
use proj::Proj;

use crate::crs::error::CrsError;

/// Name of the survey grid.
pub const GRID_CRS: &str = "EPSG:4548";

/// Eastings of the grid that we convert, metres: three degrees on either side of the meridian.
pub const GRID_EASTING_M: RangeInclusive<f64> = 240_000.0..=760_000.0;

/// Northings of the grid that we convert, metres: from the equator to 70 degrees north.
pub const GRID_NORTHING_M: RangeInclusive<f64> = 0.0..=7_770_000.0;

/// Degrees to metres. An explicit pipeline needs no database and leaves no axis order to guess.
const PIPELINE: &str = "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad \
     +step +proj=tmerc +lat_0=0 +lon_0=117 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80";

thread_local! {
    /// `Proj` may not cross threads and costs milliseconds to make, so each thread keeps its own.
    static TRANSFORMER: RefCell<Option<Proj>> = const { RefCell::new(None) };
}

fn with_transformer<T>(work: impl FnOnce(&Proj) -> Result<T, CrsError>) -> Result<T, CrsError> {
    TRANSFORMER.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot =
                Some(Proj::new(PIPELINE).map_err(|source| CrsError::Definition { crs: GRID_CRS.to_owned(), source })?);
        }
        work(slot.as_ref().expect("it was just filled"))
    })
}

/// Degrees, lng lat, to grid metres, x easting and y northing. Errors: a point far outside the zone.
pub fn to_grid(point: Coord) -> Result<Coord, CrsError> {
    if !(114.0..=120.0).contains(&point.x) || !(0.0..=70.0).contains(&point.y) {
        return Err(CrsError::Outside(point.x, point.y));
    }
    with_transformer(|proj| {
        let (x, y) = proj.project((point.x, point.y), false).map_err(|err| CrsError::Convert(point.x, point.y, err))?;
        Ok(Coord { x, y })
    })
}

/// Grid metres, x easting and y northing, to degrees, lng lat. Errors: a point outside [`GRID_EASTING_M`], [`GRID_NORTHING_M`].
pub fn to_degrees(metres: Coord) -> Result<Coord, CrsError> {
    if !GRID_EASTING_M.contains(&metres.x) || !GRID_NORTHING_M.contains(&metres.y) {
        return Err(CrsError::Outside(metres.x, metres.y));
    }
    with_transformer(|proj| {
        let (x, y) =
            proj.project((metres.x, metres.y), true).map_err(|err| CrsError::Convert(metres.x, metres.y, err))?;
        Ok(Coord { x, y })
    })
}

/// Asks PROJ a question with a known answer, to be run before serving. Errors: [`CrsError::SelfTest`] with the distance.
pub fn self_test() -> Result<(), CrsError> {
    let grid = to_grid(Coord { x: 116.4435, y: 39.9215 })?;
    let off = (grid.x - 452_423.812).hypot(grid.y - 4_420_961.145);
    if off < 0.01 { Ok(()) } else { Err(CrsError::SelfTest(off)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points_come_out_to_the_millimetre_and_back() {
        for (lng, lat, easting, northing) in [
            (116.4435, 39.9215, 452_423.812, 4_420_961.145),
            (116.4700, 39.9960, 454_738.501, 4_429_219.444),
            (116.5970, 39.9110, 465_541.588, 4_419_724.776),
        ] {
            let grid = to_grid(Coord { x: lng, y: lat }).expect("inside the zone");
            assert!((grid.x - easting).abs() < 1e-3 && (grid.y - northing).abs() < 1e-3, "{grid:?}");
            let back = to_degrees(grid).expect("inside the zone");
            assert!((back.x - lng).abs() < 1e-9 && (back.y - lat).abs() < 1e-9, "{back:?}");
        }
        self_test().expect("PROJ works");
    }

    #[test]
    fn points_outside_the_zone_are_refused() {
        assert!(matches!(to_grid(Coord { x: 2.35, y: 48.85 }), Err(CrsError::Outside(..))));
        assert!(matches!(to_grid(Coord { x: f64::NAN, y: 40.0 }), Err(CrsError::Outside(..))));
        assert!(matches!(to_degrees(Coord { x: 39_452_423.0, y: 4_420_961.0 }), Err(CrsError::Outside(..))));
    }
}
