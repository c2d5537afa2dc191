//! Exceptions: findings that are lawful.

use jiff::civil::Date;
use jiff::{Timestamp, Unit};
use serde_json::json;

use crate::app::access::Occasion;
use crate::app::{App, Error};
use crate::auth::{Action, Actor, Resource};
use crate::model::{Exception, ExceptionId, NewException};

/// A finding that is to be excepted, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionSource {
    /// Id of the issue type.
    pub issue: String,
    /// What the finding is about.
    pub subject: String,
    /// The other thing, of a finding about two.
    pub other: Option<String>,
    /// Fingerprint of the geometry, or of both.
    pub fingerprint: String,
    /// Why it is lawful.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Last day on which it holds.
    pub expires_on: Date,
}

impl App {
    /// Every exception, also withdrawn and expired ones. Errors: the actor may not read the desk of the district.
    pub fn exceptions(&self, actor: &Actor) -> Result<Vec<Exception>, Error> {
        self.require(actor, Action::ReadDesk, &Resource::District)?;
        Ok(self.store.exceptions()?)
    }

    /// Records an exception: the finding is silent until the geometry changes, the day passes or it is withdrawn.
    /// Errors: the actor may not grant exceptions.
    pub fn except(&self, actor: &Actor, occasion: &Occasion, source: ExceptionSource) -> Result<Exception, Error> {
        self.require(actor, Action::GrantException, &Resource::District)?;
        let mut draft = self.access().draft(actor, occasion, "exception.grant")?;
        draft.after = Some(
            json!({
                "issue": source.issue,
                "subject": source.subject,
                "other": source.other,
                "reason": source.reason,
                "owner": source.owner,
                "expires_on": source.expires_on.to_string(),
            })
            .to_string(),
        );
        let ExceptionSource { issue, subject, other, fingerprint, reason, owner, expires_on } = source;
        let now = Timestamp::now();
        let recorded = NewException {
            issue,
            subject,
            other,
            fingerprint,
            reason,
            owner,
            expires_on,
            recorded_at: now.round(Unit::Millisecond).unwrap_or(now),
            recorded_by: actor.who().to_owned(),
        };
        let id = self.store.record_exception(&recorded, &[draft])?;
        Ok(Exception { id, recorded, withdrawn_at: None })
    }

    /// Withdraws an exception. Answers whether there was one that held. Errors: the actor may not grant exceptions.
    pub fn withdraw_exception(&self, actor: &Actor, occasion: &Occasion, id: ExceptionId) -> Result<bool, Error> {
        self.require(actor, Action::GrantException, &Resource::District)?;
        let mut draft = self.access().draft(actor, occasion, "exception.withdraw")?;
        draft.object = Some(format!("exception/{}", id.0));
        let now = Timestamp::now();
        Ok(self.store.withdraw_exception(id, now.round(Unit::Millisecond).unwrap_or(now), &[draft])?)
    }
}
