//! A second implementation of the transverse Mercator grids, as oracle for PROJ.

use geo::Coord;
use proptest::prelude::*;

use crate::crs::codes::{self, Plane, TransverseMercator};
use crate::crs::{Assumption, Crs, Operator, Transformer};

/// Semi-major axis in metres and inverse flattening.
type Ellipsoid = (f64, f64);

const GRS80: Ellipsoid = (6_378_137.0, 298.257_222_101);
const KRASOVSKY: Ellipsoid = (6_378_245.0, 298.3);
const IAU_1976: Ellipsoid = (6_378_140.0, 298.257);

/// Krueger's series in the third flattening n, to the sixth order (Karney 2011, equations 7 to 10 and 35).
fn krueger(point: Coord, grid: TransverseMercator, (a, inverse_flattening): Ellipsoid) -> Coord {
    let f = 1.0 / inverse_flattening;
    let n = f / (2.0 - f);
    let e = (f * (2.0 - f)).sqrt();
    let [n2, n3, n4, n5, n6] = [2, 3, 4, 5, 6].map(|power| n.powi(power));
    let radius = a / (1.0 + n) * (1.0 + n2 / 4.0 + n4 / 64.0 + n6 / 256.0);
    let alpha = [
        n / 2.0 - 2.0 / 3.0 * n2 + 5.0 / 16.0 * n3 + 41.0 / 180.0 * n4 - 127.0 / 288.0 * n5 + 7891.0 / 37800.0 * n6,
        13.0 / 48.0 * n2 - 3.0 / 5.0 * n3 + 557.0 / 1440.0 * n4 + 281.0 / 630.0 * n5 - 1_983_433.0 / 1_935_360.0 * n6,
        61.0 / 240.0 * n3 - 103.0 / 140.0 * n4 + 15_061.0 / 26_880.0 * n5 + 167_603.0 / 181_440.0 * n6,
        49_561.0 / 161_280.0 * n4 - 179.0 / 168.0 * n5 + 6_601_661.0 / 7_257_600.0 * n6,
        34_729.0 / 80_640.0 * n5 - 3_418_889.0 / 1_995_840.0 * n6,
        212_378_941.0 / 319_334_400.0 * n6,
    ];
    let lambda = (point.x - grid.meridian_deg).to_radians();
    let tau = point.y.to_radians().tan();
    let sigma = (e * (e * tau / (1.0 + tau * tau).sqrt()).atanh()).sinh();
    let conformal = tau * (1.0 + sigma * sigma).sqrt() - sigma * (1.0 + tau * tau).sqrt();
    let xi = conformal.atan2(lambda.cos());
    let eta = (lambda.sin() / conformal.hypot(lambda.cos())).asinh();
    let (mut north, mut east) = (xi, eta);
    for (k, alpha) in (1..).zip(alpha) {
        let k = 2.0 * f64::from(k);
        north += alpha * (k * xi).sin() * (k * eta).cosh();
        east += alpha * (k * xi).cos() * (k * eta).sinh();
    }
    Coord {
        x: grid.false_easting_m + grid.scale * radius * east,
        y: grid.false_northing_m + grid.scale * radius * north,
    }
}

fn compare(code: u32, ellipsoid: Ellipsoid, point: Coord) -> Result<(), TestCaseError> {
    let Some((_, Plane::TransverseMercator(grid))) = codes::known(code) else { panic!("{code} is a grid") };
    // Without a shift: the oracle knows the projection only.
    let assumption = Assumption::new(Crs::Epsg(code));
    let proj = Transformer::unshifted(&assumption, &Operator::default()).unwrap();
    let (ours, theirs) = (krueger(point, grid, ellipsoid), proj.from_degrees(point).unwrap());
    let off_m = (ours.x - theirs.x).hypot(ours.y - theirs.y);
    prop_assert!(off_m < 1e-7, "{code}: {off_m} m apart at {point:?}");
    let back = proj.to_degrees(ours).unwrap();
    prop_assert!((back.x - point.x).abs() < 1e-12 && (back.y - point.y).abs() < 1e-12, "{code}: {back:?}");
    Ok(())
}

proptest! {
    #[test]
    fn proj_and_the_series_agree_on_every_grid_of_the_district(x in 116.0..117.0, y in 39.5..40.5) {
        let point = Coord { x, y };
        for code in [4547, 4548, 4549, 4526, 4527, 4528, 4509, 4498] {
            compare(code, GRS80, point)?;
        }
        for code in [2436, 2415, 2437] {
            compare(code, KRASOVSKY, point)?;
        }
        for code in [2384, 2363, 2383] {
            compare(code, IAU_1976, point)?;
        }
        compare(32650, (6_378_137.0, 298.257_223_563), point)?;
    }
}
