//! A run: the rows of a checked delivery beside the areas of the register, made into cases.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use geo::{BoundingRect as _, MultiPolygon};
use rayon::prelude::*;

use crate::app::access::Occasion;
use crate::app::deliveries::manager_of;
use crate::app::reconcile::register_side;
use crate::app::reconciliation::ReconciliationError;
use crate::app::reconciliation::apart::{tell_apart, tell_apart_outlines};
use crate::app::reconciliation::decision::{Decision, Entered};
use crate::app::reconciliation::fields::{BOUNDARY, FieldView, Pair, fields_of};
use crate::app::reconciliation::record::{own_code, right_record, row_name, values_of_area, values_of_row};
use crate::app::{App, CheckedDelivery, DeliveryError, Error, Snapshot};
use crate::auth::{Action, Actor, Resource};
use crate::formats::Place;
use crate::geom::surface_m2;
use crate::history::{self, RowChange, compare};
use crate::ingest::delivery::{Draft, FindingState, Progress, Scope, Silent, fingerprint_text};
use crate::model::{Area, DeliveryId, DeliveryState, Revision, StreetCode};
use crate::reconcile::{Case, Class, Conflict, Consequence, Outcome, Record, Side, Status, case_key, cases, reconcile};
use crate::store::Question;

/// An outline that the matcher moved by less is entered as it was delivered, metres.
const CORRECTION_MIN_M: f64 = 1.0;

/// A delivery beside the register.
#[derive(Debug)]
pub struct Run {
    /// The delivery as it was checked.
    pub check: Arc<CheckedDelivery>,
    /// The register that it was compared with.
    pub snapshot: Arc<Snapshot>,
    /// What the matcher says. Positions on the left are those of the areas of the snapshot in order, on the right those of the
    /// drafts.
    pub outcome: Outcome,
    /// The cases in the order in which they are to be looked at.
    pub cases: Vec<CaseView>,
    /// Areas that the delivery is about: those in its scope, and those that a row is about.
    pub ours: usize,
    /// Positions in the snapshot of the records on the left.
    positions: Vec<usize>,
    by_key: HashMap<String, usize>,
    by_row: HashMap<usize, usize>,
}

/// A case and what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseView {
    /// Its key, which follows from both sides.
    pub key: String,
    /// What the matcher says.
    pub case: Case,
    /// What accepting it changes first of all.
    pub consequence: Consequence,
    /// Square metres at stake.
    pub m2: f64,
    /// The fields in which a pair differs.
    pub fields: Vec<FieldView>,
    /// Open findings of its rows.
    pub findings: usize,
    /// Whether the register has the sender's code, or the row the register's: a link that was decided before.
    pub linked: bool,
    /// Whether one of its areas has a committee on the day.
    pub has_committee: bool,
    /// The delivery.
    pub delivery: DeliveryId,
    /// The state that it was compared with.
    pub known: Revision,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Snapshot({:?})", self.as_of())
    }
}

impl CaseView {
    /// Keys of the fields that somebody has to decide on.
    pub fn conflicts(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.fields.iter().filter(|field| field.asks).map(|field| field.field)
    }

    /// Whether it may be decided together with others: the outlines are nearly identical, and neither a rate nor a street
    /// hangs on it.
    pub fn is_for_bulk(&self) -> bool {
        self.case.is_near_identical() && self.consequence > Consequence::Street
    }

    /// Whether the publication of this very delivery entered something under a decision.
    pub fn is_entered(&self, decision: &Decision) -> bool {
        let here = |entered: Entered| entered.delivery == self.delivery.0 && entered.revision == self.known.0 + 1;
        decision.entered.is_some_and(here)
    }

    /// Whether the matcher is sure of what belongs together.
    pub(super) fn is_certain(&self) -> bool {
        self.case.class.is_pair() && (self.case.status == Status::Auto || self.linked)
    }
}

impl Run {
    /// The case of this key. Errors: there is none.
    pub fn case(&self, key: &str) -> Result<&CaseView, ReconciliationError> {
        let at = self.by_key.get(key).ok_or_else(|| ReconciliationError::NoSuchCase(key.to_owned()))?;
        Ok(&self.cases[*at])
    }

