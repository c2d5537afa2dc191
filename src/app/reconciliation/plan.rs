//! From accepted cases to the one entry that enters them.

use std::collections::{BTreeMap, BTreeSet};

use geo::{BooleanOps as _, MultiPolygon};

use crate::app::deliveries::{NextCode, manager_of, new_managers, traced};
use crate::app::reconciliation::fields::Choice;
use crate::app::reconciliation::record::values_of_row;
use crate::app::reconciliation::run::{CaseView, Run};
use crate::app::reconciliation::state::{Standing, choice_of};
use crate::app::{App, Error};
use crate::geom::surface_m2;
use crate::history::{
    Amended, Amendment, AttributeChanges, ChangeFault, Drawn, Entry, Fact, Fate, Fates, Key, Kind, Known, Lineage,
    Operation, Put, Recorded, Successor, Version, amend, begin, plan, says_otherwise,
};
use crate::ingest::delivery::{Draft, Outline, fingerprint_text};
use crate::model::{
    Area, AreaCode, CommitteeKind, ForeignCode, Management, Origin, Revision, StreetCode, TracedRow, UnlocatedRow,
};
use crate::reconcile::Class;

/// An accepted case that the history of its areas does not allow, such as an end on the day of a beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedCase {
    /// Its key.
    pub key: String,
    /// What it is about, for people.
    pub name: String,
    /// What is in the way.
    pub faults: Vec<ChangeFault>,
}

impl std::fmt::Display for RefusedCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let faults: Vec<&str> = self.faults.iter().map(|fault| fault.message.as_str()).collect();
        write!(f, "case {} of {}: {}", self.key, self.name, faults.join("; "))
    }
}

/// What accepted cases enter.
#[derive(Debug, Default)]
pub(super) struct Planned {
    /// The entry, without its part of the audit log.
    pub(super) entry: Entry,
    /// Keys of the cases of which something is entered.
    pub(super) entered: BTreeSet<String>,
    /// Outlines that become boundaries: the row, the area, and the boundary.
    pub(super) drawn: Vec<(usize, AreaCode, MultiPolygon)>,
    /// Areas that end, whatever takes their place.
    pub(super) ended: Vec<AreaCode>,
    /// Areas that end and nothing takes their place.
    pub(super) vanishing: usize,
    /// Areas that begin.
    pub(super) begun: usize,
    /// Areas of which something changes.
    pub(super) changed: usize,
    /// Cases that the history of their areas does not allow: nothing can be entered before they are decided otherwise.
    pub(super) refused: Vec<RefusedCase>,
    /// Outlines that were corrected, by source and system: how many, and the metres they were carried by in sum.
    corrections: BTreeMap<(String, &'static str), (usize, f64, f64)>,
}

impl Planned {
    /// What the record says of outlines that are not entered as they were delivered; empty when all are.
    pub(super) fn corrections(&self) -> String {
        let told = self.corrections.iter().map(|((source, system), (count, east, north))| {
            let mean = |sum: f64| sum / *count as f64;
            format!(
                "{source}: {count} 个边界按 {system} 更正, 平均平移东 {:.1} 米 北 {:.1} 米",
                mean(*east),
                mean(*north)
            )
        });
        told.collect::<Vec<_>>().join("; ")
    }
}

impl App {
    /// What the decisions that hold enter, worked out on `basis`.
    pub(super) fn planned(&self, run: &Run, standing: &Standing, basis: Revision) -> Result<Planned, Error> {
        let accepted = run.cases.iter().filter_map(|view| {
            let decision = standing.decision_on(view).filter(|decision| decision.enters())?;
            Some((view, choice_of(view, decision)?))
        });
        self.planned_cases(run, accepted.collect(), basis)
    }

