//! What a training needs to go on from where it stands, as plain values. Each part of a training keeps its own under a
//! name of its own, and takes it back or says why it does not fit; what a value means is known to its part alone.
//!
//! A training that goes on from a checkpoint comes to the same bits as one never interrupted, so nothing is rounded on
//! the way: arrays are f32 as they stand, and single numbers are kept by their bits ([`Bits`]).

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

/// Where a training stands, between two steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// Everything small, by the part that keeps it.
    pub state: Map<String, Value>,
    /// Everything large, by name.
    pub arrays: BTreeMap<String, Vec<f32>>,
}

/// Why a training cannot go on from a checkpoint.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the checkpoint does not fit: {0}")]
pub struct Misfit(String);

impl Misfit {
    /// For this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// An f64 that survives JSON whatever it is, as its bits.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub struct Bits(pub f64);

impl From<u64> for Bits {
    fn from(bits: u64) -> Self {
        Self(f64::from_bits(bits))
    }
}

impl From<Bits> for u64 {
    fn from(bits: Bits) -> Self {
        bits.0.to_bits()
    }
}

impl Checkpoint {
    /// Keeps what `part` needs.
    pub fn put(&mut self, part: &str, value: &impl Serialize) {
        // What cannot be written is missing, and is refused when it is asked for.
        self.state.insert(part.to_owned(), serde_json::to_value(value).unwrap_or_default());
    }

    /// What `part` has kept.
    pub fn get<T: DeserializeOwned>(&self, part: &str) -> Result<T, Misfit> {
        let kept = self.state.get(part).ok_or_else(|| Misfit::new(format!("it has no `{part}`")))?;
        T::deserialize(kept).map_err(|error| Misfit::new(format!("its `{part}` is not understood: {error}")))
    }

    /// Keeps a copy of an array.
    pub fn put_array(&mut self, name: &str, values: &[f32]) {
        self.arrays.insert(name.to_owned(), values.to_vec());
    }

    /// Copies the array of that name into `values`, which must be as long.
    pub fn fill(&self, name: &str, values: &mut [f32]) -> Result<(), Misfit> {
        let kept = self.arrays.get(name).map_or(&[][..], Vec::as_slice);
        if kept.len() != values.len() {
            let (kept, wanted) = (kept.len(), values.len());
            return Err(Misfit::new(format!("it has {kept} numbers of `{name}` and not {wanted}")));
        }
        values.copy_from_slice(kept);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back_bit_for_bit() {
        let numbers =
            [0.1 + 0.2, -0.0, 1e-320, f64::INFINITY, f64::NAN, f64::from_bits(0x7ff0_0000_0000_0001)];
        let mut checkpoint = Checkpoint::default();
        checkpoint.put("numbers", &numbers.map(Bits));
        let text = serde_json::to_string(&checkpoint.state).unwrap();
        checkpoint.state = serde_json::from_str(&text).unwrap();
        let back: Vec<Bits> = checkpoint.get("numbers").unwrap();
        assert!(
            back.iter().zip(numbers).all(|(back, number)| back.0.to_bits() == number.to_bits()),
            "{text}"
        );
    }

    #[test]
    fn what_is_missing_or_of_another_shape_is_refused_by_name() {
        let mut checkpoint = Checkpoint::default();
        checkpoint.put("steps", &"many");
        checkpoint.put_array("weights", &[1.0, 2.0]);
        let refusals = [
            checkpoint.get::<u64>("steps").unwrap_err(),
            checkpoint.get::<u64>("schedule").unwrap_err(),
            checkpoint.fill("weights", &mut [0.0; 3]).unwrap_err(),
            checkpoint.fill("velocity", &mut [0.0]).unwrap_err(),
        ];
        for (refusal, word) in
            refusals.iter().zip(["steps", "schedule", "2 numbers of `weights`", "velocity"])
        {
            assert!(refusal.to_string().contains(word), "{refusal}");
        }
        let mut weights = [0.0; 2];
        checkpoint.fill("weights", &mut weights).unwrap();
        assert_eq!(weights, [1.0, 2.0]);
    }
}
