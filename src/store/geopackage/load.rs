//! The whole register out of the tables, each read once from front to end.

use std::collections::HashMap;
use std::fmt::Display;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, Row};

use crate::model::{
    Area, AreaCode, AreaId, Attributes, Boundary, Committee, CommitteeKind, Community, CommunityCode, District,
    Management, Manager, ManagerId, ManagerKind, Name, NameKind, Party, PrintedFigure, QuasiKind, RateId, Record,
    RecordId, RecordKind, Revision, Street, StreetCode, StreetKind, Uscc, Validity,
};
use crate::store::geopackage::blob;
use crate::store::{Register, StoreError};

/// Number of the latest record.
pub(super) fn revision(sql: &Connection) -> Result<Option<Revision>, StoreError> {
    let latest: Option<u64> = sql
        .query_row("SELECT max(id) FROM records", [], |row| row.get(0))
        .map_err(|source| StoreError::Sql { step: "read the revision", source })?;
    Ok(latest.map(Revision))
}

/// Everything. The caller holds a transaction.
pub(super) fn register(sql: &Connection) -> Result<Register, StoreError> {
    let revision = revision(sql)?.ok_or(StoreError::Empty)?;
    let records = rows(
        sql,
        "records",
        "SELECT id, kind, document, authority, dated, author, recorded_at, note FROM records ORDER BY id",
        record,
    )?;
    let district =
        rows(sql, "district", "SELECT id, code, name, attribution, geom FROM district ORDER BY code", district)?;
    let streets = streets(sql)?;
    let communities =
        rows(sql, "communities", "SELECT id, code, name, stem, street FROM communities ORDER BY code", community)?;
    let managers = rows(
        sql,
        "managers",
        "SELECT id, uscc, kind, name, phone, party_organisation, demo FROM managers ORDER BY uscc",
        manager,
    )?;
    let areas = areas(sql)?;
    let figures = rows(
        sql,
        "printed_figures",
        "SELECT id, rate, percent, numerator, denominator, source, dated FROM printed_figures ORDER BY id",
        figure,
    )?;
    Ok(Register {
        revision,
        records,
        district: district.into_iter().next(),
        streets,
        communities,
        managers,
        areas,
        figures,
    })
}

fn streets(sql: &Connection) -> Result<Vec<Street>, StoreError> {
    let mut streets = rows(
        sql,
        "streets",
        "SELECT id, code, name, stem, kind, initials, civil_affairs_code, schematic, geom FROM streets ORDER BY code",
        street,
    )?;
    let at: HashMap<String, usize> = streets.iter().enumerate().map(|(at, s)| (s.code.to_string(), at)).collect();
    let aliases = rows(sql, "street_aliases", "SELECT id, street, alias FROM street_aliases ORDER BY id", |cells| {
        Ok((cells.owner(1, &at)?, cells.get::<String>(2)?))
    })?;
    for (at, alias) in aliases {
        streets[at].aliases.push(alias);
    }
    Ok(streets)
}

/// The areas in the order of their numbers, which is that of the table, so that no row is looked up twice; sorted at the end.
fn areas(sql: &Connection) -> Result<Vec<Area>, StoreError> {
    let mut areas = rows(
        sql,
        "areas",
        "SELECT id, code, name, street, community, management, quasi_kind, manager_id, committees_known, site_area_m2,
             address, floor_area_m2, households, building_count, built_year, fee_yuan_per_m2_month, contract_from,
             contract_until, delimitation_document, demo, valid_from, valid_until, recorded_from, geom
         FROM areas ORDER BY id",
        area,
    )?;
    let at: HashMap<u32, usize> = areas.iter().enumerate().map(|(at, area)| (area.id.0, at)).collect();
    let names = rows(sql, "area_names", "SELECT id, area_id, kind, name FROM area_names ORDER BY id", |cells| {
        Ok((cells.owner(1, &at)?, Name { kind: cells.key(2, NameKind::from_key)?, text: cells.get(3)? }))
    })?;
    for (at, name) in names {
        areas[at].other_names.push(name);
    }
    let committees = rows(
        sql,
        "committees",
        "SELECT id, area_id, code, kind, formed_on, filed_on, filing_number, term_until, dissolved_on, operating, members,
             party_organisation, party_since, demo
         FROM committees ORDER BY id",
        |cells| Ok((cells.owner(1, &at)?, committee(cells)?)),
    )?;
    for (at, committee) in committees {
        areas[at].committees.get_or_insert_default().push(committee);
    }
    areas.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(areas)
}

