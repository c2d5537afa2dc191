//! Which encoding a .dbf is in, as the .cpg and the table's own code page byte tell it, and texts cut in the middle.

use encoding_rs::{Encoding, GB18030, GBK, UTF_8};

use crate::formats::encoding::from_hint;

/// The WHATWG label of what a .cpg file says, `None` where it says nothing of use: Latin encodings are what programs write
/// that do not know the encoding.
pub(super) fn label_of_cpg(cpg: &str) -> Option<&'static str> {
    let is_latin = |name: &str| name.starts_with("ISO-8859") || name == "windows-1252";
    from_hint(cpg).map(Encoding::name).filter(|name| !is_latin(name))
}

/// The label that the code page byte (offset 29 of the .dbf) stands for; only those of East Asia are trusted.
pub(super) fn label_of_code_page(byte: u8) -> Option<&'static str> {
    match byte {
        0x4D | 0x7A => Some("gb18030"),
        0x4F | 0x78 => Some("big5"),
        _ => None,
    }
}

/// The bytes without a last character that is only begun, for texts that a field was too narrow for.
pub(super) fn whole_characters<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> &'a [u8] {
    if encoding == UTF_8 {
        return match std::str::from_utf8(bytes) {
            Err(err) if err.error_len().is_none() => &bytes[..err.valid_up_to()],
            _ => bytes,
        };
    }
    if encoding.is_single_byte() {
        return bytes;
    }
    let mut at = 0;
    while at < bytes.len() {
        let length = match (bytes[at], bytes.get(at + 1)) {
            (0..=0x80 | 0xFF, _) => 1,
            (_, Some(0x30..=0x39)) if encoding == GB18030 || encoding == GBK => 4,
            _ => 2,
        };
        if at + length > bytes.len() {
            return &bytes[..at];
        }
        at += length;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_name_of_the_chinese_encodings_means_gb18030() {
        for cpg in ["GB2312", "GBK", "CP936", "936", "54936", "GB18030", "gb18030\r\n", "windows-936", "\u{feff}GBK\0"]
        {
            assert_eq!(label_of_cpg(cpg), Some("gb18030"), "{cpg}");
        }
        assert_eq!(label_of_cpg("UTF-8\n"), Some("UTF-8"));
        for cpg in ["ISO-8859-1", "1252", "System", ""] {
            assert_eq!(label_of_cpg(cpg), None, "{cpg}");
        }
    }

    proptest! {
        #[test]
        fn a_text_cut_anywhere_loses_one_character_at_most(text in "[a-z㐀-㐐朝阳区物业𠀀-𠀐é]{1,40}", cut in 0usize..160) {
            for encoding in [GB18030, UTF_8] {
                let (bytes, _, _) = encoding.encode(&text);
                let cut = &bytes[..cut.min(bytes.len())];
                let whole = whole_characters(cut, encoding);
                prop_assert!(cut.len() - whole.len() < 4);
                let (read, _, bad) = encoding.decode(whole);
                prop_assert!(!bad && text.starts_with(&*read), "{read} of {text}");
            }
        }
    }
}
