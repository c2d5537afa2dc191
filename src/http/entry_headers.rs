//! The headers of a change: who may ask for it, of what type it is, on what it is based, and its number.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};

use crate::auth::{Action, Actor, Resource};
use crate::http::{Problem, Site};
use crate::model::Revision;

/// Longest number that a client may give to its request.
pub const IDEMPOTENCY_KEY_LIMIT: usize = 128;

/// The client's own number of a request that changes something.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The headers of a change that is let in. The body is only read after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryHeaders {
    /// The revision of the one area that is touched, as its author looked at it.
    pub seen: Option<Revision>,
    /// The client's own number of the request.
    pub request: Option<String>,
}

impl FromRequestParts<Site> for EntryHeaders {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        let actor = Actor::from_request_parts(parts, site).await?;
        let own = if actor.streets.is_empty() { Resource::District } else { Resource::Streets(&actor.streets) };
        site.app().require(&actor, Action::EditArea, &own)?;
        Self::read(&parts.headers)
    }
}

impl EntryHeaders {
    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        if !single(headers, &header::CONTENT_TYPE)?.is_some_and(is_json) {
            let detail = "a change is application/json in UTF-8";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail));
        }
        let seen = single(headers, &header::IF_MATCH)?.map(|tag| {
            read_revision(tag).ok_or_else(|| bad_header(&header::IF_MATCH, "the revision of one area, as \"17\""))
        });
        let request = single(headers, &IDEMPOTENCY_KEY)?.map(|key| {
            let visible = (1..=IDEMPOTENCY_KEY_LIMIT).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
            let what = "1 to 128 visible ASCII characters";
            visible.then(|| key.to_owned()).ok_or_else(|| bad_header(&IDEMPOTENCY_KEY, what))
        });
        Ok(Self { seen: seen.transpose()?, request: request.transpose()? })
    }
}

/// A header that may stand once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(|value| value.to_str().map_err(|_| bad_header(name, "ASCII text"))).transpose()?;
    if values.next().is_some() { Err(bad_header(name, "given once")) } else { Ok(first) }
}

fn bad_header(name: &HeaderName, what: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-header", format!("{name} must be {what}"))
}

/// Parameters after the type make no difference, but another charset does (RFC 8259, 8.1).
fn is_json(kind: &str) -> bool {
    let mut parts = kind.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    essence.eq_ignore_ascii_case("application/json") && parts.all(utf8)
}

/// A strong tag; a weak one never matches (RFC 9110, 13.1.1).
fn read_revision(tag: &str) -> Option<Revision> {
    let digits = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
    let number = digits.parse::<u64>().ok().filter(|number| number.to_string() == digits)?;
    Some(Revision(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn read(headers: &[(HeaderName, &'static str)]) -> Result<EntryHeaders, Problem> {
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let given = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        EntryHeaders::read(&std::iter::once(kind).chain(given).collect())
    }

    #[test]
    fn only_one_strong_tag_says_what_was_seen() {
        let seen = |tag| read(&[(header::IF_MATCH, tag)]).map(|headers| headers.seen);
        assert_eq!(seen("\"17\""), Ok(Some(Revision(17))));
        for bad in ["17", "W/\"17\"", "*", "\"17\", \"18\"", "\"017\"", "\"\"", "\"-1\""] {
            assert!(seen(bad).is_err(), "{bad}");
        }
        assert!(read(&[(header::IF_MATCH, "\"1\""), (header::IF_MATCH, "\"1\"")]).is_err());
    }

    #[test]
    fn a_request_number_is_short_and_visible() {
        assert_eq!(read(&[(IDEMPOTENCY_KEY, "a-1")]).unwrap().request.as_deref(), Some("a-1"));
        for bad in ["", "a b", "\u{e9}", "a\tb"] {
            let value = HeaderValue::from_bytes(bad.as_bytes()).unwrap();
            let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            assert!(EntryHeaders::read(&HeaderMap::from_iter([kind, (IDEMPOTENCY_KEY, value)])).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_change_is_json_in_utf_8() {
        assert!(is_json("application/json") && is_json("Application/JSON; charset=\"UTF-8\""));
        for other in ["", "text/json", "text/plain", "application/json; charset=gbk", "application/geo+json"] {
            assert!(!is_json(other), "{other}");
        }
    }
}
