//! A snapshot that came by small changes answers like one that is built anew.

use geo::{Coord, LineString, MapCoords as _, Polygon, Rect};
use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::app::{AreaQuery, LocateQuery, SearchQuery, Snapshot};
use crate::auth::Actor;
use crate::geom::surface_m2;
use crate::history::Lineage;
use crate::model::*;
use crate::store::{AbsentArea, AreaChange, Changes, Register};
use crate::tiles::testing::{Cell, Feature, FieldPlan, Shape, decode};
use crate::tiles::{LAST_LEVEL, TileCoord, TileLayer};

const NAMES: [&str; 8] = ["枣营北里", "枣营南里", "农光里", "劲松一区", "望京西园", "长乐公馆", "绿城", "潘家园"];

fn committee(code: usize, formed_on: Date) -> Committee {
    Committee {
        code: format!("DEMO-C-{code:04}"),
        kind: CommitteeKind::ALL[code % 2],
        formed_on,
        filing_applied_on: None,
        filed_on: None,
        filing_number: None,
        term_until: None,
        dissolved_on: code.is_multiple_of(3).then(|| formed_on + 400.days()),
        operating: !code.is_multiple_of(5),
        members: None,
        party: Some(Party { present: true, since: Some(formed_on + 100.days()) }),
        demo: true,
    }
}

fn manager(number: usize) -> Manager {
    Manager {
        id: ManagerId(u32::try_from(number).unwrap() + 1),
        kind: if number % 4 == 3 { ManagerKind::OwningUnit } else { ManagerKind::Company },
        name: format!("第{number}物业公司"),
        // Later managers come between earlier ones.
        uscc: Uscc::complete(&format!("91110105MA{:06}", number * 37 % 100)).unwrap(),
        phone: None,
        party_organisation: Some(number.is_multiple_of(2)),
        demo: true,
    }
}

fn record(number: u32, dated: Date) -> Record {
    Record {
        id: RecordId(number),
        kind: RecordKind::Correction,
        document: format!("D-{number}"),
        authority: String::new(),
        dated,
        author: String::new(),
        recorded_at: Timestamp::UNIX_EPOCH,
        note: String::new(),
    }
}

fn area(number: usize, boundary: Boundary, street: StreetCode) -> Area {
    let name = format!("{}{}号", NAMES[number % NAMES.len()], number / 3);
    Area {
        id: AreaId(u32::try_from(number).unwrap() + 1),
        // Later areas come between earlier ones.
        code: AreaCode::parse(&format!("DEMO-AA-{:04}", number * 613 % 10_000)).unwrap(),
        name,
        other_names: vec![Name { kind: NameKind::Common, text: NAMES[number * 5 % NAMES.len()].to_owned() }],
        street,
        community: None,
        site_area_m2: surface_m2(&boundary),
        boundary,
        management: if number.is_multiple_of(7) { Management::Unknown } else { Management::Contracted },
        manager: (!number.is_multiple_of(3)).then(|| ManagerId(u32::try_from(number % 5).unwrap() + 1)),
        committees: (!number.is_multiple_of(6))
            .then(|| vec![committee(number, date(2020, 1, 1) + i64::try_from(number * 40).unwrap().days())]),
        attributes: Attributes { address: Some(format!("第{}号院", number * 11)), ..Attributes::default() },
        validity: Validity::default(),
        record: RecordId(1),
        changed: Revision(1),
        demo: number.is_multiple_of(2),
    }
}

fn register(plan: &FieldPlan) -> Register {
    let field = plan.draw();
    let mut areas: Vec<Area> = field
        .areas
        .iter()
        .enumerate()
        .map(|(number, (boundary, street))| area(number, boundary.clone(), StreetCode::parse(street).unwrap()))
        .collect();
    areas.sort_by(|a, b| a.code.cmp(&b.code));
    let mut managers: Vec<Manager> = (0..5).map(manager).collect();
    managers.sort_by(|a, b| a.uscc.cmp(&b.uscc));
    Register {
        as_of: AsOf { day: date(2022, 1, 1), known: Revision(1) },
        records: vec![record(1, date(2022, 1, 1))],
        district: Some(District {
            code: "110105".to_owned(),
            name: "朝阳区".to_owned(),
            boundary: field.outline.clone(),
            attribution: String::new(),
        }),
        streets: field.streets,
        communities: Vec::new(),
        managers,
        areas,
        absent: Vec::new(),
        lineage: Vec::new(),
        figures: Vec::new(),
    }
}

