//! Passwords: what is a good one, and how it is kept.

use std::collections::BTreeSet;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use zxcvbn::Score;

use crate::app::access::secret::{hex, random};
use crate::app::access::{Access, AccessError, Invalidity};

/// Characters that a password has at least (GB/T 22239 asks for complexity; length is what helps).
pub const PASSWORD_CHARS_MIN: usize = 15;

/// Characters that a password has at most.
pub const PASSWORD_CHARS_MAX: usize = 256;

/// Different characters that a password has at least.
const DIFFERENT_MIN: usize = 5;

/// What hashing a password costs: argon2id, one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashing {
    memory_kib: u32,
    passes: u32,
}

impl Default for Hashing {
    /// 19 MiB and two passes, as OWASP recommends for argon2id.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2 }
    }
}

impl Hashing {
    /// As little as there is: for tests, which hash often.
    pub fn cheap() -> Self {
        Self { memory_kib: 8, passes: 1 }
    }

    fn hasher(self) -> Result<Argon2<'static>, AccessError> {
        let params = Params::new(self.memory_kib, self.passes, 1, None).map_err(failed)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    /// What a password is kept as: a PHC string, which holds cost and salt.
    pub(super) fn hash(self, password: &str) -> Result<String, AccessError> {
        let salt = random::<16>()?;
        let hash = self.hasher()?.hash_password_with_salt(password.as_bytes(), &salt);
        let hash: PasswordHash = hash.map_err(failed)?;
        Ok(hash.to_string())
    }

    /// Whether a hash is one of this password, at the cost that stands in the hash.
    fn fits(self, password: &str, hash: &str) -> Result<bool, AccessError> {
        let hash = PasswordHash::new(hash).map_err(failed)?;
        match self.hasher()?.verify_password(password.as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(err) => Err(failed(err)),
        }
    }
}

fn failed(err: impl ToString) -> AccessError {
    AccessError::Hashing(err.to_string())
}

impl Access {
    /// Whether this is the password. Where there is none to compare with, it takes as long, and is not.
    pub(super) fn password_fits(&self, password: &str, hash: Option<&str>) -> Result<bool, AccessError> {
        let hashing = self.0.hashing;
        // Made before it is known whether it is needed: the first one to ask must not tell by its time.
        let dummy = match self.0.dummy.get() {
            Some(dummy) => dummy,
            None => {
                let dummy = hashing.hash(&hex(&random::<16>()?))?;
                self.0.dummy.get_or_init(|| dummy)
            }
        };
        // Nobody can have chosen a longer one, and hashing it would cost more than any that is.
        let password = if password.chars().count() > PASSWORD_CHARS_MAX { "" } else { password };
        let fits = hashing.fits(password, hash.unwrap_or(dummy))?;
        Ok(fits && hash.is_some())
    }
}

/// Refuses a password that is short, long, the name, or soon guessed. Every character is taken, spaces too.
pub(super) fn check(password: &str, name: &str, display_name: &str) -> Result<(), AccessError> {
    let refuse = |why| Err(AccessError::invalid("password", why));
    let length = password.chars().count();
    if length < PASSWORD_CHARS_MIN {
        return refuse(Invalidity::TooShort { min: PASSWORD_CHARS_MIN });
    }
    if length > PASSWORD_CHARS_MAX {
        return refuse(Invalidity::TooLong { max: PASSWORD_CHARS_MAX });
    }
    let small = password.to_lowercase();
    if name.len() > 2 && small.contains(name) || small.trim() == display_name.to_lowercase().trim() {
        return refuse(Invalidity::HoldsTheName);
    }
    let different: BTreeSet<char> = small.chars().collect();
    let hints = [name, display_name, "onemap", "wuye", "chaoyang", "物业", "物业管理", "一张图"];
    if different.len() < DIFFERENT_MIN || zxcvbn::zxcvbn(password, &hints).score() < Score::Three {
        return refuse(Invalidity::TooWeak);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_fits_its_password_and_no_other_and_never_repeats() {
        let hashing = Hashing::cheap();
        let hash = hashing.hash("一个很长的口令 with words").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(hashing.fits("一个很长的口令 with words", &hash).unwrap());
        for other in ["", "一个很长的口令 with word", "一个很长的口令 with words "] {
            assert!(!hashing.fits(other, &hash).unwrap());
        }
        assert_ne!(hashing.hash("一个很长的口令 with words").unwrap(), hash);
        // Another cost reads it too: it stands in the hash.
        assert!(Hashing { memory_kib: 16, passes: 2 }.fits("一个很长的口令 with words", &hash).unwrap());
        assert!(matches!(hashing.fits("x", "not a hash"), Err(AccessError::Hashing(_))));
    }

    #[test]
    fn the_cost_is_the_recommended_one() {
        let hash = Hashing::default().hash("anything at all").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }

    #[test]
    fn what_is_short_the_name_or_soon_guessed_is_refused() {
        let why = |password: &str| match check(password, "zhao.min", "赵民") {
            Err(AccessError::Invalid { field: "password", why }) => Some(why),
            Ok(()) => None,
            Err(err) => panic!("{err}"),
        };
        assert_eq!(why("fourteen chars"), Some(Invalidity::TooShort { min: 15 }));
        assert_eq!(why("十四个字的口令还是太短了一"), Some(Invalidity::TooShort { min: 15 }));
        assert_eq!(why(&"长短".repeat(129)), Some(Invalidity::TooLong { max: 256 }));
        assert_eq!(why("Zhao.Min is my name"), Some(Invalidity::HoldsTheName));
        for weak in ["aaaaaaaaaaaaaaaa", "passwordpassword", "123456789012345", "qwertyuiopasdfgh", "abababababababab"]
        {
            assert_eq!(why(weak), Some(Invalidity::TooWeak), "{weak}");
        }
        for good in ["correct horse battery staple", "枣营路口第三棵槐树往东走二十步", "tR9!xq-27 lamp Yo3"]
        {
            assert_eq!(why(good), None, "{good}");
        }
    }
}
