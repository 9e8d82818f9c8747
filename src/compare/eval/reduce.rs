//! Many numbers made one.

use crate::spec::expr::Function;
use crate::stats;

/// Whether a function asks where the values stand, and not only what they are.
pub(super) fn needs_positions(function: Function) -> bool {
    matches!(function, Function::Slope | Function::Argmin | Function::Argmax | Function::Breakpoint)
}

/// `function` of `values`, which stand at `positions` (as many, where the function asks). `None` where it is not
/// defined: nothing to reduce, positions that do not vary under a slope.
pub(super) fn reduce(function: Function, values: &[f64], positions: &[f64]) -> Option<f64> {
    match function {
        Function::Mean => stats::mean(values),
        Function::Median => stats::median(values),
        Function::Min => values.iter().copied().reduce(f64::min),
        Function::Max | Function::Peak => values.iter().copied().reduce(f64::max),
        Function::Last => values.last().copied(),
        Function::Spread => spread(values),
        Function::Slope => stats::slope(positions, values).map(|slope| slope.mean),
        Function::Breakpoint => stats::breakpoint(positions, values),
        Function::Argmin => position_of_largest(values.iter().map(|value| -value), positions),
        Function::Argmax => position_of_largest(values.iter().copied(), positions),
        // These do not reduce one row of numbers: the parser lets them stand only where they are handled.
        Function::Kendall
        | Function::GranulatedKendall
        | Function::SignError
        | Function::Eta2
        | Function::First
        | Function::Distance
        | Function::Norm
        | Function::Cosine
        | Function::KlInverse
        | Function::Log
        | Function::Log2
        | Function::Log10
        | Function::Factorial
        | Function::Exp
        | Function::Sqrt
        | Function::Abs => None,
    }
}

/// (max − min) / mean |x|; 0 where all values are 0.
fn spread(values: &[f64]) -> Option<f64> {
    let range = values.iter().copied().reduce(f64::max)? - values.iter().copied().reduce(f64::min)?;
    let size = stats::mean(&values.iter().map(|value| value.abs()).collect::<Vec<_>>())?;
    Some(if range == 0.0 { 0.0 } else { range / size })
}

/// The first position of the largest value.
fn position_of_largest(values: impl Iterator<Item = f64>, positions: &[f64]) -> Option<f64> {
    let mut largest: Option<(f64, f64)> = None;
    for (value, &position) in values.zip(positions) {
        if largest.is_none_or(|(_, known)| value > known) {
            largest = Some((position, value));
        }
    }
    largest.map(|(position, _)| position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reductions_by_hand() {
        let (values, positions) = (&[3.0, 1.0, 4.0, 4.0][..], &[10.0, 20.0, 30.0, 40.0][..]);
        for (function, expected) in [
            (Function::Mean, 3.0),
            (Function::Median, 3.5),
            (Function::Min, 1.0),
            (Function::Max, 4.0),
            (Function::Last, 4.0),
            (Function::Spread, 1.0),
            // Centred positions −15 −5 5 15, values 0 −2 1 1: (10 + 5 + 15) / 500.
            (Function::Slope, 0.06),
            (Function::Argmin, 20.0),
            (Function::Argmax, 30.0),
        ] {
            let found = reduce(function, values, positions).unwrap();
            assert!((found - expected).abs() < 1e-12, "{function:?}: {found}");
        }
    }

    #[test]
    fn nothing_reduces_to_nothing() {
        for function in Function::all() {
            assert_eq!(reduce(function, &[], &[]), None, "{function:?}");
        }
        assert_eq!(reduce(Function::Slope, &[1.0, 2.0], &[5.0, 5.0]), None);
        assert_eq!(reduce(Function::Spread, &[0.0, 0.0], &[]), Some(0.0));
    }
}
