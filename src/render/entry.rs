//! An entry of a notebook with its cells as they stand: the lines that the screen scrolls and `show` prints.

use ratatui::text::{Line, Span};

use super::cell::{ExperimentHead, claim_lines, experiment_brief, experiment_lines, indented};
use super::page::{self, BackLink, Page, Rendered, Setting};
use super::problem::diagnostic_lines;
use super::style::{Look, Role};
use super::{comparison, ledger, marks, width};
use crate::base::Diagnostic;
use crate::compare::{CellState, Summary};
use crate::notebook::{CellView, Entry, EntryMark, ExperimentView, Reference, Snapshot};
use crate::spec::{Compare, FeatureMap, ModelSpec, RunSpec};

/// The entry, with the entries that link to it.
pub fn entry(entry: &Entry, linked_from: &[BackLink], setting: &Setting<'_>) -> Rendered {
    let head = Page {
        title: entry.title.clone(),
        date: entry.date.clone(),
        tags: entry.tags.clone(),
        question: entry.question.clone(),
        works: entry.works.clone(),
        verdicts: entry.verdicts.clone(),
        linked_from: linked_from.to_vec(),
    };
    let cells = |index, columns| cell(entry, index, columns, setting.look);
    page::entry(&entry.document, &head, &entry.diagnostics, &cells, setting)
}

/// The entries of a notebook that link to `entry`.
pub fn linked_from(entry: &Entry, snapshot: &Snapshot) -> Vec<BackLink> {
    let link = |(slug, title): (&str, &str)| BackLink { slug: slug.to_owned(), title: title.to_owned() };
    snapshot.linking_to(entry).into_iter().map(link).collect()
}

/// One cell, by its index.
pub fn cell(entry: &Entry, index: usize, columns: usize, look: Look) -> Vec<Line<'static>> {
    match entry.cells.get(index) {
        Some(CellView::Experiment(view)) => experiment(view, columns, look),
        Some(CellView::Compare(view)) => match &view.summary {
            Ok(summary) => compare(&view.compare, summary, columns, look),
            Err(problem) => broken(entry, problem, columns, look),
        },
        Some(CellView::Claim(view)) => match &view.verdict {
            Ok(verdict) => claim_lines(&view.claim.id, &view.claim.says, verdict, columns, look),
            Err(problem) => broken(entry, problem, columns, look),
        },
        Some(CellView::Ledger(view)) => ledger::lines(&view.sheet, &view.ledger.show, columns, look),
        Some(CellView::Bad(problem)) => broken(entry, problem, columns, look),
        None => unread(entry, index, look).into_iter().collect(),
    }
}

/// The place of a cell that is still to be read.
fn unread(entry: &Entry, index: usize, look: Look) -> Option<Line<'static>> {
    let cell = entry.document.cells.get(index).filter(|_| !entry.is_read)?;
    let kind = cell.kind.name();
    Some(Line::from(look.span(&format!("▸ {kind} …"), Role::Dim)))
}

/// What the experiments `only` came to: their comparisons and claims, without the prose.
pub fn results(entry: &Entry, only: &[&str], columns: usize, look: Look) -> Vec<Line<'static>> {
    let refers = |names: &[String]| {
        names.iter().any(|name| {
            let reference = Reference::within(name);
            reference.entry.is_none() && reference.cell.is_some_and(|cell| only.contains(&cell))
        })
    };
    let wanted = |view: &CellView| match view {
        CellView::Experiment(view) => only.contains(&view.experiment.id.as_str()),
        CellView::Compare(view) => refers(&view.compare.of),
        CellView::Claim(view) => refers(&view.claim.from),
        CellView::Ledger(_) | CellView::Bad(_) => false,
    };
    let mut lines = Vec::new();
    for (index, _) in entry.cells.iter().enumerate().filter(|(_, view)| wanted(view)) {
        lines.push(Line::default());
        lines.extend(cell(entry, index, columns, look));
    }
    lines
}

fn broken(entry: &Entry, problem: &Diagnostic, columns: usize, look: Look) -> Vec<Line<'static>> {
    diagnostic_lines(problem, &entry.document.source, columns, look)
}

/// The one line of a cell that is folded, by its index; `None` where that is the first of its lines.
pub fn brief(entry: &Entry, index: usize, columns: usize, look: Look) -> Option<Line<'static>> {
    match entry.cells.get(index)? {
        CellView::Experiment(view) => Some(experiment_brief(&head(view), columns, look)),
        _ => None,
    }
}

