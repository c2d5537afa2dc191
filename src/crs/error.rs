//! What can go wrong with coordinates.

use crate::crs::codes::Datum;
use crate::crs::grid::{GRID_CRS, GRID_EASTING_M, GRID_NORTHING_M};

/// Why a reference system or a coordinate was refused. Texts never hold the definition of a local system.
#[derive(Debug, thiserror::Error)]
pub enum CrsError {
    /// The text names no system.
    #[error("`{0}` names no reference system: write a code such as EPSG:4548, GCJ-02, BD-09, WKT or a PROJ string")]
    Unknown(String),
    /// The text says that no system is declared (`null`, empty).
    #[error("no reference system is declared: say which one the coordinates are in")]
    Undeclared,
    /// A definition would make PROJ open a file or start another definition.
    #[error("the definition of the reference system may not name `{0}`: give projection and ellipsoid only")]
    Forbidden(&'static str),
    /// PROJ refuses a definition or a code.
    #[error("PROJ does not know {crs}: check the code or the definition")]
    Definition {
        /// Key of the system.
        crs: String,
        /// What PROJ says.
        #[source]
        source: proj::ProjCreateError,
    },
    /// Without parameters of its datum the system would come out some 70 m off.
    #[error(
        "{crs} is on {datum}, and no public parameters lead from there to CGCS2000: enter them in the operator's file"
    )]
    NeedsParameters {
        /// Key of the system, for example `EPSG:2436`.
        crs: String,
        /// The datum without parameters.
        datum: Datum,
    },
    /// The operator's file has no local system of this name.
    #[error("the operator's file has no local system `{0}`")]
    NoSuchLocal(String),
    /// PROJ refuses a local system; its definition is not shown.
    #[error("PROJ refuses the local system `{0}`: check its definition in the operator's file")]
    Local(String),
    /// A point of a batch is not finite or far outside its system.
    #[error("point {index}, ({x}, {y}), is outside {crs}: check the reference system and the axis order")]
    OutOfBounds {
        /// Key of the system that the point should be in.
        crs: String,
        /// Position in the batch, from 0.
        index: usize,
        /// First coordinate as given.
        x: f64,
        /// Second coordinate as given.
        y: f64,
    },
    /// PROJ has no answer for a point.
    #[error("PROJ cannot convert point {index}, ({x}, {y}), of {crs}")]
    NotConverted {
        /// Key of the system.
        crs: String,
        /// Position in the batch, from 0.
        index: usize,
        /// First coordinate as given.
        x: f64,
        /// Second coordinate as given.
        y: f64,
    },
    /// The point is outside the part of the survey grid that we convert.
    #[error("({0}, {1}) is outside {GRID_CRS}: expected eastings {e0} to {e1} and northings {n0} to {n1} in metres",
        e0 = GRID_EASTING_M.start(), e1 = GRID_EASTING_M.end(), n0 = GRID_NORTHING_M.start(), n1 = GRID_NORTHING_M.end())]
    Outside(f64, f64),
    /// PROJ failed on this point of the survey grid.
    #[error("PROJ cannot convert ({0}, {1})")]
    Convert(f64, f64, #[source] proj::ProjError),
    /// PROJ gave a wrong answer to a question with a known one.
    #[error("PROJ is broken on this machine: a known point of {GRID_CRS} comes out {0} m off")]
    SelfTest(f64),
}
