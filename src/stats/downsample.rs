//! Long curves made short: columns that lose no extreme, and values at given places.

/// What a column of a plot has to show of the points that fall into it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Smallest value.
    pub low: f64,
    /// Largest value.
    pub high: f64,
    /// Value at the largest x.
    pub last: f64,
}

/// How a curve goes from one point to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// It keeps its value until the next point.
    Step,
    /// In a straight line.
    Linear,
}

/// Reduces `points` (x ascending) to `count` columns of equal width over their range of x, keeping the extremes of
/// each: drawn from `low` to `high`, no spike is lost. Columns without points are `None`; points with a NaN are left
/// out.
pub fn columns(points: &[(f64, f64)], count: usize) -> Vec<Option<Column>> {
    let mut columns = vec![None; count];
    let known = || points.iter().filter(|(x, y)| x.is_finite() && !y.is_nan());
    let (Some(&(first, _)), Some(&(end, _))) = (known().next(), known().next_back()) else {
        return columns;
    };
    let scale = if end > first { count as f64 / (end - first) } else { 0.0 };
    for &(x, y) in known() {
        // The cast sends what lies left of the first point to column 0, the last point to the last column.
        let index = (((x - first) * scale) as usize).min(count.saturating_sub(1));
        if let Some(column) = columns.get_mut(index) {
            *column = Some(column.map_or(Column { low: y, high: y, last: y }, |so_far: Column| Column {
                low: so_far.low.min(y),
                high: so_far.high.max(y),
                last: y,
            }));
        }
    }
    columns
}

/// The values, on a `scale`, of the curve through `points` at `places` (x ascending in both); NaN outside the range of
/// x. Where two points share an x the later one counts.
///
/// One pass without a copy, and only what stands beside a place is brought to scale: curves have fifty thousand points,
/// sparklines a few dozen places.
pub fn resample(
    points: impl IntoIterator<Item = (f64, f64)>,
    places: &[f64],
    how: Interpolation,
    scale: impl Fn(f64) -> f64,
) -> Vec<f64> {
    let mut values = Vec::with_capacity(places.len());
    let mut places = places.iter().copied().peekable();
    let mut before: Option<(f64, f64)> = None;
    for after in points {
        while let Some(place) = places.next_if(|&place| place < after.0) {
            values.push(before.map_or(f64::NAN, |before| between(before, after, place, how, &scale)));
        }
        before = Some(after);
    }
    let at_end = |place| before.filter(|&(x, _)| x == place).map_or(f64::NAN, |(_, y)| scale(y));
    values.extend(places.map(at_end));
    values
}

/// The value on a `scale` at a `place` between the points `before` (at or left of it) and `after` (right of it). Not
/// inlined: the compiler would bring every point to scale, once for all places before it.
#[inline(never)]
fn between(
    before: (f64, f64),
    after: (f64, f64),
    place: f64,
    how: Interpolation,
    scale: &impl Fn(f64) -> f64,
) -> f64 {
    match how {
        Interpolation::Step => scale(before.1),
        Interpolation::Linear => {
            let share = (place - before.0) / (after.0 - before.0);
            scale(before.1) * (1.0 - share) + scale(after.1) * share
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_spike_survives_any_reduction() {
        let mut points: Vec<_> = (0..50_000).map(|step| (f64::from(step), 1.0)).collect();
        points[31_415].1 = 99.0;
        let reduced = columns(&points, 10);
        let highs: Vec<_> = reduced.iter().map(|column| column.unwrap().high).collect();
        assert_eq!(highs, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 99.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn columns_without_points_are_empty() {
        assert_eq!(columns(&[], 3), vec![None; 3]);
        assert_eq!(columns(&[(1.0, 2.0)], 0), vec![]);
        let column = |y| Some(Column { low: y, high: y, last: y });
        assert_eq!(columns(&[(0.0, 1.0), (5.0, f64::NAN), (9.0, 2.0)], 3), [column(1.0), None, column(2.0)]);
        assert_eq!(columns(&[(4.0, 1.0)], 2), [column(1.0), None]);
    }

    #[test]
    fn a_curve_is_read_between_its_points_and_not_beyond() {
        let points = [(0.0, 1.0), (10.0, 3.0), (20.0, 0.0)];
        let places = [-1.0, 0.0, 5.0, 10.0, 15.0, 20.0, 21.0];
        let text = |how| format!("{:?}", resample(points.iter().copied(), &places, how, |y| y));
        assert_eq!(text(Interpolation::Linear), "[NaN, 1.0, 2.0, 3.0, 1.5, 0.0, NaN]");
        assert_eq!(text(Interpolation::Step), "[NaN, 1.0, 1.0, 3.0, 3.0, 0.0, NaN]");
        assert!(resample([], &[1.0], Interpolation::Linear, |y| y)[0].is_nan());
    }

    proptest! {
        #[test]
        fn no_extreme_is_lost_and_none_is_made_up(
            values in prop::collection::vec(-1e3..1e3, 1..200), count in 1usize..40,
        ) {
            let points: Vec<_> = (0..).map(f64::from).zip(values.iter().copied()).collect();
            let reduced: Vec<Column> = columns(&points, count).into_iter().flatten().collect();
            let lowest = reduced.iter().map(|column| column.low).fold(f64::INFINITY, f64::min);
            let highest = reduced.iter().map(|column| column.high).fold(f64::NEG_INFINITY, f64::max);
            prop_assert_eq!(lowest, values.iter().copied().fold(f64::INFINITY, f64::min));
            prop_assert_eq!(highest, values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
            prop_assert_eq!(reduced.last().map(|column| column.last), values.last().copied());
        }

        #[test]
        fn a_curve_passes_through_its_points_and_stays_between_them(
            values in prop::collection::vec(-1e3..1e3, 2..50), share in 0.0..1.0,
        ) {
            let points: Vec<_> = (0..).map(f64::from).zip(values.iter().copied()).collect();
            let xs: Vec<f64> = points.iter().map(|&(x, _)| x).collect();
            prop_assert_eq!(&resample(points.iter().copied(), &xs, Interpolation::Linear, |y| y), &values);
            let between = resample(points.iter().copied(), &[share], Interpolation::Linear, |y| y)[0];
            let (low, high) = (values[0].min(values[1]), values[0].max(values[1]));
            prop_assert!(low - 1e-9 <= between && between <= high + 1e-9);
        }
    }
}
