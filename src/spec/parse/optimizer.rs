//! `optimizer`: the update rule with its own keys, and what may stand beside any rule.

use super::MAX_EXAMPLES;
use super::training::MAX_STEPS;
use crate::spec::run::{DatasetSpec, Loss, Moments, OptimizerKind, OptimizerSpec, RateSchedule, RateShape};
use crate::spec::yaml::{self, Fields, Node, Problem, Value};

/// The rules as a cell names them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sgd,
    Gd,
    Nesterov,
    Adam,
    Adamw,
    SignGd,
    Mirror,
    Sam,
    Asam,
}

const KINDS: [(&str, Kind); 9] = [
    ("sgd", Kind::Sgd),
    ("gd", Kind::Gd),
    ("nesterov", Kind::Nesterov),
    ("adam", Kind::Adam),
    ("adamw", Kind::Adamw),
    ("sign_gd", Kind::SignGd),
    ("mirror", Kind::Mirror),
    ("sam", Kind::Sam),
    ("asam", Kind::Asam),
];

/// Keys that any rule takes.
const COMMON: [&str; 7] =
    ["kind", "learning_rate", "batch_size", "weight_decay", "clip", "label_noise", "schedule"];

/// Keys that only some rules take.
const OWN: [(&str, &[Kind]); 9] = [
    ("momentum", &[Kind::Sgd, Kind::Gd, Kind::Nesterov, Kind::Sam, Kind::Asam]),
    ("nesterov", &[Kind::Sgd, Kind::Gd, Kind::Nesterov, Kind::Sam, Kind::Asam]),
    (
        "gradient_penalty",
        &[Kind::Sgd, Kind::Gd, Kind::Nesterov, Kind::Adam, Kind::Adamw, Kind::SignGd, Kind::Mirror],
    ),
    ("beta1", &[Kind::Adam, Kind::Adamw]),
    ("beta2", &[Kind::Adam, Kind::Adamw]),
    ("epsilon", &[Kind::Adam, Kind::Adamw]),
    ("beta", &[Kind::Mirror]),
    ("rho", &[Kind::Sam, Kind::Asam]),
    ("eta", &[Kind::Asam]),
];

/// Least ε of Adam, which must not vanish in single precision.
const LEAST_EPSILON: f64 = 1e-30;

/// The keys of an optimiser of that kind, if there is one.
pub fn keys(kind: &str) -> Option<Vec<&'static str>> {
    let (_, kind) = KINDS.iter().find(|(word, _)| *word == kind)?;
    let own = OWN.iter().filter(|(_, kinds)| kinds.contains(kind)).map(|(key, _)| *key);
    // The full batch of `gd` has no size to keep.
    let common = COMMON.into_iter().filter(|key| *kind != Kind::Gd || *key != "batch_size");
    Some(common.chain(own).collect())
}

/// `optimizer: {kind: sgd, learning_rate: 0.05, batch_size: 32}`.
pub fn optimizer(node: &Node, dataset: &DatasetSpec, loss: Loss) -> Result<OptimizerSpec, Problem> {
    let keys: Vec<&str> = COMMON.into_iter().chain(OWN.iter().map(|(key, _)| *key)).collect();
    let fields = Fields::new("optimizer", node, &keys)?;
    let kind = match fields.get("kind") {
        Some(node) => yaml::word("optimizer", node, &KINDS)?,
        None => Kind::Sgd,
    };
    refuse_foreign(&fields, kind)?;
    let momentum = share(&fields, "momentum", 0.0)?;
    Ok(OptimizerSpec {
        kind: rule(&fields, kind)?,
        learning_rate: yaml::positive("learning_rate", fields.need("learning_rate")?)?,
        batch_size: batch_size(&fields, kind, dataset)?,
        momentum,
        nesterov: nesterov(&fields, kind, momentum)?,
        weight_decay: at_least(&fields, "weight_decay", 0.0, 0.0)?,
        clip: fields.get("clip").map(|node| yaml::positive("clip", node)).transpose()?,
        gradient_penalty: at_least(&fields, "gradient_penalty", 0.0, 0.0)?,
        label_noise: label_noise(&fields, loss)?,
        schedule: fields.get("schedule").map_or(Ok(RateSchedule::default()), schedule)?,
    })
}

