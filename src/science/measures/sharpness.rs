//! Sharpness by perturbation: how much the loss rises nearby.

use super::vector::{add_scaled, norm};
use crate::science::dense::{Network, Parameters, Pass, Rows};

/// L(w + ρ g/‖g‖) − L(w) on the full training batch, the one-step inner maximum of SAM (Foret et al. 2021, eq. 2);
/// 0 where the gradient `g` is.
pub fn sam(network: &Network, weights: &[f64], rows: Rows<'_, f64>, loss: f64, g: &[f64], rho: f64) -> f64 {
    let length = norm(g);
    if length == 0.0 {
        return 0.0;
    }
    let mut moved = weights.to_vec();
    add_scaled(&mut moved, rho / length, g);
    Pass::forward(network, rows.n()).loss(&Parameters::new(network, &moved), rows) - loss
}
