//! The audit log: read by those who watch over the register, and who changed an area.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Error;
use crate::app::access::{LOG_LIMIT_MAX, LogQuery, write_log_csv};
use crate::auth::{Action, Actor, Resource};
use crate::history::AuditEntry;
use crate::http::areas::PageLinks;
use crate::http::extract::{NoParams, Params, Segments, parse_limit};
use crate::http::records::JSON;
use crate::http::session::{NO_STORE, may_see_who_changed};
use crate::http::site::work;
use crate::http::{Problem, Site};
use crate::model::{AreaCode, read_date};

/// Entries of a page that does not say how many.
const ENTRIES_DEFAULT: usize = 100;

/// Most entries of a file; the rest is asked for by `until`, or told by `onemap audit export`.
const FILE_ENTRIES_MAX: usize = 100_000;

/// Entries that are told of one area.
const AREA_ENTRIES: usize = 200;

/// Days are those of Beijing, which has kept UTC+8 all year since 1991.
const BEIJING: Offset = Offset::constant(8);

/// Parameters of `GET /api/audit`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditParams {
    area: Option<String>,
    who: Option<String>,
    action: Option<String>,
    since: Option<String>,
    until: Option<String>,
    limit: Option<String>,
    cursor: Option<u64>,
    f: Option<String>,
}

/// `GET /api/audit`: newest first, a page or a file.
pub async fn list_entries(
    State(site): State<Site>,
    actor: Actor,
    Params(params): Params<AuditParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    site.app().require(&actor, Action::ReadAudit, &Resource::District)?;
    let area = params.area.as_deref().map(AreaCode::parse).transpose();
    let area = area.map_err(|err| Problem::bad_parameter(err.to_string()))?;
    let as_csv = match params.f.as_deref() {
        None | Some("json") => false,
        Some("csv") => true,
        Some(other) => return Err(Problem::bad_parameter(format!("f must be json or csv, it is {other:?}"))),
    };
    let (default, most) =
        if as_csv { (FILE_ENTRIES_MAX, FILE_ENTRIES_MAX) } else { (ENTRIES_DEFAULT, LOG_LIMIT_MAX - 1) };
    let limit = params.limit.as_deref().map_or(Ok(default), |text| parse_limit(text, most))?;
    let query = LogQuery {
        object: area.map(|code| format!("area/{code}")),
        who: params.who.clone(),
        action: params.action.clone(),
        since: params.since.as_deref().map(|text| instant("since", text)).transpose()?,
        until: params.until.as_deref().map(|text| instant("until", text)).transpose()?,
        before: params.cursor,
        limit: if as_csv { LOG_LIMIT_MAX } else { limit + 1 },
    };
    work(move || {
        let access = site.app().access();
        let mut entries = access.log(&actor, &query)?;
        if as_csv {
            let mut page = entries.len();
            while page == LOG_LIMIT_MAX && entries.len() < limit {
                let before = entries.last().map(|entry| entry.seq);
                let further = access.log(&actor, &LogQuery { before, ..query.clone() })?;
                page = further.len();
                entries.extend(further);
            }
            entries.truncate(limit);
            return csv(&entries);
        }
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| more).map(|entry| entry.seq.to_string());
        let cursor = params.cursor.map(|cursor| cursor.to_string());
        let kept = [
            ("area", params.area.as_deref()),
            ("who", params.who.as_deref()),
            ("action", params.action.as_deref()),
            ("since", params.since.as_deref()),
            ("until", params.until.as_deref()),
        ];
        let links = PageLinks { kind: JSON, path: uri.path(), limit, cursor: cursor.as_deref(), next: next.as_deref() }
            .keeping(kept);
        let entries: Vec<Value> = entries.iter().map(entry_object).collect();
        Ok(([NO_STORE], Json(json!({ "entries": entries, "links": links }))).into_response())
    })
    .await
}

/// `GET /api/areas/{code}/audit`: who changed this area, newest first.
pub async fn list_area_entries(
    State(site): State<Site>,
    actor: Actor,
    Segments(text): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    if !may_see_who_changed(&actor) {
        site.app().require(&actor, Action::ReadAudit, &Resource::District)?;
    }
    let code = AreaCode::parse(&text).map_err(|_| Error::NoSuchArea(text))?;
    work(move || {
        let entries = site.app().access().area_log(&actor, &code, AREA_ENTRIES)?;
        let entries: Vec<Value> = entries.iter().map(entry_object).collect();
        Ok(([NO_STORE], Json(json!({ "entries": entries, "links": [] }))).into_response())
    })
    .await
}

fn csv(entries: &[AuditEntry]) -> Result<Response, Problem> {
    let mut bytes = Vec::new();
    write_log_csv(entries, &mut bytes).map_err(|err| Problem::internal(&err))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"audit.csv\"")),
        NO_STORE,
    ];
    Ok((headers, bytes).into_response())
}

/// A day in Beijing, from its first moment on, or an instant of RFC 3339.
fn instant(name: &str, text: &str) -> Result<Timestamp, Problem> {
    let day = read_date(text).and_then(|day| BEIJING.to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).ok());
    day.or_else(|| text.replacen(' ', "+", 1).parse().ok()).ok_or_else(|| {
        Problem::bad_parameter(format!(
            "{name} must be a date or an instant such as 2022-10-27T08:00:00Z, it is {text:?}"
        ))
    })
}

fn entry_object(entry: &AuditEntry) -> Value {
    let told = &entry.told;
    // Written by this program; a text that is none is told as it is.
    let value = |text: &Option<String>| match text {
        None => Value::Null,
        Some(text) => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
    };
    json!({
        "seq": entry.seq,
        "at": told.at.to_string(),
        "who": told.who,
        "role": told.role,
        "action": told.action,
        "object": told.object,
        "before": value(&told.before),
        "after": value(&told.after),
        "record": entry.record.map(|record| record.0),
        "address_hash": told.address_hash,
        "hash": entry.hash.to_string(),
    })
}
