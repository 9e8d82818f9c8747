//! `loss`, `stop` and `engine`: what is minimised, until when, by which code.

use super::model;
use crate::spec::Procedure;
use crate::spec::run::{DatasetSpec, Engine, Loss, OptimizerSpec, RateSchedule, Source, Stop};
use crate::spec::yaml::{self, Fields, Node, Problem};

/// Most steps of a run.
pub const MAX_STEPS: u64 = 1_000_000_000;

/// Epochs after which training ends when a cell gives no bound, and when it gives only a target to reach.
const DEFAULT_EPOCHS: u64 = 100;
const DEFAULT_EPOCHS_TO_TARGET: u64 = 1000;

/// `loss: squared`; left out: cross-entropy, or squared where targets are real numbers or it is the only one that the
/// procedure minimises.
pub fn loss(fields: &Fields<'_>, dataset: &DatasetSpec, procedure: &Procedure) -> Result<Loss, Problem> {
    let real = !dataset.source.has_classes();
    let perceptron = fields.get("model").filter(|node| model::is_perceptron(node));
    let Some(node) = fields.get("loss").or(perceptron) else {
        let squared = matches!(procedure, Procedure::Solve { .. } | Procedure::LevenbergMarquardt { .. });
        return Ok(if real || squared { Loss::Squared } else { Loss::CrossEntropy });
    };
    let loss =
        if fields.get("loss").is_some() { yaml::word("loss", node, &LOSSES)? } else { Loss::Perceptron };
    let wrong = |message: String, mend: &str| Err(Problem::new(message, node.span.clone()).help(mend));
    match (loss, &dataset.source) {
        (Loss::CrossEntropy, _) if real => {
            let message = "cross-entropy needs classes, and this dataset has real targets";
            wrong(message.to_owned(), "loss: squared")
        }
        (Loss::Logistic | Loss::Perceptron, Source::Points { y, .. }) if y.iter().all(|y| y.abs() == 1.0) => {
            Ok(loss)
        }
        (Loss::Logistic | Loss::Perceptron, _) if real => {
            let message = format!("{} needs two classes, and this dataset has real targets", called(loss));
            wrong(message, "loss: squared")
        }
        (Loss::Logistic | Loss::Perceptron, Source::Teacher { classes, .. }) if *classes != 2 => wrong(
            format!("{} needs two classes, and this dataset has {classes}", called(loss)),
            "loss: cross_entropy, or `classes: 2`",
        ),
        _ => Ok(loss),
    }
}

const LOSSES: [(&str, Loss); 4] = [
    ("cross_entropy", Loss::CrossEntropy),
    ("squared", Loss::Squared),
    ("logistic", Loss::Logistic),
    ("perceptron", Loss::Perceptron),
];

/// What a loss of signs is called.
fn called(loss: Loss) -> &'static str {
    if loss == Loss::Perceptron { "the loss of the perceptron" } else { "the logistic loss" }
}

/// `stop: {epochs: 200, train_loss: 0.01}`: the first bound reached ends the run.
pub fn stop(node: Option<&Node>, dataset: &DatasetSpec, optimizer: &OptimizerSpec) -> Result<Stop, Problem> {
    let steps_per_epoch = dataset.train.div_ceil(optimizer.batch_size.max(1)) as u64;
    let Some(node) = node else {
        return Ok(Stop::after(DEFAULT_EPOCHS * steps_per_epoch));
    };
    let keys = ["epochs", "steps", "time", "train_loss", "train_accuracy", "gradient_norm"];
    let fields = Fields::new("stop", node, &keys)?;
    let positive = |name: &str| fields.get(name).map(|node| yaml::positive(name, node)).transpose();
    let targets = Stop {
        train_loss: positive("train_loss")?,
        train_accuracy: train_accuracy(&fields, dataset)?,
        gradient_norm: positive("gradient_norm")?,
        ..Stop::after(0)
    };
    let mut bounds = Vec::new();
    if let Some(node) = fields.get("epochs") {
        bounds.push(yaml::whole("epochs", node, 1, MAX_STEPS)?.saturating_mul(steps_per_epoch));
    }
    if let Some(node) = fields.get("steps") {
        bounds.push(yaml::whole("steps", node, 1, MAX_STEPS)?);
    }
    if let Some(node) = fields.get("time") {
        // Time is steps × learning_rate: what makes runs at different step sizes comparable with gradient flow.
        if optimizer.schedule != RateSchedule::default() {
            let message = "`time` means nothing where the learning rate changes";
            return Err(Problem::new(message, fields.place("time")).help("give `steps` or `epochs`"));
        }
        bounds.push((yaml::positive("time", node)? / optimizer.learning_rate).ceil() as u64);
    }
    let default = if targets.has_target() { DEFAULT_EPOCHS_TO_TARGET } else { DEFAULT_EPOCHS };
    let steps = bounds.into_iter().min().unwrap_or(default * steps_per_epoch);
    if !(1..=MAX_STEPS).contains(&steps) {
        return Err(Problem::new(
            format!("{steps} steps in one run; {MAX_STEPS} is the most"),
            node.span.clone(),
        ));
    }
    Ok(Stop { steps, ..targets })
}

/// `train_accuracy: 1.0`, where there are classes.
fn train_accuracy(fields: &Fields<'_>, dataset: &DatasetSpec) -> Result<Option<f64>, Problem> {
    let Some(node) = fields.get("train_accuracy") else { return Ok(None) };
    if matches!(dataset.source, Source::Chebyshev { .. }) {
        let message = "an accuracy needs classes, and this dataset has real targets";
        return Err(Problem::new(message, fields.place("train_accuracy")).help("train_loss"));
    }
    yaml::number_in("train_accuracy", node, 0.0, 1.0).map(Some)
}

/// `engine: dense` (the default) or `autograd`.
pub fn engine(fields: &Fields<'_>) -> Result<Engine, Problem> {
    match fields.get("engine") {
        Some(node) => yaml::word("engine", node, &[("dense", Engine::Dense), ("autograd", Engine::Autograd)]),
        None => Ok(Engine::Dense),
    }
}
