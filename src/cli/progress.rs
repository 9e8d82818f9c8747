//! How far runs are: a bar on a terminal, a last word in a pipe.

use std::collections::{HashMap, HashSet};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output;
use crate::base::interrupt::Interrupt;
use crate::base::spread::cores;
use crate::base::{RunId, clock, text};
use crate::runner::supervisor::{Client, News, Roster};
use crate::runner::{Eta, Event, Job, Open, Seat};
use crate::store::journal::{self, LiveRuns, LiveState};
use crate::store::{Status, Store};

/// How often the supervisor is listened to.
const LISTEN: Duration = Duration::from_millis(15);

/// How often the bar moves.
const INTERVAL: Duration = Duration::from_millis(250);

/// How the runs ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// With a result.
    pub done: usize,
    /// With an error.
    pub failed: usize,
    /// Stopped before their end.
    pub stopped: usize,
    /// Not ended: they go on without us.
    pub left: usize,
    /// Ended, and not stored yet.
    pub unstored: bool,
}

/// Runs that are followed until they have ended.
pub struct Progress {
    bar: ProgressBar,
    root: PathBuf,
    /// Journals, followed for how far the runs are.
    live: LiveRuns,
    started: Instant,
    workers: usize,
    /// Of these runs no more go at once.
    most: usize,
    /// Runs that have not ended, with the kind of each and since when it is going.
    open: HashMap<RunId, (String, Option<Instant>)>,
    /// Whether runs that others ask for are followed too.
    all: bool,
    total: usize,
    /// Whether a target may end a run sooner than expected.
    bounded: bool,
    eta: Eta,
    outcome: Outcome,
    /// What was said last of what holds the runs up.
    trouble: Option<String>,
}

impl Progress {
    /// Follows these runs.
    pub fn of(jobs: Vec<Job>, eta: Eta, root: &Path, workers: Option<usize>) -> Self {
        let bounded = jobs.iter().any(|job| job.spec.stop.has_target());
        let open = jobs.into_iter().map(|job| (job.run.clone(), (job.kind(), None))).collect();
        Self { bounded, eta, ..Self::new(open, false, root, workers) }
    }

    /// Follows all runs of the notebook.
    pub fn of_all(root: &Path) -> Self {
        Self::new(HashMap::new(), true, root, None)
    }

