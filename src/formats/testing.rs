//! What the tests of several formats share: an export, and layers compared.

use geo::orient::Direction;
use geo::{Coord, LineString, MultiPolygon, Orient as _, Polygon};
use jiff::civil::date;
use proptest::prelude::*;

use crate::formats::{Cell, Dataset, Export, ExportRow, FormatError, Geometry, Layer, SourceRecord};
use crate::geom::RawShape;

/// Columns of [`rows`].
pub(super) fn columns() -> Vec<String> {
    ["code", "name", "households", "fee", "demo", "from"].map(str::to_owned).to_vec()
}

fn ring(x: f64, y: f64, half: f64) -> LineString {
    LineString::from(vec![
        (x - half, y - half),
        (x + half, y - half),
        (x + half, y + half / 3.0),
        (x - half, y + half),
        (x - half, y - half),
    ])
}

/// A boundary of several parts, each with holes, turned as RFC 7946 has it.
pub(super) fn boundary() -> impl Strategy<Value = MultiPolygon> {
    let part = (0.0..0.0005f64, 0usize..3);
    prop::collection::vec(part, 1..4).prop_map(|parts| {
        let part = |(at, (shift, holes)): (usize, (f64, usize))| {
            let (x, y) = (116.4 + 0.01 * at as f64 + shift, 39.9 + shift / 3.0);
            let hole = |number: usize| ring(x - 0.0015 + 0.001 * number as f64, y - 0.002, 0.0003);
            Polygon::new(ring(x, y, 0.004), (0..holes).map(hole).collect())
        };
        MultiPolygon::new(parts.into_iter().enumerate().map(part).collect()).orient(Direction::Default)
    })
}

fn cell(make: impl Strategy<Value = Cell> + 'static) -> BoxedStrategy<Cell> {
    prop_oneof![1 => Just(Cell::Empty), 4 => make].boxed()
}

/// Rows as the register would export them; every column has cells of one type.
pub(super) fn rows() -> impl Strategy<Value = Vec<ExportRow>> {
    let day = (2000i16..2040, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| Cell::Date(date(y, m, d)));
    let cells = (
        cell("[A-Z]{2}-[0-9]{4}".prop_map(|text| Cell::Text(text.into()))),
        cell("[a-zA-Z0-9<&\"'朝阳区枣营北里(演示)一号院]{1,12}".prop_map(|text| Cell::Text(text.into()))),
        cell((-5i64..100_000).prop_map(Cell::Integer)),
        cell((0.01..90.0f64).prop_map(Cell::Number)),
        cell(any::<bool>().prop_map(Cell::Bool)),
        cell(day),
    );
    let row = (cells, prop::option::weighted(0.9, boundary()))
        .prop_map(|((a, b, c, d, e, f), boundary)| ExportRow { cells: vec![a, b, c, d, e, f], boundary });
    prop::collection::vec(row, 1..8)
}

/// The rows written by a format's writer.
pub(super) fn written(
    write: fn(Export<'_>) -> Result<Vec<u8>, FormatError>,
    rows: &[ExportRow],
    crs_epsg: u32,
) -> Result<Vec<u8>, FormatError> {
    write(Export { name: "areas", columns: &columns(), rows: &mut rows.iter().cloned(), crs_epsg, about: "" })
}

/// The only layer of a dataset without faults.
pub(super) fn only_layer(dataset: Dataset) -> Layer {
    assert!(dataset.faults.is_empty(), "{:?}", dataset.faults);
    let [layer] = <[Layer; 1]>::try_from(dataset.layers).expect("one layer");
    layer
}

/// The record's polygons, oriented as RFC 7946 has it; its positions and their order stay as they are.
pub(super) fn polygons(record: &SourceRecord) -> Option<MultiPolygon> {
    let shape = match &record.geometry {
        Geometry::None => return None,
        Geometry::Shape { shape: RawShape::Polygons(polygons), .. } => polygons,
        other => panic!("{other:?} are no polygons"),
    };
    let line = |ring: &Vec<Coord>| LineString::new(ring.clone());
    let polygon = |rings: &Vec<Vec<Coord>>| Polygon::new(line(&rings[0]), rings[1..].iter().map(line).collect());
    Some(MultiPolygon::new(shape.iter().map(|polygon_| polygon(&polygon_.rings)).collect()).orient(Direction::Default))
}

/// What the layer has in these columns, filled up with empty cells, and the boundaries.
pub(super) fn read_back(layer: &Layer, columns: &[String]) -> Vec<ExportRow> {
    let at = |name: &String| layer.columns.iter().position(|column| column == name);
    let places: Vec<Option<usize>> = columns.iter().map(at).collect();
    let cell = |record: &SourceRecord, place: &Option<usize>| {
        place.and_then(|place| record.cells.get(place)).cloned().unwrap_or_default()
    };
    let row = |record: &SourceRecord| ExportRow {
        cells: places.iter().map(|place| cell(record, place)).collect(),
        boundary: polygons(record),
    };
    layer.records.iter().map(row).collect()
}

/// Every beginning of the bytes, and the bytes with one of them changed, for readers to survive.
pub(super) fn damaged(bytes: &[u8], byte: u8) -> impl Iterator<Item = Vec<u8>> + '_ {
    let cut = (0..bytes.len()).map(|end| bytes[..end].to_vec());
    let changed = (0..bytes.len()).map(move |at| {
        let mut bytes = bytes.to_vec();
        bytes[at] = byte;
        bytes
    });
    cut.chain(changed)
}
