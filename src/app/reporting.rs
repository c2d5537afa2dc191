//! The register's section of a district report.

use crate::app::Snapshot;
use crate::auth::{Actor, Field};
use crate::model::StreetCode;
use crate::stats::{Report, ReportError, ReportSource, report};

/// Writes the section of a state, as far as the actor may see. Errors: the counts contradict each other.
pub fn write_report(snapshot: &Snapshot, actor: &Actor) -> Result<Report, ReportError> {
    let streets: Vec<(StreetCode, String)> =
        snapshot.streets().iter().map(|street| (street.code.clone(), street.name.clone())).collect();
    report(&ReportSource {
        district: &snapshot.district().name,
        date: snapshot.data_date(),
        tallies: snapshot.tallies(),
        streets: &streets,
        printed: snapshot.figures(),
        with_party: actor.may_see(Field::PartyRates),
    })
}
