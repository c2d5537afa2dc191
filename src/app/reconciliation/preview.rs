//! What an entry does to the rates, worked out from the entry itself before it is entered.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::app::deliveries::VANISHING_SHARE;
use crate::app::reconciliation::decide::Lack;
use crate::app::reconciliation::decision::Verdict;
use crate::app::reconciliation::findings::{BlockedCase, blocking};
use crate::app::reconciliation::plan::{Planned, RefusedCase};
use crate::app::reconciliation::run::{CaseView, Run};
use crate::app::reconciliation::state::{Standing, accepted};
use crate::app::reconciliation::view::CaseState;
use crate::app::{App, Error, Snapshot};
use crate::auth::{Action, Actor, Resource};
use crate::history::{ChangeFault, Entry, Fact, Key, Kind, Recorded, Version};
use crate::ingest::delivery::Silent;
use crate::model::{
    Area, AreaCode, CommitteeStatus, DeliveryId, DeliveryState, Manager, ManagerId, RateId, Revision, StreetCode, Uscc,
};
use crate::stats::{Rate, Tally};
use crate::store::assemble::Assembly;

/// What keeps an entry from being made, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Obstacle {
    /// `undecided`, `tasks`, `findings`, `refused`, `vanishing` or `moved`.
    pub kind: &'static str,
    /// How many.
    pub count: usize,
}

/// Rates of a street before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct StreetRates {
    /// The street.
    pub code: StreetCode,
    /// Its name.
    pub name: String,
    /// As they are.
    pub before: Vec<Rate>,
    /// As they would be.
    pub after: Vec<Rate>,
}

/// An area that is counted otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedArea {
    /// Its code; of one that begins the code that it would get.
    pub code: AreaCode,
    /// Its name.
    pub name: String,
    /// Its street.
    pub street: StreetCode,
    /// `ended`, `begun`, `street`, `management`, `committee` or `manager`.
    pub why: &'static str,
    /// The rates in which it is counted otherwise.
    pub rates: Vec<RateId>,
}

/// How many cases and areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PreviewCounts {
    /// Cases that are entered, wholly or in some fields.
    pub accepted: usize,
    /// Cases that were decided to stay.
    pub kept: usize,
    /// Cases in which neither side is right.
    pub both_wrong: usize,
    /// Cases that nobody decided on.
    pub undecided: usize,
    /// Areas that end.
    pub ended: usize,
    /// Areas that begin.
    pub begun: usize,
    /// Areas of which something changes.
    pub changed: usize,
}

/// What publishing does.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The state that it was worked out on.
    pub revision: Revision,
    /// The day on which it becomes true, and for which the rates are told.
    pub day: Date,
    /// Rates of the district before.
    pub before: Vec<Rate>,
    /// Rates of the district after.
    pub after: Vec<Rate>,
    /// The streets in which a rate is another.
    pub streets: Vec<StreetRates>,
    /// Areas that are counted otherwise, by code.
    pub moved: Vec<MovedArea>,
    /// How many.
    pub counts: PreviewCounts,
    /// Tasks that nobody has answered or put off.
    pub open_tasks: usize,
    /// Accepted cases that the history of their areas does not allow.
    pub refused: Vec<RefusedCase>,
    /// Accepted cases that findings keep out.
    pub blocked: Vec<BlockedCase>,
    /// Stands for the state and the decisions that all of this was worked out from.
    pub digest: String,
    /// What is in the way.
    pub obstacles: Vec<Obstacle>,
}

impl Preview {
    /// Whether it can be published, once the number of vanishing areas is confirmed where that is asked for.
    pub fn is_publishable(&self) -> bool {
        self.obstacles.iter().all(|obstacle| obstacle.kind == "vanishing")
    }
}

/// What accepting one case does.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// Rates of the district that would be others: before and after.
    pub rates: Vec<(Rate, Rate)>,
    /// The street that the area is counted in, when it is another.
    pub street: Option<(StreetCode, StreetCode)>,
    /// Square metres inside the boundaries before and after.
    pub m2: (f64, f64),
}

/// What accepting one case does, where that can be told.
#[derive(Debug, Clone, PartialEq)]
pub enum Effects {
    /// It can be entered.
    Known(Effect),
    /// The history of its areas does not allow it.
    Refused(Vec<ChangeFault>),
    /// Its rows lack something.
    Lacking(Lack),
}

/// An area on the day, as it is counted.
struct Counted {
    area: Area,
    status: CommitteeStatus,
    manager: Option<Manager>,
}

/// An area before and after.
type Sides = (Option<Counted>, Option<Counted>);

/// Areas that an entry touches, by code.
type Turned = BTreeMap<AreaCode, Sides>;

