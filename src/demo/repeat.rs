//! More areas than the district has, for measuring: copies of the district side by side.

use geo::{BoundingRect as _, Coord, MapCoords as _, Rect};
use geojson::GeometryValue;

use crate::demo::DemoError;
use crate::ingest::{AreaDraft, ChangeSet};
use crate::model::AreaCode;

/// Most areas that [`repeat`] makes.
pub const REPEAT_LIMIT: usize = 1_000_000;

/// Serial numbers of one copy; every street has fewer areas.
const SERIALS_PER_COPY: u32 = 1_000;

/// Gap between copies, as a share of the district's width and height.
const GAP: f64 = 0.02;

/// Appends copies of the areas, each moved by a whole district, until there are `count`; the last copy may be a part.
///
/// Copies keep density, street and manager; codes, names and committee codes get the number of the copy. Errors: `count`
/// over [`REPEAT_LIMIT`], or a code whose serial leaves no room.
pub fn repeat(changes: &mut ChangeSet, count: usize) -> Result<(), DemoError> {
    if count > REPEAT_LIMIT {
        return Err(DemoError::TooMany { asked: count, limit: REPEAT_LIMIT });
    }
    let originals = changes.areas.clone();
    let Some(bounds) = bounds(&originals) else { return Ok(()) };
    let copies = count.div_ceil(originals.len());
    let columns = (1..=copies).find(|side| side * side >= copies).unwrap_or(1);
    for copy in 1..copies {
        let step = Coord {
            x: (copy % columns) as f64 * bounds.width() * (1.0 + GAP),
            y: -((copy / columns) as f64) * bounds.height() * (1.0 + GAP),
        };
        let number = u32::try_from(copy).expect("the limit is far below four billion");
        for original in originals.iter().take(count - changes.areas.len()) {
            changes.areas.push(moved(original, number, step)?);
        }
    }
    changes.areas.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(())
}

fn moved(original: &AreaDraft, copy: u32, step: Coord) -> Result<AreaDraft, DemoError> {
    let (prefix, serial) = original.code.as_str().rsplit_once('-').expect("an area code has three parts");
    let serial: u32 = serial.parse().expect("the last part of an area code is a number");
    let code =
        AreaCode::parse(&format!("{prefix}-{:05}", serial + copy * SERIALS_PER_COPY)).map_err(DemoError::Code)?;
    // Seven decimals, as in the original: shared vertices stay shared.
    let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
    let boundary = original.boundary.map_coords(|c| Coord { x: round(c.x + step.x), y: round(c.y + step.y) });
    let mut area = AreaDraft {
        code,
        name: format!("{} {copy}", original.name),
        source_geometry: geojson::Geometry::new(GeometryValue::from(&boundary)).to_string(),
        boundary,
        ..original.clone()
    };
    for committee in area.committees.iter_mut().flatten() {
        committee.code = format!("{}-{copy}", committee.code);
    }
    Ok(area)
}

fn bounds(areas: &[AreaDraft]) -> Option<Rect> {
    areas.iter().filter_map(|area| area.boundary.bounding_rect()).reduce(|a, b| {
        Rect::new(
            Coord { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) },
            Coord { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) },
        )
    })
}
