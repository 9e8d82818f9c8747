//! The TeX of research notes as one line of Unicode: `\lambda_{\max} \le 2/\eta` reads `λ_max ≤ 2/η`.
//!
//! No typesetting: what has a character becomes it, what only sets type is dropped, and what is not known stays as
//! it was written, for its author can read that.

/// Commands that are a character (or a word).
const SYMBOLS: &[(&str, &str)] = &[
    ("alpha", "α"),
    ("beta", "β"),
    ("gamma", "γ"),
    ("delta", "δ"),
    ("epsilon", "ε"),
    ("varepsilon", "ε"),
    ("zeta", "ζ"),
    ("eta", "η"),
    ("theta", "θ"),
    ("kappa", "κ"),
    ("lambda", "λ"),
    ("mu", "μ"),
    ("nu", "ν"),
    ("xi", "ξ"),
    ("pi", "π"),
    ("rho", "ρ"),
    ("sigma", "σ"),
    ("tau", "τ"),
    ("phi", "φ"),
    ("varphi", "φ"),
    ("chi", "χ"),
    ("psi", "ψ"),
    ("omega", "ω"),
    ("Gamma", "Γ"),
    ("Delta", "Δ"),
    ("Theta", "Θ"),
    ("Lambda", "Λ"),
    ("Sigma", "Σ"),
    ("Phi", "Φ"),
    ("Psi", "Ψ"),
    ("Omega", "Ω"),
    ("le", "≤"),
    ("leq", "≤"),
    ("ge", "≥"),
    ("geq", "≥"),
    ("ne", "≠"),
    ("neq", "≠"),
    ("ll", "≪"),
    ("gg", "≫"),
    ("approx", "≈"),
    ("sim", "∼"),
    ("propto", "∝"),
    ("times", "×"),
    ("cdot", "·"),
    ("pm", "±"),
    ("infty", "∞"),
    ("nabla", "∇"),
    ("partial", "∂"),
    ("sum", "∑"),
    ("prod", "∏"),
    ("int", "∫"),
    ("sqrt", "√"),
    ("in", "∈"),
    ("to", "→"),
    ("rightarrow", "→"),
    ("leftarrow", "←"),
    ("Rightarrow", "⇒"),
    ("ell", "ℓ"),
    ("top", "⊤"),
    ("dots", "…"),
    ("ldots", "…"),
    ("cdots", "…"),
    ("|", "‖"),
    ("Vert", "‖"),
    ("{", "{"),
    ("}", "}"),
    ("%", "%"),
    ("_", "_"),
    ("&", "&"),
    ("quad", " "),
    ("qquad", " "),
    (" ", " "),
];

/// Functions, which TeX sets as their names.
const WORDS: &[&str] = &[
    "max", "min", "log", "ln", "exp", "sup", "inf", "lim", "arg", "argmax", "argmin", "tr", "det", "dim",
    "sin", "cos", "tanh", "Pr",
];

/// Commands that only set type; braces around what they act on go with them.
const DROPPED: &[&str] = &[
    ",",
    ";",
    ":",
    "!",
    "left",
    "right",
    "big",
    "Big",
    "bigl",
    "bigr",
    "displaystyle",
    "mathrm",
    "mathbf",
    "mathcal",
    "mathbb",
    "mathit",
    "boldsymbol",
    "text",
    "textrm",
    "operatorname",
    "bar",
    "hat",
    "tilde",
    "vec",
];

const RAISED: &str = "0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺-⁻nⁿiⁱTᵀ⊤ᵀ";
const LOWERED: &str = "0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉iᵢjⱼkₖnₙmₘtₜpₚxₓ";

/// Groups within groups that are followed; deeper ones lose only their layout.
const DEEPEST: usize = 16;