/// One random edit; numbers are taken as far as there are things to choose from.
#[derive(Debug, Clone)]
enum Edit {
    Rename(usize, usize),
    Street(usize, usize),
    Manager(usize, Option<usize>),
    RenameManager(usize),
    NewManager,
    Committee(usize, i64),
    /// A vertex moves in all areas that have it.
    Vertex(usize, usize, f64, f64),
    End(usize),
    Return,
    /// An area is cut in two, which take its place.
    Split(usize),
    Days(i64),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let n = 0..1_000_usize;
    let edit = prop_oneof![
        (n.clone(), n.clone()).prop_map(|(a, b)| Edit::Rename(a, b)),
        (n.clone(), n.clone()).prop_map(|(a, b)| Edit::Street(a, b)),
        (n.clone(), prop::option::of(n.clone())).prop_map(|(a, b)| Edit::Manager(a, b)),
        n.clone().prop_map(Edit::RenameManager),
        Just(Edit::NewManager),
        (n.clone(), 0..900_i64).prop_map(|(a, b)| Edit::Committee(a, b)),
        (n.clone(), n.clone(), -0.2..0.2, -0.2..0.2).prop_map(|(a, b, x, y)| Edit::Vertex(a, b, x, y)),
        n.clone().prop_map(Edit::End),
        Just(Edit::Return),
        n.prop_map(Edit::Split),
        (-300..500_i64).prop_map(Edit::Days),
    ];
    prop::collection::vec(edit, 1..10)
}

fn edited(before: &Register, edit: &Edit, square: f64) -> Register {
    let mut now = before.clone();
    let revision = before.as_of.known.0 + 1;
    let number = u32::try_from(revision).unwrap();
    now.as_of.known = Revision(revision);
    let at = |n: usize| n % before.areas.len();
    let absent = |area: &Area| AbsentArea {
        code: area.code.clone(),
        name: area.name.clone(),
        street: area.street.clone(),
        valid: Validity { from: None, until: Some(before.as_of.day) },
    };
    let change = |area: &mut Area| (area.record, area.changed) = (RecordId(number), Revision(revision));
    match edit {
        Edit::Days(days) => now.as_of.day += days.days(),
        Edit::NewManager => now.managers.push(manager(now.managers.len())),
        Edit::RenameManager(n) => {
            let renamed = *n % now.managers.len();
            now.managers[renamed].name.push('新');
            now.managers[renamed].party_organisation = Some(false);
        }
        Edit::Rename(n, name) => {
            let area = &mut now.areas[at(*n)];
            area.name = format!("{}{name}", NAMES[name % NAMES.len()]);
            change(area);
        }
        Edit::Street(n, street) => {
            let area = &mut now.areas[at(*n)];
            area.street = before.streets[street % before.streets.len()].code.clone();
            change(area);
        }
        Edit::Manager(n, manager) => {
            let area = &mut now.areas[at(*n)];
            area.manager = manager.map(|n| before.managers[n % before.managers.len()].id);
            change(area);
        }
        Edit::Committee(n, days) => {
            let area = &mut now.areas[at(*n)];
            area.committees.get_or_insert_default().push(committee(*n, date(2021, 1, 1) + days.days()));
            change(area);
        }
        Edit::Vertex(n, vertex, x, y) => {
            let ring = before.areas[at(*n)].boundary.0[0].exterior();
            let old = ring.0[vertex % ring.0.len()];
            let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
            let new = Coord { x: round(old.x + x * square), y: round(old.y + y * square) };
            for area in &mut now.areas {
                let boundary = area.boundary.map_coords(|c| if c == old { new } else { c });
                if boundary != area.boundary {
                    area.site_area_m2 = surface_m2(&boundary);
                    area.boundary = boundary;
                    change(area);
                }
            }
        }
        Edit::End(n) if before.areas.len() > 1 => {
            let ended = now.areas.remove(at(*n));
            now.absent.push(absent(&ended));
        }
        Edit::Return if !before.absent.is_empty() => {
            let back = now.absent.remove(0);
            let boundary = before.areas[0].boundary.map_coords(|c| Coord { x: c.x - 0.5 * square, y: c.y });
            now.areas.push(Area { code: back.code, ..area(7_000 + before.records.len(), boundary, back.street) });
        }
        Edit::Split(n) => {
            let ended = now.areas.remove(at(*n));
            now.absent.push(absent(&ended));
            let exterior = &ended.boundary.0[0].exterior().0;
            let (half, last) = (exterior.len() / 2, exterior.len() - 2);
            for part in [&exterior[..=half], &[&exterior[half..=last], &exterior[..1]].concat()[..]] {
                if part.len() < 3 {
                    continue;
                }
                let mut ring = LineString(part.to_vec());
                ring.close();
                let count = now.areas.len() + now.absent.len();
                let made = area(count, Polygon::new(ring, vec![]).into(), ended.street.clone());
                let lineage =
                    Lineage { predecessor: ended.code.clone(), successor: made.code.clone(), from: before.as_of.day };
                now.lineage.push(lineage);
                now.areas.push(made);
            }
        }
        Edit::End(_) | Edit::Return => {}
    }
    now.records.push(record(number, now.as_of.day));
    now.areas.sort_by(|a, b| a.code.cmp(&b.code));
    now.areas.dedup_by(|a, b| a.code == b.code);
    now.absent.sort_by(|a, b| a.code.cmp(&b.code));
    let present: Vec<&AreaCode> = now.areas.iter().map(|area| &area.code).collect();
    now.absent.retain(|absent| present.binary_search(&&absent.code).is_err());
    now.managers.sort_by(|a, b| a.uscc.cmp(&b.uscc));
    now
}

