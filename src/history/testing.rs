//! A small world for tests: areas that are rectangles of a grid of metres, and a ledger that takes operations.

use geo::{Coord, Rect};
use jiff::civil::{Date, date};

use crate::formats::geojson::geometry_text;
use crate::geom::surface_m2;
use crate::history::{
    Amendment, AreaFact, CommitteeFact, Drawn, Entry, Fact, Key, Kind, Known, Ledger, Neighbour, NewRecord, Operation,
    Put, Successor, plan,
};
use crate::ingest::ManagerDraft;
use crate::model::{
    AreaCode, AsOf, Attributes, Boundary, Committee, CommitteeKind, District, Management, ManagerKind, Record,
    RecordKind, Revision, Street, StreetCode, StreetKind, Uscc, Validity,
};

/// Degrees of one unit of the grid: about 8.5 m by 11 m.
const UNIT: f64 = 1e-4;

/// The managers of the world.
pub(crate) const MANAGERS: [&str; 2] = ["91000000MA00000157", "91000000MA00000232"];

pub(crate) fn code(serial: u32) -> AreaCode {
    AreaCode::parse(&format!("DEMO-JS-{serial:04}")).unwrap()
}

pub(crate) fn uscc(at: usize) -> Uscc {
    Uscc::parse(MANAGERS[at]).unwrap()
}

pub(crate) fn street() -> StreetCode {
    StreetCode::parse("110105017").unwrap()
}

/// A rectangle from (x, y), so many units wide and high.
pub(crate) fn boundary(x: i32, y: i32, wide: i32, high: i32) -> Boundary {
    let at = |x: i32, y: i32| Coord { x: 116.4 + f64::from(x) * UNIT, y: 39.9 + f64::from(y) * UNIT };
    Rect::new(at(x, y), at(x + wide, y + high)).to_polygon().into()
}

pub(crate) fn drawn(x: i32, y: i32, wide: i32, high: i32) -> Drawn {
    let boundary = boundary(x, y, wide, high);
    Drawn { source: geometry_text(&boundary), surface_m2: surface_m2(&boundary), boundary }
}

pub(crate) fn area(serial: u32, drawn: Drawn) -> AreaFact {
    AreaFact {
        code: code(serial),
        name: format!("{serial}号院(演示)"),
        other_names: Vec::new(),
        street: street(),
        community: None,
        boundary: drawn.boundary,
        source_geometry: drawn.source,
        site_area_m2: drawn.surface_m2,
        management: Management::Contracted,
        committees_known: true,
        attributes: Attributes { households: Some(100 + serial), built_year: Some(1998), ..Attributes::default() },
        demo: true,
    }
}

pub(crate) fn committee(code: &str) -> Committee {
    Committee {
        code: code.to_owned(),
        kind: CommitteeKind::Owners,
        formed_on: date(2015, 3, 1),
        filing_applied_on: None,
        filed_on: None,
        filing_number: None,
        term_until: Some(date(2025, 3, 1)),
        dissolved_on: None,
        operating: true,
        members: Some(5),
        party: None,
        demo: true,
    }
}

pub(crate) fn successor(serial: u32, drawn: Drawn) -> Successor {
    let name = format!("{serial}号院(演示)");
    Successor { code: code(serial), name, drawn, amendment: Amendment::default() }
}

pub(crate) fn new_record(kind: RecordKind, dated: Date) -> NewRecord {
    NewRecord {
        kind,
        document: "试文1号".to_owned(),
        authority: "试验区".to_owned(),
        dated,
        author: "test".to_owned(),
        recorded_at: "2022-10-28T08:00:00.123Z".parse().unwrap(),
        note: String::new(),
        request: None,
    }
}

