//! The codes that Chinese survey data comes in, with all that is needed to convert them without PROJ's database.

use std::fmt;

/// The geodetic datum below a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Datum {
    /// China Geodetic Coordinate System 2000, ours.
    Cgcs2000,
    /// WGS 84, equal to CGCS2000 within a metre.
    Wgs84,
    /// Xian 1980; its shift needs the operator's parameters.
    Xian1980,
    /// Beijing 1954; its shift needs the operator's parameters.
    Beijing1954,
    /// Another one, for which PROJ knows no shift either.
    Other,
}

impl Datum {
    /// Whether its degrees are ours within a metre.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Cgcs2000 | Self::Wgs84)
    }

    /// The ellipsoid as PROJ names it. Those of CGCS2000 and GRS 80 are the same to the last published digit.
    pub(crate) fn ellipsoid(self) -> &'static str {
        match self {
            Self::Wgs84 => "WGS84",
            Self::Xian1980 => "IAU76",
            Self::Beijing1954 => "krass",
            Self::Cgcs2000 | Self::Other => "GRS80",
        }
    }

    /// First codes of its Gauss-Kruger families: 6-degree zones with prefix from zone 13, the same by meridian from 75E,
    /// 3-degree zones with prefix from zone 25, the same by meridian from 75E.
    fn families(self) -> Option<[u32; 4]> {
        match self {
            Self::Cgcs2000 => Some([4491, 4502, 4513, 4534]),
            Self::Xian1980 => Some([2327, 2338, 2349, 2370]),
            Self::Beijing1954 => Some([21413, 21453, 2401, 2422]),
            Self::Wgs84 | Self::Other => None,
        }
    }
}

impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cgcs2000 => "CGCS2000",
            Self::Wgs84 => "WGS 84",
            Self::Xian1980 => "Xian 1980",
            Self::Beijing1954 => "Beijing 1954",
            Self::Other => "a datum of its own",
        })
    }
}

/// How degrees of the datum become the numbers of the system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Plane {
    Degrees,
    /// The sphere of web maps, metres.
    WebMercator,
    TransverseMercator(TransverseMercator),
}

/// A transverse Mercator grid that begins at the equator, metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TransverseMercator {
    pub(crate) meridian_deg: f64,
    pub(crate) scale: f64,
    pub(crate) false_easting_m: f64,
    pub(crate) false_northing_m: f64,
}

impl TransverseMercator {
    /// Gauss-Kruger: scale 1, 500 km false easting, after the zone number when there is one.
    pub(crate) fn gauss_kruger(meridian: u32, zone: Option<u32>) -> Self {
        let prefix = f64::from(zone.unwrap_or(0)) * 1e6;
        Self {
            meridian_deg: f64::from(meridian),
            scale: 1.0,
            false_easting_m: prefix + 500_000.0,
            false_northing_m: 0.0,
        }
    }

    fn utm(zone: u32, south: bool) -> Self {
        Self {
            meridian_deg: f64::from(zone) * 6.0 - 183.0,
            scale: 0.9996,
            false_easting_m: 500_000.0,
            false_northing_m: if south { 10_000_000.0 } else { 0.0 },
        }
    }
}

const WIDE_ZONES: std::ops::RangeInclusive<u32> = 13..=23;
const NARROW_ZONES: std::ops::RangeInclusive<u32> = 25..=45;

/// What we know of an EPSG code without asking a database; `None` for a code that PROJ is asked about.
pub(crate) fn known(code: u32) -> Option<(Datum, Plane)> {
    match code {
        4326 | 4979 => return Some((Datum::Wgs84, Plane::Degrees)),
        4490 | 4480 => return Some((Datum::Cgcs2000, Plane::Degrees)),
        4610 => return Some((Datum::Xian1980, Plane::Degrees)),
        4214 => return Some((Datum::Beijing1954, Plane::Degrees)),
        3857 => return Some((Datum::Wgs84, Plane::WebMercator)),
        32601..=32660 => return Some((Datum::Wgs84, grid(TransverseMercator::utm(code - 32600, false)))),
        32701..=32760 => return Some((Datum::Wgs84, grid(TransverseMercator::utm(code - 32700, true)))),
        _ => {}
    }
    [Datum::Cgcs2000, Datum::Xian1980, Datum::Beijing1954].into_iter().find_map(|datum| {
        let [wide_zone, wide_meridian, narrow_zone, narrow_meridian] = datum.families()?;
        let at = |first: u32, count: u32| code.checked_sub(first).filter(|step| *step < count);
        let plane = if let Some(step) = at(wide_zone, 11) {
            TransverseMercator::gauss_kruger(75 + 6 * step, Some(13 + step))
        } else if let Some(step) = at(wide_meridian, 11) {
            TransverseMercator::gauss_kruger(75 + 6 * step, None)
        } else if let Some(step) = at(narrow_zone, 21) {
            TransverseMercator::gauss_kruger(75 + 3 * step, Some(25 + step))
        } else {
            let step = at(narrow_meridian, 21)?;
            TransverseMercator::gauss_kruger(75 + 3 * step, None)
        };
        Some((datum, grid(plane)))
    })
}

