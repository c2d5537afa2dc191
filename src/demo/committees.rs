//! Committees: which areas have which, and their dates.
//!
//! Terms, numbers of members and time limits keep the Beijing property ordinance (articles 39, 41, 43, 52 to 55, 58, 59),
//! but for one transition that lasts too long, so that the demonstration has something to warn of.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::demo::draw::Draw;
use crate::demo::facts::AS_OF;
use crate::demo::plan::{
    CONTRACTED_BOTH, CONTRACTED_MANAGING, CONTRACTED_OWNERS, IDLE_OWNERS, MANAGING_WITH_PARTY, OWNERS_WITH_PARTY,
    QUASI_MANAGING, QUASI_OWNERS,
};
use crate::model::CommitteeKind;

/// Longest term of an owners' committee, years.
const OWNERS_TERM_YEARS: i64 = 5;
/// Term of a management committee, years.
const MANAGING_TERM_YEARS: i64 = 3;
/// Filing is due this many days after the election or formation.
const FILING_DAYS: i64 = 30;
/// Management committees exist since the ordinance came into force on 2020-05-01; this many days lie between it and the
/// day the demonstration describes, a month of preparation left out.
const MANAGING_SINCE_DAYS: i64 = 880;
/// An owners' committee that was elected this many days ago is still within its term.
const OWNERS_SINCE_DAYS: i64 = 1_700;

/// A row of the ledger of committees.
#[derive(Debug, Clone)]
pub struct CommitteeRow {
    /// Number in the ledger.
    pub code: String,
    /// Position of its area.
    pub area: usize,
    /// Owners' or management committee.
    pub kind: CommitteeKind,
    /// Day of election or formation.
    pub formed_on: Date,
    /// Day on which it applied for filing, where told.
    pub filing_applied_on: Option<Date>,
    /// Day of filing, where filed.
    pub filed_on: Option<Date>,
    /// Number of the filing.
    pub filing_number: Option<String>,
    /// Last day of its term.
    pub term_until: Date,
    /// Whether it works.
    pub operating: bool,
    /// Members, an odd number.
    pub members: Option<i64>,
    /// Whether it has a party organisation.
    pub party_organisation: bool,
    /// Since when, where known.
    pub party_since: Option<Date>,
}

/// What is known of the areas before they get their committees.
#[derive(Debug, Clone, Copy)]
pub struct Governed {
    /// Quasi-property.
    pub quasi: bool,
    /// Households, where known.
    pub households: Option<i64>,
}

/// What an area has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Has {
    Owners,
    Managing,
    Both { serial: usize },
    IdleOwners,
    Nothing,
}

/// The committees of all areas in the order of the areas, owners' committees first, all of them filed.
pub fn committees(areas: &[Governed], draw: &mut Draw) -> Vec<CommitteeRow> {
    let mut has = vec![Has::Nothing; areas.len()];
    let mut contracted: Vec<usize> = (0..areas.len()).filter(|i| !areas[*i].quasi).collect();
    let mut quasi: Vec<usize> = (0..areas.len()).filter(|i| areas[*i].quasi).collect();
    draw.shuffle(&mut contracted);
    draw.shuffle(&mut quasi);
    let mut contracted = contracted.into_iter();
    let mut quasi = quasi.into_iter();
    for (serial, i) in contracted.by_ref().take(CONTRACTED_BOTH).enumerate() {
        has[i] = Has::Both { serial };
    }
    contracted.by_ref().take(CONTRACTED_OWNERS).for_each(|i| has[i] = Has::Owners);
    contracted.by_ref().take(CONTRACTED_MANAGING).for_each(|i| has[i] = Has::Managing);
    contracted.by_ref().take(IDLE_OWNERS - 1).for_each(|i| has[i] = Has::IdleOwners);
    quasi.by_ref().take(QUASI_OWNERS).for_each(|i| has[i] = Has::Owners);
    quasi.by_ref().take(QUASI_MANAGING).for_each(|i| has[i] = Has::Managing);
    quasi.by_ref().take(1).for_each(|i| has[i] = Has::IdleOwners);

    let mut rows = Vec::new();
    for (area, has) in has.iter().enumerate() {
        let seat = Seat { area, households: areas[area].households };
        match has {
            Has::Owners => {
                rows.push(owners(seat, AS_OF.saturating_sub(draw.whole(45, OWNERS_SINCE_DAYS).days()), draw))
            }
            Has::Managing => rows.push(managing(seat, draw.whole(40, MANAGING_SINCE_DAYS), draw)),
            Has::Both { serial } => {
                rows.push(in_transition(seat, *serial, draw));
                rows.push(managing(seat, draw.whole(400, MANAGING_SINCE_DAYS), draw));
            }
            Has::IdleOwners => {
                let formed_on = AS_OF.saturating_sub(draw.whole(2_200, 3_900).days());
                let committee = owners(seat, formed_on, draw);
                rows.push(CommitteeRow { operating: false, ..committee });
            }
            Has::Nothing => {}
        }
    }
    number(&mut rows);
    give_party(&mut rows, CommitteeKind::Owners, OWNERS_WITH_PARTY, draw);
    give_party(&mut rows, CommitteeKind::PropertyManagement, MANAGING_WITH_PARTY, draw);
    rows
}

