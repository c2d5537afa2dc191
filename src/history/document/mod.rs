//! The JSON document in which a change of areas is handed in.

mod amend;
mod reader;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::value::RawValue;

use crate::history::document::amend::Geometry;
use crate::history::document::reader::{Members, Reader};
use crate::history::{ChangeFault, Fate, Fates, NewRecord, Operation, Successor};
use crate::model::{AreaCode, RecordKind, Revision, Validity};

pub use reader::TEXT_LIMIT_CHARS;

/// Most areas, boundaries or committees that one document may list.
pub const LIST_LIMIT: usize = 200;

/// The operations that a document may hold; each is the name of a member.
const OPERATIONS: [&str; 7] = ["split", "merge", "adjust", "rename", "retire", "correct", "amend"];

/// A change of areas as somebody asks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeRequest {
    /// On what paper it is founded, and who enters it.
    pub source: ChangeSource,
    /// The day from which it is true.
    pub effective: Date,
    /// The revisions at which its author looked at the areas.
    pub seen: BTreeMap<AreaCode, Revision>,
    /// The client's own number of the request, see [`NewRecord::request`]; it is not part of the document.
    pub request: Option<String>,
    /// What is to be changed.
    pub operation: Operation,
}

/// Where a change comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSource {
    /// Number of the document.
    pub document: String,
    /// Authority that issued it.
    pub authority: String,
    /// Date of the document.
    pub dated: Date,
    /// Who enters it.
    pub author: String,
    /// Free remark, empty for none.
    pub note: String,
}

impl ChangeRequest {
    /// Reads a document: UTF-8 JSON. The text of every geometry is kept byte for byte. Errors: every fault, each with its
    /// place in the document.
    pub fn read(body: &[u8]) -> Result<Self, Vec<ChangeFault>> {
        let whole = |message: String| vec![ChangeFault { place: String::new(), code: None, message }];
        let text = std::str::from_utf8(body).map_err(|_| whole("the document is not UTF-8".to_owned()))?;
        let raw: &RawValue =
            serde_json::from_str(text).map_err(|err| whole(format!("the document is not JSON: {err}")))?;
        let mut reader = Reader::default();
        let request = read_request(&mut reader, raw);
        match request {
            Some(request) if reader.faults.is_empty() => Ok(request),
            _ => Err(reader.faults),
        }
    }

    /// The record under which it is entered at that instant.
    pub fn record(&self, recorded_at: Timestamp) -> NewRecord {
        let ChangeSource { document, authority, dated, author, note } = self.source.clone();
        let (kind, request) = (self.operation.kind(), self.request.clone());
        NewRecord { kind, document, authority, dated, author, recorded_at, note, request }
    }
}

fn read_request(reader: &mut Reader, raw: &RawValue) -> Option<ChangeRequest> {
    let mut members = reader.object("", raw)?;
    let source = reader.required(&mut members, "record", read_source);
    let effective = reader.optional(&mut members, "effective", Reader::date);
    let seen = reader.optional(&mut members, "seen", read_seen);
    let mut found: Vec<(&str, &RawValue)> = Vec::new();
    for name in OPERATIONS {
        found.extend(members.take(name).map(|raw| (name, raw)));
    }
    reader.finish(members);
    let operation = match found.as_slice() {
        [(name, raw)] => read_operation(reader, name, raw),
        [] => {
            reader.fault("", format!("one of {} is needed", OPERATIONS.join(", ")));
            None
        }
        [_, (second, _), ..] => {
            reader.fault(&format!("/{second}"), "one document holds one operation only");
            None
        }
    };
    let (source, operation) = (source?, operation?);
    let effective = effective.unwrap_or(source.dated);
    Some(ChangeRequest { source, effective, seen: seen.unwrap_or_default(), request: None, operation })
}

fn read_source(reader: &mut Reader, place: &str, raw: &RawValue) -> Option<ChangeSource> {
    let mut members = reader.object(place, raw)?;
    let document = reader.required(&mut members, "document", Reader::text);
    let authority = reader.required(&mut members, "authority", Reader::text);
    let dated = reader.required(&mut members, "dated", Reader::date);
    let author = reader.required(&mut members, "author", Reader::text);
    let note = reader.optional(&mut members, "note", Reader::any_text).unwrap_or_default();
    reader.finish(members);
    Some(ChangeSource { document: document?, authority: authority?, dated: dated?, author: author?, note })
}

fn read_seen(reader: &mut Reader, place: &str, raw: &RawValue) -> Option<BTreeMap<AreaCode, Revision>> {
    let members = reader.object(place, raw)?;
    let mut seen = BTreeMap::new();
    for (code, place, raw) in members.into_parts() {
        let revision: Option<u64> = reader.number(&place, raw);
        match AreaCode::parse(&code) {
            Ok(code) => seen.extend(revision.map(|revision| (code, Revision(revision)))),
            Err(err) => reader.fault(&place, err.to_string()),
        }
    }
    Some(seen)
}

