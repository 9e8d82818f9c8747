//! Descent in other geometries than the Euclidean one. Nothing is kept from step to step.

use super::super::dense::{Parameters, Real};

/// w ← w − η·sign(g), sign(0) = 0 (Bernstein et al. 2018).
pub fn sign<T: Real>(weights: &mut Parameters<T>, gradient: &Parameters<T>, rate: T) {
    weights.each_with([gradient], |weight, [g]| {
        if g > T::ZERO {
            *weight -= rate;
        } else if g < T::ZERO {
            *weight += rate;
        }
    });
}

/// w ← β·sinh(asinh(w/β) − ηg): mirror descent in the hypentropy potential (Ghai et al. 2020).
///
/// With r = √(w² + β²), w = σ|w| and t = σηg this is σ(|w|e⁻ᵗ − β²/(r + |w|)·sinh t), in which nothing cancels but what
/// the step itself takes away. In f64, rounded once.
pub fn hypentropy<T: Real>(weights: &mut Parameters<T>, gradient: &Parameters<T>, rate: f64, beta: f64) {
    weights.each_with([gradient], |weight, [g]| {
        let (size, sign) = (weight.wide().abs(), 1.0_f64.copysign(weight.wide()));
        let (t, radius) = (sign * rate * g.wide(), size.hypot(beta));
        *weight = T::of(sign * (size * (-t).exp() - beta * beta / (radius + size) * t.sinh()));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::dense::Network;
    use crate::science::fixtures::{HE, mlp};
    use crate::spec::{Activation, Loss};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn hypentropy_is_its_definition(
            w in -50.0..50.0_f64,
            g in -20.0..20.0_f64,
            beta in 1e-3..1e3_f64,
        ) {
            let network = Network::new(&mlp(&[], Activation::Linear, HE), 1, 1, Loss::Squared).unwrap();
            let mut weights = Parameters::new(&network, &[w, 0.0]);
            hypentropy(&mut weights, &Parameters::new(&network, &[g, g]), 0.1, beta);
            let expected = [w, 0.0].map(|w: f64| beta * ((w / beta).asinh() - 0.1 * g).sinh());
            for (found, expected) in weights.flat().iter().zip(expected) {
                prop_assert!((found - expected).abs() <= 1e-11 * (1.0 + beta + w.abs() + expected.abs()));
            }
        }
    }
}
