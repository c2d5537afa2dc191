//! The decisions that hold, beside the cases of a run.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::app::reconciliation::decision::{Decision, Entered, Kept, Task, TaskState, Verdict, Whose};
use crate::app::reconciliation::fields::{BOUNDARY, Choice, FieldView};
use crate::app::reconciliation::owner::Owners;
use crate::app::reconciliation::run::{CaseView, Run};
use crate::app::reconciliation::view::CaseState;
use crate::app::{App, Error};
use crate::model::{DeliveryId, Digest, Revision, StreetCode};
use crate::reconcile::Class;
use crate::store::{Document, DocumentChange, DocumentKind};

/// Decisions by the keys of their cases, as they were read at one time.
#[derive(Debug, Default)]
pub struct Standing {
    documents: HashMap<String, (Document, Decision)>,
    /// By sender.
    kept: HashSet<(String, Kept)>,
    /// By the codes of streets.
    owners: Owners,
}

/// What may be entered of many settled pairs at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtOnce {
    /// What the register does not know.
    Fills,
    /// Differences on which nobody has to decide, and what the register does not know.
    Minor,
}

/// A run, and the decisions that hold on it.
pub type RunNow = (Arc<Run>, Arc<Standing>);

impl App {
    /// Every decision that is kept, and who looks after which street. Read again only once the log has gone on.
    pub(in crate::app) fn standing(&self) -> Result<Arc<Standing>, Error> {
        // Before the documents: what is written meanwhile is in them, and the next question reads them again.
        let head = self.store.audit_head()?;
        if let Some(standing) = head.and_then(|head| self.desk.standing_at(head)) {
            return Ok(standing);
        }
        let standing = Arc::new(self.read_standing()?);
        if let Some(head) = head {
            self.desk.keep_standing(head, Arc::clone(&standing));
        }
        Ok(standing)
    }

    fn read_standing(&self) -> Result<Standing, Error> {
        let mut standing = Standing { owners: self.owners()?.0, ..Standing::default() };
        for document in self.store.documents(DocumentKind::Decision)? {
            match serde_json::from_str::<Decision>(&document.body) {
                Ok(decision) => {
                    if decision.holds() {
                        let kept = decision.kept.iter().map(|kept| (decision.sender.clone(), kept.clone()));
                        standing.kept.extend(kept);
                    }
                    standing.documents.insert(document.id.clone(), (document, decision));
                }
                // A newer program may have written it; without it the case is asked again.
                Err(error) => tracing::warn!(%error, case = document.id, "a decision cannot be read"),
            }
        }
        Ok(standing)
    }
}

impl Standing {
    /// The decision that holds on a case as it is now. One that opened no task holds no longer once it would have to: a
    /// committee was formed since. One that was entered holds for its own deliveries only: where another one says the same
    /// again, both sides are as before because somebody put the register back, and is asked.
    pub fn decision_on(&self, view: &CaseView) -> Option<&Decision> {
        self.decision(&view.key).filter(|decision| decision.task.is_some() || !opens_task(view, decision)).filter(
            |decision| {
                let own =
                    |entered: Entered| entered.delivery == view.delivery.0 || decision.delivery == view.delivery.0;
                decision.entered.is_none_or(own)
            },
        )
    }

    /// Whether decisions were made on a delivery, on cases that it may have no longer.
    pub fn was_decided_on(&self, delivery: DeliveryId) -> bool {
        self.documents.values().any(|(_, decision)| decision.holds() && !decision.is_replayed(delivery))
    }

    /// How many decisions were made on a run's own delivery and hold.
    pub fn decided_on(&self, run: &Run) -> usize {
        let decisions = run.cases.iter().filter_map(|view| self.decision_on(view));
        decisions.filter(|decision| !decision.is_replayed(run.check.id)).count()
    }

    /// Stands for the state of the register and all decisions on a run: another one, and publishing does something else.
    pub fn digest(&self, run: &Run) -> String {
        let held = run.cases.iter().filter(|view| self.decision_on(view).is_some());
        let mut told: Vec<String> = held
            .filter_map(|view| self.document(&view.key))
            .map(|document| format!("{} {}", document.id, document.revision))
            .collect();
        told.sort_unstable();
        let told = format!("{} {}\n{}", run.check.revision.0, run.check.effective, told.join("\n"));
        Digest(Sha256::digest(told.as_bytes()).into()).to_string()
    }

    /// The decision on the case of a key that nobody took back.
    pub(super) fn decision(&self, key: &str) -> Option<&Decision> {
        self.documents.get(key).map(|(_, decision)| decision).filter(|decision| decision.holds())
    }

    /// The document of a case, whether its decision holds or not.
    pub(super) fn document(&self, key: &str) -> Option<&Document> {
        self.documents.get(key).map(|(document, _)| document)
    }

    /// Where a case stands.
    pub fn state(&self, run: &Run, view: &CaseView) -> CaseState {
        match self.decision_on(view) {
            Some(decision) if decision.is_replayed(run.check.id) => CaseState::Remembered,
            Some(_) => CaseState::Decided,
            None if self.is_settled(run, view) => CaseState::Settled,
            None => CaseState::Open,
        }
    }

