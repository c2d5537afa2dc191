//! The check of a delivery: from layers of cells to drafts of areas and everything that is wrong with them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::formats::{Dataset, FileFormat, FormatError, Geometry, Layer, SourceRecord};
use crate::geom::RawShape;
use crate::ingest::delivery::catalogue as issues;
use crate::ingest::delivery::locate::{Located, locate};
use crate::ingest::delivery::matching::{find_areas, join_tables};
use crate::ingest::delivery::neighbours::compare_outlines;
use crate::ingest::delivery::outline::{examine_outline, fingerprint_text};
use crate::ingest::delivery::{
    About, AreaRow, ColumnMap, Delivered, DeliveredField, Draft, Finding, FindingState, Issue, Known, Other, Position,
    Progress, Settings, Step, personal_columns, read_row, rules,
};
use crate::model::Exception;

/// Most findings of one delivery that are kept; a file in which more is wrong is wrong as a whole.
pub const FINDING_LIMIT: usize = 100_000;

/// Rows that are read at a time.
const PIECE: usize = 16_384;

/// Rows between two tellings of progress.
const TOLD_EVERY: usize = 256;

/// Checks a delivery against what is known, as the settings say it is to be understood.
///
/// The columns of layers that the settings do not name are those of `columns`, in the order of the layers. Everything that
/// is wrong is found in one go. Pure work on all cores: not for an async thread.
pub fn check(
    dataset: Dataset,
    columns: &[ColumnMap],
    settings: &Settings,
    known: &Known<'_>,
    progress: &dyn Progress,
) -> (Delivered, Position) {
    let mut findings: Vec<Finding> = dataset.faults.iter().map(unreadable).collect();
    let mut dataset = dataset;
    let mut maps = Vec::new();
    let mut kept = Vec::new();
    for (layer, guessed) in std::mem::take(&mut dataset.layers).into_iter().zip(columns) {
        if !settings.left_out.contains(&layer.name) {
            maps.push(settings.columns.get(&layer.name).unwrap_or(guessed).clone());
            kept.push(layer);
        }
    }
    let total = kept.iter().map(|layer| layer.records.len()).sum();

    progress.reached(Step::Locate, 0, total);
    let Located { position, findings: of_position } = locate(&mut kept, &maps, settings, known);
    findings.extend(of_position);

    let done = AtomicUsize::new(0);
    let mut drafts = Vec::with_capacity(total);
    for (layer, map) in kept.into_iter().zip(&maps) {
        let personal = personal_columns(&layer, map);
        let refused: Vec<String> = personal.iter().filter_map(|finding| finding.column.clone()).collect();
        findings.extend(personal);
        let mut layer = layer;
        let records = std::mem::take(&mut layer.records);
        let head = layer;
        let read = |record: SourceRecord| {
            let so_far = done.fetch_add(1, Ordering::Relaxed);
            if so_far.is_multiple_of(TOLD_EVERY) {
                progress.reached(Step::Geometry, so_far, total);
            }
            read_draft(&head, record, (map, &refused), known)
        };
        let is_reversed = |finding: &Finding| finding.issue.id == issues::WRONG_WINDING.id;
        let (mut outlined, mut reversed) = (0, 0);
        let mut of_layer = Vec::new();
        let mut records = records.into_iter();
        loop {
            // Piece by piece, so that a million drafts are never there twice.
            let piece: Vec<SourceRecord> = records.by_ref().take(PIECE).collect();
            if piece.is_empty() {
                break;
            }
            let read: Vec<(Draft, Vec<Finding>)> = piece.into_par_iter().map(read).collect();
            for (draft, of_draft) in read {
                outlined += usize::from(draft.has_geometry);
                reversed += usize::from(of_draft.iter().any(is_reversed));
                drafts.push(draft);
                of_layer.extend(of_draft);
            }
        }
        if !says_winding(head.format, outlined, reversed) {
            of_layer.retain(|finding| !is_reversed(finding));
        }
        findings.extend(of_layer);
    }

    let mut drafts = join_tables(drafts);
    find_areas(&mut drafts, known, &mut findings);
    findings.extend(missing(&drafts, known));
    findings.extend(twice(&drafts, known));
    progress.reached(Step::Overlaps, 0, total);
    compare_outlines(&drafts, known, &mut findings);
    findings.extend(rules::of_rows(&drafts, known));

    set_subjects(&drafts, known, &mut findings);
    except(&mut findings, known);
    // What blocks publishing must be among those that are kept.
    findings.sort_by_key(|finding| !finding.blocks());
    findings.truncate(FINDING_LIMIT);
    findings.sort_by(|a, b| (&a.place, a.issue.id).cmp(&(&b.place, b.issue.id)));
    (Delivered { drafts, findings }, position)
}

