//! The ledger of claims: a line for each, by what it puts to the test, with its verdict and numbers.

use std::fmt::Write as _;

use ratatui::text::{Line as Row, Span};

use super::cell::hanging;
use super::marks;
use super::style::{Look, Role};
use super::width::{self, Spans};
use crate::base::{clock, number};
use crate::compare::Outcome;
use crate::entry::undated;
use crate::notebook::Fixed;
use crate::notebook::ledger::{Line, Sheet, Tally, tally};
use crate::spec::LedgerPart;

/// Columns of an estimate with its interval; a longer one is cut.
const NUMBERS: usize = 24;

/// These parts of the sheet, in lines of at most `columns`.
pub fn lines(sheet: &Sheet, parts: &[LedgerPart], columns: usize, look: Look) -> Vec<Row<'static>> {
    let mut rows = head(sheet, parts.contains(&LedgerPart::Claims), columns, look);
    for part in parts {
        match part {
            LedgerPart::Claims => claims(sheet, columns, look, &mut rows),
            LedgerPart::Groups => {
                let groups = sheet.groups.iter();
                rows.extend(groups.flat_map(|(name, sources)| group(sheet, name, sources, columns, look)));
            }
            LedgerPart::Contradictions => {
                let all = sheet.contradictions.iter();
                rows.extend(all.flat_map(|sources| contradiction(sheet, sources, columns, look)));
            }
            LedgerPart::Overview => rows.extend(overview(sheet, columns, look)),
            LedgerPart::Untested if sheet.untested.is_empty() => {}
            LedgerPart::Untested => {
                let words = format!("not tested yet: {}", stretches(&sheet.untested).join(", "));
                let words = width::wrap(&[look.span(&words, Role::Dim)], columns);
                rows.extend(words.into_iter().map(Row::from));
            }
        }
    }
    rows
}

fn claims(sheet: &Sheet, columns: usize, look: Look, rows: &mut Vec<Row<'static>>) {
    let name = sheet.sources.iter().map(|(source, _)| width::width(source)).max().unwrap_or(0);
    for (source, claims) in &sheet.sources {
        for (at, claim) in claims.iter().enumerate() {
            let source = if at == 0 { source.as_str() } else { "" };
            rows.push(row(source, name, claim, columns, look));
        }
    }
    rows.extend(sheet.others.iter().map(|claim| row("", name, claim, columns, look)));
}

/// What the claims about some sources came to: `norm  12 claims: 7 supported, 3 refuted, 2 inconclusive`, and under it what
/// each of them says.
fn group(sheet: &Sheet, name: &str, sources: &[String], columns: usize, look: Look) -> Vec<Row<'static>> {
    let claims = sheet.of_all(sources);
    let head = [
        look.span(&format!("{name}  "), Role::Strong),
        look.span(&counts(&tally(claims.iter().copied())), Role::Text),
        look.span(&format!("  ({})", stretches(sources).join(", ")), Role::Dim),
    ];
    let mut rows: Vec<Row<'static>> = width::wrap(&head, columns).into_iter().map(Row::from).collect();
    for claim in claims {
        let (sign, role) = marks::verdict(claim.verdict, look);
        let sign = look.span(&format!("{sign}{} ", fixed(claim, look)), role);
        let lines = hanging(sign, &said(claim, look), columns, look);
        rows.extend(lines.into_iter().map(Row::from));
    }
    rows
}

/// What a claim says, and where it stands.
fn said(claim: &Line, look: Look) -> [Span<'static>; 2] {
    let says = if claim.says.is_empty() { String::new() } else { format!("{} ", claim.says) };
    [look.span(&says, Role::Text), look.span(&place(claim), Role::Dim)]
}

/// `flat-vs-sharp#flatter-generalizes-better`.
fn place(claim: &Line) -> String {
    format!("{}#{}", undated(&claim.entry), claim.claim)
}

