use super::*;
use crate::geom::check_boundary;
use crate::geom::flaw::FlawKind;
use geo::Validation as _;
use proptest::prelude::*;

fn ring(points: &[(f64, f64)]) -> Vec<Coord> {
    points.iter().map(|(x, y)| Coord { x: 116.4 + x * 1e-5, y: 39.9 + y * 1e-5 }).collect()
}

fn outline(points: &[(f64, f64)]) -> Vec<RawPolygon> {
    vec![RawPolygon { rings: vec![ring(points)] }]
}

fn square(x: f64, y: f64, size: f64) -> Vec<Coord> {
    ring(&[(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)])
}

fn mended(polygons: &[RawPolygon]) -> Repaired {
    repair(polygons, RepairLimits::default())
}

fn kinds(repaired: &Repaired) -> Vec<RepairKind> {
    repaired.steps.iter().map(|step| step.kind).collect()
}

fn raw(boundary: &MultiPolygon) -> Vec<RawPolygon> {
    let rings = |polygon: &Polygon| {
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(|r| r.0.clone()).collect()
    };
    boundary.iter().map(|polygon| RawPolygon { rings: rings(polygon) }).collect()
}

#[test]
fn an_outline_without_flaws_stays_as_it_is() {
    let plain = vec![RawPolygon { rings: vec![square(0., 0., 100.)] }];
    let repaired = mended(&plain);
    assert_eq!((repaired.steps.len(), repaired.changed_m2, repaired.refused), (0, 0.0, None));
    assert_eq!(raw(&repaired.boundary), plain);
}

#[test]
fn rings_are_closed_turned_and_thinned_without_a_change_of_surface() {
    let repaired = mended(&outline(&[(0., 0.), (0., 100.), (0., 100.), (100., 100.), (100., 0.)]));
    let expected = [RepairKind::ClosedRing, RepairKind::RemovedDuplicates, RepairKind::TurnedRing];
    assert_eq!((kinds(&repaired), repaired.changed_m2, repaired.refused), (expected.to_vec(), 0.0, None));
    let corners = ring(&[(0., 0.), (100., 0.), (100., 100.), (0., 100.), (0., 0.)]);
    assert_eq!(repaired.boundary.0[0].exterior().0, corners);
}

#[test]
fn a_spike_on_one_line_goes_and_the_rest_keeps_its_coordinates() {
    let repaired = mended(&outline(&[(0., 0.), (50., 0.), (50., -30.), (50., 0.), (100., 0.), (100., 100.), (0., 0.)]));
    assert_eq!((kinds(&repaired), repaired.refused), (vec![RepairKind::RemovedSpike], None));
    let left = ring(&[(0., 0.), (50., 0.), (100., 0.), (100., 100.), (0., 0.)]);
    assert_eq!(repaired.boundary.0[0].exterior().0, left);
}

#[test]
fn a_ring_that_touches_itself_becomes_two_parts_of_the_same_surface() {
    let touching = [(0., 0.), (100., 0.), (100., 100.), (50., 50.), (0., 100.), (-50., 50.), (50., 50.), (0., 0.)];
    let repaired = mended(&outline(&touching));
    assert_eq!((kinds(&repaired), repaired.refused), (vec![RepairKind::Rebuilt], None));
    assert!(repaired.changed_m2 < 1e-6, "{}", repaired.changed_m2);
    assert_eq!(repaired.boundary.0.len(), 2);
    let known = ring(&touching);
    let mut exteriors = repaired.boundary.iter().flat_map(|polygon| &polygon.exterior().0);
    assert!(exteriors.all(|vertex| known.contains(vertex)), "no coordinate has changed");
}

#[test]
fn a_hole_drawn_as_part_of_the_exterior_becomes_one() {
    let inverted =
        [(0., 0.), (100., 0.), (100., 100.), (0., 100.), (0., 0.), (20., 60.), (60., 60.), (60., 20.), (0., 0.)];
    let repaired = mended(&outline(&inverted));
    assert_eq!(repaired.refused, None);
    assert_eq!((repaired.boundary.0.len(), repaired.boundary.0[0].interiors().len()), (1, 1));
}

#[test]
fn a_tiny_bow_tie_is_repaired_and_a_large_one_refused_with_its_figure() {
    // The last sides cross half a metre before they would have met.
    let tiny = [(0., 0.), (100., 0.), (100., 100.), (0.3, 100.), (0., 99.5), (0.3, 99.5), (0., 100.), (0., 0.)];
    let repaired = mended(&outline(&tiny));
    assert_eq!((kinds(&repaired), repaired.refused), (vec![RepairKind::Rebuilt], None));
    assert!(repaired.changed_m2 > 0.0 && repaired.changed_m2 < 1.0, "{}", repaired.changed_m2);
    let large = mended(&outline(&[(0., 0.), (100., 100.), (100., 0.), (0., 100.), (0., 0.)]));
    let Some(RepairRefusal::ChangesTooMuch { changed_m2 }) = large.refused else { panic!("{:?}", large.refused) };
    // One of the two triangles: a quarter of the square.
    assert!((changed_m2 - 2_371.0).abs() < 10.0, "{changed_m2}");
    assert_eq!(large.boundary.0.len(), 2, "what it would be is shown");
}