/// Whether the winding of a ring says anything: only GeoJSON lays it down, and not in a file that has it the other way round
/// throughout, as many programs write it.
fn says_winding(format: FileFormat, outlined: usize, reversed: usize) -> bool {
    matches!(format, FileFormat::GeoJson | FileFormat::GeoJsonSeq) && 2 * reversed <= outlined
}

/// A draft of one record, with what is wrong with it alone.
fn read_draft(
    layer: &Layer,
    record: SourceRecord,
    map: (&ColumnMap, &[String]),
    known: &Known<'_>,
) -> (Draft, Vec<Finding>) {
    let mut findings = Vec::new();
    let row = read_row(layer, &record, map, known, &mut findings);
    let place = layer.place(&record);
    let mut has_geometry = true;
    let (mut unusable, mut point) = (None, None);
    let outline = match record.geometry {
        Geometry::None => {
            has_geometry = false;
            None
        }
        Geometry::Unreadable { why } => {
            findings.push(Finding::new(&issues::UNREADABLE_GEOMETRY, place.clone()).with("why", why));
            None
        }
        // A point says where an area is, not how far it goes.
        Geometry::Shape { shape: RawShape::Points(points), .. } => {
            has_geometry = false;
            point = points.first().copied().filter(|at| at.x.is_finite() && at.y.is_finite());
            None
        }
        Geometry::Shape { shape: RawShape::Lines(_), .. } => {
            findings.push(Finding::new(&issues::NOT_A_POLYGON, place.clone()));
            None
        }
        Geometry::Shape { shape: RawShape::Polygons(polygons), source } => {
            let source = source.map(String::from).unwrap_or_default();
            let examined = examine_outline(&polygons, source, &place);
            findings.extend(examined.findings);
            unusable = examined.unusable;
            examined.outline
        }
    };
    let draft = Draft { places: vec![place], row, outline, unusable, point, has_geometry, about: About::Nobody };
    for finding in &mut findings {
        describe(finding, &draft.row);
    }
    (draft, findings)
}

/// What must be there and is not: of an area that is new, of a row without outline, of an outline without row.
fn missing(drafts: &[Draft], known: &Known<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !known.is_register() {
        return findings;
    }
    for draft in drafts.iter().filter(|draft| draft.about == About::New) {
        let row = &draft.row;
        if draft.has_geometry && row.name.is_none() && row.code.is_none() {
            findings.push(finding_of(&issues::NOT_REGISTERED, draft, known));
            continue;
        }
        if !draft.has_geometry {
            findings.push(finding_of(&issues::NOT_LOCATED, draft, known));
        }
        // The street of a new area is in its code. A row without an outline enters no area: it is listed by its name, and
        // its street may come with the outline.
        let needs_street = draft.has_geometry && row.street.is_none() && !row.street_is_faulty;
        for (field, missing) in [(DeliveredField::Name, row.name.is_none()), (DeliveredField::Street, needs_street)] {
            if missing {
                let mut finding = finding_of(&issues::MISSING_REQUIRED, draft, known)
                    .with("field", field.label().0)
                    .with("field_en", field.label().1);
                finding.field = Some(field);
                findings.push(finding);
            }
        }
    }
    findings
}

/// Codes and names that stand twice.
fn twice(drafts: &[Draft], known: &Known<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut codes: HashMap<String, usize> = HashMap::new();
    let mut names: HashMap<(String, String), usize> = HashMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        let row = &draft.row;
        let code = row.code.as_ref().map(ToString::to_string).or_else(|| row.foreign_code.clone());
        if let Some(code) = code {
            match codes.get(&code) {
                Some(first) => {
                    findings
                        .push(with_first(&issues::DUPLICATE_CODE, (draft, &drafts[*first]), known).with("code", code));
                }
                None => drop(codes.insert(code, at)),
            }
        }
        let (Some(name), Some(street)) = (&row.name, &row.street) else { continue };
        let key = (crate::search::normalize(name), street.to_string());
        match names.get(&key) {
            Some(first) => findings.push(with_first(&issues::DUPLICATE_NAME, (draft, &drafts[*first]), known)),
            None => {
                names.insert(key, at);
                let namesake = known.by_name(name, street).filter(|area| draft.about != About::Existing(*area));
                if let Some(area) = namesake.filter(|_| draft.about != About::Nobody) {
                    let area = known.areas[area];
                    let mut finding = finding_of(&issues::DUPLICATE_NAME, draft, known);
                    finding.params.insert("other", format!("{} {}", area.code, area.name).into());
                    let subject = area.code.to_string();
                    finding.other = Some(Other { subject, name: Some(area.name.clone()), place: None });
                    findings.push(finding);
                }
            }
        }
    }
    findings
}