    /// The case that a row is in.
    pub fn case_of_row(&self, right: usize) -> Option<&CaseView> {
        self.by_row.get(&right).map(|at| &self.cases[*at])
    }

    /// The area at a position of the left side.
    pub fn area(&self, left: usize) -> &Area {
        self.snapshot.area(self.positions[left])
    }

    /// Position in the snapshot of a record on the left.
    pub fn position(&self, left: usize) -> usize {
        self.positions[left]
    }

    /// The row at a position of the right side.
    pub fn draft(&self, right: usize) -> &Draft {
        &self.check.delivered.drafts[right]
    }

    /// Where a row stands: file and item.
    pub fn row_name(&self, right: usize) -> String {
        row_name(self.draft(right))
    }

    /// The areas that a case tells of: its own, and the one that a copied row repeats.
    pub fn areas_of<'a>(&'a self, view: &'a CaseView) -> impl Iterator<Item = &'a Area> {
        let repeated = view.case.repeats.filter(|_| view.case.lefts.is_empty());
        view.case.lefts.iter().copied().chain(repeated).map(|left| self.area(left))
    }

    /// The rows that a case tells of: its own, and the one that a copied area repeats.
    pub fn rows_of<'a>(&'a self, view: &'a CaseView) -> impl Iterator<Item = usize> + 'a {
        let repeated = view.case.repeats.filter(|_| view.case.rights.is_empty());
        view.case.rights.iter().copied().chain(repeated)
    }

    /// The street that a case belongs to: that of its first area, else that of its first row.
    pub fn street_of<'a>(&'a self, view: &'a CaseView) -> Option<&'a StreetCode> {
        let of_area = self.areas_of(view).next().map(|area| &area.street);
        of_area.or_else(|| self.rows_of(view).find_map(|right| self.draft(right).row.street.as_ref()))
    }

    /// What a case is about, for people.
    pub fn name_of(&self, view: &CaseView) -> String {
        let area = self.areas_of(view).next().map(|area| area.name.clone());
        let row = || self.rows_of(view).next().map(|right| self.draft(right).row.name.clone());
        area.or_else(|| row().flatten()).unwrap_or_else(|| view.key.clone())
    }

    /// Metres east and north by which an outline is carried before it is entered; `None` where it lies right.
    pub(super) fn carried_m(&self, right: usize, boundary: &MultiPolygon) -> Option<(f64, f64)> {
        let centre = boundary.bounding_rect().map(|bounds| bounds.center()).unwrap_or_default();
        let by = self.outcome.placings[right].moved_m(centre);
        Some(by).filter(|(east, north)| east.hypot(*north) >= CORRECTION_MIN_M)
    }

    /// What a row changes of an area, whatever area the check took it for.
    pub(super) fn change(&self, left: usize, right: usize) -> RowChange {
        change((&self.snapshot, &self.check), self.area(left), self.draft(right))
    }

    /// Rows that the delivery has.
    pub fn theirs(&self) -> usize {
        self.check.delivered.drafts.len()
    }
}

fn change((snapshot, check): (&Snapshot, &CheckedDelivery), area: &Area, draft: &Draft) -> RowChange {
    let manager = manager_of(draft, snapshot.managers());
    let with = history::Compared {
        area,
        fingerprint: &fingerprint_text(&area.boundary),
        manager: snapshot.manager_of(area).map(|manager| &manager.uscc),
        day: check.effective,
        sender: &check.sender,
    };
    compare(draft, manager.as_ref(), &with)
}

impl App {
    /// Reconciles a delivery with its last settings, or answers with the run that was made of it on the same state.
    ///
    /// One that was published is compared with the register as it was before. Work on all cores: not for an async thread.
    /// Errors: the actor may not deliver, it was never checked, the store fails.
    pub fn reconcile_delivery(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        id: DeliveryId,
        progress: &dyn Progress,
    ) -> Result<Arc<Run>, Error> {
        self.require(actor, Action::Deliver, &Resource::District)?;
        let draft = self.access().draft(actor, occasion, "delivery.reconcile")?;
        let before = self.desk.run_of(id);
        let run = self.run_now(id, progress)?;
        // A run that was there already changes nothing, so there is nothing to tell.
        if !before.is_some_and(|before| Arc::ptr_eq(&before, &run)) {
            let counts: BTreeMap<&str, usize> = Class::ALL
                .iter()
                .map(|class| (class.key(), run.cases.iter().filter(|view| view.case.class == *class).count()))
                .collect();
            let after = serde_json::json!({ "revision": run.check.revision.0, "cases": counts });
            let (object, after) = (Some(format!("delivery/{id}")), Some(after.to_string()));
            self.store.write(&[], &[history::AuditDraft { object, after, ..draft }])?;
        }
        Ok(run)
    }