fn grid(plane: TransverseMercator) -> Plane {
    Plane::TransverseMercator(plane)
}

/// The code of a grid, when EPSG has one. A grid that has two, as CM 117E has, gets the one of the 3-degree family.
pub(crate) fn code_of(datum: Datum, plane: Plane) -> Option<u32> {
    match (datum, plane) {
        (Datum::Wgs84, Plane::Degrees) => Some(4326),
        (Datum::Cgcs2000, Plane::Degrees) => Some(4490),
        (Datum::Xian1980, Plane::Degrees) => Some(4610),
        (Datum::Beijing1954, Plane::Degrees) => Some(4214),
        (_, Plane::WebMercator) => Some(3857),
        (Datum::Wgs84, plane) => {
            (32601..=32660).chain(32701..=32760).find(|code| known(*code).is_some_and(|(_, other)| other == plane))
        }
        (datum, plane) => {
            let [wide_zone, wide_meridian, narrow_zone, narrow_meridian] = datum.families()?;
            let codes = [(narrow_meridian, 21), (narrow_zone, 21), (wide_zone, 11), (wide_meridian, 11)];
            let mut codes = codes.into_iter().flat_map(|(first, count)| first..first + count);
            codes.find(|code| known(*code).is_some_and(|(_, other)| other == plane))
        }
    }
}

/// The code of a Gauss-Kruger grid by central meridian in degrees or by zone number with prefix.
pub(crate) fn gauss_kruger_code(datum: Datum, by: Zone) -> Option<u32> {
    let plane = match by {
        Zone::Meridian(meridian) => TransverseMercator::gauss_kruger(meridian, None),
        Zone::Number(zone) if NARROW_ZONES.contains(&zone) => TransverseMercator::gauss_kruger(3 * zone, Some(zone)),
        Zone::Number(zone) if WIDE_ZONES.contains(&zone) => TransverseMercator::gauss_kruger(6 * zone - 3, Some(zone)),
        Zone::Number(_) => return None,
    };
    code_of(datum, grid(plane))
}

/// What tells the zones of Gauss-Kruger grids apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    /// Central meridian in degrees east; eastings have no prefix.
    Meridian(u32),
    /// Zone number, 25 to 45 narrow (3 degrees) or 13 to 23 wide (6 degrees); eastings begin with it.
    Number(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_the_field_mean_what_the_registry_says() {
        let gk = |meridian, zone| Plane::TransverseMercator(TransverseMercator::gauss_kruger(meridian, zone));
        for (code, datum, plane) in [
            (4548, Datum::Cgcs2000, gk(117, None)),
            (4547, Datum::Cgcs2000, gk(114, None)),
            (4549, Datum::Cgcs2000, gk(120, None)),
            (4527, Datum::Cgcs2000, gk(117, Some(39))),
            (4526, Datum::Cgcs2000, gk(114, Some(38))),
            (4528, Datum::Cgcs2000, gk(120, Some(40))),
            (4509, Datum::Cgcs2000, gk(117, None)),
            (4498, Datum::Cgcs2000, gk(117, Some(20))),
            (4497, Datum::Cgcs2000, gk(111, Some(19))),
            (2384, Datum::Xian1980, gk(117, None)),
            (2363, Datum::Xian1980, gk(117, Some(39))),
            (2383, Datum::Xian1980, gk(114, None)),
            (2364, Datum::Xian1980, gk(120, Some(40))),
            (2436, Datum::Beijing1954, gk(117, None)),
            (2415, Datum::Beijing1954, gk(117, Some(39))),
            (2437, Datum::Beijing1954, gk(120, None)),
            (21420, Datum::Beijing1954, gk(117, Some(20))),
        ] {
            assert_eq!(known(code), Some((datum, plane)), "{code}");
        }
        assert_eq!(known(2435).map(|k| k.0), Some(Datum::Beijing1954));
        assert_eq!(known(27700), None);
    }

    #[test]
    fn a_grid_finds_its_code() {
        assert_eq!(gauss_kruger_code(Datum::Cgcs2000, Zone::Meridian(117)), Some(4548));
        assert_eq!(gauss_kruger_code(Datum::Cgcs2000, Zone::Number(39)), Some(4527));
        assert_eq!(gauss_kruger_code(Datum::Cgcs2000, Zone::Number(20)), Some(4498));
        assert_eq!(gauss_kruger_code(Datum::Beijing1954, Zone::Meridian(117)), Some(2436));
        assert_eq!(gauss_kruger_code(Datum::Cgcs2000, Zone::Number(24)), None);
        let utm = known(32650).expect("UTM is known").1;
        assert_eq!(code_of(Datum::Wgs84, utm), Some(32650));
    }
}
