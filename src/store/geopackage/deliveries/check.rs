//! Damage in what belongs to deliveries.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;

use crate::model::{DeliveryId, DeliveryState, Revision};
use crate::store::StoreError;
use crate::store::deliveries::{Comparing, unlocated_fault};
use crate::store::geopackage::deliveries::rows::{self, DeliveryRow, FileRow};

/// What is wrong, in sentences that name their place. `areas` are the codes of all areas, `latest` is the latest record.
/// Errors: a row that cannot be read ends the search.
pub(in crate::store::geopackage) fn check(
    sql: &Connection,
    areas: &HashSet<&str>,
    latest: Option<Revision>,
) -> Result<Vec<String>, StoreError> {
    let deliveries = rows::deliveries(sql, "", [])?;
    let mut faults: Vec<String> = Vec::new();
    for row in &deliveries {
        faults.extend(state(row, latest));
    }
    numbers("deliveries", deliveries.iter().map(|row| i64::from(row.delivery.id.0)), &mut faults);
    bytes(sql, &deliveries, &mut faults)?;
    traces(sql, &deliveries, (areas, latest), &mut faults)?;
    unlocated(sql, &deliveries, latest, &mut faults)?;
    numbers("sender_columns", rows::columns(sql, "ORDER BY id", [])?.iter().map(|(id, _)| *id), &mut faults);
    let exceptions = rows::exceptions(sql, "", [])?;
    numbers("exceptions", exceptions.iter().map(|exception| i64::from(exception.id.0)), &mut faults);
    Ok(faults)
}

/// A state that contradicts the records.
fn state(row: &DeliveryRow, latest: Option<Revision>) -> Option<String> {
    let known = |revision: Revision| revision.0 > 0 && Some(revision) <= latest;
    let right = match row.delivery.state {
        DeliveryState::Received => true,
        DeliveryState::Published { revision } => known(revision),
        DeliveryState::Undone { revision, by } => known(revision) && known(by) && revision < by,
    };
    let told = row.delivery.state.key();
    (!right)
        .then(|| format!("table deliveries, row {}: it is {told} under a record that is not there", row.delivery.id))
}

/// Rows are numbered from 1 on without gaps.
fn numbers(table: &str, ids: impl Iterator<Item = i64>, faults: &mut Vec<String>) {
    let missing = ids.zip(1..).find(|(id, expected)| id != expected);
    faults.extend(missing.map(|(_, expected)| format!("table {table}: there is no row {expected}")));
}

/// Every byte that was received, against the checksum of its row and the digest of its file.
fn bytes(sql: &Connection, deliveries: &[DeliveryRow], faults: &mut Vec<String>) -> Result<(), StoreError> {
    let mut files: HashMap<i64, Vec<FileRow>> = HashMap::new();
    for row in rows::files(sql, "", [])? {
        files.entry(row.delivery).or_default().push(row);
    }
    for row in deliveries {
        let id = row.delivery.id;
        let found = files.remove(&i64::from(id.0)).unwrap_or_default();
        let in_order = found.iter().zip(1..).all(|(file, position)| file.position == position);
        if !in_order || i64::try_from(found.len()) != Ok(row.files) {
            faults.push(format!(
                "table deliveries, row {id}: {} files were received, there are {}",
                row.files,
                found.len()
            ));
        }
        for file in found {
            faults.extend(file_fault(sql, &file)?.map(|what| format!("table delivery_files, row {}: {what}", file.id)));
        }
    }
    Ok(())
}

fn file_fault(sql: &Connection, file: &FileRow) -> Result<Option<String>, StoreError> {
    let mut comparing = Comparing::default();
    let read = rows::each_chunk(sql, file.id, |cells, bytes| {
        rows::chunk_fits(cells, file.id, bytes)?;
        comparing.add(bytes);
        Ok(())
    });
    match read {
        Ok(()) => Ok(comparing.finish(&file.file)),
        Err(err @ StoreError::Corrupt { .. }) => Ok(Some(err.to_string())),
        Err(err) => Err(err),
    }
}

/// Traces that name what is not there, or that their delivery does not count.
fn traces(
    sql: &Connection,
    deliveries: &[DeliveryRow],
    (areas, latest): (&HashSet<&str>, Option<Revision>),
    faults: &mut Vec<String>,
) -> Result<(), StoreError> {
    let states: HashMap<DeliveryId, DeliveryState> =
        deliveries.iter().map(|row| (row.delivery.id, row.delivery.state)).collect();
    let mut found: HashMap<DeliveryId, i64> = HashMap::new();
    rows::each_trace(sql, "ORDER BY id", [], |id, trace| {
        *found.entry(trace.delivery).or_default() += 1;
        let mut fault = |what: String| faults.push(format!("table delivery_traces, row {id}: {what}"));
        if !areas.contains(trace.area.as_str()) {
            fault(format!("there is no area {}", trace.area));
        }
        if Some(trace.revision) > latest {
            fault(format!("there is no record {}", trace.revision));
        }
        let published = match states.get(&trace.delivery) {
            None | Some(DeliveryState::Received) => None,
            Some(DeliveryState::Published { revision } | DeliveryState::Undone { revision, .. }) => Some(*revision),
        };
        if published.is_none_or(|published| trace.revision > published) {
            fault(format!("delivery {} was not published under record {}", trace.delivery, trace.revision));
        }
    })?;
    for row in deliveries {
        let (id, counted) = (row.delivery.id, found.get(&row.delivery.id).copied().unwrap_or_default());
        if counted != row.traces {
            faults.push(format!("table deliveries, row {id}: it left {} traces, there are {counted}", row.traces));
        }
    }
    Ok(())
}

/// Rows without an area that were known under records that are not there, or that their delivery does not count.
fn unlocated(
    sql: &Connection,
    deliveries: &[DeliveryRow],
    latest: Option<Revision>,
    faults: &mut Vec<String>,
) -> Result<(), StoreError> {
    let mut found: HashMap<DeliveryId, i64> = HashMap::new();
    for (id, kept) in rows::unlocated(sql, "ORDER BY id", [])? {
        *found.entry(kept.delivery).or_default() += 1;
        let state = deliveries.iter().find(|row| row.delivery.id == kept.delivery).map(|row| row.delivery.state);
        faults.extend(
            unlocated_fault(&kept, state, latest).map(|what| format!("table delivery_unlocated, row {id}: {what}")),
        );
    }
    for row in deliveries {
        let (id, counted) = (row.delivery.id, found.get(&row.delivery.id).copied().unwrap_or_default());
        if counted != row.unlocated {
            let told = row.unlocated;
            faults.push(format!("table deliveries, row {id}: it has {told} rows without an area, there are {counted}"));
        }
    }
    Ok(())
}
