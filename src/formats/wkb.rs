//! Well-known binary (OGC 06-103r4, 8.2) to shapes as they are, also in the dialects of ISO 13249-3 and of PostGIS.

use geo::Coord;

use crate::formats::intake::ShapeFault;
use crate::geom::{RawPolygon, RawRing, RawShape};

/// Collections within collections.
const DEPTH: usize = 8;

/// Flags of the PostGIS dialect.
const HAS_Z: u32 = 0x8000_0000;
const HAS_M: u32 = 0x4000_0000;
const HAS_SRID: u32 = 0x2000_0000;

/// The shape, `None` for one without positions. Rings stay as they are, Z and M are passed over; collections are read when
/// all their members are of one kind. What follows after the end is ignored.
pub(super) fn parse(bytes: &[u8], vertices: usize) -> Result<Option<RawShape>, ShapeFault> {
    let mut reader = Reader { rest: bytes, vertices };
    let mut shape = None;
    reader.geometry(DEPTH, None, &mut shape)?;
    Ok(shape)
}

struct Reader<'a> {
    rest: &'a [u8],
    /// Positions that may still come.
    vertices: usize,
}

#[derive(Clone, Copy)]
struct Dialect {
    little: bool,
    /// Bytes of a position.
    stride: usize,
}

impl<'a> Reader<'a> {
    /// Reads a geometry, of the one kind where that is told, and adds it to the shape.
    fn geometry(&mut self, depth: usize, only: Option<u32>, into: &mut Option<RawShape>) -> Result<(), ShapeFault> {
        let depth = depth.checked_sub(1).ok_or("its collections are nested too deeply")?;
        let little = match self.bytes(1)? {
            [0] => false,
            [1] => true,
            _ => return Err("its byte order is neither 0 nor 1".into()),
        };
        let head = self.number(little)?;
        if head & HAS_SRID != 0 {
            self.bytes(4)?;
        }
        let (kind, dimensions) = ((head & 0x0FFF_FFFF) % 1000, (head & 0x0FFF_FFFF) / 1000);
        let more = match dimensions {
            0 => usize::from(head & HAS_Z != 0) + usize::from(head & HAS_M != 0),
            1 | 2 => 1,
            3 => 2,
            _ => return Err(ShapeFault::Unreadable(format!("{head} is no type of geometry"))),
        };
        let dialect = Dialect { little, stride: 16 + 8 * more };
        if only.is_some_and(|only| only != kind) {
            return Err("a member is of another kind than its collection".into());
        }
        match kind {
            1 => {
                let positions = self.positions(1, dialect)?;
                // An empty point has no count that could say so.
                if positions.iter().all(|position| position.x.is_nan() && position.y.is_nan()) {
                    return Ok(());
                }
                self.add(RawShape::Points(positions), into)
            }
            2 => {
                let count = self.number(little)?;
                let line = self.positions(count, dialect)?;
                if line.is_empty() { Ok(()) } else { self.add(RawShape::Lines(vec![line]), into) }
            }
            3 => {
                let polygon = self.polygon(dialect)?;
                if polygon.rings.is_empty() { Ok(()) } else { self.add(RawShape::Polygons(vec![polygon]), into) }
            }
            4..=7 => {
                let members = self.number(little)?;
                let only = (kind < 7).then(|| kind - 3);
                for _ in 0..members {
                    self.geometry(depth, only, into)?;
                }
                Ok(())
            }
            8..=17 => Err("it has curves or surfaces, which are not read; deliver straight lines".into()),
            other => Err(ShapeFault::Unreadable(format!("{other} is no type of geometry"))),
        }
    }

    fn polygon(&mut self, dialect: Dialect) -> Result<RawPolygon, ShapeFault> {
        let mut rings = Vec::new();
        for _ in 0..self.number(dialect.little)? {
            let count = self.number(dialect.little)?;
            let ring = self.positions(count, dialect)?;
            if ring.is_empty() {
                return Err("one of its rings has no positions".into());
            }
            rings.push(ring);
        }
        Ok(RawPolygon { rings })
    }

