//! The tables of the ledger: communities, managers, committees, printed figures.

use std::collections::HashMap;

use crate::formats::{Place, RawRecord};
use crate::ingest::fields::{Faulty, Fields};
use crate::ingest::{ByCode, Fault, ManagerDraft};
use crate::model::{
    AreaCode, Committee, CommitteeKind, Community, CommunityCode, ManagerKind, Party, PrintedFigure, RateId, Street,
    StreetCode, Uscc,
};

/// Columns of `communities.csv`.
pub(super) const COMMUNITY_COLUMNS: [&str; 4] = ["code", "name", "stem", "street"];

/// Columns of `managers.csv`.
pub(super) const MANAGER_COLUMNS: [&str; 6] = ["uscc", "name", "kind", "phone", "party_organisation", "demo"];

/// Columns of `committees.csv`.
pub(super) const COMMITTEE_COLUMNS: [&str; 13] = [
    "code",
    "area",
    "kind",
    "formed_on",
    "filed_on",
    "filing_number",
    "term_until",
    "dissolved_on",
    "operating",
    "members",
    "party_organisation",
    "party_since",
    "demo",
];

/// Columns of `committees.csv` that older files do not have.
pub(super) const LATER_COMMITTEE_COLUMNS: [&str; 1] = ["filing_applied_on"];

/// Columns of `figures.csv`.
pub(super) const FIGURE_COLUMNS: [&str; 6] = ["rate", "percent", "numerator", "denominator", "source", "dated"];

/// The communities, each of a known street whose code its own begins with.
pub(super) fn communities(
    records: &[RawRecord],
    streets: &ByCode<Street>,
    faults: &mut Vec<Fault>,
) -> ByCode<Community> {
    let mut communities = ByCode::new();
    for record in records {
        if let Ok(community) = read_community(&mut Fields::new(record, "code", faults), streets) {
            let code = community.code.to_string();
            communities.insert("code", &code, &record.place, community, faults);
        }
    }
    communities
}

fn read_community(fields: &mut Fields<'_>, streets: &ByCode<Street>) -> Result<Community, Faulty> {
    let code = fields.required("code", CommunityCode::parse);
    let name = fields.required_text("name");
    let stem = fields.required_text("stem");
    let street = fields.required("street", StreetCode::parse);
    let (code, street) = (code?, street?);
    if streets.get(street.as_str()).is_none() {
        fields.fault("street", format!("there is no street {street}"));
    }
    if !code.as_str().starts_with(street.as_str()) {
        fields.fault("code", format!("it must begin with the code of its street, {street}"));
    }
    Ok(Community { code, stem: stem?, name: name?, street })
}

/// Companies and owning units.
pub(super) fn managers(records: &[RawRecord], faults: &mut Vec<Fault>) -> ByCode<ManagerDraft> {
    let mut managers = ByCode::new();
    for record in records {
        if let Ok(manager) = read_manager(&mut Fields::new(record, "uscc", faults)) {
            let uscc = manager.uscc.to_string();
            managers.insert("uscc", &uscc, &record.place, manager, faults);
        }
    }
    managers
}

fn read_manager(fields: &mut Fields<'_>) -> Result<ManagerDraft, Faulty> {
    let uscc = fields.required("uscc", Uscc::parse);
    let name = fields.required_text("name");
    let kind = fields.required_key("kind", ManagerKind::from_key);
    let phone = fields.text("phone");
    let party_organisation = fields.boolean("party_organisation");
    let demo = fields.required_boolean("demo");
    Ok(ManagerDraft {
        kind: kind?,
        name: name?,
        uscc: uscc?,
        phone: phone?,
        party_organisation: party_organisation?,
        demo: demo?,
    })
}

/// Committees by the code of their area, and the place of the first of each area for a fault.
#[derive(Debug, Default)]
pub(super) struct CommitteesByArea(HashMap<String, (Vec<Committee>, Place)>);

impl CommitteesByArea {
    /// Takes the committees of an area out, sorted by code.
    pub(super) fn take(&mut self, area: &AreaCode) -> Vec<Committee> {
        let mut committees = self.0.remove(area.as_str()).map(|(list, _)| list).unwrap_or_default();
        committees.sort_by(|a, b| a.code.cmp(&b.code));
        committees
    }

