//! Checking a delivery against the register.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, tz::Offset};
use rayon::prelude::*;

use crate::app::access::Occasion;
use crate::app::deliveries::forecast::Forecast;
use crate::app::deliveries::{CHECKS_KEPT, DeliveryError, Telling, keep, lock};
use crate::app::{App, Error, Snapshot};
use crate::auth::{Action, Actor, Resource};
use crate::crs::Operator;
use crate::formats::{Dataset, Place, ReadOptions};
use crate::geom::fingerprint;
use crate::history::{self, AuditDraft, RowChange, compare};
use crate::ingest::delivery::{
    About, ColumnMap, Delivered, Draft, Finding, FindingState, Known, Position, Progress, Scope, Settings, Severity,
    Step, check,
};
use crate::model::{
    AreaCode, DeliveryId, DeliveryState, Exception, ExceptionId, Manager, Revision, StreetCode, UnlocatedRow, Uscc,
};
use crate::store::Question;

/// Where offices keep their calendars: Beijing time, which has no summer time.
const BEIJING: Offset = jiff::tz::offset(8);

/// Today, where the register is kept.
pub(in crate::app) fn today() -> Date {
    BEIJING.to_datetime(Timestamp::now()).date()
}

/// A delivery after its check, and what it was checked with.
#[derive(Debug)]
pub struct CheckedDelivery {
    /// The delivery.
    pub id: DeliveryId,
    /// Who delivers.
    pub sender: String,
    /// The state of the register it was compared with.
    pub revision: Revision,
    /// The day on which it is to become true.
    pub effective: Date,
    /// How it was understood.
    pub settings: Settings,
    /// Its areas and everything that is wrong.
    pub delivered: Delivered,
    /// The reference system that was used, and what is to be said of it.
    pub position: Position,
    /// What each draft changes, in their order.
    pub rows: Vec<RowView>,
    /// Areas in its scope that it does not tell of, by code.
    pub vanishing: Vec<(AreaCode, String)>,
    /// Number of areas of the register that lie in its scope on the day.
    pub areas: usize,
    /// Rates before and after.
    pub forecast: Forecast,
    /// The exceptions that held when it was checked; others make it stale.
    exceptions: Vec<ExceptionId>,
}

/// What a draft does.
#[derive(Debug, Clone, PartialEq)]
pub enum RowView {
    /// It begins a new area.
    Added,
    /// It changes an area.
    Changed(Box<RowChange>),
    /// The register says so already.
    Unchanged,
    /// It has a name but no outline, and is about no area of the register: the ledger tells of an area that is not on the
    /// map (账有图无). It does not keep the delivery from being published.
    Unlocated,
    /// Nothing can be made of it.
    Unusable,
}

impl RowView {
    /// Name used in the API.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed(_) => "changed",
            Self::Unchanged => "unchanged",
            Self::Unlocated => "unlocated",
            Self::Unusable => "unusable",
        }
    }
}

impl CheckedDelivery {
    /// What the rows say that have no place.
    pub fn unlocated(&self) -> impl Iterator<Item = UnlocatedRow> {
        let drafts = self.delivered.drafts.iter().zip(&self.rows);
        drafts.filter(|(_, row)| **row == RowView::Unlocated).filter_map(|(draft, _)| {
            Some(UnlocatedRow {
                file: draft.place().file.to_string(),
                item: draft.place().item.to_string(),
                name: draft.row.name.clone()?,
                street: draft.row.street.clone(),
                foreign_code: draft.row.foreign_code.clone(),
            })
        })
    }

    /// Open findings of a severity.
    pub fn open(&self, severity: Severity) -> usize {
        let is_open = |finding: &&Finding| finding.state == FindingState::Open && finding.issue.severity == severity;
        self.delivered.findings.iter().filter(is_open).count()
    }

