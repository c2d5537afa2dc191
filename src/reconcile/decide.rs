//! What is certain enough to be stated without asking.

use crate::reconcile::evidence::{Agreement, Likeness, Witness};
use crate::reconcile::graph::Edge;
use crate::reconcile::outcome::Status;
use crate::reconcile::place::Placed;
use crate::reconcile::text::address::AddressLevel;
use crate::reconcile::text::name::NameLevel;

/// What is known of a pair of outlines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairFacts {
    pub(crate) edge: Edge,
    pub(crate) likeness: Likeness,
    /// Bits of the words.
    pub(crate) bits: f64,
    /// Share of either outline that other records cover, the larger one.
    pub(crate) intruded: f64,
    /// How close another reading of the tangle came.
    pub(crate) doubt: f64,
    /// Names that neighbours have exchanged explain that the words differ.
    pub(crate) swapped: bool,
    /// Whether the row has the name of an area elsewhere that lacks an outline, and not that of this one.
    pub(crate) elsewhere: bool,
    /// Whether the row was read in another system than its batch.
    pub(crate) moved: bool,
    /// Whether the name stands for several or for another use.
    pub(crate) odd: bool,
}

/// An outline that lies within another by so much, and is less than so much of it, may be a piece of it. Sooner a row within an
/// area: its other pieces may lie where they do not belong, or come from somebody else, while the areas of the register that
/// a larger row might cover too are as a rule known. By the sizes, for noise makes an outline another one, but not a smaller.
const PIECE_INSIDE: f64 = 0.85;
const PIECE_SHARE: f64 = 0.65;
const ROW_INSIDE: f64 = 0.78;
const SMALLER: f64 = 0.85;
const SMALLER_IOU: f64 = 0.7;
const ROW_SHARE: f64 = 0.75;

/// Outlines that cover one another so well, and have nothing to do with any other, are one area whatever it is called now.
const ALONE_IOU: f64 = 0.85;
const ALONE_INTRUDED: f64 = 0.1;

fn alone(facts: &PairFacts) -> bool {
    facts.edge.iou > ALONE_IOU && facts.intruded < ALONE_INTRUDED && facts.doubt == 0.0
}

/// A row that was read in another system than its batch has to fit so well, and to be told by its words.
const MOVED_IOU: f64 = 0.7;

fn is_told(likeness: &Likeness) -> bool {
    let (same, differs) = likeness.witnesses();
    likeness.name >= NameLevel::ByAddress && !same.is_empty() && differs.is_empty()
}

/// Words that say so much for the area on which a row lies outweigh that it has the name of another one.
const MISPLACED_BITS: f64 = 4.0;

/// Less likely pairs are never stated without asking.
const LEAST_SURE: f64 = 0.9;

/// The status of a pair of outlines, and how likely it is.
pub(crate) fn pair(facts: &PairFacts) -> (Status, f64) {
    let PairFacts { edge, bits, .. } = facts;
    let geometry = 16.0 * (edge.iou - 0.45) - 6.0 * facts.intruded - 3.0 * facts.doubt;
    let words = if facts.swapped { 0.0 } else { bits.clamp(-10.0, 14.0) };
    let probability = logistic(geometry + words * 0.7);
    let settled = edge.iou > 0.7 && words > -4.0 || edge.iou > 0.5 && words > 4.0 || alone(facts);
    // A piece of a split whose other pieces are not there looks like a change of the boundary.
    let (least, most) = (edge.of_left.min(edge.of_right), edge.of_left.max(edge.of_right));
    let row = edge.of_left < ROW_SHARE * edge.of_right && edge.of_right > ROW_INSIDE
        || edge.of_left < SMALLER * edge.of_right && edge.iou < SMALLER_IOU;
    let piece = facts.likeness.part && edge.iou < 0.8 || least < PIECE_SHARE && most > PIECE_INSIDE || row;
    let moved = facts.moved && !(edge.iou > MOVED_IOU && is_told(&facts.likeness));
    // What is close to another reading, or covered by others too, is not certain however much is covered.
    // A row in another system may happen to lie on another area: then nothing else speaks for that.
    let misplaced = facts.elsewhere && edge.iou < ALONE_IOU && *bits < MISPLACED_BITS;
    let certain = settled && (probability > LEAST_SURE || alone(facts)) && !piece && !facts.odd && !moved && !misplaced;
    (if certain { Status::Auto } else { Status::Review }, probability)
}

/// What is known of a record and the pieces that make it up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GroupFacts {
    /// Share of the union of both sides that both cover, taking the pieces as apart.
    pub(crate) jaccard: f64,
    /// Share of the whole that the pieces cover, each counted.
    pub(crate) covered: f64,
    /// Share of the piece that lies within the whole, the least; and share of the whole that a piece makes, the least.
    pub(crate) within: f64,
    pub(crate) piece: f64,
    /// Share of the whole or of a piece that a record outside of the group covers, the most.
    pub(crate) intruded: f64,
    /// Pieces whose words tell of the whole, and whether those of one tell of another place.
    pub(crate) named: usize,
    pub(crate) against: bool,
    /// Whether a piece was read in another system than its batch, repeats or is repeated, stands for several, or is of
    /// another use.
    pub(crate) odd: bool,
}

