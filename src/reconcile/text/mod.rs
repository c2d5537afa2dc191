//! What records say in words, taken apart for comparing.

pub(crate) mod address;
pub(crate) mod coding;
pub(crate) mod fold;
pub(crate) mod looks;
pub(crate) mod name;
