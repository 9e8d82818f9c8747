//! `dataset`: which examples, from where, and what is done to them.

use super::{Context, MAX_EXAMPLES, MAX_WIDTH};
use crate::base::suggest;
use crate::spec::run::{
    Activation, BooleanFunction, DatasetSpec, Direction, LabelKind, Normalize, PixelKind, Source,
};
use crate::spec::yaml::{self, Fields, Node, Problem};

/// Keys of every dataset.
const COMMON: [&str; 9] =
    ["train", "test", "label_noise", "normalize", "labels", "pixels", "noise_inputs", "part", "kind"];

/// Most numbers that a generator makes up for a run: 8 GB of them in f64.
const MAX_NUMBERS: f64 = 1e9;

/// Most bits whose inputs are all there.
const MAX_BITS: u64 = 16;

/// What is made up, in the order in which help names it.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Teacher,
    NetworkTeacher,
    LinearTeacher,
    TwoScale,
    Gaussian,
    Boolean,
    Parity,
    Staircase,
    Step,
    Chebyshev,
    Sine,
    Spirals,
    Points,
}

const KINDS: [(&str, Kind); 14] = [
    ("teacher", Kind::Teacher),
    ("network_teacher", Kind::NetworkTeacher),
    ("linear_teacher", Kind::LinearTeacher),
    ("two_scale", Kind::TwoScale),
    ("gaussian", Kind::Gaussian),
    ("boolean", Kind::Boolean),
    ("parity", Kind::Parity),
    ("staircase", Kind::Staircase),
    ("step", Kind::Step),
    ("chebyshev", Kind::Chebyshev),
    ("sine", Kind::Sine),
    ("spirals", Kind::Spirals),
    ("points", Kind::Points),
    ("point", Kind::Points),
];

impl Kind {
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Teacher => &["inputs", "hidden", "classes"],
            Self::NetworkTeacher => &["inputs", "hidden", "activation", "outputs"],
            Self::LinearTeacher => &["inputs", "norm", "decay", "target", "sparsity"],
            Self::TwoScale => &["inputs", "ratio", "norm"],
            Self::Gaussian => &["inputs", "outputs"],
            Self::Boolean => &["bits", "function"],
            Self::Parity | Self::Staircase => &["inputs", "degree"],
            Self::Step => &["inputs"],
            Self::Chebyshev => &["degree"],
            Self::Sine => &["frequency"],
            Self::Spirals => &["classes", "turns"],
            Self::Points => &["x", "y"],
        }
    }
}

/// `dataset: {name: digits, train: 1000, test: 449}` or `{kind: teacher, …}`.
pub fn dataset(node: &Node, context: &Context) -> Result<DatasetSpec, Problem> {
    let kind = kind(node)?;
    let own = kind.map_or(&["name"][..], Kind::keys);
    let fields = Fields::new("dataset", node, &[own, &COMMON[..]].concat())?;
    let source = match kind {
        None => file(&fields, context)?,
        Some(kind) => made_up(&fields, kind)?,
    };
    let is_file = kind.is_none();
    let train = train(&fields, &source)?;
    let spec = DatasetSpec {
        train,
        test: test(&fields, &source, train)?,
        label_noise: label_noise(&fields, &source)?,
        normalize: normalize(&fields, is_file)?,
        labels: match fields.get("labels") {
            None => LabelKind::True,
            Some(node) => labels(node, &source)?,
        },
        pixels: match fields.get("pixels") {
            None => PixelKind::True,
            Some(_) if !is_file => {
                return Err(Problem::new("`pixels` are those of a file", fields.place("pixels"))
                    .help("leave it out: what is made up has no order to lose"));
            }
            Some(node) => yaml::word(
                "kind of pixels",
                node,
                &[("shuffled", PixelKind::Shuffled), ("noise", PixelKind::Noise), ("true", PixelKind::True)],
            )?,
        },
        noise_inputs: fields.get("noise_inputs").map_or(Ok(0), |node| width("noise_inputs", node))?,
        part: fields.get("part").map(part).transpose()?,
        source,
    };
    refuse_too_much(&spec, node)?;
    Ok(spec)
}