/// Refuses keys of other rules, and says whose they are.
fn refuse_foreign(fields: &Fields<'_>, kind: Kind) -> Result<(), Problem> {
    let name = |kind| KINDS.iter().find(|(_, other)| *other == kind).map_or("", |(name, _)| *name);
    let foreign = OWN.iter().find(|(key, kinds)| fields.get(key).is_some() && !kinds.contains(&kind));
    let Some((key, kinds)) = foreign else { return Ok(()) };
    let owners: Vec<&str> = kinds.iter().copied().map(name).collect();
    let help = format!("it belongs to {}; `{key}: null` in an arm takes it out", owners.join(", "));
    Err(Problem::new(format!("`{key}` means nothing to {}", name(kind)), fields.place(key)).help(help))
}

/// The rule with its own settings; what is left out is as in its paper.
fn rule(fields: &Fields<'_>, kind: Kind) -> Result<OptimizerKind, Problem> {
    let positive =
        |name: &str, default: f64| fields.get(name).map_or(Ok(default), |node| yaml::positive(name, node));
    let moments = || {
        Ok(Moments {
            beta1: share(fields, "beta1", 0.9)?,
            beta2: share(fields, "beta2", 0.999)?,
            epsilon: at_least(fields, "epsilon", LEAST_EPSILON, 1e-8)?,
        })
    };
    Ok(match kind {
        Kind::Sgd | Kind::Gd | Kind::Nesterov => OptimizerKind::Sgd,
        Kind::Adam => OptimizerKind::Adam(moments()?),
        Kind::Adamw => OptimizerKind::Adamw(moments()?),
        Kind::SignGd => OptimizerKind::SignGd,
        Kind::Mirror => OptimizerKind::Mirror { beta: positive("beta", 1.0)? },
        Kind::Sam => OptimizerKind::Sam { rho: positive("rho", 0.05)? },
        Kind::Asam => {
            OptimizerKind::Asam { rho: positive("rho", 0.5)?, eta: at_least(fields, "eta", 0.0, 0.01)? }
        }
    })
}

fn batch_size(fields: &Fields<'_>, kind: Kind, dataset: &DatasetSpec) -> Result<usize, Problem> {
    let full = kind == Kind::Gd;
    match fields.get("batch_size") {
        Some(node) if matches!(&node.value, Value::Text(word) if word == "full") => Ok(dataset.train),
        Some(node) if full => Err(Problem::new("`gd` takes the full batch", node.span.clone())
            .help("leave `batch_size` out, or take `kind: sgd`")),
        Some(node) if matches!(node.value, Value::Text(_)) => {
            Err(Problem::new("`batch_size` must be a whole number or `full`", node.span.clone()))
        }
        Some(node) => {
            Ok(yaml::whole("batch_size", node, 1, MAX_EXAMPLES)?.min(dataset.train as u64) as usize)
        }
        None if full => Ok(dataset.train),
        None => Ok(32.min(dataset.train)),
    }
}

/// `kind: nesterov` says the same as `nesterov: true`; without a velocity there is nothing to look along.
fn nesterov(fields: &Fields<'_>, kind: Kind, momentum: f64) -> Result<bool, Problem> {
    let asked = fields.get("nesterov").map(|node| yaml::truth("nesterov", node)).transpose()?;
    if kind == Kind::Nesterov && asked == Some(false) {
        return Err(Problem::new("`kind: nesterov` without nesterov", fields.place("nesterov"))
            .help("take `kind: sgd`"));
    }
    let place = if kind == Kind::Nesterov { "kind" } else { "nesterov" };
    let nesterov = kind == Kind::Nesterov || asked == Some(true);
    if nesterov && momentum == 0.0 {
        return Err(Problem::new("nesterov needs a `momentum`", fields.place(place)).help("momentum: 0.9"));
    }
    Ok(nesterov)
}

