//! How far a check has come.

/// A step of a check, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The files are read.
    Read,
    /// The reference system is found out.
    Locate,
    /// Cells become values, and outlines are examined one by one.
    Geometry,
    /// Outlines are compared with each other and with the register's.
    Overlaps,
    /// Rows are compared with the register.
    Compare,
    /// The record is entered.
    Write,
}

impl Step {
    /// Name used in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Locate => "locate",
            Self::Geometry => "geometry",
            Self::Overlaps => "overlaps",
            Self::Compare => "compare",
            Self::Write => "write",
        }
    }
}

/// Whoever wants to know how far a check has come. Called from any thread.
pub trait Progress: Sync {
    /// So many of so many rows are through a step; a total of 0 is not known yet.
    fn reached(&self, step: Step, done: usize, total: usize);
}

/// Nobody wants to know.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn reached(&self, _: Step, _: usize, _: usize) {}
}