/// `part: [0, 8]`: the first of eight.
fn part(node: &Node) -> Result<[usize; 2], Problem> {
    let numbers: Vec<u64> = yaml::one_or_list(node)
        .iter()
        .map(|node| yaml::whole("part", node, 0, MAX_EXAMPLES))
        .collect::<Result<_, _>>()?;
    match numbers[..] {
        [part, parts] if part < parts => Ok([part as usize, parts as usize]),
        _ => {
            Err(Problem::new("`part` is one of so many, counted from 0", node.span.clone())
                .help("part: [0, 8]"))
        }
    }
}

/// The keys of a dataset of that kind, if there is one.
pub fn keys(kind: &str) -> Option<Vec<&'static str>> {
    let (_, kind) = KINDS.iter().find(|(word, _)| *word == kind)?;
    Some(COMMON.iter().chain(kind.keys()).copied().collect())
}

/// The kind of generator; `None` for a file.
fn kind(node: &Node) -> Result<Option<Kind>, Problem> {
    if let (Some(_), Some(kind)) = (node.get("name"), node.get("kind")) {
        let message = "`kind` means nothing beside the `name` of a dataset";
        return Err(Problem::new(message, kind.span.clone()));
    }
    node.get("kind").map(|node| yaml::word("kind of dataset", node, &KINDS)).transpose()
}

fn width(name: &str, node: &Node) -> Result<usize, Problem> {
    Ok(yaml::whole(name, node, 0, MAX_WIDTH)? as usize)
}

fn file(fields: &Fields<'_>, context: &Context) -> Result<Source, Problem> {
    let Some(node) = fields.get("name") else {
        return Err(Problem::new(
            "dataset needs a `name` (of a file) or a `kind` (of a generator)",
            fields.place("kind"),
        ));
    };
    let name = yaml::text("name", node)?;
    if context.datasets.contains(&name) {
        return Ok(Source::File { name });
    }
    let known: Vec<&str> = context.datasets.iter().map(String::as_str).collect();
    let advice =
        if known.is_empty() { "datasets/ holds none".to_owned() } else { suggest::advice(&name, &known) };
    Err(Problem::new(format!("there is no dataset `{name}`"), node.span.clone()).help(advice))
}

fn made_up(fields: &Fields<'_>, kind: Kind) -> Result<Source, Problem> {
    let count = |name: &str, default: usize| {
        fields
            .get(name)
            .map_or(Ok(default), |node| yaml::whole(name, node, 1, MAX_WIDTH).map(|value| value as usize))
    };
    let needed = |name: &str| Ok(yaml::whole(name, fields.need(name)?, 1, MAX_WIDTH)? as usize);
    let positive =
        |name: &str, default: f64| fields.get(name).map_or(Ok(default), |node| yaml::positive(name, node));
    Ok(match kind {
        Kind::Teacher => {
            let classes = count("classes", 4)?;
            if classes < 2 {
                return Err(Problem::new("a teacher needs at least 2 classes", fields.place("classes")));
            }
            Source::Teacher { inputs: count("inputs", 20)?, hidden: count("hidden", 16)?, classes }
        }
        Kind::NetworkTeacher => Source::NetworkTeacher {
            inputs: count("inputs", 20)?,
            hidden: count("hidden", 16)?,
            activation: match fields.get("activation") {
                None => Activation::Relu,
                Some(node) => yaml::word("activation", node, &super::model::ACTIVATIONS)?,
            },
            outputs: count("outputs", 1)?,
        },
        Kind::LinearTeacher => {
            let inputs = needed("inputs")?;
            let decay =
                fields.get("decay").map_or(Ok(0.0), |node| yaml::number_in("decay", node, 0.0, 10.0))?;
            let target = direction(fields, inputs)?;
            Source::LinearTeacher { inputs, norm: positive("norm", 1.0)?, decay, target }
        }
        Kind::TwoScale => Source::TwoScale {
            inputs: count("inputs", 20)?.max(2),
            ratio: positive("ratio", 10.0)?,
            norm: positive("norm", 1.0)?,
        },
        Kind::Gaussian => Source::Gaussian { inputs: needed("inputs")?, outputs: count("outputs", 1)? },
        Kind::Boolean => boolean(fields)?,
        Kind::Parity => {
            let (inputs, degree) = (needed("inputs")?, degree(fields, 2)?);
            Source::Parity { inputs, degree }
        }
        Kind::Staircase => Source::Staircase { inputs: needed("inputs")?, degree: degree(fields, 3)? },
        Kind::Step => Source::Step { inputs: count("inputs", 1)? },
        Kind::Chebyshev => {
            let degree = fields.get("degree").map_or(Ok(4), |node| yaml::whole("degree", node, 0, 100))?;
            Source::Chebyshev { degree: degree as u32 }
        }
        Kind::Sine => Source::Sine { frequency: positive("frequency", 1.0)? },
        Kind::Spirals => Source::Spirals {
            classes: match fields.get("classes") {
                Some(node) => yaml::whole("classes", node, 2, 100)? as usize,
                None => 2,
            },
            turns: positive("turns", 1.5)?,
        },
        Kind::Points => points(fields)?,
    })
}

