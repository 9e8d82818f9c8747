//! `procedure`: how the weights come about, and what it can be had with.

use super::trainings;
use crate::spec::run::{Loss, ModelSpec};
use crate::spec::yaml::{self, Fields, Node, Problem};
use crate::spec::{DatasetSpec, Growing, Procedure};

/// Most steps and draws that are no slip of the finger.
const MAX_STEPS: u64 = 1_000_000_000;

/// Steps of gradient descent in f64 that are not: it goes through all examples in each.
const MAX_DYNAMICS: f64 = 1e8;

/// Steps of Levenberg–Marquardt, and draws of guess-and-check, where a cell does not say.
const DEFAULT_STEPS: u64 = 200;
const DEFAULT_DRAWS: u64 = 1_000_000;

#[derive(Clone, Copy)]
enum Kind {
    Train,
    Solve,
    Gd,
    GradientFlow,
    ModifiedFlow,
    LevenbergMarquardt,
    Guess,
    WarmStart,
    Prune,
    Ensemble,
    Pair,
    EffectiveComplexity,
    Prequential,
}

const KINDS: [(&str, Kind); 13] = [
    ("train", Kind::Train),
    ("solve", Kind::Solve),
    ("gd", Kind::Gd),
    ("gradient_flow", Kind::GradientFlow),
    ("modified_flow", Kind::ModifiedFlow),
    ("levenberg_marquardt", Kind::LevenbergMarquardt),
    ("guess", Kind::Guess),
    ("warm_start", Kind::WarmStart),
    ("prune", Kind::Prune),
    ("ensemble", Kind::Ensemble),
    ("pair", Kind::Pair),
    ("effective_complexity", Kind::EffectiveComplexity),
    ("prequential", Kind::Prequential),
];

impl Kind {
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Train => &[],
            Self::Solve => &["ridge"],
            // The flow has no step size; arms that differ in the kind alone may well sweep that of the others.
            Self::Gd | Self::ModifiedFlow | Self::GradientFlow => &["step", "time"],
            Self::LevenbergMarquardt => &["steps", "tries"],
            Self::Guess => &["draws", "train_accuracy"],
            Self::WarmStart => &["over", "through"],
            Self::Prune => &["rounds", "fraction", "rewind", "mask"],
            Self::Ensemble => &["members"],
            Self::Pair => &["one", "other", "apart"],
            Self::EffectiveComplexity => &["train_error"],
            Self::Prequential => &["first"],
        }
    }
}

/// The keys of a procedure of that kind, if there is one.
pub fn keys(kind: &str) -> Option<Vec<&'static str>> {
    let (_, kind) = KINDS.iter().find(|(word, _)| *word == kind)?;
    Some(["kind"].iter().chain(kind.keys()).copied().collect())
}

/// `procedure: {kind: solve, ridge: 0.1}`, or the kind alone; left out: `train`.
pub fn procedure(node: Option<&Node>) -> Result<Procedure, Problem> {
    let Some(node) = node else { return Ok(Procedure::Train) };
    if let yaml::Value::Text(_) = &node.value {
        let kind = Node {
            span: node.span.clone(),
            value: yaml::Value::Map(vec![(
                yaml::Key { name: "kind".to_owned(), span: node.span.clone() },
                node.clone(),
            )]),
        };
        return procedure(Some(&kind));
    }
    let mut keys = vec!["kind"];
    for (_, kind) in KINDS {
        keys.extend(kind.keys().iter().filter(|key| !keys.contains(key)).copied().collect::<Vec<_>>());
    }
    let fields = Fields::new("procedure", node, &keys)?;
    let kind = yaml::word("procedure", fields.need("kind")?, &KINDS)?;
    let others: Vec<&str> = keys[1..].iter().copied().filter(|key| !kind.keys().contains(key)).collect();
    fields.refuse(&others, &format!("for `{}`", yaml::text("kind", fields.need("kind")?)?))?;
    let count = |name: &str, default: u64| {
        fields.get(name).map_or(Ok(default), |node| yaml::whole(name, node, 1, MAX_STEPS))
    };
    let positive = |name: &str| yaml::positive(name, fields.need(name)?);
    Ok(match kind {
        Kind::Train => Procedure::Train,
        Kind::Solve => Procedure::Solve {
            ridge: fields
                .get("ridge")
                .map_or(Ok(0.0), |node| yaml::number_in("ridge", node, 0.0, f64::INFINITY))?,
        },
        Kind::Gd => {
            let (step, time) = (positive("step")?, positive("time")?);
            if time / step > MAX_DYNAMICS {
                let message = format!("{:.0} steps in one run; {MAX_DYNAMICS:.0} is the most", time / step);
                return Err(Problem::new(message, fields.place("time")));
            }
            Procedure::Gd { step, time }
        }
        Kind::GradientFlow => Procedure::GradientFlow { time: positive("time")? },
        Kind::ModifiedFlow => Procedure::ModifiedFlow { step: positive("step")?, time: positive("time")? },
        Kind::LevenbergMarquardt => {
            Procedure::LevenbergMarquardt { steps: count("steps", DEFAULT_STEPS)?, tries: count("tries", 1)? }
        }
        Kind::WarmStart => trainings::warm_start(&fields)?,
        Kind::Prune => trainings::prune(&fields)?,
        Kind::Ensemble => trainings::ensemble(&fields)?,
        Kind::Pair => {
            let message = "a pair is of two trainings, and stands by itself";
            return Err(Problem::new(message, node.span.clone()));
        }
        Kind::EffectiveComplexity => trainings::effective_complexity(&fields)?,
        Kind::Prequential => trainings::prequential(&fields)?,
        Kind::Guess => Procedure::Guess {
            draws: count("draws", DEFAULT_DRAWS)?,
            train_accuracy: fields
                .get("train_accuracy")
                .map_or(Ok(1.0), |node| yaml::number_in("train_accuracy", node, 0.0, 1.0))?,
        },
    })
}