/// A street with two managers and areas 1 to 4 side by side, ten units square each; area 1 has the committee `C-1`, and the
/// first two are managed.
pub(crate) fn founding() -> Entry {
    let always = Validity::default();
    let new = |fact| Put::New { fact, valid: always };
    let district = District {
        code: "110105".to_owned(),
        name: "朝阳区".to_owned(),
        boundary: boundary(-50, -50, 200, 200),
        attribution: "test".to_owned(),
    };
    let mut puts = vec![new(Fact::District(district))];
    puts.push(new(Fact::Street(Street {
        code: street(),
        name: "劲松街道".to_owned(),
        stem: "劲松".to_owned(),
        kind: StreetKind::Subdistrict,
        initials: "JS".to_owned(),
        aliases: Vec::new(),
        civil_affairs_code: None,
        boundary: boundary(-50, -50, 200, 200),
        schematic: true,
    })));
    puts.extend((0..MANAGERS.len()).map(|at| {
        new(Fact::Manager(ManagerDraft {
            kind: ManagerKind::Company,
            name: format!("{at}号物业(演示)"),
            uscc: uscc(at),
            phone: None,
            party_organisation: None,
            demo: true,
        }))
    }));
    puts.extend((1_u32..).zip([0, 10, 20, 30]).map(|(serial, x)| new(Fact::Area(area(serial, drawn(x, 0, 10, 10))))));
    puts.extend(
        [1, 2].map(|serial| new(Fact::Assignment(crate::history::Assignment { area: code(serial), manager: uscc(0) }))),
    );
    puts.push(new(Fact::Committee(CommitteeFact { area: code(1), committee: committee("C-1") })));
    Entry { puts, ..Entry::default() }
}

/// A ledger with the founding entry under revision 1.
pub(crate) fn founded() -> Ledger {
    let mut ledger = Ledger::default();
    ledger.enter(&new_record(RecordKind::SurveyRound, date(2020, 1, 1)), &founding()).unwrap();
    ledger
}

/// What a ledger knows of everything that an operation mentions; every area is a neighbour.
pub(crate) fn known_of(ledger: &Ledger, operation: &Operation) -> Known {
    let mut versions = Vec::new();
    for key in operation.mentions() {
        versions.extend_from_slice(ledger.versions(&key));
        if key.kind == Kind::Area {
            let told =
                |version: &&crate::history::Version| version.fact.area().is_some_and(|area| area.as_str() == key.code);
            versions.extend(ledger.things().flat_map(|(_, _, versions)| versions).filter(told).cloned());
        }
    }
    let everything = ledger.things().flat_map(|(_, _, versions)| versions);
    let areas = everything.filter(|version| version.recorded.until.is_none()).filter_map(|version| {
        let Fact::Area(area) = &version.fact else { return None };
        Some(Neighbour { code: area.code.clone(), boundary: area.boundary.clone(), valid: version.valid })
    });
    Known::new(versions, areas.collect())
}

/// Plans and enters an operation, or says what is wrong with it, one fault a line.
pub(crate) fn operate(ledger: &mut Ledger, operation: &Operation, effective: Date) -> Result<Revision, String> {
    let planned = plan(operation, effective, &known_of(ledger, operation))
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    ledger.enter(&new_record(planned.kind, effective), &planned.entry).map_err(|refusal| refusal.to_string())
}

/// What holds on a day as far as is known now.
pub(crate) fn holding(ledger: &Ledger, day: Date) -> Vec<Fact> {
    let known = ledger.records().last().map(|record: &Record| Revision(u64::from(record.id.0))).unwrap();
    ledger.holding(AsOf { day, known }).map(|holding| holding.version.fact.clone()).collect()
}

/// The area of that serial on a day.
pub(crate) fn area_on(ledger: &Ledger, serial: u32, day: Date) -> Option<AreaFact> {
    let key = Key::new(Kind::Area, code(serial).as_str());
    holding(ledger, day).into_iter().find_map(|fact| match fact {
        Fact::Area(area) if Key::new(Kind::Area, area.code.as_str()) == key => Some(area),
        _ => None,
    })
}

/// The committee of that code and its area on a day.
pub(crate) fn committee_on(ledger: &Ledger, code: &str, day: Date) -> Option<CommitteeFact> {
    holding(ledger, day).into_iter().find_map(|fact| match fact {
        Fact::Committee(fact) if fact.committee.code == code => Some(fact),
        _ => None,
    })
}
