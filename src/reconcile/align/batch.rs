//! Rows that are drawn alike, because they come from one source and lie in one street, and how they are read.

use std::collections::BTreeMap;

use geo::Coord;
use rayon::prelude::*;

use crate::reconcile::align::similarity::Anchor;
use crate::reconcile::align::vote::{Agreed, Vote, agreeing, densest, length, median};
use crate::reconcile::align::{Left, Placement, Similarity, System, map_order, place};
use crate::reconcile::features::Features;
use crate::reconcile::ground::Spot;
use crate::reconcile::outcome::Alignment;
use crate::reconcile::plane::Flat;
use crate::reconcile::record::{Record, Shape};
use crate::reconcile::text::name::hash;

/// Rows of a side are compared with areas this far away by their names and by their shapes, metres.
const NAME_REACH_M: f64 = 350.0;
const SHAPE_REACH_M: f64 = 110.0;

/// How far a whole delivery may be off, metres.
const FILE_REACH_M: f64 = 2_500.0;

/// Rows that are looked at for the delivery as a whole.
const SAMPLE: usize = 6_000;

/// A shift of the whole delivery below this is left to the batches, metres.
const FILE_SHIFT_MIN_M: f64 = 45.0;

/// A batch believes a reading that so many of its rows agree on.
const ROWS_MIN: usize = 4;
const SHARE_MIN: f64 = 0.3;

/// What a metre of shift costs a reading, in shares of its rows.
const SHIFT_PRICE: f64 = 0.0012;

/// Sizes and compactness of two drawings of one outline differ by less than this, as logarithms.
const SIZE_OFF: f64 = 0.16;
const COMPACT_OFF: f64 = 0.25;

/// Shape of an outline that no shift changes.
#[derive(Debug, Clone, Copy)]
struct Form {
    size: f64,
    compactness: f64,
}

impl Form {
    fn of(flat: &Flat) -> Self {
        Self { size: flat.surface.ln(), compactness: (flat.perimeter / flat.surface.sqrt()).ln() }
    }

    fn alike(self, other: Self) -> bool {
        (self.size - other.size).abs() < SIZE_OFF && (self.compactness - other.compactness).abs() < COMPACT_OFF
    }
}

/// The right rows as they came.
pub(crate) struct Rows<'a> {
    left: &'a Left<'a>,
    pub(super) records: &'a [&'a Record],
    pub(super) features: &'a [Features],
    places: Vec<Option<Coord>>,
    /// Every row once, neighbours on the map after one another.
    pub(crate) map_order: Vec<u32>,
    forms: Vec<Option<Form>>,
    left_forms: Vec<Option<Form>>,
}

/// The middle of a shape in its own units. That of a ring that crosses itself is told by the ring put right: loops that turn
/// against each other have their middle anywhere.
pub(crate) fn place_of(shape: &Shape, given: &Spot, left: &Left<'_>) -> Option<Coord> {
    let crossed = given.flat().filter(|flat| flat.crossed);
    crossed.map(|flat| left.frame.to_degrees(flat.centre)).or_else(|| place(shape))
}

