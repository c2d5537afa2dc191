//! From the drafts of a delivery to what a record enters: new areas, new values, areas that are not there any more.

mod begin;
mod compare;
mod enter;
mod values;

pub use begin::{Serials, begin};
pub use compare::{Compared, RowChange, compare, says_otherwise};
pub use enter::{Amended, amend};
pub use values::ValueChange;
