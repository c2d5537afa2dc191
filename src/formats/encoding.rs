//! Which encoding a file's texts have: found out, never guessed into silence.
//!
//! UTF-8 is strict enough to be told from GB18030, which covers GBK and GB2312: Chinese text in GBK is hardly ever valid
//! UTF-8. What a file says of itself (.cpg, a code page) is a hint that its bytes may contradict, and texts that are known
//! to occur, such as names of streets, decide where both encodings are possible.

use std::borrow::Cow;

pub use encoding_rs::Encoding;
use encoding_rs::{BIG5, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes of a file that are looked at.
pub const SAMPLE_BYTES: usize = 256 << 10;

/// So many well-formed characters for each bad byte still say UTF-8, with damage to be reported.
const UTF8_CHARS_PER_FAULT: usize = 20;

/// Share, in percent, of the commonest characters among all Chinese ones that a GBK text has at least.
const COMMON_PERCENT: usize = 70;

/// What was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detected {
    /// The encoding to read with.
    pub encoding: &'static Encoding,
    /// Whether something speaks for it beyond its being possible.
    pub sure: bool,
}

/// Finds the encoding of a sample, which may end within a character.
///
/// Order of the evidence: a byte order mark; the number of known texts found; valid UTF-8; the hint, if the bytes are valid
/// in it; else GB18030. The hint is a WHATWG label, the text of a .cpg file or the number of a code page.
pub fn detect(sample: &[u8], hint: Option<&str>, known_texts: &[String]) -> Detected {
    if let Some((encoding, _)) = Encoding::for_bom(sample) {
        return Detected { encoding, sure: true };
    }
    if sample.is_ascii() {
        // Nothing to tell them apart by, and nothing to go wrong in the sample.
        return Detected { encoding: hint.and_then(from_hint).unwrap_or(UTF_8), sure: true };
    }
    let hinted = hint.and_then(from_hint);
    let mut best: Option<(usize, Detected)> = None;
    for encoding in [Some(UTF_8), hinted, Some(GB18030)].into_iter().flatten() {
        let Some(text) = decode_sample(sample, encoding) else { continue };
        let known =
            known_texts.iter().filter(|known| has_other_than_ascii(known) && text.contains(known.as_str())).count();
        let plausible = match encoding {
            _ if encoding == UTF_8 => text.chars().filter(|c| !c.is_ascii()).count() > 1,
            _ if encoding == GB18030 => mostly_common(sample) || hinted == Some(GB18030),
            _ => true,
        };
        if best.is_none_or(|(most, _)| known > most) {
            best = Some((known, Detected { encoding, sure: known > 0 || plausible }));
        }
    }
    match best {
        // A file in UTF-8 with a few damaged bytes is still one: read as GB18030 all of it would be rubbish.
        Some((0, other)) if other.encoding != UTF_8 && mostly_utf8(sample) => Detected { encoding: UTF_8, sure: true },
        Some((_, detected)) => detected,
        None if mostly_utf8(sample) => Detected { encoding: UTF_8, sure: true },
        None => Detected { encoding: hinted.unwrap_or(GB18030), sure: false },
    }
}

/// The encoding that a hint means. What is called GB2312 or GBK is read as GB18030, which holds both.
pub fn from_hint(hint: &str) -> Option<&'static Encoding> {
    let hint = hint.trim().trim_start_matches('\u{feff}').trim_matches(['"', '\0']).to_ascii_lowercase();
    let bare = hint.trim_start_matches("cp").trim_start_matches("windows-").trim_start_matches("ansi ").trim();
    match bare {
        "936" | "54936" | "20936" | "gbk" | "gb2312" | "gb18030" => Some(GB18030),
        "950" => Some(BIG5),
        "65001" | "utf8" => Some(UTF_8),
        "ansi" | "oem" | "" => None,
        _ => {
            let by_number = bare.parse::<u16>().ok().map(|number| format!("windows-{number}"));
            let found = Encoding::for_label(by_number.as_deref().unwrap_or(&hint).as_bytes())?;
            Some(if found == encoding_rs::GBK { GB18030 } else { found })
        }
    }
}

/// The text of the bytes; `None` when they are not valid in the encoding. A byte order mark is not taken off.
pub fn decode<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Option<Cow<'a, str>> {
    if bytes.is_ascii() && encoding.is_ascii_compatible() {
        return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    }
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    // GB18030 maps what nobody has assigned to the private use area; a text does not have that by right.
    (encoding == UTF_8 || !text.chars().any(|c| ('\u{e000}'..='\u{f8ff}').contains(&c))).then_some(text)
}

/// Whether the encoding is one of UTF-16, whose bytes cannot be looked at one by one.
pub fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// As [`decode`], of bytes that may break off within a character.
fn decode_sample<'a>(sample: &'a [u8], encoding: &'static Encoding) -> Option<Cow<'a, str>> {
    if encoding == UTF_8
        && let Err(err) = std::str::from_utf8(sample)
    {
        // Only what is the beginning of a character may be left off, or a bad last one would do no harm.
        let is_cut = err.error_len().is_none() && err.valid_up_to() > 0;
        return if is_cut { decode(&sample[..err.valid_up_to()], encoding) } else { None };
    }
    // The longest character has four bytes. A whole sample comes first, or a valid last character would be lost.
    (0..4).take_while(|cut| *cut < sample.len()).find_map(|cut| decode(&sample[..sample.len() - cut], encoding))
}

