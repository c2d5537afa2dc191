//! What every handler shares: the register, the settings that the page shows, and the caches.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use jiff::civil::Date;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::{App, Error, Snapshot};
use crate::auth::{Actor, Reader};
use crate::http::Problem;
use crate::http::answers::Answers;
use crate::http::cache::EntityTag;
use crate::http::clocks::Clocks;
use crate::http::edge::Edge;
use crate::http::identify::Known;
use crate::http::limits::RateLimits;
use crate::http::metrics::Metrics;
use crate::http::pasts::Pasts;
use crate::http::places::{Load, hold_place, hold_turn};
use crate::http::tiles::TileCache;
use crate::model::{AsOf, Revision};
use crate::store::Question;

/// Name of the product, as the page shows it.
pub const TITLE: &str = "物业管理一张图";

/// Deliveries that may be on their way in at a time.
const UPLOADS_MAX: usize = 4;

/// Passwords that are compared at a time.
const LOGINS_MAX: usize = 4;

/// Sign-ins at the provider that are under way at a time: it may be slow, and each keeps a thread waiting.
const SIGN_ONS_MAX: usize = 8;

/// Seconds after which a delivery that found no place may be tried again.
const UPLOAD_RETRY_S: u64 = 10;

/// Files that may be in the making at a time: each takes a core and its bytes.
const EXPORTS_MAX: usize = 4;

/// Digest of what changes answers besides the register: the build and the settings.
///
/// The length of the program's file stands for the build: it is the same wherever the same program runs.
fn salt(settings: &Settings) -> [u8; 32] {
    let program = std::env::current_exe().and_then(std::fs::metadata).map_or(0, |file| file.len());
    let map = (&settings.map_approval_number, settings.internal_use, settings.public_tolerance_m);
    let told = (env!("CARGO_PKG_VERSION"), program, map, &settings.base_layer);
    Sha256::digest(format!("{told:?}")).into()
}

/// One state of the register, as a request asks for it.
pub struct View {
    /// The state.
    pub snapshot: Arc<Snapshot>,
    /// Tag of everything told from it.
    pub tag: EntityTag,
    /// Whether it is the published state, and not pinned by the question to both its clocks.
    pub present: bool,
    /// The clocks as they were asked for.
    pub clocks: Clocks,
    /// Metres by which borders that everybody sees may differ from the true ones.
    pub tolerance_m: f64,
}

impl View {
    /// The same, told to somebody: others are told other things under the same address, so its tag is another one.
    #[must_use]
    pub fn told_to(self, actor: &Actor) -> Self {
        Self { tag: self.tag.of_reader(actor), ..self }
    }

    /// The day on which duties are counted: the one that was asked for, or that of what was known then; else that of
    /// [`Snapshot::due_day`].
    pub fn due_day(&self) -> Date {
        if self.clocks.are_open() { self.snapshot.due_day() } else { self.snapshot.data_date() }
    }

    /// The member `as_of` of an answer.
    pub fn as_of(&self) -> Value {
        let AsOf { day, known } = self.snapshot.as_of();
        json!({ "datetime": day.to_string(), "known": known.0, "present": self.present })
    }
}

/// Runs work that takes a processor or a disk on a thread of its own. The place of the request, and its turn where it is an
/// expensive one, are held until the work is done, also when nobody waits for it any more.
pub async fn work<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    let held = hold_turn().await;
    let held_work = move || {
        let _held = held;
        work()
    };
    tokio::task::spawn_blocking(held_work).await.map_err(|err| Problem::internal(&err))?
}

/// The same for what goes before the work of a request, such as who asks: it takes no turn.
pub async fn prepare<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let held = hold_place();
    let held_work = move || {
        let _held = held;
        work()
    };
    tokio::task::spawn_blocking(held_work).await.map_err(|err| Problem::internal(&err))?
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
    metrics: Metrics,
    rates: Option<RateLimits>,
    load: Load,
    answers: Answers,
    /// Past states that are being built.
    pasts: Pasts,
    /// One looks at a time whether another instance entered something.
    catching_up: Arc<tokio::sync::Mutex<()>>,
    /// Places for deliveries on their way in: each holds its bytes in memory until they are stored.
    uploads: Arc<Semaphore>,
    /// Who the secrets of requests belong to.
    known: Known,
    /// Places for passwords that are compared, which takes a processor and much memory.
    logins: Arc<Semaphore>,
    /// Places for sign-ins that ask the provider.
    sign_ons: Arc<Semaphore>,
    /// Places for files in the making.
    exports: Arc<Semaphore>,
}

