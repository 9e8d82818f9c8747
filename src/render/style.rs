//! What a terminal can show, and the small palette of roles that everything is drawn in.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Span;

use super::ascii::ascii;
use crate::base::text::clean;

/// Which characters may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// Blocks, arrows, Greek letters.
    Unicode,
    /// Nothing but ASCII.
    Ascii,
}

/// How many colours there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// None (`NO_COLOR`, a pipe): bold, dim, underline and reverse only.
    None,
    /// The sixteen named ones.
    Ansi16,
    /// The 256 of xterm.
    Ansi256,
    /// 24 bits.
    True,
}

/// What a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Which characters.
    pub glyphs: Glyphs,
    /// How many colours.
    pub depth: Depth,
}

/// What a piece of text is, from which its colour follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Prose and numbers.
    Text,
    /// Titles.
    Heading,
    /// What may be overlooked: frames, units, addresses.
    Dim,
    /// What can be followed or acted on: links, ids.
    Accent,
    /// Supported, fresh.
    Good,
    /// Refuted, failed, wrong.
    Bad,
    /// Inconclusive, stale, to be taken with care.
    Unsure,
    /// In flight.
    Running,
    /// Code and YAML.
    Code,
    /// Mathematics, as TeX.
    Math,
    /// `*emphasis*`.
    Emphasis,
    /// `**strong**`.
    Strong,
    /// `~~struck~~`.
    Struck,
    /// A curve.
    Curve,
    /// What the cursor is on.
    Selected,
}

/// One role in each colour depth.
struct Paint {
    ansi16: Option<Color>,
    ansi256: Option<u8>,
    rgb: Option<(u8, u8, u8)>,
    /// Besides the colour.
    always: Modifier,
    /// Instead of the colour.
    colourless: Modifier,
}

impl Paint {
    const fn plain(always: Modifier, colourless: Modifier) -> Self {
        Self { ansi16: None, ansi256: None, rgb: None, always, colourless }
    }

    const fn new(ansi16: Color, ansi256: u8, rgb: (u8, u8, u8), colourless: Modifier) -> Self {
        Self {
            ansi16: Some(ansi16),
            ansi256: Some(ansi256),
            rgb: Some(rgb),
            always: Modifier::empty(),
            colourless,
        }
    }
}

/// Muted colours that read on black and on white: none is bright, none is pale. The sixteen named colours are
/// whatever the person made them; dim text is not `DarkGray` there, because some themes make that the background.
const fn paint(role: Role) -> Paint {
    use Modifier as M;
    let none = M::empty();
    match role {
        Role::Text => Paint::plain(none, none),
        Role::Heading | Role::Strong => Paint::plain(M::BOLD, none),
        Role::Emphasis => Paint::plain(none, M::UNDERLINED),
        Role::Struck => Paint::plain(M::CROSSED_OUT, M::DIM),
        Role::Selected => Paint::plain(M::REVERSED, none),
        Role::Dim => Paint { ansi16: None, ..Paint::new(Color::Reset, 244, (0x80, 0x80, 0x80), M::DIM) },
        Role::Accent => Paint::new(Color::Cyan, 73, (0x4f, 0xa3, 0xa5), M::UNDERLINED),
        Role::Good => Paint::new(Color::Green, 71, (0x5f, 0xa8, 0x5f), none),
        Role::Bad => Paint::new(Color::Red, 167, (0xd0, 0x5a, 0x5a), M::BOLD),
        Role::Unsure => Paint::new(Color::Yellow, 172, (0xc8, 0x8a, 0x2e), none),
        Role::Running => Paint::new(Color::Blue, 68, (0x5f, 0x87, 0xd0), M::BOLD),
        Role::Code => Paint::new(Color::Magenta, 139, (0xa8, 0x86, 0xa8), none),
        Role::Math => Paint::new(Color::Cyan, 73, (0x4f, 0xa3, 0xa5), none),
        Role::Curve => Paint::new(Color::Cyan, 67, (0x5f, 0x87, 0xaf), none),
    }
}

impl Look {
    /// Unicode without colour: what a pipe gets.
    pub const PLAIN: Self = Self { glyphs: Glyphs::Unicode, depth: Depth::None };

    /// The style of a role here.
    pub fn style(self, role: Role) -> Style {
        let paint = paint(role);
        let base = Style::new().add_modifier(paint.always);
        let base = if matches!(role, Role::Emphasis | Role::Math) && self.depth != Depth::None {
            base.add_modifier(Modifier::ITALIC)
        } else {
            base
        };
        let colour = match self.depth {
            Depth::None => return base.add_modifier(paint.colourless),
            Depth::Ansi16 => paint.ansi16,
            Depth::Ansi256 => paint.ansi256.map(Color::Indexed),
            Depth::True => paint.rgb.map(|(r, g, b)| Color::Rgb(r, g, b)),
        };
        match (colour, role) {
            (Some(colour), _) => base.fg(colour),
            (None, Role::Dim) => base.add_modifier(Modifier::DIM),
            (None, _) => base,
        }
    }

    /// Text as it may reach the terminal: cleaned, on one line, and in ASCII where there is nothing else.
    pub fn text(self, text: &str) -> String {
        let line = clean(text).replace(['\n', '\t'], " ");
        match self.glyphs {
            Glyphs::Unicode => line,
            Glyphs::Ascii => ascii(&line),
        }
    }

    /// [`Self::text`] in the style of a role.
    pub fn span(self, text: &str, role: Role) -> Span<'static> {
        Span::styled(self.text(text), self.style(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: [Role; 15] = [
        Role::Text,
        Role::Heading,
        Role::Dim,
        Role::Accent,
        Role::Good,
        Role::Bad,
        Role::Unsure,
        Role::Running,
        Role::Code,
        Role::Math,
        Role::Emphasis,
        Role::Strong,
        Role::Struck,
        Role::Curve,
        Role::Selected,
    ];

    #[test]
    fn without_colour_there_is_no_colour() {
        for role in ROLES {
            let style = Look::PLAIN.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
    }

    #[test]
    fn each_depth_uses_only_its_colours() {
        for role in ROLES {
            let colour = |depth| Look { glyphs: Glyphs::Unicode, depth }.style(role).fg;
            assert!(!matches!(colour(Depth::Ansi16), Some(Color::Indexed(_) | Color::Rgb(..))), "{role:?}");
            assert!(matches!(colour(Depth::Ansi256), None | Some(Color::Indexed(_))), "{role:?}");
            assert!(matches!(colour(Depth::True), None | Some(Color::Rgb(..))), "{role:?}");
        }
    }

    #[test]
    fn text_is_cleaned() {
        assert_eq!(Look::PLAIN.text("a\u{1b}[31m\tb\nc\u{202e}"), "a[31m b c");
    }
}
