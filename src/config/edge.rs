//! The settings of the web edge: proxies, pages of other sites, rates, connections, TLS.

use std::path::PathBuf;

use axum::http::HeaderValue;
use serde::Deserialize;

use crate::config::ConfigError;
use crate::http::{Allowance, Allowances, CONNECTIONS_DEFAULT, Edge, Network, Readers, TlsFiles};

/// Most connections that may be set; each takes a file descriptor and some memory.
pub const CONNECTIONS_LIMIT: usize = 1_000_000;

/// Stands for every origin.
const ALL_ORIGINS: &str = "*";

/// What flags and environment say of the edge; `None` where they say nothing.
#[derive(Debug, Clone, Default)]
pub struct EdgeOverrides {
    /// Networks of proxies that are believed.
    pub trusted_proxies: Option<Vec<String>>,
    /// Origins whose pages may read the data.
    pub cors_origins: Option<Vec<String>>,
    /// Whether clients may ask only so often.
    pub rate_limits: Option<bool>,
    /// Connections at a time.
    pub connections: Option<usize>,
    /// The certificate's file.
    pub tls_certificate: Option<PathBuf>,
    /// Its key's file.
    pub tls_key: Option<PathBuf>,
}

/// What the file says of the edge.
#[derive(Debug, Default)]
pub(super) struct EdgeFile {
    pub(super) cors_origins: Option<Vec<String>>,
    pub(super) rate_limits: Option<bool>,
    pub(super) connections: Option<usize>,
    pub(super) rates: RatesTable,
    pub(super) proxy: ProxyTable,
    pub(super) tls: TlsTable,
}

/// `[proxy]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProxyTable {
    #[serde(default)]
    trusted: Vec<String>,
}

/// `[tls]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TlsTable {
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

/// `[rates]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RatesTable {
    reads: Option<RateTable>,
    expensive: Option<RateTable>,
    writes: Option<RateTable>,
    sign_ins: Option<RateTable>,
    messages: Option<RateTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RateTable {
    per_minute: u32,
    burst: u32,
}

/// The checked settings of the edge, and where its certificate lies.
pub(super) fn check(file: EdgeFile, overrides: EdgeOverrides) -> Result<(Edge, Option<TlsFiles>), ConfigError> {
    let connections = overrides.connections.or(file.connections).unwrap_or(CONNECTIONS_DEFAULT);
    if !(1..=CONNECTIONS_LIMIT).contains(&connections) {
        return Err(wrong("connections", format!("{connections} is not from 1 to {CONNECTIONS_LIMIT}")));
    }
    let allowances = check_rates(file.rates)?;
    let edge = Edge {
        trusted_proxies: check_proxies(overrides.trusted_proxies.unwrap_or(file.proxy.trusted))?,
        readers: check_origins(overrides.cors_origins.or(file.cors_origins).unwrap_or_default())?,
        allowances: overrides.rate_limits.or(file.rate_limits).unwrap_or(true).then_some(allowances),
        connections,
    };
    let certificate = overrides.tls_certificate.or(file.tls.certificate);
    let tls = match (certificate, overrides.tls_key.or(file.tls.key)) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
        (Some(_), None) => return Err(wrong("tls.key", "a certificate needs its key".to_owned())),
        (None, Some(_)) => return Err(wrong("tls.certificate", "a key needs its certificate".to_owned())),
    };
    Ok((edge, tls))
}

fn wrong(key: &'static str, why: String) -> ConfigError {
    ConfigError::Value { key, why }
}

fn check_proxies(texts: Vec<String>) -> Result<Vec<Network>, ConfigError> {
    let named = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
    named.map(|text| text.parse::<Network>().map_err(|err| wrong("proxy.trusted", err.to_string()))).collect()
}

/// Origins as browsers send them: scheme, host and, unless it is the scheme's own, port.
fn check_origins(texts: Vec<String>) -> Result<Readers, ConfigError> {
    let texts: Vec<&str> = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    if texts.contains(&ALL_ORIGINS) {
        return Ok(Readers::All);
    }
    let origin = |text: &&str| {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
        let plain =
            |b: u8| b.is_ascii_digit() || b.is_ascii_lowercase() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
        let right = !host.is_empty() && host.bytes().all(plain);
        let value = HeaderValue::from_str(text).ok().filter(|_| right);
        value.ok_or_else(|| {
            let why =
                format!("{text:?} is not an origin such as https://portal.example, in lower case and without a path");
            wrong("cors_origins", why)
        })
    };
    Ok(Readers::Listed(texts.iter().map(origin).collect::<Result<_, _>>()?))
}

