//! `measure: [lambda_max, {hessian_trace: {probes: 32, share: 0.1}}]`.

use crate::spec::measure::{Limits, MeasureSettings, MeasureSpec, Quantity, Setting, When};
use crate::spec::yaml::{self, Fields, Node, Problem, Value};

/// The measures of an experiment.
pub fn measures(fields: &Fields<'_>) -> Result<Vec<MeasureSpec>, Problem> {
    let mut measures: Vec<MeasureSpec> = Vec::new();
    for node in fields.get("measure").map(yaml::one_or_list).unwrap_or_default() {
        let measure = measure(node)?;
        if measures.iter().any(|other| other.quantity == measure.quantity) {
            let message = format!("`{}` is measured twice", measure.quantity.name());
            return Err(Problem::new(message, node.span.clone()));
        }
        measures.push(measure);
    }
    Ok(measures)
}

/// A name, or one name with its settings.
fn measure(node: &Node) -> Result<MeasureSpec, Problem> {
    let Value::Map(entries) = &node.value else { return Ok(MeasureSpec::at_end(quantity(node)?)) };
    let [(key, settings)] = entries.as_slice() else {
        return Err(Problem::new("a measure is a name, or one name with its settings", node.span.clone())
            .help("{lambda_max: {share: 0.1}}"));
    };
    let name = Node { span: key.span.clone(), value: Value::Text(key.name.clone()) };
    with_settings(quantity(&name)?, settings)
}

/// The quantity that a node names.
pub fn quantity(node: &Node) -> Result<Quantity, Problem> {
    let name = yaml::text("measure", node)?;
    Quantity::find(&name).map_err(|(message, advice)| Problem::new(message, node.span.clone()).help(advice))
}

fn with_settings(quantity: Quantity, node: &Node) -> Result<MeasureSpec, Problem> {
    let own: Vec<&str> = quantity.info().settings.iter().map(|(setting, _)| setting.name()).collect();
    let fields = Fields::new(quantity.name(), node, &[&["at", "every", "share"], own.as_slice()].concat())?;
    let mut settings = MeasureSettings::new(quantity.info().settings);
    for (setting, _) in quantity.info().settings {
        if let Some(node) = fields.get(setting.name()) {
            settings.set(*setting, value(*setting, node)?);
        }
    }
    Ok(MeasureSpec { quantity, when: when(&fields)?, settings })
}

/// The value of a setting, within its limits.
fn value(setting: Setting, node: &Node) -> Result<f64, Problem> {
    match setting.info().limits {
        Limits::Whole(low, high) => Ok(yaml::whole(setting.name(), node, low, high)? as f64),
        Limits::Between(low, high) => yaml::number_in(setting.name(), node, low, high),
        Limits::Positive => yaml::positive(setting.name(), node),
    }
}

fn when(fields: &Fields<'_>) -> Result<When, Problem> {
    let asked: Vec<&str> =
        ["at", "every", "share"].into_iter().filter(|name| fields.get(name).is_some()).collect();
    if let [first, second, ..] = asked[..] {
        return Err(Problem::new(format!("`{second}` means nothing beside `{first}`"), fields.place(second)));
    }
    if let Some(node) = fields.get("every") {
        return Ok(When::Every(yaml::whole("every", node, 1, u64::from(u32::MAX))?));
    }
    if let Some(node) = fields.get("share") {
        return Ok(When::Share(yaml::number_in("share", node, 0.0, 10.0)?));
    }
    let Some(node) = fields.get("at") else { return Ok(When::End) };
    let mut epochs = Vec::new();
    for item in yaml::one_or_list(node) {
        match &item.value {
            Value::Text(word) if word == "end" => {}
            Value::Text(word) if word == "start" => epochs.push(0),
            Value::Text(_) => {
                return Err(Problem::new("`at` takes `start`, `end` or epochs", item.span.clone()));
            }
            _ => epochs.push(yaml::whole("at", item, 0, u64::from(u32::MAX))?),
        }
    }
    epochs.sort_unstable();
    epochs.dedup();
    Ok(if epochs.is_empty() { When::End } else { When::Epochs(epochs) })
}