    /// What these cases enter. In the order of their keys, so that the order of rows and of decisions does not matter.
    pub(super) fn planned_cases(
        &self,
        run: &Run,
        mut accepted: Vec<(&CaseView, Choice)>,
        basis: Revision,
    ) -> Result<Planned, Error> {
        accepted.sort_by(|a, b| a.0.key.cmp(&b.0.key));
        let told = accepted.iter().filter(|(_, choice)| choice.takes("company"));
        let told = told.flat_map(|(view, _)| {
            let held = view.case.lefts.first().map(|left| run.area(*left).management);
            view.case.rights.iter().map(move |right| (run.draft(*right), held))
        });
        let managers = new_managers(told, &run.snapshot);
        let mut making =
            Making { app: self, run, planned: Planned::default(), basis, rows: Vec::new(), unlocated: Vec::new() };
        making.planned.entry.puts = managers;
        self.with_codes(&run.snapshot, |next_code| {
            for (view, choice) in &accepted {
                let (before, drawn) = (making.planned.entry.puts.len(), making.planned.drawn.len());
                match making.enter(view, choice, next_code) {
                    Err(Error::ChangeFaults(faults)) => {
                        let refused = RefusedCase { key: view.key.clone(), name: run.name_of(view), faults };
                        making.planned.refused.push(refused);
                        // Nothing of it is drawn, and so nothing of it covers anybody's ground.
                        making.planned.drawn.truncate(drawn);
                    }
                    entered => entered?,
                }
                if making.planned.entry.puts.len() > before {
                    making.planned.entered.insert(view.key.clone());
                }
            }
            Ok(())
        })?;
        let Making { mut planned, rows, unlocated, .. } = making;
        planned.entry.basis = Some(basis);
        planned.entry.origin = Some(Origin::Publishes { delivery: run.check.id, rows, unlocated, summary: None });
        Ok(planned)
    }
}

/// An entry in the making.
struct Making<'a> {
    app: &'a App,
    run: &'a Run,
    planned: Planned,
    basis: Revision,
    rows: Vec<TracedRow>,
    unlocated: Vec<UnlocatedRow>,
}

