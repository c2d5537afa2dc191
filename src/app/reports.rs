//! Reports of the public: where they may be about.

use geo::{Contains as _, Coord};

use crate::app::access::{NewReport, Occasion, Place, Report};
use crate::app::{App, Error, Snapshot};
use crate::auth::Actor;
use crate::geom::LocalFrame;

/// How far from the district a place may lie, in metres: borders are drawn on both sides of it.
pub const REPORT_DISTANCE_M: f64 = 2_000.0;

impl App {
    /// Keeps a report about a place in the district or within 2 km of it. Errors:
    /// [`Error::OutsideDistrict`]; what [`Access::send_report`](crate::app::access::Access::send_report) refuses.
    pub fn send_report(&self, actor: &Actor, occasion: &Occasion, report: &NewReport) -> Result<Report, Error> {
        let snapshot = self.snapshot()?;
        let is_near = match &report.place {
            Place::Point(point) => snapshot.is_near_district(point.0),
            Place::Line(line) => line.coords().all(|coord| snapshot.is_near_district(*coord)),
        };
        if !is_near {
            return Err(Error::OutsideDistrict);
        }
        Ok(self.access().send_report(actor, occasion, report)?)
    }
}

impl Snapshot {
    /// Whether a point (degrees, lng lat) lies in the district or within `REPORT_DISTANCE_M` metres of its border.
    fn is_near_district(&self, point: Coord) -> bool {
        let boundary = &self.district().boundary;
        boundary.contains(&point)
            || LocalFrame::new(point).nearest_on_rings(boundary).is_some_and(|(metres, _)| metres <= REPORT_DISTANCE_M)
    }
}
