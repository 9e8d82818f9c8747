//! Curvature seen from the weights: flatness that a rescaling of layers does not change.

use super::curvature::Estimate;
use super::site::{Matrix, Site};
use super::trace;
use super::vector::dot;
use crate::science::pulse::Interrupted;
use crate::spec::{MeasureSettings, Setting};

/// Petzka's κ of one layer, Σ ⟨wₛ, wₛ′⟩ tr Hₛₛ′ over pairs of its units (Petzka et al. 2021, def. 3), biases left out.
///
/// With W = outputs × inputs this is Σ ⟨U, H U⟩ over the matrices U that hold one column of W in one place: inputs²
/// products, or as many as there are random sign matrices R in the mean of ⟨WR, H WR⟩.
pub fn relative(site: &mut Site<'_, '_>, settings: &MeasureSettings) -> Result<Estimate, Interrupted> {
    let layers = site.network.layers();
    let from_last = settings.count(Setting::Layer);
    let Some(layer) = layers.len().checked_sub(from_last).and_then(|index| layers.get(index)) else {
        return Ok(Estimate { value: f64::NAN, uncertainty: f64::NAN });
    };
    let (inputs, outputs, place) = (layer.inputs, layer.outputs, layer.weight.clone());
    let w = site.weights[place.clone()].to_vec();
    let probes = settings.count(Setting::Probes);
    let (mut u, mut image) = (vec![0.0; site.size()], vec![0.0; site.size()]);
    let mut samples = Vec::new();
    if exact_products(inputs) <= probes {
        for column in 0..inputs {
            for at in 0..inputs {
                u.fill(0.0);
                for output in 0..outputs {
                    u[place.start + output * inputs + at] = w[output * inputs + column];
                }
                site.product(Matrix::Hessian, &u, &mut image)?;
                samples.push(dot(&u, &image));
            }
        }
        return Ok(Estimate { value: samples.iter().sum(), uncertainty: 0.0 });
    }
    let mut stream = site.stream("flatness");
    for _ in 0..probes {
        let signs: Vec<f64> = (0..inputs * inputs).map(|_| stream.sign()).collect();
        u.fill(0.0);
        for output in 0..outputs {
            let row = &mut u[place.start + output * inputs..][..inputs];
            for (w, signs) in w[output * inputs..][..inputs].iter().zip(signs.chunks(inputs)) {
                row.iter_mut().zip(signs).for_each(|(u, sign)| *u += w * sign);
            }
        }
        site.product(Matrix::Hessian, &u, &mut image)?;
        samples.push(dot(&u, &image));
    }
    Ok(trace::mean(&samples))
}

/// Products that it takes exactly.
pub fn exact_products(inputs: usize) -> usize {
    inputs.saturating_mul(inputs)
}

/// ⟨w, F w⟩ with the empirical Fisher matrix: the mean of ⟨w, ∇ℓᵢ⟩² (Liang et al. 2019).
pub fn fisher_rao(site: &mut Site<'_, '_>) -> Result<f64, Interrupted> {
    let derivatives = site.directional(site.weights)?;
    Ok(dot(&derivatives, &derivatives) / derivatives.len() as f64)
}
