//! What time costs: the snapshot after an edit, and states of other days.
//!
//! `ONEMAP_BENCH_AREAS=1637,100000` (the default) chooses the sizes.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark has no callers and may stop at the first surprise")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use geo::{Coord, MapCoords as _};
use jiff::ToSpan as _;
use onemap::app::access::Occasion;
use onemap::app::{App, Mode, Snapshot};
use onemap::auth::Actor;
use onemap::history::{ChangeRequest, ChangeSource, Operation};
use onemap::model::{Area, AsOf, RecordId, Revision};
use onemap::store::geopackage::{Access, GeoPackage};
use onemap::store::{AreaChange, Changes, Question, Store as _};

fn sizes() -> Vec<usize> {
    let text = std::env::var("ONEMAP_BENCH_AREAS").unwrap_or_else(|_| "1637,100000".to_owned());
    text.split(',').map(|size| size.trim().parse().unwrap()).collect()
}

/// What the store would tell after these areas were changed by one record.
fn changes(snapshot: &Snapshot, areas: Vec<(&Area, Area)>) -> Changes {
    let from = snapshot.as_of();
    let to = AsOf { known: Revision(from.known.0 + 1), ..from };
    let mut record = snapshot.latest_record().clone();
    record.id = RecordId(record.id.0 + 1);
    let change = |(before, after): (&Area, Area)| AreaChange {
        code: before.code.clone(),
        before: Some(before.clone()),
        after: Some(Area { record: record.id, changed: to.known, ..after }),
    };
    let mut areas: Vec<AreaChange> = areas.into_iter().map(change).collect();
    areas.sort_by(|a, b| a.code.cmp(&b.code));
    Changes {
        from,
        to,
        areas,
        managers: Vec::new(),
        territory: false,
        absent: Vec::new(),
        records: vec![record],
        lineage: Vec::new(),
    }
}

/// One vertex of an area moves by about ten metres, and with it those of the neighbours that share it.
fn moved_vertex(snapshot: &Snapshot, position: usize) -> Vec<(&Area, Area)> {
    let old = snapshot.boundary(position).0[0].exterior().0[0];
    let new = Coord { x: old.x + 1e-4, y: old.y + 1e-4 };
    let around = snapshot.index().at(old, |position| snapshot.boundary(position));
    let moved = |area: &Area| Area {
        boundary: area.boundary.map_coords(|at| if at == old { new } else { at }),
        ..area.clone()
    };
    around.into_iter().map(|at| (snapshot.area(at), moved(snapshot.area(at)))).collect()
}

fn history(c: &mut Criterion) {
    for size in sizes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(GeoPackage::open(&folder.path().join("bench.gpkg"), Access::Create).unwrap());
        let app = App::new(Arc::<GeoPackage>::clone(&store));
        app.load_demo(Some(size)).unwrap();
        let snapshot = app.snapshot().unwrap();
        let position = snapshot.positions().nth(snapshot.area_count() / 2).unwrap();
        let area = snapshot.area(position);

        let mut group = c.benchmark_group(format!("{size} areas"));
        group.sample_size(10);
        let renamed = changes(&snapshot, vec![(area, Area { name: format!("{}新", area.name), ..area.clone() })]);
        group.bench_function("delta, one rename", |b| {
            b.iter_with_large_drop(|| black_box(snapshot.apply(&renamed).unwrap()));
        });
        let moved = changes(&snapshot, moved_vertex(&snapshot, position));
        group.bench_function("delta, one boundary change", |b| {
            b.iter_with_large_drop(|| black_box(snapshot.apply(&moved).unwrap()));
        });
        // A hundred edits later: the patch is copied with every change.
        let mut later = snapshot.apply(&renamed).unwrap();
        for at in snapshot.positions().step_by(size / 100) {
            let area = later.area(at);
            let told = changes(&later, vec![(area, Area { name: format!("{}又", area.name), ..area.clone() })]);
            later = later.apply(&told).unwrap();
        }
        let moved = changes(&later, moved_vertex(&later, position));
        group.bench_function("delta, one boundary change after a hundred edits", |b| {
            b.iter_with_large_drop(|| black_box(later.apply(&moved).unwrap()));
        });

        // From the request to the snapshot that shows it: commit, changes, delta, swap.
        let mut turn = 0;
        group.bench_function("edit visible, one rename", |b| {
            b.iter(|| {
                turn += 1;
                let told = app.snapshot().unwrap();
                let area = told.area(position);
                let source = ChangeSource {
                    document: format!("B-{turn}"),
                    authority: "bench".to_owned(),
                    dated: told.data_date(),
                    author: "bench".to_owned(),
                    note: String::new(),
                };
                let operation = Operation::Rename { area: area.code.clone(), name: format!("改{turn}") };
                let seen = [(area.code.clone(), area.changed)].into();
                let effective = told.data_date();
                let request = ChangeRequest { source, effective, seen, request: None, operation };
                app.change(&Actor::at_the_machine(), &Occasion::now(), &request, Mode::Commit).unwrap();
            });
        });
        let after = app.snapshot().unwrap();
        assert!(after.revision() > snapshot.revision() && after.patched_count() > 0, "edits were applied as changes");
        let mut days = 400;
        group.bench_function("past state, cold, with the store", |b| {
            b.iter_with_large_drop(|| {
                days += 1;
                let question = Question { day: Some(snapshot.data_date() - days.days()), known: None };
                app.snapshot_at(question).unwrap()
            });
        });

        let day = snapshot.data_date() - 365.days();
        let question = Question { day: Some(day), known: None };
        group.bench_function("past state, without the store", |b| {
            b.iter_batched(
                || store.load(question).unwrap(),
                |register| Snapshot::build_on_demand(register, Some(&snapshot), None).unwrap(),
                BatchSize::PerIteration,
            );
        });
        group.bench_function("past state, first tiles and search", |b| {
            b.iter_batched(
                || Snapshot::build_on_demand(store.load(question).unwrap(), Some(&snapshot), None).unwrap(),
                |past| {
                    past.complete();
                    past
                },
                BatchSize::PerIteration,
            );
        });
        group.finish();
    }
}

criterion_group!(benches, history);
criterion_main!(benches);
