//! What holds of every entry, whatever its text.

use proptest::prelude::*;

use super::*;
use crate::base::Severity;
use crate::entry::syntax::Event;

const ENTRY: &str = "---\ntitle: T\n---\n# A `b` c\n\nProse [[other]].\n\n- list\n\n```yaml experiment\nid: x\n```\n\n\
    | a | b |\n|---|---|\n| 1 | 2 |\n\n> quote\n\n***\n\n```rust\nfn main() {}\n```\n\n```yaml claim\nid: c\n```\n";

#[test]
fn an_entry_is_taken_apart() {
    use BlockKind::{Cell, Code, Heading, List, Paragraph, Quote, Rule, Table};
    let document = Document::parse("entries/e.md", ENTRY.to_owned());
    let kinds: Vec<_> = document.blocks.iter().map(|block| block.kind).collect();
    assert_eq!(kinds, [Heading(1), Paragraph, List, Cell(0), Table, Quote, Rule, Code, Cell(1)]);
    assert_eq!(document.front.as_ref().unwrap().text, "title: T\n");
    assert_eq!(document.first_heading().as_deref(), Some("A b c"));
    let texts: Vec<_> = document.cells.iter().map(|cell| (cell.kind, document.text(cell))).collect();
    assert_eq!(texts, [(CellKind::Experiment, "id: x\n"), (CellKind::Claim, "id: c\n")]);
    assert_eq!(document.diagnostics, []);
}

#[test]
fn windows_line_endings_and_a_byte_order_mark_change_nothing() {
    let source = format!("\u{feff}{}", ENTRY.replace('\n', "\r\n"));
    let (plain, windows) = (Document::parse("e.md", ENTRY.to_owned()), Document::parse("e.md", source));
    let kinds = |document: &Document| document.blocks.iter().map(|block| block.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&plain), kinds(&windows));
    assert_eq!(windows.text(&windows.cells[0]), "id: x\r\n");
    assert_eq!(windows.front.unwrap().text, "title: T\r\n");
}

#[test]
fn what_was_meant_as_a_cell_is_warned_about_at_its_place() {
    for (source, expected) in [
        (
            "a\n\n```yaml experimnt\n```\n",
            "e.md:3:4: `yaml experimnt` is not a cell and is shown as code (did you mean `yaml experiment`?)",
        ),
        (
            "> ```yaml claim\n> ```\n",
            "e.md:1:6: this claim cell stands inside a list or a quote and is not run (move it to the left margin)",
        ),
        (
            "```yaml claim\nid: x\n",
            "e.md:1:4: this claim cell is not closed and reaches to the end of the entry (add a closing fence)",
        ),
        ("---\ntitle: x\n", "e.md:1:1: the front matter is not closed (add a line `---` after it)"),
    ] {
        let document = Document::parse("e.md", source.to_owned());
        let said: Vec<_> = document.diagnostics.iter().map(ToString::to_string).collect();
        assert_eq!(said, [expected]);
        assert_eq!(document.diagnostics[0].severity, Severity::Warning);
    }
}

#[test]
fn a_huge_cell_is_refused_and_the_others_are_not() {
    let source = format!("```yaml claim\n{}```\n\n```yaml claim\nid: x\n```\n", "# padding\n".repeat(7000));
    let document = Document::parse("e.md", source);
    assert_eq!(
        document.cells[0].refusal.as_ref().unwrap().to_string(),
        "e.md:1:4: the cell is 69 KiB large; at most 64 KiB are read"
    );
    assert_eq!((document.cells.len(), &document.cells[1].refusal), (2, &None));
}

#[test]
fn a_file_that_is_not_text_is_shown_as_far_as_it_goes() {
    let document = Document::from_bytes("e.md", b"one\ntw\xff\xfeo\n");
    assert_eq!(document.encoding, Encoding::Lossy);
    assert!(document.diagnostics[0].to_string().starts_with("e.md:2:3: the entry is not UTF-8: byte 0xff"));
    assert!(document.source.starts_with("one\ntw\u{fffd}"));
    let huge = Document::from_bytes("e.md", &vec![b'x'; MAX_ENTRY_BYTES + 1]);
    assert!(huge.diagnostics[0].message.contains("17 MiB"));
}

#[test]
fn an_edit_changes_only_its_bytes() {
    let document = Document::parse("e.md", "aé\r\nb".to_owned());
    assert_eq!(document.replace_range(1..3, "e"), "ae\r\nb");
    assert_eq!(document.replace_range(2..3, "x"), document.source);
    assert_eq!(document.replace_range(0..99, "x"), document.source);
}

/// Pieces that make Markdown parsers stumble, in any order.
fn markdown() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "```yaml experiment\n",
        "```yaml claim\r\n",
        "~~~yaml compare\n",
        "  ```yaml claim\n",
        "```\n",
        "~~~\n",
        "````\n",
        "---\n",
        "> ",
        "- ",
        "1. ",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "    ",
        "id: x\n",
        "# h\n",
        "| a | b |\n|---|---|\n",
        "[^1]: note\n",
        "[[slug]]",
        "$x$",
        "<div>\n",
        "λ",
        "日本",
        "👩‍🔬",
        "\u{feff}",
        "\0",
        "*",
        "_",
        "[a](b)",
        "word ",
    ]);
    prop_oneof![prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat()), any::<String>()]
}

proptest! {
    #[test]
    fn spans_are_sound(source in markdown()) {
        let document = Document::parse("e.md", source);
        let mut last = document.body;
        for block in &document.blocks {
            prop_assert!(block.span.start >= last && block.span.end >= block.span.start);
            prop_assert!(document.source.get(block.span.clone()).is_some());
            last = block.span.end;
        }
        for cell in &document.cells {
            prop_assert!(document.source.get(cell.text_span.clone()).is_some());
            prop_assert!(cell.span.start <= cell.info_span.start && cell.info_span.end <= cell.text_span.start);
            prop_assert!(cell.text_span.end <= cell.span.end);
        }
    }

    /// The YAML handed on is what the Markdown parser takes for the code, but for line endings and the indent of
    /// the fence.
    #[test]
    fn cell_text_is_the_content_of_the_fence(source in markdown()) {
        let document = Document::parse("e.md", source);
        let plain = |text: &str| text.replace('\r', "").replace('\0', "\u{fffd}");
        let unindented = |text: &str| plain(text).split('\n').map(str::trim_start).collect::<Vec<_>>().join("\n");
        for cell in &document.cells {
            let inside = |span: &std::ops::Range<usize>| span.start >= cell.span.start && span.end <= cell.span.end;
            let content: String = document
                .events()
                .filter_map(|(event, span)| match event {
                    Event::Text(text) if inside(&span) => Some(text.to_string()),
                    _ => None,
                })
                .collect();
            let (text, content) = (unindented(document.text(cell)), unindented(&content));
            prop_assert_eq!(text.trim_end(), content.trim_end());
        }
    }
}
