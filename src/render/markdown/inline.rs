//! Text within a block: emphasis, code, links, mathematics, gathered as styled spans.
//!
//! Where there is no colour, the marks that would be lost with it are kept: backticks, brackets. Mathematics reads
//! as such without its dollars.

use ratatui::style::Style;

use super::math;
use crate::entry::syntax::{Event, LinkType, Tag, TagEnd};
use crate::render::style::{Depth, Look, Role};
use crate::render::width::{self, Spans};

/// The text of the block at hand.
pub(super) struct Inline {
    look: Look,
    spans: Spans,
    /// Styles of the open elements, each with those around it.
    styles: Vec<Style>,
    links: Vec<Link>,
}

/// An open link or image.
struct Link {
    form: Form,
    /// Where it leads, as shown after its text.
    address: String,
    /// The text so far.
    text: String,
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
}

impl Inline {
    pub(super) fn new(look: Look) -> Self {
        Self { look, spans: Spans::new(), styles: Vec::new(), links: Vec::new() }
    }

    /// What was gathered; starts anew.
    pub(super) fn take(&mut self) -> Spans {
        std::mem::take(&mut self.spans)
    }

    /// Plain text.
    pub(super) fn text(&mut self, text: &str) {
        if let Some(link) = self.links.last_mut() {
            link.text.push_str(text);
        }
        self.push(text, self.style());
    }

    /// Any event that is neither a start, an end nor text.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Code(code) => self.marked("`", code, "`", Role::Code),
            Event::InlineMath(tex) => self.marked("", &math::unicode(tex), "", Role::Math),
            Event::DisplayMath(tex) => {
                self.line_break();
                self.marked("", &math::unicode(tex), "", Role::Math);
                self.line_break();
            }
            Event::InlineHtml(html) => self.push(html, self.style().patch(self.look.style(Role::Dim))),
            Event::FootnoteReference(label) => {
                self.push(&format!("[{label}]"), self.style().patch(self.look.style(Role::Accent)));
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
        self.links.push(Link { form, address: address.to_owned(), text: String::new() });
        match form {
            Form::Image => self.push("[image: ", self.style()),
            Form::Entry => self.mark("[["),
            Form::Text | Form::Bare => {}
        }
        true
    }

    fn close_link(&mut self) {
        let Some(link) = self.links.pop() else { return };
        match link.form {
            Form::Image if link.text.is_empty() => self.push(&format!("{}]", link.address), self.style()),
            Form::Image => self.push("]", self.style()),
            Form::Entry => self.mark("]]"),
            Form::Text | Form::Bare => {}
        }
        self.styles.pop();
        if link.form == Form::Text && link.text != link.address && !link.address.is_empty() {
            let dim = self.style().patch(self.look.style(Role::Dim));
            self.push(&format!(" ({})", link.address), dim);
        }
        // The text of a picture within a link is text of the link.
        if let Some(around) = self.links.last_mut() {
            around.text.push_str(&link.text);
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
        width::push(&mut self.spans, &self.look.text(text), style);
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
