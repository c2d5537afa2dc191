//! Deciding on cases, one by one or several that are nearly identical, and taking that back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::json;

use crate::app::access::Occasion;
use crate::app::reconciliation::ReconciliationError;
use crate::app::reconciliation::decision::{Decision, DecisionReason, Task, Verdict, Whose};
use crate::app::reconciliation::fields::BOUNDARY;
use crate::app::reconciliation::run::{CaseView, Run};
use crate::app::reconciliation::state::{AtOnce, RunNow, Standing, kept_of, opens_task};
use crate::app::reconciliation::view::CaseState;
use crate::app::{App, DeliveryError, Error};
use crate::auth::{Action, Actor, Resource};
use crate::ingest::delivery::Silent;
use crate::model::{DeliveryId, DeliveryState};
use crate::reconcile::Class;
use crate::store::{DocumentChange, DocumentKind, StoreError};

/// Most characters of a note.
pub(super) const NOTE_CHARS_MAX: usize = 200;

/// Which cases are decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Those of these keys.
    Keys(Vec<String>),
    /// All open ones that are nearly identical.
    NearIdentical,
    /// All pairs that need no decision, and that differ in what may be entered at once.
    AtOnce(AtOnce),
}

/// What the rows of a case lack, so that they cannot be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// An outline for each area that takes the place of others.
    Outlines,
    /// A name for each of them.
    Name,
    /// Name, street and usable outline of a new area.
    Whole,
}

impl Lack {
    /// Its key in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Outlines => "outlines",
            Self::Name => "name",
            Self::Whole => "whole",
        }
    }
}

impl std::fmt::Display for Lack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Outlines => "areas take the place of others only with an outline for each",
            Self::Name => "a new area needs a name",
            Self::Whole => "a new area needs a name, a street and a usable outline",
        })
    }
}

/// A decision as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRequest {
    /// Which cases.
    pub which: Which,
    /// What is decided.
    pub verdict: Verdict,
    /// Whose word is taken, for [`Verdict::Fields`].
    pub fields: BTreeMap<String, Whose>,
    /// Why.
    pub reason: DecisionReason,
    /// Free remark.
    pub note: String,
    /// How many cases whoever decides thinks it is; needed for more than one.
    pub expected: Option<usize>,
    /// When the decision that whoever decides sees on a case was made, by key; `None` where there is none.
    pub seen: BTreeMap<String, Option<Timestamp>>,
}

/// A case that was decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Its key.
    pub key: String,
    /// Where it stands now.
    pub state: CaseState,
    /// The question to the street, where there is one.
    pub task: Option<Task>,
}

impl DecisionRequest {
    fn check(&self) -> Result<(), ReconciliationError> {
        let bad = |place, message: &str| Err(ReconciliationError::BadMember { place, message: message.to_owned() });
        if self.note.chars().count() > NOTE_CHARS_MAX {
            return bad("/note", "a note has at most 200 characters");
        }
        if self.reason == DecisionReason::Other && self.note.trim().is_empty() {
            return bad("/note", "another reason needs a note that says which");
        }
        match (self.verdict, self.fields.is_empty()) {
            (Verdict::Fields, true) => bad("/fields", "a decision field by field names at least one field"),
            (Verdict::Fields, false) | (_, true) => Ok(()),
            (_, false) => bad("/fields", "only a decision field by field names fields"),
        }
    }
}

impl App {
    /// Decides on cases of the run that was made last. What was decided on them before is decided anew.
    ///
    /// Errors: the actor may not deliver, the delivery was not run or is in the register, the count is another one, several
    /// cases are not nearly identical, a case cannot be entered, somebody else decided at the same time.
    pub fn decide(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        id: DeliveryId,
        request: &DecisionRequest,
    ) -> Result<(Vec<Decided>, RunNow), Error> {
        self.require(actor, Action::Deliver, &Resource::District)?;
        request.check()?;
        let _deciding = self.desk.deciding();
        let (run, standing) = self.undecided_run(id)?;
        request.check_seen(&run, &standing)?;
        let views = chosen(&run, &standing, request)?;
        let mut changes = Vec::new();
        let mut decided: Vec<(String, Option<Task>)> = Vec::new();
        for view in &views {
            let decision = request.decision(&run, view, (actor.who(), occasion.at))?;
            let body = decision.body();
            changes.push(match standing.document(&view.key) {
                Some(document) => DocumentChange::of(document, body),
                None => DocumentChange::new(DocumentKind::Decision, &view.key, body),
            });
            decided.push((view.key.clone(), decision.task));
        }
        let after = json!({
            "verdict": request.verdict.key(),
            "reason": request.reason.key(),
            "note": request.note,
            "fields": request.fields,
            "cases": views.iter().map(|view| view.key.as_str()).collect::<Vec<_>>(),
        });
        self.write_decisions((actor, occasion), ("reconciliation.decide", id), &changes, after.to_string())?;
        let standing = self.standing()?;
        let state = |key: &str| run.case(key).map(|view| standing.state(&run, view));
        let decided = decided
            .into_iter()
            .map(|(key, task)| Ok(Decided { state: state(&key)?, key, task }))
            .collect::<Result<Vec<_>, ReconciliationError>>()?;
        Ok((decided, (run, standing)))
    }

