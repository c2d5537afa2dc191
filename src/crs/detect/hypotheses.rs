//! The readings that are tried.

use geo::Coord;

use crate::crs::assumption::Assumption;
use crate::crs::codes::{self, Datum, Zone};
use crate::crs::operator::Operator;
use crate::crs::reference::{Crs, Mishap};

/// Grids and degrees that records may be in, before anybody shifted them. `middle` is that of the place, degrees, or `None`.
pub(crate) fn carriers(middle: Option<Coord>, raw: Coord, operator: &Operator) -> Vec<Assumption> {
    let mut systems = vec![Crs::Degrees];
    if let Some(middle) = middle {
        let narrow = (middle.x / 3.0).round() as u32;
        let wide = (middle.x / 6.0).floor() as u32 + 1;
        for datum in datums(operator) {
            for zone in [narrow, narrow.saturating_sub(1), narrow + 1] {
                systems.extend(grids(datum, [Zone::Meridian(3 * zone), Zone::Number(zone)]));
            }
            systems.extend(grids(datum, [Zone::Number(wide), Zone::Meridian((6 * wide).saturating_sub(3))]));
            if datum != Datum::Cgcs2000 {
                systems.extend(codes::code_of(datum, codes::Plane::Degrees).map(Crs::Epsg));
            }
        }
        systems.push(Crs::Epsg(3857));
        let utm = (middle.x / 6.0).floor() as i32 + 31;
        if let Ok(zone @ 1..=60) = u32::try_from(utm) {
            systems.push(Crs::Epsg(if middle.y < 0.0 { 32700 } else { 32600 } + zone));
        }
    }
    // A zone number in front of an easting names the grid by itself.
    for easting in [raw.x, raw.y] {
        if (13e6..46e6).contains(&easting) {
            systems.extend(grids(Datum::Cgcs2000, [Zone::Number((easting / 1e6) as u32)]));
        }
    }
    systems.extend(operator.local_names().map(|name| Crs::Local(name.to_owned())));
    let mut carriers: Vec<Assumption> = Vec::new();
    for crs in systems {
        for assumption in [Assumption::new(crs.clone()), Assumption::north_first(crs)] {
            if !carriers.iter().any(|other| other.means(&assumption)) {
                carriers.push(assumption);
            }
        }
    }
    carriers
}

/// Ours, and those that the operator gave a shift for.
fn datums(operator: &Operator) -> Vec<Datum> {
    let shifted = [Datum::Beijing1954, Datum::Xian1980].into_iter().filter(|datum| operator.shift(*datum).is_some());
    std::iter::once(Datum::Cgcs2000).chain(shifted).collect()
}

fn grids<const N: usize>(datum: Datum, zones: [Zone; N]) -> impl Iterator<Item = Crs> {
    zones.into_iter().filter_map(move |zone| codes::gauss_kruger_code(datum, zone)).map(Crs::Epsg)
}

/// A carrier's readings when its degrees were shifted before.
pub(crate) fn shifted(carrier: &Assumption) -> Vec<Assumption> {
    let systems = match carrier.crs {
        Crs::Degrees => vec![
            Crs::Gcj02,
            Crs::Bd09,
            Crs::Mishap(Mishap::Gcj02Twice),
            Crs::Mishap(Mishap::Gcj02Undone),
            Crs::Mishap(Mishap::Bd09Undone),
        ],
        Crs::Epsg(code) if codes::known(code).is_some_and(|(datum, _)| datum.is_ours()) => {
            vec![Crs::Mishap(Mishap::Gcj02In(code)), Crs::Mishap(Mishap::Bd09In(code))]
        }
        _ => Vec::new(),
    };
    systems.into_iter().map(|crs| Assumption { crs, axes: carrier.axes }).collect()
}

/// Beijing 1954 below a system of ours, by the shift that is left when its numbers are read as ours.
///
/// Source of the ranges: the shift at the district's edges for parameters of neighbouring regions.
pub(crate) fn beijing_1954(reading: &Assumption, shift_m: f64, azimuth_deg: f64) -> Option<Assumption> {
    const MARGIN_M: f64 = 6.0;
    const MARGIN_DEG: f64 = 6.0;
    let crs = match reading.crs {
        Crs::Degrees => Crs::Epsg(4214),
        Crs::Epsg(code) => {
            let (datum, plane) = codes::known(code)?;
            let ours = datum == Datum::Cgcs2000 || datum == Datum::Beijing1954;
            Crs::Epsg(codes::code_of(Datum::Beijing1954, plane).filter(|_| ours)?)
        }
        _ => return None,
    };
    // Degrees differ by the datum's shift alone, and so do its grids when they are read on their own ellipsoid; grids
    // read on ours differ by the length of the meridian on top.
    let by_datum_alone = reading.crs == Crs::Degrees || reading.crs == crs;
    let (metres, degrees) = if by_datum_alone { (64.0..=71.0, 234.0..=245.0) } else { (68.0..=82.0, 303.0..=309.0) };
    let near = |range: std::ops::RangeInclusive<f64>, value: f64, margin: f64| {
        (range.start() - margin..=range.end() + margin).contains(&value)
    };
    (near(metres, shift_m, MARGIN_M) && near(degrees, azimuth_deg, MARGIN_DEG))
        .then_some(Assumption { crs, axes: reading.axes })
}

/// How far-fetched a reading is: plain systems, then web maps, then mistakes.
pub(crate) fn rarity(assumption: &Assumption) -> u8 {
    match assumption.crs {
        Crs::Degrees | Crs::Epsg(_) | Crs::Local(_) | Crs::Definition(_) => 0,
        Crs::Gcj02 | Crs::Bd09 => 1,
        Crs::Mishap(_) => 2,
    }
}
