//! Themes: classes with colours, strokes, patterns, legend texts and counts, so that map and legend never disagree.

use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::areas::with_clocks;
use crate::http::extract::{Asked, NoParams, Segments, known_street};
use crate::http::{Problem, cache};
use crate::model::{GROUND, Pattern, Shades, StyleClass, THEME_ID, THEME_TITLE, Text};

/// Parameters of `GET /api/themes/{id}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeParams {
    street: Option<String>,
}

/// `GET /api/themes`
pub async fn list_themes(Asked(view, NoParams {}): Asked<NoParams>) -> Result<Response, Problem> {
    let body = json!({
        "as_of": view.as_of(),
        "themes": [{
            "id": THEME_ID,
            "title": text(THEME_TITLE),
            "date": view.snapshot.data_date().to_string(),
            "href": with_clocks(&format!("/api/themes/{THEME_ID}"), &view.clocks),
        }],
    });
    cache::json(&view.tag, "application/json", &body)
}

/// `GET /api/themes/{id}`
pub async fn show_theme(
    Segments(id): Segments<String>,
    Asked(view, params): Asked<ThemeParams>,
) -> Result<Response, Problem> {
    if id != THEME_ID {
        return Err(Problem::not_found(format!("theme {id} does not exist")));
    }
    let snapshot = &*view.snapshot;
    let street = params.street.as_deref().map(|text| known_street(snapshot, text)).transpose()?;
    let tally = snapshot.tallies().scope(street.as_ref());
    let record = snapshot.latest_record();
    let (light, dark) = StyleClass::OPACITY;
    let classes: Vec<Value> =
        StyleClass::ALL.into_iter().map(|class| class_object(class, tally.with_class(class))).collect();
    let body = json!({
        "id": THEME_ID,
        "title": text(THEME_TITLE),
        "date": snapshot.data_date().to_string(),
        "revision": snapshot.revision().0,
        "as_of": view.as_of(),
        "source": format!("{} {}", record.authority, record.document),
        "street": params.street,
        "total": tally.areas,
        "opacity": { "light": light, "dark": dark },
        "ground": shades(GROUND),
        "classes": classes,
    });
    cache::json(&view.tag, "application/json", &body)
}

/// A text in both languages.
pub fn text(text: Text) -> Value {
    json!({ "zh-CN": text.zh, "en": text.en })
}

fn shades(shades: Shades) -> Value {
    json!({ "light": shades.light, "dark": shades.dark })
}

fn class_object(class: StyleClass, count: u32) -> Value {
    let paint = class.paint();
    let (kind, color) = match paint.pattern {
        Pattern::Solid => ("solid", Value::Null),
        Pattern::Hatch => ("hatch", Value::Null),
        Pattern::Dots => ("dots", Value::Null),
        Pattern::Bands(second) => ("bands", shades(second)),
    };
    json!({
        "key": class.key(),
        "management": class.management_key(),
        "committee": class.committee().key(),
        "label": text(class.label()),
        "explanation": text(class.explanation()),
        "fill": shades(paint.fill),
        "stroke": { "color": shades(paint.stroke), "width_px": paint.stroke_width_px, "dash_px": paint.dash_px },
        "pattern": { "kind": kind, "color": color },
        "count": count,
    })
}
