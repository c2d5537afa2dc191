//! GDAL as a second opinion: it reads what is exported, and what it writes is read alike. Skipped where it is not there.

use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use geo::orient::Direction;
use geo::{Coord, LineString, MultiPolygon, Orient as _, Polygon};
use jiff::civil::date;
use onemap::formats::{
    Bytes, Cell, Dataset, Export, ExportRow, FormatError, Geometry, InputFile, Layer, ReadOptions, flatgeobuf,
    geopackage, kml, shapefile,
};
use onemap::geom::RawShape;
use serde_json::Value;
use tempfile::TempDir;

type Write = fn(Export<'_>) -> Result<Vec<u8>, FormatError>;

/// Says why nothing is tested, once a test.
#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
fn has_gdal() -> bool {
    let found = Command::new("ogr2ogr").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped: ogr2ogr is not on this machine");
    }
    found
}

fn ogr2ogr(arguments: &[&str], input: &Path, output: &Path) {
    let result = Command::new("ogr2ogr").args(arguments).arg(output).arg(input).output().unwrap();
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
}

fn columns() -> Vec<String> {
    ["code", "name", "households", "fee", "demo", "since"].map(str::to_owned).to_vec()
}

fn ring(x: f64, y: f64, half: f64) -> LineString {
    LineString::from(vec![(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y - half)])
}

/// Three records: an outline, several with holes, and none at all.
fn rows() -> Vec<ExportRow> {
    let with_hole = |x: f64| Polygon::new(ring(x, 39.9, 0.004), vec![ring(x + 0.001, 39.899, 0.0011)]);
    let text = |text: &str| Cell::Text(text.into());
    let row = |name: &str, households: i64, fee: f64, demo: bool, parts: Vec<Polygon>| ExportRow {
        cells: vec![
            text("DEMO-1"),
            text(name),
            Cell::Integer(households),
            Cell::Number(fee),
            Cell::Bool(demo),
            Cell::Date(date(2022, 10, 27)),
        ],
        boundary: Some(MultiPolygon::new(parts).orient(Direction::Default)),
    };
    vec![
        row("枣营北里<&\"'>", 1652, 0.1 + 0.2, true, vec![Polygon::new(ring(116.3, 39.9, 1.0 / 3000.0), vec![])]),
        row("一号院", 7, 1.6, false, vec![with_hole(116.4), with_hole(116.5)]),
    ]
}

fn export(write: Write) -> Vec<u8> {
    let columns = columns();
    write(Export { name: "areas", columns: &columns, rows: &mut rows().into_iter(), crs_epsg: 4490, about: "" })
        .unwrap()
}

/// What GDAL reads of a file, as GeoJSON with every digit.
fn gdal_reads(folder: &TempDir, name: &str, input: &Path) -> Vec<Value> {
    let output = folder.path().join(format!("{name}.geojson"));
    ogr2ogr(&["-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=17", "-lco", "SIGNIFICANT_FIGURES=17"], input, &output);
    let collection: Value = serde_json::from_slice(&std::fs::read(output).unwrap()).unwrap();
    let mut features = collection["features"].as_array().unwrap().clone();
    features.sort_by_key(|feature| property(feature, "name").to_string());
    features
}

/// A value by its name; GDAL writes `Name` for that of a placemark.
fn property<'a>(feature: &'a Value, name: &str) -> &'a Value {
    let properties = feature["properties"].as_object().unwrap();
    properties.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or(&Value::Null, |(_, value)| value)
}

/// The rings of a GeoJSON polygon or multipolygon, turned as RFC 7946 has it.
fn boundary_of(geometry: &Value) -> MultiPolygon {
    let position = |value: &Value| Coord { x: value[0].as_f64().unwrap(), y: value[1].as_f64().unwrap() };
    let line = |value: &Value| LineString::new(value.as_array().unwrap().iter().map(position).collect());
    let polygon = |value: &Value| {
        let mut rings = value.as_array().unwrap().iter().map(line);
        Polygon::new(rings.next().unwrap(), rings.collect())
    };
    let polygons = match geometry["type"].as_str().unwrap() {
        "Polygon" => vec![polygon(&geometry["coordinates"])],
        _ => geometry["coordinates"].as_array().unwrap().iter().map(polygon).collect(),
    };
    MultiPolygon::new(polygons).orient(Direction::Default)
}

fn by_name(mut rows: Vec<ExportRow>) -> Vec<ExportRow> {
    rows.sort_by_key(|row| format!("{:?}", row.cells[1]));
    rows
}

/// Whether a number is the same but for the last digit that a text may have lost.
fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= a.abs() * 4.0 * f64::EPSILON
}