/// Refuses a procedure for a model or loss that it cannot be had with, and says what it can.
pub fn fits(
    fields: &Fields<'_>,
    procedure: &Procedure,
    model: &ModelSpec,
    loss: Loss,
    dataset: &DatasetSpec,
) -> Result<(), Problem> {
    let (word, kind) = (procedure.word(), model.word());
    let place = || fields.place(if fields.get("procedure").is_some() { "procedure" } else { "model" });
    let refuse = |message: String, help: &str| Err(Problem::new(message, place()).help(help));
    let linear_in_weights = matches!(
        model,
        ModelSpec::Linear { .. }
            | ModelSpec::RandomFeatures { .. }
            | ModelSpec::Ntk { .. }
            | ModelSpec::Nngp { .. }
            | ModelSpec::GaussianKernel { .. }
    );
    let diagonal = matches!(model, ModelSpec::DiagonalLinear { .. });
    match procedure {
        procedure
            if !model.is_network()
                && (procedure.uses_optimizer()
                    || matches!(
                        procedure,
                        Procedure::LevenbergMarquardt { .. } | Procedure::Guess { .. }
                    )) =>
        {
            let help =
                if diagonal { "procedure: {kind: gradient_flow, time: 100}" } else { "procedure: solve" };
            refuse(format!("`{word}` is for networks, and this model is `{kind}`"), help)
        }
        Procedure::LevenbergMarquardt { .. } if !model.is_dense() => refuse(
            format!("`{word}` is for dense layers, not for convolutions and normalised units"),
            "procedure: train",
        ),
        Procedure::Solve { .. } if !linear_in_weights => refuse(
            format!("`{kind}` has no exact solution"),
            "solve is for linear, random_features, ntk, nngp and gaussian_kernel; train an mlp",
        ),
        Procedure::Gd { .. } | Procedure::GradientFlow { .. } | Procedure::ModifiedFlow { .. }
            if !model.is_network() && !diagonal =>
        {
            refuse(format!("`{word}` is for networks and diagonal_linear, not `{kind}`"), "procedure: solve")
        }
        Procedure::Solve { .. } | Procedure::LevenbergMarquardt { .. } if loss != Loss::Squared => {
            Err(Problem::new(format!("`{word}` minimises the squared loss only"), fields.place("loss"))
                .help("loss: squared"))
        }
        Procedure::Guess { .. } if is_one_point(model) => refuse(
            format!("`guess` draws initial weights, and those of this `{kind}` are always the same"),
            "init: normal",
        ),
        Procedure::Guess { .. } | Procedure::EffectiveComplexity { .. } | Procedure::Prequential { .. }
            if !dataset.source.has_classes() =>
        {
            let message = format!("`{word}` needs classes, and this dataset has real targets");
            refuse(message, "procedure: train")
        }
        Procedure::Prequential { .. } if !matches!(loss, Loss::CrossEntropy | Loss::Logistic) => {
            let message = "codes are made of probabilities: `prequential` needs a loss that has some";
            Err(Problem::new(message, fields.place("loss")).help("loss: cross_entropy"))
        }
        Procedure::Prequential { first } if *first > dataset.train => {
            let message = format!("the first block has {first} examples, and there are {}", dataset.train);
            refuse(message, "`first` at most `dataset.train`")
        }
        Procedure::WarmStart { over: Growing::Hidden, .. } if !matches!(model, ModelSpec::Mlp { hidden, .. } if hidden.len() == 1) => {
            refuse(
                "a network grows in width where it has one hidden layer".to_owned(),
                "model: {kind: mlp, hidden: [64]}",
            )
        }
        _ if diagonal && loss != Loss::Squared => Err(Problem::new(
            "diagonal_linear has one output, for the squared loss",
            fields.place(if fields.get("loss").is_some() { "loss" } else { "model" }),
        )
        .help("loss: squared, on a dataset with real targets")),
        _ => Ok(()),
    }
}

/// Whether the weights that a model begins with are not drawn.
fn is_one_point(model: &ModelSpec) -> bool {
    model.init().is_none_or(|init| init.scale == 0.0)
}
