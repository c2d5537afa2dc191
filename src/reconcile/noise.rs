//! How the sides of two drawings of one boundary lie to each other: every side is drawn a little off, an outline lies off as a
//! whole or is drawn wide, some hands are coarser than others; and some sides were really moved.

use rayon::prelude::*;

use crate::reconcile::drift::SIDE_MIN_M;
use crate::reconcile::sides::Moved;

/// Sides that were moved, among all; and how far, as the middle and the deviation of the logarithm: what is added to an area
/// or taken from it is a lane, a strip or a row of houses, whatever the size of the area.
const MOVED_SIDES: f64 = 0.02;
const MOVED_M: f64 = 25.0;
const MOVED_SPREAD: f64 = 0.5;

/// No drawing is closer than this, metres.
const NOISE_MIN_M: f64 = 0.05;

/// What the noise of the batch can count for beside the other sides of a pair: much where one hand drew every outline with the
/// same care, little where some are drawn coarsely. Which of them explains the sides best is found in the run.
const BATCH_COUNTS: [f64; 5] = [4.0, 8.0, 16.0, 32.0, 64.0];

/// Pairs from which the noise is estimated at most.
const LEARN_FROM: usize = 10_000;

/// Of the variance of a side so much at least is its own.
const OWN_MIN: f64 = 0.2;

/// Sides further off than so many deviations teach nothing of how outlines lie off as a whole: they may have been moved.
const OUTLIER: f64 = 3.0;

/// What the sides of an outline have in common: east, north and outwards.
type Common = [f64; 3];

/// The noise of a delivery, beside its deviation.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Noise {
    /// Variance of what an outline lies off as a whole, along each axis, and of how wide it is drawn, as shares of the variance
    /// of a side.
    shift: f64,
    width: f64,
    /// What the noise of a batch counts for beside the other sides of a pair.
    count: f64,
}

impl Noise {
    /// From the sides of pairs, each with the deviation of its batch, metres.
    pub(crate) fn of(pairs: &[(f64, &[Moved])]) -> Self {
        let step = pairs.len().div_ceil(LEARN_FROM).max(1);
        let pairs: Vec<(f64, &[Moved])> = pairs.iter().step_by(step).copied().collect();
        let (shift, width) = common(&pairs);
        let mut best = (f64::NEG_INFINITY, Self::default());
        for count in BATCH_COUNTS {
            let noise = Self { shift, width, count };
            // Summed in order: the sum is the same however many threads there are.
            let each: Vec<f64> =
                pairs.par_iter().map(|(deviation, sides)| noise.explained(sides, *deviation)).collect();
            let worth: f64 = each.iter().sum();
            if worth > best.0 {
                best = (worth, noise);
            }
        }
        best.1
    }

    /// Logarithm of how likely the sides of a pair lie where they do, moved or not.
    fn explained(&self, sides: &[Moved], deviation: f64) -> f64 {
        let drawn = self.log_drawn(sides, deviation);
        let long = sides.iter().zip(drawn).filter(|(side, _)| side.length > SIDE_MIN_M);
        long.map(|(side, drawn)| (drawn.exp() + log_moved(side.by).exp()).max(f64::MIN_POSITIVE).ln()).sum()
    }

    /// Logarithm of how likely each side is drawn where it lies, and was not moved, by what the batch and the other sides of
    /// the pair say of the noise: an outline that is drawn coarsely, or lies off as a whole, has to show more.
    ///
    /// Normal noise whose variance is not known, with a regression on what the sides have in common, gives Student's
    /// distribution for the one that is left out.
    pub(crate) fn log_drawn(&self, sides: &[Moved], deviation: f64) -> Vec<f64> {
        let own = (1.0 - self.shift - self.width).max(OWN_MIN);
        let variance = (own * deviation * deviation).max(NOISE_MIN_M * NOISE_MIN_M);
        let prior = |share: f64| own / share.max(1e-3);
        let mut all = Regression::new([prior(self.shift), prior(self.shift), prior(self.width)]);
        sides.iter().for_each(|side| all.add(side, 1.0));
        let freedom = self.count + sides.len() as f64 - 1.0;
        let of_side = |side: &Moved| {
            let mut others = all;
            others.add(side, -1.0);
            let (expected, leverage, left) = others.expect(side);
            let spread = (self.count * variance + left) / freedom * (1.0 + leverage);
            let square = (side.by - expected) * (side.by - expected);
            // The constant of the distribution, to the second order.
            let constant = -0.5 * (std::f64::consts::TAU * spread).ln() - 0.25 / freedom;
            constant - 0.5 * (freedom + 1.0) * (1.0 + square / (spread * freedom)).ln() + (1.0 - MOVED_SIDES).ln()
        };
        sides.iter().map(of_side).collect()
    }
}

/// Logarithm of how likely a side is moved so many metres: log-normal, outwards or inwards.
pub(crate) fn log_moved(by: f64) -> f64 {
    let by = by.abs().max(NOISE_MIN_M);
    let far = (by / MOVED_M).ln() / MOVED_SPREAD;
    -0.5 * far * far - (by * MOVED_SPREAD).ln() - 0.5 * std::f64::consts::TAU.ln() + (0.5 * MOVED_SIDES).ln()
}

