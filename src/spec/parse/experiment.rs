//! `yaml experiment`: the base, its arms, its sweep, and every run that they come to.

use super::{Context, dataset, id, measures, model, name, optimizer, procedure, training, trainings};
use crate::spec::cell::{Axis, Experiment, PlannedRun};
use crate::spec::run::{Engine, OptimizerSpec, RunSpec, Stop};
use crate::spec::yaml::{self, Fields, Key, Node, Problem, Value};
use crate::spec::{MeasureSpec, Procedure, SeedOf};

/// What a run is made of; arms patch these and sweeps reach into them.
const RUN_KEYS: [&str; 8] =
    ["dataset", "model", "loss", "procedure", "optimizer", "stop", "engine", "seed_of"];
const OTHER_KEYS: [&str; 6] = ["id", "arms", "sweep", "seeds", "measure", "cost"];

/// Most runs that one cell may lay out.
const MAX_RUNS: usize = 100_000;

/// Largest seed: beyond it, numbers of a cell are not exact.
const MAX_SEED: u64 = 1 << 53;

/// The arm of an experiment that names none.
pub const ONLY_ARM: &str = "base";

/// Reads an experiment cell.
pub fn experiment(text: &str, context: &Context) -> Result<Experiment, Problem> {
    let root = yaml::parse(text)?;
    let keys: Vec<&str> = OTHER_KEYS.iter().chain(&RUN_KEYS).copied().collect();
    let fields = Fields::new("experiment", &root, &keys)?;
    let id = id(fields.need("id")?)?;
    let seeds = seeds(&fields)?;
    let measures = measures::measures(&fields)?;
    let full_cost = match fields.get("cost") {
        Some(node) => yaml::word("cost", node, &[("quick", false), ("full", true)])?,
        None => false,
    };
    let base = run_part(&root);
    let arms = arms(&fields)?;
    let axes = axes(&fields)?;
    refuse_overwritten(&arms, &axes)?;
    // Counted before they are laid out: a slip in a range must not fill the memory.
    let count = axes
        .iter()
        .map(|(_, values)| values.len())
        .chain([arms.len(), seeds.len()])
        .fold(1, usize::saturating_mul);
    if count > MAX_RUNS {
        let message = format!("{count} runs in one cell; {MAX_RUNS} is the most");
        return Err(Problem::new(message, fields.place("sweep")).help("fewer seeds or sweep values"));
    }
    let points = points(&axes);
    let mut runs = Vec::with_capacity(count);
    for (arm, patch) in &arms {
        let node = patch.as_ref().map_or_else(|| base.clone(), |patch| base.patched(patch, &keeps));
        for point in &points {
            let node = point
                .iter()
                .fold(node.clone(), |node, (key, value)| node.patched(&Node::at_path(key, value), &keeps));
            let spec = run(&node, context)?;
            runs.extend(seeds.iter().map(|&seed| PlannedRun {
                arm: arm.clone(),
                point: point.iter().map(|(_, value)| value.to_json()).collect(),
                spec: spec.clone().at_seed(seed),
            }));
        }
    }
    refuse_unused(&fields, &runs)?;
    refuse_foreign(&fields, &measures, &runs)?;
    Ok(Experiment {
        id,
        arms: arms.into_iter().map(|(arm, _)| arm).collect(),
        axes: axes
            .iter()
            .map(|(key, values)| Axis {
                path: key.name.clone(),
                values: values.iter().map(Node::to_json).collect(),
            })
            .collect(),
        seeds,
        measures,
        full_cost,
        runs,
    })
}

/// Whether a part of a run keeps a key when an arm makes it of another kind: it does if that kind has such a key.
fn keeps(part: &str, kind: &str, key: &str) -> bool {
    let keys = match part {
        "model" => model::keys(kind),
        "procedure" => procedure::keys(kind),
        "dataset" => dataset::keys(kind),
        "optimizer" => optimizer::keys(kind),
        _ => None,
    };
    keys.is_none_or(|keys| keys.contains(&key))
}

