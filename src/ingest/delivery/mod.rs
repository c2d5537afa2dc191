//! Deliveries: what offices hand in, from cells to a checked draft of areas and a list of findings.

mod field;
mod finding;
mod issue;

pub use field::{CommitteePart, DeliveredField};
pub use finding::{Finding, FindingState, Other, Param};
pub use issue::{Issue, Severity, Side};
