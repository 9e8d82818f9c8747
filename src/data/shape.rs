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
        let (rows, inputs, outputs) = file::size(bytes).ok()?;
        Some(Self { rows, inputs, outputs, bytes: bytes.len() as u64 })
    }

    /// Of what `spec` makes up; `None` where it names a file.
    pub fn generated(spec: &DatasetSpec) -> Option<Self> {
        match spec.source {
            Source::File { .. } => None,
            Source::Teacher { inputs, classes, .. } => {
                Some(Self { rows: spec.train + spec.test, inputs, outputs: classes, bytes: 0 })
            }
            Source::Chebyshev { .. } => {
                Some(Self { rows: 2 * spec.train - spec.train.min(1), inputs: 1, outputs: 1, bytes: 0 })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::prepare;
    use crate::spec::Normalize;

    #[test]
    fn what_is_made_up_is_as_large_as_it_is_said_to_be() {
        for source in [Source::Teacher { inputs: 3, hidden: 2, classes: 4 }, Source::Chebyshev { degree: 3 }]
        {
            let spec =
                DatasetSpec { source, train: 9, test: 5, label_noise: 0.0, normalize: Normalize::None };
            let shape = Shape::generated(&spec).unwrap();
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