/// Pieces make up the whole when both sides cover one another so well, and every piece lies within by so much.
const GROUP_JACCARD: f64 = 0.85;
const GROUP_COVERED: (f64, f64) = (0.88, 1.1);
const GROUP_WITHIN: f64 = 0.85;
const GROUP_PIECE: f64 = 0.15;
const GROUP_INTRUDED: f64 = 0.1;

/// The status of a split or a merge where those may be stated without asking.
pub(crate) fn group(facts: &GroupFacts) -> Status {
    let whole = facts.jaccard > GROUP_JACCARD && (GROUP_COVERED.0..GROUP_COVERED.1).contains(&facts.covered);
    let pieces = facts.within > GROUP_WITHIN && facts.piece > GROUP_PIECE && facts.intruded < GROUP_INTRUDED;
    let certain = whole && pieces && facts.named > 0 && !facts.against && !facts.odd;
    if certain { Status::Auto } else { Status::Review }
}

/// A row that was placed by words and a point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlacedFacts<'a> {
    pub(crate) placed: &'a Placed,
    /// Whether both sides have an outline, and they do not cover each other.
    pub(crate) apart: bool,
    /// Whether the name stands for several areas or for another use.
    pub(crate) odd: bool,
    /// Whether the row has a place, and neither the area nor another one of its street has.
    pub(crate) unplaced: bool,
    /// Whether the area and the row are called by a road and a number.
    pub(crate) doors: (bool, bool),
}

/// How likely a row has to be of its area, and by how many bits, with the name of the area and with another one.
const SAME_NAME_LEAST: (f64, f64) = (0.99, 5.0);
const OTHER_NAME_LEAST: (f64, f64) = (0.995, 7.0);

/// Bits by which the area has to lead the next one, and the row the next row.
const LEAD_BITS: f64 = 5.0;

/// Fields that tell a row whose place fits in another system only; road and number count for two.
const MOVED_WITNESSES: usize = 3;

/// Places further apart than this are not taken for one without asking, metres.
const FAR_M: f64 = 100.0;

/// The status of a row that was placed by words and a point, and how likely it is.
///
/// A name alone is not enough, for the place may be a namesake of an area that the other side lacks: something else has to
/// agree, and what disagrees has to be outweighed.
pub(crate) fn placed(facts: &PlacedFacts<'_>) -> (Status, f64) {
    let candidate = &facts.placed.candidate;
    let likeness = &candidate.likeness;
    let near = candidate.distance.is_some_and(|metres| metres < 25.0);
    let far = candidate.distance.is_some_and(|metres| metres > FAR_M);
    // A name that is the other side's address says the same as the address, and numbers of households are alike by chance.
    // So does a further name on file that is an address: areas behind one gate have it in common.
    let by_address = likeness.name == NameLevel::ByAddress || likeness.name == NameLevel::Alias && facts.doors.1;
    let counts = |witness: &Witness| !(by_address && *witness == Witness::Address);
    let (same, differs) = likeness.witnesses();
    let strong = same.iter().any(|witness| counts(witness) && *witness != Witness::Households);
    // Road and number together say more than any other field.
    let door = likeness.address == AddressLevel::Same && !by_address;
    // Neighbours whose names were exchanged have the street and often the address in common, and only a place would tell.
    let own = same.iter().any(|witness| matches!(witness, Witness::Company | Witness::Households));
    let same = same.iter().filter(|witness| counts(witness)).count() + 2 * usize::from(near) + usize::from(door);
    let differs = differs.len();
    let witnessed = (strong || near) && same > differs && (likeness.street != Agreement::Differs || same >= 3);
    // Two names that are different doors: one of them may be the slip of a pen, and so may the address.
    let other_door = likeness.name == NameLevel::ByAddress && facts.doors == (true, true);
    let named = likeness.name > NameLevel::ByAddress && !by_address
        || by_address && same >= 2 && !other_door
        || likeness.name == NameLevel::More && same >= 2 && !likeness.part;
    let leads = candidate.bits - facts.placed.runner_up > LEAD_BITS && candidate.bits - facts.placed.rival > LEAD_BITS;
    // Names that only sound or look alike may be two names.
    let least = if likeness.name == NameLevel::Same { SAME_NAME_LEAST } else { OTHER_NAME_LEAST };
    let overwhelming = candidate.posterior > least.0 && candidate.bits > least.1;
    // A place that fits in another system than that of the batch is no witness, but takes nothing from words that need none.
    let told = likeness.name == NameLevel::Same && strong && same >= MOVED_WITNESSES && differs == 0;
    let placed = if candidate.system.is_some() { told } else { !far };
    let placed = placed && (own || !facts.unplaced);
    let certain = overwhelming && named && witnessed && leads && placed && !facts.apart && !facts.odd;
    (if certain { Status::Auto } else { Status::Review }, candidate.posterior.min(0.9999))
}

/// Probability of so many bits.
pub(crate) fn logistic(bits: f64) -> f64 {
    (1.0 / (1.0 + (-bits).exp2())).clamp(0.0001, 0.9999)
}
