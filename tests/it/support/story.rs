//! A register in which things have happened: the demonstration district and five further records.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use jiff::civil::{Date, date};
use onemap::app::App;
use onemap::history::{AreaFact, Entry, Fact, Key, Kind, Lineage, NewRecord, Put};
use onemap::http::{Site, router};
use onemap::model::{AreaCode, RecordKind, Validity};
use onemap::store::memory::Memory;
use onemap::store::{Row, Store};

use crate::support::{Who, app_on, demo_store, settings};

/// Renamed under record 2, on 2023-03-01.
pub const RENAMED: &str = "DEMO-JS-0001";
/// Its name since then.
pub const NEW_NAME: &str = "改名小区(演示)";
/// Merged under record 3, on 2023-06-01.
pub const MERGED: [&str; 2] = ["DEMO-JS-0002", "DEMO-JS-0003"];
/// What they became.
pub const MERGED_INTO: &str = "DEMO-JS-0902";
/// Split under record 4, on 2023-09-01.
pub const SPLIT: &str = "DEMO-JS-0004";
/// What it became.
pub const SPLIT_INTO: [&str; 2] = ["DEMO-JS-0904", "DEMO-JS-0905"];
/// Ended under record 5, on 2024-01-01, with nothing in its place.
pub const RETIRED: &str = "DEMO-JS-0005";
/// Entered under record 6 of 2024-02-01, and there from 2030-01-01 on.
pub const PLANNED: &str = "DEMO-JS-0930";
/// The latest revision.
pub const LATEST: u64 = 6;

/// A register of its own for a test that writes: the demonstration district as its first record tells it, without the past
/// that is told of it afterwards. Nothing is published yet.
pub fn copy_of_demo() -> Arc<Memory> {
    let copy = Arc::new(Memory::new());
    let mut rows = Vec::new();
    let collected = demo_store().export(&mut |row| {
        rows.extend(of_first_record(row).map(Ok));
        Ok(())
    });
    collected.unwrap();
    copy.import(&mut rows.into_iter()).unwrap();
    copy
}

/// The same with every area changed, as it was told first.
pub fn copy_of_demo_with(change: impl Fn(&mut AreaFact)) -> Arc<Memory> {
    let changed = Arc::new(Memory::new());
    let mut rows = Vec::new();
    let collected = copy_of_demo().export(&mut |mut row| {
        if let Row::Thing(_, _, versions) = &mut row {
            for version in versions {
                if let Fact::Area(area) = &mut version.fact {
                    change(area);
                }
            }
        }
        rows.push(Ok(row));
        Ok(())
    });
    collected.unwrap();
    changed.import(&mut rows.into_iter()).unwrap();
    changed
}

fn of_first_record(row: Row) -> Option<Row> {
    match row {
        Row::Record(mut record, request) => {
            // As if it had been loaded on the day after the survey, before everything that the story tells.
            record.recorded_at = "2022-10-28T04:00:00Z".parse().unwrap();
            (record.id.0 == 1).then_some(Row::Record(record, request))
        }
        Row::Thing(key, number, mut versions) => {
            versions.retain(|version| version.recorded.from.0 == 1);
            versions.iter_mut().for_each(|version| version.recorded.until = None);
            (!versions.is_empty()).then_some(Row::Thing(key, number, versions))
        }
        _ => None,
    }
}

/// The same as a register that is not for demonstration: the map of it is closed to whoever is not signed in.
pub fn real_register(who: Who) -> &'static (App, Router) {
    static CELLS: OnceLock<Mutex<HashMap<Who, &'static (App, Router)>>> = OnceLock::new();
    let mut cells = CELLS.get_or_init(Mutex::default).lock().unwrap();
    cells.entry(who).or_insert_with(|| {
        let store = Arc::new(Memory::new());
        let mut rows = Vec::new();
        let collected = copy_of_demo().export(&mut |row| {
            rows.push(Ok(real(row)));
            Ok(())
        });
        collected.unwrap();
        store.import(&mut rows.into_iter()).unwrap();
        Box::leak(Box::new(serve(store, who)))
    })
}

