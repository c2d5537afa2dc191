//! What falls due: the list, its counts, and the same as a workbook.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{DueCounts, DueItem, Snapshot};
use crate::auth::{Action, Actor, Resource};
use crate::formats::xlsx::{Sheet, write_book};
use crate::formats::{Cell, FileFormat};
use crate::http::areas::{PageLinks, page_limit};
use crate::http::extract::{Asked, known_street};
use crate::http::rate_lists::summary;
use crate::http::records::JSON;
use crate::http::site::{View, work};
use crate::http::themes::text;
use crate::http::{Problem, Site, cache};
use crate::model::{CommitteeKind, StreetCode};
use crate::stats::{DUE_DAYS_MAX, DueState, Duty};

/// Parameters of `GET /api/due`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueParams {
    street: Option<String>,
    within: Option<i32>,
    duty: Option<String>,
    state: Option<String>,
    limit: Option<String>,
    cursor: Option<usize>,
    f: Option<String>,
}

/// What is asked for.
struct Wanted {
    street: Option<StreetCode>,
    within: i32,
    duty: Option<Duty>,
    state: Option<DueState>,
}

impl Wanted {
    fn holds(&self, item: &DueItem) -> bool {
        item.due.days <= self.within
            && self.duty.is_none_or(|duty| duty == item.due.duty)
            && self.state.is_none_or(|state| state == item.due.state)
    }
}

/// `GET /api/due`
pub async fn list_due(
    State(site): State<Site>,
    actor: Actor,
    Asked(view, params): Asked<DueParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    let unknown = |name: &str, value: &str| Problem::bad_parameter(format!("there is no {name} {value:?}"));
    let asked = params.street.as_deref().map(|text| known_street(&view.snapshot, text)).transpose()?;
    let wanted = Wanted {
        street: site.app().desk_scope(&actor, asked)?,
        within: match params.within.unwrap_or(DUE_DAYS_MAX) {
            days @ 0..=DUE_DAYS_MAX => days,
            days => {
                return Err(Problem::bad_parameter(format!("within must be 0 to {DUE_DAYS_MAX} days, it is {days}")));
            }
        },
        duty: params.duty.as_deref().map(|key| Duty::from_key(key).ok_or_else(|| unknown("duty", key))).transpose()?,
        state: params
            .state
            .as_deref()
            .map(|key| DueState::from_key(key).ok_or_else(|| unknown("state", key)))
            .transpose()?,
    };
    let as_workbook = match params.f.as_deref() {
        None | Some("json") => false,
        Some("xlsx") => true,
        Some(other) => return Err(Problem::bad_parameter(format!("f must be json or xlsx, it is {other:?}"))),
    };
    let limit = page_limit(params.limit.as_deref())?;
    work(move || {
        let snapshot = &*view.snapshot;
        let day = view.due_day();
        let due = snapshot.due(day);
        let in_scope = || snapshot.due_in(&due, wanted.street.as_ref());
        let listed: Vec<&DueItem> = in_scope().filter(|item| wanted.holds(item)).collect();
        if as_workbook {
            return workbook(&view, &listed, &wanted, &site.mark(snapshot));
        }
        let from = params.cursor.unwrap_or(0).min(listed.len());
        let to = listed.len().min(from + limit);
        let items: Vec<Value> = listed[from..to].iter().map(|item| due_object(snapshot, &actor, item)).collect();
        let next = (to < listed.len()).then(|| to.to_string());
        let cursor = params.cursor.map(|cursor| cursor.to_string());
        let within = params.within.map(|days| days.to_string());
        let own = [
            ("street", params.street.as_deref()),
            ("within", within.as_deref()),
            ("duty", params.duty.as_deref()),
            ("state", params.state.as_deref()),
        ];
        let links = PageLinks { kind: JSON, path: uri.path(), limit, cursor: cursor.as_deref(), next: next.as_deref() }
            .keeping(own.into_iter().chain(view.clocks.kept()));
        let body = json!({
            "date": day.to_string(),
            "data_date": snapshot.data_date().to_string(),
            "revision": snapshot.revision().0,
            "as_of": view.as_of(),
            "street": wanted.street.as_ref().map(StreetCode::as_str),
            "within": wanted.within,
            "count": listed.len(),
            "counts": counts_object(&counts(in_scope())),
            "streets": by_street((snapshot, &actor), &due, &wanted),
            "duties": by_duty(in_scope()),
            "items": items,
            "links": links,
        });
        cache::json(&view.tag.with(&day.to_string()), JSON, &body)
    })
    .await
}

/// Duties by state.
pub(super) fn counts<'a>(items: impl IntoIterator<Item = &'a DueItem>) -> DueCounts {
    let mut counts = DueCounts::default();
    items.into_iter().for_each(|item| counts.add(item.due.state));
    counts
}

