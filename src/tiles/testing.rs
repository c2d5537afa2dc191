//! For tests: a strict decoder of MVT 2.1 that refuses what the specification forbids, and random subdivisions of a field.

use std::collections::{BTreeMap, HashSet};

use geo::{Coord, LineString, MultiPolygon, Polygon, Validation as _};

use crate::geom::{label_point, surface_m2};
use crate::model::{District, Street, StreetCode, StreetKind, StyleClass};
pub(crate) use crate::tiles::grid::Cell;
use crate::tiles::grid::twice_area;
use crate::tiles::{AreaShape, Pyramid, PyramidInput, StreetShape};

/// A decoded layer.
#[derive(Debug)]
pub(crate) struct Layer {
    pub name: String,
    pub features: Vec<Feature>,
}

/// A decoded feature; attributes as JSON.
#[derive(Debug, PartialEq)]
pub(crate) struct Feature {
    pub id: u64,
    pub attributes: BTreeMap<String, serde_json::Value>,
    pub geometry: Shape,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Shape {
    Point,
    Rings(Vec<Vec<Cell>>),
}

impl Feature {
    pub(crate) fn text(&self, key: &str) -> &str {
        self.attributes[key].as_str().unwrap()
    }

    pub(crate) fn rings(&self) -> &[Vec<Cell>] {
        match &self.geometry {
            Shape::Rings(rings) => rings,
            Shape::Point => panic!("not a polygon"),
        }
    }

    pub(crate) fn polygons(&self) -> MultiPolygon {
        let mut polygons: Vec<Polygon> = Vec::new();
        for ring in self.rings() {
            let line: LineString = ring.iter().map(|c| (f64::from(c.x), f64::from(c.y))).collect();
            if twice_area(ring) > 0 {
                polygons.push(Polygon::new(line, vec![]));
            } else {
                polygons.last_mut().expect("the first ring is an exterior").interiors_push(line);
            }
        }
        MultiPolygon::new(polygons)
    }
}

/// The layer of that name.
pub(crate) fn layer<'a>(layers: &'a [Layer], name: &str) -> Option<&'a Layer> {
    layers.iter().find(|layer| layer.name == name)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn varint(&mut self) -> u64 {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.0[0];
            self.0 = &self.0[1..];
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return value;
            }
        }
        panic!("a varint has more than ten bytes");
    }

    fn field(&mut self) -> Option<(u64, u64)> {
        (!self.0.is_empty()).then(|| {
            let tag = self.varint();
            (tag >> 3, tag & 7)
        })
    }

    fn bytes(&mut self) -> &'a [u8] {
        let length = usize::try_from(self.varint()).unwrap();
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes
    }

    fn varints(bytes: &[u8]) -> Vec<u64> {
        let mut reader = Reader(bytes);
        std::iter::from_fn(|| (!reader.0.is_empty()).then(|| reader.varint())).collect()
    }
}

/// Decodes a tile and checks all that MVT 2.1 demands, besides that polygons stay within the buffer.
pub(crate) fn decode(tile: &[u8]) -> Vec<Layer> {
    let mut reader = Reader(tile);
    let mut layers: Vec<Layer> = Vec::new();
    while let Some(field) = reader.field() {
        assert_eq!(field, (3, 2), "a tile holds layers only");
        layers.push(decode_layer(reader.bytes()));
    }
    let names: HashSet<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names.len(), layers.len(), "layer names are unique");
    layers
}

fn decode_layer(bytes: &[u8]) -> Layer {
    let mut reader = Reader(bytes);
    let (mut name, mut version, mut extent) = (None, None, None);
    let (mut features, mut keys, mut values) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(field) = reader.field() {
        match field {
            (15, 0) => version = Some(reader.varint()),
            (1, 2) => name = Some(String::from_utf8(reader.bytes().to_vec()).unwrap()),
            (2, 2) => features.push(reader.bytes()),
            (3, 2) => keys.push(String::from_utf8(reader.bytes().to_vec()).unwrap()),
            (4, 2) => values.push(decode_value(reader.bytes())),
            (5, 0) => extent = Some(reader.varint()),
            other => panic!("field {other:?} in a layer"),
        }
    }
    assert_eq!((version, extent), (Some(2), Some(4096)));
    assert!(!features.is_empty(), "a layer has a feature");
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len(), "keys are unique");
    let distinct: HashSet<String> = values.iter().map(ToString::to_string).collect();
    assert_eq!(distinct.len(), values.len(), "values are unique");
    let features: Vec<Feature> = features.iter().map(|bytes| decode_feature(bytes, &keys, &values)).collect();
    let ids: HashSet<u64> = features.iter().map(|feature| feature.id).collect();
    assert_eq!(ids.len(), features.len(), "ids are unique in a layer");
    Layer { name: name.unwrap(), features }
}

