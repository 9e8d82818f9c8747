//! `lowland check`: every claim, judged; for people, for scripts and for continuous integration.

use serde::Serialize;

use super::Exit;
use super::args::Check;
use super::output::Output;
use super::target::Target;
use crate::compare::Outcome;
use crate::notebook::{CellView, ClaimView, Detail, Entry, Notebook, Snapshot};
use crate::render::cell::outcome_word;
use crate::spec::Must;

/// One judged claim, as `--json` prints it.
#[derive(Serialize)]
struct Judged<'a> {
    entry: &'a str,
    claim: &'a str,
    verdict: &'static str,
    estimate: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    n: usize,
    says: &'a str,
    must: Option<Must>,
    notes: &'a [String],
    error: Option<String>,
}

/// Judges the claims of the entries named, or of all.
pub fn check(args: &Check, mut notebook: Notebook, output: &Output) -> anyhow::Result<Exit> {
    let snapshot = notebook.snapshot_about(&args.entries, Detail::Verdicts);
    let entries = chosen(&args.entries, &snapshot)?;
    let claims: Vec<(&Entry, &ClaimView)> =
        entries.iter().flat_map(|entry| claims(entry).map(move |claim| (*entry, claim))).collect();
    if args.json {
        let judged: Vec<_> = claims.iter().map(|(entry, claim)| judged(entry, claim)).collect();
        output.json(&judged)?;
    } else {
        for (entry, claim) in &claims {
            output.print(&line(entry, claim, output))?;
        }
    }
    output.diagnostics(&snapshot.diagnostics, |_| None);
    let mut broken = 0;
    for entry in &entries {
        broken += output.entry_diagnostics(entry);
    }
    let failing = claims.iter().filter(|(_, claim)| fails(claim)).count();
    Ok(if broken + failing == 0 { Exit::Fine } else { Exit::Failed })
}

fn chosen<'a>(names: &[String], snapshot: &'a Snapshot) -> anyhow::Result<Vec<&'a Entry>> {
    if names.is_empty() {
        return Ok(snapshot.entries.iter().map(AsRef::as_ref).collect());
    }
    names.iter().map(|name| Ok(Target::find(name, snapshot)?.entry.as_ref())).collect()
}

fn claims(entry: &Entry) -> impl Iterator<Item = &ClaimView> {
    entry.cells.iter().filter_map(|cell| match cell {
        CellView::Claim(view) => Some(view.as_ref()),
        _ => None,
    })
}

/// Whether a claim is not what it must be. What was not run yet breaks no promise.
fn fails(view: &ClaimView) -> bool {
    let Ok(verdict) = &view.verdict else { return false };
    match view.claim.must {
        None => false,
        Some(Must::Supported) => !matches!(verdict.outcome, Outcome::Supported | Outcome::NotRun),
        Some(Must::Refuted) => !matches!(verdict.outcome, Outcome::Refuted | Outcome::NotRun),
    }
}

fn judged<'a>(entry: &'a Entry, view: &'a ClaimView) -> Judged<'a> {
    let verdict = view.verdict.as_ref().ok();
    Judged {
        entry: &entry.slug,
        claim: &view.claim.id,
        verdict: verdict.map_or("error", |verdict| outcome_word(verdict.outcome)),
        estimate: verdict.and_then(|verdict| verdict.estimate),
        low: verdict.and_then(|verdict| verdict.low),
        high: verdict.and_then(|verdict| verdict.high),
        n: verdict.map_or(0, |verdict| verdict.n),
        says: &view.claim.says,
        must: view.claim.must,
        notes: verdict.map_or(&[], |verdict| &verdict.notes),
        error: view.verdict.as_ref().err().map(ToString::to_string),
    }
}

fn line(entry: &Entry, view: &ClaimView, output: &Output) -> String {
    let (word, says) = match &view.verdict {
        Ok(verdict) => (outcome_word(verdict.outcome), verdict.says.as_str()),
        Err(_) => ("error", ""),
    };
    let must = match (view.claim.must, fails(view)) {
        (Some(_), true) => "  (must hold, and does not)",
        _ => "",
    };
    format!("{} {word:<12} {}#{}  {says}{must}\n", output.mark(&view.verdict), entry.slug, view.claim.id)
}
