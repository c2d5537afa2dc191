//! What the public says is wrong on the map.

use std::sync::atomic::Ordering;

use geo::{CoordsIter as _, LineString, Point};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::access::{Access, AccessError, Invalidity, Occasion, again, ask, body, wording};
use crate::auth::policy::{Action, Resource};
use crate::auth::role::{Actor, Role};
use crate::history::AuditDraft;
use crate::model::{AreaCode, StreetCode};
use crate::store::{Document, DocumentChange, DocumentKind, REPORT_SERIAL};

/// Characters of a report's text at most.
pub const REPORT_TEXT_CHARS_MAX: usize = 200;

/// Characters of an answer at most.
pub const ANSWER_CHARS_MAX: usize = 200;

/// Reports that are told at a time.
pub const REPORTS_LIMIT_MAX: usize = 200;

/// Reports of whoever is not signed in that are taken in a day when nothing else is said.
pub const REPORTS_PER_DAY: u32 = 1_000;

/// Points of a line at most.
const LINE_POINTS_MAX: usize = 200;

/// Years are those of Beijing.
const BEIJING: Offset = jiff::tz::offset(8);

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A boundary runs elsewhere.
    BoundaryWrong,
    /// A name is another one.
    NameWrong,
    /// There is an area that is not on the map.
    MissingArea,
    /// An area is on the map twice.
    Duplicate,
    /// Something else.
    Other,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 5] = [Self::BoundaryWrong, Self::NameWrong, Self::MissingArea, Self::Duplicate, Self::Other];

    /// Name used in the API and in the store.
    pub fn key(self) -> &'static str {
        match self {
            Self::BoundaryWrong => "boundary_wrong",
            Self::NameWrong => "name_wrong",
            Self::MissingArea => "missing_area",
            Self::Duplicate => "duplicate",
            Self::Other => "other",
        }
    }

    /// The reason of that name; `None` for another text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.key() == key)
    }
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportState {
    /// Nobody has looked at it.
    Received,
    /// It is right, and somebody is at work on it.
    Accepted,
    /// It is not right.
    Rejected,
    /// The map is as it should be.
    Done,
}

impl ReportState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Received, Self::Accepted, Self::Rejected, Self::Done];

    /// Name used in the API and in the store.
    pub fn key(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Done => "done",
        }
    }

    /// The state of that name; `None` for another text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Whether an answer may lead there. What was decided may be decided otherwise, but not forgotten.
    fn leads_to(self, next: Self) -> bool {
        match (self, next) {
            (_, Self::Received) => false,
            (Self::Done, Self::Rejected) | (Self::Rejected, Self::Done) => false,
            (_, Self::Accepted | Self::Rejected | Self::Done) => true,
        }
    }
}

/// Where it is: degrees, longitude before latitude.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Here.
    Point(Point),
    /// Along here.
    Line(LineString),
}

impl Place {
    /// Refuses what is not on the globe, and lines of one point or of very many.
    fn check(&self) -> Result<(), AccessError> {
        let right = |lng: f64, lat: f64| (-180.0..=180.0).contains(&lng) && (-90.0..=90.0).contains(&lat);
        let fits = match self {
            Self::Point(point) => right(point.x(), point.y()),
            Self::Line(line) => {
                (2..=LINE_POINTS_MAX).contains(&line.coords_count()) && line.coords().all(|at| right(at.x, at.y))
            }
        };
        let max = LINE_POINTS_MAX;
        if fits { Ok(()) } else { Err(AccessError::invalid("place", Invalidity::NotAPlace { max })) }
    }
}

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Its number, `R-2026-000123`: the year, and its number in the year.
    pub number: String,
    /// Where it is.
    pub place: Place,
    /// The area that it is about, if it is about one that there is.
    pub area: Option<AreaCode>,
    /// The street that answers it; the district answers others.
    pub street: Option<StreetCode>,
    /// What is wrong.
    pub reason: Reason,
    /// What was said; may be empty.
    pub text: String,
    /// What became of it.
    pub state: ReportState,
    /// What whoever sent it is told.
    pub answer: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
    /// When it was answered last.
    pub decided_at: Option<Timestamp>,
    /// Who answered it last.
    pub decided_by: Option<String>,
    /// What an answer to it must have seen.
    pub revision: u64,
}