fn with_first(issue: &'static Issue, (draft, first): (&Draft, &Draft), known: &Known<'_>) -> Finding {
    let mut finding = finding_of(issue, draft, known).with("other", first.place().to_string());
    let place = Some(first.place().clone());
    finding.other = Some(Other { subject: subject_of(first, known), name: first.row.name.clone(), place });
    finding
}

/// A finding of a draft.
pub(super) fn finding_of(issue: &'static Issue, draft: &Draft, known: &Known<'_>) -> Finding {
    let mut finding = Finding::new(issue, draft.place().clone());
    describe(&mut finding, &draft.row);
    finding.subject = subject_of(draft, known);
    finding.fingerprint = draft.outline.as_ref().map(|outline| outline.fingerprint.clone()).unwrap_or_default();
    finding
}

/// What a draft is called in findings and exceptions: the code of its area, its own code, its name and street, its place.
pub(super) fn subject_of(draft: &Draft, known: &Known<'_>) -> String {
    if let About::Existing(area) = draft.about {
        return known.areas[area].code.to_string();
    }
    subject_of_row(&draft.row).unwrap_or_else(|| draft.place().to_string())
}

fn subject_of_row(row: &AreaRow) -> Option<String> {
    if let Some(code) = &row.code {
        return Some(code.to_string());
    }
    if let (Some(name), Some(street)) = (&row.name, &row.street) {
        return Some(format!("{name} @ {street}"));
    }
    row.foreign_code.clone().or_else(|| row.name.clone())
}

fn describe(finding: &mut Finding, row: &AreaRow) {
    finding.name.clone_from(&row.name);
    finding.street.clone_from(&row.street);
    if let Some(subject) = subject_of_row(row) {
        finding.subject = subject;
    }
}

/// Gives the findings of rows the subject and the fingerprint of their draft, which is known once its area is.
fn set_subjects(drafts: &[Draft], known: &Known<'_>, findings: &mut [Finding]) {
    let by_place: HashMap<_, &Draft> =
        drafts.iter().flat_map(|draft| draft.places.iter().map(move |place| (place, draft))).collect();
    for finding in findings {
        let Some(draft) = by_place.get(&finding.place) else { continue };
        finding.subject = subject_of(draft, known);
        if finding.fingerprint.is_empty() {
            // An exception holds until the outline changes, whether it can be used or not.
            finding.fingerprint = match (&draft.outline, &draft.unusable) {
                (Some(outline), _) => outline.fingerprint.clone(),
                (None, Some(drawn)) => fingerprint_text(drawn),
                (None, None) => String::new(),
            };
        }
    }
}

/// Marks findings that are lawful.
fn except(findings: &mut [Finding], known: &Known<'_>) {
    let mut by_subject: HashMap<&str, Vec<&Exception>> = HashMap::new();
    for exception in known.exceptions {
        by_subject.entry(&exception.recorded.subject).or_default().push(exception);
        if let Some(other) = &exception.recorded.other {
            by_subject.entry(other).or_default().push(exception);
        }
    }
    for finding in findings.iter_mut().filter(|finding| finding.state == FindingState::Open) {
        let candidates = by_subject.get(finding.subject.as_str()).into_iter().flatten();
        let lawful = candidates.into_iter().find(|exception| is_excepted(finding, exception, known));
        if let Some(exception) = lawful {
            finding.state = FindingState::Excepted(exception.id);
        }
    }
}

fn is_excepted(finding: &Finding, exception: &Exception, known: &Known<'_>) -> bool {
    let recorded = &exception.recorded;
    let other = finding.other.as_ref().map(|other| &other.subject);
    let same_pair = (finding.subject == recorded.subject && other == recorded.other.as_ref())
        || (recorded.other.as_ref() == Some(&finding.subject) && other == Some(&recorded.subject));
    recorded.issue == finding.issue.id
        && same_pair
        && recorded.fingerprint == finding.fingerprint
        && recorded.expires_on >= known.today
        && exception.withdrawn_at.is_none()
}

fn unreadable(fault: &FormatError) -> Finding {
    let place = fault.place().clone();
    let message = fault.to_string();
    let message = message.strip_prefix(&format!("{place}: ")).unwrap_or(&message).to_owned();
    Finding::new(&issues::UNREADABLE_ROW, place).with("why", message)
}