/// How the cells stand that a fold hides, by their indexes: a sign for each that has one, and how far those are that run.
pub fn standing(entry: &Entry, cells: impl Iterator<Item = usize>, look: Look) -> Vec<Span<'static>> {
    let mut counted: Vec<(String, Role, usize)> = Vec::new();
    for cell in cells.filter_map(|index| entry.cells.get(index)) {
        let Some((sign, role)) = sign(cell, look) else { continue };
        match counted.iter_mut().find(|(known, ..)| *known == sign) {
            Some((.., count)) => *count += 1,
            None => counted.push((sign, role, 1)),
        }
    }
    let span = |(sign, role, count): (String, Role, usize)| {
        let count = if count > 1 { count.to_string() } else { String::new() };
        look.span(&format!(" {sign}{count}"), role)
    };
    counted.into_iter().map(span).collect()
}

/// The sign of a cell: of an experiment where there is something to say of it, of a claim its verdict.
fn sign(cell: &CellView, look: Look) -> Option<(String, Role)> {
    match cell {
        CellView::Experiment(view) => match &view.state {
            CellState::Fresh | CellState::NotRun { .. } => None,
            CellState::Stale { .. } | CellState::Partial { .. } => Some(marks::entry(EntryMark::Stale, look)),
            CellState::Failed { .. } => Some(marks::entry(EntryMark::Broken, look)),
            CellState::Running { fraction, .. } => {
                let (sign, role) = marks::entry(EntryMark::Running(*fraction), look);
                Some((format!("{sign} {:.0}%", fraction.clamp(0.0, 1.0) * 100.0), role))
            }
        },
        CellView::Claim(view) => {
            Some(marks::verdict(view.verdict.as_ref().ok().map(|verdict| verdict.outcome), look))
        }
        CellView::Bad(_) => Some(marks::verdict(None, look)),
        CellView::Compare(_) | CellView::Ledger(_) => None,
    }
}

fn experiment(view: &ExperimentView, columns: usize, look: Look) -> Vec<Line<'static>> {
    let mut lines = experiment_lines(&head(view), columns, look);
    if has_results(&view.summary) {
        lines.extend(comparison::inline(&view.summary, columns, look));
    } else if let Some(former) = view.former.as_ref().filter(|former| has_results(former)) {
        lines.extend(indented("before the change:", Role::Dim, columns, look).into_iter().map(Line::from));
        lines.extend(comparison::inline(former, columns, look));
    }
    lines
}

fn head(view: &ExperimentView) -> ExperimentHead {
    let experiment = &view.experiment;
    let spec = experiment.runs.first().map(|run| &run.spec);
    ExperimentHead {
        id: experiment.id.clone(),
        arms: experiment.arms.len(),
        points: experiment.axes.iter().map(|axis| axis.values.len()).product(),
        seeds: experiment.seeds.len(),
        state: view.state.clone(),
        interrupted: view.interrupted,
        cost: view.cost.clone(),
        model: spec.map(model).unwrap_or_default(),
        dataset: spec.map(dataset).unwrap_or_default(),
    }
}

fn compare(cell: &Compare, summary: &Summary, columns: usize, look: Look) -> Vec<Line<'static>> {
    let head = [look.span("▸ compare ", Role::Dim), look.span(&cell.of.join(", "), Role::Accent)];
    let mut lines: Vec<_> = width::wrap(&head, columns).into_iter().map(Line::from).collect();
    if has_results(summary) {
        lines.extend(comparison::plotted(summary, cell.plot, &cell.show, columns, look));
    } else {
        let nothing = indented("nothing to compare yet", Role::Dim, columns, look);
        lines.extend(nothing.into_iter().map(Line::from));
    }
    lines
}

fn has_results(summary: &Summary) -> bool {
    let mut rows = summary.series.iter().flat_map(|series| &series.rows);
    rows.any(|row| row.stored > 0 || !row.curve.is_empty()) || !summary.pictures.is_empty()
}

/// `mlp 64-64`, of the first run: arms and sweeps may change it.
fn model(spec: &RunSpec) -> String {
    let word = spec.model.word();
    match &spec.model {
        ModelSpec::Mlp { hidden, .. } if hidden.is_empty() => "linear".to_owned(),
        ModelSpec::Mlp { hidden, .. } => {
            let widths: Vec<String> = hidden.iter().map(ToString::to_string).collect();
            format!("{word} {}", widths.join("-"))
        }
        ModelSpec::Convolutional { channels, hidden, .. } => {
            let widths: Vec<String> = channels.iter().chain(hidden).map(ToString::to_string).collect();
            format!("{word} {}", widths.join("-"))
        }
        ModelSpec::RandomFeatures { map, features, .. } => {
            let map = if let FeatureMap::Fourier { .. } = map { "fourier" } else { "relu" };
            format!("{features} {map} features")
        }
        ModelSpec::Ntk { depth } | ModelSpec::Nngp { depth } => format!("{word}, depth {depth}"),
        _ => word.replace('_', " "),
    }
}

fn dataset(spec: &RunSpec) -> String {
    spec.dataset.source.word().to_owned()
}
