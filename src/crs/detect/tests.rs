//! Files made from the demonstration district, each in another system, with noise and without names.

use std::sync::LazyLock;

use geo::{Coord, MapCoords as _, MapCoordsInPlace as _, MultiPolygon, Rect};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::crs::detect::{Detection, Evidence, Outline, Question, Sighting, Verdict, detect};
use crate::crs::{Assumption, Operator, Transformer};
use crate::geom::LocalFrame;

const MIDDLE: Coord = Coord { x: 116.5, y: 39.95 };

/// Parameters of a neighbouring region, which move the district much as its own are said to.
const SHIFTS: &str = "[[datum]]\nname = \"Beijing 1954\"\nhelmert = { x = 12.646, y = -155.176, z = -80.863 }";

/// The demonstration district: name and boundary in degrees.
static AREAS: LazyLock<Vec<(String, MultiPolygon)>> = LazyLock::new(|| {
    let text = include_str!("../../../assets/geojson/areas.geojson");
    let file: geojson::FeatureCollection = text.parse().unwrap();
    let area = |feature: &geojson::Feature| {
        let name = feature.property("name").unwrap().as_str().unwrap().to_owned();
        let boundary = geo::Geometry::<f64>::try_from(feature.geometry.clone().unwrap()).unwrap();
        let boundary = match boundary {
            geo::Geometry::Polygon(polygon) => polygon.into(),
            geo::Geometry::MultiPolygon(several) => several,
            _ => panic!("areas are polygons"),
        };
        (name, boundary)
    };
    file.features.iter().map(area).collect()
});

struct Case {
    operator: Operator,
    seen: Vec<(Outline, Option<String>)>,
    held: Vec<(Outline, Option<String>)>,
    place: Option<Rect>,
}

/// How a file is made.
#[derive(Clone)]
struct Recipe {
    count: usize,
    noise_m: f64,
    shift_m: Coord,
    with_names: bool,
    as_points: bool,
}

const PLAIN: Recipe =
    Recipe { count: 400, noise_m: 3.0, shift_m: Coord { x: 0.0, y: 0.0 }, with_names: false, as_points: false };

impl Case {
    /// A file in `key` for the rows that `odd` does not put into another system. Every third area is not held.
    fn new(key: &str, recipe: &Recipe, odd: impl Fn(usize) -> Option<&'static str>) -> Self {
        let operator = Operator::parse(SHIFTS).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let frame = LocalFrame::new(MIDDLE);
        let transformer = |key: &str| Transformer::with(&key.parse().unwrap(), &operator).unwrap();
        let usual = transformer(key);
        let step = (AREAS.len() / recipe.count).max(1);
        let areas: Vec<_> = AREAS.iter().step_by(step).take(recipe.count).collect();
        let outline = |boundary: &MultiPolygon| {
            let outline = Outline::of(boundary).unwrap();
            if recipe.as_points { Outline::point(outline.centre) } else { outline }
        };
        let name = |name: &String| recipe.with_names.then(|| name.clone());
        let redrawn = |row: usize, boundary: &MultiPolygon, random: &mut ChaCha8Rng| {
            // The generator is asked from a closure that must be `Fn`.
            let random = std::cell::RefCell::new(random);
            let noise =
                || (f64::from(random.borrow_mut().next_u32()) / f64::from(u32::MAX) - 0.5) * 2.0 * recipe.noise_m;
            let moved = boundary.map_coords(|c| {
                let metres = frame.to_metres(c) + recipe.shift_m;
                frame.to_degrees(metres + Coord { x: noise(), y: noise() })
            });
            let special = odd(row).map(transformer);
            moved.map_coords(|c| special.as_ref().unwrap_or(&usual).from_degrees(c).unwrap())
        };
        let seen = areas
            .iter()
            .enumerate()
            .map(|(row, (title, boundary))| (outline(&redrawn(row, boundary, &mut random)), name(title)));
        let seen = seen.collect();
        let held = areas.iter().enumerate().filter(|(row, _)| row % 10 < 7);
        let held = held.map(|(_, (title, boundary))| (outline(boundary), name(title))).collect();
        let place = Some(Rect::new((116.34, 39.80), (116.66, 40.12)));
        Self { operator: Operator::default(), seen, held, place }
    }

