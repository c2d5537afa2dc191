//! The register's section of a district report.

use crate::app::{App, Error, Snapshot};
use crate::auth::{Actor, Field};
use crate::model::StreetCode;
use crate::stats::{Report, ReportSource, report};

impl App {
    /// Writes the section of a state, as far as the actor may see. Disk and CPU work: not for an async thread. Errors: the
    /// counts contradict each other ([`Error::Report`]), or the store fails.
    pub fn write_report(&self, snapshot: &Snapshot, actor: &Actor) -> Result<Report, Error> {
        let streets: Vec<(StreetCode, String)> =
            snapshot.streets().iter().map(|street| (street.code.clone(), street.name.clone())).collect();
        let printed = self.printed(snapshot)?;
        let source = ReportSource {
            district: &snapshot.district().name,
            date: snapshot.data_date(),
            tallies: snapshot.tallies(),
            streets: &streets,
            printed: &printed,
            with_party: actor.may_see(Field::PartyRates),
        };
        Ok(report(&source)?)
    }
}
