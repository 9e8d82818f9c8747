//! Points made into columns of dots: no extreme is lost, and straight lines lie between.

/// What a column of dots has to show of a line, as heights in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Where the line enters.
    pub first: f64,
    /// Its lowest place.
    pub low: f64,
    /// Its highest place.
    pub high: f64,
    /// Where it leaves.
    pub last: f64,
    /// Whether it comes from the column before.
    pub joined: bool,
}

impl Column {
    fn at(height: f64, joined: bool) -> Self {
        Self { first: height, low: height, high: height, last: height, joined }
    }

    fn take(&mut self, height: f64) {
        self.low = self.low.min(height);
        self.high = self.high.max(height);
        self.last = height;
    }
}

/// The line through `points` (place and height in [0, 1], places ascending) in so many columns; where either is NaN it
/// breaks off.
pub fn reduce(points: impl IntoIterator<Item = (f64, f64)>, count: usize) -> Vec<Option<Column>> {
    let mut columns: Vec<Option<Column>> = vec![None; count];
    let wide = count.saturating_sub(1) as f64;
    let mut before: Option<(f64, f64)> = None;
    for (place, height) in points {
        if place.is_nan() || height.is_nan() {
            before = None;
            continue;
        }
        let place = place.clamp(0.0, 1.0) * wide;
        let column = place.round() as usize;
        if let Some((from, start)) = before {
            for between in from.round() as usize + 1..column {
                let share = (between as f64 - from) / (place - from);
                let height = start + (height - start) * share;
                if let Some(slot) = columns.get_mut(between) {
                    *slot = Some(Column::at(height, true));
                }
            }
        }
        if let Some(slot) = columns.get_mut(column) {
            match slot {
                Some(known) => known.take(height),
                None => *slot = Some(Column::at(height, before.is_some())),
            }
        }
        before = Some((place, height));
    }
    columns
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_straight_and_break_where_nothing_is() {
        let nan = f64::NAN;
        let lasts = |points: &[(f64, f64)], count| -> Vec<Option<f64>> {
            reduce(points.iter().copied(), count)
                .into_iter()
                .map(|column| column.map(|column| column.last))
                .collect()
        };
        assert_eq!(lasts(&[(0.0, 0.0), (1.0, 1.0)], 3), [Some(0.0), Some(0.5), Some(1.0)]);
        assert_eq!(lasts(&[(0.0, 0.0), (0.5, nan), (1.0, 1.0)], 3), [Some(0.0), None, Some(1.0)]);
        assert_eq!(lasts(&[(0.5, 0.25)], 1), [Some(0.25)]);
        assert_eq!(lasts(&[(0.5, 0.25)], 0), []);
        let spike = reduce([(0.0, 0.5), (0.01, 1.0), (0.02, 0.0), (0.03, 0.4), (1.0, 0.4)], 5)[0].unwrap();
        assert_eq!((spike.first, spike.low, spike.high, spike.last), (0.5, 0.0, 1.0, 0.4));
    }

    proptest! {
        #[test]
        fn extremes_are_kept_and_none_is_made_up(
            heights in prop::collection::vec(0.0..1.0_f64, 1..300), count in 1_usize..60,
        ) {
            let most = heights.len().max(2) as f64 - 1.0;
            let points = heights.iter().enumerate().map(|(at, height)| (at as f64 / most, *height));
            let columns: Vec<Column> = reduce(points, count).into_iter().flatten().collect();
            let lowest = columns.iter().map(|column| column.low).fold(f64::INFINITY, f64::min);
            let highest = columns.iter().map(|column| column.high).fold(f64::NEG_INFINITY, f64::max);
            let (low, high) = (heights.iter().copied().fold(f64::INFINITY, f64::min), heights.iter().copied().fold(f64::NEG_INFINITY, f64::max));
            prop_assert!((lowest - low).abs() < 1e-12 && (highest - high).abs() < 1e-12);
        }
    }
}
