//! Small JSON documents that come in, and the revision that they are based on.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::http::Problem;

/// Reads a document. `T` must deny unknown fields: a member that nobody may write is a fault. Errors: 415 for another type,
/// 413 for too many bytes, 422 for what does not fit.
pub fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<T, Problem> {
    let body = read_json(headers, body)?;
    serde_json::from_slice(&body).map_err(|err| fault("", err.to_string()))
}

/// A body that is JSON by its type, which no form of another site can send.
pub fn read_json(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with(b"application/json") {
        let detail = "the body is application/json in UTF-8";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail));
    }
    body.map_err(|rejection| {
        let status = rejection.status();
        let name = if status == StatusCode::PAYLOAD_TOO_LARGE { "too-large" } else { "bad-body" };
        Problem::new(status, name, rejection.body_text())
    })
}

/// 422 for one fault at a place of the document.
pub fn fault(place: &str, message: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "faults", message.clone())
        .with("faults", json!([{ "place": place, "message": message }]))
}

/// The revision of a thing that its author looked at, as `If-Match` tells it. Errors: 428 without one, 400 for what is no
/// single strong tag.
pub fn seen(headers: &HeaderMap) -> Result<u64, Problem> {
    let mut tags = headers.get_all(header::IF_MATCH).iter();
    let Some(tag) = tags.next() else {
        let detail = "If-Match must say at which revision the thing was looked at, as \"3\"";
        return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "precondition-required", detail));
    };
    let number = tag.to_str().ok().and_then(|tag| {
        let digits = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
        digits.parse::<u64>().ok().filter(|number| number.to_string() == digits)
    });
    number
        .filter(|_| tags.next().is_none())
        .ok_or_else(|| Problem::new(StatusCode::BAD_REQUEST, "bad-header", "if-match must be one revision, as \"3\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_strong_tag_says_what_was_seen() {
        let seen_in = |tags: &[&'static str]| {
            let tags = tags.iter().map(|tag| (header::IF_MATCH, HeaderValue::from_static(tag)));
            seen(&tags.collect())
        };
        assert_eq!(seen_in(&["\"3\""]), Ok(3));
        assert!(seen_in(&[]).is_err());
        for bad in ["3", "W/\"3\"", "*", "\"03\"", "\"3\", \"4\""] {
            assert!(seen_in(&[bad]).is_err(), "{bad}");
        }
        assert!(seen_in(&["\"3\"", "\"3\""]).is_err());
    }
}
