//! File, environment and flags to one checked `Config`.
//!
//! A flag wins over the environment, the environment over the file, the file over the default. An unknown key in the file
//! is an error, because a misspelt key that is ignored looks like a setting that works.

mod edge;
mod sign_on;

pub use edge::EdgeOverrides;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::app::access::REPORTS_PER_DAY;
use crate::app::access::single_sign_on::SignOnSettings;
use crate::config::edge::{EdgeFile, ProxyTable, RatesTable, TlsTable};
use crate::config::sign_on::SignOnTable;
use crate::http::{BaseLayer, Settings, TlsFiles};
use crate::store::Place;

/// File that is read when none is named and it exists.
pub const CONFIG_FILE: &str = "onemap.toml";

/// Longest time that requests in flight may take to finish at shutdown, seconds.
pub const SHUTDOWN_GRACE_LIMIT_S: u64 = 300;

/// Most megabytes that past states may be allowed to take.
pub const PAST_MEMORY_LIMIT_MB: u64 = 1024 * 1024;

/// Enough for a dozen past states of a register of 1,637 areas, or two of 100,000.
const PAST_MEMORY_DEFAULT_MB: u64 = 512;
/// Largest tolerance of public borders, metres: beyond it neighbours could not be told apart.
pub const PUBLIC_TOLERANCE_LIMIT_M: f64 = 50.0;

/// Less than a pixel of the map at the zooms that it is looked at, and more than a survey's accuracy of a few centimetres: who
/// looks at the map misses nothing, and nobody can stake out a border by it.
pub const PUBLIC_TOLERANCE_DEFAULT_M: f64 = 1.0;
const STORE_DEFAULT: &str = "data/onemap.gpkg";
const LISTEN_DEFAULT: &str = "127.0.0.1:8080";
const SHUTDOWN_GRACE_DEFAULT_S: u64 = 10;
const KEY_CHARACTERS_MAX: usize = 64;

/// Longest name of a host, characters (RFC 1035, 2.3.4).
const HOST_CHARACTERS_MAX: usize = 253;

