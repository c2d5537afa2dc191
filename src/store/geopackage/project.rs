//! The projection: tables for other programs with what holds on the latest date of a record.

use std::collections::{BTreeSet, HashMap};

use geo::BoundingRect as _;
use jiff::civil::Date;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use crate::history::{Fact, Key, Kind};
use crate::model::{Area, AreaId, AsOf, Boundary, ManagerId};
use crate::store::geopackage::row::{first, rows};
use crate::store::geopackage::sheet::{self, Sheet};
use crate::store::geopackage::{delta, load, tables};
use crate::store::{Question, Register, StoreError};

/// One area is this many times as costly to bring up to date by itself as in the making of the whole projection.
const REBUILD_FACTOR: usize = 10;

/// The latest date of a record; `None` while there is none.
pub(super) fn data_date(sql: &Connection) -> Result<Option<Date>, StoreError> {
    Ok(first(sql, ("records", "SELECT 0, max(dated) FROM records"), [], |cells| cells.optional_date(1))?.flatten())
}

/// Brings the projection up to date after an entry. Both states have the data date of their time as day.
pub(super) fn follow(sql: &Connection, from: AsOf, to: AsOf) -> Result<(), StoreError> {
    let mut touched = delta::touched(sql, from, to)?;
    for number in areas_with_other_status(sql, from.day, to.day)? {
        touched.areas.extend(tables::thing_numbered(sql, Kind::Area, number)?.map(|thing| thing.id));
    }
    let count: usize = sql
        .query_row("SELECT max(id) FROM areas", [], |row| row.get::<_, Option<usize>>(0))
        .map_err(failed)?
        .unwrap_or_default();
    if touched.areas.len() * REBUILD_FACTOR > count {
        return rebuild(sql);
    }
    let mut projection = Projection { sql, extents: HashMap::new() };
    for thing in touched.others {
        projection.refresh_other(thing, to)?;
    }
    projection.refresh_areas(&touched.areas, to)?;
    projection.update_contents()
}

/// Makes the whole projection anew.
pub(super) fn rebuild(sql: &Connection) -> Result<(), StoreError> {
    let register = load::register(sql, Question::default())?;
    let mut projection = Projection { sql, extents: HashMap::new() };
    let clear = "UPDATE gpkg_contents SET min_x = NULL, min_y = NULL, max_x = NULL, max_y = NULL";
    sql.execute(clear, []).map_err(failed)?;
    for (sheet, rows) in expected(sql, &register)? {
        sql.execute(&format!("DELETE FROM {}", sheet.table), []).map_err(failed)?;
        for row in rows {
            projection.insert(sheet, row)?;
        }
    }
    let boundaries = register.areas.iter().map(|area| ("areas", &area.boundary));
    let boundaries = boundaries.chain(register.streets.iter().map(|street| ("streets", &street.boundary)));
    let boundaries = boundaries.chain(register.district.iter().map(|district| ("district", &district.boundary)));
    boundaries.for_each(|(table, boundary)| projection.extend(table, boundary));
    projection.update_contents()
}

/// A table and its rows.
pub(super) type Filled = (&'static Sheet, Vec<Vec<Value>>);

/// Every row that the projection of a register has, each table by id.
pub(super) fn expected(sql: &Connection, register: &Register) -> Result<Vec<Filled>, StoreError> {
    let mut numbers: HashMap<Key, u32> = HashMap::new();
    for kind in [Kind::District, Kind::Street, Kind::Community, Kind::Committee, Kind::Figure] {
        numbers.extend(tables::things_of(sql, kind)?.into_iter().map(|thing| (thing.key, thing.number)));
    }
    let number = |kind, code: &str| numbers.get(&Key::new(kind, code)).copied().unwrap_or_default();
    let names: HashMap<ManagerId, &str> = register.managers.iter().map(|m| (m.id, m.name.as_str())).collect();
    let day = register.as_of.day;
    let area = |area: &Area| sheet::area(area, area.manager.and_then(|id| names.get(&id).copied()), day);
    let committees = register.areas.iter().flat_map(|area| {
        let of = area.id;
        area.committees.iter().flatten().map(move |committee| (of, committee))
    });
    let figure = |figure: &crate::model::PrintedFigure| {
        sheet::figure(number(Kind::Figure, &Fact::Figure(figure.clone()).key().code), figure)
    };
    let mut sheets = vec![
        (
            &sheet::DISTRICT,
            register.district.iter().map(|d| sheet::district(number(Kind::District, &d.code), d)).collect(),
        ),
        (
            &sheet::STREETS,
            register.streets.iter().map(|s| sheet::street(number(Kind::Street, s.code.as_str()), s)).collect(),
        ),
        (
            &sheet::COMMUNITIES,
            register
                .communities
                .iter()
                .map(|c| sheet::community(number(Kind::Community, c.code.as_str()), c))
                .collect(),
        ),
        (&sheet::MANAGERS, register.managers.iter().map(sheet::manager).collect()),
        (&sheet::AREAS, register.areas.iter().map(area).collect()),
        (
            &sheet::COMMITTEES,
            committees.map(|(area, c)| sheet::committee(number(Kind::Committee, &c.code), area, c)).collect(),
        ),
        (&sheet::FIGURES, register.figures.iter().map(figure).collect::<Vec<_>>()),
    ];
    for (_, rows) in &mut sheets {
        // Rows that come in order are appended to their table, not inserted.
        rows.sort_by_key(|row| match row.first() {
            Some(Value::Integer(id)) => *id,
            _ => 0,
        });
    }
    Ok(sheets)
}

/// Areas with a committee that begins or ends between two days.
fn areas_with_other_status(sql: &Connection, from: Date, to: Date) -> Result<Vec<u32>, StoreError> {
    let query = "SELECT 0, area_id FROM committees WHERE formed_on > ?1 AND formed_on <= ?2
         UNION SELECT 0, area_id FROM committees WHERE dissolved_on > ?1 AND dissolved_on <= ?2";
    rows(sql, ("committees", query), [from.to_string(), to.to_string()], |cells| cells.get(1))
}

struct Projection<'a> {
    sql: &'a Connection,
    /// What was entered into each table, as its smallest and greatest longitude and latitude.
    extents: HashMap<&'static str, geo::Rect>,
}