/// Settings of the web edge, checked by whoever makes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Base map of the page, none by default: the page then asks no other host.
    pub base_layer: Option<BaseLayer>,
    /// 审图号: with one the map is open to the public, and shows it.
    pub map_approval_number: Option<String>,
    /// How long requests in flight may take to finish at shutdown.
    pub shutdown_grace: Duration,
    /// Whether the map is open to everybody who reaches the server, marked 内部使用.
    pub internal_use: bool,
    /// Metres by which the borders that the public sees may differ from the true ones.
    pub public_tolerance_m: f64,
    /// Names, in lower case, under which the server is reached to change the register, besides its addresses and
    /// `localhost`.
    pub hosts: Vec<String>,
    /// How clients, proxies and pages of other sites are dealt with.
    pub edge: Edge,
}

/// Why the public sees the map, or why it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MapSwitch {
    /// It has this map approval number (审图号).
    Approved(String),
    /// It is for internal use, and whoever reaches the server is inside.
    InternalUse,
    /// It is the demonstration district, which is invented.
    Demonstration,
    /// Neither: only who is signed in sees it.
    Closed,
}

impl MapSwitch {
    /// What settings say of a state.
    pub fn of(settings: &Settings, snapshot: &Snapshot) -> Self {
        match &settings.map_approval_number {
            Some(number) => Self::Approved(number.clone()),
            None if settings.internal_use => Self::InternalUse,
            None if snapshot.is_all_demo() => Self::Demonstration,
            None => Self::Closed,
        }
    }

    /// Whether whoever is not signed in sees the map.
    pub fn is_open(&self) -> bool {
        *self != Self::Closed
    }

    /// What every page, file and print carries.
    pub fn label(&self) -> String {
        match self {
            Self::Approved(number) => format!("审图号 {number}"),
            Self::InternalUse | Self::Closed => "内部使用".to_owned(),
            Self::Demonstration => "示意 · 演示".to_owned(),
        }
    }
}

