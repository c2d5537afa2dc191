//! Settings of a delivery as JSON, the same for the API, the command line and the store.

use serde_json::{Map, Value, json};

use crate::app::Error;
use crate::app::deliveries::{CheckedDelivery, DeliveryError};
use crate::crs::Assumption;
use crate::ingest::delivery::{ColumnMap, FindingState, Scope, Settings, Severity};
use crate::model::read_date;

/// Members that settings may have.
const MEMBERS: [&str; 7] = ["columns", "left_out", "position", "scope", "effective", "encoding", "remember"];

/// Reads settings. Members that are left out or null stay open; `remember` is for whoever handles the request.
///
/// Errors: [`DeliveryError::BadSettings`] names the place.
pub fn read_settings(text: &str) -> Result<Settings, Error> {
    let bad =
        |place: &str, message: String| Error::from(DeliveryError::BadSettings { place: place.to_owned(), message });
    let value: Value = serde_json::from_str(text).map_err(|err| bad("", err.to_string()))?;
    let Value::Object(members) = value else { return Err(bad("", "an object is expected".to_owned())) };
    if let Some(unknown) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(bad(&format!("/{unknown}"), "nothing of that name is known here".to_owned()));
    }
    let member = |name: &str| members.get(name).filter(|value| !value.is_null());
    let text_of = |name: &str| {
        member(name)
            .map(|value| {
                value
                    .as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| bad(&format!("/{name}"), "a text is expected".to_owned()))
            })
            .transpose()
    };
    let mut settings = Settings::default();
    if member("remember").is_some_and(|value| !value.is_boolean()) {
        return Err(bad("/remember", "true or false is expected".to_owned()));
    }
    if let Some(columns) = member("columns") {
        let Value::Object(layers) = columns else {
            return Err(bad("/columns", "an object is expected".to_owned()));
        };
        for (layer, map) in layers {
            let map = ColumnMap::from_json(map).map_err(|message| bad(&format!("/columns/{layer}"), message))?;
            settings.columns.insert(layer.clone(), map);
        }
    }
    if let Some(left_out) = member("left_out") {
        let texts =
            left_out.as_array().and_then(|texts| texts.iter().map(|text| text.as_str().map(str::to_owned)).collect());
        settings.left_out = texts.ok_or_else(|| bad("/left_out", "a list of texts is expected".to_owned()))?;
    }
    if let Some(position) = text_of("position")? {
        let assumption = position.parse::<Assumption>().map_err(|err| bad("/position", err.to_string()))?;
        settings.position = Some(assumption);
    }
    if let Some(scope) = text_of("scope")? {
        settings.scope = Scope::from_key(&scope)
            .ok_or_else(|| bad("/scope", format!("{scope:?} is not one of listed, streets and district")))?;
    }
    if let Some(day) = text_of("effective")? {
        let date =
            read_date(&day).ok_or_else(|| bad("/effective", format!("{day:?} is not a date as in 2022-10-27")))?;
        settings.effective = Some(date);
    }
    if let Some(encoding) = text_of("encoding")? {
        if encoding_rs::Encoding::for_label(encoding.as_bytes()).is_none() {
            return Err(bad("/encoding", format!("{encoding:?} is not an encoding that is known here")));
        }
        settings.encoding = Some(encoding);
    }
    Ok(settings)
}

/// Settings as JSON text.
pub fn write_settings(settings: &Settings) -> String {
    let columns: Map<String, Value> =
        settings.columns.iter().map(|(layer, map)| (layer.clone(), map.to_json())).collect();
    json!({
        "columns": columns,
        "left_out": settings.left_out,
        "position": settings.position.as_ref().map(ToString::to_string),
        "scope": settings.scope.key(),
        "effective": settings.effective.map(|day| day.to_string()),
        "encoding": settings.encoding,
    })
    .to_string()
}

/// What a check found as JSON text: counts. What was published keeps the text of the check that it was published with.
pub(in crate::app) fn summary(check: &CheckedDelivery) -> String {
    json!({
        "rows": check.rows.len(),
        "must_fix": check.open(Severity::MustFix),
        "fix_later": check.open(Severity::FixLater),
        "excepted": check.in_state(|state| matches!(state, FindingState::Excepted(_))),
        "repaired": check.in_state(|state| state == FindingState::Repaired),
        "added": check.count("added"),
        "changed": check.count("changed"),
        "unchanged": check.count("unchanged"),
        "unusable": check.count("unusable"),
        "unlocated": check.count("unlocated"),
        "vanished": check.vanishing.len(),
        "revision": check.revision.0,
    })
    .to_string()
}
