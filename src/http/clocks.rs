//! The two clocks of a question, `datetime` and `known`: read in this one place.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};

use crate::http::Problem;
use crate::model::{AsOf, Record, Revision, read_date};
use crate::store::Question;

/// Days are those of Beijing, which has kept UTC+8 all year since 1991.
const BEIJING: Offset = Offset::constant(8);

/// What `known` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// A revision by its number.
    Revision(Revision),
    /// The latest revision recorded before this instant.
    Before(Timestamp),
    /// The latest revision recorded up to this instant.
    By(Timestamp),
}

/// The clocks of a request, with the texts they were read from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clocks {
    day: Option<Date>,
    known: Option<Known>,
    datetime_text: Option<String>,
    known_text: Option<String>,
}

impl Clocks {
    /// Reads both parameters. Errors: 400 with what would be right.
    pub fn parse(datetime: Option<String>, known: Option<String>) -> Result<Self, Problem> {
        Ok(Self {
            day: datetime.as_deref().map(parse_datetime).transpose()?,
            known: known.as_deref().map(parse_known).transpose()?,
            datetime_text: datetime,
            known_text: known,
        })
    }

    /// Whether both clocks are told: the answer then stays the same whatever is recorded later.
    pub fn are_pinned(&self) -> bool {
        self.day.is_some() && self.known.is_some()
    }

    /// Whether neither clock is told.
    pub fn are_open(&self) -> bool {
        self.day.is_none() && self.known.is_none()
    }

    /// The revision that is asked for by its number.
    pub fn revision(&self) -> Option<Revision> {
        match self.known {
            Some(Known::Revision(revision)) => Some(revision),
            _ => None,
        }
    }

    /// The parameters as they were given, for links that keep them.
    pub fn kept(&self) -> [(&'static str, Option<&str>); 2] {
        [("datetime", self.datetime_text.as_deref()), ("known", self.known_text.as_deref())]
    }

    /// The question that they ask of a register with these records, oldest first.
    /// Errors: 400 for a revision that there is not, and for an instant before the first record.
    pub fn question(&self, records: &[Arc<Record>]) -> Result<Question, Problem> {
        let known = self.known.map(|known| revision_of(known, records)).transpose()?;
        Ok(Question { day: self.day, known })
    }
}

/// The state that `since` and `until` of `/api/changes` name: for a revision the map as it stood then, for a day, or an
/// instant of it, the map of that day as far as is known under the last of these records.
/// Errors: 400 for rubbish and for a revision that there is not.
pub fn parse_state(name: &str, text: &str, records: &[Arc<Record>]) -> Result<AsOf, Problem> {
    let latest = records.last().map_or(0, |record| u64::from(record.id.0));
    if let Some(Known::Revision(revision)) = read_known(text) {
        let known = revision_of(Known::Revision(revision), records)?;
        let until_then = records.iter().take_while(|record| u64::from(record.id.0) <= known.0);
        let day = until_then.map(|record| record.dated).max();
        let day = day.ok_or_else(|| Problem::bad_parameter(format!("there is no revision {known}")))?;
        return Ok(AsOf { day, known });
    }
    let day = read_day(text).ok_or_else(|| unreadable(name, text))?;
    Ok(AsOf { day, known: Revision(latest) })
}

fn revision_of(known: Known, records: &[Arc<Record>]) -> Result<Revision, Problem> {
    let latest = records.last().map_or(0, |record| u64::from(record.id.0));
    // Clocks of several machines may differ a little, so the list may go back in time for a moment. What counts is that
    // everything up to the revision was recorded by then: that never changes when more is recorded later.
    let recorded = |by: &dyn Fn(Timestamp) -> bool| {
        let count = records.iter().take_while(|record| by(record.recorded_at)).count();
        count.checked_sub(1).map(|last| Revision(u64::from(records[last].id.0)))
    };
    let found = match known {
        Known::Revision(revision) if revision.0 > latest => {
            return Err(Problem::bad_parameter(format!("there is no revision {revision} yet, the latest is {latest}")));
        }
        Known::Revision(revision) => (revision.0 > 0).then_some(revision),
        Known::Before(instant) => recorded(&|at| at < instant),
        Known::By(instant) => recorded(&|at| at <= instant),
    };
    found.ok_or_else(|| Problem::bad_parameter("nothing was recorded yet at that time: the register begins later"))
}

fn parse_datetime(text: &str) -> Result<Date, Problem> {
    read_day(text).ok_or_else(|| unreadable("datetime", text))
}

/// A date, or the date in Beijing at an instant.
fn read_day(text: &str) -> Option<Date> {
    read_date(text).or_else(|| Some(BEIJING.to_datetime(read_instant(text)?).date()))
}

fn parse_known(text: &str) -> Result<Known, Problem> {
    read_known(text).ok_or_else(|| {
        Problem::bad_parameter(format!(
            "known must be a revision number, a date (2021-06-01) or an instant (2021-06-01T12:00:00+08:00), it is {text:?}"
        ))
    })
}

fn read_known(text: &str) -> Option<Known> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // Only too many digits are left as a reason not to parse, and then there is no such revision.
        return Some(Known::Revision(Revision(text.parse().unwrap_or(u64::MAX))));
    }
    if let Some(day) = read_date(text) {
        let next = day.checked_add(1.day()).ok()?;
        return Some(Known::Before(BEIJING.to_timestamp(next.to_datetime(jiff::civil::Time::midnight())).ok()?));
    }
    read_instant(text).map(Known::By)
}

