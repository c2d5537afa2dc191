//! Which rows belong together, and which area each is about.

use std::collections::HashMap;

use crate::ingest::delivery::catalogue as issues;
use crate::ingest::delivery::{About, Draft, Finding, Known, Other};
use crate::search::normalize;

/// What a row can be found by, best first: code, the sender's code, name and street.
fn keys(draft: &Draft) -> Vec<String> {
    let row = &draft.row;
    let mut keys = Vec::new();
    keys.extend(row.code.as_ref().map(|code| format!("c {code}")));
    keys.extend(row.foreign_code.as_ref().map(|code| format!("f {code}")));
    if let Some(name) = &row.name {
        let street = row.street.as_ref().map_or("", |street| street.as_str());
        keys.push(format!("n {street} {}", normalize(name)));
    }
    keys
}

/// Joins table rows to the rows with an outline that have the same code, or the same name in the same street. What both say
/// is told by the row with the outline; the table fills what it leaves out.
///
/// A table row of which there is no such row, or several, stays by itself.
pub(super) fn join_tables(drafts: Vec<Draft>) -> Vec<Draft> {
    let with_geometry = drafts.iter().filter(|draft| draft.has_geometry).count();
    if with_geometry == 0 || with_geometry == drafts.len() {
        return drafts;
    }
    let (mut outlined, tables): (Vec<Draft>, Vec<Draft>) = drafts.into_iter().partition(|draft| draft.has_geometry);
    let mut by_key: HashMap<String, Option<usize>> = HashMap::new();
    for (at, draft) in outlined.iter().enumerate() {
        for key in keys(draft) {
            by_key.entry(key).and_modify(|known| *known = None).or_insert(Some(at));
        }
    }
    let mut joined = vec![false; outlined.len()];
    let mut alone = Vec::new();
    for table in tables {
        let partner = keys(&table).iter().find_map(|key| by_key.get(key).copied().flatten());
        match partner.filter(|at| !joined[*at]) {
            Some(at) => {
                joined[at] = true;
                outlined[at].row.fill_from(table.row);
                outlined[at].places.extend(table.places);
            }
            None => alone.push(table),
        }
    }
    outlined.extend(alone);
    outlined
}

/// Finds the area of each draft: by its code, by the sender's code, by name and street, by an outline that is the same.
pub(super) fn find_areas(drafts: &mut [Draft], known: &Known<'_>, findings: &mut Vec<Finding>) {
    let by_outline: HashMap<String, usize> = if known.is_register() {
        let outlines = known.areas.iter().enumerate();
        outlines.map(|(at, area)| (super::outline::fingerprint_text(&area.boundary), at)).collect()
    } else {
        HashMap::new()
    };
    let mut taken: HashMap<usize, usize> = HashMap::new();
    for at in 0..drafts.len() {
        let found = find_area(&drafts[at], known, &by_outline, findings);
        let Some(found) = found else {
            drafts[at].about = About::Nobody;
            continue;
        };
        drafts[at].about = found;
        let About::Existing(area) = found else { continue };
        if let Some(first) = taken.insert(area, at) {
            taken.insert(area, first);
            let mut finding = super::check::finding_of(&issues::ROW_REPEATED, &drafts[at], known);
            finding.other = Some(Other {
                subject: known.areas[area].code.to_string(),
                name: Some(known.areas[area].name.clone()),
                place: Some(drafts[first].place().clone()),
            });
            findings.push(finding.with("other", drafts[first].place().to_string()));
            drafts[at].about = About::Nobody;
        }
    }
}

/// The area of a draft; `None` when its code is one that cannot be used.
fn find_area(
    draft: &Draft,
    known: &Known<'_>,
    by_outline: &HashMap<String, usize>,
    findings: &mut Vec<Finding>,
) -> Option<About> {
    let row = &draft.row;
    if let Some(code) = row.code.as_ref().filter(|_| known.is_register()) {
        if let Some(at) = known.by_code(code) {
            return Some(About::Existing(at));
        }
        let issue = if known.absent.contains(code) { &issues::RETIRED_CODE } else { &issues::UNKNOWN_CODE };
        findings.push(super::check::finding_of(issue, draft, known).with("code", code.to_string()));
        return None;
    }
    let foreign = row.foreign_code.as_deref().and_then(|code| known.by_foreign_code(code));
    let named = || known.by_name(row.name.as_deref()?, row.street.as_ref()?);
    let outlined = || by_outline.get(&draft.outline.as_ref()?.fingerprint).copied();
    Some(foreign.or_else(named).or_else(outlined).map_or(About::New, About::Existing))
}
