//! What a run trains and is tested on: its examples, drawn, corrupted and scaled, in f32 as they enter the network.

/// One part (training or test) of a run's examples.
#[derive(Clone, Debug, PartialEq)]
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
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Examples to train on.
    pub train: Part,
    /// Examples to test on; may be empty.
    pub test: Part,
    /// Input dimension.
    pub inputs: usize,
    /// Output dimension: classes, or targets per example.
    pub outputs: usize,
}
