//! Examining outlines and finding overlaps at 1,637 and 100,000 areas that cover the ground without gaps, beside `geo`'s own check.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use geo::{Coord, LineString, MultiPolygon, Polygon, Validation as _};
use onemap::geom::{OverlapRules, RawPolygon, Territory, examine, fingerprint, overlaps};

/// Sides on each edge of an area, so that it has twenty vertices.
const SIDES_AN_EDGE: usize = 5;

const WIDTH: Coord = Coord { x: 0.006_27, y: 0.004_83 };
const SOUTH_WEST: Coord = Coord { x: 116.2, y: 39.7 };

/// A point of the bent lattice, numbered in steps along the edges of areas.
fn lattice(i: usize, j: usize) -> Coord {
    let (u, v) = (i as f64 / SIDES_AN_EDGE as f64, j as f64 / SIDES_AN_EDGE as f64);
    let bend = |a: f64, b: f64| 0.03 * ((a * 12.9).sin() + (b * 7.3).cos());
    Coord { x: SOUTH_WEST.x + WIDTH.x * (u + bend(u, v)), y: SOUTH_WEST.y + WIDTH.y * (v + bend(v, u)) }
}

fn area(column: usize, row: usize, size: usize) -> Vec<Coord> {
    let (i, j, n) = (column * SIDES_AN_EDGE, row * SIDES_AN_EDGE, size * SIDES_AN_EDGE);
    let south = (0..n).map(|k| lattice(i + k, j));
    let east = (0..n).map(|k| lattice(i + n, j + k));
    let north = (0..n).map(|k| lattice(i + n - k, j + n));
    let west = (0..=n).map(|k| lattice(i, j + n - k));
    south.chain(east).chain(north).chain(west).collect()
}

fn outlines(count: usize) -> Vec<RawPolygon> {
    let side = (1..).find(|side| side * side >= count).expect("the squares grow without end");
    (0..count).map(|n| RawPolygon { rings: vec![area(n % side, n / side, 1)] }).collect()
}

fn boundaries(outlines: &[RawPolygon]) -> Vec<MultiPolygon> {
    let polygon = |outline: &RawPolygon| Polygon::new(LineString::new(outline.rings[0].clone()), Vec::new());
    outlines.iter().map(|outline| MultiPolygon::from(polygon(outline))).collect()
}

/// A ring of so many vertices that winds like a coast.
fn coast(vertices: usize) -> RawPolygon {
    let at = |k: usize| {
        let turn = (k % vertices) as f64 / vertices as f64 * std::f64::consts::TAU;
        let reach = 0.2 + 0.01 * (turn * vertices as f64 / 130.0).sin();
        Coord { x: 116.4 + reach * turn.cos(), y: 39.9 + reach * turn.sin() }
    };
    RawPolygon { rings: vec![(0..=vertices).map(at).collect()] }
}

fn examining(c: &mut Criterion) {
    let mut group = c.benchmark_group("examine");
    group.sample_size(10);
    for count in [1_637, 100_000] {
        let outlines = outlines(count);
        let boundaries = boundaries(&outlines);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::new("areas", count), |b| {
            b.iter(|| outlines.iter().map(|outline| examine(std::slice::from_ref(outline)).len()).sum::<usize>());
        });
        group.bench_function(BenchmarkId::new("areas, geo", count), |b| {
            b.iter(|| boundaries.iter().filter(|boundary| boundary.is_valid()).count());
        });
    }
    group.throughput(Throughput::Elements(1));
    for vertices in [5_000, 100_000] {
        let outline = [coast(vertices - 1)];
        group.bench_function(BenchmarkId::new("vertices", vertices), |b| b.iter(|| examine(black_box(&outline))));
    }
    let boundary = boundaries(&[coast(4_999)]);
    group.bench_function(BenchmarkId::new("vertices, geo", 5_000), |b| b.iter(|| boundary[0].is_valid()));
    group.finish();
}

fn comparing(c: &mut Criterion) {
    let mut group = c.benchmark_group("topology");
    group.sample_size(10);
    for count in [1_637, 100_000] {
        let boundaries = boundaries(&outlines(count));
        let list: Vec<&MultiPolygon> = boundaries.iter().collect();
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::new("overlaps of a coverage", count), |b| {
            b.iter(|| overlaps(black_box(&list), OverlapRules::default()));
        });
        group.bench_function(BenchmarkId::new("fingerprints", count), |b| {
            b.iter(|| list.iter().fold(0, |sum, boundary| sum ^ fingerprint(boundary)[0]));
        });
    }
    let boundaries = boundaries(&outlines(1_637));
    let ring = LineString::new(area(0, 0, 40));
    let territory = Territory::new(&MultiPolygon::from(Polygon::new(ring, Vec::new())));
    group.throughput(Throughput::Elements(1_637));
    group.bench_function("share outside a territory of 800 vertices", |b| {
        b.iter(|| boundaries.iter().map(|boundary| territory.share_outside(boundary)).sum::<f64>());
    });
    group.finish();
}

criterion_group!(benches, examining, comparing);
criterion_main!(benches);
