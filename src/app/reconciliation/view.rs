//! What a reconciliation tells: counts that add up, and the queue.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::app::reconciliation::decision::{Task, TaskState};
use crate::app::reconciliation::run::{CaseView, Run};
use crate::app::reconciliation::state::{AtOnce, RunNow, Standing};
use crate::app::{App, Error};
use crate::auth::Actor;
use crate::model::{DeliveryId, Revision, StreetCode};
use crate::reconcile::{Class, Consequence};
use crate::search::normalize;

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CaseState {
    /// Nothing is to be decided.
    Settled,
    /// Somebody has to decide.
    Open,
    /// Somebody has decided on this delivery.
    Decided,
    /// A decision on another delivery holds, because neither side has changed.
    Remembered,
}

impl CaseState {
    /// Every state, in the order of the summary.
    pub const ALL: [Self; 4] = [Self::Settled, Self::Open, Self::Decided, Self::Remembered];

    /// Its key in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Open => "open",
            Self::Decided => "decided",
            Self::Remembered => "remembered",
        }
    }

    /// The state of that key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// Counts of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassCount {
    /// The class.
    pub class: Class,
    /// Its cases.
    pub cases: usize,
    /// Areas of the register in them.
    pub ours: usize,
    /// Rows in them.
    pub theirs: usize,
    /// Cases that somebody has to decide on.
    pub open: usize,
    /// Cases that were decided on this delivery or another.
    pub decided: usize,
    /// Cases of which nothing is to be decided.
    pub settled: usize,
}

/// A reconciliation in figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciliation {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The state that it was compared with.
    pub revision: Revision,
    /// Whether that state is the latest.
    pub current: bool,
    /// Every class, in the order of [`Class::ALL`].
    pub classes: Vec<ClassCount>,
    /// Cases in each state.
    pub states: BTreeMap<CaseState, usize>,
    /// Tasks that nobody has answered or put off.
    pub open_tasks: usize,
    /// Tasks that were put off.
    pub deferred_tasks: usize,
    /// The first day until which one is put off.
    pub deferred_until: Option<Date>,
    /// Open cases of each street that has a case, by code.
    pub streets: BTreeMap<StreetCode, usize>,
    /// Open cases, and tasks that are open or deferred, of each person.
    pub owners: BTreeMap<String, usize>,
    /// Open cases that are nearly identical.
    pub bulk: usize,
    /// Pairs that need no decision, of which the row only says what the register does not know.
    pub fills: usize,
    /// Of these, nearly identical pairs with small differences.
    pub minor: usize,
    /// Pairs that need no decision, and differ in something that is not entered unless somebody takes it.
    pub differing: usize,
}

/// Which cases are asked for; what is left open does not matter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CaseFilter {
    /// Of this class.
    pub class: Option<Class>,
    /// Of this street.
    pub street: Option<StreetCode>,
    /// In this state.
    pub state: Option<CaseState>,
    /// Of this person.
    pub owner: Option<String>,
    /// With this consequence.
    pub consequence: Option<Consequence>,
    /// With a task in this state.
    pub task: Option<TaskState>,
    /// With this in a name, a code or the place of a row.
    pub q: Option<String>,
}

impl App {
    /// Figures of the run that was made last, and the run with the decisions that hold. Errors: as
    /// [`App::reconciliation`].
    pub fn reconciliation_summary(&self, actor: &Actor, id: DeliveryId) -> Result<RunNow, Error> {
        let run = self.reconciliation(actor, id)?;
        let standing = self.standing()?;
        Ok((run, standing))
    }