/// A report that is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct NewReport {
    /// Where it is.
    pub place: Place,
    /// The area that it is about.
    pub area: Option<AreaCode>,
    /// The street that it lies in.
    pub street: Option<StreetCode>,
    /// What is wrong.
    pub reason: Reason,
    /// Up to [`REPORT_TEXT_CHARS_MAX`] characters in which nothing tells of a person.
    pub text: String,
}

/// What anybody who knows the number is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The number.
    pub number: String,
    /// What became of it.
    pub state: ReportState,
    /// The answer.
    pub answer: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
    /// When it was answered last.
    pub decided_at: Option<Timestamp>,
}

/// Which reports are asked for; what is left open does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportQuery {
    /// Those in this state.
    pub state: Option<ReportState>,
    /// Those of this street; officers get those of all of theirs.
    pub street: Option<StreetCode>,
    /// Those after this number in the list, which has the newest first.
    pub after: Option<String>,
    /// At most so many, up to [`REPORTS_LIMIT_MAX`].
    pub limit: usize,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportAnswer {
    /// The report.
    pub number: String,
    /// The revision that was seen; `None` for whatever there is.
    pub seen: Option<u64>,
    /// What becomes of it.
    pub state: ReportState,
    /// What whoever sent it is told; `None` leaves the answer that is there.
    pub answer: Option<String>,
}

/// A report as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    place: Vec<[f64; 2]>,
    area: Option<String>,
    street: Option<String>,
    reason: String,
    text: String,
    state: String,
    answer: Option<String>,
    received_at: Timestamp,
    decided_at: Option<Timestamp>,
    decided_by: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Serial {
    year: i16,
    last: u32,
    /// The day of the last one of the public, and how many of that day there are.
    #[serde(default)]
    day: Option<Date>,
    #[serde(default)]
    of_day: u32,
}

fn read(document: &Document) -> Result<(Kept, Report), AccessError> {
    let kept: Kept = body::read(document)?;
    let bad = |why: String| body::unreadable(document, why);
    let place = match kept.place.as_slice() {
        [[lng, lat]] => Place::Point(Point::new(*lng, *lat)),
        points => Place::Line(LineString::from(points.iter().map(|[lng, lat]| (*lng, *lat)).collect::<Vec<_>>())),
    };
    let area = kept.area.as_deref().map(AreaCode::parse).transpose().map_err(|err| bad(err.to_string()))?;
    let street = kept.street.as_deref().map(StreetCode::parse).transpose().map_err(|err| bad(err.to_string()))?;
    let report = Report {
        number: document.id.clone(),
        place,
        area,
        street,
        reason: Reason::from_key(&kept.reason).ok_or_else(|| bad(format!("{:?} is no reason", kept.reason)))?,
        text: kept.text.clone(),
        state: ReportState::from_key(&kept.state).ok_or_else(|| bad(format!("{:?} is no state", kept.state)))?,
        answer: kept.answer.clone(),
        received_at: kept.received_at,
        decided_at: kept.decided_at,
        decided_by: kept.decided_by.clone(),
        revision: document.revision,
    };
    Ok((kept, report))
}

impl Access {
    /// Takes a report in and numbers it. Where it lies, and that this is near the district, is the caller's to find out.
    pub fn send_report(&self, actor: &Actor, occasion: &Occasion, new: &NewReport) -> Result<Report, AccessError> {
        ask(actor, Action::SendReport, &Resource::District)?;
        new.place.check()?;
        let text = match new.text.trim() {
            "" => String::new(),
            text => wording::text("text", text, REPORT_TEXT_CHARS_MAX)?,
        };
        if let Some(why) = wording::personal(&text) {
            return Err(AccessError::invalid("text", why));
        }
        if text.is_empty() && new.reason == Reason::Other {
            return Err(AccessError::invalid("text", Invalidity::Empty));
        }
        let place = match &new.place {
            Place::Point(point) => vec![[point.x(), point.y()]],
            Place::Line(line) => line.coords().map(|at| [at.x, at.y]).collect(),
        };
        let kept = Kept {
            place,
            area: new.area.as_ref().map(|area| area.as_str().to_owned()),
            street: new.street.as_ref().map(|street| street.as_str().to_owned()),
            reason: new.reason.key().to_owned(),
            text,
            state: ReportState::Received.key().to_owned(),
            answer: None,
            received_at: occasion.at,
            decided_at: None,
            decided_by: None,
        };
        again(|| self.number_report(actor, occasion, &kept))
    }

