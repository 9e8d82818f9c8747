//! What is measured and is no number: spectra and slices of the landscape, as plain columns.

use serde::{Deserialize, Serialize};

/// Everything of the kind that was measured of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// Eigenvalues and densities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spectra: Vec<Spectrum>,
    /// Losses along lines and over planes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<Slice>,
}

impl Details {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.spectra.is_empty() && self.slices.is_empty()
    }

    /// The same, measured after `step` steps.
    #[must_use]
    pub fn at(mut self, step: u64) -> Self {
        self.spectra.iter_mut().for_each(|spectrum| spectrum.step = step);
        self.slices.iter_mut().for_each(|slice| slice.step = step);
        self
    }

    /// Takes over another's.
    pub fn append(&mut self, mut other: Self) {
        self.spectra.append(&mut other.spectra);
        self.slices.append(&mut other.slices);
    }
}

/// Eigenvalues, or the nodes of a density, at one step of a run; columns of the same length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spectrum {
    /// Name of the quantity.
    pub quantity: String,
    /// Steps taken when it was measured.
    pub step: u64,
    /// Training examples that it is over.
    pub examples: u64,
    /// Which random vector, which layer; 0 where there is nothing to tell apart.
    pub part: Vec<u32>,
    /// The eigenvalue, or the node.
    #[serde(with = "bits")]
    pub value: Vec<f64>,
    /// Its share of the density (those of each probe sum to 1); of an eigenvalue whatever else its quantity tells of it:
    /// the trace of the layer, the width of the basin.
    #[serde(with = "bits")]
    pub weight: Vec<f64>,
    /// ‖Hv − λv‖; NaN for the nodes of a density.
    #[serde(with = "bits")]
    pub residual: Vec<f64>,
}

impl Spectrum {
    /// Of a quantity, nothing in it yet.
    pub fn of(quantity: &str, examples: usize) -> Self {
        Self { quantity: quantity.to_owned(), examples: examples as u64, ..Self::default() }
    }

    /// Adds a row.
    pub fn push(&mut self, part: usize, value: f64, weight: f64, residual: f64) {
        self.part.push(part as u32);
        self.value.push(value);
        self.weight.push(weight);
        self.residual.push(residual);
    }
}

/// Losses along lines or over planes at one step of a run; columns of the same length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// Name of the quantity.
    pub quantity: String,
    /// Which way: `random`, `line`, `aligned`, `curve`.
    pub path: String,
    /// The run at the other end; empty where there is none.
    pub other: String,
    /// Steps taken when it was measured.
    pub step: u64,
    /// Training examples that it is over.
    pub examples: u64,
    /// Which line or plane.
    pub part: Vec<u32>,
    /// Place along the line, or the first coordinate.
    #[serde(with = "bits")]
    pub x: Vec<f64>,
    /// The second coordinate; 0 on a line.
    #[serde(with = "bits")]
    pub y: Vec<f64>,
    /// Training loss there.
    #[serde(with = "bits")]
    pub loss: Vec<f64>,
    /// Training error there; NaN where there are no classes.
    #[serde(with = "bits")]
    pub error: Vec<f64>,
}

impl Slice {
    /// Of a quantity, nothing in it yet.
    pub fn of(quantity: &str, path: &str, examples: usize) -> Self {
        let (quantity, path) = (quantity.to_owned(), path.to_owned());
        Self { quantity, path, examples: examples as u64, ..Self::default() }
    }

    /// Adds a row.
    pub fn push(&mut self, part: usize, [x, y]: [f64; 2], (loss, error): (f64, f64)) {
        self.part.push(part as u32);
        self.x.push(x);
        self.y.push(y);
        self.loss.push(loss);
        self.error.push(error);
    }
}

/// Numbers that survive JSON whatever they are, by their bits.
mod bits {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|value| value.to_bits()))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        Ok(Vec::<u64>::deserialize(deserializer)?.into_iter().map(f64::from_bits).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_survives() {
        let mut spectrum = Spectrum::of("spectrum", 5);
        spectrum.push(1, f64::NAN, -0.0, f64::INFINITY);
        let mut slice = Slice::of("slice", "random", 5);
        slice.push(0, [0.1 + 0.2, f64::MIN_POSITIVE], (f64::MAX, f64::NAN));
        let details = Details { spectra: vec![spectrum], slices: vec![slice] };
        let json = serde_json::to_string(&details).unwrap();
        let back: Details = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), json);
        assert!(back.spectra[0].value[0].is_nan() && back.slices[0].loss == [f64::MAX]);
    }
}
