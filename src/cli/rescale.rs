//! `lowland measure --rescale`: what measures say of the same functions at other weights. Nothing of it is stored: it is
//! of no run that was trained.

use serde_json::{Value, json};

use super::Exit;
use super::args::Measure;
use super::measure::Task;
use super::output::Output;
use super::weighed::{self, Alone, Shelf};
use crate::base::text::counted;
use crate::notebook::Notebook;
use crate::render::number::value_pm;
use crate::render::width;
use crate::science::after;
use crate::science::measures::Values;
use crate::spec::MeasureSpec;
use crate::stats::Estimate;

/// Columns of a name, and of each number.
const NAME: usize = 24;
const NUMBER: usize = 16;

/// Measures the stored runs `tasks` at every scale that is asked for.
pub fn rescale(
    args: &Measure,
    asked: &[MeasureSpec],
    tasks: &[Task],
    notebook: &Notebook,
    output: &Output,
) -> anyhow::Result<Exit> {
    let shelf = Shelf::new(notebook.library(), notebook.store());
    let found = weighed::each(tasks, args.workers, |task| of_run(task, asked, &args.rescale, &shelf));
    if args.json {
        let all = tasks.iter().zip(&found).map(|(task, found)| as_json(task, found, &args.rescale));
        output.json(&all.collect::<Vec<_>>())?;
    } else {
        for (task, problem) in
            tasks.iter().zip(&found).filter_map(|(task, found)| Some((task, found.as_ref().err()?)))
        {
            weighed::note(&task.record, problem);
        }
        let sound: Vec<_> = found.iter().filter_map(|found| found.as_ref().ok()).collect();
        if !sound.is_empty() {
            output.print(&table(asked, &args.rescale, &sound))?;
        }
    }
    Ok(if found.iter().any(Result::is_err) { Exit::Failed } else { Exit::Fine })
}

/// What was measured of one run at each scale.
fn of_run(
    task: &Task,
    asked: &[MeasureSpec],
    scales: &[f64],
    shelf: &Shelf<'_>,
) -> Result<Vec<Values>, String> {
    let run = shelf.take(&task.record)?;
    let at = |alpha: &f64| {
        let weights = after::rescaled(&run.spec, &run.problem, &run.weights, *alpha)?;
        let mut alone = Alone::default();
        let steps = task.record.steps;
        after::measure(&run.spec, &run.problem, &weights, asked, steps, &mut alone).map(|(values, _)| values)
    };
    scales.iter().map(at).collect()
}

/// A row per number, a column per scale: means over the runs with their intervals. The training loss comes first, which
/// must be the same.
fn table(asked: &[MeasureSpec], scales: &[f64], found: &[&Vec<Values>]) -> String {
    let columns = asked.iter().flat_map(|measure| measure.quantity.columns().iter().copied());
    let named = std::iter::once("train_loss").chain(columns.filter(|name| *name != "train_loss"));
    let heads = scales.iter().map(|alpha| format!("× {alpha}"));
    let mut lines = vec![row(&counted(found.len(), "run"), heads)];
    for name in named {
        let cells = (0..scales.len()).map(|at| {
            let values: Vec<f64> = found
                .iter()
                .filter_map(|run| run.get(at)?.get(name).copied())
                .filter(|v| v.is_finite())
                .collect();
            Estimate::of(&values)
                .map_or_else(|| "–".to_owned(), |estimate| value_pm(estimate.mean, estimate.half_width()))
        });
        lines.push(row(name, cells));
    }
    lines.concat()
}

fn row(name: &str, cells: impl Iterator<Item = String>) -> String {
    let mut line = format!("{name:<NAME$}");
    for cell in cells {
        line.push_str(&cell);
        line.push_str(&" ".repeat(NUMBER.saturating_sub(width::width(&cell)).max(1)));
    }
    format!("{}\n", line.trim_end())
}

fn as_json(task: &Task, found: &Result<Vec<Values>, String>, scales: &[f64]) -> Value {
    let head = |more: Value| {
        let mut head =
            json!({"run": task.record.run, "arm": task.record.origin.arm, "seed": task.record.seed});
        if let (Some(head), Value::Object(more)) = (head.as_object_mut(), more) {
            head.extend(more);
        }
        head
    };
    match found {
        Ok(found) => {
            let at = |(alpha, values): (&f64, &Values)| json!({"alpha": alpha, "measures": values});
            head(json!({"rescaled": scales.iter().zip(found).map(at).collect::<Vec<_>>()}))
        }
        Err(problem) => head(json!({ "error": problem })),
    }
}
