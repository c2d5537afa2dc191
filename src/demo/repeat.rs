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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use geo::{Coord, Rect};

    use super::*;
    use crate::model::{Attributes, Management, StreetCode, Validity};

    fn area(serial: u32, lng: f64) -> AreaDraft {
        // Rounded, so that the east of one is exactly the west of the next.
        let east = ((lng + 0.01) * 1e7).round() / 1e7;
        let boundary = Rect::new(Coord { x: lng, y: 39.9 }, Coord { x: east, y: 39.91 }).to_polygon().into();
        AreaDraft {
            code: AreaCode::parse(&format!("DEMO-JS-{serial:04}")).unwrap(),
            name: format!("{serial}号院(演示)"),
            other_names: Vec::new(),
            street: StreetCode::parse("110105017").unwrap(),
            community: None,
            boundary,
            source_geometry: String::new(),
            site_area_m2: 1.0,
            management: Management::Contracted,
            manager: None,
            committees: None,
            attributes: Attributes::default(),
            validity: Validity::default(),
            demo: true,
        }
    }

    #[test]
    fn copies_have_codes_and_places_of_their_own() {
        let mut changes = ChangeSet { areas: vec![area(1, 116.4), area(2, 116.41)], ..ChangeSet::default() };
        repeat(&mut changes, 11).unwrap();
        assert_eq!(changes.areas.len(), 11);
        let codes: BTreeSet<&AreaCode> = changes.areas.iter().map(|area| &area.code).collect();
        assert_eq!(codes.len(), 11);
        // Original neighbours touch; nothing else does.
        let boxes: Vec<Rect> = changes.areas.iter().filter_map(|area| area.boundary.bounding_rect()).collect();
        let apart = |a: &Rect, b: &Rect| {
            a.max().x <= b.min().x || b.max().x <= a.min().x || a.max().y <= b.min().y || b.max().y <= a.min().y
        };
        for (at, one) in boxes.iter().enumerate() {
            assert!(boxes[at + 1..].iter().all(|other| apart(one, other)));
        }
    }

    #[test]
    fn fewer_areas_than_the_district_has_leave_it_as_it_is_and_too_many_are_refused() {
        let mut changes = ChangeSet { areas: vec![area(1, 116.4), area(2, 116.41)], ..ChangeSet::default() };
        repeat(&mut changes, 1).unwrap();
        assert_eq!(changes.areas.len(), 2);
        assert!(matches!(repeat(&mut changes, REPEAT_LIMIT + 1), Err(DemoError::TooMany { .. })));
    }
}
