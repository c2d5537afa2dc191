//! The whole register as of both clocks: each table is read once from front to end, and decoded beside the reading.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use crate::history::{Fact, Kind, Version};
use crate::model::{Area, AreaCode, AsOf, Boundary, ManagerId, Record, Revision, Uscc};
use crate::store::assemble::{Assembled, Assembly, resolve};
use crate::store::facts::{self, Outline};
use crate::store::geopackage::blob;
use crate::store::geopackage::tables::{self, Thing, VersionRow};
use crate::store::{AbsentArea, Question, Register, StoreError};

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 2048;

/// Everything. The caller holds a transaction.
pub(super) fn register(sql: &Connection, question: Question) -> Result<Register, StoreError> {
    let rows = tables::records(sql, Revision(0), Revision(u64::MAX))?;
    let mut records: Vec<Record> = rows.into_iter().map(|row| row.record).collect();
    let as_of = resolve(question, &mut records)?;
    let things = Things(tables::things(sql)?);
    let Known { holding, mut absent } = known(sql, &things, as_of)?;
    let versions = with_boundaries(sql, holding)?;

    let mut assembly = Assembly::default();
    let mut managers: HashMap<Uscc, ManagerId> = HashMap::new();
    for Held { row, thing, version, .. } in versions {
        let thing = things.at(thing, row)?;
        match &version.fact {
            Fact::Manager(manager) => {
                managers.insert(manager.uscc.clone(), ManagerId(thing.number));
            }
            Fact::Area(area) => {
                absent.remove(&thing.id);
                assembly.set_changed(area.code.clone(), Revision(thing.changed));
            }
            _ => {}
        }
        assembly.add(thing.number, version);
    }
    let Assembled { district, streets, communities, managers, areas, figures } =
        assembly.finish(|uscc| managers.get(uscc).copied());
    let mut told: Vec<AbsentArea> = Vec::with_capacity(absent.len());
    for (thing, nearest) in &absent {
        told.extend(nearest.tell(sql, things.at(*thing, 0)?)?);
    }
    told.sort_by(|a, b| a.code.cmp(&b.code));
    let lineage = tables::lineage(sql, Revision(0), as_of.known)?;
    Ok(Register {
        as_of,
        records,
        district,
        streets,
        communities,
        managers,
        areas,
        absent: told,
        lineage: lineage.into_iter().map(|(_, lineage)| lineage).collect(),
        figures,
    })
}

/// Every thing, by row.
struct Things(Vec<Thing>);

impl Things {
    fn at(&self, id: i64, version: i64) -> Result<&Thing, StoreError> {
        // Rows are numbered from 1 on without gaps; where they are not, the search finds them.
        let guess = usize::try_from(id - 1).ok().and_then(|at| self.0.get(at)).filter(|thing| thing.id == id);
        let found = guess.or_else(|| self.0.binary_search_by_key(&id, |thing| thing.id).ok().map(|at| &self.0[at]));
        found.ok_or_else(|| StoreError::Corrupt {
            table: "versions",
            row: version,
            message: format!("there is no thing {id}"),
        })
    }
}

/// A version that holds; its boundary may still be missing.
struct Held {
    row: i64,
    thing: i64,
    boundary: Option<i64>,
    version: Version,
}

struct Known {
    holding: Vec<Held>,
    /// Areas that are known, by thing, each as it was last before the day, else as it will be first.
    absent: HashMap<i64, Nearest>,
}

/// What is to be told of an area that is not there on the day of the question.
#[derive(Default)]
pub(super) struct Nearest {
    before: Option<VersionRow>,
    after: Option<VersionRow>,
}

impl Nearest {
    /// Takes a version that was known but does not hold into account.
    pub(super) fn see(&mut self, version: VersionRow, as_of: AsOf) {
        if version.valid.until.is_some_and(|until| until <= as_of.day) {
            if self.before.as_ref().is_none_or(|last| last.valid.until <= version.valid.until) {
                self.before = Some(version);
            }
        } else if self.after.as_ref().is_none_or(|first| version.valid.from < first.valid.from) {
            self.after = Some(version);
        }
    }

