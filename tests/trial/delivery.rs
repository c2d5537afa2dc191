//! What another office makes of a ledger, with the truth.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Coord, MultiPolygon, Polygon};
use onemap::crs::{bd09, gcj02};
use onemap::reconcile::{Record, Shape};

use crate::trial::chance::Chance;
use crate::trial::fields::{conflicts, fill};
use crate::trial::ledger::{Ledger, ledger};
use crate::trial::levels::Level;
use crate::trial::score::{TrueLine, Truth};
use crate::trial::shapes::{
    self, Ring, Turned, at, centre, cut, inset, polygon, push_side, rect, redraw, spoilt, surface,
};
use crate::trial::words;

/// Two sides and the truth.
pub struct Trial {
    pub left: Vec<Record>,
    pub right: Vec<Record>,
    pub truth: Truth,
}

/// A row before it is written down.
struct Row {
    lefts: Vec<usize>,
    ring: Ring,
    name: String,
    relation: &'static str,
    group: usize,
    drift: bool,
    table: bool,
    /// Drawn as an outline whatever chance says: names that lie are told by nothing else.
    drawn: bool,
    /// The street of the area whose name it has: a street has a name once.
    elsewhere_than: Option<usize>,
}

struct Delivery<'a> {
    ledger: &'a Ledger,
    level: &'a Level,
    chance: Chance,
    rows: Vec<Row>,
    groups: usize,
    truth: Truth,
}

/// A district of so many areas at a level of trouble.
pub fn trial(seed: u64, count: usize, level: &Level) -> Trial {
    let ledger = ledger(seed, count, level.unmapped);
    let mut delivery = Delivery {
        ledger: &ledger,
        level,
        chance: Chance::new(seed ^ 0xABCD),
        rows: Vec::new(),
        groups: 0,
        truth: Truth::default(),
    };
    delivery.make();
    let (right, truth) = delivery.write();
    Trial { left: ledger.records, right, truth }
}

