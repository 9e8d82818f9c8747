//! `loss`, `optimizer`, `stop` and `engine`: how it is trained.

use super::MAX_EXAMPLES;
use crate::spec::Procedure;
use crate::spec::run::{DatasetSpec, Engine, Loss, OptimizerKind, OptimizerSpec, Stop};
use crate::spec::yaml::{self, Fields, Node, Problem, Value};

const MAX_STEPS: u64 = 1_000_000_000;

/// Epochs after which training ends when a cell gives no bound, and when it gives only a loss to reach.
const DEFAULT_EPOCHS: u64 = 100;
const DEFAULT_EPOCHS_TO_LOSS: u64 = 1000;

/// `loss: squared`; left out: cross-entropy, or squared where targets are real numbers or it is the only one that the
/// procedure minimises.
pub fn loss(fields: &Fields<'_>, dataset: &DatasetSpec, procedure: &Procedure) -> Result<Loss, Problem> {
    let real = !has_classes(dataset);
    let Some(node) = fields.get("loss") else {
        let squared = matches!(procedure, Procedure::Solve { .. } | Procedure::LevenbergMarquardt { .. });
        return Ok(if real || squared { Loss::Squared } else { Loss::CrossEntropy });
    };
    let loss =
        yaml::word("loss", node, &[("cross_entropy", Loss::CrossEntropy), ("squared", Loss::Squared)])?;
    if real && loss == Loss::CrossEntropy {
        return Err(Problem::new(
            "cross-entropy needs classes, and this dataset has real targets",
            node.span.clone(),
        )
        .help("loss: squared"));
    }
    Ok(loss)
}

/// Whether what is generated has classes; of a file nothing is known here.
pub fn has_classes(dataset: &DatasetSpec) -> bool {
    dataset.source.has_classes()
}

/// `optimizer: {kind: sgd, learning_rate: 0.05, batch_size: 32}`.
pub fn optimizer(node: &Node, dataset: &DatasetSpec) -> Result<OptimizerSpec, Problem> {
    let keys = ["kind", "learning_rate", "batch_size", "momentum", "weight_decay"];
    let fields = Fields::new("optimizer", node, &keys)?;
    let full = match fields.get("kind") {
        Some(node) => yaml::word("optimizer", node, &[("sgd", false), ("gd", true)])?,
        None => false,
    };
    let batch_size = match fields.get("batch_size") {
        Some(node) if matches!(&node.value, Value::Text(word) if word == "full") => dataset.train,
        Some(node) if full => {
            return Err(Problem::new("`gd` takes the full batch", node.span.clone())
                .help("leave `batch_size` out, or take `kind: sgd`"));
        }
        Some(node) if matches!(node.value, Value::Text(_)) => {
            return Err(Problem::new("`batch_size` must be a whole number or `full`", node.span.clone()));
        }
        Some(node) => yaml::whole("batch_size", node, 1, MAX_EXAMPLES)?.min(dataset.train as u64) as usize,
        None if full => dataset.train,
        None => 32.min(dataset.train),
    };
    let momentum =
        fields.get("momentum").map_or(Ok(0.0), |node| yaml::number_in("momentum", node, 0.0, 1.0))?;
    if momentum >= 1.0 {
        return Err(Problem::new("`momentum` must be below 1", fields.place("momentum")));
    }
    Ok(OptimizerSpec {
        kind: OptimizerKind::Sgd,
        learning_rate: yaml::positive("learning_rate", fields.need("learning_rate")?)?,
        batch_size,
        momentum,
        weight_decay: fields
            .get("weight_decay")
            .map_or(Ok(0.0), |node| yaml::number_in("weight_decay", node, 0.0, f64::INFINITY))?,
    })
}

/// `stop: {epochs: 200, train_loss: 0.01}`: the first bound reached ends the run.
pub fn stop(node: Option<&Node>, dataset: &DatasetSpec, optimizer: &OptimizerSpec) -> Result<Stop, Problem> {
    let steps_per_epoch = dataset.train.div_ceil(optimizer.batch_size.max(1)) as u64;
    let Some(node) = node else {
        return Ok(Stop { steps: DEFAULT_EPOCHS * steps_per_epoch, train_loss: None });
    };
    let fields = Fields::new("stop", node, &["epochs", "steps", "time", "train_loss"])?;
    let train_loss = fields.get("train_loss").map(|node| yaml::positive("train_loss", node)).transpose()?;
    let mut bounds = Vec::new();
    if let Some(node) = fields.get("epochs") {
        bounds.push(yaml::whole("epochs", node, 1, MAX_STEPS)?.saturating_mul(steps_per_epoch));
    }
    if let Some(node) = fields.get("steps") {
        bounds.push(yaml::whole("steps", node, 1, MAX_STEPS)?);
    }
    if let Some(node) = fields.get("time") {
        // Time is steps × learning_rate: what makes runs at different step sizes comparable with gradient flow.
        bounds.push((yaml::positive("time", node)? / optimizer.learning_rate).ceil() as u64);
    }
    let default = if train_loss.is_some() { DEFAULT_EPOCHS_TO_LOSS } else { DEFAULT_EPOCHS };
    let steps = bounds.into_iter().min().unwrap_or(default * steps_per_epoch);
    if !(1..=MAX_STEPS).contains(&steps) {
        return Err(Problem::new(
            format!("{steps} steps in one run; {MAX_STEPS} is the most"),
            node.span.clone(),
        ));
    }
    Ok(Stop { steps, train_loss })
}

/// `engine: dense` (the default) or `autograd`.
pub fn engine(fields: &Fields<'_>) -> Result<Engine, Problem> {
    match fields.get("engine") {
        Some(node) => yaml::word("engine", node, &[("dense", Engine::Dense), ("autograd", Engine::Autograd)]),
        None => Ok(Engine::Dense),
    }
}
