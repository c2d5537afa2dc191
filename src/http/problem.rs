//! Errors as RFC 9457 `application/problem+json`, and the one conversion from the errors of `app`.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use geojson::{JsonObject, JsonValue};
use serde::Serialize;
use serde_json::json;

use crate::app;
use crate::history::ChangeFault;
use crate::store::StoreError;

/// Media type of a problem document (RFC 9457, 6.1).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A problem document, with further members where a program can do something with them (RFC 9457, 3.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    detail: String,
    // In a box, because every answer that can fail makes room for a problem.
    #[serde(flatten)]
    further: Box<Further>,
}

/// What only some problems have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
struct Further {
    #[serde(flatten)]
    members: JsonObject,
    #[serde(skip)]
    headers: Vec<(HeaderName, HeaderValue)>,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem with a short name that programs can compare, and a detail for people.
    pub fn new(status: StatusCode, name: &str, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error").to_owned();
        Self {
            kind: format!("urn:onemap:problem:{name}"),
            title,
            status,
            detail: detail.into(),
            further: Box::default(),
        }
    }

    /// The same with a further member.
    pub fn with(mut self, name: &str, value: impl Into<JsonValue>) -> Self {
        self.further.members.insert(name.to_owned(), value.into());
        self
    }

    /// The same with another status.
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { title: status.canonical_reason().unwrap_or("Error").to_owned(), status, ..self }
    }

    /// The same, leading on to another path.
    pub fn leading_to(mut self, location: &str) -> Self {
        self.further.headers.extend(HeaderValue::from_str(location).ok().map(|value| (header::LOCATION, value)));
        self
    }

    /// The same, telling after how many seconds it is worth asking again.
    pub fn retry_after(self, seconds: u64) -> Self {
        self.with_header(header::RETRY_AFTER, seconds.into())
    }

    /// The same with a further header.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.further.headers.push((name, value));
        self
    }

    /// 400: a parameter is unknown, cannot be read or cannot be answered.
    pub fn bad_parameter(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-parameter", detail)
    }

    /// 401: nobody may do this without being signed in.
    pub fn sign_in_needed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "sign-in-needed", detail)
    }

    /// 404: nothing of this name.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    /// 422: the faults of a change, each with its place in the document.
    pub fn faults(faults: &[ChangeFault]) -> Self {
        let told = |fault: &ChangeFault| json!({ "place": fault.place, "field": fault.field(), "code": fault.code, "message": fault.message });
        let detail = format!("{} faults in the change, nothing was written", faults.len());
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "faults", detail)
            .with("faults", faults.iter().map(told).collect::<Vec<_>>())
    }

    /// 500: logs the chain of causes, tells the client nothing.
    pub fn internal(err: &(dyn std::error::Error + 'static)) -> Self {
        Self::log(err);
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the server could not answer; the reason is in its log",
        )
    }

    fn log(err: &(dyn std::error::Error + 'static)) {
        let mut causes = vec![err.to_string()];
        let mut next = err.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        tracing::error!(error = causes.join(": "), "request failed");
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.headers_mut().extend(self.further.headers);
        response
    }
}

impl From<app::Error> for Problem {
    fn from(err: app::Error) -> Self {
        match &err {
            app::Error::SignInNeeded => Self::sign_in_needed(err.to_string()),
            app::Error::NotAllowed => Self::new(StatusCode::FORBIDDEN, "not-allowed", err.to_string()),
            app::Error::OutsideDistrict => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "outside", err.to_string()),
            app::Error::NameAStreet => Self::new(StatusCode::FORBIDDEN, "name-a-street", err.to_string()),
            app::Error::Access(_) => match err {
                app::Error::Access(err) => err.into(),
                _ => Self::internal(&err),
            },
            app::Error::NotReady => Self::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", err.to_string()),
            app::Error::NoSuchArea(_) => Self::new(StatusCode::NOT_FOUND, "no-such-area", err.to_string()),
            app::Error::NoSuchRecord(_) => Self::new(StatusCode::NOT_FOUND, "no-such-record", err.to_string()),
            app::Error::NoSuchStreet(_) => Self::new(StatusCode::NOT_FOUND, "no-such-street", err.to_string()),
            app::Error::NoSuchManager(_) => Self::new(StatusCode::NOT_FOUND, "no-such-manager", err.to_string()),
            app::Error::BadQuestion(_) | app::Error::NoSuchRevision { .. } => Self::bad_parameter(err.to_string()),
            app::Error::NotSeen(area) => {
                Self::new(StatusCode::PRECONDITION_REQUIRED, "precondition-required", err.to_string())
                    .with("area", area.as_str())
            }
            app::Error::Changed { area, seen, latest } => Self::new(StatusCode::CONFLICT, "changed", err.to_string())
                .with("area", area.as_str())
                .with("seen", seen.0)
                .with("latest", latest.0),
            app::Error::Report(refused) => (*refused).into(),
            app::Error::ChangeFaults(faults) => Self::faults(faults),
            app::Error::RequestReused { revision } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "request-reused", err.to_string())
                    .with("revision", revision.0)
            }
            app::Error::Delivery(_) => match err {
                app::Error::Delivery(err) => err.into(),
                _ => Self::internal(&err),
            },
            app::Error::Reconciliation(_) => match err {
                app::Error::Reconciliation(err) => err.into(),
                _ => Self::internal(&err),
            },
            app::Error::Busy => Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", err.to_string()),
            app::Error::Store(StoreError::NoSuchRevision { .. }) => Self::bad_parameter(err.to_string()),
            app::Error::Store(StoreError::Full { .. }) => {
                Self::log(&err);
                let detail = "there is no room for the change, nothing was entered; ask again once there is";
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "store-full", detail)
            }
            app::Error::Store(StoreError::Unreachable { .. }) => {
                Self::log(&err);
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "store-lost",
                    "the register cannot be reached at present; ask again, a change with the same Idempotency-Key",
                )
            }
            app::Error::Faults(_) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "faults", err.to_string()),
            app::Error::Store(_) | app::Error::Demo(_) | app::Error::Snapshot(_) | app::Error::Past(_) => {
                Self::internal(&err)
            }
        }
    }
}

/// Gives every error answer that a layer or the router made by itself the common shape. Its headers, such as `Allow`, stay.
pub async fn dress_errors(request: Request, next: Next) -> Response {
    let asked = format!("{} {}", request.method(), request.uri().path());
    let response = next.run(request).await;
    let status = response.status();
    let dressed = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_JSON);
    if !(status.is_client_error() || status.is_server_error()) || dressed {
        return response;
    }
    let name = match status {
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::METHOD_NOT_ALLOWED => "method-not-allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => "timeout",
        _ => "error",
    };
    let reason = status.canonical_reason().unwrap_or("error").to_lowercase();
    let mut problem = Problem::new(status, name, format!("{asked}: {reason}")).into_response();
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH && !problem.headers().contains_key(name) {
            problem.headers_mut().append(name.clone(), value.clone());
        }
    }
    problem
}
