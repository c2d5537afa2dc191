//! A ledger of made-up areas: streets of blocks, compounds of neighbours.

use geo::Coord;
use onemap::geom::LocalFrame;
use onemap::reconcile::{Record, Shape};

use crate::trial::chance::Chance;
use crate::trial::shapes::{Ring, Turned, at, clip, cut, inset, rect, surface};
use crate::trial::words;

/// One area as it really is.
#[derive(Debug, Clone)]
pub struct Plot {
    pub street: usize,
    pub ring: Ring,
    /// The neighbour of the same parent ground, and that ground.
    pub twin: Option<(usize, Ring)>,
}

/// The left side and the ground it stands on.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub records: Vec<Record>,
    pub plots: Vec<Plot>,
    /// Aliases that are in use but not on file.
    pub unfiled: Vec<Option<String>>,
    pub frame: LocalFrame,
    names: std::collections::BTreeSet<String>,
}

/// Where the made-up district lies.
pub const ORIGIN: Coord = Coord { x: 116.50, y: 39.95 };

/// A ledger of so many areas in up to 43 streets; larger ones have more areas to a street and repeat the streets.
pub fn ledger(seed: u64, count: usize, unmapped: f64) -> Ledger {
    let mut chance = Chance::new(seed);
    let frame = LocalFrame::new(ORIGIN);
    let per_street = (count as f64 / 43.0).clamp(33.0, 45.0);
    let streets = (count as f64 / per_street).ceil() as usize;
    let columns = (streets as f64).sqrt().ceil() as usize;
    let mut ledger =
        Ledger { records: Vec::new(), plots: Vec::new(), unfiled: Vec::new(), frame, names: Default::default() };
    for number in 0..streets {
        let wanted = count * (number + 1) / streets - ledger.records.len();
        let corner = at(
            (number % columns) as f64 * 2_300.0 - columns as f64 * 1_150.0,
            (number / columns) as f64 * 2_300.0 - columns as f64 * 1_150.0,
        );
        street(&mut ledger, (number, wanted), corner, &mut chance);
    }
    for at in 0..ledger.records.len() {
        if chance.is(unmapped) {
            let shape = &mut ledger.records[at].shape;
            let Shape::Outline(outline) = &*shape else { continue };
            let first = outline.0[0].exterior().0[0];
            *shape = if chance.is(0.5) { Shape::None } else { Shape::Point(first) };
        }
    }
    ledger
}

fn street(ledger: &mut Ledger, (number, wanted): (usize, usize), corner: Coord, chance: &mut Chance) {
    let street = number % 43;
    let turn = chance.within(-0.3, 0.3);
    let (sin, cos) = turn.sin_cos();
    let place = |p: Coord| {
        let q = p - at(1000.0, 1000.0);
        corner + at(1000.0, 1000.0) + at(cos * q.x - sin * q.y, sin * q.x + cos * q.y) * 0.9
    };
    let mut blocks: Vec<(f64, f64)> = (0..16).map(|n| (f64::from(n % 4) * 500.0, f64::from(n / 4) * 500.0)).collect();
    chance.shuffle(&mut blocks);
    let mut names: Vec<String> = Vec::new();
    let mut done = 0;
    for (x, y) in blocks.into_iter().cycle() {
        if done >= wanted {
            break;
        }
        let whole = rect(x + 15.0, y + 15.0, 470.0 - chance.within(0.0, 60.0), 470.0 - chance.within(0.0, 60.0));
        for (ring, twin) in plots(&whole, chance) {
            if done >= wanted {
                break;
            }
            if names.is_empty() {
                names = fresh(ledger, street, chance);
                names.reverse();
            }
            let name = names.pop().unwrap_or_default();
            let ring: Ring = ring.iter().map(|p| place(*p)).collect();
            let twin = twin.map(|(by, parent)| {
                (ledger.records.len().wrapping_add_signed(by), parent.iter().map(|p| place(*p)).collect())
            });
            push(ledger, street, (name, ring, twin), chance);
            done += 1;
        }
    }
    // A twin that did not come to be is none.
    let count = ledger.records.len();
    for plot in &mut ledger.plots {
        plot.twin = plot.twin.take().filter(|(other, _)| *other < count);
    }
}

/// Names of a compound that the ledger does not have yet; few names are found twice.
fn fresh(ledger: &mut Ledger, street: usize, chance: &mut Chance) -> Vec<String> {
    for _ in 0..60 {
        let names = words::compound(street, chance);
        let stem: String = names[0].chars().take(names[0].chars().count() - 2).collect();
        let key = format!("{stem}{}", names.len().min(2));
        if names.iter().all(|name| !ledger.names.contains(name)) && !ledger.names.contains(&key) || chance.is(0.004) {
            ledger.names.extend(names.iter().cloned());
            ledger.names.insert(key);
            return names;
        }
    }
    let serial = ledger.records.len();
    vec![format!("{}{}", words::brand(chance), serial)]
}