/// A prediction that was not fixed before its runs is none: that must be seen.
fn fixed(claim: &Line, look: Look) -> String {
    let is_late = claim.fixed != Fixed::Before && claim.seconds > 0.0;
    let is_judged = !matches!(claim.verdict, None | Some(Outcome::NotRun));
    look.text(if is_late && is_judged { "°" } else { " " })
}

/// Every source and how many of its claims came to what, in columns: `S0-7 6✓ 9?`.
fn overview(sheet: &Sheet, columns: usize, look: Look) -> Vec<Row<'static>> {
    let name = sheet.sources.iter().map(|(source, _)| width::width(source)).max().unwrap_or(0);
    let cell = |(source, claims): &(String, Vec<Line>)| -> Spans {
        let mut spans = vec![look.span(&format!("{} ", width::pad(source, name)), Role::Strong)];
        let outcomes = [Outcome::Supported, Outcome::Refuted, Outcome::Inconclusive, Outcome::NotRun];
        for outcome in outcomes.map(Some).into_iter().chain([None]) {
            let count = claims.iter().filter(|claim| claim.verdict == outcome).count();
            if count > 0 {
                let (sign, role) = marks::verdict(outcome, look);
                spans.push(look.span(&format!("{count}{sign} "), role));
            }
        }
        spans
    };
    let cells: Vec<Spans> = sheet.sources.iter().map(cell).collect();
    let column = cells.iter().map(|cell| width::spans_width(cell)).max().unwrap_or(1) + 1;
    // Down the columns, as one reads a list.
    let rows = cells.len().div_ceil((columns / column).max(1)).max(1);
    let row = |at: usize| -> Row<'static> {
        let mut spans = Spans::new();
        for cell in cells.iter().skip(at).step_by(rows) {
            spans.extend(cell.iter().cloned());
            spans.push(look.span(&" ".repeat(column - width::spans_width(cell)), Role::Text));
        }
        Row::from(width::crop(spans, columns, look))
    };
    (0..rows.min(cells.len())).map(row).collect()
}

/// `23 claims: 12 supported, 6 refuted, 3 inconclusive, 2 open; of 18 that were fixed before their runs 11 held`.
pub fn words(sheet: &Sheet) -> String {
    let counts = counts(&sheet.tally);
    match (sheet.tally.predicted, sheet.tally.held) {
        (0, _) => counts,
        (predicted, held) => {
            format!("{counts}; of {predicted} decided that were fixed before their runs, {held} held")
        }
    }
}

/// `23 claims: 12 supported, 6 refuted, 3 inconclusive, 2 open`.
fn counts(tally: &Tally) -> String {
    let counts = [
        (tally.supported, "supported"),
        (tally.refuted, "refuted"),
        (tally.inconclusive, "inconclusive"),
        (tally.open, "open"),
    ];
    let told = counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    let told = told.collect::<Vec<_>>().join(", ");
    let claims = crate::base::text::counted(tally.claims, "claim");
    if told.is_empty() { claims } else { format!("{claims}: {told}") }
}

/// `▸ ledger`, and what all claims came to where they are listed.
fn head(sheet: &Sheet, is_whole: bool, columns: usize, look: Look) -> Vec<Row<'static>> {
    let words = if is_whole { words(sheet) } else { String::new() };
    let spans = [look.span("▸ ledger  ", Role::Dim), look.span(&words, Role::Strong)];
    width::wrap(&spans, columns).into_iter().map(Row::from).collect()
}

/// `S0-7  ? −0.008 [−0.020, 0.004]   n=12  0:41  flat-vs-sharp#flatter-generalizes-better`.
fn row(source: &str, name: usize, claim: &Line, columns: usize, look: Look) -> Row<'static> {
    let (sign, role) = marks::verdict(claim.verdict, look);
    let numbers = width::truncate(&estimate(claim), NUMBERS, look);
    let seeds = if claim.n > 0 { format!("n={}", claim.n) } else { String::new() };
    let time = if claim.seconds > 0.0 { clock::duration(claim.seconds) } else { String::new() };
    let spans: Spans = vec![
        look.span(&width::pad(source, name + 2), Role::Strong),
        look.span(&format!("{sign}{} ", fixed(claim, look)), role),
        look.span(&width::pad(&numbers, NUMBERS + 1), Role::Text),
        look.span(&format!("{seeds:>6} {time:>6}  "), Role::Dim),
        look.span(&place(claim), Role::Accent),
    ];
    Row::from(width::crop(spans, columns, look))
}

