//! Procedures that are made of several trainings.

use super::MAX_WIDTH;
use crate::spec::yaml::{self, Fields, Keeps, Key, Node, Problem, Value};
use crate::spec::{DatasetSpec, Growing, Mask, ModelSpec, Procedure, Rewind, RunSpec, RunStream, SeedOf};

/// Most trainings that are no slip of the finger: rounds of pruning, members of an ensemble, sizes, stages.
const MAX_ROUNDS: u64 = 100;
const MAX_MEMBERS: u64 = 10_000;
const MAX_SIZES: usize = 1_000;
const MAX_STAGES: usize = 8;

/// Examples of the first block of a prequential code, where a cell does not say.
const FIRST: usize = 16;

/// What a stage may differ in from the rest of its cell.
const STAGE_KEYS: [&str; 5] = ["kind", "dataset", "optimizer", "stop", "seed_of"];

/// What the runs of a pair may differ in.
const SIDE_KEYS: [&str; 5] = ["dataset", "optimizer", "stop", "seed_of", "procedure"];

/// `{kind: warm_start, over: model.hidden, through: [4, 8, 16, 32]}`: which of them are before a run is told once its own
/// size is known ([`before`]).
pub fn warm_start(fields: &Fields<'_>) -> Result<Procedure, Problem> {
    let words = [
        ("model.hidden", Growing::Hidden),
        ("hidden", Growing::Hidden),
        ("dataset.train", Growing::Train),
        ("train", Growing::Train),
    ];
    let over = yaml::word("what grows", fields.need("over")?, &words)?;
    let node = fields.need("through")?;
    let sizes: Vec<usize> = yaml::one_or_list(node)
        .iter()
        .map(|size| {
            // A width may be written as the list of one that it is elsewhere.
            let size = yaml::one_or_list(size).first().unwrap_or(size);
            yaml::whole("through", size, 1, MAX_WIDTH).map(|size| size as usize)
        })
        .collect::<Result<_, _>>()?;
    if sizes.len() > MAX_SIZES || !sizes.is_sorted_by(|a, b| a < b) {
        let message = format!("sizes must grow, and be at most {MAX_SIZES}");
        return Err(Problem::new(message, node.span.clone()).help("through: [4, 8, 16]"));
    }
    Ok(Procedure::WarmStart { over, through: sizes })
}

/// A procedure of a run with this model and dataset, with what is before it and nothing else: a network that nothing is
/// before is trained.
pub fn before(procedure: Procedure, model: &ModelSpec, dataset: &DatasetSpec) -> Procedure {
    match procedure {
        Procedure::WarmStart { over, through } => {
            let own = match (over, model) {
                (Growing::Hidden, ModelSpec::Mlp { hidden, .. }) => hidden.first().copied().unwrap_or(0),
                (Growing::Hidden, _) => 0,
                (Growing::Train, _) => dataset.train,
            };
            let through: Vec<usize> = through.into_iter().filter(|size| *size < own).collect();
            if through.is_empty() { Procedure::Train } else { Procedure::WarmStart { over, through } }
        }
        Procedure::Prune { rounds: 0, .. } => Procedure::Train,
        other => other,
    }
}

/// `{kind: prune, rounds: 10, fraction: 0.2, rewind: init, mask: magnitude}`.
pub fn prune(fields: &Fields<'_>) -> Result<Procedure, Problem> {
    let rewind = match fields.get("rewind") {
        None => Rewind::Init,
        Some(Node { value: Value::Number(_), .. }) => {
            Rewind::Step(yaml::whole("rewind", fields.need("rewind")?, 1, u64::from(u32::MAX))?)
        }
        Some(node) => {
            let words = [("init", Rewind::Init), ("fresh", Rewind::Fresh), ("last", Rewind::Last)];
            yaml::word("rewind", node, &words)?
        }
    };
    let fraction = match fields.get("fraction") {
        Some(node) => yaml::number_in("fraction", node, 0.0, 1.0)?,
        None => 0.2,
    };
    if fraction == 0.0 || fraction == 1.0 {
        let message = "a round takes some of the weights away, and leaves some";
        return Err(Problem::new(message, fields.place("fraction")).help("fraction: 0.2"));
    }
    Ok(Procedure::Prune {
        rounds: yaml::whole("rounds", fields.need("rounds")?, 0, MAX_ROUNDS)?,
        fraction,
        rewind,
        mask: match fields.get("mask") {
            None => Mask::Magnitude,
            Some(node) => {
                yaml::word("mask", node, &[("magnitude", Mask::Magnitude), ("random", Mask::Random)])?
            }
        },
    })
}