fn changes(before: &Register, after: &Register) -> Changes {
    let find = |register: &Register, code: &AreaCode| register.areas.iter().find(|area| area.code == *code).cloned();
    let mut codes: Vec<AreaCode> = before.areas.iter().chain(&after.areas).map(|area| area.code.clone()).collect();
    codes.sort();
    codes.dedup();
    let all = codes.into_iter().map(|code| AreaChange { before: find(before, &code), after: find(after, &code), code });
    Changes {
        from: before.as_of,
        to: after.as_of,
        areas: all.filter(|change| change.before != change.after).collect(),
        managers: after.managers.iter().filter(|manager| !before.managers.contains(manager)).cloned().collect(),
        territory: false,
        absent: after.absent.iter().filter(|absent| !before.absent.contains(absent)).cloned().collect(),
        records: after.records[before.records.len()..].to_vec(),
        lineage: after.lineage.iter().filter(|lineage| !before.lineage.contains(lineage)).cloned().collect(),
    }
}

/// Everything that tells two states apart, but for tiles.
fn compare(one: &Snapshot, two: &Snapshot, points: &[Coord]) -> Result<(), TestCaseError> {
    prop_assert_eq!(one.as_of(), two.as_of());
    prop_assert_eq!(one.records(), two.records());
    prop_assert!(one.areas().eq(two.areas()));
    prop_assert_eq!(one.area_count(), two.area_count());
    prop_assert_eq!(one.is_demo(), two.is_demo());
    prop_assert_eq!(one.bounds(), two.bounds());
    prop_assert_eq!(one.managers(), two.managers());
    prop_assert_eq!(one.tallies(), two.tallies());
    let code = |snapshot: &Snapshot, position: usize| snapshot.area(position).code.clone();
    for (a, b) in one.positions().zip(two.positions()) {
        prop_assert_eq!(one.status(a), two.status(b));
        prop_assert_eq!(one.class(a), two.class(b));
        prop_assert_eq!(one.label(a), two.label(b));
        prop_assert_eq!(one.index().envelope(a), two.index().envelope(b));
        prop_assert_eq!(one.area_position(&one.area(a).code), Some(a));
    }
    let codes = |snapshot: &Snapshot, list: &[u32]| {
        list.iter().map(|position| code(snapshot, *position as usize)).collect::<Vec<_>>()
    };
    for street in 0..one.streets().len() {
        prop_assert_eq!(codes(one, one.areas_of_street(street)), codes(two, two.areas_of_street(street)));
    }
    for manager in 0..one.managers().len() {
        prop_assert_eq!(codes(one, one.managed_by(manager)), codes(two, two.managed_by(manager)));
    }
    let all = one.lineage().flat_map(|lineage| [&lineage.predecessor, &lineage.successor]);
    for known in all.chain(one.areas().map(|area| &area.code)) {
        prop_assert_eq!(one.absent(known), two.absent(known));
        prop_assert_eq!(one.successors(known), two.successors(known));
        prop_assert_eq!(one.predecessors(known), two.predecessors(known));
    }
    let actor = Actor::at_the_machine();
    for point in points {
        let told = |snapshot: &Snapshot| {
            let found = snapshot.locate(LocateQuery { point: *point, accuracy_m: Some(100.0) }).unwrap();
            let near = |list: Vec<crate::app::AreaNear>| {
                let mut told: Vec<_> =
                    list.into_iter().map(|near| (near.distance_m.to_bits(), code(snapshot, near.position))).collect();
                told.sort();
                told
            };
            let at: Vec<_> =
                found.areas.iter().map(|area| (code(snapshot, area.position), area.distance_to_border_m)).collect();
            // Of equally near areas any may be the third.
            let nearest = near(found.nearest).into_iter().map(|near| near.0).collect::<Vec<_>>();
            (at, near(found.neighbours), nearest, found.street, found.in_district)
        };
        prop_assert_eq!(told(one), told(two));
        let half = Coord { x: 0.001, y: 0.001 };
        let bbox = Some(Rect::new(*point - half, *point + half));
        for query in [
            AreaQuery { bbox, limit: 3, ..AreaQuery::default() },
            AreaQuery {
                limit: 5,
                after: Some(code(one, one.positions().nth(one.area_count() / 2).unwrap())),
                ..AreaQuery::default()
            },
            AreaQuery { street: Some(one.streets()[1].code.clone()), limit: 50, bbox, ..AreaQuery::default() },
        ] {
            let page = |snapshot: &Snapshot| {
                let page = snapshot.list_areas(&actor, &query).unwrap();
                (page.positions.into_iter().map(|position| code(snapshot, position)).collect::<Vec<_>>(), page.more)
            };
            prop_assert_eq!(page(one), page(two));
        }
    }
    for text in ["枣营", "zy", "nongguang", "劲松1", "DEMO-AA", "第3", "物业公司新", "望京 第1", "panjaiyuan"]
    {
        for near in [None, points.first().copied()] {
            let found = |snapshot: &Snapshot| {
                let query = SearchQuery { text: text.to_owned(), limit: 8, near, street: None };
                let hits = snapshot.search(&actor, &query).unwrap().into_iter();
                hits.map(|found| {
                    let key = match found.hit.kind {
                        crate::search::Kind::Area => code(snapshot, found.hit.key as usize).to_string(),
                        _ => found.hit.key.to_string(),
                    };
                    (key, found.hit.field, found.hit.text, found.point, found.bounds)
                })
                .collect::<Vec<_>>()
            };
            prop_assert_eq!(found(one), found(two));
        }
    }
    Ok(())
}

