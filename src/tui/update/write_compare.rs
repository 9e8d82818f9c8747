//! Writing what is compared into the entry, as a compare cell: some bytes more, and no other byte changed.

use super::super::compare::{Subject, references, subject_entry};
use super::super::effect::Effect;
use super::super::model::Model;
use super::super::overlay::Overlay;
use super::say;
use crate::entry::Document;
use crate::notebook::{CellView, Entry};

/// Writes the comparison on top after the cell that is compared, or at the end of the selected entry.
pub fn write(model: &mut Model) -> Vec<Effect> {
    match written(model) {
        Ok((effect, says)) => {
            say(model, says);
            vec![effect]
        }
        Err(why) => {
            say(model, why);
            Vec::new()
        }
    }
}

fn written(model: &Model) -> Result<(Effect, String), String> {
    let Some(Overlay::Comparison(comparison)) = model.overlays.last() else {
        return Err("there is no comparison to write".to_owned());
    };
    let compared = comparison.compared().ok_or("there is nothing to write yet")?;
    let entry = subject_entry(model, &comparison.subject).ok_or("there is no entry to write into")?;
    if !entry.document.is_writable() {
        return Err("this file is not UTF-8 and is not written".to_owned());
    }
    let of = references(model, &comparison.subject, entry)?;
    let shown = compared.summary.series.get(comparison.at).filter(|_| comparison.is_zoomed);
    let cell = cell(&of, shown.map(|series| series.quantity.name()), baseline(&comparison.subject, entry));
    let document = &entry.document;
    if let Some(at) = document.source.find(&cell) {
        return Err(format!("it stands there already, in line {}", line_of(&document.source, at)));
    }
    let at = place(entry, &comparison.subject, model.page.cell);
    let (before, after) = around(&document.source, at);
    let text = document.replace_range(at..at, &format!("{before}{cell}{after}"));
    // Within a quotation or an open block it would be no cell.
    if Document::parse(&document.file, text.clone()).cells.len() != document.cells.len() + 1 {
        return Err("no cell can stand there: i edits the entry".to_owned());
    }
    let line = line_of(&text, at + before.len());
    let says = format!("compare cell written, line {line} of {}", entry.slug);
    Ok((Effect::Save { path: entry.path.clone(), base: document.source.clone(), text }, says))
}

/// The cell as text.
fn cell(of: &[String], show: Option<&str>, baseline: Option<&str>) -> String {
    let of: Vec<String> = of.iter().map(|name| quoted(name)).collect();
    let of = if let [only] = of.as_slice() { only.clone() } else { format!("[{}]", of.join(", ")) };
    let show = show.map(|name| format!("show: {name}\n")).unwrap_or_default();
    let baseline = baseline.map(|arm| format!("baseline: {}\n", quoted(arm))).unwrap_or_default();
    format!("```yaml compare\nof: {of}\n{show}{baseline}```\n")
}

/// A name as YAML, in quotes where it would be read as something else.
fn quoted(name: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "_-.#:".contains(character);
    let begins_well = name.starts_with(char::is_alphabetic)
        || name.starts_with(|c: char| c.is_ascii_digit()) && name.contains('#');
    let word =
        matches!(name.to_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off");
    if name.chars().all(plain) && begins_well && !word && !name.ends_with(':') {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// The baseline that the compared cell has.
fn baseline<'a>(subject: &Subject, entry: &'a Entry) -> Option<&'a str> {
    let Subject::Cell { index, .. } = subject else { return None };
    match entry.cells.get(*index)? {
        CellView::Compare(view) => view.compare.baseline.as_deref(),
        _ => None,
    }
}

/// After the compared cell, if it is one of this entry; after the selected one for marks; else at the end.
fn place(entry: &Entry, subject: &Subject, selected: Option<usize>) -> usize {
    let index = match subject {
        Subject::Cell { index, .. } => Some(*index),
        Subject::Rows(_) => None,
        Subject::Marks => selected,
    };
    let document = &entry.document;
    let end = index.and_then(|index| document.cells.get(index)).map(|cell| cell.span.end);
    let end = end.unwrap_or(document.source.len());
    // To the end of the line of its closing fence.
    let rest = document.source.get(end..).unwrap_or_default();
    let at_start = end == 0 || document.source.as_bytes().get(end - 1) == Some(&b'\n');
    if at_start { end } else { rest.find('\n').map_or(document.source.len(), |line| end + line + 1) }
}

/// What sets it apart from the text before and after.
fn around(source: &str, at: usize) -> (&'static str, &'static str) {
    let (before, after) = source.split_at(at);
    let before = match (before.ends_with("\n\n") || before.is_empty(), before.ends_with('\n')) {
        (true, _) => "",
        (false, true) => "\n",
        (false, false) => "\n\n",
    };
    (before, if after.is_empty() || after.starts_with('\n') { "" } else { "\n" })
}

/// The line of a byte, from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_written_as_a_person_would() {
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (names, show, baseline, expected) in [
            (&["batch-size"][..], None, None, "of: batch-size\n"),
            (&["a:flat", "2026-11-22-e#b:sharp"], None, None, "of: [a:flat, 2026-11-22-e#b:sharp]\n"),
            (&["a"], Some("lambda_max"), Some("sharp"), "of: a\nshow: lambda_max\nbaseline: sharp\n"),
            (&["a:two words"], None, Some("yes"), "of: \"a:two words\"\nbaseline: \"yes\"\n"),
        ] {
            let text = cell(&of(names), show, baseline);
            assert_eq!(text, format!("```yaml compare\n{expected}```\n"));
            let yaml = text.lines().skip(1).take_while(|line| !line.starts_with("```")).collect::<Vec<_>>();
            let read = crate::spec::parse::compare(&yaml.join("\n")).unwrap();
            assert_eq!((read.of, read.baseline.as_deref()), (of(names), baseline));
        }
    }

    #[test]
    fn it_is_set_apart() {
        for (source, at, expected) in [
            ("", 0, ("", "")),
            ("a\n", 2, ("\n", "")),
            ("a\n\nb", 3, ("", "\n")),
            ("a", 1, ("\n\n", "")),
            ("a\n\nb", 2, ("\n", "")),
        ] {
            assert_eq!(around(source, at), expected, "{source:?} {at}");
        }
    }
}
