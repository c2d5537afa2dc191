//! Extended well-known binary, which PostGIS takes and gives bit for bit: the reference system stands inside.

use std::error::Error;

use geo::MultiPolygon;
use geo_traits::GeometryTrait as _;
use geo_traits::GeometryType;
use geo_traits::to_geo::ToGeoMultiPolygon as _;
use tokio_postgres::types::{FromSql, Type};
use wkb::reader::read_wkb;
use wkb::writer::{WriteOptions, multi_polygon_wkb_size, write_multi_polygon};

/// Reference system of every geometry in the store: CGCS2000, degrees.
pub(super) const SRID: u32 = 4490;

const LITTLE_ENDIAN: u8 = 1;
const HAS_SRID: u32 = 0x2000_0000;
const HEADER_BYTES: usize = 5;
const SRID_BYTES: usize = 4;

/// The bytes of a boundary; degrees, lng lat.
pub(super) fn encode(boundary: &MultiPolygon) -> Vec<u8> {
    let mut plain = Vec::with_capacity(multi_polygon_wkb_size(boundary));
    write_multi_polygon(&mut plain, boundary, &WriteOptions::default()).expect("writing into memory cannot fail");
    let (header, rest) = plain.split_at(HEADER_BYTES);
    let mut bytes = Vec::with_capacity(plain.len() + SRID_BYTES);
    bytes.extend(header);
    bytes.extend(SRID.to_le_bytes());
    bytes.extend(rest);
    debug_assert_eq!(bytes[0], LITTLE_ENDIAN, "the writer's default is little endian");
    bytes[HEADER_BYTES - 1] |= (HAS_SRID >> 24) as u8;
    bytes
}

/// The boundary in the bytes: a multipolygon in [`SRID`]. Errors say in words what is wrong.
pub(super) fn decode(bytes: &[u8]) -> Result<MultiPolygon, String> {
    let head: &[u8; HEADER_BYTES + SRID_BYTES] = bytes.first_chunk().ok_or("the geometry is too short")?;
    let [order, t0, t1, t2, t3, srid @ ..] = *head;
    let number = |four: [u8; 4]| {
        if order == LITTLE_ENDIAN { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) }
    };
    if number([t0, t1, t2, t3]) & HAS_SRID == 0 || number(srid) != SRID {
        return Err(format!("the geometry has another reference system than {SRID}"));
    }
    let geometry = read_wkb(bytes).map_err(|err| format!("the geometry cannot be read: {err}"))?;
    match geometry.as_type() {
        GeometryType::MultiPolygon(polygons) => Ok(polygons.to_multi_polygon()),
        _ => Err("the geometry is not a multipolygon".to_owned()),
    }
}

/// The bytes of a column as they came, whatever its type.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> FromSql<'a> for Bytes<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{LineString, Polygon};
    use proptest::prelude::*;

    pub(crate) fn boundary() -> impl Strategy<Value = MultiPolygon> {
        let square = (116.3..116.6f64, 39.8..40.1f64, 0.0001..0.01f64);
        prop::collection::vec(square, 0..5).prop_map(|squares| {
            let polygons = squares.into_iter().map(|(x, y, side)| {
                let ring =
                    |r: f64| LineString::from(vec![(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y - r)]);
                Polygon::new(ring(side), vec![ring(side / 2.0)])
            });
            MultiPolygon::new(polygons.collect())
        })
    }

    proptest! {
        #[test]
        fn a_boundary_reads_back_bit_for_bit(boundary in boundary()) {
            prop_assert_eq!(decode(&encode(&boundary)), Ok(boundary));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), cut in 0usize..200, boundary in boundary()) {
            let whole = encode(&boundary);
            let _ = decode(&bytes);
            prop_assert!(decode(&whole[..cut.min(whole.len() - 1)]).is_err());
        }
    }

    #[test]
    fn another_reference_system_is_refused() {
        let mut bytes = encode(&MultiPolygon::new(vec![]));
        assert_eq!(decode(&bytes), Ok(MultiPolygon::new(vec![])));
        bytes[5..9].copy_from_slice(&4326u32.to_le_bytes());
        assert!(decode(&bytes).is_err());
    }
}
