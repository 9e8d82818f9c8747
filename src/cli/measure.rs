//! `lowland measure`: stored runs, at their final weights, without training them again.
//!
//! What is found is stored as one more storing of the run, which readers unite with the others. It must be of the very
//! training: weights that do not come to the stored training loss, bit for bit, are refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Exit;
use super::args::Measure;
use super::output::{self, Output};
use super::rescale;
use super::target::UsageError;
use super::weighed::{self, Alone, Shelf};
use crate::base::clock;
use crate::base::text::counted;
use crate::compare::summarise;
use crate::notebook::{Detail, ExperimentView, Notebook};
use crate::render::comparison;
use crate::science::after;
use crate::spec::{CATALOGUE, MeasureSpec, Quantity, When, from_word, measured_how, measured_quantity};
use crate::store::{Curve, RunRecord};

/// Measures what was named.
pub fn measure(args: &Measure, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    notebook.tidy();
    let asked = args.measures.iter().map(|word| from_word(word).map_err(UsageError));
    let asked = asked.collect::<Result<Vec<_>, _>>()?;
    let snapshot = notebook.snapshot_about(&[&args.target], Detail::Verdicts);
    let (view, arm) = weighed::experiment(&args.target, &snapshot)?;
    let asked = if asked.is_empty() { at_end(view)? } else { asked };
    let records = weighed::records(notebook.store());
    let runs: Vec<_> = weighed::stored(view, arm, &records)
        .into_iter()
        .map(|(_, record)| Task { lacking: lacking(&asked, &record), record })
        .collect();
    if runs.is_empty() {
        return Err(
            UsageError(format!("`{}` has no stored runs: `lowland run` trains them", args.target)).into()
        );
    }
    if !args.rescale.is_empty() {
        return rescale::rescale(args, &asked, &runs, &notebook, output);
    }
    let missing = view.runs.len() - weighed::stored(view, None, &records).len();
    let todo: Vec<_> = runs.iter().filter(|task| !task.lacking.is_empty()).collect();
    let shelf = Shelf::new(notebook.library(), notebook.store());
    let done = weighed::each(&todo, args.workers, |task| task.done(&shelf));
    let kept: Vec<_> = done.iter().filter_map(|done| done.as_ref().ok()).map(Done::row).collect();
    notebook.store().append(&kept)?;
    if args.json {
        let all = todo.iter().zip(&done).map(|(task, done)| as_json(task, done));
        output.json(&all.collect::<Vec<_>>())?;
    } else {
        let failed = done.iter().filter(|done| done.is_err()).count();
        let had = runs.len() - todo.len();
        output::note(&format!(
            "{} measured{}{}{}",
            counted(done.len() - failed, "run"),
            said(had, "had it already"),
            said(failed, "could not be"),
            said(missing, "are not stored"),
        ));
        for (task, problem) in
            todo.iter().zip(&done).filter_map(|(task, done)| Some((task, done.as_ref().err()?)))
        {
            weighed::note(&task.record, problem);
        }
    }
    let failed = done.iter().any(Result::is_err);
    if !args.json {
        show(&args.target, &asked, &mut notebook, output)?;
    }
    Ok(if failed { Exit::Failed } else { Exit::Fine })
}

fn said(count: usize, what: &str) -> String {
    if count == 0 { String::new() } else { format!(", {count} {what}") }
}

/// What the cell asks for at the end of its runs.
fn at_end(view: &ExperimentView) -> Result<Vec<MeasureSpec>, UsageError> {
    let own = view.experiment.measures.iter().filter(|measure| measure.when == When::End);
    let asked: Vec<_> = own.filter(|measure| !measure.is_always()).cloned().collect();
    if asked.is_empty() {
        let message =
            "the cell asks for nothing at the end of its runs: name what to measure (lowland measures)";
        return Err(UsageError(message.to_owned()));
    }
    Ok(asked)
}

