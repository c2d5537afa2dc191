//! How the rings of an outline lie to one another: holes inside, parts apart.

use std::collections::{HashMap, HashSet};

use geo::{Coord, LineString};

use crate::geom::LocalFrame;
use crate::geom::cleaning::Vertex;
use crate::geom::contact::{Contact, crossing, is_above, shared_stretch};
use crate::geom::examine::{CONTACT_LIMIT, FLAWS_PER_KIND, Flaws, Outline, PAIR_BUDGET};
use crate::geom::fingerprint::same_ring;
use crate::geom::flaw::{Flaw, FlawKind};
use crate::geom::sides::Bounds;

/// Where two different rings meet.
#[derive(Debug, Clone, Copy)]
struct Meeting {
    rings: (u32, u32),
    sides: (u32, u32),
    contact: Contact,
}

/// Where rings meet each other.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    meetings: Vec<Meeting>,
    crossings: usize,
}

impl Pairs {
    /// Remembers a meeting; `false` when no more are wanted.
    pub(super) fn add(&mut self, ring_a: usize, ring_b: usize, a: usize, b: usize, contact: Contact) -> bool {
        let meeting = if ring_a < ring_b {
            Meeting { rings: (ring_a as u32, ring_b as u32), sides: (a as u32, b as u32), contact }
        } else {
            let contact =
                Contact { first_starts: contact.second_starts, second_starts: contact.first_starts, ..contact };
            Meeting { rings: (ring_b as u32, ring_a as u32), sides: (b as u32, a as u32), contact }
        };
        self.meetings.push(meeting);
        self.crossings += usize::from(contact.crosses);
        self.crossings < FLAWS_PER_KIND && self.meetings.len() < CONTACT_LIMIT
    }

    pub(super) fn crossings(&self) -> usize {
        self.crossings
    }
}

/// What is known of two rings that meet.
#[derive(Debug, Clone, Copy)]
enum Relation {
    /// They cross; where, and the side of the first ring.
    Crossing(Coord, usize),
    /// They run along one another; from where, how far in metres, and the side of the first ring.
    Overlapping(Coord, f64, usize),
    /// They touch in points only; whether the second lies in the first, and the first in the second.
    Touching { second_inside: bool, first_inside: bool },
}

impl Outline {
    pub(super) fn examine_nesting(&self, mut pairs: Pairs, frame: &LocalFrame, flaws: &mut Flaws) {
        pairs.meetings.sort_unstable_by_key(|meeting| (meeting.rings, meeting.sides));
        let mut relations = HashMap::new();
        for group in pairs.meetings.chunk_by(|a, b| a.rings == b.rings) {
            relations.insert(group[0].rings, self.relate(group, frame));
        }
        let Some(around) = self.rings_around() else {
            let first = self.sides.all()[0].from;
            flaws.add(self.flaw(FlawKind::Unchecked, 0, first, self.rings.len() as f64));
            return;
        };
        let mut touching = vec![Vec::new(); self.rings.len()];
        for (a, b) in relations.keys() {
            touching[*a as usize].push(*b);
            touching[*b as usize].push(*a);
        }
        let nest = Nest { outline: self, relations, around, touching };
        let before = flaws.list.len();
        nest.examine_meetings(flaws);
        nest.examine_holes(flaws);
        nest.examine_parts(flaws);
        if flaws.list[before..].iter().all(|flaw| !flaw.is_invalid()) && self.rings.iter().all(|ring| ring.is_simple) {
            self.examine_pieces(&pairs, flaws);
        }
    }

    fn relate(&self, group: &[Meeting], frame: &LocalFrame) -> Relation {
        let sides = self.sides.all();
        let of = |meeting: &Meeting| (meeting.sides.0 as usize, meeting.sides.1 as usize);
        if let Some(meeting) = group.iter().find(|meeting| meeting.contact.crosses) {
            let (a, b) = of(meeting);
            return Relation::Crossing(crossing(&sides[a], &sides[b]), a);
        }
        let (mut second_inside, mut first_inside) = (None, None);
        for meeting in group {
            let (a, b) = of(meeting);
            let starts =
                [(meeting.contact.first_starts, sides[a].from), (meeting.contact.second_starts, sides[b].from)];
            for (_, at) in starts.into_iter().filter(|(starts, _)| *starts) {
                let (path_a, path_b) = (self.path(a, at), self.path(b, at));
                let (left, right) = (
                    [path_b.before, path_b.after].map(|c| path_a.has_left(c)),
                    [path_b.before, path_b.after].map(|c| path_a.has_right(c)),
                );
                if (left[0] && right[1]) || (right[0] && left[1]) {
                    return Relation::Crossing(at, a);
                }
                let ring_a = &self.rings[meeting.rings.0 as usize];
                let ring_b = &self.rings[meeting.rings.1 as usize];
                if left[0] || left[1] || right[0] || right[1] {
                    second_inside = Some((left[0] || left[1]) == ring_a.is_counter_clockwise);
                }
                let left = path_b.has_left(path_a.before) || path_b.has_left(path_a.after);
                if left || path_b.has_right(path_a.before) || path_b.has_right(path_a.after) {
                    first_inside = Some(left == ring_b.is_counter_clockwise);
                }
            }
        }
        if let Some(meeting) = group.iter().find(|meeting| meeting.contact.overlaps) {
            let longest = |meeting: &Meeting| {
                let (a, b) = of(meeting);
                let (from, to) = shared_stretch(&sides[a], &sides[b]);
                let along = frame.to_metres(to) - frame.to_metres(from);
                along.x.hypot(along.y)
            };
            let length = group.iter().filter(|meeting| meeting.contact.overlaps).map(longest).sum();
            let (a, b) = of(meeting);
            return Relation::Overlapping(shared_stretch(&sides[a], &sides[b]).0, length, a);
        }
        Relation::Touching {
            second_inside: second_inside.unwrap_or(false),
            first_inside: first_inside.unwrap_or(false),
        }
    }

