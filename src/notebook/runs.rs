//! The runs of a notebook as one table: what is stored, what is in flight with its values so far, what waits, and, of
//! cells, what nobody has run yet.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::album;
use super::cells::Plans;
use super::folder::Notebook;
use super::known::Known;
use super::read::{self, Draft};
use crate::base::RunId;
use crate::base::text::clean_line;
use crate::compare::runs::{Builder, Facts, RunTable, State};
use crate::runner::Job;
use crate::runner::supervisor::Roster;
use crate::spec::query::Reduction;
use crate::spec::run::settings_of;
use crate::spec::{Context, Experiment};
use crate::store::journal::{self, LiveRun};
use crate::store::{Curve, Origin, RunRecord, Status};

/// Which runs a table is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All that are known, those too that no cell asks for any more.
    Notebook,
    /// Those that the cells of an entry ask for.
    Entry(String),
    /// Those that a cell asks for, by its entry and its id.
    Cell(String, String),
}

/// A table that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOrder {
    /// Of which runs.
    pub scope: Scope,
    /// Curves that are to be read and reduced to a number each.
    pub reductions: Vec<(Reduction, String)>,
}

/// A run that a row is made of.
struct Seen<'a> {
    run: &'a RunId,
    origin: &'a Origin,
    seed: u64,
    spec: Spec<'a>,
}

/// Where the settings of a run are known from, if it has no record.
#[derive(Clone, Copy)]
enum Spec<'a> {
    /// Nowhere else.
    Record,
    /// From the cell that asks for it.
    Planned(&'a Job),
    /// From its journal.
    Journal(&'a Value),
}

impl Spec<'_> {
    fn settings(self) -> Vec<(String, Value)> {
        match self {
            Self::Record => Vec::new(),
            Self::Planned(job) => job.spec.settings(),
            Self::Journal(spec) => settings_of(spec),
        }
    }
}

impl Notebook {
    /// The runs that were asked for. `tags` are those of the entries, by slug.
    pub fn runs(
        &mut self,
        order: &RunOrder,
        tags: impl IntoIterator<Item = (String, Vec<String>)>,
    ) -> RunTable {
        // The journals first: a run that is moved into the tables in between is then seen twice, and never not at all.
        let live = journal::read_all(&journal::live_root(self.root()));
        let (records, _) = self.store().read_summaries();
        self.watch.poll();
        let roster = self.watch.roster().clone();
        let known = Known::new(records.clone(), live.clone(), roster.clone());
        let jobs = match &order.scope {
            Scope::Notebook => self.planned_open(&roster),
            Scope::Entry(entry) => self.planned(entry, None),
            Scope::Cell(entry, cell) => self.planned(entry, Some(cell)),
        };
        let seen = match &order.scope {
            Scope::Notebook => everything(&records, &live, &roster, &jobs),
            _ => jobs.iter().map(Seen::of_job).collect(),
        };
        let curves = self.reduced(&seen, &known, &order.reductions);
        let mut builder = Builder::new(tags, &order.reductions);
        for seen in &seen {
            push(&mut builder, seen, &known, curves.get(seen.run).map_or(&[][..], Vec::as_slice));
        }
        builder.finish()
    }

    /// Whether an entry has an experiment of that id.
    pub fn has_cell(&mut self, entry: &str, cell: &str) -> bool {
        self.draft_of(entry).is_some_and(|draft| draft.experiments().any(|experiment| experiment.id == cell))
    }

    /// The tags of all entries, by slug.
    pub fn tags(&mut self) -> Vec<(String, Vec<String>)> {
        self.glances().0.into_iter().map(|glance| (glance.slug, glance.tags)).collect()
    }

    fn draft_of(&mut self, entry: &str) -> Option<Arc<Draft>> {
        let paths = read::entries(self.root()).unwrap_or_default();
        let path = paths.into_iter().find(|path: &PathBuf| clean_line(&album::slug(path)) == entry)?;
        let context = Context { datasets: self.library().names() };
        self.drafts(&[path], &context).pop()
    }

    /// The runs that an entry asks for, or one of its cells.
    fn planned(&mut self, entry: &str, cell: Option<&str>) -> Vec<Job> {
        let Some(draft) = self.draft_of(entry) else { return Vec::new() };
        let plans = Plans::new(std::slice::from_ref(&draft), &self.library, &mut self.planner);
        let wanted = |experiment: &&Experiment| cell.is_none_or(|cell| experiment.id == cell);
        let jobs =
            draft.experiments().filter(wanted).flat_map(|experiment| plans.jobs(entry, &experiment.id));
        let mut seen = HashSet::new();
        jobs.filter(|job| seen.insert(job.run.clone())).cloned().collect()
    }

    /// The runs that wait or are going, as their cells ask for them: what is set is not told otherwise.
    fn planned_open(&mut self, roster: &Roster) -> Vec<Job> {
        let going = roster.running.values().map(|going| &going.seat);
        let seats = going.chain(roster.queued.values());
        let cells: BTreeSet<_> = seats.map(|seat| (&seat.origin.entry, &seat.origin.cell)).collect();
        let jobs = cells.into_iter().flat_map(|(entry, cell)| self.planned(entry, Some(cell)));
        jobs.filter(|job| roster.has(&job.run)).collect()
    }

