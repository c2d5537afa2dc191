//! `POST /api/deliveries`: the bytes are durable before the answer goes out.

use axum::Json;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest as _, Multipart, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::access::Occasion;
use crate::app::{Received, Upload};
use crate::auth::{Action, Actor, Resource};
use crate::formats::Limits;
use crate::http::deliveries::delivery_object;
use crate::http::site::work;
use crate::http::{Problem, Site};

/// Most bytes of a delivery as it comes over the network: its files, and room for the parts around them.
pub const UPLOAD_LIMIT: usize = (64 << 20) + (1 << 20);

/// Most characters of a remark.
const NOTE_LIMIT_CHARS: usize = 500;

/// `POST /api/deliveries`
pub async fn create_delivery(
    State(site): State<Site>,
    actor: Actor,
    occasion: Occasion,
    request: Request,
) -> Result<Response, Problem> {
    // Before the files are taken in.
    site.app().require(&actor, Action::Deliver, &Resource::District)?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        let detail = "a delivery is multipart/form-data with the parts sender and file";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail));
    }
    let parts = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| Problem::new(rejection.status(), "bad-body", rejection.body_text()))?;
    let place = site.upload_place()?;
    let upload = read_parts(parts).await?;
    work(move || {
        // Held to the end of the work, also when nobody waits for it any more.
        let _place = place;
        let Received { delivery, new } = site.app().receive(&actor, &occasion, &upload)?;
        let mut body = delivery_object(site.app(), &delivery);
        body["new"] = new.into();
        let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        if !new {
            return Ok((no_store, Json(body)).into_response());
        }
        let location = [(header::LOCATION, format!("/api/deliveries/{}", delivery.id))];
        Ok((StatusCode::CREATED, no_store, location, Json(body)).into_response())
    })
    .await
}

async fn read_parts(mut parts: Multipart) -> Result<Upload, Problem> {
    let mut upload = Upload { sender: String::new(), note: String::new(), files: Vec::new(), limits: Limits::UPLOAD };
    while let Some(part) = parts.next_field().await.map_err(|err| unread(&err))? {
        let name = part.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "sender" => upload.sender = text_of(part, "sender").await?,
            "note" => upload.note = text_of(part, "note").await?,
            "file" => {
                let file = file_name(part.file_name().unwrap_or_default())?;
                let bytes = part.bytes().await.map_err(|err| unread(&err))?;
                upload.files.push((file, bytes.to_vec()));
            }
            other => {
                return Err(Problem::new(
                    StatusCode::BAD_REQUEST,
                    "bad-body",
                    format!("the part {other:?} is not known: a delivery has the parts sender, note and file"),
                ));
            }
        }
    }
    Ok(upload)
}

async fn text_of(part: Field<'_>, name: &str) -> Result<String, Problem> {
    let text = part.text().await.map_err(|err| unread(&err))?;
    if text.chars().count() > NOTE_LIMIT_CHARS || text.chars().any(|c| c.is_control() && c != '\n' && c != '\r') {
        let detail =
            format!("the part {name} must have at most {NOTE_LIMIT_CHARS} characters and no control characters");
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad-body", detail));
    }
    Ok(text)
}

/// The name of a file without folders, which some browsers send along. It is never used as a path.
fn file_name(name: &str) -> Result<String, Problem> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if last.is_empty() || last.chars().any(char::is_control) {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad-body", "a part file must carry the name of the file"));
    }
    Ok(last.to_owned())
}

fn unread(err: &MultipartError) -> Problem {
    let status = err.status();
    let name = if status == StatusCode::PAYLOAD_TOO_LARGE { "too-large" } else { "bad-body" };
    Problem::new(status, name, err.body_text())
}
