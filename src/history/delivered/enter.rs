//! Areas of which a delivery says something new.

use jiff::civil::Date;

use crate::history::{AreaFact, Assignment, CommitteeFact, Fact, Key, Kind, Known, Put, RowChange};
use crate::model::{AreaCode, Uscc, Validity};

/// What of an area changes.
#[derive(Debug, Clone, Copy)]
pub struct Amended<'a> {
    /// The area.
    pub area: &'a AreaCode,
    /// What is said of it.
    pub change: &'a RowChange,
}

/// What the change enters from the day on. What is known to begin or end later begins and ends then all the same, with the
/// new values. `known` has every version of the area, of who manages it and of its committees.
pub fn amend(amended: Amended<'_>, day: Date, known: &Known) -> Vec<Put> {
    let Amended { area, change } = amended;
    let since = Validity::since(day);
    let mut puts = Vec::new();
    for (version, valid) in known.within(&Key::new(Kind::Area, area.as_str()), since) {
        let Fact::Area(old) = &version.fact else { continue };
        let mut new: AreaFact = change.amendment.applied_to(old);
        new.committees_known |= change.committees_told;
        if new != *old {
            puts.push(Put::Set { fact: Fact::Area(new), valid });
        }
    }
    if let Some(Some(manager)) = &change.amendment.manager {
        puts.extend(manage(area, manager, since, known));
    }
    for committee in &change.committees {
        let fact = Fact::Committee(CommitteeFact { area: area.clone(), committee: committee.clone() });
        let key = fact.key();
        if known.was_used(&key) {
            // What is known of a committee is told for all its days, which stand in it.
            let days: Vec<Validity> = known.within(&key, since).map(|(_, valid)| valid).collect();
            // One that ended, or was taken back, begins anew.
            let days = if days.is_empty() { vec![since] } else { days };
            puts.extend(days.into_iter().map(|valid| Put::Set { fact: fact.clone(), valid }));
        } else {
            puts.push(Put::New { fact, valid: since });
        }
    }
    puts
}

/// Says who manages the area on the days of the period on which it is there.
fn manage(area: &AreaCode, manager: &Uscc, since: Validity, known: &Known) -> Vec<Put> {
    let mut spans: Vec<Validity> = Vec::new();
    for (_, valid) in known.areas(area) {
        let Some(days) = valid.overlap(&since) else { continue };
        match spans.last_mut() {
            Some(last) if last.until == days.from => last.until = days.until,
            _ => spans.push(days),
        }
    }
    let fact = Fact::Assignment(Assignment { area: area.clone(), manager: manager.clone() });
    let entered = known.was_used(&fact.key());
    let put = |(at, valid): (usize, Validity)| {
        let fact = fact.clone();
        // Of something that was never entered only the first days are new.
        if entered || at > 0 { Put::Set { fact, valid } } else { Put::New { fact, valid } }
    };
    spans.into_iter().enumerate().map(put).collect()
}