/// Why the settings are refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}", .0.display())]
    Read(PathBuf, #[source] std::io::Error),
    /// The file is not TOML, or holds an unknown key.
    #[error("the configuration file {} is not right", .0.display())]
    Parse(PathBuf, #[source] Box<toml::de::Error>),
    /// A value is readable but not allowed.
    #[error("{key}: {why}")]
    Value {
        /// The setting.
        key: &'static str,
        /// What is wrong with it and what would be right.
        why: String,
    },
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// Settings of a server, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where the register lies.
    pub store: Place,
    /// Certificates (PEM) that the database's certificate must be signed by; those of the system unless told.
    pub store_ca: Option<PathBuf>,
    /// Address and port to listen on; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Most memory that past states may take, bytes.
    pub past_memory: u64,
    /// File of the operator with datum shifts and local systems; its contents are never shown.
    pub local_systems: Option<PathBuf>,
    /// Where the certificate lies; without one the server speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// The provider that lets people in besides passwords.
    pub sign_on: Option<SignOnSettings>,
    /// Reports of whoever is not signed in that are taken in a day.
    pub reports_per_day: u32,
    /// What the web edge shows and how it stops.
    pub site: Settings,
}

/// What flags and environment say; `None` where they say nothing.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Configuration file.
    pub config: Option<PathBuf>,
    /// Where the register lies.
    pub store: Option<Place>,
    /// Certificates for a database.
    pub store_ca: Option<PathBuf>,
    /// Address and port to listen on.
    pub listen: Option<SocketAddr>,
    /// How log lines look.
    pub log_format: Option<LogFormat>,
    /// 审图号
    pub map_approval_number: Option<String>,
    /// Key of the Tianditu base map.
    pub tianditu_key: Option<String>,
    /// Seconds that requests in flight may take to finish at shutdown.
    pub shutdown_grace_s: Option<u64>,
    /// Whether the map is shown to everybody, marked 内部使用.
    pub internal_use: Option<bool>,
    /// Metres by which public borders may differ from the true ones.
    pub public_tolerance_m: Option<f64>,
    /// Names under which the register may be changed.
    pub hosts: Option<Vec<String>>,
    /// Megabytes that past states may take.
    pub past_memory_mb: Option<u64>,
    /// File of datum shifts and local systems.
    pub local_systems: Option<PathBuf>,
    /// How clients are dealt with.
    pub edge: EdgeOverrides,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    store: Option<String>,
    store_ca: Option<PathBuf>,
    listen: Option<SocketAddr>,
    map_approval_number: Option<String>,
    base_layer: Option<BaseLayerTable>,
    log_format: Option<LogFormat>,
    shutdown_grace_s: Option<u64>,
    internal_use: Option<bool>,
    public_tolerance_m: Option<f64>,
    hosts: Option<Vec<String>>,
    past_memory_mb: Option<u64>,
    reports_per_day: Option<u32>,
    local_systems: Option<PathBuf>,
    cors_origins: Option<Vec<String>>,
    rate_limits: Option<bool>,
    connections: Option<usize>,
    #[serde(default)]
    rates: RatesTable,
    #[serde(default)]
    proxy: ProxyTable,
    #[serde(default)]
    tls: TlsTable,
    single_sign_on: Option<SignOnTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BaseLayerTable {
    kind: BaseLayerKind,
    key: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BaseLayerKind {
    Tianditu,
}

impl Config {
    /// Reads the file that is named, or [`CONFIG_FILE`] if it exists, and puts the overrides over it. Errors name the key.
    pub fn load(overrides: Overrides) -> Result<Self, ConfigError> {
        let file = match &overrides.config {
            Some(path) => read(path)?,
            None if Path::new(CONFIG_FILE).exists() => read(Path::new(CONFIG_FILE))?,
            None => ConfigFile::default(),
        };
        Self::check(file, overrides)
    }

    fn check(file: ConfigFile, overrides: Overrides) -> Result<Self, ConfigError> {
        let map_approval_number = overrides.map_approval_number.or(file.map_approval_number);
        let map_approval_number = map_approval_number.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
        let grace_s = overrides.shutdown_grace_s.or(file.shutdown_grace_s).unwrap_or(SHUTDOWN_GRACE_DEFAULT_S);
        if grace_s > SHUTDOWN_GRACE_LIMIT_S {
            return Err(ConfigError::Value {
                key: "shutdown_grace_s",
                why: format!("{grace_s} is more than the {SHUTDOWN_GRACE_LIMIT_S} seconds allowed"),
            });
        }
        let internal_use = overrides.internal_use.or(file.internal_use).unwrap_or(false);
        let tolerance_m =
            overrides.public_tolerance_m.or(file.public_tolerance_m).unwrap_or(PUBLIC_TOLERANCE_DEFAULT_M);
        if !(0.0..=PUBLIC_TOLERANCE_LIMIT_M).contains(&tolerance_m) {
            return Err(ConfigError::Value {
                key: "public_tolerance_m",
                why: format!("{tolerance_m} is not between 0 and {PUBLIC_TOLERANCE_LIMIT_M} metres"),
            });
        }
        let hosts = check_hosts(overrides.hosts.or(file.hosts).unwrap_or_default())?;
        let past_memory_mb = overrides.past_memory_mb.or(file.past_memory_mb).unwrap_or(PAST_MEMORY_DEFAULT_MB);
        if past_memory_mb > PAST_MEMORY_LIMIT_MB {
            return Err(ConfigError::Value {
                key: "past_memory_mb",
                why: format!("{past_memory_mb} is more than the {PAST_MEMORY_LIMIT_MB} megabytes allowed"),
            });
        }
        let key =
            overrides.tianditu_key.or(file.base_layer.map(|BaseLayerTable { kind: BaseLayerKind::Tianditu, key }| key));
        let base_layer = key.map(check_base_layer).transpose()?;
        let ConfigFile { cors_origins, rate_limits, connections, rates, proxy, tls, .. } = file;
        let edge_file = EdgeFile { cors_origins, rate_limits, connections, rates, proxy, tls };
        let (edge, tls) = edge::check(edge_file, overrides.edge)?;
        Ok(Self {
            store: overrides
                .store
                .or_else(|| file.store.as_deref().map(Place::parse))
                .unwrap_or_else(|| Place::parse(STORE_DEFAULT)),
            store_ca: overrides.store_ca.or(file.store_ca),
            listen: overrides
                .listen
                .or(file.listen)
                .unwrap_or_else(|| LISTEN_DEFAULT.parse().expect("the default is an address")),
            log_format: overrides.log_format.or(file.log_format).unwrap_or(LogFormat::Text),
            past_memory: past_memory_mb * 1024 * 1024,
            local_systems: overrides.local_systems.or(file.local_systems),
            reports_per_day: file.reports_per_day.unwrap_or(REPORTS_PER_DAY),
            tls,
            sign_on: file.single_sign_on.map(sign_on::check).transpose()?,
            site: Settings {
                base_layer,
                map_approval_number,
                shutdown_grace: Duration::from_secs(grace_s),
                internal_use,
                public_tolerance_m: tolerance_m,
                hosts,
                edge,
            },
        })
    }
}

fn read(path: &Path) -> Result<ConfigFile, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|err| ConfigError::Read(path.to_owned(), err))?;
    toml::from_str(&text).map_err(|err| ConfigError::Parse(path.to_owned(), Box::new(err)))
}

