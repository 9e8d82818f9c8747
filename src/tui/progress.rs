//! How far the runs are that were asked for, on this screen or another.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::base::text::{clean_line, counted};
use crate::base::{RunId, clock};
use crate::runner::supervisor::{Going, Roster};
use crate::runner::{Eta, Event, Job, Open, Seat};
use crate::store::Status;

/// Runs asked for and not yet stored, and how it goes with them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Those that wait.
    queued: BTreeMap<RunId, Stand>,
    /// Those that are going.
    running: BTreeMap<RunId, Stand>,
    ended: usize,
    failed: usize,
    cancelled: usize,
    /// What hinders the runs at the moment.
    trouble: Option<String>,
    /// What runs took.
    eta: Eta,
    /// When those ended that did so last.
    ends: VecDeque<Duration>,
}

/// A run, and since when it waits or is going.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stand {
    /// Where it stands; `None` for one that was begun and not heard of before.
    seat: Option<Seat>,
    /// Since when, since the program started.
    pub since: Duration,
}

impl Stand {
    fn new(seat: Seat, since: Duration) -> Self {
        Self { seat: Some(seat), since }
    }

    /// See [`Seat::kind`].
    fn kind(&self) -> String {
        self.seat.as_ref().map(Seat::kind).unwrap_or_default()
    }

    /// See [`Seat::place`].
    pub fn place(&self) -> String {
        self.seat.as_ref().map_or_else(|| "a run".to_owned(), Seat::place)
    }

    /// The seed.
    pub fn seed(&self) -> Option<u64> {
        self.seat.as_ref().map(|seat| seat.seed)
    }
}

/// For how long the end of a run counts for the rate.
const RATE: Duration = Duration::from_mins(1);

impl Progress {
    /// The jobs of these that are not on their way already, each run once; they are now.
    pub fn submit(&mut self, jobs: Vec<Job>, now: Duration) -> Vec<Job> {
        jobs.into_iter()
            .filter(|job| {
                !self.running.contains_key(&job.run)
                    && self.queued.insert(job.run.clone(), Stand::new(job.seat(), now)).is_none()
            })
            .collect()
    }

    /// Takes over how it stands with all runs, whoever asked for them; a line about it, if it is worth one.
    pub fn take_over(&mut self, roster: &Roster, now: Duration) -> Option<String> {
        let known = self.queued.keys().chain(self.running.keys());
        self.ended += known.filter(|run| !roster.has(run)).count();
        let since = |run| self.queued.get(run).map_or(now, |stand| stand.since);
        let queued = roster.queued.iter();
        self.queued = queued.map(|(run, seat)| (run.clone(), Stand::new(seat.clone(), since(run)))).collect();
        let began = |going: &Going| {
            let elapsed = clock::seconds_since(&going.since).unwrap_or(0.0);
            now.saturating_sub(Duration::from_secs_f64(elapsed))
        };
        let running = roster.running.iter();
        self.running =
            running.map(|(run, going)| (run.clone(), Stand::new(going.seat.clone(), began(going)))).collect();
        self.trouble.clone_from(&roster.trouble);
        if roster.open() == 0 { self.finish() } else { None }
    }

    /// Takes note of what happened; a line about it, if it is worth one.
    pub fn heard(&mut self, event: &Event, now: Duration) -> Option<String> {
        match event {
            Event::Queued(runs) => {
                for queued in runs {
                    let known = self.queued.get(&queued.run).map_or(now, |stand| stand.since);
                    self.queued.insert(queued.run.clone(), Stand::new(queued.seat.clone(), known));
                }
                None
            }
            Event::Requeued(run) => {
                let stand = self.running.remove(run).unwrap_or_default();
                self.queued.entry(run.clone()).or_insert(Stand { since: now, ..stand });
                None
            }
            Event::Recovered => {
                self.trouble = None;
                Some("what hindered the runs is over".to_owned())
            }
            Event::Started(run) => {
                let stand = self.queued.remove(run).unwrap_or_default();
                self.running.insert(run.clone(), Stand { since: now, ..stand });
                None
            }
            Event::Ended(run, status) => self.end(run, *status, now),
            Event::Stored(_) => None,
            Event::Trouble(what) => {
                let what = clean_line(what);
                self.trouble = Some(what.clone());
                Some(what)
            }
            Event::Idle => self.finish(),
        }
    }

