//! Deliveries: what offices hand in, from cells to a checked draft of areas and a list of findings.
//!
//! `mapping` tells what columns mean, `locate` where the geometry lies, `reading` makes rows of cells, `outline` and
//! `neighbours` look at the geometry, `matching` finds the area of each row, `rules` knows the ordinance; `check` puts them in
//! order. Nothing is entered here.

pub mod catalogue;
mod check;
mod draft;
mod field;
mod finding;
mod issue;
mod known;
mod locate;
mod mapping;
mod matching;
mod neighbours;
mod outline;
mod personal;
mod places;
mod progress;
mod reading;
mod register;
pub mod render;
mod row;
mod rules;
mod settings;
mod synonyms;
#[cfg(test)]
mod tests;
mod value;

pub use catalogue::ISSUES;
pub use check::{FINDING_LIMIT, check};
pub use draft::{About, Delivered, Draft, Outline};
pub use field::{CommitteePart, DeliveredField};
pub use finding::{Finding, FindingState, Other, Param};
pub use issue::{Issue, Severity, Side};
pub use known::Known;
pub use locate::{Position, PositionCandidate, locate_layers};
pub use mapping::{ColumnGuess, ColumnMap, Confidence, fingerprint_of_heads, guess};
pub use outline::fingerprint_text;
pub use personal::personal_columns;
pub use progress::{Progress, Silent, Step};
pub use reading::read_row;
pub use register::{check_register, except_register};
pub use row::{AreaRow, CommitteeRow};
pub use settings::{Scope, Settings};
pub use value::half_width;
