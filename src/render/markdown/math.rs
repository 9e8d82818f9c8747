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
    ("eps", "ε"),
    ("iota", "ι"),
    ("upsilon", "υ"),
    ("vartheta", "ϑ"),
    ("varrho", "ϱ"),
    ("Xi", "Ξ"),
    ("Pi", "Π"),
    ("Upsilon", "Υ"),
    ("equiv", "≡"),
    ("simeq", "≃"),
    ("cong", "≅"),
    ("prec", "≺"),
    ("succ", "≻"),
    ("preceq", "≼"),
    ("succeq", "≽"),
    ("lesssim", "≲"),
    ("gtrsim", "≳"),
    ("div", "÷"),
    ("mp", "∓"),
    ("ast", "∗"),
    ("star", "⋆"),
    ("circ", "∘"),
    ("odot", "⊙"),
    ("otimes", "⊗"),
    ("oplus", "⊕"),
    ("dagger", "†"),
    ("perp", "⊥"),
    ("parallel", "∥"),
    ("mid", "|"),
    ("langle", "⟨"),
    ("rangle", "⟩"),
    ("lceil", "⌈"),
    ("rceil", "⌉"),
    ("lfloor", "⌊"),
    ("rfloor", "⌋"),
    ("lvert", "|"),
    ("rvert", "|"),
    ("vert", "|"),
    ("lVert", "‖"),
    ("rVert", "‖"),
    ("cup", "∪"),
    ("cap", "∩"),
    ("bigcup", "⋃"),
    ("bigcap", "⋂"),
    ("subset", "⊂"),
    ("subseteq", "⊆"),
    ("supset", "⊃"),
    ("supseteq", "⊇"),
    ("setminus", "∖"),
    ("emptyset", "∅"),
    ("varnothing", "∅"),
    ("notin", "∉"),
    ("ni", "∋"),
    ("forall", "∀"),
    ("exists", "∃"),
    ("neg", "¬"),
    ("land", "∧"),
    ("wedge", "∧"),
    ("lor", "∨"),
    ("vee", "∨"),
    ("implies", "⇒"),
    ("iff", "⇔"),
    ("Leftrightarrow", "⇔"),
    ("leftrightarrow", "↔"),
    ("Leftarrow", "⇐"),
    ("gets", "←"),
    ("mapsto", "↦"),
    ("longrightarrow", "⟶"),
    ("uparrow", "↑"),
    ("downarrow", "↓"),
    ("iint", "∬"),
    ("oint", "∮"),
    ("prime", "′"),
    ("hbar", "ℏ"),
    ("Re", "ℜ"),
    ("Im", "ℑ"),
    ("aleph", "ℵ"),
    ("vdots", "⋮"),
    ("ddots", "⋱"),
    ("colon", ":"),
    ("triangleq", "≜"),
    ("coloneqq", "≔"),
    ("square", "□"),
    ("$", "$"),
    ("#", "#"),
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
    (",", " "),
    (";", " "),
    (":", " "),
];

/// Brackets, within which no space stands at the ends.
const OPENING: &[&str] = &["lVert", "lvert", "langle", "lceil", "lfloor"];
const CLOSING: &[&str] = &["rVert", "rvert", "rangle", "rceil", "rfloor"];

/// Functions, which TeX sets as their names.
const WORDS: &[&str] = &[
    "max", "min", "log", "ln", "exp", "sup", "inf", "lim", "arg", "argmax", "argmin", "tr", "det", "dim",
    "sin", "cos", "tan", "tanh", "sinh", "cosh", "arctan", "arcsin", "arccos", "limsup", "liminf", "mod",
    "deg", "ker", "rank", "diag", "sign", "sgn", "span", "Pr", "Var", "Cov", "KL",
];

/// Commands that only set type; braces around what they act on go with them.
const DROPPED: &[&str] = &[
    "!",
    "left",
    "right",
    "middle",
    "big",
    "Big",
    "bigg",
    "Bigg",
    "bigl",
    "bigr",
    "Bigl",
    "Bigr",
    "biggl",
    "biggr",
    "displaystyle",
    "textstyle",
    "scriptstyle",
    "limits",
    "nolimits",
    "mathrm",
    "mathbf",
    "mathit",
    "mathsf",
    "mathtt",
    "boldsymbol",
    "bm",
    "text",
    "textrm",
    "textbf",
    "textit",
    "operatorname",
    "nonumber",
    "notag",
    "hline",
];

/// Marks over a letter, which come after it in Unicode.
const ACCENTS: &[(&str, char)] = &[
    ("hat", '\u{302}'),
    ("widehat", '\u{302}'),
    ("bar", '\u{304}'),
    ("overline", '\u{304}'),
    ("tilde", '\u{303}'),
    ("widetilde", '\u{303}'),
    ("vec", '\u{20d7}'),
    ("dot", '\u{307}'),
    ("ddot", '\u{308}'),
    ("check", '\u{30c}'),
];

/// Double-struck and script capitals, where they do not stand in the order of the alphabet (Unicode, "Letterlike
/// Symbols").
const STRUCK: &str = "CℂHℍNℕPℙQℚRℝZℤ";
const SCRIPT: &str = "BℬEℰFℱHℋIℐLℒMℳRℛ";