fn read_operation(reader: &mut Reader, name: &str, raw: &RawValue) -> Option<Operation> {
    let mut members = reader.object(&format!("/{name}"), raw)?;
    let members = &mut members;
    let operation = match name {
        "split" => read_split(reader, members),
        "merge" => read_merge(reader, members),
        "adjust" => read_adjust(reader, members),
        "rename" => {
            let area = reader.required(members, "area", Reader::area_code);
            let name = reader.required(members, "name", Reader::text);
            area.zip(name).map(|(area, name)| Operation::Rename { area, name })
        }
        "retire" => {
            let area = reader.required(members, "area", Reader::area_code);
            let committees = read_fates(reader, members);
            area.map(|area| Operation::Retire { area, committees })
        }
        "correct" => read_correct(reader, members),
        _ => read_amend(reader, members),
    };
    reader.finish(std::mem::take(members));
    operation
}

fn read_split(reader: &mut Reader, members: &mut Members<'_>) -> Option<Operation> {
    let area = reader.required(members, "area", Reader::area_code);
    let into = reader.required(members, "into", |reader, place, raw| reader.list(place, raw, read_successor));
    let committees = read_fates(reader, members);
    Some(Operation::Split { area: area?, into: into?, committees })
}

fn read_merge(reader: &mut Reader, members: &mut Members<'_>) -> Option<Operation> {
    let areas = reader.required(members, "areas", |reader, place, raw| reader.list(place, raw, Reader::area_code));
    let into = reader.required(members, "into", read_successor);
    let committees = read_fates(reader, members);
    Some(Operation::Merge { areas: areas?, into: Box::new(into?), committees })
}

fn read_adjust(reader: &mut Reader, members: &mut Members<'_>) -> Option<Operation> {
    let boundaries = reader.required(members, "boundaries", |reader, place, raw| {
        reader.list(place, raw, |reader, place, raw| {
            let mut members = reader.object(place, raw)?;
            let area = reader.required(&mut members, "area", Reader::area_code);
            let drawn = reader.required(&mut members, "geometry", Reader::drawn);
            reader.finish(members);
            area.zip(drawn)
        })
    });
    let committees = read_fates(reader, members);
    Some(Operation::Adjust { boundaries: boundaries?, committees })
}

fn read_correct(reader: &mut Reader, members: &mut Members<'_>) -> Option<Operation> {
    let area = reader.required(members, "area", Reader::area_code);
    let amendment =
        reader.required(members, "amend", |reader, place, raw| reader.amendment(place, raw, Geometry::Taken));
    let from = reader.optional(members, "valid_from", Reader::date);
    let until = reader.optional(members, "valid_until", Reader::date);
    let committees = read_fates(reader, members);
    let valid = Validity { from, until };
    Some(Operation::Correct { area: area?, amendment: Box::new(amendment?), valid, committees })
}

fn read_amend(reader: &mut Reader, members: &mut Members<'_>) -> Option<Operation> {
    const KINDS: [RecordKind; 3] = [RecordKind::SurveyRound, RecordKind::Delimitation, RecordKind::Delivery];
    let kind = reader.required(members, "kind", |reader, place, raw| {
        reader.key(place, raw, |text| RecordKind::from_key(text).filter(|kind| KINDS.contains(kind)))
    });
    let area = reader.required(members, "area", Reader::area_code);
    let amendment =
        reader.required(members, "amend", |reader, place, raw| reader.amendment(place, raw, Geometry::Taken));
    let committees = read_fates(reader, members);
    Some(Operation::Amend { kind: kind?, area: area?, amendment: Box::new(amendment?), committees })
}

fn read_successor(reader: &mut Reader, place: &str, raw: &RawValue) -> Option<Successor> {
    let mut members = reader.object(place, raw)?;
    let code = reader.required(&mut members, "code", Reader::area_code);
    let name = reader.required(&mut members, "name", Reader::text);
    let drawn = reader.required(&mut members, "geometry", Reader::drawn);
    let amendment = reader
        .optional(&mut members, "amend", |reader, place, raw| reader.amendment(place, raw, Geometry::Elsewhere))
        .unwrap_or_default();
    reader.finish(members);
    Some(Successor { code: code?, name: name?, drawn: drawn?, amendment })
}

/// The fates of committees; none when the member is not there.
fn read_fates(reader: &mut Reader, members: &mut Members<'_>) -> Fates {
    let fates = reader.optional(members, "committees", |reader, place, raw| {
        let members = reader.object(place, raw)?;
        let mut fates = Fates::new();
        for (code, place, raw) in members.into_parts() {
            fates.extend(read_fate(reader, &place, raw).map(|fate| (code, fate)));
        }
        Some(fates)
    });
    fates.unwrap_or_default()
}

fn read_fate(reader: &mut Reader, place: &str, raw: &RawValue) -> Option<Fate> {
    let mut members = reader.object(place, raw)?;
    let faults = reader.faults.len();
    let serves = reader.optional(&mut members, "serves", Reader::area_code);
    let dissolved = reader.optional(&mut members, "dissolved_on", Reader::date);
    reader.finish(members);
    match (serves, dissolved) {
        (Some(area), None) => Some(Fate::Serves(area)),
        (None, Some(day)) => Some(Fate::Dissolved(day)),
        _ => {
            if reader.faults.len() == faults {
                reader.fault(place, "either `serves` or `dissolved_on` is needed");
            }
            None
        }
    }
}
