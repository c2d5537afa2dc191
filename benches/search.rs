//! Building the search index and asking it, with as many areas as a district and a large city have.

#![allow(missing_docs, reason = "criterion_group! makes a public function without a comment")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use geo::Coord;
use onemap::model::StreetCode;
use onemap::search::{Document, Kind, Query, SearchIndex};

/// Names of real neighbourhoods, from which names of areas are put together.
const COMMUNITIES: &str = include_str!("../assets/geojson/base/communities768_2023.csv");

const SUFFIXES: [&str; 12] =
    ["", "北里", "南里", "东区", "西园", "家园", "一区", "二区", "三号院", "花园", "嘉苑", "公馆"];

const QUESTIONS: [(&str, &str); 12] = [
    ("two characters", "望京"),
    ("one character", "里"),
    ("whole name", "枣营北里"),
    ("pinyin", "zaoying"),
    ("unfinished pinyin", "wangj"),
    ("initials", "zybl"),
    ("one letter", "z"),
    ("a wrong letter", "zoaying"),
    ("a homophone", "潘家圆"),
    ("two words", "劲松 农光里"),
    ("company", "物业服务"),
    ("nothing", "qqqq不存在"),
];

fn documents(count: usize) -> Vec<Document> {
    let communities: Vec<(&str, &str, &str)> = COMMUNITIES
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut columns = line.split(',');
            Some((columns.nth(2)?, columns.nth(1)?, columns.next()?))
        })
        .collect();
    (0..count)
        .map(|serial| {
            let (stem, street, street_name) = communities[serial % communities.len()];
            let round = serial / communities.len();
            let mut name = format!("{stem}{}", SUFFIXES[round % SUFFIXES.len()]);
            if round >= SUFFIXES.len() {
                name.push_str(&format!("{}号", round / SUFFIXES.len()));
            }
            Document {
                kind: Kind::Area,
                key: u32::try_from(serial).expect("a small number"),
                name: format!("{name}(演示)"),
                aliases: if serial % 5 == 0 { vec![format!("{stem}大院")] } else { Vec::new() },
                address: Some(format!("朝阳区{street_name}{stem}{}号", serial % 97)),
                manager: Some(format!("北京{}物业服务有限公司", communities[serial / 3 % communities.len()].0)),
                community: Some(stem.to_owned()),
                code: format!("DEMO-AB-{serial:06}"),
                street: StreetCode::parse(street).ok(),
                point: Some(Coord {
                    x: 116.3 + (serial % 400) as f64 * 0.001,
                    y: 39.8 + (serial % 301) as f64 * 0.001,
                }),
                weight: (serial % 7) as f32,
            }
        })
        .collect()
}

fn search(criterion: &mut Criterion) {
    for count in [1_637, 100_000] {
        let list = documents(count);
        let mut group = criterion.benchmark_group(format!("search/{count}"));
        group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
        group.bench_function("build", |bencher| {
            bencher.iter_batched(|| list.clone(), SearchIndex::build, criterion::BatchSize::LargeInput);
        });
        let index = SearchIndex::build(list);
        for (what, text) in QUESTIONS {
            let query = Query { text, limit: 10, near: None, street: None, hidden: &[], shown: &|_, _| false };
            group.bench_function(what, |bencher| bencher.iter(|| index.search(black_box(&query))));
        }
        let near = Query {
            text: "望京",
            limit: 10,
            near: Some(Coord { x: 116.47, y: 39.99 }),
            street: None,
            hidden: &[],
            shown: &|_, _| false,
        };
        group.bench_function("near", |bencher| bencher.iter(|| index.search(black_box(&near))));
        group.finish();
    }
}

criterion_group!(benches, search);
criterion_main!(benches);