    fn end(&mut self, run: &RunId, status: Status, now: Duration) -> Option<String> {
        self.queued.remove(run);
        if let Some(stand) = self.running.remove(run)
            && status.is_result()
        {
            self.eta.learn(&stand.kind(), now.saturating_sub(stand.since).as_secs_f64());
            self.ends.push_back(now);
            self.ends.retain(|end| now.saturating_sub(*end) <= RATE);
        }
        self.ended += 1;
        let bad = status == Status::Failed;
        self.failed += usize::from(bad);
        self.cancelled += usize::from(status == Status::Cancelled);
        bad.then(|| format!("run {} failed: its cell says why", run.short()))
    }

    fn finish(&mut self) -> Option<String> {
        let Self { ended, failed, cancelled, .. } = std::mem::take(self);
        if ended == 0 {
            return None;
        }
        if cancelled == ended {
            return Some(format!("{} cancelled", counted(ended, "run")));
        }
        let of_them =
            [(cancelled, "cancelled"), (failed, "failed")].into_iter().filter(|(number, _)| *number > 0);
        let of_them = of_them.map(|(number, how)| format!(", {number} {how}")).collect::<Vec<_>>().concat();
        Some(format!("{} over{of_them}", counted(ended, "run")))
    }

    /// Whether a run was asked for and has not ended.
    pub fn is_going(&self, run: &RunId) -> bool {
        self.queued.contains_key(run) || self.running.contains_key(run)
    }

    /// The runs whose kind begins so: those of an entry and cell.
    pub fn asked_for_by(&self, begin: &str) -> Vec<RunId> {
        let open = self.queued.iter().chain(&self.running);
        open.filter(|(_, stand)| stand.kind().starts_with(begin)).map(|(run, _)| run.clone()).collect()
    }

    /// Runs that were asked for and have not ended.
    pub fn going(&self) -> usize {
        self.queued.len() + self.running.len()
    }

    /// Runs that wait.
    pub fn queued(&self) -> impl Iterator<Item = (&RunId, &Stand)> {
        self.queued.iter()
    }

    /// Runs that a worker is at.
    pub fn running(&self) -> impl Iterator<Item = (&RunId, &Stand)> {
        self.running.iter()
    }

    /// How many ended in a minute, as of the last minute; once there are two to tell it by.
    pub fn runs_per_minute(&self, now: Duration) -> Option<f64> {
        let recent: Vec<_> = self.ends.iter().filter(|end| now.saturating_sub(**end) <= RATE).collect();
        let (first, last) = (recent.first()?, recent.last()?);
        let seconds = last.saturating_sub(**first).as_secs_f64();
        (seconds > 0.0).then(|| 60.0 * (recent.len() - 1) as f64 / seconds)
    }

    /// Seconds to go, once there is something to go by.
    pub fn eta(&self, now: Duration) -> Option<f64> {
        let waiting = self.queued.values().map(|stand| Open::new(stand.kind(), 0.0));
        let elapsed = |stand: &Stand| now.saturating_sub(stand.since).as_secs_f64();
        let going = self.running.values().map(|stand| Open::new(stand.kind(), elapsed(stand)));
        let open: Vec<_> = waiting.chain(going).collect();
        if open.is_empty() { None } else { self.eta.remaining(&open, self.running.len()) }
    }