fn assert_gdal_reads(folder: &TempDir, name: &str, input: &Path) {
    let features = gdal_reads(folder, name, input);
    let mut expected = rows();
    expected.sort_by_key(|row| Value::from(text(&row.cells[1])).to_string());
    assert_eq!(features.len(), expected.len(), "{name}");
    for (feature, row) in features.iter().zip(&expected) {
        let properties = &feature["properties"];
        assert_eq!(property(feature, "name"), text(&row.cells[1]), "{name}");
        let number = |key: &str| match property(feature, key) {
            Value::String(text) => text.parse().unwrap(),
            value => value.as_f64().unwrap(),
        };
        let Cell::Integer(households) = row.cells[2] else { panic!() };
        let Cell::Number(fee) = row.cells[3] else { panic!() };
        assert_eq!(number("households"), households as f64, "{name}");
        assert!(is_near(number("fee"), fee), "{name}: {properties}");
        let since = property(feature, "since").as_str().unwrap().replace('/', "-");
        assert!(since.starts_with("2022-10-27"), "{name}: {properties}");
        assert_eq!(boundary_of(&feature["geometry"]), row.boundary.clone().unwrap(), "{name}");
    }
}

fn text(cell: &Cell) -> &str {
    match cell {
        Cell::Text(text) => text,
        other => panic!("{other:?} is no text"),
    }
}

fn unpack(archive: &[u8], folder: &Path) {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    for at in 0..archive.len() {
        let mut member = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        std::fs::write(folder.join(&*member.name().unwrap()), bytes).unwrap();
    }
}

#[test]
fn gdal_reads_what_is_exported() {
    if !has_gdal() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    unpack(&export(shapefile::write), folder.path());
    assert_gdal_reads(&folder, "from-shp", &folder.path().join("areas.shp"));
    let formats: [(&str, Write); 3] = [("gpkg", geopackage::write), ("kml", kml::write), ("fgb", flatgeobuf::write)];
    for (ending, write) in formats {
        let path = folder.path().join(format!("areas.{ending}"));
        std::fs::write(&path, export(write)).unwrap();
        assert_gdal_reads(&folder, &format!("from-{ending}"), &path);
    }
}

#[test]
fn gdal_knows_the_reference_system_of_what_is_exported() {
    if !has_gdal() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for epsg in [4490, 4326, 4548, 4527, 4509, 4498, 32650, 3857] {
        let columns = columns();
        let write = |write: Write| {
            write(Export { name: "areas", columns: &columns, rows: &mut rows().into_iter(), crs_epsg: epsg, about: "" })
        };
        let files = [("gpkg", write(geopackage::write).unwrap()), ("fgb", write(flatgeobuf::write).unwrap())];
        unpack(&write(shapefile::write).unwrap(), folder.path());
        let mut paths = vec![folder.path().join("areas.shp")];
        for (ending, bytes) in files {
            paths.push(folder.path().join(format!("areas.{ending}")));
            std::fs::write(paths.last().unwrap(), bytes).unwrap();
        }
        for path in paths {
            let output = Command::new("ogrinfo").args(["-so", "-al"]).arg(&path).output().unwrap();
            let summary = String::from_utf8_lossy(&output.stdout).into_owned();
            let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(summary.contains(&format!("ID[\"EPSG\",{epsg}]]")), "{}, {epsg}: {summary}", path.display());
            assert_eq!(complaint, "", "{}, {epsg}", path.display());
        }
    }
}

/// The export as GeoJSON, from which GDAL makes its own files.
fn geojson(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("areas.gpkg");
    std::fs::write(&path, export(geopackage::write)).unwrap();
    path
}

fn open(path: &Path) -> Box<dyn Bytes> {
    Box::new(Cursor::new(std::fs::read(path).unwrap()))
}

fn input(path: &Path) -> InputFile<'static> {
    InputFile { name: path.file_name().unwrap().to_string_lossy().into_owned(), bytes: open(path) }
}

fn only_layer(dataset: Dataset) -> Layer {
    assert!(dataset.faults.is_empty(), "{:?}", dataset.faults);
    let [layer] = <[Layer; 1]>::try_from(dataset.layers).unwrap();
    layer
}

