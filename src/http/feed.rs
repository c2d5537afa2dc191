//! What changed, as a feed to subscribe to: Atom (RFC 4287).

use std::io;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde::Deserialize;

use crate::app::access::Occasion;
use crate::app::{ComparedArea, ITEM_LIMIT_MAX, Snapshot};
use crate::auth::Actor;
use crate::history::ChangeKind;
use crate::http::cache::Freshness;
use crate::http::changes::Span;
use crate::http::extract::{Params, origin};
use crate::http::site::{TITLE, work};
use crate::http::{Problem, Site, cache};
use crate::model::Record;

const ATOM: &str = "application/atom+xml; charset=utf-8";

/// Parameters of `GET /api/changes.atom`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedParams {
    since: String,
    street: Option<String>,
}

/// `GET /api/changes.atom`: the latest record first, at most [`ITEM_LIMIT_MAX`] areas.
pub async fn show_feed(
    State(site): State<Site>,
    actor: Actor,
    occasion: Occasion,
    Params(params): Params<FeedParams>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let view = site.published_for(&actor)?;
    let origin = origin(&headers);
    let tag = view.tag.with(&origin);
    let span = Span::parse(&view, &params.since, None, params.street.as_deref())?;
    if let Some(answer) = cache::unchanged(&headers, &tag) {
        return Ok(answer);
    }
    let until = site.state(span.until, occasion.address).await?;
    work(move || {
        let mut areas = span.compare(&site, &actor, &until)?.areas;
        areas.sort_by(|a, b| (b.record, &a.code).cmp(&(a.record, &b.code)));
        areas.truncate(ITEM_LIMIT_MAX);
        let feed = Feed { snapshot: &view.snapshot, origin: &origin, path: &uri.to_string(), params: &params };
        let body = feed.write(&areas).map_err(|err| Problem::internal(&err))?;
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(ATOM)),
            (header::ETAG, tag.header()),
            (header::CACHE_CONTROL, Freshness::Revalidate.header()),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
        ];
        Ok((headers, body).into_response())
    })
    .await
}

struct Feed<'a> {
    snapshot: &'a Snapshot,
    origin: &'a str,
    path: &'a str,
    params: &'a FeedParams,
}

type Xml = Writer<Vec<u8>>;

impl Feed<'_> {
    fn write(&self, areas: &[ComparedArea]) -> io::Result<Vec<u8>> {
        let mut xml = Writer::new(Vec::new());
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        let feed = xml.create_element("feed").with_attribute(("xmlns", "http://www.w3.org/2005/Atom"));
        feed.with_attribute(("xml:lang", "zh-CN")).write_inner_content(|xml| self.inside(xml, areas))?;
        Ok(xml.into_inner())
    }

    fn inside(&self, xml: &mut Xml, areas: &[ComparedArea]) -> io::Result<()> {
        let FeedParams { since, street } = self.params;
        let street = street.as_deref().unwrap_or("all");
        let since: String = form_urlencoded::byte_serialize(since.as_bytes()).collect();
        text(xml, "id", &format!("urn:onemap:changes:{street}:{since}"))?;
        text(xml, "title", &format!("{TITLE}：变更"))?;
        text(xml, "updated", &self.snapshot.latest_record().recorded_at.to_string())?;
        author(xml, TITLE)?;
        link(xml, "self", &format!("{}{}", self.origin, self.path))?;
        areas
            .iter()
            .try_for_each(|area| xml.create_element("entry").write_inner_content(|xml| self.entry(xml, area)).map(drop))
    }

    fn entry(&self, xml: &mut Xml, area: &ComparedArea) -> io::Result<()> {
        let record = self.record(area).unwrap_or_else(|| self.snapshot.latest_record());
        let ways: Vec<&str> = area.difference.kinds.iter().copied().map(way).collect();
        text(xml, "id", &format!("urn:onemap:area:{}:record:{}", area.code, area.record))?;
        text(xml, "title", &format!("{}：{}", area.name, ways.join("、")))?;
        text(xml, "updated", &record.recorded_at.to_string())?;
        author(xml, if record.authority.trim().is_empty() { TITLE } else { &record.authority })?;
        link(xml, "alternate", &format!("{}/api/areas/{}/history", self.origin, area.code))?;
        let street = self.snapshot.street_position(&area.street);
        let street = street.map_or(area.street.as_str(), |position| self.snapshot.streets()[position].name.as_str());
        text(xml, "summary", &format!("{street} {} {}", record.document, area.difference.fields.join(", ")))
    }

    fn record(&self, area: &ComparedArea) -> Option<&Record> {
        let records = self.snapshot.records();
        records.iter().map(AsRef::as_ref).find(|record: &&Record| u64::from(record.id.0) == area.record.0)
    }
}

fn way(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "新增",
        ChangeKind::Ended => "终止",
        ChangeKind::Geometry => "边界变更",
        ChangeKind::Attributes => "信息变更",
    }
}

/// An element with a text, escaped. XML has no way to write most control characters, so they are left out.
fn text(xml: &mut Xml, name: &str, content: &str) -> io::Result<()> {
    let allowed = |c: &char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}') || matches!(c, '\t' | '\n');
    let content: String = content.chars().filter(allowed).collect();
    xml.create_element(name).write_text_content(BytesText::new(&content))?;
    Ok(())
}

fn author(xml: &mut Xml, name: &str) -> io::Result<()> {
    xml.create_element("author").write_inner_content(|xml| text(xml, "name", name))?;
    Ok(())
}

fn link(xml: &mut Xml, rel: &str, href: &str) -> io::Result<()> {
    xml.create_element("link").with_attribute(("rel", rel)).with_attribute(("href", href)).write_empty()?;
    Ok(())
}
