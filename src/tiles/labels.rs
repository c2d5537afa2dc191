//! Which names are shown from which zoom.

/// Surfaces in square metres from which an area has rank 1, 2, 3 and 4; smaller ones have rank 5.
const RANK_SURFACES_M2: [f64; 4] = [500_000.0, 200_000.0, 80_000.0, 30_000.0];

/// Lowest zoom at which labels of rank 1 to 5 are in the tiles, so that wide tiles are not filled with names that have no
/// room: a side of a rank's smallest area is at least 24 pixels long at its zoom (256 pixel tiles, 40 degrees north), or
/// the zoom is 15, from where every name is sent.
pub const AREA_LABEL_ZOOMS: [u8; 5] = [12, 13, 14, 15, 15];

/// Lowest zoom with street labels.
pub const STREET_LABELS_FROM: u8 = 9;

/// Rank of an area's label, 1 (largest) to 5, from its surface in square metres.
pub fn label_rank(surface_m2: f64) -> u8 {
    1 + RANK_SURFACES_M2.iter().filter(|least| surface_m2 < **least).count() as u8
}

/// Whether labels of that rank are in tiles of that zoom.
pub(crate) fn is_labelled(rank: u8, zoom: u8) -> bool {
    zoom >= AREA_LABEL_ZOOMS[usize::from(rank - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_areas_have_lower_ranks_and_show_earlier() {
        assert_eq!([1e6, 500_000.0, 499_999.0, 100_000.0, 40_000.0, 100.0, 0.0].map(label_rank), [1, 1, 2, 3, 4, 5, 5]);
        assert!(AREA_LABEL_ZOOMS.is_sorted());
        assert!((1..=5).all(|rank| is_labelled(rank, 15)));
        assert!((2..=5).all(|rank| !is_labelled(rank, 12)));
    }
}
