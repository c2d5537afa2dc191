//! Entering what was accepted, as one record, and taking back what one case entered.

use std::collections::BTreeSet;

use serde_json::json;

use crate::app::access::Occasion;
use crate::app::change::PLANS_MAX;
use crate::app::deliveries::{Telling, VANISHING_SHARE, summary, write_settings};
use crate::app::reconciliation::ReconciliationError;
use crate::app::reconciliation::preview::{Preview, PreviewCounts};
use crate::app::reconciliation::run::Run;
use crate::app::{App, DeliveryError, Error, RecordSource};
use crate::auth::{Action, Actor, Resource};
use crate::history::{Entry, Fact, Key, Kind, Refusal, TEXT_LIMIT_CHARS, Version, undo};
use crate::ingest::delivery::{Progress, Settings, Step};
use crate::model::{AreaCode, DeliveryId, DeliveryState, RecordKind, Revision};
use crate::store::{DocumentChange, StoreError};

/// How a reconciliation is to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconciliationPublication {
    /// What its record says of itself.
    pub source: RecordSource,
    /// The number of areas that may vanish, needed where they are many.
    pub confirmed: Option<usize>,
    /// Whether cases may stay undecided; nothing of them is entered.
    pub leave_undecided: bool,
    /// The digest of the preview that was looked at; another one is refused.
    pub seen: Option<String>,
}

/// What became of a reconciliation.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciled {
    /// The record; `None` where the register says all of it already, and nothing was written.
    pub revision: Option<Revision>,
    /// How many cases and areas.
    pub counts: PreviewCounts,
}

impl App {
    /// Enters what was accepted of a delivery as one record, wholly or not at all.
    ///
    /// Errors: the actor may not publish, cases are undecided, tasks are open, the history of an area does not allow a case,
    /// findings of accepted rows must be fixed, too many areas would vanish, the preview that was looked at is out of date, the
    /// delivery is in the register already, the store fails; nothing was entered.
    pub fn publish_reconciliation(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        id: DeliveryId,
        publication: &ReconciliationPublication,
        progress: &dyn Progress,
    ) -> Result<Reconciled, Error> {
        self.require(actor, Action::PublishDelivery, &Resource::District)?;
        let ReconciliationPublication { source, confirmed, leave_undecided, seen } = publication;
        source.check()?;
        // Whoever decides meanwhile waits, and is told that the delivery is in the register.
        let _deciding = self.desk.deciding();
        for _ in 0..PLANS_MAX {
            // In this order: whoever published it after the state was read has moved the revision as well.
            let basis = self.store.revision()?.ok_or(StoreError::Empty)?;
            let delivery = self.kept_delivery(id)?;
            if let DeliveryState::Published { .. } = delivery.state {
                return Err(DeliveryError::WrongState { id, state: delivery.state }.into());
            }
            if delivery.settings.is_none() {
                return Err(DeliveryError::NotChecked(id).into());
            }
            // On the day that the preview told of, whatever day the document has.
            let check = self.check_noted(id, None, None, progress)?;
            if check.revision != basis {
                self.catch_up()?;
                continue;
            }
            let run = self.run_of_check(check)?;
            let standing = self.standing()?;
            if seen.as_ref().is_some_and(|seen| *seen != standing.digest(&run)) {
                return Err(ReconciliationError::PreviewOutdated.into());
            }
            let mut planned = self.planned(&run, &standing, basis)?;
            let preview = self.previewed(&run, &standing, &planned)?;
            if preview.counts.undecided > 0 && !leave_undecided {
                return Err(ReconciliationError::Undecided { open: preview.counts.undecided }.into());
            }
            if preview.open_tasks > 0 {
                return Err(ReconciliationError::CommitteeTasks { open: preview.open_tasks }.into());
            }
            if !planned.refused.is_empty() {
                return Err(ReconciliationError::Refused(planned.refused).into());
            }
            if !preview.blocked.is_empty() {
                return Err(DeliveryError::NotPublishable { must_fix: preview.blocked.len() }.into());
            }
            let (vanishing, areas) = (planned.vanishing, run.ours);
            if vanishing as f64 > VANISHING_SHARE * areas as f64 && *confirmed != Some(vanishing) {
                return Err(DeliveryError::Vanishing { vanishing, areas }.into());
            }
            let _telling = Telling::new(&self.desk, id, progress);
            progress.reached(Step::Write, 0, run.theirs());
            let corrections = planned.corrections();
            let mut entry = std::mem::take(&mut planned.entry);
            let unlocated = entry.origin.as_ref().is_some_and(|origin| !origin.unlocated().is_empty());
            if entry.puts.is_empty() && !unlocated {
                return Ok(Reconciled { revision: None, counts: preview.counts });
            }
            entry.audit = self.reconciliation_audit((actor, occasion), id, &preview, &entry)?;
            self.keep_day(id, &run)?;
            let note = [source.note.as_str(), corrections.as_str()].into_iter().filter(|text| !text.is_empty());
            let note: String = note.collect::<Vec<_>>().join("; ").chars().take(TEXT_LIMIT_CHARS).collect();
            let source = RecordSource { note, ..source.clone() };
            // The record is refused unless it is the next one.
            let decisions = standing.published(&run, &planned.entered, Revision(basis.0 + 1));
            match self.publish_stamped(|| source.record(RecordKind::Delivery), (&entry, &decisions)) {
                Ok(revision) => return Ok(Reconciled { revision: Some(revision), counts: preview.counts }),
                // The register has gone on, or somebody decided otherwise: what is entered is worked out anew.
                Err(Error::Store(StoreError::Refused(Refusal::Moved { .. }) | StoreError::Outdated { .. })) => {}
                Err(Error::Store(StoreError::Refused(refusal))) => return Err(self.refused(id, refusal)),
                Err(err) => return Err(err),
            }
        }
        Err(Error::Busy)
    }