/// The readings of all rows.
pub(crate) struct Batches {
    pub(crate) placements: Vec<Placement>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(left: &'a Left<'a>, records: &'a [&'a Record], features: &'a [Features]) -> Self {
        let form = |spot: &Spot| spot.flat().map(Form::of);
        let given = Placement { system: System::Given, map: Similarity::NONE, by: Coord::zero(), growth: 0.0 };
        let read = |record: &&Record| {
            let spot = given.spot(&left.frame, &record.shape);
            (place_of(&record.shape, &spot, left), form(&spot))
        };
        let (places, forms): (Vec<Option<Coord>>, Vec<Option<Form>>) = records.par_iter().map(read).unzip();
        let left_forms = left.spots.par_iter().map(form).collect();
        Self { left, records, features, map_order: map_order(&places), places, forms, left_forms }
    }

    /// Vectors by which areas of the same name say that the row is off.
    fn votes_by_name(&self, row: u32, at: Coord, reach: f64) -> impl Iterator<Item = Vote> + '_ {
        let name = self.features[row as usize].name().map(|name| name.key_hash());
        let same = name.into_iter().map(|key| self.left.lists.names.of(key)).filter(|list| list.len() <= 3).flatten();
        let centres = same.filter_map(|other| self.left.spots[other as usize].centre());
        centres.map(move |centre| Vote { row, by: centre - at }).filter(move |vote| length(vote.by) <= reach)
    }

    /// The same by areas of its shape.
    fn votes_by_shape(&self, row: u32, at: Coord, reach: f64) -> impl Iterator<Item = Vote> + '_ {
        let form = self.forms[row as usize];
        let near = form.into_iter().flat_map(move |_| self.left.ground.near(at, at, reach));
        let alike = near.filter(move |other| {
            form.zip(self.left_forms[*other as usize]).is_some_and(|(ours, theirs)| ours.alike(theirs))
        });
        let centres = alike.filter_map(|other| self.left.spots[other as usize].centre());
        centres.map(move |centre| Vote { row, by: centre - at }).filter(move |vote| length(vote.by) <= reach)
    }

    fn at(&self, row: u32, placement: Placement) -> Option<Coord> {
        self.places[row as usize].map(|place| placement.to_metres(&self.left.frame, place))
    }

    fn votes(&self, rows: &[u32], placement: Placement, reaches: (f64, f64)) -> Vec<Vote> {
        let of_row = |row: &u32| -> Vec<Vote> {
            let Some(at) = self.at(*row, placement) else { return Vec::new() };
            let named: Vec<Vote> = self.votes_by_name(*row, at, reaches.0).collect();
            // A name that is found near by is the better witness.
            if named.is_empty() { self.votes_by_shape(*row, at, reaches.1).collect() } else { named }
        };
        rows.par_iter().flat_map_iter(of_row).collect()
    }

    /// How the delivery as a whole is to be read.
    pub(crate) fn base(&self) -> Placement {
        let located: Vec<u32> =
            (0..self.places.len() as u32).filter(|row| self.places[*row as usize].is_some()).collect();
        let step = located.len().div_ceil(SAMPLE).max(1);
        let rows: Vec<u32> = located.into_iter().step_by(step).collect();
        let plain = Placement { system: System::Given, map: Similarity::NONE, by: Coord::zero(), growth: 0.0 };
        if rows.is_empty() {
            return plain;
        }
        let readings = System::ALL.map(|system| {
            let placement = Placement { system, ..plain };
            let agreed = densest(&self.votes(&rows, placement, (FILE_REACH_M, 3.0 * NAME_REACH_M))).unwrap_or_default();
            (placement, agreed)
        });
        let worth = |agreed: &Agreed| agreed.rows as f64 / rows.len() as f64 - SHIFT_PRICE * length(agreed.by);
        let mut best = readings[0];
        for reading in &readings[1..] {
            // Half the streets may be in another system: only a clear lead tells of the whole delivery.
            if worth(&reading.1) > worth(&best.1) + if best.0.system == System::Given { 0.12 } else { 0.0 } {
                best = *reading;
            }
        }
        let (placement, agreed) = best;
        let share = agreed.rows as f64 / rows.len() as f64;
        if share < 0.5
            && let Some(turned) = self.turned(&rows, placement)
        {
            return turned;
        }
        let far = length(agreed.by) >= FILE_SHIFT_MIN_M && share >= SHARE_MIN && agreed.rows >= ROWS_MIN;
        Placement { map: if far { Similarity::shift(agreed.by) } else { Similarity::NONE }, ..placement }
    }

    /// A turn of the whole delivery, when names say so. Streets in another system look like a shift of those in this one: the
    /// system that needs the least shift is meant.
    fn turned(&self, rows: &[u32], given: Placement) -> Option<Placement> {
        let others = System::ALL.into_iter().filter(|other| *other != given.system);
        let tried: Vec<(Placement, Vec<Anchor>)> = std::iter::once(given.system)
            .chain(others)
            .map(|system| Placement { system, ..given })
            .map(|placement| (placement, rows.iter().filter_map(|row| self.anchor(*row, placement)).collect()))
            .collect();
        let plain = tried.iter().map(|(_, anchors)| Similarity::NONE.explained(anchors).len()).max().unwrap_or(0);
        let mut best: Option<(f64, Placement)> = None;
        for (placement, anchors) in &tried {
            let Some(map) = Similarity::search(anchors) else { continue };
            let explained = map.explained(anchors).len();
            let worth = explained as f64 / anchors.len() as f64 - SHIFT_PRICE * length(map.by);
            if explained * 4 > plain * 5 && best.is_none_or(|(most, _)| worth > most) {
                best = Some((worth, Placement { map, ..*placement }));
            }
        }
        best.map(|(_, placement)| placement)
    }

    /// Where the row lies, and where the only area of its name does.
    fn anchor(&self, row: u32, placement: Placement) -> Option<Anchor> {
        let at = self.at(row, placement)?;
        let key = self.features[row as usize].name()?.key_hash();
        let mut same = self.left.lists.names.of(key);
        let only = (same.len() == 1).then(|| same.next()).flatten()?;
        Some((at, self.left.spots[only as usize].centre()?))
    }

    /// The street in which a place lies, by the nearest area.
    fn street_at(&self, at: Coord) -> u64 {
        self.left.ground.nearest(at).map_or(0, |area| self.left.features[area as usize].street)
    }

    /// What `of` says of every row, which is asked in the order of the map.
    pub(super) fn each<T: Clone + Default + Send>(&self, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
        let found: Vec<T> = self.map_order.par_iter().map(|row| of(*row as usize)).collect();
        let mut by_row = vec![T::default(); found.len()];
        for (row, one) in self.map_order.iter().zip(found) {
            by_row[*row as usize] = one;
        }
        by_row
    }

    fn source(&self, row: usize) -> u64 {
        hash(&self.records[row].source)
    }
}

