//! What a run trains and is tested on: its examples, drawn, corrupted and scaled, in f32 as they enter the network.

use super::DataError;
use crate::spec::Loss;

/// One part (training or test) of a run's examples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Inputs, row-major, `n × inputs`.
    pub x: Vec<f32>,
    /// Targets, row-major, `n × outputs`; one-hot where there are classes, or signs for the logistic loss.
    pub y: Vec<f32>,
    /// Class of each example, empty where targets are real numbers.
    pub labels: Vec<u32>,
    /// Number of examples.
    pub n: usize,
}

/// Training and test examples of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problem {
    /// Examples to train on.
    pub train: Part,
    /// Examples to test on; may be empty.
    pub test: Part,
    /// Input dimension.
    pub inputs: usize,
    /// Output dimension: classes, or targets per example.
    pub outputs: usize,
    /// Classes of the training examples before any was replaced; empty where none was.
    pub clean: Vec<u32>,
    /// What there is to be found, where the targets are linear.
    pub truth: Option<Truth>,
}

/// A linear target: y = ⟨β, x⟩ with x ~ N(0, diag(λ)).
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// β.
    pub coefficients: Vec<f64>,
    /// λ.
    pub variances: Vec<f64>,
}

impl Truth {
    /// The same where so many inputs of variance 1 are added that tell nothing.
    #[must_use]
    pub fn widened(mut self, inputs: usize) -> Self {
        self.coefficients.extend(std::iter::repeat_n(0.0, inputs));
        self.variances.extend(std::iter::repeat_n(1.0, inputs));
        self
    }

    /// E (⟨w − β, x⟩)²: the squared error of f(x) = ⟨w, x⟩ beyond that of the truth itself.
    pub fn excess_risk(&self, w: &[f64]) -> f64 {
        let terms = w.iter().zip(&self.coefficients).zip(&self.variances);
        terms.map(|((w, b), variance)| (w - b).powi(2) * variance).sum()
    }
}

impl Problem {
    /// With targets as `loss` takes them: the logistic loss has one output, and two classes become −1 and 1.
    pub fn for_loss(mut self, loss: Loss) -> Result<Self, DataError> {
        if !loss.is_of_signs() {
            return Ok(self);
        }
        let classes = !self.train.labels.is_empty();
        if classes && self.outputs == 2 {
            let sign = |label: &u32| if *label == 1 { 1.0 } else { -1.0 };
            for part in [&mut self.train, &mut self.test] {
                part.y = part.labels.iter().map(sign).collect();
            }
            self.outputs = 1;
            return Ok(self);
        }
        let mut targets = self.train.y.iter().chain(&self.test.y);
        if !classes && self.outputs == 1 && targets.all(|y| y.abs() == 1.0) {
            return Ok(self);
        }
        let (there, mend) = if classes {
            (format!("{} classes", self.outputs), "cross_entropy")
        } else {
            ("real targets".to_owned(), "squared")
        };
        let message = format!("this loss needs two classes or targets ±1, not {there}: `loss: {mend}`");
        Err(DataError::Spec(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_classes_become_signs_and_other_targets_are_refused() {
        let part = |y: &[f32], labels: &[u32], n| Part {
            x: vec![0.0; n],
            y: y.to_vec(),
            labels: labels.to_vec(),
            n,
        };
        let problem = |outputs, y: &[f32], labels: &[u32]| {
            let part = part(y, labels, y.len() / outputs);
            Problem { train: part.clone(), test: part, inputs: 1, outputs, ..Problem::default() }
        };
        let two = problem(2, &[1.0, 0.0, 0.0, 1.0], &[0, 1]);
        assert_eq!(two.clone().for_loss(Loss::CrossEntropy).unwrap(), two);
        let signs = two.for_loss(Loss::Logistic).unwrap();
        assert_eq!(
            (signs.outputs, &signs.train.y[..], &signs.test.y[..]),
            (1, &[-1.0, 1.0][..], &[-1.0, 1.0][..])
        );
        let targets = problem(1, &[1.0, -1.0], &[]);
        assert_eq!(targets.clone().for_loss(Loss::Logistic).unwrap(), targets);
        for (wrong, said) in [
            (problem(3, &[1.0, 0.0, 0.0], &[0]), "not 3 classes: `loss: cross_entropy`"),
            (problem(1, &[0.5, -1.0], &[]), "not real targets: `loss: squared`"),
        ] {
            assert!(wrong.for_loss(Loss::Logistic).unwrap_err().to_string().contains(said), "{said}");
        }
    }
}
