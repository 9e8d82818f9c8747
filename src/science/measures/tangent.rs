//! What the Jacobian of the outputs tells: how many directions of the weights move them, and the tangent kernel.

use faer::{Mat, MatRef};

use super::site::Site;
use crate::science::jacobian::jacobian;
use crate::science::pulse::Interrupted;
use crate::science::solve::{rank, singular_values};
use crate::spec::Quantity;

/// Most numbers of a Jacobian that is made.
pub const MOST: usize = 20_000_000;

/// Rank, dimension of the null space, or condition number of the Jacobian over all training examples.
pub fn directions(site: &mut Site<'_, '_>, quantity: Quantity) -> Result<f64, Interrupted> {
    let n = site.rows.n();
    let (x, _) = site.first(n);
    let matrix = jacobian(site.network, site.weights, &x, n).matrix;
    site.spend(site.network.outputs() as f64)?;
    let Some(values) = singular_values(matrix.as_ref()) else { return Ok(f64::NAN) };
    let found = rank(&values, matrix.nrows().max(matrix.ncols()));
    Ok(match quantity {
        Quantity::Rank => found.rank as f64,
        Quantity::NullSpace => (site.size() - found.rank) as f64,
        _ => found.condition,
    })
}

/// ‖Θ − Θ₀‖_F / ‖Θ₀‖_F over the first `examples` training examples.
pub fn drift(site: &mut Site<'_, '_>, examples: usize) -> Result<f64, Interrupted> {
    let (x, _) = site.first(examples);
    let n = x.len() / site.network.inputs().max(1);
    let kernel = |weights: &[f64]| square(jacobian(site.network, weights, &x, n).matrix.as_ref());
    let (now, then) = (kernel(site.weights), kernel(site.context.initial));
    site.spend(2.0 * site.network.outputs() as f64 * n as f64 / site.rows.n() as f64)?;
    Ok((&now - &then).norm_l2() / then.norm_l2())
}

/// ⟨K, `YYᵀ`⟩ / ‖K‖_F ‖`YYᵀ`‖_F over the first `examples` training examples, K the tangent kernel summed over outputs and
/// Y the targets less their means.
pub fn alignment(site: &mut Site<'_, '_>, examples: usize) -> Result<f64, Interrupted> {
    let (x, y) = site.first(examples);
    let (n, outputs) = (x.len() / site.network.inputs().max(1), site.network.outputs());
    let all = square(jacobian(site.network, site.weights, &x, n).matrix.as_ref());
    site.spend(outputs as f64 * n as f64 / site.rows.n() as f64)?;
    let kernel = Mat::from_fn(n, n, |row, column| {
        (0..outputs).map(|output| all[(row * outputs + output, column * outputs + output)]).sum::<f64>()
    });
    let mean = |output: usize| y.iter().skip(output).step_by(outputs).sum::<f64>() / n as f64;
    let means: Vec<f64> = (0..outputs).map(mean).collect();
    let centred = Mat::from_fn(n, outputs, |row, output| y[row * outputs + output] - means[output]);
    let targets = square(centred.as_ref());
    let both: f64 = (0..n)
        .flat_map(|row| (0..n).map(move |column| (row, column)))
        .map(|at| kernel[at] * targets[at])
        .sum();
    Ok(both / (kernel.norm_l2() * targets.norm_l2()))
}

/// ⟨∇f(xᵢ), ∇f(xⱼ)⟩ over the first `examples` training examples, summed over outputs, i ≤ j row by row.
pub fn entries(site: &mut Site<'_, '_>, examples: usize) -> Result<Vec<f64>, Interrupted> {
    let (x, _) = site.first(examples);
    let (n, outputs) = (x.len() / site.network.inputs().max(1), site.network.outputs());
    let all = square(jacobian(site.network, site.weights, &x, n).matrix.as_ref());
    site.spend(outputs as f64 * n as f64 / site.rows.n() as f64)?;
    let entry = |(row, column): (usize, usize)| -> f64 {
        (0..outputs).map(|output| all[(row * outputs + output, column * outputs + output)]).sum()
    };
    Ok((0..n).flat_map(|row| (row..n).map(move |column| (row, column))).map(entry).collect())
}

/// A Aᵀ.
fn square(a: MatRef<'_, f64>) -> Mat<f64> {
    a * a.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::fixtures::{NetA, Quadratic};

    #[test]
    fn five_residuals_move_a_network_of_thirteen_weights_in_five_directions() {
        let net = NetA::new();
        assert_eq!(net.measured(0, |site| directions(site, Quantity::Rank)), 5.0);
        assert_eq!(net.measured(0, |site| directions(site, Quantity::NullSpace)), 8.0);
        assert_eq!(net.measured(0, |site| drift(site, 100)), 0.0, "it stands at its beginning");
        let aligned = net.measured(0, |site| alignment(site, 100));
        assert!((-1.0..=1.0).contains(&aligned));
    }

    #[test]
    fn the_tangent_kernel_of_a_linear_model_is_that_of_its_inputs() {
        let quadratic = Quadratic::new(&[4.0, 1.0]);
        let found = quadratic.measured(&[0.5, -1.0], 0, |site| entries(site, 10));
        // Inputs √(nλᵢ) along each axis: ⟨xᵢ, xⱼ⟩ = nλᵢ δᵢⱼ.
        let expected = [8.0, 0.0, 2.0];
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
    }

    #[test]
    fn a_linear_model_has_the_singular_values_of_its_inputs() {
        // Inputs √(nλᵢ) along each axis: singular values are those.
        let quadratic = Quadratic::new(&[4.0, 1.0, 0.25]);
        let weights = [0.5, -1.0, 2.0];
        let condition = quadratic.measured(&weights, 0, |site| directions(site, Quantity::ConditionNumber));
        assert!((condition - 4.0).abs() < 1e-12);
        assert_eq!(quadratic.measured(&weights, 0, |site| directions(site, Quantity::NullSpace)), 0.0);
    }
}
