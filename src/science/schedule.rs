//! When rows of the curve are recorded: a function of counted work alone, never of time, so that the curve of a run is
//! the same on every machine.
//!
//! What is always measured is recorded at the start, and then whenever the steps have grown by a twentieth and the
//! rows have cost at most 5 % of the training so far (the first few are free). That is about 50 rows per factor of
//! ten in steps. Rows never depend on what else is measured, nor training on rows.

use serde::{Deserialize, Serialize};

use super::checkpoint::{Bits, Checkpoint, Misfit};
use super::measures::Work;
use crate::spec::{MeasureSpec, When};

/// Growth of the steps between two rows.
const GROWTH: f64 = 1.05;
/// Share of the training's work that rows may cost …
const SHARE: f64 = 0.05;
/// … beyond this many, which are free.
const FREE_ROWS: f64 = 4.0;

/// What is due when.
#[derive(Clone, Debug)]
pub struct Schedule {
    steps_per_epoch: u64,
    row_work: Work,
    rows: u64,
    next_row: u64,
    asked: Vec<Asked>,
}

/// A measure that the cell asks for, and what it has cost along the way.
#[derive(Clone, Debug)]
struct Asked {
    spec: MeasureSpec,
    spent: Work,
}

/// Rows so far and what measures have cost, as they are kept in a checkpoint.
#[derive(Serialize, Deserialize)]
struct Saved {
    rows: u64,
    next_row: u64,
    /// Fingerprint of each measure asked for, and its cost.
    asked: Vec<(String, Bits)>,
}

/// Name of it.
const PART: &str = "schedule";

/// What is due at one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Whether what is always measured is due.
    pub always: bool,
    /// Which of the measures asked for are.
    pub asked: Vec<usize>,
}

impl Schedule {
    /// For these measures; `row_work` is that of one row of what is always measured.
    pub fn new(measures: &[MeasureSpec], steps_per_epoch: u64, row_work: Work) -> Self {
        let asked = measures.iter().map(|spec| Asked { spec: spec.clone(), spent: 0.0 }).collect();
        Self { steps_per_epoch: steps_per_epoch.max(1), row_work, rows: 0, next_row: 0, asked }
    }

    /// The measures asked for, in the order given.
    pub fn measures(&self) -> impl Iterator<Item = &MeasureSpec> {
        self.asked.iter().map(|asked| &asked.spec)
    }

    /// What is due after `step` steps that took `work` (example-gradients); `None` if nothing is.
    pub fn due(&self, step: u64, work: Work) -> Option<Due> {
        let automatic = self.row_is_due(step, work);
        if !automatic && !self.asked.iter().any(|asked| self.is_due(asked, step, work)) {
            return None;
        }
        let due = |asked: &&(usize, &Asked)| self.is_due(asked.1, step, work);
        let asked: Vec<usize> =
            self.asked.iter().enumerate().filter(|asked| due(&asked)).map(|(i, _)| i).collect();
        let always = automatic || asked.iter().any(|&index| self.asked[index].spec.quantity.info().always);
        Some(Due { always, asked })
    }

    /// A row with everything `due` was recorded after `step` steps that took `work`; the measures asked for cost `works`.
    pub fn recorded(&mut self, due: &Due, step: u64, work: Work, works: &[Work]) {
        if self.row_is_due(step, work) {
            self.rows += 1;
            self.next_row = next_row(step);
        }
        for (&index, &cost) in due.asked.iter().zip(works) {
            let asked = &mut self.asked[index];
            asked.spent += if asked.spec.quantity.info().always { self.row_work } else { cost };
        }
    }

    /// Keeps what decides when something is due again.
    pub fn save(&self, into: &mut Checkpoint) {
        let asked = self.asked.iter().map(|asked| (asked.spec.fingerprint(), Bits(asked.spent)));
        into.put(PART, &Saved { rows: self.rows, next_row: self.next_row, asked: asked.collect() });
    }

    /// Takes it back. Of other measures it would leave rows out.
    pub fn restore(&mut self, from: &Checkpoint) -> Result<(), Misfit> {
        let saved: Saved = from.get(PART)?;
        let mine = self.asked.iter().map(|asked| asked.spec.fingerprint());
        if !mine.eq(saved.asked.iter().map(|(measure, _)| measure.clone())) {
            return Err(Misfit::new("other measures were taken"));
        }
        (self.rows, self.next_row) = (saved.rows, saved.next_row);
        for (asked, (_, spent)) in self.asked.iter_mut().zip(saved.asked) {
            asked.spent = spent.0;
        }
        Ok(())
    }

    /// Whether the automatic row is.
    fn row_is_due(&self, step: u64, work: Work) -> bool {
        step >= self.next_row && row_is_paid(self.rows, self.row_work, work)
    }

