//! What a terminal can show, and the small palette of roles that everything is drawn in.

use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use super::ascii::ascii;
use super::theme;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// A curve, and the first of several in one chart.
    Curve,
    /// The second of several curves.
    SecondCurve,
    /// The third.
    ThirdCurve,
    /// The fourth.
    FourthCurve,
    /// What the cursor is on.
    Selected,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 18] = [
        Self::Text,
        Self::Heading,
        Self::Dim,
        Self::Accent,
        Self::Good,
        Self::Bad,
        Self::Unsure,
        Self::Running,
        Self::Code,
        Self::Math,
        Self::Emphasis,
        Self::Strong,
        Self::Struck,
        Self::Curve,
        Self::SecondCurve,
        Self::ThirdCurve,
        Self::FourthCurve,
        Self::Selected,
    ];

    /// What a theme calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Heading => "heading",
            Self::Dim => "dim",
            Self::Accent => "accent",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Unsure => "unsure",
            Self::Running => "running",
            Self::Code => "code",
            Self::Math => "math",
            Self::Emphasis => "emphasis",
            Self::Strong => "strong",
            Self::Struck => "struck",
            Self::Curve => "curve",
            Self::SecondCurve => "curve-2",
            Self::ThirdCurve => "curve-3",
            Self::FourthCurve => "curve-4",
            Self::Selected => "selected",
        }
    }
}

impl Look {
    /// Unicode without colour: what a pipe gets.
    pub const PLAIN: Self = Self { glyphs: Glyphs::Unicode, depth: Depth::None };

    /// The style of a role here.
    pub fn style(self, role: Role) -> Style {
        let paint = theme::paint(role);
        let base = Style::new().add_modifier(paint.always);
        let colour = match self.depth {
            Depth::None => return base.add_modifier(paint.colourless),
            Depth::Ansi16 => paint.ansi16,
            Depth::Ansi256 => paint.ansi256,
            Depth::True => paint.rgb,
        };
        let base = base.add_modifier(paint.coloured);
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
    use ratatui::style::Color;

    use super::*;

    #[test]
    fn without_colour_there_is_no_colour() {
        for role in Role::ALL {
            let style = Look::PLAIN.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
    }

    #[test]
    fn each_depth_uses_only_its_colours() {
        for role in Role::ALL {
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