    /// For every ring the rings that its first vertex lies in, by the sides that a ray from there straight down crosses.
    /// Not to be trusted for rings that meet. `None` when there are too many of them.
    fn rings_around(&self) -> Option<Vec<Vec<u32>>> {
        let mut left = PAIR_BUDGET / 4;
        let mut around = Vec::with_capacity(self.rings.len());
        let mut crossed: Vec<u32> = Vec::new();
        for number in 0..self.rings.len() {
            let first = self.sides.all()[self.sides.of_ring(number).start].from;
            let window = Bounds { min: Coord { x: first.x, y: f64::NEG_INFINITY }, max: first };
            crossed.clear();
            self.sides.within(&window, |side| {
                left = left.saturating_sub(1);
                if is_above(first, &self.sides.all()[side]) {
                    let ring = self.sides.ring_of(side);
                    if ring != number {
                        crossed.push(ring as u32);
                    }
                }
                left > 0
            });
            if left == 0 {
                return None;
            }
            crossed.sort_unstable();
            around.push(crossed.chunk_by(|a, b| a == b).filter(|run| run.len() % 2 == 1).map(|run| run[0]).collect());
        }
        Some(around)
    }

    /// Looks for holes that cut the inside: rings of a polygon and the points where they touch must form no circle.
    fn examine_pieces(&self, pairs: &Pairs, flaws: &mut Flaws) {
        let mut points: HashMap<(usize, u64, u64), u32> = HashMap::new();
        let mut seen = HashSet::new();
        let mut groups: Vec<u32> = (0..self.rings.len() as u32).collect();
        for meeting in &pairs.meetings {
            let (a, b) = (meeting.sides.0 as usize, meeting.sides.1 as usize);
            let polygon = self.rings[meeting.rings.0 as usize].polygon;
            if polygon != self.rings[meeting.rings.1 as usize].polygon {
                continue;
            }
            let at = self.sides.all()[if meeting.contact.first_starts { a } else { b }].from;
            let point = *points.entry((polygon, at.x.to_bits(), at.y.to_bits())).or_insert_with(|| {
                groups.push(groups.len() as u32);
                groups.len() as u32 - 1
            });
            for ring in [meeting.rings.0, meeting.rings.1] {
                if !seen.insert((ring, point)) {
                    continue;
                }
                let (one, other) = (root(&mut groups, ring), root(&mut groups, point));
                if one == other {
                    flaws.add(self.flaw(FlawKind::SplitInterior, b, at, 0.0));
                }
                groups[one as usize] = other;
            }
        }
    }
}

fn root(groups: &mut [u32], mut member: u32) -> u32 {
    while groups[member as usize] != member {
        let above = groups[groups[member as usize] as usize];
        groups[member as usize] = above;
        member = above;
    }
    member
}

/// How every ring lies to every other.
struct Nest<'a> {
    outline: &'a Outline,
    relations: HashMap<(u32, u32), Relation>,
    around: Vec<Vec<u32>>,
    touching: Vec<Vec<u32>>,
}

