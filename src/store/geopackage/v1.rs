//! A register of the first version of the schema, which held what was true at its time only, as rows of the history.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use rusqlite::Connection;

use crate::history::{AreaFact, Assignment, CommitteeFact, Fact, Key, Recorded, Version};
use crate::ingest::ManagerDraft;
use crate::model::{
    AreaCode, Attributes, Committee, CommitteeKind, Community, CommunityCode, District, Management, ManagerKind, Name,
    NameKind, Party, PrintedFigure, QuasiKind, RateId, Record, RecordId, RecordKind, Revision, Street, StreetCode,
    StreetKind, Uscc, Validity,
};
use crate::store::geopackage::row::{Bad, Cells, rows};
use crate::store::{Row, StoreError};

/// Everything in the order of an import: the numbers of things are those of their rows.
pub(super) fn read(sql: &Connection) -> Result<Vec<Row>, StoreError> {
    let records = "SELECT id, kind, document, authority, dated, author, recorded_at, note FROM records ORDER BY id";
    let mut taken: Vec<Row> =
        rows(sql, ("records", records), [], record)?.into_iter().map(|record| Row::Record(record, None)).collect();
    let mut things: BTreeMap<Key, (u32, Version)> = BTreeMap::new();
    let mut take = |(number, version): (u32, Version)| drop(things.insert(version.fact.key(), (number, version)));
    let district = "SELECT id, recorded_from, code, name, attribution, geom FROM district";
    rows(sql, ("district", district), [], |cells| stored(cells, Fact::District(read_district(cells)?)))?
        .into_iter()
        .for_each(&mut take);
    streets(sql)?.into_iter().for_each(&mut take);
    let communities = "SELECT id, recorded_from, code, name, stem, street FROM communities";
    rows(sql, ("communities", communities), [], |cells| stored(cells, Fact::Community(community(cells)?)))?
        .into_iter()
        .for_each(&mut take);
    let managers = "SELECT id, recorded_from, uscc, kind, name, phone, party_organisation, demo FROM managers";
    let managers = rows(sql, ("managers", managers), [], |cells| stored(cells, Fact::Manager(manager(cells)?)))?;
    let codes: HashMap<u32, Uscc> = (managers.iter())
        .filter_map(|(id, version)| match &version.fact {
            Fact::Manager(manager) => Some((*id, manager.uscc.clone())),
            _ => None,
        })
        .collect();
    managers.into_iter().for_each(&mut take);
    let areas = areas(sql, &codes)?;
    let area_codes: HashMap<u32, AreaCode> = areas.iter().map(|(id, area, _)| (*id, area.code.clone())).collect();
    let mut assignments: Vec<Version> = Vec::new();
    for (id, version, manager) in versions_of(areas) {
        if let (Some(manager), Fact::Area(area)) = (manager, &version.fact) {
            let fact = Fact::Assignment(Assignment { area: area.code.clone(), manager });
            assignments.push(Version { fact, ..version.clone() });
        }
        take((id, version));
    }
    // They had no numbers; records give them in the order of codes.
    assignments.sort_by_key(|version| (version.recorded.from, version.fact.key()));
    (1..).zip(assignments).for_each(&mut take);
    let committees = "SELECT id, recorded_from, area_id, code, kind, formed_on, filed_on, filing_number, term_until,
             dissolved_on, operating, members, party_organisation, party_since, demo
         FROM committees";
    rows(sql, ("committees", committees), [], |cells| {
        let area = owner(cells, 2, &area_codes)?;
        stored(cells, Fact::Committee(CommitteeFact { area, committee: committee(cells)? }))
    })?
    .into_iter()
    .for_each(&mut take);
    let figures = "SELECT id, recorded_from, rate, percent, numerator, denominator, source, dated FROM printed_figures";
    rows(sql, ("printed_figures", figures), [], |cells| stored(cells, Fact::Figure(figure(cells)?)))?
        .into_iter()
        .for_each(&mut take);
    taken.extend(things.into_iter().map(|(key, (number, version))| Row::Thing(key, number, vec![version])));
    Ok(taken)
}

