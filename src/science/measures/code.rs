//! How many bits it takes to tell the function that a network computes.

use super::pac_bayes::{noise, sigmas, square_distance};
use super::site::Site;
use super::vector::add_scaled;
use crate::base::ids::content_hash;
use crate::base::rng::Stream;
use crate::science::dense::{Batch, Examples};
use crate::science::pulse::Interrupted;
use crate::stats::codes::lempel_ziv;

/// Bits of a two-part code of weights and labels (Hinton & van Camp 1993): the weights up to noise of standard deviation σ
/// against a prior N(w₀, τ²), and the labels given noisy weights; the least over σ. With the best τ² = σ² + ‖w−w₀‖²/N the
/// first part is N/2 · ln(1 + ‖w−w₀‖²/Nσ²) nats.
pub fn description_length(site: &mut Site<'_, '_>, probes: usize) -> Result<f64, Interrupted> {
    let (size, n) = (site.size() as f64, site.rows.n() as f64);
    let (distance, noise) = (square_distance(site), noise(site, "description", probes));
    let mut least = f64::INFINITY;
    for sigma in sigmas() {
        let mut loss = 0.0;
        for z in &noise {
            let mut at = site.weights.to_vec();
            add_scaled(&mut at, sigma, z);
            loss += site.loss_at(&at)? / probes as f64;
        }
        let weights = 0.5 * size * (distance / (size * sigma * sigma)).ln_1p();
        least = least.min(weights + n * loss);
    }
    Ok(least / std::f64::consts::LN_2)
}

/// A number from N(0, 1) that has nothing to do with the run, and is another for other weights.
pub fn placebo(site: &Site<'_, '_>) -> f64 {
    let bits: Vec<u8> = site.weights.iter().flat_map(|weight| weight.to_bits().to_le_bytes()).collect();
    Stream::new(site.context.seed, &format!("placebo.{}", content_hash(&[&bits]))).normal()
}

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
    use crate::science::fixtures::{Quadratic, linear, measured};
    use crate::spec::{Init, InitKind, Loss};

    #[test]
    fn weights_that_stay_cost_nothing_and_those_that_move_what_the_formula_says() {
        // L = Σ λ (w − t)² / 2 with its minimum at t: E L(w + σz) there is σ²/2 · Σ λ.
        let quadratic = Quadratic::new(&[4.0, 1.0]);
        let minimum = [0.0, 0.0];
        let found = quadratic.measured_from(&[0.3, 0.4], &minimum, 0, |site| description_length(site, 4_000));
        let distance: f64 = [0.3, 0.4].iter().zip(&minimum).map(|(a, b): (&f64, &f64)| (a - b).powi(2)).sum();
        let bits = |step: usize| {
            let square = 2.0_f64.powf(step as f64 - 20.0);
            ((distance / (2.0 * square)).ln_1p() + 2.0 * 0.5 * square * 5.0) / std::f64::consts::LN_2
        };
        let expected = (0..24).map(bits).fold(f64::INFINITY, f64::min);
        assert!((found / expected - 1.0).abs() < 0.03, "{found} {expected}");
        let stayed = quadratic.measured_from(&minimum, &minimum, 0, |site| description_length(site, 100));
        assert!(stayed < 1e-4, "{stayed}");
    }

    #[test]
    fn a_placebo_is_drawn_anew_for_other_weights_and_is_standard_normal() {
        let quadratic = Quadratic::new(&[1.0]);
        let draw = |w: f64| quadratic.measured(&[w], 0, |site| Ok(placebo(site)));
        assert_eq!(draw(0.5), draw(0.5));
        let draws: Vec<f64> = (0..2_000).map(|k| draw(f64::from(k) / 100.0)).collect();
        let mean = draws.iter().sum::<f64>() / 2_000.0;
        let variance = draws.iter().map(|x| x * x).sum::<f64>() / 2_000.0;
        // Four standard errors.
        assert!(mean.abs() < 0.09 && (variance - 1.0).abs() < 0.13, "{mean} {variance}");
    }

    #[test]
    fn a_constant_takes_seven_bits_and_the_first_of_seven_bits_twenty_one() {
        let init = Init { kind: InitKind::Normal, scale: 0.0 };
        let network = Network::new(&linear(&[], init), 7, 2, Loss::CrossEntropy).unwrap();
        let examples = Examples::new(&network, Batch { x: &[1.0; 7], y: &[1.0, 0.0], n: 1 });
        let complexity = |weights: &[f64]| measured(&network, weights, examples.rows(), 0, lz_complexity);
        // GT-15: 0^128 has 7 bits, 0^64 1^64 has 21.
        assert_eq!(complexity(&[0.0; 14]), 7.0);
        let mut first = [0.0; 14];
        first[7] = 1.0;
        assert_eq!(complexity(&first), 21.0);
    }
}