impl Delivery<'_> {
    fn group(&mut self) -> usize {
        self.groups += 1;
        self.groups
    }

    fn push(&mut self, lefts: &[usize], ring: Ring, name: String, relation: &'static str, group: usize) {
        self.rows.push(Row {
            lefts: lefts.to_vec(),
            ring,
            name,
            relation,
            group,
            drift: false,
            table: false,
            drawn: false,
            elsewhere_than: None,
        });
    }

    fn make(&mut self) {
        let count = self.ledger.records.len();
        let mut order: Vec<usize> = (0..count).collect();
        self.chance.shuffle(&mut order);
        let mut used: BTreeSet<usize> = BTreeSet::new();
        let mapped = |at: usize| matches!(self.ledger.records[at].shape, Shape::Outline(_));
        let mapped: Vec<bool> = (0..count).map(mapped).collect();
        let part = |share: f64| (count as f64 * share).ceil() as usize;
        // Re-cuts and merges need twins.
        let twins: Vec<(usize, usize)> = order
            .iter()
            .filter_map(|at| self.ledger.plots[*at].twin.as_ref().map(|(other, _)| (*at, *other)))
            .filter(|(a, b)| a < b && mapped[*a] && mapped[*b])
            .collect();
        let (recuts, merges) = (part(0.007), part(0.012));
        for (nth, (a, b)) in twins.into_iter().take(recuts + merges).enumerate() {
            let parent = self.ledger.plots[a].twin.as_ref().unwrap().1.clone();
            let group = self.group();
            used.extend([a, b]);
            let name = |at: usize| self.ledger.records[at].name.clone();
            if nth < recuts {
                let share = self.chance.within(0.42, 0.58);
                let (p, q) = cut(&parent, share, Turned::Yes);
                let names = (name(a), name(b));
                self.push(&[a, b], inset(&p, 3.0), names.0, "n:m", group);
                self.push(&[a, b], inset(&q, 3.0), names.1, "n:m", group);
            } else {
                let name = name(a).chars().take(name(a).chars().count() - 2).collect::<String>();
                self.push(&[a, b], parent, name, "n:1", group);
            }
        }
        self.ranges(&mut used, part(0.003));
        let mut splits = part(0.04);
        let mut gone = part(0.06);
        for at in order {
            if used.contains(&at) {
                continue;
            }
            if splits > 0 && mapped[at] && surface(&self.ledger.plots[at].ring) > 9_000.0 {
                splits -= 1;
                self.split(at);
            } else if gone > 0 {
                gone -= 1;
                let group = self.group().to_string();
                let left = Some(self.ledger.records[at].id.clone());
                self.truth.lines.push(TrueLine { left, right: None, relation: "left_only", group, drift: false });
            } else {
                let group = self.group();
                let name = self.ledger.records[at].name.clone();
                let ring = self.ledger.plots[at].ring.clone();
                self.push(&[at], ring, name, "1:1", group);
            }
        }
        self.copies(part(0.02));
        self.strangers(part(self.level.extra));
        self.rename();
    }

    fn ranges(&mut self, used: &mut BTreeSet<usize>, mut wanted: usize) {
        let records = &self.ledger.records;
        for at in 0..records.len().saturating_sub(3) {
            let ends = |n: usize, text: &str| records[at + n].name.ends_with(text);
            let stem: String = records[at].name.chars().take(records[at].name.chars().count() - 2).collect();
            let alike = (0..3).all(|n| records[at + n].name.starts_with(&stem));
            if wanted > 0
                && alike
                && ends(0, "一区")
                && ends(1, "二区")
                && ends(2, "三区")
                && (0..3).all(|n| !used.contains(&(at + n)))
            {
                wanted -= 1;
                used.extend([at, at + 1, at + 2]);
                let group = self.group();
                let name = format!("{stem}{}", ["一至三区", "1-3区", "一、二、三区"][self.chance.below(3)]);
                self.push(&[at, at + 1, at + 2], self.ledger.plots[at].ring.clone(), name, "n:1", group);
                self.rows.last_mut().unwrap().table = true;
            }
        }
    }

    fn split(&mut self, left: usize) {
        let group = self.group();
        let (plot, record) = (&self.ledger.plots[left], &self.ledger.records[left]);
        let three = self.chance.is(0.3) && surface(&plot.ring) > 20_000.0;
        let (first, rest) = cut(&plot.ring, if three { 0.34 } else { self.chance.within(0.3, 0.7) }, Turned::No);
        let mut parts = vec![first];
        if three {
            let (second, third) = cut(&rest, 0.5, Turned::No);
            parts.extend([second, third]);
        } else {
            parts.push(rest);
        }
        let kind = self.chance.below(4);
        for (nth, part) in parts.into_iter().enumerate() {
            let name = match kind {
                0 => format!("{}{}", record.name, ["东区", "西区", "中区"][nth]),
                1 => format!("{}{}院", record.name, ["甲", "乙", "丙"][nth]),
                2 => format!("{}{}期", record.name, words::numeral(nth + 1)),
                _ if nth == 0 => record.name.clone(),
                _ => words::brand(&mut self.chance),
            };
            self.push(&[left], inset(&part, 1.0), name, "1:n", group);
        }
    }

    fn copies(&mut self, count: usize) {
        let singles: Vec<usize> = (0..self.rows.len()).filter(|at| self.rows[*at].relation == "1:1").collect();
        for _ in 0..count {
            let of = &self.rows[*self.chance.pick(&singles)];
            let (lefts, ring, name, group) = (of.lefts.clone(), of.ring.clone(), of.name.clone(), of.group);
            self.push(&lefts, ring, name, "dup", group);
        }
        if self.level.street_twice {
            let street = self.chance.below(8);
            for at in singles {
                if self.ledger.plots[self.rows[at].lefts[0]].street == street {
                    let (lefts, ring, name, group) = (
                        self.rows[at].lefts.clone(),
                        self.rows[at].ring.clone(),
                        self.rows[at].name.clone(),
                        self.rows[at].group,
                    );
                    self.push(&lefts, ring, name, "dup", group);
                }
            }
        }
    }

    /// Rows of places that the ledger lacks.
    fn strangers(&mut self, count: usize) {
        for nth in 0..count {
            let near = self.chance.below(self.ledger.plots.len());
            let plot = &self.ledger.plots[near];
            let middle = centre(&plot.ring);
            let group = self.group();
            let mut elsewhere_than = None;
            let (ring, name) = match nth % 4 {
                // A school within an area.
                0 | 1 => {
                    let size = (surface(&plot.ring) * self.chance.within(0.05, 0.2)).sqrt();
                    let stem: String = self.ledger.records[near].name.chars().take(3).collect();
                    let use_of = ["幼儿园", "小学", "配套楼", "写字楼"][self.chance.below(4)];
                    (rect(middle.x - size / 2.0, middle.y - size / 2.0, size, size), format!("{stem}{use_of}"))
                }
                // Beyond the streets.
                2 => {
                    let far = middle + at(0.0, 60_000.0);
                    let stem = words::stems(plot.street);
                    let name = if self.chance.is(0.5) {
                        words::brand(&mut self.chance)
                    } else {
                        format!("{}{}", stem[0], ["新区", "南院", "人才公寓"][self.chance.below(3)])
                    };
                    (rect(far.x, far.y, self.chance.within(80.0, 200.0), self.chance.within(80.0, 200.0)), name)
                }
                // The name of an area elsewhere.
                _ => {
                    let other = self.chance.below(self.ledger.records.len());
                    elsewhere_than = Some(self.ledger.plots[other].street);
                    let far = middle + at(0.0, 60_000.0);
                    (rect(far.x, far.y, 130.0, 110.0), self.ledger.records[other].name.clone())
                }
            };
            self.push(&[], ring, name, "right_only", group);
            let row = self.rows.last_mut().unwrap();
            row.table = nth % 4 >= 2 && self.chance.is(0.35);
            row.elsewhere_than = elsewhere_than;
        }
    }

    /// New names, and names that neighbours have exchanged.
    fn rename(&mut self) {
        let single = |(at, row): (usize, &Row)| (row.relation == "1:1").then(|| (row.lefts[0], at));
        let row_of: BTreeMap<usize, usize> = self.rows.iter().enumerate().filter_map(single).collect();
        for at in 0..self.rows.len() {
            if self.rows[at].relation != "1:1" && self.rows[at].relation != "dup" {
                continue;
            }
            let left = self.rows[at].lefts[0];
            if self.chance.is(self.level.aliases) {
                let alias =
                    self.ledger.unfiled[left].clone().or_else(|| self.ledger.records[left].aliases.first().cloned());
                self.rows[at].name = alias.unwrap_or_else(|| self.rows[at].name.clone());
            } else if self.rows[at].relation == "1:1" && self.chance.is(self.level.renamed) {
                self.rows[at].name = words::brand(&mut self.chance);
                self.rows[at].drawn = true;
            } else if self.rows[at].relation == "1:1"
                && self.chance.is(self.level.swapped)
                && let Some(other) = row_of.get(&(left + 1)).copied().filter(|other| *other > at)
            {
                let name = std::mem::take(&mut self.rows[at].name);
                self.rows[at].name = std::mem::replace(&mut self.rows[other].name, name);
                (self.rows[at].drawn, self.rows[other].drawn) = (true, true);
            }
        }
    }
}

