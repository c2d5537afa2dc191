//! What is not as in the base of a snapshot.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::app::snapshot::Held;
use crate::geom::CellMap;
use crate::history::Lineage;
use crate::model::{AreaCode, ManagerId};
use crate::store::AbsentArea;

/// Areas that changed, came or went since the base was built, and all that follows from it. Small, and copied with every
/// change.
///
/// An area keeps its position while the base lives; one that came has a position after those of the base.
#[derive(Clone, Default)]
pub(super) struct Patch {
    /// Areas that are not as in the base, by position; `None` where there is none any more.
    pub areas: CellMap<u32, Option<Arc<Held>>>,
    /// Positions of areas that were not in the base, also of those that have gone again.
    pub added: BTreeMap<AreaCode, u32>,
    /// Positions of the areas of a street, in order of code, where they are not those of the base.
    pub by_street: HashMap<usize, Vec<u32>>,
    /// The same for managers.
    pub managed: HashMap<ManagerId, Vec<u32>>,
    /// Absent areas that are not as in the base; `None` for those that are not absent.
    pub absent: BTreeMap<AreaCode, Option<AbsentArea>>,
    /// Lineage that came.
    pub lineage: Vec<Lineage>,
}

impl Patch {
    /// How many areas are not as in the base.
    pub fn len(&self) -> usize {
        self.areas.len()
    }

    /// The area at this position when it is not as in the base: `Some(None)` when it has gone.
    pub fn held(&self, position: u32) -> Option<Option<&Held>> {
        if self.areas.is_empty() {
            return None;
        }
        self.areas.get(&position).map(Option::as_deref)
    }
}
