//! Network addresses in the log, and names that no account has: hashed with a key of the register, so that it can be told
//! whether two were the same and not which they were.

use std::net::IpAddr;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::app::access::secret::{hex, random};
use crate::app::access::{Access, AccessError, again, body};
use crate::model::Digest;
use crate::store::{DocumentChange, DocumentKind};

/// The document with the key.
const KEY: &str = "address-key";

/// Bytes of a hash that are kept: enough to tell addresses of a district apart.
const HASH_BYTES: usize = 12;

impl Access {
    /// What the audit log has of a network address. An IPv4 address that is written as one of IPv6 is the same.
    pub fn address_hash(&self, address: IpAddr) -> Result<String, AccessError> {
        // The key has the length of the hash's own, and comes first: addresses have one length or the other.
        let mut hash = Sha256::new();
        hash.update(self.key()?);
        match address.to_canonical() {
            IpAddr::V4(address) => hash.update(address.octets()),
            IpAddr::V6(address) => hash.update(address.octets()),
        }
        Ok(hex(&hash.finalize()[..HASH_BYTES]))
    }

    /// What wrong passwords for a name that no account has are counted by. Without the key nobody finds two names that are
    /// counted together.
    pub(super) fn name_hash(&self, name: &str) -> Result<String, AccessError> {
        let hash = Sha256::new().chain_update(self.key()?).chain_update("name of nobody: ").chain_update(name);
        Ok(hex(&hash.finalize()[..HASH_BYTES]))
    }

    fn key(&self) -> Result<&[u8; 32], AccessError> {
        if let Some(key) = self.0.key.get() {
            return Ok(key);
        }
        let key = again(|| self.address_key())?;
        Ok(self.0.key.get_or_init(|| key))
    }

    /// The key, made where there is none.
    fn address_key(&self) -> Result<[u8; 32], AccessError> {
        if let Some(document) = self.document(DocumentKind::Setting, KEY)? {
            let read: Value = body::read(&document)?;
            let key = read["key"].as_str().and_then(Digest::parse);
            return key.map(|key| key.0).ok_or_else(|| body::unreadable(&document, "there is no key in it"));
        }
        let key = random::<32>()?;
        self.write(&[DocumentChange::new(DocumentKind::Setting, KEY, json!({ "key": hex(&key) }).to_string())], &[])?;
        Ok(key)
    }
}
