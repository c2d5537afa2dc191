//! The seeded generator of the demonstration district: 1,637 invented areas in the schematic street cells.
//!
//! The same base and the same seed give the same files, byte for byte, on every platform: randomness is ChaCha8 turned
//! into choices by our own few lines, and geometry uses only operations that IEEE 754 defines exactly. Everything made
//! here is marked as demonstration data (演示数据 非真实).

mod base;
mod blocks;
mod committees;
mod district;
mod draw;
mod estates;
mod facts;
mod managers;
mod names;
mod plan;
mod plane;
mod plots;
mod write;

pub use base::Base;

use crate::model::CodeError;

/// Seed of the demonstration district that comes with the program.
pub const SEED: u64 = 20_221_027;

/// A generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it belongs, relative to `assets/geojson`, with slashes.
    pub path: &'static str,
    /// What it says: UTF-8 without byte order mark, lines end with LF.
    pub text: String,
}

/// Why the district could not be generated.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// An input cannot be read or lacks something.
    #[error("the base file {file} cannot be used: {reason}")]
    Base {
        /// Which file.
        file: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The cell of a street is too small for the planned number of areas.
    #[error("the cell of street {street} has room for only {found} of its areas")]
    DoesNotFit {
        /// Code of the street.
        street: &'static str,
        /// How many areas found a place.
        found: usize,
    },
    /// The list has no communities for a street, or more communities than areas are planned.
    #[error("street {street} has no community for one of its areas")]
    NoCommunity {
        /// Code of the street.
        street: &'static str,
    },
    /// A made-up credit code is not one.
    #[error("a credit code cannot be completed")]
    Code(#[from] CodeError),
    /// A table cannot be written.
    #[error("a table cannot be written")]
    Csv(#[from] csv::Error),
}

/// Generates the files of the demonstration district, see `assets/geojson/README.md` for what they hold.
///
/// Errors: [`DemoError`] names the base file or the street.
pub fn generate(base: &Base, seed: u64) -> Result<Vec<File>, DemoError> {
    let streets = base.street_list()?;
    let district = district::district(&streets, seed)?;
    write::files(&base.outline()?, &streets, &district)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn draft() {
        for f in generate(&Base::embedded(), SEED).unwrap() {
            let p = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/geojson").join(f.path);
            std::fs::create_dir_all(p.parent().unwrap()).unwrap();
            std::fs::write(p, f.text).unwrap();
        }
    }
}
