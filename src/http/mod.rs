//! Routes and everything at the web edge: parameters, problem documents, caching, the embedded front end.
//!
//! A handler takes its question apart, asks `app`, and dresses the reply; only this module knows status codes.

mod absent;
mod areas;
mod assets;
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
mod register;
mod report;
mod router;
mod search;
mod server;
mod site;
mod street_summary;
mod streets;
mod themes;
mod tiles;

pub use deliveries::UPLOAD_LIMIT;
pub use problem::Problem;
pub use router::{CHANGE_LIMIT, paths, router};
pub use server::{CONNECTION_LIMIT, HEADER_TIMEOUT, serve};
pub use site::{BaseLayer, Settings, Site};
