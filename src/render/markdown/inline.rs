//! Text within a block: emphasis, code, links, mathematics, gathered as styled spans.
//!
//! Where there is no colour, the marks that would be lost with it are kept: backticks, brackets. Mathematics reads
//! as such without its dollars.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use ratatui::style::Style;

use super::super::marks;
use super::super::spot::SpotKind;
use super::math;
use crate::compare::Outcome;
use crate::entry::bibliography::{self, Work};
use crate::entry::syntax::{CITATION, Event, LinkType, Tag, TagEnd};
use crate::render::style::{Depth, Glyphs, Look, Role};
use crate::render::width::{self, Spans};

/// The text of the block at hand.
pub(super) struct Inline {
    look: Look,
    spans: Spans,
    /// Styles of the open elements, each with those around it.
    styles: Vec<Style>,
    links: Vec<Link>,
    /// Letters so far: what wrapping keeps, and so what the place of a link is counted in.
    letters: usize,
    targets: Vec<Target>,
    /// Addresses of the pictures since they were last taken.
    images: Vec<String>,
    /// How works are cited, by key.
    works: HashMap<String, String>,
    /// What the claims came to that links lead to, by address.
    verdicts: BTreeMap<String, Option<Outcome>>,
}

/// Something in the text of a block that leads elsewhere.
pub(in crate::render) struct Target {
    /// Where to.
    pub(in crate::render) kind: SpotKind,
    /// Its letters, counted from the start of the block.
    pub(in crate::render) letters: Range<usize>,
}

/// Whether wrapping keeps a character wherever lines break.
pub(in crate::render) fn is_letter(character: char) -> bool {
    !matches!(character, ' ' | '\n')
}

/// An open link or image.
struct Link {
    form: Form,
    /// Where it leads, as shown after its text.
    address: String,
    /// The text so far.
    text: String,
    /// Letters before it.
    before: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `[[slug]]`, another entry.
    Entry,
    /// `[text](address)`.
    Text,
    /// `<address>`.
    Bare,
    /// `![caption](address)`.
    Image,
    /// `[@key]`, a work.
    Citation,
}

impl Inline {
    pub(super) fn new(look: Look) -> Self {
        let (spans, styles) = (Spans::new(), Vec::new());
        Self {
            look,
            spans,
            styles,
            links: Vec::new(),
            letters: 0,
            targets: Vec::new(),
            images: Vec::new(),
            works: HashMap::new(),
            verdicts: BTreeMap::new(),
        }
    }

    /// These works can be cited.
    pub(super) fn cite(&mut self, works: &[Work]) {
        self.works = works.iter().map(|work| (work.key.clone(), work.short.clone())).collect();
    }

    /// Links to these claims tell what became of them.
    pub(super) fn judge(&mut self, verdicts: &BTreeMap<String, Option<Outcome>>) {
        self.verdicts.clone_from(verdicts);
    }

    /// What was gathered, and what in it leads elsewhere; starts anew.
    pub(super) fn take(&mut self) -> (Spans, Vec<Target>) {
        self.letters = 0;
        (std::mem::take(&mut self.spans), std::mem::take(&mut self.targets))
    }

    /// Addresses of the pictures in what was gathered since this was last asked.
    pub(super) fn take_images(&mut self) -> Vec<String> {
        std::mem::take(&mut self.images)
    }

    /// Plain text.
    pub(super) fn text(&mut self, text: &str) {
        if let Some(link) = self.links.last_mut() {
            link.text.push_str(text);
            if link.form == Form::Citation {
                return;
            }
        }
        self.push(text, self.style());
    }

