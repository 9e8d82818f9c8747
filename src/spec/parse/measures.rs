//! `measure: [lambda_max, {hessian_trace: {probes: 32, share: 0.1}}]`.

use crate::spec::measure::{MeasureSettings, MeasureSpec, Quantity, When};
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
    let own: &[&str] = match quantity {
        Quantity::LambdaMax => &["tolerance", "steps"],
        Quantity::HessianTrace => &["probes"],
        Quantity::SamSharpness => &["rho"],
        _ => &[],
    };
    let fields = Fields::new(quantity.name(), node, &[&["at", "every", "share"], own].concat())?;
    let mut settings = MeasureSettings::default();
    if let Some(node) = fields.get("tolerance") {
        settings.tolerance = yaml::number_in("tolerance", node, 1e-12, 0.5)?;
    }
    if let Some(node) = fields.get("steps") {
        settings.steps = yaml::whole("steps", node, 1, 10_000)? as usize;
    }
    if let Some(node) = fields.get("probes") {
        settings.probes = yaml::whole("probes", node, 2, 100_000)? as usize;
    }
    if let Some(node) = fields.get("rho") {
        settings.rho = yaml::positive("rho", node)?;
    }
    Ok(MeasureSpec { quantity, when: when(&fields)?, settings })
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
