//! Functions of vectors, which are stored entry by entry: `weights_0`, `weights_1`, ….

use super::Gap;
use super::scene::{Scene, undefined};
use crate::spec::expr::{Expr, Function};

impl Scene<'_> {
    /// A function of vectors at the end of training: the length of one, or how two of them lie to one another.
    pub(super) fn of_vectors(&self, function: Function, vectors: &[Expr]) -> Result<f64, Gap> {
        let vectors = vectors.iter().map(|vector| self.vector(vector)).collect::<Result<Vec<_>, _>>()?;
        match vectors.as_slice() {
            [a, b] if a.len() != b.len() => {
                let (name, a, b) = (function.name(), a.len(), b.len());
                Err(Gap::Undefined(format!("vectors of {a} and of {b} entries have no {name}")))
            }
            [a, b] if function == Function::Cosine => cosine(a, b)
                .ok_or_else(|| Gap::Undefined("a vector of zeros has no direction, so no cosine".to_owned())),
            [a, b] => Ok(length(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>())),
            vectors => Ok(length(&vectors.concat())),
        }
    }

    /// The entries of a vector at the end of training.
    fn vector(&self, expr: &Expr) -> Result<Vec<f64>, Gap> {
        let names = expr.names();
        let Some((reference, _)) = names.first() else { return Err(undefined(expr)) };
        let (arm, member) = self.run(*reference)?;
        let record = self.result(arm, member)?;
        let entry = |index: usize| record.measures.get(&format!("{}_{index}", reference.name)).copied();
        let entries: Vec<f64> = (0..).map_while(entry).collect();
        if entries.is_empty() {
            return Err(Gap::NotMeasured(arm.place_of(self.table, member), reference.name.to_owned()));
        }
        Ok(entries)
    }
}

/// The largest entry by size; 1 for a vector of zeros, so that one can divide by it.
fn scale(vector: &[f64]) -> f64 {
    let largest = vector.iter().fold(0.0, |most: f64, entry| most.max(entry.abs()));
    if largest > 0.0 { largest } else { 1.0 }
}

/// Euclidean length. Scaled, or the squares of tiny entries would vanish.
fn length(vector: &[f64]) -> f64 {
    let scale = scale(vector);
    scale * vector.iter().map(|entry| (entry / scale).powi(2)).sum::<f64>().sqrt()
}

/// The cosine of the angle between two vectors; `None` where one is zero. Each is scaled by itself, so that neither its
/// size nor the product of both overflows.
fn cosine(a: &[f64], b: &[f64]) -> Option<f64> {
    let scaled = |vector: &[f64]| {
        let scale = scale(vector);
        vector.iter().map(|entry| entry / scale).collect::<Vec<f64>>()
    };
    let (a, b) = (scaled(a), scaled(b));
    let lengths = length(&a) * length(&b);
    let product: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
    // Rounding must not make a cosine of what is none.
    (lengths != 0.0).then(|| (product / lengths).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_by_hand() {
        for (a, b, expected) in [
            ([1.0, 0.0], [0.0, 2.0], Some(0.0)),
            ([3.0, 4.0], [3.0, 4.0], Some(1.0)),
            ([3.0, 4.0], [-6.0, -8.0], Some(-1.0)),
            ([1.0, 0.0], [1.0, 1.0], Some(0.5_f64.sqrt())),
            ([3.0, 4.0], [4.0, 3.0], Some(0.96)),
            ([3e-300, 4e-300], [4e300, 3e300], Some(0.96)),
            ([0.0, 0.0], [4.0, 3.0], None),
            ([4.0, 3.0], [0.0, 0.0], None),
        ] {
            let found = cosine(&a, &b);
            let close = match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
                (found, expected) => found == expected,
            };
            assert!(close, "{a:?} {b:?}: {found:?}");
        }
    }

    #[test]
    fn lengths_of_tiny_vectors_do_not_vanish() {
        assert!((length(&[3e-200, 4e-200]) / 5e-200 - 1.0).abs() < 1e-12);
        assert_eq!(length(&[0.0, 0.0]), 0.0);
    }
}