impl App {
    /// What publishing the decisions that hold would do. Work on all cores.
    ///
    /// Errors: the actor may not read the desk of the district, the delivery was not run, the store fails.
    pub fn preview(&self, actor: &Actor, id: DeliveryId) -> Result<Preview, Error> {
        self.require(actor, Action::ReadDesk, &Resource::District)?;
        self.reconciliation(actor, id)?;
        let run = self.run_now(id, &Silent)?;
        let standing = self.standing()?;
        let planned = self.planned(&run, &standing, run.check.revision)?;
        let mut preview = self.previewed(&run, &standing, &planned)?;
        if matches!(self.kept_delivery(id)?.state, DeliveryState::Published { .. }) {
            preview.obstacles.push(Obstacle { kind: "moved", count: 1 });
        }
        Ok(preview)
    }

    /// What an entry does, told from the entry.
    pub(super) fn previewed(&self, run: &Run, standing: &Standing, planned: &Planned) -> Result<Preview, Error> {
        let day = run.check.effective;
        let turned = self.turned(&run.snapshot, &planned.entry, day)?;
        let (before, after) = rates(&run.snapshot, &turned, (None, day));
        let sides = || turned.values().flat_map(|(before, after)| [before, after]).flatten();
        let streets: BTreeSet<&StreetCode> = sides().map(|counted| &counted.area.street).collect();
        let streets = streets.into_iter().filter_map(|code| {
            let (before, after) = rates(&run.snapshot, &turned, (Some(code), day));
            let name = run.snapshot.street_position(code).map(|at| run.snapshot.streets()[at].name.clone());
            (before != after).then(|| StreetRates { code: code.clone(), name: name.unwrap_or_default(), before, after })
        });
        let streets = streets.collect();
        let counts = counts(run, standing, planned);
        let open_tasks = standing.open_tasks(run);
        let blocked = blocking(run, standing, planned);
        let confirmed = planned.vanishing as f64 > VANISHING_SHARE * run.ours as f64;
        let obstacles = [
            ("undecided", counts.undecided),
            ("tasks", open_tasks),
            ("findings", blocked.len()),
            ("refused", planned.refused.len()),
            ("vanishing", if confirmed { planned.vanishing } else { 0 }),
        ];
        let obstacles = obstacles.into_iter().filter(|(_, count)| *count > 0);
        Ok(Preview {
            revision: run.check.revision,
            day,
            before,
            after,
            streets,
            moved: moved(&turned, day),
            counts,
            open_tasks,
            refused: planned.refused.clone(),
            blocked,
            digest: standing.digest(run),
            obstacles: obstacles.map(|(kind, count)| Obstacle { kind, count }).collect(),
        })
    }

    /// What accepting one case does. Errors: the store fails.
    pub fn effect(&self, run: &Run, view: &CaseView) -> Result<Effects, Error> {
        if let Err(lack) = run.enterable(view) {
            return Ok(Effects::Lacking(lack));
        }
        let mut planned = self.planned_cases(run, vec![(view, accepted(view))], run.check.revision)?;
        if let Some(refused) = planned.refused.pop() {
            return Ok(Effects::Refused(refused.faults));
        }
        let day = run.check.effective;
        let turned = self.turned(&run.snapshot, &planned.entry, day)?;
        let (before, after) = rates(&run.snapshot, &turned, (None, day));
        let ground = |of: fn(&Sides) -> &Option<Counted>| {
            turned.values().filter_map(|sides| of(sides).as_ref()).map(|counted| counted.area.site_area_m2).sum()
        };
        let street = turned.values().find_map(|(before, after)| {
            let (before, after) = (&before.as_ref()?.area.street, &after.as_ref()?.area.street);
            (before != after).then(|| (before.clone(), after.clone()))
        });
        Ok(Effects::Known(Effect {
            rates: before.into_iter().zip(after).filter(|(before, after)| before != after).collect(),
            street,
            m2: (ground(|sides| &sides.0), ground(|sides| &sides.1)),
        }))
    }

