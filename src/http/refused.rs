//! The one conversion of what accounts, sessions, tokens, reports and the audit log are refused for.

use axum::http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde_json::json;

use crate::app::Error;
use crate::app::access::{AccessError, Invalidity};
use crate::http::Problem;

impl From<AccessError> for Problem {
    fn from(err: AccessError) -> Self {
        let told = err.to_string();
        match err {
            AccessError::NotAllowed => Self::new(StatusCode::FORBIDDEN, "not-allowed", told),
            AccessError::NoSuchAccount(_) => Self::new(StatusCode::NOT_FOUND, "no-such-account", told),
            AccessError::NoSuchToken(_) => Self::new(StatusCode::NOT_FOUND, "no-such-token", told),
            AccessError::NoSuchReport(_) => Self::new(StatusCode::NOT_FOUND, "no-such-report", told),
            AccessError::NameTaken(_) => Self::new(StatusCode::CONFLICT, "taken", told),
            AccessError::Invalid { field, why } => invalid(field, why, told),
            AccessError::WrongLogin => Self::new(StatusCode::UNAUTHORIZED, "wrong-login", told),
            AccessError::Locked { until } => Self::new(StatusCode::TOO_MANY_REQUESTS, "locked", told)
                .with("until", until.to_string())
                .with_header(header::RETRY_AFTER, seconds_until(until)),
            AccessError::TooManyReports { until } => Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-reports", told)
                .with("until", until.to_string())
                .with_header(header::RETRY_AFTER, seconds_until(until)),
            AccessError::Outdated => Self::new(StatusCode::PRECONDITION_FAILED, "changed", told),
            AccessError::OwnAccount => Self::new(StatusCode::CONFLICT, "own-account", told),
            AccessError::Store(err) => Error::Store(err).into(),
            err => Self::internal(&err),
        }
    }
}

/// Whole seconds from now on, at least one.
fn seconds_until(until: Timestamp) -> HeaderValue {
    HeaderValue::from((until.duration_since(Timestamp::now()).as_secs() + 1).max(1))
}

/// 422 for a part of a request. Pages tell passwords, personal data and places by their own names.
fn invalid(field: &str, why: Invalidity, told: String) -> Problem {
    let reason = match (field, why) {
        ("password" | "new", Invalidity::TooShort { .. }) => Some("short"),
        ("password" | "new", Invalidity::TooLong { .. }) => Some("long"),
        ("password" | "new", Invalidity::HoldsTheName) => Some("name"),
        ("password" | "new", Invalidity::TooWeak) => Some("guessable"),
        _ => None,
    };
    if let Some(reason) = reason {
        return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "weak-password", told).with("reasons", json!([reason]));
    }
    let name = match why {
        Invalidity::PhoneNumber | Invalidity::IdNumber | Invalidity::MailAddress => "personal-data",
        _ => "faults",
    };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, name, told.clone())
        .with("faults", json!([{ "place": format!("/{field}"), "reason": why.key(), "message": told }]))
}
