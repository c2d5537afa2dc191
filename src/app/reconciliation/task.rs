//! Answers of streets to the question what becomes of a committee.

use jiff::civil::Date;
use serde_json::json;

use crate::app::access::Occasion;
use crate::app::reconciliation::ReconciliationError;
use crate::app::reconciliation::decide::NOTE_CHARS_MAX;
use crate::app::reconciliation::decision::{Answer, Decision, Task, TaskState};
use crate::app::reconciliation::state::RunNow;
use crate::app::{App, Error};
use crate::auth::{Action, Actor, Resource};
use crate::model::DeliveryId;
use crate::store::DocumentChange;

/// Most characters of a name.
pub(super) const NAME_CHARS_MAX: usize = 40;

/// Whether a text can be the name of somebody.
pub(super) fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= NAME_CHARS_MAX
}

/// An answer to a task, or that it comes later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskAnswer {
    /// Key of the case.
    pub case: String,
    /// What is answered.
    pub answer: Answer,
    /// Who answers.
    pub name: String,
    /// When.
    pub dated: Date,
    /// Until when it is put off.
    pub until: Option<Date>,
    /// Free remark.
    pub note: String,
}

impl TaskAnswer {
    fn check(&self) -> Result<(), ReconciliationError> {
        let bad = |place, message: &str| Err(ReconciliationError::BadMember { place, message: message.to_owned() });
        if !is_name(&self.name) {
            return bad("/name", "a name of 1 to 40 characters is expected");
        }
        if self.note.chars().count() > NOTE_CHARS_MAX {
            return bad("/note", "a note has at most 200 characters");
        }
        match (self.answer, self.until) {
            (Answer::Deferred, None) => bad("/until", "what is put off needs a day until which it is"),
            (Answer::Deferred, Some(until)) if until <= self.dated => bad("/until", "the day must lie after `dated`"),
            (Answer::StillValid | Answer::Adjusted, Some(_)) => bad("/until", "only what is put off has such a day"),
            _ => Ok(()),
        }
    }
}

impl App {
    /// Answers the task of a case, or puts it off. Errors: the actor may not deliver, there is no such case, no decision on it
    /// opened a task. What was put off is answered after the publication, too.
    pub fn answer_task(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        id: DeliveryId,
        answer: &TaskAnswer,
    ) -> Result<RunNow, Error> {
        self.require(actor, Action::Deliver, &Resource::District)?;
        answer.check()?;
        let _deciding = self.desk.deciding();
        let (run, standing) = self.decided_run(id)?;
        let key = &*answer.case;
        let view = run.case(key)?;
        let not_decided = || ReconciliationError::NotDecided(key.to_owned());
        let decision = standing.decision_on(view).filter(|decision| decision.task.is_some()).ok_or_else(not_decided)?;
        let document = standing.document(key).ok_or_else(not_decided)?;
        let state = if answer.answer == Answer::Deferred { TaskState::Deferred } else { TaskState::Answered };
        let task = Task {
            state,
            answer: Some(answer.answer),
            name: Some(answer.name.trim().to_owned()),
            dated: Some(answer.dated),
            until: answer.until,
            note: answer.note.clone(),
        };
        let decision = Decision { task: Some(task), ..decision.clone() };
        let changes = [DocumentChange::of(document, decision.body())];
        let after = json!({ "case": key, "answer": answer.answer.key(), "dated": answer.dated.to_string() });
        self.write_decisions((actor, occasion), ("reconciliation.task", id), &changes, after.to_string())?;
        let standing = self.standing()?;
        Ok((run, standing))
    }
}