    /// Findings in a state.
    pub fn in_state(&self, state: impl Fn(FindingState) -> bool) -> usize {
        self.delivered.findings.iter().filter(|finding| state(finding.state)).count()
    }

    /// How many rows change each property, by its name.
    pub fn changed_fields(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            if let RowView::Changed(change) = row {
                change.values.iter().for_each(|value| *counts.entry(value.field).or_default() += 1);
            }
        }
        counts
    }

    /// Rows of a kind, by its key.
    pub fn count(&self, key: &str) -> usize {
        self.rows.iter().filter(|row| row.key() == key).count()
    }
}

impl App {
    /// Checks a delivery, or answers with the check that was made of it with the same settings on the same state.
    ///
    /// Without settings those of the last check are taken, else the proposal. Work on all cores: not for an async thread.
    /// Errors: the actor may not deliver, there is no such delivery, the settings do not fit it, the store fails.
    pub fn check_delivery(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        id: DeliveryId,
        settings: Option<Settings>,
        progress: &dyn Progress,
    ) -> Result<Arc<CheckedDelivery>, Error> {
        self.require(actor, Action::Deliver, &Resource::District)?;
        let mut draft = self.access().draft(actor, occasion, "delivery.check")?;
        draft.object = Some(format!("delivery/{id}"));
        self.check_noted(id, settings, Some(&[draft]), progress)
    }

    /// As [`App::check_delivery`], for a use case that has asked already; only what is noted, with what the audit log tells of
    /// it, is what the delivery is checked with from now on.
    pub(in crate::app) fn check_noted(
        &self,
        id: DeliveryId,
        settings: Option<Settings>,
        noted: Option<&[AuditDraft]>,
        progress: &dyn Progress,
    ) -> Result<Arc<CheckedDelivery>, Error> {
        // Before anything is read: whoever had the turn before may have changed what the delivery is checked with.
        let _turn = self.desk.turn();
        let delivery = self.kept_delivery(id)?;
        let settings = match (settings, &delivery.settings) {
            (Some(settings), _) => settings,
            (None, Some(text)) => crate::app::deliveries::read_settings(text)?,
            (None, None) => Settings::default(),
        };
        let effective = settings.effective.unwrap_or_else(today);
        let exceptions = self.store.exceptions()?;
        let today = today();
        let holding: Vec<ExceptionId> = exceptions
            .iter()
            .filter(|exception| exception.withdrawn_at.is_none() && exception.recorded.expires_on >= today)
            .map(|exception| exception.id)
            .collect();
        let revision = self.store.revision()?.unwrap_or(Revision(0));
        let kept = lock(&self.desk.checks)
            .iter()
            .find(|check| {
                check.id == id
                    && check.settings == settings
                    && check.effective == effective
                    && check.revision == revision
                    && check.exceptions == holding
            })
            .cloned();
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let telling = Telling::new(&self.desk, id, progress);
        let snapshot = self.snapshot_at(Question { day: Some(effective), known: None })?;
        let checked =
            self.check_now((id, &delivery.received.sender), settings, (&snapshot, effective), &exceptions, &telling)?;
        let checked = Arc::new(CheckedDelivery { exceptions: holding, ..checked });
        // What was published stays described as it was published.
        if let Some(audit) = noted
            && !matches!(delivery.state, DeliveryState::Published { .. })
        {
            self.store.note_check(
                id,
                &crate::app::deliveries::write_settings(&checked.settings),
                &crate::app::deliveries::settings::summary(&checked),
                audit,
            )?;
        }
        keep(&self.desk.checks, Arc::clone(&checked), |known| known.id == id);
        debug_assert!(lock(&self.desk.checks).len() <= CHECKS_KEPT);
        Ok(checked)
    }

