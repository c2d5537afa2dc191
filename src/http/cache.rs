//! Entity tags, conditional requests and the headers of a cacheable answer.
//!
//! Tags are weak, because the same answer goes out compressed in several ways (RFC 9110, 8.8.1).

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::app::Snapshot;
use crate::auth::{Actor, Role};
use crate::http::Problem;

/// Tag of everything that is told from one snapshot by one build of the program with one set of settings.
///
/// The revision alone would not do: a store that was made anew starts at revision 1 again.
#[derive(Debug, Clone)]
pub struct EntityTag {
    version: String,
    parts: String,
}

impl EntityTag {
    /// The tag of both clocks of this snapshot; `salt` stands for the program and its settings.
    pub fn of(snapshot: &Snapshot, salt: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(salt);
        hasher.update(snapshot.latest_record().recorded_at.as_nanosecond().to_be_bytes());
        hasher.update(snapshot.as_of().day.to_string());
        let digest = hasher.finalize();
        let short = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Self { version: format!("r{}-{short}", snapshot.revision().0), parts: String::new() }
    }

    /// The tag of an answer that says more of the published state than it will when that state is past.
    pub fn of_present(self) -> Self {
        Self { parts: format!("{}-p", self.parts), ..self }
    }

    /// The tag of an answer as it is told to somebody.
    pub fn of_reader(self, actor: &Actor) -> Self {
        match actor.role {
            Role::Public => Self { version: format!("{}p", self.version), ..self },
            _ => self.with(&format!("{:?} {:?} {:?}", actor.role, actor.streets, actor.scopes)),
        }
    }

    /// The tag of what follows from the clocks alone, such as a tile.
    pub fn of_clocks(&self) -> Self {
        Self { version: self.version.clone(), parts: String::new() }
    }

    /// The tag of an answer that also depends on something else in the request.
    pub fn with(&self, part: &str) -> Self {
        let digest = Sha256::digest(part);
        let parts = format!("{}-{:02x}{:02x}{:02x}{:02x}", self.parts, digest[0], digest[1], digest[2], digest[3]);
        Self { version: self.version.clone(), parts }
    }

    /// What stands for the clocks, as tile addresses carry it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The tag as a header's value.
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&format!("W/\"{}{}\"", self.version, self.parts))
            .expect("digits and letters make a header")
    }
}

/// How long an answer may be used without asking again.
#[derive(Debug, Clone, Copy)]
pub enum Freshness {
    /// Ask every time; a 304 is cheap.
    Revalidate,
    /// A minute: tiles come by the dozen.
    Minute,
    /// The address changes with the content.
    Forever,
}

impl Freshness {
    /// The header's value. Answers are for one browser only: what an internal server tells must not lie in shared caches.
    pub fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Revalidate => "private, no-cache",
            Self::Minute => "private, max-age=60",
            Self::Forever => "private, max-age=31536000, immutable",
        })
    }
}

/// A JSON answer told from a snapshot.
pub fn json(tag: &EntityTag, kind: &'static str, body: &impl Serialize) -> Result<Response, Problem> {
    let bytes = serde_json::to_vec(body).map_err(|err| Problem::internal(&err))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::ETAG, tag.header()),
        (header::CACHE_CONTROL, Freshness::Revalidate.header()),
        // The compression around all routes adds this to a whole answer, but a 304 must carry it too.
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    Ok((headers, bytes).into_response())
}

/// A 304 if the client has the answer of this tag already: for a handler that knows the tag before it has the answer.
pub fn unchanged(request: &HeaderMap, tag: &EntityTag) -> Option<Response> {
    let held: Vec<HeaderValue> = request.get_all(header::IF_NONE_MATCH).iter().cloned().collect();
    let headers = [
        (header::ETAG, tag.header()),
        (header::CACHE_CONTROL, Freshness::Revalidate.header()),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    holds(&held, &tag.header()).then(|| (StatusCode::NOT_MODIFIED, headers).into_response())
}

/// Turns a success into 304 when the client has it already (RFC 9110, 13.1.2 and 15.4.5).
pub async fn conditional(request: Request, next: Next) -> Response {
    let asks = matches!(*request.method(), Method::GET | Method::HEAD);
    let held =
        if asks { request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect() } else { Vec::new() };
    let response = next.run(request).await;
    let unchanged =
        response.status().is_success() && response.headers().get(header::ETAG).is_some_and(|tag| holds(&held, tag));
    if !unchanged {
        return response;
    }
    let mut headers = HeaderMap::new();
    for name in [header::ETAG, header::CACHE_CONTROL, header::VARY, header::CONTENT_LOCATION, header::EXPIRES] {
        for value in response.headers().get_all(&name) {
            headers.append(name.clone(), value.clone());
        }
    }
    (StatusCode::NOT_MODIFIED, headers).into_response()
}

/// Whether a list of tags, or `*`, names this one; compared weakly.
fn holds(held: &[HeaderValue], tag: &HeaderValue) -> bool {
    let opaque = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let Ok(tag) = tag.to_str().map(opaque) else { return false };
    held.iter()
        .filter_map(|value| value.to_str().ok())
        .any(|list| list.trim() == "*" || list.split(',').any(|candidate| opaque(candidate) == tag))
}

/// Whether the client takes gzip (RFC 9110, 12.5.3): named, or covered by `*`, and not with weight 0.
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut star = false;
    let items = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    for item in items.flat_map(|list| list.split(',')) {
        let mut parts = item.split(';').map(str::trim);
        let coding = parts.next().unwrap_or_default();
        let refused =
            parts.any(|weight| weight.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q <= 0.0));
        if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
            return !refused;
        }
        star |= coding == "*" && !refused;
    }
    star
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly_in_lists_and_by_star() {
        let tag = HeaderValue::from_static("W/\"r1-aa\"");
        let held = |text: &'static str| [HeaderValue::from_static(text)];
        for hit in ["W/\"r1-aa\"", "\"r1-aa\"", "\"x\", W/\"r1-aa\"", "*"] {
            assert!(holds(&held(hit), &tag), "{hit}");
        }
        for miss in ["", "\"r1\"", "r1-aa", "W/\"r2-aa\""] {
            assert!(!holds(&held(miss), &tag), "{miss}");
        }
        assert!(!holds(&[], &tag));
    }

    #[test]
    fn a_weight_of_zero_refuses_gzip() {
        let accepts = |text: &'static str| {
            accepts_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(text))]))
        };
        assert!(accepts("gzip, br") && accepts("br;q=1.0, gzip;q=0.5") && accepts("*"));
        assert!(!accepts("br") && !accepts("gzip;q=0") && !accepts("gzip;q=0, *") && !accepts(""));
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