    /// Takes back what was decided on a case of which nothing is in the register.
    ///
    /// Errors: the actor may not deliver, there is no such case, nobody decided on it, something of it is in the register.
    pub fn undecide(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        id: DeliveryId,
        key: &str,
    ) -> Result<(CaseState, RunNow), Error> {
        self.require(actor, Action::Deliver, &Resource::District)?;
        let _deciding = self.desk.deciding();
        let (run, standing) = self.decided_run(id)?;
        let view = run.case(key)?;
        let not_decided = || ReconciliationError::NotDecided(key.to_owned());
        let decision = standing.decision(key).cloned().ok_or_else(not_decided)?;
        let document = standing.document(key).ok_or_else(not_decided)?;
        if let DeliveryState::Published { .. } = self.kept_delivery(id)?.state {
            let is_unlocated = view.case.class == Class::New && decision.enters();
            if view.is_entered(&decision) {
                let message = "the case is in the register: a record takes it back".to_owned();
                return Err(ReconciliationError::BadMember { place: "/record", message }.into());
            }
            if is_unlocated {
                return Err(ReconciliationError::OnlyWhole.into());
            }
        }
        let undone = decision.undone_by(actor.who(), occasion.at, None);
        let changes = [DocumentChange::of(document, undone.body())];
        let after = json!({ "cases": [key] }).to_string();
        self.write_decisions((actor, occasion), ("reconciliation.undo", id), &changes, after)?;
        let standing = self.standing()?;
        let state = standing.state(&run, run.case(key)?);
        Ok((state, (run, standing)))
    }

    /// The run that was made last of a delivery that is not in the register.
    pub(super) fn undecided_run(&self, id: DeliveryId) -> Result<RunNow, Error> {
        let delivery = self.kept_delivery(id)?;
        if let DeliveryState::Published { .. } = delivery.state {
            return Err(DeliveryError::WrongState { id, state: delivery.state }.into());
        }
        self.decided_run(id)
    }

    /// The run that was made last of a delivery, whatever became of it.
    pub(super) fn decided_run(&self, id: DeliveryId) -> Result<RunNow, Error> {
        // Another instance may have compared them, or this one before it was started anew.
        let run = self.desk.run_of(id).map_or_else(|| self.run_now(id, &Silent), Ok)?;
        Ok((run, self.standing()?))
    }

    /// Writes decisions and what the audit log tells of them.
    pub(super) fn write_decisions(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        (action, id): (&'static str, DeliveryId),
        changes: &[DocumentChange],
        after: String,
    ) -> Result<(), Error> {
        let mut draft = self.access().draft(actor, occasion, action)?;
        draft.object = Some(format!("delivery/{id}"));
        draft.after = Some(after);
        match self.store.write(changes, &[draft]) {
            Err(StoreError::Outdated { .. }) => Err(ReconciliationError::Outdated.into()),
            told => Ok(told?),
        }
    }
}

impl DecisionRequest {
    fn decision(&self, run: &Run, view: &CaseView, by: (&str, Timestamp)) -> Result<Decision, ReconciliationError> {
        if self.verdict == Verdict::Fields {
            self.check_fields(view)?;
        }
        // What is accepted and cannot be entered stays as it is.
        let enters = |field: &str| view.fields.iter().any(|known| known.field == field && known.enters);
        let stays = |field: &str| match self.verdict {
            Verdict::BothWrong => false,
            Verdict::Accept => !enters(field),
            Verdict::Keep => true,
            Verdict::Fields => !enters(field) || self.fields.get(field).is_none_or(|whose| *whose == Whose::Ours),
        };
        let mut decision = Decision {
            verdict: self.verdict,
            fields: self.fields.clone(),
            reason: self.reason,
            note: self.note.clone(),
            by: by.0.to_owned(),
            at: by.1,
            delivery: run.check.id.0,
            sender: run.check.sender.clone(),
            ours: run.areas_of(view).map(|area| area.code.to_string()).collect(),
            kept: kept_of(run, view, stays).collect(),
            task: None,
            entered: None,
            undone: None,
        };
        if decision.enters()
            && let Err(lack) = run.enterable(view)
        {
            return Err(ReconciliationError::NotEnterable { key: view.key.clone(), lack });
        }
        decision.task = opens_task(view, &decision).then(Task::open);
        Ok(decision)
    }

