//! Where a line breaks.

/// The position of the break of the continuous line of two straight pieces that is nearest to the points in least
/// squares. Every interval between two neighbouring positions is searched, by the closed form for a break within it
/// (Hudson 1966): the two pieces meet where lines fitted to either side cross; where they cross outside the interval, the
/// break is at one of its ends. `None` for fewer than four distinct positions, where a number is not finite, and where one
/// straight line fits as well: then nothing breaks.
pub fn breakpoint(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() || x.len() < 4 || x.iter().chain(y).any(|number| !number.is_finite()) {
        return None;
    }
    let mut points: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Positions from 0 to 1: the equations below square them.
    let (first, width) = (points[0].0, points[points.len() - 1].0 - points[0].0);
    for point in &mut points {
        point.0 = (point.0 - first) / width;
    }
    if 1 + points.windows(2).filter(|pair| pair[0].0 < pair[1].0).count() < 4 {
        return None;
    }
    let candidates = (2..=points.len() - 2).flat_map(|split| {
        let (below, above) = points.split_at(split);
        let (low, high) = (below[split - 1].0, above[0].0);
        let crossing = line(below).zip(line(above)).map(|((a, b), (c, d))| (c - a) / (b - d));
        [Some(low), Some(high), crossing.filter(|at| (low..=high).contains(at))].into_iter().flatten()
    });
    let scored = candidates.filter_map(|at| Some((at, residual(&points, at)?)));
    let (at, left) = scored.min_by(|a, b| a.1.total_cmp(&b.1))?;
    let (intercept, slope) = line(&points)?;
    let straight: f64 = points.iter().map(|(x, y)| (y - intercept - slope * x).powi(2)).sum();
    let size: f64 = points.iter().map(|point| point.1 * point.1).sum();
    (straight - left > 1e-12 * size).then_some(first + at * width)
}

/// Intercept and slope of the least-squares line.
fn line(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0 / n, sum.1 + point.1 / n));
    let spread: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let slope = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum::<f64>() / spread;
    slope.is_finite().then_some((y - slope * x, slope))
}

/// Sum of squares that a + b x + c max(0, x − `at`) leaves at best.
fn residual(points: &[(f64, f64)], at: f64) -> Option<f64> {
    let row = |x: f64| [1.0, x - at, (x - at).max(0.0)];
    let mut normal = [[0.0; 4]; 3];
    for &(x, y) in points {
        let row = row(x);
        for (i, line) in normal.iter_mut().enumerate() {
            for (j, entry) in line.iter_mut().enumerate() {
                *entry += row[i] * if j < 3 { row[j] } else { y };
            }
        }
    }
    let coefficients = eliminate(normal)?;
    let fitted = |x: f64| row(x).iter().zip(coefficients).map(|(entry, c)| entry * c).sum::<f64>();
    Some(points.iter().map(|&(x, y)| (y - fitted(x)).powi(2)).sum())
}

/// The solution of three equations by elimination with pivots.
fn eliminate(mut rows: [[f64; 4]; 3]) -> Option<[f64; 3]> {
    for at in 0..3 {
        let pivot = (at..3).max_by(|&a, &b| rows[a][at].abs().total_cmp(&rows[b][at].abs()))?;
        rows.swap(at, pivot);
        if rows[at][at] == 0.0 {
            return None;
        }
        let line = rows[at];
        for (other, row) in rows.iter_mut().enumerate() {
            if other != at {
                let factor = row[at] / line[at];
                row.iter_mut().zip(line).for_each(|(entry, by)| *entry -= factor * by);
            }
        }
    }
    Some([0, 1, 2].map(|at| rows[at][3] / rows[at][at]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_break_that_is_there_is_found(at in 2.3..7.7_f64, first in -3.0..3.0_f64, change in 0.5..4.0_f64, sign in proptest::bool::ANY) {
            let change = if sign { change } else { -change };
            let x: Vec<f64> = (0..11).map(f64::from).collect();
            let y: Vec<f64> = x.iter().map(|x| 1.0 + first * x + change * (x - at).max(0.0)).collect();
            let found = breakpoint(&x, &y).unwrap();
            prop_assert!((found - at).abs() < 1e-6, "{found} {at}");
        }
    }

    #[test]
    fn too_few_points_break_nowhere() {
        assert_eq!(breakpoint(&[1.0, 2.0, 3.0], &[1.0, 2.0, 5.0]), None);
        assert_eq!(breakpoint(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, f64::NAN, 3.0]), None);
        assert_eq!(breakpoint(&[1.0, 1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 1.0, 0.0]), None);
        let straight: Vec<f64> = (0..9).map(|x| 0.3 * f64::from(x) - 7.1).collect();
        assert_eq!(breakpoint(&(0..9).map(f64::from).collect::<Vec<_>>(), &straight), None);
    }
}
