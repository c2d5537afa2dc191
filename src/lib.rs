//! onemap: the register of a district's property-management areas (物业管理区域) and the one map of it.
//!
//! # Bird's-eye view
//!
//! Files become a checked change set (`formats`, `ingest`); `app`, the only writer, puts it into the store as one `Record`
//! in one transaction; after that a new immutable `Snapshot` (areas, R-tree, search index, tile pyramid) is built from the
//! store and swapped in whole. Every reader (`http`, `cli`) holds one snapshot from start to end of its work.
//!
//! # Invariants
//!
//! - The order of the modules below is the architecture: a module uses only modules that stand above it.
//! - Everything down to `demo` is pure: no I/O, clock, `async` or SQL.
//! - Longitude comes before latitude everywhere; plain `geo` types are degrees (EPSG:4490, equal to WGS 84 within a metre).
//! - Only `http` knows status codes, only `cli` exit codes, only `store` SQL.
//! - Source geometry is stored byte for byte; simplification is for display only.

#![cfg_attr(test, allow(clippy::unwrap_used))]

// Pure geometry without domain types: validity, distances on the ellipsoid, shared-edge simplification.
pub mod geom;

// Coordinate reference systems: names, conversions through PROJ, shifted degrees, and which system a file is in.
pub mod crs;

// What things are: areas, management, committees, streets, managers, records, dates, theme classes.
pub mod model;

// Who asks, and which fields they may see.
pub mod auth;

// The immutable R-tree over one snapshot: at, within, nearest.
pub mod index;

// Names, aliases, pinyin, addresses and codes to areas, streets and managers.
pub mod search;

// Counts in, ratios with numerator and denominator out.
pub mod stats;

// Areas in, vector tile bytes out.
pub mod tiles;

// Two descriptions of the same areas in, explained matches out; never writes.
pub mod reconcile;

// Bytes to raw records and back, in every format that offices deliver.
pub mod formats;

// Raw records to a checked change set and a list of faults; deliveries to drafts and findings.
pub mod ingest;

// Facts with two clocks: versions, entries, lineage, and the operations that change areas.
pub mod history;

// The seeded generator of the demonstration district.
pub mod demo;

// The register at rest: one GeoPackage file behind the `Store` trait.
pub mod store;

// Use cases, the only writer, and the published snapshot.
pub mod app;

// Routes, query parameters, problem documents, caching and the embedded front end.
pub mod http;

// File, environment and flags to one checked `Config`.
pub mod config;

// The subcommands: the same use cases as `http`.
pub mod cli;
