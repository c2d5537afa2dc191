//! Why an entry cannot be entered.

use std::collections::HashSet;

use crate::history::{Entry, Key, Kind, Put};
use crate::model::{AreaCode, DeliveryId, DeliveryState, Origin, Revision, Validity};

/// Why a store refuses an entry. Nothing of it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A code is taken, perhaps by something that has ended: codes are never used again.
    #[error("the register already has the {0}")]
    CodeExists(Key),
    /// A change of something that was never entered.
    #[error("the register does not have the {0}")]
    NoSuchThing(Key),
    /// Something refers to what is not there.
    #[error("{key} refers to {target}, which the register does not have")]
    UnknownReference {
        /// What refers.
        key: Key,
        /// To what.
        target: Key,
    },
    /// The period of a put has no day.
    #[error("the period of {0} ends before it begins")]
    EmptyPeriod(Key),
    /// Streets, communities, managers and the district are always there; only what is said of them changes.
    #[error("{0} can be changed from a day on, but neither begin nor end")]
    Lasting(Key),
    /// Somebody else changed the area after the author looked at it.
    #[error("area {area} was changed under revision {latest}, after revision {seen} that this change is based on")]
    Changed {
        /// The area.
        area: AreaCode,
        /// What the author looked at.
        seen: Revision,
        /// What there is now.
        latest: Revision,
    },
    /// Something was entered after the entry was worked out.
    #[error("the register is at revision {latest}, no longer at revision {basis} that the entry was worked out on")]
    Moved {
        /// What the entry was worked out on.
        basis: Revision,
        /// What there is now; 0 while nothing was entered.
        latest: Revision,
    },
    /// The entry names a delivery that was never received.
    #[error("delivery {0} was never received")]
    NoSuchDelivery(DeliveryId),
    /// The entry publishes a delivery that is in the register already.
    #[error("delivery {delivery} is {}, so it cannot be published", .state.key())]
    NotPublishable {
        /// The delivery.
        delivery: DeliveryId,
        /// What became of it before.
        state: DeliveryState,
    },
    /// The entry takes back a delivery that is not in the register.
    #[error("delivery {delivery} is {}, so it cannot be taken back", .state.key())]
    NotPublished {
        /// The delivery.
        delivery: DeliveryId,
        /// What became of it before.
        state: DeliveryState,
    },
}

/// What becomes of a delivery under the record `by`; `state` is what has become of it so far, `None` where it was never
/// received. What was taken back may be published again.
pub fn next_state(origin: &Origin, state: Option<DeliveryState>, by: Revision) -> Result<DeliveryState, Refusal> {
    let delivery = origin.delivery();
    let state = state.ok_or(Refusal::NoSuchDelivery(delivery))?;
    match (origin, state) {
        (Origin::Publishes { .. }, DeliveryState::Received | DeliveryState::Undone { .. }) => {
            Ok(DeliveryState::Published { revision: by })
        }
        (Origin::Publishes { .. }, DeliveryState::Published { .. }) => Err(Refusal::NotPublishable { delivery, state }),
        (Origin::Undoes { .. }, DeliveryState::Published { revision }) => Ok(DeliveryState::Undone { revision, by }),
        (Origin::Undoes { .. }, DeliveryState::Received | DeliveryState::Undone { .. }) => {
            Err(Refusal::NotPublished { delivery, state })
        }
    }
}

/// Refuses an entry that was worked out on another revision than the `latest` one. A request that is asked again is to be
/// answered before.
pub fn check_basis(entry: &Entry, latest: Option<Revision>) -> Result<(), Refusal> {
    match entry.basis {
        Some(basis) if latest != Some(basis) => Err(Refusal::Moved { basis, latest: latest.unwrap_or(Revision(0)) }),
        _ => Ok(()),
    }
}

/// Checks what follows from the entry alone.
pub fn check_puts(entry: &Entry) -> Result<(), Refusal> {
    let mut entered = HashSet::new();
    for put in &entry.puts {
        let key = put.key();
        if put.valid().is_empty() {
            return Err(Refusal::EmptyPeriod(key));
        }
        let lasting = matches!(key.kind, Kind::District | Kind::Street | Kind::Community | Kind::Manager);
        match put {
            Put::New { valid, .. } if lasting && *valid != Validity::default() => return Err(Refusal::Lasting(key)),
            Put::End { .. } if lasting => return Err(Refusal::Lasting(key)),
            Put::New { .. } if !entered.insert(key.clone()) => return Err(Refusal::CodeExists(key)),
            _ => {}
        }
    }
    Ok(())
}
