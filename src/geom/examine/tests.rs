use super::*;
use geo::{LineString, Polygon, Validation as _};
use proptest::prelude::*;

/// Metres to degrees, near enough: a ring around a place in the district.
fn ring(points: &[(f64, f64)]) -> Vec<Coord> {
    points.iter().map(|(x, y)| Coord { x: 116.4 + x * 1e-5, y: 39.9 + y * 1e-5 }).collect()
}

fn square(x: f64, y: f64, size: f64) -> Vec<Coord> {
    ring(&[(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)])
}

fn hole(x: f64, y: f64, size: f64) -> Vec<Coord> {
    let mut hole = square(x, y, size);
    hole.reverse();
    hole
}

fn polygon(rings: Vec<Vec<Coord>>) -> RawPolygon {
    RawPolygon { rings }
}

fn kinds(polygons: &[RawPolygon]) -> Vec<FlawKind> {
    examine(polygons).iter().map(|flaw| flaw.kind).collect()
}

fn kinds_of_ring(points: &[(f64, f64)]) -> Vec<FlawKind> {
    kinds(&[polygon(vec![ring(points)])])
}

#[test]
fn a_plain_outline_has_no_flaw() {
    let outline = [
        polygon(vec![square(0., 0., 10.), hole(2., 2., 2.), hole(6., 6., 2.)]),
        polygon(vec![square(20., 0., 5.)]),
        polygon(vec![square(2.5, 2.5, 1.)]),
    ];
    assert_eq!(examine(&outline), []);
}

#[test]
fn coordinates_that_are_none_are_told_and_nothing_else() {
    let mut bad = square(0., 0., 10.);
    bad[2].x = f64::NAN;
    assert_eq!(kinds(&[polygon(vec![bad])]), [FlawKind::NotFinite]);
    let metres = [(452_423.0, 4_420_961.0), (452_500.0, 4_420_961.0), (452_500.0, 4_421_000.0)];
    let flaws = examine(&[polygon(vec![metres.iter().map(|c| Coord::from(*c)).collect()])]);
    assert_eq!((flaws.len(), flaws[0].kind, flaws[0].measure), (1, FlawKind::OffEarth, 3.0));
}

#[test]
fn rings_without_surface_are_told_apart() {
    assert_eq!(kinds(&[polygon(vec![])]), [FlawKind::TooFewVertices]);
    assert_eq!(kinds_of_ring(&[(0., 0.), (5., 0.), (0., 0.)]), [FlawKind::TooFewVertices]);
    assert_eq!(kinds_of_ring(&[(0., 0.), (5., 0.), (9., 0.), (0., 0.)]), [FlawKind::ZeroSurface]);
}

#[test]
fn an_open_ring_is_told_with_its_gap_and_is_valid_all_the_same() {
    let flaws = examine(&[polygon(vec![ring(&[(0., 0.), (10., 0.), (10., 10.), (0., 10.)])])]);
    assert_eq!((flaws.len(), flaws[0].kind, flaws[0].is_invalid()), (1, FlawKind::Unclosed, false));
    assert!((flaws[0].measure - 11.1).abs() < 0.1, "{}", flaws[0].measure);
}

#[test]
fn repeated_vertices_and_winding_do_not_make_it_invalid() {
    let mut outline = hole(0., 0., 10.);
    outline.insert(2, outline[1]);
    let flaws = examine(&[polygon(vec![outline])]);
    assert_eq!(flaws.iter().map(|f| f.kind).collect::<Vec<_>>(), [FlawKind::WrongWinding, FlawKind::DuplicateVertices]);
    assert!(flaws.iter().all(|flaw| !flaw.is_invalid()));
    assert_eq!(flaws[1].vertex, 2);
}

#[test]
fn a_needle_is_a_spike_and_a_sharp_plot_is_none() {
    let needle = [(0., 0.), (10., 0.), (10., 4.95), (30., 5.), (10., 5.05), (10., 10.), (0., 10.), (0., 0.)];
    assert_eq!(kinds_of_ring(&needle), [FlawKind::Spike]);
    let plot = [(0., 0.), (10., 0.), (10., 4.), (30., 5.), (10., 6.), (10., 10.), (0., 10.), (0., 0.)];
    assert_eq!(kinds_of_ring(&plot), []);
    let folded = [(0., 0.), (10., 0.), (10., 5.), (30., 5.), (10., 5.), (10., 10.), (0., 10.), (0., 0.)];
    let flaws = examine(&[polygon(vec![ring(&folded)])]);
    assert_eq!((flaws.len(), flaws[0].kind, flaws[0].vertex), (1, FlawKind::FoldedSpike, 3));
    assert!((flaws[0].measure - 17.1).abs() < 0.1, "{}", flaws[0].measure);
}

