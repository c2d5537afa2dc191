//! Matching made-up deliveries with their ledgers at 1,637 and 100,000 areas.
//!
//! `ONEMAP_BENCH_MILLION=1` adds a million, which needs a few gigabytes. `ONEMAP_BENCH_STAGES=COUNT` matches one delivery of
//! so many areas once instead, and prints what each stage took and the peak of the memory (Linux). With `ONEMAP_BENCH_FILES=FOLDER`
//! beside it both sides are only written there, as `left.geojson` and `right.geojson`, for `onemap reconcile`.

#![allow(missing_docs, reason = "criterion's macros make public functions")]
#![allow(clippy::print_stdout, reason = "figures are what a benchmark is for")]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use geo::Point;
use geojson::{Geometry, GeometryValue};
use onemap::reconcile::{Record, Shape, reconcile, reconcile_in_stages};
use serde_json::json;

use crate::trial::delivery::trial;
use crate::trial::levels::{HARD, MEDIUM};

#[path = "../tests/trial/mod.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "shared with the tests, which use other parts of it")]
mod trial;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn matching(c: &mut Criterion) {
    let mut group = c.benchmark_group("reconcile");
    group.sample_size(10).warm_up_time(Duration::from_millis(500));
    let mut counts = vec![1_637, 100_000];
    counts.extend(std::env::var_os("ONEMAP_BENCH_MILLION").map(|_| 1_000_000));
    for level in [MEDIUM, HARD] {
        for count in &counts {
            let trial = trial(1, *count, &level);
            group.throughput(Throughput::Elements(*count as u64));
            group.bench_function(BenchmarkId::new(level.name, count), |b| {
                b.iter(|| reconcile(black_box(&trial.left), black_box(&trial.right)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, matching);

fn main() {
    match std::env::var("ONEMAP_BENCH_STAGES").ok().and_then(|count| count.parse().ok()) {
        Some(count) => match std::env::var_os("ONEMAP_BENCH_FILES") {
            Some(folder) => files(count, Path::new(&folder)),
            None => stages(count),
        },
        None => {
            benches();
            Criterion::default().configure_from_args().final_summary();
        }
    }
}

/// Both sides of one match as files.
fn files(count: usize, folder: &Path) {
    let trial = trial(1, count, &MEDIUM);
    for (name, records) in [("left.geojson", &trial.left), ("right.geojson", &trial.right)] {
        let features: Vec<String> = records.iter().map(feature).collect();
        let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features.join(",\n"));
        std::fs::write(folder.join(name), text).expect("the folder can be written");
    }
}

fn feature(record: &Record) -> String {
    let geometry = match &record.shape {
        Shape::None => None,
        Shape::Point(at) => Some(GeometryValue::from(&Point(*at))),
        Shape::Outline(outline) => Some(GeometryValue::from(outline)),
    };
    let geometry = geometry.map(|value| serde_json::to_value(Geometry::new(value)).expect("finite numbers"));
    let Record { id, name, aliases, address, street, management, committee, company, households, source, .. } = record;
    let properties = json!({
        "id": id, "name": name, "aliases": aliases, "address": address, "street": street, "mgmt_type": management,
        "committee": committee, "company": company, "households": households, "source": source,
    });
    json!({ "type": "Feature", "geometry": geometry, "properties": properties }).to_string()
}

/// One match, stage by stage.
fn stages(count: usize) {
    let (left, right) = {
        let trial = trial(1, count, &MEDIUM);
        (trial.left, trial.right)
    };
    let before = status("VmRSS:");
    // The peak from here on; without the right to do so it is that of the whole run.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let began = (Instant::now(), cpu());
    let mut last = began;
    let outcome = reconcile_in_stages(&left, &right, &mut |stage| {
        let now = (Instant::now(), cpu());
        line(stage, (now.0 - last.0, now.1 - last.1));
        last = now;
    });
    line("all", (began.0.elapsed(), cpu() - began.1));
    println!("{} x {} rows, {} statements", left.len(), right.len(), outcome.statements.len());
    println!("resident: {before} MiB before, {} MiB at most", status("VmHWM:"));
}

fn line(stage: &str, (wall, cpu): (Duration, f64)) {
    println!("{stage:<12} {:>8.2} s {cpu:>8.2} s of processor, {} MiB", wall.as_secs_f64(), status("VmRSS:"));
}

/// A line of the process's status, MiB; 0 where there is none.
fn status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let value = status.lines().find_map(|line| line.strip_prefix(key)?.split_whitespace().next()?.parse::<u64>().ok());
    value.unwrap_or(0) / 1024
}

/// Seconds of processor time of all threads, by the clock ticks of Linux.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or("").split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