    /// The figures of a run. Errors: nothing is published.
    pub fn reconciliation_figures(&self, run: &Run, standing: &Standing) -> Result<Reconciliation, Error> {
        let revision = run.check.revision;
        let current = self.snapshot()?.revision() == revision;
        let mut figures = Reconciliation {
            delivery: run.check.id,
            revision,
            current,
            classes: Vec::new(),
            states: CaseState::ALL.into_iter().map(|state| (state, 0)).collect(),
            open_tasks: standing.open_tasks(run),
            streets: BTreeMap::new(),
            owners: BTreeMap::new(),
            deferred_tasks: standing.tasks(run, TaskState::Deferred).count(),
            deferred_until: standing.tasks(run, TaskState::Deferred).filter_map(|task| task.until).min(),
            bulk: 0,
            fills: 0,
            minor: 0,
            differing: 0,
        };
        let none = |class| ClassCount { class, cases: 0, ours: 0, theirs: 0, open: 0, decided: 0, settled: 0 };
        let mut counts: Vec<ClassCount> = Class::ALL.into_iter().map(none).collect();
        for view in &run.cases {
            let state = standing.state(run, view);
            *figures.states.entry(state).or_default() += 1;
            let place = Class::ALL.iter().position(|class| *class == view.case.class);
            let count = &mut counts[place.unwrap_or_default()];
            count.cases += 1;
            count.ours += view.case.lefts.len();
            count.theirs += view.case.rights.len();
            match state {
                CaseState::Open => count.open += 1,
                CaseState::Decided | CaseState::Remembered => count.decided += 1,
                CaseState::Settled => count.settled += 1,
            }
            let is_open = state == CaseState::Open;
            figures.bulk += usize::from(is_open && view.is_for_bulk());
            if let Some(street) = run.street_of(view) {
                *figures.streets.entry(street.clone()).or_default() += usize::from(is_open);
            }
            figures.differing += usize::from(standing.minor(run, view).iter().any(|field| !field.fills()));
            match standing.at_once(run, view) {
                Some(AtOnce::Fills) => figures.fills += 1,
                Some(AtOnce::Minor) => figures.minor += 1,
                None => {}
            }
            let unanswered = standing.task(view).is_some_and(|task| task.state != TaskState::Answered);
            let waits = is_open || unanswered;
            if let Some(owner) = owner_of(run, standing, view).filter(|_| waits) {
                *figures.owners.entry(owner.to_owned()).or_default() += 1;
            }
        }
        figures.classes = counts;
        Ok(figures)
    }
}

/// Whose a case is: of whoever promised to answer its task, else of whoever decided on it, else of whoever looks after its
/// street.
pub(crate) fn owner_of<'a>(run: &Run, standing: &'a Standing, view: &CaseView) -> Option<&'a str> {
    let Some(decision) = standing.decision_on(view) else {
        return standing.owner_of_street(run.street_of(view)?);
    };
    let named = decision.task.as_ref().and_then(|task: &Task| task.name.as_deref());
    Some(named.unwrap_or(&decision.by))
}

impl Run {
    /// The cases that are asked for, in the order in which they are to be looked at.
    pub fn filtered<'a>(
        &'a self,
        standing: &'a Standing,
        filter: &'a CaseFilter,
    ) -> impl Iterator<Item = &'a CaseView> {
        let words = filter.q.as_deref().map(normalize).filter(|words| !words.is_empty());
        let CaseFilter { class, street, state, owner, consequence, task, .. } = filter;
        self.cases.iter().filter(move |view| {
            class.is_none_or(|class| view.case.class == class)
                && consequence.is_none_or(|consequence| view.consequence == consequence)
                && street.as_ref().is_none_or(|street| self.is_in(view, street))
                && state.is_none_or(|state| standing.state(self, view) == state)
                && task.is_none_or(|task| standing.task(view).is_some_and(|own| own.state == task))
                && owner.as_deref().is_none_or(|owner| owner_of(self, standing, view) == Some(owner))
                && words.as_deref().is_none_or(|words| self.texts_of(view).any(|text| normalize(&text).contains(words)))
        })
    }

    fn is_in(&self, view: &CaseView, street: &StreetCode) -> bool {
        let of_rows = || self.rows_of(view).any(|right| self.draft(right).row.street.as_ref() == Some(street));
        self.areas_of(view).any(|area| area.street == *street) || of_rows()
    }

    fn texts_of<'a>(&'a self, view: &'a CaseView) -> impl Iterator<Item = String> + 'a {
        let areas = self.areas_of(view).flat_map(|area| [area.code.to_string(), area.name.clone()]);
        let rows = self.rows_of(view).flat_map(|right| {
            let row = &self.draft(right).row;
            let told = [row.foreign_code.clone(), row.name.clone(), Some(self.row_name(right))];
            told.into_iter().flatten()
        });
        areas.chain(rows).chain([view.key.clone()])
    }
}
