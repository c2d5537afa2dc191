//! Is every area both on the map and in the ledger (落点落图、挂图上账)?

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;

use crate::app::deliveries::today;
use crate::app::{App, Error, MonthCount, Series, Snapshot};
use crate::history::Unlocated;
use crate::ingest::delivery::fingerprint_text;
use crate::model::{Area, AsOf, DeliveryId, Exception, Management, NewException, Revision, StreetCode, UnlocatedRow};
use crate::search::normalize;

/// Issue type that excuses a row of a ledger that is not on the map.
pub const LEDGER_ONLY_ISSUE: &str = "not-located";

/// Issue type that excuses an area that is not in the ledger.
pub const MAP_ONLY_ISSUE: &str = "not-registered";

/// What is only on one side.
#[derive(Debug, Clone, PartialEq)]
pub struct Completeness {
    /// Areas of each street.
    areas: BTreeMap<StreetCode, usize>,
    /// Rows of ledgers for which there is no area (账有图无), in the order of entry.
    pub ledger_only: Vec<LedgerOnly>,
    /// Areas of which no ledger tells (图有账无), in order of code.
    pub map_only: Vec<MapOnly>,
}

/// A row of a ledger for which there is no area.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerOnly {
    /// What the row says.
    pub row: UnlocatedRow,
    /// The delivery that it came with.
    pub delivery: DeliveryId,
    /// Who delivered it.
    pub sender: String,
    /// Date of the record that entered it.
    pub since: Date,
    /// What exceptions call it.
    pub subject: String,
    /// The exception that makes it lawful.
    pub excused: Option<NewException>,
}

/// An area of which no ledger tells how it is managed or of its committees.
#[derive(Debug, Clone, PartialEq)]
pub struct MapOnly {
    /// Position of the area in the snapshot.
    pub position: usize,
    /// Whether nobody has told how it is managed.
    pub without_management: bool,
    /// Whether nobody has told of its committees.
    pub without_committees: bool,
    /// What exceptions call its boundary: they hold for this one.
    pub fingerprint: String,
    /// The exception that makes it lawful.
    pub excused: Option<NewException>,
}

/// The counts of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletenessMonth {
    /// The day.
    pub date: Date,
    /// Rows that are only in a ledger, by street; `None` for a row that names no known street.
    pub ledger_only: BTreeMap<Option<StreetCode>, usize>,
    /// Areas that are only on the map, by street.
    pub map_only: BTreeMap<StreetCode, usize>,
}

/// The counts of the district or of a street.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CompletenessCounts {
    /// Areas on the map.
    pub areas: usize,
    /// Rows that are only in a ledger and not excused.
    pub ledger_only: usize,
    /// Areas that are only on the map and not excused.
    pub map_only: usize,
    /// Rows and areas that are excused.
    pub excused: usize,
}

impl Completeness {
    /// The counts of a street, or of the district, which also counts rows that name no known street.
    pub fn counts_of(&self, street: Option<&StreetCode>, snapshot: &Snapshot) -> CompletenessCounts {
        let rows =
            self.ledger_only.iter().filter(|one| street.is_none_or(|street| one.row.street.as_ref() == Some(street)));
        let areas = self
            .map_only
            .iter()
            .filter(|one| street.is_none_or(|street| snapshot.area(one.position).street == *street));
        let (excused_rows, ledger_only) = split(rows.map(|one| one.excused.is_some()));
        let (excused_areas, map_only) = split(areas.map(|one| one.excused.is_some()));
        CompletenessCounts {
            areas: match street {
                None => self.areas.values().sum(),
                Some(street) => self.areas.get(street).copied().unwrap_or(0),
            },
            ledger_only,
            map_only,
            excused: excused_rows + excused_areas,
        }
    }

    /// Whether everything is on both sides or excused.
    pub fn is_complete(&self) -> bool {
        self.ledger_only.iter().all(|one| one.excused.is_some())
            && self.map_only.iter().all(|one| one.excused.is_some())
    }
}

/// How many are excused, and how many are not.
fn split(excused: impl Iterator<Item = bool>) -> (usize, usize) {
    let excused: Vec<bool> = excused.collect();
    let count = excused.iter().filter(|excused| **excused).count();
    (count, excused.len() - count)
}

impl App {
    /// What is only on one side in a state. Disk and CPU work: not for an async thread. Errors: the store fails.
    pub fn completeness(&self, snapshot: &Snapshot) -> Result<Completeness, Error> {
        let excuses = Excuses::holding(self.store.exceptions()?);
        let rows = self.unlocated_rows(snapshot)?;
        Ok(Completeness {
            areas: snapshot
                .streets()
                .iter()
                .enumerate()
                .map(|(at, street)| (street.code.clone(), snapshot.areas_of_street(at).len()))
                .collect(),
            ledger_only: rows.ledger_only(snapshot.data_date(), &excuses),
            map_only: map_only(snapshot, &excuses),
        })
    }