    fn all(key: &str, recipe: &Recipe) -> Self {
        Self::new(key, recipe, |_| None)
    }

    fn detect(&self, declared: Option<&str>) -> Detection {
        fn sightings(of: &[(Outline, Option<String>)]) -> Vec<Sighting<'_>> {
            of.iter().map(|(outline, name)| Sighting { outline: *outline, code: None, name: name.as_deref() }).collect()
        }
        let declared: Option<Assumption> = declared.map(|key| key.parse().unwrap());
        detect(&Question {
            declared: declared.as_ref(),
            seen: &sightings(&self.seen),
            held: &sightings(&self.held),
            place: self.place,
            operator: &self.operator,
        })
    }
}

fn of(key: &str) -> Assumption {
    key.parse().unwrap()
}

#[test]
fn a_file_in_what_it_declares_is_confirmed() {
    for key in ["EPSG:4490", "EPSG:4548", "EPSG:4509", "EPSG:4527", "EPSG:4498", "EPSG:3857", "EPSG:32650", "GCJ-02"] {
        let found = Case::all(key, &PLAIN).detect(Some(key));
        assert_eq!(found.verdict, Verdict::Confirmed(of(key)), "{key} {:#?}", found.candidates);
        assert!(found.candidates[0].median_after_m.unwrap() < 5.0 && found.odd_rows.is_empty(), "{found:#?}");
    }
    assert_eq!(Case::all("EPSG:4490", &PLAIN).detect(None).verdict, Verdict::Confirmed(of("EPSG:4490")));
}

#[test]
fn a_file_in_another_system_is_found_out_by_geometry_alone() {
    for (truth, declared) in [
        ("GCJ-02", None),
        ("GCJ-02", Some("EPSG:4490")),
        ("BD-09", Some("EPSG:4490")),
        ("EPSG:4490", Some("GCJ-02")),
        ("EPSG:4490;ne", Some("EPSG:4490")),
        ("GCJ-02;ne", None),
        ("EPSG:4548", None),
        ("EPSG:4548;ne", Some("EPSG:4548")),
        ("EPSG:4527", Some("EPSG:4548")),
        ("EPSG:4527;ne", None),
        ("EPSG:4498", Some("EPSG:4548")),
        ("EPSG:4547", Some("EPSG:4548")),
        ("EPSG:4549", Some("EPSG:4548")),
        ("EPSG:4526", Some("EPSG:4527")),
        ("EPSG:32650", Some("EPSG:4548")),
        ("EPSG:4548", Some("EPSG:32650")),
        ("EPSG:3857", None),
        ("EPSG:3857", Some("EPSG:4490")),
        ("GCJ-02x2", Some("EPSG:4490")),
        ("GCJ-02x2", Some("GCJ-02")),
        ("GCJ-02x-1", Some("EPSG:4490")),
        ("BD-09x-1", Some("EPSG:4490")),
        ("GCJ-02@EPSG:4548", Some("EPSG:4548")),
        ("BD-09@EPSG:3857", Some("EPSG:3857")),
        ("EPSG:4214", Some("EPSG:4490")),
        ("EPSG:2436", Some("EPSG:4548")),
        ("EPSG:2415", Some("EPSG:4527")),
    ] {
        for noise_m in [2.0, 5.0] {
            let found = Case::all(truth, &Recipe { noise_m, ..PLAIN }).detect(declared);
            assert_eq!(found.verdict, Verdict::Suspect(of(truth)), "{truth} as {declared:?}: {:#?}", found.candidates);
            assert!(found.verdict.needs_confirmation());
            let best = &found.candidates[0];
            assert!(best.matched >= 20 && best.residual_m.unwrap() < 5.0, "{truth}: {best:?}");
        }
    }
}

