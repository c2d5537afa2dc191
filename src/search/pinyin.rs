//! Readings of characters: syllables without tones, every one a character has.

use std::sync::LazyLock;

use pinyin::ToPinyinMulti as _;

/// Readings that names of places use, put before those of the table, which has them late or not at all.
const LOCAL_READINGS: [(char, &[&str]); 24] = [
    ('朝', &["chao", "zhao"]),
    ('长', &["chang", "zhang"]),
    ('乐', &["le", "yue"]),
    ('曾', &["zeng", "ceng"]),
    ('单', &["dan", "shan"]),
    ('重', &["chong", "zhong"]),
    ('柏', &["bai", "bo"]),
    ('厦', &["sha", "xia"]),
    ('行', &["hang", "xing"]),
    ('垡', &["fa"]),
    ('坝', &["ba"]),
    ('红', &["hong"]),
    ('庄', &["zhuang"]),
    ('店', &["dian"]),
    ('堡', &["bao", "pu", "bu"]),
    ('大', &["da", "dai"]),
    ('觉', &["jue", "jiao"]),
    ('石', &["shi", "dan"]),
    ('角', &["jiao", "jue"]),
    ('塔', &["ta", "da"]),
    ('华', &["hua"]),
    ('都', &["du", "dou"]),
    ('车', &["che", "ju"]),
    ('参', &["can", "shen"]),
];

/// How digits, to which numerals are normalised, are read aloud.
const DIGIT_READINGS: [(char, &[&str]); 10] = [
    ('0', &["0", "ling"]),
    ('1', &["1", "yi", "yao"]),
    ('2', &["2", "er"]),
    ('3', &["3", "san"]),
    ('4', &["4", "si"]),
    ('5', &["5", "wu"]),
    ('6', &["6", "liu"]),
    ('7', &["7", "qi"]),
    ('8', &["8", "ba"]),
    ('9', &["9", "jiu"]),
];

/// A letter reads as itself.
const LETTER_READINGS: [(char, &[&str]); 26] = [
    ('a', &["a"]),
    ('b', &["b"]),
    ('c', &["c"]),
    ('d', &["d"]),
    ('e', &["e"]),
    ('f', &["f"]),
    ('g', &["g"]),
    ('h', &["h"]),
    ('i', &["i"]),
    ('j', &["j"]),
    ('k', &["k"]),
    ('l', &["l"]),
    ('m', &["m"]),
    ('n', &["n"]),
    ('o', &["o"]),
    ('p', &["p"]),
    ('q', &["q"]),
    ('r', &["r"]),
    ('s', &["s"]),
    ('t', &["t"]),
    ('u', &["u"]),
    ('v', &["v"]),
    ('w', &["w"]),
    ('x', &["x"]),
    ('y', &["y"]),
    ('z', &["z"]),
];

/// Most readings that one character keeps; the table's last ones are archaic.
const READINGS_PER_CHARACTER: usize = 8;

/// How people without an ü key type the syllables that have one.
const UMLAUTS: [(&str, &[&str]); 4] =
    [("lü", &["lv", "lu"]), ("nü", &["nv", "nu"]), ("lüe", &["lve", "lue"]), ("nüe", &["nve", "nue"])];

/// The first letter of each character's usual reading, small; letters stay as they are.
pub fn initials(text: &str) -> String {
    let normal = crate::search::normalize(text);
    normal.chars().filter_map(|c| READINGS.of(c).texts.first().and_then(|reading| reading.chars().next())).collect()
}

/// What texts are sorted by: the usual reading of each character, numbers by their value, letters as they are.
pub fn sort_key(text: &str) -> String {
    const DIGITS: usize = 9;
    let mut key = String::with_capacity(text.len() * 2);
    let mut chars = text.chars().map(|c| c.to_ascii_lowercase()).peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() {
            let mut number = String::from(c);
            while let Some(next) = chars.next_if(char::is_ascii_digit) {
                number.push(next);
            }
            key.push_str(&format!("{number:0>DIGITS$}"));
            continue;
        }
        match READINGS.of(c).texts.first() {
            Some(reading) if !c.is_ascii() => {
                key.push_str(reading);
                // Below every letter, so that a shorter syllable comes before the longer ones it begins.
                key.push(' ');
            }
            _ => key.push(c),
        }
    }
    key
}

