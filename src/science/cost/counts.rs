//! How often each part of a run comes: the rules of the schedule, turned into counts.

use super::{Outline, Parts};
use crate::science::measures::{self, Work};
use crate::science::{schedule, target};
use crate::spec::{MeasureSpec, RunSpec, Stop, When};

/// How often each part comes, along the way and at the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counts {
    /// Until the last step.
    pub along: Parts,
    /// After it.
    pub at_end: Parts,
}

impl Counts {
    /// Of both together.
    pub fn total(&self) -> Parts {
        self.along + self.at_end
    }
}

impl Outline {
    /// How often each part of `spec`, whose outline this is, comes in `steps` steps.
    pub fn counts(&self, spec: &RunSpec, measured: &[MeasureSpec], steps: u64) -> Counts {
        let asked = || measured.iter().filter(|measure| !measure.is_always());
        let products = asked().map(|measure| self.times(measure, steps) * self.effort(measure));
        let rows = asked().filter(|measure| measure.quantity.info().always);
        let rows: f64 = rows.map(|measure| self.times(measure, steps)).sum();
        let looks = if spec.stop.has_target() { self.looks(&spec.stop, steps) } else { 0.0 };
        // Other trainings are about as long, and nothing is measured of them at their ends.
        let trainings = spec.procedure.trainings(spec.dataset.train);
        Counts {
            along: Parts {
                ready: trainings,
                steps: trainings * steps as f64,
                rows: trainings * (self.rows(steps) + rows + looks),
                products: products.sum(),
            },
            at_end: Parts {
                rows: trainings,
                products: asked().map(|measure| self.effort(measure)).sum(),
                ..Parts::default()
            },
        }
    }

    /// Work of so many steps, in example-gradients.
    fn trained(&self, steps: u64) -> Work {
        let epoch = self.steps_per_epoch();
        let examples =
            (steps / epoch) as f64 * self.train as f64 + (steps % epoch) as f64 * self.batch as f64;
        f64::from(self.optimizer.gradients) * examples
    }

    /// Work of a row, in example-gradients.
    fn row_work(&self) -> Work {
        measures::FORWARD * (self.train + self.test) as f64
    }

    /// Rows that are recorded by themselves before the last of so many steps: the schedule, from row to row.
    fn rows(&self, steps: u64) -> f64 {
        let row_work = self.row_work();
        let (mut rows, mut from) = (0, 0);
        loop {
            let paid = |step: u64| schedule::row_is_paid(rows, row_work, self.trained(step));
            let mut at = from.max(self.step_of(schedule::price(rows, row_work)).saturating_sub(1));
            while at < steps && !paid(at) {
                at += 1;
            }
            if at >= steps {
                return rows as f64;
            }
            rows += 1;
            from = schedule::next_row(at);
        }
    }

    /// About the first step before which so much work was done.
    fn step_of(&self, work: Work) -> u64 {
        let (train, examples) = (self.train.max(1) as f64, work / f64::from(self.optimizer.gradients));
        let (epochs, rest) = ((examples / train).floor(), examples % train);
        (epochs as u64).saturating_mul(self.steps_per_epoch()) + (rest / self.batch as f64) as u64
    }

    /// How often a measure is due before the last of so many steps.
    fn times(&self, measure: &MeasureSpec, steps: u64) -> f64 {
        let epoch = self.steps_per_epoch();
        match &measure.when {
            When::End => 0.0,
            When::Every(every) => steps.div_ceil((*every).max(1)) as f64,
            When::Epochs(epochs) => {
                epochs.iter().filter(|number| number.saturating_mul(epoch) < steps).count() as f64
            }
            When::Share(_) if steps == 0 => 0.0,
            When::Share(share) => {
                let work = self.trained(steps - 1);
                ((share * work / self.measure_work(measure)).floor() + 1.0).min(steps as f64)
            }
        }
    }

    /// Work of one measurement as the schedule books it, in example-gradients.
    pub(super) fn measure_work(&self, measure: &MeasureSpec) -> Work {
        if measure.quantity.info().always {
            return self.row_work();
        }
        measures::WIDE * measures::PRODUCT * self.train as f64 * self.tally(measure).passes()
    }

    /// What one measurement takes, in products.
    pub(super) fn effort(&self, measure: &MeasureSpec) -> f64 {
        let tally = self.tally(measure);
        tally.passes() + self.besides(&tally)
    }

    /// Looks at the training examples on the way to a target, in rows: at most what the share of the work allows that
    /// they may take. Full batches tell the loss, and no other target, for nothing, if their own targets are as they are.
    fn looks(&self, stop: &Stop, steps: u64) -> f64 {
        if self.batch >= self.train && !self.noise && !stop.looks_along() {
            return 1.0;
        }
        target::SHARE * self.trained(steps) / self.row_work()
    }
}
