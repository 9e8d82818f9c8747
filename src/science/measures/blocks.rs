//! The diagonal blocks of the Hessian, layer by layer.

use std::ops::Range;

use super::curvature::{Estimate, extreme};
use super::details::Spectrum;
use super::site::{Matrix, Site};
use super::trace;
use super::vector::dot;
use crate::science::dense::Network;
use crate::science::pulse::Interrupted;
use crate::spec::{MeasureSettings, Setting};

/// Where the parameters of each layer lie, weights and biases.
pub fn layers(network: &Network) -> Vec<Range<usize>> {
    network.layers().iter().map(|layer| layer.weight.start..layer.bias.end.max(layer.weight.end)).collect()
}

/// Trace of every layer's block, from the same products: between layers the signs are independent.
pub fn traces(site: &mut Site<'_, '_>, settings: &MeasureSettings) -> Result<Vec<Estimate>, Interrupted> {
    let layers = layers(site.network);
    let mut stream = site.stream("probes");
    let (mut probe, mut image) = (vec![0.0; site.size()], vec![0.0; site.size()]);
    let mut samples = vec![Vec::new(); layers.len()];
    for _ in 0..settings.count(Setting::Probes) {
        probe.fill_with(|| stream.sign());
        site.product(Matrix::Hessian, &probe, &mut image)?;
        for (samples, layer) in samples.iter_mut().zip(&layers) {
            samples.push(dot(&probe[layer.clone()], &image[layer.clone()]));
        }
    }
    Ok(samples.iter().map(|samples| trace::mean(samples)).collect())
}

/// The largest eigenvalue of the block `layer`: whatever stands outside it is taken for 0.
pub fn lambda_max(
    site: &mut Site<'_, '_>,
    layer: &Range<usize>,
    settings: &MeasureSettings,
) -> Result<Estimate, Interrupted> {
    extreme(site, layer.clone(), settings, |site, v, out| {
        site.product(Matrix::Hessian, v, out)?;
        out[..layer.start].fill(0.0);
        out[layer.end..].fill(0.0);
        Ok(())
    })
}

/// Both of every layer, and the largest relative residual.
pub fn curvature(
    site: &mut Site<'_, '_>,
    name: &str,
    settings: &MeasureSettings,
) -> Result<(Spectrum, f64), Interrupted> {
    let mut spectrum = Spectrum::of(name, site.rows.n());
    let mut worst = 0.0_f64;
    let traces = traces(site, settings)?;
    for (index, (layer, trace)) in layers(site.network).iter().zip(traces).enumerate() {
        let top = lambda_max(site, layer, settings)?;
        worst = worst.max(top.uncertainty);
        spectrum.push(index, top.value, trace.value, top.uncertainty * top.value.abs());
    }
    Ok((spectrum, worst))
}
