//! Looking for damage in all that is stored.

use std::collections::{BTreeMap, HashMap, HashSet};

use tokio_postgres::{Client, Row, Transaction};

use crate::history::{Key, Recorded};
use crate::model::{AreaCode, Revision, Validity};
use crate::store::StoreError;
use crate::store::postgis::ewkb::Bytes;
use crate::store::postgis::rows::{self, COLUMNS, Cells, Stored, TABLES, instant, portions};
use crate::store::postgis::write::digest;
use crate::store::postgis::{deliveries, failed, vault};

/// Faults after which it stops looking: a table that is gone need not be told row by row.
const FAULTS_MAX: usize = 1_000;

/// Each sentence names its place; none means that all is well.
pub(super) async fn check(client: &mut Client) -> Result<Vec<String>, StoreError> {
    let sql = instant(client).await?;
    sql.batch_execute("SET LOCAL statement_timeout TO '1h'").await.map_err(failed("begin to check"))?;
    let mut faults = Vec::new();
    let records = check_records(&sql, &mut faults).await?;
    check_boundaries(&sql, &mut faults).await?;
    let things = check_things(&sql, &mut faults).await?;
    check_versions(&sql, &things, records, &mut faults).await?;
    check_orphans(&sql, &mut faults).await?;
    check_lineage(&sql, records, &mut faults).await?;
    let latest = Revision(u64::try_from(records).unwrap_or_default());
    faults.extend(deliveries::check(&sql, &things.keys().collect(), latest).await?);
    faults.extend(vault::check(&sql).await?);
    faults.truncate(FAULTS_MAX);
    Ok(faults)
}

/// A row that cannot be read is a fault, anything else that fails is an error.
fn fault<T>(read: Result<T, StoreError>) -> Result<Result<T, String>, StoreError> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(err @ StoreError::Corrupt { .. }) => Ok(Err(err.to_string())),
        Err(err) => Err(err),
    }
}

/// How many records there are.
async fn check_records(sql: &Transaction<'_>, faults: &mut Vec<String>) -> Result<i64, StoreError> {
    let query =
        "SELECT id, kind, document, authority, dated, author, recorded_at, note, request FROM records ORDER BY id";
    let mut next = 1;
    let read = |row: &Row| Ok((row.try_get::<_, i64>(0).unwrap_or_default(), fault(rows::record(row))?));
    portions(sql, query, &[], read, |portion| {
        for (id, record) in portion {
            faults.extend(record.err());
            if id != next {
                faults.push(format!("table records: row {next} is missing"));
            }
            next = id + 1;
        }
        Ok(())
    })
    .await?;
    Ok(next - 1)
}

async fn check_boundaries(sql: &Transaction<'_>, faults: &mut Vec<String>) -> Result<(), StoreError> {
    let query = "SELECT id, geom, surface_m2, source, digest FROM boundaries";
    let read = |row: &Row| {
        let cells = Cells::new("boundaries", row);
        let compare = || {
            let (Bytes(geom), Bytes(kept)) = (cells.get(1)?, cells.get(4)?);
            if digest(geom, cells.get(2)?, cells.get(3)?) == kept {
                Ok(())
            } else {
                Err(cells.corrupt("the boundary is not the one that was written".to_owned()))
            }
        };
        fault(compare())
    };
    portions(sql, query, &[], read, |portion| {
        faults.extend(portion.into_iter().filter_map(Result::err));
        Ok(())
    })
    .await
}

/// Every thing with the latest change of those that are areas.
async fn check_things(
    sql: &Transaction<'_>,
    faults: &mut Vec<String>,
) -> Result<HashMap<Key, Option<i64>>, StoreError> {
    let mut things = HashMap::new();
    let mut numbers = HashSet::new();
    let read = |row: &Row| {
        let cells = Cells::new("things", row);
        let whole = || Ok((cells.get::<i64>(0)?, rows::key(&cells, 1, 2)?, cells.get::<i64>(3)?, cells.get(4)?));
        fault(whole())
    };
    portions(sql, "SELECT id, kind, code, number, changed FROM things", &[], read, |portion| {
        for read in portion {
            match read {
                Ok((id, key, number, changed)) => {
                    if !numbers.insert((key.kind, number)) {
                        faults.push(format!("table things, row {id}: number {number} is taken twice"));
                    }
                    things.insert(key, changed);
                }
                Err(told) => faults.push(told),
            }
        }
        Ok(())
    })
    .await?;
    Ok(things)
}

