//! What was killed, and what came of it: a row of the table that the tests print.

use std::sync::Once;
use std::thread;
use std::time::Instant;

use crate::census::Count;
use crate::chance::{self, Chance};
use crate::common::Notebook;
use crate::say;
use crate::sweep::LONG;

/// So many are killed at least, of each kind.
const KILLS: usize = 100;

/// What was done and what came of it.
pub struct Tally {
    whom: &'static str,
    began: Instant,
    /// So many kills are enough.
    wanted: usize,
    kills: usize,
    /// Kills while some file was half written.
    halfway: usize,
    notebooks: usize,
    count: Count,
    differences: Vec<String>,
}

impl Tally {
    /// Of kills of these.
    pub fn of(whom: &'static str) -> Self {
        let (began, count, differences) = (Instant::now(), Count::default(), Vec::new());
        Self { whom, began, wanted: KILLS, kills: 0, halfway: 0, notebooks: 0, count, differences }
    }

    /// The same by so many `lanes` side by side, as most of the time somebody waits for a process to come back. Each
    /// has its own notebooks and instants, and strikes until its tally is content.
    pub fn by(whom: &'static str, lanes: usize, strike: fn(&mut Chance, &mut Self)) -> Self {
        let mut sum = Self::of(whom);
        let lane = |lane: usize| {
            let mut tally = Self { wanted: KILLS.div_ceil(lanes), ..Self::of(whom) };
            strike(&mut Chance::of(&format!("{whom} {lane}")), &mut tally);
            tally
        };
        thread::scope(|scope| {
            let lanes: Vec<_> = (0..lanes).map(|at| scope.spawn(move || lane(at))).collect();
            for tally in lanes.into_iter().map(|lane| lane.join().unwrap()) {
                sum.kills += tally.kills;
                sum.halfway += tally.halfway;
                sum.notebooks += tally.notebooks;
                sum.count.again += tally.count.again;
                sum.count.resumed += tally.count.resumed;
                sum.differences.extend(tally.differences);
            }
        });
        sum
    }

    /// How many there were.
    pub fn kills(&self) -> usize {
        self.kills
    }

    /// Whether there were not enough yet.
    pub fn wants_more(&self) -> bool {
        self.kills < self.wanted
    }

    /// Takes in a kill, if it `hit`, and whether a file was half written then.
    pub fn kill(&mut self, hit: bool, halfway: bool) {
        self.kills += usize::from(hit);
        self.halfway += usize::from(hit && halfway);
    }

    /// Takes in how a notebook differs from one that was not disturbed, with all its runs done.
    pub fn look(&mut self, notebook: &Notebook) {
        self.differences.extend(LONG.differences(notebook));
    }

    /// The same, as the last look at a notebook; and how often its runs were begun.
    pub fn close(&mut self, notebook: &Notebook, count: Count) {
        self.look(notebook);
        self.notebooks += 1;
        self.count.again += count.again;
        self.count.resumed += count.resumed;
    }

    /// Says what it came to, and holds that nothing differs.
    pub fn end(self) -> Count {
        static HEAD: Once = Once::new();
        HEAD.call_once(|| {
            let seed = chance::seed();
            say(&format!("faults: seed {seed}"));
            say("faults: killed       kills  file half written  notebooks  runs  begun again  resumed  differences");
        });
        let Self { whom, began, kills, halfway, notebooks, count, differences, .. } = self;
        let (Count { again, resumed }, runs) = (count, notebooks * LONG.runs);
        let (different, seconds) = (differences.len(), began.elapsed().as_secs_f64());
        say(&format!(
            "faults: {whom:<12} {kills:>5}  {halfway:>17}  {notebooks:>9}  {runs:>4}  {again:>11}  {resumed:>7}  \
             {different:>11}  in {seconds:.1} s"
        ));
        assert!(kills >= KILLS);
        assert!(differences.is_empty(), "{differences:#?}");
        count
    }
}
