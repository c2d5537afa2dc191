//! The district and its streets.

use crate::formats::RawRecord;
use crate::ingest::boundary::survey;
use crate::ingest::fields::{Faulty, Fields};
use crate::ingest::{ByCode, Fault, Outline};
use crate::model::{District, Street, StreetCode, StreetKind};

/// Properties of `district.geojson`.
pub(super) const DISTRICT_COLUMNS: [&str; 3] = ["code", "name", "attribution"];

/// Properties of `streets.geojson`.
pub(super) const STREET_COLUMNS: [&str; 8] =
    ["code", "name", "stem", "kind", "initials", "aliases", "civil_affairs_code", "schematic"];

/// The one district of its file.
pub(super) fn district(records: &[RawRecord], faults: &mut Vec<Fault>) -> Option<District> {
    let mut outlines = survey(records, "code", faults).into_iter();
    let record = records.first()?;
    if let Some(second) = records.get(1) {
        Fields::new(second, "code", faults).fault("code", "the file must have one district, this is a further one");
    }
    let outline = outlines.next().flatten().map(|surveyed| surveyed.boundary);
    read_district(&mut Fields::new(record, "code", faults), outline).ok()
}

fn read_district(fields: &mut Fields<'_>, outline: Option<Outline>) -> Result<District, Faulty> {
    let code = fields.required("code", |text| {
        let digits = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
        if digits { Ok(text.to_owned()) } else { Err(format!("{text:?} is not a district code of six digits")) }
    });
    let name = fields.required_text("name");
    let attribution = fields.required_text("attribution");
    Ok(District { code: code?, name: name?, boundary: outline.ok_or(Faulty)?, attribution: attribution? })
}

/// The streets; their initials must be unique, because area codes are made of them.
pub(super) fn streets(records: &[RawRecord], faults: &mut Vec<Fault>) -> ByCode<Street> {
    let outlines = survey(records, "code", faults);
    let (mut streets, mut initials) = (ByCode::new(), ByCode::new());
    for (record, outline) in records.iter().zip(outlines) {
        let outline = outline.map(|surveyed| surveyed.boundary);
        if let Ok(street) = read_street(&mut Fields::new(record, "code", faults), outline) {
            initials.insert("initials", &street.initials, &record.place, (), faults);
            let code = street.code.to_string();
            streets.insert("code", &code, &record.place, street, faults);
        }
    }
    streets
}

fn read_street(fields: &mut Fields<'_>, outline: Option<Outline>) -> Result<Street, Faulty> {
    let code = fields.required("code", StreetCode::parse);
    let name = fields.required_text("name");
    let stem = fields.required_text("stem");
    let kind = fields.required_key("kind", StreetKind::from_key);
    let initials = fields.required("initials", |text| {
        let capitals = (2..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase());
        if capitals { Ok(text.to_owned()) } else { Err(format!("{text:?} is not two to four capital letters")) }
    });
    let aliases = fields.list("aliases");
    let civil_affairs_code = fields.text("civil_affairs_code");
    let schematic = fields.required_boolean("schematic");
    Ok(Street {
        code: code?,
        name: name?,
        stem: stem?,
        kind: kind?,
        initials: initials?,
        aliases: aliases?,
        civil_affairs_code: civil_affairs_code?,
        boundary: outline.ok_or(Faulty)?,
        schematic: schematic?,
    })
}
