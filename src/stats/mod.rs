//! Counts in, ratios with numerator and denominator out, and what falls due.
//!
//! [`Tallies`] counts the areas of a day once, for the district and every street together; [`Rate`] divides two counts of
//! one [`Tally`] without losing them, and [`members`] tells who was counted. [`Comparison`] sets a printed figure beside the
//! rate of its day and beside its own counts, [`Fitting`] tells which counts would give it, [`Target`] what a rate is to reach. [`duties`] tells what an area owes
//! by when, and [`report`] puts the counts of a district into sentences.

mod comparison;
mod definition;
mod due;
mod due_theme;
mod duty;
mod fitting;
mod member;
mod ranking;
mod rate;
mod report;
mod small;
mod tally;
mod target;
#[cfg(test)]
mod tests;

pub use comparison::{Comparison, OwnCounts, Printed};
pub use definition::{Definition, definition};
pub use due::{DUE_DAYS_MAX, Due, DueState, duties};
pub use due_theme::{
    DUE_CLASSES, DUE_THEME_ID, DUE_THEME_TITLE, due_class_explanation, due_class_key, due_class_label, due_class_paint,
};
pub use duty::Duty;
pub use fitting::Fitting;
pub use member::{Member, Part, members};
pub use ranking::{Ranked, ranking};
pub use rate::Rate;
pub use report::{Report, ReportError, ReportSource, report, stated};
pub use small::{SMALL_BELOW, Told, ToldTallies, ToldTally};
pub use tally::{Tallies, Tally, turning_days};
pub use target::{Standing, TARGET_SOURCE, Target, targets};
