//! What commands print, and where: results on standard output, everything else on standard error.

use std::io::{self, IsTerminal, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use ratatui::text::Line;
use serde::Serialize;

use super::args::Global;
use crate::base::{Diagnostic, Severity, text};
use crate::compare::Verdict;
use crate::notebook::{Entry, EntryMark};
use crate::render::style::{Depth, Glyphs, Look, Role};
use crate::render::{marks, plain};
use crate::tui::detect;

/// Widest that prose is set, and the width of what goes into a pipe.
const MAX_WIDTH: usize = 120;
const PIPE_WIDTH: usize = 80;

/// How to print.
pub struct Output {
    /// Colours and glyphs of standard output.
    pub look: Look,
    /// Columns to draw in.
    pub width: usize,
}

impl Output {
    /// By what standard output is and what the person asked for.
    pub fn detect(global: &Global) -> Self {
        let mut look = detect::look(|name| std::env::var(name).ok(), global.ascii);
        let terminal = io::stdout().is_terminal();
        if global.no_color || !terminal {
            look.depth = Depth::None;
        }
        if !terminal && !global.ascii {
            // A pipe or a file takes UTF-8 whatever the locale of the shell.
            look.glyphs = Glyphs::Unicode;
        }
        let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let wide = || crossterm::terminal::size().map_or(PIPE_WIDTH, |(columns, _)| usize::from(columns));
        let columns = asked.unwrap_or_else(|| if terminal { wide() } else { PIPE_WIDTH });
        Self { look, width: columns.clamp(20, MAX_WIDTH) }
    }

    /// Prints text as it is.
    #[expect(clippy::unused_self, reason = "what is printed goes through the one who knows how")]
    pub fn print(&self, text: &str) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        Ok(stdout.flush()?)
    }

    /// Prints styled lines.
    pub fn lines(&self, lines: &[Line<'_>]) -> anyhow::Result<()> {
        self.print(&self.styled(lines))
    }

    /// Prints a value as JSON.
    pub fn json(&self, value: &impl Serialize) -> anyhow::Result<()> {
        self.print(&format!("{}\n", serde_json::to_string_pretty(value)?))
    }

    fn styled(&self, lines: &[Line<'_>]) -> String {
        match self.look.depth {
            Depth::None => plain::to_plain(lines),
            _ => plain::to_ansi(lines),
        }
    }

    /// One span in a role's style.
    fn span(&self, text: &str, role: Role) -> String {
        let line = Line::from(self.look.span(text, role));
        self.styled(&[line]).trim_end_matches('\n').to_owned()
    }

    /// Text that matters less.
    pub fn dim(&self, text: &str) -> String {
        if text.is_empty() { String::new() } else { self.span(text, Role::Dim) }
    }

    /// The mark of an entry.
    pub fn entry_mark(&self, mark: EntryMark) -> String {
        let (glyph, role) = marks::entry(mark, self.look);
        self.span(&glyph, role)
    }

    /// The mark of a verdict.
    pub fn mark(&self, verdict: &Result<Verdict, Diagnostic>) -> String {
        let (glyph, role) = marks::verdict(verdict.as_ref().ok().map(|verdict| verdict.outcome), self.look);
        self.span(&glyph, role)
    }

    /// Prints diagnostics on standard error, each with its source line where `source` has the text of its file.
    pub fn diagnostics<'a>(
        &self,
        diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
        source: impl Fn(&str) -> Option<&'a str>,
    ) {
        for diagnostic in diagnostics {
            let text = diagnostic.place.as_ref().and_then(|place| source(&place.file));
            complain_of(&self.snippet(diagnostic, text));
        }
    }

    /// Prints everything that is wrong with an entry; how much that is.
    pub fn entry_diagnostics(&self, entry: &Entry) -> usize {
        let document = &entry.document;
        self.diagnostics(entry.problems(), |file| {
            (file == document.file).then_some(document.source.as_str())
        });
        entry.problems().filter(|problem| problem.severity == Severity::Error).count()
    }

    fn snippet(&self, diagnostic: &Diagnostic, source: Option<&str>) -> String {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let styled = io::stderr().is_terminal() && self.look.depth != Depth::None;
        let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
        let (Some(place), Some(source)) = (&diagnostic.place, source) else {
            return text::clean_line(&diagnostic.to_string());
        };
        let shown = text::blanked(source);
        let [message, file] = [&diagnostic.message, &place.file].map(|words| text::clean_line(words));
        let help = diagnostic.help.as_deref().map(text::clean_line);
        let span = place.span.start.min(shown.len())..place.span.end.min(shown.len());
        let snippet = Snippet::source(shown.as_ref())
            .path(file.as_str())
            .annotation(AnnotationKind::Primary.span(span));
        let mut report = vec![level.primary_title(message.as_str()).element(snippet)];
        if let Some(help) = &help {
            report.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
        }
        renderer.render(&report)
    }
}

/// Says what went wrong, on standard error.
pub fn complain(message: &str) {
    complain_of(&format!("lowland: {}", text::clean(message)));
}

/// Says something by the way, on standard error.
pub fn note(message: &str) {
    complain_of(&text::clean(message));
}

/// A standard error that is closed is nothing to fail over.
fn complain_of(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
