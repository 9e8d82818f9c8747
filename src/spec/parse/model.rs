//! `model`: what is fitted.

use super::MAX_WIDTH;
use crate::spec::run::{Activation, FeatureMap, Init, InitKind, ModelSpec};
use crate::spec::yaml::{self, Fields, Node, Problem, Value};

/// Nonlinearities by name.
pub const ACTIVATIONS: [(&str, Activation); 4] = [
    ("relu", Activation::Relu),
    ("tanh", Activation::Tanh),
    ("gelu", Activation::Gelu),
    ("linear", Activation::Linear),
];

/// What kinds there are; `mlp` where a cell names none.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Mlp,
    Convolutional,
    Linear,
    Perceptron,
    Product,
    DiagonalLinear,
    RandomFeatures,
    Ntk,
    Nngp,
    GaussianKernel,
}

const KINDS: [(&str, Kind); 10] = [
    ("mlp", Kind::Mlp),
    ("convolutional", Kind::Convolutional),
    ("linear", Kind::Linear),
    ("perceptron", Kind::Perceptron),
    ("product", Kind::Product),
    ("diagonal_linear", Kind::DiagonalLinear),
    ("random_features", Kind::RandomFeatures),
    ("ntk", Kind::Ntk),
    ("nngp", Kind::Nngp),
    ("gaussian_kernel", Kind::GaussianKernel),
];

/// Most features and layers that are no slip of the finger.
const MAX_DEPTH: u64 = 64;

impl Kind {
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Mlp => &["hidden", "activation", "bias", "init", "batch_norm", "dropout"],
            Self::Convolutional => &[
                "channels",
                "kernel",
                "pool",
                "hidden",
                "activation",
                "bias",
                "init",
                "batch_norm",
                "dropout",
            ],
            Self::Linear | Self::Perceptron => &["bias", "init"],
            Self::Product => &["factors", "init"],
            Self::DiagonalLinear => &["scale"],
            Self::RandomFeatures => &["features", "map", "nested", "bandwidth"],
            Self::Ntk | Self::Nngp => &["depth"],
            Self::GaussianKernel => &["bandwidth"],
        }
    }
}

/// The keys of a model of that kind, if there is one.
pub fn keys(kind: &str) -> Option<Vec<&'static str>> {
    let (_, kind) = KINDS.iter().find(|(word, _)| *word == kind)?;
    Some(["kind"].iter().chain(kind.keys()).copied().collect())
}

/// `model: {kind: mlp, hidden: [64, 64], activation: relu}`.
pub fn model(node: &Node) -> Result<ModelSpec, Problem> {
    let named = match node.get("kind") {
        Some(node) => yaml::word("kind of model", node, &KINDS)?,
        None => Kind::Mlp,
    };
    let keys: Vec<&str> = ["kind"].iter().chain(named.keys()).copied().collect();
    let fields = Fields::new("model", node, &keys)?;
    Ok(match named {
        Kind::Mlp => mlp(&fields)?,
        Kind::Convolutional => convolutional(&fields)?,
        // A perceptron is a linear model: what makes it one is its loss.
        Kind::Linear | Kind::Perceptron => ModelSpec::Linear {
            bias: truth(&fields, "bias", false)?,
            init: match fields.get("init") {
                None => ZERO,
                Some(node) => init(Some(node), Activation::Linear)?,
            },
        },
        Kind::Product => ModelSpec::Product { init: product(&fields)? },
        Kind::DiagonalLinear => {
            ModelSpec::DiagonalLinear { scale: yaml::positive("scale", fields.need("scale")?)? }
        }
        Kind::RandomFeatures => ModelSpec::RandomFeatures {
            map: feature_map(&fields)?,
            features: yaml::whole("features", fields.need("features")?, 1, MAX_WIDTH)? as usize,
            nested: truth(&fields, "nested", true)?,
        },
        Kind::Ntk => ModelSpec::Ntk { depth: depth(&fields)? },
        Kind::Nngp => ModelSpec::Nngp { depth: depth(&fields)? },
        Kind::GaussianKernel => {
            ModelSpec::GaussianKernel { bandwidth: yaml::positive("bandwidth", fields.need("bandwidth")?)? }
        }
    })
}

/// All weights zero.
const ZERO: Init = Init { kind: InitKind::Normal, scale: 0.0 };

fn truth(fields: &Fields<'_>, name: &str, default: bool) -> Result<bool, Problem> {
    fields.get(name).map_or(Ok(default), |node| yaml::truth(name, node))
}

fn depth(fields: &Fields<'_>) -> Result<usize, Problem> {
    let depth = fields.get("depth").map_or(Ok(1), |node| yaml::whole("depth", node, 1, MAX_DEPTH))?;
    Ok(depth as usize)
}

