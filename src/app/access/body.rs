//! Bodies of documents: JSON, read strictly.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::access::AccessError;
use crate::store::Document;

/// Reads a body. Errors: [`AccessError::Unreadable`].
pub(super) fn read<T: DeserializeOwned>(document: &Document) -> Result<T, AccessError> {
    serde_json::from_str(&document.body).map_err(|err| unreadable(document, err))
}

/// A body.
pub(super) fn write<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("a value with texts as keys is always JSON")
}

/// Says that a document is not what it should be.
pub(super) fn unreadable(document: &Document, why: impl ToString) -> AccessError {
    AccessError::Unreadable { kind: document.kind.key(), id: document.id.clone(), why: why.to_string() }
}
