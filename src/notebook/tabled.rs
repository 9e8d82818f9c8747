//! A table of runs as it was made last: the next one is made of what is new. Of ten thousand runs those are read that have
//! ended since, and those that are going.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::known::Known;
use super::runs::{RunOrder, Scope};
use crate::base::RunId;
use crate::compare::runs::{Builder, Facts, RunTable, State};
use crate::runner::Job;
use crate::runner::supervisor::Roster;
use crate::spec::query::Reduction;
use crate::spec::run::settings_of;
use crate::store::journal::LiveRun;
use crate::store::{Curve, Origin, RunRecord, Stamp, Status};

/// The curves of runs, each reduced as was asked for.
pub(super) type Reduced = HashMap<RunId, Vec<(Reduction, String, f64)>>;

/// A table as it was made last.
#[derive(Debug, Default)]
pub(super) struct Tabled {
    /// The runs that are meant; all, where none is named.
    pub wanted: Option<HashSet<RunId>>,
    /// The summary files that are in it.
    pub tables: BTreeMap<PathBuf, Stamp>,
    /// Reductions of curves that stored runs have in it.
    pub reductions: BTreeSet<(Reduction, String)>,
    /// Stored runs, in the order of the log.
    stored: Vec<Stored>,
    /// The same by their ids.
    known: HashSet<RunId>,
    rows: Rows,
}

/// A stored run and where it stands.
#[derive(Debug)]
struct Stored {
    run: RunId,
    /// Seeds of an arm share it.
    origin: Arc<Origin>,
    seed: u64,
}

/// The rows of every run that was ever in the table, and what they were made of.
#[derive(Debug, Default)]
struct Rows {
    builder: Builder,
    states: HashMap<RunId, State>,
}

/// What goes on beside what is stored.
pub(super) struct Now {
    /// Runs that have a journal.
    pub live: Vec<LiveRun>,
    /// What was asked for.
    pub roster: Roster,
    /// The runs that cells ask for: all of them where the table is of cells, else those that are open.
    pub jobs: Vec<Job>,
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

impl Tabled {
    /// A table without rows, of these runs, in which stored runs have these reductions.
    pub fn new(wanted: Option<HashSet<RunId>>, reductions: &[(Reduction, String)]) -> Self {
        Self { wanted, reductions: reductions.iter().cloned().collect(), ..Self::default() }
    }

    /// Whether a run is meant.
    pub fn wants(&self, run: &RunId) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| wanted.contains(run))
    }

    /// Whether a run is stored.
    pub fn has(&self, run: &RunId) -> bool {
        self.known.contains(run)
    }

    /// Whether the settings of a run are in it.
    pub fn knows(&self, run: &RunId) -> bool {
        self.rows.builder.knows(run)
    }

    /// The table as it is `now`, with `records` newly stored; `None` if a run that is stored must be read again for it.
    /// `reduce` reads curves.
    pub fn table(
        &mut self,
        records: Vec<Arc<RunRecord>>,
        now: &Now,
        order: &RunOrder,
        tags: &HashMap<String, Vec<String>>,
        reduce: impl Fn(&[&RunId], &Known) -> Reduced,
    ) -> Option<RunTable> {
        self.store(&records);
        let known = Known::new(records, now.live.clone(), now.roster.clone());
        let seen = match order.scope {
            Scope::Notebook => everything(&self.stored, now),
            _ => now.jobs.iter().map(Seen::of_job).collect(),
        };
        let runs: Vec<&RunId> = seen.iter().map(|seen| seen.run).collect();
        let curves = reduce(&runs, &known);
        for seen in &seen {
            let reduced = curves.get(seen.run).map_or(&[][..], Vec::as_slice);
            self.rows.put(seen, &known, self.known.contains(seen.run), reduced)?;
        }
        Some(self.rows.builder.table(runs, tags, &order.reductions))
    }

    /// Takes in where newly stored runs stand.
    fn store(&mut self, records: &[Arc<RunRecord>]) {
        if records.is_empty() {
            return;
        }
        self.known.extend(records.iter().map(|record| record.run.clone()));
        self.stored.extend(records.iter().map(|record| Stored {
            run: record.run.clone(),
            origin: Arc::new(record.origin.clone()),
            seed: record.seed,
        }));
        self.stored.sort_by(|a, b| in_order((&a.origin, a.seed), (&b.origin, b.seed)));
        let mut before: Option<Arc<Origin>> = None;
        for stored in &mut self.stored {
            match &before {
                Some(before) if **before == *stored.origin => stored.origin = Arc::clone(before),
                _ => before = Some(Arc::clone(&stored.origin)),
            }
        }
    }
}

