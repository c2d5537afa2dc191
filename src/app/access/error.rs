//! Why something about accounts is refused.

use jiff::Timestamp;

use crate::store::StoreError;

/// Why it is refused, or failed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Somebody asks for what their role does not allow there.
    #[error("your role may not do this")]
    NotAllowed,
    /// No account of this name.
    #[error("there is no account {0}")]
    NoSuchAccount(String),
    /// No token of this number, or not one of theirs.
    #[error("there is no token {0}")]
    NoSuchToken(String),
    /// No report of this number.
    #[error("there is no report {0}")]
    NoSuchReport(String),
    /// The name of a new account is taken.
    #[error("there is an account {0} already")]
    NameTaken(String),
    /// Something in what is asked for.
    #[error("{field}: {why}")]
    Invalid {
        /// Which part of it, as the API calls it.
        field: &'static str,
        /// What is wrong.
        why: Invalidity,
    },
    /// Name and password are not those of an account that may come in; it is not said which of them is wrong.
    #[error("the name or the password is wrong")]
    WrongLogin,
    /// Too many wrong passwords.
    #[error(
        "there were too many wrong passwords, nobody can sign in with this name or from this address until {until}"
    )]
    Locked {
        /// When it may be tried again.
        until: Timestamp,
    },
    /// As many reports came today as are taken in a day.
    #[error("so many reports came today that no more are taken; send it again after {until}")]
    TooManyReports {
        /// When the next day begins.
        until: Timestamp,
    },
    /// Somebody else changed it after it was looked at.
    #[error("it was changed meanwhile: look at it again")]
    Outdated,
    /// Administrators change neither their own role nor whether they may come in.
    #[error("this is your own account: another administrator must do this")]
    OwnAccount,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(String),
    /// A password cannot be hashed, or a stored hash cannot be read.
    #[error("the password cannot be hashed: {0}")]
    Hashing(String),
    /// A stored document cannot be read.
    #[error("the {kind} {id} in the store cannot be read: {why}")]
    Unreadable {
        /// What it is.
        kind: &'static str,
        /// Which one.
        id: String,
        /// Why not.
        why: String,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl AccessError {
    pub(super) fn invalid(field: &'static str, why: Invalidity) -> Self {
        Self::Invalid { field, why }
    }
}

/// What is wrong with a part of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalidity {
    /// A name of an account.
    #[error(
        "2 to 64 small letters, digits, dots, dashes and underscores are expected, beginning with a letter or digit"
    )]
    NotAName,
    /// A text that must say something.
    #[error("it is empty")]
    Empty,
    /// A text that is too long.
    #[error("it has more than {max} characters")]
    TooLong {
        /// Characters at most.
        max: usize,
    },
    /// A text with characters that no text needs.
    #[error("it has control characters")]
    ControlCharacters,
    /// A password that is too short.
    #[error("it has fewer than {min} characters")]
    TooShort {
        /// Characters at least.
        min: usize,
    },
    /// A password that holds the name of its account.
    #[error("the name of the account stands in it")]
    HoldsTheName,
    /// A password that is soon guessed.
    #[error("it is too easy to guess: common words, names, dates, rows of keys and repetitions do not help")]
    TooWeak,
    /// A role that no account has.
    #[error("it is not a role of accounts")]
    NotARole,
    /// An officer without a street.
    #[error("an officer has one street or more")]
    NoStreet,
    /// A street that the register does not know.
    #[error("there is no such street in the register")]
    NoSuchStreet,
    /// Streets of somebody who is no officer.
    #[error("only officers are bound to streets")]
    StreetsOfOthers,
    /// A token that may do nothing.
    #[error("a token has one scope or more")]
    NoScope,
    /// A scope that its maker may not give.
    #[error("your own role does not allow this scope")]
    ScopeNotYours,
    /// How long a token holds.
    #[error("1 to {max} days are expected")]
    Days {
        /// At most.
        max: u32,
    },
    /// A telephone number in a text that others read.
    #[error("a telephone number stands in it: leave it out")]
    PhoneNumber,
    /// A number of an identity card, or another long one.
    #[error("a number that may be one of an identity card stands in it: leave it out")]
    IdNumber,
    /// An e-mail address.
    #[error("an e-mail address stands in it: leave it out")]
    MailAddress,
    /// A place that is none.
    #[error("a point, or a line of 2 to {max} points, in degrees is expected")]
    NotAPlace {
        /// Points at most.
        max: usize,
    },
    /// A state that does not follow the one that is there.
    #[error("it cannot go there from the state it is in")]
    NotNext,
    /// A question with a limit that is none.
    #[error("1 to {max} are expected")]
    Limit {
        /// At most.
        max: usize,
    },
}

impl Invalidity {
    /// Name used in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::NotAName => "not_a_name",
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::ControlCharacters => "control_characters",
            Self::TooShort { .. } => "too_short",
            Self::HoldsTheName => "holds_the_name",
            Self::TooWeak => "too_weak",
            Self::NotARole => "not_a_role",
            Self::NoStreet => "no_street",
            Self::NoSuchStreet => "no_such_street",
            Self::StreetsOfOthers => "streets_of_others",
            Self::NoScope => "no_scope",
            Self::ScopeNotYours => "scope_not_yours",
            Self::Days { .. } => "days",
            Self::PhoneNumber => "phone_number",
            Self::IdNumber => "id_number",
            Self::MailAddress => "mail_address",
            Self::NotAPlace { .. } => "not_a_place",
            Self::NotNext => "not_next",
            Self::Limit { .. } => "limit",
        }
    }
}
