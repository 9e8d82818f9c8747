//! Learning rates by step.

use crate::spec::{OptimizerSpec, RateSchedule, RateShape};

/// The learning rate of every step, as a function of its number alone: nothing of it stands in a checkpoint.
#[derive(Clone, Debug)]
pub struct Rate {
    base: f64,
    schedule: RateSchedule,
    steps: u64,
    steps_per_epoch: u64,
}

impl Rate {
    /// Of a training of up to `steps`.
    pub fn new(spec: &OptimizerSpec, steps: u64, steps_per_epoch: u64) -> Self {
        Self { base: spec.learning_rate, schedule: spec.schedule.clone(), steps, steps_per_epoch }
    }

    /// That of the step after `step` others.
    pub fn at(&self, step: u64) -> f64 {
        self.base * self.factor(step)
    }

    fn factor(&self, step: u64) -> f64 {
        let RateSchedule { shape, warmup } = &self.schedule;
        if step < *warmup {
            return (step + 1) as f64 / *warmup as f64;
        }
        let fall = |last: f64, left: f64| last + (1.0 - last) * left;
        match shape {
            RateShape::Constant => 1.0,
            RateShape::Step { decay_at, factor } => {
                let epoch = step / self.steps_per_epoch.max(1);
                let passed = decay_at.iter().filter(|at| **at <= epoch).count();
                factor.powf(passed as f64)
            }
            RateShape::Cosine { last } => {
                fall(*last, 0.5 * (1.0 + (std::f64::consts::PI * self.share(step)).cos()))
            }
            RateShape::Linear { last } => fall(*last, 1.0 - self.share(step)),
            RateShape::InverseSqrt => ((*warmup).max(1) as f64 / (step + 1) as f64).sqrt(),
        }
    }

    /// How much of the steps after the warm-up lies behind.
    fn share(&self, step: u64) -> f64 {
        let warmup = self.schedule.warmup;
        let all = self.steps.saturating_sub(warmup).max(1);
        ((step - warmup) as f64 / all as f64).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Factors of a training of 12 steps, four per epoch, at these steps.
    fn factors(shape: RateShape, warmup: u64, at: &[u64]) -> Vec<f64> {
        let spec = OptimizerSpec { schedule: RateSchedule { shape, warmup }, ..OptimizerSpec::sgd(1.0, 1) };
        let rate = Rate::new(&spec, 12, 4);
        at.iter().map(|&step| rate.at(step)).collect()
    }

    #[test]
    fn factors_by_hand() {
        let root = |x: f64| x.sqrt();
        let cases = [
            (RateShape::Constant, 0, vec![0, 11], vec![1.0, 1.0]),
            (RateShape::Constant, 4, vec![0, 1, 3, 4], vec![0.25, 0.5, 1.0, 1.0]),
            (
                RateShape::Step { decay_at: vec![1, 2], factor: 0.5 },
                0,
                vec![0, 3, 4, 7, 8, 11],
                vec![1.0, 1.0, 0.5, 0.5, 0.25, 0.25],
            ),
            (RateShape::Cosine { last: 0.0 }, 0, vec![0, 4, 6, 8], vec![1.0, 0.75, 0.5, 0.25]),
            (RateShape::Cosine { last: 0.5 }, 4, vec![3, 4, 8, 12, 99], vec![1.0, 1.0, 0.75, 0.5, 0.5]),
            (RateShape::Linear { last: 0.0 }, 0, vec![0, 3, 6, 9], vec![1.0, 0.75, 0.5, 0.25]),
            (RateShape::Linear { last: 0.2 }, 2, vec![0, 2, 7, 12], vec![0.5, 1.0, 0.6, 0.2]),
            (RateShape::InverseSqrt, 0, vec![0, 1, 3], vec![1.0, root(0.5), 0.5]),
            (RateShape::InverseSqrt, 4, vec![1, 3, 4, 15], vec![0.5, 1.0, root(0.8), 0.5]),
        ];
        for (shape, warmup, at, expected) in cases {
            for ((found, expected), step) in factors(shape.clone(), warmup, &at).iter().zip(expected).zip(at)
            {
                assert!(
                    (found - expected).abs() < 1e-15,
                    "{shape:?}, warm-up {warmup}, step {step}: {found}"
                );
            }
        }
    }
}
