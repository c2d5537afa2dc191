//! Load, snapshot, look-up and tiles of the demonstration district and of copies of it side by side.
//!
//! `ONEMAP_BENCH_AREAS=1637,100000` (the default) chooses the sizes.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark has no callers and may stop at the first surprise")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use geo::Coord;
use onemap::app::{
    App, AreaQuery, LedgerFormat, LedgerLanguage, LocateQuery, SearchQuery, Selection, Snapshot, export_ledger,
    ledger_table,
};
use onemap::auth::{Actor, Reader};
use onemap::crs::mercator;
use onemap::store::Question;
use onemap::store::Store as _;
use onemap::store::geopackage::{Access, GeoPackage};
use onemap::tiles::{TileCoord, TileLayer};

/// Points that look-ups cycle through.
const POINTS: usize = 4_096;

fn sizes() -> Vec<usize> {
    let text = std::env::var("ONEMAP_BENCH_AREAS").unwrap_or_else(|_| "1637,100000".to_owned());
    text.split(',').map(|size| size.trim().parse().unwrap()).collect()
}

/// The tile of this zoom that holds the most areas' labels, which is the heaviest or close to it.
fn fullest(snapshot: &Snapshot, zoom: u8) -> TileCoord {
    let scale = f64::from(1_u32 << zoom);
    let mut counts = std::collections::HashMap::<(u32, u32), usize>::new();
    for position in snapshot.positions() {
        let unit = mercator::to_unit(snapshot.label(position));
        *counts.entry(((unit.x * scale) as u32, (unit.y * scale) as u32)).or_default() += 1;
    }
    let ((x, y), _) = counts.into_iter().max_by_key(|(place, count)| (*count, *place)).unwrap();
    TileCoord::new(zoom, x, y).unwrap()
}

/// Half of the points inside areas, half a little off, spread over the whole extent.
fn points(snapshot: &Snapshot) -> Vec<Coord> {
    let step = (snapshot.area_count() / POINTS).max(1);
    (0..POINTS)
        .map(|at| {
            let label = snapshot.label(at * step % snapshot.area_count());
            if at % 2 == 0 { label } else { Coord { x: label.x + 0.0017, y: label.y + 0.0011 } }
        })
        .collect()
}

fn register(c: &mut Criterion) {
    for size in sizes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bench.gpkg");
        let app = App::new(Arc::new(GeoPackage::open(&path, Access::Create).unwrap()));
        app.load_demo(Some(size)).unwrap();
        let store = GeoPackage::open(&path, Access::Existing).unwrap();

        let mut group = c.benchmark_group(format!("{size} areas"));
        group.sample_size(10);
        group.bench_function("store load", |b| b.iter_with_large_drop(|| store.load(Question::default()).unwrap()));
        group.bench_function("snapshot build", |b| {
            b.iter_batched(
                || store.load(Question::default()).unwrap(),
                |register| Snapshot::build(register).unwrap(),
                BatchSize::PerIteration,
            );
        });

        let snapshot = Snapshot::build(store.load(Question::default()).unwrap()).unwrap();
        let actor = Actor::at_the_machine();
        let points = points(&snapshot);
        let mut turn = 0;
        let mut next = || {
            turn = (turn + 1) % POINTS;
            points[turn]
        };
        group.sample_size(50);
        group.bench_function("point in area", |b| {
            b.iter(|| black_box(snapshot.index().at(next(), |position| snapshot.boundary(position))));
        });
        group.bench_function("locate, whole answer", |b| {
            b.iter(|| black_box(snapshot.locate(LocateQuery { point: next(), accuracy_m: None }).unwrap()));
        });
        // South of everything: the nearest three must be found without looking at the rest.
        let bounds = snapshot.bounds();
        let outside = Coord { x: bounds.center().x, y: bounds.min().y - 0.3 };
        group.bench_function("locate, 33 km outside", |b| {
            b.iter(|| black_box(snapshot.locate(LocateQuery { point: outside, accuracy_m: None }).unwrap()));
        });
        let everything = AreaQuery { bbox: Some(bounds), limit: 100, ..AreaQuery::default() };
        group.bench_function("page of a box around everything", |b| {
            b.iter(|| black_box(snapshot.list_areas(&actor, &everything).unwrap()));
        });
        let bbox = geo::Rect::new(
            Coord { x: snapshot.label(0).x - 0.005, y: snapshot.label(0).y - 0.005 },
            Coord { x: snapshot.label(0).x + 0.005, y: snapshot.label(0).y + 0.005 },
        );
        let query = AreaQuery { bbox: Some(bbox), limit: 100, ..AreaQuery::default() };
        group.bench_function("page of a box", |b| b.iter(|| black_box(snapshot.list_areas(&actor, &query).unwrap())));
        for text in ["枣营", "zybl", "jiayuan", "panjaiyuan"] {
            let query = SearchQuery { text: text.to_owned(), limit: 10, near: None, street: None };
            group.bench_function(format!("search {text}"), |b| {
                b.iter(|| black_box(snapshot.search(&actor, &query).unwrap()));
            });
        }
        let streets: Vec<_> = snapshot.streets().iter().map(|street| street.code.clone()).collect();
        group.bench_function("rates of every street", |b| {
            b.iter(|| streets.iter().map(|street| snapshot.tallies().scope(Some(street)).rates()).collect::<Vec<_>>());
        });
        group.sample_size(10);
        group.bench_function("ledger by column", |b| {
            b.iter_with_large_drop(|| ledger_table(&snapshot, &actor, None, snapshot.data_date()));
        });
        let selection = Selection {
            format: LedgerFormat::Xlsx,
            codes: None,
            columns: None,
            filter: String::new(),
            language: LedgerLanguage::Chinese,
            due_day: snapshot.data_date(),
        };
        group.bench_function("ledger as a workbook", |b| {
            b.iter_with_large_drop(|| {
                export_ledger(&snapshot, Reader { actor: &actor, tolerance_m: 0.0, mark: "" }, &selection).unwrap()
            });
        });
        group.sample_size(20);
        for zoom in [7, 9, 10, 11, 12, 13, 14, 16, 18] {
            let coord = fullest(&snapshot, zoom);
            group.bench_function(format!("cold tile z{zoom}"), |b| {
                b.iter(|| black_box(snapshot.tile(TileLayer::Areas, coord)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, register);
criterion_main!(benches);