fn record(cells: &Cells<'_, '_>) -> Result<Record, Bad> {
    Ok(Record {
        id: RecordId(cells.get(0)?),
        kind: cells.key(1, RecordKind::from_key)?,
        document: cells.get(2)?,
        authority: cells.get(3)?,
        dated: cells.date(4)?,
        author: cells.get(5)?,
        recorded_at: cells.parsed(6, |text| text.parse::<Timestamp>())?,
        note: cells.get(7)?,
    })
}

fn district(cells: &Cells<'_, '_>) -> Result<District, Bad> {
    Ok(District { code: cells.get(1)?, name: cells.get(2)?, attribution: cells.get(3)?, boundary: cells.boundary(4)? })
}

fn street(cells: &Cells<'_, '_>) -> Result<Street, Bad> {
    Ok(Street {
        code: cells.parsed(1, StreetCode::parse)?,
        name: cells.get(2)?,
        stem: cells.get(3)?,
        kind: cells.key(4, StreetKind::from_key)?,
        initials: cells.get(5)?,
        aliases: Vec::new(),
        civil_affairs_code: cells.get(6)?,
        schematic: cells.get(7)?,
        boundary: cells.boundary(8)?,
    })
}

fn community(cells: &Cells<'_, '_>) -> Result<Community, Bad> {
    Ok(Community {
        code: cells.parsed(1, CommunityCode::parse)?,
        name: cells.get(2)?,
        stem: cells.get(3)?,
        street: cells.parsed(4, StreetCode::parse)?,
    })
}

fn manager(cells: &Cells<'_, '_>) -> Result<Manager, Bad> {
    Ok(Manager {
        id: ManagerId(cells.get(0)?),
        uscc: cells.parsed(1, Uscc::parse)?,
        kind: cells.key(2, ManagerKind::from_key)?,
        name: cells.get(3)?,
        phone: cells.get(4)?,
        party_organisation: cells.get(5)?,
        demo: cells.get(6)?,
    })
}

fn area(cells: &Cells<'_, '_>) -> Result<Area, Bad> {
    let committees_known: bool = cells.get(8)?;
    Ok(Area {
        id: AreaId(cells.get(0)?),
        code: cells.parsed(1, AreaCode::parse)?,
        name: cells.get(2)?,
        other_names: Vec::new(),
        street: cells.parsed(3, StreetCode::parse)?,
        community: cells.optional(4, CommunityCode::parse)?,
        management: management(cells)?,
        manager: cells.get::<Option<u32>>(7)?.map(ManagerId),
        committees: committees_known.then(Vec::new),
        site_area_m2: cells.get(9)?,
        attributes: Attributes {
            address: cells.get(10)?,
            floor_area_m2: cells.get(11)?,
            households: cells.get(12)?,
            building_count: cells.get(13)?,
            built_year: cells.get(14)?,
            fee_yuan_per_m2_month: cells.get(15)?,
            contract_from: cells.optional_date(16)?,
            contract_until: cells.optional_date(17)?,
            delimitation_document: cells.get(18)?,
        },
        demo: cells.get(19)?,
        validity: Validity { from: cells.optional_date(20)?, until: cells.optional_date(21)? },
        record: RecordId(cells.get(22)?),
        boundary: cells.boundary(23)?,
    })
}

fn management(cells: &Cells<'_, '_>) -> Result<Management, Bad> {
    cells.key(5, |key| match key {
        "contracted" => Some(Ok(Management::Contracted)),
        "unknown" => Some(Ok(Management::Unknown)),
        "quasi_property" => Some(cells.key(6, QuasiKind::from_key).map(Management::QuasiProperty)),
        _ => None,
    })?
}