    /// Takes so many reports of whoever is not signed in in a day of Beijing, from all addresses together, instead of
    /// [`REPORTS_PER_DAY`].
    pub fn take_reports(&self, per_day: u32) {
        self.0.reports_per_day.store(per_day, Ordering::Relaxed);
    }

    fn number_report(&self, actor: &Actor, occasion: &Occasion, kept: &Kept) -> Result<Report, AccessError> {
        let today = BEIJING.to_datetime(occasion.at).date();
        let year = today.year();
        let known = self.document(DocumentKind::Setting, REPORT_SERIAL)?;
        let serial: Option<Serial> = known.as_ref().map(body::read).transpose()?;
        // A clock that was set back goes on in the year that it had reached.
        let mut serial = match serial {
            Some(serial) if serial.year >= year => Serial { last: serial.last + 1, ..serial },
            serial => Serial {
                year,
                last: 1,
                day: serial.as_ref().and_then(|serial| serial.day),
                of_day: serial.map_or(0, |serial| serial.of_day),
            },
        };
        // Whoever has an account is not many.
        if actor.role == Role::Public {
            let before = if serial.day == Some(today) { serial.of_day } else { 0 };
            if before >= self.0.reports_per_day.load(Ordering::Relaxed) {
                let tomorrow = today.tomorrow().ok().and_then(|day| BEIJING.to_timestamp(day.at(0, 0, 0, 0)).ok());
                return Err(AccessError::TooManyReports { until: tomorrow.unwrap_or(Timestamp::MAX) });
            }
            (serial.day, serial.of_day) = (Some(today), before + 1);
        }
        let number = format!("R-{}-{:06}", serial.year, serial.last);
        let next = match &known {
            Some(document) => DocumentChange::of(document, body::write(&serial)),
            None => DocumentChange::new(DocumentKind::Setting, REPORT_SERIAL, body::write(&serial)),
        };
        let after = json!({ "reason": kept.reason, "area": kept.area, "street": kept.street });
        let draft = AuditDraft {
            object: Some(object(&number)),
            after: Some(after.to_string()),
            ..self.draft(actor, occasion, "report.send")?
        };
        let body = body::write(kept);
        self.write(&[next, DocumentChange::new(DocumentKind::Report, &number, body.clone())], &[draft])?;
        Ok(read(&Document { kind: DocumentKind::Report, id: number, revision: 1, body })?.1)
    }

    /// What became of a report, for anybody who knows its number.
    pub fn report_outcome(&self, number: &str) -> Result<Outcome, AccessError> {
        let Report { number, state, answer, received_at, decided_at, .. } = self.read_report(number)?.2;
        Ok(Outcome { number, state, answer, received_at, decided_at })
    }

    /// A report as those see it who answer it. Errors: [`AccessError::NotAllowed`] for one of another street.
    pub fn report(&self, actor: &Actor, number: &str) -> Result<Report, AccessError> {
        ask_anywhere(actor, Action::ReadDesk)?;
        let report = self.read_report(number)?.2;
        ask(actor, Action::ReadDesk, &place_of(&report))?;
        Ok(report)
    }

    fn read_report(&self, number: &str) -> Result<(Document, Kept, Report), AccessError> {
        let missing = || AccessError::NoSuchReport(number.to_owned());
        let document = self.document(DocumentKind::Report, number)?.ok_or_else(missing)?;
        let (kept, report) = read(&document)?;
        Ok((document, kept, report))
    }

