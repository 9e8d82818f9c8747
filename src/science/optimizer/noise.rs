//! Noise on the targets that every step draws anew (Blanc et al. 2020; Damian, Ma & Lee 2021), from the stream
//! `step_noise` of the seed. Only steps see it: whatever is measured knows the targets as they are.

use serde::{Deserialize, Serialize};

use super::super::batches::Chosen;
use super::super::checkpoint::{Checkpoint, Misfit};
use crate::base::rng::{Position, Stream};
use crate::data::Part;
use crate::spec::{Loss, RunSpec};

/// Targets with the noise of one step.
#[derive(Clone, Debug)]
pub struct LabelNoise {
    kind: Kind,
    size: f64,
    outputs: usize,
    stream: Stream,
    /// The stream as it stood before it was drawn for the next step; none if it was not.
    before: Option<Stream>,
    targets: Vec<f32>,
}

/// What noise does to a target.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Adds a normal number of standard deviation `size`.
    Added,
    /// With probability `size` it becomes another class, any of them as likely.
    OtherClass,
    /// With probability `size` it changes its sign.
    OtherSign,
}

/// Where the stream stands, as it is kept in a checkpoint.
#[derive(Serialize, Deserialize)]
struct Saved(Position);

/// Name of it.
const PART: &str = "step_noise";

impl LabelNoise {
    /// As `spec` asks for it, on batches of up to `rows` examples with so many outputs; `None` if it does not.
    pub fn new(spec: &RunSpec, rows: usize, outputs: usize) -> Option<Self> {
        let kind = match spec.loss {
            Loss::Squared => Kind::Added,
            Loss::CrossEntropy => Kind::OtherClass,
            Loss::Logistic | Loss::Perceptron => Kind::OtherSign,
        };
        let size = spec.optimizer.label_noise;
        (size != 0.0).then(|| Self {
            kind,
            size,
            outputs,
            stream: Stream::new(spec.seed, "step_noise"),
            before: None,
            targets: Vec::with_capacity(rows * outputs),
        })
    }

    /// The targets of the `chosen` examples for the next step, row by row: the same until it was taken.
    pub fn targets(&mut self, part: &Part, chosen: Chosen<'_>) -> &[f32] {
        if self.before.is_none() {
            self.before = Some(self.stream.clone());
            self.targets.clear();
            match chosen {
                Chosen::All => (0..part.n).for_each(|row| self.draw(part, row)),
                Chosen::Some(rows) => rows.iter().for_each(|&row| self.draw(part, row)),
            }
        }
        &self.targets
    }

    /// Notes that the step was taken.
    pub fn advance(&mut self) {
        self.before = None;
    }

    fn draw(&mut self, part: &Part, row: usize) {
        let (targets, stream, size) = (&mut self.targets, &mut self.stream, self.size);
        let clean = &part.y[row * self.outputs..][..self.outputs];
        match self.kind {
            Kind::Added => {
                targets.extend(clean.iter().map(|y| (f64::from(*y) + size * stream.normal()) as f32));
            }
            Kind::OtherSign => {
                targets.extend(clean.iter().map(|y| if stream.uniform() < size { -y } else { *y }));
            }
            Kind::OtherClass => {
                let start = targets.len();
                targets.extend_from_slice(clean);
                if self.outputs > 1 && stream.uniform() < size {
                    targets[start..].rotate_right(1 + stream.below(self.outputs - 1));
                }
            }
        }
    }

    /// Keeps where the stream stood before the next step.
    pub fn save(&self, into: &mut Checkpoint) {
        into.put(PART, &Saved(self.before.as_ref().unwrap_or(&self.stream).position()));
    }

    /// Goes back there.
    pub fn restore(&mut self, from: &Checkpoint) -> Result<(), Misfit> {
        let Saved(position) = from.get(PART)?;
        self.before = None;
        if self.stream.go_to(&position) { Ok(()) } else { Err(Misfit::new("its noise is of another stream")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::fixtures::{blobs, run_spec};

    fn noise(loss: Loss, size: f64, outputs: usize) -> LabelNoise {
        let mut spec = run_spec();
        (spec.loss, spec.optimizer.label_noise) = (loss, size);
        LabelNoise::new(&spec, 4000, outputs).unwrap()
    }

    #[test]
    fn as_many_targets_change_as_were_asked_for() {
        let part = blobs(4000, 1, 6, 3).train;
        let classes = |targets: &[f32]| -> Vec<u32> {
            targets.chunks(3).map(|row| row.iter().position(|y| *y == 1.0).unwrap() as u32).collect()
        };
        let mut flips = noise(Loss::CrossEntropy, 0.2, 3);
        let drawn = classes(flips.targets(&part, Chosen::All));
        let moved = |by: u32| drawn.iter().zip(&part.labels).filter(|(a, b)| **a == (**b + by) % 3).count();
        // Standard errors are 25 and 19.
        assert!(moved(0).abs_diff(3200) < 100, "{}", moved(0));
        assert!(moved(1).abs_diff(400) < 80 && moved(2).abs_diff(400) < 80, "{} {}", moved(1), moved(2));

        let mut added = noise(Loss::Squared, 0.5, 3);
        let drawn = added.targets(&part, Chosen::All);
        let off = drawn.iter().zip(&part.y).map(|(a, b)| f64::from(a - b));
        let variance = off.map(|off| off * off).sum::<f64>() / 12_000.0;
        assert!((variance - 0.25).abs() < 4.0 * 0.25 * (2.0_f64 / 12_000.0).sqrt(), "{variance}");

        let signs = Part { y: (0..4000).map(|i| if i % 3 == 0 { 1.0 } else { -1.0 }).collect(), ..part };
        let mut turned = noise(Loss::Logistic, 0.1, 1);
        let drawn = turned.targets(&signs, Chosen::All);
        let turned = drawn.iter().zip(&signs.y).filter(|(a, b)| **a == -**b).count();
        assert!(turned.abs_diff(400) < 80, "{turned}");
    }

    #[test]
    fn it_is_the_same_until_a_step_was_taken_and_in_another_process() {
        let part = blobs(20, 1, 6, 3).train;
        let mut noise = noise(Loss::Squared, 0.5, 3);
        let chosen = Chosen::Some(&[3, 17, 4]);
        for _ in 0..5 {
            let drawn = noise.targets(&part, chosen).to_vec();
            assert_eq!(noise.targets(&part, chosen), drawn);
            let mut kept = Checkpoint::default();
            noise.save(&mut kept);
            let mut other = super::tests::noise(Loss::Squared, 0.5, 3);
            other.restore(&kept).unwrap();
            assert_eq!(other.targets(&part, chosen), drawn);
            noise.advance();
            assert_ne!(noise.targets(&part, chosen), drawn);
        }
    }
}
