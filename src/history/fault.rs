//! What keeps a change from being entered.

use std::fmt;

/// Something in a change that must be put right before it can be entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeFault {
    /// Where in the document: a JSON pointer (RFC 6901), as in `/split/into/0/geometry`; empty for the whole.
    pub place: String,
    /// Code of the area, committee or other thing that is concerned, where there is one.
    pub code: Option<String>,
    /// What is wrong, in one sentence.
    pub message: String,
}

impl ChangeFault {
    /// The last part of the place that is a name and not a position; `None` for the whole document.
    pub fn field(&self) -> Option<&str> {
        let mut parts = self.place.rsplit('/');
        parts.find(|part| !part.is_empty() && !part.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

impl fmt::Display for ChangeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.place.is_empty() { "the document" } else { &self.place })?;
        if let Some(code) = &self.code {
            write!(f, ", {code}")?;
        }
        write!(f, ": {}", self.message)
    }
}