    /// The run that was made last, perhaps on a state that is not the latest; made anew where it is not at hand, but was
    /// decided on or published. Errors: the actor may not read the desk of the
    /// district, there is no such delivery, it was not run.
    pub fn reconciliation(&self, actor: &Actor, id: DeliveryId) -> Result<Arc<Run>, Error> {
        self.delivery(actor, id)?;
        if let Some(run) = self.desk.run_of(id) {
            return Ok(run);
        }
        // Another instance may have compared them, or this one before it was started anew or many others came between.
        let published = matches!(self.kept_delivery(id)?.state, DeliveryState::Published { .. });
        if published || self.standing()?.was_decided_on(id) {
            return self.run_now(id, &Silent);
        }
        Err(ReconciliationError::NotReconciled(id).into())
    }

    /// The run of a delivery on the state that there is now.
    pub(in crate::app) fn run_now(&self, id: DeliveryId, progress: &dyn Progress) -> Result<Arc<Run>, Error> {
        let delivery = self.kept_delivery(id)?;
        if delivery.settings.is_none() {
            return Err(DeliveryError::NotChecked(id).into());
        }
        if let DeliveryState::Published { revision } = delivery.state {
            return self.run_before(id, Revision(revision.0.saturating_sub(1)), progress);
        }
        let check = self.check_noted(id, None, None, progress)?;
        self.run_of_check(check)
    }

    /// The run of a check on the state that it was made on.
    pub(super) fn run_of_check(&self, check: Arc<CheckedDelivery>) -> Result<Arc<Run>, Error> {
        if let Some(run) = self.desk.run_of(check.id).filter(|run| Arc::ptr_eq(&run.check, &check)) {
            return Ok(run);
        }
        let snapshot = self.snapshot_at(Question { day: Some(check.effective), known: Some(check.revision) })?;
        let _turn = self.desk.turn();
        // Whoever had the turn before may have compared the same.
        if let Some(run) = self.desk.run_of(check.id).filter(|run| Arc::ptr_eq(&run.check, &check)) {
            return Ok(run);
        }
        let run = Arc::new(Run::new(check, snapshot));
        self.desk.keep_run(Arc::clone(&run));
        Ok(run)
    }

    /// The run of a delivery on the state that it was published on.
    fn run_before(&self, id: DeliveryId, known: Revision, progress: &dyn Progress) -> Result<Arc<Run>, Error> {
        if let Some(run) = self.desk.run_of(id).filter(|run| run.check.revision == known) {
            return Ok(run);
        }
        let delivery = self.kept_delivery(id)?;
        let mut settings = match &delivery.settings {
            Some(text) => crate::app::read_settings(text)?,
            None => return Err(DeliveryError::NotChecked(id).into()),
        };
        let entered = self.snapshot()?.records().iter().find(|record| u64::from(record.id.0) == known.0 + 1).cloned();
        settings.effective = settings.effective.or(entered.map(|record| record.dated));
        let effective = settings.effective.unwrap_or_else(crate::app::deliveries::today);
        let snapshot = self.snapshot_at(Question { day: Some(effective), known: Some(known) })?;
        let (about, exceptions) = ((id, &*delivery.received.sender), self.store.exceptions()?);
        let _turn = self.desk.turn();
        // Whoever had the turn before may have compared the same.
        if let Some(run) = self.desk.run_of(id).filter(|run| run.check.revision == known) {
            return Ok(run);
        }
        let check = self.check_now(about, settings, (&snapshot, effective), &exceptions, progress)?;
        let run = Arc::new(Run::new(Arc::new(check), snapshot));
        self.desk.keep_run(Arc::clone(&run));
        Ok(run)
    }
}

