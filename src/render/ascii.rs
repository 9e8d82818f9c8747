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
    ('◆', "="),
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
    ('└', "+"),
    ('┤', "+"),
    ('┬', "+"),
    ('┊', ":"),
    ('┄', "-"),
    ('╌', "-"),
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
    ('ℂ', "C"),
    ('ℍ', "H"),
    ('ℕ', "N"),
    ('ℙ', "P"),
    ('ℚ', "Q"),
    ('ℤ', "Z"),
    ('ℬ', "B"),
    ('ℰ', "E"),
    ('ℱ', "F"),
    ('ℋ', "H"),
    ('ℐ', "I"),
    ('ℒ', "L"),
    ('ℳ', "M"),
    ('ℛ', "R"),
    ('ℏ', "hbar"),
    ('ℜ', "Re"),
    ('ℑ', "Im"),
    ('ϑ', "theta"),
    ('Ξ', "Xi"),
    ('Π', "Pi"),
    ('υ', "ups"),
    ('≡', "=="),
    ('≃', "~"),
    ('≅', "~="),
    ('≺', "<"),
    ('≻', ">"),
    ('≼', "<="),
    ('≽', ">="),
    ('≲', "<~"),
    ('≳', ">~"),
    ('÷', "/"),
    ('∓', "-+"),
    ('∗', "*"),
    ('⋆', "*"),
    ('∘', "o"),
    ('⊙', "(.)"),
    ('⊗', "(x)"),
    ('⊕', "(+)"),
    ('†', "+"),
    ('⊥', "_|_"),
    ('∥', "||"),
    ('⟨', "<"),
    ('⟩', ">"),
    ('⌈', "["),
    ('⌉', "]"),
    ('⌊', "["),
    ('⌋', "]"),
    ('∪', " u "),
    ('∩', " n "),
    ('⋃', "U "),
    ('⋂', "N "),
    ('⊂', " sub "),
    ('⊆', " sub "),
    ('⊃', " sup "),
    ('⊇', " sup "),
    ('∖', "\\"),
    ('∅', "{}"),
    ('∉', " not in "),
    ('∋', " ni "),
    ('∀', "all "),
    ('∃', "some "),
    ('¬', "not "),
    ('∧', " and "),
    ('∨', " or "),
    ('⇔', "<=>"),
    ('↔', "<->"),
    ('⇄', "<>"),
    ('⌒', "~"),
    ('⇐', "<="),
    ('↦', "->"),
    ('⟶', "-->"),
    ('↑', "^"),
    ('↓', "v"),
    ('∬', "int int "),
    ('∮', "int "),
    ('′', "'"),
    ('⋮', ":"),
    ('≜', ":="),
    ('≔', ":="),
    ('⊤', "T"),
    // Typography.
    ('‘', "'"),
    ('’', "'"),
    ('“', "\""),
    ('”', "\""),
    ('–', "-"),
    ('—', "--"),
    ('°', "o"),
    ('\u{a0}', " "),
];

/// Raised and lowered characters.
const RAISED: &str = "0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺-⁻=⁼(⁽)⁾aᵃbᵇcᶜdᵈeᵉfᶠgᵍhʰiⁱjʲkᵏlˡmᵐnⁿoᵒpᵖrʳsˢtᵗuᵘvᵛwʷxˣyʸzᶻTᵀ";
const LOWERED: &str = "0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊-₋=₌(₍)₎aₐeₑhₕiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓ";

/// `text` in ASCII. A mark over a letter is dropped; a character without a counterpart becomes as many `?` as it is
/// wide; of raised or lowered characters together only the first has its sign.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut sign_before = None;
    for grapheme in text.graphemes(true) {
        let sign = sign_before.take();
        let mut characters = grapheme.chars();
        let first = characters.next().unwrap_or_default();
        if first.is_ascii() && (grapheme.is_ascii() || first.is_ascii_alphanumeric()) {
            if grapheme.is_ascii() {
                out.push_str(grapheme);
            } else {
                out.push(first);
            }
            continue;
        }
        let scripts = [('^', RAISED), ('_', LOWERED)];
        let script = scripts.iter().find_map(|(sign, table)| Some((*sign, script(first, table)?)));
        if let Some((own, plain)) = script {
            if sign != Some(own) {
                out.push(own);
            }
            out.push(plain);
            sign_before = Some(own);
            continue;
        }
        match TABLE.iter().find(|(from, _)| *from == first) {
            Some((_, to)) => out.push_str(to),
            None => match lettered(first) {
                Some(letter) => out.push(letter),
                None => out.push_str(&"?".repeat(grapheme.width())),
            },
        }
    }
    out
}

/// The plain character of a raised or lowered one.
fn script(character: char, table: &str) -> Option<char> {
    let at = table.chars().skip(1).step_by(2).position(|small| small == character)?;
    table.chars().nth(2 * at)
}

/// The letter behind a double-struck or script capital.
fn lettered(character: char) -> Option<char> {
    let code = u32::from(character);
    let index =
        [0x1d538, 0x1d49c].into_iter().map(|first| code.wrapping_sub(first)).find(|index| *index < 26)?;
    char::from_u32(u32::from('A') + index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_said_and_the_rest_keeps_its_place() {
        assert_eq!(ascii("λ ≈ 41 ± 6 → 日本 é e\u{301} \u{200b}."), "lambda ~ 41 +- 6 -> ???? ? e .");
    }

    #[test]
    fn scripts_share_their_sign() {
        assert_eq!(ascii("10⁻³ wₜ₊₁ x² ŷ y\u{302} 𝔼 ℒ"), "10^-3 w_t+1 x^2 ? y E L");
    }

    #[test]
    fn the_table_is_ascii_on_one_side_only() {
        assert!(TABLE.iter().all(|(from, to)| !from.is_ascii() && to.is_ascii() && !to.is_empty()));
    }
}
