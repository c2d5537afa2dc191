//! Settings of how the edge deals with those who ask.

use axum::http::HeaderValue;

use crate::http::client::Network;
use crate::http::limits::Allowances;

/// Connections held at a time unless it is set otherwise; further ones wait in the system's queue.
pub const CONNECTIONS_DEFAULT: usize = 10_240;

/// How the edge deals with clients, proxies and pages of other sites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Proxies whose word on the client's address and on the scheme is taken. None by default.
    pub trusted_proxies: Vec<Network>,
    /// Which pages of other sites may read the data. None by default.
    pub readers: Readers,
    /// How often one client may ask; `None` for as often as it likes.
    pub allowances: Option<Allowances>,
    /// Connections held at a time.
    pub connections: usize,
}

/// Origins whose pages may read the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readers {
    /// These, such as `https://portal.example`.
    Listed(Vec<HeaderValue>),
    /// Every page.
    All,
}

impl Default for Edge {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            readers: Readers::Listed(Vec::new()),
            allowances: Some(Allowances::default()),
            connections: CONNECTIONS_DEFAULT,
        }
    }
}
