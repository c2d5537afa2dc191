//! Writing MVT 2.1: the few protobuf messages of the vector tile format.

use std::collections::HashMap;

use crate::tiles::grid::Cell;
use crate::tiles::shape::ShapeRef;

/// Width and height of a tile in grid cells.
pub const EXTENT: u32 = 4096;

/// Version of the format in every layer.
const VERSION: u64 = 2;

const WIRE_VARINT: u64 = 0;
const WIRE_BYTES: u64 = 2;

const MOVE_TO: u32 = 1;
const LINE_TO: u32 = 2;
const CLOSE_PATH: u32 = 7;

const GEOMETRY_POINT: u64 = 1;
const GEOMETRY_POLYGON: u64 = 3;

/// Value of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    Number(u64),
    Flag(bool),
}

/// Attributes of a feature.
pub(crate) type Attributes<'a, 'b> = &'b [(&'static str, Value<'a>)];

/// One layer in the making.
pub(crate) struct LayerWriter<'a> {
    name: &'static str,
    /// Grid place of the tile's north-west corner.
    origin: Cell,
    keys: Vec<&'static str>,
    values: HashMap<Value<'a>, u32>,
    encoded_values: Vec<u8>,
    features: Vec<u8>,
    tags: Vec<u8>,
    geometry: Vec<u8>,
}

impl<'a> LayerWriter<'a> {
    /// An empty layer of the tile whose north-west corner is at that place of the grid.
    pub(crate) fn new(name: &'static str, origin: Cell) -> Self {
        Self {
            name,
            origin,
            keys: Vec::new(),
            values: HashMap::new(),
            encoded_values: Vec::new(),
            features: Vec::new(),
            tags: Vec::new(),
            geometry: Vec::new(),
        }
    }

    /// Adds a polygon feature. A shape without rings adds nothing.
    pub(crate) fn polygon(&mut self, id: u64, shape: ShapeRef<'_>, attributes: Attributes<'a, '_>) {
        if shape.is_empty() {
            return;
        }
        self.geometry.clear();
        let mut cursor = self.origin;
        for (_, ring) in shape.rings() {
            put_command(&mut self.geometry, MOVE_TO, 1);
            put_step(&mut self.geometry, &mut cursor, ring[0]);
            put_command(&mut self.geometry, LINE_TO, ring.len() - 1);
            for cell in &ring[1..] {
                put_step(&mut self.geometry, &mut cursor, *cell);
            }
            put_command(&mut self.geometry, CLOSE_PATH, 1);
        }
        self.feature(id, GEOMETRY_POLYGON, attributes);
    }

    /// Adds a point feature at a place of the grid.
    pub(crate) fn point(&mut self, id: u64, at: Cell, attributes: Attributes<'a, '_>) {
        self.geometry.clear();
        let mut cursor = self.origin;
        put_command(&mut self.geometry, MOVE_TO, 1);
        put_step(&mut self.geometry, &mut cursor, at);
        self.feature(id, GEOMETRY_POINT, attributes);
    }

    /// The feature message around what stands in `geometry`.
    fn feature(&mut self, id: u64, kind: u64, attributes: Attributes<'a, '_>) {
        self.tags.clear();
        for (key, value) in attributes {
            let key = self.keys.iter().position(|known| known == key).unwrap_or_else(|| {
                self.keys.push(key);
                self.keys.len() - 1
            });
            put_varint(&mut self.tags, key as u64);
            let next = self.values.len() as u32;
            let number = *self.values.entry(*value).or_insert_with(|| {
                put_value(&mut self.encoded_values, *value);
                next
            });
            put_varint(&mut self.tags, u64::from(number));
        }
        let body = 1 + varint_length(id) + bytes_length(self.tags.len()) + 2 + bytes_length(self.geometry.len());
        put_tag(&mut self.features, 2, WIRE_BYTES);
        put_varint(&mut self.features, body as u64);
        put_tag(&mut self.features, 1, WIRE_VARINT);
        put_varint(&mut self.features, id);
        put_bytes(&mut self.features, 2, &self.tags);
        put_tag(&mut self.features, 3, WIRE_VARINT);
        put_varint(&mut self.features, kind);
        put_bytes(&mut self.features, 4, &self.geometry);
    }

