//! Exceptions: findings that are lawful.

use jiff::civil::Date;
use jiff::{Timestamp, Unit};

use crate::app::{App, Error};
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
    /// Every exception, also withdrawn and expired ones.
    pub fn exceptions(&self) -> Result<Vec<Exception>, Error> {
        Ok(self.store.exceptions()?)
    }

    /// Records an exception: the finding is silent until the geometry changes, the day passes or it is withdrawn.
    pub fn except(&self, source: ExceptionSource) -> Result<Exception, Error> {
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
            recorded_by: "internal".to_owned(),
        };
        let id = self.store.record_exception(&recorded, &[])?;
        Ok(Exception { id, recorded, withdrawn_at: None })
    }

    /// Withdraws an exception. Answers whether there was one that held.
    pub fn withdraw_exception(&self, id: ExceptionId) -> Result<bool, Error> {
        let now = Timestamp::now();
        Ok(self.store.withdraw_exception(id, now.round(Unit::Millisecond).unwrap_or(now), &[])?)
    }
}