/// The area a committee sits in.
#[derive(Debug, Clone, Copy)]
struct Seat {
    area: usize,
    households: Option<i64>,
}

fn owners(seat: Seat, formed_on: Date, draw: &mut Draw) -> CommitteeRow {
    let years = if draw.chance(20) { OWNERS_TERM_YEARS - 2 } else { OWNERS_TERM_YEARS };
    // A shorter term that would have ended before the day described is a full one after all.
    let ends = |years: i64| formed_on.saturating_add(years.years()).saturating_sub(1.day());
    let term_until = if ends(years) <= AS_OF { ends(OWNERS_TERM_YEARS) } else { ends(years) };
    let few = seat.households.is_some_and(|n| n < 100);
    let members = if few && draw.chance(60) { 3 } else { *draw.pick(&[5, 5, 7, 7, 7, 9, 9, 11]) };
    CommitteeRow {
        code: String::new(),
        area: seat.area,
        kind: CommitteeKind::Owners,
        formed_on,
        filing_applied_on: None,
        filed_on: Some(formed_on.saturating_add(draw.whole(6, FILING_DAYS).days())),
        filing_number: None,
        term_until,
        operating: true,
        members: (!draw.chance(2)).then_some(members),
        party_organisation: false,
        party_since: None,
    }
}

/// The owners' committee of an area whose management committee has not ended yet: filed within the last 30 days, but for
/// the first, which is overdue.
fn in_transition(seat: Seat, serial: usize, draw: &mut Draw) -> CommitteeRow {
    let days_ago = if serial == 0 { draw.whole(38, 48) } else { draw.whole(2, 28) };
    let filed_on = AS_OF.saturating_sub(days_ago.days());
    let formed_on = filed_on.saturating_sub(draw.whole(6, 25).days());
    CommitteeRow { filed_on: Some(filed_on), ..owners(seat, formed_on, draw) }
}

fn managing(seat: Seat, days_ago: i64, draw: &mut Draw) -> CommitteeRow {
    let formed_on = AS_OF.saturating_sub(days_ago.days());
    CommitteeRow {
        code: String::new(),
        area: seat.area,
        kind: CommitteeKind::PropertyManagement,
        formed_on,
        filing_applied_on: None,
        filed_on: Some(formed_on.saturating_add(draw.whole(4, FILING_DAYS).days())),
        filing_number: None,
        term_until: formed_on.saturating_add(MANAGING_TERM_YEARS.years()).saturating_sub(1.day()),
        operating: true,
        members: (!draw.chance(2)).then(|| *draw.pick(&[7, 7, 7, 9, 9, 11])),
        party_organisation: false,
        party_since: None,
    }
}

/// Numbers in the ledger by kind, and filing numbers.
fn number(rows: &mut [CommitteeRow]) {
    let mut serials = [0_usize; 2];
    for row in rows {
        let (place, letters, sign) = match row.kind {
            CommitteeKind::Owners => (0, "OC", "业"),
            CommitteeKind::PropertyManagement => (1, "PMC", "物"),
        };
        serials[place] += 1;
        let serial = serials[place];
        row.code = format!("DEMO-{letters}-{serial:04}");
        row.filing_number = row.filed_on.map(|day| format!("演示{sign}备〔{}〕{serial:04}号", day.year()));
    }
}

fn give_party(rows: &mut [CommitteeRow], kind: CommitteeKind, count: usize, draw: &mut Draw) {
    let mut chosen: Vec<usize> = (0..rows.len()).filter(|i| rows[*i].kind == kind && rows[*i].operating).collect();
    draw.shuffle(&mut chosen);
    for i in chosen.into_iter().take(count) {
        let earliest = rows[i].filed_on.unwrap_or(rows[i].formed_on).min(AS_OF);
        let since = earliest.saturating_add(draw.whole(0, 150).days()).min(AS_OF);
        rows[i].party_organisation = true;
        rows[i].party_since = (!draw.chance(12)).then_some(since);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::draw::Purpose;
    use crate::demo::plan::{AREAS, QUASI};

    #[test]
    fn committees_keep_the_ordinance() {
        let areas: Vec<Governed> =
            (0..AREAS).map(|i| Governed { quasi: i < QUASI, households: Some(40 + i as i64) }).collect();
        let rows = committees(&areas, &mut Draw::new(4, 0, Purpose::Committees));
        assert_eq!(rows.len(), 138 + 1_399 + 4);
        for row in &rows {
            let filed_on = row.filed_on.unwrap();
            assert!(row.formed_on <= filed_on && filed_on <= AS_OF, "{row:?}");
            assert!(filed_on <= row.formed_on.saturating_add(30.days()), "{row:?}");
            assert!(!row.operating || row.term_until > AS_OF, "{row:?}");
            assert!(row.party_since.is_none_or(|day| day >= filed_on && day <= AS_OF), "{row:?}");
            let few = areas[row.area].households.is_some_and(|n| n < 100);
            let (years, least) = match row.kind {
                CommitteeKind::Owners => (OWNERS_TERM_YEARS, if few { 3 } else { 5 }),
                CommitteeKind::PropertyManagement => (MANAGING_TERM_YEARS, 7),
            };
            assert!(row.term_until < row.formed_on.saturating_add(years.years()), "{row:?}");
            assert!(row.members.is_none_or(|n| n % 2 == 1 && n >= least), "{row:?}");
        }
    }
}