    /// Whether nothing is left to ask: what belongs together is certain, and what differs was decided to stay.
    fn is_settled(&self, run: &Run, view: &CaseView) -> bool {
        view.is_certain() && kept_of(run, view, |_| true).all(|kept| self.keeps(run, kept))
    }

    /// The minor fields of a pair on which nothing has to be decided; empty for every other case.
    pub fn minor<'a>(&self, run: &Run, view: &'a CaseView) -> Vec<&'a FieldView> {
        let is_settled = || self.state(run, view) == CaseState::Settled;
        let minor: Vec<&FieldView> = view.fields.iter().filter(|field| field.is_minor()).collect();
        if minor.is_empty() || !is_settled() { Vec::new() } else { minor }
    }

    /// What may be entered of a settled pair at once: what the register does not know, or, where the outlines are nearly
    /// identical, smaller differences too. A difference that was decided to stay, or that is no small one, keeps its pair out.
    pub fn at_once(&self, run: &Run, view: &CaseView) -> Option<AtOnce> {
        let minor = self.minor(run, view);
        let entered = view.fields.iter().filter(|field| field.enters).count();
        if minor.is_empty() || minor.len() < entered || !minor.iter().all(|field| field.is_for_bulk()) {
            return None;
        }
        match minor.iter().all(|field| field.fills()) {
            true => Some(AtOnce::Fills),
            false => view.case.is_near_identical().then_some(AtOnce::Minor),
        }
    }

    fn keeps(&self, run: &Run, kept: Kept) -> bool {
        !self.kept.is_empty() && self.kept.contains(&(run.check.sender.clone(), kept))
    }

    /// The decisions that hold on the cases of a run, each to be written as it is, or with the record that enters it: refused
    /// where somebody decided otherwise meanwhile. `entered` are the keys of cases of which something is entered.
    pub(super) fn published(&self, run: &Run, entered: &BTreeSet<String>, revision: Revision) -> Vec<DocumentChange> {
        let held = run.cases.iter().filter_map(|view| Some((view, self.decision_on(view)?)));
        let documents = held.filter_map(|(view, decision)| Some((self.document(&view.key)?, decision)));
        let changes = documents.map(|(document, decision)| {
            let now = Entered { delivery: run.check.id.0, revision: revision.0 };
            let now = Decision { entered: Some(now), ..decision.clone() };
            let is_entered = entered.contains(&document.id);
            DocumentChange::of(document, if is_entered { now.body() } else { document.body.clone() })
        });
        changes.collect()
    }

    /// Who looks after the cases of a street.
    pub fn owner_of_street(&self, street: &StreetCode) -> Option<&str> {
        self.owners.get(street.as_str()).map(String::as_str)
    }

    /// The task of a case, while its decision holds.
    pub fn task(&self, view: &CaseView) -> Option<&Task> {
        self.decision_on(view)?.task.as_ref()
    }

    /// The tasks of the cases of a run that are in this state.
    pub fn tasks<'a>(&'a self, run: &'a Run, state: TaskState) -> impl Iterator<Item = &'a Task> {
        run.cases.iter().filter_map(|view| self.task(view)).filter(move |task| task.state == state)
    }

    /// How many tasks nobody has answered or put off.
    pub fn open_tasks(&self, run: &Run) -> usize {
        self.tasks(run, TaskState::Open).count()
    }
}

/// Differences of a pair that somebody has to decide on, as a decision remembers them.
pub(super) fn kept_of<'a>(
    run: &'a Run,
    view: &'a CaseView,
    stays: impl Fn(&str) -> bool + 'a,
) -> impl Iterator<Item = Kept> + 'a {
    let code = view.case.lefts.first().map(|left| run.area(*left).code.to_string()).unwrap_or_default();
    view.fields.iter().filter(move |field| field.asks && stays(field.field)).map(move |field| {
        let (ours, theirs) = field.memory.clone();
        Kept { code: code.clone(), field: field.field.to_owned(), ours, theirs }
    })
}

/// What of a case is entered under a decision; `None` when nothing is.
pub(super) fn choice_of(view: &CaseView, decision: &Decision) -> Option<Choice> {
    let chosen =
        || decision.fields.iter().filter(|(_, whose)| **whose == Whose::Theirs).map(|(field, _)| field.clone());
    match decision.verdict {
        Verdict::Accept => Some(accepted(view)),
        Verdict::Fields => Some(Choice::Only(chosen().collect())),
        Verdict::Keep | Verdict::BothWrong => None,
    }
}

/// What of a case is entered when it is accepted. The outline of a pair that is the same but for the noise of drawing stays,
/// unless it is named.
pub(super) fn accepted(view: &CaseView) -> Choice {
    match view.case.class {
        Class::Same => Choice::Only(view.fields.iter().map(|field| field.field.to_owned()).collect()),
        _ => Choice::All,
    }
}

/// Whether a decision changes the boundary of an area that has a committee, or ends it.
pub(super) fn opens_task(view: &CaseView, decision: &Decision) -> bool {
    let Some(choice) = choice_of(view, decision).filter(|_| view.has_committee) else { return false };
    match view.case.class {
        Class::Same | Class::Redrawn => choice.takes(BOUNDARY),
        Class::New => false,
        Class::Split | Class::Merge | Class::Recut | Class::Duplicate | Class::Missing => !view.case.lefts.is_empty(),
    }
}