/// Draws what was measured, of whatever the target has.
fn show(target: &str, asked: &[MeasureSpec], notebook: &mut Notebook, output: &Output) -> anyhow::Result<()> {
    let snapshot = notebook.snapshot_about(&[target], Detail::Curves);
    let (view, arm) = weighed::experiment(target, &snapshot)?;
    let results = arm.map_or_else(|| view.results.clone(), |arm| view.results.of_arm(arm));
    let quantities: Vec<Quantity> = asked.iter().map(|measure| measure.quantity).collect();
    output.lines(&comparison::full(&summarise(&results, &quantities, None), output.width, output.look))
}

/// A run and what it lacks.
pub(super) struct Task {
    pub record: Arc<RunRecord>,
    lacking: Vec<MeasureSpec>,
}

/// Of what is asked, that which a run does not have. Of a quantity that it has with other settings there is one value, so
/// that one is taken for it.
fn lacking(asked: &[MeasureSpec], record: &RunRecord) -> Vec<MeasureSpec> {
    let has = |measure: &MeasureSpec| {
        let how = measure.fingerprint();
        measure.is_always() || record.measured.iter().any(|own| measured_how(own) == measured_how(&how))
    };
    asked.iter().filter(|measure| !has(measure)).cloned().collect()
}

/// What was found of a run.
struct Done {
    record: RunRecord,
    curve: Curve,
}

impl Done {
    fn row(&self) -> (RunRecord, Curve) {
        (self.record.clone(), self.curve.clone())
    }
}

impl Task {
    fn done(&self, shelf: &Shelf<'_>) -> Result<Done, String> {
        let other = |measure: &&MeasureSpec| {
            let name = measure.quantity.name();
            self.record.measured.iter().any(|own| measured_quantity(own) == name)
        };
        if let Some(measure) = self.lacking.iter().find(other) {
            let name = measure.quantity.name();
            return Err(format!("it has {name} with other settings, and there is one column for both"));
        }
        let run = shelf.take(&self.record)?;
        let (steps, mut alone) = (self.record.steps, Alone::default());
        let (values, details) =
            after::measure(&run.spec, &run.problem, &run.weights, &self.lacking, steps, &mut alone)?;
        self.check(&values)?;
        let curve = Curve { details, ..alone.curve };
        let record = RunRecord {
            measured: self.lacking.iter().map(MeasureSpec::fingerprint).collect(),
            measures: values,
            finished: clock::now(),
            host: crate::base::host(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..self.record.as_ref().clone()
        };
        Ok(Done { record: record.with_id(&curve.hash()), curve })
    }

    /// Whether the weights come to what is stored of the run, to the bit.
    fn check(&self, values: &BTreeMap<String, f64>) -> Result<(), String> {
        for info in CATALOGUE.iter().filter(|info| info.always) {
            let (Some(now), Some(then)) = (values.get(info.name), self.record.measures.get(info.name)) else {
                continue;
            };
            if now.to_bits() != then.to_bits() && !(now.is_nan() && then.is_nan()) {
                return Err(format!(
                    "its weights come to {} {now}, and {then} is stored: other weights, another processor or another \
                     version",
                    info.name
                ));
            }
        }
        Ok(())
    }
}

fn as_json(task: &Task, done: &Result<Done, String>) -> Value {
    let origin = &task.record.origin;
    let head = json!({"run": task.record.run, "arm": origin.arm, "seed": task.record.seed});
    let mut head = head.as_object().cloned().unwrap_or_default();
    match done {
        Ok(done) => {
            let columns = task.lacking.iter().flat_map(|measure| measure.quantity.columns());
            let values =
                columns.map(|column| ((*column).to_owned(), json!(done.record.measures.get(*column))));
            head.insert("measures".to_owned(), Value::Object(values.collect()));
            head.insert("examples".to_owned(), task.record.spec["dataset"]["train"].clone());
        }
        Err(problem) => {
            head.insert("error".to_owned(), json!(problem));
        }
    }
    Value::Object(head)
}