fn unreadable(name: &str, text: &str) -> Problem {
    let what = if text.contains('/') { "a single date or instant, not an interval" } else { "a date or an instant" };
    Problem::bad_parameter(format!(
        "{name} must be {what} (RFC 3339: 2021-06-01 or 2021-06-01T12:00:00+08:00), it is {text:?}"
    ))
}

/// `date-time` of RFC 3339, 5.6. Leniently a space where the sign of the offset stands: that is what becomes of a `+` that
/// was put into a query without being encoded.
fn read_instant(text: &str) -> Option<Timestamp> {
    let (clock, zone) = text.split_at_checked(19)?;
    let fraction = zone.strip_prefix('.').map_or(0, |rest| 1 + rest.bytes().take_while(u8::is_ascii_digit).count());
    let (fraction, offset) = zone.split_at(fraction);
    let offset = offset.replacen(' ', "+", 1);
    let zoned = matches!(offset.as_str(), "Z" | "z")
        || offset.strip_prefix(['+', '-']).is_some_and(|difference| has_shape(difference, "00:00"));
    let shaped = has_shape(clock, "0000-00-00T00:00:00") || has_shape(clock, "0000-00-00t00:00:00");
    let whole = (1..=10).contains(&fraction.len()) && fraction.len() > 1 || fraction.is_empty();
    (shaped && zoned && whole).then(|| format!("{clock}{fraction}{offset}").parse().ok()).flatten()
}

