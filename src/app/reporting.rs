//! The register's section of a district report.

use crate::app::{App, Error, Snapshot};
use crate::auth::{Actor, Field};
use crate::model::StreetCode;
use crate::stats::{Printed, Report, ReportSource, SMALL_BELOW, report};

impl App {
    /// Writes the section of a state, as far as the actor may see. Disk and CPU work: not for an async thread. Errors: the
    /// counts contradict each other ([`Error::Report`]), or the store fails.
    pub fn write_report(&self, snapshot: &Snapshot, actor: &Actor) -> Result<Report, Error> {
        let streets: Vec<(StreetCode, String)> =
            snapshot.streets().iter().map(|street| (street.code.clone(), street.name.clone())).collect();
        let printed = self.printed_for(snapshot, actor)?;
        let tallies = snapshot.tallies();
        let told = self.told(actor, tallies);
        let source = ReportSource {
            district: &snapshot.district().name,
            date: snapshot.data_date(),
            tallies,
            told: &told,
            streets: &streets,
            printed: &printed,
            with_party: actor.may_see(Field::PartyRates),
        };
        Ok(report(&source)?)
    }

    /// The figures that were printed, see [`App::printed`], as far as somebody may know the counts of their days.
    pub fn printed_for(&self, snapshot: &Snapshot, actor: &Actor) -> Result<Vec<Printed>, Error> {
        let small = |count: u32| (1..SMALL_BELOW).contains(&count);
        let told = |Printed { computed, .. }: &Printed| {
            actor.sees_small_counts()
                || ![computed.numerator, computed.denominator, computed.denominator.abs_diff(computed.numerator)]
                    .into_iter()
                    .any(small)
        };
        Ok(self.printed(snapshot)?.into_iter().filter(told).collect())
    }
}
