//! How large a dataset is, told without unpacking it: what a run costs depends on it, and is asked of runs by the
//! thousand.

use serde::{Deserialize, Serialize};

use super::file;
use crate::spec::{DatasetSpec, Source};

/// The size of a dataset as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Rows, of both parts.
    pub rows: usize,
    /// Those to train on.
    pub train_rows: usize,
    /// Input dimension.
    pub inputs: usize,
    /// Output dimension: classes, or targets per example.
    pub outputs: usize,
    /// Bytes of its file, 0 where it is made up on the spot.
    pub bytes: u64,
}

impl Shape {
    /// Of a file at hand; `None` where it is not one that could be read.
    pub fn of_file(bytes: &[u8]) -> Option<Self> {
        let (rows, train_rows, inputs, outputs) = file::size(bytes).ok()?;
        Some(Self { rows, train_rows, inputs, outputs, bytes: bytes.len() as u64 })
    }

    /// Of what `spec` makes up; `None` where it names a file.
    pub fn generated(spec: &DatasetSpec) -> Option<Self> {
        let drawn = spec.drawn();
        let rows = drawn + spec.test;
        let (rows, inputs, outputs) = match &spec.source {
            Source::File { .. } => return None,
            Source::Teacher { inputs, classes, .. } => (rows, *inputs, *classes),
            Source::Chebyshev { .. } | Source::Sine { .. } => (2 * drawn - drawn.min(1), 1, 1),
            Source::LinearTeacher { inputs, .. }
            | Source::TwoScale { inputs, .. }
            | Source::Step { inputs }
            | Source::Staircase { inputs, .. } => (rows, *inputs, 1),
            Source::NetworkTeacher { inputs, outputs, .. } | Source::Gaussian { inputs, outputs } => {
                (rows, *inputs, *outputs)
            }
            Source::Boolean { bits, .. } => (1 << bits, *bits as usize, 2),
            Source::Parity { inputs, .. } => (rows, *inputs, 2),
            Source::Spirals { classes, .. } => (rows, 2, *classes),
            Source::Points { x, .. } => (x.len(), x.first().map_or(0, Vec::len), 1),
        };
        Some(Self { rows, train_rows: drawn, inputs, outputs, bytes: 0 })
    }

    /// As a run sees it: with the inputs that `spec` adds.
    #[must_use]
    pub fn seen(self, spec: &DatasetSpec) -> Self {
        Self { inputs: self.inputs + spec.noise_inputs, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::prepare;

    #[test]
    fn what_is_made_up_is_as_large_as_it_is_said_to_be() {
        for source in crate::data::generate::tests::sources() {
            let test = if let Source::Points { .. } = source { 0 } else { 5 };
            let train = if let Source::Points { .. } = source { 3 } else { 9 };
            let spec = DatasetSpec { noise_inputs: 2, ..DatasetSpec::of(source, train, test) };
            let shape = Shape::generated(&spec).unwrap().seen(&spec);
            let problem = prepare(&spec, None, 0).unwrap();
            assert_eq!((shape.inputs, shape.outputs), (problem.inputs, problem.outputs));
            assert!(shape.rows >= problem.train.n + problem.test.n);
        }
    }

    #[test]
    fn every_dataset_here_is_as_large_as_it_is_said_to_be() {
        for file in std::fs::read_dir("datasets").unwrap().flatten() {
            let path = file.path();
            if path.extension().is_some_and(|extension| extension == "parquet") {
                let bytes = std::fs::read(&path).unwrap();
                let dataset = file::from_bytes("a file", &bytes).unwrap();
                let shape = Shape::of_file(&bytes).unwrap();
                let outputs = match dataset.y {
                    crate::data::Labels::Classes { classes, .. } => classes,
                    crate::data::Labels::Targets { outputs, .. } => outputs,
                };
                assert_eq!((shape.inputs, shape.outputs), (dataset.inputs, outputs), "{path:?}");
                assert_eq!(shape.rows * shape.inputs, dataset.x.len(), "{path:?}");
            }
        }
        assert_eq!(Shape::of_file(b"PAR1 and then nothing"), None);
    }
}