fn assert_read(layer: &Layer, compare_types: bool) {
    let at = |name: &str| layer.columns.iter().position(|column| column.eq_ignore_ascii_case(name)).unwrap();
    let read = layer.records.iter().map(|record| {
        let Geometry::Shape { shape: RawShape::Polygons(polygons), source: Some(_) } = &record.geometry else {
            panic!("{:?}", record.geometry);
        };
        let polygon = |rings: &Vec<Vec<Coord>>| {
            let mut rings = rings.iter().map(|ring| LineString::new(ring.clone()));
            Polygon::new(rings.next().unwrap(), rings.collect())
        };
        let polygons = polygons.iter().map(|raw| polygon(&raw.rings)).collect();
        ExportRow {
            cells: columns().iter().map(|name| record.cells.get(at(name)).cloned().unwrap_or_default()).collect(),
            boundary: Some(MultiPolygon::new(polygons).orient(Direction::Default)),
        }
    });
    for (read, expected) in by_name(read.collect()).iter().zip(by_name(rows())) {
        assert_eq!(read.boundary, expected.boundary, "{}", layer.file);
        assert_eq!(read.cells[..2], expected.cells[..2], "{}", layer.file);
        if compare_types {
            assert_eq!(read.cells[2], expected.cells[2], "{}", layer.file);
            assert_eq!(read.cells[5], expected.cells[5], "{}", layer.file);
            let (Cell::Number(read), Cell::Number(expected)) = (&read.cells[3], &expected.cells[3]) else { panic!() };
            assert!(is_near(*read, *expected));
        }
    }
    assert_eq!(layer.records.len(), rows().len());
}

#[test]
fn what_gdal_writes_is_read_alike() {
    if !has_gdal() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = geojson(&folder);
    let path = |name: &str| folder.path().join(name);

    ogr2ogr(&["-f", "GPKG", "-nln", "again"], &source, &path("again.gpkg"));
    let layer = only_layer(geopackage::read(input(&path("again.gpkg")), &ReadOptions::default()).unwrap());
    assert_eq!((layer.name.as_str(), layer.crs.as_deref()), ("again", Some("EPSG:4490")));
    assert_read(&layer, true);

    for index in ["YES", "NO"] {
        let name = format!("index-{index}.fgb");
        ogr2ogr(&["-f", "FlatGeobuf", "-lco", &format!("SPATIAL_INDEX={index}")], &source, &path(&name));
        let layer = only_layer(flatgeobuf::read(input(&path(&name)), &ReadOptions::default()).unwrap());
        assert_eq!(layer.crs.as_deref(), Some("EPSG:4490"));
        assert_read(&layer, true);
    }

    let kml_digits = ["-f", "KML", "-s_srs", "EPSG:4326", "-t_srs", "EPSG:4326"];
    ogr2ogr(&kml_digits, &source, &path("again.kml"));
    let layer = only_layer(kml::read(input(&path("again.kml")), &ReadOptions::default()).unwrap());
    assert_eq!(layer.records.len(), 2);

    for encoding in ["GBK", "UTF-8"] {
        let name = format!("in-{encoding}");
        ogr2ogr(
            &["-lco", &format!("ENCODING={encoding}"), "-f", "ESRI Shapefile"],
            &source,
            &path(&format!("{name}.shp")),
        );
        let part = |ending: &str| Some(open(&path(&format!("{name}.{ending}"))));
        for cpg in [Some(encoding.to_owned()), None] {
            let prj = std::fs::read_to_string(path(&format!("{name}.prj"))).unwrap();
            let parts = shapefile::Parts {
                name: format!("{name}.shp"),
                shp: part("shp"),
                dbf: part("dbf"),
                prj: Some(prj),
                cpg,
            };
            assert_read(&only_layer(shapefile::read(parts, &ReadOptions::default()).unwrap()), true);
        }
    }
}

#[test]
fn heights_that_gdal_writes_are_passed_over() {
    if !has_gdal() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = geojson(&folder);
    let flat = ["-dim", "XYZM", "-nlt", "MULTIPOLYGONZM"];
    let path = |name: &str| folder.path().join(name);
    ogr2ogr(&[&flat[..], &["-f", "GPKG"]].concat(), &source, &path("zm.gpkg"));
    assert_read(&only_layer(geopackage::read(input(&path("zm.gpkg")), &ReadOptions::default()).unwrap()), true);
    ogr2ogr(&[&flat[..], &["-f", "FlatGeobuf"]].concat(), &source, &path("zm.fgb"));
    assert_read(&only_layer(flatgeobuf::read(input(&path("zm.fgb")), &ReadOptions::default()).unwrap()), true);
    ogr2ogr(&["-f", "ESRI Shapefile", "-lco", "SHPT=POLYGONZM", "-lco", "ENCODING=GBK"], &source, &path("zm.shp"));
    let part = |ending: &str| Some(open(&path(&format!("zm.{ending}"))));
    let parts =
        shapefile::Parts { name: "zm.shp".to_owned(), shp: part("shp"), dbf: part("dbf"), prj: None, cpg: None };
    assert_read(&only_layer(shapefile::read(parts, &ReadOptions::default()).unwrap()), true);
}
