//! `lowland measures`: everything that can be measured, from the one table that cells are checked against.

use serde_json::{Value, json};

use super::Exit;
use super::args::Measures;
use super::output::Output;
use super::target::UsageError;
use crate::spec::{CATALOGUE, Family, Picture, Quantity, QuantityInfo};

/// Prints the catalogue, or the part of it that was named.
pub fn measures(args: &Measures, output: &Output) -> anyhow::Result<Exit> {
    let named = args.names.iter().map(|name| {
        Quantity::find(name).map_err(|(message, advice)| UsageError(format!("{message} ({advice})")))
    });
    let named = named.collect::<Result<Vec<_>, _>>()?;
    let wanted = |info: &&QuantityInfo| named.is_empty() || named.contains(&info.quantity);
    let chosen: Vec<&QuantityInfo> = CATALOGUE.iter().filter(wanted).collect();
    if args.json {
        output.json(&chosen.into_iter().map(as_json).collect::<Vec<_>>())?;
    } else {
        output.print(&text(&chosen, output.width))?;
    }
    Ok(Exit::Fine)
}

/// The catalogue as text of at most so many columns, family by family.
pub fn text(chosen: &[&QuantityInfo], columns: usize) -> String {
    let mut text = String::new();
    for family in Family::ALL {
        let of_family: Vec<_> = chosen.iter().filter(|info| info.family == family).collect();
        if !of_family.is_empty() {
            text.push_str("# ");
            text.push_str(family.heading());
            text.push_str("\n\n");
            text.extend(of_family.iter().map(|info| entry(info, columns)));
        }
    }
    text
}

/// One quantity: its name and unit, then a line for each thing that is known of it.
fn entry(info: &QuantityInfo, columns: usize) -> String {
    let always = if info.always { "  (always measured)" } else { "" };
    let mut lines =
        vec![format!("{}  {}  [{}]{always}", info.name, info.symbol, info.unit), info.about.to_owned()];
    lines.push(format!("estimator   {}", info.estimator));
    lines.push(format!("invariant   {}", invariant(info)));
    lines.push(format!("cost        {}", info.cost));
    if !info.settings.is_empty() {
        lines.push(format!("settings    {}", settings(info)));
    }
    if let Some(table) = table(info) {
        lines.push(format!("stored      a row per point in runs/{table}/"));
    }
    if !info.reference.is_empty() {
        lines.push(format!("reference   {}", info.reference));
    }
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        // What goes on stands under what is told, not under what it is called.
        let (indent, hanging) = match index {
            0 => (0, 0),
            1 => (4, 4),
            _ => (4, 16),
        };
        text.push_str(&wrapped(line, indent, hanging, columns));
    }
    text.push('\n');
    text
}

/// A line broken between words, so far in, and so far in where it goes on.
fn wrapped(line: &str, indent: usize, hanging: usize, columns: usize) -> String {
    let mut text = " ".repeat(indent);
    let mut column = indent;
    for (index, word) in line.split(' ').enumerate() {
        let wide = word.chars().count();
        if index > 0 && column + 1 + wide > columns && !word.is_empty() {
            text = format!("{}\n{}", text.trim_end(), " ".repeat(hanging));
            column = hanging;
        } else if index > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += wide;
    }
    text + "\n"
}

/// Under which changes of the weights it stays.
fn invariant(info: &QuantityInfo) -> String {
    if info.invariant.is_empty() {
        return "nothing".to_owned();
    }
    info.invariant.iter().map(|what| what.words()).collect::<Vec<_>>().join(", ")
}

/// `tolerance 0.000001, steps 200`: as they stand in a cell.
fn settings(info: &QuantityInfo) -> String {
    let one = |(setting, value): &(crate::spec::Setting, f64)| format!("{} {value}", setting.name());
    info.settings.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn table(info: &QuantityInfo) -> Option<&'static str> {
    match info.picture {
        Picture::None | Picture::Vector => None,
        Picture::Spectrum => Some("spectra"),
        Picture::Lines | Picture::Planes => Some("slices"),
    }
}

fn as_json(info: &QuantityInfo) -> Value {
    let settings = info.settings.iter().map(|(setting, value)| (setting.name().to_owned(), json!(value)));
    json!({
        "name": info.name,
        "symbol": info.symbol,
        "family": info.family.heading(),
        "formula": info.about,
        "unit": info.unit,
        "estimator": info.estimator,
        "invariant": info.invariant.iter().map(|what| what.words()).collect::<Vec<_>>(),
        "cost": info.cost,
        "reference": info.reference,
        "settings": settings.collect::<serde_json::Map<_, _>>(),
        "columns": info.columns,
        "table": table(info),
        "always": info.always,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_is_told_once_with_all_that_is_known_of_it() {
        let text = text(&CATALOGUE.iter().collect::<Vec<_>>(), 80);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        for info in CATALOGUE {
            let head = format!("\n{}  {}", info.name, info.symbol);
            assert_eq!(text.matches(&head).count(), 1, "{}", info.name);
        }
        let sam = text.split("\nsam_sharpness").nth(1).unwrap().split("\n\n").next().unwrap();
        insta::assert_snapshot!(sam, @r"
          SAM  [loss]
            L(w + ρ g/‖g‖) − L(w), full batch; 0 where g = 0
            estimator   exact: one step of the inner maximum
            invariant   order and sign of units
            cost        1 gradient, 1 loss
            settings    rho 0.05
            reference   Foret et al. 2021, arXiv:2010.01412, eq. 2
        ");
    }
}
