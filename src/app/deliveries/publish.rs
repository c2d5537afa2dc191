//! Publishing a delivery and taking it back: one record, one transaction, one swap.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, Unit};
use serde_json::json;

use crate::app::access::Occasion;
use crate::app::change::PLANS_MAX;
use crate::app::deliveries::check::today;
use crate::app::deliveries::{CheckedDelivery, DeliveryError, Telling};
use crate::app::traces::{AREA_CHANGE, TRACES_MAX, traces_of};
use crate::app::{App, Error};
use crate::auth::{Action, Actor, Resource};
use crate::history::{AuditDraft, Entry, Key, Kind, Known, NewRecord, Refusal, TEXT_LIMIT_CHARS, undo};
use crate::ingest::delivery::{Progress, Settings, Severity, Silent, Step};
use crate::model::{AreaCode, DeliveryId, DeliveryState, Origin, RecordKind, Revision};
use crate::store::{Question, StoreError};

/// Share of the areas in a delivery's scope that may vanish without being confirmed.
pub const VANISHING_SHARE: f64 = 0.05;

/// What a record says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSource {
    /// Number of the document.
    pub document: String,
    /// Authority that issued it.
    pub authority: String,
    /// Its date.
    pub dated: Date,
    /// Who enters it.
    pub author: String,
    /// Free remark.
    pub note: String,
}

impl RecordSource {
    pub(in crate::app) fn record(&self, kind: RecordKind) -> NewRecord {
        let now = Timestamp::now();
        NewRecord {
            kind,
            document: self.document.clone(),
            authority: self.authority.clone(),
            dated: self.dated,
            author: self.author.clone(),
            recorded_at: now.round(Unit::Millisecond).unwrap_or(now),
            note: self.note.clone(),
            request: None,
        }
    }

    pub(in crate::app) fn check(&self) -> Result<(), DeliveryError> {
        let texts = [
            ("/record/document", &self.document),
            ("/record/authority", &self.authority),
            ("/record/author", &self.author),
        ];
        for (place, text) in texts {
            if text.trim().is_empty() || text.chars().count() > TEXT_LIMIT_CHARS {
                let name = place.trim_start_matches("/record/");
                let message = format!("{name} must have 1 to {TEXT_LIMIT_CHARS} characters");
                return Err(DeliveryError::BadRecord { place, message });
            }
        }
        if self.dated > today() {
            // A document of a day to come would move the date of the data there, for good.
            let message = format!("the document is dated {}, and today is {}", self.dated, today());
            return Err(DeliveryError::BadRecord { place: "/record/dated", message });
        }
        Ok(())
    }
}

/// How a delivery is to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// What its record says of itself.
    pub source: RecordSource,
    /// The number of areas that may vanish, needed above [`VANISHING_SHARE`].
    pub confirmed: Option<usize>,
}

/// What became of a delivery.
#[derive(Debug, Clone)]
pub enum Published {
    /// It was entered under this revision, as this check has it.
    Entered(Revision, Arc<CheckedDelivery>),
    /// The register says all of it already; nothing was written.
    NothingNew,
}

impl App {
    /// Publishes a delivery as it was checked last, wholly or not at all.
    ///
    /// Errors: the actor may not publish, findings that must be
    /// fixed are open, too many areas would vanish, it is in the register already, the store fails; nothing was entered.
    pub fn publish_delivery(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        id: DeliveryId,
        publication: &Publication,
        progress: &dyn Progress,
    ) -> Result<Published, Error> {
        self.require(actor, Action::PublishDelivery, &Resource::District)?;
        let Publication { source, confirmed } = publication;
        source.check()?;
        let _deciding = self.desk.deciding();
        let standing = self.standing()?;
        // Of its decisions only those count that hold on a case which it has now.
        if standing.was_decided_on(id) {
            let decisions = standing.decided_on(&*self.run_now(id, progress)?);
            if decisions > 0 {
                return Err(DeliveryError::Decided { decisions }.into());
            }
        }
        for _ in 0..PLANS_MAX {
            // In this order: whoever published it after the state was read has moved the revision as well.
            let basis = self.store.revision()?.ok_or(StoreError::Empty)?;
            let delivery = self.kept_delivery(id)?;
            if let DeliveryState::Published { .. } = delivery.state {
                return Err(DeliveryError::WrongState { id, state: delivery.state }.into());
            }
            let settings = match &delivery.settings {
                Some(text) => crate::app::deliveries::read_settings(text)?,
                None => return Err(DeliveryError::NotChecked(id).into()),
            };
            let settings = Settings { effective: settings.effective.or(Some(source.dated)), ..settings };
            // An attempt that is refused must not change how the delivery is checked.
            let check = self.check_noted(id, Some(settings), None, progress)?;
            if check.revision != basis {
                self.catch_up()?;
                continue;
            }
            let must_fix = check.open(Severity::MustFix);
            if must_fix > 0 {
                return Err(DeliveryError::NotPublishable { must_fix }.into());
            }
            let (vanishing, areas) = (check.vanishing.len(), check.areas);
            if vanishing as f64 > VANISHING_SHARE * areas as f64 && *confirmed != Some(vanishing) {
                return Err(DeliveryError::Vanishing { vanishing, areas }.into());
            }
            let _telling = Telling::new(&self.desk, id, progress);
            progress.reached(Step::Write, 0, check.rows.len());
            let snapshot = self.snapshot_at(Question { day: Some(check.effective), known: Some(basis) })?;
            let mut entry = self.entry_of(&check, &snapshot, basis)?;
            entry.audit = self.publication_audit((actor, occasion), &check, &entry)?;
            // Rows without a place change nothing on the map, but from now on they are in the ledger.
            if entry.puts.is_empty() && check.count("unlocated") == 0 {
                // What the register says is read as it is now, and perhaps somebody else has just published this delivery.
                if self.store.revision()? != Some(basis) {
                    self.catch_up()?;
                    continue;
                }
                return Ok(Published::NothingNew);
            }
            match self.publish_stamped(|| source.record(RecordKind::Delivery), (&entry, &[])) {
                Ok(revision) => return Ok(Published::Entered(revision, check)),
                Err(Error::Store(StoreError::Refused(Refusal::Moved { .. }))) => {}
                Err(Error::Store(StoreError::Refused(refusal))) => return Err(self.refused(id, refusal)),
                Err(err) => return Err(err),
            }
        }
        Err(Error::Busy)
    }

