//! How many bits it takes to tell the function that a network computes.

use super::site::Site;
use crate::science::dense::{Batch, Examples};
use crate::science::pulse::Interrupted;
use crate::stats::codes::lempel_ziv;

/// Most bits of which all inputs are tried: the complexity of a longer truth table takes too long.
pub const MOST_BITS: usize = 10;

/// Lempel–Ziv complexity of the classes of all ±1 inputs, in counting order, the first bit the highest. NaN for a network of
/// too many inputs.
pub fn lz_complexity(site: &mut Site<'_, '_>) -> Result<f64, Interrupted> {
    let (network, bits) = (site.network, site.network.inputs());
    if bits > MOST_BITS {
        return Ok(f64::NAN);
    }
    let n = 1_usize << bits;
    let bit = |input: usize, place: usize| if input >> (bits - 1 - place) & 1 == 1 { 1.0 } else { -1.0 };
    let x: Vec<f64> = (0..n).flat_map(|input| (0..bits).map(move |place| bit(input, place))).collect();
    let y = vec![0.0; n * network.outputs()];
    let inputs = Examples::new(network, Batch { x: &x, y: &y, n });
    Ok(lempel_ziv(&site.classes(inputs.rows())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::dense::Network;
    use crate::science::fixtures::measured;
    use crate::spec::{Activation, Init, InitKind, Loss, ModelSpec};

    #[test]
    fn a_constant_takes_seven_bits_and_the_first_of_seven_bits_twenty_one() {
        let init = Init { kind: InitKind::Normal, scale: 0.0 };
        let model = ModelSpec::Mlp {
            hidden: vec![],
            activation: Activation::Linear,
            bias: false,
            init,
            batch_norm: false,
            dropout: 0.0,
        };
        let network = Network::new(&model, 7, 2, Loss::CrossEntropy).unwrap();
        let examples = Examples::new(&network, Batch { x: &[1.0; 7], y: &[1.0, 0.0], n: 1 });
        let complexity = |weights: &[f64]| measured(&network, weights, examples.rows(), 0, lz_complexity);
        // GT-15: 0^128 has 7 bits, 0^64 1^64 has 21.
        assert_eq!(complexity(&[0.0; 14]), 7.0);
        let mut first = [0.0; 14];
        first[7] = 1.0;
        assert_eq!(complexity(&first), 21.0);
    }
}
