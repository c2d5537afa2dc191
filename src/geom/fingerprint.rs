//! What makes two outlines the same: their places, not the order in which they were written down.

use geo::{Coord, LineString, MultiPolygon};
use sha2::{Digest as _, Sha256};

/// Places are told apart down to this many parts of a degree.
const PARTS_OF_DEGREE: f64 = 1e9;

/// A place in billionths of a degree.
type Place = (i64, i64);

/// A fingerprint of a boundary: degrees, lng lat, closed rings or not; any boundary, valid or not.
///
/// The first vertex of rings, their direction, repeated vertices, and the order of holes and parts make no difference,
/// nor does less than a billionth of a degree (rounded). Stable across runs, machines and versions: SHA-256, cut to
/// 16 bytes, over the places in a fixed order.
pub fn fingerprint(boundary: &MultiPolygon) -> [u8; 16] {
    let mut parts: Vec<Vec<Vec<Place>>> = boundary
        .iter()
        .map(|polygon| {
            let mut holes: Vec<Vec<Place>> = polygon.interiors().iter().map(canonical_ring).collect();
            holes.sort_unstable();
            std::iter::once(canonical_ring(polygon.exterior())).chain(holes).collect()
        })
        .collect();
    parts.sort_unstable();
    let mut hasher = Sha256::new();
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend((part.len() as u64).to_le_bytes());
        for ring in part {
            bytes.extend((ring.len() as u64).to_le_bytes());
            for (x, y) in ring {
                bytes.extend(x.to_le_bytes());
                bytes.extend(y.to_le_bytes());
            }
            hasher.update(&bytes);
            bytes.clear();
        }
    }
    let digest = hasher.finalize();
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    short
}

/// Whether two rings run through the same places in the same order, or in the opposite one.
pub(crate) fn same_ring(a: &LineString, b: &LineString) -> bool {
    canonical_ring(a) == canonical_ring(b)
}

/// The places of a ring, none twice in a row, starting with the least of them, in the direction that sorts first.
fn canonical_ring(ring: &LineString) -> Vec<Place> {
    // A cast saturates, so hostile coordinates do no harm; zero has one sign.
    let place = |c: &Coord| ((c.x * PARTS_OF_DEGREE).round() as i64, (c.y * PARTS_OF_DEGREE).round() as i64);
    let mut places: Vec<Place> = ring.0.iter().map(place).collect();
    places.dedup();
    while places.len() > 1 && places.first() == places.last() {
        places.pop();
    }
    let start = least_rotation(&places);
    places.rotate_left(start);
    let mut reversed = places.clone();
    reversed.reverse();
    let start = least_rotation(&reversed);
    reversed.rotate_left(start);
    places.min(reversed)
}

/// Where the rotation starts that sorts first (Booth 1980, in the two-finger form): linear also where places repeat.
fn least_rotation(places: &[Place]) -> usize {
    let count = places.len();
    let (mut i, mut j, mut same) = (0, 1, 0);
    while i < count && j < count && same < count {
        let (a, b) = (places[(i + same) % count], places[(j + same) % count]);
        match a.cmp(&b) {
            std::cmp::Ordering::Equal => same += 1,
            std::cmp::Ordering::Greater => {
                i += same + 1;
                same = 0;
            }
            std::cmp::Ordering::Less => {
                j += same + 1;
                same = 0;
            }
        }
        if i == j {
            j += 1;
        }
    }
    i.min(j)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Polygon;
    use proptest::prelude::*;

    fn part(exterior: &[(f64, f64)], holes: Vec<LineString>) -> Polygon {
        Polygon::new(exterior.to_vec().into(), holes)
    }

    #[test]
    fn start_direction_order_and_repeated_vertices_make_no_difference() {
        let hole = |x: f64| LineString::from(vec![(x, 1.0), (x + 1.0, 1.0), (x, 2.0), (x, 1.0)]);
        let square = [(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0), (0.0, 0.0)];
        let turned = [(9.0, 9.0), (9.0, 0.0), (9.0, 0.0), (0.0, 0.0), (-0.0, 9.0), (9.0, 9.0)];
        let far = [(20.0, 0.0), (21.0, 0.0), (20.0, 1.0)];
        let a = MultiPolygon::new(vec![part(&square, vec![hole(1.0), hole(4.0)]), part(&far, vec![])]);
        let b = MultiPolygon::new(vec![part(&far, vec![]), part(&turned, vec![hole(4.0), hole(1.0)])]);
        assert_eq!(fingerprint(&a), fingerprint(&b));
        let moved = MultiPolygon::new(vec![part(&far, vec![]), part(&turned, vec![hole(4.0), hole(1.1)])]);
        assert_ne!(fingerprint(&a), fingerprint(&moved));
        let filled = MultiPolygon::new(vec![part(&far, vec![]), part(&turned, vec![hole(4.0)])]);
        assert_ne!(fingerprint(&a), fingerprint(&filled));
    }

    #[test]
    fn the_fingerprint_of_a_square_is_known() {
        let square = MultiPolygon::from(part(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)], vec![]));
        let hex: String = fingerprint(&square).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "256b200bd586824b6338edc4ccb32d35");
    }

    proptest! {
        #[test]
        fn any_rotation_and_direction_is_the_same_ring(
            places in prop::collection::vec((-3_i32..3, -3_i32..3), 1..20), turn in 0_usize..20, reverse: bool,
        ) {
            let ring: Vec<(f64, f64)> = places.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).collect();
            let mut other = ring.clone();
            other.rotate_left(turn % ring.len());
            if reverse {
                other.reverse();
            }
            prop_assert!(same_ring(&LineString::from(ring), &LineString::from(other)));
        }
    }
}
