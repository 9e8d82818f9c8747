//! What a text that is no YAML is told: the parser's complaints in the words of people who indent and forget brackets, and
//! at the place where the mend is to be made.

use std::ops::Range;

use super::Problem;
use super::brackets::{closing, counterpart, open_brackets, open_quote};
use crate::base::text::word_at;

/// The complaint `info` of the parser at byte `at` of `text`.
pub(super) fn told(text: &str, info: &str, at: usize) -> Problem {
    let info = info.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|words| info.contains(words));
    if let Some(tab) = indenting_tab(text, at) {
        return problem("a tab in the indentation", "YAML is indented by spaces", tab);
    }
    let is_cut_off = at >= text.trim_end().len() && !closing(text).is_empty();
    if is_cut_off || has(&["flow mapping", "flow sequence", "flow construct", "illegal placement of ':'"]) {
        return unclosed(text, at);
    }
    if has(&["escape", "hexadecimal"]) {
        let help = "in double quotes `\\` is written `\\\\`; in single quotes it is itself";
        return problem("this cannot stand after a backslash", help, bad_escape(text, at));
    }
    if has(&["trailing content after"]) {
        return after_quote(text, at);
    }
    if has(&["quoted scalar"]) {
        let start = open_quote(text).unwrap_or(at);
        return problem("this quote is never closed", "the same quote must end it", word_at(text, start));
    }
    if has(&["mapping values are not allowed"]) {
        return stray_colon(text, at);
    }
    if has(&["simple key expect"]) {
        return problem(
            "a `:` is missing in this line",
            "a key is followed by `: ` and its value",
            line_before(text, at),
        );
    }
    plainly(text, &info, word_at(text, at))
}

/// The same of what needs no further look at the text.
fn plainly(text: &str, info: &str, here: Range<usize>) -> Problem {
    let has = |words: &[&str]| words.iter().any(|words| info.contains(words));
    if has(&["unprintable", "byte order mark", "control characters"]) {
        return problem("a character that cannot be printed", "take it out", here);
    }
    if has(&["followed by a valid yaml whitespace"]) {
        return problem(
            "a space is missing before this",
            "`: ` and `- ` end with a space, not with a tab",
            here,
        );
    }
    if has(&["block sequence entries", "start with '-'"]) {
        return problem("a list cannot begin here", "each of its items begins a line: `- item`", here);
    }
    if has(&["mapping keys are not allowed"]) {
        return problem("a key cannot stand here", "text that begins with `? ` must stand in quotes", here);
    }
    if has(&["comments must be"]) {
        return problem("a remark begins here", "text with `#` in it must stand in quotes", here);
    }
    if has(&[
        "expected key",
        "'-' indicator",
        "invalid indentation",
        "expected <document",
        "after document end",
    ]) {
        return displaced(text, here);
    }
    if has(&["misplaced bracket", "unexpected character", "next token", "node content"]) {
        return strange(text, here);
    }
    if has(&["anchor"]) {
        return super::places::no_anchors(here);
    }
    if has(&["tag"]) {
        return super::places::no_tags(here);
    }
    if has(&["block scalar"]) {
        return problem("this block of text is not indented", "its lines stand deeper than its key", here);
    }
    if has(&["duplicate entry"]) {
        return problem("duplicate key", "take one of them out", here);
    }
    if has(&["integer"]) {
        return problem("this number is too large", "whole numbers are exact up to 9007199254740992", here);
    }
    problem("this is no YAML", &format!("the parser says: {info}"), here)
}

fn problem(message: &str, help: &str, span: Range<usize>) -> Problem {
    Problem::new(message, span).help(help)
}

/// The line that a byte is in, without the space around it.
fn line_of(text: &str, at: usize) -> Range<usize> {
    let at = text.floor_char_boundary(at.min(text.len()));
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let from = start + line.len() - line.trim_start().len();
    from..(start + line.trim_end().len()).max(from)
}

/// The column in which a line begins.
fn column(text: &str, line: &Range<usize>) -> usize {
    line.start - text[..line.start].rfind('\n').map_or(0, |newline| newline + 1)
}

/// The last line that is not empty before the one that a byte is in.
fn line_before(text: &str, at: usize) -> Range<usize> {
    let start = line_of(text, at).start.min(at);
    let before = text.get(..start).unwrap_or_default().trim_end();
    line_of(text, before.len())
}

/// The tab before the first word of the line that byte `at` is in, or of the line after it.
fn indenting_tab(text: &str, at: usize) -> Option<Range<usize>> {
    let at = text.floor_char_boundary(at.min(text.len()));
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let mut from = start;
    for line in text[start..].split_inclusive('\n').take(2) {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        if let Some(tab) = indent.find('\t') {
            return Some(from + tab..from + tab + 1);
        }
        from += line.len();
    }
    None
}

