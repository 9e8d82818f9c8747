//! Numbers as a person reads them: as many digits as mean something, never more, and with a true minus sign.
//!
//! How many digits mean something is said by the uncertainty: it keeps one digit, or two where it begins with 1
//! (to round 1.4 to 1 would lose a third of it), and whatever it belongs to ends at the same decimal place.

/// Sizes that are written in decimals; others stand as `1.2e-7`.
const PLAIN: std::ops::Range<f64> = 1e-3..1e6;

/// More digits than this would drown what they say.
const MOST_DIGITS: i32 = 12;

/// `value` rounded to `digits` significant digits, without zeros at its end: `8.1`, `0.2`, `1.16e7`, `−3e-5`, `∞`.
/// A whole number that is short enough to write out stands as it is: `0`, `5`, `7473`.
pub fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return not_finite(value);
    }
    if value.fract() == 0.0 && value.abs() < 1e5 {
        return minus(&format!("{:.0}", value + 0.0));
    }
    let digits = digits.clamp(1, 17);
    let place = exponent(value, digits) - digits as i32 + 1;
    // Nor are the whole digits of a number of that length rounded away: 7473.2 is 7473, not 7470.
    let place = if value.abs() < 1e5 { place.min(0) } else { place };
    minus(&trimmed(&at_place(value, place, Notation::of(value))))
}

/// `value` with as many decimals as its uncertainty leaves it: `8.1` for ±1.2, `41` for ±6, `0.957` for ±0.006.
/// Where the uncertainty says nothing (none, or infinite) it has three digits.
pub fn rounded(value: f64, half_width: f64) -> String {
    with_half_width(value, half_width).map_or_else(|| significant(value, 3), |(value, _)| value)
}

/// `value` and half the width of its interval, both to the digit where the latter matters: `8.1` and `1.2`. `None`
/// where there is no such digit: the value is not finite, or the half-width is none, infinite, or beyond all digits.
pub fn with_half_width(value: f64, half_width: f64) -> Option<(String, String)> {
    let place = last_place(value, half_width)?;
    let notation = Notation::of(value.abs().max(half_width));
    Some((minus(&at_place(value, place, notation)), at_place(half_width, place, notation)))
}

/// An estimate with its interval, all at one precision: `0.20 [0.15, 0.26]`.
///
/// An end that would be rounded onto an `edge`, which it does not touch, gets the digits that tell the two apart:
/// whether the interval reaches the edge is what decides, and the text must not say otherwise.
pub fn interval(value: f64, low: f64, high: f64, edges: &[f64]) -> String {
    let half_width = (high - low) / 2.0;
    if !half_width.is_finite() {
        return significant(value, 3);
    }
    let Some(place) = last_place(value, half_width) else {
        let [value, low, high] = [value, low, high].map(|part| significant(part, 3));
        return format!("{value} [{low}, {high}]");
    };
    let largest = [value, low, high].iter().fold(0.0, |most: f64, part| most.max(part.abs()));
    let written = |part: f64, place: i32| minus(&at_place(part, place, Notation::of(largest)));
    let end = |end: f64| {
        let hides = |edge: &&f64| **edge != end && written(**edge, place) == written(end, place);
        match edges.iter().find(hides) {
            Some(&0.0) => significant(end, 1),
            Some(edge) => written(end, exponent(end - edge, 1).max(exponent(end, 1) - MOST_DIGITS)),
            None => written(end, place),
        }
    };
    format!("{} [{}, {}]", written(value, place), end(low), end(high))
}

/// Decimal place (−2 for hundredths) of the last digit that `half_width` leaves `value`.
fn last_place(value: f64, half_width: f64) -> Option<i32> {
    if !value.is_finite() || !half_width.is_finite() || half_width <= 0.0 {
        return None;
    }
    // 0.97 is 1.0 when it is written, so it begins with 1 as well.
    let place = if format!("{half_width:.1e}").starts_with('1') {
        exponent(half_width, 2) - 1
    } else if format!("{half_width:.0e}").starts_with('1') {
        exponent(half_width, 1) - 1
    } else {
        exponent(half_width, 1)
    };
    (exponent(value.abs().max(half_width), 1) - place < MOST_DIGITS).then_some(place)
}