    /// The area as it was last, else as it will be first.
    pub(super) fn tell(&self, sql: &Connection, thing: &Thing) -> Result<Option<AbsentArea>, StoreError> {
        let Some(version) = self.before.as_ref().or(self.after.as_ref()) else { return Ok(None) };
        let Fact::Area(area) = tables::fact(sql, &thing.key, version)? else { return Ok(None) };
        Ok(Some(AbsentArea { code: area.code, name: area.name, street: area.street, valid: version.valid }))
    }
}

fn known(sql: &Connection, things: &Things, as_of: AsOf) -> Result<Known, StoreError> {
    let mut absent: HashMap<i64, Nearest> = HashMap::new();
    let latest = tables::revision(sql)?.is_some_and(|latest| latest <= as_of.known);
    let filter = if latest {
        "NOT INDEXED WHERE recorded_until IS NULL AND ?1"
    } else {
        "NOT INDEXED WHERE recorded_from <= ?1 AND (recorded_until IS NULL OR recorded_until > ?1)"
    };
    let decode = |batch: Vec<VersionRow>| batch.into_iter().map(|row| held(things, row)).collect();
    let holding = in_batches(decode, |take| {
        tables::each_version(sql, filter, [tables::number(as_of.known)], |version| {
            if version.holds(as_of) {
                take(version);
            } else if version.area == Some(version.thing) {
                absent.entry(version.thing).or_default().see(version, as_of);
            }
        })
    })?;
    Ok(Known { holding, absent })
}

fn held(things: &Things, row: VersionRow) -> Result<Held, StoreError> {
    let thing = things.at(row.thing, row.id)?;
    // The boundary comes later: its table is read once from front to end too.
    let none = Outline { boundary: Boundary::new(Vec::new()), source: Some(String::new()), surface_m2: Some(0.0) };
    let outline = row.boundary.map(|_| none);
    let fact = facts::decode(thing.key.kind, &thing.key.code, &row.facts, outline)
        .map_err(|message| StoreError::Corrupt { table: "versions", row: row.id, message })?;
    let version = Version { fact, valid: row.valid, recorded: row.recorded };
    Ok(Held { row: row.id, thing: row.thing, boundary: row.boundary, version })
}

fn with_boundaries(sql: &Connection, mut holding: Vec<Held>) -> Result<Vec<Held>, StoreError> {
    let mut users: HashMap<i64, usize> = HashMap::new();
    for held in &holding {
        if let Some(boundary) = held.boundary {
            *users.entry(boundary).or_default() += 1;
        }
    }
    let decode = |batch: Vec<(i64, Option<f64>, Vec<u8>)>| {
        let one = |(row, surface_m2, geometry): (i64, Option<f64>, Vec<u8>)| match blob::decode(&geometry) {
            Ok(boundary) => Ok((row, boundary, surface_m2)),
            Err(message) => Err(StoreError::Corrupt { table: "boundaries", row, message }),
        };
        batch.into_iter().map(one).collect()
    };
    let shapes = in_batches(decode, |take| {
        let needed = |id| users.contains_key(&id);
        tables::each_shape(sql, needed, |shape| take((shape.id, shape.surface_m2, shape.geometry.to_vec())))
    })?;
    let mut shapes: HashMap<i64, (Boundary, Option<f64>)> =
        shapes.into_iter().map(|(row, boundary, surface_m2)| (row, (boundary, surface_m2))).collect();
    for held in &mut holding {
        let Some(id) = held.boundary else { continue };
        let left = users.entry(id).or_default();
        *left = left.saturating_sub(1);
        let shape = if *left == 0 { shapes.remove(&id) } else { shapes.get(&id).cloned() };
        let (boundary, surface_m2) = shape.ok_or_else(|| tables::missing("boundaries", id))?;
        match &mut held.version.fact {
            Fact::Area(area) => {
                area.boundary = boundary;
                area.site_area_m2 = surface_m2.ok_or_else(|| StoreError::Corrupt {
                    table: "boundaries",
                    row: id,
                    message: "the surface is missing".to_owned(),
                })?;
            }
            Fact::Street(street) => street.boundary = boundary,
            Fact::District(district) => district.boundary = boundary,
            _ => {}
        }
    }
    Ok(holding)
}

