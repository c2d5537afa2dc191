//! What was before the demonstration district was surveyed: records that are entered after the survey and tell of earlier
//! days, so that dates, lineage and the two clocks can be tried. The state on the day of the survey stays as it is.

mod ground;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use geo::{BoundingRect as _, Rect};
use jiff::civil::{Date, date};

use crate::demo::DemoError;
use crate::demo::draw::{Draw, Purpose};
use crate::history::{AreaFact, Assignment, CommitteeFact, Entry, Fact, Key, Kind, Lineage, Put};
use crate::index::AreaIndex;
use crate::ingest::{AreaDraft, ChangeSet};
use crate::model::{AreaCode, Attributes, Boundary, Committee, CommitteeKind, Name, NameKind, RecordKind, Validity};

/// Mark at the end of every name.
const MARK: &str = "(演示)";

/// Serials of areas that are no more; no street has so many present areas.
const FORMER_SERIAL: u32 = 901;

/// Day of the first split; what was there before is told twice.
const SPLIT_ON: Date = date(2021, 3, 15);

/// What is written in a record of the past.
#[derive(Debug, Clone, PartialEq)]
pub struct Chapter {
    /// Why the register was changed.
    pub kind: RecordKind,
    /// Date of the document.
    pub dated: Date,
    /// What it tells.
    pub note: &'static str,
    /// What it enters.
    pub entry: Entry,
}

/// The past of the district that a change set describes, in the order in which it is to be entered after it: two splits, a
/// merge, a moved border, a new name, an area that is gone, and the correction of a year that the first of them got wrong.
///
/// The same change set and seed give the same past. Errors: [`DemoError::NoPast`] names what found no place.
pub fn past(changes: &ChangeSet, seed: u64) -> Result<Vec<Chapter>, DemoError> {
    let mut teller = Teller::new(changes, seed);
    let (first, former) = teller.split(SPLIT_ON, CommitteeKind::PropertyManagement)?;
    let (second, _) = teller.split(date(2020, 9, 1), CommitteeKind::Owners)?;
    Ok(vec![
        first,
        second,
        teller.merge(date(2019, 6, 1))?,
        teller.adjust(date(2021, 9, 1))?,
        teller.rename(date(2022, 1, 10))?,
        teller.retire(date(2020, 8, 31))?,
        corrected(former, date(2022, 10, 20)),
    ])
}

/// Finds places for what happened, each area in one story at most.
struct Teller<'a> {
    changes: &'a ChangeSet,
    index: AreaIndex,
    order: Vec<usize>,
    told: BTreeSet<usize>,
    serial: u32,
}

impl<'a> Teller<'a> {
    fn new(changes: &'a ChangeSet, seed: u64) -> Self {
        let mut order: Vec<usize> = (0..changes.areas.len()).collect();
        Draw::new(seed, 0, Purpose::Past).shuffle(&mut order);
        let index = AreaIndex::build(changes.areas.iter().map(|area| &area.boundary));
        Self { changes, index, order, told: BTreeSet::new(), serial: FORMER_SERIAL }
    }

    /// Two areas were one until the day.
    fn split(&mut self, day: Date, kind: CommitteeKind) -> Result<(Chapter, AreaFact), DemoError> {
        let begun = |area: &AreaDraft| {
            area.committees.iter().flatten().all(|committee| committee.formed_on >= day)
                && area.attributes.contract_from.is_none_or(|from| from >= day)
        };
        let (one, other, whole) = self
            .neighbours(|one, other| {
                let fits = one.management == other.management && begun(one) && begun(other);
                fits.then(|| ground::united(&one.boundary, &other.boundary)).flatten()
            })
            .ok_or(DemoError::NoPast { story: "a split" })?;
        let mut former = self.former(one, "大院", whole)?;
        former.attributes = sum_of(&one.attributes, &other.attributes);
        let committee = committee_of(&former, kind, self.serial, day);
        let mut story = Story::new(day);
        story.ends(former.clone(), one);
        story.puts.push(always(Fact::Committee(committee)));
        story.begins(one, &former.code);
        story.begins(other, &former.code);
        Ok((story.chapter(RecordKind::Split, "补录: 原为一个物业管理区域，分立为两个"), former))
    }

