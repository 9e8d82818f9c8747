//! `lowland show`: an entry as the screen shows it, or as data.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::Exit;
use super::args::Show;
use super::output::Output;
use super::target::Target;
use crate::base::RunId;
use crate::compare::{CellState, Cost, Summary, Verdict};
use crate::notebook::ledger::Sheet;
use crate::notebook::{self, CellView, Detail, Entry, Notebook};
use crate::render::{Images, Setting, Sight, entry, image};

/// A cell, as `--json` prints it.
#[derive(Serialize)]
#[serde(tag = "cell", rename_all = "snake_case")]
pub enum ShownCell<'a> {
    /// An experiment.
    Experiment {
        /// Its id.
        id: &'a str,
        /// Its state.
        #[serde(flatten)]
        state: &'a CellState,
        /// What the runs that are missing will cost.
        cost: &'a Cost,
        /// Ids of its runs.
        runs: Vec<&'a str>,
        /// Arms compared.
        summary: &'a Summary,
    },
    /// A comparison.
    Compare {
        /// Its id.
        id: &'a str,
        /// What it shows.
        summary: Option<&'a Summary>,
        /// Why it shows nothing.
        error: Option<String>,
    },
    /// A claim.
    Claim {
        /// Its id.
        id: &'a str,
        /// The claim in words.
        says: &'a str,
        /// What it comes to.
        verdict: Option<&'a Verdict>,
        /// Why it cannot be judged.
        error: Option<String>,
    },
    /// A ledger.
    Ledger {
        /// Every claim of the notebook.
        sheet: &'a Sheet,
    },
    /// It cannot be read.
    Bad {
        /// Why.
        error: String,
    },
}

/// The cells meant by a target, as data.
pub fn cells<'a>(target: &Target<'a>) -> Vec<ShownCell<'a>> {
    target.cells().map(shown).collect()
}

fn shown(cell: &CellView) -> ShownCell<'_> {
    match cell {
        CellView::Experiment(view) => ShownCell::Experiment {
            id: &view.experiment.id,
            state: &view.state,
            cost: &view.cost,
            runs: view.runs.iter().map(RunId::as_str).collect(),
            summary: &view.summary,
        },
        CellView::Compare(view) => ShownCell::Compare {
            id: &view.compare.id,
            summary: view.summary.as_ref().ok(),
            error: view.summary.as_ref().err().map(ToString::to_string),
        },
        CellView::Claim(view) => ShownCell::Claim {
            id: &view.claim.id,
            says: &view.claim.says,
            verdict: view.verdict.as_ref().ok(),
            error: view.verdict.as_ref().err().map(ToString::to_string),
        },
        CellView::Ledger(view) => ShownCell::Ledger { sheet: &view.sheet },
        CellView::Bad(problem) => ShownCell::Bad { error: problem.to_string() },
    }
}

/// Most lines of a picture: it is seen whole on most screens.
const IMAGE_ROWS: usize = 30;

/// The pictures at these addresses, or why there are none.
fn images(addresses: &[String], entry: &Entry, root: &Path) -> Images {
    let sight = |address: &String| match notebook::image::read(root, &entry.document.file, address) {
        Ok(image) => (address.clone(), Sight::Seen(Arc::new(image))),
        Err(why) => (address.clone(), Sight::Unseen(why)),
    };
    Images { sights: addresses.iter().map(sight).collect(), rows: IMAGE_ROWS, ..Images::default() }
}

/// Prints an entry or a cell.
pub fn show(args: &Show, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let snapshot = notebook.snapshot_about(&[&args.target], Detail::Curves);
    let target = Target::find(&args.target, &snapshot)?;
    if args.json {
        let value: Value = serde_json::json!({
            "entry": target.entry.slug,
            "date": target.entry.date,
            "title": target.entry.title,
            "tags": target.entry.tags,
            "question": target.entry.question,
            "cells": cells(&target),
        });
        output.json(&value)?;
    } else {
        let lines = if let Some(cell) = target.cell {
            entry::cell(target.entry, cell, output.width, output.look)
        } else {
            let linked_from = entry::linked_from(target.entry, &snapshot);
            let drawn = |images: &Images| {
                let setting = Setting { images, columns: output.width, look: output.look, least: usize::MAX };
                entry::entry(target.entry, &linked_from, &setting)
            };
            let plain = drawn(&Images::default());
            if args.images {
                drawn(&images(&image::addresses(&plain.spots), target.entry, notebook.root())).lines
            } else {
                plain.lines
            }
        };
        output.lines(&lines)?;
    }
    output.diagnostics(&snapshot.diagnostics, |_| None);
    Ok(if output.entry_diagnostics(target.entry) == 0 { Exit::Fine } else { Exit::Failed })
}