impl<'a> Seen<'a> {
    fn of_job(job: &'a Job) -> Self {
        Self { run: &job.run, origin: &job.origin, seed: job.spec.seed, spec: Spec::Planned(job) }
    }
}

/// Everything that is stored, in flight or waiting, each run once: what is going comes first.
fn everything<'a>(stored: &'a [Stored], now: &'a Now) -> Vec<Seen<'a>> {
    let jobs: HashMap<&RunId, &Job> = now.jobs.iter().map(|job| (&job.run, job)).collect();
    let going = now.roster.running.iter().map(|(run, going)| (run, &going.seat));
    let waiting = going.chain(&now.roster.queued).map(|(run, seat)| {
        let spec = jobs.get(run).map_or(Spec::Record, |job| Spec::Planned(job));
        Seen { run, origin: &seat.origin, seed: seat.seed, spec }
    });
    let live = now.live.iter().map(|live| {
        let start = &live.start;
        Seen { run: &live.run, origin: &start.origin, seed: start.seed(), spec: Spec::Journal(&start.spec) }
    });
    let mut open: Vec<Seen<'a>> = live.chain(waiting).collect();
    open.sort_by(|a, b| in_order((a.origin, a.seed), (b.origin, b.seed)));
    let stored = stored.iter().map(|stored| Seen {
        run: &stored.run,
        origin: &stored.origin,
        seed: stored.seed,
        spec: Spec::Record,
    });
    let mut known = HashSet::new();
    open.into_iter().chain(stored).filter(|seen| known.insert(seen.run)).collect()
}

/// The newest entry first, as in the log; within it by cell, arm, sweep point and seed.
fn in_order((first, seed): (&Origin, u64), (second, other): (&Origin, u64)) -> Ordering {
    let by_cell = second.entry.cmp(&first.entry).then_with(|| first.cell.cmp(&second.cell));
    let by_arm = by_cell.then_with(|| first.arm.cmp(&second.arm));
    by_arm.then_with(|| points(first, second)).then(seed.cmp(&other))
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

impl Rows {
    /// Makes the row of a run, unless it is what it was; `None` if it is stored and would have to be read again.
    fn put(
        &mut self,
        seen: &Seen<'_>,
        known: &Known,
        is_stored: bool,
        reduced: &[(Reduction, String, f64)],
    ) -> Option<()> {
        let run = seen.run;
        let (live, is_open) = (known.live(run), known.live(run).is_some() || known.is_asked_for(run));
        let record = known.record(run).filter(|_| !is_open);
        let state = match (live, record) {
            (Some(live), _) => State::Running(live.fraction()),
            (None, Some(record)) => State::Ended(record.status),
            (None, None) if known.is_running(run) => State::Running(0.0),
            (None, None) if is_open => State::Queued,
            (None, None) if known.is_interrupted(run) => State::Ended(Status::Interrupted),
            (None, None) => State::Missing,
        };
        let before = self.states.get(run).copied();
        if record.is_none() && is_stored && !is_open {
            // Its row may have been that of a run in flight since.
            return before.filter(|state| matches!(state, State::Ended(_))).map(|_| ());
        }
        if live.is_none() && record.is_none() && before == Some(state) {
            return Some(());
        }
        self.states.insert(run.clone(), state);
        let settings = match record {
            _ if self.builder.knows(run) => Vec::new(),
            Some(record) => record.spec.settings(),
            None => seen.spec.settings(),
        };
        let Seen { origin, seed, .. } = *seen;
        let (nothing, own) = (BTreeMap::new(), [("run", run.as_str())]);
        let bare = Facts {
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
        match (live, record) {
            (Some(live), _) => {
                let (measures, steps) = (&so_far(&live.curve), Some(live.steps()));
                self.builder.put(&Facts { measures, steps, ..bare });
            }
            (None, Some(record)) => self.put_record(record, &bare),
            (None, None) => self.builder.put(&bare),
        }
        Some(())
    }

    fn put_record(&mut self, record: &RunRecord, bare: &Facts<'_>) {
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
        self.builder.put(&Facts {
            measures: &record.measures,
            steps: Some(record.steps),
            seconds: Some(record.seconds),
            words: &words,
            ..*bare
        });
    }
}

/// The last value of each quantity.
fn so_far(curve: &Curve) -> BTreeMap<String, f64> {
    let last = |(name, column): (&String, &Vec<f64>)| {
        let value = column.iter().rev().find(|value| !value.is_nan())?;
        Some((name.clone(), *value))
    };
    curve.columns.iter().filter_map(last).collect()
}
