//! Numbers as a person reads them: as many digits as mean something, never more.

/// Powers of ten outside of which a number is written as `1.2e-7`.
const PLAIN: std::ops::RangeInclusive<i32> = -4..=5;

/// `value` rounded to `digits` significant digits: `8.1`, `0.20`, `1.16e7`, `-3.0e-5`, `∞`. A whole number that
/// is short enough to write out stands as it is: `0`, `5`, `7473`.
pub fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return not_finite(value);
    }
    if value.fract() == 0.0 && value.abs() < 1e5 {
        return format!("{:.0}", value + 0.0);
    }
    let scientific = format!("{value:.*e}", digits.clamp(1, 17) - 1);
    let exponent = exponent(&scientific);
    if !PLAIN.contains(&exponent) {
        return scientific;
    }
    fixed(value, (digits as i32 - 1 - exponent).max(0))
}

/// `value` with as many decimals as its uncertainty leaves it: `8.1` for ±1.2, `41` for ±6, `0.957` for ±0.006.
/// Where the uncertainty says nothing (none, infinite, or far larger than the value) it has three digits.
pub fn rounded(value: f64, half_width: f64) -> String {
    match decimals(value, half_width) {
        Some(decimals) => fixed(value, decimals),
        None => significant(value, 3),
    }
}

/// An estimate with its interval, all at one precision: `0.20 [0.15, 0.26]`.
pub fn interval(value: f64, low: f64, high: f64) -> String {
    let half_width = (high - low) / 2.0;
    if !half_width.is_finite() {
        return significant(value, 3);
    }
    let part = |part: f64| match decimals(value, half_width) {
        Some(decimals) => fixed(part, decimals),
        None => significant(part, 3),
    };
    format!("{} [{}, {}]", part(value), part(low), part(high))
}

/// Decimals to write `value` with, given half the width of its interval: so that the half-width keeps two digits
/// if it begins with 1 to 3.5 and one digit otherwise (the rule of the Particle Data Group, Review of Particle
/// Physics, introduction § 5.3).
fn decimals(value: f64, half_width: f64) -> Option<i32> {
    if !value.is_finite() || !half_width.is_finite() || half_width <= 0.0 {
        return None;
    }
    let largest = value.abs().max(half_width);
    let digits = i32::from(leading(half_width) < 3.55);
    let decimals = digits - half_width.log10().floor() as i32;
    let plain = PLAIN.contains(&(largest.log10().floor() as i32)) && decimals <= 6;
    // More than six digits would drown what they say.
    let drowned = largest.log10().floor() as i32 + decimals > 6;
    (plain && !drowned).then_some(decimals.max(0))
}

/// The digits of a positive number, as a number in [1, 10).
fn leading(value: f64) -> f64 {
    value / 10_f64.powf(value.log10().floor())
}

/// With `decimals` decimals, and no minus sign before a zero.
fn fixed(value: f64, decimals: i32) -> String {
    let text = format!("{value:.*}", decimals.max(0) as usize);
    let zero = text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    if zero { text.trim_start_matches('-').to_owned() } else { text }
}

fn exponent(scientific: &str) -> i32 {
    scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
}

fn not_finite(value: f64) -> String {
    let name = match value {
        f64::INFINITY => "∞",
        f64::NEG_INFINITY => "-∞",
        _ => "NaN",
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_that_mean_something() {
        for (value, digits, text) in [
            (0.0, 3, "0"),
            (-0.0, 3, "0"),
            (5.0, 3, "5"),
            (-7473.0, 2, "-7473"),
            (8.123, 2, "8.1"),
            (0.2, 2, "0.20"),
            (0.9996, 3, "1.00"),
            (41.26, 2, "41"),
            (1.2e-7, 2, "1.2e-7"),
            (-0.000_03, 2, "-3.0e-5"),
            (0.000_123_4, 3, "0.000123"),
            (1.157e7, 3, "1.16e7"),
            (f64::MAX, 3, "1.80e308"),
            (f64::MIN_POSITIVE, 2, "2.2e-308"),
            (f64::NAN, 3, "NaN"),
            (f64::INFINITY, 3, "∞"),
            (f64::NEG_INFINITY, 3, "-∞"),
            (1.5, 0, "2"),
        ] {
            assert_eq!(significant(value, digits), text, "{value:?} at {digits}");
        }
    }

    #[test]
    fn uncertainty_decides_the_decimals() {
        for (value, half_width, text) in [
            (8.123, 1.2, "8.1"),
            (41.26, 6.0, "41"),
            (0.9571, 0.006, "0.957"),
            (0.9571, 0.0, "0.957"),
            (0.9571, f64::INFINITY, "0.957"),
            (-0.001, 0.5, "0.0"),
            (3.2e8, 1e6, "3.20e8"),
            (f64::NAN, 1.0, "NaN"),
        ] {
            assert_eq!(rounded(value, half_width), text, "{value} ± {half_width}");
        }
    }

    #[test]
    fn an_interval_has_one_precision() {
        assert_eq!(interval(0.2, 0.15, 0.26), "0.20 [0.15, 0.26]");
        assert_eq!(interval(0.2, f64::NEG_INFINITY, f64::INFINITY), "0.200");
        assert_eq!(interval(-0.004, -0.02, 0.012), "-0.004 [-0.020, 0.012]");
        assert_eq!(interval(5.0, 5.0, 5.0), "5 [5, 5]");
    }
}
