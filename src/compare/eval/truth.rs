//! Whether a comparison is true of two numbers.

use crate::spec::expr::Comparison;

/// Numbers closer than this, relative to their size, count as equal.
pub const TOLERANCE: f64 = 1e-9;

/// Whether a comparison holds of two exact numbers, up to rounding.
pub fn holds(comparison: Comparison, left: f64, right: f64) -> bool {
    // An infinity is close to nothing, though its tolerance is infinite too.
    let distance = (left - right).abs();
    let equal = distance.is_finite() && distance <= TOLERANCE * left.abs().max(right.abs());
    match comparison {
        Comparison::Less => left < right,
        Comparison::Greater => left > right,
        Comparison::AtMost => left <= right || equal,
        Comparison::AtLeast => left >= right || equal,
        Comparison::Equal => equal,
        Comparison::Unequal => !equal,
    }
}
