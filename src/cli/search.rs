//! `lowland search`: where a phrase stands in all entries.

use serde_json::json;

use super::Exit;
use super::args::Search;
use super::output::Output;
use crate::notebook::search::search;
use crate::notebook::{Detail, Notebook};
use crate::render::style::Role;

/// Most places that are printed.
const MOST: usize = 100_000;

/// Prints every place with its line; fails where there is none, as `grep` does.
pub fn run(args: &Search, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let phrase = args.phrase.join(" ");
    let entries = notebook.snapshot(|_| Detail::Verdicts).entries;
    let hits = search(&entries, &phrase, MOST, MOST);
    let slug = |index: usize| entries.get(index).map_or("", |entry| entry.slug.as_str());
    if args.json {
        let places =
            hits.iter().map(|hit| json!({ "entry": slug(hit.entry), "line": hit.line, "text": hit.text }));
        output.json(&places.collect::<Vec<_>>())?;
    } else {
        let look = output.look;
        let line = |hit: &crate::notebook::search::Hit| {
            let part = |range: std::ops::Range<usize>| hit.text.get(range).unwrap_or_default();
            ratatui::text::Line::from(vec![
                look.span(&format!("{}:{}: ", slug(hit.entry), hit.line), Role::Accent),
                look.span(part(0..hit.found.start), Role::Text),
                look.span(part(hit.found.clone()), Role::Heading),
                look.span(part(hit.found.end..hit.text.len()), Role::Text),
            ])
        };
        output.lines(&hits.iter().map(line).collect::<Vec<_>>())?;
    }
    Ok(if hits.is_empty() { Exit::Failed } else { Exit::Fine })
}