    /// Any event that is neither a start, an end nor text.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Code(code) => self.marked("`", code, "`", Role::Code),
            Event::InlineMath(tex) => self.math(tex, "; ", "$"),
            Event::DisplayMath(tex) => {
                self.line_break();
                self.math(tex, "\n", "$$");
                self.line_break();
            }
            Event::InlineHtml(html) => self.push(html, self.style().patch(self.look.style(Role::Dim))),
            Event::FootnoteReference(label) => {
                let before = self.letters;
                self.push(&format!("[{label}]"), self.style().patch(self.look.style(Role::Accent)));
                self.target(SpotKind::Footnote(label.to_string()), before);
            }
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.line_break(),
            _ => {}
        }
    }

    /// Opens an element; `false` if it is not an inline one.
    pub(super) fn open(&mut self, tag: &Tag<'_>) -> bool {
        let role = match tag {
            Tag::Emphasis => Role::Emphasis,
            Tag::Strong => Role::Strong,
            Tag::Strikethrough => Role::Struck,
            Tag::Link { dest_url, .. } if dest_url.starts_with(CITATION) => {
                return self.open_link(Form::Citation, dest_url);
            }
            Tag::Link { link_type, dest_url, .. } => return self.open_link(form(*link_type), dest_url),
            Tag::Image { dest_url, .. } => return self.open_link(Form::Image, dest_url),
            _ => return false,
        };
        self.styles.push(self.style().patch(self.look.style(role)));
        true
    }

    /// Closes an element; `false` if it is not an inline one.
    pub(super) fn close(&mut self, tag: TagEnd) -> bool {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.styles.pop();
            }
            TagEnd::Link | TagEnd::Image => self.close_link(),
            _ => return false,
        }
        true
    }

    fn open_link(&mut self, form: Form, address: &str) -> bool {
        let role = if form == Form::Image { Role::Dim } else { Role::Accent };
        self.styles.push(self.style().patch(self.look.style(role)));
        let before = self.letters;
        self.links.push(Link { form, address: address.to_owned(), text: String::new(), before });
        match form {
            Form::Image => self.push("[image: ", self.style()),
            Form::Entry => {
                if let Some(verdict) = self.verdicts.get(address) {
                    let (sign, role) = marks::verdict(*verdict, self.look);
                    // A space that does not break is none in ASCII, and a sign belongs to its link.
                    let space = if self.look.glyphs == Glyphs::Unicode { "\u{a0}" } else { "" };
                    self.push(&format!("{sign}{space}"), self.look.style(role));
                }
                self.mark("[[");
            }
            Form::Text | Form::Bare | Form::Citation => {}
        }
        true
    }

    fn close_link(&mut self) {
        let Some(link) = self.links.pop() else { return };
        match link.form {
            Form::Image if link.text.is_empty() => self.push(&format!("{}]", link.address), self.style()),
            Form::Image => self.push("]", self.style()),
            Form::Entry => self.mark("]]"),
            Form::Citation => self.works(&link.address),
            Form::Text | Form::Bare => {}
        }
        self.styles.pop();
        match link.form {
            Form::Entry => self.target(SpotKind::Entry(link.address.clone()), link.before),
            Form::Text | Form::Bare => self.target(SpotKind::Link(link.address.clone()), link.before),
            Form::Citation => {}
            Form::Image => {
                self.target(SpotKind::Image(link.address.clone()), link.before);
                self.images.push(link.address.clone());
            }
        }
        if link.form == Form::Text && link.text != link.address && !link.address.is_empty() {
            let dim = self.style().patch(self.look.style(Role::Dim));
            self.push(&format!(" ({})", link.address), dim);
        }
        // The text of a picture within a link is text of the link.
        if let Some(around) = self.links.last_mut() {
            around.text.push_str(&link.text);
        }
    }

    /// The works of a citation, as author and year, each leading to its place in the list of references. One that is not
    /// known stands as it was written.
    fn works(&mut self, address: &str) {
        for (at, key) in bibliography::keys(address.strip_prefix(CITATION).unwrap_or(address)).enumerate() {
            if at > 0 {
                self.push("; ", self.style());
            }
            let before = self.letters;
            match self.works.get(key).cloned() {
                Some(short) => {
                    self.push(&short, self.style());
                    self.target(SpotKind::Footnote(format!("@{key}")), before);
                }
                None => self.push(&format!("[@{key}]"), self.style()),
            }
        }
    }

    /// A formula, or where it cannot be read its source.
    fn math(&mut self, tex: &str, between: &str, mark: &str) {
        let Some(rows) = math::unicode(tex) else {
            let source = format!("{mark}{}{mark}", tex.trim());
            return self.marked("", &source, "", Role::Dim);
        };
        for (index, row) in rows.iter().enumerate() {
            if index > 0 && between == "\n" {
                self.line_break();
            } else if index > 0 {
                self.push(between, self.style());
            }
            self.marked("", row, "", Role::Math);
        }
    }

    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or_default()
    }

    /// Text between marks that are shown only where there is no colour.
    fn marked(&mut self, before: &str, text: &str, after: &str, role: Role) {
        if let Some(link) = self.links.last_mut() {
            link.text.push_str(text);
        }
        self.styles.push(self.style().patch(self.look.style(role)));
        self.mark(before);
        self.push(text, self.style());
        self.mark(after);
        self.styles.pop();
    }

    fn mark(&mut self, mark: &str) {
        if self.look.depth == Depth::None {
            self.push(mark, self.style());
        }
    }

    fn push(&mut self, text: &str, style: Style) {
        let text = self.look.text(text);
        self.letters += text.chars().filter(|character| is_letter(*character)).count();
        width::push(&mut self.spans, &text, style);
    }

    /// Notes that the letters since `before` lead somewhere, unless there are none.
    fn target(&mut self, kind: SpotKind, before: usize) {
        if self.letters > before {
            self.targets.push(Target { kind, letters: before..self.letters });
        }
    }

    /// A break that wrapping keeps.
    fn line_break(&mut self) {
        if !self.spans.is_empty() && !self.spans.last().is_some_and(|span| span.content.ends_with('\n')) {
            let style = self.style();
            width::push(&mut self.spans, "\n", style);
        }
    }
}

fn form(link: LinkType) -> Form {
    match link {
        LinkType::WikiLink { .. } => Form::Entry,
        LinkType::Autolink | LinkType::Email => Form::Bare,
        _ => Form::Text,
    }
}
