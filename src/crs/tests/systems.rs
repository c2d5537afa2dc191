//! Published points, refusals, and what offices declare.

use geo::Coord;
use proptest::prelude::*;

use crate::crs::{Assumption, Crs, CrsError, Datum, Operator, Transformer};
use crate::geom::LocalFrame;

fn at(x: f64, y: f64) -> Coord {
    Coord { x, y }
}

fn transformer(key: &str) -> Transformer {
    Transformer::with(&key.parse().unwrap(), &Operator::default()).unwrap_or_else(|err| panic!("{key}: {err:?}"))
}

fn metres_between(a: Coord, b: Coord) -> f64 {
    let m = LocalFrame::new(a).to_metres(b);
    m.x.hypot(m.y)
}

/// The published points: degrees, then 4548, 3857, GCJ-02, BD-09.
const POINTS: [[(f64, f64); 5]; 3] = [
    [
        (116.4435, 39.9215),
        (452_423.812, 4_420_961.145),
        (12_962_431.13, 4_854_541.42),
        (116.449_695_3, 39.922_867_4),
        (116.456_280_5, 39.928_561_7),
    ],
    [
        (116.4700, 39.9960),
        (454_738.501, 4_429_219.444),
        (12_965_381.09, 4_865_361.03),
        (116.476_127_9, 39.997_311_1),
        (116.482_725_1, 40.003_085_1),
    ],
    [
        (116.5970, 39.9110),
        (465_541.588, 4_419_724.776),
        (12_979_518.67, 4_853_017.46),
        (116.602_785_6, 39.912_038_8),
        (116.609_318_6, 39.917_906_0),
    ],
];

#[test]
fn published_points_come_out_in_every_system_and_back() {
    for [degrees, grid, web, gcj, bd] in POINTS.map(|row| row.map(Coord::from)) {
        for (key, there, tolerance) in [
            ("EPSG:4490", degrees, 1e-12),
            ("EPSG:4548", grid, 1e-3),
            ("EPSG:4509", grid, 1e-3),
            ("EPSG:4527", grid + at(39e6, 0.0), 1e-3),
            ("EPSG:4498", grid + at(20e6, 0.0), 1e-3),
            ("EPSG:4548;ne", at(grid.y, grid.x), 1e-3),
            ("EPSG:3857", web, 0.01),
            ("GCJ-02", gcj, 1e-7),
            ("BD-09", bd, 1e-7),
        ] {
            let transformer = transformer(key);
            let found = transformer.from_degrees(degrees).unwrap();
            assert!((found.x - there.x).abs() < tolerance && (found.y - there.y).abs() < tolerance, "{key} {found:?}");
            assert!(metres_between(transformer.to_degrees(there).unwrap(), degrees) < 0.01, "{key}");
        }
    }
    let utm = transformer("EPSG:32650").from_degrees(at(116.4435, 39.9215)).unwrap();
    assert!((utm.x - 452_442.84).abs() < 0.01 && (utm.y - 4_419_192.76).abs() < 0.01, "{utm:?}");
}

#[test]
fn codes_outside_the_table_are_looked_up_with_east_first() {
    // Tokyo zone IX, whose registry axes are north, east; and the grid of Great Britain.
    let japan = transformer("EPSG:6677").from_degrees(at(139.8333, 36.0)).unwrap();
    assert!(japan.x.abs() < 10.0 && japan.y.abs() < 10.0, "{japan:?}");
    let britain = transformer("EPSG:27700").to_degrees(at(530_000.0, 180_000.0)).unwrap();
    assert!((britain.x + 0.13).abs() < 0.02 && (britain.y - 51.50).abs() < 0.02, "{britain:?}");
    assert!(matches!(Transformer::new(&Crs::Epsg(999_999)), Err(CrsError::Definition { .. })));
}

