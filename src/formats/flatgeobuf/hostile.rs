//! Files that are broken, or made to break a reader.

use std::io::Cursor;

use flatbuffers::FlatBufferBuilder;
use flatgeobuf::{Feature, FeatureArgs, Geometry, GeometryArgs, GeometryType};
use proptest::prelude::*;

use crate::formats::flatgeobuf::tests::{read_bytes, square};
use crate::formats::flatgeobuf::{read, write};
use crate::formats::testing::{damaged, written};
use crate::formats::{ExportRow, Geometry as Read, InputFile, Limits, ReadOptions};

fn sample() -> Vec<u8> {
    written(write, &[square("甲", 116.4), square("乙", 116.6)], 4490).unwrap()
}

/// Where the features of the sample without an index begin, and its bytes.
fn without_index() -> (usize, Vec<u8>) {
    let none = ExportRow { boundary: None, ..square("甲", 0.0) };
    let bytes = written(write, &[none], 4490).unwrap();
    let header = u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize;
    (12 + header, bytes)
}

#[test]
fn a_file_cut_anywhere_gives_what_stands_before_and_says_so() {
    let bytes = sample();
    for end in 0..bytes.len() {
        match read_bytes(&bytes[..end]) {
            Ok(dataset) => assert!(!dataset.faults.is_empty(), "cut at {end}"),
            Err(err) => assert!(!err.to_string().is_empty()),
        }
    }
    assert!(read_bytes(&bytes).unwrap().faults.is_empty());
}

#[test]
fn bytes_changed_anywhere_do_no_harm() {
    let bytes = sample();
    for byte in [0, 1, 4, 0x7F, 0xFF] {
        for damaged in damaged(&bytes, byte) {
            let _ = read_bytes(&damaged);
        }
    }
}

/// The sample with another feature in place of its only one.
fn with_feature(
    geometry: impl FnOnce(&mut FlatBufferBuilder<'static>) -> flatbuffers::WIPOffset<Geometry<'static>>,
) -> Vec<u8> {
    let (start, mut bytes) = without_index();
    let mut builder = FlatBufferBuilder::new();
    let geometry = Some(geometry(&mut builder));
    let feature = Feature::create(&mut builder, &FeatureArgs { geometry, ..FeatureArgs::default() });
    builder.finish_size_prefixed(feature, None);
    bytes.truncate(start);
    bytes.extend(builder.finished_data());
    bytes
}

#[test]
fn rings_that_lie_beyond_the_positions_are_unreadable() {
    for ends in [vec![9, 3], vec![2, 1, 3], vec![3, 3], vec![u32::MAX, 3], vec![2]] {
        let bytes = with_feature(|builder| {
            let ends = Some(builder.create_vector(&ends));
            let xy = Some(builder.create_vector(&[0.0, 0.0, 1.0, 1.0, 0.0, 1.0]));
            let args = GeometryArgs { ends, xy, type_: GeometryType::Polygon, ..GeometryArgs::default() };
            Geometry::create(builder, &args)
        });
        let dataset = read_bytes(&bytes).unwrap();
        assert!(matches!(dataset.layers[0].records[0].geometry, Read::Unreadable { .. }), "{ends:?}");
    }
}

#[test]
fn parts_that_are_used_again_and_again_are_refused() {
    // Each level refers to the one below it many times: a tree of 16 to the power of 7 out of a few hundred bytes.
    let bytes = with_feature(|builder| {
        let xy = Some(builder.create_vector(&[0.0, 0.0, 1.0, 1.0, 0.0, 1.0]));
        let mut geometry = Geometry::create(builder, &GeometryArgs { xy, ..GeometryArgs::default() });
        for _ in 0..6 {
            let parts = Some(builder.create_vector(&[geometry; 16]));
            let args = GeometryArgs { parts, type_: GeometryType::MultiPolygon, ..GeometryArgs::default() };
            geometry = Geometry::create(builder, &args);
        }
        geometry
    });
    assert_eq!(read_bytes(&bytes).unwrap().faults[0].to_string(), "a.fgb, feature 1: the feature is damaged");
    let deep = with_feature(|builder| {
        let mut geometry = Geometry::create(builder, &GeometryArgs::default());
        for _ in 0..10_000 {
            let parts = Some(builder.create_vector(&[geometry]));
            geometry = Geometry::create(builder, &GeometryArgs { parts, ..GeometryArgs::default() });
        }
        geometry
    });
    assert_eq!(read_bytes(&deep).unwrap().faults[0].to_string(), "a.fgb, feature 1: the feature is damaged");
}

#[test]
fn sizes_and_counts_are_not_believed() {
    let (start, bytes) = without_index();
    let mut size = bytes.clone();
    size[start..start + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let dataset = read_bytes(&size).unwrap();
    assert!(dataset.layers[0].records.is_empty());
    assert!(dataset.faults[0].to_string().contains("the file ends in the middle"));
    let mut header = bytes.clone();
    header[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(read_bytes(&header).is_err());
    let mut more = bytes.clone();
    more.extend([0; 7]);
    assert!(read_bytes(&more).unwrap().faults[0].to_string().contains("7 bytes follow"));
    assert!(read_bytes(b"fgb\x02fgb\x00").unwrap_err().to_string().contains("version 3"));
}

#[test]
fn the_size_of_an_index_is_counted_without_overflow() {
    use crate::formats::flatgeobuf::read::index_bytes;
    use flatgeobuf::packed_r_tree::PackedRTree;
    for (count, node_size) in [(1, 16), (2, 16), (16, 16), (17, 16), (1000, 2), (99_999, 65_535)] {
        assert_eq!(index_bytes(count, node_size), Some(PackedRTree::index_size(count as usize, node_size) as u64));
    }
    assert_eq!(index_bytes(u64::MAX, 2), None);
    assert_eq!((index_bytes(0, 16), index_bytes(5, 0)), (Some(0), Some(0)));
}

#[test]
fn limits_are_kept() {
    let refused = |limits: Limits| {
        let file = InputFile { name: "a.fgb".to_owned(), bytes: Box::new(Cursor::new(sample())) };
        read(file, &ReadOptions { limits, ..ReadOptions::default() }).unwrap_err().to_string()
    };
    assert!(refused(Limits { records: 1, ..Limits::UPLOAD }).contains("the number of records"));
    assert!(refused(Limits { columns: 5, ..Limits::UPLOAD }).contains("the number of columns exceeds the limit of 5"));
    assert!(refused(Limits { vertices: 4, ..Limits::UPLOAD }).contains("the number of positions"));
    let tiny = Limits { vertices: 1, columns: 6, cell_bytes: 1, ..Limits::UPLOAD };
    assert!(refused(tiny).contains("the size of a feature exceeds the limit of 70"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        tail in prop::collection::vec(any::<u8>(), 0..300),
        at in 0usize..2000,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
    ) {
        let mut bytes = sample();
        let _ = read_bytes(&tail);
        let _ = read_bytes(&[&bytes[..at.min(bytes.len())], &tail].concat());
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = read_bytes(&bytes);
    }
}
