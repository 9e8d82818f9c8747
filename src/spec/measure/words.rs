//! A measure in one word, as the command line takes it: `lambda_max`, `lambda_max:tolerance=1e-8,steps=300`.

use super::settings::{Limits, Setting};
use super::{MeasureSpec, Quantity};
use crate::base::suggest;
use crate::spec::Procedure;

/// The measure that `word` names, at the end of a run; or what is wrong with it.
pub fn from_word(word: &str) -> Result<MeasureSpec, String> {
    let (name, settings) = word.split_once(':').unwrap_or((word, ""));
    let quantity = Quantity::find(name).map_err(|(message, advice)| format!("{message} ({advice})"))?;
    if let Some(owner) = Procedure::owner(quantity) {
        let walk = if owner == "pair" { "; `lowland barrier` walks between stored runs" } else { "" };
        return Err(format!("`{name}` is told by `procedure: {owner}`, and not by weights{walk}"));
    }
    let mut measure = MeasureSpec::at_end(quantity);
    for setting in settings.split(',').filter(|setting| !setting.is_empty()) {
        let (name, value) =
            setting.split_once('=').ok_or_else(|| format!("`{setting}` is no setting: write name=value"))?;
        let own: Vec<&str> = quantity.info().settings.iter().map(|(own, _)| own.name()).collect();
        let unknown = || format!("`{}` has no setting `{name}` ({})", quantity.name(), advice(name, &own));
        let setting = Setting::named(name).filter(|_| own.contains(&name)).ok_or_else(unknown)?;
        measure.settings.set(setting, within(setting, value)?);
    }
    Ok(measure)
}

fn advice(name: &str, own: &[&str]) -> String {
    if own.is_empty() { "it has none".to_owned() } else { suggest::advice(name, own) }
}

fn within(setting: Setting, text: &str) -> Result<f64, String> {
    let name = setting.name();
    let value: f64 = text.parse().map_err(|_| format!("`{name}` must be a number, not `{text}`"))?;
    let (fits, must) = match setting.info().limits {
        Limits::Whole(low, high) => (
            value.fract() == 0.0 && value >= low as f64 && value <= high as f64,
            format!("a whole number from {low} to {high}"),
        ),
        Limits::Between(low, high) => ((low..=high).contains(&value), format!("between {low} and {high}")),
        Limits::Positive => (value > 0.0 && value.is_finite(), "above 0".to_owned()),
    };
    if fits { Ok(value) } else { Err(format!("`{name}` must be {must}, not {value}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_what_the_cell_would_say() {
        let measure = from_word("lambda_max:tolerance=1e-8,steps=300").unwrap();
        assert_eq!(measure.fingerprint(), "lambda_max(tolerance=0.00000001,steps=300)");
        assert_eq!(from_word("weight_norm").unwrap(), MeasureSpec::at_end(Quantity::WeightNorm));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (word, part) in [
            ("lamda_max", "did you mean `lambda_max`?"),
            ("barrier", "`lowland barrier` walks between stored runs"),
            ("sam_sharpness:rho=0", "`rho` must be above 0, not 0"),
            ("sam_sharpness:rho=-1", "`rho` must be above 0, not -1"),
            ("sam_sharpness:rho", "no setting"),
            ("sam_sharpness:probes=3", "`sam_sharpness` has no setting `probes`"),
            ("weight_norm:rho=1", "it has none"),
            ("eigenvalues:top=1.5", "a whole number from 1 to 1000"),
            ("lambda_max:tolerance=x", "must be a number"),
        ] {
            let problem = from_word(word).unwrap_err();
            assert!(problem.contains(part), "{word}: {problem}");
        }
    }
}