impl Making<'_> {
    fn enter(&mut self, view: &CaseView, choice: &Choice, next_code: &mut NextCode<'_>) -> Result<(), Error> {
        match view.case.class {
            Class::Same | Class::Redrawn => self.pair(view, choice),
            Class::Split | Class::Merge | Class::Recut => self.recut(view, next_code),
            Class::Duplicate => self.duplicate(view),
            Class::Missing => view.case.lefts.iter().try_for_each(|left| self.retire(*left)),
            Class::New => view.case.rights.iter().try_for_each(|right| self.begin(*right, next_code)),
        }
    }

    fn day(&self) -> jiff::civil::Date {
        self.run.check.effective
    }

    fn trace(&mut self, area: &AreaCode, right: usize) {
        self.rows.extend(self.run.draft(right).places.iter().map(|place| traced(area, place)));
    }

    /// An outline as it is entered: where the matcher put it, beside the text that was delivered.
    fn drawn(&mut self, right: usize, outline: &Outline) -> Drawn {
        let placing = &self.run.outcome.placings[right];
        let Some((east, north)) = self.run.carried_m(right, &outline.boundary) else {
            let Outline { boundary, source, surface_m2, .. } = outline.clone();
            return Drawn { boundary, source, surface_m2 };
        };
        let source = self.run.draft(right).place().file.to_string();
        let correction = self.planned.corrections.entry((source, placing.system())).or_default();
        *correction = (correction.0 + 1, correction.1 + east, correction.2 + north);
        let boundary = placing.outline(&outline.boundary);
        Drawn { surface_m2: surface_m2(&boundary), boundary, source: outline.source.clone() }
    }

    fn pair(&mut self, view: &CaseView, choice: &Choice) -> Result<(), Error> {
        let (left, right) = (view.case.lefts[0], view.case.rights[0]);
        let area = self.run.area(left).code.clone();
        let mut change = choice.of(&self.run.change(left, right));
        if let (Some(_), Some(outline)) = (&change.amendment.drawn, &self.run.draft(right).outline) {
            let drawn = self.drawn(right, outline);
            let same = fingerprint_text(&drawn.boundary) == fingerprint_text(&self.run.area(left).boundary);
            change.amendment.drawn = (!same).then_some(drawn);
        }
        let known = Known::new(self.app.store.history(&area)?, Vec::new());
        let puts = amend(Amended { area: &area, change: &change }, self.day(), &known);
        self.planned.changed += usize::from(!puts.is_empty());
        self.planned.entry.puts.extend(puts);
        if let Some(drawn) = change.amendment.drawn {
            self.planned.drawn.push((right, area.clone(), drawn.boundary));
        }
        self.trace(&area, right);
        Ok(())
    }

    fn retire(&mut self, left: usize) -> Result<(), Error> {
        let code = self.run.area(left).code.clone();
        let puts = self.app.retired(&code, self.day())?;
        self.planned.entry.puts.extend(puts);
        self.planned.ended.push(code);
        self.planned.vanishing += 1;
        Ok(())
    }

    /// A copied row is left out; a copied area ends, and what it repeats is told as its successor.
    fn duplicate(&mut self, view: &CaseView) -> Result<(), Error> {
        let Some(copy) = view.case.lefts.first().copied() else { return Ok(()) };
        self.retire(copy)?;
        let of_row = |other: &&CaseView| {
            other.case.class.is_pair() && view.case.repeats.is_some_and(|right| other.case.rights.contains(&right))
        };
        if let Some(original) = self.run.cases.iter().find(of_row) {
            let code = |left: usize| self.run.area(left).code.clone();
            let lineage =
                Lineage { predecessor: code(copy), successor: code(original.case.lefts[0]), from: self.day() };
            self.planned.entry.lineage.push(lineage);
        }
        Ok(())
    }

    fn begin(&mut self, right: usize, next_code: &mut NextCode<'_>) -> Result<(), Error> {
        let run = self.run;
        let draft = run.draft(right);
        let Some(outline) = &draft.outline else {
            let place = draft.place();
            self.unlocated.extend(draft.row.name.clone().map(|name| UnlocatedRow {
                file: place.file.to_string(),
                item: place.item.to_string(),
                name,
                street: draft.row.street.clone(),
                foreign_code: draft.row.foreign_code.clone(),
            }));
            return Ok(());
        };
        let drawn = self.drawn(right, outline);
        let placed = Draft {
            outline: Some(Outline {
                boundary: drawn.boundary.clone(),
                source: drawn.source,
                surface_m2: drawn.surface_m2,
                fingerprint: String::new(),
            }),
            ..draft.clone()
        };
        let code = next_code(draft.row.street.as_ref())?;
        let manager = manager_of(draft, run.snapshot.managers());
        let on = (self.day(), run.check.sender.as_str());
        let puts = begin(&placed, &code, manager.as_ref(), on, run.snapshot.is_demo()).unwrap_or_default();
        self.planned.begun += 1;
        self.planned.entry.puts.extend(puts);
        self.planned.drawn.push((right, code.clone(), drawn.boundary));
        self.trace(&code, right);
        Ok(())
    }

    fn recut(&mut self, view: &CaseView, next_code: &mut NextCode<'_>) -> Result<(), Error> {
        let run = self.run;
        let areas: Vec<AreaCode> = view.case.lefts.iter().map(|left| run.area(*left).code.clone()).collect();
        let Area { street, management, .. } = run.area(view.case.lefts[0]);
        let managed = *management;
        let mut into = Vec::new();
        // Codes are given in an order that follows from what the rows say, not from where they stand.
        let told = |right: &usize| {
            let draft = run.draft(*right);
            let outline = draft.outline.as_ref().map(|outline| outline.fingerprint.clone());
            (draft.row.foreign_code.clone(), outline, values_of_row(&draft.row))
        };
        let mut rights = view.case.rights.clone();
        rights.sort_by_cached_key(told);
        for right in &rights {
            let draft = run.draft(*right);
            let (Some(outline), Some(name)) = (&draft.outline, &draft.row.name) else { continue };
            let drawn = self.drawn(*right, outline);
            let code = next_code(draft.row.street.as_ref().or(Some(street)))?;
            self.planned.drawn.push((*right, code.clone(), drawn.boundary.clone()));
            self.trace(&code, *right);
            into.push(Successor {
                code,
                name: name.clone(),
                drawn,
                amendment: amendment(draft, (street, managed), run),
            });
        }
        let committees = self.fates(&view.case.lefts, &into);
        let begun = into.len();
        let operation = Operation::Recut { areas: areas.clone(), into, committees };
        let known = self.known(&operation)?;
        let planned = plan(&operation, self.day(), &known).map_err(Error::ChangeFaults)?;
        self.planned.entry.puts.extend(planned.entry.puts);
        self.planned.entry.lineage.extend(planned.entry.lineage);
        self.planned.ended.extend(areas);
        self.planned.begun += begun;
        Ok(())
    }

    /// Everything that an operation names, and the managers that the entry brings.
    fn known(&self, operation: &Operation) -> Result<Known, Error> {
        let store = &self.app.store;
        let mut versions = Vec::new();
        for Key { kind, code } in operation.mentions() {
            match AreaCode::parse(&code).ok().filter(|_| kind == Kind::Area) {
                Some(area) => versions.extend(store.history(&area)?),
                None => versions.extend(store.versions(&Key { kind, code })?),
            }
        }
        let brought = self.planned.entry.puts.iter().filter_map(|put| match put {
            Put::New { fact: fact @ Fact::Manager(_), valid } => Some(Version {
                fact: fact.clone(),
                valid: *valid,
                recorded: Recorded { from: self.basis, until: None },
            }),
            _ => None,
        });
        versions.extend(brought);
        Ok(Known::new(versions, Vec::new()))
    }

    /// What becomes of the committees of areas that others take the place of, when nobody says otherwise: each goes on with
    /// the area that shares most ground with its own. Of several of one kind for one area only that of the largest part goes
    /// on (one boundary, one owners' assembly); the others are dissolved.
    fn fates(&self, lefts: &[usize], into: &[Successor]) -> Fates {
        let day = self.day();
        let mut served: Vec<(f64, String, CommitteeKind, &AreaCode, bool)> = Vec::new();
        for left in lefts {
            let area = self.run.area(*left);
            let shared = |successor: &&Successor| surface_m2(&area.boundary.intersection(&successor.drawn.boundary));
            let best = into.iter().map(|successor| (shared(&successor), &successor.code));
            let Some((m2, code)) = best.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1))) else { continue };
            for committee in area.committees.iter().flatten() {
                if committee.dissolved_on.is_none_or(|end| end > day) {
                    served.push((m2, committee.code.clone(), committee.kind, code, committee.formed_on <= day));
                }
            }
        }
        served.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let mut taken: Vec<(CommitteeKind, &AreaCode)> = Vec::new();
        let mut fates = Fates::new();
        for (_, committee, kind, code, formed) in served {
            let first = !taken.contains(&(kind, code));
            taken.push((kind, code));
            let fate = if first || !formed { Fate::Serves(code.clone()) } else { Fate::Dissolved(day) };
            fates.insert(committee, fate);
        }
        fates
    }
}