fn committee(cells: &Cells<'_, '_>) -> Result<Committee, Bad> {
    let party: Option<bool> = cells.get(11)?;
    let since = cells.optional_date(12)?;
    Ok(Committee {
        code: cells.get(2)?,
        kind: cells.key(3, CommitteeKind::from_key)?,
        formed_on: cells.date(4)?,
        filed_on: cells.optional_date(5)?,
        filing_number: cells.get(6)?,
        term_until: cells.optional_date(7)?,
        dissolved_on: cells.optional_date(8)?,
        operating: cells.get(9)?,
        members: cells.get(10)?,
        party: party.map(|present| Party { present, since }),
        demo: cells.get(13)?,
    })
}

fn figure(cells: &Cells<'_, '_>) -> Result<PrintedFigure, Bad> {
    Ok(PrintedFigure {
        rate: cells.key(1, RateId::from_key)?,
        percent: cells.get(2)?,
        numerator: cells.get(3)?,
        denominator: cells.get(4)?,
        source: cells.get(5)?,
        dated: cells.date(6)?,
    })
}

/// What is wrong with a row, in words.
struct Bad(String);

/// The cells of a row; the first is its primary key.
struct Cells<'a, 'stmt> {
    row: &'a Row<'stmt>,
}

impl Cells<'_, '_> {
    fn bad(&self, column: usize, message: impl Display) -> Bad {
        let name = self.row.as_ref().column_name(column).unwrap_or("?");
        Bad(format!("{name}: {message}"))
    }

    fn get<T: rusqlite::types::FromSql>(&self, column: usize) -> Result<T, Bad> {
        self.row.get(column).map_err(|err| self.bad(column, err))
    }

    fn text(&self, column: usize) -> Result<Option<&str>, Bad> {
        let cell = self.row.get_ref(column).map_err(|err| self.bad(column, err))?;
        cell.as_str_or_null().map_err(|err| self.bad(column, err))
    }

    fn optional<T, E: Display>(
        &self,
        column: usize,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Bad> {
        self.text(column)?.map(parse).transpose().map_err(|err| self.bad(column, err))
    }

    fn parsed<T, E: Display>(&self, column: usize, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, Bad> {
        self.optional(column, parse)?.ok_or_else(|| self.bad(column, "it is null"))
    }

    fn key<T>(&self, column: usize, from_key: impl FnOnce(&str) -> Option<T>) -> Result<T, Bad> {
        self.parsed(column, |key| from_key(key).ok_or_else(|| format!("{key:?} is not one of the known values")))
    }

    fn optional_date(&self, column: usize) -> Result<Option<Date>, Bad> {
        self.optional(column, str::parse::<Date>)
    }

    fn date(&self, column: usize) -> Result<Date, Bad> {
        self.parsed(column, str::parse::<Date>)
    }

    fn boundary(&self, column: usize) -> Result<Boundary, Bad> {
        let cell = self.row.get_ref(column).map_err(|err| self.bad(column, err))?;
        let bytes = cell.as_blob().map_err(|err| self.bad(column, err))?;
        blob::decode(bytes).map_err(|message| self.bad(column, message))
    }

    /// Position of the thing that the row belongs to.
    fn owner<K>(&self, column: usize, at: &HashMap<K, usize>) -> Result<usize, Bad>
    where
        K: rusqlite::types::FromSql + Eq + std::hash::Hash + Display,
    {
        let key: K = self.get(column)?;
        at.get(&key).copied().ok_or_else(|| self.bad(column, format!("there is no {key}")))
    }
}

/// Every row of a query, read by `read`.
fn rows<T>(
    sql: &Connection,
    table: &'static str,
    query: &str,
    read: impl Fn(&Cells<'_, '_>) -> Result<T, Bad>,
) -> Result<Vec<T>, StoreError> {
    let failed = |source| StoreError::Sql { step: "read the register", source };
    let mut statement = sql.prepare(query).map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let mut things = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let thing = read(&Cells { row }).map_err(|Bad(message)| {
            let row = row.get(0).unwrap_or_default();
            StoreError::Corrupt { table, row, message }
        })?;
        things.push(thing);
    }
    Ok(things)
}
