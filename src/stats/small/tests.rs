//! Whoever subtracts finds nothing.

use proptest::prelude::*;

use super::scope::{CLASSES, COUNTED, weight};
use super::*;

/// A register of streets by class, whose committees are those that the classes tell.
fn tallies(streets: &[[u32; CLASSES]]) -> Tallies {
    let mut tallies = Tallies::default();
    for (serial, classes) in streets.iter().enumerate() {
        let street = tally(classes);
        tallies.streets.insert(StreetCode::parse(&format!("{}", 110_105_001 + serial)).unwrap(), street);
    }
    let sum = |class: usize| streets.iter().map(|street| street[class]).sum();
    tallies.district = tally(&std::array::from_fn(sum));
    tallies
}

fn tally(classes: &[u32; CLASSES]) -> Tally {
    let of = |at: &[usize]| at.iter().map(|at| classes[*at]).sum::<u32>();
    let mut tally = Tally::default();
    tally.areas = classes.iter().sum();
    tally.contracted = of(&[0, 1, 2, 3]);
    tally.quasi_property = of(&[4, 5, 6, 7]);
    tally.classes = *classes;
    tally.statuses = [of(&[0, 4]), of(&[1, 5]), of(&[2, 6]), of(&[3, 7]), classes[8]];
    tally.owners_committees = of(&[0, 2, 4, 6]);
    tally.property_management_committees = of(&[1, 2, 5, 6]);
    tally
}

/// What somebody knows who reads everything: numbers of unknown counts that add up to a known one.
struct Equation {
    weights: Vec<i64>,
    sum: i64,
}

/// Every equation that the told counts are, over the classes of every street.
fn told_equations(tallies: &Tallies, told: &ToldTallies) -> Vec<Equation> {
    let streets = tallies.streets.len();
    let mut equations = Vec::new();
    let scopes = tallies.streets.keys().map(Some).chain([None]);
    for (at, code) in scopes.enumerate() {
        let row = |weight_of: &dyn Fn(usize) -> i64| -> Vec<i64> {
            let mut weights = vec![0; streets * CLASSES];
            for street in (0..streets).filter(|street| at == streets || *street == at) {
                (0..CLASSES).for_each(|class| weights[street * CLASSES + class] = weight_of(class));
            }
            weights
        };
        let scope = told.scope(code);
        let mut tell = |count: Told, weight_of: &dyn Fn(usize) -> i64| {
            if let Some(count) = count.count() {
                equations.push(Equation { weights: row(weight_of), sum: i64::from(count) });
            }
        };
        tell(scope.areas, &|_| 1);
        for class in 0..CLASSES {
            tell(scope.classes[class], &|other| i64::from(other == class));
        }
        for (rate, id) in COUNTED.into_iter().enumerate() {
            tell(scope.rate(id).0, &|class| i64::from(weight(rate, class)));
        }
        if code.is_none() && scope.breakdown {
            for status in 0..4 {
                let count = Told::Count(tallies.district.statuses[status]);
                tell(count, &|class| i64::from(class < 8 && class % 4 == status));
            }
        }
    }
    equations
}

/// A prime far beyond every count.
const PRIME: i64 = 1_000_003;