/// A bracket that is open where the parser lost its way.
fn unclosed(text: &str, at: usize) -> Problem {
    let before = text.get(..at).unwrap_or(text);
    let Some((open, bracket)) = open_brackets(before).pop() else {
        return problem(
            "a bracket is missing here",
            "`{` and `[` are closed by `}` and `]`",
            word_at(text, at),
        );
    };
    let closing = counterpart(bracket);
    let help = format!("`{closing}` ends it, and `,` stands between its parts");
    if line_of(text, at) != line_of(text, open) || at >= text.trim_end().len() {
        return problem(&format!("this `{bracket}` is never closed"), &help, open..open + 1);
    }
    problem(&format!("`,` or `{closing}` is missing before this"), &help, word_at(text, at))
}

/// The backslash that is followed by what cannot follow one, in double quotes from byte `at` on.
fn bad_escape(text: &str, at: usize) -> Range<usize> {
    let mut rest = text.get(at..).unwrap_or_default().char_indices();
    while let Some((offset, _)) = rest.find(|(_, character)| *character == '\\') {
        match rest.next() {
            Some((_, known)) if "0abtnvfre \"/\\N_LP\t\n".contains(known) => {}
            Some((next, other)) => return at + offset..at + next + other.len_utf8(),
            None => break,
        }
    }
    word_at(text, at)
}

/// What goes on after the quote that ends a value: most often that quote was meant to be part of it.
fn after_quote(text: &str, at: usize) -> Problem {
    let is_single = text.get(..at).unwrap_or_default().trim_end().ends_with('\'');
    let help = if is_single {
        "within single quotes a quote is written ''"
    } else {
        "within double quotes a quote is written \\\""
    };
    problem("this stands after the closing quote", help, word_at(text, at))
}

/// A `:` where there can be none: in text, or in a line that stands too deep, or that goes on from one without a key.
fn stray_colon(text: &str, at: usize) -> Problem {
    let (line, above) = (line_of(text, at), line_before(text, at));
    let has_key = |line: &Range<usize>| {
        let line = &text[line.clone()];
        line.contains(": ") || line.ends_with(':')
    };
    let begins =
        !text[line.start..at.max(line.start)].contains(": ") && above.end <= line.start && !above.is_empty();
    if begins && !has_key(&above) && !text[above.clone()].starts_with("- ") {
        if let Some(colon) = text[above.clone()].find(':') {
            let colon = above.start + colon;
            return problem(
                "a space is missing after the `:`",
                "a key is followed by `: `",
                colon..colon + 1,
            );
        }
        return problem("a `:` is missing in this line", "a key is followed by `: ` and its value", above);
    }
    if begins && column(text, &line) > column(text, &above) {
        return problem(
            "deeper than the line above, which has a value",
            "begin it in the column of that line",
            line,
        );
    }
    problem("a second `: ` in one line", "text with `: ` in it must stand in quotes", word_at(text, at))
}

/// What stands where nothing can go on.
fn displaced(text: &str, here: Range<usize>) -> Problem {
    let line = line_of(text, here.start);
    let rest = text.get(line.clone()).unwrap_or_default();
    if rest.starts_with(['%', '.']) || rest.starts_with("---") {
        return problem("this line means nothing here", "what is written is one map", line);
    }
    if rest.starts_with(':') {
        return problem("a key is missing before the `:`", "a key is followed by `: ` and its value", here);
    }
    let before = line_before(text, here.start);
    let is_item = |line: &Range<usize>| text[line.clone()].starts_with("- ");
    if is_item(&line) && !is_item(&before) && column(text, &line) <= column(text, &before) {
        return problem(
            "an item of a list among keys",
            "items stand below a key that has no other value",
            line,
        );
    }
    if !is_item(&line) && is_item(&before) && column(text, &line) == column(text, &before) {
        return problem(
            "a key among the items of a list",
            "items begin with `- `; keys stand in the column of other keys",
            line,
        );
    }
    if here.start > line.start {
        return problem("nothing can stand here any more", "what comes before it is whole", here);
    }
    let help = "keys of one map, and items of one list, begin in the same column";
    problem("this line begins in a column of its own", help, line)
}

/// A character that begins nothing.
fn strange(text: &str, here: Range<usize>) -> Problem {
    match text.get(here.clone()).unwrap_or_default() {
        closing @ ("}" | "]") => {
            problem(&format!("nothing is open that this `{closing}` closes"), "take it out", here)
        }
        "`" => problem("a value cannot begin with a backtick", "put it in quotes", here),
        character @ ("@" | "%" | "|" | ">" | "," | "*" | "&" | "!") => {
            problem(&format!("a value cannot begin with `{character}`"), "put it in quotes", here)
        }
        _ => problem("a value is missing here", "a key is followed by `: ` and its value", here),
    }
}
