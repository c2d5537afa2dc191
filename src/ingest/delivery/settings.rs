//! How a delivery is to be understood: what a clerk confirms before it is checked.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::crs::Assumption;
use crate::ingest::delivery::ColumnMap;

/// Of what a delivery is complete. Areas that lie in its scope and are not in it vanish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scope {
    /// Of nothing: it tells of the areas that it lists, and nothing vanishes.
    #[default]
    Listed,
    /// Of the streets that its rows name.
    Streets,
    /// Of the whole district.
    District,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::Listed, Self::Streets, Self::District];

    /// Name used in settings and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Streets => "streets",
            Self::District => "district",
        }
    }

    /// The scope of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.key() == key)
    }
}

/// How a delivery is to be understood.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// What the columns of a layer mean, by the layer's name; a layer that is not named is guessed.
    pub columns: BTreeMap<String, ColumnMap>,
    /// Layers that are left out.
    pub left_out: Vec<String>,
    /// The reference system, confirmed; without it the files' own word counts, and a doubt keeps the delivery from being
    /// published.
    pub position: Option<Assumption>,
    /// Of what it is complete.
    pub scope: Scope,
    /// The day from which it is true; the day of its record when not told.
    pub effective: Option<Date>,
    /// Encoding of texts by its WHATWG label; found out when not told.
    pub encoding: Option<String>,
}

impl Settings {
    /// Leaves out every layer of `columns` but one, where one is asked for.
    pub fn leave_out_all_but(&mut self, layer: Option<&str>) {
        if let Some(layer) = layer {
            self.left_out = self.columns.keys().filter(|name| *name != layer).cloned().collect();
        }
    }
}
