//! Geometry blobs of a GeoPackage (OGC 12-128r17, 2.1.3): a header with the envelope, then well-known binary.

use geo::{BoundingRect as _, MultiPolygon, Rect};
use geo_traits::GeometryTrait as _;
use geo_traits::GeometryType;
use geo_traits::to_geo::ToGeoMultiPolygon as _;
use wkb::reader::read_wkb;
use wkb::writer::{WriteOptions, multi_polygon_wkb_size, write_multi_polygon};

/// Reference system of every geometry in the store: CGCS2000, degrees.
pub(super) const SRS_ID: i32 = 4490;

const MAGIC: [u8; 2] = *b"GP";
const VERSION_1: u8 = 0;
const LITTLE_ENDIAN: u8 = 0b0000_0001;
const ENVELOPE_XY: u8 = 0b0000_0010;
const EMPTY: u8 = 0b0001_0000;
const EXTENDED: u8 = 0b0010_0000;
const FIXED_HEADER_BYTES: usize = 8;

/// The blob of a boundary; degrees, lng lat.
pub(super) fn encode(boundary: &MultiPolygon) -> Vec<u8> {
    let mut blob = Vec::with_capacity(FIXED_HEADER_BYTES + 32 + multi_polygon_wkb_size(boundary));
    blob.extend(MAGIC);
    blob.push(VERSION_1);
    let envelope = boundary.bounding_rect();
    blob.push(LITTLE_ENDIAN | if envelope.is_some() { ENVELOPE_XY } else { EMPTY });
    blob.extend(SRS_ID.to_le_bytes());
    if let Some(envelope) = envelope {
        for bound in [envelope.min().x, envelope.max().x, envelope.min().y, envelope.max().y] {
            blob.extend(bound.to_le_bytes());
        }
    }
    write_multi_polygon(&mut blob, boundary, &WriteOptions::default()).expect("writing into memory cannot fail");
    blob
}

/// The boundary in a blob: a polygon or multipolygon in [`SRS_ID`]. Errors say in words what is wrong.
pub(super) fn decode(blob: &[u8]) -> Result<MultiPolygon, String> {
    let header = Header::read(blob)?;
    if header.srs_id != SRS_ID {
        return Err(format!("the geometry has the reference system {}, not {SRS_ID}", header.srs_id));
    }
    let geometry = read_wkb(&blob[header.bytes..]).map_err(|err| format!("the geometry cannot be read: {err}"))?;
    match geometry.as_type() {
        GeometryType::MultiPolygon(polygons) => Ok(polygons.to_multi_polygon()),
        GeometryType::Polygon(polygon) => Ok(MultiPolygon::from(geo_traits::to_geo::ToGeoPolygon::to_polygon(polygon))),
        _ => Err("the geometry is not a multipolygon".to_owned()),
    }
}

/// The envelope of a blob, from its header where it has one; `None` for an empty geometry.
pub(super) fn envelope(blob: &[u8]) -> Result<Option<Rect>, String> {
    let header = Header::read(blob)?;
    match header.envelope {
        _ if header.empty => Ok(None),
        Some(envelope) => Ok(Some(envelope)),
        None => Ok(decode(blob)?.bounding_rect()),
    }
}

struct Header {
    bytes: usize,
    srs_id: i32,
    empty: bool,
    envelope: Option<Rect>,
}

impl Header {
    fn read(blob: &[u8]) -> Result<Self, String> {
        let short = || "the geometry blob is too short".to_owned();
        let fixed: &[u8; FIXED_HEADER_BYTES] = blob.first_chunk().ok_or_else(short)?;
        let [m0, m1, version, flags, srs @ ..] = *fixed;
        if [m0, m1] != MAGIC || version != VERSION_1 {
            return Err("the blob is not a GeoPackage geometry of version 1".to_owned());
        }
        if flags & EXTENDED != 0 {
            return Err("the geometry is of an extended type".to_owned());
        }
        let little = flags & LITTLE_ENDIAN != 0;
        let srs_id = if little { i32::from_le_bytes(srs) } else { i32::from_be_bytes(srs) };
        let envelope_bytes = match (flags >> 1) & 0b111 {
            0 => 0,
            1 => 32,
            2 | 3 => 48,
            4 => 64,
            other => return Err(format!("{other} is not an envelope kind")),
        };
        let rest = blob.get(FIXED_HEADER_BYTES..FIXED_HEADER_BYTES + envelope_bytes).ok_or_else(short)?;
        let mut bounds = rest.chunks_exact(8).map(|bytes| {
            let bytes: [u8; 8] = bytes.try_into().expect("chunks of eight have eight bytes");
            if little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) }
        });
        let envelope = match (bounds.next(), bounds.next(), bounds.next(), bounds.next()) {
            (Some(west), Some(east), Some(south), Some(north)) if west <= east && south <= north => {
                Some(Rect::new((west, south), (east, north)))
            }
            // An empty geometry may have an envelope of numbers that are none.
            _ => None,
        };
        Ok(Self { bytes: FIXED_HEADER_BYTES + envelope_bytes, srs_id, empty: flags & EMPTY != 0, envelope })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{LineString, Polygon};
    use proptest::prelude::*;

    fn boundary() -> impl Strategy<Value = MultiPolygon> {
        prop::collection::vec((116.3..116.6f64, 39.8..40.1f64, 0.0001..0.01f64), 1..5).prop_map(|squares| {
            MultiPolygon::new(
                squares
                    .into_iter()
                    .map(|(x, y, side)| {
                        let ring = |r: f64| {
                            LineString::from(vec![(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y - r)])
                        };
                        Polygon::new(ring(side), vec![ring(side / 2.0)])
                    })
                    .collect(),
            )
        })
    }

    proptest! {
        #[test]
        fn a_boundary_reads_back_bit_for_bit(boundary in boundary()) {
            let blob = encode(&boundary);
            prop_assert_eq!(decode(&blob), Ok(boundary.clone()));
            prop_assert_eq!(envelope(&blob), Ok(boundary.bounding_rect()));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), cut in 0usize..200, boundary in boundary()) {
            let blob = encode(&boundary);
            let _ = (decode(&bytes), envelope(&bytes));
            let cut = &blob[..cut.min(blob.len() - 1)];
            prop_assert!(decode(cut).is_err());
            let mut mixed = blob;
            for (at, byte) in bytes.iter().enumerate() {
                mixed[40 + at % 60] = *byte;
            }
            let _ = decode(&mixed);
        }
    }

    #[test]
    fn an_empty_boundary_is_marked_and_has_no_envelope() {
        let blob = encode(&MultiPolygon::new(vec![]));
        assert_eq!(envelope(&blob), Ok(None));
        assert_eq!(decode(&blob), Ok(MultiPolygon::new(vec![])));
        let mut other = blob;
        other[4..8].copy_from_slice(&4326i32.to_le_bytes());
        assert!(decode(&other).is_err());
    }
}
