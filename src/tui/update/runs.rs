//! Asking for runs and stopping them.

use std::time::Duration;

use super::super::compare::experiments;
use super::super::effect::Effect;
use super::super::model::{Focus, Message, Model, Until};
use super::super::overlay::{Overlay, Question};
use super::super::workers;
use super::say;
use crate::base::RunId;
use crate::base::text::counted;
use crate::notebook::{CellView, ExperimentView};
use crate::runner::Job;
use crate::spec::settings::Bell;

/// Runs what is missing of the selected cell.
pub fn run_cell(model: &mut Model) -> Vec<Effect> {
    match model.cell() {
        Some(CellView::Experiment(view)) => {
            let jobs = view.missing.clone();
            submit(model, jobs, 0)
        }
        Some(CellView::Bad(_)) => refuse(model, "this cell cannot be read: e edits it"),
        Some(_) => refuse(model, "this cell draws on experiments: R runs those of the entry"),
        None => refuse(model, "there is no cell here"),
    }
}

/// Runs what is missing of every experiment in the entry, but for those that are run only when asked for.
pub fn run_stale(model: &mut Model) -> Vec<Effect> {
    let Some(entry) = model.entry() else { return refuse(model, "there is no entry to run") };
    let (costly, cheap): (Vec<_>, Vec<_>) = experiments(entry).partition(|view| view.experiment.full_cost);
    let costly = costly.iter().filter(|view| !view.missing.is_empty()).count();
    let jobs = cheap.iter().flat_map(|view| view.missing.iter().cloned()).collect();
    submit(model, jobs, costly)
}

/// Submits what is not on its way; `costly` cells were left out.
fn submit(model: &mut Model, jobs: Vec<Job>, costly: usize) -> Vec<Effect> {
    let asked = jobs.len();
    let jobs = model.progress.submit(jobs, model.now);
    let news = match (jobs.len(), asked, costly) {
        (0, 0, 0) => "nothing to run: every run is stored".to_owned(),
        (0, 0, _) => "only costly cells are left: r runs the selected one".to_owned(),
        (0, ..) => "these runs are on their way already".to_owned(),
        (new, _, 0) => format!("{} queued", counted(new, "run")),
        (new, ..) => format!("{} queued, {} left out", counted(new, "run"), counted(costly, "costly cell")),
    };
    say(model, news);
    if jobs.is_empty() {
        return Vec::new();
    }
    // That they wait is no news any more once the first of them begins.
    if let Some(message) = &mut model.message {
        message.until = Until::FirstRun;
    }
    vec![Effect::Submit(jobs)]
}

/// Shows who is at which run, and what waits.
pub fn show_workers(model: &mut Model) -> Vec<Effect> {
    model.overlays.push(Overlay::Workers(0));
    Vec::new()
}

/// How long the end of runs is news, whatever keys are pressed: to somebody who types it must be seen too.
const FLAG: Duration = Duration::from_secs(4);

/// After so long without a key nobody is taken to look at the screen.
const AWAY: Duration = Duration::from_secs(20);

/// The last run ended: that is said, and where nobody looks a bell may ring, once.
pub fn over(model: &mut Model, news: Option<String>) -> Vec<Effect> {
    let mut effects = vec![Effect::Reload];
    let Some(text) = news.filter(|_| model.bell != Bell::Off) else { return effects };
    model.message = Some(Message { text, until: Until::Seen(model.now + FLAG) });
    if model.bell == Bell::Bell && model.now.saturating_sub(model.touched) >= AWAY {
        effects.push(Effect::Ring);
    }
    effects
}

/// Asks whether the runs of the selected cell (of the whole entry, from the log) are to be stopped.
pub fn ask_cancel(model: &mut Model) -> Vec<Effect> {
    let Some((runs, whose)) = cancellable(model) else {
        return refuse(model, "none of its runs are going");
    };
    model.overlays.push(Overlay::Confirm(Question::Cancel(runs, whose)));
    Vec::new()
}

/// The runs that `x` would stop, and what they belong to.
pub fn cancellable(model: &Model) -> Option<(Vec<RunId>, String)> {
    if let Some(Overlay::Workers(at)) = model.overlays.last() {
        let mut rows = workers::rows(model);
        return (*at < rows.len()).then(|| rows.swap_remove(*at)).map(|row| (row.runs.clone(), row.name()));
    }
    if let Some(Overlay::Runs(panel)) = model.overlays.last() {
        return panel.to_cancel(|run| model.progress.is_going(run));
    }
    let (views, whose) = at_hand(model);
    let mut runs: Vec<RunId> = views.iter().flat_map(|view| view.runs.iter().cloned()).collect();
    // Those too that they asked for before they were changed.
    let slug = model.entry().map_or("", |entry| &entry.slug);
    for view in &views {
        runs.extend(model.progress.asked_for_by(&format!("{slug}#{} ", view.experiment.id)));
    }
    runs.retain(|run| model.progress.is_going(run));
    runs.sort();
    runs.dedup();
    (!runs.is_empty()).then(|| (runs, whose.to_owned()))
}

/// The selected experiment (from the log, all of the entry), and what it is called.
fn at_hand(model: &Model) -> (Vec<&ExperimentView>, &str) {
    match (model.focus, model.cell(), model.entry()) {
        (Focus::Entry, Some(CellView::Experiment(view)), _) => (vec![view.as_ref()], &view.experiment.id),
        (_, _, Some(entry)) => (experiments(entry).collect(), &entry.title),
        (_, _, None) => (Vec::new(), ""),
    }
}

/// Does what was asked.
pub fn agree(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Confirm(Question::Cancel(runs, _))) => vec![Effect::Cancel(runs)],
        _ => Vec::new(),
    }
}

fn refuse(model: &mut Model, why: &str) -> Vec<Effect> {
    say(model, why);
    Vec::new()
}