/// What a source does to all its rows in a street.
struct Hand {
    source: String,
    shift: Coord,
    system: u8,
    /// Metres by which outlines are drawn beyond the area, to the axis of the road.
    beyond_m: f64,
}

impl Delivery<'_> {
    fn write(mut self) -> (Vec<Record>, Truth) {
        let mut chance = self.chance.clone();
        let level = *self.level;
        let whole = at(chance.normal(), chance.normal()) * level.file_shift_m * 0.5;
        let streets = self.ledger.plots.iter().map(|plot| plot.street).max().unwrap_or(0) + 1;
        let hands: Vec<Hand> = (0..streets)
            .map(|street| {
                let system = if chance.is(level.odd_streets) { if chance.is(0.85) { 1 } else { 2 } } else { 0 };
                let own = system > 0 || chance.is(0.1);
                let source = if own { format!("{}上报", words::STREETS[street]) } else { "科信局".to_owned() };
                Hand {
                    source,
                    shift: whole + at(chance.normal(), chance.normal()) * level.street_shift_m * 0.6,
                    system,
                    beyond_m: if chance.is(level.to_road) { chance.within(4.0, 10.0) } else { 0.0 },
                }
            })
            .collect();
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        chance.shuffle(&mut order);
        let mut right = Vec::new();
        let angle = level.turn_deg.to_radians();
        for (number, at_row) in order.into_iter().enumerate() {
            let row = &mut self.rows[at_row];
            let id = format!("KX{:05}", number + 1);
            let near = row.lefts.first().copied();
            let street = near.map_or_else(
                || match (chance.below(streets), row.elsewhere_than) {
                    (street, Some(other)) if street == other => (street + 1) % streets,
                    (street, _) => street,
                },
                |left| self.ledger.plots[left].street,
            );
            let hand = &hands[street];
            let (shape, repaired) = {
                let simple = matches!(row.relation, "1:1" | "dup" | "right_only");
                let kind = if row.drawn { 1.0 } else { chance.unit() };
                if row.table || simple && kind < level.tables {
                    (None, false)
                } else {
                    if row.relation == "1:1" && kind > level.tables + level.points && chance.is(level.drift) {
                        row.ring = push_side(&row.ring, &mut chance);
                        row.drift = true;
                    }
                    let point = simple && kind < level.tables + level.points;
                    (Some((draw(&row.ring, (&level, hand.beyond_m), simple, &mut chance), point)), false)
                }
            };
            let system = if chance.is(level.odd_rows) { 1 } else { hand.system };
            let misplaced =
                if chance.is(level.misplaced) { at(chance.within(-3000.0, 3000.0), 2000.0) } else { at(0.0, 0.0) };
            let frame = self.ledger.frame;
            let place = |p: Coord| {
                let turned = at(angle.cos() * p.x - angle.sin() * p.y, angle.sin() * p.x + angle.cos() * p.y);
                let degrees = frame.to_degrees(turned + hand.shift);
                match system {
                    1 => gcj02::from_degrees(degrees),
                    2 => bd09::from_degrees(degrees),
                    _ => degrees,
                }
            };
            let shape = match shape {
                None => Shape::None,
                Some((ring, true)) => {
                    let spread = surface(&ring).sqrt() * 0.16;
                    Shape::Point(place(centre(&ring) + misplaced + at(chance.normal(), chance.normal()) * spread))
                }
                Some((mut ring, false)) => {
                    if chance.is(level.noise_m * 0.003) {
                        ring = spoilt(&ring, &mut chance);
                    }
                    let outline = polygon(&ring, &place);
                    let holed = chance.is(level.holes) && surface(&ring) > 8_000.0;
                    let middle = centre(&ring);
                    let hole = rect(middle.x - 12.0, middle.y - 12.0, 24.0, 24.0);
                    let holes = if holed { vec![polygon(&hole, &place).exterior().clone()] } else { Vec::new() };
                    Shape::Outline(MultiPolygon::from(Polygon::new(outline.exterior().clone(), holes)))
                }
            };
            let mut record =
                Record { id: id.clone(), shape, source: hand.source.clone(), repaired, ..Record::default() };
            record.name = words::rewrite(&row.name, level.wild, &mut chance);
            let single = matches!(row.relation, "1:1" | "dup");
            fill(&mut record, (self.ledger, near, street), &level, &mut chance);
            let row = &self.rows[at_row];
            if single && row.relation == "1:1" {
                conflicts(&mut self.truth, &mut record, &self.ledger.records[row.lefts[0]], (&level, &mut chance));
            }
            let line = |left: Option<String>| TrueLine {
                left,
                right: Some(id.clone()),
                relation: row.relation,
                group: row.group.to_string(),
                drift: row.drift,
            };
            if row.lefts.is_empty() {
                self.truth.lines.push(line(None));
            }
            for left in &row.lefts {
                self.truth.lines.push(line(Some(self.ledger.records[*left].id.clone())));
            }
            right.push(record);
        }
        (right, self.truth)
    }
}

fn draw(ring: &Ring, (level, beyond_m): (&Level, f64), simple: bool, chance: &mut Chance) -> Ring {
    let boxed = simple && chance.is(level.boxes);
    let base = if boxed { shapes::boxed(ring) } else { ring.clone() };
    let base = if beyond_m > 0.0 { inset(&base, -beyond_m) } else { base };
    redraw(&base, level.noise_m, chance)
}