/// How much of the variance of a side is due to the outline lying off as a whole, and to its being drawn wide.
///
/// Two sides of an outline that lies off are off alike as far as they look the same way, and against each other when they look
/// opposite ways; the product of two offsets is a line over the cosine between the sides, and rises by what is wide.
fn common(pairs: &[(f64, &[Moved])]) -> (f64, f64) {
    let (mut count, mut sum, mut squares) = (0.0, [0.0; 2], [0.0; 2]);
    for (deviation, sides) in pairs {
        let usable = |side: &&Moved| side.length > SIDE_MIN_M && side.by.abs() < OUTLIER * deviation;
        let sides: Vec<&Moved> = sides.iter().filter(usable).take(SIDES_MAX).collect();
        for (at, a) in sides.iter().enumerate() {
            for b in &sides[..at] {
                let cosine = a.outward.x * b.outward.x + a.outward.y * b.outward.y;
                let product = a.by * b.by / (deviation * deviation);
                count += 1.0;
                sum = [sum[0] + cosine, sum[1] + product];
                squares = [squares[0] + cosine * cosine, squares[1] + cosine * product];
            }
        }
    }
    let spread = count * squares[0] - sum[0] * sum[0];
    if count < PRODUCTS_MIN || spread <= 0.0 {
        return (0.0, 0.0);
    }
    let shift = (count * squares[1] - sum[0] * sum[1]) / spread;
    let width = (sum[1] - shift * sum[0]) / count;
    let (shift, width) = (shift.max(0.0), width.max(0.0));
    // What is left is each side's own.
    let most = (1.0 - OWN_MIN) / (shift + width).max(1.0 - OWN_MIN);
    (shift * most, width * most)
}

/// Fewer products of sides say nothing of what they have in common; and sides of one outline that are looked at at most.
const PRODUCTS_MIN: f64 = 60.0;
const SIDES_MAX: usize = 24;

/// Offsets of sides by what they have in common.
#[derive(Debug, Clone, Copy)]
struct Regression {
    /// Sums of products of the common parts, the prior included, and of those with the offsets.
    parts: [Common; 3],
    with_offset: Common,
    squares: f64,
}

impl Regression {
    fn new(prior: Common) -> Self {
        let mut parts = [[0.0; 3]; 3];
        (0..3).for_each(|at| parts[at][at] = prior[at]);
        Self { parts, with_offset: [0.0; 3], squares: 0.0 }
    }

    fn add(&mut self, side: &Moved, times: f64) {
        let part = of_side(side);
        for (row, a) in part.iter().enumerate() {
            for (column, b) in part.iter().enumerate() {
                self.parts[row][column] += times * a * b;
            }
            self.with_offset[row] += times * a * side.by;
        }
        self.squares += times * side.by * side.by;
    }

    /// Where the side is to be expected, how uncertain that is in variances of a side, and the sum of squares that is left.
    fn expect(&self, side: &Moved) -> (f64, f64, f64) {
        let part = of_side(side);
        let dot = |a: &Common, b: &Common| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        let found = solve(self.parts, self.with_offset);
        let leverage = dot(&solve(self.parts, part), &part);
        (dot(&found, &part), leverage.max(0.0), (self.squares - dot(&found, &self.with_offset)).max(0.0))
    }
}

fn of_side(side: &Moved) -> Common {
    [side.outward.x, side.outward.y, 1.0]
}

/// The solution of three equations with a positive definite matrix.
fn solve(mut rows: [Common; 3], mut right: Common) -> Common {
    for at in 0..3 {
        let (pivot, value) = (rows[at], right[at]);
        for below in at + 1..3 {
            let factor = rows[below][at] / pivot[at];
            rows[below].iter_mut().zip(pivot).for_each(|(part, other)| *part -= factor * other);
            right[below] -= factor * value;
        }
    }
    for at in (0..3).rev() {
        let known: f64 = (at + 1..3).map(|column| rows[at][column] * right[column]).sum();
        right[at] = (right[at] - known) / rows[at][at];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Coord;

    /// The sides of a square, off by so much each.
    fn square(by: [f64; 4]) -> Vec<Moved> {
        let outward = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)];
        by.into_iter().zip(outward).map(|(by, (x, y))| Moved { by, length: 100.0, outward: Coord { x, y } }).collect()
    }

    fn noise(of: impl Fn(f64, f64) -> [f64; 4]) -> Noise {
        let pairs: Vec<Vec<Moved>> =
            (0..200).map(|nth| square(of(f64::from(nth % 7) - 3.0, f64::from(nth % 5) - 2.0))).collect();
        Noise::of(&pairs.iter().map(|sides| (2.0, sides.as_slice())).collect::<Vec<_>>())
    }

    fn is_moved(noise: &Noise, by: [f64; 4]) -> bool {
        let sides = square(by);
        sides.iter().zip(noise.log_drawn(&sides, 2.0)).any(|(side, drawn)| log_moved(side.by) > drawn)
    }

    #[test]
    fn what_outlines_lie_off_as_a_whole_is_learned() {
        let off = noise(|x, y| [x, y, -x, -y]);
        assert!(off.shift > 0.5 && off.width < 0.05, "{off:?}");
        let wide = noise(|x, _| [x, x, x, x]);
        assert!(wide.width > 0.5 && wide.shift < 0.05, "{wide:?}");
        assert_eq!((Noise::of(&[]).shift, Noise::of(&[]).width), (0.0, 0.0), "nothing is known");
    }

    #[test]
    fn an_outline_that_lies_off_as_a_whole_has_no_moved_side() {
        let off = noise(|x, y| [x, y, -x, -y]);
        assert!(!is_moved(&off, [9.0, 0.5, -9.0, -0.5]));
        assert!(is_moved(&off, [14.0, 0.5, 0.5, -0.5]) && is_moved(&off, [-14.0, 0.5, 0.5, -0.5]));
        assert!(!is_moved(&off, [2.5, 0.5, 0.5, -0.5]));
    }

    #[test]
    fn equations_are_solved() {
        let found = solve([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]], [6.0, 10.0, 8.0]);
        let expected = [1.0, 2.0, 3.0];
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
    }
}
