//! One question: field by field until the limit is reached.

use std::collections::HashSet;

use geo::Coord;

use crate::geom::LocalFrame;
use crate::search::document::{Hit, Kind, MatchField, Query};
use crate::search::index::{RowId, SearchIndex};
use crate::search::matching::{Subject, Tier};
use crate::search::normalize::forms;
use crate::search::part::{Part, StreetNumber};
use crate::search::postings::Candidates;
use crate::search::probe::{self, Place};
use crate::search::texts::TextId;

/// Candidates that are looked at for a whole-text match after enough beginnings are found. They come in order of
/// importance; two characters that begin more names than this are too little to ask for.
const EXACT_SCAN: usize = 1_024;

/// Candidates of one field that are compared by their distance; they come in order of importance.
const NEAR_SCAN: usize = 32_768;

/// A row that matches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    pub row: RowId,
    pub field: MatchField,
    pub tier: Tier,
    pub text: TextId,
}

/// Collects the hits of one question, best first.
pub(super) struct Gather<'a> {
    pub index: &'a SearchIndex,
    limit: usize,
    near: Option<LocalFrame>,
    street: Option<StreetNumber>,
    hidden: &'a [(Kind, MatchField)],
    shown: &'a dyn Fn(Kind, u32) -> bool,
    hits: Vec<Match>,
    seen: HashSet<RowId>,
}

impl<'a> Gather<'a> {
    /// Starts a question.
    pub fn new(index: &'a SearchIndex, query: &Query<'a>, street: Option<StreetNumber>) -> Self {
        let near = query.near.map(LocalFrame::new);
        let (hidden, shown) = (query.hidden, query.shown);
        Self { index, limit: query.limit, near, street, hidden, shown, hits: Vec::new(), seen: HashSet::new() }
    }

    /// Answers the question as one text in its normal form.
    pub fn whole(&mut self, wanted: &str) {
        let forms = forms(wanted);
        self.streets_called(&forms);
        self.literal(MatchField::Name, &forms);
        self.literal(MatchField::Alias, &forms);
        if speaks(wanted) {
            self.field(
                MatchField::Pinyin,
                |part, place| probe::pinyin(part.lists(MatchField::Pinyin), wanted, place),
                |subject| subject.pinyin(wanted),
            );
        }
        if spells(wanted) {
            self.field(
                MatchField::Initials,
                |part, place| probe::initials(part.lists(MatchField::Initials), wanted, place),
                |subject| subject.initials(wanted),
            );
        }
        self.typing_errors(wanted);
        for field in [MatchField::Address, MatchField::Manager, MatchField::Community, MatchField::Code] {
            self.literal(field, &forms);
        }
    }

    /// The hits, at most the limit.
    pub fn finish(self) -> Vec<Hit> {
        let mut hits = self.hits;
        hits.truncate(self.limit);
        hits.into_iter()
            .map(|found| {
                let row = self.index.row(found.row);
                Hit {
                    kind: row.kind,
                    key: row.key,
                    field: found.field,
                    text: self.index.original(found.row, found.text).to_owned(),
                    distance_m: self.near.as_ref().and_then(|frame| distance_m(frame, row.point)),
                }
            })
            .collect()
    }

    /// Number of hits so far.
    pub fn count(&self) -> usize {
        self.hits.len()
    }

    /// Hits that are still wanted.
    pub fn remaining(&self) -> usize {
        self.limit.saturating_sub(self.hits.len())
    }

    /// Whether the row lies in the street that was asked for.
    pub fn lies_right(&self, row: RowId) -> bool {
        self.street.is_none() || self.index.row(row).street == self.street
    }

    /// Whether the row is among the hits.
    pub fn has(&self, row: RowId) -> bool {
        self.seen.contains(&row)
    }

    /// Whether hits are ranked by distance, so that the first candidates are not the best.
    pub fn by_distance(&self) -> bool {
        self.near.is_some()
    }

