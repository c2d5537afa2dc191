//! Pyramid build and cold tiles at 1,637 and 100,000 areas of the same density, which cover the ground without gaps.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use geo::{Coord, LineString, MultiPolygon, Polygon};
use onemap::geom::{label_point, surface_m2};
use onemap::model::{District, Street, StreetCode, StreetKind, StyleClass};
use onemap::tiles::{AreaShape, Pyramid, PyramidInput, StreetShape, TileCoord, TileLayer};

/// Lattice points along a side of an area, so that it has sixteen vertices.
const POINTS_A_SIDE: usize = 4;

/// Sixteen areas a street would be few, a hundred many; six by six makes the 43 streets of a district.
const AREAS_A_STREET_SIDE: usize = 6;

/// Width of an area, degrees of longitude: 3.5 areas to the square kilometre, as in the district.
const WIDTH: Coord = Coord { x: 0.006_27, y: 0.004_83 };

const SOUTH_WEST: Coord = Coord { x: 116.2, y: 39.7 };

struct Ground {
    side: usize,
    boundaries: Vec<MultiPolygon>,
    texts: Vec<(String, String, String)>,
    streets: Vec<Street>,
    district: District,
}

impl Ground {
    fn new(count: usize) -> Self {
        let side = (1..).find(|side| side * side >= count).expect("the squares grow without end");
        let places: Vec<(usize, usize)> = (0..count).map(|n| (n % side, n / side)).collect();
        let streets_across = side.div_ceil(AREAS_A_STREET_SIDE);
        let code_at = |(i, j): (usize, usize)| {
            format!("{:09}", 110_105_000 + i / AREAS_A_STREET_SIDE + streets_across * (j / AREAS_A_STREET_SIDE))
        };
        let boundaries = places.iter().map(|(i, j)| block(*i, *j, 1)).collect();
        let texts = places
            .iter()
            .enumerate()
            .map(|(n, place)| (format!("DEMO-AA-{n:05}"), format!("试验小区第{n}号"), code_at(*place)))
            .collect();
        let streets = (0..streets_across * streets_across)
            .map(|n| {
                let (i, j) = (n % streets_across, n / streets_across);
                street(
                    format!("{:09}", 110_105_000 + n),
                    block(i * AREAS_A_STREET_SIDE, j * AREAS_A_STREET_SIDE, AREAS_A_STREET_SIDE),
                )
            })
            .collect();
        let district = District {
            code: "110105".into(),
            name: "试验区".into(),
            boundary: block(0, 0, streets_across * AREAS_A_STREET_SIDE),
            attribution: String::new(),
        };
        Self { side, boundaries, texts, streets, district }
    }

    fn with_input<T>(&self, labels: &[Coord], use_it: impl FnOnce(&PyramidInput<'_>) -> T) -> T {
        let areas: Vec<AreaShape<'_>> = self
            .boundaries
            .iter()
            .zip(&self.texts)
            .zip(labels)
            .enumerate()
            .map(|(n, ((boundary, (code, name, street)), label))| AreaShape {
                id: n as u32 + 1,
                code,
                name,
                street,
                management: "contracted",
                committee: "owners",
                class: StyleClass::ALL[n % 9],
                boundary,
                surface_m2: if n == 0 { surface_m2(boundary) } else { 280_000.0 },
                label: *label,
            })
            .collect();
        let streets: Vec<StreetShape<'_>> =
            self.streets.iter().map(|street| StreetShape { street, label: label_of(&street.boundary) }).collect();
        use_it(&PyramidInput { areas: &areas, streets: &streets, district: &self.district })
    }

    fn middle(&self) -> Coord {
        SOUTH_WEST + Coord { x: WIDTH.x, y: WIDTH.y } * (self.side as f64 / 2.0)
    }
}

fn label_of(boundary: &MultiPolygon) -> Coord {
    label_point(boundary).expect("a block has a surface")
}

/// The ring around `size` by `size` lattice squares of areas, with every lattice point on it.
fn block(i: usize, j: usize, size: usize) -> MultiPolygon {
    let (west, south, steps) = (i * POINTS_A_SIDE, j * POINTS_A_SIDE, size * POINTS_A_SIDE);
    let ring: LineString = (0..steps)
        .map(|n| (west + n, south))
        .chain((0..steps).map(|n| (west + steps, south + n)))
        .chain((0..steps).map(|n| (west + steps - n, south + steps)))
        .chain((0..steps).map(|n| (west, south + steps - n)))
        .map(|(column, row)| lattice(column, row))
        .collect();
    MultiPolygon::from(Polygon::new(ring, vec![]))
}

fn lattice(column: usize, row: usize) -> Coord {
    let mut hash = ((column as u64) << 32 | row as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    hash = (hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let share = |bits: u64| 0.25 * ((bits & 0xFFFF) as f64 / 32_768.0 - 1.0);
    SOUTH_WEST
        + Coord {
            x: (column as f64 + share(hash >> 16)) * WIDTH.x / POINTS_A_SIDE as f64,
            y: (row as f64 + share(hash >> 40)) * WIDTH.y / POINTS_A_SIDE as f64,
        }
}

fn street(code: String, boundary: MultiPolygon) -> Street {
    Street {
        name: format!("第{code}街道"),
        stem: format!("第{code}"),
        code: StreetCode::parse(&code).expect("the number has nine digits"),
        kind: StreetKind::Subdistrict,
        initials: "AA".into(),
        aliases: vec![],
        civil_affairs_code: None,
        boundary,
        schematic: true,
    }
}

fn tiles(criterion: &mut Criterion) {
    for count in [1_637, 100_000] {
        let ground = Ground::new(count);
        let labels: Vec<Coord> = ground.boundaries.iter().map(label_of).collect();
        let mut group = criterion.benchmark_group(format!("{count} areas"));
        group.sample_size(if count > 10_000 { 10 } else { 50 });
        group.bench_function("label points", |b| {
            b.iter(|| ground.boundaries.iter().map(label_of).map(|c| c.x).sum::<f64>());
        });
        let pyramid = ground.with_input(&labels, |input| {
            group.bench_function("build", |b| b.iter(|| Pyramid::build(black_box(input))));
            Pyramid::build(input)
        });
        group.sample_size(50);
        for z in [0, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18] {
            let coord = TileCoord::at(ground.middle(), z).expect("the zoom is served");
            for layer in TileLayer::ALL {
                let bytes = pyramid.tile(layer, coord).len();
                group.bench_function(format!("{} z{z} {bytes} bytes", layer.key()), |b| {
                    b.iter(|| pyramid.tile(layer, black_box(coord)));
                });
            }
        }
    }
}

criterion_group!(benches, tiles);
criterion_main!(benches);