    /// An area was two until the day.
    fn merge(&mut self, day: Date) -> Result<Chapter, DemoError> {
        let begun = |area: &AreaDraft| area.committees.iter().flatten().all(|committee| committee.formed_on >= day);
        let (area, (east, west)) = self
            .area(|area| if begun(area) { ground::cut(&area.boundary) } else { None })
            .ok_or(DemoError::NoPast { story: "a merge" })?;
        let mut story = Story::new(day);
        for (suffix, boundary) in [("甲院", east), ("乙院", west)] {
            let mut former = self.former(area, suffix, boundary)?;
            former.attributes = Attributes {
                address: area.attributes.address.clone(),
                built_year: area.attributes.built_year,
                ..Attributes::default()
            };
            let code = former.code.clone();
            story.ends(former, area);
            story.begins(area, &code);
        }
        Ok(story.chapter(RecordKind::Merge, "补录: 原为两个物业管理区域，合并为一个"))
    }

    /// The border between two areas ran elsewhere until the day.
    fn adjust(&mut self, day: Date) -> Result<Chapter, DemoError> {
        let (one, other, (first, second)) = self
            .neighbours(|one, other| ground::shifted(&one.boundary, &other.boundary))
            .ok_or(DemoError::NoPast { story: "a moved border" })?;
        let mut story = Story::new(day);
        for (area, boundary) in [(one, first), (other, second)] {
            let mut before = AreaFact::from(area);
            ground::draw(&mut before, boundary);
            story.puts.push(Put::Set { fact: Fact::Area(before), valid: story.before });
        }
        Ok(story.chapter(RecordKind::Adjust, "补录: 两个物业管理区域之间的界线调整"))
    }

    /// An area had its former name until the day.
    fn rename(&mut self, day: Date) -> Result<Chapter, DemoError> {
        let former_name = |area: &AreaDraft| {
            let mut former = area.other_names.iter().filter(|name| name.kind == NameKind::Former);
            former.next().map(|name| name.text.clone())
        };
        let (area, name) = self.area(former_name).ok_or(DemoError::NoPast { story: "a new name" })?;
        let mut before = AreaFact::from(area);
        before.other_names.retain(|other| *other != Name { kind: NameKind::Former, text: name.clone() });
        before.name = format!("{name}{MARK}");
        let mut story = Story::new(day);
        story.puts.push(Put::Set { fact: Fact::Area(before), valid: story.before });
        Ok(story.chapter(RecordKind::Rename, "补录: 物业管理区域更名"))
    }

    /// An area was where none is now, until the day.
    fn retire(&mut self, day: Date) -> Result<Chapter, DemoError> {
        let changes = self.changes;
        let streets = changes.streets.iter();
        let mut found = streets.filter_map(|street| {
            let free = |plot: Rect| self.index.within(plot).next().is_none();
            let like = changes.areas.iter().find(|area| area.street == street.code)?;
            Some((like, ground::free_plot(&street.boundary, free)?))
        });
        let (like, plot) = found.next().ok_or(DemoError::NoPast { story: "an area that is gone" })?;
        let mut former = self.former(like, "周转房", plot)?;
        former.attributes = Attributes { built_year: Some(1976), ..Attributes::default() };
        let committee = committee_of(&former, CommitteeKind::PropertyManagement, self.serial, day);
        let mut story = Story::new(day);
        story.ends(former, like);
        story.puts.push(always(Fact::Committee(committee)));
        Ok(story.chapter(RecordKind::Retirement, "补录: 房屋拆除，物业管理区域撤销"))
    }

    /// The first area, in drawn order, of which a story can be told.
    fn area<T>(&mut self, tell: impl Fn(&AreaDraft) -> Option<T>) -> Option<(&'a AreaDraft, T)> {
        let areas = &self.changes.areas;
        let free = self.order.iter().filter(|at| !self.told.contains(at));
        let (at, story) = free.into_iter().find_map(|at| Some((*at, tell(&areas[*at])?)))?;
        self.told.insert(at);
        Some((&areas[at], story))
    }

    /// The first two neighbours of one street of which a story can be told.
    fn neighbours<T>(
        &mut self,
        tell: impl Fn(&AreaDraft, &AreaDraft) -> Option<T>,
    ) -> Option<(&'a AreaDraft, &'a AreaDraft, T)> {
        let areas = &self.changes.areas;
        let found = self.order.iter().filter(|at| !self.told.contains(at)).find_map(|at| {
            let one = &areas[*at];
            let mut around: Vec<usize> = self.index.within(one.boundary.bounding_rect()?).collect();
            around.sort_unstable();
            let mut others = around.into_iter().filter(|other| other != at && !self.told.contains(other));
            others.find_map(|other| {
                let same_street = areas[other].street == one.street;
                same_street.then(|| tell(one, &areas[other])).flatten().map(|story| (*at, other, story))
            })
        });
        let (one, other, story) = found?;
        self.told.extend([one, other]);
        Some((&areas[one], &areas[other], story))
    }