    /// Adds the best of equally good matches, nearest first where `near` is given, else in order of importance.
    pub fn add_equals(&mut self, mut group: Vec<Match>) {
        let index = self.index;
        if let Some(frame) = &self.near {
            group.sort_by_cached_key(|found| {
                // The bits of a distance, which is not negative, are ordered as distances are.
                (distance_m(frame, index.row(found.row).point).unwrap_or(f64::INFINITY).to_bits(), found.row)
            });
        }
        for found in group {
            if self.hits.len() == self.limit {
                return;
            }
            if self.seen.insert(found.row) {
                self.hits.push(found);
            }
        }
    }

    /// Streets whose name or other name is the text.
    fn streets_called(&mut self, forms: &[String]) {
        let index = self.index;
        let called = |row: RowId| {
            [MatchField::Name, MatchField::Alias].into_iter().find_map(|field| {
                let text = index
                    .texts(row, field)
                    .find(|text| literal_tier(index.subject(row, *text), forms) == Some(Tier::Exact))?;
                Some(Match { row, field, tier: Tier::Exact, text })
            })
        };
        let rows = index.street_rows().filter(|row| self.lies_right(*row));
        let group = rows.filter_map(called).collect();
        self.add_equals(group);
    }

    fn literal(&mut self, field: MatchField, forms: &[String]) {
        self.field(
            field,
            |part, place| {
                let lists = part.lists(field);
                let mut candidates = Candidates::default();
                forms.iter().for_each(|form| candidates.extend(probe::literal(lists, form, place)));
                candidates
            },
            |subject| literal_tier(subject, forms),
        );
    }