impl Default for Settings {
    /// A map to look at, with nothing but what it takes.
    fn default() -> Self {
        Self {
            base_layer: None,
            map_approval_number: None,
            shutdown_grace: Duration::from_secs(1),
            internal_use: false,
            public_tolerance_m: 0.0,
            hosts: Vec::new(),
            edge: Edge::default(),
        }
    }
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
        let salt = salt(&settings);
        let uploads = Arc::new(Semaphore::new(UPLOADS_MAX));
        let exports = Arc::new(Semaphore::new(EXPORTS_MAX));
        let sign_ons = Arc::new(Semaphore::new(SIGN_ONS_MAX));
        let (tiles, metrics) = (TileCache::new(), Metrics::new());
        let (known, logins) = (Known::new(), Arc::new(Semaphore::new(LOGINS_MAX)));
        let rates = settings.edge.allowances.as_ref().map(RateLimits::new);
        let (load, answers, pasts) = (Load::new(), Answers::default(), Pasts::new());
        let shared = Shared {
            app,
            settings,
            salt,
            tiles,
            metrics,
            rates,
            load,
            answers,
            pasts,
            catching_up: Arc::default(),
            uploads,
            exports,
            known,
            logins,
            sign_ons,
        };
        Self { shared: Arc::new(shared) }
    }

    /// The register.
    pub fn app(&self) -> &App {
        &self.shared.app
    }

    /// Why the public sees the map, or why it does not; `None` while nothing is loaded.
    pub fn map_switch(&self) -> Option<MapSwitch> {
        Some(MapSwitch::of(self.settings(), self.shared.app.snapshot().ok()?.as_ref()))
    }

    /// The published state.
    pub fn published(&self) -> Result<View, Error> {
        Ok(self.view_of(self.shared.app.snapshot()?, Clocks::default(), true))
    }

    /// The published state, as it is told to somebody.
    pub fn published_for(&self, actor: &Actor) -> Result<View, Error> {
        Ok(self.published()?.told_to(actor))
    }

    /// The published state, which catches up first where it lies before this revision: another instance may have entered it.
    /// There may be no such revision all the same.
    pub async fn published_up_to(&self, revision: Revision) -> Result<View, Problem> {
        let published = self.published()?;
        if revision <= published.snapshot.revision() {
            return Ok(published);
        }
        let turn = Arc::clone(&self.shared.catching_up).lock_owned().await;
        let app = self.shared.app.clone();
        let caught_up = prepare(move || {
            let _turn = turn;
            // Whoever was before may have caught up already.
            let known = app.snapshot()?.revision();
            if revision <= known { Ok(()) } else { Ok(app.catch_up().map(drop)?) }
        });
        caught_up.await?;
        Ok(self.published()?)
    }

    /// A state by both its clocks, for a client. One that is not at hand is built.
    pub async fn state(&self, as_of: AsOf, client: Option<IpAddr>) -> Result<Arc<Snapshot>, Problem> {
        self.shared.pasts.show((self.app(), self.rate_limits()), as_of, client).await
    }

    /// The state that a client asks for. A past one is built on a thread that may work.
    pub async fn view(&self, clocks: Clocks, client: Option<IpAddr>) -> Result<View, Problem> {
        let mut published = self.shared.app.snapshot()?;
        if clocks.are_open() {
            return Ok(self.view_of(published, clocks, true));
        }
        if let Some(revision) = clocks.revision() {
            published = self.published_up_to(revision).await?.snapshot;
        }
        let asked = clocks.question(published.records())?;
        // Naming the revision keeps a record that comes meanwhile out of this answer.
        let question = Question { known: asked.known.or(Some(published.revision())), ..asked };
        let snapshot = self.state(published.resolve(question)?, client).await?;
        // What is pinned to both clocks is told as it will always be told, so nothing of it is said of the present.
        let present = !clocks.are_pinned() && snapshot.as_of() == published.as_of();
        Ok(self.view_of(snapshot, clocks, present))
    }

    fn view_of(&self, snapshot: Arc<Snapshot>, clocks: Clocks, present: bool) -> View {
        let tag = EntityTag::of(&snapshot, &self.shared.salt);
        let tag = if present { tag.of_present() } else { tag };
        View { snapshot, tag, present, clocks, tolerance_m: self.settings().public_tolerance_m }
    }

    /// What was configured.
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// Somebody, how exactly borders are told to them, and what the files that they are given carry: [`Self::mark`].
    pub fn reader<'a>(&self, actor: &'a Actor, mark: &'a str) -> Reader<'a> {
        Reader { actor, tolerance_m: self.settings().public_tolerance_m, mark }
    }

    /// What every page, file and print of a state carries.
    pub fn mark(&self, snapshot: &Snapshot) -> String {
        MapSwitch::of(self.settings(), snapshot).label()
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    /// How often each client has asked of late; `None` where everyone may ask as often as they like.
    pub fn rate_limits(&self) -> Option<&RateLimits> {
        self.shared.rates.as_ref()
    }

    /// Places for the requests that are worked on.
    pub fn load(&self) -> &Load {
        &self.shared.load
    }

    /// Memory of answers that are under way.
    pub fn answers(&self) -> &Answers {
        &self.shared.answers
    }

    /// A place for a delivery on its way in, held until it is dropped. Errors: 503 when all are taken.
    pub fn upload_place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.shared.uploads).try_acquire_owned().map_err(|_| {
            let detail = "other deliveries are coming in; nothing was kept, try again in a moment";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).retry_after(UPLOAD_RETRY_S)
        })
    }

    /// Who the secrets of requests belong to, as far as is remembered.
    pub fn known(&self) -> &Known {
        &self.shared.known
    }

    /// A place for a password that is compared, held until it is dropped.
    pub async fn login_place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.shared.logins).acquire_owned().await.map_err(|err| Problem::internal(&err))
    }

    /// A place for a sign-in that asks the provider, held until it is dropped; `None` when all are taken.
    pub fn sign_on_place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.shared.sign_ons).try_acquire_owned().ok()
    }

    /// A place for a file in the making, held until it is dropped. Errors: 503 when all are taken.
    pub fn export_place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.shared.exports).try_acquire_owned().map_err(|_| {
            let detail = "other files are being made; try again in a moment";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail)
        })
    }

    /// Encoded tiles.
    pub fn tiles(&self) -> &TileCache {
        &self.shared.tiles
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;
    use crate::store::memory::Memory;

    #[test]
    fn files_in_the_making_have_so_many_places_and_leave_them() {
        let site = Site::new(App::new(Arc::new(Memory::new())), Settings::default());
        let places: Vec<_> = (0..EXPORTS_MAX).map(|_| site.export_place().unwrap()).collect();
        let refused = site.export_place().unwrap_err().into_response();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(site.upload_place().is_ok(), "deliveries have places of their own");
        drop(places);
        assert!(site.export_place().is_ok());
    }
}