/// `{kind: ensemble, members: 16}`: of initial weights; or `members: {init: 4, data: 8, noise: 2}`, all crossed.
pub fn ensemble(fields: &Fields<'_>) -> Result<Procedure, Problem> {
    let node = fields.need("members")?;
    let count = |name: &str, node: &Node| yaml::whole(name, node, 1, MAX_MEMBERS);
    let (init, data, noise) = if let Value::Map(_) = node.value {
        let members = Fields::new("members", node, &["init", "data", "noise"])?;
        let of = |name: &str| members.get(name).map_or(Ok(1), |node| count(name, node));
        (of("init")?, of("data")?, of("noise")?)
    } else {
        (count("members", node)?, 1, 1)
    };
    match init.saturating_mul(data).saturating_mul(noise) {
        1 => Err(Problem::new("an ensemble has at least two members", node.span.clone()).help("members: 8")),
        all if all > MAX_MEMBERS => {
            Err(Problem::new(format!("{all} members; {MAX_MEMBERS} is the most"), node.span.clone()))
        }
        _ => Ok(Procedure::Ensemble { init, data, noise }),
    }
}

/// Refuses an ensemble over streams that stay as they are.
pub fn varies(
    fields: &Fields<'_>,
    procedure: &Procedure,
    seed_of: &SeedOf,
    dataset: &DatasetSpec,
) -> Result<(), Problem> {
    let Procedure::Ensemble { init, data, noise } = procedure else { return Ok(()) };
    let refuse = |message: &str| {
        Err(Problem::new(message.to_owned(), fields.place("procedure")).help("one value of it in `members`"))
    };
    if *init > 1 && seed_of.init.is_some() && seed_of.order.is_some() {
        return refuse(
            "`seed_of` holds the initial weights and the order of examples, which members should vary",
        );
    }
    if *data > 1 && dataset.part.is_some() {
        return refuse("this is one part of a sample already, and members should have parts of their own");
    }
    let targets = *dataset == DatasetSpec { label_noise: 0.0, ..dataset.clone() };
    if *noise > 1 && targets {
        return refuse("there is no `label_noise` that members could vary in");
    }
    Ok(())
}

/// `{kind: effective_complexity, train_error: 0.1}`.
pub fn effective_complexity(fields: &Fields<'_>) -> Result<Procedure, Problem> {
    let train_error = match fields.get("train_error") {
        Some(node) => yaml::number_in("train_error", node, 0.0, 1.0)?,
        None => 0.1,
    };
    Ok(Procedure::EffectiveComplexity { train_error })
}

/// `{kind: prequential, first: 16}`.
pub fn prequential(fields: &Fields<'_>) -> Result<Procedure, Problem> {
    let first = match fields.get("first") {
        Some(node) => yaml::whole("first", node, 1, u64::from(u32::MAX))? as usize,
        None => FIRST,
    };
    Ok(Procedure::Prequential { first })
}