/// Names in lower case. Blank ones are left out, so that an empty variable means none.
fn check_hosts(hosts: Vec<String>) -> Result<Vec<String>, ConfigError> {
    let mut names: Vec<String> = hosts.iter().map(|host| host.trim().to_ascii_lowercase()).collect();
    names.retain(|name| !name.is_empty());
    let right = |name: &String| {
        name.len() <= HOST_CHARACTERS_MAX
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    match names.iter().find(|name| !right(name)) {
        Some(name) => Err(ConfigError::Value {
            key: "hosts",
            why: format!("{name:?} is not the name of a host such as map.example, without scheme and port"),
        }),
        None => Ok(names),
    }
}

fn check_base_layer(key: String) -> Result<BaseLayer, ConfigError> {
    if key.is_empty() || key.len() > KEY_CHARACTERS_MAX || !key.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(ConfigError::Value {
            key: "base_layer.key",
            why: format!("a Tianditu key has 1 to {KEY_CHARACTERS_MAX} letters and digits"),
        });
    }
    Ok(BaseLayer { key })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        let file: ConfigFile = toml::from_str(text).map_err(|err| err.to_string())?;
        Config::check(file, Overrides::default()).map_err(|err| err.to_string())
    }

    #[test]
    fn an_empty_file_gives_the_defaults() {
        let config = parse("").unwrap();
        assert_eq!(config.store, Place::File(PathBuf::from("data/onemap.gpkg")));
        assert!(!config.site.internal_use && config.site.map_approval_number.is_none(), "the map is closed");
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!((config.reports_per_day, parse("reports_per_day = 5").unwrap().reports_per_day), (1_000, 5));
        assert_eq!(config.site.base_layer, None);
    }

    #[test]
    fn flags_win_over_the_file() {
        let file: ConfigFile = toml::from_str("store = 'a.gpkg'\nlisten = '127.0.0.1:1'\nlog_format = 'json'").unwrap();
        let overrides = Overrides { store: Some(Place::parse("b.gpkg")), ..Overrides::default() };
        let config = Config::check(file, overrides).unwrap();
        assert_eq!(config.store, Place::File(PathBuf::from("b.gpkg")));
        assert_eq!(config.listen.port(), 1);
        assert_eq!(config.log_format, LogFormat::Json);
    }

    #[test]
    fn a_database_is_told_by_its_address() {
        let config = parse("store = 'postgres://me:secret@db/onemap'\nstore_ca = 'ca.pem'").unwrap();
        assert!(matches!(config.store, Place::Database(_)));
        assert_eq!(config.store.to_string(), "postgres://db/onemap");
        assert_eq!(config.store_ca, Some(PathBuf::from("ca.pem")));
    }

    #[test]
    fn a_misspelt_key_and_values_out_of_range_are_refused() {
        assert!(parse("lisen = '127.0.0.1:1'").unwrap_err().contains("lisen"));
        assert!(parse("audience = 'public'").unwrap_err().contains("audience"), "roles took its place");
        assert!(parse("editing = true").unwrap_err().contains("editing"), "roles took its place");
        assert!(parse("internal_use = true\nmap_approval_number = 'GS(2024)0001号'").is_ok());
        assert!(parse("public_tolerance_m = -0.1").unwrap_err().contains("public_tolerance_m"));
        assert!(parse("public_tolerance_m = 51").is_err() && parse("public_tolerance_m = 'x'").is_err());
        assert!(parse("[base_layer]\nkind = 'tianditu'\nkey = 'a b'").unwrap_err().contains("base_layer.key"));
        assert!(parse("shutdown_grace_s = 301").unwrap_err().contains("shutdown_grace_s"));
        assert_eq!(parse("hosts = ['Map.Example', ' ']").unwrap().site.hosts, ["map.example"]);
        assert!(parse("hosts = ['http://map.example']").unwrap_err().contains("hosts"));
        assert!(parse("[single_sign_on]\nname = 'x'").unwrap_err().contains("issuer"));
        assert!(parse("past_memory_mb = 9999999999").unwrap_err().contains("past_memory_mb"));
    }
}
