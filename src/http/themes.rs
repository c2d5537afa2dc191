//! Themes: classes with colours, strokes, patterns, legend texts and counts, so that map and legend never disagree.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::auth::{Actor, Field};
use crate::http::areas::with_clocks;
use crate::http::extract::{Asked, NoParams, Segments, known_street};
use crate::http::site::{View, work};
use crate::http::told::put_count;
use crate::http::{Problem, Site, cache};
use crate::model::{GROUND, Paint, Pattern, Shades, StreetCode, StyleClass, THEME_ID, THEME_TITLE, Text};
use crate::stats::{
    DUE_CLASSES, DUE_THEME_ID, DUE_THEME_TITLE, DueState, Told, due_class_explanation, due_class_key, due_class_label,
    due_class_paint,
};

/// Parameters of `GET /api/themes/{id}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeParams {
    street: Option<String>,
}

/// `GET /api/themes`
pub async fn list_themes(actor: Actor, Asked(view, NoParams {}): Asked<NoParams>) -> Result<Response, Problem> {
    let mut listed = vec![(THEME_ID, THEME_TITLE)];
    if actor.widest_sight().shows(Field::Committees) {
        listed.push((DUE_THEME_ID, DUE_THEME_TITLE));
    }
    let theme = |(id, title): (&str, Text)| {
        json!({
            "id": id,
            "title": text(title),
            "date": view.snapshot.data_date().to_string(),
            "href": with_clocks(&format!("/api/themes/{id}"), &view.clocks),
        })
    };
    let body = json!({
        "as_of": view.as_of(),
        "themes": listed.into_iter().map(theme).collect::<Vec<_>>(),
    });
    cache::json(&view.tag, "application/json", &body)
}

/// `GET /api/themes/{id}`
pub async fn show_theme(
    State(site): State<Site>,
    actor: Actor,
    Segments(id): Segments<String>,
    Asked(view, params): Asked<ThemeParams>,
) -> Result<Response, Problem> {
    let street = params.street.as_deref().map(|text| known_street(&view.snapshot, text)).transpose()?;
    if id == DUE_THEME_ID && actor.widest_sight().shows(Field::Committees) {
        let street = site.app().desk_scope(&actor, street)?;
        return work(move || show_due_theme(&view, street.as_ref())).await;
    }
    if id != THEME_ID {
        return Err(Problem::not_found(format!("theme {id} does not exist")));
    }
    let snapshot = &*view.snapshot;
    let told = site.app().told(&actor, snapshot.tallies()).scope(street.as_ref());
    let record = snapshot.latest_record();
    let classes: Vec<Value> =
        StyleClass::ALL.into_iter().map(|class| class_object(class, told.classes[class.rank()])).collect();
    let mut body = json!({
        "id": THEME_ID,
        "title": text(THEME_TITLE),
        "date": snapshot.data_date().to_string(),
        "revision": snapshot.revision().0,
        "as_of": view.as_of(),
        "source": format!("{} {}", record.authority, record.document),
        "street": params.street,
        "opacity": opacity(),
        "ground": shades(GROUND),
        "classes": classes,
    });
    if let Value::Object(body) = &mut body {
        put_count(body, "total", told.areas);
    }
    cache::json(&view.tag, "application/json", &body)
}

/// A text in both languages.
pub fn text(text: Text) -> Value {
    json!({ "zh-CN": text.zh, "en": text.en })
}

fn shades(shades: Shades) -> Value {
    json!({ "light": shades.light, "dark": shades.dark })
}

/// How much of the ground shows through.
fn opacity() -> Value {
    let (light, dark) = StyleClass::OPACITY;
    json!({ "light": light, "dark": dark })
}

/// The theme of what falls due: the classes, and the class of each area of which something does.
fn show_due_theme(view: &View, street: Option<&StreetCode>) -> Result<Response, Problem> {
    let snapshot = &*view.snapshot;
    let record = snapshot.latest_record();
    let total = snapshot.tallies().scope(street).areas;
    let mut areas = serde_json::Map::new();
    let mut counts: HashMap<DueState, u32> = HashMap::new();
    let day = view.due_day();
    for (position, due) in snapshot.most_urgent(day) {
        let area = snapshot.area(position);
        if street.is_none_or(|street| area.street == *street) {
            areas.insert(area.code.to_string(), due_class_key(Some(due.state)).into());
            *counts.entry(due.state).or_default() += 1;
        }
    }
    let quiet = total - counts.values().sum::<u32>();
    let classes: Vec<Value> = DUE_CLASSES
        .into_iter()
        .map(|class| {
            let count = class.map_or(quiet, |state| counts.get(&state).copied().unwrap_or(0));
            let mut object = paint_object(&due_class_paint(class));
            object["key"] = due_class_key(class).into();
            object["label"] = text(due_class_label(class));
            object["explanation"] = text(due_class_explanation(class));
            object["count"] = count.into();
            object
        })
        .collect();
    let body = json!({
        "id": DUE_THEME_ID,
        "title": text(DUE_THEME_TITLE),
        "date": day.to_string(),
        "revision": snapshot.revision().0,
        "as_of": view.as_of(),
        "source": format!("{} {}", record.authority, record.document),
        "street": street.map(StreetCode::as_str),
        "total": total,
        "opacity": opacity(),
        "ground": shades(GROUND),
        "classes": classes,
        "areas": areas,
    });
    cache::json(&view.tag.with(&day.to_string()), "application/json", &body)
}

fn class_object(class: StyleClass, count: Told) -> Value {
    let mut object = paint_object(&class.paint());
    object["key"] = class.key().into();
    object["management"] = class.management_key().into();
    object["committee"] = class.committee().key().into();
    object["label"] = text(class.label());
    object["explanation"] = text(class.explanation());
    if let Value::Object(object) = &mut object {
        put_count(object, "count", count);
    }
    object
}

fn paint_object(paint: &Paint) -> Value {
    let (kind, color) = match paint.pattern {
        Pattern::Solid => ("solid", Value::Null),
        Pattern::Hatch => ("hatch", Value::Null),
        Pattern::Dots => ("dots", Value::Null),
        Pattern::Bands(second) => ("bands", shades(second)),
    };
    json!({
        "fill": shades(paint.fill),
        "stroke": { "color": shades(paint.stroke), "width_px": paint.stroke_width_px, "dash_px": paint.dash_px },
        "pattern": { "kind": kind, "color": color },
    })
}