#[test]
fn beijing_1954_and_xian_1980_are_refused_by_name() {
    for (codes, datum) in [
        (&[4214, 2436, 2415, 2437, 2414, 2435, 21420, 21460][..], Datum::Beijing1954),
        (&[4610, 2384, 2363, 2383, 2364, 2334, 2345][..], Datum::Xian1980),
    ] {
        for code in codes {
            match Transformer::new(&Crs::Epsg(*code)) {
                Err(CrsError::NeedsParameters { crs, datum: found }) => {
                    assert_eq!((crs, found), (format!("EPSG:{code}"), datum));
                }
                other => panic!("{code}: {other:?}"),
            }
        }
    }
    // New Beijing, and Beijing 1954 in a family that the table does not have.
    for code in [4555, 4586, 21480, 4782] {
        let refused = matches!(
            Transformer::new(&Crs::Epsg(code)),
            Err(CrsError::NeedsParameters { .. } | CrsError::Definition { .. })
        );
        assert!(refused, "{code}");
    }
    for text in ["+proj=tmerc +lon_0=117 +x_0=500000 +ellps=krass", "+proj=longlat +a=6378140 +rf=298.257"] {
        assert!(
            matches!(Transformer::new(&Crs::parse(text).unwrap()), Err(CrsError::NeedsParameters { .. })),
            "{text}"
        );
    }
}

/// A shift that moves the district as the true one is said to; the numbers are those of another region.
const SHIFTS: &str = r#"
    [[datum]]
    name = "Beijing 1954"
    helmert = { x = 15.8, y = -154.4, z = -82.3 }

    [[datum]]
    name = "西安80"
    helmert = { x = 10.0, y = -20.0, z = 30.0, rx = 1.0, ry = -2.0, rz = 3.0, s = -4.0, rotation = "coordinate_frame" }
"#;

#[test]
fn the_operators_parameters_open_the_old_datums() {
    let operator = Operator::parse(SHIFTS).unwrap();
    let point = at(116.4433, 39.9219);
    for key in ["EPSG:4214", "EPSG:2436", "EPSG:2415", "EPSG:4610", "EPSG:2384"] {
        let assumption: Assumption = key.parse().unwrap();
        let transformer = Transformer::with(&assumption, &operator).unwrap();
        let plain = Transformer::unshifted(&assumption, &Operator::default()).unwrap();
        let there = transformer.from_degrees(point).unwrap();
        let moved = metres_between(plain.to_degrees(there).unwrap(), point);
        assert!((20.0..200.0).contains(&moved), "{key}: {moved}");
        let back = transformer.to_degrees(there).unwrap();
        // Heights are dropped on the way, which costs half a millimetre.
        assert!(metres_between(back, point) < 1e-3, "{key}: {}", metres_between(back, point));
    }
    let moved = metres_between(
        Transformer::with(&"EPSG:4214".parse().unwrap(), &operator).unwrap().from_degrees(point).unwrap(),
        point,
    );
    assert!((60.0..70.0).contains(&moved), "{moved}");
}

#[test]
fn the_two_rotation_conventions_differ() {
    let point = at(116.4433, 39.9219);
    let found = ["coordinate_frame", "position_vector"].map(|convention| {
        let operator = Operator::parse(&SHIFTS.replace("coordinate_frame", convention)).unwrap();
        Transformer::with(&"EPSG:4610".parse().unwrap(), &operator).unwrap().from_degrees(point).unwrap()
    });
    assert!(metres_between(found[0], found[1]) > 10.0);
    assert!(Operator::parse(&SHIFTS.replace(", rotation = \"coordinate_frame\"", "")).is_err());
}

