//! What a run trains and is tested on: its examples, drawn, corrupted and scaled, in f32 as they enter the network.

/// One part (training or test) of a run's examples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Inputs, row-major, `n × inputs`.
    pub x: Vec<f32>,
    /// Targets, row-major, `n × outputs`; one-hot where there are classes.
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