const RAISED: &str =
    "0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺-⁻=⁼(⁽)⁾aᵃbᵇcᶜdᵈeᵉfᶠgᵍhʰiⁱjʲkᵏlˡmᵐnⁿoᵒpᵖrʳsˢtᵗuᵘvᵛwʷxˣyʸzᶻTᵀ⊤ᵀ′′∗*";
const LOWERED: &str = "0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊-₋=₌(₍)₎aₐeₑhₕiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓβᵦγᵧρᵨφᵩχᵪ";

/// Letters together that are written raised or lowered; longer words are names, and read better in full size.
const LONGEST_SCRIPT: usize = 2;

/// Groups within groups that are followed; deeper ones lose only their layout.
const DEEPEST: usize = 16;

/// `tex` in Unicode, a line for each of its rows; `None` where it has a command that is not known: half a formula
/// would be another one.
pub(super) fn unicode(tex: &str) -> Option<Vec<String>> {
    let mut reader = Reader { rest: tex, known: true };
    let mut out = String::new();
    while !reader.rest.is_empty() {
        out.push_str(&reader.piece(0));
    }
    let words = |row: &str| row.split_whitespace().collect::<Vec<_>>().join(" ");
    let tidy = |row: &str| words(row).replace(&format!(" {CLOSE}"), "").replace(CLOSE, "");
    let rows = out.split(ROW).map(tidy).filter(|row| !row.is_empty()).collect();
    reader.known.then_some(rows)
}

/// What ends a row; never part of TeX that came from a file, which is cleaned when it is shown.
const ROW: char = '\u{0}';

/// Before what closes a bracket; no part of TeX either.
const CLOSE: &str = "\u{1}";

/// What is left of a formula.
struct Reader<'a> {
    rest: &'a str,
    /// Whether every command so far was known.
    known: bool,
}

impl<'a> Reader<'a> {
    /// Takes the next piece: a command, a group, a script or a character.
    fn piece(&mut self, depth: usize) -> String {
        let Some(first) = self.take() else { return String::new() };
        match first {
            '\\' => self.command(depth),
            '{' => self.group('}', depth),
            '}' | ROW => String::new(),
            '~' | '&' | '\n' => " ".to_owned(),
            '^' => script(&self.argument(depth), '^', RAISED),
            '_' => script(&self.argument(depth), '_', LOWERED),
            '\'' => "′".to_owned(),
            other => other.to_string(),
        }
    }

    fn take(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let first = characters.next();
        self.rest = characters.as_str();
        first
    }

    /// What stands up to the closing bracket.
    fn group(&mut self, close: char, depth: usize) -> String {
        let mut out = String::new();
        while depth < DEEPEST && !self.rest.is_empty() && !self.rest.starts_with(close) {
            out.push_str(&self.piece(depth + 1));
        }
        if depth < DEEPEST {
            self.take();
        }
        out
    }

    /// What a command or a script acts on.
    fn argument(&mut self, depth: usize) -> String {
        self.rest = self.rest.trim_start();
        if depth < DEEPEST { self.piece(depth + 1) } else { String::new() }
    }

    fn command(&mut self, depth: usize) -> String {
        let name = self.name();
        if let Some((_, symbol)) = SYMBOLS.iter().find(|(known, _)| *known == name) {
            // The space after a command only ends its name; one that stands between words is kept.
            if OPENING.contains(&name) {
                self.rest = self.rest.trim_start();
            }
            let close = if CLOSING.contains(&name) { CLOSE } else { "" };
            return format!("{close}{symbol}");
        }
        if let Some((_, mark)) = ACCENTS.iter().find(|(known, _)| *known == name) {
            return accented(&self.argument(depth), *mark);
        }
        match name {
            "\\" => ROW.to_string(),
            "begin" | "end" => {
                self.argument(depth);
                String::new()
            }
            "frac" | "dfrac" | "tfrac" => {
                let over = parenthesised(self.argument(depth));
                let under = parenthesised(self.argument(depth));
                format!("{over}/{under}{}", if self.goes_on() { " " } else { "" })
            }
            "binom" => format!("({} over {})", self.argument(depth), self.argument(depth)),
            "sqrt" => self.root(depth),
            "mathbb" => lettered(&self.argument(depth), STRUCK, 0x1d538),
            "mathcal" | "mathscr" => lettered(&self.argument(depth), SCRIPT, 0x1d49c),
            "not" => format!("{}\u{338}", self.argument(depth)),
            _ if WORDS.contains(&name) => name.to_owned(),
            _ if DROPPED.contains(&name) => String::new(),
            _ => {
                self.known = false;
                String::new()
            }
        }
    }

    /// Whether a factor follows, which would be read as one of what is below a fraction's line.
    fn goes_on(&self) -> bool {
        let next = self.rest.chars().next();
        match self.rest.strip_prefix('\\') {
            Some(command) => !CLOSING.iter().chain(&["right", "}"]).any(|name| command.starts_with(name)),
            None => next.is_some_and(|next| next.is_alphanumeric() || matches!(next, '(' | '[' | '|')),
        }
    }