    /// The check that was made last with the settings of the delivery, made anew where it was forgotten or is stale.
    /// Errors: the actor may not read the desk of the district, it was never checked.
    pub fn checked_delivery(
        &self,
        actor: &Actor,
        id: DeliveryId,
        progress: &dyn Progress,
    ) -> Result<Arc<CheckedDelivery>, Error> {
        if self.delivery(actor, id)?.settings.is_none() {
            return Err(DeliveryError::NotChecked(id).into());
        }
        // What is noted again is what was noted before, so there is nothing to tell the audit log.
        self.check_noted(id, None, Some(&[]), progress)
    }

    pub(in crate::app) fn check_now(
        &self,
        (id, sender): (DeliveryId, &str),
        settings: Settings,
        (snapshot, effective): (&Snapshot, Date),
        exceptions: &[Exception],
        progress: &dyn Progress,
    ) -> Result<CheckedDelivery, Error> {
        progress.reached(Step::Read, 0, 0);
        let options = ReadOptions { encoding: settings.encoding.clone(), ..self.read_options() };
        let dataset = self.dataset(id, &options)?;
        layers_are_there(&settings, &dataset)?;
        let columns = self.column_maps(&dataset, sender)?;
        let with = Compared { sender, settings, snapshot, effective, exceptions, operator: self.operator() };
        Ok(with.check(id, dataset, &columns, progress))
    }

    /// Checks files that nobody keeps, against the register as it is on the day of the settings. Work on all cores.
    pub fn check_files(
        &self,
        sender: &str,
        dataset: Dataset,
        columns: &[ColumnMap],
        settings: Settings,
        progress: &dyn Progress,
    ) -> Result<CheckedDelivery, Error> {
        let effective = settings.effective.unwrap_or_else(today);
        let snapshot = self.snapshot_at(Question { day: Some(effective), known: None })?;
        let exceptions = self.store.exceptions()?;
        let with = Compared {
            sender,
            settings,
            snapshot: &snapshot,
            effective,
            exceptions: &exceptions,
            operator: self.operator(),
        };
        Ok(with.check(DeliveryId(0), dataset, columns, progress))
    }
}

/// Errors: the settings name a layer that the delivery does not have, which would say nothing without a word.
fn layers_are_there(settings: &Settings, dataset: &Dataset) -> Result<(), DeliveryError> {
    let columns = settings.columns.keys().map(|layer| (format!("/columns/{layer}"), layer));
    let left_out = settings.left_out.iter().enumerate().map(|(at, layer)| (format!("/left_out/{at}"), layer));
    for (place, name) in columns.chain(left_out) {
        if !dataset.layers.iter().any(|layer| layer.name == *name) {
            return Err(DeliveryError::BadSettings { place, message: format!("there is no layer {name:?}") });
        }
    }
    Ok(())
}

/// What a delivery is compared with, and how it is understood.
struct Compared<'a> {
    sender: &'a str,
    settings: Settings,
    snapshot: &'a Snapshot,
    effective: Date,
    exceptions: &'a [Exception],
    operator: &'a Operator,
}

impl Compared<'_> {
    fn check(
        self,
        id: DeliveryId,
        dataset: Dataset,
        columns: &[ColumnMap],
        progress: &dyn Progress,
    ) -> CheckedDelivery {
        let Self { sender, settings, snapshot, effective, exceptions, operator } = self;
        let known = known(snapshot, sender, (effective, today()), exceptions, operator);
        let (delivered, position) = check(dataset, columns, &settings, &known, progress);
        progress.reached(Step::Compare, 0, delivered.drafts.len());
        let rows = rows(&delivered, &known, effective);
        let streets: BTreeSet<_> = delivered.drafts.iter().filter_map(|draft| draft.row.street.clone()).collect();
        let in_scope = |street: &StreetCode| match settings.scope {
            Scope::Listed => false,
            Scope::Streets => streets.contains(street),
            Scope::District => true,
        };
        let vanishing = vanishing(&delivered, &known, in_scope);
        let forecast = Forecast::new(snapshot, &delivered, &rows, &vanishing, &known);
        CheckedDelivery {
            id,
            sender: sender.to_owned(),
            revision: snapshot.revision(),
            effective,
            position,
            rows,
            vanishing,
            areas: known.areas.iter().filter(|area| in_scope(&area.street)).count(),
            forecast,
            delivered,
            settings,
            exceptions: Vec::new(),
        }
    }
}