/// `tex` in Unicode, on one line.
pub(super) fn unicode(tex: &str) -> String {
    let mut rest = tex;
    let mut out = String::new();
    while !rest.is_empty() {
        out.push_str(&piece(&mut rest, 0));
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes the next piece of `rest`: a command, a group, a script or a character.
fn piece(rest: &mut &str, depth: usize) -> String {
    let Some(first) = take(rest) else { return String::new() };
    match first {
        '\\' => command(rest, depth),
        '{' => group(rest, depth),
        '}' => String::new(),
        '~' => " ".to_owned(),
        '^' => script(&argument(rest, depth), '^', RAISED),
        '_' => script(&argument(rest, depth), '_', LOWERED),
        other => other.to_string(),
    }
}

fn take(rest: &mut &str) -> Option<char> {
    let mut characters = rest.chars();
    let first = characters.next();
    *rest = characters.as_str();
    first
}

/// What stands up to the closing brace.
fn group(rest: &mut &str, depth: usize) -> String {
    let mut out = String::new();
    while depth < DEEPEST && !rest.is_empty() && !rest.starts_with('}') {
        out.push_str(&piece(rest, depth + 1));
    }
    if depth < DEEPEST {
        take(rest);
    }
    out
}

/// What a command or a script acts on.
fn argument(rest: &mut &str, depth: usize) -> String {
    *rest = rest.trim_start();
    if depth < DEEPEST { piece(rest, depth + 1) } else { String::new() }
}

fn command(rest: &mut &str, depth: usize) -> String {
    let letters = rest.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(rest.len());
    let length = if letters > 0 { letters } else { rest.chars().next().map_or(0, char::len_utf8) };
    let (name, after) = rest.split_at(length);
    *rest = after;
    if let Some((_, symbol)) = SYMBOLS.iter().find(|(known, _)| *known == name) {
        // The space after a command only ends its name; one that stands between words is kept.
        return (*symbol).to_owned();
    }
    match name {
        "frac" => {
            let over = parenthesised(argument(rest, depth));
            format!("{over}/{}", parenthesised(argument(rest, depth)))
        }
        _ if WORDS.contains(&name) => name.to_owned(),
        _ if DROPPED.contains(&name) => String::new(),
        _ => format!("\\{name}"),
    }
}

/// With parentheses where a fraction bar would otherwise take in too little.
fn parenthesised(text: String) -> String {
    if text.chars().all(char::is_alphanumeric) { text } else { format!("({text})") }
}

/// A script: in raised or lowered characters if all of it has them, else after its sign.
fn script(text: &str, sign: char, table: &str) -> String {
    let small = |character: char| {
        let at = table.chars().step_by(2).position(|from| from == character)?;
        table.chars().nth(2 * at + 1)
    };
    let small: Option<String> = text.chars().map(small).collect();
    match small {
        Some(small) => small,
        None if text.chars().all(char::is_alphanumeric) => format!("{sign}{text}"),
        None => format!("{sign}({text})"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_tex_of_notes_is_read() {
        for (tex, expected) in [
            (r"\lambda_{\max} \le 2/\eta", "λ_max ≤ 2/η"),
            (r"w_{t+1} = w_t - \eta \nabla L(w_t)", "w_(t+1) = wₜ - η ∇ L(wₜ)"),
            (r"\|w\|_2^2", "‖w‖₂²"),
            (r"10^{-3}", "10⁻³"),
            (r"\frac{1}{n}\sum_i \ell_i", "1/n∑ᵢ ℓᵢ"),
            (r"\frac{a+b}{2}", "(a+b)/2"),
            (r"\mathrm{tr}\,H \approx \text{const}", "trH ≈ const"),
            (r"\left( x \in \mathbb{R}^d \right)", "( x ∈ R^d )"),
            (r"\unknown{x} \", r"\unknownx \"),
            ("x^", "x"),
            ("a\n b", "a b"),
        ] {
            assert_eq!(unicode(tex), expected, "{tex}");
        }
    }

    proptest! {
        #[test]
        fn anything_is_read_and_ends(tex in r"[\\{}^_a-z0-9 $λ]{0,200}") {
            prop_assert!(!unicode(&tex).contains('\n'));
        }
    }

    #[test]
    fn depth_is_no_danger() {
        assert_eq!(unicode(&"{".repeat(100_000)), "");
        assert!(unicode(&"^".repeat(10_000)).len() < 10_000);
    }
}
