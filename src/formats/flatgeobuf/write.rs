//! Features of multipolygons with an index.

use flatbuffers::FlatBufferBuilder;
use flatgeobuf::packed_r_tree::{NodeItem, PackedRTree, calc_extent, hilbert_sort};
use flatgeobuf::{
    Column, ColumnArgs, ColumnType, Crs, CrsArgs, Feature, FeatureArgs, Geometry, GeometryArgs, GeometryType, Header,
    HeaderArgs,
};
use geo::{BoundingRect as _, CoordsIter as _, MultiPolygon, Polygon};

use crate::formats::columns::{ColumnKind, kinds, number_of, text_of};
use crate::formats::flatgeobuf::MAGIC;
use crate::formats::srs::Srs;
use crate::formats::{Cell, Export, ExportRow, FormatError, Place};

/// Writes FlatGeobuf 3 in the order of a Hilbert curve, with an index; when a record has no boundary, in the order of the
/// records and without one, because an index has a place for everything.
///
/// Columns are typed by what all their cells are; days are ISO 8601 texts of the type `DateTime`. Empty cells are left out.
///
/// Errors: a reference system whose definition is not known, or a record of more than 4 GiB.
pub fn write(export: Export<'_>) -> Result<Vec<u8>, FormatError> {
    let place = Place::file(export.name);
    let srs = Srs::of(export.crs_epsg, &place)?;
    let rows: Vec<ExportRow> = export.rows.collect();
    let kinds = kinds(export.columns.len(), &rows);
    if export.columns.len() > usize::from(u16::MAX) {
        return Err(FormatError::Unsupported { place, message: "FlatGeobuf cannot hold so many columns".to_owned() });
    }

    let mut features = Vec::with_capacity(rows.len());
    let mut nodes = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some(envelope) = row.boundary.as_ref().and_then(|boundary| boundary.bounding_rect()) {
            let (min, max) = (envelope.min(), envelope.max());
            let number = features.len() as u64;
            nodes.push(NodeItem { min_x: min.x, min_y: min.y, max_x: max.x, max_y: max.y, offset: number });
        }
        features.push(feature(row, &kinds));
    }
    drop(rows);
    let extent = calc_extent(&nodes);
    let is_indexed = !nodes.is_empty() && nodes.len() == features.len();
    let node_size = if is_indexed { PackedRTree::DEFAULT_NODE_SIZE } else { 0 };

    let mut bytes = MAGIC.to_vec();
    bytes.push(0);
    let bounds = (!nodes.is_empty()).then_some([extent.min_x, extent.min_y, extent.max_x, extent.max_y]);
    let texts = (export.name, export.about);
    bytes.extend(header(texts, export.columns, &kinds, srs, bounds, features.len() as u64, node_size));
    if is_indexed {
        hilbert_sort(&mut nodes, &extent);
        // From the number of a feature to where it will stand.
        let order: Vec<usize> = nodes.iter().map(|node| node.offset as usize).collect();
        let mut offset = 0;
        for (node, number) in nodes.iter_mut().zip(&order) {
            node.offset = offset;
            offset += features[*number].len() as u64;
        }
        PackedRTree::build(&nodes, &extent, node_size)
            .and_then(|tree| Ok(tree.stream_write(&mut bytes)?))
            .map_err(|err| FormatError::Unsupported { place, message: format!("the index: {err}") })?;
        order.iter().for_each(|number| bytes.extend(&features[*number]));
    } else {
        features.iter().for_each(|feature| bytes.extend(feature));
    }
    Ok(bytes)
}