#[test]
fn parts_with_a_common_border_become_one_and_overlapping_ones_only_by_less_than_the_limit() {
    let two = |second: Vec<Coord>| {
        mended(&[RawPolygon { rings: vec![square(0., 0., 100.)] }, RawPolygon { rings: vec![second] }])
    };
    let beside = two(square(100., 0., 50.));
    assert_eq!((beside.boundary.0.len(), beside.refused), (1, None));
    let overlapping = two(square(99.99, 0., 50.));
    assert_eq!((overlapping.boundary.0.len(), overlapping.refused), (1, None));
    let refused = two(square(90., 0., 50.));
    assert!(matches!(refused.refused, Some(RepairRefusal::ChangesTooMuch { changed_m2 }) if changed_m2 > 400.0));
}

#[test]
fn what_cannot_be_repaired_is_refused() {
    let nan = outline(&[(0., 0.), (f64::NAN, 0.), (100., 100.)]);
    assert_eq!(mended(&nan).refused, Some(RepairRefusal::NoRepair(FlawKind::NotFinite)));
    assert_eq!(mended(&outline(&[(0., 0.), (10., 0.), (20., 0.)])).refused, Some(RepairRefusal::NothingLeft));
    assert_eq!(mended(&[]).refused, Some(RepairRefusal::NothingLeft));
    let limits = RepairLimits { vertices: 4, ..RepairLimits::default() };
    let square = vec![RawPolygon { rings: vec![square(0., 0., 100.)] }];
    assert_eq!(repair(&square, limits).refused, Some(RepairRefusal::TooManyVertices(5)));
}

#[test]
fn a_tangle_is_refused_before_it_is_cut_in_pieces() {
    let star = |count: u32, reach: f64| {
        let at = |i: u32| {
            let turn = f64::from(i) / f64::from(count) * std::f64::consts::TAU;
            let reach = if i.is_multiple_of(2) { reach } else { 5.0 };
            (reach * turn.cos(), reach * turn.sin())
        };
        (0..count).map(at).collect::<Vec<_>>()
    };
    // Two valid stars with thin rays of which every one crosses those of the other on both its sides.
    let moved: Vec<(f64, f64)> = star(2_000, 400.0).into_iter().map(|(x, y)| (x + 90.0, y)).collect();
    let stars: Vec<RawPolygon> = [outline(&star(2_000, 400.0)), outline(&moved)].concat();
    assert!(matches!(mended(&stars).refused, Some(RepairRefusal::NoRepair(FlawKind::PartsOverlap))));
}

fn any_ring() -> impl Strategy<Value = Vec<Coord>> {
    let whole = prop::collection::vec((0_i32..6, 0_i32..6), 3..9)
        .prop_map(|points| points.into_iter().map(|(x, y)| (f64::from(x), f64::from(y))).collect::<Vec<_>>());
    let odd = prop::collection::vec((0.0..6.0, 0.0..6.0), 3..9);
    prop_oneof![whole, odd]
        .prop_map(|points| ring(&points.iter().map(|(x, y)| (x * 20.0, y * 20.0)).collect::<Vec<_>>()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_repair_is_valid_turned_and_repairs_to_itself(
        polygons in prop::collection::vec(prop::collection::vec(any_ring(), 1..3), 1..3),
    ) {
        let polygons: Vec<RawPolygon> = polygons.into_iter().map(|rings| RawPolygon { rings }).collect();
        let repaired = repair(&polygons, RepairLimits { changed_m2: f64::INFINITY, ..RepairLimits::default() });
        if repaired.refused.is_none() {
            prop_assert_eq!(check_boundary(&repaired.boundary), Ok(()));
            prop_assert!(repaired.boundary.check_validation().is_ok(), "{:?}", repaired.boundary.check_validation());
            let again = repair(&raw(&repaired.boundary), RepairLimits::default());
            prop_assert_eq!(&again.steps, &vec![]);
            prop_assert_eq!(again.boundary, repaired.boundary);
        }
        let strict = repair(&polygons, RepairLimits::default());
        prop_assert!(strict.refused.is_some() || strict.changed_m2 < REPAIR_SURFACE_M2);
    }
}