/// The number of the row, and its fact as always true since its record.
fn stored(cells: &Cells<'_, '_>, fact: Fact) -> Result<(u32, Version), Bad> {
    let recorded = Recorded { from: Revision(cells.get(1)?), until: None };
    Ok((cells.get(0)?, Version { fact, valid: Validity::default(), recorded }))
}

fn streets(sql: &Connection) -> Result<Vec<(u32, Version)>, StoreError> {
    let mut aliases: HashMap<String, Vec<String>> = HashMap::new();
    for (street, alias) in
        rows(sql, ("street_aliases", "SELECT id, street, alias FROM street_aliases ORDER BY id"), [], |cells| {
            Ok((cells.get::<String>(1)?, cells.get(2)?))
        })?
    {
        aliases.entry(street).or_default().push(alias);
    }
    let query =
        "SELECT id, recorded_from, code, name, stem, kind, initials, civil_affairs_code, schematic, geom FROM streets";
    rows(sql, ("streets", query), [], |cells| {
        let mut street = street(cells)?;
        street.aliases = aliases.remove(street.code.as_str()).unwrap_or_default();
        stored(cells, Fact::Street(street))
    })
}

/// An area with its number, its versions' clocks and its manager.
type AreaRow = (u32, AreaFact, (Validity, Recorded, Option<Uscc>));

fn areas(sql: &Connection, managers: &HashMap<u32, Uscc>) -> Result<Vec<AreaRow>, StoreError> {
    let mut names: HashMap<u32, Vec<Name>> = HashMap::new();
    let query = "SELECT id, area_id, kind, name FROM area_names ORDER BY id";
    for (area, name) in rows(sql, ("area_names", query), [], |cells| {
        Ok((cells.get(1)?, Name { kind: cells.key(2, NameKind::from_key)?, text: cells.get(3)? }))
    })? {
        names.entry(area).or_default().push(name);
    }
    let query = "SELECT id, recorded_from, code, name, street, community, management, quasi_kind, manager_id,
             committees_known, site_area_m2, address, floor_area_m2, households, building_count, built_year,
             fee_yuan_per_m2_month, contract_from, contract_until, delimitation_document, demo, valid_from, valid_until,
             geom, source_geometry
         FROM areas";
    rows(sql, ("areas", query), [], |cells| {
        let id = cells.get(0)?;
        let mut area = area(cells)?;
        area.other_names = names.remove(&id).unwrap_or_default();
        let valid = Validity { from: cells.optional_date(21)?, until: cells.optional_date(22)? };
        let recorded = Recorded { from: Revision(cells.get(1)?), until: None };
        let managed = cells.get::<Option<u32>>(8)?.is_some();
        let manager = managed.then(|| owner(cells, 8, managers)).transpose()?;
        Ok((id, area, (valid, recorded, manager)))
    })
}

fn versions_of(areas: Vec<AreaRow>) -> impl Iterator<Item = (u32, Version, Option<Uscc>)> {
    areas.into_iter().map(|(id, area, (valid, recorded, manager))| {
        (id, Version { fact: Fact::Area(area), valid, recorded }, manager)
    })
}