fn features(snapshot: &Snapshot, tile: TileCoord) -> Vec<(String, Vec<Feature>)> {
    let layers = decode(&snapshot.tile(TileLayer::Areas, tile));
    layers
        .into_iter()
        .map(|layer| {
            let mut features = layer.features;
            features.sort_by_key(|feature| feature.id);
            (layer.name, features)
        })
        .collect()
}

fn tile_at(point: Coord, z: u8) -> TileCoord {
    TileCoord::at(point, z).unwrap()
}

/// Farthest that a vertex of one shape lies from the sides of the other, in cells.
fn farthest(one: &Feature, two: &Feature) -> f64 {
    let to_segment = |x: f64, y: f64, from: (f64, f64), to: (f64, f64)| {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let squared = dx * dx + dy * dy;
        let share =
            if squared > 0.0 { (((x - from.0) * dx + (y - from.1) * dy) / squared).clamp(0.0, 1.0) } else { 0.0 };
        (x - from.0 - share * dx).hypot(y - from.1 - share * dy)
    };
    let places = |feature: &Feature| -> Vec<Vec<(f64, f64)>> {
        let ring = |ring: &Vec<Cell>| ring.iter().map(|cell: &Cell| (f64::from(cell.x), f64::from(cell.y))).collect();
        feature.rings().iter().map(ring).collect()
    };
    let rings = places(two);
    let mut worst = 0.0_f64;
    for (x, y) in places(one).into_iter().flatten() {
        let sides = rings.iter().flat_map(|ring| ring.iter().zip(ring.iter().cycle().skip(1)));
        let nearest = sides.map(|(a, b)| to_segment(x, y, *a, *b)).fold(f64::INFINITY, f64::min);
        worst = worst.max(nearest);
    }
    worst
}