fn has_other_than_ascii(text: &str) -> bool {
    !text.is_ascii()
}

fn mostly_utf8(sample: &[u8]) -> bool {
    let (mut chars, mut faults) = (0, 0);
    for chunk in sample.utf8_chunks() {
        chars += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        faults += usize::from(!chunk.invalid().is_empty());
    }
    chars > faults * UTF8_CHARS_PER_FAULT
}

/// Whether most double bytes are of rows 16 to 55 of GB 2312, the 3755 commonest characters, or its punctuation.
fn mostly_common(sample: &[u8]) -> bool {
    let (mut common, mut all) = (0, 0);
    let mut bytes = sample.iter().copied().peekable();
    while let Some(lead) = bytes.next() {
        if lead < 0x80 {
            continue;
        }
        let Some(trail) = bytes.next() else { break };
        all += 1;
        common += usize::from(matches!(lead, 0xA1 | 0xA3 | 0xB0..=0xD7) && trail >= 0xA1);
    }
    all > 0 && common * 100 >= all * COMMON_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gbk(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    #[test]
    fn a_sample_of_one_chinese_character_is_not_taken_for_ascii_that_breaks_off() {
        for sample in [b"0\xD1\xF4".as_slice(), b"0\xD1\xF4\n", b"\xB1\xB1"] {
            assert_eq!(detect(sample, Some("GBK"), &[]).encoding, GB18030);
        }
        assert_eq!(detect(&"枣营".as_bytes()[..5], None, &[]).encoding, UTF_8);
    }

    #[test]
    fn marks_and_strict_utf8_come_before_gb18030() {
        let found = |bytes: &[u8]| detect(bytes, None, &[]);
        assert_eq!(found("名称,街道\n枣营北里,麦子店".as_bytes()), Detected { encoding: UTF_8, sure: true });
        assert_eq!(found(&gbk("名称,街道\n枣营北里,麦子店")), Detected { encoding: GB18030, sure: true });
        assert_eq!(found(b"\xEF\xBB\xBFcode"), Detected { encoding: UTF_8, sure: true });
        assert_eq!(found(b"\xFF\xFEc\0"), Detected { encoding: UTF_16LE, sure: true });
        assert_eq!(found(b"\xFE\xFF\0c"), Detected { encoding: UTF_16BE, sure: true });
        assert_eq!(found(b"code,name"), Detected { encoding: UTF_8, sure: true });
    }

    #[test]
    fn a_sample_may_end_within_a_character() {
        let text = "枣营北里".as_bytes();
        assert_eq!(detect(&text[..text.len() - 1], None, &[]).encoding, UTF_8);
        let text = gbk("枣营北里");
        assert_eq!(detect(&text[..text.len() - 1], None, &[]).encoding, GB18030);
    }

    #[test]
    fn every_name_of_gbk_means_gb18030() {
        for hint in ["GB2312", "gbk", "CP936", "936", "54936", "GB18030", "cp936\r\n", "\"GBK\"", "windows-936"] {
            assert_eq!(from_hint(hint), Some(GB18030), "{hint}");
        }
        assert_eq!(from_hint("UTF-8"), Some(UTF_8));
        assert_eq!(from_hint("65001"), Some(UTF_8));
        assert_eq!(from_hint("950"), Some(BIG5));
        assert_eq!(from_hint("1252").map(Encoding::name), Some("windows-1252"));
        assert_eq!(from_hint("ANSI"), None);
        assert_eq!(from_hint("rubbish"), None);
    }

    #[test]
    fn bytes_contradict_a_wrong_hint() {
        assert_eq!(detect(&gbk("朝阳区枣营北里物业"), Some("UTF-8"), &[]).encoding, GB18030);
        assert_eq!(detect("朝阳区枣营北里".as_bytes(), Some("GBK"), &[]).encoding, UTF_8);
    }

    #[test]
    fn a_known_text_decides_where_both_encodings_are_possible() {
        // These GBK bytes are well-formed UTF-8 too.
        let bytes = gbk("一拢");
        assert!(std::str::from_utf8(&bytes).is_ok());
        assert_eq!(detect(&bytes, None, &[]).encoding, UTF_8);
        assert_eq!(detect(&bytes, None, &["一拢".to_owned()]), Detected { encoding: GB18030, sure: true });
    }

    #[test]
    fn one_damaged_byte_does_not_turn_utf8_into_rubbish() {
        let mut bytes = "枣营北里,麦子店街道,朝阳区\n".repeat(10).into_bytes();
        bytes[31] = 0xFF;
        assert_eq!(detect(&bytes, None, &[]).encoding, UTF_8);
        assert_eq!(decode(&bytes, UTF_8), None);
    }

    proptest! {
        #[test]
        fn texts_in_gb18030_read_back(text in "[一-龥]{2,20}") {
            let bytes = gbk(&text);
            let decoded = decode(&bytes, GB18030);
            prop_assert_eq!(decoded.as_deref(), Some(text.as_str()));
        }

        #[test]
        fn any_bytes_are_taken(bytes: Vec<u8>, hint in prop::option::of("[a-z0-9-]{0,8}")) {
            detect(&bytes, hint.as_deref(), &["朝外".to_owned()]);
        }
    }
}
