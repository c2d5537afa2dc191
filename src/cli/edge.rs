//! Flags of how a server deals with its clients.

use std::path::PathBuf;

use clap::Args;

use crate::config::EdgeOverrides;

/// Flags of the web edge.
#[derive(Debug, Args)]
pub struct EdgeArguments {
    /// File with the server's certificate and those that lead to its root (PEM); TLS is spoken then [default: none].
    #[arg(long, value_name = "FILE", env = "ONEMAP_TLS_CERTIFICATE")]
    tls_certificate: Option<PathBuf>,
    /// File with the certificate's private key (PEM); both are read again at SIGHUP.
    #[arg(long, value_name = "FILE", env = "ONEMAP_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// Networks of the proxies that are believed when they tell a client's address [default: none].
    #[arg(long, value_name = "NETWORK,…", env = "ONEMAP_TRUSTED_PROXIES", value_delimiter = ',')]
    trusted_proxies: Option<Vec<String>>,
    /// Origins whose pages may read the data, * for all [default: none].
    #[arg(long, value_name = "ORIGIN,…", env = "ONEMAP_CORS_ORIGINS", value_delimiter = ',')]
    cors_origins: Option<Vec<String>>,
    /// Whether a client may ask only so often [default: yes].
    #[arg(long, value_name = "YES", env = "ONEMAP_RATE_LIMITS", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    rate_limits: Option<bool>,
    /// Connections held at a time [default: 10240].
    #[arg(long, value_name = "NUMBER", env = "ONEMAP_CONNECTIONS")]
    connections: Option<usize>,
}

impl EdgeArguments {
    /// What they say.
    pub fn overrides(self) -> EdgeOverrides {
        let Self { tls_certificate, tls_key, trusted_proxies, cors_origins, rate_limits, connections } = self;
        EdgeOverrides { trusted_proxies, cors_origins, rate_limits, connections, tls_certificate, tls_key }
    }
}
