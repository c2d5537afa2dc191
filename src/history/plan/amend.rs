//! Operations that leave the codes as they are: adjust, rename, retire, correct, amend.

use crate::history::plan::boundaries::Placed;
use crate::history::plan::{Plan, area_key, assignment_key};
use crate::history::{Amendment, AreaFact, Assignment, CommitteeFact, Drawn, Fact, Fates, Key, Kind, Put};
use crate::model::{AreaCode, Boundary, Committee, Name, NameKind, Uscc, Validity};

impl Plan<'_> {
    pub(super) fn adjust(&mut self, boundaries: &[(AreaCode, Drawn)], fates: &Fates) {
        let mut before: Vec<(&AreaCode, &Boundary)> = Vec::new();
        let places: Vec<String> = (0..boundaries.len()).map(|at| format!("/boundaries/{at}/geometry")).collect();
        for (at, (area, _)) in boundaries.iter().enumerate() {
            let place = format!("/boundaries/{at}/area");
            if before.iter().any(|(code, _)| *code == area) {
                self.fault(&place, Some(area.as_str()), "the area is named twice");
            } else if let Some(fact) = self.existing(&place, area) {
                before.push((area, &fact.boundary));
            }
        }
        if boundaries.is_empty() {
            self.fault("/boundaries", None, "no boundary is given");
        }
        let drawn: Vec<Placed<'_>> = boundaries
            .iter()
            .zip(&places)
            .map(|((code, drawn), place)| Placed { place, code, boundary: &drawn.boundary })
            .collect();
        self.check_apart(&drawn);
        let areas: Vec<&AreaCode> = before.iter().map(|(code, _)| *code).collect();
        for ((code, drawn), placed) in boundaries.iter().zip(&drawn) {
            let Some((_, old)) = before.iter().find(|(known, _)| *known == code) else { continue };
            let period = self.unchanged_since(code, |fact| fact.boundary == **old);
            self.check_neighbours(std::slice::from_ref(placed), &before, period);
            self.set_area(code, period, |fact| drawn.draw(fact));
        }
        self.apply_fates(&areas, &areas, (self.effective, fates));
    }

    pub(super) fn rename(&mut self, area: &AreaCode, name: &str) {
        let Some(known) = self.existing("/area", area) else { return };
        if known.name == name {
            return self.fault("/name", Some(area.as_str()), "the area has this name already");
        }
        let period = self.unchanged_since(area, |fact| fact.name == known.name);
        self.set_area(area, period, |fact| {
            fact.other_names.retain(|other| other.text != name);
            let former = Name { kind: NameKind::Former, text: std::mem::replace(&mut fact.name, name.to_owned()) };
            if !fact.other_names.contains(&former) {
                fact.other_names.push(former);
            }
        });
    }

    pub(super) fn retire(&mut self, area: &AreaCode, fates: &Fates) {
        if self.existing("/area", area).is_none() {
            return;
        }
        self.must_last("/area", area);
        self.end_within(area_key(area), self.since());
        self.end_within(assignment_key(area), self.since());
        self.apply_fates(&[area], &[], (self.effective, fates));
    }

    pub(super) fn correct(&mut self, (area, amendment): (&AreaCode, &Amendment), valid: Validity, fates: &Fates) {
        if valid.is_empty() {
            return self.fault("/valid_until", Some(area.as_str()), "the period ends before it begins");
        }
        if self.known.within(&area_key(area), valid).next().is_none() {
            let known = self.known.areas(area).next().is_some();
            let message =
                if known { "the area is not there on any day of the period" } else { "there is no such area" };
            return self.fault("/area", Some(area.as_str()), message);
        }
        self.apply_amendment((area, amendment), valid, fates);
    }

    pub(super) fn amend(&mut self, area: &AreaCode, amendment: &Amendment, fates: &Fates) {
        if self.existing("/area", area).is_some() {
            self.apply_amendment((area, amendment), self.since(), fates);
        }
    }

    fn apply_amendment(&mut self, (area, amendment): (&AreaCode, &Amendment), period: Validity, fates: &Fates) {
        let versions: Vec<&AreaFact> = self
            .known
            .areas(area)
            .filter(|(_, valid)| valid.overlap(&period).is_some())
            .map(|(fact, _)| fact)
            .collect();
        if let Some(last) = versions.last() {
            self.check_amended("/amend", amendment, &amendment.applied_to(last));
        }
        if let Some(drawn) = &amendment.drawn {
            let before: Vec<(&AreaCode, &Boundary)> = versions.iter().map(|fact| (area, &fact.boundary)).collect();
            let placed = Placed { place: "/amend/geometry", code: area, boundary: &drawn.boundary };
            self.check_neighbours(&[placed], &before, period);
            self.apply_fates(&[area], &[area], (period.from.unwrap_or(self.effective), fates));
            if amendment.committees.is_some() {
                let message = "with a new boundary, `committees` beside the amendment says what becomes of them";
                self.fault("/amend/committees", Some(area.as_str()), message);
            }
        } else if !fates.is_empty() {
            let message = "the boundary stays, so nothing becomes of the committees; amend them instead";
            self.fault("/committees", Some(area.as_str()), message);
        }
        self.set_within(&area_key(area), period, |fact| match fact {
            Fact::Area(fact) => Fact::Area(amendment.applied_to(fact)),
            other => other.clone(),
        });
        if let Some(manager) = &amendment.manager {
            self.set_manager(area, manager.as_ref(), period);
        }
        if let Some(committees) = &amendment.committees {
            self.set_committees(area, committees, period);
        }
    }

    fn set_area(&mut self, area: &AreaCode, period: Validity, change: impl Fn(&mut AreaFact)) {
        self.set_within(&area_key(area), period, |fact| {
            let mut fact = fact.clone();
            if let Fact::Area(area) = &mut fact {
                change(area);
            }
            fact
        });
    }

    /// Says who manages the area on those days of the period on which it is there.
    fn set_manager(&mut self, area: &AreaCode, manager: Option<&Uscc>, period: Validity) {
        let mut spans: Vec<Validity> = Vec::new();
        for (_, valid) in self.known.areas(area) {
            let Some(days) = valid.overlap(&period) else { continue };
            match spans.last_mut() {
                Some(last) if last.until == days.from => last.until = days.until,
                _ => spans.push(days),
            }
        }
        for span in spans {
            match manager {
                None => self.end_within(assignment_key(area), span),
                Some(manager) => {
                    let fact = Fact::Assignment(Assignment { area: area.clone(), manager: manager.clone() });
                    self.set_unless_so(fact, span);
                }
            }
        }
    }

    /// Says which committees the area has in the period; those left out are not there.
    fn set_committees(&mut self, area: &AreaCode, committees: &[Committee], period: Validity) {
        let demo = self.known.areas(area).any(|(fact, _)| fact.demo);
        for (at, committee) in committees.iter().enumerate() {
            let key = Key::new(Kind::Committee, &*committee.code);
            let committee = Committee { demo, ..committee.clone() };
            let fact = Fact::Committee(CommitteeFact { area: area.clone(), committee: committee.clone() });
            let elsewhere = self.known.within(&key, period).find_map(|(version, _)| match &version.fact {
                Fact::Committee(known) if known.area != *area => Some(known.area.clone()),
                _ => None,
            });
            if let Some(other) = elsewhere {
                let message = format!("the committee serves area {other} on some of these days");
                self.fault(&format!("/amend/committees/{at}/code"), Some(&committee.code), message);
            } else if self.known.was_used(&key) {
                self.set_unless_so(fact, period);
            } else {
                self.puts.push(Put::New { fact, valid: period });
            }
        }
        let named = |code: &str| committees.iter().any(|committee| committee.code == code);
        for left_out in self.known.committees_of(area, period).iter().filter(|fact| !named(&fact.committee.code)) {
            self.end_within(Key::new(Kind::Committee, &*left_out.committee.code), period);
        }
    }

    fn set_unless_so(&mut self, fact: Fact, valid: Validity) {
        let is_so = self.known.within(&fact.key(), valid).any(|(version, days)| days == valid && version.fact == fact);
        if !is_so {
            self.puts.push(Put::Set { fact, valid });
        }
    }

    /// What an amendment refers to is there, and what it makes of an area is not at odds with itself.
    pub(super) fn check_amended(&mut self, place: &str, amendment: &Amendment, amended: &AreaFact) {
        if let Some(street) = &amendment.street {
            self.must_exist(&format!("{place}/street"), &Key::new(Kind::Street, street.as_str()));
        }
        if let Some(community) = amendment.community.iter().flatten().next() {
            self.must_exist(&format!("{place}/community"), &Key::new(Kind::Community, community.as_str()));
        }
        if let Some(manager) = amendment.manager.iter().flatten().next() {
            self.must_exist(&format!("{place}/manager"), &Key::new(Kind::Manager, manager.as_str()));
        }
        if (amendment.street.is_some() || amendment.community.is_some())
            && let Some(community) = &amended.community
            && !community.as_str().starts_with(amended.street.as_str())
        {
            let message = format!("community {community} does not belong to street {}", amended.street);
            self.fault(&format!("{place}/community"), Some(amended.code.as_str()), message);
        }
        let contract = (amended.attributes.contract_from, amended.attributes.contract_until);
        if let (Some(from), Some(until)) = contract
            && until < from
        {
            let message = format!("{until} is before {from}, the first day of the contract");
            self.fault(&format!("{place}/contract_until"), Some(amended.code.as_str()), message);
        }
    }
}
