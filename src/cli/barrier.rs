//! `lowland barrier`: the loss between the weights of two runs, straight, straight to an aligned copy, along a curve.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Exit;
use super::args::Barrier;
use super::output::Output;
use super::target::UsageError;
use super::weighed::{self, Alone, Shelf};
use crate::base::text::counted;
use crate::compare::pictures::pictures;
use crate::notebook::{Detail, Notebook, Snapshot};
use crate::render::comparison;
use crate::render::number::value_pm;
use crate::science::after;
use crate::science::measures::details::{Details, Slice};
use crate::spec::{Quantity, RunSpec};
use crate::stats::Estimate;
use crate::store::RunRecord;

/// A way from one stored run to another.
struct Pair {
    from: Arc<RunRecord>,
    to: Arc<RunRecord>,
}

/// Walks between what was named.
pub fn barrier(args: &Barrier, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    notebook.tidy();
    let snapshot = notebook.snapshot_about(&[&args.from, &args.to], Detail::Verdicts);
    let records = weighed::records(notebook.store());
    let [from, to] = [&args.from, &args.to].map(|text| {
        let (view, arm) = weighed::experiment(text, &snapshot)?;
        let runs = weighed::stored(view, arm, &records);
        match runs.first() {
            None => Err(UsageError(format!("`{text}` has no stored runs: `lowland run` trains them"))),
            Some((first, _)) if runs.iter().any(|(arm, _)| arm != first) => {
                let arms = view.experiment.arms.join(", ");
                Err(UsageError(format!("`{text}` has several arms, name one of them: {arms}")))
            }
            Some(_) => Ok(runs.into_iter().map(|(_, record)| record).collect::<Vec<_>>()),
        }
    });
    let pairs = paired(&from?, &to?);
    if pairs.is_empty() {
        return Err(UsageError("no two runs to walk between: they have no seed in common".to_owned()).into());
    }
    let shelf = Shelf::new(notebook.library(), notebook.store());
    let found = weighed::each(&pairs, args.workers, |pair| pair.walk(&shelf, args));
    let details: Vec<_> = pairs
        .iter()
        .zip(&found)
        .filter_map(|(pair, found)| Some((pair, found.as_ref().ok()?)))
        .map(|(pair, ways)| {
            let slices = ways.iter().map(|(slice, _)| slice.clone()).collect();
            (pair.from.run.clone(), Details { spectra: Vec::new(), slices })
        })
        .collect();
    notebook.store().add_details(&details)?;
    if args.json {
        output
            .json(&pairs.iter().zip(&found).map(|(pair, found)| as_json(pair, found)).collect::<Vec<_>>())?;
    } else {
        print(args, &found, &mut notebook, output)?;
    }
    Ok(if found.iter().any(Result::is_err) { Exit::Failed } else { Exit::Fine })
}

/// The only arm of a cell.
fn only_arm(text: &str, snapshot: &Snapshot) -> Result<String, UsageError> {
    let (view, _) = weighed::experiment(text, snapshot)?;
    Ok(view.experiment.arms.first().cloned().unwrap_or_default())
}

/// Runs of the same seed; of one arm each with the next.
fn paired(from: &[Arc<RunRecord>], to: &[Arc<RunRecord>]) -> Vec<Pair> {
    let pair =
        |from: &Arc<RunRecord>, to: &Arc<RunRecord>| Pair { from: Arc::clone(from), to: Arc::clone(to) };
    let same = from.iter().map(|record| &record.run).eq(to.iter().map(|record| &record.run));
    if same {
        return from.iter().zip(from.iter().skip(1)).map(|(a, b)| pair(a, b)).collect();
    }
    let twin = |one: &Arc<RunRecord>| to.iter().find(|other| other.seed == one.seed && other.run != one.run);
    from.iter().filter_map(|one| Some(pair(one, twin(one)?))).collect()
}

impl Pair {
    fn walk(&self, shelf: &Shelf<'_>, args: &Barrier) -> Result<Vec<(Slice, f64)>, String> {
        let (from, to) = (shelf.take(&self.from)?, shelf.take(&self.to)?);
        if !are_alike(&from.spec, &to.spec) {
            return Err("the two are different networks".to_owned());
        }
        let way = (usize::from(args.points), args.curve);
        let ends = [from.weights.as_slice(), to.weights.as_slice()];
        let mut ways = after::between(&from.spec, &from.problem, ends, way, &mut Alone::default())?;
        for (slice, _) in &mut ways {
            slice.step = self.from.steps;
            self.to.run.as_str().clone_into(&mut slice.other);
        }
        Ok(ways)
    }
}

/// Whether weights of one are weights of the other, over the same loss.
fn are_alike(a: &RunSpec, b: &RunSpec) -> bool {
    a.model == b.model && a.loss == b.loss
}

/// The barriers of every way, and their pictures.
fn print(
    args: &Barrier,
    found: &[Result<Vec<(Slice, f64)>, String>],
    notebook: &mut Notebook,
    output: &Output,
) -> anyhow::Result<()> {
    let walked: Vec<_> = found.iter().filter_map(|found| found.as_ref().ok()).collect();
    let mut lines = vec![counted(walked.len(), "pair")];
    for (at, (slice, _)) in walked.first().into_iter().flat_map(|ways| ways.iter().enumerate()) {
        let heights: Vec<f64> = walked.iter().filter_map(|ways| Some(ways.get(at)?.1)).collect();
        let height = Estimate::of(&heights).map_or_else(
            || "undefined".to_owned(),
            |estimate| value_pm(estimate.mean, estimate.half_width()),
        );
        lines.push(format!("{:8} barrier {height} loss", slice.path));
    }
    let problems = found.iter().filter_map(|found| found.as_ref().err());
    lines.extend(problems.map(|problem| format!("! {problem}")));
    output.print(&format!(
        "{}\n",
        lines.iter().map(|line| output.look.text(line)).collect::<Vec<_>>().join("\n")
    ))?;
    let snapshot = notebook.snapshot_about(&[&args.from, &args.to], Detail::Curves);
    let (view, arm) = weighed::experiment(&args.from, &snapshot)?;
    let mut drawn = pictures(&view.results, &[Quantity::Barrier]);
    // What was walked before, from other arms or to others, stands in the entry.
    let arm = arm.map_or_else(|| only_arm(&args.from, &snapshot), |arm| Ok(arm.to_owned()))?;
    let to = args
        .to
        .split_once(':')
        .map_or_else(|| only_arm(&args.to, &snapshot), |(_, arm)| Ok(arm.to_owned()))?;
    drawn.retain(|picture| picture.path.ends_with(&format!(" to {to}")) || !picture.path.contains(" to "));
    for picture in &mut drawn {
        picture.rows.retain(|row| row.arm == arm);
    }
    drawn.retain(|picture| !picture.rows.is_empty());
    output.lines(&comparison::charts(&drawn, output.width, &comparison::View::default(), output.look))
}

fn as_json(pair: &Pair, found: &Result<Vec<(Slice, f64)>, String>) -> Value {
    let head = json!({"from": pair.from.run, "to": pair.to.run, "seed": pair.from.seed});
    let mut head = head.as_object().cloned().unwrap_or_default();
    match found {
        Ok(ways) => ways.iter().for_each(|(slice, height)| {
            let way =
                json!({"barrier": height, "x": slice.x, "loss": slice.loss, "examples": slice.examples});
            head.insert(slice.path.clone(), way);
        }),
        Err(problem) => {
            head.insert("error".to_owned(), json!(problem));
        }
    }
    Value::Object(head)
}