fn inverse(number: i64) -> i64 {
    let (mut result, mut base, mut exponent) = (1, number.rem_euclid(PRIME), PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    result
}

/// Rows in echelon form: what can be added and subtracted from what is told.
fn echelon(equations: &[Equation]) -> Vec<(usize, Vec<i64>)> {
    let mut rows: Vec<(usize, Vec<i64>)> = Vec::new();
    for equation in equations {
        let left = reduced(&rows, equation.weights.clone());
        if let Some(pivot) = left.iter().position(|weight| *weight != 0) {
            let scale = inverse(left[pivot]);
            rows.push((pivot, left.into_iter().map(|weight| weight * scale % PRIME).collect()));
            rows.sort_by_key(|(pivot, _)| *pivot);
        }
    }
    rows
}

fn reduced(rows: &[(usize, Vec<i64>)], mut wanted: Vec<i64>) -> Vec<i64> {
    for (pivot, row) in rows {
        let factor = wanted[*pivot].rem_euclid(PRIME);
        wanted.iter_mut().zip(row).for_each(|(weight, by)| *weight = (*weight - factor * by).rem_euclid(PRIME));
    }
    wanted
}

/// The least and the greatest that each class of each street can be, as far as bounds carried through every equation tell.
fn bounds(tallies: &Tallies, told: &ToldTallies, equations: &[Equation]) -> Vec<(i64, i64)> {
    let all = i64::from(tallies.district.areas);
    let mut bounds: Vec<(i64, i64)> = Vec::new();
    for code in tallies.streets.keys() {
        bounds.extend(told.scope(Some(code)).classes.map(|told| match told {
            Told::Count(count) => (i64::from(count), i64::from(count)),
            Told::Below => (0, 4),
            Told::Withheld => (0, all),
        }));
    }
    loop {
        let before = bounds.clone();
        for Equation { weights, sum } in equations {
            let least: i64 = weights.iter().zip(&bounds).map(|(weight, (low, _))| weight * low).sum();
            let most: i64 = weights.iter().zip(&bounds).map(|(weight, (_, high))| weight * high).sum();
            for (weight, (low, high)) in weights.iter().zip(&mut bounds).filter(|(weight, _)| **weight > 0) {
                let (others_least, others_most) = (least - weight * *low, most - weight * *high);
                let (was_low, was_high) = (*low, *high);
                *low = was_low.max((sum - others_most + weight - 1).div_euclid(*weight));
                *high = was_high.min((sum - others_least).div_euclid(*weight));
                // The sums above hold no more once a bound has changed.
                if (*low, *high) != (was_low, was_high) {
                    break;
                }
            }
        }
        if bounds == before {
            return bounds;
        }
    }
}

/// Everything that must hold of what the public is told of a register.
fn assert_nothing_follows(streets: &[[u32; CLASSES]]) {
    let tallies = tallies(streets);
    let told = ToldTallies::without_small(&tallies);
    let small = |count: u32| (1..SMALL_BELOW).contains(&count);
    for (code, tally) in
        tallies.streets.iter().map(|(code, tally)| (Some(code), tally)).chain([(None, &tallies.district)])
    {
        let scope = told.scope(code);
        let right = |told: Told, count: u32| match told {
            Told::Count(shown) => shown == count,
            Told::Below => count < SMALL_BELOW,
            Told::Withheld => true,
        };
        assert!(right(scope.areas, tally.areas) && !scope.areas.count().is_some_and(small));
        for class in 0..CLASSES {
            let unknown_of_district = code.is_none() && class == 8;
            assert!(right(scope.classes[class], tally.classes[class]));
            assert!(unknown_of_district || !scope.classes[class].count().is_some_and(small), "{streets:?}");
        }
        for id in COUNTED {
            let (numerator, denominator) = scope.rate(id);
            assert!(right(numerator, tally.rate(id).numerator));
            let shown = numerator.count().zip(denominator.count());
            assert!(!numerator.count().is_some_and(small));
            assert!(!shown.is_some_and(|(part, whole)| small(whole.abs_diff(part))), "{streets:?}");
        }
    }
    let equations = told_equations(&tallies, &told);
    let rows = echelon(&equations);
    let follows = |weights: Vec<i64>| reduced(&rows, weights).iter().all(|weight| *weight == 0);
    let bounds = bounds(&tallies, &told, &equations);
    for (at, code) in tallies.streets.keys().enumerate() {
        for class in (0..CLASSES).filter(|class| told.scope(Some(code)).classes[*class].count().is_none()) {
            let mut cell = vec![0; streets.len() * CLASSES];
            cell[at * CLASSES + class] = 1;
            assert!(!follows(cell), "class {class} of street {at} follows: {streets:?} {told:?}");
            let (low, high) = bounds[at * CLASSES + class];
            assert!(low < high, "class {class} of street {at} is {low}: {streets:?} {told:?}");
        }
    }
    for class in (0..CLASSES).filter(|class| told.scope(None).classes[*class].count().is_none()) {
        let column = (0..streets.len() * CLASSES).map(|at| i64::from(at % CLASSES == class)).collect();
        assert!(!follows(column), "class {class} of the district follows: {streets:?}");
    }
    for (at, code) in tallies.streets.keys().map(Some).chain([None]).enumerate() {
        for (rate, id) in
            COUNTED.into_iter().enumerate().filter(|(_, id)| told.scope(code).rate(*id).0.count().is_none())
        {
            let of = |cell: usize| at == streets.len() || cell / CLASSES == at;
            let weights = (0..streets.len() * CLASSES)
                .map(|cell| if of(cell) { i64::from(weight(rate, cell % CLASSES)) } else { 0 })
                .collect();
            assert!(!follows(weights), "{id:?} of scope {at} follows: {streets:?}");
        }
    }
}

/// What is told of each street and of the district at last, but for party organisations, which offices alone are told of.
fn of_everybody(told: &ToldTallies) -> Vec<(bool, Vec<Told>)> {
    let scopes = told.streets.values().chain([&told.district]);
    let counts = |scope: &ToldTally| {
        let rates = COUNTED.into_iter().flat_map(|id| <[Told; 2]>::from(scope.rate(id)));
        scope.classes.into_iter().chain(rates).chain([scope.areas]).collect()
    };
    scopes.map(|scope| (scope.breakdown, counts(scope))).collect()
}

#[test]
fn nothing_is_held_back_where_nothing_is_small() {
    let told = ToldTallies::without_small(&tallies(&[[10, 20, 0, 5, 0, 5, 0, 0, 0], [7, 30, 0, 9, 0, 8, 0, 0, 0]]));
    let whole = ToldTallies::whole(&tallies(&[[10, 20, 0, 5, 0, 5, 0, 0, 0], [7, 30, 0, 9, 0, 8, 0, 0, 0]]));
    assert_eq!(of_everybody(&told), of_everybody(&whole));
    let (told, whole) = (ToldTallies::without_small(&Tallies::default()), ToldTallies::whole(&Tallies::default()));
    assert_eq!(of_everybody(&told), of_everybody(&whole));
}

#[test]
fn one_small_count_takes_others_with_it() {
    let streets = [[10, 20, 0, 2, 0, 5, 0, 0, 0], [7, 30, 0, 9, 0, 8, 0, 0, 0], [9, 30, 0, 8, 0, 8, 0, 0, 0]];
    let tallies = tallies(&streets);
    let told = ToldTallies::without_small(&tallies);
    let street = |serial: usize| told.scope(tallies.streets.keys().nth(serial));
    assert_eq!(street(0).classes[3], Told::Below);
    let hidden = |scope: &ToldTally| scope.classes.iter().filter(|told| told.count().is_none()).count();
    assert!(hidden(&street(0)) >= 2 && hidden(&street(1)) + hidden(&street(2)) >= 2);
    let district = |told: &ToldTallies| of_everybody(told).pop();
    assert_eq!(district(&told), district(&ToldTallies::whole(&tallies)), "the district has no small count");
    assert_nothing_follows(&streets);
}

#[test]
fn small_counts_that_can_only_be_ones_are_told_with_zeros_beside_them() {
    // Eight areas in transition, one in each of eight streets: known to be small and not none, each would be one.
    let streets: Vec<[u32; CLASSES]> = (0..12).map(|at| [20, 30, u32::from(at < 8), 9, 0, 8, 0, 6, 0]).collect();
    let told = ToldTallies::without_small(&tallies(&streets));
    let below = told.streets.values().filter(|street| street.classes[2] == Told::Below).count();
    assert!(below >= 8, "{below}");
    assert_nothing_follows(&streets);
}

#[test]
fn a_register_of_one_street_tells_little() {
    for streets in [vec![[1, 0, 0, 0, 0, 0, 0, 0, 0]], vec![[10, 2, 0, 1, 0, 0, 0, 0, 0]], vec![[3; CLASSES]]] {
        assert_nothing_follows(&streets);
    }
}

fn street() -> impl Strategy<Value = [u32; CLASSES]> {
    let count = prop_oneof![4 => Just(0_u32), 3 => 1..5_u32, 2 => 5..9_u32, 2 => 9..40_u32];
    prop::array::uniform9(count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn nothing_that_is_held_back_follows_from_what_is_told(streets in prop::collection::vec(street(), 1..9)) {
        assert_nothing_follows(&streets);
    }
}
