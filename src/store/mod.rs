//! The register at rest.