    fn new(
        open: HashMap<RunId, (String, Option<Instant>)>,
        all: bool,
        root: &Path,
        workers: Option<usize>,
    ) -> Self {
        let terminal = io::stderr().is_terminal();
        let target =
            if terminal { ProgressDrawTarget::stderr_with_hz(4) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(1), target);
        if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:30} {msg}") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        let cores = cores();
        Self {
            bar,
            root: root.to_owned(),
            live: LiveRuns::new(&journal::live_root(root)),
            started: Instant::now(),
            workers: workers.unwrap_or(cores),
            most: workers.unwrap_or(usize::MAX),
            total: open.len(),
            open,
            all,
            bounded: false,
            eta: Eta::default(),
            outcome: Outcome::default(),
            trouble: None,
        }
    }

    /// Follows until every run has ended and is stored, or `interrupt` is raised.
    pub fn follow(&mut self, client: &mut Client, interrupt: &Interrupt) {
        self.follow_on(client, interrupt);
        self.outcome.unstored = self.open.is_empty() && !self.is_over(client);
    }

    fn follow_on(&mut self, client: &mut Client, interrupt: &Interrupt) {
        let mut drawn: Option<Instant> = None;
        loop {
            for news in client.poll() {
                self.heard(&news);
            }
            if self.is_over(client) || interrupt.raised() {
                return;
            }
            if drawn.is_none_or(|drawn| drawn.elapsed() >= INTERVAL) {
                drawn = Some(Instant::now());
                self.draw();
            }
            thread::sleep(LISTEN);
        }
    }

    /// Whether every run has ended and is stored: whoever waits for results may read the tables then.
    fn is_over(&self, client: &Client) -> bool {
        self.open.is_empty() && if self.all { client.all_is_settled() } else { client.is_settled() }
    }

    /// How many are followed that have not ended.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Takes the bar away and says how it went.
    pub fn finish(self) -> Outcome {
        self.bar.finish_and_clear();
        let Outcome { done, failed, stopped, .. } = self.outcome;
        if self.open.is_empty() {
            let seconds = self.started.elapsed().as_secs_f64();
            let workers = text::counted(self.workers.min(self.total.max(1)), "worker");
            let some = |count: usize, how: &str| {
                if count > 0 { format!(", {count} {how}") } else { String::new() }
            };
            let done = text::counted(done, "run");
            let took =
                if seconds < 1.0 { format!("{:.0} ms", seconds * 1000.0) } else { format!("{seconds:.1} s") };
            let (failed, stopped) = (some(failed, "failed"), some(stopped, "stopped"));
            output::note(&format!("{done} in {took} on {workers}{failed}{stopped}"));
        }
        if self.outcome.unstored {
            output::complain("the results are not stored yet: `lowland watch` goes on with that");
        }
        Outcome { left: self.open.len(), ..self.outcome }
    }

    /// Takes note of what is told.
    pub fn heard(&mut self, news: &News) {
        match news {
            News::Roster(roster) => self.take_over(roster),
            News::Event(Event::Queued(runs)) if self.all => {
                for queued in runs {
                    self.take_in(&queued.run, &queued.seat, None);
                }
            }
            News::Event(Event::Started(run)) => {
                if let Some((_, since)) = self.open.get_mut(run) {
                    *since = Some(Instant::now());
                }
            }
            News::Event(Event::Requeued(run)) => {
                if let Some((_, since)) = self.open.get_mut(run) {
                    *since = None;
                }
            }
            News::Event(Event::Ended(run, status)) => self.ended(run, Some(*status)),
            News::Event(Event::Trouble(message)) => self.complain(message),
            News::Event(Event::Recovered) => {
                self.trouble = None;
                self.bar.suspend(|| output::note("it goes on"));
            }
            News::Event(Event::Queued(_) | Event::Stored(_) | Event::Idle) => {}
        }
    }

    /// Another supervisor tells how it stands: what it does not know has ended, as results may tell.
    fn take_over(&mut self, roster: &Roster) {
        if roster.workers > 0 {
            self.workers = roster.workers.min(self.most);
        }
        for (run, seat) in &roster.queued {
            self.take_in(run, seat, None);
        }
        for (run, going) in &roster.running {
            let elapsed = clock::seconds_since(&going.since).unwrap_or(0.0);
            let since = Instant::now().checked_sub(Duration::from_secs_f64(elapsed));
            self.take_in(run, &going.seat, since);
        }
        if let Some(trouble) = &roster.trouble {
            self.complain(trouble);
        }
        let gone: Vec<RunId> = self.open.keys().filter(|run| !roster.has(run)).cloned().collect();
        if !gone.is_empty() {
            let statuses = statuses(&self.root, &gone.iter().collect());
            for run in &gone {
                self.ended(run, statuses.get(run).copied());
            }
        }
    }

    /// Says what holds the runs up, once.
    fn complain(&mut self, trouble: &str) {
        if self.trouble.as_deref() != Some(trouble) {
            self.bar.suspend(|| output::complain(trouble));
            self.trouble = Some(trouble.to_owned());
        }
    }

    fn take_in(&mut self, run: &RunId, seat: &Seat, since: Option<Instant>) {
        if let Some(known) = self.open.get_mut(run) {
            known.1 = since;
        } else if self.all {
            self.open.insert(run.clone(), (seat.kind(), since));
            self.total += 1;
        }
    }

    fn ended(&mut self, run: &RunId, status: Option<Status>) {
        let Some((kind, since)) = self.open.remove(run) else { return };
        match status {
            Some(Status::Done | Status::Diverged) => {
                self.outcome.done += 1;
                if let Some(since) = since {
                    self.eta.learn(&kind, since.elapsed().as_secs_f64());
                }
            }
            Some(Status::Failed) => self.outcome.failed += 1,
            Some(Status::Cancelled | Status::Interrupted) | None => self.outcome.stopped += 1,
        }
    }

    fn draw(&mut self) {
        if self.bar.is_hidden() {
            return;
        }
        let fractions: HashMap<RunId, f64> =
            self.live.poll().map(|live| (live.run.clone(), live.fraction())).collect();
        let part: f64 = self.open.keys().filter_map(|run| fractions.get(run)).sum();
        let done = self.total - self.open.len();
        self.bar.set_length(self.total as u64 * 1000);
        self.bar.set_prefix(format!("{done}/{} runs", self.total));
        self.bar.set_position(((done as f64 + part) * 1000.0) as u64);
        let open = self.open.iter().map(|(run, (kind, since))| {
            let going = since.map(|since| since.elapsed().as_secs_f64());
            let open = Open::new(kind.clone(), going.unwrap_or(0.0));
            match fractions.get(run) {
                Some(&fraction) if going.is_some() => open.at(fraction),
                _ => open,
            }
        });
        let left = self.eta.remaining(&open.collect::<Vec<_>>(), self.workers);
        // A target may end runs sooner than their steps tell.
        let most = if self.bounded { "at most " } else { "" };
        let left = left.map(|left| format!("  eta {most}{}", clock::duration(left))).unwrap_or_default();
        let elapsed = clock::duration(self.started.elapsed().as_secs_f64());
        self.bar.set_message(format!("{elapsed}{left}"));
    }
}

/// How these runs ended, as far as results or journals tell. The journals are read first: a run has its row before its
/// journal goes, so that one that is stored just now is found in one of the two.
fn statuses(root: &Path, runs: &HashSet<&RunId>) -> HashMap<RunId, Status> {
    let live = journal::read_all(&journal::live_root(root));
    let (records, _) = Store::open(root).read_summaries();
    let stored = records.iter().map(|record| (record.run.clone(), record.status));
    let finished = live.into_iter().filter_map(|live| match live.state {
        LiveState::Finished(record) => Some((live.run, record.status)),
        LiveState::Running | LiveState::Dead => None,
    });
    stored.chain(finished).filter(|(run, _)| runs.contains(run)).collect()
}