    /// `3 running · 12 queued · eta 0:41`, with `dot` between; nothing when nothing is going.
    pub fn line(&self, now: Duration, dot: &str) -> Option<String> {
        let mut parts = Vec::new();
        if !self.running.is_empty() {
            parts.push(format!("{} running", self.running.len()));
        }
        if !self.queued.is_empty() {
            parts.push(format!("{} queued", self.queued.len()));
        }
        if self.trouble.is_some() && !parts.is_empty() {
            parts.push("held up".to_owned());
            return Some(parts.join(&format!(" {dot} ")));
        }
        parts.extend(self.eta(now).map(|seconds| format!("eta {}", clock::duration(seconds))));
        (!parts.is_empty()).then(|| parts.join(&format!(" {dot} ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_run_is_asked_for_once() {
        let jobs = fixture::jobs(3);
        let mut progress = Progress::default();
        assert_eq!(progress.submit(jobs.clone(), at(0)).len(), 3);
        assert_eq!(progress.submit(jobs.clone(), at(0)).len(), 0);
        progress.heard(&Event::Started(jobs[0].run.clone()), at(0));
        assert_eq!(progress.submit(jobs, at(0)).len(), 0);
    }

    #[test]
    fn the_line_counts_down() {
        let jobs = fixture::jobs(4);
        let ids: Vec<RunId> = jobs.iter().map(|job| job.run.clone()).collect();
        let mut progress = Progress::default();
        assert_eq!(progress.line(at(0), "·"), None);
        progress.submit(jobs, at(0));
        assert_eq!(progress.line(at(0), "·").unwrap(), "4 queued");
        progress.heard(&Event::Started(ids[0].clone()), at(10));
        assert_eq!(progress.line(at(10), "·").unwrap(), "1 running · 3 queued");
        progress.heard(&Event::Ended(ids[0].clone(), Status::Done), at(20));
        progress.heard(&Event::Started(ids[1].clone()), at(20));
        assert_eq!(progress.line(at(20), "·").unwrap(), "1 running · 2 queued · eta 0:30");
    }

    #[test]
    fn the_end_says_what_was_cancelled() {
        for (statuses, expected) in [
            ([Status::Cancelled, Status::Cancelled, Status::Cancelled], "3 runs cancelled"),
            ([Status::Done, Status::Cancelled, Status::Failed], "3 runs over, 1 cancelled, 1 failed"),
            ([Status::Done, Status::Done, Status::Diverged], "3 runs over"),
        ] {
            let mut progress = Progress::default();
            for (job, status) in progress.submit(fixture::jobs(3), at(0)).iter().zip(statuses) {
                progress.heard(&Event::Ended(job.run.clone(), status), at(1));
            }
            assert_eq!(progress.heard(&Event::Idle, at(1)).unwrap(), expected);
        }
    }

    #[test]
    fn the_end_says_what_failed() {
        let jobs = fixture::jobs(2);
        let ids: Vec<RunId> = jobs.iter().map(|job| job.run.clone()).collect();
        let mut progress = Progress::default();
        progress.submit(jobs, at(0));
        progress.heard(&Event::Ended(ids[0].clone(), Status::Done), at(1));
        assert!(
            progress.heard(&Event::Ended(ids[1].clone(), Status::Failed), at(1)).unwrap().contains("failed")
        );
        assert_eq!(progress.heard(&Event::Idle, at(1)).unwrap(), "2 runs over, 1 failed");
        assert_eq!(progress, Progress::default());
    }

    #[test]
    fn the_rate_is_that_of_the_last_minute() {
        let mut progress = Progress::default();
        assert_eq!(progress.runs_per_minute(at(0)), None);
        for (index, job) in progress.submit(fixture::jobs(5), at(0)).iter().enumerate() {
            let now = at(2 * index as u64);
            progress.heard(&Event::Started(job.run.clone()), now);
            progress.heard(&Event::Ended(job.run.clone(), Status::Done), now);
        }
        assert_eq!(progress.runs_per_minute(at(10)), Some(30.0));
        assert_eq!(progress.runs_per_minute(at(100)), None);
    }
}
