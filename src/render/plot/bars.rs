//! Bars over several rows.

/// From the foot up; in ASCII they become `_.-=+*%#`.
const EIGHTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Bars of these heights (in [0, 1], NaN for none), `rows` high, each as wide as its share of `columns`; of several that
/// share a column the highest stands. The top row first.
pub fn bars(heights: &[f64], columns: usize, rows: usize) -> Vec<String> {
    let at = |column: usize| {
        let start = column * heights.len() / columns;
        let end = ((column + 1) * heights.len() / columns).max(start + 1).min(heights.len());
        heights.get(start..end).unwrap_or_default().iter().copied().fold(f64::NAN, f64::max)
    };
    let eighths: Vec<Option<usize>> = (0..columns)
        .map(|column| Some(at(column)).filter(|height| *height > 0.0))
        .map(|height| height.map(|height| ((height.min(1.0) * (8 * rows) as f64).ceil() as usize).max(1)))
        .collect();
    (0..rows)
        .rev()
        .map(|row| {
            let cell = |eighths: &Option<usize>| match eighths.unwrap_or(0).saturating_sub(8 * row) {
                0 => ' ',
                some => EIGHTHS[some.min(8) - 1],
            };
            eighths.iter().map(cell).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_drawn_in_eighths_of_a_row() {
        assert_eq!(bars(&[0.0, 0.25, 0.5, 1.0, f64::NAN], 5, 2), ["   █ ", " ▄██ "]);
        assert_eq!(bars(&[1e-9, 1.0], 4, 1), ["▁▁██"], "what is there is seen");
        assert_eq!(bars(&[0.1, 1.0, 0.1, 0.1], 2, 1), ["█▁"]);
        assert_eq!(bars(&[], 3, 1), ["   "]);
    }
}