    /// Adds the matches of one field: whole texts, then beginnings, then parts.
    pub fn field(
        &mut self,
        field: MatchField,
        candidates: impl Fn(&'a Part, Place) -> Candidates<'a>,
        tier: impl Fn(Subject<'_>) -> Option<Tier>,
    ) {
        if self.remaining() == 0 {
            return;
        }
        let starts = self.index.candidates(|part| candidates(part, Place::Start));
        let (exact, beginnings) = self.walk(field, starts, &tier, Tier::Prefix);
        self.add_equals(exact);
        self.add_equals(beginnings);
        if self.remaining() == 0 {
            return;
        }
        let anywhere = self.index.candidates(|part| candidates(part, Place::Anywhere));
        let (_, parts) = self.walk(field, anywhere, &tier, Tier::Inside);
        self.add_equals(parts);
    }

    /// Matches of the tier `last` and of the whole text, each in order of importance.
    fn walk(
        &self,
        field: MatchField,
        candidates: impl Iterator<Item = RowId>,
        tier: impl Fn(Subject<'_>) -> Option<Tier>,
        last: Tier,
    ) -> (Vec<Match>, Vec<Match>) {
        let enough = self.remaining();
        let (mut exact, mut others) = (Vec::new(), Vec::new());
        let (mut looked_at, mut looked_at_since_enough) = (0, 0);
        for row in candidates {
            if !self.lies_right(row) || self.has(row) {
                continue;
            }
            if let Some(found) = self.best(row, field, &tier) {
                match found.tier {
                    Tier::Exact if last == Tier::Prefix => exact.push(found),
                    tier if tier == last => others.push(found),
                    _ => {}
                }
            }
            looked_at += 1;
            if self.by_distance() {
                if looked_at == NEAR_SCAN {
                    break;
                }
                continue;
            }
            if exact.len() >= enough {
                break;
            }
            if others.len() >= enough {
                looked_at_since_enough += 1;
                if last == Tier::Inside || looked_at_since_enough == EXACT_SCAN {
                    break;
                }
            }
        }
        (exact, others)
    }

    /// The best of a row's texts in a field; nothing in one that is hidden. Every text but a street's name is read here.
    pub fn best(&self, row: RowId, field: MatchField, tier: impl Fn(Subject<'_>) -> Option<Tier>) -> Option<Match> {
        let of = self.index.row(row);
        if self.hidden.contains(&(of.kind, field)) && !(self.shown)(of.kind, of.key) {
            return None;
        }
        self.index
            .texts(row, field)
            .filter_map(|text| tier(self.index.subject(row, text)).map(|tier| Match { row, field, tier, text }))
            .min_by_key(|found| found.tier)
    }
}

/// How well a text matches one of several ways to write the same.
pub(super) fn literal_tier(subject: Subject<'_>, forms: &[String]) -> Option<Tier> {
    forms.iter().filter_map(|form| subject.literal(form)).min()
}

/// Whether a text is compared with readings: it has letters, and more than one, as one is an initial.
pub(super) fn speaks(wanted: &str) -> bool {
    wanted.len() > 1 && wanted.bytes().any(|b| b.is_ascii_lowercase())
}

/// Whether a text is compared with initials: letters, and digits between them.
pub(super) fn spells(wanted: &str) -> bool {
    wanted.bytes().any(|b| b.is_ascii_lowercase()) && wanted.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn distance_m(frame: &LocalFrame, point: Option<Coord>) -> Option<f64> {
    let offset = frame.to_metres(point?);
    Some(offset.x.hypot(offset.y))
}

#[cfg(test)]
mod tests {
    use crate::model::StreetCode;
    use crate::search::{Document, Hit, Kind, MatchField, Query, SearchIndex};
    use geo::Coord;

    const STREETS: [(&str, &str); 3] = [("110105012", "麦子店"), ("110105017", "劲松"), ("110105026", "望京")];

    fn document(kind: Kind, key: usize, name: &str, street: usize) -> Document {
        let key = u32::try_from(key).unwrap();
        Document {
            kind,
            key,
            name: name.to_owned(),
            aliases: Vec::new(),
            address: None,
            manager: None,
            community: None,
            code: format!("DEMO-X-{key:04}"),
            street: StreetCode::parse(STREETS[street].0).ok(),
            point: Some(Coord { x: 116.46 + f64::from(key) * 0.001, y: 39.9 }),
            weight: 0.0,
        }
    }

    fn register() -> SearchIndex {
        let areas = [
            ("枣营北里(演示)", 0),
            ("枣营南里(演示)", 0),
            ("农光里一区(演示)", 1),
            ("劲松一区(演示)", 1),
            ("望京西园(演示)", 2),
            ("望京花园(演示)", 2),
            ("新望京家园(演示)", 1),
            ("潘家园十二区(演示)", 1),
            ("长乐公馆(演示)", 2),
            ("绿城(演示)", 2),
        ];
        let mut documents: Vec<Document> =
            areas.iter().enumerate().map(|(key, (name, street))| document(Kind::Area, key, name, *street)).collect();
        documents[9].address = Some("朝阳区望京东路12号院".to_owned());
        documents[8].manager = Some("北京枣树物业服务有限公司".to_owned());
        documents[8].community = Some("湖光".to_owned());
        documents[5].aliases = vec!["老城根".to_owned()];
        documents[4].weight = 5.0;
        for (key, (_, stem)) in STREETS.iter().enumerate() {
            let street = document(Kind::Street, 100 + key, &format!("{stem}街道"), key);
            documents.push(Document { aliases: vec![(*stem).to_owned()], ..street });
        }
        SearchIndex::build(documents)
    }

    fn ask(text: &str) -> Vec<Hit> {
        register().search(&Query { text, limit: 10, near: None, street: None, hidden: &[], shown: &|_, _| false })
    }

    fn first(text: &str) -> Option<(u32, MatchField)> {
        ask(text).first().map(|hit| (hit.key, hit.field))
    }

    #[test]
    fn an_area_is_found_however_it_is_typed() {
        for text in ["枣营", "枣营北里", "枣營北里(演示)", " 枣 营 北 "] {
            assert_eq!(first(text).map(|(key, _)| key), Some(0), "{text}");
        }
        for (text, key, field) in [
            ("zaoying", 0, MatchField::Pinyin),
            ("ZaoYing Bei", 0, MatchField::Pinyin),
            ("zybl", 0, MatchField::Initials),
            ("望jingx", 4, MatchField::Pinyin),
            ("changle", 8, MatchField::Pinyin),
            ("zhangyue", 8, MatchField::Pinyin),
            ("lvcheng", 9, MatchField::Pinyin),
            ("lucheng", 9, MatchField::Pinyin),
            ("zoayingnan", 1, MatchField::Typo),
            ("潘家圆", 7, MatchField::Typo),
            ("枣影南里", 1, MatchField::Typo),
            ("枣大南里", 1, MatchField::Typo),
            ("农光里1区", 2, MatchField::Name),
            ("农光里Ⅰ区", 2, MatchField::Name),
            ("潘家园12区", 7, MatchField::Name),
            ("老城", 5, MatchField::Alias),
            ("东路12号", 9, MatchField::Address),
            ("枣树", 8, MatchField::Manager),
            ("湖光", 8, MatchField::Community),
            ("demo-x-0003", 3, MatchField::Code),
        ] {
            assert_eq!(first(text), Some((key, field)), "{text} {:?}", ask(text));
        }
    }

    #[test]
    fn one_letter_is_an_initial() {
        let keys: Vec<u32> = ask("z").iter().map(|hit| hit.key).collect();
        assert_eq!(keys[..3], [0, 1, 8]);
        assert!(ask("z").iter().all(|hit| hit.field == MatchField::Initials));
    }

    #[test]
    fn the_street_of_that_name_comes_first_then_whole_beginning_part() {
        let keys: Vec<u32> = ask("望京").iter().map(|hit| hit.key).collect();
        assert_eq!(keys, vec![102, 4, 5, 6, 9]);
        assert_eq!(ask("望京")[0].text, "望京");
        assert_eq!(ask("望京")[4].text, "朝阳区望京东路12号院");
    }

    #[test]
    fn nearness_decides_between_equal_matches() {
        let near = Some(Coord { x: 116.465, y: 39.9 });
        let hits =
            register()
                .search(&Query { text: "望京", limit: 3, near, street: None, hidden: &[], shown: &|_, _| false });
        assert_eq!(hits.iter().map(|hit| hit.key).collect::<Vec<_>>(), vec![102, 5, 4]);
        assert!(hits[1].distance_m.unwrap() < 0.1 && (hits[2].distance_m.unwrap() - 85.5).abs() < 0.5);
    }

    #[test]
    fn only_the_street_that_is_asked_for_answers() {
        let street = StreetCode::parse("110105017").unwrap();
        let query =
            Query { text: "望京", limit: 10, near: None, street: Some(&street), hidden: &[], shown: &|_, _| false };
        assert_eq!(register().search(&query).iter().map(|hit| hit.key).collect::<Vec<_>>(), vec![6]);
        let elsewhere = StreetCode::parse("110105999").unwrap();
        assert!(register().search(&Query { street: Some(&elsewhere), ..query }).is_empty());
    }

    #[test]
    fn every_word_must_match_or_name_the_street() {
        let keys = |text: &str| ask(text).iter().map(|hit| hit.key).collect::<Vec<_>>();
        assert_eq!(keys("劲松 农光里"), vec![2]);
        assert_eq!(keys("农光里 劲松街道"), vec![2]);
        assert_eq!(keys("jinsong nongguang"), vec![2]);
        assert_eq!(keys("北里 枣营"), vec![0]);
        assert_eq!(keys("劲松 望京"), vec![6]);
        assert!(keys("农光里 枣营").is_empty());
        assert!(keys("， 。").is_empty());
    }
}