#[test]
fn the_figures_before_and_after_are_those_of_the_shift() {
    let found = Case::all("GCJ-02", &PLAIN).detect(Some("EPSG:4490"));
    let best = &found.candidates[0];
    assert!((500.0..560.0).contains(&best.median_before_m.unwrap()) && best.median_after_m.unwrap() < 3.0, "{best:?}");
    let declared = found.candidates.iter().find(|candidate| candidate.assumption == of("EPSG:4490")).unwrap();
    assert!((500.0..560.0).contains(&declared.shift_m.unwrap()), "{declared:?}");
    assert!((74.0..77.0).contains(&declared.azimuth_deg.unwrap()), "{declared:?}");
}

#[test]
fn beijing_1954_is_named_whether_it_is_declared_or_not() {
    let case = Case::all("EPSG:2436", &PLAIN);
    assert_eq!(case.detect(Some("EPSG:2436")).verdict, Verdict::Confirmed(of("EPSG:2436")));
    assert_eq!(case.detect(None).verdict, Verdict::Suspect(of("EPSG:2436")));
    // Declared wrongly: the coordinates were converted, but the file still says the old name.
    let converted = Case::all("EPSG:4548", &PLAIN);
    assert_eq!(converted.detect(Some("EPSG:2436")).verdict, Verdict::Suspect(of("EPSG:4548")));
    // With the operator's parameters nothing is left over.
    let mut case = Case::all("EPSG:2436", &PLAIN);
    case.operator = Operator::parse(SHIFTS).unwrap();
    let found = case.detect(Some("EPSG:4548"));
    assert_eq!(found.verdict, Verdict::Suspect(of("EPSG:2436")), "{:#?}", found.candidates);
    assert!(found.candidates[0].median_after_m.unwrap() < 3.0);
}

#[test]
fn a_shift_that_no_system_explains_is_reported_with_its_length_and_direction() {
    for (x, y) in [(20.0, -10.0), (30.0, 40.0), (-150.0, 90.0), (400.0, -700.0), (2_500.0, 1_000.0)] {
        let recipe = Recipe { shift_m: Coord { x, y }, ..PLAIN };
        let found = Case::all("EPSG:4548", &recipe).detect(Some("EPSG:4548"));
        assert_eq!(found.verdict, Verdict::Shifted(of("EPSG:4548")), "{x} {y}: {:#?}", found.candidates);
        let best = &found.candidates[0];
        assert!((best.shift_m.unwrap() - x.hypot(y)).abs() < 1.0 + 0.005 * x.hypot(y), "{best:?}");
        assert!((best.azimuth_deg.unwrap() - x.atan2(y).to_degrees().rem_euclid(360.0)).abs() < 3.0, "{best:?}");
    }
}

#[test]
fn gcj_02_with_a_shift_of_its_own_is_still_gcj_02() {
    let recipe = Recipe { shift_m: Coord { x: 18.0, y: -12.0 }, ..PLAIN };
    let found = Case::all("GCJ-02", &recipe).detect(Some("EPSG:4490"));
    assert_eq!(found.verdict, Verdict::Suspect(of("GCJ-02")), "{:#?}", found.candidates);
    assert!((found.candidates[0].shift_m.unwrap() - 21.6).abs() < 1.0);
}

#[test]
fn points_are_matched_by_name() {
    let recipe = Recipe { with_names: true, as_points: true, count: 800, ..PLAIN };
    for truth in ["GCJ-02", "BD-09", "EPSG:4548", "EPSG:4490;ne"] {
        let found = Case::all(truth, &recipe).detect(None);
        assert_eq!(found.verdict, Verdict::Suspect(of(truth)), "{:#?}", found.candidates);
    }
}

