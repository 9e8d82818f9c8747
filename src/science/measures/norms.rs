//! How large the weights are, layer by layer, and how clearly the examples are told apart. All of it is exact; biases
//! count where it is said.

use faer::MatRef;

use super::site::Site;
use super::vector::norm;
use crate::science::dense::Network;
use crate::science::pulse::Interrupted;
use crate::science::solve::singular_values;

/// The share of the training examples whose margin lies below what counts as the margin of all.
const PERCENTILE: f64 = 0.1;

/// √ Σ over paths Π w² (Neyshabur et al. 2015, with p = 2): what the network comes to on an input of ones with all
/// weights squared. A bias is a weight on a path that begins at it.
pub fn path(network: &Network, weights: &[f64]) -> f64 {
    let mut values = vec![1.0; network.inputs()];
    for layer in network.layers() {
        let rows = weights[layer.weight.clone()].chunks(layer.inputs);
        let biases = &weights[layer.bias.clone()];
        let sum = |row: &[f64]| row.iter().zip(&values).map(|(w, v)| w * w * v).sum::<f64>();
        let next = rows.enumerate().map(|(unit, row)| {
            layer.scale * layer.scale * sum(row) + biases.get(unit).map_or(0.0, |bias| bias * bias)
        });
        values = next.collect();
    }
    values.iter().sum::<f64>().sqrt()
}

/// Π ‖W‖_F.
pub fn frobenius_product(network: &Network, weights: &[f64]) -> f64 {
    let norms = network.layers().iter().map(|layer| layer.scale * norm(&weights[layer.weight.clone()]));
    norms.product()
}

/// Π σ₁(W).
pub fn spectral_product(network: &Network, weights: &[f64]) -> f64 {
    let largest = network.layers().iter().map(|layer| {
        let rows = &weights[layer.weight.clone()];
        let matrix = MatRef::from_row_major_slice(rows, layer.outputs, layer.inputs);
        let values = singular_values(matrix);
        layer.scale * values.and_then(|values| values.first().copied()).unwrap_or(f64::NAN)
    });
    largest.product()
}

/// The 10th percentile of the training margins (Jiang et al. 2019), by linear interpolation between the two nearest; NaN
/// where there are no classes.
pub fn margin(site: &mut Site<'_, '_>) -> Result<f64, Interrupted> {
    let mut margins = site.margins()?;
    margins.sort_by(f64::total_cmp);
    let place = PERCENTILE * margins.len().saturating_sub(1) as f64;
    let (below, share) = (place.floor() as usize, place.fract());
    let at = |index: usize| margins.get(index).or(margins.last()).copied().unwrap_or(f64::NAN);
    Ok(at(below) + share * (at(below + 1) - at(below)))
}

/// The share of the weights, without biases and gains, that are not exactly zero.
pub fn remaining(network: &Network, weights: &[f64]) -> f64 {
    let all = || network.layers().iter().flat_map(|layer| &weights[layer.weight.clone()]);
    all().filter(|weight| **weight != 0.0).count() as f64 / all().count() as f64
}

/// (w − β)ᵀ Σ (w − β) + b² of a linear model with one output, where there is a linear truth; else NaN.
pub fn excess_risk(site: &Site<'_, '_>) -> f64 {
    let ([layer], Some(truth)) = (site.network.layers(), site.context.truth) else { return f64::NAN };
    let w: Vec<f64> = site.weights[layer.weight.clone()].iter().map(|w| layer.scale * w).collect();
    let bias = site.weights[layer.bias.clone()].first().copied().unwrap_or(0.0);
    truth.excess_risk(&w) + bias * bias
}

/// The fraction of the examples with a replaced label that are classified as labelled; NaN where there are none.
pub fn noisy_fitted(site: &mut Site<'_, '_>) -> Result<f64, Interrupted> {
    let (labels, clean) = (site.context.labels, site.context.clean);
    let margins = site.margins()?;
    let replaced = labels.iter().zip(clean).zip(&margins).filter(|((label, clean), _)| label != clean);
    let (mut all, mut fitted) = (0_usize, 0_usize);
    for (_, margin) in replaced {
        all += 1;
        fitted += usize::from(*margin > 0.0);
    }
    Ok(fitted as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::fixtures::{HE, NetA, mlp};
    use crate::spec::{Activation, Loss};

    #[test]
    fn norms_by_hand() {
        // 2-2-1: W₁ = [[1, 2], [0, 3]], b₁ = (1, 0), W₂ = [2, −1], b₂ = 5.
        let network = Network::new(&mlp(&[2], Activation::Relu, HE), 2, 1, Loss::Squared).unwrap();
        let weights = [1.0, 2.0, 0.0, 3.0, 1.0, 0.0, 2.0, -1.0, 5.0];
        // Units: 1 + 4 + 1 = 6 and 9; output 4·6 + 1·9 + 25 = 58.
        assert!((path(&network, &weights) - 58.0_f64.sqrt()).abs() < 1e-12);
        assert!((frobenius_product(&network, &weights) - (14.0_f64 * 5.0).sqrt()).abs() < 1e-12);
        // W₁ᵀW₁ = [[1, 2], [2, 13]]: eigenvalues 7 ± √40.
        let first = (7.0 + 40.0_f64.sqrt()).sqrt();
        assert!((spectral_product(&network, &weights) - first * 5.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn without_classes_there_is_no_margin() {
        assert!(NetA::new().measured(0, margin).is_nan());
    }
}