/// What a row says of an area that takes the place of others; what it does not say goes on. Committees go on by their fates.
fn amendment(draft: &Draft, (held, managed): (&StreetCode, Management), run: &Run) -> Amendment {
    let row = &draft.row;
    let foreign = row.foreign_code.clone().map(|code| vec![ForeignCode { scheme: run.check.sender.clone(), code }]);
    let street = row.street.as_ref().unwrap_or(held);
    let community = row.community.clone().filter(|community| community.as_str().starts_with(street.as_str()));
    // A community lies in one street: with another street the old one is not its community any more.
    let community = if community.is_some() || street != held { Some(community) } else { None };
    Amendment {
        street: row.street.clone(),
        community,
        management: row.management.filter(|told| *told != Management::Unknown && says_otherwise(*told, managed)),
        manager: manager_of(draft, run.snapshot.managers()).map(Some),
        attributes: AttributeChanges {
            address: row.address.clone().map(Some),
            floor_area_m2: row.floor_area_m2.map(Some),
            households: row.households.map(Some),
            building_count: row.building_count.map(Some),
            built_year: row.built_year.map(Some),
            fee_yuan_per_m2_month: row.fee_yuan_per_m2_month.map(Some),
            contract_from: row.contract_from.map(Some),
            contract_until: row.contract_until.map(Some),
            contract_kind: row.contract_kind.map(Some),
            contract_filed_on: row.contract_filed_on.map(Some),
            delimitation_document: row.delimitation_document.clone().map(Some),
            foreign_codes: foreign,
        },
        ..Amendment::default()
    }
}