fn header(
    (name, about): (&str, &str),
    columns: &[String],
    kinds: &[ColumnKind],
    srs: Srs,
    bounds: Option<[f64; 4]>,
    features_count: u64,
    index_node_size: u16,
) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let columns: Vec<_> = columns
        .iter()
        .zip(kinds)
        .map(|(name, kind)| {
            let name = Some(builder.create_string(name));
            Column::create(&mut builder, &ColumnArgs { name, type_: column_type(*kind), ..ColumnArgs::default() })
        })
        .collect();
    let columns = Some(builder.create_vector(&columns));
    let crs = CrsArgs {
        org: Some(builder.create_string("EPSG")),
        code: i32::try_from(srs.epsg).unwrap_or(0),
        name: Some(builder.create_string(srs.name)),
        wkt: Some(builder.create_string(&srs.wkt())),
        ..CrsArgs::default()
    };
    let crs = Some(Crs::create(&mut builder, &crs));
    let name = Some(builder.create_string(name));
    let description = (!about.is_empty()).then(|| builder.create_string(about));
    let envelope = bounds.map(|bounds| builder.create_vector(&bounds));
    let geometry_type = GeometryType::MultiPolygon;
    let args = HeaderArgs {
        name,
        description,
        envelope,
        geometry_type,
        columns,
        features_count,
        index_node_size,
        crs,
        ..HeaderArgs::default()
    };
    let header = Header::create(&mut builder, &args);
    builder.finish_size_prefixed(header, None);
    builder.finished_data().to_vec()
}

fn column_type(kind: ColumnKind) -> ColumnType {
    match kind {
        ColumnKind::Text => ColumnType::String,
        ColumnKind::Integer => ColumnType::Long,
        ColumnKind::Number => ColumnType::Double,
        ColumnKind::Bool => ColumnType::Bool,
        ColumnKind::Date => ColumnType::DateTime,
    }
}

fn feature(row: &ExportRow, kinds: &[ColumnKind]) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let geometry = row.boundary.as_ref().map(|boundary| geometry(&mut builder, boundary));
    let values = values(row, kinds);
    let properties = (!values.is_empty()).then(|| builder.create_vector(&values));
    let feature = Feature::create(&mut builder, &FeatureArgs { geometry, properties, columns: None });
    builder.finish_size_prefixed(feature, None);
    builder.finished_data().to_vec()
}

fn geometry<'a>(builder: &mut FlatBufferBuilder<'a>, boundary: &MultiPolygon) -> flatbuffers::WIPOffset<Geometry<'a>> {
    let parts: Vec<_> = boundary.iter().map(|polygon| part(builder, polygon)).collect();
    let parts = Some(builder.create_vector(&parts));
    Geometry::create(builder, &GeometryArgs { type_: GeometryType::MultiPolygon, parts, ..GeometryArgs::default() })
}

fn part<'a>(builder: &mut FlatBufferBuilder<'a>, polygon: &Polygon) -> flatbuffers::WIPOffset<Geometry<'a>> {
    let ordinates: Vec<f64> = polygon.coords_iter().flat_map(|position| [position.x, position.y]).collect();
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    let ends: Vec<u32> = rings
        .scan(0u32, |end, ring| {
            *end = end.saturating_add(ring.0.len() as u32);
            Some(*end)
        })
        .collect();
    let xy = Some(builder.create_vector(&ordinates));
    // One ring needs no end.
    let ends = (ends.len() > 1).then(|| builder.create_vector(&ends));
    Geometry::create(builder, &GeometryArgs { type_: GeometryType::Polygon, ends, xy, ..GeometryArgs::default() })
}

fn values(row: &ExportRow, kinds: &[ColumnKind]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for ((number, kind), cell) in (0u16..).zip(kinds).zip(&row.cells) {
        let mut put = |value: &[u8]| {
            bytes.extend(number.to_le_bytes());
            bytes.extend(value);
        };
        match (kind, cell) {
            (ColumnKind::Integer, Cell::Integer(whole)) => put(&whole.to_le_bytes()),
            (ColumnKind::Bool, Cell::Bool(yes)) => put(&[u8::from(*yes)]),
            (ColumnKind::Number, cell) => {
                if let Some(number) = number_of(cell) {
                    put(&number.to_le_bytes());
                }
            }
            (_, cell) => {
                if let Some(text) = text_of(cell) {
                    put(&[&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat());
                }
            }
        }
    }
    bytes
}