    /// How many there were of both on the last day of each month, oldest first; excused ones count too. Disk and CPU work:
    /// not for an async thread. Errors: the store fails.
    pub fn completeness_trend(&self, snapshot: &Snapshot) -> Result<Vec<CompletenessMonth>, Error> {
        let rows = self.unlocated_rows(snapshot)?;
        Ok(trend(&*self.series(snapshot)?, &rows))
    }

    /// The rows without a place that a state knows of; kept for the latest states.
    fn unlocated_rows(&self, snapshot: &Snapshot) -> Result<Arc<Rows>, Error> {
        let as_of = snapshot.as_of();
        if let Some(rows) = self.unlocated.kept(as_of) {
            return Ok(rows);
        }
        let senders = self.store.deliveries()?.into_iter().map(|told| (told.id, told.received.sender)).collect();
        let rows = Arc::new(Rows::known(self.store.unlocated()?, &senders, snapshot));
        self.unlocated.keep(as_of, &rows);
        Ok(rows)
    }
}

/// Rows without a place of other states that are kept.
const STATES_KEPT: usize = 4;

/// Rows without a place, newest state last. What a state knows of them never changes.
#[derive(Default)]
pub(super) struct UnlocatedCache(Mutex<Vec<(AsOf, Arc<Rows>)>>);

impl UnlocatedCache {
    fn kept(&self, as_of: AsOf) -> Option<Arc<Rows>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(held, _)| *held == as_of).map(|(_, rows)| Arc::clone(rows))
    }

    fn keep(&self, as_of: AsOf, rows: &Arc<Rows>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(held, _)| *held != as_of);
        if kept.len() >= STATES_KEPT {
            kept.remove(0);
        }
        kept.push((as_of, Arc::clone(rows)));
    }

    /// Forgets everything: it may not be what the store tells any more.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// The exceptions that hold today.
struct Excuses {
    /// Of rows, by what they call the row: a row without a place has no geometry that could change.
    rows: HashMap<String, NewException>,
    /// Of areas, by the fingerprint of the boundary, whatever they call the area: a drawn row of a delivery, or its code.
    boundaries: HashMap<String, NewException>,
}

impl Excuses {
    fn holding(exceptions: Vec<Exception>) -> Self {
        let today = today();
        let mut excuses = Self { rows: HashMap::new(), boundaries: HashMap::new() };
        let holds = |exception: &Exception| exception.withdrawn_at.is_none() && exception.recorded.expires_on >= today;
        for Exception { recorded, .. } in exceptions.into_iter().filter(holds) {
            match recorded.issue.as_str() {
                LEDGER_ONLY_ISSUE => excuses.rows.insert(recorded.subject.clone(), recorded),
                MAP_ONLY_ISSUE => excuses.boundaries.insert(recorded.fingerprint.clone(), recorded),
                _ => None,
            };
        }
        excuses
    }
}

fn map_only(snapshot: &Snapshot, excuses: &Excuses) -> Vec<MapOnly> {
    let unregistered = snapshot.positions().filter(|position| !snapshot.area(*position).is_registered());
    unregistered
        .map(|position| {
            let area = snapshot.area(position);
            let fingerprint = fingerprint_text(&area.boundary);
            MapOnly {
                position,
                without_management: area.management == Management::Unknown,
                without_committees: area.committees.is_none(),
                excused: excuses.boundaries.get(&fingerprint).cloned(),
                fingerprint,
            }
        })
        .collect()
}

/// A row without a place, and when it was so.
struct RowSpan {
    row: UnlocatedRow,
    delivery: DeliveryId,
    sender: String,
    /// Date of the record that entered it.
    since: Date,
    /// The first day on which an area stands for it.
    located_on: Option<Date>,
}

/// Every row without a place that a state knows of, each area's row once.
pub(super) struct Rows(Vec<RowSpan>);

