//! Unicode in ASCII, for terminals and fonts that have nothing else (`--ascii`).
//!
//! Everything is composed in Unicode and passes this one table before it is measured, so that layouts hold
//! whatever the table says.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What stands for a character outside ASCII.
const TABLE: &[(char, &str)] = &[
    // Sparklines: more ink for more height.
    ('▁', "_"),
    ('▂', "."),
    ('▃', "-"),
    ('▄', "="),
    ('▅', "+"),
    ('▆', "*"),
    ('▇', "%"),
    ('█', "#"),
    // Signs.
    ('▲', "^"),
    ('▼', "v"),
    ('≈', "~"),
    ('✓', "+"),
    ('✗', "x"),
    ('●', "o"),
    ('▸', ">"),
    ('•', "*"),
    ('◦', "-"),
    ('▪', "+"),
    ('☐', "[ ]"),
    ('☑', "[x]"),
    ('·', "."),
    ('…', ">"),
    ('─', "-"),
    ('│', "|"),
    ('→', "->"),
    ('←', "<-"),
    ('⇒', "=>"),
    // Mathematics.
    ('±', "+-"),
    ('−', "-"),
    ('×', "x"),
    ('Δ', "diff"),
    ('λ', "lambda"),
    ('ρ', "rho"),
    ('σ', "sigma"),
    ('η', "eta"),
    ('μ', "mu"),
    ('∇', "grad "),
    ('‖', "|"),
    ('≤', "<="),
    ('≥', ">="),
    ('≠', "!="),
    ('½', "1/2"),
    ('²', "^2"),
    ('³', "^3"),
    ('₂', "_2"),
    ('∞', "inf"),
    ('√', "sqrt "),
    // Typography.
    ('‘', "'"),
    ('’', "'"),
    ('“', "\""),
    ('”', "\""),
    ('–', "-"),
    ('—', "--"),
    ('\u{a0}', " "),
];

/// `text` in ASCII. A character without a counterpart becomes as many `?` as it is wide.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for grapheme in text.graphemes(true) {
        if grapheme.is_ascii() {
            out.push_str(grapheme);
            continue;
        }
        match TABLE.iter().find(|(from, _)| grapheme.starts_with(*from)) {
            Some((_, to)) => out.push_str(to),
            None => out.push_str(&"?".repeat(grapheme.width())),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_said_and_the_rest_keeps_its_place() {
        assert_eq!(ascii("λ ≈ 41 ± 6 → 日本 é e\u{301} \u{200b}."), "lambda ~ 41 +- 6 -> ???? ? ? .");
    }

    #[test]
    fn the_table_is_ascii_on_one_side_only() {
        assert!(TABLE.iter().all(|(from, to)| !from.is_ascii() && to.is_ascii() && !to.is_empty()));
    }
}
