//! The contents of a shape record (ESRI Shapefile Technical Description, 1998; without MultiPatch).

use geo::Coord;

use crate::formats::intake::{ShapeFault, f64_le, i32_le};
use crate::formats::shapefile::rings;
use crate::geom::{RawRing, RawShape};

const POSITION_BYTES: usize = 16;

/// The shape in a record's content, `None` for a null shape or one without positions. Z and M are passed over.
pub(super) fn parse(content: &[u8], vertices: usize) -> Result<Option<RawShape>, ShapeFault> {
    let kind = i32_le(content, 0).ok_or("the record is shorter than its type")?;
    match kind {
        0 => Ok(None),
        1 | 11 | 21 => {
            let position = position(content, 4).ok_or("the record is shorter than its point")?;
            Ok(Some(RawShape::Points(vec![position])))
        }
        8 | 18 | 28 => {
            let count = count(content, 36)?;
            let points = positions(content, 40, count, vertices)?;
            Ok((!points.is_empty()).then_some(RawShape::Points(points)))
        }
        3 | 13 | 23 => {
            let lines = parts(content, vertices)?;
            Ok((!lines.is_empty()).then_some(RawShape::Lines(lines)))
        }
        5 | 15 | 25 => {
            let rings = parts(content, vertices)?;
            Ok((!rings.is_empty()).then(|| RawShape::Polygons(rings::group(rings))))
        }
        31 => Err("it is a surface in space (MultiPatch), which is not read; deliver outlines".into()),
        other => Err(ShapeFault::Unreadable(format!("{other} is no type of shape"))),
    }
}

/// Lines or rings: the box, the number of parts and of positions, where each part begins, the positions.
fn parts(content: &[u8], vertices: usize) -> Result<Vec<RawRing>, ShapeFault> {
    const STARTS_AT: usize = 44;
    let (part_count, point_count) = (count(content, 36)?, count(content, 40)?);
    // A part has a position at least, so the limit bounds both.
    if part_count.max(point_count) > vertices {
        return Err(ShapeFault::Vertices);
    }
    let points_at = STARTS_AT + 4 * part_count;
    let points = positions(content, points_at, point_count, vertices)?;
    let mut starts = Vec::with_capacity(part_count);
    for part in 0..part_count {
        starts.push(count(content, STARTS_AT + 4 * part)?);
    }
    let ends = starts.iter().skip(1).copied().chain([point_count]);
    let cut = |(start, end): (&usize, usize)| match points.get(*start..end) {
        Some(ring) if !ring.is_empty() => Ok(ring.to_vec()),
        _ => Err(ShapeFault::from("its parts overlap, are empty or lie beyond its positions")),
    };
    if starts.first().is_some_and(|first| *first != 0) || (part_count == 0 && point_count > 0) {
        return Err("its first part does not begin with its first position".into());
    }
    starts.iter().zip(ends).map(cut).collect()
}

fn positions(content: &[u8], at: usize, count: usize, vertices: usize) -> Result<Vec<Coord>, ShapeFault> {
    if count > vertices {
        return Err(ShapeFault::Vertices);
    }
    let bytes = content
        .get(at..)
        .and_then(|rest| rest.get(..count.checked_mul(POSITION_BYTES)?))
        .ok_or("the record is shorter than the number of its positions says")?;
    let read = |bytes: &[u8]| position(bytes, 0).expect("chunks of sixteen have sixteen bytes");
    Ok(bytes.chunks_exact(POSITION_BYTES).map(read).collect())
}

fn position(content: &[u8], at: usize) -> Option<Coord> {
    Some(Coord { x: f64_le(content, at)?, y: f64_le(content, at + 8)? })
}

fn count(content: &[u8], at: usize) -> Result<usize, ShapeFault> {
    let number = i32_le(content, at).ok_or("the record is shorter than its head")?;
    usize::try_from(number).map_err(|_| "it has a negative number of parts or positions".into())
}
