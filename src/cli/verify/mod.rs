//! `lowland verify`: trains stored runs again, and says of each whether it came out the same.
//!
//! The runs are trained as ever, by a crew, but with their journals in a scratch folder that nobody harvests: what they
//! come to is compared with what is stored, and forgotten.

mod choose;
mod judge;
mod progress;
mod report;
mod work;

use super::Exit;
use super::args::Verify;
use super::output::{self, Output};
use super::target::Target;
use crate::base::clock;
use crate::base::text::counted;
use crate::compare::agreement::Comparison;
use crate::notebook::{Detail, Notebook, Snapshot};
use choose::Choice;
use report::Report;
use work::Cut;

/// What is found of a run.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It was trained again: how the two agree.
    Compared(Comparison),
    /// It cannot be trained again, or what is stored cannot be read, and why.
    Cannot(String),
}

/// Verifies entries, cells, or all of the notebook.
pub fn verify(args: &Verify, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    notebook.tidy();
    let snapshot = notebook.snapshot_about(args.target.as_slice(), Detail::Verdicts);
    let targets = targets(args, &snapshot)?;
    let (records, _) = notebook.store().read_summaries();
    let mut choice = Choice::new(&targets, &records, args.full);
    if !args.json {
        for cell in &choice.left_out {
            output.print(&format!("{cell}: left out (cost: full); --full verifies it\n"))?;
        }
    }
    let sample = args.sample.map(|count| (count, args.seed.unwrap_or_else(any_seed)));
    let stored = choice.runs.len();
    if let Some((count, seed)) = sample {
        choice.sample(count as usize, seed);
        if !args.json {
            let of = counted(stored, "run");
            output.print(&format!(
                "a sample of {} of {of}; --sample {count} --seed {seed} takes the same again\n",
                choice.runs.len()
            ))?;
        }
    }
    let done = work::work(&choice, &notebook, args)?;
    let report = Report { choice: &choice, done: &done, tolerance: args.tolerance, sample };
    if args.json {
        output.json(&report.json())?;
    } else {
        output.print(&report.text())?;
    }
    output.diagnostics(&snapshot.diagnostics, |_| None);
    let broken: usize = targets.iter().map(|target| output.entry_diagnostics(target.entry)).sum();
    Ok(match &done.cut {
        Some(Cut::Interrupted) => Exit::Interrupted,
        Some(Cut::HeldUp(why)) => {
            output::complain(&format!("the runs cannot be trained again: {why}"));
            Exit::Failed
        }
        None if report.is_clean() && broken == 0 => Exit::Fine,
        None => Exit::Failed,
    })
}

fn targets<'a>(args: &Verify, snapshot: &'a Snapshot) -> anyhow::Result<Vec<Target<'a>>> {
    match &args.target {
        Some(text) => Ok(vec![Target::find(text, snapshot)?]),
        None => Ok(snapshot.entries.iter().map(|entry| Target { entry, cell: None }).collect()),
    }
}

/// A seed that is short enough to be typed again.
fn any_seed() -> u64 {
    (clock::unix_seconds() * 1000.0) as u64 % 1_000_000
}

/// Says something by the way, unless only JSON is wanted.
fn note(args: &Verify, message: &str) {
    if !args.json {
        output::note(message);
    }
}