    fn positions(&mut self, count: u32, dialect: Dialect) -> Result<RawRing, ShapeFault> {
        let count = usize::try_from(count).map_err(|_| ShapeFault::Vertices)?;
        self.vertices = self.vertices.checked_sub(count).ok_or(ShapeFault::Vertices)?;
        let bytes = self.bytes(count.checked_mul(dialect.stride).ok_or(ShapeFault::Vertices)?)?;
        let ordinate = |bytes: &[u8]| {
            let bytes = *bytes.first_chunk().expect("an ordinate has eight bytes");
            if dialect.little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) }
        };
        let position = |bytes: &[u8]| Coord { x: ordinate(bytes), y: ordinate(&bytes[8..]) };
        Ok(bytes.chunks_exact(dialect.stride).map(position).collect())
    }

    fn add(&self, shape: RawShape, into: &mut Option<RawShape>) -> Result<(), ShapeFault> {
        match (into.as_mut(), shape) {
            (None, shape) => *into = Some(shape),
            (Some(RawShape::Points(all)), RawShape::Points(more)) => all.extend(more),
            (Some(RawShape::Lines(all)), RawShape::Lines(more)) => all.extend(more),
            (Some(RawShape::Polygons(all)), RawShape::Polygons(more)) => all.extend(more),
            _ => return Err("it is a collection of several kinds of geometry, which is not read".into()),
        }
        Ok(())
    }

    fn number(&mut self, little: bool) -> Result<u32, ShapeFault> {
        let bytes = *self.bytes(4)?.first_chunk().ok_or("it breaks off")?;
        Ok(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], ShapeFault> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or("it is shorter than its own numbers say")?;
        self.rest = rest;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::MultiPolygon;
    use proptest::prelude::*;
    use wkb::writer::{WriteOptions, write_multi_polygon};

    use crate::formats::testing::boundary;

    fn written(boundary: &MultiPolygon) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_multi_polygon(&mut bytes, boundary, &WriteOptions::default()).unwrap();
        bytes
    }

    /// A geometry's head, its counts and its ordinates, big-endian.
    fn geometry(head: u32, numbers: &[u32], ordinates: &[f64]) -> Vec<u8> {
        let mut bytes = vec![0];
        bytes.extend(head.to_be_bytes());
        numbers.iter().for_each(|number| bytes.extend(number.to_be_bytes()));
        ordinates.iter().for_each(|ordinate| bytes.extend(ordinate.to_be_bytes()));
        bytes
    }

    proptest! {
        #[test]
        fn rings_are_read_bit_for_bit(boundary in boundary()) {
            let Ok(Some(RawShape::Polygons(polygons))) = parse(&written(&boundary), 1000) else { panic!("no polygons") };
            prop_assert_eq!(polygons.len(), boundary.0.len());
            for (raw, polygon) in polygons.iter().zip(&boundary) {
                prop_assert_eq!(&raw.rings[0], &polygon.exterior().0);
                let holes: Vec<_> = polygon.interiors().iter().map(|hole| hole.0.clone()).collect();
                prop_assert_eq!(&raw.rings[1..], holes.as_slice());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(boundary in boundary(), bytes in prop::collection::vec(any::<u8>(), 0..60), at in 0usize..200) {
            let whole = written(&boundary);
            let cut = &whole[..at.min(whole.len() - 1)];
            prop_assert!(parse(cut, 1000).is_err());
            let _ = (parse(&bytes, 1000), parse(&[cut, &bytes].concat(), 1000));
        }
    }

    #[test]
    fn dialects_with_heights_and_reference_systems_are_read() {
        let at = |x: f64, y: f64| Coord { x, y };
        let points = |positions: Vec<Coord>| Ok(Some(RawShape::Points(positions)));
        assert_eq!(parse(&geometry(1001, &[], &[1.0, 2.0, 3.0]), 10), points(vec![at(1.0, 2.0)]));
        assert_eq!(parse(&geometry(1 | HAS_Z | HAS_SRID, &[4490], &[1.0, 2.0, 3.0]), 10), points(vec![at(1.0, 2.0)]));
        let line = geometry(3002, &[2], &[1.0, 2.0, 9.0, 9.0, 3.0, 4.0, 9.0, 9.0]);
        assert_eq!(parse(&line, 10), Ok(Some(RawShape::Lines(vec![vec![at(1.0, 2.0), at(3.0, 4.0)]]))));
        assert_eq!(parse(&geometry(1, &[], &[f64::NAN, f64::NAN]), 10), Ok(None));
        assert_eq!(parse(&geometry(3, &[0], &[]), 10), Ok(None));
        let two = [geometry(7, &[2], &[]), geometry(1, &[], &[1.0, 2.0]), geometry(1, &[], &[3.0, 4.0])].concat();
        assert_eq!(parse(&two, 10), points(vec![at(1.0, 2.0), at(3.0, 4.0)]));
    }

    #[test]
    fn counts_and_depths_are_not_believed() {
        assert!(matches!(parse(&geometry(3, &[u32::MAX], &[]), 10), Err(ShapeFault::Unreadable(_))));
        assert_eq!(parse(&geometry(3, &[1, u32::MAX], &[]), 10), Err(ShapeFault::Vertices));
        assert!(matches!(parse(&geometry(3, &[1, 9], &[]), 10), Err(ShapeFault::Unreadable(_))));
        assert!(matches!(parse(&geometry(3, &[1, 0], &[]), 10), Err(ShapeFault::Unreadable(_))));
        let deep = geometry(7, &[1], &[]).repeat(100_000);
        assert_eq!(parse(&deep, 10), Err("its collections are nested too deeply".into()));
        let mixed = [geometry(7, &[2], &[]), geometry(1, &[], &[1.0, 2.0]), geometry(2, &[1], &[3.0, 4.0])].concat();
        assert!(matches!(parse(&mixed, 10), Err(ShapeFault::Unreadable(_))));
        assert!(matches!(parse(&geometry(10, &[0], &[]), 10), Err(ShapeFault::Unreadable(_))));
    }
}
