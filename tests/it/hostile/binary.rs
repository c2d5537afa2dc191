//! Shapefiles, GeoPackages and FlatGeobufs with numbers that lie.

use onemap::formats::FileFormat;
use rusqlite::Connection;

use crate::hostile::valid::{shapefile, valid};
use crate::hostile::{Answer, Case, Expected, Refusal, Rows};

/// A Shapefile after `change` was made to the part of that ending; without the part when there is nothing left of it.
fn changed(what: &str, ending: &str, change: impl Fn(&mut Vec<u8>), expected: Expected) -> Case {
    let mut parts = shapefile();
    for (_, bytes) in parts.iter_mut().filter(|(of, _)| of == ending) {
        change(bytes);
    }
    let main = parts.iter().position(|(ending, _)| ending == "shp").unwrap();
    let (_, bytes) = parts.remove(main);
    let rest = parts.into_iter().filter(|(_, bytes)| !bytes.is_empty());
    rest.fold(Case::new(what, "a.shp", bytes, expected), |case, (ending, bytes)| {
        case.beside(&format!("a.{ending}"), bytes)
    })
}

fn put(bytes: &mut [u8], at: usize, new: &[u8]) {
    bytes[at..at + new.len()].copy_from_slice(new);
}

fn shapefiles() -> Vec<Case> {
    let huge = i32::MAX.to_le_bytes();
    // The first record's content begins at 108: kind, box, number of parts at 44, of points at 48, parts from 52.
    vec![
        changed("a shapefile with two thousand million parts", "shp", |b| put(b, 108 + 36, &huge), Answer),
        changed("a shapefile with two thousand million points", "shp", |b| put(b, 108 + 40, &huge), Answer),
        changed("a shapefile with points below zero", "shp", |b| put(b, 108 + 40, &(-1i32).to_le_bytes()), Answer),
        changed("a part that begins beyond the end", "shp", |b| put(b, 108 + 44, &huge), Answer),
        changed("a record longer than the file", "shp", |b| put(b, 104, &i32::MAX.to_be_bytes()), Answer),
        changed("a record without a length", "shp", |b| put(b, 104, &[0; 4]), Answer),
        changed("a shapefile of an unknown kind", "shp", |b| put(b, 32, &99i32.to_le_bytes()), Answer),
        changed("a shapefile that says it is long", "shp", |b| put(b, 24, &i32::MAX.to_be_bytes()), Answer),
        changed("coordinates that are no numbers", "shp", |b| put(b, 108 + 48, &f64::NAN.to_le_bytes()), Answer),
        changed("a shapefile without its table", "dbf", Vec::clear, Answer),
        changed("a shapefile without its reference system", "prj", Vec::clear, Rows(3)),
        changed("a shapefile without its index", "shx", Vec::clear, Rows(3)),
        changed("an index of other bytes", "shx", |b| b[100..].fill(0xff), Answer),
        changed("a table with four thousand million rows", "dbf", |b| put(b, 4, &[0xff; 4]), Answer),
        changed("a table with fewer rows", "dbf", |b| put(b, 4, &1u32.to_le_bytes()), Answer),
        changed("a table whose head has no end", "dbf", |b| put(b, 8, &[0xff; 2]), Answer),
        changed("a table whose head has no length", "dbf", |b| put(b, 8, &[0; 2]), Answer),
        changed("a table whose rows have no length", "dbf", |b| put(b, 10, &[0; 2]), Answer),
        changed("a table whose rows are long", "dbf", |b| put(b, 10, &[0xff; 2]), Answer),
        changed("a column that is longer than its row", "dbf", |b| b[32 + 16] = 255, Answer),
        changed("a column of an unknown kind", "dbf", |b| b[32 + 11] = b'?', Answer),
        changed("a reference system that is nonsense", "prj", |b| *b = b"PROJCS[".repeat(20_000), Answer),
        changed("an encoding that is none", "cpg", |b| *b = b"EBCDIC-9000".to_vec(), Answer),
        Case::new("a table alone", "a.dbf", shapefile().into_iter().find(|(of, _)| of == "dbf").unwrap().1, Answer),
        Case::new(
            "an index alone",
            "a.shx",
            shapefile().into_iter().find(|(of, _)| of == "shx").unwrap().1,
            Refusal(""),
        ),
    ]
}

/// A GeoPackage after these statements.
fn database(what: &str, sql: &str, expected: Expected) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.gpkg");
    std::fs::write(&file, valid(FileFormat::GeoPackage)).unwrap();
    let connection = Connection::open(&file).unwrap();
    connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).unwrap();
    connection.close().unwrap();
    Case::new(what, "a.gpkg", std::fs::read(&file).unwrap(), expected)
}