    /// A fault for each area that nobody asked for: the areas' file does not have it.
    pub(super) fn report_left_over(&self, known: impl Fn(&str) -> bool, faults: &mut Vec<Fault>) {
        faults.extend(self.0.iter().filter(|(area, _)| !known(area)).flat_map(|(area, (list, place))| {
            list.iter().map(move |committee| Fault {
                place: place.clone(),
                field: Some("area".to_owned()),
                code: Some(committee.code.clone()),
                message: format!("there is no area {area}"),
            })
        }));
    }
}

/// The committees of the ledger.
pub(super) fn committees(records: &[RawRecord], faults: &mut Vec<Fault>) -> CommitteesByArea {
    let (mut by_area, mut codes) = (CommitteesByArea::default(), ByCode::new());
    for record in records {
        if let Ok((area, committee)) = read_committee(&mut Fields::new(record, "code", faults)) {
            codes.insert("code", &committee.code, &record.place, (), faults);
            let entry = by_area.0.entry(area.to_string()).or_insert_with(|| (Vec::new(), record.place.clone()));
            entry.0.push(committee);
        }
    }
    by_area
}

fn read_committee(fields: &mut Fields<'_>) -> Result<(AreaCode, Committee), Faulty> {
    let code = fields.required_text("code");
    let area = fields.required("area", AreaCode::parse);
    let kind = fields.required_key("kind", CommitteeKind::from_key);
    let formed_on = fields.date("formed_on").and_then(|date| fields.present("formed_on", date));
    let filing_applied_on = fields.date("filing_applied_on");
    let filed_on = fields.date("filed_on");
    let filing_number = fields.text("filing_number");
    let term_until = fields.date("term_until");
    let dissolved_on = fields.date("dissolved_on");
    let operating = fields.required_boolean("operating");
    let members = fields.number("members");
    let party = read_party(fields);
    let demo = fields.required_boolean("demo");

    let formed = ("formed_on", formed_on.ok());
    let days = [
        ("filing_applied_on", filing_applied_on),
        ("filed_on", filed_on),
        ("term_until", term_until),
        ("dissolved_on", dissolved_on),
    ]
    .map(|(name, day)| (name, day.ok().flatten()));
    for later in days {
        // The fault is in the list; the committee is read on so that its area does not seem to have none.
        let _ = fields.in_order(formed, later);
    }
    let _ = fields.in_order(days[0], days[1]);
    let committee = Committee {
        code: code?,
        kind: kind?,
        formed_on: formed_on?,
        filing_applied_on: filing_applied_on?,
        filed_on: filed_on?,
        filing_number: filing_number?,
        term_until: term_until?,
        dissolved_on: dissolved_on?,
        operating: operating?,
        members: members?,
        party: party?,
        demo: demo?,
    };
    Ok((area?, committee))
}

fn read_party(fields: &mut Fields<'_>) -> Result<Option<Party>, Faulty> {
    let present = fields.boolean("party_organisation");
    let since = fields.date("party_since");
    match (present?, since?) {
        (Some(true), since) => Ok(Some(Party { present: true, since })),
        (Some(false), None) => Ok(Some(Party { present: false, since: None })),
        (None, None) => Ok(None),
        (_, Some(_)) => Err(fields.fault("party_since", "a date is given, but no party organisation")),
    }
}

/// Figures as printed, in file order.
pub(super) fn figures(records: &[RawRecord], faults: &mut Vec<Fault>) -> Vec<PrintedFigure> {
    let mut seen = ByCode::new();
    let mut figures = Vec::new();
    for record in records {
        if let Ok(figure) = read_figure(&mut Fields::new(record, "rate", faults)) {
            let key = format!("{} {} {}", figure.rate.key(), figure.dated, figure.source);
            seen.insert("rate", &key, &record.place, (), faults);
            figures.push(figure);
        }
    }
    figures
}

fn read_figure(fields: &mut Fields<'_>) -> Result<PrintedFigure, Faulty> {
    let rate = fields.required_key("rate", RateId::from_key);
    let percent = fields.number("percent").and_then(|number| fields.present("percent", number));
    let numerator = fields.number("numerator");
    let denominator = fields.number("denominator");
    let source = fields.required_text("source");
    let dated = fields.date("dated").and_then(|date| fields.present("dated", date));
    Ok(PrintedFigure {
        rate: rate?,
        percent: percent?,
        numerator: numerator?,
        denominator: denominator?,
        source: source?,
        dated: dated?,
    })
}