/// Whether digits stand where the pattern has zeros, and everything else is as in the pattern.
fn has_shape(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text.bytes().zip(pattern.bytes()).all(|(b, p)| if p == b'0' { b.is_ascii_digit() } else { b == p })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RecordId, RecordKind};
    use jiff::civil::date;

    fn records() -> Vec<Arc<Record>> {
        let at = |id: u32, instant: &str| {
            Arc::new(Record {
                id: RecordId(id),
                kind: RecordKind::Delivery,
                document: String::new(),
                authority: String::new(),
                dated: date(2021, 1, 1),
                author: String::new(),
                recorded_at: instant.parse().unwrap(),
                note: String::new(),
            })
        };
        // The third was recorded by a machine whose clock was behind.
        vec![at(1, "2021-06-01T08:00:00Z"), at(2, "2021-06-01T16:00:00Z"), at(3, "2021-06-01T15:59:58Z")]
    }

    fn question(datetime: Option<&str>, known: Option<&str>) -> Result<Question, Problem> {
        Clocks::parse(datetime.map(str::to_owned), known.map(str::to_owned))?.question(&records())
    }

    #[test]
    fn days_are_those_of_beijing() {
        let day = |text: &str| question(Some(text), None).unwrap().day.unwrap();
        assert_eq!(day("2021-06-01"), date(2021, 6, 1));
        assert_eq!(day("2021-06-01T15:59:59Z"), date(2021, 6, 1));
        assert_eq!(day("2021-06-01T16:00:00Z"), date(2021, 6, 2));
        assert_eq!(day("2021-06-01T00:00:00.5+08:00"), date(2021, 6, 1));
        assert_eq!(day("2021-06-01T00:00:00 08:00"), date(2021, 6, 1), "a plus sign that was not encoded");
        assert_eq!(question(None, None).unwrap(), Question::default());
    }

    #[test]
    fn known_is_a_revision_an_instant_or_the_end_of_a_day() {
        let known = |text: &str| question(None, Some(text)).map(|question| question.known.unwrap().0);
        assert_eq!(known("2"), Ok(2));
        assert_eq!(known("2021-06-01T08:00:00Z"), Ok(1));
        assert_eq!(known("2021-06-01T15:59:59Z"), Ok(1), "what was recorded out of order does not count yet");
        assert_eq!(known("2021-06-01"), Ok(1), "midnight belongs to the next day");
        assert_eq!(known("2021-06-02"), Ok(3));
        assert_eq!(known("2099-12-31"), Ok(3));
        for missing in ["0", "4", "99999999999999999999999", "2021-05-31", "2021-06-01T07:59:59Z"] {
            assert!(known(missing).is_err(), "{missing}");
        }
    }

    #[test]
    fn changes_are_counted_from_a_revision_or_from_a_day() {
        let state = |text: &str| parse_state("since", text, &records()).map(|as_of| (as_of.day, as_of.known.0));
        assert_eq!(state("2"), Ok((date(2021, 1, 1), 2)));
        assert_eq!(state("2020-05-01"), Ok((date(2020, 5, 1), 3)));
        assert_eq!(state("2020-05-01T16:00:00Z"), Ok((date(2020, 5, 2), 3)));
        for bad in ["", "0", "4", "then", "2020-05-01/.."] {
            assert!(state(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rubbish_and_intervals_are_refused() {
        for bad in [
            "",
            "..",
            "2021",
            "2021-06",
            "20210601",
            "2021-13-01",
            "2021-02-30",
            "2021-6-1",
            "+002021-06-01",
            "2021-06-01/2021-07-01",
            "2021-06-01/..",
            "2021-06-01T00:00:00",
            "2021-06-01 00:00:00Z",
            "2021-06-01T00:00:00.Z",
            "2021-06-01T00:00:00+0800",
            "2021-06-01T00:00:00+08:00[Asia/Shanghai]",
            "2021-06-01T25:00:00Z",
            "今天",
            "一二三四五六七八九十一二三四五六七八九",
        ] {
            assert!(question(Some(bad), None).is_err(), "{bad}");
        }
        for bad in ["", "-1", "1.0", "r1", "..", "1/2", "2021-06-01/2021-07-01", "latest"] {
            assert!(question(None, Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_instant_whose_offset_is_not_of_one_byte_characters_is_no_instant() {
        for text in
            ["2022-10-27T00:00:00\u{a4a0}", "2022-10-27T00:00:00.5\u{11d90}08:00", "2022-10-27T00:00:00+\u{e9}8:00"]
        {
            assert_eq!(read_instant(text), None, "{text}");
        }
        assert!(read_instant("2022-10-27T00:00:00 08:00").is_some());
    }
}