    /// The curves of these runs, each reduced as was asked for.
    fn reduced(
        &self,
        seen: &[Seen<'_>],
        known: &Known,
        reductions: &[(Reduction, String)],
    ) -> HashMap<RunId, Vec<(Reduction, String, f64)>> {
        if reductions.is_empty() {
            return HashMap::new();
        }
        let reduce = |curve: &Curve| -> Vec<_> {
            let each = reductions.iter().filter_map(|(reduction, name)| {
                Some((*reduction, name.clone(), reduction.of(curve.points(name))?))
            });
            each.collect()
        };
        let stored = seen.iter().filter_map(|seen| known.record(seen.run));
        let wanted: Vec<_> = stored.map(|record| (record.run.clone(), record.record.clone())).collect();
        let (curves, _) = self.store().read_curves(&wanted);
        let stored = curves.iter().map(|(run, curve)| (run.clone(), reduce(curve)));
        let live = seen.iter().filter_map(|seen| known.live(seen.run));
        stored.chain(live.map(|live| (live.run.clone(), reduce(&live.curve)))).collect()
    }
}

impl<'a> Seen<'a> {
    fn of_job(job: &'a Job) -> Self {
        Self { run: &job.run, origin: &job.origin, seed: job.spec.seed, spec: Spec::Planned(job) }
    }
}

/// Everything that is stored, in flight or waiting, each run once: what is going comes first.
fn everything<'a>(
    records: &'a [Arc<RunRecord>],
    live: &'a [LiveRun],
    roster: &'a Roster,
    jobs: &'a [Job],
) -> Vec<Seen<'a>> {
    let jobs: HashMap<&RunId, &Job> = jobs.iter().map(|job| (&job.run, job)).collect();
    let going = roster.running.iter().map(|(run, going)| (run, &going.seat));
    let waiting = going.chain(&roster.queued).map(|(run, seat)| {
        let spec = jobs.get(run).map_or(Spec::Record, |job| Spec::Planned(job));
        Seen { run, origin: &seat.origin, seed: seat.seed, spec }
    });
    let live = live.iter().map(|live| {
        let start = &live.start;
        Seen { run: &live.run, origin: &start.origin, seed: start.seed(), spec: Spec::Journal(&start.spec) }
    });
    let mut open: Vec<Seen<'a>> = live.chain(waiting).collect();
    open.sort_by(in_order);
    let stored = records.iter().map(|record| Seen {
        run: &record.run,
        origin: &record.origin,
        seed: record.seed,
        spec: Spec::Record,
    });
    let mut stored: Vec<Seen<'a>> = stored.collect();
    stored.sort_by(in_order);
    let mut known = HashSet::new();
    open.into_iter().chain(stored).filter(|seen| known.insert(seen.run)).collect()
}

/// The newest entry first, as in the log; within it by cell, arm, sweep point and seed.
fn in_order(a: &Seen<'_>, b: &Seen<'_>) -> Ordering {
    let (first, second) = (a.origin, b.origin);
    let by_cell = second.entry.cmp(&first.entry).then_with(|| first.cell.cmp(&second.cell));
    let by_arm = by_cell.then_with(|| first.arm.cmp(&second.arm));
    by_arm.then_with(|| points(first, second)).then(a.seed.cmp(&b.seed))
}

/// Sweep points in order: numbers by size, everything else as it is written.
fn points(a: &Origin, b: &Origin) -> Ordering {
    let compare = |(_, a): &(String, Value), (_, b): &(String, Value)| match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.to_string().cmp(&b.to_string()),
    };
    let each = a.point.iter().zip(&b.point).map(|(a, b)| compare(a, b));
    each.fold(Ordering::Equal, Ordering::then)
}

/// Adds a run with whatever is known of it.
fn push(builder: &mut Builder, seen: &Seen<'_>, known: &Known, reduced: &[(Reduction, String, f64)]) {
    let Seen { run, origin, seed, spec } = *seen;
    let (nothing, own) = (BTreeMap::new(), [("run", run.as_str())]);
    let is_open = known.live(run).is_some() || known.is_asked_for(run);
    let record = known.record(run).filter(|_| !is_open);
    let settings = record.map_or_else(|| spec.settings(), |record| record.spec.settings());
    let bare = |state| Facts {
        run,
        origin,
        seed,
        state,
        settings: &settings,
        measures: &nothing,
        reduced,
        steps: None,
        seconds: None,
        words: &own,
    };
    if let Some(live) = known.live(run) {
        let (measures, steps) = (&so_far(&live.curve), Some(live.steps()));
        builder.push(&Facts { measures, steps, ..bare(State::Running(live.fraction())) });
    } else if known.is_asked_for(run) {
        builder.push(&bare(if known.is_running(run) { State::Running(0.0) } else { State::Queued }));
    } else if let Some(record) = record {
        push_record(builder, record, &bare(State::Ended(record.status)));
    } else {
        let interrupted = State::Ended(Status::Interrupted);
        builder.push(&bare(if known.is_interrupted(run) { interrupted } else { State::Missing }));
    }
}

fn push_record(builder: &mut Builder, record: &RunRecord, bare: &Facts<'_>) {
    let engine = record.engine.to_string();
    let words = [
        ("run", record.run.as_str()),
        ("reason", record.reason.as_str()),
        ("finished", record.finished.as_str()),
        ("host", record.host.as_str()),
        ("version", record.version.as_str()),
        ("engine_version", engine.as_str()),
        ("dataset_hash", record.dataset_hash.get(..8).unwrap_or_default()),
    ];
    builder.push(&Facts {
        measures: &record.measures,
        steps: Some(record.steps),
        seconds: Some(record.seconds),
        words: &words,
        ..*bare
    });
}

/// The last value of each quantity.
fn so_far(curve: &Curve) -> BTreeMap<String, f64> {
    let last = |(name, column): (&String, &Vec<f64>)| {
        let value = column.iter().rev().find(|value| !value.is_nan())?;
        Some((name.clone(), *value))
    };
    curve.columns.iter().filter_map(last).collect()
}