/// Decimal exponent of `value` once it is rounded to `digits` significant digits.
fn exponent(value: f64, digits: usize) -> i32 {
    let text = format!("{value:.*e}", digits - 1);
    text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Notation {
    Decimal,
    Scientific,
}

impl Notation {
    /// How a number of that size is read most easily.
    fn of(size: f64) -> Self {
        if size == 0.0 || PLAIN.contains(&size.abs()) { Self::Decimal } else { Self::Scientific }
    }
}

/// `value` to a decimal place; a zero has no sign.
fn at_place(value: f64, place: i32, notation: Notation) -> String {
    let text = match notation {
        Notation::Decimal if place <= 0 => format!("{value:.*}", places(-place)),
        Notation::Decimal => {
            let unit = 10_f64.powi(place);
            format!("{:.0}", (value / unit).round() * unit)
        }
        // Less than half of the place is nothing at all.
        Notation::Scientific if exponent(value, 1) < place => "0".to_owned(),
        Notation::Scientific => format!("{value:.*e}", places(exponent(value, 1) - place)),
    };
    if text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.')) {
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
    let strip = |digits: &str| digits.trim_end_matches('0').trim_end_matches('.').to_owned();
    match text.split_once('e') {
        Some((digits, exponent)) if digits.contains('.') => format!("{}e{exponent}", strip(digits)),
        None if text.contains('.') => strip(text),
        _ => text.to_owned(),
    }
}

/// `text` with a true minus sign before it, where there is a hyphen.
fn minus(text: &str) -> String {
    text.strip_prefix('-').map_or_else(|| text.to_owned(), |rest| format!("−{rest}"))
}

fn not_finite(value: f64) -> String {
    let name = match value {
        f64::INFINITY => "∞",
        f64::NEG_INFINITY => "−∞",
        _ => "NaN",
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_are_those_that_mean_something() {
        for (value, digits, text) in [
            (0.0, 3, "0"),
            (-0.0, 3, "0"),
            (5.0, 3, "5"),
            (-7473.0, 2, "−7473"),
            (7473.2, 3, "7473"),
            (8.123, 2, "8.1"),
            (0.2, 2, "0.2"),
            (-0.1, 3, "−0.1"),
            (0.9996, 3, "1"),
            (999.9, 3, "1000"),
            (41.26, 2, "41"),
            (1.2e-7, 2, "1.2e-7"),
            (-0.000_03, 2, "−3e-5"),
            (0.001_234, 3, "0.00123"),
            (0.000_123_4, 3, "1.23e-4"),
            (1.157e7, 3, "1.16e7"),
            (f64::MAX, 3, "1.8e308"),
            (f64::MIN_POSITIVE, 2, "2.2e-308"),
            (f64::NAN, 3, "NaN"),
            (f64::INFINITY, 3, "∞"),
            (f64::NEG_INFINITY, 3, "−∞"),
            (1.5, 0, "2"),
        ] {
            assert_eq!(significant(value, digits), text, "{value:?} at {digits}");
        }
    }

    #[test]
    fn uncertainty_decides_the_decimals() {
        for (value, half_width, text) in [
            (8.123, 1.2, "8.1"),
            (18.31, 0.97, "18.3"),
            (41.26, 6.0, "41"),
            (287.0, 21.0, "290"),
            (0.9571, 0.006, "0.957"),
            (0.9571, 0.0, "0.957"),
            (0.9571, f64::INFINITY, "0.957"),
            (0.9571, 1e-13, "0.957"),
            (-0.001, 0.5, "0.0"),
            (3.2e8, 2e6, "3.20e8"),
            (2.0, 3e6, "0"),
            (f64::NAN, 1.0, "NaN"),
        ] {
            assert_eq!(rounded(value, half_width), text, "{value} ± {half_width}");
        }
    }

    #[test]
    fn an_interval_has_one_precision() {
        assert_eq!(interval(0.2, 0.15, 0.26, &[]), "0.20 [0.15, 0.26]");
        assert_eq!(interval(0.2, f64::NEG_INFINITY, f64::INFINITY, &[]), "0.2");
        assert_eq!(interval(-0.004, -0.02, 0.012, &[0.0]), "−0.004 [−0.020, 0.012]");
        assert_eq!(interval(5.0, 5.0, 5.0, &[]), "5 [5, 5]");
    }

    #[test]
    fn rounding_does_not_hide_on_which_side_of_the_edge_an_end_lies() {
        for (value, low, high, edge, text) in [
            (-0.024, -0.054, -0.0041, 0.0, "−0.02 [−0.05, −0.004]"),
            (-0.024, -0.054, 0.0041, 0.0, "−0.02 [−0.05, 0.004]"),
            (0.0271, 1e-9, 0.0542, 0.0, "0.03 [1e-9, 0.05]"),
            (-0.027, -0.054, 0.0, 0.0, "−0.03 [−0.05, 0.00]"),
            (0.45, 0.4004, 0.4996, 0.5, "0.45 [0.40, 0.4996]"),
            (0.45, 0.4004, 0.5004, 0.5, "0.45 [0.40, 0.5004]"),
            (0.45, 0.4004, 0.5, 0.5, "0.45 [0.40, 0.50]"),
        ] {
            assert_eq!(interval(value, low, high, &[edge]), text);
        }
    }

    proptest! {
        #[test]
        fn any_double_can_be_written(
            value in prop::num::f64::ANY, half in prop::num::f64::ANY, digits in 0..30_usize,
        ) {
            prop_assert!(significant(value, digits).len() < 40);
            prop_assert!(rounded(value, half).len() < 40);
            prop_assert!(interval(value, value - half, value + half, &[0.0, half]).len() < 160);
        }

        #[test]
        fn the_sign_of_an_end_is_always_seen(low in -1.0..1.0_f64, width in 1e-6..1.0_f64) {
            let text = interval(low + width / 2.0, low, low + width, &[0.0]);
            let (_, ends) = text.replace('−', "-").split_once(" [").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
            let (shown_low, shown_high) = ends.trim_end_matches(']').split_once(", ").unwrap();
            let sign = |x: f64| x.partial_cmp(&0.0);
            prop_assert_eq!(sign(shown_low.parse().unwrap()), sign(low), "{}", text);
            prop_assert_eq!(sign(shown_high.parse().unwrap()), sign(low + width), "{}", text);
        }
    }
}
