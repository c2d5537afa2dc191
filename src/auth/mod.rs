//! Who asks, what they may do, and which fields they may see.
//!
//! Every field of the API is a [`Field`] with one [`Visibility`], and [`Actor::sight`] says how much somebody sees of a thing:
//! the two are compared wherever something is told, in JSON, tables and files alike. What somebody may do is one table,
//! [`policy::allows`], which every use case asks first.

mod field;
pub mod policy;
pub mod role;

pub use field::{Field, Visibility};
pub use policy::{Action, Resource};
pub use role::{Actor, Role, Scope};

/// Somebody who is told of the register, and how exactly borders are told to those who see what everybody sees.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// Who it is.
    pub actor: &'a Actor,
    /// Metres by which borders that everybody sees may differ from the true ones.
    pub tolerance_m: f64,
    /// What every file that they take away carries: the map approval number (审图号), that it is for internal use, or that it is
    /// a demonstration.
    pub mark: &'a str,
}
