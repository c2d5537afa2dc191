//! Counts in, ratios with numerator and denominator out.
//!
//! [`Tallies`] counts the areas of a day once, for the district and every street together; [`Rate`] divides two counts of
//! one [`Tally`] without losing them; [`Comparison`] sets a printed figure beside a rate.

mod definition;
mod rate;
mod tally;

pub use definition::{Definition, definition};
pub use rate::{Comparison, Rate};
pub use tally::{Tallies, Tally};