/// How many inputs a parity or staircase goes over.
fn degree(fields: &Fields<'_>, default: usize) -> Result<usize, Problem> {
    let inputs = yaml::whole("inputs", fields.need("inputs")?, 1, MAX_WIDTH)?;
    let Some(node) = fields.get("degree") else { return Ok(default.min(inputs as usize)) };
    Ok(yaml::whole("degree", node, 1, inputs)? as usize)
}

/// `target: sparse`, with its `sparsity`.
fn direction(fields: &Fields<'_>, inputs: usize) -> Result<Direction, Problem> {
    const SPARSE: Direction = Direction::Sparse { sparsity: 5 };
    let named = match fields.get("target") {
        None => Direction::Random,
        Some(node) => yaml::word(
            "target",
            node,
            &[
                ("random", Direction::Random),
                ("sparse", SPARSE),
                ("aligned", Direction::Aligned),
                ("misaligned", Direction::Misaligned),
            ],
        )?,
    };
    if named != SPARSE {
        fields.refuse(&["sparsity"], "for a target that is not sparse")?;
        return Ok(named);
    }
    let sparsity = match fields.get("sparsity") {
        Some(node) => yaml::whole("sparsity", node, 1, inputs as u64)? as usize,
        None => 5.min(inputs),
    };
    Ok(Direction::Sparse { sparsity })
}

fn boolean(fields: &Fields<'_>) -> Result<Source, Problem> {
    let bits = match fields.get("bits") {
        Some(node) => yaml::whole("bits", node, 1, MAX_BITS)? as u32,
        None => 7,
    };
    let function = yaml::word(
        "function",
        fields.need("function")?,
        &[
            ("parity", BooleanFunction::Parity),
            ("majority", BooleanFunction::Majority),
            ("first", BooleanFunction::First),
            ("constant", BooleanFunction::Constant),
            ("random", BooleanFunction::Random),
        ],
    )?;
    Ok(Source::Boolean { bits, function })
}

/// `x: [[1, 2], [3, 1]], y: [1, -1]`; one point, and points of one input, need no brackets.
fn points(fields: &Fields<'_>) -> Result<Source, Problem> {
    let numbers = |name: &str, node: &Node| -> Result<Vec<f64>, Problem> {
        yaml::one_or_list(node).iter().map(|item| yaml::number(name, item)).collect()
    };
    let (x, y) = (fields.need("x")?, fields.need("y")?);
    let targets = numbers("y", y)?;
    let rows = yaml::one_or_list(x);
    let nested = rows.iter().any(|row| matches!(row.value, yaml::Value::List(_)));
    let inputs: Vec<Vec<f64>> = if nested || targets.len() > 1 {
        rows.iter().map(|row| numbers("x", row)).collect::<Result<_, _>>()?
    } else {
        vec![numbers("x", x)?]
    };
    let width = inputs.first().map_or(0, Vec::len);
    if width == 0 || inputs.iter().any(|row| row.len() != width) {
        return Err(Problem::new("every point needs the same number of inputs", x.span.clone()));
    }
    if inputs.len() != targets.len() {
        let message = format!("{} points, and {} targets", inputs.len(), targets.len());
        return Err(Problem::new(message, y.span.clone()));
    }
    Ok(Source::Points { x: inputs, y: targets })
}