/// What the row belongs to.
fn owner<T: Clone>(cells: &Cells<'_, '_>, column: usize, known: &HashMap<u32, T>) -> Result<T, Bad> {
    let id: u32 = cells.get(column)?;
    known.get(&id).cloned().ok_or_else(|| cells.bad(column, format!("there is no {id}")))
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

fn read_district(cells: &Cells<'_, '_>) -> Result<District, Bad> {
    Ok(District { code: cells.get(2)?, name: cells.get(3)?, attribution: cells.get(4)?, boundary: cells.boundary(5)? })
}

fn street(cells: &Cells<'_, '_>) -> Result<Street, Bad> {
    Ok(Street {
        code: cells.parsed(2, StreetCode::parse)?,
        name: cells.get(3)?,
        stem: cells.get(4)?,
        kind: cells.key(5, StreetKind::from_key)?,
        initials: cells.get(6)?,
        aliases: Vec::new(),
        civil_affairs_code: cells.get(7)?,
        schematic: cells.get(8)?,
        boundary: cells.boundary(9)?,
    })
}

fn community(cells: &Cells<'_, '_>) -> Result<Community, Bad> {
    Ok(Community {
        code: cells.parsed(2, CommunityCode::parse)?,
        name: cells.get(3)?,
        stem: cells.get(4)?,
        street: cells.parsed(5, StreetCode::parse)?,
    })
}

fn manager(cells: &Cells<'_, '_>) -> Result<ManagerDraft, Bad> {
    Ok(ManagerDraft {
        uscc: cells.parsed(2, Uscc::parse)?,
        kind: cells.key(3, ManagerKind::from_key)?,
        name: cells.get(4)?,
        phone: cells.get(5)?,
        party_organisation: cells.get(6)?,
        demo: cells.get(7)?,
    })
}

fn area(cells: &Cells<'_, '_>) -> Result<AreaFact, Bad> {
    Ok(AreaFact {
        code: cells.parsed(2, AreaCode::parse)?,
        name: cells.get(3)?,
        other_names: Vec::new(),
        street: cells.parsed(4, StreetCode::parse)?,
        community: cells.optional(5, CommunityCode::parse)?,
        management: management(cells)?,
        committees_known: cells.get(9)?,
        site_area_m2: cells.get(10)?,
        attributes: Attributes {
            address: cells.get(11)?,
            floor_area_m2: cells.get(12)?,
            households: cells.get(13)?,
            building_count: cells.get(14)?,
            built_year: cells.get(15)?,
            fee_yuan_per_m2_month: cells.get(16)?,
            contract_from: cells.optional_date(17)?,
            contract_until: cells.optional_date(18)?,
            contract_kind: None,
            contract_filed_on: None,
            delimitation_document: cells.get(19)?,
            foreign_codes: Vec::new(),
        },
        demo: cells.get(20)?,
        boundary: cells.boundary(23)?,
        source_geometry: cells.get(24)?,
    })
}

fn management(cells: &Cells<'_, '_>) -> Result<Management, Bad> {
    cells.key(6, |key| match key {
        "contracted" => Some(Ok(Management::Contracted)),
        "unknown" => Some(Ok(Management::Unknown)),
        "quasi_property" => Some(cells.key(7, QuasiKind::from_key).map(Management::QuasiProperty)),
        _ => None,
    })?
}

fn committee(cells: &Cells<'_, '_>) -> Result<Committee, Bad> {
    let party: Option<bool> = cells.get(12)?;
    let since = cells.optional_date(13)?;
    Ok(Committee {
        code: cells.get(3)?,
        kind: cells.key(4, CommitteeKind::from_key)?,
        formed_on: cells.date(5)?,
        filing_applied_on: None,
        filed_on: cells.optional_date(6)?,
        filing_number: cells.get(7)?,
        term_until: cells.optional_date(8)?,
        dissolved_on: cells.optional_date(9)?,
        operating: cells.get(10)?,
        members: cells.get(11)?,
        party: party.map(|present| Party { present, since }),
        demo: cells.get(14)?,
    })
}

fn figure(cells: &Cells<'_, '_>) -> Result<PrintedFigure, Bad> {
    Ok(PrintedFigure {
        rate: cells.key(2, RateId::from_key)?,
        percent: cells.get(3)?,
        numerator: cells.get(4)?,
        denominator: cells.get(5)?,
        source: cells.get(6)?,
        dated: cells.date(7)?,
    })
}