fn decode_value(bytes: &[u8]) -> serde_json::Value {
    let mut reader = Reader(bytes);
    let value = match reader.field().unwrap() {
        (1, 2) => std::str::from_utf8(reader.bytes()).unwrap().into(),
        (5, 0) => reader.varint().into(),
        (7, 0) => (reader.varint() == 1).into(),
        other => panic!("field {other:?} in a value"),
    };
    assert!(reader.0.is_empty(), "a value holds one field");
    value
}

fn decode_feature(bytes: &[u8], keys: &[String], values: &[serde_json::Value]) -> Feature {
    let mut reader = Reader(bytes);
    let (mut id, mut kind, mut tags, mut commands) = (None, None, Vec::new(), Vec::new());
    while let Some(field) = reader.field() {
        match field {
            (1, 0) => id = Some(reader.varint()),
            (2, 2) => tags = Reader::varints(reader.bytes()),
            (3, 0) => kind = Some(reader.varint()),
            (4, 2) => commands = Reader::varints(reader.bytes()),
            other => panic!("field {other:?} in a feature"),
        }
    }
    assert_eq!(tags.len() % 2, 0);
    let attributes: BTreeMap<String, serde_json::Value> =
        tags.chunks(2).map(|tag| (keys[tag[0] as usize].clone(), values[tag[1] as usize].clone())).collect();
    assert_eq!(attributes.len(), tags.len() / 2, "a key stands once in a feature");
    let geometry = match kind {
        Some(1) => {
            check_point(&commands);
            Shape::Point
        }
        Some(3) => Shape::Rings(decode_rings(&commands)),
        other => panic!("geometry kind {other:?}"),
    };
    let feature = Feature { id: id.unwrap(), attributes, geometry };
    if kind == Some(3) {
        assert!(feature.polygons().is_valid(), "{:?}", feature.polygons());
    }
    feature
}

fn step(from: Cell, commands: &[u64]) -> Cell {
    let unzigzag = |value: u64| -> i32 {
        let value = u32::try_from(value).unwrap();
        (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
    };
    Cell { x: from.x + unzigzag(commands[0]), y: from.y + unzigzag(commands[1]) }
}

fn check_point(commands: &[u64]) {
    assert_eq!((commands.len(), commands[0]), (3, 1 | (1 << 3)));
    let at = step(Cell { x: 0, y: 0 }, &commands[1..]);
    assert!((0..4096).contains(&at.x) && (0..4096).contains(&at.y), "a label lies in its tile: {at:?}");
}

fn decode_rings(mut commands: &[u64]) -> Vec<Vec<Cell>> {
    let mut cursor = Cell { x: 0, y: 0 };
    let mut rings = Vec::new();
    while !commands.is_empty() {
        assert_eq!(commands[0], 1 | (1 << 3), "a ring starts with one MoveTo");
        cursor = step(cursor, &commands[1..]);
        let mut ring = vec![cursor];
        let count = (commands[3] >> 3) as usize;
        assert!(commands[3] & 7 == 2 && count >= 2, "then comes a LineTo of two points or more");
        for place in 0..count {
            let next = step(cursor, &commands[4 + 2 * place..]);
            assert_ne!(next, cursor, "no step has length zero");
            cursor = next;
            ring.push(cursor);
        }
        assert_ne!(ring[0], cursor, "the first point is not repeated");
        assert_eq!(commands[4 + 2 * count], 7 | (1 << 3), "a ring ends with ClosePath");
        commands = &commands[5 + 2 * count..];
        let area = twice_area(&ring);
        assert_ne!(area, 0, "a ring has a surface");
        assert!(!rings.is_empty() || area > 0, "the first ring is an exterior");
        assert!(ring.iter().all(|c| (-64..=4160).contains(&c.x) && (-64..=4160).contains(&c.y)), "{ring:?}");
        rings.push(ring);
    }
    assert!(!rings.is_empty());
    rings
}

/// A field cut into four streets and many areas that leave no gaps, holes filled by areas included.
#[derive(Debug)]
pub(crate) struct Field {
    pub outline: MultiPolygon,
    pub areas: Vec<(MultiPolygon, String)>,
    pub streets: Vec<Street>,
}

/// How a field looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldPlan {
    pub seed: u64,
    /// Lattice squares along a side.
    pub squares: i32,
    /// Width of a lattice square in degrees of longitude.
    pub square_degrees: f64,
    /// Radians.
    pub turn: f64,
    /// Share of a square by which lattice points are moved; 0 leaves out points on straight sides, so that neighbours are
    /// not noded.
    pub jitter: f64,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    x: (i32, i32),
    y: (i32, i32),
}