/// How many to train on; of points and Boolean functions all, where nothing is said.
fn train(fields: &Fields<'_>, source: &Source) -> Result<usize, Problem> {
    let all = match source {
        Source::Points { y, .. } => Some(y.len()),
        Source::Boolean { bits, .. } => Some(1 << bits),
        _ => None,
    };
    let most = all.unwrap_or(MAX_EXAMPLES as usize);
    match (fields.get("train"), all) {
        (Some(node), _) => Ok(yaml::whole("train", node, 1, most as u64)? as usize),
        (None, Some(all)) => Ok(all),
        (None, None) => Ok(yaml::whole("train", fields.need("train")?, 1, MAX_EXAMPLES)? as usize),
    }
}

/// How many to test on; of Boolean functions all others, where nothing is said.
fn test(fields: &Fields<'_>, source: &Source, train: usize) -> Result<usize, Problem> {
    let (most, default) = match source {
        Source::Boolean { bits, .. } => ((1 << bits) - train, (1 << bits) - train),
        Source::Points { .. } => (0, 0),
        Source::Chebyshev { .. } | Source::Sine { .. } => (train.saturating_sub(1), 0),
        _ => (MAX_EXAMPLES as usize, 0),
    };
    let Some(node) = fields.get("test") else { return Ok(default) };
    Ok(yaml::whole("test", node, 0, most as u64)? as usize)
}

fn label_noise(fields: &Fields<'_>, source: &Source) -> Result<f64, Problem> {
    let most = if source.has_classes() { 1.0 } else { f64::INFINITY };
    fields.get("label_noise").map_or(Ok(0.0), |node| yaml::number_in("label_noise", node, 0.0, most))
}

fn normalize(fields: &Fields<'_>, is_file: bool) -> Result<Normalize, Problem> {
    match fields.get("normalize") {
        Some(node) => yaml::word(
            "normalize",
            node,
            &[("standard", Normalize::Standard), ("unit", Normalize::Unit), ("none", Normalize::None)],
        ),
        None if is_file => Ok(Normalize::Standard),
        None => Ok(Normalize::None),
    }
}

/// `labels: random`; those of `gaussian` are noise, and may be called that.
fn labels(node: &Node, source: &Source) -> Result<LabelKind, Problem> {
    if let (Source::Gaussian { .. }, yaml::Value::Text(word)) = (source, &node.value)
        && word == "noise"
    {
        return Ok(LabelKind::True);
    }
    if let yaml::Value::Bool(true) = node.value {
        return Ok(LabelKind::True);
    }
    yaml::word("kind of labels", node, &[("random", LabelKind::Random), ("true", LabelKind::True)])
}

/// Refuses what would not fit into memory before anything is made up.
fn refuse_too_much(spec: &DatasetSpec, node: &Node) -> Result<(), Problem> {
    let inputs = match &spec.source {
        Source::File { .. } => return Ok(()),
        Source::Teacher { inputs, .. }
        | Source::LinearTeacher { inputs, .. }
        | Source::TwoScale { inputs, .. }
        | Source::NetworkTeacher { inputs, .. }
        | Source::Gaussian { inputs, .. }
        | Source::Step { inputs }
        | Source::Staircase { inputs, .. }
        | Source::Parity { inputs, .. } => *inputs,
        _ => 2,
    };
    let numbers = (inputs + spec.noise_inputs) as f64 * (spec.train + spec.test) as f64;
    if numbers <= MAX_NUMBERS {
        return Ok(());
    }
    let fitting = (MAX_NUMBERS / (inputs + spec.noise_inputs) as f64).floor();
    let message = format!("{numbers:.1e} inputs to make up, and {MAX_NUMBERS:.0e} is the most");
    Err(Problem::new(message, node.span.start..node.span.start).help(format!("at most {fitting} examples")))
}