impl Run {
    /// Compares the rows of a check with a state. Work on all cores.
    pub(super) fn new(check: Arc<CheckedDelivery>, snapshot: Arc<Snapshot>) -> Self {
        let positions: Vec<usize> = snapshot.positions().collect();
        let left = register_side(&snapshot);
        let drafts = &check.delivered.drafts;
        let right: Vec<Record> = drafts.par_iter().map(|draft| right_record(draft, &check.sender, &snapshot)).collect();
        let outcome = reconcile(&left, &right);
        let mut found = cases(&outcome, (left.len(), right.len()));
        found.iter_mut().for_each(|case| tell_apart_outlines(case, (&snapshot, &positions), drafts));
        let streets: BTreeSet<&StreetCode> = drafts.iter().filter_map(|draft| draft.row.street.as_ref()).collect();
        let area = |left: usize| snapshot.area(positions[left]);
        let in_scope = |left: usize| match check.settings.scope {
            Scope::Listed => false,
            Scope::Streets => streets.contains(&area(left).street),
            Scope::District => true,
        };
        // Of what lies outside its scope a delivery says nothing by being silent.
        found.retain(|case| case.class != Class::Missing || case.lefts.iter().all(|left| in_scope(*left)));
        let with_rows: BTreeSet<usize> = outcome
            .statements
            .iter()
            .filter(|statement| statement.right.is_some() && statement.left.is_some())
            .filter_map(|statement| statement.left)
            .collect();
        let ours = (0..positions.len()).filter(|left| in_scope(*left) || with_rows.contains(left)).count();
        let mut findings: HashMap<&Place, usize> = HashMap::new();
        for finding in check.delivered.findings.iter().filter(|finding| finding.state == FindingState::Open) {
            *findings.entry(&finding.place).or_default() += 1;
        }
        let mut conflicts: HashMap<(usize, usize), Vec<Conflict>> = HashMap::new();
        for conflict in &outcome.conflicts {
            conflicts.entry((conflict.left, conflict.right)).or_default().push(conflict.clone());
        }
        let bench = Bench {
            check: &check,
            snapshot: &snapshot,
            positions: &positions,
            sides: (&left, &right),
            findings,
            conflicts,
        };
        let mut views: Vec<CaseView> = found.into_par_iter().map(|case| bench.view(case)).collect();
        tell_apart(&mut views);
        views.sort_by(|a, b| {
            let order = a.consequence.cmp(&b.consequence).then(b.m2.total_cmp(&a.m2));
            order.then(a.case.probability.total_cmp(&b.case.probability)).then_with(|| a.key.cmp(&b.key))
        });
        let by_key = views.iter().enumerate().map(|(at, view)| (view.key.clone(), at)).collect();
        let rows =
            views.iter().enumerate().flat_map(|(at, view)| view.case.rights.iter().map(move |right| (*right, at)));
        let by_row = rows.collect();
        Self { check, snapshot, outcome, cases: views, ours, positions, by_key, by_row }
    }
}

/// What cases are looked at with.
struct Bench<'a> {
    check: &'a CheckedDelivery,
    snapshot: &'a Snapshot,
    positions: &'a [usize],
    sides: (&'a [Record], &'a [Record]),
    findings: HashMap<&'a Place, usize>,
    conflicts: HashMap<(usize, usize), Vec<Conflict>>,
}

/// The texts of a record as a decision remembers it.
struct Remembered {
    code: String,
    outline: String,
    values: String,
}

impl Remembered {
    fn side(&self) -> Side<'_> {
        Side { code: &self.code, outline: &self.outline, values: &self.values }
    }
}