fn compare_tiles(one: &Snapshot, two: &Snapshot, points: &[Coord]) -> Result<(), TestCaseError> {
    for z in [15, 17] {
        for point in points {
            let tile = tile_at(*point, z);
            prop_assert_eq!(features(one, tile), features(two, tile), "{:?}", tile);
        }
    }
    if one.pyramid().areas_from() != two.pyramid().areas_from() {
        return Ok(());
    }
    for z in [8, 9, 11, 13, LAST_LEVEL] {
        for point in points {
            let tile = tile_at(*point, z);
            let (told, anew) = (features(one, tile), features(two, tile));
            prop_assert_eq!(told.len(), anew.len());
            for ((layer, told), (_, anew)) in told.iter().zip(&anew) {
                let ids = |list: &[Feature]| list.iter().map(|feature| feature.id).collect::<Vec<_>>();
                prop_assert_eq!(ids(told), ids(anew), "{} {:?}", layer, tile);
                for (a, b) in told.iter().zip(anew) {
                    prop_assert_eq!(&a.attributes, &b.attributes);
                    if let (Shape::Rings(_), Shape::Rings(_)) = (&a.geometry, &b.geometry) {
                        // Each keeps within 6.4 cells of the boundary, and the grid adds one.
                        let apart = farthest(a, b).max(farthest(b, a));
                        prop_assert!(apart < 15.0, "{tile:?} {apart}");
                    }
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_snapshot_after_changes_answers_like_one_that_is_built_anew(
        seed in any::<u64>(), squares in 4..12_i32, turn in 0.0_f64..1.5, jitter in prop_oneof![Just(0.0), 0.05..0.3_f64],
        edits in edits(),
    ) {
        let plan = FieldPlan { seed, squares, square_degrees: 0.0015, turn, jitter };
        let mut register = register(&plan);
        let mut snapshot = Snapshot::build(register.clone()).unwrap();
        for edit in &edits {
            let next = edited(&register, edit, plan.square_degrees);
            snapshot = snapshot.apply(&changes(&register, &next)).expect("these changes are small");
            register = next;
        }
        let anew = Snapshot::build(register.clone()).unwrap();
        let labels: Vec<Coord> = anew.positions().map(|position| anew.label(position)).collect();
        let mut points: Vec<Coord> = labels.iter().step_by(1 + labels.len() / 6).copied().collect();
        points.extend(register.areas.iter().step_by(5).take(4).map(|area| area.boundary.0[0].exterior().0[0]));
        points.push(Coord { x: 116.2, y: 39.8 });
        compare(&snapshot, &anew, &points)?;
        compare_tiles(&snapshot, &anew, &points)?;
        let again = Snapshot::build(snapshot.to_register()).unwrap();
        compare(&again, &anew, &points)?;
    }
}

#[test]
fn changes_that_do_not_follow_are_not_applied() {
    let plan = FieldPlan { seed: 1, squares: 4, square_degrees: 0.0015, turn: 0.0, jitter: 0.1 };
    let before = register(&plan);
    let after = edited(&before, &Edit::Rename(0, 1), plan.square_degrees);
    let snapshot = Snapshot::build(before.clone()).unwrap();
    let told = changes(&before, &after);
    assert!(snapshot.apply(&told).is_some());
    assert!(snapshot.apply(&Changes { territory: true, ..told.clone() }).is_none());
    let mut other = told.clone();
    other.areas[0].before.as_mut().unwrap().name.push('旧');
    assert!(snapshot.apply(&other).is_none(), "what was before is something else");
    let mut later = told;
    later.records[0].id = RecordId(9);
    assert!(snapshot.apply(&later).is_none(), "a record is missing");
}