    /// Takes a published delivery back: a record that puts everything as it was known before.
    ///
    /// Errors: the actor may not publish; it is not in the register; a later record changed what it entered. Managers that it brought stay.
    pub fn undo_delivery(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        id: DeliveryId,
        source: &RecordSource,
    ) -> Result<Revision, Error> {
        self.require(actor, Action::PublishDelivery, &Resource::District)?;
        source.check()?;
        for _ in 0..PLANS_MAX {
            let delivery = self.kept_delivery(id)?;
            let DeliveryState::Published { revision } = delivery.state else {
                return Err(DeliveryError::WrongState { id, state: delivery.state }.into());
            };
            let basis = self.store.revision()?.ok_or(StoreError::Empty)?;
            let mut things = Vec::new();
            for key in self.store.keys_touched_by(revision)? {
                let versions = self.store.versions(&key)?;
                things.push((key, versions));
            }
            let entry = undo(revision, &things).map_err(|keys| self.changed_since(&keys))?;
            let mut draft = self.access().draft(actor, occasion, "delivery.undo")?;
            draft.object = Some(format!("delivery/{id}"));
            draft.before = Some(json!({ "revision": revision.0 }).to_string());
            let (origin, audit) = (Some(Origin::Undoes { delivery: id }), vec![draft]);
            let entry = Entry { basis: Some(basis), origin, audit, ..entry };
            let _telling = Telling::new(&self.desk, id, &Silent);
            match self.publish_stamped(|| source.record(RecordKind::Correction), (&entry, &[])) {
                Err(Error::Store(StoreError::Refused(Refusal::Moved { .. }))) => {}
                Err(Error::Store(StoreError::Refused(refusal))) => return Err(self.refused(id, refusal)),
                told => return told,
            }
        }
        Err(Error::Busy)
    }

    /// What the audit log tells of a publication: the delivery, and the areas that it changes while they are not too many.
    fn publication_audit(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        check: &CheckedDelivery,
        entry: &Entry,
    ) -> Result<Vec<AuditDraft>, Error> {
        let mut draft = self.access().draft(actor, occasion, "delivery.publish")?;
        draft.object = Some(format!("delivery/{}", check.id));
        let count = |key| check.count(key);
        draft.after = Some(
            json!({
                "added": count("added"),
                "changed": count("changed"),
                "unchanged": count("unchanged"),
                "unlocated": count("unlocated"),
                "vanished": check.vanishing.len(),
            })
            .to_string(),
        );
        let mut audit = vec![draft];
        audit.extend(self.area_audit((actor, occasion), entry)?);
        Ok(audit)
    }

    /// What the audit log tells of the areas that an entry changes, while they are not too many.
    pub(in crate::app) fn area_audit(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        entry: &Entry,
    ) -> Result<Vec<AuditDraft>, Error> {
        let areas: BTreeSet<AreaCode> = entry.puts.iter().filter_map(|put| Some(put.fact()?.area()?.clone())).collect();
        if areas.len() > TRACES_MAX {
            return Ok(Vec::new());
        }
        let mut versions = Vec::new();
        for area in &areas {
            versions.extend(self.store.history(area)?);
        }
        let draft = self.access().draft(actor, occasion, AREA_CHANGE)?;
        let traces = traces_of(entry, &Known::new(versions, Vec::new()));
        Ok(traces.iter().map(|trace| trace.draft(draft.clone())).collect())
    }

    fn changed_since(&self, keys: &[Key]) -> DeliveryError {
        let snapshot = self.snapshot().ok();
        let of_area = |key: &&Key| matches!(key.kind, Kind::Area | Kind::Assignment);
        let codes: BTreeSet<AreaCode> =
            keys.iter().filter(of_area).filter_map(|key| AreaCode::parse(&key.code).ok()).collect();
        let name = |code: &AreaCode| {
            let snapshot = snapshot.as_ref()?;
            Some(snapshot.area(snapshot.area_position(code)?).name.clone())
        };
        DeliveryError::ChangedSince {
            things: keys.iter().map(ToString::to_string).collect(),
            areas: codes.into_iter().map(|code| (code.clone(), name(&code))).collect(),
        }
    }

    pub(in crate::app) fn refused(&self, id: DeliveryId, refusal: Refusal) -> Error {
        match (self.kept_delivery(id), &refusal) {
            (Ok(delivery), Refusal::NotPublishable { .. } | Refusal::NotPublished { .. }) => {
                DeliveryError::WrongState { id, state: delivery.state }.into()
            }
            _ => DeliveryError::BadRecord { place: "/record", message: refusal.to_string() }.into(),
        }
    }
}