#[test]
fn a_bow_tie_crosses_itself_in_its_middle() {
    let flaws = examine(&[polygon(vec![ring(&[(0., 0.), (10., 10.), (10., 0.), (0., 10.), (0., 0.)])])]);
    assert_eq!((flaws.len(), flaws[0].kind), (1, FlawKind::SelfIntersection));
    assert!((flaws[0].at.x - 116.400_05).abs() < 1e-9 && (flaws[0].at.y - 39.900_05).abs() < 1e-9);
}

#[test]
fn touching_oneself_is_told_from_crossing_oneself_in_a_vertex() {
    let touching = [(0., 0.), (10., 0.), (10., 10.), (5., 5.), (0., 10.), (5., 5.), (0., 0.)];
    assert_eq!(
        kinds_of_ring(
            &touching[..4].iter().chain(&[(0., 10.), (-5., 5.), (5., 5.), (0., 0.)]).copied().collect::<Vec<_>>()
        ),
        [FlawKind::SelfTouch]
    );
    let crossing = [(0., 0.), (5., 5.), (10., 10.), (10., 0.), (5., 5.), (0., 10.), (0., 0.)];
    assert_eq!(kinds_of_ring(&crossing), [FlawKind::SelfIntersection]);
    let vertex_on_side = [(0., 0.), (10., 0.), (10., 10.), (5., 0.), (0., 10.), (0., 0.)];
    assert_eq!(kinds_of_ring(&vertex_on_side), [FlawKind::SelfTouch]);
    let along = [(0., 0.), (10., 0.), (10., 10.), (8., 0.), (2., 0.), (0., 10.), (0., 0.)];
    assert_eq!(kinds_of_ring(&along), [FlawKind::CollinearOverlap]);
}

#[test]
fn holes_have_to_be_inside_and_apart() {
    let with = |holes: Vec<Vec<Coord>>| kinds(&[polygon([vec![square(0., 0., 10.)], holes].concat())]);
    assert_eq!(with(vec![hole(20., 0., 2.)]), [FlawKind::HoleOutside]);
    assert_eq!(with(vec![hole(9., 4., 2.)]), [FlawKind::HoleOutside]);
    assert_eq!(with(vec![hole(2., 2., 2.), hole(3., 3., 2.)]), [FlawKind::HolesCross]);
    assert_eq!(with(vec![hole(2., 2., 6.), hole(3., 3., 2.)]), [FlawKind::HoleInHole]);
    assert_eq!(with(vec![hole(2., 2., 2.), hole(4., 2., 2.)]), [FlawKind::CollinearOverlap]);
    assert_eq!(with(vec![hole(2., 2., 2.), hole(2., 2., 2.)]), [FlawKind::RepeatedRing]);
    assert_eq!(with(vec![hole(2., 2., 2.), hole(4., 4., 2.)]), []);
    let touching_once = ring(&[(0., 5.), (2., 6.), (2., 4.), (0., 5.)]);
    assert_eq!(with(vec![touching_once]), []);
    let touching_from_outside = ring(&[(0., 5.), (-2., 4.), (-2., 6.), (0., 5.)]);
    assert_eq!(with(vec![touching_from_outside]), [FlawKind::HoleOutside]);
    let across = ring(&[(0., 5.), (5., 6.), (10., 5.), (5., 4.), (0., 5.)]);
    assert_eq!(with(vec![across]), [FlawKind::SplitInterior]);
}