    /// The areas that an entry touches, as they are on the day and as the entry makes them.
    fn turned(&self, snapshot: &Snapshot, entry: &Entry, day: Date) -> Result<Turned, Error> {
        let of_key = |key: &Key| {
            matches!(key.kind, Kind::Area | Kind::Assignment).then(|| AreaCode::parse(&key.code).ok()).flatten()
        };
        let codes: BTreeSet<AreaCode> = entry
            .puts
            .iter()
            .filter_map(|put| put.fact().and_then(Fact::area).cloned().or_else(|| of_key(&put.key())))
            .collect();
        let mut facts: BTreeMap<Key, Option<Version>> = BTreeMap::new();
        for code in &codes {
            let held = |version: &Version| version.recorded.until.is_none() && version.valid.holds_on(day);
            let versions = self.store.history(code)?.into_iter().filter(held);
            facts.extend(versions.map(|version| (version.fact.key(), Some(version))));
        }
        let recorded = Recorded { from: snapshot.revision(), until: None };
        let mut managers: Vec<Manager> = snapshot.managers().to_vec();
        for put in entry.puts.iter().filter(|put| put.valid().holds_on(day)) {
            match put.fact() {
                Some(Fact::Manager(new)) => managers.push(Manager {
                    id: ManagerId((managers.len() as u32) | 1 << 31),
                    kind: new.kind,
                    name: new.name.clone(),
                    uscc: new.uscc.clone(),
                    phone: new.phone.clone(),
                    party_organisation: new.party_organisation,
                    demo: new.demo,
                }),
                fact => {
                    let version = fact.map(|fact| Version { fact: fact.clone(), valid: put.valid(), recorded });
                    facts.insert(put.key(), version);
                }
            }
        }
        let by_uscc: BTreeMap<&Uscc, &Manager> = managers.iter().map(|manager| (&manager.uscc, manager)).collect();
        let by_id: BTreeMap<ManagerId, &Manager> = managers.iter().map(|manager| (manager.id, manager)).collect();
        let mut assembly = Assembly::default();
        facts.into_values().flatten().for_each(|version| assembly.add(0, version));
        let after = assembly.finish(|uscc| by_uscc.get(uscc).map(|manager| manager.id)).areas;
        let counted = |area: Area| {
            let manager = area.manager.and_then(|id| by_id.get(&id)).map(|manager| (*manager).clone());
            Counted { status: area.committee_status(day), manager, area }
        };
        let mut turned = Turned::new();
        for code in &codes {
            let position = snapshot.area_position(code);
            let before = position.map(|position| counted(snapshot.area(position).clone()));
            turned.insert(code.clone(), (before, None));
        }
        for area in after {
            if let Some(sides) = turned.get_mut(&area.code) {
                sides.1 = Some(counted(area));
            }
        }
        Ok(turned)
    }
}

/// Rates of the district or a street before and after.
fn rates(snapshot: &Snapshot, turned: &Turned, (street, day): (Option<&StreetCode>, Date)) -> (Vec<Rate>, Vec<Rate>) {
    let mut tally: Tally = snapshot.tallies().scope(street).clone();
    let before = tally.rates().to_vec();
    let in_scope = |counted: &&Counted| street.is_none_or(|street| counted.area.street == *street);
    for (old, _) in turned.values() {
        if let Some(old) = old.as_ref().filter(in_scope) {
            tally.remove(&old.area, old.status, old.manager.as_ref(), day);
        }
    }
    for (_, new) in turned.values() {
        if let Some(new) = new.as_ref().filter(in_scope) {
            tally.add(&new.area, new.status, new.manager.as_ref(), day);
        }
    }
    (before, tally.rates().to_vec())
}

/// Areas that are counted otherwise, and why.
fn moved(turned: &Turned, day: Date) -> Vec<MovedArea> {
    let alone = |counted: Option<&Counted>| {
        let mut tally = Tally::default();
        if let Some(Counted { area, status, manager }) = counted {
            tally.add(area, *status, manager.as_ref(), day);
        }
        tally.rates()
    };
    let moved = turned.values().filter_map(|(before, after)| {
        let pairs = alone(before.as_ref()).into_iter().zip(alone(after.as_ref()));
        let rates: Vec<RateId> = pairs.filter(|(old, new)| old != new).map(|(old, _)| old.id).collect();
        let told = after.as_ref().or(before.as_ref())?;
        let why = match (before, after) {
            (None, None) => return None,
            (Some(_), None) => "ended",
            (None, Some(_)) => "begun",
            (Some(old), Some(new)) if old.area.street != new.area.street => "street",
            (Some(old), Some(new)) if old.area.management != new.area.management => "management",
            (Some(old), Some(new)) if old.status != new.status => "committee",
            (Some(old), Some(new)) if old.area.manager != new.area.manager => "manager",
            (Some(_), Some(_)) if !rates.is_empty() => "committee",
            (Some(_), Some(_)) => return None,
        };
        let Area { code, name, street, .. } = &told.area;
        Some(MovedArea { code: code.clone(), name: name.clone(), street: street.clone(), why, rates })
    });
    moved.collect()
}

fn counts(run: &Run, standing: &Standing, planned: &Planned) -> PreviewCounts {
    let Planned { ended, begun, changed, .. } = planned;
    let mut counts = PreviewCounts { ended: ended.len(), begun: *begun, changed: *changed, ..PreviewCounts::default() };
    for view in &run.cases {
        match standing.decision_on(view) {
            Some(decision) if decision.enters() => counts.accepted += 1,
            Some(decision) if decision.verdict == Verdict::BothWrong => counts.both_wrong += 1,
            Some(_) => counts.kept += 1,
            None => counts.undecided += usize::from(standing.state(run, view) == CaseState::Open),
        }
    }
    counts
}