impl Rows {
    /// Those of `kept` that the state knows of; `senders` tells who delivered what.
    fn known(kept: Vec<Unlocated>, senders: &HashMap<DeliveryId, String>, snapshot: &Snapshot) -> Self {
        let located = Located::of(snapshot);
        let dates = dates(snapshot);
        let mut kept: Vec<Unlocated> =
            kept.into_iter().filter(|kept| kept.recorded.was_known(snapshot.revision())).collect();
        kept.sort_by_key(|kept| kept.recorded.from);
        let mut rows: Vec<RowSpan> = Vec::new();
        let mut places: HashMap<Told, usize> = HashMap::new();
        for Unlocated { delivery, recorded, row } in kept {
            let Some(since) = dates.get(&recorded.from).copied() else { continue };
            let sender = senders.get(&delivery).cloned().unwrap_or_default();
            let told = Told::by(&row, &sender);
            // A row that is delivered again is still one row, without a place since the first time. One that named no
            // street before may name it now.
            let unplaced = || places.get(&Told::without_street(&row, &sender)).copied();
            let again = places.get(&told).copied().or_else(|| unplaced().filter(|at| rows[*at].delivery != delivery));
            let since = again.map_or(since, |at| rows[at].since);
            let located_on = located.since(&row, &sender, since);
            let span = RowSpan { row, delivery, sender, since, located_on };
            let at = again.unwrap_or(rows.len());
            match rows.get_mut(at) {
                Some(known) => {
                    places.remove(&Told::by(&known.row, &known.sender));
                    *known = span;
                }
                None => rows.push(span),
            }
            places.insert(told, at);
        }
        Self(rows)
    }

    /// Those without a place on a day.
    fn without_place(&self, day: Date) -> impl Iterator<Item = &RowSpan> {
        self.0.iter().filter(move |row| row.since <= day && row.located_on.is_none_or(|located| day < located))
    }

    fn ledger_only(&self, day: Date, excuses: &Excuses) -> Vec<LedgerOnly> {
        self.without_place(day)
            .map(|RowSpan { row, delivery, sender, since, .. }| {
                let subject = subject(row);
                LedgerOnly {
                    row: row.clone(),
                    delivery: *delivery,
                    sender: sender.clone(),
                    since: *since,
                    excused: excuses.rows.get(&subject).cloned(),
                    subject,
                }
            })
            .collect()
    }
}

/// By what a row is the same as another: name and street, or name and sender where it names no street.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Told {
    InStreet(StreetCode, String),
    By(String, String),
}

impl Told {
    fn by(row: &UnlocatedRow, sender: &str) -> Self {
        match &row.street {
            Some(street) => Self::InStreet(street.clone(), normalize(&row.name)),
            None => Self::without_street(row, sender),
        }
    }

    fn without_street(row: &UnlocatedRow, sender: &str) -> Self {
        Self::By(sender.to_owned(), normalize(&row.name))
    }
}

fn dates(snapshot: &Snapshot) -> HashMap<Revision, Date> {
    snapshot.records().iter().map(|record| (Revision(u64::from(record.id.0)), record.dated)).collect()
}

/// What findings and exceptions call a row.
fn subject(row: &UnlocatedRow) -> String {
    match (&row.street, &row.foreign_code) {
        (Some(street), _) => format!("{} @ {street}", row.name),
        (None, Some(code)) => code.clone(),
        (None, None) => row.name.clone(),
    }
}

/// The areas of a state by what a row may call them, and since when they are there.
struct Located<'a> {
    by_name: HashMap<String, Vec<(&'a StreetCode, Date)>>,
    by_code: HashMap<(&'a str, &'a str), Date>,
}

impl<'a> Located<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        let mut located = Self { by_name: HashMap::new(), by_code: HashMap::new() };
        for area in snapshot.areas() {
            located.add(area);
        }
        located
    }

    fn add(&mut self, area: &'a Area) {
        let from = area.validity.from.unwrap_or(Date::MIN);
        let others = area.other_names.iter().map(|name| name.text.as_str());
        for name in std::iter::once(area.name.as_str()).chain(others) {
            self.by_name.entry(normalize(name)).or_default().push((&area.street, from));
        }
        for code in &area.attributes.foreign_codes {
            self.by_code.insert((&code.scheme, &code.code), from);
        }
    }

    /// The first day on which an area stands for a row that was entered on a day.
    fn since(&self, row: &UnlocatedRow, sender: &str, entered: Date) -> Option<Date> {
        let namesakes = self.by_name.get(&normalize(&row.name)).into_iter().flatten();
        let by_name = namesakes.filter(|(street, from)| match &row.street {
            Some(of_row) => of_row == *street,
            // Any street may have an area of that name already, and the row is about none of them.
            None => *from >= entered,
        });
        let by_code = row.foreign_code.as_deref().and_then(|code| self.by_code.get(&(sender, code)));
        by_name.map(|(_, from)| *from).min().or(by_code.copied())
    }
}

fn trend(series: &Series, rows: &Rows) -> Vec<CompletenessMonth> {
    let month = |month: &MonthCount| {
        let mut ledger_only = BTreeMap::new();
        for row in rows.without_place(month.date) {
            *ledger_only.entry(row.row.street.clone()).or_insert(0) += 1;
        }
        CompletenessMonth { date: month.date, ledger_only, map_only: month.unregistered.clone() }
    };
    series.months.iter().map(month).collect()
}