/// The register as a check sees it.
pub(in crate::app) fn known<'a>(
    snapshot: &'a Snapshot,
    sender: &'a str,
    (day, today): (Date, Date),
    exceptions: &'a [Exception],
    operator: &'a Operator,
) -> Known<'a> {
    let mut known = Known::nothing(today);
    known.day = day;
    known.sender = sender;
    known.operator = operator;
    known.district = Some(snapshot.district());
    known.streets = snapshot.streets();
    known.communities = snapshot.communities();
    known.managers = snapshot.managers();
    known.absent = snapshot.absent_areas().map(|absent| &absent.code).collect();
    known.exceptions = exceptions;
    known.with_areas(snapshot.areas().collect())
}

/// The manager that a row means: by credit code, else the only one of that name.
pub(in crate::app) fn manager_of(draft: &Draft, managers: &[Manager]) -> Option<Uscc> {
    let row = &draft.row;
    if let Some(uscc) = &row.manager_uscc {
        let is_new = row.manager_name.is_some();
        return managers
            .iter()
            .any(|manager| manager.uscc == *uscc)
            .then(|| uscc.clone())
            .or(is_new.then(|| uscc.clone()));
    }
    let name = row.manager_name.as_deref()?;
    let mut named = managers.iter().filter(|manager| manager.name == name);
    named.next().filter(|_| named.next().is_none()).map(|manager| manager.uscc.clone())
}

fn rows(delivered: &Delivered, known: &Known<'_>, day: Date) -> Vec<RowView> {
    let blocked: BTreeSet<&Place> =
        delivered.findings.iter().filter(|finding| finding.blocks()).map(|finding| &finding.place).collect();
    let managers: std::collections::HashMap<_, _> =
        known.managers.iter().map(|manager| (manager.id, &manager.uscc)).collect();
    let row = |draft: &Draft| match draft.about {
        _ if draft.places.iter().any(|place| blocked.contains(place)) => RowView::Unusable,
        About::Nobody => RowView::Unusable,
        About::New if !draft.has_geometry && draft.row.name.is_some() => RowView::Unlocated,
        About::New if draft.outline.is_none() || draft.row.name.is_none() || draft.row.street.is_none() => {
            RowView::Unusable
        }
        About::New => RowView::Added,
        About::Existing(at) => {
            let area = known.areas[at];
            let compared = history::Compared {
                area,
                fingerprint: &text(&fingerprint(&area.boundary)),
                manager: area.manager.and_then(|id| managers.get(&id).copied()),
                day,
                sender: known.sender,
            };
            let change = compare(draft, manager_of(draft, known.managers).as_ref(), &compared);
            if change.is_empty() { RowView::Unchanged } else { RowView::Changed(Box::new(change)) }
        }
    };
    delivered.drafts.par_iter().map(row).collect()
}

fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Areas in the scope of a delivery that none of its rows is about. A row that cannot be used keeps its area.
fn vanishing(
    delivered: &Delivered,
    known: &Known<'_>,
    in_scope: impl Fn(&StreetCode) -> bool,
) -> Vec<(AreaCode, String)> {
    let told: BTreeSet<usize> = delivered
        .drafts
        .iter()
        .filter_map(|draft| match draft.about {
            About::Existing(at) => Some(at),
            About::New | About::Nobody => draft.row.code.as_ref().and_then(|code| known.by_code(code)),
        })
        .collect();
    let areas = known.areas.iter().enumerate();
    areas
        .filter(|(at, area)| in_scope(&area.street) && !told.contains(at))
        .map(|(_, area)| (area.code.clone(), area.name.clone()))
        .collect()
}
