//! Secrets: 256 random bits that are told once and kept as their hash.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::app::access::AccessError;

/// Bytes of a hash that a secret's document is found by.
const ID_BYTES: usize = 16;

/// Something that lets its bearer in. It is shown once, and never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one, behind a prefix that tells what it is.
    pub(super) fn new(prefix: &str) -> Result<Self, AccessError> {
        Ok(Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<32>()?))))
    }

    /// The text, for the one whom it lets in.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Random bytes of the system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], AccessError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|err| AccessError::Random(err.to_string()))?;
    Ok(bytes)
}

/// What a secret is kept as: the number that its document is found by, and the whole hash.
pub(super) fn kept(secret: &str) -> (String, String) {
    let hash = Sha256::digest(secret);
    (hex(&hash[..ID_BYTES]), hex(&hash))
}

/// Small hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_are_not_shown() {
        let (one, two) = (Secret::new("onemap_").unwrap(), Secret::new("onemap_").unwrap());
        assert_ne!(one, two);
        assert_eq!(one.expose().len(), 7 + 43);
        assert!(one.expose()[7..].chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        assert!(!format!("{one:?}").contains(&one.expose()[7..]));
    }

    #[test]
    fn what_is_kept_does_not_tell_the_secret() {
        let (id, hash) = kept("abc");
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(id, hash[..32]);
    }
}