#[test]
fn parts_have_to_be_apart_but_may_lie_in_holes() {
    let two = |a: Vec<Vec<Coord>>, b: Vec<Vec<Coord>>| {
        let found = kinds(&[polygon(a.clone()), polygon(b.clone())]);
        assert_eq!(found, kinds(&[polygon(b), polygon(a)]), "the order of parts makes no difference");
        found
    };
    let plain = || vec![square(0., 0., 10.)];
    assert_eq!(two(plain(), vec![square(5., 5., 10.)]), [FlawKind::PartsOverlap]);
    assert_eq!(two(plain(), vec![square(2., 2., 2.)]), [FlawKind::PartsOverlap]);
    assert_eq!(two(plain(), vec![square(10., 0., 5.)]), [FlawKind::CollinearOverlap]);
    assert_eq!(two(plain(), vec![square(10., 10., 5.)]), []);
    assert_eq!(two(plain(), plain()), [FlawKind::RepeatedRing]);
    let with_hole = || vec![square(0., 0., 10.), hole(2., 2., 6.)];
    assert_eq!(two(with_hole(), vec![square(3., 3., 2.)]), []);
    assert_eq!(two(with_hole(), vec![square(3., 3., 6.)]), [FlawKind::PartsOverlap]);
    let diamond = ring(&[(5., 2.), (8., 5.), (5., 8.), (2., 5.), (5., 2.)]);
    assert_eq!(two(with_hole(), vec![diamond]), []);
}

#[test]
fn a_hundred_thousand_vertices_are_looked_at_and_more_are_not() {
    let wavy = |count: usize| {
        let points = (0..count).map(|i| {
            let turn = i as f64 / count as f64 * std::f64::consts::TAU;
            let radius = 1000.0 + 50.0 * (turn * 800.0).sin();
            (radius * turn.cos(), radius * turn.sin())
        });
        let mut ring = ring(&points.collect::<Vec<_>>());
        ring.push(ring[0]);
        polygon(vec![ring])
    };
    assert_eq!(examine(&[wavy(VERTEX_LIMIT - 1)]), []);
    assert_eq!(kinds(&[wavy(VERTEX_LIMIT + 1)]), [FlawKind::TooManyVertices]);
}

#[test]
fn a_tangle_is_refused_in_bounded_time() {
    // A star whose every side crosses nearly every other, and a hatching whose sides all lie in one box.
    let star = (0..9_999).map(|i| {
        let turn = f64::from(i) * std::f64::consts::TAU * 4_999.0 / 9_999.0;
        (1000.0 * turn.cos(), 1000.0 * turn.sin())
    });
    let mut star = ring(&star.collect::<Vec<_>>());
    star.push(star[0]);
    let found = kinds(&[polygon(vec![star])]);
    assert_eq!(found, vec![FlawKind::SelfIntersection; FLAWS_PER_KIND]);
    let teeth = (0..40_000).map(|i| (f64::from(i / 2) + f64::from(i % 2) * 50_000.0, f64::from(i % 2) * 50_000.0));
    let hatching: Vec<_> =
        teeth.chain([(90_000.0, -9.0), (0.0, -9.0), (0.0, 0.0)]).map(|(x, y)| (x * 1e-2, y * 1e-2)).collect();
    let found = kinds_of_ring(&hatching);
    assert!(found.iter().all(|kind| *kind == FlawKind::Unchecked || *kind == FlawKind::Spike), "{:?}", &found[..3]);
    assert!(found.contains(&FlawKind::Unchecked));
}

#[test]
fn many_parts_and_holes_are_no_tangle() {
    let side = 30;
    let places =
        (0..side * side).map(|n| (f64::from(n % side) * 10.0, f64::from(n * 37 % side) + f64::from(n / side) * 100.0));
    let parts: Vec<RawPolygon> = places
        .clone()
        .map(|(x, y)| polygon(vec![square(x, y, 9.0), hole(x + 1.0, y + 1.0, 2.0), hole(x + 5.0, y + 5.0, 2.0)]))
        .collect();
    assert_eq!(examine(&parts), []);
    let holes = places.map(|(x, y)| hole(x, y, 9.0));
    let sieve = polygon(std::iter::once(square(-100., -100., 50_000.)).chain(holes).collect());
    assert_eq!(examine(&[sieve]), []);
}

fn small_ring() -> impl Strategy<Value = Vec<Coord>> {
    prop::collection::vec((0_i32..9, 0_i32..9), 3..9)
        .prop_map(|points| points.into_iter().map(|(x, y)| Coord { x: f64::from(x), y: f64::from(y) }).collect())
}