    /// An area that is no more, like a present one but for its code, name and ground.
    fn former(&mut self, like: &AreaDraft, suffix: &str, boundary: Boundary) -> Result<AreaFact, DemoError> {
        let (prefix, _) = like.code.as_str().rsplit_once('-').unwrap_or((like.code.as_str(), ""));
        let code = AreaCode::parse(&format!("{prefix}-{:04}", self.serial))?;
        self.serial += 1;
        let stem = like.name.strip_suffix(MARK).unwrap_or(&like.name);
        let (name, other_names) = (format!("{stem}{suffix}{MARK}"), Vec::new());
        let mut former = AreaFact { code, name, other_names, committees_known: true, ..AreaFact::from(like) };
        former.attributes.delimitation_document = None;
        ground::draw(&mut former, boundary);
        Ok(former)
    }
}

/// What a record of the past enters about the time before and since its day.
struct Story {
    day: Date,
    before: Validity,
    puts: Vec<Put>,
    lineage: Vec<Lineage>,
}

impl Story {
    fn new(day: Date) -> Self {
        Self { day, before: Validity { from: None, until: Some(day) }, puts: Vec::new(), lineage: Vec::new() }
    }

    /// An area was there until the day, managed as the one whose ground it had.
    fn ends(&mut self, former: AreaFact, like: &AreaDraft) {
        let assignment = like.manager.clone().map(|manager| Assignment { area: former.code.clone(), manager });
        self.puts.push(Put::New { fact: Fact::Area(former), valid: self.before });
        self.puts.extend(assignment.map(|of| Put::New { fact: Fact::Assignment(of), valid: self.before }));
    }

    /// A present area is there since the day only, in the place of another.
    fn begins(&mut self, area: &AreaDraft, predecessor: &AreaCode) {
        let (predecessor, successor, from) = (predecessor.clone(), area.code.clone(), self.day);
        self.lineage.push(Lineage { predecessor, successor, from });
        let key = Key::new(Kind::Area, area.code.as_str());
        if self.puts.iter().any(|put| put.key() == key) {
            return;
        }
        self.puts.push(Put::End { key, valid: self.before });
        if area.manager.is_some() {
            let key = Key::new(Kind::Assignment, area.code.as_str());
            self.puts.push(Put::End { key, valid: self.before });
        }
    }

    fn chapter(self, kind: RecordKind, note: &'static str) -> Chapter {
        let entry = Entry { puts: self.puts, lineage: self.lineage, ..Entry::default() };
        Chapter { kind, dated: self.day, note, entry }
    }
}

/// The year that a former area was built was told wrongly; this puts it right.
fn corrected(mut former: AreaFact, dated: Date) -> Chapter {
    former.attributes.built_year = former.attributes.built_year.map(|year| year - 2);
    let valid = Validity { from: None, until: Some(SPLIT_ON) };
    let puts = vec![Put::Set { fact: Fact::Area(former), valid }];
    let entry = Entry { puts, ..Entry::default() };
    Chapter { kind: RecordKind::Correction, dated, note: "更正: 原区域建成年代", entry }
}

fn always(fact: Fact) -> Put {
    Put::New { fact, valid: Validity::default() }
}

/// A committee that was dissolved when its area ended.
fn committee_of(area: &AreaFact, kind: CommitteeKind, serial: u32, dissolved: Date) -> CommitteeFact {
    // Property-management committees exist since the ordinance came into force on 1 May 2020.
    let (letters, formed_on, members) = match kind {
        CommitteeKind::Owners => ("OC", date(2016, 4, 18), 5),
        CommitteeKind::PropertyManagement => ("PMC", date(2020, 5, 20), 7),
    };
    let committee = Committee {
        code: format!("DEMO-{letters}-9{serial}"),
        kind,
        formed_on,
        filing_applied_on: None,
        filed_on: None,
        filing_number: None,
        term_until: None,
        dissolved_on: Some(dissolved),
        operating: true,
        members: Some(members),
        party: None,
        demo: true,
    };
    CommitteeFact { area: area.code.clone(), committee }
}

/// What is told of two areas as one: counts added up where both are known, the older year.
fn sum_of(one: &Attributes, other: &Attributes) -> Attributes {
    let count = |a: Option<u32>, b: Option<u32>| a.zip(b).and_then(|(a, b)| a.checked_add(b));
    Attributes {
        address: one.address.clone(),
        floor_area_m2: one.floor_area_m2.zip(other.floor_area_m2).map(|(a, b)| a + b),
        households: count(one.households, other.households),
        building_count: count(one.building_count, other.building_count),
        built_year: one.built_year.into_iter().chain(other.built_year).min(),
        ..Attributes::default()
    }
}
