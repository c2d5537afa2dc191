//! Geometries of features: positions in one row, and where each ring or line ends.

use flatgeobuf::{Geometry, GeometryType};
use geo::Coord;

use crate::formats::intake::ShapeFault;
use crate::geom::{RawPolygon, RawRing, RawShape};

/// The shape, `None` for one without positions; the type is the header's, or the geometry's own where that leaves it open.
pub(super) fn parse(
    geometry: Geometry<'_>,
    header_type: GeometryType,
    vertices: usize,
) -> Result<Option<RawShape>, ShapeFault> {
    let kind = if header_type == GeometryType::Unknown { geometry.type_() } else { header_type };
    let mut left = vertices;
    let shape = match kind {
        GeometryType::Point | GeometryType::MultiPoint => RawShape::Points(positions(&geometry, &mut left)?),
        GeometryType::LineString | GeometryType::MultiLineString => RawShape::Lines(rings(&geometry, &mut left)?),
        GeometryType::Polygon => RawShape::Polygons(polygon(&geometry, &mut left)?.into_iter().collect()),
        GeometryType::MultiPolygon => {
            let mut polygons = Vec::new();
            match geometry.parts() {
                Some(parts) => {
                    for part in parts {
                        polygons.extend(polygon(&part, &mut left)?);
                    }
                }
                // A multipolygon of one part, as some writers have it.
                None => polygons.extend(polygon(&geometry, &mut left)?),
            }
            RawShape::Polygons(polygons)
        }
        other => {
            let name = other.variant_name().unwrap_or("of an unknown type");
            return Err(ShapeFault::Unreadable(format!("it is {name}, which is not read; deliver outlines")));
        }
    };
    let has_positions = shape.coords().next().is_some();
    Ok(has_positions.then_some(shape))
}

fn polygon(geometry: &Geometry<'_>, left: &mut usize) -> Result<Option<RawPolygon>, ShapeFault> {
    let rings = rings(geometry, left)?;
    Ok((!rings.is_empty()).then_some(RawPolygon { rings }))
}

fn rings(geometry: &Geometry<'_>, left: &mut usize) -> Result<Vec<RawRing>, ShapeFault> {
    let positions = positions(geometry, left)?;
    let ends = match geometry.ends() {
        Some(ends) if !ends.is_empty() => ends,
        _ if positions.is_empty() => return Ok(Vec::new()),
        _ => return Ok(vec![positions]),
    };
    if ends.iter().next_back().is_none_or(|last| last as usize != positions.len()) {
        return Err("its last ring does not end with its last position".into());
    }
    let mut start = 0;
    let mut rings = Vec::new();
    for end in ends {
        let end = end as usize;
        match positions.get(start..end) {
            Some(ring) if !ring.is_empty() => rings.push(ring.to_vec()),
            _ => return Err("its rings overlap, are empty or lie beyond its positions".into()),
        }
        start = end;
    }
    Ok(rings)
}

fn positions(geometry: &Geometry<'_>, left: &mut usize) -> Result<RawRing, ShapeFault> {
    let Some(ordinates) = geometry.xy() else { return Ok(Vec::new()) };
    if !ordinates.len().is_multiple_of(2) {
        return Err("it has an x without a y".into());
    }
    *left = left.checked_sub(ordinates.len() / 2).ok_or(ShapeFault::Vertices)?;
    let position = |at: usize| Coord { x: ordinates.get(2 * at), y: ordinates.get(2 * at + 1) };
    Ok((0..ordinates.len() / 2).map(position).collect())
}
