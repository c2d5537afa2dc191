//! Made-up districts with every kind of trouble, their truth, and what an outcome is worth beside it.

pub mod chance;
pub mod delivery;
pub mod fields;
pub mod ledger;
pub mod levels;
pub mod score;
pub mod shapes;
pub mod words;