/// `map: fourier`, with its bandwidth, or `map: relu`.
fn feature_map(fields: &Fields<'_>) -> Result<FeatureMap, Problem> {
    let fourier = match fields.get("map") {
        Some(node) => yaml::word("map of features", node, &[("fourier", true), ("relu", false)])?,
        None => false,
    };
    if !fourier {
        fields.refuse(&["bandwidth"], "for relu features")?;
        return Ok(FeatureMap::Relu);
    }
    Ok(FeatureMap::Fourier { bandwidth: yaml::positive("bandwidth", fields.need("bandwidth")?)? })
}

/// `{factors: 2, init: [1.0, 1.4]}`: one weight for each factor; ones where a cell names none.
fn product(fields: &Fields<'_>) -> Result<Vec<f64>, Problem> {
    let factors = fields.get("factors").map(|node| yaml::whole("factors", node, 1, MAX_DEPTH)).transpose()?;
    let Some(node) = fields.get("init") else { return Ok(vec![1.0; factors.unwrap_or(2) as usize]) };
    let weights: Vec<f64> = yaml::one_or_list(node)
        .iter()
        .map(|weight| yaml::number("init", weight))
        .collect::<Result<_, _>>()?;
    match factors {
        Some(factors) if factors != weights.len() as u64 => Err(Problem::new(
            format!("{} weights to begin with, for {factors} factors", weights.len()),
            node.span.clone(),
        )),
        _ if weights.is_empty() || weights.len() as u64 > MAX_DEPTH => {
            Err(Problem::new(format!("a product has from 1 to {MAX_DEPTH} factors"), node.span.clone()))
        }
        _ => Ok(weights),
    }
}

fn mlp(fields: &Fields<'_>) -> Result<ModelSpec, Problem> {
    let activation = activation(fields)?;
    Ok(ModelSpec::Mlp {
        hidden: widths(fields, "hidden", fields.need("hidden")?)?,
        activation,
        bias: truth(fields, "bias", true)?,
        init: init(fields.get("init"), activation)?,
        batch_norm: truth(fields, "batch_norm", false)?,
        dropout: dropout(fields)?,
    })
}

/// `{kind: convolutional, channels: [8, 16], kernel: 3, pool: 2, hidden: [32]}`.
fn convolutional(fields: &Fields<'_>) -> Result<ModelSpec, Problem> {
    let activation = activation(fields)?;
    let side = |name: &str, default: usize| {
        fields
            .get(name)
            .map_or(Ok(default), |node| yaml::whole(name, node, 1, MAX_SIDE).map(|side| side as usize))
    };
    let kernel = side("kernel", 3)?;
    if kernel % 2 == 0 {
        return Err(Problem::new(
            "a kernel has an odd side, so that it has a middle",
            fields.place("kernel"),
        )
        .help(format!("{} or {}", kernel - 1, kernel + 1)));
    }
    Ok(ModelSpec::Convolutional {
        channels: widths(fields, "channels", fields.need("channels")?)?,
        kernel,
        pool: side("pool", 2)?,
        hidden: fields.get("hidden").map_or(Ok(Vec::new()), |node| widths(fields, "hidden", node))?,
        activation,
        bias: truth(fields, "bias", true)?,
        init: init(fields.get("init"), activation)?,
        batch_norm: truth(fields, "batch_norm", false)?,
        dropout: dropout(fields)?,
    })
}

/// Largest side of a kernel, and of what is averaged.
const MAX_SIDE: u64 = 99;

fn activation(fields: &Fields<'_>) -> Result<Activation, Problem> {
    fields.get("activation").map_or(Ok(Activation::Relu), |node| yaml::word("activation", node, &ACTIVATIONS))
}

/// One width, or a list of them.
fn widths(fields: &Fields<'_>, name: &str, node: &Node) -> Result<Vec<usize>, Problem> {
    let list = yaml::one_or_list(node);
    if list.len() as u64 > MAX_DEPTH {
        let what = if name == "hidden" { "hidden layers" } else { "convolutions" };
        return Err(Problem::new(format!("more than {MAX_DEPTH} {what}"), fields.place(name)));
    }
    list.iter().map(|width| yaml::whole(name, width, 1, MAX_WIDTH).map(|width| width as usize)).collect()
}

/// `dropout: 0.2`: less than all of them.
fn dropout(fields: &Fields<'_>) -> Result<f64, Problem> {
    let Some(node) = fields.get("dropout") else { return Ok(0.0) };
    let rate = yaml::number_in("dropout", node, 0.0, 1.0)?;
    if rate < 1.0 {
        return Ok(rate);
    }
    Err(Problem::new("if all units drop out none is left", node.span.clone()).help("less than 1"))
}

/// Whether the model of a run is called a perceptron: then that is its loss, too, if none is named.
pub fn is_perceptron(node: &Node) -> bool {
    matches!(node.get("kind").map(|kind| &kind.value), Some(Value::Text(word)) if word == "perceptron")
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
    if matches!(&node.value, Value::Text(word) if word == "zero") {
        return Ok(ZERO);
    }
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