    /// Appends the layer to a tile; a layer without features is left out.
    pub(crate) fn finish(self, tile: &mut Vec<u8>) {
        if self.features.is_empty() {
            return;
        }
        let keys: usize = self.keys.iter().map(|key| bytes_length(key.len())).sum();
        let body = bytes_length(self.name.len())
            + self.features.len()
            + keys
            + self.encoded_values.len()
            + 1
            + varint_length(u64::from(EXTENT))
            + 1
            + varint_length(VERSION);
        tile.reserve(body + 8);
        put_tag(tile, 3, WIRE_BYTES);
        put_varint(tile, body as u64);
        // The specification asks for the version first where a decoder streams.
        put_tag(tile, 15, WIRE_VARINT);
        put_varint(tile, VERSION);
        put_bytes(tile, 1, self.name.as_bytes());
        tile.extend_from_slice(&self.features);
        for key in &self.keys {
            put_bytes(tile, 3, key.as_bytes());
        }
        tile.extend_from_slice(&self.encoded_values);
        put_tag(tile, 5, WIRE_VARINT);
        put_varint(tile, u64::from(EXTENT));
    }
}

fn put_value(out: &mut Vec<u8>, value: Value<'_>) {
    put_tag(out, 4, WIRE_BYTES);
    match value {
        Value::Text(text) => {
            put_varint(out, bytes_length(text.len()) as u64);
            put_bytes(out, 1, text.as_bytes());
        }
        Value::Number(number) => {
            put_varint(out, 1 + varint_length(number) as u64);
            put_tag(out, 5, WIRE_VARINT);
            put_varint(out, number);
        }
        Value::Flag(flag) => {
            put_varint(out, 2);
            put_tag(out, 7, WIRE_VARINT);
            put_varint(out, u64::from(flag));
        }
    }
}

fn put_command(out: &mut Vec<u8>, command: u32, count: usize) {
    put_varint(out, ((count as u64) << 3) | u64::from(command));
}

fn put_step(out: &mut Vec<u8>, cursor: &mut Cell, to: Cell) {
    put_varint(out, zigzag(to.x - cursor.x));
    put_varint(out, zigzag(to.y - cursor.y));
    *cursor = to;
}

fn zigzag(value: i32) -> u64 {
    u64::from(((value << 1) ^ (value >> 31)).cast_unsigned())
}

/// All field numbers here are below 16, so a tag is one byte.
fn put_tag(out: &mut Vec<u8>, field: u64, wire: u64) {
    out.push(((field << 3) | wire) as u8);
}

fn put_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put_tag(out, field, WIRE_BYTES);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Length of a bytes field with its tag.
fn bytes_length(length: usize) -> usize {
    1 + varint_length(length as u64) + length
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn varint_length(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_are_as_long_as_announced() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX] {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            assert_eq!(out.len(), varint_length(value), "{value}");
        }
        assert_eq!([0, -1, 1, -2, i32::MAX].map(zigzag), [0, 1, 2, 3, 4_294_967_294]);
    }

    #[test]
    fn a_point_reads_as_in_the_specification() {
        // MVT 2.1, 4.3.5.1: the point (25, 17) is the commands 9 50 34.
        let mut layer = LayerWriter::new("p", Cell { x: 0, y: 0 });
        layer.point(1, Cell { x: 25, y: 17 }, &[("a", Value::Flag(true)), ("b", Value::Number(300))]);
        let mut tile = Vec::new();
        layer.finish(&mut tile);
        #[rustfmt::skip]
        let expected = [
            0x1A, 40, 0x78, 2, 0x0A, 1, b'p',
            0x12, 15, 0x08, 1, 0x12, 4, 0, 0, 1, 1, 0x18, 1, 0x22, 3, 9, 50, 34,
            0x1A, 1, b'a', 0x1A, 1, b'b', 0x22, 2, 0x38, 1, 0x22, 3, 0x28, 0xAC, 2, 0x28, 0x80, 0x20,
        ];
        assert_eq!(tile, expected);
    }

    #[test]
    fn a_layer_without_features_is_left_out() {
        let mut tile = Vec::new();
        LayerWriter::new("empty", Cell { x: 0, y: 0 }).finish(&mut tile);
        assert!(tile.is_empty());
    }
}