impl Projection<'_> {
    fn refresh_other(&mut self, id: i64, as_of: AsOf) -> Result<(), StoreError> {
        let thing = tables::thing_at(self.sql, id)?;
        let number = thing.number;
        let fact = delta::holding(self.sql, &thing, as_of)?.map(|version| version.fact);
        let sheet = match thing.key.kind {
            Kind::District => &sheet::DISTRICT,
            Kind::Street => &sheet::STREETS,
            Kind::Community => &sheet::COMMUNITIES,
            Kind::Manager => &sheet::MANAGERS,
            Kind::Figure => &sheet::FIGURES,
            Kind::Area | Kind::Assignment | Kind::Committee => return Ok(()),
        };
        self.delete(sheet, "id", number)?;
        let row = match &fact {
            Some(Fact::District(district)) => {
                self.extend(sheet.table, &district.boundary);
                sheet::district(number, district)
            }
            Some(Fact::Street(street)) => {
                self.extend(sheet.table, &street.boundary);
                sheet::street(number, street)
            }
            Some(Fact::Community(community)) => sheet::community(number, community),
            Some(Fact::Manager(manager)) => {
                let rename = "UPDATE areas SET manager_name = ? WHERE manager_id = ? AND manager_name IS NOT ?1";
                self.sql.execute(rename, params![manager.name, number]).map_err(failed)?;
                sheet::manager_row(number, manager)
            }
            Some(Fact::Figure(figure)) => sheet::figure(number, figure),
            _ => return Ok(()),
        };
        self.insert(sheet, row)
    }

    fn refresh_areas(&mut self, things: &BTreeSet<i64>, as_of: AsOf) -> Result<(), StoreError> {
        for thing in things {
            let number = tables::thing_at(self.sql, *thing)?.number;
            self.delete(&sheet::AREAS, "id", number)?;
            self.delete(&sheet::COMMITTEES, "area_id", number)?;
        }
        let things: Vec<i64> = things.iter().copied().collect();
        for area in load::areas(self.sql, &things, as_of)?.areas {
            let manager = area.manager.map(|id| self.manager_name(id)).transpose()?.flatten();
            self.insert(&sheet::AREAS, sheet::area(&area, manager.as_deref(), as_of.day))?;
            self.extend("areas", &area.boundary);
            for committee in area.committees.iter().flatten() {
                let key = Key::new(Kind::Committee, committee.code.as_str());
                let number = tables::thing_of(self.sql, &key)?.map(|thing| thing.number).unwrap_or_default();
                self.insert(&sheet::COMMITTEES, sheet::committee(number, AreaId(area.id.0), committee))?;
            }
        }
        Ok(())
    }

    fn manager_name(&self, id: ManagerId) -> Result<Option<String>, StoreError> {
        first(self.sql, ("managers", "SELECT id, name FROM managers WHERE id = ?"), [id.0], |cells| cells.get(1))
    }

    fn delete(&self, sheet: &Sheet, column: &str, number: u32) -> Result<(), StoreError> {
        let delete = format!("DELETE FROM {} WHERE {column} = ?", sheet.table);
        let done = self.sql.prepare_cached(&delete).and_then(|mut statement| statement.execute([number]));
        done.map(|_| ()).map_err(failed)
    }

    fn insert(&self, sheet: &Sheet, row: Vec<Value>) -> Result<(), StoreError> {
        let done = self.sql.prepare_cached(&sheet.insert()).and_then(|mut s| s.execute(params_from_iter(row)));
        done.map(|_| ()).map_err(failed)
    }

    fn extend(&mut self, table: &'static str, boundary: &Boundary) {
        let Some(rect) = boundary.bounding_rect() else { return };
        let extent = self.extents.entry(table).or_insert(rect);
        *extent = geo::Rect::new(
            (extent.min().x.min(rect.min().x), extent.min().y.min(rect.min().y)),
            (extent.max().x.max(rect.max().x), extent.max().y.max(rect.max().y)),
        );
    }

    /// Extents and dates of change in the table of contents. An extent grows; it does not shrink with what is ended.
    fn update_contents(&self) -> Result<(), StoreError> {
        for (table, extent) in &self.extents {
            let update =
                "UPDATE gpkg_contents SET min_x = min(coalesce(min_x, ?1), ?1), max_x = max(coalesce(max_x, ?2), ?2),
                     min_y = min(coalesce(min_y, ?3), ?3), max_y = max(coalesce(max_y, ?4), ?4)
                 WHERE table_name = ?5";
            let (min, max) = (extent.min(), extent.max());
            self.sql.execute(update, params![min.x, max.x, min.y, max.y, table]).map_err(failed)?;
        }
        let now = "UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
        self.sql.execute(now, []).map_err(failed)?;
        Ok(())
    }
}

fn failed(source: rusqlite::Error) -> StoreError {
    StoreError::Sql { step: "bring the tables for other programs up to date", source }
}
