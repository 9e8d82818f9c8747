//! All that was measured of curvature and sharpness, side by side: what each arm ends with, and how many times the baseline
//! that is.

use serde::Serialize;

use super::Results;
use super::point::{digits, point_in_words};
use super::reference::Reference;
use crate::spec::measure::Family;
use crate::spec::{Picture, Quantity};
use crate::stats::{Estimate, ratio};

/// More groups than this are a sweep, and no table.
const MOST_GROUPS: usize = 12;

/// One measure over all groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sharpness {
    /// The measure.
    pub quantity: Quantity,
    /// One per group.
    pub rows: Vec<Sharp>,
}

/// One measure of one group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sharp {
    /// The arm.
    pub arm: String,
    /// The sweep point in words.
    pub point: String,
    /// Final value.
    pub last: Option<Estimate>,
    /// How many times the baseline that is: the geometric mean, paired by seed where seeds match; `None` for the baseline
    /// itself, and where a value is not positive.
    pub ratio: Option<Estimate>,
}

/// Every such measure of `present`; none where there is nothing to compare with.
pub(super) fn sharpness(results: &Results, present: &[Quantity], reference: &Reference) -> Vec<Sharpness> {
    if !(2..=MOST_GROUPS).contains(&results.groups.len()) || reference.in_words(results).is_none() {
        return Vec::new();
    }
    let digits = digits(results);
    let of = |quantity: Quantity| {
        let rows = results.groups.iter().map(|group| {
            let finals = group.finals(quantity.name());
            let other = reference.of(group, results).map(|other| other.finals(quantity.name()));
            let values: Vec<f64> = finals.iter().map(|(_, value)| *value).collect();
            Sharp {
                arm: group.arm.clone(),
                point: point_in_words(&results.axes, &group.point, digits),
                last: Estimate::of(&values),
                ratio: other.and_then(|other| ratio(&finals, &other)),
            }
        });
        Sharpness { quantity, rows: rows.collect() }
    };
    let measured = present.iter().copied().filter(|quantity| is_sharpness(*quantity)).map(of);
    measured.filter(|one| one.rows.iter().any(|row| row.last.is_some())).collect()
}

/// Whether it says how curved or how sharp a minimum is.
pub(super) fn is_sharpness(quantity: Quantity) -> bool {
    let info = quantity.info();
    matches!(info.family, Family::Curvature | Family::Sharpness) && info.picture == Picture::None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sharpness_and_what_is_not() {
        for (quantity, expected) in [
            (Quantity::LambdaMax, true),
            (Quantity::SamSharpness, true),
            (Quantity::RelativeFlatness, true),
            (Quantity::WeightNorm, false),
            (Quantity::Spectrum, false),
            (Quantity::TestError, false),
        ] {
            assert_eq!(is_sharpness(quantity), expected, "{quantity:?}");
        }
    }
}
