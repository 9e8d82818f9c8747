//! How far a verification is.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::base::text::counted;
use crate::base::{RunId, clock};
use crate::cli::output;
use crate::runner::{Eta, Open};
use crate::store::RunRecord;

/// The progress line, on a terminal.
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    workers: usize,
    total: usize,
    /// Runs to do, and since when each is going.
    open: HashMap<RunId, Option<Instant>>,
    /// What each took when it was stored: it will take about that again.
    eta: Eta,
}

impl Progress {
    /// For the runs of these records.
    pub fn new(records: &HashMap<RunId, &Arc<RunRecord>>, workers: usize) -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(4)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(records.len() as u64 * 1000), target);
        if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:30} {msg}") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        let mut eta = Eta::default();
        for record in records.values() {
            eta.learn(record.run.as_str(), record.seconds);
        }
        let open = records.keys().map(|run| (run.clone(), None)).collect();
        Self { bar, started: Instant::now(), workers, total: records.len(), open, eta }
    }

    /// What is to be done, and how long it will take.
    pub fn forecast(&self) -> String {
        let about = self
            .left(&HashMap::new())
            .map(|left| format!(", about {}", clock::duration(left)))
            .unwrap_or_default();
        format!("{} to train again{about}", counted(self.total, "run"))
    }

    fn left(&self, going: &HashMap<RunId, f64>) -> Option<f64> {
        let open = |(run, since): (&RunId, &Option<Instant>)| {
            let elapsed = since.map_or(0.0, |since| since.elapsed().as_secs_f64());
            let open = Open::new(run.as_str().to_owned(), elapsed);
            match going.get(run) {
                Some(&fraction) => open.at(fraction),
                None => open,
            }
        };
        self.eta.remaining(&self.open.iter().map(open).collect::<Vec<_>>(), self.workers)
    }

    /// A run began.
    pub fn began(&mut self, run: &RunId) {
        self.open.insert(run.clone(), Some(Instant::now()));
    }

    /// A run ended.
    pub fn ended(&mut self, run: &RunId) {
        self.open.remove(run);
        self.draw(&HashMap::new());
    }

    /// Draws it, where runs in flight are so far.
    pub fn draw(&self, going: &HashMap<RunId, f64>) {
        let done = self.total - self.open.len();
        self.bar.set_prefix(format!("{done}/{} runs", self.total));
        let part: f64 =
            going.iter().filter(|(run, _)| self.open.contains_key(run)).map(|(_, part)| part).sum();
        self.bar.set_position(((done as f64 + part) * 1000.0) as u64);
        let left =
            self.left(going).map(|left| format!("  eta {}", clock::duration(left))).unwrap_or_default();
        let elapsed = clock::duration(self.started.elapsed().as_secs_f64());
        self.bar.set_message(format!("{elapsed}{left}"));
    }

    /// Says something above it.
    pub fn say(&self, message: &str) {
        self.bar.suspend(|| output::complain(message));
    }

    /// Takes the line away, and says how many seconds it stood there.
    pub fn finish(&self) -> f64 {
        self.bar.finish_and_clear();
        self.started.elapsed().as_secs_f64()
    }
}
