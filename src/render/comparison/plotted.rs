//! Compare cells that ask for a picture (`plot: lines`, `scatter`, `map`): drawn in the entry, in as many columns as it has.

use ratatui::text::Line;

use super::block::Block;
use super::full::{Table, full};
use super::names::{Names, legend};
use super::pictures::HEIGHT;
use super::traced::Traced;
use super::view::View;
use super::{heat, notes, scatter};
use crate::compare::Summary;
use crate::render::cell::indented;
use crate::render::style::{Look, Role};
use crate::spec::{Plot, Quantity};

/// Columns before a name: two of indent, the swatch, and a space.
const SWATCH: usize = 7;

/// The comparison as its cell wants it drawn; `show` are the quantities that the cell names.
pub fn plotted(
    summary: &Summary,
    plot: Plot,
    show: &[Quantity],
    columns: usize,
    look: Look,
) -> Vec<Line<'static>> {
    let drawn = match plot {
        Plot::Rows => return full(summary, columns, look),
        Plot::Lines => lines(summary, columns, look),
        Plot::Scatter => {
            let wanted =
                summary.scatters.iter().filter(|one| show.is_empty() || show.contains(&one.quantity));
            apart(wanted.map(|one| scatter::one(one, columns, HEIGHT, look)))
        }
        Plot::Map => {
            let several = summary.has_several_arms();
            apart(summary.grids.iter().map(|grid| heat::map(grid, several, columns, look)))
        }
    };
    let nothing = match plot {
        Plot::Scatter => {
            "nothing to scatter: it takes eight runs of two groups with measures of curvature or sharpness"
        }
        Plot::Map => "no map: it takes a sweep over two axes of three numbers each, and no other",
        Plot::Rows | Plot::Lines => "nothing to draw yet",
    };
    let mut all = if drawn.is_empty() {
        indented(nothing, Role::Unsure, columns, look).into_iter().map(Line::from).collect()
    } else {
        drawn
    };
    all.extend(notes(summary, columns, look));
    all
}

/// Blocks with an empty line between them.
fn apart(blocks: impl Iterator<Item = Vec<Line<'static>>>) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for block in blocks {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(block);
    }
    lines
}

fn lines(summary: &Summary, columns: usize, look: Look) -> Vec<Line<'static>> {
    let view = View::default();
    let blocks = summary.series.iter().enumerate().map(|(index, series)| {
        let names = Names::of(&series.rows).fitted(columns, look);
        let table = Table::without_curves(summary, &names, columns.saturating_sub(SWATCH), look);
        let numbers = table.numbers.get(index).map_or(&[][..], Vec::as_slice);
        let traced = Traced::of_rows(series);
        let block = Block {
            series,
            traced: &traced,
            names: &names,
            numbers,
            view: &view,
            selected: false,
            columns,
            rows: HEIGHT,
            most: usize::MAX,
            look,
        };
        block.lines()
    });
    let mut all = legend(summary, columns, look);
    all.extend(apart(blocks));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::comparison::tests::{ASCII, summary};
    use crate::render::plain::to_plain;
    use crate::render::width;

    #[test]
    fn lines_are_drawn_in_the_entry_and_what_is_not_there_is_said() {
        insta::assert_snapshot!(to_plain(&plotted(&summary(), Plot::Lines, &[], 51, Look::PLAIN)));
        for plot in [Plot::Scatter, Plot::Map] {
            let said = to_plain(&plotted(&summary(), plot, &[], 80, Look::PLAIN));
            assert!(said.contains("it takes"), "{said}");
        }
        for columns in 1..90 {
            for line in plotted(&summary(), Plot::Lines, &[], columns, ASCII) {
                assert!(width::spans_width(&line.spans) <= columns, "{columns}: {line:?}");
            }
        }
    }
}