#[test]
fn well_known_text_of_offices_becomes_a_code() {
    let esri = |name: &str, datum: &str, grid: &str| format!("PROJCS[\"{name}\",GEOGCS[\"{datum}\"{grid}");
    let gk = |easting: &str, meridian: &str| {
        format!(
            "],PROJECTION[\"Gauss_Kruger\"],PARAMETER[\"False_Easting\",{easting}],PARAMETER[\"False_Northing\",0.0],\
             PARAMETER[\"Central_Meridian\",{meridian}],PARAMETER[\"Scale_Factor\",1.0],\
             PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]"
        )
    };
    let cgcs = ",DATUM[\"D_China_2000\",SPHEROID[\"CGCS2000\",6378137.0,298.257222101]],PRIMEM[\"Greenwich\",0.0],\
                UNIT[\"Degree\",0.0174532925199433]";
    let xian = ",DATUM[\"D_Xian_1980\",SPHEROID[\"Xian_1980\",6378140.0,298.257]],UNIT[\"Degree\",0.0174532925199433]";
    let beijing =
        ",DATUM[\"D_Beijing_1954\",SPHEROID[\"Krasovsky_1940\",6378245.0,298.3]],UNIT[\"Degree\",0.0174532925199433]";
    let wgs =
        ",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],UNIT[\"Degree\",0.0174532925199433]";
    let china = "GCS_China_Geodetic_Coordinate_System_2000";
    for (text, crs) in [
        (esri("CGCS2000_3_Degree_GK_CM_117E", china, &(cgcs.to_owned() + &gk("500000.0", "117.0"))), Crs::Epsg(4548)),
        (esri("a name of their own", china, &(cgcs.to_owned() + &gk("500000.0", "117.0"))), Crs::Epsg(4548)),
        (esri("CGCS2000_3_Degree_GK_Zone_39", china, &(cgcs.to_owned() + &gk("39500000.0", "117.0"))), Crs::Epsg(4527)),
        (esri("CGCS2000_GK_Zone_20", china, &(cgcs.to_owned() + &gk("20500000.0", "117.0"))), Crs::Epsg(4498)),
        (
            esri("Xian_1980_3_Degree_GK_CM_117E", "GCS_Xian_1980", &(xian.to_owned() + &gk("500000.0", "117.0"))),
            Crs::Epsg(2384),
        ),
        (
            esri(
                "Beijing_1954_3_Degree_GK_Zone_39",
                "GCS_Beijing_1954",
                &(beijing.to_owned() + &gk("39500000.0", "117.0")),
            ),
            Crs::Epsg(2415),
        ),
        (format!("GEOGCS[\"{china}\"{cgcs}]"), Crs::Degrees),
        (format!("GEOGCS[\"GCS_WGS_1984\"{wgs}]"), Crs::Degrees),
        (format!("GEOGCS[\"GCS_Beijing_1954\"{beijing}]"), Crs::Epsg(4214)),
        (
            esri(
                "WGS_1984_UTM_Zone_50N",
                "GCS_WGS_1984",
                &(wgs.to_owned()
                    + "],PROJECTION[\"Transverse_Mercator\"],\
                PARAMETER[\"False_Easting\",500000.0],PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",117.0],\
                PARAMETER[\"Scale_Factor\",0.9996],PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]"),
            ),
            Crs::Epsg(32650),
        ),
        (
            esri(
                "WGS_1984_Web_Mercator_Auxiliary_Sphere",
                "GCS_WGS_1984",
                &(wgs.to_owned()
                    + "],\
                PROJECTION[\"Mercator_Auxiliary_Sphere\"],PARAMETER[\"False_Easting\",0.0],PARAMETER[\"False_Northing\",0.0],\
                PARAMETER[\"Central_Meridian\",0.0],UNIT[\"Meter\",1.0]]"),
            ),
            Crs::Epsg(3857),
        ),
    ] {
        assert_eq!(Crs::parse(&text).unwrap(), crs, "{text}");
    }
    let odd = esri("district", china, &(cgcs.to_owned() + &gk("500000.0", "116.5")));
    let there = Transformer::new(&Crs::parse(&odd).unwrap()).unwrap().from_degrees(at(116.5, 39.9215)).unwrap();
    assert!((there.x - 500_000.0).abs() < 1e-6 && (there.y - 4_420_000.0).abs() < 3_000.0, "{there:?}");
}

#[test]
fn texts_of_the_registry_read_back_as_their_codes() {
    for code in [4548, 4527, 4498, 4490, 4326, 3857, 32650, 2436, 2384, 4610, 4214] {
        let object = proj::Proj::new(&format!("EPSG:{code}")).unwrap();
        let text = object.as_wkt(None, None).unwrap();
        assert_eq!(Crs::parse(&text).unwrap(), Crs::from_code(code), "{text}");
    }
    let gdal = "PROJCS[\"CGCS2000 / 3-degree Gauss-Kruger CM 117E\",GEOGCS[\"China Geodetic Coordinate System 2000\",\
        DATUM[\"China_2000\",SPHEROID[\"CGCS2000\",6378137,298.257222101,AUTHORITY[\"EPSG\",\"1024\"]],\
        AUTHORITY[\"EPSG\",\"1043\"]],PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]],\
        PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"latitude_of_origin\",0],PARAMETER[\"central_meridian\",117],\
        PARAMETER[\"scale_factor\",1],PARAMETER[\"false_easting\",500000],PARAMETER[\"false_northing\",0],\
        UNIT[\"metre\",1,AUTHORITY[\"EPSG\",\"9001\"]],AXIS[\"X\",NORTH],AXIS[\"Y\",EAST],AUTHORITY[\"EPSG\",\"4548\"]]";
    assert_eq!(Crs::parse(gdal).unwrap(), Crs::Epsg(4548));
    for code in [27700, 6677, 2056] {
        let object = proj::Proj::new(&format!("EPSG:{code}")).unwrap();
        let text = object.as_wkt(None, None).unwrap();
        let by_text = Transformer::new(&Crs::parse(&text).unwrap());
        assert!(matches!(by_text, Ok(_) | Err(CrsError::NeedsParameters { .. })), "{code}: {by_text:?}");
    }
}

