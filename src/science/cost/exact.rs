//! What the procedures that take no steps of an optimiser cost: all of it is work of getting ready, for nothing else of
//! them can be told apart by its time.

use serde::{Deserialize, Serialize};

use super::{Outline, work};
use crate::data::Shape;
use crate::science::solve::SMALL;
use crate::spec::{FeatureMap, ModelSpec, Procedure, RunSpec};

/// Slopes that an integrator takes; damped steps that Levenberg–Marquardt tries for each that leads down; draws that
/// guess-and-check takes. Nobody knows before.
const SLOPES: f64 = 2e3;
const TRIED: f64 = 1.5;
const DRAWS: f64 = 1e4;

/// Multiply-adds of the singular values of a matrix, over those of its Gram matrix.
const SINGULAR: f64 = 12.0;

/// A cosine of the vectors and one of the C library, or what else a kernel has of the kind, in multiply-adds.
const COSINE: f64 = 15.0;
const ARC_COSINE: f64 = 150.0;

/// Bytes of a number.
const DOUBLE: f64 = 8.0;

/// Work in multiply-adds and bytes, whole, so that outlines can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exact {
    /// Multiply-adds.
    pub work: u64,
    /// Bytes.
    pub bytes: u64,
    /// Whether it is solved by its features, whose rank is known then.
    pub solved: bool,
}

impl Exact {
    /// Of a run; `None` if it is trained.
    pub(super) fn of(spec: &RunSpec, shape: Shape, outline: &Outline) -> Option<Self> {
        let n = spec.dataset.train as f64;
        let (parameters, outputs) = (outline.parameters(), shape.outputs as f64);
        let pass = 3.0 * n * parameters;
        let (work, bytes) = match spec.procedure {
            Procedure::Solve { .. } => solve(spec, shape),
            Procedure::Gd { step, time } => (pass * time / step, 0.0),
            Procedure::GradientFlow { .. } => (SLOPES * pass, 0.0),
            Procedure::ModifiedFlow { .. } => (4.0 * SLOPES * pass, 0.0),
            Procedure::LevenbergMarquardt { steps, tries } => {
                let rows = n * outputs;
                let least = rows.min(parameters);
                let step = rows * parameters * (least + 3.0) + least.powi(3);
                (TRIED * (steps * tries) as f64 * step, DOUBLE * (2.0 * rows * parameters + least * least))
            }
            Procedure::Guess { draws, .. } => {
                ((draws as f64).min(DRAWS) * (n * parameters + work::NORMAL * parameters), 0.0)
            }
            _ => return None,
        };
        let solved = matches!(spec.procedure, Procedure::Solve { .. });
        Some(Self { work: (work::WIDE * work).min(1e18) as u64, bytes: bytes.min(1e18) as u64, solved })
    }
}

/// Work and bytes of an exact solution.
fn solve(spec: &RunSpec, shape: Shape) -> (f64, f64) {
    let (n, test) = (spec.dataset.train as f64, spec.dataset.test as f64);
    let (inputs, outputs) = (shape.inputs as f64, shape.outputs as f64);
    let data = DOUBLE * (n + test) * (inputs + 2.0 * outputs);
    let (features, each) = match spec.model {
        ModelSpec::RandomFeatures { map, features, .. } => {
            let bent = if let FeatureMap::Fourier { .. } = map { COSINE } else { 1.0 };
            (features as f64, inputs + bent)
        }
        ModelSpec::Linear { .. } => (inputs, 0.0),
        _ => (n, inputs + ARC_COSINE),
    };
    let least = n.min(features);
    let making = (n + test) * features * each;
    if least <= SMALL as f64 || matches!(spec.model, ModelSpec::Linear { .. }) {
        let both = n * features;
        return (making + SINGULAR * both * least, data + DOUBLE * (4.0 * both + test * features));
    }
    // One triangle of the Gram matrix, its factor, the condition number.
    let gram = n * features * least / 2.0 + least.powi(3) / 6.0 + 300.0 * least * least;
    // What is made a second time, and what is held of it.
    let block = features.min(1024.0) * (n + test);
    let (again, at_hand) = match spec.model {
        ModelSpec::RandomFeatures { .. } if features < n => (0.0, n * features + block),
        ModelSpec::RandomFeatures { .. } => (n * (features - n) * each, n * n + 2.0 * block),
        _ => (making, n * test + 2.0 * block),
    };
    (making + again + gram, data + DOUBLE * (least * least + at_hand))
}
