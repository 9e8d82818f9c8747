//! A curve with the band that it is the mean of.

/// The curve, what lies within the band, and nothing.
const LINE: char = '●';
const BAND: char = '░';

/// The curve of these heights (in [0, 1]) with its band, in `columns` × `rows`; the top row first. Values stand at evenly
/// spaced columns, and between them on straight lines.
pub fn curve(mean: &[f64], low: &[f64], high: &[f64], columns: usize, rows: usize) -> Vec<String> {
    let at = |values: &[f64], column: usize| {
        let place =
            column as f64 * values.len().saturating_sub(1) as f64 / columns.saturating_sub(1).max(1) as f64;
        let (before, share) = (place.floor() as usize, place.fract());
        let here = values.get(before).copied().unwrap_or(f64::NAN);
        if share == 0.0 {
            here
        } else {
            here + share * (values.get(before + 1).copied().unwrap_or(here) - here)
        }
    };
    let row_of = |height: f64| ((height.clamp(0.0, 1.0) * rows as f64) as usize).min(rows.saturating_sub(1));
    let mut grid = vec![vec![' '; columns]; rows];
    let places: Vec<_> =
        (0..columns).map(|column| (at(mean, column), at(low, column), at(high, column))).collect();
    for (column, (mean, low, high)) in places.into_iter().enumerate() {
        if low.is_finite() && high.is_finite() {
            for row in grid.iter_mut().take(row_of(high) + 1).skip(row_of(low)) {
                row[column] = BAND;
            }
        }
        if mean.is_finite() {
            grid[row_of(mean)][column] = LINE;
        }
    }
    grid.into_iter().rev().map(|row| row.into_iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_stands_within_its_band() {
        let drawn = curve(&[1.0, 0.5, 0.0], &[0.5, 0.5, 0.0], &[1.0, 1.0, 0.0], 5, 3);
        assert_eq!(drawn, ["●●░  ", "░░●░ ", "   ●●"]);
        assert_eq!(curve(&[f64::NAN], &[], &[], 2, 1), ["  "]);
        assert_eq!(curve(&[], &[], &[], 0, 0), Vec::<String>::new());
    }
}
