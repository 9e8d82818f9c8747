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

/// The values of the curve through `points` (x ascending) at `places`; NaN outside the range of x. Where two points
/// share an x the later one counts.
pub fn resample(points: &[(f64, f64)], places: &[f64], how: Interpolation) -> Vec<f64> {
    places.iter().map(|&place| value_at(points, place, how)).collect()
}

fn value_at(points: &[(f64, f64)], place: f64, how: Interpolation) -> f64 {
    let after = points.partition_point(|&(x, _)| x <= place);
    let (Some(&(x, y)), next) =
        (after.checked_sub(1).and_then(|before| points.get(before)), points.get(after))
    else {
        return f64::NAN;
    };
    match (next, how) {
        _ if x == place => y,
        (None, _) => f64::NAN,
        (Some(_), Interpolation::Step) => y,
        (Some(&(next_x, next_y)), Interpolation::Linear) => {
            let share = (place - x) / (next_x - x);
            y * (1.0 - share) + next_y * share
        }
    }
}
