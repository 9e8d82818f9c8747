//! A heat map in shades.

/// From low to high; in ASCII they become ` .:%#`.
const LEVELS: [char; 5] = [' ', '░', '▒', '▓', '█'];

/// A square of `side` × `side` heights (in [0, 1], row by row, the first at the foot), each two columns wide so that it is
/// about square; where there is not room for all, every other one and so on is left out. The top row first.
pub fn heat(heights: &[f64], side: usize, columns: usize) -> Vec<String> {
    let stride = (2 * side).div_ceil(columns.max(2)).max(1);
    let shade = |height: &f64| {
        let level = (height.clamp(0.0, 1.0) * LEVELS.len() as f64) as usize;
        if height.is_nan() { '?' } else { LEVELS[level.min(LEVELS.len() - 1)] }
    };
    let row = |row: &[f64]| row.iter().step_by(stride).flat_map(|height| [shade(height); 2]).collect();
    let mut rows: Vec<String> = heights.chunks(side.max(1)).step_by(stride).map(row).collect();
    rows.reverse();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn higher_is_darker_and_the_first_row_is_below() {
        assert_eq!(heat(&[0.0, 0.3, 0.5, 1.0], 2, 10), ["▒▒██", "  ░░"]);
        assert_eq!(heat(&[0.0, f64::NAN, 0.7, 1.0], 2, 4), ["▓▓██", "  ??"]);
        assert_eq!(heat(&[0.5; 9], 3, 4), ["▒▒▒▒", "▒▒▒▒"]);
    }
}
