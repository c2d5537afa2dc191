//! One record into the tables, within a transaction of the caller.

use std::collections::HashMap;

use jiff::Unit;
use jiff::civil::Date;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Params, Statement, ffi, params};

use crate::ingest::{AreaDraft, ChangeSet, ManagerDraft};
use crate::model::{Committee, Community, District, Management, PrintedFigure, Revision, Street, Uscc};
use crate::store::geopackage::blob;
use crate::store::{NewRecord, StoreError};

/// Enters everything and answers with the new revision. On an error the caller rolls back.
pub(super) fn enter(sql: &Connection, record: &NewRecord, changes: &ChangeSet) -> Result<Revision, StoreError> {
    let record = insert_record(sql, record)?;
    if let Some(district) = &changes.district {
        insert_district(sql, record, district)?;
    }
    insert_streets(sql, record, &changes.streets)?;
    insert_communities(sql, record, &changes.communities)?;
    insert_managers(sql, record, &changes.managers)?;
    insert_areas(sql, record, &changes.areas)?;
    insert_figures(sql, record, &changes.figures)?;
    update_contents(sql)?;
    Ok(Revision(u64::try_from(record).expect("SQLite numbers rows from 1 on")))
}

fn insert_record(sql: &Connection, record: &NewRecord) -> Result<i64, StoreError> {
    let to_millisecond = record.recorded_at.round(Unit::Millisecond).unwrap_or(record.recorded_at);
    let row = params![
        record.kind.key(),
        record.document,
        record.authority,
        text(record.dated),
        record.author,
        to_millisecond.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        record.note,
    ];
    let mut insert = prepare(
        sql,
        "INSERT INTO records (kind, document, authority, dated, author, recorded_at, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    run(&mut insert, row, "record", &record.document)?;
    Ok(sql.last_insert_rowid())
}

fn insert_district(sql: &Connection, record: i64, district: &District) -> Result<(), StoreError> {
    let mut insert =
        prepare(sql, "INSERT INTO district (code, name, attribution, recorded_from, geom) VALUES (?, ?, ?, ?, ?)")?;
    let row = params![district.code, district.name, district.attribution, record, blob::encode(&district.boundary)];
    run(&mut insert, row, "district", &district.code)
}

fn insert_streets(sql: &Connection, record: i64, streets: &[Street]) -> Result<(), StoreError> {
    let mut insert = prepare(
        sql,
        "INSERT INTO streets (code, name, stem, kind, initials, civil_affairs_code, schematic, recorded_from, geom)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let mut insert_alias = prepare(sql, "INSERT INTO street_aliases (street, alias, recorded_from) VALUES (?, ?, ?)")?;
    for street in in_code_order(streets, |street| street.code.as_str()) {
        let code = street.code.as_str();
        let row = params![
            code,
            street.name,
            street.stem,
            street.kind.key(),
            street.initials,
            street.civil_affairs_code,
            street.schematic,
            record,
            blob::encode(&street.boundary),
        ];
        run(&mut insert, row, "street", code)?;
        for alias in &street.aliases {
            run(&mut insert_alias, params![code, alias, record], "alias of street", code)?;
        }
    }
    Ok(())
}

fn insert_communities(sql: &Connection, record: i64, communities: &[Community]) -> Result<(), StoreError> {
    let mut insert =
        prepare(sql, "INSERT INTO communities (code, name, stem, street, recorded_from) VALUES (?, ?, ?, ?, ?)")?;
    for community in in_code_order(communities, |community| community.code.as_str()) {
        let code = community.code.as_str();
        run(
            &mut insert,
            params![code, community.name, community.stem, community.street.as_str(), record],
            "community",
            code,
        )?;
    }
    Ok(())
}

fn insert_managers(sql: &Connection, record: i64, managers: &[ManagerDraft]) -> Result<(), StoreError> {
    let mut insert = prepare(
        sql,
        "INSERT INTO managers (uscc, kind, name, phone, party_organisation, demo, recorded_from)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    for manager in in_code_order(managers, |manager| manager.uscc.as_str()) {
        let row = params![
            manager.uscc.as_str(),
            manager.kind.key(),
            manager.name,
            manager.phone,
            manager.party_organisation,
            manager.demo,
            record,
        ];
        run(&mut insert, row, "manager", manager.uscc.as_str())?;
    }
    Ok(())
}

fn insert_areas(sql: &Connection, record: i64, areas: &[AreaDraft]) -> Result<(), StoreError> {
    let mut insert = prepare(
        sql,
        "INSERT INTO areas (code, name, street, community, management, quasi_kind, manager_id, committees_known,
             site_area_m2, address, floor_area_m2, households, building_count, built_year, fee_yuan_per_m2_month,
             contract_from, contract_until, delimitation_document, demo, valid_from, valid_until, recorded_from, geom,
             source_geometry)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let mut insert_name =
        prepare(sql, "INSERT INTO area_names (area_id, kind, name, recorded_from) VALUES (?, ?, ?, ?)")?;
    let mut insert_committee = prepare(
        sql,
        "INSERT INTO committees (area_id, code, kind, formed_on, filed_on, filing_number, term_until, dissolved_on,
             operating, members, party_organisation, party_since, demo, recorded_from)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let mut managers = ManagerIds::new(sql)?;
    for area in in_code_order(areas, |area| area.code.as_str()) {
        let code = area.code.as_str();
        let manager = area.manager.as_ref().map(|uscc| managers.id(uscc, code)).transpose()?;
        insert_area(&mut insert, record, area, manager)?;
        let id = sql.last_insert_rowid();
        for name in &area.other_names {
            run(&mut insert_name, params![id, name.kind.key(), name.text, record], "name of area", code)?;
        }
        for committee in area.committees.iter().flatten() {
            insert_committee_of(&mut insert_committee, record, id, committee)?;
        }
    }
    Ok(())
}

fn insert_area(
    insert: &mut Statement<'_>,
    record: i64,
    area: &AreaDraft,
    manager: Option<i64>,
) -> Result<(), StoreError> {
    let facts = &area.attributes;
    let quasi_kind = match area.management {
        Management::QuasiProperty(kind) => Some(kind.key()),
        Management::Contracted | Management::Unknown => None,
    };
    let row = params![
        area.code.as_str(),
        area.name,
        area.street.as_str(),
        area.community.as_ref().map(|code| code.as_str()),
        area.management.key(),
        quasi_kind,
        manager,
        area.committees.is_some(),
        area.site_area_m2,
        facts.address,
        facts.floor_area_m2,
        facts.households,
        facts.building_count,
        facts.built_year,
        facts.fee_yuan_per_m2_month,
        facts.contract_from.map(text),
        facts.contract_until.map(text),
        facts.delimitation_document,
        area.demo,
        area.validity.from.map(text),
        area.validity.until.map(text),
        record,
        blob::encode(&area.boundary),
        area.source_geometry,
    ];
    run(insert, row, "area", area.code.as_str())
}

fn insert_committee_of(
    insert: &mut Statement<'_>,
    record: i64,
    area: i64,
    committee: &Committee,
) -> Result<(), StoreError> {
    let row = params![
        area,
        committee.code,
        committee.kind.key(),
        text(committee.formed_on),
        committee.filed_on.map(text),
        committee.filing_number,
        committee.term_until.map(text),
        committee.dissolved_on.map(text),
        committee.operating,
        committee.members,
        committee.party.map(|party| party.present),
        committee.party.and_then(|party| party.since).map(text),
        committee.demo,
        record,
    ];
    run(insert, row, "committee", &committee.code)
}

fn insert_figures(sql: &Connection, record: i64, figures: &[PrintedFigure]) -> Result<(), StoreError> {
    let mut insert = prepare(
        sql,
        "INSERT INTO printed_figures (rate, percent, numerator, denominator, source, dated, recorded_from)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    for figure in figures {
        let row = params![
            figure.rate.key(),
            figure.percent,
            figure.numerator,
            figure.denominator,
            figure.source,
            text(figure.dated),
            record,
        ];
        run(&mut insert, row, "printed figure", figure.rate.key())?;
    }
    Ok(())
}

/// Extents and dates of change in the table of contents, from the spatial indexes, which know them already.
fn update_contents(sql: &Connection) -> Result<(), StoreError> {
    let step = |source| StoreError::Sql { step: "update the table of contents", source };
    for table in ["areas", "streets", "district"] {
        // The tree keeps single precision rounded outwards, so the extent covers the geometries with a metre to spare.
        let update = format!(
            "UPDATE gpkg_contents SET (min_x, min_y, max_x, max_y) =
                 (SELECT min(minx), min(miny), max(maxx), max(maxy) FROM rtree_{table}_geom)
             WHERE table_name = '{table}'"
        );
        sql.execute(&update, []).map_err(step)?;
    }
    sql.execute("UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", []).map_err(step)?;
    Ok(())
}

/// Numbers of the managers by their code.
struct ManagerIds<'a> {
    select: Statement<'a>,
    known: HashMap<Uscc, i64>,
}

impl<'a> ManagerIds<'a> {
    fn new(sql: &'a Connection) -> Result<Self, StoreError> {
        Ok(Self { select: prepare(sql, "SELECT id FROM managers WHERE uscc = ?")?, known: HashMap::new() })
    }

    fn id(&mut self, uscc: &Uscc, area: &str) -> Result<i64, StoreError> {
        if let Some(id) = self.known.get(uscc) {
            return Ok(*id);
        }
        let id: Option<i64> = self
            .select
            .query_row([uscc.as_str()], |row| row.get(0))
            .optional()
            .map_err(|source| StoreError::Sql { step: "look a manager up", source })?;
        let id = id.ok_or_else(|| StoreError::UnknownReference {
            what: "area",
            code: area.to_owned(),
            target: format!("manager {uscc}"),
        })?;
        self.known.insert(uscc.clone(), id);
        Ok(id)
    }
}

/// Numbers are given in this order, whatever the order of the change set.
fn in_code_order<T>(things: &[T], code: impl Fn(&T) -> &str) -> Vec<&T> {
    let mut sorted: Vec<&T> = things.iter().collect();
    sorted.sort_by(|a, b| code(a).cmp(code(b)));
    sorted
}

fn text(date: Date) -> String {
    date.to_string()
}

fn prepare<'a>(sql: &'a Connection, statement: &str) -> Result<Statement<'a>, StoreError> {
    sql.prepare(statement).map_err(|source| StoreError::Sql { step: "prepare to write", source })
}

fn run(insert: &mut Statement<'_>, row: impl Params, what: &'static str, code: &str) -> Result<(), StoreError> {
    insert.execute(row).map(|_| ()).map_err(|source| match &source {
        rusqlite::Error::SqliteFailure(err, _) if err.code == ErrorCode::ConstraintViolation => {
            match err.extended_code {
                ffi::SQLITE_CONSTRAINT_UNIQUE => StoreError::CodeExists { what, code: code.to_owned() },
                ffi::SQLITE_CONSTRAINT_FOREIGNKEY => StoreError::UnknownReference {
                    what,
                    code: code.to_owned(),
                    target: "a street or community".to_owned(),
                },
                _ => StoreError::Sql { step: "enter a row", source },
            }
        }
        _ => StoreError::Sql { step: "enter a row", source },
    })
}
