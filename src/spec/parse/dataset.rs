//! `dataset`: which examples, from where, and what is done to them.

use super::{Context, MAX_EXAMPLES, MAX_WIDTH};
use crate::base::suggest;
use crate::spec::run::{DatasetSpec, Normalize, Source};
use crate::spec::yaml::{self, Fields, Node, Problem};

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
