//! What a register holds, as counts and one digest, to compare two places.

use sha2::{Digest as _, Sha256};

use crate::store::{Chunk, Row, Store, StoreError};

/// Counts and digest of everything a store hands out. Two stores that hold the same have the same summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Records.
    pub records: u64,
    /// Things: areas, managers and everything else that has versions.
    pub things: u64,
    /// Versions of all things.
    pub versions: u64,
    /// Who follows whom.
    pub lineage: u64,
    /// Deliveries.
    pub deliveries: u64,
    /// Accounts, tokens, reports and settings.
    pub documents: u64,
    /// Entries of the audit log.
    pub audit: u64,
    /// SHA-256 over all of it in order, in hexadecimal digits.
    pub digest: String,
}

/// Makes a summary row by row.
#[derive(Default)]
pub struct Summing {
    records: u64,
    things: u64,
    versions: u64,
    lineage: u64,
    deliveries: u64,
    documents: u64,
    audit: u64,
    hasher: Sha256,
}

impl Summing {
    /// Takes the next row in.
    pub fn add(&mut self, row: &Row) {
        match row {
            Row::Record(..) => self.records += 1,
            Row::Thing(_, _, versions) => {
                self.things += 1;
                self.versions += versions.len() as u64;
            }
            Row::Lineage(..) => self.lineage += 1,
            Row::Delivery(_) => self.deliveries += 1,
            // The bytes themselves: their debug form would be five times as long.
            Row::Chunk(Chunk { delivery, file, bytes }) => {
                self.hasher.update(format!("{delivery} {file} {}\n", bytes.len()));
                self.hasher.update(bytes);
                return;
            }
            // Their debug form tells less than they are.
            Row::Document(document) => {
                self.documents += 1;
                self.hasher.update(&document.body);
            }
            Row::Audit(_) => self.audit += 1,
            Row::Trace(_) | Row::Unlocated(_) | Row::Columns(_) | Row::Exception(_) => {}
        }
        // The debug form tells every field and every bit of a number, in a form that needs no schema of its own. Both
        // sides are read by the same program, so it need not be the same tomorrow.
        self.hasher.update(format!("{row:?}\n"));
    }

    /// All that was taken in.
    pub fn finish(self) -> Summary {
        let digest = self.hasher.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let Self { records, things, versions, lineage, deliveries, documents, audit, .. } = self;
        Summary { records, things, versions, lineage, deliveries, documents, audit, digest }
    }
}

/// The summary of everything in a store; `seen` hears of every row.
pub fn summary(store: &dyn Store, mut seen: impl FnMut()) -> Result<Summary, StoreError> {
    let mut summing = Summing::default();
    store.export(&mut |row| {
        summing.add(&row);
        seen();
        Ok(())
    })?;
    Ok(summing.finish())
}