fn real(row: Row) -> Row {
    match row {
        Row::Thing(key, number, mut versions) => {
            for version in &mut versions {
                if let Fact::Area(area) = &mut version.fact {
                    area.demo = false;
                }
            }
            Row::Thing(key, number, versions)
        }
        other => other,
    }
}

/// The web edge of a store, loaded and asked by somebody.
pub fn serve(store: Arc<Memory>, who: Who) -> (App, Router) {
    let app = app_on(store);
    app.refresh().unwrap();
    let router = who.asks(&app, &router(Site::new(app.clone(), settings())));
    (app, router)
}

/// A record of this kind and date, entered at noon of it in Beijing.
pub fn record(kind: RecordKind, dated: Date) -> NewRecord {
    NewRecord {
        kind,
        document: format!("试文 {dated}"),
        authority: "试验区".to_owned(),
        dated,
        author: "甲某".to_owned(),
        recorded_at: format!("{dated}T04:00:00Z").parse().unwrap(),
        note: String::new(),
        request: None,
    }
}

fn fact(store: &Memory, code: &str) -> AreaFact {
    let versions = store.versions(&Key::new(Kind::Area, code)).unwrap();
    let Fact::Area(fact) = &versions.last().unwrap().fact else { panic!("an area's versions are areas") };
    fact.clone()
}

fn like(store: &Memory, model: &str, code: &str) -> Fact {
    Fact::Area(AreaFact { code: AreaCode::parse(code).unwrap(), name: format!("新{code}"), ..fact(store, model) })
}

fn end(code: &str, day: Date) -> Put {
    Put::End { key: Key::new(Kind::Area, code), valid: Validity::since(day) }
}

fn edge(predecessor: &str, successor: &str, from: Date) -> Lineage {
    let code = |text: &str| AreaCode::parse(text).unwrap();
    Lineage { predecessor: code(predecessor), successor: code(successor), from }
}

/// Enters all five records into a store that holds the demonstration district.
pub fn tell(store: &Memory) {
    for chapter in 2..=LATEST {
        tell_one(store, chapter);
    }
}

/// Enters one record, 2 to 6; the one before must be there.
pub fn tell_one(store: &Memory, chapter: u64) {
    let (kind, day, entry) = match chapter {
        2 => {
            let day = date(2023, 3, 1);
            let renamed = Fact::Area(AreaFact { name: NEW_NAME.to_owned(), ..fact(store, RENAMED) });
            let puts = vec![Put::Set { fact: renamed, valid: Validity::since(day) }];
            (RecordKind::Rename, day, Entry { puts, ..Entry::default() })
        }
        3 => {
            let day = date(2023, 6, 1);
            let new = Put::New { fact: like(store, MERGED[0], MERGED_INTO), valid: Validity::since(day) };
            let puts = vec![end(MERGED[0], day), end(MERGED[1], day), new];
            let lineage = MERGED.map(|code| edge(code, MERGED_INTO, day)).to_vec();
            (RecordKind::Merge, day, Entry { puts, lineage, ..Entry::default() })
        }
        4 => {
            let day = date(2023, 9, 1);
            let new = SPLIT_INTO.map(|code| Put::New { fact: like(store, SPLIT, code), valid: Validity::since(day) });
            let puts = std::iter::once(end(SPLIT, day)).chain(new).collect();
            let lineage = SPLIT_INTO.map(|code| edge(SPLIT, code, day)).to_vec();
            (RecordKind::Split, day, Entry { puts, lineage, ..Entry::default() })
        }
        5 => {
            let day = date(2024, 1, 1);
            (RecordKind::Retirement, day, Entry { puts: vec![end(RETIRED, day)], ..Entry::default() })
        }
        _ => {
            let valid = Validity::since(date(2030, 1, 1));
            let puts = vec![Put::New { fact: like(store, RENAMED, PLANNED), valid }];
            (RecordKind::Delimitation, date(2024, 2, 1), Entry { puts, ..Entry::default() })
        }
    };
    let revision = store.commit(&record(kind, day), &entry).unwrap();
    assert_eq!(revision.0, chapter);
}
