//! Vector tiles and their TileJSON documents.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::Deserialize;

use crate::app::Snapshot;
use crate::auth::{Actor, Resource, Visibility};
use crate::http::areas::with_clocks;
use crate::http::cache::{self, Freshness};
use crate::http::extract::{Asked, NoParams, Segments, origin};
use crate::http::site::work;
use crate::http::{Problem, Site};
use crate::model::AsOf;
use crate::tiles::{TileCoord, TileLayer, tilejson};

/// Media type of a vector tile.
const MVT: &str = "application/vnd.mapbox-vector-tile";

/// Bytes that encoded tiles may take in memory.
pub const TILE_CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// A tile as it goes out, plain and compressed.
#[derive(Clone)]
struct Encoded {
    plain: Bytes,
    gzip: Bytes,
}

/// Both clocks, and when the latest record was entered: a store that was made anew counts its revisions from 1 again, and its
/// tiles are others.
type StateKey = (AsOf, Timestamp);

/// For whom borders are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Exactness {
    /// For everybody: to the tolerance of public borders.
    Public,
    /// For whoever sees more than that of the whole district.
    True,
}

/// Encoded tiles by state, exactness, layer and place. Those that nobody asks for age out.
pub struct TileCache {
    tiles: moka::sync::Cache<(StateKey, Exactness, TileLayer, TileCoord), Encoded>,
}

impl TileCache {
    /// An empty cache of at most [`TILE_CACHE_BYTES`].
    pub fn new() -> Self {
        let weigh = |_: &_, tile: &Encoded| u32::try_from(64 + tile.plain.len() + tile.gzip.len()).unwrap_or(u32::MAX);
        Self { tiles: moka::sync::Cache::builder().max_capacity(TILE_CACHE_BYTES).weigher(weigh).build() }
    }

    /// The tile from the cache, or encoded on a thread that may work.
    ///
    /// Requests for the same tile wait for one encoding.
    async fn show(
        &self,
        (snapshot, exactness, tolerance_m): (Arc<Snapshot>, Exactness, f64),
        layer: TileLayer,
        coord: TileCoord,
    ) -> Result<Encoded, Problem> {
        let state = (snapshot.as_of(), snapshot.latest_record().recorded_at);
        let key = (state, exactness, layer, coord);
        if let Some(tile) = self.tiles.get(&key) {
            return Ok(tile);
        }
        let tiles = self.tiles.clone();
        work(move || {
            let encoded = tiles.try_get_with(key, || encode(&snapshot, layer, coord, tolerance_m));
            encoded.map_err(|err| Problem::internal(&*err))
        })
        .await
    }
}

fn encode(snapshot: &Snapshot, layer: TileLayer, coord: TileCoord, tolerance_m: f64) -> std::io::Result<Encoded> {
    use std::io::Write as _;
    let plain = snapshot.tile_within(layer, coord, tolerance_m);
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 2), Compression::default());
    encoder.write_all(&plain)?;
    Ok(Encoded { plain: plain.into(), gzip: encoder.finish()?.into() })
}

/// Parameters of a tile.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TileParams {
    /// The version that the register names; a tile of the current one never changes.
    v: Option<String>,
}

/// `GET /tiles/{layer}/{z}/{x}/{y}.mvt`
pub async fn show_tile(
    State(site): State<Site>,
    actor: Actor,
    Segments((layer, z, x, file)): Segments<(String, String, String, String)>,
    Asked(view, params): Asked<TileParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let no_tile = || Problem::not_found(format!("there is no tile /tiles/{layer}/{z}/{x}/{file}"));
    // Plain decimal without leading zeros, so that a tile has one address.
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| number.to_string() == text);
    let known = TileLayer::from_key(&layer).ok_or_else(no_tile)?;
    let row = file.strip_suffix(".mvt").and_then(number).ok_or_else(no_tile)?;
    let (zoom, column) = (number(&z).ok_or_else(no_tile)?, number(&x).ok_or_else(no_tile)?);
    let zoom = u8::try_from(zoom).map_err(|_| no_tile())?;
    let coord = TileCoord::new(zoom, column, row).map_err(|err| Problem::not_found(err.to_string()))?;

    let tag = view.tag.of_clocks();
    let shown = match actor.sight(&Resource::District) {
        Visibility::Public => (view.snapshot, Exactness::Public, view.tolerance_m),
        _ => (view.snapshot, Exactness::True, 0.0),
    };
    let tile = site.tiles().show(shown, known, coord).await?;
    let current = params.v.as_deref() == Some(tag.version());
    let freshness = if current { Freshness::Forever } else { Freshness::Minute };
    let common = [
        (header::ETAG, tag.header()),
        (header::CACHE_CONTROL, freshness.header()),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if tile.plain.is_empty() {
        return Ok((StatusCode::NO_CONTENT, common).into_response());
    }
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(MVT))];
    Ok(if cache::accepts_gzip(&headers) {
        let coding = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
        (common, kind, coding, tile.gzip).into_response()
    } else {
        (common, kind, tile.plain).into_response()
    })
}

/// `GET /tiles/{layer}.json`
pub async fn show_tilejson(
    Segments(file): Segments<String>,
    Asked(view, NoParams {}): Asked<NoParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let layer = file
        .strip_suffix(".json")
        .and_then(TileLayer::from_key)
        .ok_or_else(|| Problem::not_found(format!("there is no tile set /tiles/{file}")))?;
    let snapshot = &view.snapshot;
    // TileJSON wants whole addresses.
    let template = format!("{}/tiles/{}/{{z}}/{{x}}/{{y}}.mvt", origin(&headers), layer.key());
    let template = with_clocks(&template, &view.clocks);
    let document = tilejson(layer, &template, snapshot.bounds(), &snapshot.district().attribution, snapshot.revision());
    cache::json(&view.tag.of_clocks().with(&template), "application/json", &document)
}