/// Reads every row: by its source and street where enough rows agree, else by its source, else as the whole delivery.
pub(crate) fn settle(rows: &Rows<'_>, base: Placement) -> Batches {
    let count = rows.records.len();
    let mut placements = vec![base; count];
    let known: std::collections::BTreeSet<u64> = rows.left.features.iter().map(|one| one.street).collect();
    let street = |row: u32| {
        let stated = rows.features[row as usize].street;
        let stated = (stated != 0 && known.contains(&stated)).then_some(stated);
        stated.or_else(|| rows.at(row, base).map(|at| rows.street_at(at))).unwrap_or(0)
    };
    let keys: Vec<(u64, u64)> = rows.each(|row| (rows.source(row), street(row as u32)));
    let mut sources: BTreeMap<u64, BTreeMap<u64, Vec<u32>>> = BTreeMap::new();
    for row in rows.map_order.iter().filter(|row| rows.places[**row as usize].is_some()) {
        let (source, street) = keys[*row as usize];
        sources.entry(source).or_default().entry(street).or_default().push(*row);
    }
    for batches in sources.values() {
        let all: Vec<u32> = batches.values().flatten().copied().collect();
        let read = |(street, batch): (&u64, &Vec<u32>)| Some((*street, reading(rows, batch, base)?));
        let found: BTreeMap<u64, Placement> = batches.par_iter().filter_map(read).collect();
        let of_source = of_source(rows, &all, (&found, base));
        let placed: Vec<(u32, Placement)> = all
            .par_iter()
            .map(|row| {
                let first = found.get(&keys[*row as usize].1).copied().unwrap_or(of_source);
                // The street that a row states may be wrong: where it lies counts more.
                let there = rows.at(*row, first).map(|at| rows.street_at(at)).and_then(|street| found.get(&street));
                (*row, there.filter(|there| there.system == first.system).copied().unwrap_or(first))
            })
            .collect();
        placed.into_iter().for_each(|(row, placement)| placements[row as usize] = placement);
    }
    Batches { placements }
}

