//! `model`: what is fitted.

use super::MAX_WIDTH;
use crate::spec::run::{Activation, Init, InitKind, ModelSpec};
use crate::spec::yaml::{self, Fields, Node, Problem, Value};

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
