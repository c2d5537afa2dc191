//! `GET /api/export`: the areas as a file.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::export_areas;
use crate::auth::Actor;
use crate::formats::FileFormat;
use crate::http::extract::{Asked, known_street};
use crate::http::site::work;
use crate::http::{Problem, Site};

/// Parameters of `GET /api/export`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportParams {
    format: String,
    street: Option<String>,
}

/// `GET /api/export`
pub async fn export(
    State(site): State<Site>,
    actor: Actor,
    Asked(view, params): Asked<ExportParams>,
) -> Result<Response, Problem> {
    let format = FileFormat::from_key(&params.format).ok_or_else(|| {
        let known: Vec<&str> = FileFormat::ALL.iter().map(|format| format.key()).collect();
        Problem::bad_parameter(format!("format must be one of {}, it is {:?}", known.join(", "), params.format))
    })?;
    let street = params.street.as_deref().map(|text| known_street(&view.snapshot, text)).transpose()?;
    work(move || {
        // Taken in the client's turn, and held to the end of the work, also when nobody waits for it any more.
        let _place = site.export_place()?;
        let mark = site.mark(&view.snapshot);
        let bytes = export_areas(&view.snapshot, site.reader(&actor, &mark), format, street.as_ref())?;
        let name = format!("areas-{}.{}", view.snapshot.data_date(), format.ending());
        let disposition = format!("attachment; filename=\"{name}\"");
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
            (header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(|err| Problem::internal(&err))?),
            (header::ETAG, view.tag.with(format.key()).header()),
            (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        ];
        Ok((headers, bytes).into_response())
    })
    .await
}
