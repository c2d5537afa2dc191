//! All texts of the index in one string, equal ones once.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::search::normalize::{Normal, normal};

/// Number of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TextId(u32);

#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    original_end: u32,
    /// Equal to `start` when the original is its own normal form.
    normal_start: u32,
    normal_end: u32,
    core_bytes: u32,
}

/// The texts, original and normal form.
#[derive(Debug, Default)]
pub(super) struct Texts {
    bytes: String,
    spans: Vec<Span>,
}

impl Texts {
    /// The text as it was handed in.
    pub fn original(&self, id: TextId) -> &str {
        let span = self.spans[id.0 as usize];
        &self.bytes[span.start as usize..span.original_end as usize]
    }

    /// Its normal form.
    pub fn normal(&self, id: TextId) -> &str {
        let span = self.spans[id.0 as usize];
        &self.bytes[span.normal_start as usize..span.normal_end as usize]
    }

    /// Bytes of the normal form without a bracket at its end.
    pub fn core(&self, id: TextId) -> usize {
        self.spans[id.0 as usize].core_bytes as usize
    }

    fn push(&mut self, original: &str) -> TextId {
        let offset = |at: usize| u32::try_from(at).expect("the texts of a register are shorter than four gigabytes");
        let Normal { text, core } = normal(original);
        let start = offset(self.bytes.len());
        self.bytes.push_str(original);
        let original_end = offset(self.bytes.len());
        let mut normal_start = start;
        if text != original {
            normal_start = original_end;
            self.bytes.push_str(&text);
        }
        let id = TextId(offset(self.spans.len()));
        self.spans.push(Span {
            start,
            original_end,
            normal_start,
            normal_end: offset(self.bytes.len()),
            core_bytes: offset(core),
        });
        id
    }
}

/// Fills [`Texts`]; remembers which it has by hash, so that a text is held once.
#[derive(Default)]
pub(super) struct TextsBuilder {
    texts: Texts,
    by_hash: HashMap<u64, TextId>,
    hasher: RandomState,
}

impl TextsBuilder {
    /// Number of a text that many documents share, such as a manager's name.
    pub fn shared(&mut self, original: &str) -> TextId {
        let hash = self.hasher.hash_one(original);
        if let Some(id) = self.by_hash.get(&hash)
            && self.texts.original(*id) == original
        {
            return *id;
        }
        let id = self.texts.push(original);
        self.by_hash.insert(hash, id);
        id
    }

    /// Number of a text that one document has.
    pub fn own(&mut self, original: &str) -> TextId {
        self.texts.push(original)
    }

    /// The finished texts.
    pub fn finish(mut self) -> Texts {
        self.texts.bytes.shrink_to_fit();
        self.texts.spans.shrink_to_fit();
        self.texts
    }
}
