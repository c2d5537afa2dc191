//! The ledger by column, and a selection of it as a file.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::{
    ColumnData, ColumnKind, LedgerColumn, LedgerFormat, LedgerLanguage, Selection, Term, export_ledger, ledger_table,
};
use crate::auth::Actor;
use crate::http::due::attachment;
use crate::http::extract::{Asked, NoParams, known_street};
use crate::http::records::JSON;
use crate::http::site::work;
use crate::http::themes::text;
use crate::http::{Problem, Site, cache};
use crate::model::AreaCode;

/// Longest description of a filter, in characters.
const FILTER_MAX: usize = 500;

/// Decimals of a coordinate: about a metre.
const LABEL_SCALE: f64 = 1e5;

/// Parameters of `GET /api/ledger`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerParams {
    street: Option<String>,
}

/// A ledger as it goes out. Written as it is, since a tree of values of it would take a hundred times its size.
#[derive(Serialize)]
struct Told {
    date: String,
    due_date: String,
    revision: u64,
    as_of: Value,
    street: Option<String>,
    count: usize,
    labels: Vec<[f64; 2]>,
    columns: Vec<ToldColumn>,
}

#[derive(Serialize)]
struct ToldColumn {
    key: &'static str,
    title: Value,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    decimals: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<ToldValues>,
    data: ToldData,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ToldValues {
    Texts(Vec<String>),
    Terms(Vec<Value>),
}

#[derive(Serialize)]
#[serde(untagged)]
enum ToldData {
    Places(Vec<Option<u32>>),
    Whole(Vec<Option<i64>>),
    Numbers(Vec<Option<f64>>),
    Flags(Vec<Option<u8>>),
}

/// `GET /api/ledger`
pub async fn show_ledger(actor: Actor, Asked(view, params): Asked<LedgerParams>) -> Result<Response, Problem> {
    let street = params.street.as_deref().map(|text| known_street(&view.snapshot, text)).transpose()?;
    work(move || {
        let snapshot = &*view.snapshot;
        let table = ledger_table(snapshot, &actor, street.as_ref(), view.due_day());
        let round = |degrees: f64| (degrees * LABEL_SCALE).round() / LABEL_SCALE;
        let labels = table.positions.iter().map(|position| {
            let label = snapshot.label(*position);
            [round(label.x), round(label.y)]
        });
        let told = Told {
            date: snapshot.data_date().to_string(),
            due_date: view.due_day().to_string(),
            revision: snapshot.revision().0,
            as_of: view.as_of(),
            street: params.street,
            count: table.positions.len(),
            labels: labels.collect(),
            columns: table.columns.into_iter().map(|(column, data)| told_column(column, data)).collect(),
        };
        cache::json(&view.tag.with(&told.due_date), JSON, &told)
    })
    .await
}

fn told_column(column: &LedgerColumn, data: ColumnData) -> ToldColumn {
    let kind = match column.kind {
        ColumnKind::Text => "text",
        ColumnKind::Date => "date",
        ColumnKind::Number(_) => "number",
        ColumnKind::Boolean => "boolean",
        ColumnKind::Term(_) => "term",
    };
    let decimals = match column.kind {
        ColumnKind::Number(decimals) => Some(decimals),
        _ => None,
    };
    let term = |term: Term| json!({ "key": term.key, "label": { "zh-CN": term.zh, "en": term.en } });
    let (values, data) = match data {
        ColumnData::Texts(values, data) => (Some(ToldValues::Texts(values)), ToldData::Places(data)),
        ColumnData::Dates(values, data) => {
            let values = values.into_iter().map(|day| day.to_string()).collect();
            (Some(ToldValues::Texts(values)), ToldData::Places(data))
        }
        ColumnData::Terms(terms, data) => {
            (Some(ToldValues::Terms(terms.into_iter().map(term).collect())), ToldData::Places(data))
        }
        // A column without decimals has whole numbers, far below the limit of the cast.
        ColumnData::Numbers(data) if decimals == Some(0) => {
            (None, ToldData::Whole(data.into_iter().map(|number| number.map(|number| number as i64)).collect()))
        }
        ColumnData::Numbers(data) => (None, ToldData::Numbers(data)),
        ColumnData::Booleans(data) => (None, ToldData::Flags(data.into_iter().map(|yes| yes.map(u8::from)).collect())),
    };
    ToldColumn { key: column.key, title: text(column.title), kind, decimals, values, data }
}

/// Body of `POST /api/ledger/export`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportBody {
    format: String,
    codes: Option<Vec<String>>,
    columns: Option<Vec<String>>,
    #[serde(default)]
    filter: String,
    #[serde(default)]
    lang: Option<String>,
}

/// `POST /api/ledger/export`: a selection as a file. It is asked for by POST because a list of codes has no room in an
/// address; nothing is changed.
pub async fn export_selection(
    State(site): State<Site>,
    actor: Actor,
    Asked(view, NoParams {}): Asked<NoParams>,
    body: Bytes,
) -> Result<Response, Problem> {
    let body: ExportBody = serde_json::from_slice(&body)
        .map_err(|err| Problem::bad_parameter(format!("the body is not a selection: {err}")))?;
    let format = LedgerFormat::from_key(&body.format).ok_or_else(|| {
        Problem::bad_parameter(format!("format must be one of xlsx, csv, geojson, it is {:?}", body.format))
    })?;
    let language = match body.lang.as_deref() {
        None | Some("zh-CN") => LedgerLanguage::Chinese,
        Some("en") => LedgerLanguage::English,
        Some(other) => return Err(Problem::bad_parameter(format!("lang must be zh-CN or en, it is {other:?}"))),
    };
    if body.filter.chars().count() > FILTER_MAX || body.filter.chars().any(char::is_control) {
        return Err(Problem::bad_parameter(format!("filter must be one line of at most {FILTER_MAX} characters")));
    }
    let codes = body.codes.map(|codes| {
        let parse = |(at, code): (usize, &String)| {
            AreaCode::parse(code).map_err(|err| Problem::bad_parameter(format!("codes, item {}: {err}", at + 1)))
        };
        codes.iter().enumerate().map(parse).collect::<Result<Vec<_>, _>>()
    });
    let (columns, filter, due_day) = (body.columns, body.filter, view.due_day());
    let selection = Selection { format, codes: codes.transpose()?, columns, filter, language, due_day };
    work(move || {
        // Taken in the client's turn, and held to the end of the work, also when nobody waits for it any more.
        let _place = site.export_place()?;
        let mark = site.mark(&view.snapshot);
        let bytes = export_ledger(&view.snapshot, site.reader(&actor, &mark), &selection)?;
        attachment(format.file_format(), &format!("ledger-{}", view.snapshot.data_date()), bytes)
    })
    .await
}