/// Number of a syllable; alphabetical order of syllables is the order of the numbers.
pub(super) type Syllable = u16;

/// Stands for every character that has no reading and is no letter or digit.
pub(super) const UNREADABLE: Syllable = 0xFFFE;

/// Readings of one character.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// The syllables as text.
    pub texts: Vec<&'static str>,
    /// Their numbers, in the same order.
    pub syllables: Vec<Syllable>,
    /// Their first letters: bit 1 to 26 for a to z, 27 to 36 for digits.
    pub initials: u64,
}

/// Readings of all characters of the basic plane.
pub(super) struct ReadingTable {
    /// Place in `readings` by code point; 0 holds no reading.
    places: Vec<u16>,
    readings: Vec<Readings>,
    /// The syllables letter by letter; the first node is the empty beginning.
    nodes: Vec<Node>,
}

/// A beginning of syllables.
#[derive(Debug, Clone)]
struct Node {
    /// The node one letter further, by [`initial`]; 0 where no syllable goes on so.
    next: [u16; 37],
    /// The syllable that ends here.
    whole: Option<Syllable>,
    /// First and last of the syllables that begin so.
    range: (Syllable, Syllable),
}

/// The table, made at first use.
pub(super) static READINGS: LazyLock<ReadingTable> = LazyLock::new(ReadingTable::new);

impl ReadingTable {
    fn new() -> Self {
        let mut places = vec![0_u16; 1 << 16];
        let mut readings = vec![Readings::default()];
        for (place, c) in places.iter_mut().zip((0..=0xFFFF_u32).map(char::from_u32)) {
            let texts = c.map(readings_of).unwrap_or_default();
            if !texts.is_empty() {
                *place =
                    u16::try_from(readings.len()).expect("the basic plane has fewer than 65 536 readable characters");
                readings.push(Readings { texts, ..Readings::default() });
            }
        }
        let mut syllables: Vec<&'static str> = readings.iter().flat_map(|r| r.texts.iter().copied()).collect();
        syllables.sort_unstable();
        syllables.dedup();
        for reading in &mut readings {
            reading.syllables = reading.texts.iter().map(|text| number(&syllables, text)).collect();
            reading.initials = reading.texts.iter().fold(0, |bits, text| bits | initial_bit(text.as_bytes()[0]));
        }
        Self { places, readings, nodes: nodes(&syllables) }
    }

    /// Readings of a character of a normal form; no texts when it has none.
    pub fn of(&self, c: char) -> &Readings {
        let place = self.places.get(u32::from(c) as usize).copied().unwrap_or(0);
        &self.readings[usize::from(place)]
    }

    /// Every syllable that the letters begin with, and its length.
    pub fn syllables_of(&self, letters: &str) -> impl Iterator<Item = (usize, Syllable)> {
        let mut node = &self.nodes[0];
        letters
            .bytes()
            .zip(1..)
            .map_while(move |(byte, length)| {
                node = self.after(node, byte)?;
                Some((length, node.whole))
            })
            .filter_map(|(length, whole)| Some((length, whole?)))
    }

    /// First and last number of the syllables that begin so, or `None`.
    pub fn beginning_with(&self, letters: &str) -> Option<(Syllable, Syllable)> {
        letters.bytes().try_fold(&self.nodes[0], |node, byte| self.after(node, byte)).map(|node| node.range)
    }

    fn after(&self, node: &Node, byte: u8) -> Option<&Node> {
        match node.next[usize::from(initial(byte))] {
            0 => None,
            next => Some(&self.nodes[usize::from(next)]),
        }
    }
}

fn nodes(syllables: &[&str]) -> Vec<Node> {
    let empty = Node { next: [0; 37], whole: None, range: (1, 0) };
    let mut nodes = vec![empty.clone()];
    for (text, number) in syllables.iter().zip(1..) {
        let mut at = 0;
        for byte in text.bytes() {
            let letter = usize::from(initial(byte));
            if nodes[at].next[letter] == 0 {
                nodes[at].next[letter] =
                    u16::try_from(nodes.len()).expect("500 syllables have fewer than 3000 letters");
                nodes.push(Node { range: (number, number), ..empty.clone() });
            }
            at = usize::from(nodes[at].next[letter]);
            nodes[at].range.1 = number;
        }
        nodes[at].whole = Some(number);
    }
    nodes[0].range = (1, u16::try_from(syllables.len()).expect("there are about 500 syllables"));
    nodes
}

