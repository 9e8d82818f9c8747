//! How a number stands beside its uncertainty: `8.1 ±1.2`, `+0.026 [0.019, 0.033]`. How many digits each has is
//! settled in [`crate::base::number`].

pub use crate::base::number::significant;
use crate::base::number::{interval, with_half_width};

/// A mean with the half-width of its interval, both to the digit where the latter matters: `8.1 ±1.2`,
/// `0.957 ±.006`, `1.2e-7 ±3e-8`. Without a half-width (one seed) the mean stands alone.
pub fn value_pm(mean: f64, half: f64) -> String {
    match with_half_width(mean, half) {
        // The zero before the point would say nothing where room is scarce.
        Some((mean, half)) => format!("{mean} ±{}", half.strip_prefix('0').unwrap_or(&half)),
        None => significant(mean, 3),
    }
}

/// A difference with its interval, signed: `−33 [−41, −25]`. An end is never rounded to 0: its sign is what decides.
pub fn signed_interval(mean: f64, low: f64, high: f64) -> String {
    let sign = if mean > 0.0 { "+" } else { "" };
    format!("{sign}{}", interval(mean, low, high, &[0.0]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_match_the_uncertainty() {
        for (mean, half, expected) in [
            (8.13, 1.23, "8.1 ±1.2"),
            (18.31, 0.97, "18.3 ±1.0"),
            (291.0, 21.0, "290 ±20"),
            (0.9571, 0.0062, "0.957 ±.006"),
            (41.3, 6.2, "41 ±6"),
            (1.23e-7, 3.1e-8, "1.2e-7 ±3e-8"),
            (0.5, 0.014, "0.500 ±.014"),
            (12345.0, 678.0, "12300 ±700"),
            (0.0, 0.02, "0.00 ±.02"),
            (-0.001, 0.5, "0.0 ±.5"),
            (2.5e7, 1.5e6, "2.50e7 ±1.5e6"),
            (3.25159, f64::INFINITY, "3.25"),
            (3.0, 0.0, "3"),
            (f64::NAN, 1.0, "NaN"),
        ] {
            assert_eq!(value_pm(mean, half), expected, "{mean} {half}");
        }
    }

    #[test]
    fn differences_carry_their_sign() {
        assert_eq!(signed_interval(-33.1, -41.2, -25.0), "−33 [−41, −25]");
        assert_eq!(signed_interval(0.026, 0.0192, 0.0328), "+0.026 [0.019, 0.033]");
        assert_eq!(signed_interval(-0.0249, -0.0458, -0.004), "−0.02 [−0.05, −0.004]");
    }

    proptest! {
        #[test]
        fn any_double_can_be_written(mean in prop::num::f64::ANY, half in prop::num::f64::ANY) {
            prop_assert!(value_pm(mean, half).len() < 60);
            prop_assert!(signed_interval(mean, mean - half, mean + half).len() < 160);
        }

        #[test]
        fn what_is_written_is_within_the_uncertainty(mean in -1e5..1e5_f64, half in 1e-3..1e3_f64) {
            let text = value_pm(mean, half);
            let written: f64 = text.split(' ').next().unwrap().replace('−', "-").parse().unwrap();
            prop_assert!((written - mean).abs() <= half, "{text}");
        }
    }
}