fn small_polygon() -> impl Strategy<Value = RawPolygon> {
    prop::collection::vec(small_ring(), 1..4).prop_map(polygon)
}

/// Triangles and quadrangles in order around a place, more often valid than others.
fn tidy_ring() -> impl Strategy<Value = Vec<Coord>> {
    (0_i32..9, 0_i32..9, 1_i32..5, 1_i32..5, prop::bool::ANY).prop_map(|(x, y, w, h, slanted)| {
        let at = |x: i32, y: i32| Coord { x: f64::from(x), y: f64::from(y) };
        let shift = i32::from(slanted);
        vec![at(x, y), at(x + w, y + shift), at(x + w, y + h + shift), at(x, y + h), at(x, y)]
    })
}

fn tidy_polygon() -> impl Strategy<Value = RawPolygon> {
    let exterior = Just(vec![(0., 0.), (14., 0.), (14., 14.), (7., 10.), (0., 14.), (0., 0.)]);
    let exterior = exterior.prop_map(|points| points.into_iter().map(Coord::from).collect::<Vec<_>>());
    prop_oneof![
        tidy_ring().prop_map(|ring| polygon(vec![ring])),
        (exterior, prop::collection::vec(tidy_ring(), 0..3))
            .prop_map(|(exterior, holes)| polygon(std::iter::once(exterior).chain(holes).collect())),
    ]
}

fn built(polygons: &[RawPolygon]) -> MultiPolygon {
    let line = |ring: &Vec<Coord>| LineString::new(ring.clone());
    polygons
        .iter()
        .map(|polygon| Polygon::new(line(&polygon.rings[0]), polygon.rings[1..].iter().map(line).collect()))
        .collect()
}

/// What `geo` does not tell: triangles in one line, and holes that cut the inside.
fn geo_would_not_tell(kind: FlawKind) -> bool {
    matches!(kind, FlawKind::ZeroSurface | FlawKind::SplitInterior)
}

fn check_agreement(polygons: &[RawPolygon]) -> Result<(), TestCaseError> {
    let flaws = examine(polygons);
    let invalid = flaws.iter().any(|flaw| flaw.is_invalid());
    let told = flaws.iter().any(|flaw| flaw.is_invalid() && !geo_would_not_tell(flaw.kind));
    let boundary = built(polygons);
    let by_geo = boundary.check_validation();
    prop_assert!(by_geo.is_err() == told || (by_geo.is_err() && invalid), "{flaws:?} but {by_geo:?}");
    let of_boundary = examine_boundary(&boundary).iter().any(|flaw| flaw.is_invalid());
    prop_assert_eq!(of_boundary, invalid);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn random_rings_are_valid_where_geo_says_so(ring in small_ring()) {
        check_agreement(&[polygon(vec![ring])])?;
    }

    #[test]
    fn random_polygons_are_valid_where_geo_says_so(polygons in prop::collection::vec(small_polygon(), 1..3)) {
        check_agreement(&polygons)?;
    }

    #[test]
    fn tidy_polygons_are_valid_where_geo_says_so(polygons in prop::collection::vec(tidy_polygon(), 1..4)) {
        check_agreement(&polygons)?;
    }

    #[test]
    fn the_first_vertex_and_the_direction_make_no_difference(ring in small_ring(), turn in 0_usize..8) {
        let turned = |mut ring: Vec<Coord>| { let by = turn % ring.len(); ring.rotate_left(by); ring.reverse(); ring };
        let invalid = |ring: Vec<Coord>| examine(&[polygon(vec![ring])]).iter().any(|flaw| flaw.is_invalid());
        prop_assert_eq!(invalid(ring.clone()), invalid(turned(ring)));
    }

    #[test]
    fn no_coordinates_make_it_panic(points in prop::collection::vec((any::<f64>(), any::<f64>()), 0..40)) {
        let ring: Vec<Coord> = points.iter().map(|p| Coord::from(*p)).collect();
        examine(&[polygon(vec![ring])]);
        let ring: Vec<Coord> = points.iter().map(|(x, y)| Coord { x: x % 180.0, y: y % 90.0 }).collect();
        examine(&[polygon(vec![ring.clone()]), polygon(vec![ring])]);
    }
}
