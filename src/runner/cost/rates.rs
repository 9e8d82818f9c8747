//! Everything that is known of how fast this machine works, and what follows for a run.

use super::likeness::{self, Likeness};
use super::{Probe, Timed};
use crate::data::Shape;
use crate::runner::Job;
use crate::science::cost::{Counts, Outline, Parts};

/// Seconds that a run takes besides its work: its journal, its weights, its worker and its crew. Files are made
/// durable, so it depends on the disk.
const OVERHEAD: f64 = 3e-3;

/// Seconds that a worker takes to start, where none was seen starting.
const START: f64 = 0.03;

/// Seconds of a multiply-add on a common core.
pub const COMMON: f64 = 2e-11;

/// Bytes of a process that are not counted as the run's, where none was looked at.
const BASE: f64 = 11e6;

/// A trial is as good as a stored run that is so far away: it has never run beside others, nor to the end.
const ON_TRIAL: f64 = 0.15;
/// A stored run that took less than this is worth less, by so much …
const SHORT: f64 = 0.03;
const TOO_SHORT: f64 = 0.3;
/// … and by this, for each share of its time in which it does something else (half of that is the difference).
const MIXTURE: f64 = 0.5;

/// How far apart runs may be that tell of each other without doubt.
pub const NEAR: f64 = 0.5;

/// How far apart runs may be that tell of each other at all.
pub const FAR: f64 = 2.5;

/// Stored runs that are hardly further than the nearest count like it.
const TIE: f64 = 0.02;

/// Everything that is known of how fast this machine works. A trial tells what a run takes on a core of its own, a
/// stored run what it took beside whatever else went on.
#[derive(Clone, Debug)]
pub struct Rates {
    timed: Vec<Timed>,
    probes: Vec<(Likeness, Probe)>,
    start: Option<f64>,
    slowdown: f64,
}

impl Default for Rates {
    fn default() -> Self {
        Self { timed: Vec::new(), probes: Vec::new(), start: None, slowdown: 1.0 }
    }
}

/// How long a run will take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// Seconds.
    pub seconds: f64,
    /// The share of them that comes after the last step.
    pub tail: f64,
    /// Whether it may end sooner, when it reaches its target.
    pub at_most: bool,
}

/// Seconds that a run might take on a common core: good for nothing but whether it is worth a trial.
pub fn guess(job: &Job, shape: Shape) -> f64 {
    let asked = Asked::new(job, shape);
    (asked.counts.total() * asked.outline.work()).sum() * COMMON
}

/// A run about which something is asked.
struct Asked {
    likeness: Likeness,
    outline: Outline,
    counts: Counts,
}

impl Asked {
    fn new(job: &Job, shape: Shape) -> Self {
        let outline = Outline::of(&job.spec, shape);
        let counts = outline.counts(&job.spec, &job.measures, job.spec.stop.steps);
        Self { likeness: Likeness::of(&outline), outline, counts }
    }
}

impl Rates {
    /// From stored runs and trials; `start` is how long a worker was seen to take to start.
    pub fn new(timed: Vec<Timed>, probes: Vec<Probe>, start: Option<f64>) -> Self {
        let mut rates = Self { timed, start, ..Self::default() };
        rates.add(probes);
        rates
    }

    /// Takes in trials.
    pub fn add(&mut self, probes: Vec<Probe>) {
        self.probes.extend(probes.into_iter().map(|probe| (Likeness::of(&probe.outline), probe)));
    }

    /// Takes in how long a worker took to start.
    pub fn starts_in(&mut self, seconds: f64) {
        self.start = Some(seconds);
    }

    /// Takes in how many times as long things take beside whatever else goes on at the moment. Of stored runs it is not
    /// known what they ran beside: they stand as they are.
    pub fn beside_others(&mut self, slowdown: f64) {
        self.slowdown = slowdown;
    }