/// How rows of a source are read whose own batch says nothing: in the system of most, carried by the middle of the shifts.
fn of_source(rows: &Rows<'_>, all: &[u32], (found, base): (&BTreeMap<u64, Placement>, Placement)) -> Placement {
    let system = System::ALL.into_iter().max_by_key(|system| {
        let count = found.values().filter(|placement| placement.system == *system).count();
        (count, std::cmp::Reverse(*system))
    });
    let same: Vec<&Placement> = found.values().filter(|placement| Some(placement.system) == system).collect();
    match same.first() {
        Some(first) => {
            let axis = |pick: fn(&Coord) -> f64| median(same.iter().map(|placement| pick(&placement.by)).collect());
            Placement { by: Coord { x: axis(|by| by.x), y: axis(|by| by.y) }, ..**first }
        }
        None => reading(rows, all, base).unwrap_or(base),
    }
}

/// The reading on which most of the rows agree; `None` when too few do.
fn reading(rows: &Rows<'_>, batch: &[u32], base: Placement) -> Option<Placement> {
    let mut systems = System::ALL.to_vec();
    systems.retain(|system| *system != base.system);
    systems.insert(0, base.system);
    let mut best: Option<(f64, Placement)> = None;
    for system in systems {
        let placement = Placement { system, ..base };
        let Some(agreed) = densest(&rows.votes(batch, placement, (NAME_REACH_M, SHAPE_REACH_M))) else { continue };
        let share = agreed.rows as f64 / batch.len() as f64;
        if agreed.rows < ROWS_MIN || share < SHARE_MIN {
            continue;
        }
        let worth = share - SHIFT_PRICE * length(agreed.by);
        if best.is_none_or(|(most, _)| worth > most) {
            best = Some((worth, Placement { by: agreed.by, ..placement }));
        }
        if system == base.system && worth > 0.6 {
            break;
        }
    }
    best.map(|(_, placement)| placement)
}

/// Best share of the union that the outline has with an area, and that area.
pub(super) fn best_overlap(left: &Left<'_>, flat: &Flat) -> Option<(f64, u32)> {
    let mut best: Option<(f64, u32)> = None;
    for other in left.ground.near(flat.min, flat.max, 0.0) {
        let Some(area) = left.spots[other as usize].flat() else { continue };
        let shared = flat.shared_with(area);
        let iou = shared / (flat.surface + area.surface - shared);
        if iou > 0.0 && best.is_none_or(|(most, at)| iou > most || (iou == most && other < at)) {
            best = Some((iou, other));
        }
    }
    best
}

/// Source, system and street of rows that are drawn alike.
type Batch = (u64, System, u64);

type Placed<'s> = (&'s mut Vec<Spot>, &'s mut Vec<Placement>);

/// Rounds of taking off shifts and growth; each sees the outlines as the one before left them.
const ROUNDS: usize = 3;

/// Growth below this is noise, metres.
const GROWTH_MIN_M: f64 = 0.8;

