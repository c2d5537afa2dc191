//! Geometry blobs (2.1.3): a header with the reference system and the envelope, then well-known binary.

use geo::{BoundingRect as _, MultiPolygon};
use wkb::writer::{WriteOptions, multi_polygon_wkb_size, write_multi_polygon};

use crate::formats::intake::ShapeFault;
use crate::formats::wkb as well_known;
use crate::geom::RawShape;

const MAGIC: [u8; 2] = *b"GP";
const VERSION_1: u8 = 0;
const LITTLE_ENDIAN: u8 = 0b0000_0001;
const ENVELOPE_XY: u8 = 0b0000_0010;
const EMPTY: u8 = 0b0001_0000;
const EXTENDED: u8 = 0b0010_0000;
const HEAD_BYTES: usize = 8;

/// Number of the reference system that the blob states, and its shape, `None` for an empty one.
pub(super) fn decode(blob: &[u8], vertices: usize) -> Result<(i32, Option<RawShape>), ShapeFault> {
    let [m0, m1, version, flags, srs @ ..] =
        *blob.first_chunk::<HEAD_BYTES>().ok_or("the geometry is shorter than its head")?;
    if [m0, m1] != MAGIC || version != VERSION_1 {
        return Err("it is no GeoPackage geometry of version 1".into());
    }
    if flags & EXTENDED != 0 {
        return Err("it is a geometry of an extended type, which is not read".into());
    }
    let srs_id = if flags & LITTLE_ENDIAN != 0 { i32::from_le_bytes(srs) } else { i32::from_be_bytes(srs) };
    let envelope_bytes = match (flags >> 1) & 0b111 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        other => return Err(ShapeFault::Unreadable(format!("{other} is no kind of envelope"))),
    };
    let body = blob.get(HEAD_BYTES + envelope_bytes..).ok_or("the geometry is shorter than its head")?;
    Ok((srs_id, well_known::parse(body, vertices)?))
}

/// The blob of a boundary.
pub(super) fn encode(boundary: &MultiPolygon, srs_id: i32) -> Vec<u8> {
    let mut blob = Vec::with_capacity(HEAD_BYTES + 32 + multi_polygon_wkb_size(boundary));
    let envelope = boundary.bounding_rect();
    blob.extend(MAGIC);
    blob.push(VERSION_1);
    blob.push(LITTLE_ENDIAN | if envelope.is_some() { ENVELOPE_XY } else { EMPTY });
    blob.extend(srs_id.to_le_bytes());
    if let Some(envelope) = envelope {
        for bound in [envelope.min().x, envelope.max().x, envelope.min().y, envelope.max().y] {
            blob.extend(bound.to_le_bytes());
        }
    }
    write_multi_polygon(&mut blob, boundary, &WriteOptions::default()).expect("writing into memory cannot fail");
    blob
}
