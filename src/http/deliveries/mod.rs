//! Deliveries: files come in, are checked, published and taken back; exceptions and the catalogue of issue types.

mod exceptions;
mod list;
mod report;
mod rows;
mod upload;
mod work;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::{App, DeliveryError};
use crate::http::Problem;
use crate::model::{Delivery, DeliveryId, DeliveryState, Text};

pub use exceptions::{create_exception, list_exceptions, list_issue_types, withdraw_exception};
pub(in crate::http) use list::NO_STORE;
pub use list::{list_deliveries, show_delivery, show_file};
pub use report::{list_findings, show_report};
pub use rows::list_rows;
pub use upload::{UPLOAD_LIMIT, create_delivery};
pub(in crate::http) use work::{RecordMembers, entered};
pub use work::{check_delivery, publish_delivery, undo_delivery};

/// The number of a delivery in a path. Errors: 404, also for what is no number.
pub(in crate::http) fn delivery_id(text: &str) -> Result<DeliveryId, Problem> {
    let number = text.parse::<u32>().ok().filter(|number| number.to_string() == text);
    number.map(DeliveryId).ok_or_else(|| Problem::not_found(format!("there is no delivery {text}")))
}

/// A text in both languages.
pub(super) fn both(text: Text) -> Value {
    json!({ "zh-CN": text.zh, "en": text.en })
}

/// A delivery as the list has it.
pub(super) fn delivery_object(app: &App, delivery: &Delivery) -> Value {
    let Delivery { id, received, state, summary, .. } = delivery;
    let (revision, undone_by) = match state {
        DeliveryState::Received => (None, None),
        DeliveryState::Published { revision } => (Some(revision.0), None),
        DeliveryState::Undone { revision, by } => (Some(revision.0), Some(by.0)),
    };
    let files: Vec<Value> = received
        .files
        .iter()
        .map(|file| json!({ "name": file.name, "bytes": file.size, "digest": file.digest.to_string() }))
        .collect();
    let progress = app
        .delivery_progress(*id)
        .map(|progress| json!({ "step": progress.step.key(), "done": progress.done, "total": progress.total }));
    // Written by this program; a text that is none is a summary that is not there.
    let summary: Option<Value> = summary.as_deref().and_then(|text| serde_json::from_str(text).ok());
    json!({
        "id": id.0,
        "sender": received.sender,
        "note": received.note,
        "received_at": received.received_at.to_string(),
        "received_by": received.received_by,
        "digest": received.digest.to_string(),
        "files": files,
        "state": state.key(),
        "revision": revision,
        "undone_by": undone_by,
        "summary": summary,
        "progress": progress,
    })
}

impl From<DeliveryError> for Problem {
    fn from(err: DeliveryError) -> Self {
        use crate::formats::FormatError;
        let chain = |err: &DeliveryError| {
            let source = std::error::Error::source(err).map(ToString::to_string);
            source.map_or_else(|| err.to_string(), |source| format!("{err}: {source}"))
        };
        match &err {
            DeliveryError::NoSuchDelivery(_) => Self::new(StatusCode::NOT_FOUND, "no-such-delivery", err.to_string()),
            DeliveryError::Unreadable(FormatError::Limit { .. } | FormatError::TooLarge { .. }) => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", chain(&err))
            }
            DeliveryError::Unreadable(FormatError::Unsupported { .. }) => {
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-format", chain(&err))
            }
            DeliveryError::Unreadable(fault) => {
                let place = fault.place().to_string();
                Self::new(StatusCode::BAD_REQUEST, "unreadable", chain(&err)).with("place", place)
            }
            DeliveryError::BadRequest(_) => Self::new(StatusCode::BAD_REQUEST, "bad-request", err.to_string()),
            DeliveryError::BadSettings { place, message } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "faults", err.to_string())
                    .with("faults", json!([{ "place": place, "message": message }]))
            }
            DeliveryError::NotPublishable { must_fix } => {
                Self::new(StatusCode::CONFLICT, "not-publishable", err.to_string()).with("must_fix", *must_fix)
            }
            DeliveryError::Decided { decisions } => {
                Self::new(StatusCode::CONFLICT, "decided", err.to_string()).with("decisions", *decisions)
            }
            DeliveryError::Vanishing { vanishing, areas } => {
                Self::new(StatusCode::CONFLICT, "vanishing", err.to_string())
                    .with("vanishing", *vanishing)
                    .with("areas", *areas)
            }
            DeliveryError::WrongState { state, .. } => {
                let name = match state {
                    DeliveryState::Published { .. } => "already-published",
                    DeliveryState::Received | DeliveryState::Undone { .. } => "not-published",
                };
                Self::new(StatusCode::CONFLICT, name, err.to_string())
            }
            DeliveryError::ChangedSince { areas, .. } => {
                let areas: Vec<Value> =
                    areas.iter().map(|(code, name)| json!({ "code": code.as_str(), "name": name })).collect();
                Self::new(StatusCode::CONFLICT, "changed", err.to_string()).with("areas", areas)
            }
            DeliveryError::NotChecked(_) => Self::new(StatusCode::NOT_FOUND, "not-checked", err.to_string()),
            DeliveryError::BadRecord { place, message } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "faults", err.to_string())
                    .with("faults", json!([{ "place": place, "message": message }]))
            }
            DeliveryError::Export(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "export", chain(&err)),
        }
    }
}