    /// Whether whoever decides has seen what was decided before.
    fn check_seen(&self, run: &Run, standing: &Standing) -> Result<(), ReconciliationError> {
        for (key, seen) in &self.seen {
            let decision = standing.decision_on(run.case(key)?);
            let at = decision.map(|decision| decision.at);
            if at != *seen {
                let by = decision.map(|decision| decision.by.clone()).unwrap_or_default();
                return Err(ReconciliationError::DecidedMeanwhile { case: key.clone(), by, at });
            }
        }
        Ok(())
    }

    fn check_fields(&self, view: &CaseView) -> Result<(), ReconciliationError> {
        let bad = |message: String| Err(ReconciliationError::BadMember { place: "/fields", message });
        if !view.case.class.is_pair() {
            return bad("only a pair is decided field by field".to_owned());
        }
        let known: BTreeSet<&str> = view.fields.iter().map(|field| field.field).chain([BOUNDARY]).collect();
        match self.fields.keys().find(|field| !known.contains(field.as_str())) {
            Some(field) => bad(format!("the sides do not differ in {field:?}")),
            None => Ok(()),
        }
    }
}

/// The cases that a request decides on, when it may.
fn chosen<'a>(
    run: &'a Run,
    standing: &Standing,
    request: &DecisionRequest,
) -> Result<Vec<&'a CaseView>, ReconciliationError> {
    let views: Vec<&CaseView> = match &request.which {
        Which::Keys(keys) => {
            let distinct: BTreeSet<&String> = keys.iter().collect();
            if distinct.is_empty() {
                let message = "at least one case is decided on".to_owned();
                return Err(ReconciliationError::BadMember { place: "/cases", message });
            }
            distinct.into_iter().map(|key| run.case(key)).collect::<Result<_, _>>()?
        }
        Which::NearIdentical => {
            let is_open = |view: &&CaseView| standing.state(run, view) == CaseState::Open;
            run.cases.iter().filter(|view| view.is_for_bulk()).filter(is_open).collect()
        }
        Which::AtOnce(at_once) => {
            if request.verdict != Verdict::Accept {
                let message = "what needs no decision can only be accepted at once".to_owned();
                return Err(ReconciliationError::BadMember { place: "/verdict", message });
            }
            run.cases.iter().filter(|view| standing.at_once(run, view) == Some(*at_once)).collect()
        }
    };
    let several = views.len() > 1 || !matches!(request.which, Which::Keys(_));
    if several && request.verdict == Verdict::Fields {
        let message = "fields are decided one case at a time".to_owned();
        return Err(ReconciliationError::BadMember { place: "/verdict", message });
    }
    let alone = several && !matches!(request.which, Which::AtOnce(_));
    if let Some(view) = views.iter().find(|view| alone && !view.is_for_bulk()) {
        return Err(ReconciliationError::NotInBulk { key: view.key.clone(), name: run.name_of(view) });
    }
    let found = views.len();
    match request.expected {
        Some(expected) if expected != found => Err(ReconciliationError::Count { expected, found }),
        None if several => {
            let message = "several cases at once need the number of them".to_owned();
            Err(ReconciliationError::BadMember { place: "/expected", message })
        }
        _ => Ok(views),
    }
}

impl Run {
    /// Whether what a case says can be entered. Errors: what its rows lack.
    pub(super) fn enterable(&self, view: &CaseView) -> Result<(), Lack> {
        let rows = || view.case.rights.iter().map(|right| self.draft(*right));
        let class = view.case.class;
        if class.is_lineage() {
            if rows().any(|draft| draft.outline.is_none()) {
                return Err(Lack::Outlines);
            }
            if rows().any(|draft| draft.row.name.is_none()) {
                return Err(Lack::Name);
            }
        }
        if class == Class::New {
            // A row without a place is in the ledger from then on, and on the map once it has an outline.
            let of_ledger = rows().all(|draft| !draft.has_geometry && draft.row.name.is_some());
            let whole = |draft: &crate::ingest::delivery::Draft| {
                draft.outline.is_some() && draft.row.name.is_some() && draft.row.street.is_some()
            };
            if !of_ledger && !rows().all(whole) {
                return Err(Lack::Whole);
            }
        }
        Ok(())
    }
}