/// One run, of seed 0, from its keys alone.
fn run(node: &Node, context: &Context) -> Result<RunSpec, Problem> {
    match node.get("procedure") {
        Some(list) if matches!(list.value, Value::List(_)) => {
            let base = trainings::without(node, "procedure");
            trainings::stages(&base, list, &keeps, |node| one_run(node, context))
        }
        Some(pair) if trainings::is_pair(pair) => {
            let base = trainings::without(node, "procedure");
            trainings::pair(&base, pair, &keeps, |node| run(node, context))
        }
        _ => one_run(node, context),
    }
}

fn one_run(node: &Node, context: &Context) -> Result<RunSpec, Problem> {
    let fields = Fields::new("experiment", node, &RUN_KEYS)?;
    let dataset = dataset::dataset(fields.need("dataset")?, context)?;
    let model = model::model(fields.need("model")?)?;
    let procedure = procedure::procedure(fields.get("procedure"))?;
    let loss = training::loss(&fields, &dataset, &procedure)?;
    procedure::fits(&fields, &procedure, &model, loss, &dataset)?;
    let procedure = trainings::before(procedure, &model, &dataset);
    let seed_of = seed_of(&fields)?;
    trainings::varies(&fields, &procedure, &seed_of, &dataset)?;
    if !procedure.uses_optimizer() {
        let (optimizer, stop, engine) = (OptimizerSpec::none(), Stop::none(), Engine::Exact);
        return Ok(RunSpec { dataset, model, loss, procedure, optimizer, stop, engine, seed: 0, seed_of });
    }
    let optimizer = optimizer::optimizer(fields.need("optimizer")?, &dataset, loss)?;
    let stop = training::stop(fields.get("stop"), &dataset, &optimizer)?;
    let engine = training::engine(&fields)?;
    if engine == Engine::Autograd && model.dropout() > 0.0 {
        return Err(Problem::new("units drop out in `engine: dense` alone", fields.place("engine"))
            .help("leave `engine` out"));
    }
    Ok(RunSpec { dataset, model, loss, procedure, optimizer, stop, engine, seed: 0, seed_of })
}

/// `seed_of: {init: fixed}`: one stream stays while the seeds vary; `fixed` is seed 0, and any other may be named.
fn seed_of(fields: &Fields<'_>) -> Result<SeedOf, Problem> {
    let Some(node) = fields.get("seed_of") else { return Ok(SeedOf::default()) };
    let fields = Fields::new("seed_of", node, &["init", "data", "order", "noise"])?;
    let seed = |stream: &str| {
        let read = |node: &Node| match node.value {
            Value::Text(_) => yaml::word(&format!("seed of {stream}"), node, &[("fixed", 0)]),
            _ => yaml::whole(stream, node, 0, MAX_SEED),
        };
        fields.get(stream).map(read).transpose()
    };
    Ok(SeedOf { init: seed("init")?, data: seed("data")?, order: seed("order")?, noise: seed("noise")? })
}

/// Refuses what says how to train where no arm is trained.
fn refuse_unused(fields: &Fields<'_>, runs: &[PlannedRun]) -> Result<(), Problem> {
    if runs.iter().any(|run| run.spec.procedure.uses_optimizer()) {
        return Ok(());
    }
    let procedure = runs.first().map_or("it", |run| run.spec.procedure.word());
    fields.refuse(&["optimizer", "stop", "engine"], &format!("for `procedure: {procedure}`"))
}

/// Refuses measures that belong to another procedure than any that this cell has.
fn refuse_foreign(fields: &Fields<'_>, measures: &[MeasureSpec], runs: &[PlannedRun]) -> Result<(), Problem> {
    let foreign = |measure: &MeasureSpec| {
        let owner = Procedure::owner(measure.quantity)?;
        let is_here = runs.iter().any(|run| run.spec.procedure.word() == owner);
        (!is_here).then_some((measure.quantity.name(), owner))
    };
    let Some((name, owner)) = measures.iter().find_map(foreign) else { return Ok(()) };
    let message = format!("`{name}` is of `procedure: {owner}`, and no run of this cell has it");
    Err(Problem::new(message, fields.place("measure")).help(format!("procedure: {{kind: {owner}, …}}")))
}

