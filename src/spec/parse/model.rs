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
    Linear,
    Product,
    DiagonalLinear,
    RandomFeatures,
    Ntk,
    Nngp,
    GaussianKernel,
}

const KINDS: [(&str, Kind); 8] = [
    ("mlp", Kind::Mlp),
    ("linear", Kind::Linear),
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
            Self::Mlp => &["hidden", "activation", "bias", "init"],
            Self::Linear => &["bias", "init"],
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
        Kind::Linear => ModelSpec::Linear {
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
    let hidden = yaml::one_or_list(fields.need("hidden")?);
    let activation = match fields.get("activation") {
        Some(node) => yaml::word("activation", node, &ACTIVATIONS)?,
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
        bias: truth(fields, "bias", true)?,
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