/// The number of a batch, and what became of it.
type Decoded<T> = (usize, Result<Vec<T>, StoreError>);

/// Decodes what `read` hands out on other threads while it goes on reading; the order is kept.
fn in_batches<R: Send, T: Send>(
    decode: impl Fn(Vec<R>) -> Result<Vec<T>, StoreError> + Sync,
    read: impl FnOnce(&mut dyn FnMut(R)) -> Result<(), StoreError>,
) -> Result<Vec<T>, StoreError> {
    let done: Mutex<Vec<Decoded<T>>> = Mutex::default();
    let (decode, done_ref) = (&decode, &done);
    let read = rayon::in_place_scope(|scope| {
        let (mut batch, mut number) = (Vec::new(), 0);
        let mut send = |batch: Vec<R>| {
            number += 1;
            let number = number;
            scope.spawn(move |_| {
                let decoded = decode(batch);
                done_ref.lock().unwrap_or_else(PoisonError::into_inner).push((number, decoded));
            });
        };
        let read = read(&mut |row| {
            batch.push(row);
            if batch.len() == BATCH_ROWS {
                send(std::mem::take(&mut batch));
            }
        });
        send(batch);
        read
    });
    read?;
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    let mut all = Vec::new();
    for (_, decoded) in done {
        all.extend(decoded?);
    }
    Ok(all)
}

/// Some areas as of both clocks, and those of them that are known but not there.
pub(super) struct States {
    pub(super) areas: Vec<Area>,
    pub(super) absent: Vec<AbsentArea>,
}

/// The areas of these things, as of both clocks. The cost follows their number, not the size of the register.
pub(super) fn areas(sql: &Connection, things: &[i64], as_of: AsOf) -> Result<States, StoreError> {
    let mut assembly = Assembly::default();
    let mut keys: HashMap<i64, Thing> = HashMap::new();
    let mut managers: HashMap<Uscc, Option<ManagerId>> = HashMap::new();
    let mut absent = Vec::new();
    for area in things {
        let (mut nearest, mut present) = (Nearest::default(), false);
        for row in tables::versions(sql, "WHERE area = ?", [area])? {
            if !row.recorded.was_known(as_of.known) {
                continue;
            }
            if !row.valid.holds_on(as_of.day) {
                if row.thing == *area {
                    nearest.see(row, as_of);
                }
                continue;
            }
            let thing = match keys.get(&row.thing) {
                Some(thing) => thing,
                None => keys.entry(row.thing).or_insert(tables::thing_at(sql, row.thing)?),
            };
            let version = tables::whole(sql, &thing.key, &row)?;
            present |= row.thing == *area;
            if let Fact::Assignment(assignment) = &version.fact
                && !managers.contains_key(&assignment.manager)
            {
                let id = manager_id(sql, &assignment.manager, as_of)?;
                managers.insert(assignment.manager.clone(), id);
            }
            assembly.add(thing.number, version);
        }
        let thing = match keys.remove(area) {
            Some(thing) => thing,
            None => tables::thing_at(sql, *area)?,
        };
        if present {
            let code = AreaCode::parse(&thing.key.code).map_err(|err| StoreError::Corrupt {
                table: "things",
                row: thing.id,
                message: err.to_string(),
            })?;
            assembly.set_changed(code, Revision(thing.changed));
        } else {
            absent.extend(nearest.tell(sql, &thing)?);
        }
    }
    absent.sort_by(|a, b| a.code.cmp(&b.code));
    let areas = assembly.finish(|uscc| managers.get(uscc).copied().flatten()).areas;
    Ok(States { areas, absent })
}

/// The number of a manager that holds as of both clocks.
fn manager_id(sql: &Connection, uscc: &Uscc, as_of: AsOf) -> Result<Option<ManagerId>, StoreError> {
    let key = crate::history::Key::new(Kind::Manager, uscc.as_str());
    let Some(thing) = tables::thing_of(sql, &key)? else { return Ok(None) };
    let versions = tables::versions(sql, "WHERE thing = ?", [thing.id])?;
    Ok(versions.iter().any(|version| version.holds(as_of)).then_some(ManagerId(thing.number)))
}