impl Nest<'_> {
    /// Whether ring `inner` is known to lie in ring `outer` without crossing it.
    fn contains(&self, outer: u32, inner: u32) -> bool {
        match self.relations.get(&(outer.min(inner), outer.max(inner))) {
            None => self.around[inner as usize].binary_search(&outer).is_ok(),
            Some(Relation::Touching { second_inside, first_inside }) => {
                if outer < inner {
                    *second_inside
                } else {
                    *first_inside
                }
            }
            Some(_) => false,
        }
    }

    fn crosses_or_overlaps(&self, a: u32, b: u32) -> bool {
        let relation = self.relations.get(&(a.min(b), a.max(b)));
        matches!(relation, Some(Relation::Crossing(..) | Relation::Overlapping(..)))
    }

    fn examine_meetings(&self, flaws: &mut Flaws) {
        let rings = &self.outline.rings;
        let mut meetings: Vec<_> = self.relations.iter().collect();
        meetings.sort_unstable_by_key(|(pair, _)| **pair);
        for ((a, b), relation) in meetings {
            let (ring_a, ring_b) = (&rings[*a as usize], &rings[*b as usize]);
            let (kind, at, measure, side) = match *relation {
                Relation::Crossing(at, side) if ring_a.polygon != ring_b.polygon => {
                    (FlawKind::PartsOverlap, at, 0.0, side)
                }
                Relation::Crossing(at, side) if ring_a.number == 0 || ring_b.number == 0 => {
                    (FlawKind::HoleOutside, at, 0.0, side)
                }
                Relation::Crossing(at, side) => (FlawKind::HolesCross, at, 0.0, side),
                Relation::Overlapping(at, length, side) if self.are_same(*a, *b) => {
                    (FlawKind::RepeatedRing, at, length, side)
                }
                Relation::Overlapping(at, length, side) => (FlawKind::CollinearOverlap, at, length, side),
                Relation::Touching { .. } => continue,
            };
            let found = self.outline.flaw(kind, side, at, measure);
            // Of two rings, tell of the later one.
            let later = if (ring_a.polygon, ring_a.number) > (ring_b.polygon, ring_b.number) { ring_a } else { ring_b };
            if (found.polygon, found.ring) == (later.polygon, later.number) {
                flaws.add(found);
            } else {
                let vertex = nearest_vertex(&later.vertices, at);
                flaws.add(Flaw { polygon: later.polygon, ring: later.number, vertex, ..found });
            }
        }
    }

    fn are_same(&self, a: u32, b: u32) -> bool {
        let line = |ring: u32| -> LineString {
            self.outline.rings[ring as usize].vertices.iter().map(|vertex| vertex.at).collect()
        };
        same_ring(&line(a), &line(b))
    }

    fn first_flaw(&self, kind: FlawKind, ring: u32) -> Flaw {
        let start = self.outline.sides.of_ring(ring as usize).start;
        self.outline.flaw(kind, start, self.outline.sides.all()[start].from, 0.0)
    }

    fn examine_holes(&self, flaws: &mut Flaws) {
        let rings = &self.outline.rings;
        let exteriors: HashMap<usize, u32> = (0..rings.len() as u32)
            .filter(|r| rings[*r as usize].number == 0)
            .map(|r| (rings[r as usize].polygon, r))
            .collect();
        for hole in (0..rings.len() as u32).filter(|r| rings[*r as usize].number != 0) {
            let ring = &rings[hole as usize];
            let Some(exterior) = exteriors.get(&ring.polygon) else { continue };
            if !ring.is_simple || !rings[*exterior as usize].is_simple {
                continue;
            }
            if !self.contains(*exterior, hole) && !self.crosses_or_overlaps(*exterior, hole) {
                flaws.add(self.first_flaw(FlawKind::HoleOutside, hole));
            }
            let is_hole_around = |other: &u32| {
                let around = &rings[*other as usize];
                around.polygon == ring.polygon && around.number != 0 && around.is_simple && self.contains(*other, hole)
            };
            if self.neighbours(hole).any(|other| is_hole_around(&other)) {
                flaws.add(self.first_flaw(FlawKind::HoleInHole, hole));
            }
        }
    }

    /// Rings that may lie around another: those the ray found, and those that touch it.
    fn neighbours(&self, ring: u32) -> impl Iterator<Item = u32> + '_ {
        self.around[ring as usize].iter().chain(&self.touching[ring as usize]).copied()
    }

    fn examine_parts(&self, flaws: &mut Flaws) {
        let rings = &self.outline.rings;
        for part in (0..rings.len() as u32).filter(|r| rings[*r as usize].number == 0 && rings[*r as usize].is_simple) {
            let own = rings[part as usize].polygon;
            let around: Vec<u32> = self
                .neighbours(part)
                .filter(|other| rings[*other as usize].polygon != own && rings[*other as usize].is_simple)
                .collect();
            // Polygons that have a hole around the part, or one whose ring meets it, of which was told.
            let open: HashSet<usize> = around
                .iter()
                .filter(|other| rings[**other as usize].number != 0)
                .filter(|other| self.contains(**other, part) || self.crosses_or_overlaps(**other, part))
                .map(|other| rings[*other as usize].polygon)
                .collect();
            let covered = around.iter().any(|other| {
                let ring = &rings[*other as usize];
                ring.number == 0 && !open.contains(&ring.polygon) && self.contains(*other, part)
            });
            if covered {
                flaws.add(self.first_flaw(FlawKind::PartsOverlap, part));
            }
        }
    }
}

fn nearest_vertex(vertices: &[Vertex], at: Coord) -> usize {
    let squared = |c: Coord| (c.x - at.x).powi(2) + (c.y - at.y).powi(2);
    let nearest = vertices.iter().min_by(|a, b| squared(a.at).total_cmp(&squared(b.at)));
    nearest.map_or(0, |vertex| vertex.number as usize)
}
