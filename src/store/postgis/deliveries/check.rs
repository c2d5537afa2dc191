//! Damage in what belongs to deliveries.

use std::collections::{HashMap, HashSet};

use tokio_postgres::Transaction;

use crate::history::{Key, Kind};
use crate::model::{DeliveryId, DeliveryState, Revision};
use crate::store::StoreError;
use crate::store::deliveries::{Comparing, unlocated_fault};
use crate::store::postgis::deliveries::each_chunk;
use crate::store::postgis::deliveries::rows::{self, DELIVERY, EXCEPTION, FILE, FileRow, SENDER, TRACE, UNLOCATED};
use crate::store::postgis::rows::{all, portions};

/// What is wrong, in sentences that name their place. `things` are the keys of everything, `latest` is the latest record.
pub(in crate::store::postgis) async fn check(
    sql: &Transaction<'_>,
    things: &HashSet<&Key>,
    latest: Revision,
) -> Result<Vec<String>, StoreError> {
    let mut faults = Vec::new();
    let mut states: HashMap<DeliveryId, DeliveryState> = HashMap::new();
    let mut counts: HashMap<DeliveryId, i64> = HashMap::new();
    let read = |row: &tokio_postgres::Row| readable(rows::delivery(row));
    for read in all(sql, &format!("{DELIVERY} ORDER BY id"), &[], read).await? {
        match read {
            Ok((delivery, files)) => {
                faults.extend(state_fault(delivery.id, delivery.state, latest));
                counts.insert(delivery.id, files);
                states.insert(delivery.id, delivery.state);
            }
            Err(told) => faults.push(told),
        }
    }
    let missing = (1..).zip(1..=states.len()).find(|(id, _)| !states.contains_key(&DeliveryId(*id)));
    faults.extend(missing.map(|(id, _)| format!("table deliveries: there is no row {id}")));
    let query = format!("{FILE} ORDER BY delivery, position");
    for read in all(sql, &query, &[], |row| readable(FileRow::read(row))).await? {
        match read {
            Ok(file) => {
                *counts.entry(file.delivery).or_default() -= 1;
                faults.extend(file_fault(sql, &file).await?);
            }
            Err(told) => faults.push(told),
        }
    }
    let mut missing: Vec<_> = counts.into_iter().filter(|(_, left)| *left != 0).collect();
    missing.sort_unstable();
    faults.extend(
        missing.iter().map(|(id, left)| format!("table deliveries, row {id}: {left} of its files are missing")),
    );
    portions(
        sql,
        &format!("{TRACE} ORDER BY id"),
        &[],
        |row| readable(rows::trace(row)),
        |portion| {
            for read in portion {
                let (id, trace) = match read {
                    Ok(read) => read,
                    Err(told) => {
                        faults.push(told);
                        continue;
                    }
                };
                let mut fault = |what: String| faults.push(format!("table delivery_traces, row {id}: {what}"));
                if !things.contains(&Key::new(Kind::Area, trace.area.as_str())) {
                    fault(format!("there is no area {}", trace.area));
                }
                if trace.revision > latest {
                    fault(format!("there is no record {}", trace.revision));
                }
                let published = match states.get(&trace.delivery) {
                    None | Some(DeliveryState::Received) => None,
                    Some(DeliveryState::Published { revision } | DeliveryState::Undone { revision, .. }) => {
                        Some(*revision)
                    }
                };
                if published.is_none_or(|published| trace.revision > published) {
                    fault(format!("delivery {} was not published under record {}", trace.delivery, trace.revision));
                }
            }
            Ok(())
        },
    )
    .await?;
    let query = format!("{UNLOCATED} ORDER BY id");
    for read in all(sql, &query, &[], |row| readable(rows::unlocated(row))).await? {
        match read {
            Ok((id, kept)) => {
                let fault = unlocated_fault(&kept, states.get(&kept.delivery).copied(), Some(latest));
                faults.extend(fault.map(|what| format!("table delivery_unlocated, row {id}: {what}")));
            }
            Err(told) => faults.push(told),
        }
    }
    let unreadable = |read: Vec<Result<(), String>>| read.into_iter().filter_map(Result::err);
    let columns = |row: &tokio_postgres::Row| readable(rows::columns(row).map(drop));
    faults.extend(unreadable(all(sql, SENDER, &[], columns).await?));
    let exceptions = |row: &tokio_postgres::Row| readable(rows::exception(row).map(drop));
    faults.extend(unreadable(all(sql, EXCEPTION, &[], exceptions).await?));
    Ok(faults)
}

/// A row that cannot be read is a fault, anything else that fails is an error.
fn readable<T>(read: Result<T, StoreError>) -> Result<Result<T, String>, StoreError> {
    match read {
        Err(err @ StoreError::Corrupt { .. }) => Ok(Err(err.to_string())),
        other => other.map(Ok),
    }
}

/// A state that contradicts the records.
fn state_fault(id: DeliveryId, state: DeliveryState, latest: Revision) -> Option<String> {
    let right = match state {
        DeliveryState::Received => true,
        DeliveryState::Published { revision } => revision <= latest,
        DeliveryState::Undone { revision, by } => revision < by && by <= latest,
    };
    (!right).then(|| format!("table deliveries, row {id}: it is {} under a record that is not there", state.key()))
}

async fn file_fault(sql: &Transaction<'_>, file: &FileRow) -> Result<Option<String>, StoreError> {
    let (mut comparing, mut next, mut gap) = (Comparing::default(), 1, None);
    each_chunk(sql, file.id, |position, bytes| {
        gap = gap.or((position != next).then_some(next));
        next += 1;
        comparing.add(bytes);
    })
    .await?;
    let what = match gap {
        Some(gap) => Some(format!("part {gap} of it is missing")),
        None => comparing.finish(&file.file),
    };
    let (id, position) = (file.delivery, file.position);
    Ok(what.map(|what| format!("table delivery_files, row {}, file {position} of delivery {id}: {what}", file.id)))
}