#[test]
fn keys_that_pair_rows_wrongly_do_not_mislead() {
    let mut case = Case::all("GCJ-02", &PLAIN);
    for (row, seen) in case.seen.iter_mut().enumerate() {
        seen.1 = Some(row.to_string());
    }
    for (row, held) in case.held.iter_mut().rev().enumerate() {
        held.1 = Some(row.to_string());
    }
    assert_eq!(case.detect(Some("EPSG:4490")).verdict, Verdict::Suspect(of("GCJ-02")));
}

#[test]
fn single_rows_in_another_system_are_listed() {
    let odd = |row: usize| match row {
        30..70 => Some("GCJ-02"),
        200 | 300 => Some("EPSG:4490;ne"),
        _ => None,
    };
    for with_names in [false, true] {
        let recipe = Recipe { with_names, count: 1637, ..PLAIN };
        let case = Case::new("EPSG:4490", &recipe, odd);
        let found = case.detect(Some("EPSG:4490"));
        assert_eq!(found.verdict, Verdict::Confirmed(of("EPSG:4490")));
        let held = |row: &usize| row % 10 < 7;
        let listed: Vec<usize> = found.odd_rows.iter().map(|odd| odd.row).collect();
        for row in (30..70).filter(held).chain([200, 300]) {
            let odd_row = found.odd_rows.iter().find(|odd_row| odd_row.row == row);
            // By shape alone an area may have a double next to it; by name none is missed.
            assert!(odd_row.is_some() || !with_names, "{row} is missing in {listed:?}");
            assert!(odd_row.is_none_or(|odd_row| odd_row.assumption == of(odd(row).unwrap())), "{odd_row:?}");
        }
        let right = listed.iter().filter(|row| odd(**row).is_some()).count();
        assert!(right >= 24, "only {right} of 30 in {listed:?}");
        assert!(listed.len() - right <= 2, "{} rows are listed wrongly: {:?}", listed.len() - right, found.odd_rows);
    }
}

#[test]
fn a_single_row_with_a_key_is_enough() {
    let recipe = Recipe { with_names: true, ..PLAIN };
    let row = (0..).find(|row| row % 10 == 3 && is_unique(*row, &recipe)).unwrap();
    let case = Case::new("EPSG:4548", &recipe, |other| (other == row).then_some("GCJ-02@EPSG:4548"));
    let found = case.detect(Some("EPSG:4548"));
    assert_eq!(found.odd_rows.len(), 1, "{:?}", found.odd_rows);
    let odd = &found.odd_rows[0];
    assert_eq!((odd.row, &odd.assumption, odd.evidence), (row, &of("GCJ-02@EPSG:4548"), Evidence::Key));
}

fn is_unique(row: usize, recipe: &Recipe) -> bool {
    let names: Vec<_> = AREAS.iter().step_by(AREAS.len() / recipe.count).take(recipe.count).collect();
    names.iter().filter(|(name, _)| *name == names[row].0).count() == 1
}

#[test]
fn without_areas_held_the_size_of_the_numbers_decides() {
    for (truth, declared, verdict) in [
        ("EPSG:4490", None, Verdict::Plausible(of("EPSG:4490"))),
        ("GCJ-02", Some("EPSG:4490"), Verdict::Plausible(of("EPSG:4490"))),
        ("EPSG:4548", Some("EPSG:4548"), Verdict::Plausible(of("EPSG:4548"))),
        ("EPSG:4490;ne", Some("EPSG:4490"), Verdict::Suspect(of("EPSG:4490;ne"))),
        ("EPSG:4527", Some("EPSG:4548"), Verdict::Suspect(of("EPSG:4527"))),
        ("EPSG:3857", Some("EPSG:4490"), Verdict::Suspect(of("EPSG:3857"))),
        ("EPSG:4549", Some("EPSG:4548"), Verdict::Suspect(of("EPSG:4549"))),
    ] {
        let mut case = Case::all(truth, &PLAIN);
        case.held.clear();
        let found = case.detect(declared);
        assert_eq!(found.verdict, verdict, "{truth}: {:#?}", found.candidates);
        assert!(found.candidates.iter().all(|candidate| candidate.median_after_m.is_none()));
    }
    let mut case = Case::all("EPSG:4548", &PLAIN);
    case.held.clear();
    let Verdict::Ambiguous(several) = case.detect(None).verdict else { panic!("UTM looks the same") };
    assert!(several.contains(&of("EPSG:4548")) && several.contains(&of("EPSG:32650")), "{several:?}");
}