#[test]
fn proj_strings_convert_and_bring_their_own_shift() {
    let grid = "+proj=tmerc +lat_0=0 +lon_0=117 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs";
    let there = transformer(grid).from_degrees(at(116.4435, 39.9215)).unwrap();
    assert!((there.x - 452_423.812).abs() < 1e-3 && (there.y - 4_420_961.145).abs() < 1e-3);
    let shifted = transformer("+proj=longlat +ellps=krass +towgs84=15.8,-154.4,-82.3,0,0,0,0 +no_defs");
    let moved = metres_between(shifted.from_degrees(at(116.4433, 39.9219)).unwrap(), at(116.4433, 39.9219));
    assert!((60.0..70.0).contains(&moved), "{moved}");
    assert!(Transformer::new(&Crs::Definition("+proj=nonsense +lon_0=117".to_owned())).is_err());
}

#[test]
fn the_first_bad_point_of_a_batch_is_named_and_nothing_is_changed() {
    let grid = transformer("EPSG:4548");
    for (bad, index) in [(at(f64::NAN, 0.0), 1), (at(39_452_423.0, 4_420_961.0), 1), (at(f64::INFINITY, 1.0), 1)] {
        let mut points = [at(452_423.812, 4_420_961.145), bad, at(f64::NAN, f64::NAN)];
        let before = points.map(|point| [point.x.to_bits(), point.y.to_bits()]);
        match grid.all_to_degrees(&mut points) {
            Err(CrsError::OutOfBounds { index: found, .. }) => assert_eq!(found, index),
            other => panic!("{other:?}"),
        }
        assert_eq!(points.map(|point| [point.x.to_bits(), point.y.to_bits()]), before);
    }
    let mut points = [at(452_423.812, 4_420_961.145); 3];
    grid.all_to_degrees(&mut points).unwrap();
    grid.all_from_degrees(&mut points).unwrap();
    assert!(points.iter().all(|point| (point.x - 452_423.812).abs() < 1e-6));
    grid.all_to_degrees(&mut []).unwrap();
}

#[test]
fn a_transformer_may_cross_threads() {
    fn assert_shared<T: Send + Sync>(_: &T) {}
    let grid = transformer("EPSG:4548");
    assert_shared(&grid);
    std::thread::scope(|scope| {
        let there = scope.spawn(|| grid.from_degrees(at(116.4435, 39.9215)).unwrap()).join().unwrap();
        assert!((there.x - 452_423.812).abs() < 1e-3);
    });
}

proptest! {
    #[test]
    fn there_and_back_is_less_than_a_micrometre(x in 116.34..116.66, y in 39.80..40.12) {
        let point = at(x, y);
        for key in ["EPSG:4548", "EPSG:4527", "EPSG:3857", "EPSG:32650", "GCJ-02x2", "GCJ-02x-1", "BD-09x-1", "GCJ-02@EPSG:4548"] {
            let transformer = transformer(key);
            let back = transformer.to_degrees(transformer.from_degrees(point).unwrap()).unwrap();
            prop_assert!(metres_between(back, point) < 1e-6, "{key}");
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = Crs::parse(&text);
        let _ = text.parse::<Assumption>();
        let _ = Operator::parse(&text);
    }

    #[test]
    fn no_bracketed_text_makes_the_reader_panic(text in "(PROJCS|GEOGCS|BOUNDCRS)[\\[\\](),\"A-Z0-9.]{0,200}") {
        let _ = Crs::parse(&text);
    }
}

#[test]
fn deep_or_long_texts_are_refused() {
    assert!(Crs::parse(&"PROJCS[".repeat(100_000)).is_err());
    assert!(Crs::parse(&format!("PROJCS[\"{}\"]", "x".repeat(1_000_000))).is_err());
    assert!(Crs::parse(&format!("+proj=tmerc {}", "+x".repeat(1_000_000))).is_err());
}