/// The keys of `root` that make a run.
fn run_part(root: &Node) -> Node {
    let entries = match &root.value {
        Value::Map(entries) => {
            entries.iter().filter(|(key, _)| RUN_KEYS.contains(&key.name.as_str())).cloned().collect()
        }
        _ => Vec::new(),
    };
    Node { span: root.span.clone(), value: Value::Map(entries) }
}

/// Names of the arms with their patches.
fn arms(fields: &Fields<'_>) -> Result<Vec<(String, Option<Node>)>, Problem> {
    let Some(node) = fields.get("arms") else { return Ok(vec![(ONLY_ARM.to_owned(), None)]) };
    let Value::Map(entries) = &node.value else {
        return Err(Problem::new(format!("`arms` must be a map, not {}", node.kind()), node.span.clone()));
    };
    if entries.is_empty() {
        return Err(Problem::new("`arms` names no arm", node.span.clone()));
    }
    entries
        .iter()
        .map(|(key, patch)| {
            name("an arm", &key.name, &key.span)?;
            if patch.value == Value::Null {
                return Ok((key.name.clone(), None));
            }
            Fields::new(&key.name, patch, &RUN_KEYS)?;
            Ok((key.name.clone(), Some(patch.clone())))
        })
        .collect()
}

/// A sweep reaches every arm, so what it varies cannot be what an arm is made of.
fn refuse_overwritten(arms: &[(String, Option<Node>)], axes: &[(Key, Vec<Node>)]) -> Result<(), Problem> {
    for (key, _) in axes {
        let reaches = |patch: &Node| key.name.split('.').try_fold(patch, Node::get).is_some();
        if let Some((arm, _)) = arms.iter().find(|(_, patch)| patch.as_ref().is_some_and(reaches)) {
            let message = format!("`{}` is swept, and set by the arm `{arm}` too", key.name);
            return Err(
                Problem::new(message, key.span.clone()).help("sweep it, or let the arms differ in it")
            );
        }
    }
    Ok(())
}

/// The axes of the sweep, as written.
fn axes(fields: &Fields<'_>) -> Result<Vec<(Key, Vec<Node>)>, Problem> {
    let Some(node) = fields.get("sweep") else { return Ok(Vec::new()) };
    let Value::Map(entries) = &node.value else {
        return Err(Problem::new(format!("`sweep` must be a map, not {}", node.kind()), node.span.clone()));
    };
    let mut axes: Vec<(Key, Vec<Node>)> = Vec::new();
    for (key, values) in entries {
        let first = key.name.split('.').next().unwrap_or_default();
        if !RUN_KEYS.contains(&first) {
            let advice = crate::base::suggest::advice(first, &RUN_KEYS);
            return Err(
                Problem::new(format!("a sweep cannot reach `{}`", key.name), key.span.clone()).help(advice)
            );
        }
        let values = axis_values(key, values)?;
        let last = |path: &str| path.rsplit('.').next().map(str::to_owned);
        if let Some((other, _)) = axes.iter().find(|(other, _)| last(&other.name) == last(&key.name)) {
            let message = format!(
                "`{}` and `{}` end in the same word, which claims could not tell apart",
                other.name, key.name
            );
            return Err(Problem::new(message, key.span.clone()));
        }
        axes.push((key.clone(), values));
    }
    Ok(axes)
}

