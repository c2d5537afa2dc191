//! The only test binary: the seams of the program (`http_*`, `cli`) and the tidiness of the tree.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails where it should")]

mod cli;
mod cli_account;
mod cli_backup;
mod cli_deliveries;
mod cli_reconcile;
mod cli_store;
mod deliveries_durability;
mod formats_gdal;
mod hostile;
mod http_access;
mod http_areas;
mod http_clocks;
mod http_deliveries;
mod http_edge;
mod http_hidden_values;
mod http_hostile;
mod http_locate;
mod http_numbers;
mod http_officers;
mod http_public;
mod http_records;
mod http_routes;
mod http_search;
mod http_single_sign_on;
mod http_small_counts;
mod http_sockets;
mod http_stats;
mod http_tiles;
mod http_tls;
mod instances;
mod postgis;
mod reconcile;
mod single_sign_on;
mod support;
mod tidy;
#[path = "../trial/mod.rs"]
#[allow(dead_code, missing_docs, reason = "shared with the benches, which use other parts of it")]
mod trial;