    /// Keeps the day that a delivery was compared on with its settings, which name none: what is published is told, and taken
    /// back, as of that day.
    fn keep_day(&self, id: DeliveryId, run: &Run) -> Result<(), Error> {
        let check = &run.check;
        if check.settings.effective.is_some() {
            return Ok(());
        }
        let settings = Settings { effective: Some(check.effective), ..check.settings.clone() };
        Ok(self.store.note_check(id, &write_settings(&settings), &summary(check), &[])?)
    }

    /// What the audit log tells of a publication: the delivery with its counts, and the areas that it changes.
    fn reconciliation_audit(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        id: DeliveryId,
        preview: &Preview,
        entry: &Entry,
    ) -> Result<Vec<crate::history::AuditDraft>, Error> {
        let mut draft = self.access().draft(actor, occasion, "reconciliation.publish")?;
        draft.object = Some(format!("delivery/{id}"));
        let PreviewCounts { accepted, kept, both_wrong, undecided, ended, begun, changed } = preview.counts;
        let after = json!({
            "accepted": accepted,
            "kept": kept,
            "both_wrong": both_wrong,
            "undecided": undecided,
            "ended": ended,
            "begun": begun,
            "changed": changed,
        });
        draft.after = Some(after.to_string());
        let mut audit = vec![draft];
        audit.extend(self.area_audit((actor, occasion), entry)?);
        Ok(audit)
    }

    /// Takes back what one case of a published delivery entered: a record that puts its areas as they were known before.
    ///
    /// Errors: the actor may not publish; the delivery is not in the register; there is no such case, or nobody decided on it,
    /// or it entered nothing; a later record changed what it entered.
    pub fn undo_case(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        (id, key): (DeliveryId, &str),
        source: &RecordSource,
        progress: &dyn Progress,
    ) -> Result<Revision, Error> {
        self.require(actor, Action::PublishDelivery, &Resource::District)?;
        source.check()?;
        let _deciding = self.desk.deciding();
        for _ in 0..PLANS_MAX {
            let delivery = self.kept_delivery(id)?;
            let DeliveryState::Published { revision } = delivery.state else {
                return Err(DeliveryError::WrongState { id, state: delivery.state }.into());
            };
            let run = self.run_now(id, progress)?;
            let view = run.case(key)?;
            let standing = self.standing()?;
            let not_decided = || ReconciliationError::NotDecided(key.to_owned());
            let decision = standing.decision_on(view).ok_or_else(not_decided)?;
            let document = standing.document(key).ok_or_else(not_decided)?;
            let basis = self.store.revision()?.ok_or(StoreError::Empty)?;
            let mut areas: BTreeSet<AreaCode> =
                view.case.lefts.iter().map(|left| run.area(*left).code.clone()).collect();
            let own = |trace: &crate::model::Trace| {
                let places = view.case.rights.iter().flat_map(|right| &run.draft(*right).places);
                places.into_iter().any(|place| *place.file == *trace.file && place.item.to_string() == trace.item)
            };
            areas.extend(self.store.traces_of_record(revision)?.into_iter().filter(own).map(|trace| trace.area));
            let mut things: Vec<(Key, Vec<Version>)> = Vec::new();
            for thing in self.store.keys_touched_by(revision)? {
                let versions = self.store.versions(&thing)?;
                let of_case = match thing.kind {
                    Kind::Area | Kind::Assignment => areas.iter().any(|area| area.as_str() == thing.code),
                    Kind::Committee => {
                        versions.iter().filter_map(|version| Fact::area(&version.fact)).any(|area| areas.contains(area))
                    }
                    _ => false,
                };
                if of_case {
                    things.push((thing, versions));
                }
            }
            let entry = undo(revision, &things).map_err(|keys| {
                let of_area = |key: &&Key| matches!(key.kind, Kind::Area | Kind::Assignment);
                let areas: BTreeSet<AreaCode> =
                    keys.iter().filter(of_area).filter_map(|key| AreaCode::parse(&key.code).ok()).collect();
                let things = keys.iter().map(ToString::to_string).collect();
                ReconciliationError::ChangedSince { things, areas: areas.into_iter().collect() }
            })?;
            if entry.puts.is_empty() {
                return Err(ReconciliationError::NothingEntered.into());
            }
            let mut draft = self.access().draft(actor, occasion, "reconciliation.undo")?;
            draft.object = Some(format!("delivery/{id}"));
            draft.before = Some(json!({ "revision": revision.0, "case": key }).to_string());
            draft.after = Some(json!({ "cases": [key] }).to_string());
            let mut audit = vec![draft];
            audit.extend(self.area_audit((actor, occasion), &entry)?);
            let entry = Entry { basis: Some(basis), audit, ..entry };
            // The record is refused unless it is the next one.
            let undone = decision.clone().undone_by(actor.who(), occasion.at, Some(Revision(basis.0 + 1)));
            let undone = [DocumentChange::of(document, undone.body())];
            match self.publish_stamped(|| source.record(RecordKind::Correction), (&entry, &undone)) {
                Ok(entered) => return Ok(entered),
                Err(Error::Store(StoreError::Refused(Refusal::Moved { .. }) | StoreError::Outdated { .. })) => {}
                Err(Error::Store(StoreError::Refused(refusal))) => return Err(self.refused(id, refusal)),
                Err(err) => return Err(err),
            }
        }
        Err(Error::Busy)
    }
}