/// Counts by the names of the states.
pub(super) fn counts_object(counts: &DueCounts) -> Value {
    DueState::ALL
        .iter()
        .map(|state| (state.key().to_owned(), counts.of(*state).into()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Counts of every street that the actor may ask for; only the duty that is asked for.
fn by_street((snapshot, actor): (&Snapshot, &Actor), due: &[DueItem], wanted: &Wanted) -> Vec<Value> {
    let mut streets: BTreeMap<&StreetCode, DueCounts> = BTreeMap::new();
    for item in due.iter().filter(|item| wanted.duty.is_none_or(|duty| duty == item.due.duty)) {
        streets.entry(&snapshot.area(item.position).street).or_default().add(item.due.state);
    }
    snapshot
        .streets()
        .iter()
        .filter(|street| actor.may(Action::ReadDesk, &Resource::Street(&street.code)))
        .map(|street| {
            let mut object = counts_object(streets.get(&street.code).unwrap_or(&DueCounts::default()));
            object["street"] = street.code.as_str().into();
            object["street_name"] = street.name.as_str().into();
            object
        })
        .collect()
}

/// Every duty with its rule, and its counts in the scope.
fn by_duty<'a>(in_scope: impl Iterator<Item = &'a DueItem>) -> Vec<Value> {
    let mut duties: BTreeMap<Duty, DueCounts> = BTreeMap::new();
    for item in in_scope {
        duties.entry(item.due.duty).or_default().add(item.due.state);
    }
    Duty::ALL
        .iter()
        .map(|duty| {
            json!({
                "id": duty.key(),
                "title": text(duty.title()),
                "rule": text(duty.rule()),
                "article": duty.article(),
                "counts": counts_object(duties.get(duty).unwrap_or(&DueCounts::default())),
            })
        })
        .collect()
}

/// A duty of an area.
pub(super) fn due_object(snapshot: &Snapshot, actor: &Actor, item: &DueItem) -> Value {
    let due = &item.due;
    let committee =
        snapshot.committee_of(item).map(|committee| json!({ "code": committee.code, "kind": committee.kind.key() }));
    json!({
        "duty": due.duty.key(),
        "title": text(due.duty.title()),
        "state": due.state.key(),
        "due_on": due.due_on.to_string(),
        "days": due.days,
        "since": due.since.to_string(),
        "area": summary(snapshot, actor, item.position),
        "committee": committee,
    })
}

/// The list as a workbook, with the rules on a second sheet.
fn workbook(view: &View, listed: &[&DueItem], wanted: &Wanted, mark: &str) -> Result<Response, Problem> {
    let snapshot = &*view.snapshot;
    let words = |text: &str| Cell::Text(text.into());
    let mut rows = listed.iter().map(|item| {
        let area = snapshot.area(item.position);
        let committee = snapshot.committee_of(item);
        let kind = committee.map_or("", |committee| match committee.kind {
            CommitteeKind::Owners => "业委会",
            CommitteeKind::PropertyManagement => "物管会",
        });
        vec![
            words(item.due.state.label().zh),
            words(item.due.duty.title().zh),
            Cell::Date(item.due.due_on),
            Cell::Integer(item.due.days.into()),
            words(&snapshot.street_of(area).name),
            words(area.code.as_str()),
            words(&area.name),
            words(kind),
            words(committee.map_or("", |committee| committee.code.as_str())),
            words(snapshot.manager_of(area).map_or("", |manager| manager.name.as_str())),
            Cell::Date(item.due.since),
            Cell::Text(format!("《北京市物业管理条例》第{}条", item.due.duty.article()).into()),
        ]
    });
    let heads = [
        ("紧迫程度", 12.0),
        ("事项", 22.0),
        ("到期日", 12.0),
        ("剩余天数", 10.0),
        ("街乡", 14.0),
        ("区域编码", 16.0),
        ("名称", 28.0),
        ("组织", 10.0),
        ("组织编号", 16.0),
        ("管理主体", 30.0),
        ("起算日", 12.0),
        ("依据", 24.0),
    ]
    .map(|(head, width)| (head.to_owned(), width));
    let mut rules = Duty::ALL.iter().map(|duty| {
        vec![words(duty.title().zh), Cell::Integer(duty.article().into()), words(duty.rule().zh), words(duty.rule().en)]
    });
    let rule_heads =
        [("事项", 24.0), ("条", 6.0), ("规则", 70.0), ("Rule", 70.0)].map(|(head, width)| (head.to_owned(), width));
    let scope = wanted.street.as_ref().and_then(|street| snapshot.street_position(street));
    let scope = scope.map_or(snapshot.district().name.as_str(), |at| snapshot.streets()[at].name.as_str());
    let duty = wanted.duty.map_or(String::new(), |duty| format!(" · {}", duty.title().zh));
    let state = wanted.state.map_or(String::new(), |state| format!(" · {}", state.label().zh));
    let demo = if snapshot.is_demo() { " · 演示数据 非真实" } else { "" };
    let preface = format!(
        "{scope}到期事项 · 按 {} 计算 · 数据日期 {} · {} 天内及逾期{duty}{state} · 共 {} 条{demo} · {}",
        view.due_day(),
        snapshot.data_date(),
        wanted.within,
        listed.len(),
        mark
    );
    let mut sheets = [
        Sheet { name: "到期事项", preface: Some(&preface), columns: &heads, frozen: 0, rows: &mut rows },
        Sheet { name: "规则", preface: None, columns: &rule_heads, frozen: 0, rows: &mut rules },
    ];
    let bytes = write_book(&mut sheets).map_err(|err| Problem::internal(&err))?;
    attachment(FileFormat::Xlsx, &format!("due-{}", view.due_day()), bytes)
}

/// A file to keep. The stem is made of letters, digits and dashes.
pub(super) fn attachment(format: FileFormat, stem: &str, bytes: Vec<u8>) -> Result<Response, Problem> {
    let disposition = format!("attachment; filename=\"{stem}.{}\"", format.ending());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(|err| Problem::internal(&err))?),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    ];
    Ok((headers, bytes).into_response())
}