type Twin = Option<(isize, Ring)>;

/// A block taken apart: rings, and which of them share a parent.
fn plots(block: &Ring, chance: &mut Chance) -> Vec<(Ring, Twin)> {
    let mut open = vec![block.clone()];
    let mut plots = Vec::new();
    while let Some(ring) = open.pop() {
        let size = surface(&ring);
        if size > 70_000.0 || size > 42_000.0 && chance.is(0.7) {
            let (a, b) = cut(&ring, chance.within(0.35, 0.65), Turned::No);
            open.extend([a, b]);
        } else if size > 24_000.0 && chance.is(0.65) {
            let (a, b) = cut(&ring, chance.within(0.4, 0.6), Turned::No);
            let gap = chance.within(2.0, 5.0);
            plots.push((inset(&a, gap), Some((1, inset(&ring, gap)))));
            plots.push((inset(&b, gap), Some((-1, inset(&ring, gap)))));
        } else {
            let ring = inset(&ring, chance.within(2.0, 8.0));
            // Some have a corner cut off.
            let ring = if chance.is(0.3) && ring.len() >= 4 {
                let (p, q) = (ring[0] * 0.7 + ring[1] * 0.3, ring[0] * 0.75 + ring[ring.len() - 1] * 0.25);
                clip(&ring, q, p - q)
            } else {
                ring
            };
            plots.push((ring, None));
        }
    }
    plots.retain(|(ring, _)| ring.len() >= 3 && surface(ring) > 2_000.0);
    // Positions of twins count from one another, and dropping one would shift them.
    for at in 0..plots.len() {
        let paired = match &plots[at].1 {
            Some((by, parent)) => {
                let other = at.checked_add_signed(*by).and_then(|other| plots.get(other));
                other.is_some_and(|(_, twin)| twin.as_ref().is_some_and(|(_, theirs)| theirs == parent))
            }
            None => true,
        };
        if !paired {
            plots[at].1 = None;
        }
    }
    plots
}

fn push(
    ledger: &mut Ledger,
    street: usize,
    (name, ring, twin): (String, Ring, Option<(usize, Ring)>),
    chance: &mut Chance,
) {
    let id = format!("CY{:05}", ledger.records.len() + 1);
    let stem: String =
        name.chars().take_while(|c| !"一二三四五六七八九十区期里ABCD0123456789号".contains(*c)).collect();
    let last = ledger.records.last().map(|record: &Record| (record.name.clone(), record.address.clone()));
    let stems = words::stems(street);
    let road_name = if name.contains("号院") {
        name.trim_end_matches('院').to_owned()
    } else {
        format!("{}{}号", words::road(chance.pick(stems.as_slice()).as_str(), chance), 1 + chance.below(220))
    };
    let same_compound = last.as_ref().is_some_and(|(other, _)| stem.chars().count() >= 2 && other.starts_with(&stem));
    let address = match last {
        Some((_, address)) if same_compound && chance.is(0.75) && !name.contains('号') => address,
        _ if chance.is(0.07) => format!(
            "朝阳区{}{}",
            words::STREETS[street],
            road_name.trim_end_matches(|c: char| c == '号' || c.is_ascii_digit())
        ),
        _ => format!("朝阳区{}{road_name}", words::STREETS[street]),
    };
    let alias = chance.is(0.28).then(|| words::alias(&name, &address, street, chance));
    let filed = chance.is(0.5);
    let size = surface(&ring);
    let frame = ledger.frame;
    let outline = crate::trial::shapes::polygon(&ring, &|p| frame.to_degrees(p));
    let quasi = chance.is(0.075);
    ledger.records.push(Record {
        id,
        shape: Shape::Outline(outline.into()),
        name,
        aliases: alias.iter().filter(|_| filed).cloned().collect(),
        address,
        street: words::STREETS[street].to_owned(),
        management: if quasi { "quasi" } else { "contracted" }.to_owned(),
        committee: match chance.below(20) {
            0..=2 => "owners_committee",
            3 => "none",
            _ => "management_committee",
        }
        .to_owned(),
        company: if quasi { String::new() } else { words::company(chance) },
        households: ((size / 55.0 * chance.within(0.5, 1.8)) as usize + 30).to_string(),
        source: String::new(),
        repaired: false,
    });
    ledger.unfiled.push(alias.filter(|_| !filed));
    ledger.plots.push(Plot { street, ring, twin });
}