    /// How long a run will take on a dataset of this shape, if anything within `reach` is known.
    pub fn predict(&self, job: &Job, shape: Shape, reach: f64) -> Option<Prediction> {
        let asked = Asked::new(job, shape);
        let unit = asked.outline.work();
        let known = self.nearest(&asked, unit).filter(|(_, distance)| *distance <= reach);
        // What is not trained is one multiplication of matrices after the other: there is nothing to try out.
        let common = asked.outline.exact.map(|_| self.slowdown * COMMON);
        let common = common.map(|rate| Parts { ready: rate, steps: rate, rows: rate, products: rate });
        let rates = known.map(|(rates, _)| rates).or(common)?;
        let seconds = |counts: Parts| (counts * unit * rates).sum();
        let (along, at_end) = (seconds(asked.counts.along), seconds(asked.counts.at_end));
        let whole = along + at_end + OVERHEAD;
        let at_most = job.spec.stop.has_target();
        whole.is_finite().then(|| Prediction { seconds: whole, tail: at_end / whole, at_most })
    }

    /// Bytes that a worker needs for a run.
    pub fn bytes(&self, job: &Job, shape: Shape) -> f64 {
        let outline = Outline::of(&job.spec, shape);
        let bases =
            self.probes.iter().filter_map(|(_, probe)| Some((probe.outline.parameters(), probe.base?)));
        // That of the smallest network has the least of what was only counted and of what others left lying about.
        let base = bases.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(BASE, |(_, base)| base as f64);
        base + outline.bytes(shape, &job.measures)
    }

    /// Seconds until a worker that is started for this run begins to train.
    pub fn start(&self, job: &Job, shape: Shape) -> f64 {
        let likeness = Likeness::of(&Outline::of(&job.spec, shape));
        let inputs = |probe: &Probe| probe.outline.widths.first() == Some(&shape.inputs);
        let loads = self.probes.iter().filter(|(_, probe)| inputs(probe));
        let near = loads.min_by(|(a, _), (b, _)| a.distance(&likeness).total_cmp(&b.distance(&likeness)));
        let load = if shape.bytes == 0 { 0.0 } else { near.map_or(0.0, |(_, probe)| probe.load) };
        self.start.unwrap_or(START) + load
    }

    /// How far the nearest is that is known, infinitely far if nothing is.
    pub fn distance(&self, job: &Job, shape: Shape) -> f64 {
        let asked = Asked::new(job, shape);
        self.nearest(&asked, asked.outline.work()).map_or(f64::INFINITY, |(_, distance)| distance)
    }

    /// Seconds per unit of work, part by part, by what is nearest, and how far that is.
    fn nearest(&self, asked: &Asked, unit: Parts) -> Option<(Parts, f64)> {
        let work = asked.counts.total() * unit;
        let tried = self.probes.iter().map(|(likeness, probe)| {
            (likeness.distance(&asked.likeness) + ON_TRIAL, probe.rates.map(|rate| rate * self.slowdown))
        });
        let tried = tried.filter(|(distance, _)| distance.is_finite()).min_by(|a, b| a.0.total_cmp(&b.0));
        let far = |timed: &Timed| {
            let short = if timed.seconds < SHORT { TOO_SHORT } else { 0.0 };
            let mixture = MIXTURE * likeness::mixture(timed.work, work);
            timed.likeness.distance(&asked.likeness) + mixture + short
        };
        let timed: Vec<_> = self.timed.iter().map(|timed| (far(timed), timed)).collect();
        let least = timed.iter().map(|(distance, _)| *distance).fold(f64::INFINITY, f64::min);
        match tried {
            Some((distance, rates)) if distance <= least => Some((rates, distance)),
            _ if least.is_finite() => {
                let near = timed.iter().filter(|(distance, _)| *distance <= least + TIE);
                let (seconds, work) = near.fold((0.0, 0.0), |(seconds, work), (_, timed)| {
                    (seconds + timed.seconds, work + timed.work.sum())
                });
                let rate = seconds / work;
                Some((Parts { ready: rate, steps: rate, rows: rate, products: rate }, least))
            }
            _ => None,
        }
    }
}