    fn is_due(&self, asked: &Asked, step: u64, work: Work) -> bool {
        match &asked.spec.when {
            When::End => false,
            When::Every(steps) => step.is_multiple_of((*steps).max(1)),
            When::Epochs(epochs) => {
                step.is_multiple_of(self.steps_per_epoch) && epochs.contains(&(step / self.steps_per_epoch))
            }
            // On credit: the cost is known only afterwards, and the next one waits until it is earned.
            When::Share(share) => asked.spent <= share * work,
        }
    }
}

/// The first step at which there may be a row after one at `step`.
pub fn next_row(step: u64) -> u64 {
    (step + 1).max((step as f64 * GROWTH).ceil() as u64)
}

/// Whether training for `work` pays for one more row besides `rows`.
pub fn row_is_paid(rows: u64, row_work: Work, work: Work) -> bool {
    (rows + 1) as f64 * row_work <= FREE_ROWS * row_work + SHARE * work
}

/// The work that pays for one more row besides `rows`, but for rounding.
pub fn price(rows: u64, row_work: Work) -> Work {
    ((rows + 1) as f64 - FREE_ROWS).max(0.0) * row_work / SHARE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Quantity;

    /// Steps at which the `index`-th measure (or else the automatic row) is recorded, one example-gradient a step.
    fn recorded(
        measures: &[MeasureSpec],
        index: Option<usize>,
        row_work: Work,
        cost: Work,
        steps: u64,
    ) -> Vec<u64> {
        recorded_by(&mut Schedule::new(measures, 10, row_work), index, cost, steps, |_| {})
    }

    /// The same; `between` is called before every step.
    fn recorded_by(
        schedule: &mut Schedule,
        index: Option<usize>,
        cost: Work,
        steps: u64,
        between: impl Fn(&mut Schedule),
    ) -> Vec<u64> {
        let mut at = Vec::new();
        for step in 0..steps {
            between(schedule);
            let work = step as f64;
            let Some(due) = schedule.due(step, work) else { continue };
            if index.map_or(due.always, |index| due.asked.contains(&index)) {
                at.push(step);
            }
            let works = vec![cost; due.asked.len()];
            schedule.recorded(&due, step, work, &works);
        }
        at
    }

    fn measure(quantity: Quantity, when: When) -> MeasureSpec {
        MeasureSpec { when, ..MeasureSpec::at_end(quantity) }
    }

    #[test]
    fn rows_thin_out_and_stay_within_their_share() {
        let cheap = recorded(&[], None, 0.0, 0.0, 100_000);
        assert_eq!(cheap[..22], (0..22).collect::<Vec<_>>());
        assert!(cheap.len() < 250, "{}", cheap.len());
        let dear = recorded(&[], None, 100.0, 0.0, 100_000);
        assert_eq!(dear[..4], (0..4).collect::<Vec<_>>());
        assert!(dear.len() as f64 * 100.0 <= 400.0 + 0.05 * 100_000.0);
        assert!(dear.len() > 40, "{}", dear.len());
    }

    #[test]
    fn what_else_is_measured_moves_no_row() {
        let alone = recorded(&[], None, 3.0, 0.0, 5000);
        let others = [
            measure(Quantity::LambdaMax, When::Every(7)),
            measure(Quantity::HessianTrace, When::Share(0.5)),
            measure(Quantity::GradientNorm, When::End),
        ];
        assert_eq!(recorded(&others, None, 3.0, 40.0, 5000), alone);
    }

    #[test]
    fn each_measure_keeps_its_own_time() {
        let at = |when| recorded(&[measure(Quantity::LambdaMax, when)], Some(0), 1.0, 25.0, 101);
        assert!(at(When::End).is_empty());
        assert_eq!(at(When::Every(40)), [0, 40, 80]);
        assert_eq!(at(When::Epochs(vec![0, 1, 9, 99])), [0, 10, 90]);
        assert_eq!(at(When::Share(0.5)), [0, 50, 100]);
    }

    #[test]
    fn a_quantity_of_the_row_brings_the_row_with_it() {
        let measures = [measure(Quantity::TestLoss, When::Every(50))];
        let rows = recorded(&measures, None, 1e9, 0.0, 120);
        assert!(rows.ends_with(&[50, 100]), "{rows:?}");
    }

    #[test]
    fn it_goes_on_from_a_checkpoint_at_any_step() {
        let measures = [
            measure(Quantity::LambdaMax, When::Share(0.5)),
            measure(Quantity::HessianTrace, When::Every(7)),
            measure(Quantity::TestLoss, When::Share(0.1)),
        ];
        for index in [None, Some(0), Some(1), Some(2)] {
            let mut schedule = Schedule::new(&measures, 10, 0.5);
            let steps = recorded_by(&mut schedule, index, 9.0, 500, |schedule| {
                let mut kept = Checkpoint::default();
                schedule.save(&mut kept);
                *schedule = Schedule::new(&measures, 10, 0.5);
                schedule.restore(&kept).unwrap();
            });
            assert_eq!(steps, recorded(&measures, index, 0.5, 9.0, 500), "{index:?}");
            assert!(steps.len() > 10 && steps.len() < 200, "{index:?}: {steps:?}");
        }
    }
}
