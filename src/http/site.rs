//! What every handler shares: the register, the settings that the page shows, and the caches.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::app::{App, Error, Snapshot};
use crate::auth::Actor;
use crate::http::cache::EntityTag;
use crate::http::tiles::TileCache;

/// Name of the product, as the page shows it.
pub const TITLE: &str = "物业管理一张图";

/// Digest of what changes answers besides the register: the build and the settings.
///
/// The length of the program's file stands for the build: it is the same wherever the same program runs.
fn salt(app: &App, settings: &Settings) -> [u8; 32] {
    let program = std::env::current_exe().and_then(std::fs::metadata).map_or(0, |file| file.len());
    let told =
        (env!("CARGO_PKG_VERSION"), program, app.audience(), &settings.base_layer, &settings.map_approval_number);
    Sha256::digest(format!("{told:?}")).into()
}

/// State of the web edge. Cloning shares everything.
#[derive(Clone)]
pub struct Site {
    shared: Arc<Shared>,
}

struct Shared {
    app: App,
    settings: Settings,
    /// Stands for the program and its settings in every entity tag.
    salt: [u8; 32],
    tiles: TileCache,
}

/// Settings of the web edge, checked by whoever makes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Base map of the page, none by default: the page then asks no other host.
    pub base_layer: Option<BaseLayer>,
    /// 审图号, shown on the page.
    pub map_approval_number: Option<String>,
    /// How long requests in flight may take to finish at shutdown.
    pub shutdown_grace: Duration,
}

/// Tianditu base map, shown under the areas when a key is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseLayer {
    /// Key issued by Tianditu; it is sent to every browser that opens the page.
    pub key: String,
}

impl Site {
    /// The edge of this register with these settings.
    pub fn new(app: App, settings: Settings) -> Self {
        let salt = salt(&app, &settings);
        Self { shared: Arc::new(Shared { app, settings, salt, tiles: TileCache::new() }) }
    }

    /// The register.
    pub fn app(&self) -> &App {
        &self.shared.app
    }

    /// Whoever asks.
    pub fn actor(&self) -> Actor {
        self.shared.app.anonymous()
    }

    /// The snapshot that a request answers from, and the tag of everything told from it.
    pub fn snapshot(&self) -> Result<(Arc<Snapshot>, EntityTag), Error> {
        let snapshot = self.shared.app.snapshot()?;
        let tag = EntityTag::of(&snapshot, &self.shared.salt);
        Ok((snapshot, tag))
    }

    /// What was configured.
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// Encoded tiles.
    pub fn tiles(&self) -> &TileCache {
        &self.shared.tiles
    }
}