/// Bit of a small letter or digit in [`Readings::initials`], 0 for anything else.
pub(super) fn initial_bit(byte: u8) -> u64 {
    1 << initial(byte) & !1
}

/// Number of a small letter (1 to 26) or digit (27 to 36), 0 for anything else.
pub(super) fn initial(byte: u8) -> u16 {
    match byte {
        b'a'..=b'z' => u16::from(byte - b'a') + 1,
        b'0'..=b'9' => u16::from(byte - b'0') + 27,
        _ => 0,
    }
}

fn number(syllables: &[&str], text: &str) -> Syllable {
    u16::try_from(syllables.partition_point(|s| *s < text) + 1).expect("there are about 500 syllables")
}

fn readings_of(c: char) -> Vec<&'static str> {
    if c.is_ascii() {
        let listed = DIGIT_READINGS.iter().chain(&LETTER_READINGS).find(|(listed, _)| *listed == c);
        return listed.map(|(_, readings)| readings.to_vec()).unwrap_or_default();
    }
    let mut texts: Vec<&'static str> = Vec::new();
    let mut add = |text: &'static str| {
        if !texts.contains(&text) && texts.len() < READINGS_PER_CHARACTER {
            texts.push(text);
        }
    };
    if let Some((_, local)) = LOCAL_READINGS.iter().find(|(listed, _)| *listed == c) {
        local.iter().copied().for_each(&mut add);
    }
    for reading in c.to_pinyin_multi().into_iter().flatten() {
        let text = reading.plain();
        match UMLAUTS.iter().find(|(umlaut, typed)| *umlaut == text || typed[0] == text) {
            Some((_, typed)) => typed.iter().copied().for_each(&mut add),
            // Interjections such as ê and m̀ are nothing anybody types.
            None if text.bytes().all(|b| b.is_ascii_lowercase()) => add(text),
            None => {}
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_sort_by_their_reading_and_numbers_by_their_value() {
        let mut texts = ["十里堡10号院", "朝外街道", "安贞里", "十里堡2号院", "安定门", "八里庄", "CBD", "安"];
        texts.sort_by_key(|text| sort_key(text));
        assert_eq!(texts, ["安", "安定门", "安贞里", "八里庄", "CBD", "朝外街道", "十里堡2号院", "十里堡10号院"]);
    }

    #[test]
    fn characters_have_every_reading_and_local_ones_first() {
        for (c, first) in LOCAL_READINGS {
            assert_eq!(&READINGS.of(c).texts[..first.len()], first);
        }
        for (c, wanted) in
            [('绿', "lv"), ('绿', "lu"), ('女', "nv"), ('略', "lve"), ('十', "shi"), ('1', "yi"), ('里', "li")]
        {
            assert!(READINGS.of(c).texts.contains(&wanted), "{c} {:?}", READINGS.of(c).texts);
        }
        assert!(READINGS.of('α').texts.is_empty());
        assert!(READINGS.of('\u{20000}').texts.is_empty());
    }

    #[test]
    fn syllables_are_numbered_alphabetically() {
        let (first, last) = READINGS.beginning_with("").unwrap();
        assert!(first == 1 && last < 600, "{last}");
        let (first, last) = READINGS.beginning_with("zha").unwrap();
        let number = |text: &str| READINGS.syllables_of(text).find(|(length, _)| *length == text.len()).unwrap().1;
        assert!(first <= number("zhai") && number("zhao") <= last && number("zhe") > last);
        assert_eq!(READINGS.beginning_with("zhx"), None);
        let lengths: Vec<usize> = READINGS.syllables_of("xiangx").map(|(length, _)| length).collect();
        assert_eq!(lengths, vec![1, 2, 3, 4, 5]);
    }

    #[test]
    fn initials_are_bits() {
        assert_eq!(READINGS.of('朝').initials, initial_bit(b'c') | initial_bit(b'z'));
        assert_ne!(READINGS.of('1').initials & initial_bit(b'y'), 0);
        assert_eq!(initial_bit(b'#'), 0);
    }
}