    /// The name after a backslash: letters, or one other character.
    fn name(&mut self) -> &'a str {
        let letters = self.rest.find(|character: char| !character.is_ascii_alphabetic());
        let length = match letters.unwrap_or(self.rest.len()) {
            0 => self.rest.chars().next().map_or(0, char::len_utf8),
            letters => letters,
        };
        let (name, after) = self.rest.split_at(length);
        self.rest = after;
        name
    }

    fn root(&mut self, depth: usize) -> String {
        let degree = if self.rest.starts_with('[') && depth < DEEPEST {
            self.take();
            script(&self.group(']', depth + 1), ' ', RAISED)
        } else {
            String::new()
        };
        format!("{degree}√{}", parenthesised(self.argument(depth)))
    }
}

/// A letter with a mark over it; over more than one it would be lost.
fn accented(text: &str, mark: char) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => format!("{letter}{mark}"),
        _ => text.to_owned(),
    }
}

/// Capitals in another alphabet, which starts at `first` but for `exceptions`.
fn lettered(text: &str, exceptions: &str, first: u32) -> String {
    let letter = |character: char| {
        let plain = || {
            let index = u32::from(character).wrapping_sub(u32::from('A'));
            (index < 26).then(|| char::from_u32(first + index)).flatten()
        };
        counterpart(character, exceptions).or_else(plain).unwrap_or(character)
    };
    text.chars().map(letter).collect()
}

/// The character that follows `character` in a table of pairs.
fn counterpart(character: char, table: &str) -> Option<char> {
    let at = table.chars().step_by(2).position(|from| from == character)?;
    table.chars().nth(2 * at + 1)
}

/// With parentheses where a fraction bar would otherwise take in too little.
fn parenthesised(text: String) -> String {
    let plain =
        |character: char| character.is_alphanumeric() || "‖⁰¹²³ᵀ\u{302}\u{304}\u{303}".contains(character);
    if text.chars().all(plain) { text } else { format!("({text})") }
}

/// A script: in raised or lowered characters if all of it has them, else after its sign.
fn script(text: &str, sign: char, table: &str) -> String {
    let text = text.trim();
    let letters = text.chars().filter(|character| character.is_alphabetic()).count();
    let small: Option<String> = text.chars().map(|character| counterpart(character, table)).collect();
    match small.filter(|_| letters <= LONGEST_SCRIPT) {
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
            (r"w_{t+1} = w_t - \eta \nabla L(w_t)", "wₜ₊₁ = wₜ - η ∇ L(wₜ)"),
            (r"\|w\|_2^2", "‖w‖₂²"),
            (r"10^{-3}", "10⁻³"),
            (r"\frac{1}{n}\sum_i \ell_i", "1/n ∑ᵢ ℓᵢ"),
            (r"\frac{\beta}{2}\lVert w \rVert_2^2 + \lvert x\rvert", "β/2 ‖w‖₂² + |x|"),
            (r"\left(\frac12\right)^2 + \left\lfloor \frac{n}{2} \right\rfloor", "(1/2)² + ⌊n/2⌋"),
            (r"e^{-\frac{x}{2}}, \frac{a}{b}x, \frac{a}{b}, \int f\,dx", "e^(-x/2), a/b x, a/b, ∫ f dx"),
            (r"\frac{a+b}{2}", "(a+b)/2"),
            (r"\mathrm{tr}\,H \approx \text{const}", "tr H ≈ const"),
            (r"\left( x \in \mathbb{R}^d \right)", "( x ∈ ℝᵈ )"),
            (r"\mathcal{L}(\hat y), \mathbb{E}[\bar{w}]", "ℒ(y\u{302}), 𝔼[w\u{304}]"),
            (r"\sqrt{x+1} \sqrt[3]{n} \sqrt2", "√(x+1) ³√n √2"),
            ("f'(x)", "f′(x)"),
            ("x^", "x"),
            ("a\n b", "a b"),
        ] {
            assert_eq!(unicode(tex).unwrap(), [expected], "{tex}");
        }
    }

    #[test]
    fn what_is_not_known_is_left_to_its_author_and_rows_are_lines() {
        assert_eq!(unicode(r"\unknown{x}"), None);
        assert_eq!(unicode(r"\begin{aligned} a &= b \\ c &= d \end{aligned}").unwrap(), ["a = b", "c = d"]);
    }

    proptest! {
        #[test]
        fn anything_is_read_and_ends(tex in r"[\\{}^_a-z0-9 $λ\[\]]{0,200}") {
            let rows = unicode(&tex).unwrap_or_default();
            prop_assert!(!rows.concat().contains(['\n', ROW]));
        }
    }

    #[test]
    fn depth_is_no_danger() {
        assert_eq!(unicode(&"{".repeat(100_000)).unwrap(), [""; 0]);
        assert!(unicode(&"^".repeat(10_000)).unwrap().concat().len() < 10_000);
        assert!(unicode(&r"\sqrt[".repeat(10_000)).is_some());
    }
}