fn label_noise(fields: &Fields<'_>, loss: Loss) -> Result<f64, Problem> {
    let most = if loss == Loss::Squared { f64::INFINITY } else { 1.0 };
    fields.get("label_noise").map_or(Ok(0.0), |node| yaml::number_in("label_noise", node, 0.0, most))
}

/// `schedule: {kind: cosine, warmup: 100}`, or the kind alone.
fn schedule(node: &Node) -> Result<RateSchedule, Problem> {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Shape {
        Constant,
        Step,
        Cosine,
        Linear,
        InverseSqrt,
    }
    let kinds = [
        ("constant", Shape::Constant),
        ("step", Shape::Step),
        ("cosine", Shape::Cosine),
        ("linear", Shape::Linear),
        ("inverse_sqrt", Shape::InverseSqrt),
    ];
    let word = |node: &Node| yaml::word("schedule", node, &kinds);
    if let Value::Text(_) = node.value
        && word(node)? != Shape::Step
    {
        let kind = yaml::Key { name: "kind".to_owned(), span: node.span.clone() };
        return schedule(&Node::at_path(&kind, node));
    }
    let fields = Fields::new("schedule", node, &["kind", "warmup", "decay_at", "factor", "final"])?;
    let shape = fields.get("kind").map_or(Ok(Shape::Constant), word)?;
    if shape != Shape::Step {
        fields.refuse(&["decay_at", "factor"], "but for `kind: step`")?;
    }
    let falls = matches!(shape, Shape::Cosine | Shape::Linear);
    if !falls {
        fields.refuse(&["final"], "but for cosine and linear")?;
    }
    let last = fields.get("final").map_or(Ok(0.0), |node| yaml::number_in("final", node, 0.0, 1.0))?;
    let shape = match shape {
        Shape::Constant => RateShape::Constant,
        Shape::Step => RateShape::Step {
            decay_at: epochs(fields.need("decay_at")?)?,
            factor: fields.get("factor").map_or(Ok(0.1), |node| yaml::positive("factor", node))?,
        },
        Shape::Cosine => RateShape::Cosine { last },
        Shape::Linear => RateShape::Linear { last },
        Shape::InverseSqrt => RateShape::InverseSqrt,
    };
    let warmup = fields.get("warmup").map_or(Ok(0), |node| yaml::whole("warmup", node, 0, MAX_STEPS))?;
    Ok(RateSchedule { shape, warmup })
}

/// Epochs in rising order.
fn epochs(node: &Node) -> Result<Vec<u64>, Problem> {
    let items = yaml::one_or_list(node).iter();
    let epochs = items.map(|item| yaml::whole("decay_at", item, 1, MAX_STEPS));
    let epochs = epochs.collect::<Result<Vec<_>, _>>()?;
    if epochs.is_empty() || epochs.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(Problem::new("`decay_at` takes epochs in rising order", node.span.clone())
            .help("decay_at: [30, 60]"));
    }
    Ok(epochs)
}

/// A number in [0, 1).
fn share(fields: &Fields<'_>, name: &str, default: f64) -> Result<f64, Problem> {
    let value = fields.get(name).map_or(Ok(default), |node| yaml::number_in(name, node, 0.0, 1.0))?;
    if value < 1.0 {
        return Ok(value);
    }
    Err(Problem::new(format!("`{name}` must be below 1"), fields.place(name)))
}

fn at_least(fields: &Fields<'_>, name: &str, least: f64, default: f64) -> Result<f64, Problem> {
    fields.get(name).map_or(Ok(default), |node| yaml::number_in(name, node, least, f64::INFINITY))
}
