//! The register as one side of a comparison.

use crate::app::Snapshot;
use crate::model::{Area, CommitteeStatus, Management};
use crate::reconcile::{Record, Shape};

/// The areas of a snapshot as records for the matcher, by their codes.
pub fn register_side(snapshot: &Snapshot) -> Vec<Record> {
    snapshot.positions().map(|position| record(snapshot, position)).collect()
}

fn record(snapshot: &Snapshot, position: usize) -> Record {
    let area: &Area = snapshot.area(position);
    let street = snapshot.street_of(area).name.clone();
    Record {
        id: area.code.to_string(),
        shape: Shape::Outline(snapshot.boundary(position).clone()),
        name: area.name.clone(),
        aliases: area.other_names.iter().map(|name| name.text.clone()).collect(),
        address: area.attributes.address.clone().unwrap_or_default(),
        street,
        management: management_text(area.management).to_owned(),
        committee: committee_text(snapshot.status(position)).to_owned(),
        company: snapshot.manager_of(area).map(|manager| manager.name.clone()).unwrap_or_default(),
        households: area.attributes.households.map(|count| count.to_string()).unwrap_or_default(),
        source: String::new(),
        repaired: false,
    }
}

/// How a kind of management is written for the matcher; empty while nobody has said.
pub(super) fn management_text(management: Management) -> &'static str {
    match management {
        Management::Contracted => "contracted",
        Management::QuasiProperty(_) => "quasi",
        Management::Unknown => "",
    }
}

/// How a status is written for the matcher; empty while nobody has said.
pub(super) fn committee_text(status: CommitteeStatus) -> &'static str {
    match status {
        // While both exist, the elected one is what the street reports.
        CommitteeStatus::Owners | CommitteeStatus::Transition => "owners_committee",
        CommitteeStatus::PropertyManagement => "management_committee",
        CommitteeStatus::None => "none",
        CommitteeStatus::Unknown => "",
    }
}
