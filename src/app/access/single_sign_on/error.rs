//! Why a single sign-on does not let somebody in.

use std::path::PathBuf;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum SignOnError {
    /// A setting is not what it should be.
    #[error("single sign-on: {0}")]
    Setting(String),
    /// A file cannot be read.
    #[error("single sign-on: {path} cannot be read")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The browser did not begin it, or too long ago.
    #[error("this sign-in was not begun in this browser, or too long ago: begin it again")]
    NotBegunHere,
    /// The provider let nobody in, in its own word.
    #[error("the provider did not let you in ({0})")]
    Refused(String),
    /// The provider cannot be reached, or does not answer as the standard says.
    #[error("the provider cannot be asked: {0}")]
    Unreachable(String),
    /// What the provider says cannot be believed.
    #[error("what the provider says cannot be believed: {0}")]
    Unbelievable(String),
    /// A claim that is needed is missing or is not a text.
    #[error("the provider does not tell {0}")]
    NoClaim(String),
    /// None of their roles is one here, or several are different ones here.
    #[error("the provider gives you no role here, or more than one")]
    NoRole,
    /// A street of theirs is no code of a street.
    #[error("{0} is no code of a street")]
    NotAStreet(String),
}
