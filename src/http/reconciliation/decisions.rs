//! Decisions, taking them back, and answers to tasks.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Error;
use crate::app::access::Occasion;
use crate::app::reconciliation::{Answer, AtOnce, DecisionReason, DecisionRequest, TaskAnswer, Verdict, Which, Whose};
use crate::http::allowed::{Allowed, Delivering};
use crate::http::body::{fault, read};
use crate::http::deliveries::{NO_STORE, RecordMembers, delivery_id, entered};
use crate::http::extract::Segments;
use crate::http::reconciliation::case::{row_object, task_object};
use crate::http::reconciliation::figures::summary_object;
use crate::http::site::work;
use crate::http::{Problem, Site};
use crate::ingest::delivery::Silent;
use crate::model::{StreetCode, read_date};

/// The body of `POST /api/deliveries/{id}/decisions`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionMembers {
    #[serde(default)]
    cases: Option<Vec<String>>,
    #[serde(default)]
    bulk: Option<String>,
    verdict: String,
    #[serde(default)]
    fields: BTreeMap<String, Whose>,
    reason: String,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    expected: Option<usize>,
    #[serde(default)]
    seen: BTreeMap<String, Option<String>>,
}

impl DecisionMembers {
    fn request(self) -> Result<DecisionRequest, Problem> {
        let unknown = |place: &str, text: &str| fault(place, format!("there is no {text:?}"));
        let which = match (self.cases, self.bulk.as_deref()) {
            (Some(keys), None) => Which::Keys(keys),
            (None, Some("near_identical")) => Which::NearIdentical,
            (None, Some("fills")) => Which::AtOnce(AtOnce::Fills),
            (None, Some("minor")) => Which::AtOnce(AtOnce::Minor),
            (None, Some(other)) => return Err(unknown("/bulk", other)),
            _ => return Err(fault("", "exactly one of `cases` and `bulk` is expected".to_owned())),
        };
        let when = |(key, at): (String, Option<String>)| match at.as_deref().map(str::parse).transpose() {
            Ok(at) => Ok((key, at)),
            Err(_) => {
                Err(fault("/seen", format!("{:?} is not a time as in 2026-01-31T08:00:00Z", at.unwrap_or_default())))
            }
        };
        let seen = self.seen.into_iter().map(when).collect::<Result<_, Problem>>()?;
        Ok(DecisionRequest {
            which,
            verdict: Verdict::from_key(&self.verdict).ok_or_else(|| unknown("/verdict", &self.verdict))?,
            fields: self.fields,
            reason: DecisionReason::from_key(&self.reason).ok_or_else(|| unknown("/reason", &self.reason))?,
            note: self.note.unwrap_or_default(),
            expected: self.expected,
            seen,
        })
    }
}

/// `POST /api/deliveries/{id}/decisions`
pub async fn decide(
    State(site): State<Site>,
    Allowed(actor, _): Allowed<Delivering>,
    occasion: Occasion,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    told: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let request = read::<DecisionMembers>(&headers, told)?.request()?;
    work(move || {
        let app = site.app();
        let (decided, (run, standing)) = app.decide((&actor, &occasion), id, &request)?;
        let decided: Vec<Value> = decided
            .iter()
            .map(|one| json!({ "key": one.key, "state": one.state.key(), "task": one.task.as_ref().map(task_object) }))
            .collect();
        let summary = summary_object(app, &run, &standing)?;
        Ok(([NO_STORE], Json(json!({ "decided": decided, "summary": summary }))).into_response())
    })
    .await
}

/// The body of `POST /api/deliveries/{id}/decisions/undo`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UndoMembers {
    case: String,
    #[serde(default)]
    record: Option<RecordMembers>,
}

/// `POST /api/deliveries/{id}/decisions/undo`: with a record it takes back what the case entered.
pub async fn undo_decision(
    State(site): State<Site>,
    Allowed(actor, _): Allowed<Delivering>,
    occasion: Occasion,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    told: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let UndoMembers { case, record } = read(&headers, told)?;
    let source = record.map(|record| record.source(&actor)).transpose()?;
    work(move || {
        let app = site.app();
        if let Some(source) = source {
            let revision = app.undo_case((&actor, &occasion), (id, &case), &source, &Silent)?;
            return entered((&site, &actor), revision, json!({ "key": case }));
        }
        let (state, (run, standing)) = app.undecide((&actor, &occasion), id, &case)?;
        let summary = summary_object(app, &run, &standing)?;
        Ok(([NO_STORE], Json(json!({ "key": case, "state": state.key(), "summary": summary }))).into_response())
    })
    .await
}

/// The body of `POST /api/deliveries/{id}/tasks`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskMembers {
    case: String,
    answer: String,
    name: String,
    dated: String,
    #[serde(default)]
    until: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

/// `POST /api/deliveries/{id}/tasks`
pub async fn answer_task(
    State(site): State<Site>,
    Allowed(actor, _): Allowed<Delivering>,
    occasion: Occasion,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    told: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let TaskMembers { case, answer, name, dated, until, note } = read(&headers, told)?;
    let day = |place: &str, text: &str| {
        read_date(text).ok_or_else(|| fault(place, format!("{text:?} is not a date as in 2022-10-27")))
    };
    let answer = TaskAnswer {
        answer: Answer::from_key(&answer).ok_or_else(|| fault("/answer", format!("there is no {answer:?}")))?,
        case,
        name,
        dated: day("/dated", &dated)?,
        until: until.as_deref().map(|text| day("/until", text)).transpose()?,
        note: note.unwrap_or_default(),
    };
    work(move || {
        let (run, standing) = site.app().answer_task((&actor, &occasion), id, &answer)?;
        let view = run.case(&answer.case).map_err(Error::from)?;
        Ok(([NO_STORE], Json(json!({ "case": row_object(&run, &standing, view) }))).into_response())
    })
    .await
}

/// The body of `POST /api/deliveries/{id}/owners`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnerMembers {
    street: String,
    name: Option<String>,
}

/// `POST /api/deliveries/{id}/owners`: who looks after the cases of a street; without a name nobody does.
pub async fn give_street(
    State(site): State<Site>,
    Allowed(actor, _): Allowed<Delivering>,
    occasion: Occasion,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    told: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let OwnerMembers { street, name } = read(&headers, told)?;
    let street = StreetCode::parse(&street).map_err(|err| fault("/street", err.to_string()))?;
    work(move || {
        let (run, standing) = site.app().give_street((&actor, &occasion), id, (&street, name.as_deref()))?;
        let summary = summary_object(site.app(), &run, &standing)?;
        Ok(([NO_STORE], Json(json!({ "summary": summary }))).into_response())
    })
    .await
}
