//! Axes: at which numbers of a scale a tick stands, and how it is written.

use crate::base::number::significant;
use crate::render::sparkline::{Scale, ScaleKind};

/// A number that is marked on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// The number.
    pub value: f64,
    /// The number, written so that neighbours differ.
    pub label: String,
}

/// At most `most` ticks within `scale`, ascending: multiples of 1, 2 or 5 times a power of ten; on a log scale powers of ten,
/// or 1, 2 and 5 times them where there is room.
pub fn ticks(scale: Scale, most: usize) -> Vec<Tick> {
    let (low, high) = (scale.low, scale.high);
    if most == 0 || !low.is_finite() || !high.is_finite() || low > high {
        return Vec::new();
    }
    if low == high {
        return vec![Tick { value: low, label: written(low, 0.0) }];
    }
    match scale.kind {
        ScaleKind::Log if low > 0.0 => decades(low, high, most),
        _ => evenly(low, high, most),
    }
}

fn evenly(low: f64, high: f64, most: usize) -> Vec<Tick> {
    let step = step((high / 2.0 - low / 2.0) * 2.0, most);
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    if !step.is_finite() || step <= 0.0 || !(last - first).is_finite() || last - first > most as f64 {
        // Beyond what steps of doubles can tell apart: the ends alone.
        let ends = if most > 1 { vec![low, high] } else { vec![low] };
        return ends.into_iter().map(|value| Tick { value, label: written(value, 0.0) }).collect();
    }
    let count = (last - first).max(-1.0) as i64 + 1;
    let at = |index: i64| (first + index as f64) * step;
    (0..count).map(|index| Tick { value: at(index), label: written(at(index), step) }).collect()
}

/// The smallest of 1, 2, 5 times a power of ten that leaves no more than `most` ticks.
fn step(extent: f64, most: usize) -> f64 {
    let rough = extent / most as f64;
    let power = 10.0_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0, 20.0].into_iter().map(|factor| factor * power);
    // So many steps may lie within the extent that their ends make one tick more.
    let fits = |step: &f64| (extent / step + 1e-9).floor() < most as f64;
    step.into_iter().find(fits).unwrap_or(extent * 2.0)
}

fn decades(low: f64, high: f64, most: usize) -> Vec<Tick> {
    let (first, last) = ((low.log10() - 1e-9).ceil() as i32, (high.log10() + 1e-9).floor() as i32);
    let within = |value: &f64| *value >= low * (1.0 - 1e-9) && *value <= high * (1.0 + 1e-9);
    let several = |factors: &[f64]| -> Vec<f64> {
        let powers = first - 1..=last;
        powers
            .flat_map(|power| factors.iter().map(move |factor| factor * 10.0_f64.powi(power)))
            .filter(within)
            .collect()
    };
    let finest = [several(&[1.0, 2.0, 5.0]), several(&[1.0, 3.0])];
    let fine = finest.into_iter().find(|values| (2..=most).contains(&values.len()));
    let whole = (last - first + 1).max(0) as usize;
    let values = match fine.filter(|_| whole < 3) {
        Some(values) => values,
        // Where not even a power of ten lies within, ticks are as on a linear scale.
        None if whole == 0 => return evenly(low, high, most),
        None => {
            let every = whole.div_ceil(most).max(1) as i32;
            (first..=last)
                .filter(|power| power % every == 0 || whole == 1)
                .map(|power| 10.0_f64.powi(power))
                .collect()
        }
    };
    values.into_iter().map(|value| Tick { value, label: written(value, value) }).collect()
}

/// A tick to the digits of its step.
fn written(value: f64, step: f64) -> String {
    // A sum of steps may miss zero by a little.
    if value.abs() < step.abs() * 1e-9 || value == 0.0 {
        return "0".to_owned();
    }
    let digits = if step > 0.0 { (value.abs() / step).log10().floor() as i32 + 2 } else { 3 };
    significant(value, digits.clamp(1, 12) as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scale(low: f64, high: f64, kind: ScaleKind) -> Scale {
        Scale { low, high, kind }
    }

    fn labels(low: f64, high: f64, kind: ScaleKind, most: usize) -> String {
        ticks(scale(low, high, kind), most).into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_those_that_a_hand_would_draw() {
        use ScaleKind::{Linear, Log};
        for (low, high, kind, most, expected) in [
            (0.0, 1.0, Linear, 6, "0 0.2 0.4 0.6 0.8 1"),
            (0.0, 1.0, Linear, 3, "0 0.5 1"),
            (0.0, 1000.0, Linear, 5, "0 500 1000"),
            (-1.0, 1.0, Linear, 5, "−1 −0.5 0 0.5 1"),
            (0.893, 0.907, Linear, 4, "0.895 0.9 0.905"),
            (1000.1, 1000.4, Linear, 4, "1000.1 1000.2 1000.3 1000.4"),
            (1.0, 1e6, Log, 4, "1 100 10000 1e6"),
            (0.02, 0.9, Log, 9, "0.02 0.05 0.1 0.2 0.5"),
            (1e-8, 1.0, Log, 3, "1e-6 0.001 1"),
            (3.0, 7.0, Log, 5, "3 4 5 6 7"),
            (0.0, 0.0, Linear, 3, "0"),
            (2.0, 1.0, Linear, 3, ""),
            (0.0, f64::NAN, Linear, 3, ""),
            (f64::MIN, f64::MAX, Linear, 3, "−1.8e308 1.8e308"),
        ] {
            assert_eq!(labels(low, high, kind, most), expected, "{low} {high} {most}");
        }
    }

    proptest! {
        #[test]
        fn ticks_lie_within_and_ascend_and_differ(
            low in -1e6..1e6_f64, extent in 1e-6..1e9_f64, most in 0_usize..20, log in any::<bool>(),
        ) {
            let (low, kind) = if log { (low.abs() + 1e-3, ScaleKind::Log) } else { (low, ScaleKind::Linear) };
            let high = low + extent;
            prop_assume!(extent > low.abs() * 1e-9);
            let found = ticks(scale(low, high, kind), most);
            prop_assert!(found.len() <= most, "{found:?}");
            let slack = extent * 1e-6 + low.abs() * 1e-8;
            prop_assert!(found.iter().all(|tick| tick.value >= low - slack && tick.value <= high + slack), "{found:?}");
            prop_assert!(found.windows(2).all(|pair| pair[0].value < pair[1].value && pair[0].label != pair[1].label), "{found:?}");
        }

        #[test]
        fn no_double_is_too_much(low in prop::num::f64::ANY, high in prop::num::f64::ANY, most in 0_usize..9) {
            for kind in [ScaleKind::Linear, ScaleKind::Log] {
                prop_assert!(ticks(scale(low, high, kind), most).len() <= most.max(2));
            }
        }
    }
}
