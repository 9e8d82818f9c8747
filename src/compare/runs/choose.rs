//! Which columns are shown unless somebody says which: what tells the rows from each other, and what they came to.

use super::column::{Column, Datum, Kind};
use super::group::Rows;
use super::table::RunTable;
use super::view::{Shown, Source};
use crate::spec::{CATALOGUE, Quantity};

/// So many settings that differ stand before the measures; the others behind, so that what came out stays in sight.
const BEFORE: usize = 4;

/// The columns that say most of `rows`; `all` of them, if that is wanted.
pub(super) fn columns(table: &RunTable, rows: &Rows, grouped: bool, all: bool) -> Vec<Shown> {
    let mut shown = vec![Shown { title: "run".to_owned(), of: Source::Label }];
    let field = |name: &str| table.by_name.get(name).copied();
    let differs = |at: &usize| table.columns.get(*at).is_some_and(|column| column.differs(rows.runs()));
    let there = |at: &usize| table.columns.get(*at).is_some_and(|column| column.is_there(rows.runs()));
    let mut columns: Vec<usize> = Vec::new();
    columns.extend(field("seed").filter(|_| !grouped).filter(|at| all || differs(at)));
    // Of groups it says over how many runs the means are.
    columns.extend(field("status").filter(|_| all || grouped || !is_all_done(table, rows)));
    let runs = rows.runs().count();
    let mut settings: Vec<(Rank, usize)> = of_kind(table, Kind::Setting)
        .filter(|at| if all { there(at) } else { differs(at) })
        .filter_map(|at| Some((rank(table, table.columns.get(at)?, rows, runs), at)))
        .collect();
    settings.sort_by_key(|(rank, _)| *rank);
    let least = usize::from(settings.first().is_some_and(|(rank, _)| *rank < Rank::Rare));
    let before = settings.iter().filter(|(rank, _)| *rank < Rank::Between).count().clamp(least, BEFORE);
    columns.extend(settings.iter().take(before).map(|(_, at)| at));
    columns.extend(measures(table, rows, all));
    columns.extend(settings.iter().skip(before).map(|(_, at)| at));
    columns.extend(of_kind(table, Kind::Reduced).filter(|at| all && there(at)));
    columns.extend(field("steps").filter(differs));
    columns.extend(field("seconds").filter(there).filter(|_| all));
    let others = of_kind(table, Kind::Field).filter(|at| all && there(at) && !is_named(table, *at));
    columns.extend(others.collect::<Vec<_>>());
    let mut seen = Vec::new();
    columns.retain(|at| {
        let is_new = !seen.contains(at);
        seen.push(*at);
        is_new
    });
    shown.extend(columns.into_iter().filter_map(|at| {
        let column = table.columns.get(at)?;
        let is_count = grouped && column.name == "status";
        let title = if is_count { "runs".to_owned() } else { column.short.clone() };
        Some(Shown { title, of: Source::Column(at) })
    }));
    shown
}

/// How much a setting says of the rows: what was swept comes first, then that by which whole cells differ, last what few have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// An experiment sweeps it.
    Swept,
    /// It differs within a cell.
    Within,
    /// It differs between cells.
    Between,
    /// Most of the rows have no such setting.
    Rare,
}

fn rank(table: &RunTable, column: &Column, rows: &Rows, runs: usize) -> Rank {
    if !column.is_common(rows.runs(), runs) {
        return Rank::Rare;
    }
    if table.axes.contains(&column.name) {
        return Rank::Swept;
    }
    let mut first: Vec<Option<Datum<'_>>> = vec![None; table.cells];
    let differs = rows.runs().any(|run| {
        let cell = table.place_of.get(run as usize).and_then(|&place| table.cell_of.get(place as usize));
        let Some(slot) = cell.and_then(|&cell| first.get_mut(cell as usize)) else { return false };
        let datum = column.at(run);
        *slot.get_or_insert(datum) != datum
    });
    if differs { Rank::Within } else { Rank::Between }
}

/// Whether the label of a row says it already.
fn is_named(table: &RunTable, at: usize) -> bool {
    let name = table.columns.get(at).map_or("", |column| &column.name);
    matches!(name, "entry" | "cell" | "arm" | "progress")
}

fn is_all_done(table: &RunTable, rows: &Rows) -> bool {
    rows.runs().all(|row| table.state(row).counts())
}

fn of_kind(table: &RunTable, kind: Kind) -> impl Iterator<Item = usize> {
    let columns = table.columns.iter().enumerate();
    columns.filter(move |(_, column)| column.kind == kind).map(|(at, _)| at)
}

/// How well it fits, how well it generalizes, whatever else was asked for, how large the weights are.
fn measures(table: &RunTable, rows: &Rows, all: bool) -> Vec<usize> {
    let there = |column: &Column| column.kind == Kind::Measure && column.is_there(rows.runs());
    if all {
        let columns = table.columns.iter().enumerate();
        return columns.filter(|(_, column)| there(column)).map(|(at, _)| at).collect();
    }
    let present = |quantity: Quantity| {
        let at = *table.by_name.get(quantity.name())?;
        table.columns.get(at).filter(|column| there(column)).map(|_| at)
    };
    let test = present(Quantity::TestAccuracy).or_else(|| present(Quantity::TestLoss));
    let first = present(Quantity::TrainLoss).into_iter().chain(test);
    let asked = CATALOGUE.iter().filter(|info| !info.always && info.quantity != Quantity::WeightNorm);
    let asked = asked.filter_map(|info| present(info.quantity));
    first.chain(asked).chain(present(Quantity::WeightNorm)).collect()
}
