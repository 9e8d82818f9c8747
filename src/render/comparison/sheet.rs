//! A comparison to look at for a while: one sentence, a chart for each quantity, all measures of sharpness, spectra and
//! slices side by side. The screen scrolls it, `lowland compare` prints it.

use ratatui::text::Line;

use super::block::Block;
use super::full::Table;
use super::names::{Names, legend};
use super::traced::Traced;
use super::view::View;
use super::{heat, notes, scatter, sharpness};
use crate::compare::{Compared, Summary};
use crate::render::cell::indented;
use crate::render::style::{Look, Role};

/// Columns before a name: two of indent, the swatch, and a space.
const SWATCH: usize = 7;
/// Most groups that a quantity lists unless it has the whole screen.
const MOST: usize = 12;

/// What there is to draw on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Columns.
    pub columns: usize,
    /// Rows of each chart.
    pub rows: usize,
    /// What the terminal can show.
    pub look: Look,
}

/// What is drawn of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Its lines.
    pub lines: Vec<Line<'static>>,
    /// Where each quantity begins.
    pub anchors: Vec<usize>,
}

/// The whole comparison; `at` is the quantity that the keys are about. Printed (`None`), every group has its line.
pub fn sheet(compared: &Compared, traced: &[Traced], view: &View, at: Option<usize>, paper: Paper) -> Sheet {
    let Paper { columns, look, .. } = paper;
    let summary = &compared.summary;
    let mut sheet = Sheet::default();
    if let Some(sentence) = &summary.sentence {
        sheet.lines.extend(indented(sentence, Role::Strong, columns, look).into_iter().map(Line::from));
    }
    sheet.lines.extend(legend(summary, columns, look));
    let most = if at.is_none() { usize::MAX } else { MOST };
    for index in 0..summary.series.len() {
        if !sheet.lines.is_empty() {
            sheet.lines.push(Line::default());
        }
        sheet.anchors.push(sheet.lines.len());
        sheet.lines.extend(quantity(summary, traced, view, index, at == Some(index), most, paper));
    }
    sheet.lines.extend(maps(summary, columns, look));
    sheet.lines.extend(scatter::section(&summary.scatters, columns, paper.rows, look));
    sheet.lines.extend(sharpness::table(&summary.sharpness, summary.baseline.as_deref(), columns, look));
    sheet.lines.extend(super::pictures::full(&summary.pictures, columns, view, look));
    sheet.lines.extend(notes(summary, columns, look));
    sheet
}

/// Maps of what a sweep has two axes for.
fn maps(summary: &Summary, columns: usize, look: Look) -> Vec<Line<'static>> {
    let several = summary.has_several_arms();
    let map = |grid| std::iter::once(Line::default()).chain(heat::map(grid, several, columns, look));
    summary.grids.iter().flat_map(map).collect()
}

/// One quantity over the whole paper, whose rows are then those of all of it.
pub fn zoomed(
    compared: &Compared,
    traced: &[Traced],
    view: &View,
    at: usize,
    paper: Paper,
) -> Vec<Line<'static>> {
    let groups = compared.summary.series.get(at).map_or(0, |series| series.rows.len());
    let curves = traced.get(at).map_or(0, |traced| traced.names.len());
    // Heading, axis, its labels, a remark, and as many lines of the legend as leave the chart half of the screen.
    let legend = (groups + curves).min(paper.rows / 2);
    let rows = paper.rows.saturating_sub(4 + legend).max(3);
    quantity(&compared.summary, traced, view, at, false, usize::MAX, Paper { rows, ..paper })
}

fn quantity(
    summary: &Summary,
    traced: &[Traced],
    view: &View,
    index: usize,
    selected: bool,
    most: usize,
    paper: Paper,
) -> Vec<Line<'static>> {
    let Paper { columns, rows, look } = paper;
    let (Some(series), Some(traced)) = (summary.series.get(index), traced.get(index)) else {
        return Vec::new();
    };
    let names = Names::of(&series.rows).fitted(columns, look);
    let table = Table::without_curves(summary, &names, columns.saturating_sub(SWATCH), look);
    // The points of a sweep are in its chart: their numbers are for whoever asks.
    let most = if most == MOST && !traced.names.is_empty() { 0 } else { most };
    let numbers = table.numbers.get(index).map_or(&[][..], Vec::as_slice);
    Block { series, traced, names: &names, numbers, view, selected, columns, rows, most, look }.lines()
}
