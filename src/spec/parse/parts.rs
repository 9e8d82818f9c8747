//! The parts of a run: dataset, model, loss, optimizer, stop.

use super::Context;
use crate::base::suggest;
use crate::spec::run::{
    Activation, DatasetSpec, Engine, Init, InitKind, Loss, ModelSpec, Normalize, OptimizerKind,
    OptimizerSpec, Source, Stop,
};
use crate::spec::yaml::{self, Fields, Node, Problem, Value};

/// Most examples, units per layer or steps that are not a slip of the finger.
const MAX_EXAMPLES: u64 = 10_000_000;
const MAX_WIDTH: u64 = 1_000_000;
const MAX_STEPS: u64 = 1_000_000_000;

/// Epochs after which training ends when a cell gives no bound, and when it gives only a loss to reach.
const DEFAULT_EPOCHS: u64 = 100;
const DEFAULT_EPOCHS_TO_LOSS: u64 = 1000;

/// `dataset: {name: digits, train: 1000, test: 449}` or `{kind: teacher, …}`.
pub fn dataset(node: &Node, context: &Context) -> Result<DatasetSpec, Problem> {
    const COMMON: [&str; 6] = ["name", "kind", "train", "test", "label_noise", "normalize"];
    const OWN: [&str; 4] = ["inputs", "hidden", "classes", "degree"];
    let fields = Fields::new("dataset", node, &[&COMMON[..], &OWN[..]].concat())?;
    let source = source(&fields, context)?;
    let file = matches!(source, Source::File { .. });
    let normalize = match fields.get("normalize") {
        Some(node) => yaml::word(
            "normalize",
            node,
            &[("standard", Normalize::Standard), ("unit", Normalize::Unit), ("none", Normalize::None)],
        )?,
        None if file => Normalize::Standard,
        None => Normalize::None,
    };
    let real_targets = matches!(source, Source::Chebyshev { .. });
    let noise_most = if real_targets { f64::INFINITY } else { 1.0 };
    Ok(DatasetSpec {
        train: yaml::whole("train", fields.need("train")?, 1, MAX_EXAMPLES)? as usize,
        test: fields.get("test").map_or(Ok(0), |node| yaml::whole("test", node, 0, MAX_EXAMPLES))? as usize,
        label_noise: fields
            .get("label_noise")
            .map_or(Ok(0.0), |node| yaml::number_in("label_noise", node, 0.0, noise_most))?,
        normalize,
        source,
    })
}

fn source(fields: &Fields<'_>, context: &Context) -> Result<Source, Problem> {
    #[derive(Clone, Copy)]
    enum Kind {
        Teacher,
        Chebyshev,
    }
    if let Some(node) = fields.get("name") {
        fields
            .refuse(&["kind", "inputs", "hidden", "classes", "degree"], "beside the `name` of a dataset")?;
        let name = yaml::text("name", node)?;
        if context.datasets.contains(&name) {
            return Ok(Source::File { name });
        }
        let known: Vec<&str> = context.datasets.iter().map(String::as_str).collect();
        let advice =
            if known.is_empty() { "datasets/ holds none".to_owned() } else { suggest::advice(&name, &known) };
        return Err(Problem::new(format!("there is no dataset `{name}`"), node.span.clone()).help(advice));
    }
    let kind = yaml::word(
        "kind of dataset",
        fields.get("kind").ok_or_else(|| {
            Problem::new(
                "dataset needs a `name` (of a file) or a `kind` (of a generator)",
                fields.place("kind"),
            )
        })?,
        &[("teacher", Kind::Teacher), ("chebyshev", Kind::Chebyshev)],
    )?;
    let count = |name: &str, default: usize| {
        fields
            .get(name)
            .map_or(Ok(default), |node| yaml::whole(name, node, 1, MAX_WIDTH).map(|value| value as usize))
    };
    match kind {
        Kind::Teacher => {
            fields.refuse(&["degree"], "for a teacher")?;
            let classes = count("classes", 4)?;
            if classes < 2 {
                return Err(Problem::new("a teacher needs at least 2 classes", fields.place("classes")));
            }
            Ok(Source::Teacher { inputs: count("inputs", 20)?, hidden: count("hidden", 16)?, classes })
        }
        Kind::Chebyshev => {
            fields.refuse(&["inputs", "hidden", "classes"], "for chebyshev")?;
            let degree = fields.get("degree").map_or(Ok(4), |node| yaml::whole("degree", node, 0, 100))?;
            Ok(Source::Chebyshev { degree: degree as u32 })
        }
    }
}

/// `model: {kind: mlp, hidden: [64, 64], activation: relu}`.
pub fn model(node: &Node) -> Result<ModelSpec, Problem> {
    let fields = Fields::new("model", node, &["kind", "hidden", "activation", "bias", "init"])?;
    if let Some(node) = fields.get("kind") {
        yaml::word("kind of model", node, &[("mlp", ())])?;
    }
    let hidden = yaml::one_or_list(fields.need("hidden")?);
    let activation = match fields.get("activation") {
        Some(node) => yaml::word(
            "activation",
            node,
            &[
                ("relu", Activation::Relu),
                ("tanh", Activation::Tanh),
                ("gelu", Activation::Gelu),
                ("linear", Activation::Linear),
            ],
        )?,
        None => Activation::Relu,
    };
    if hidden.len() > 64 {
        return Err(Problem::new("more than 64 hidden layers", fields.place("hidden")));
    }
    Ok(ModelSpec::Mlp {
        hidden: hidden
            .iter()
            .map(|width| yaml::whole("hidden", width, 1, MAX_WIDTH).map(|width| width as usize))
            .collect::<Result<_, _>>()?,
        activation,
        bias: fields.get("bias").map_or(Ok(true), |node| yaml::truth("bias", node))?,
        init: init(fields.get("init"), activation)?,
    })
}

/// `init: he` or `init: {kind: normal, scale: 0.1}`.
fn init(node: Option<&Node>, activation: Activation) -> Result<Init, Problem> {
    const KINDS: [(&str, InitKind); 4] = [
        ("he", InitKind::He),
        ("lecun", InitKind::Lecun),
        ("ntk", InitKind::Ntk),
        ("normal", InitKind::Normal),
    ];
    // The variance that keeps activations at one size through the layers depends on what the activation drops.
    let fitting = match activation {
        Activation::Relu | Activation::Gelu => InitKind::He,
        Activation::Tanh | Activation::Linear => InitKind::Lecun,
    };
    let Some(node) = node else { return Ok(Init { kind: fitting, scale: 1.0 }) };
    if matches!(node.value, Value::Text(_)) {
        return Ok(Init { kind: yaml::word("init", node, &KINDS)?, scale: 1.0 });
    }
    let fields = Fields::new("init", node, &["kind", "scale"])?;
    Ok(Init {
        kind: fields.get("kind").map_or(Ok(fitting), |node| yaml::word("init", node, &KINDS))?,
        scale: fields
            .get("scale")
            .map_or(Ok(1.0), |node| yaml::number_in("scale", node, 0.0, f64::INFINITY))?,
    })
}

/// `loss: squared`; left out: cross-entropy, or squared where targets are real numbers.
pub fn loss(fields: &Fields<'_>, dataset: &DatasetSpec) -> Result<Loss, Problem> {
    let real = matches!(dataset.source, Source::Chebyshev { .. });
    let Some(node) = fields.get("loss") else {
        return Ok(if real { Loss::Squared } else { Loss::CrossEntropy });
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