fn check_rates(table: RatesTable) -> Result<Allowances, ConfigError> {
    let defaults = Allowances::default();
    let rate = |table: Option<RateTable>, default: Allowance| match table {
        None => Ok(default),
        Some(RateTable { per_minute, burst }) => Allowance::new(per_minute, burst).ok_or_else(|| {
            wrong("rates", "per_minute and burst are at least 1; rate_limits = false takes them away".to_owned())
        }),
    };
    Ok(Allowances {
        reads: rate(table.reads, defaults.reads)?,
        expensive: rate(table.expensive, defaults.expensive)?,
        writes: rate(table.writes, defaults.writes)?,
        sign_ins: rate(table.sign_ins, defaults.sign_ins)?,
        messages: rate(table.messages, defaults.messages)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> EdgeFile {
        #[derive(Deserialize)]
        struct All {
            cors_origins: Option<Vec<String>>,
            rate_limits: Option<bool>,
            connections: Option<usize>,
            #[serde(default)]
            rates: RatesTable,
            #[serde(default)]
            proxy: ProxyTable,
            #[serde(default)]
            tls: TlsTable,
        }
        let All { cors_origins, rate_limits, connections, rates, proxy, tls } = toml::from_str(text).unwrap();
        EdgeFile { cors_origins, rate_limits, connections, rates, proxy, tls }
    }

    fn edge(text: &str) -> Result<(Edge, Option<TlsFiles>), String> {
        check(file(text), EdgeOverrides::default()).map_err(|err| err.to_string())
    }

    #[test]
    fn nothing_is_open_and_rates_are_limited_unless_told() {
        let (edge, tls) = edge("").unwrap();
        assert_eq!(edge, Edge::default());
        assert_eq!(edge.readers, Readers::Listed(Vec::new()));
        assert!(edge.trusted_proxies.is_empty() && edge.allowances.is_some() && tls.is_none());
    }

    #[test]
    fn what_is_told_is_taken() {
        let text = "cors_origins = ['https://portal.example', 'http://127.0.0.1:8081']\nconnections = 9\n\
                    [proxy]\ntrusted = ['10.0.0.0/8', '::1']\n[tls]\ncertificate = 'c.pem'\nkey = 'k.pem'\n\
                    [rates]\nreads = { per_minute = 7, burst = 3 }";
        let (told, tls) = edge(text).unwrap();
        assert_eq!(told.connections, 9);
        assert_eq!(told.trusted_proxies.iter().map(Network::to_string).collect::<Vec<_>>(), ["10.0.0.0/8", "::1/128"]);
        assert!(matches!(&told.readers, Readers::Listed(origins) if origins.len() == 2));
        assert_eq!(told.allowances.unwrap().reads, Allowance::new(7, 3).unwrap());
        assert_eq!(told.allowances.unwrap().writes, Allowances::default().writes);
        assert_eq!(tls, Some(TlsFiles { certificate: "c.pem".into(), key: "k.pem".into() }));
        assert_eq!(edge("rate_limits = false").unwrap().0.allowances, None);
        assert_eq!(edge("cors_origins = ['*']").unwrap().0.readers, Readers::All);
        let flags = EdgeOverrides {
            rate_limits: Some(true),
            trusted_proxies: Some(vec![" ".to_owned()]),
            ..EdgeOverrides::default()
        };
        let (flagged, _) = check(file("rate_limits = false\n[proxy]\ntrusted = ['10.0.0.0/8']"), flags).unwrap();
        assert!(flagged.allowances.is_some() && flagged.trusted_proxies.is_empty(), "flags win, also with nothing");
    }

    #[test]
    fn what_cannot_be_right_is_refused_with_its_key() {
        for (text, key) in [
            ("connections = 0", "connections"),
            ("cors_origins = ['portal.example']", "cors_origins"),
            ("cors_origins = ['https://portal.example/']", "cors_origins"),
            ("cors_origins = ['https://Portal.example']", "cors_origins"),
            ("cors_origins = ['null']", "cors_origins"),
            ("[proxy]\ntrusted = ['10.0.0.0/33']", "proxy.trusted"),
            ("[tls]\ncertificate = 'c.pem'", "tls.key"),
            ("[tls]\nkey = 'k.pem'", "tls.certificate"),
            ("[rates]\nreads = { per_minute = 0, burst = 3 }", "rates"),
        ] {
            assert!(edge(text).unwrap_err().contains(key), "{text}");
        }
    }
}
