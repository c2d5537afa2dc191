//! What becomes of committees when boundaries change.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::history::plan::Plan;
use crate::history::{CommitteeFact, Fact, Fate, Fates, Key, Kind};
use crate::model::{AreaCode, Validity};

impl Plan<'_> {
    /// Applies the fates of the committees of `areas`, which may go on to serve one of `served`, on a day.
    ///
    /// Every committee that is not dissolved by then needs one, and nothing else may have one.
    pub(super) fn apply_fates(&mut self, areas: &[&AreaCode], served: &[&AreaCode], (day, fates): (Date, &Fates)) {
        let mut of_areas = BTreeSet::new();
        for area in areas {
            for fact in self.known.committees_of(area, Validity::since(day)) {
                let code = &*fact.committee.code;
                of_areas.insert(code);
                let dissolved = fact.committee.dissolved_on.filter(|dissolved| *dissolved <= day);
                match (fates.get(code), dissolved) {
                    (None, None) => {
                        let message = format!(
                            "the committee of area {area} is not dissolved by {day}: say which area it serves from then on, or when it is dissolved"
                        );
                        self.fault("/committees", Some(code), message);
                    }
                    (None, Some(_)) => {}
                    (Some(_), Some(dissolved)) => {
                        let message = format!("the committee was dissolved on {dissolved} already");
                        self.fault(&fate_place(code), Some(code), message);
                    }
                    (Some(Fate::Serves(next)), None) => self.serve(fact, (next, served), day),
                    (Some(Fate::Dissolved(dissolved)), None) => self.dissolve(fact, *dissolved, day),
                }
            }
        }
        for code in fates.keys().filter(|code| !of_areas.contains(code.as_str())) {
            self.fault(&fate_place(code), Some(code), "no area whose boundary changes has this committee on that day");
        }
    }

    fn serve(&mut self, fact: &CommitteeFact, (next, served): (&AreaCode, &[&AreaCode]), day: Date) {
        let code = &*fact.committee.code;
        if !served.contains(&next) {
            let message = if served.is_empty() {
                "nothing takes the place of its area, so the committee can only be dissolved".to_owned()
            } else {
                let choice: Vec<&str> = served.iter().map(|code| code.as_str()).collect();
                format!("the committee can serve {}, but not {next}", choice.join(" or "))
            };
            return self.fault(&fate_place(code), Some(code), message);
        }
        self.set_within(&Key::new(Kind::Committee, code), Validity::since(day), |known| match known {
            Fact::Committee(known) if known.area == fact.area => {
                Fact::Committee(CommitteeFact { area: next.clone(), ..known.clone() })
            }
            other => other.clone(),
        });
    }

    fn dissolve(&mut self, fact: &CommitteeFact, dissolved: Date, day: Date) {
        let code = &*fact.committee.code;
        if dissolved > day {
            let message = format!("it must be dissolved by {day}, when the boundary it was formed for ends");
            return self.fault(&fate_place(code), Some(code), message);
        }
        if dissolved < fact.committee.formed_on {
            let message = format!("it was formed on {}, after it is said to be dissolved", fact.committee.formed_on);
            return self.fault(&fate_place(code), Some(code), message);
        }
        self.set_within(&Key::new(Kind::Committee, code), Validity::since(dissolved), |known| match known {
            Fact::Committee(known) => {
                let mut known = known.clone();
                known.committee.dissolved_on = Some(dissolved);
                Fact::Committee(known)
            }
            other => other.clone(),
        });
    }
}

/// Place of a committee's fate; `~` and `/` in a code are escaped (RFC 6901, 4).
fn fate_place(code: &str) -> String {
    format!("/committees/{}", code.replace('~', "~0").replace('/', "~1"))
}
