//! A curve in one row of text.

/// From low to high; in ASCII they become `_.-=+*%#`.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// How heights are assigned to values. Rows that are to be compared share one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Value at the foot.
    pub low: f64,
    /// Value at the top.
    pub high: f64,
    /// What lies between them.
    pub kind: ScaleKind,
}

/// How heights grow with values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleKind {
    /// Evenly.
    Linear,
    /// Evenly in the logarithm; what is not positive stands at the foot.
    Log,
}

impl Scale {
    /// The scale that spans all finite values of `rows`. Falls back to a linear one where a logarithm was asked
    /// for, but no value is positive.
    pub fn over<'a>(rows: impl IntoIterator<Item = &'a [f64]>, kind: ScaleKind) -> Self {
        let values: Vec<f64> =
            rows.into_iter().flatten().copied().filter(|value| value.is_finite()).collect();
        let positive = values.iter().any(|value| *value > 0.0);
        let kind = if positive { kind } else { ScaleKind::Linear };
        let usable = values.into_iter().filter(|value| kind == ScaleKind::Linear || *value > 0.0);
        let (low, high) = usable
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        Self { low, high, kind }
    }

    /// Height of `value` in [0, 1]; the middle where the scale has no extent; NaN for NaN.
    pub fn height(self, value: f64) -> f64 {
        let along = |value: f64| match self.kind {
            ScaleKind::Linear => value,
            ScaleKind::Log => value.max(f64::MIN_POSITIVE).ln(),
        };
        if value.is_nan() {
            return f64::NAN;
        }
        // Halves, so that the difference of the largest and the smallest double is still finite.
        let (low, high) = (along(self.low) / 2.0, along(self.high) / 2.0);
        let extent = high - low;
        if extent.is_finite() && extent > 0.0 {
            ((along(value) / 2.0 - low) / extent).clamp(0.0, 1.0)
        } else {
            // Just below one half: the fourth of the eight bars.
            0.49
        }
    }
}

/// `values`, evenly spaced in time, in exactly `width` characters; a gap (NaN) is a space.
///
/// Where several values share a character, the one farthest from mid-height stands for them: averaging would hide
/// the spikes that one looks for. So the highest and the lowest value are always drawn, unless they share one.
pub fn sparkline(values: &[f64], width: usize, scale: Scale) -> String {
    (0..width)
        .map(|column| bar(bucket(values, column, width).iter().map(|value| scale.height(*value))))
        .collect()
}

/// The values that share `column`; where there are fewer values than columns, they are repeated.
fn bucket(values: &[f64], column: usize, width: usize) -> &[f64] {
    let start = column * values.len() / width;
    let end = ((column + 1) * values.len() / width).max(start + 1).min(values.len());
    values.get(start..end).unwrap_or_default()
}

fn bar(heights: impl Iterator<Item = f64>) -> char {
    let farthest =
        heights.filter(|height| !height.is_nan()).max_by(|a, b| (a - 0.5).abs().total_cmp(&(b - 0.5).abs()));
    farthest.map_or(' ', |height| {
        let level = (height * BARS.len() as f64) as usize;
        BARS[level.min(BARS.len() - 1)]
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drawn(values: &[f64], width: usize, kind: ScaleKind) -> String {
        sparkline(values, width, Scale::over([values], kind))
    }

    #[test]
    fn curves_look_like_themselves() {
        use ScaleKind::{Linear, Log};
        let nan = f64::NAN;
        for (values, width, kind, expected) in [
            (&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0][..], 8, Linear, "▁▂▃▄▅▆▇█"),
            (&[1.0, 10.0, 100.0], 3, Log, "▁▅█"),
            (&[1.0, 10.0, 100.0], 3, Linear, "▁▁█"),
            (&[5.0, 5.0], 3, Linear, "▄▄▄"),
            (&[nan, 1.0, nan, 2.0], 4, Linear, " ▁ █"),
            (&[0.0, -1.0, 1.0, 10.0], 4, Log, "▁▁▁█"),
            (&[0.0, -1.0], 2, Log, "█▁"),
            (&[1.0, f64::INFINITY, 2.0], 3, Linear, "▁██"),
            (&[], 3, Linear, "   "),
            (&[1.0, 1.0, 1.0, 9.0, 1.0, 1.0], 3, Linear, "▁█▁"),
            (&[f64::MAX, f64::MIN], 2, Linear, "█▁"),
        ] {
            assert_eq!(drawn(values, width, kind), expected, "{values:?}");
        }
    }

    #[test]
    fn rows_on_one_scale_can_be_compared() {
        let (flat, sharp) = ([8.0, 8.0], [8.0, 41.0]);
        let scale = Scale::over([&flat[..], &sharp[..]], ScaleKind::Linear);
        assert_eq!((sparkline(&flat, 2, scale), sparkline(&sharp, 2, scale)), ("▁▁".into(), "▁█".into()));
    }

    proptest! {
        #[test]
        fn as_long_as_asked(values in prop::collection::vec(prop::num::f64::ANY, 0..99), width in 0_usize..40) {
            for kind in [ScaleKind::Linear, ScaleKind::Log] {
                prop_assert_eq!(drawn(&values, width, kind).chars().count(), width);
            }
        }

        #[test]
        fn rising_data_rise(mut values in prop::collection::vec(1e-6..1e6_f64, 1..99), width in 1_usize..40) {
            values.sort_by(f64::total_cmp);
            for kind in [ScaleKind::Linear, ScaleKind::Log] {
                let line: Vec<char> = drawn(&values, width, kind).chars().collect();
                prop_assert!(line.is_sorted(), "{line:?}");
            }
        }

        #[test]
        fn extremes_are_drawn(values in prop::collection::vec(-1e3..1e3_f64, 2..99), width in 1_usize..40) {
            let at = |value: f64| values.iter().position(|other| *other == value).unwrap();
            let scale = Scale::over([&values[..]], ScaleKind::Linear);
            let column = |index: usize| (0..width).find(|column| (*column + 1) * values.len() / width > index).unwrap();
            prop_assume!(scale.low < scale.high && column(at(scale.low)) != column(at(scale.high)));
            let line = sparkline(&values, width, scale);
            prop_assert!(line.contains('▁') && line.contains('█'), "{line}");
        }
    }
}
