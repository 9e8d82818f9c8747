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
    // Shades.
    ('░', "."),
    ('▒', ":"),
    ('▓', "%"),
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
    ('α', "alpha"),
    ('β', "beta"),
    ('γ', "gamma"),
    ('δ', "delta"),
    ('ε', "eps"),
    ('ζ', "zeta"),
    ('θ', "theta"),
    ('ι', "iota"),
    ('κ', "kappa"),
    ('ν', "nu"),
    ('ξ', "xi"),
    ('π', "pi"),
    ('τ', "tau"),
    ('φ', "phi"),
    ('χ', "chi"),
    ('ψ', "psi"),
    ('ω', "omega"),
    ('Γ', "Gamma"),
    ('Θ', "Theta"),
    ('Λ', "Lambda"),
    ('Σ', "Sigma"),
    ('Φ', "Phi"),
    ('Ψ', "Psi"),
    ('Ω', "Omega"),
    ('∂', "d"),
    ('∑', "sum "),
    ('∏', "prod "),
    ('∫', "int "),
    ('∈', " in "),
    ('∝', "~"),
    ('≪', "<<"),
    ('≫', ">>"),
    ('∼', "~"),
    ('ℝ', "R"),
    ('ℓ', "l"),
    ('⁰', "^0"),
    ('¹', "^1"),
    ('⁴', "^4"),
    ('⁵', "^5"),
    ('⁶', "^6"),
    ('⁷', "^7"),
    ('⁸', "^8"),
    ('⁹', "^9"),
    ('ⁿ', "^n"),
    ('ⁱ', "^i"),
    ('ᵀ', "^T"),
    ('⁺', "^+"),
    ('⁻', "^-"),
    ('⊤', "T"),
    ('₀', "_0"),
    ('₁', "_1"),
    ('₃', "_3"),
    ('₄', "_4"),
    ('₅', "_5"),
    ('₆', "_6"),
    ('₇', "_7"),
    ('₈', "_8"),
    ('₉', "_9"),
    ('ᵢ', "_i"),
    ('ⱼ', "_j"),
    ('ₖ', "_k"),
    ('ₙ', "_n"),
    ('ₘ', "_m"),
    ('ₜ', "_t"),
    ('ₚ', "_p"),
    ('ₓ', "_x"),
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