impl Bench<'_> {
    fn area(&self, left: usize) -> &Area {
        self.snapshot.area(self.positions[left])
    }

    fn draft(&self, right: usize) -> &Draft {
        &self.check.delivered.drafts[right]
    }

    fn view(&self, case: Case) -> CaseView {
        let fields = self.fields(&case);
        let linked = case.class.is_pair() && self.is_linked(self.area(case.lefts[0]), self.draft(case.rights[0]));
        let day = self.check.effective;
        let is_current = |area: &Area| area.committees.iter().flatten().any(|committee| committee.exists_on(day));
        let places = case.rights.iter().flat_map(|right| &self.draft(*right).places);
        CaseView {
            key: self.key(&case),
            consequence: consequence(&case, &fields),
            m2: self.m2(&case),
            findings: places.filter_map(|place| self.findings.get(place)).sum(),
            has_committee: case.lefts.iter().any(|left| is_current(self.area(*left))),
            linked,
            fields,
            delivery: self.check.id,
            known: self.check.revision,
            case,
        }
    }

    fn key(&self, case: &Case) -> String {
        let area = |left: usize| {
            let area = self.area(left);
            let values = values_of_area(area, self.snapshot);
            Remembered { code: area.code.to_string(), outline: fingerprint_text(&area.boundary), values }
        };
        let row = |right: usize| {
            let draft = self.draft(right);
            let unusable = || draft.unusable.as_ref().map(fingerprint_text);
            let outline = draft.outline.as_ref().map(|outline| outline.fingerprint.clone());
            let point = || draft.point.map(|at| format!("{:.7} {:.7}", at.x, at.y));
            Remembered {
                code: own_code(&draft.row),
                outline: outline.or_else(unusable).or_else(point).unwrap_or_default(),
                values: values_of_row(&draft.row),
            }
        };
        let mut lefts: Vec<Remembered> = case.lefts.iter().map(|left| area(*left)).collect();
        let mut rights: Vec<Remembered> = case.rights.iter().map(|right| row(*right)).collect();
        match case.repeats {
            Some(left) if case.lefts.is_empty() => lefts.push(area(left)),
            Some(right) => rights.push(row(right)),
            None => {}
        }
        let lefts: Vec<Side<'_>> = lefts.iter().map(Remembered::side).collect();
        let rights: Vec<Side<'_>> = rights.iter().map(Remembered::side).collect();
        case_key(&self.check.sender, case.class, &lefts, &rights)
    }

    fn fields(&self, case: &Case) -> Vec<FieldView> {
        if !case.class.is_pair() {
            return Vec::new();
        }
        let (left, right) = (case.lefts[0], case.rights[0]);
        let (area, draft) = (self.area(left), self.draft(right));
        fields_of(&Pair {
            case,
            area,
            draft,
            outline: &fingerprint_text(&area.boundary),
            records: (&self.sides.0[left], &self.sides.1[right]),
            change: &change((self.snapshot, self.check), area, draft),
            conflicts: self.conflicts.get(&(left, right)).map_or(&[], Vec::as_slice),
        })
    }

    fn is_linked(&self, area: &Area, draft: &Draft) -> bool {
        let known = area.attributes.foreign_codes.iter().find(|code| code.scheme == self.check.sender);
        let by_sender = known.is_some_and(|code| draft.row.foreign_code.as_ref() == Some(&code.code));
        by_sender || draft.row.code.as_ref() == Some(&area.code)
    }

    fn m2(&self, case: &Case) -> f64 {
        let of_areas = || case.lefts.iter().map(|left| self.area(*left).site_area_m2).sum::<f64>();
        match case.class {
            Class::Same | Class::Redrawn => case.difference_m2.unwrap_or(0.0),
            Class::New => case.rights.iter().map(|right| surface(self.draft(*right))).sum(),
            Class::Duplicate if case.lefts.is_empty() => {
                case.rights.iter().map(|right| surface(self.draft(*right))).sum()
            }
            _ => of_areas(),
        }
    }
}

fn surface(draft: &Draft) -> f64 {
    let unusable = || draft.unusable.as_ref().map(surface_m2);
    draft.outline.as_ref().map(|outline| outline.surface_m2).or_else(unusable).unwrap_or(0.0)
}

fn consequence(case: &Case, fields: &[FieldView]) -> Consequence {
    match case.class {
        Class::Same | Class::Redrawn => {
            let of_field = |field: &FieldView| match field.field {
                "mgmt_type" | "committee" => Consequence::Rate,
                "street" => Consequence::Street,
                BOUNDARY => Consequence::Area,
                _ => Consequence::Attribute,
            };
            fields.iter().map(of_field).min().unwrap_or(Consequence::None)
        }
        Class::Duplicate if case.lefts.is_empty() => Consequence::None,
        _ => Consequence::Rate,
    }
}
