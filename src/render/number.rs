//! Numbers with no more digits than their uncertainty warrants, and with a true minus sign.

/// `value` to `digits` significant digits, in decimal or, far from one, in scientific notation.
pub fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return not_finite(value);
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let place = exponent(value, digits.max(1)) - digits.max(1) as i32 + 1;
    minus(&trimmed(&at_place(value, place, notation(value.abs()))))
}

/// A mean with the half-width of its interval, both to the digit where the latter matters: `8.1 ±1.2`,
/// `0.957 ±.006`, `1.2e-7 ±3e-8`. Without a half-width (one seed) the mean stands alone.
pub fn value_pm(mean: f64, half: f64) -> String {
    match uncertainty(half) {
        Some((place, digits)) if mean.is_finite() => {
            let notation = notation(mean.abs().max(half));
            let half = match notation {
                Notation::Decimal => at_place(half, place, notation).trim_start_matches("0.").to_owned(),
                Notation::Scientific => format!("{half:.*e}", digits - 1),
            };
            // `0.006` lost its zero above; the point belongs back.
            let point =
                if place < 0 && notation == Notation::Decimal && !half.contains('.') { "." } else { "" };
            format!("{} ±{point}{half}", minus(&at_place(mean, place, notation)))
        }
        _ => significant(mean, 3),
    }
}

/// A difference with its interval, signed: `−33 [−41, −25]`.
pub fn signed_interval(mean: f64, low: f64, high: f64) -> String {
    let sign = if mean > 0.0 { "+" } else { "" };
    let all = [mean, low, high];
    let number = |value: f64| match uncertainty((high - low) / 2.0) {
        Some((place, _)) => {
            at_place(value, place, notation(all.iter().fold(0.0, |most: f64, x| most.max(x.abs()))))
        }
        None => significant(value, 3),
    };
    let [mean, low, high] = all.map(|value| minus(&number(value)));
    format!("{sign}{mean} [{low}, {high}]")
}

/// `text` with a true minus sign before it, where there is a hyphen.
fn minus(text: &str) -> String {
    text.strip_prefix('-').map_or_else(|| text.to_owned(), |rest| format!("−{rest}"))
}

/// Decimal place of the last digit of an uncertainty that is worth printing, and how many digits that makes: two
/// where it starts with 1 (rounding 1.4 to 1 would lose a third of it), else one. `None` if it is no uncertainty.
fn uncertainty(half: f64) -> Option<(i32, usize)> {
    if !half.is_finite() || half <= 0.0 {
        return None;
    }
    let exponent = exponent(half, 2);
    let starts_with_one = format!("{half:.1e}").starts_with('1');
    Some(if starts_with_one { (exponent - 1, 2) } else { (exponent_rounded(half), 1) })
}

/// Exponent of `half` once it is rounded to one digit: 0.97 is 1.
fn exponent_rounded(half: f64) -> i32 {
    exponent(half, 1)
}

/// Decimal exponent of `value` once it is rounded to `digits` significant digits.
fn exponent(value: f64, digits: usize) -> i32 {
    let text = format!("{value:.*e}", digits - 1);
    text.rsplit('e').next().and_then(|exponent| exponent.parse().ok()).unwrap_or(0)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Notation {
    Decimal,
    Scientific,
}

/// How a number of that size is read most easily.
fn notation(size: f64) -> Notation {
    if size == 0.0 || (1e-3..1e6).contains(&size) { Notation::Decimal } else { Notation::Scientific }
}

/// `value` to the decimal place `place` (−2 for hundredths).
fn at_place(value: f64, place: i32, notation: Notation) -> String {
    let text = match notation {
        Notation::Decimal if place <= 0 => format!("{value:.*}", places(-place)),
        Notation::Decimal => {
            let unit = 10_f64.powi(place);
            format!("{:.0}", (value / unit).round() * unit)
        }
        Notation::Scientific => format!("{value:.*e}", places(exponent(value, 1) - place)),
    };
    if text.trim_start_matches(['-', '0', '.']).is_empty() {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}

/// More digits than a double has say nothing.
fn places(count: i32) -> usize {
    count.clamp(0, 17) as usize
}

/// Decimals without zeros at their end.
fn trimmed(text: &str) -> String {
    match text.split_once('e') {
        Some((digits, exponent)) if digits.contains('.') => format!("{}e{exponent}", strip_zeros(digits)),
        None if text.contains('.') => strip_zeros(text).to_owned(),
        _ => text.to_owned(),
    }
}

fn strip_zeros(digits: &str) -> &str {
    digits.trim_end_matches('0').trim_end_matches('.')
}

fn not_finite(value: f64) -> String {
    let text = match (value.is_nan(), value > 0.0) {
        (true, _) => "nan",
        (false, true) => "∞",
        (false, false) => "−∞",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_match_the_uncertainty() {
        for (mean, half, expected) in [
            (8.13, 1.23, "8.1 ±1.2"),
            (0.9571, 0.0062, "0.957 ±.006"),
            (41.3, 6.2, "41 ±6"),
            (1.23e-7, 3.1e-8, "1.2e-7 ±3e-8"),
            (0.97, 0.97, "1 ±1"),
            (0.5, 0.014, "0.500 ±.014"),
            (12345.0, 678.0, "12300 ±700"),
            (0.0, 0.02, "0.00 ±.02"),
            (-0.001, 0.5, "0.0 ±.5"),
            (2.5e7, 1.5e6, "2.50e7 ±1.5e6"),
            (3.25159, f64::INFINITY, "3.25"),
            (3.0, 0.0, "3"),
            (f64::NAN, 1.0, "nan"),
        ] {
            assert_eq!(value_pm(mean, half), expected, "{mean} {half}");
        }
    }

    #[test]
    fn differences_carry_their_sign() {
        assert_eq!(signed_interval(-33.1, -41.2, -25.0), "−33 [−41, −25]");
        assert_eq!(signed_interval(0.026, 0.0192, 0.0328), "+0.026 [0.019, 0.033]");
    }

    #[test]
    fn significant_digits_are_rounded_once() {
        for (value, expected) in
            [(0.0, "0"), (1.0, "1"), (999.9, "1000"), (0.012_34, "0.0123"), (1e-9, "1e-9"), (-2.5, "−2.5")]
        {
            assert_eq!(significant(value, 3), expected);
        }
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