fn estimate(claim: &Line) -> String {
    let Some(estimate) = claim.estimate else {
        return match claim.verdict {
            None => "cannot be judged".to_owned(),
            Some(Outcome::NotRun) => "not run".to_owned(),
            Some(_) => String::new(),
        };
    };
    match (claim.low, claim.high) {
        (Some(low), Some(high)) if low < high => number::interval(estimate, low, high, &[]),
        _ => number::significant(estimate, 3),
    }
}

/// Sources that say contrary things, and under each what its claims came to.
fn contradiction(sheet: &Sheet, sources: &[String], columns: usize, look: Look) -> Vec<Row<'static>> {
    let head = [look.span("⇄ ", Role::Dim), look.span(&sources.join(" against "), Role::Strong)];
    let mut rows: Vec<Row<'static>> = width::wrap(&head, columns).into_iter().map(Row::from).collect();
    let name = sources.iter().map(|source| width::width(source)).max().unwrap_or(0) + 2;
    for source in sources {
        let claims = sheet.of(source);
        if claims.is_empty() {
            let spans =
                vec![look.span(&width::pad(source, name), Role::Text), look.span("not tested", Role::Dim)];
            rows.push(Row::from(width::crop(spans, columns, look)));
        }
        for (at, claim) in claims.iter().enumerate() {
            let (sign, role) = marks::verdict(claim.verdict, look);
            let before = if at == 0 { source.as_str() } else { "" };
            let sign = format!("{}{sign}{} ", width::pad(before, name), fixed(claim, look));
            let lines = hanging(look.span(&sign, role), &said(claim, look), columns, look);
            rows.extend(lines.into_iter().map(Row::from));
        }
    }
    rows
}

/// `S0-1 to S0-4`, `S1-3`: ids that follow each other as a stretch.
fn stretches(ids: &[String]) -> Vec<String> {
    let parts = |id: &str| {
        let (name, number) = id.rsplit_once('-')?;
        Some((name.to_owned(), number.parse::<u64>().ok()?))
    };
    let mut stretches: Vec<(&String, &String)> = Vec::new();
    for id in ids {
        match stretches.last_mut() {
            Some((_, last))
                if parts(last).zip(parts(id)).is_some_and(|(a, b)| a.0 == b.0 && a.1 + 1 == b.1) =>
            {
                *last = id;
            }
            _ => stretches.push((id, id)),
        }
    }
    stretches.iter().map(|(a, b)| if a == b { (*a).clone() } else { format!("{a} to {b}") }).collect()
}

/// The sheet as Markdown: a table for a forge.
pub fn markdown(sheet: &Sheet) -> String {
    let mut text = format!("{}\n\n", words(sheet));
    text.push_str(
        "| source | verdict | estimate | n | cost | fixed before | claim |\n|---|---|---|--:|--:|---|---|\n",
    );
    let none = String::new();
    let own = sheet.sources.iter().flat_map(|(source, lines)| lines.iter().map(move |line| (source, line)));
    for (source, line) in own.chain(sheet.others.iter().map(|line| (&none, line))) {
        let verdict = line.verdict.map_or("error", super::cell::outcome_word);
        let fixed = if line.fixed == Fixed::Before { "yes" } else { "no" };
        let cost = clock::duration(line.seconds);
        let says = line.says.replace('|', "\\|");
        let _ = writeln!(
            text,
            "| {source} | {verdict} | {} | {} | {cost} | {fixed} | [{says}]({}.md) `{}` |",
            estimate(line),
            line.n,
            line.entry,
            line.claim
        );
    }
    if !sheet.untested.is_empty() {
        let _ = writeln!(text, "\nNot tested yet: {}.", stretches(&sheet.untested).join(", "));
    }
    text
}
