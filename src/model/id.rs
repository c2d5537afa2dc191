//! Identifiers. Numbers are for the store and the tiles, codes are for people; neither is ever reused.

use std::fmt;

/// Stable number of an area: primary key in the store and feature id in the tiles (MVT ids are numbers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AreaId(pub u32);

/// Number of a manager (company or owning unit) in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ManagerId(pub u32);

/// Number of a record in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub u32);

/// Why a text is not a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not `DISTRICT-STREET-SERIAL`.
    #[error(
        "{0:?} is not an area code: expected two to four capital letters, the street's initials and four digits, as in CY-JS-0042"
    )]
    Area(String),
    /// Not nine digits.
    #[error("{0:?} is not a street code: expected nine digits, as in 110105017")]
    Street(String),
    /// Not twelve digits.
    #[error("{0:?} is not a community code: expected twelve digits, as in 110105017001")]
    Community(String),
    /// Wrong length, alphabet or check character (GB 32100-2015).
    #[error("{0:?} is not a unified social credit code: {1}")]
    Uscc(String, &'static str),
}

/// Code of an area as people read it aloud: district, street initials, serial, as in `CY-JS-0042`.
///
/// Demonstration areas carry `DEMO` in place of the district.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AreaCode(String);

impl AreaCode {
    /// Reads a code; letters must be ASCII capitals. Errors: [`CodeError::Area`].
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let mut parts = text.split('-');
        let letters = |part: Option<&str>| {
            part.is_some_and(|p| (2..=4).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_uppercase()))
        };
        let well_formed = letters(parts.next())
            && letters(parts.next())
            && parts.next().is_some_and(|p| (4..=6).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
            && parts.next().is_none();
        if well_formed { Ok(Self(text.to_owned())) } else { Err(CodeError::Area(text.to_owned())) }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Code of a street in the statistics edition: nine digits. Editions collide, so it is never joined with other editions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreetCode(String);

impl StreetCode {
    /// Reads nine digits. Errors: [`CodeError::Street`].
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text.len() == 9 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(CodeError::Street(text.to_owned()))
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Code of a community or village: its street's nine digits and three more.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommunityCode(String);

impl CommunityCode {
    /// Reads twelve digits. Errors: [`CodeError::Community`].
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(CodeError::Community(text.to_owned()))
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters with two check characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uscc(String);

const USCC_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const USCC_WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ORGANISATION_WEIGHTS: [usize; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

impl Uscc {
    /// Reads a code and checks both check characters: the organisation code's (character 17, mod 11) and the whole's
    /// (character 18, mod 31). Errors: [`CodeError::Uscc`] says which check failed.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let fail = |why| Err(CodeError::Uscc(text.to_owned(), why));
        let bytes = text.as_bytes();
        if bytes.len() != 18 {
            return fail("it must have 18 characters");
        }
        let Some(values) =
            bytes.iter().map(|b| USCC_ALPHABET.iter().position(|a| a == b)).collect::<Option<Vec<usize>>>()
        else {
            return fail("a character is outside its alphabet (no I, O, S, V, Z and no small letters)");
        };
        if organisation_check(&bytes[8..16]) != Some(bytes[16]) {
            return fail("the organisation code's check character (the 17th) does not fit");
        }
        if whole_check(&values[..17]) != bytes[17] {
            return fail("the last check character does not fit");
        }
        Ok(Self(text.to_owned()))
    }

    /// Appends both check characters to the first sixteen. Errors: as [`Uscc::parse`].
    pub fn complete(first_sixteen: &str) -> Result<Self, CodeError> {
        let fail = |why| CodeError::Uscc(first_sixteen.to_owned(), why);
        let bytes = first_sixteen.as_bytes();
        if bytes.len() != 16 {
            return Err(fail("sixteen characters come before the two check characters"));
        }
        let organisation =
            organisation_check(&bytes[8..16]).ok_or_else(|| fail("a character is outside its alphabet"))?;
        let mut text = first_sixteen.to_owned();
        text.push(char::from(organisation));
        let values = text
            .bytes()
            .map(|b| USCC_ALPHABET.iter().position(|a| *a == b))
            .collect::<Option<Vec<usize>>>()
            .ok_or_else(|| fail("a character is outside its alphabet"))?;
        text.push(char::from(whole_check(&values)));
        Self::parse(&text)
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// GB 11714: weights 3 7 9 10 5 8 4 2, mod 11; 10 is written X and 11 is written 0.
fn organisation_check(eight: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (byte, weight) in eight.iter().zip(ORGANISATION_WEIGHTS) {
        let value = match byte {
            b'0'..=b'9' => usize::from(byte - b'0'),
            b'A'..=b'Z' => usize::from(byte - b'A') + 10,
            _ => return None,
        };
        sum += value * weight;
    }
    Some(match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b"0123456789"[digit],
    })
}

fn whole_check(seventeen: &[usize]) -> u8 {
    let sum: usize = seventeen.iter().zip(USCC_WEIGHTS).map(|(value, weight)| value * weight).sum();
    USCC_ALPHABET[(31 - sum % 31) % 31]
}

macro_rules! displayed_as_text {
    ($($code:ty),*) => {$(
        impl fmt::Display for $code {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}
displayed_as_text!(AreaCode, StreetCode, CommunityCode, Uscc);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_codes_have_three_parts() {
        for good in ["CY-JS-0042", "DEMO-SDJC-0001"] {
            assert_eq!(AreaCode::parse(good).map(|c| c.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "CY-JS", "cy-js-0042", "CY-JS-42", "CY-JS-0042-1", "CY--0042", "朝阳-JS-0042"] {
            assert!(AreaCode::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn both_check_characters_of_a_credit_code_are_checked() {
        for good in ["91000000MA00000157", "91000000MA00000232", "91000000MA0005449H"] {
            assert!(Uscc::parse(good).is_ok(), "{good}");
            assert_eq!(Uscc::complete(&good[..16]).map(|u| u.to_string()), Ok(good.to_owned()));
        }
        for bad in [
            "91000000MA00000158",
            "91000000MA00000257",
            "91000000MA0000015",
            "91000000ma00000157",
            "9100000OMA00000157",
        ] {
            assert!(Uscc::parse(bad).is_err(), "{bad}");
        }
    }
}