async fn check_versions(
    sql: &Transaction<'_>,
    things: &HashMap<Key, Option<i64>>,
    records: i64,
    faults: &mut Vec<String>,
) -> Result<(), StoreError> {
    let mut thing: (i64, Vec<(i64, Validity, Recorded)>) = (0, Vec::new());
    let mut latest: BTreeMap<AreaCode, i64> = BTreeMap::new();
    let read = |row: &Row| fault(Stored::read(row).and_then(|stored| checked(row, stored, things)));
    let query = format!("SELECT {COLUMNS}, v.area FROM {TABLES} ORDER BY v.thing, v.id");
    portions(sql, &query, &[], read, |portion| {
        for read in portion {
            let stored = match read {
                Ok(stored) => stored,
                Err(told) => {
                    faults.push(told);
                    continue;
                }
            };
            let Stored { id, version, .. } = stored;
            if thing.0 != stored.thing {
                thing = (stored.thing, Vec::new());
            }
            let meets = |(_, valid, recorded): &&(i64, Validity, Recorded)| {
                valid.overlap(&version.valid).is_some() && overlap(*recorded, version.recorded)
            };
            if let Some((other, _, _)) = thing.1.iter().find(meets) {
                faults.push(format!("table versions, row {id}: it overlaps with row {other}"));
            }
            thing.1.push((id, version.valid, version.recorded));
            let changed = rows::number(version.recorded.until.unwrap_or(version.recorded.from));
            if changed > records {
                faults.push(format!("table versions, row {id}: record {changed} is missing"));
            }
            if let Some(area) = version.fact.area() {
                let known = latest.entry(area.clone()).or_insert(changed);
                *known = changed.max(*known);
            }
        }
        Ok(())
    })
    .await?;
    for (area, latest) in latest {
        let kept = things.get(&Key::new(crate::history::Kind::Area, area.as_str())).copied().flatten();
        if kept != Some(latest) {
            faults.push(format!("table things, area {}: it was changed under revision {latest} last", area.as_str()));
        }
    }
    Ok(())
}

/// Versions of things that are gone, which joins leave out.
async fn check_orphans(sql: &Transaction<'_>, faults: &mut Vec<String>) -> Result<(), StoreError> {
    let query = "SELECT v.id, v.thing FROM versions v WHERE NOT EXISTS (SELECT FROM things t WHERE t.id = v.thing)";
    let read = |row: &Row| {
        let cells = Cells::new("versions", row);
        Ok((cells.get::<i64>(0)?, cells.get::<i64>(1)?))
    };
    portions(sql, query, &[], read, |portion| {
        faults.extend(portion.iter().map(|(id, thing)| format!("table versions, row {id}: thing {thing} is missing")));
        Ok(())
    })
    .await
}

/// What can be said of a version by itself.
fn checked(row: &Row, stored: Stored, things: &HashMap<Key, Option<i64>>) -> Result<Stored, StoreError> {
    let cells = Cells::new("versions", row);
    let fact = &stored.version.fact;
    if fact.key() != stored.key {
        return Err(cells.corrupt(format!("the fact is about {}, not {}", fact.key(), stored.key)));
    }
    if cells.get::<Option<&str>>(14)? != fact.area().map(AreaCode::as_str) {
        return Err(cells.corrupt("it tells of another area than its column says".to_owned()));
    }
    if let Some(target) = fact.references().into_iter().find(|target| !things.contains_key(target)) {
        return Err(cells.corrupt(format!("it refers to {target}, which is not there")));
    }
    if stored.version.valid.is_empty() {
        return Err(cells.corrupt("its period ends before it begins".to_owned()));
    }
    Ok(stored)
}

fn overlap(a: Recorded, b: Recorded) -> bool {
    a.until.is_none_or(|until| b.from < until) && b.until.is_none_or(|until| a.from < until)
}

async fn check_lineage(sql: &Transaction<'_>, records: i64, faults: &mut Vec<String>) -> Result<(), StoreError> {
    let read = |row: &Row| fault(rows::lineage(row));
    portions(sql, "SELECT id, record, predecessor, successor, begins FROM lineage", &[], read, |portion| {
        for read in portion {
            match read {
                Ok((record, _)) if rows::number(record) <= records => {}
                Ok((record, _)) => faults.push(format!("table lineage: record {record} is missing")),
                Err(told) => faults.push(told),
            }
        }
        Ok(())
    })
    .await
}