/// `[a, b, c]`, `{range: [first, last]}` or `{log: [first, last], points: n, include: [..]}`.
fn axis_values(key: &Key, node: &Node) -> Result<Vec<Node>, Problem> {
    let values = match &node.value {
        Value::List(items) => items.clone(),
        Value::Map(_) => {
            spread_values(&Fields::new(&key.name, node, &["range", "log", "points", "include"])?, node)?
        }
        _ => {
            return Err(Problem::new(
                format!("the values of `{}` must be a list", key.name),
                node.span.clone(),
            )
            .help("[1, 2, 4], {range: [1, 24]} or {log: [1, 1000], points: 10}"));
        }
    };
    if values.is_empty() || values.len() > 10_000 {
        return Err(Problem::new(format!("`{}` takes from 1 to 10000 values", key.name), node.span.clone()));
    }
    for (index, value) in values.iter().enumerate() {
        if values[..index].iter().any(|earlier| earlier.value_eq(value)) {
            return Err(Problem::new(
                format!("`{}` takes the same value twice", key.name),
                value.span.clone(),
            ));
        }
    }
    Ok(values)
}

fn spread_values(fields: &Fields<'_>, node: &Node) -> Result<Vec<Node>, Problem> {
    let ends = |what: &str, node: &Node| -> Result<(f64, f64), Problem> {
        match yaml::list(what, node)? {
            [first, last] => Ok((yaml::number(what, first)?, yaml::number(what, last)?)),
            _ => Err(Problem::new(format!("`{what}` takes [first, last]"), node.span.clone())),
        }
    };
    let mut values: Vec<f64> = if let Some(range) = fields.get("range") {
        fields.refuse(&["log", "points"], "beside `range`")?;
        let (first, last) = ends("range", range)?;
        if first.fract() != 0.0 || last.fract() != 0.0 || last < first || last - first >= 10_000.0 {
            return Err(Problem::new(
                "`range` takes two whole numbers, the smaller first",
                range.span.clone(),
            ));
        }
        (0..=(last - first) as u64).map(|step| first + step as f64).collect()
    } else {
        let log = fields.need("log")?;
        let (first, last) = ends("log", log)?;
        if first <= 0.0 || last <= first {
            return Err(Problem::new("`log` takes two numbers above 0, the smaller first", log.span.clone()));
        }
        let points = yaml::whole("points", fields.need("points")?, 2, 1000)?;
        let whole = first.fract() == 0.0 && last.fract() == 0.0;
        let at = |step: u64| first * (last / first).powf(step as f64 / (points - 1) as f64);
        (0..points).map(at).map(|value| if whole { value.round() } else { value }).collect()
    };
    for extra in fields.get("include").map(yaml::one_or_list).unwrap_or_default() {
        values.push(yaml::number("include", extra)?);
    }
    values.sort_by(f64::total_cmp);
    values.dedup();
    Ok(values
        .into_iter()
        .map(|value| Node { span: node.span.clone(), value: Value::Number(value) })
        .collect())
}

/// Every combination of axis values, the last axis fastest.
fn points(axes: &[(Key, Vec<Node>)]) -> Vec<Vec<(&Key, &Node)>> {
    axes.iter().fold(vec![Vec::new()], |points, (key, values)| {
        points
            .iter()
            .flat_map(|point| {
                values.iter().map(move |value| point.iter().copied().chain([(key, value)]).collect())
            })
            .collect()
    })
}

/// `seeds: 5` is 0 … 4; a list is itself; none is seed 0 alone.
fn seeds(fields: &Fields<'_>) -> Result<Vec<u64>, Problem> {
    let Some(node) = fields.get("seeds") else { return Ok(vec![0]) };
    if !matches!(node.value, Value::List(_)) {
        return Ok((0..yaml::whole("seeds", node, 1, 10_000)?).collect());
    }
    let mut seeds = Vec::new();
    for item in yaml::list("seeds", node)? {
        let seed = yaml::whole("seeds", item, 0, MAX_SEED)?;
        if seeds.contains(&seed) {
            return Err(Problem::new(format!("seed {seed} stands twice"), item.span.clone()));
        }
        seeds.push(seed);
    }
    if seeds.is_empty() || seeds.len() > 10_000 {
        return Err(Problem::new("`seeds` takes from 1 to 10000 of them", node.span.clone()));
    }
    Ok(seeds)
}