#[test]
fn without_a_place_degrees_are_told_from_metres() {
    for (truth, declared, verdict) in [
        ("EPSG:4490", None, Verdict::Plausible(of("EPSG:4490"))),
        ("EPSG:4490;ne", None, Verdict::Suspect(of("EPSG:4490;ne"))),
        ("EPSG:4527", None, Verdict::Suspect(of("EPSG:4527"))),
        ("EPSG:4548", Some("EPSG:4548"), Verdict::Plausible(of("EPSG:4548"))),
        ("EPSG:4548", None, Verdict::Impossible),
    ] {
        let mut case = Case::all(truth, &PLAIN);
        case.held.clear();
        case.place = None;
        assert_eq!(case.detect(declared).verdict, verdict, "{truth}");
    }
}

#[test]
fn a_local_system_of_the_operator_is_found() {
    let operator = r#"
        [[local]]
        name = "city"
        definition = "+proj=tmerc +lat_0=40 +lon_0=116.5 +k=1 +x_0=500000 +y_0=300000 +ellps=GRS80 +units=m"
        tolerance_m = 0.01
        check = [
            { local = [495169.727, 291285.369], degrees = [116.4435, 39.9215] },
            { local = [500000.0, 300000.0], degrees = [116.5, 40.0] },
        ]
    "#;
    let operator = Operator::parse(operator).unwrap();
    let mut case = Case::all("EPSG:4490", &PLAIN);
    let local = Transformer::with(&of("LOCAL:city;ne"), &operator).unwrap();
    case.seen = AREAS
        .iter()
        .step_by(4)
        .map(|(_, boundary)| {
            let mut boundary = boundary.clone();
            boundary.map_coords_in_place(|c| local.from_degrees(c).unwrap());
            (Outline::of(&boundary).unwrap(), None)
        })
        .collect();
    assert_eq!(case.detect(Some("EPSG:4548")).verdict, Verdict::Impossible);
    case.operator = operator;
    assert_eq!(case.detect(Some("EPSG:4548")).verdict, Verdict::Suspect(of("LOCAL:city;ne")));
}

#[test]
fn a_file_that_repeats_itself_is_sampled_fairly() {
    let mut case = Case::all("GCJ-02", &Recipe { count: 1637, ..PLAIN });
    // Every third row is something else altogether.
    case.seen.iter_mut().step_by(3).for_each(|seen| seen.0.area *= 5.0);
    assert_eq!(case.detect(None).verdict, Verdict::Suspect(of("GCJ-02")));
}

#[test]
fn rubbish_is_answered() {
    let mut case = Case::all("EPSG:4490", &PLAIN);
    for (row, seen) in case.seen.iter_mut().enumerate() {
        seen.0.centre = [
            Coord { x: f64::NAN, y: 1.0 },
            Coord { x: f64::INFINITY, y: 1.0 },
            Coord { x: 1e300, y: -1e300 },
            Coord { x: 0.0, y: 0.0 },
        ][row % 4];
    }
    assert_eq!(case.detect(Some("EPSG:4548")).verdict, Verdict::Impossible);
    case.seen.clear();
    assert_eq!(case.detect(Some("EPSG:4548")).verdict, Verdict::Impossible);
    assert_eq!(case.detect(None).candidates.len(), 1);
}

#[test]
fn the_same_question_has_the_same_answer() {
    let case = Case::new("EPSG:4490", &PLAIN, |row| (row % 9 == 0).then_some("BD-09"));
    let first = case.detect(None);
    assert_eq!(first, case.detect(None));
}
