//! The rules over what the register itself holds.

use jiff::civil::Date;

use crate::formats::Place;
use crate::ingest::delivery::{About, AreaRow, CommitteeRow, Draft, Finding, FindingState, Known, rules};
use crate::model::{Area, Committee, CommitteeKind, Exception};

/// What the rules for rows find wrong with the areas that are known, in their order; each finding tells the code of its
/// area as its subject.
pub fn check_register(known: &Known<'_>) -> Vec<Finding> {
    let drafts: Vec<Draft> = known.areas.iter().enumerate().map(|(at, area)| draft(at, area, known.day)).collect();
    rules::of_rows(&drafts, known)
}

/// Marks the findings of a register that an exception makes lawful. What the rules find does not depend on the outline, so
/// an exception holds whichever outline it was recorded with.
pub fn except_register(findings: &mut [Finding], exceptions: &[Exception], today: Date) {
    let holding: Vec<&Exception> = exceptions
        .iter()
        .filter(|exception| exception.withdrawn_at.is_none() && exception.recorded.expires_on >= today)
        .collect();
    for finding in findings {
        let lawful = holding.iter().find(|exception| {
            exception.recorded.issue == finding.issue.id && exception.recorded.subject == finding.subject
        });
        if let Some(exception) = lawful {
            finding.state = FindingState::Excepted(exception.id);
        }
    }
}

/// An area as the row that would tell the same of it.
fn draft(at: usize, area: &Area, day: Date) -> Draft {
    let facts = &area.attributes;
    let current = |kind: CommitteeKind| {
        let is_current = |committee: &&Committee| committee.kind == kind && committee.exists_on(day);
        area.committees.iter().flatten().rfind(is_current).map(committee_row)
    };
    let row = AreaRow {
        code: Some(area.code.clone()),
        name: Some(area.name.clone()),
        street: Some(area.street.clone()),
        management: Some(area.management),
        households: facts.households,
        contract_from: facts.contract_from,
        contract_until: facts.contract_until,
        contract_kind: facts.contract_kind,
        contract_filed_on: facts.contract_filed_on,
        owners: current(CommitteeKind::Owners),
        property_management: current(CommitteeKind::PropertyManagement),
        ..AreaRow::default()
    };
    Draft {
        places: vec![Place::file(area.code.as_str())],
        row,
        outline: None,
        unusable: None,
        point: None,
        has_geometry: false,
        about: About::Existing(at),
    }
}

fn committee_row(committee: &Committee) -> CommitteeRow {
    CommitteeRow {
        code: Some(committee.code.clone()),
        present: Some(true),
        formed_on: Some(committee.formed_on),
        filing_applied_on: committee.filing_applied_on,
        filed_on: committee.filed_on,
        filing_number: committee.filing_number.clone(),
        term_until: committee.term_until,
        dissolved_on: committee.dissolved_on,
        operating: Some(committee.operating),
        members: committee.members,
        party: committee.party.map(|party| party.present),
        party_since: committee.party.and_then(|party| party.since),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use geo::MultiPolygon;

    use crate::model::{
        AreaCode, AreaId, Attributes, District, ExceptionId, Management, NewException, RecordId, Revision, StreetCode,
        Validity,
    };

    fn held(members: Vec<(CommitteeKind, u16, Date)>) -> Area {
        let committees = members
            .into_iter()
            .map(|(kind, members, term_until)| Committee {
                code: "C-1".to_owned(),
                kind,
                formed_on: date(2021, 1, 1),
                filing_applied_on: None,
                filed_on: Some(date(2021, 1, 10)),
                filing_number: None,
                term_until: Some(term_until),
                dissolved_on: None,
                operating: true,
                members: Some(members),
                party: None,
                demo: true,
            })
            .collect();
        Area {
            id: AreaId(1),
            code: AreaCode::parse("DEMO-JS-0001").unwrap(),
            name: "1号院(演示)".to_owned(),
            other_names: Vec::new(),
            street: StreetCode::parse("110105017").unwrap(),
            community: None,
            boundary: MultiPolygon::new(Vec::new()),
            site_area_m2: 0.0,
            management: Management::Contracted,
            manager: None,
            committees: Some(committees),
            attributes: Attributes::default(),
            validity: Validity::default(),
            record: RecordId(1),
            changed: Revision(1),
            demo: true,
        }
    }

    #[test]
    fn the_register_is_held_against_the_rules_of_deliveries() {
        let district = District {
            code: "110105".to_owned(),
            name: "朝阳区".to_owned(),
            boundary: MultiPolygon::new(Vec::new()),
            attribution: String::new(),
        };
        let bad = held(vec![(CommitteeKind::Owners, 4, date(2022, 1, 1))]);
        let mut known = Known::nothing(date(2022, 10, 27));
        known.district = Some(&district);
        let known = known.with_areas(vec![&bad]);
        let mut findings = check_register(&known);
        let ids: Vec<&str> = findings.iter().map(|finding| finding.issue.id).collect();
        assert_eq!(
            ids,
            ["contracted-without-company", "committee-even-members", "committee-too-few-members", "term-expired"]
        );
        assert!(findings.iter().all(|finding| finding.subject == bad.code.as_str()));

        let recorded = NewException {
            issue: "term-expired".to_owned(),
            subject: bad.code.to_string(),
            other: None,
            fingerprint: "1f".to_owned(),
            reason: "in court".to_owned(),
            owner: "district".to_owned(),
            expires_on: date(2022, 12, 31),
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
            recorded_by: "internal".to_owned(),
        };
        let exception = Exception { id: ExceptionId(3), recorded, withdrawn_at: None };
        let open = |findings: &[Finding]| findings.iter().filter(|finding| finding.state == FindingState::Open).count();
        except_register(&mut findings, std::slice::from_ref(&exception), date(2023, 1, 1));
        assert_eq!(open(&findings), 4);
        except_register(&mut findings, &[exception], date(2022, 12, 31));
        assert_eq!(open(&findings), 3);
    }

    #[test]
    fn a_transition_lasts_too_long_only_from_the_filing_of_a_working_owners_committee() {
        let found = |filed_on, operating| {
            let until = date(2023, 12, 31);
            let mut both = held(vec![(CommitteeKind::PropertyManagement, 7, until), (CommitteeKind::Owners, 5, until)]);
            for owners in both.committees.iter_mut().flatten().filter(|one| one.kind == CommitteeKind::Owners) {
                (owners.filed_on, owners.operating) = (filed_on, operating);
            }
            let district = District {
                code: "110105".to_owned(),
                name: "朝阳区".to_owned(),
                boundary: MultiPolygon::new(Vec::new()),
                attribution: String::new(),
            };
            let mut known = Known::nothing(date(2022, 10, 27));
            known.district = Some(&district);
            let findings = check_register(&known.with_areas(vec![&both]));
            findings.iter().any(|finding| finding.issue.id == "transition-too-long")
        };
        assert!(found(Some(date(2022, 9, 26)), true));
        assert!(!found(Some(date(2022, 9, 27)), true), "thirty days are allowed");
        assert!(!found(None, true), "elected long ago, and never filed");
        assert!(!found(Some(date(2022, 9, 26)), false), "it does not work");
    }
}