    /// Reports, the newest first.
    pub fn reports(&self, actor: &Actor, query: &ReportQuery) -> Result<Vec<Report>, AccessError> {
        let ReportQuery { state, street, after, limit } = query;
        ask_anywhere(actor, Action::ReadDesk)?;
        if let Some(street) = street {
            ask(actor, Action::ReadDesk, &Resource::Street(street))?;
        }
        if !(1..=REPORTS_LIMIT_MAX).contains(limit) {
            return Err(AccessError::invalid("limit", Invalidity::Limit { max: REPORTS_LIMIT_MAX }));
        }
        let mut found = Vec::new();
        for document in self.store().documents(DocumentKind::Report)?.iter().rev() {
            if after.as_ref().is_some_and(|after| document.id >= *after) {
                continue;
            }
            let (_, report) = read(document)?;
            let asked = state.is_none_or(|state| state == report.state)
                && street.as_ref().is_none_or(|street| report.street.as_ref() == Some(street));
            if asked && actor.may(Action::ReadDesk, &place_of(&report)) {
                found.push(report);
            }
            if found.len() == *limit {
                break;
            }
        }
        Ok(found)
    }

    /// How many reports are in each state, of those that the actor may see, of a street or of all.
    pub fn report_counts(
        &self,
        actor: &Actor,
        street: Option<&StreetCode>,
    ) -> Result<[(ReportState, usize); 4], AccessError> {
        ask_anywhere(actor, Action::ReadDesk)?;
        let mut counts = ReportState::ALL.map(|state| (state, 0));
        for document in self.store().documents(DocumentKind::Report)? {
            let (_, report) = read(&document)?;
            let asked = street.is_none_or(|street| report.street.as_ref() == Some(street));
            if asked && actor.may(Action::ReadDesk, &place_of(&report)) {
                counts.iter_mut().filter(|(state, _)| *state == report.state).for_each(|(_, count)| *count += 1);
            }
        }
        Ok(counts)
    }

    /// Decides on a report. Errors: [`AccessError::Outdated`] when it is not as it was seen.
    pub fn answer_report(
        &self,
        actor: &Actor,
        occasion: &Occasion,
        answer: &ReportAnswer,
    ) -> Result<Report, AccessError> {
        ask_anywhere(actor, Action::AnswerReport)?;
        let words =
            answer.answer.as_deref().map(|words| wording::text("answer", words, ANSWER_CHARS_MAX)).transpose()?;
        if words.as_deref().and_then(wording::personal) == Some(Invalidity::IdNumber) {
            return Err(AccessError::invalid("answer", Invalidity::IdNumber));
        }
        again(|| {
            let (document, mut kept, report) = self.read_report(&answer.number)?;
            ask(actor, Action::AnswerReport, &place_of(&report))?;
            if answer.seen.is_some_and(|seen| seen != report.revision) {
                return Err(AccessError::Outdated);
            }
            if !report.state.leads_to(answer.state) {
                return Err(AccessError::invalid("state", Invalidity::NotNext));
            }
            let before = json!({ "state": kept.state, "answer": kept.answer });
            kept.state = answer.state.key().to_owned();
            kept.answer = words.clone().or(kept.answer);
            kept.decided_at = Some(occasion.at);
            kept.decided_by = Some(actor.who().to_owned());
            let after = json!({ "state": kept.state, "answer": kept.answer });
            let draft = AuditDraft {
                object: Some(object(&answer.number)),
                before: Some(before.to_string()),
                after: Some(after.to_string()),
                ..self.draft(actor, occasion, "report.answer")?
            };
            let change = DocumentChange::of(&document, body::write(&kept));
            let written =
                Document { body: change.body.clone().unwrap_or_default(), revision: document.revision + 1, ..document };
            self.write(&[change], &[draft])?;
            Ok(read(&written)?.1)
        })
    }
}

/// What the log calls a report.
fn object(number: &str) -> String {
    format!("report/{number}")
}

/// Whose it is to answer.
fn place_of(report: &Report) -> Resource<'_> {
    report.street.as_ref().map_or(Resource::District, Resource::Street)
}

/// Whether somebody may do that in the district, or in any street of their own.
fn ask_anywhere(actor: &Actor, action: Action) -> Result<(), AccessError> {
    match actor.role {
        Role::Officer | Role::Token if !actor.streets.is_empty() => {
            ask(actor, action, &Resource::Streets(&actor.streets))
        }
        _ => ask(actor, action, &Resource::District),
    }
}