/// `procedure: [{kind: train, dataset: {labels: random}}, {kind: train}]`: trainings one after the other, each from where
/// the one before ended. `one` reads a run without a procedure.
pub fn stages(
    base: &Node,
    stages: &Node,
    keeps: Keeps<'_>,
    one: impl Fn(&Node) -> Result<RunSpec, Problem>,
) -> Result<RunSpec, Problem> {
    let list = yaml::list("procedure", stages)?;
    if list.is_empty() || list.len() > MAX_STAGES {
        return Err(Problem::new(format!("from 1 to {MAX_STAGES} stages"), stages.span.clone()));
    }
    let mut before: Option<RunSpec> = None;
    for stage in list {
        let fields = Fields::new("a stage", stage, &STAGE_KEYS)?;
        if let Some(kind) = fields.get("kind") {
            yaml::word("kind of stage", kind, &[("train", ())])?;
        }
        let mut run = one(&base.patched(&without(stage, "kind"), keeps))?;
        if let Some(before) = before {
            if before.dataset_file() != run.dataset_file() {
                let message = "stages are trained on the same dataset, each with changes of its own";
                return Err(Problem::new(message, fields.place("dataset")));
            }
            run.procedure = Procedure::Continue { after: Box::new(before) };
        }
        before = Some(run);
    }
    before.ok_or_else(|| Problem::new("no stage", stages.span.clone()))
}

/// Whether a procedure is a pair.
pub fn is_pair(procedure: &Node) -> bool {
    let kind = procedure.get("kind").unwrap_or(procedure);
    matches!(&kind.value, Value::Text(kind) if kind == "pair")
}

/// `procedure: {kind: pair, apart: [init]}`, or `{kind: pair, other: {optimizer: {batch_size: full}}}`: two trainings, each with
/// changes of its own. `run` reads a run with its procedure.
pub fn pair(
    base: &Node,
    node: &Node,
    keeps: Keeps<'_>,
    run: impl Fn(&Node) -> Result<RunSpec, Problem>,
) -> Result<RunSpec, Problem> {
    let streams = [
        ("init", RunStream::Init),
        ("data", RunStream::Data),
        ("order", RunStream::Order),
        ("noise", RunStream::Noise),
    ];
    let nothing = || {
        let message = "the two runs of a pair would be the same";
        Problem::new(message, node.span.clone()).help("apart: [init], or other: {optimizer: {…}}")
    };
    let Value::Map(_) = node.value else { return Err(nothing()) };
    let fields = Fields::new("procedure", node, &["kind", "one", "other", "apart"])?;
    let apart: Vec<RunStream> = fields
        .get("apart")
        .map(yaml::one_or_list)
        .unwrap_or_default()
        .iter()
        .map(|stream| yaml::word("apart", stream, &streams))
        .collect::<Result<_, _>>()?;
    let side = |name: &str| {
        let Some(patch) = fields.get(name) else { return run(base) };
        Fields::new(name, patch, &SIDE_KEYS)?;
        let side = run(&base.patched(patch, keeps))?;
        if is_training(&side.procedure) {
            Ok(side)
        } else {
            let message = format!("a pair is of trainings, and `{}` is none", side.procedure.word());
            Err(Problem::new(message, fields.place(name)))
        }
    };
    let (one, other) = (side("one")?, side("other")?);
    if apart.is_empty() && one == other {
        return Err(nothing());
    }
    if one.dataset.source != other.dataset.source {
        let message = "a pair is trained on one dataset, each run with changes of its own";
        return Err(Problem::new(message, node.span.clone()));
    }
    let procedure = Procedure::Pair { one: Box::new(one), other: Box::new(other), apart };
    Ok(RunSpec { procedure, ..run(base)? })
}

/// Whether a procedure ends with the weights of a training.
fn is_training(procedure: &Procedure) -> bool {
    matches!(
        procedure,
        Procedure::Train | Procedure::Continue { .. } | Procedure::WarmStart { .. } | Procedure::Prune { .. }
    )
}

/// A map without one of its keys.
pub fn without(node: &Node, name: &str) -> Node {
    let entries: Vec<(Key, Node)> = match &node.value {
        Value::Map(entries) => entries.iter().filter(|(key, _)| key.name != name).cloned().collect(),
        _ => Vec::new(),
    };
    Node { span: node.span.clone(), value: Value::Map(entries) }
}
