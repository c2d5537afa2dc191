//! The decisions that hold, beside the cases of a run.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::app::reconciliation::decision::{Decision, Kept, Task, TaskState, Verdict, Whose};
use crate::app::reconciliation::fields::{BOUNDARY, Choice};
use crate::app::reconciliation::owner::Owners;
use crate::app::reconciliation::run::{CaseView, Run};
use crate::app::reconciliation::view::CaseState;
use crate::app::{App, Error};
use crate::model::StreetCode;
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

/// A run, and the decisions that hold on it.
pub type RunNow = (Arc<Run>, Arc<Standing>);

impl App {
    /// Every decision that is kept, and who looks after which street. Read again only once the log has gone on.
    pub(super) fn standing(&self) -> Result<Arc<Standing>, Error> {
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
    /// committee was formed since.
    pub fn decision_on(&self, view: &CaseView) -> Option<&Decision> {
        self.decision(&view.key).filter(|decision| decision.task.is_some() || !opens_task(view, decision))
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

    /// Whether nothing has to be decided on a pair, and its row only says what the register does not know.
    pub fn only_fills(&self, run: &Run, view: &CaseView) -> bool {
        let mut entered = view.fields.iter().filter(|field| field.enters).peekable();
        self.state(run, view) == CaseState::Settled
            && entered.peek().is_some()
            && entered.all(|field| field.ours.is_none() && field.theirs.is_some())
    }

    fn keeps(&self, run: &Run, kept: Kept) -> bool {
        !self.kept.is_empty() && self.kept.contains(&(run.check.sender.clone(), kept))
    }

    /// The decisions that hold on the cases of a run, each to be written as it is: refused where somebody decided otherwise
    /// meanwhile.
    pub(super) fn unchanged(&self, run: &Run) -> Vec<DocumentChange> {
        let held = run.cases.iter().filter(|view| self.decision_on(view).is_some());
        let documents = held.filter_map(|view| self.document(&view.key));
        documents.map(|document| DocumentChange::of(document, document.body.clone())).collect()
    }

    /// Who looks after the cases of a street.
    pub fn owner_of_street(&self, street: &StreetCode) -> Option<&str> {
        self.owners.get(street.as_str()).map(String::as_str)
    }

    /// The task of a case, while its decision holds.
    pub fn task(&self, key: &str) -> Option<&Task> {
        self.decision(key)?.task.as_ref()
    }

    /// Cases with a task that nobody has answered or put off.
    pub fn open_tasks(&self, run: &Run) -> usize {
        let is_open = |view: &&CaseView| self.task(&view.key).is_some_and(|task| task.state == TaskState::Open);
        run.cases.iter().filter(is_open).count()
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
