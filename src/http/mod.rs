//! Routes and everything at the web edge: parameters, problem documents, caching, the embedded front end.
//!
//! A handler takes its question apart, asks `app`, and dresses the reply; only this module knows status codes.

mod absent;
mod accounts;
mod areas;
mod assets;
mod audit;
mod body;
mod cache;
mod changes;
mod clocks;
mod completeness;
mod deliveries;
mod due;
mod entry_headers;
mod export;
mod extract;
mod feed;
mod findings;
mod health;
mod history;
mod identify;
mod ledger;
mod locate;
mod manager_gaps;
mod managers;
mod metrics;
mod problem;
mod rate_lists;
mod rates;
mod record_entry;
mod records;
mod refused;
mod register;
mod report;
mod reports;
mod router;
mod search;
mod server;
mod session;
mod site;
mod street_summary;
mod streets;
mod themes;
mod tiles;
mod tokens;

pub use deliveries::UPLOAD_LIMIT;
pub use identify::Peer;
pub use problem::Problem;
pub use router::{CHANGE_LIMIT, paths, router};
pub use server::{CONNECTION_LIMIT, HEADER_TIMEOUT, serve};
pub use site::{BaseLayer, MapSwitch, Settings, Site};