impl FieldPlan {
    pub(crate) fn draw(&self) -> Field {
        let half = self.squares / 2;
        let mut random = self.seed;
        let (mut areas, mut streets) = (Vec::new(), Vec::new());
        for (number, (x, y)) in [
            ((0, half), (0, half)),
            ((half, self.squares), (0, half)),
            ((0, half), (half, self.squares)),
            ((half, self.squares), (half, self.squares)),
        ]
        .into_iter()
        .enumerate()
        {
            let code = format!("11010500{}", number + 1);
            let mut blocks = vec![Block { x, y }];
            while let Some(block) = blocks.pop() {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let (width, height) = (block.x.1 - block.x.0, block.y.1 - block.y.0);
                let draw = (random >> 33) as i32;
                if width.max(height) > 1 && (width * height > 12 || draw % 4 != 0) {
                    let (mut one, mut two) = (block, block);
                    if width >= height {
                        let at = block.x.0 + 1 + (draw >> 3) % (width - 1);
                        (one.x.1, two.x.0) = (at, at);
                    } else {
                        let at = block.y.0 + 1 + (draw >> 3) % (height - 1);
                        (one.y.1, two.y.0) = (at, at);
                    }
                    blocks.extend([one, two]);
                    continue;
                }
                let hole = Block { x: (block.x.0 + 1, block.x.1 - 1), y: (block.y.0 + 1, block.y.1 - 1) };
                let mut holes = Vec::new();
                if width > 2 && height > 2 {
                    areas.push((MultiPolygon::from(Polygon::new(self.ring(hole), vec![])), code.clone()));
                    holes.push(self.ring(hole));
                }
                areas.push((MultiPolygon::from(Polygon::new(self.ring(block), holes)), code.clone()));
            }
            streets.push(Street {
                code: StreetCode::parse(&code).unwrap(),
                name: format!("第{number}街道"),
                stem: format!("第{number}"),
                kind: StreetKind::Subdistrict,
                initials: format!("D{number}"),
                aliases: vec![],
                civil_affairs_code: None,
                boundary: MultiPolygon::from(Polygon::new(self.ring(Block { x, y }), vec![])),
                schematic: true,
            });
        }
        let whole = self.ring(Block { x: (0, self.squares), y: (0, self.squares) });
        Field { outline: MultiPolygon::from(Polygon::new(whole, vec![])), areas, streets }
    }

    fn ring(&self, block: Block) -> LineString {
        let (x, y) = (block.x, block.y);
        let points: Vec<(i32, i32)> = if self.jitter > 0.0 {
            (x.0..x.1)
                .map(|i| (i, y.0))
                .chain((y.0..y.1).map(|j| (x.1, j)))
                .chain((x.0 + 1..=x.1).rev().map(|i| (i, y.1)))
                .chain((y.0 + 1..=y.1).rev().map(|j| (x.0, j)))
                .collect()
        } else {
            vec![(x.0, y.0), (x.1, y.0), (x.1, y.1), (x.0, y.1)]
        };
        let mut ring: LineString = points.into_iter().map(|(i, j)| self.place(i, j)).collect();
        ring.close();
        ring
    }

    fn place(&self, i: i32, j: i32) -> Coord {
        let mut hash = (self.seed ^ ((i as u64) << 32) ^ j as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        hash ^= hash >> 29;
        hash = hash.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let share = |bits: u64| (bits & 0xFFFF) as f64 / 65_535.0 * 2.0 - 1.0;
        let x = (f64::from(i) + self.jitter * share(hash >> 16)) * self.square_degrees;
        let y = (f64::from(j) + self.jitter * share(hash >> 40)) * self.square_degrees;
        let degrees = Coord {
            x: 116.4 + x * self.turn.cos() - y * self.turn.sin(),
            y: 39.9 + x * self.turn.sin() + y * self.turn.cos(),
        };
        // Seven decimals, as files have them: a point on a side is then not quite on it.
        Coord { x: (degrees.x * 1e7).round() / 1e7, y: (degrees.y * 1e7).round() / 1e7 }
    }
}

impl Field {
    /// The pyramid of the field. Areas are numbered from 1.
    pub(crate) fn pyramid(&self) -> Pyramid {
        let texts: Vec<(String, String)> =
            (1..=self.areas.len()).map(|n| (format!("DEMO-AA-{n:04}"), format!("小区{}", n / 2))).collect();
        let areas: Vec<AreaShape<'_>> = self
            .areas
            .iter()
            .zip(&texts)
            .zip(1..)
            .map(|(((boundary, street), (code, name)), id)| AreaShape {
                id,
                code,
                name,
                street,
                management: "contracted",
                committee: "owners",
                class: StyleClass::ALL[id as usize % 9],
                boundary,
                surface_m2: surface_m2(boundary),
                label: label_point(boundary).unwrap(),
            })
            .collect();
        let streets: Vec<StreetShape<'_>> = self
            .streets
            .iter()
            .map(|street| StreetShape { street, label: label_point(&street.boundary).unwrap() })
            .collect();
        let district = District {
            code: "110105".into(),
            name: "朝阳区".into(),
            boundary: self.outline.clone(),
            attribution: String::new(),
        };
        Pyramid::build(&PyramidInput { areas: &areas, streets: &streets, district: &district })
    }
}