fn databases() -> Vec<Case> {
    let good = valid(FileFormat::GeoPackage);
    let bytes = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        bytes
    };
    let contents = "INSERT INTO gpkg_contents (table_name, data_type) VALUES";
    let blob = |what: &str, value: &str| {
        let column = "UPDATE areas SET geom =";
        database(what, &format!("{column} {value}"), Answer)
    };
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    vec![
        database("an endless view", &format!("CREATE VIEW v AS {endless}; {contents} ('v', 'attributes');"), Answer),
        database(
            "a view for the contents",
            "ALTER TABLE gpkg_contents RENAME TO r; CREATE VIEW gpkg_contents AS SELECT * FROM r;",
            Refusal("gpkg_contents"),
        ),
        database(
            "a virtual table",
            &format!("CREATE VIRTUAL TABLE b USING rtree (id, minx, maxx); {contents} ('b', 'attributes');"),
            Answer,
        ),
        database("a table that is not there", &format!("{contents} ('none', 'features');"), Answer),
        database("a table of SQLite's own", &format!("{contents} ('sqlite_schema', 'attributes');"), Answer),
        database(
            "a column that is computed",
            &format!(
                "CREATE TABLE t (a, b AS (hex(zeroblob(400000000)))); INSERT INTO t (a) VALUES (1); {contents} ('t', 'attributes');"
            ),
            Answer,
        ),
        database("a trigger", "CREATE TRIGGER t AFTER UPDATE ON areas BEGIN DELETE FROM areas; END;", Rows(3)),
        database(
            "a name that is SQL",
            &format!(
                "CREATE TABLE \"a\"\"; DROP TABLE areas; --\" (x); {contents} ('a\"; DROP TABLE areas; --', 'attributes');"
            ),
            Answer,
        ),
        database("no contents", "DELETE FROM gpkg_contents; DROP TABLE areas;", Answer),
        blob("a blob of 100 MiB of zeros", "zeroblob(100000000)"),
        blob("a blob with an envelope that is not there", "x'4750001fe6100000'"),
        blob("a blob with four thousand million rings", "x'47500001e61000000103000000ffffffff'"),
        blob("a blob with four thousand million polygons", "x'47500001e61000000106000000ffffffff'"),
        blob(
            "a blob of collections in one another",
            "CAST(x'47500001e6100000' || replace(hex(zeroblob(1000)), '00', '01') AS BLOB)",
        ),
        blob("a text for a blob", "'POLYGON((0 0,1 1,1 0,0 0))'"),
        blob("a number for a blob", "42"),
        Case::new(
            "a database with pages of noise",
            "a.gpkg",
            bytes(&|b| b[4096..].iter_mut().enumerate().for_each(|(n, byte)| *byte = ((n * n) >> 3) as u8)),
            Answer,
        ),
        Case::new("a database with a page of zeros", "a.gpkg", bytes(&|b| b[8192..12288].fill(0)), Answer),
        Case::new("a database with pages of one byte", "a.gpkg", bytes(&|b| put(b, 16, &[0, 1])), Answer),
        Case::new(
            "a database that says it is long",
            "a.gpkg",
            bytes(&|b| put(b, 28, &[0x7f, 0xff, 0xff, 0xff])),
            Answer,
        ),
        Case::new("a database in WAL mode", "a.gpkg", bytes(&|b| put(b, 18, &[2, 2])), Answer),
        Case::new("a database that is no GeoPackage", "a.gpkg", b"SQLite format 3\0".to_vec(), Refusal("")),
    ]
}

fn flatgeobufs() -> Vec<Case> {
    let good = valid(FileFormat::FlatGeobuf);
    let header = u32::from_le_bytes(good[8..12].try_into().unwrap()) as usize;
    let with = |what: &str, at: usize, new: &[u8]| {
        let mut bytes = good.clone();
        put(&mut bytes, at, new);
        Case::new(what, "a.fgb", bytes, Answer)
    };
    let mut cases = vec![
        with("a FlatGeobuf with a head of four gibibytes", 8, &[0xff; 4]),
        with("a FlatGeobuf with a head of two gibibytes", 8, &[0xff, 0xff, 0xff, 0x7f]),
        with("a FlatGeobuf without a head", 8, &[0; 4]),
        with("a FlatGeobuf of another version", 3, &[9]),
        with("a FlatGeobuf with a root far off", 12, &[0xff, 0xff, 0xff, 0x7f]),
        with("a FlatGeobuf with noise in its index", 12 + header, &[0xff; 40]),
    ];
    // Offsets in the tables of the header, each as large as it can be.
    let offsets = (16..12 + header - 4).step_by(header / 12 + 1);
    cases.extend(offsets.map(|at| with(&format!("a FlatGeobuf with a huge number at {at}"), at, &[0xff; 4])));
    cases
}

pub(super) fn cases() -> Vec<Case> {
    [shapefiles(), databases(), flatgeobufs()].into_iter().flatten().collect()
}
