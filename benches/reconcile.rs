//! Matching made-up deliveries with their ledgers at 1,637 and 100,000 areas.
//!
//! `ONEMAP_BENCH_MILLION=1` adds a million, which needs a few gigabytes.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use onemap::reconcile::reconcile;

use crate::trial::delivery::trial;
use crate::trial::levels::{HARD, MEDIUM};

#[path = "../tests/trial/mod.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "shared with the tests, which use other parts of it")]
mod trial;

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
criterion_main!(benches);