/// Shifts once more, from outlines that overlap, and what outlines of a batch have grown by, as those that are drawn to the
/// axis of the road: by source, system and the street where they lie now.
pub(crate) fn readjust(left: &Left<'_>, rows: &Rows<'_>, (spots, placements): Placed<'_>) {
    for round in 0..ROUNDS {
        let keyed: Vec<Option<Batch>> =
            rows.each(|row| Some((rows.source(row), placements[row].system, rows.street_at(spots[row].centre()?))));
        let mut batches: BTreeMap<Batch, Vec<u32>> = BTreeMap::new();
        for row in &rows.map_order {
            if let Some(key) = keyed[*row as usize] {
                batches.entry(key).or_default().push(*row);
            }
        }
        let adjust = |batch: &Vec<u32>| -> Option<(Coord, f64)> {
            let pair = |row: &u32| {
                let flat = spots[*row as usize].flat()?;
                let (iou, other) = best_overlap(left, flat)?;
                let area = left.spots[other as usize].flat()?;
                let growth = 2.0 * (flat.surface - area.surface) / (flat.perimeter + area.perimeter);
                (iou > 0.4).then_some((Vote { row: *row, by: area.centre - flat.centre }, growth))
            };
            let (votes, growths): (Vec<Vote>, Vec<f64>) = batch.par_iter().filter_map(pair).unzip();
            let agreed = densest(&votes).filter(|agreed| agreed.rows >= 5 && agreed.rows * 2 >= votes.len())?;
            let growth = median(growths);
            let grown = round + 1 < ROUNDS && growth.abs() > GROWTH_MIN_M;
            Some((agreed.by, if grown { growth } else { 0.0 }))
        };
        let found: BTreeMap<Batch, (Coord, f64)> =
            batches.par_iter().filter_map(|(key, batch)| Some((*key, adjust(batch)?))).collect();
        let all = spots.par_iter_mut().zip(placements.par_iter_mut()).zip(&keyed);
        all.for_each(|((spot, placement), key)| {
            let Some((by, growth)) = key.and_then(|key| found.get(&key)) else { return };
            spot.carry(*by);
            placement.by = placement.by + *by;
            if let Spot::Flat(flat) = spot
                && *growth != 0.0
            {
                *flat = flat.grown(-growth);
                placement.growth += growth;
            }
        });
    }
}

/// How each batch was read.
pub(crate) fn report(left: &Left<'_>, rows: &Rows<'_>, placements: &[Placement], spots: &[Spot]) -> Vec<Alignment> {
    let names: BTreeMap<u64, &str> =
        left.features.iter().zip(left.records).map(|(one, record)| (one.street, record.street.as_str())).collect();
    let seen: Vec<Option<(u64, bool)>> = rows.each(|row| {
        let spot = &spots[row];
        let centre = spot.centre()?;
        let agrees = rows.votes_by_name(row as u32, centre, NAME_REACH_M).collect::<Vec<_>>();
        let agrees = agreeing(&agrees, Coord::zero()) > 0
            || spot.flat().and_then(|flat| best_overlap(left, flat)).is_some_and(|(iou, _)| iou > 0.5);
        Some((rows.street_at(centre), agrees))
    });
    // By source, street, system and tenths of a metre: rows and those that agree.
    type Key<'k> = (&'k str, &'k str, &'static str, (i64, i64));
    let mut lines: BTreeMap<Key<'_>, (usize, usize)> = BTreeMap::new();
    for (row, seen) in seen.iter().enumerate() {
        let Some((street, agrees)) = seen else { continue };
        let (source, street) = (rows.records[row].source.as_str(), names.get(street).copied().unwrap_or(""));
        let by = placements[row].by;
        let key = (
            source,
            street,
            placements[row].system.key(),
            ((by.x * 10.0).round() as i64, (by.y * 10.0).round() as i64),
        );
        let line = lines.entry(key).or_default();
        line.0 += 1;
        line.1 += usize::from(*agrees);
    }
    let several = lines.into_iter().filter(|(_, (rows, _))| *rows > 1);
    several
        .map(|((source, street, system, (x, y)), (rows, agreeing))| Alignment {
            source: source.to_owned(),
            street: street.to_owned(),
            system,
            shift_m: (x as f64 / 10.0, y as f64 / 10.0),
            rows,
            agreeing,
        })
        .collect()
}
