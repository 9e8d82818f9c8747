//! Kernels of infinitely wide networks, in closed form.

use faer::{Mat, MatRef};

use crate::spec::ModelSpec;

/// A kernel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kernel {
    /// The neural tangent kernel of a relu network with so many hidden layers.
    Ntk(usize),
    /// The covariance of its outputs at initialisation.
    Nngp(usize),
    /// exp(−‖x − x′‖² / 2σ²).
    Gaussian(f64),
}

impl Kernel {
    /// That of a model, if it is one.
    pub fn of(model: &ModelSpec) -> Option<Self> {
        match *model {
            ModelSpec::Ntk { depth } => Some(Self::Ntk(depth)),
            ModelSpec::Nngp { depth } => Some(Self::Nngp(depth)),
            ModelSpec::GaussianKernel { bandwidth } => Some(Self::Gaussian(bandwidth)),
            _ => None,
        }
    }

    /// Of two points with these inner products (with themselves, with each other) in `inputs` dimensions.
    pub fn value(self, [aa, bb, ab]: [f64; 3], inputs: usize) -> f64 {
        match self {
            Self::Gaussian(bandwidth) => {
                (-(aa + bb - 2.0 * ab).max(0.0) / (2.0 * bandwidth * bandwidth)).exp()
            }
            Self::Ntk(depth) => wide([aa, bb, ab], inputs, depth).0,
            Self::Nngp(depth) => wide([aa, bb, ab], inputs, depth).1,
        }
    }

    /// Of every row of `a` with every row of `b`.
    pub fn matrix(self, a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
        let (lengths_a, lengths_b) = (lengths(a), lengths(b));
        let mut products = a * b.transpose();
        for (column, values) in products.as_mut().col_iter_mut().enumerate() {
            for (ab, aa) in values.iter_mut().zip(&lengths_a) {
                *ab = self.value([*aa, lengths_b[column], *ab], a.ncols());
            }
        }
        products
    }
}

/// Squared length of every row.
fn lengths(rows: MatRef<'_, f64>) -> Vec<f64> {
    rows.row_iter().map(|row| row.iter().map(|entry| entry * entry).sum()).collect()
}

/// Tangent kernel Θ and covariance Σ of a relu network with `σ_w²` = 2 and no biases: Σ⁰ = ⟨x, x′⟩ / d, then
/// Σ ← √(Σ(x,x) Σ(x′,x′)) κ₁(ρ) and Θ ← Θ κ₀(ρ) + Σ layer by layer, ρ the correlation below (Jacot et al. 2018; Cho &
/// Saul 2009). Under this scaling Σ(x, x) is the same in all layers.
fn wide([aa, bb, ab]: [f64; 3], inputs: usize, depth: usize) -> (f64, f64) {
    let length = (aa * bb).sqrt() / inputs as f64;
    if length == 0.0 {
        return (0.0, 0.0);
    }
    let mut correlation = (ab / (aa * bb).sqrt()).clamp(-1.0, 1.0);
    let mut tangent = length * correlation;
    for _ in 0..depth {
        let next = kappa1(correlation);
        tangent = tangent * kappa0(correlation) + length * next;
        correlation = next.clamp(-1.0, 1.0);
    }
    (tangent, length * correlation)
}

/// The arc-cosine kernel of order 0, scaled to κ₀(1) = 1.
pub fn kappa0(correlation: f64) -> f64 {
    1.0 - correlation.acos() / std::f64::consts::PI
}

/// The arc-cosine kernel of order 1, scaled to κ₁(1) = 1.
pub fn kappa1(correlation: f64) -> f64 {
    let sine = (1.0 - correlation * correlation).max(0.0).sqrt();
    sine / std::f64::consts::PI + correlation * kappa0(correlation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::fixtures::close;

    #[test]
    fn gt_5_kernels_at_sixty_degrees() {
        close("GT-5 k0", kappa0(0.5), 2.0 / 3.0, 1e-12);
        close("GT-5 k1", kappa1(0.5), 0.608_998, 1e-6);
        // Points of length √d in d = 1 stand for any dimension: the kernel sees ⟨x, x′⟩ / d.
        let at = |kernel: Kernel| kernel.value([1.0, 1.0, 0.5], 1);
        for (depth, ntk, nngp) in [
            (1, 0.942_331_11, 0.608_997_78),
            (2, 1.351_479_56, 0.683_905_65),
            (3, 1.737_844_68, 0.738_128_19),
        ] {
            close(&format!("GT-5 NTK, depth {depth}"), at(Kernel::Ntk(depth)), ntk, 1e-8);
            close(&format!("GT-5 NNGP, depth {depth}"), at(Kernel::Nngp(depth)), nngp, 1e-8);
        }
    }

    #[test]
    fn a_kernel_is_symmetric_and_of_a_point_with_itself_what_it_should_be() {
        let x = Mat::from_fn(5, 3, |row, column| ((row * 3 + column) as f64).sin());
        for kernel in [Kernel::Ntk(2), Kernel::Nngp(3), Kernel::Gaussian(0.7)] {
            let matrix = kernel.matrix(x.as_ref(), x.as_ref());
            for row in 0..5 {
                for column in 0..5 {
                    assert!((matrix[(row, column)] - matrix[(column, row)]).abs() < 1e-14);
                }
                let length: f64 = (0..3).map(|k| x[(row, k)].powi(2)).sum::<f64>() / 3.0;
                let known = match kernel {
                    Kernel::Ntk(depth) => (depth + 1) as f64 * length,
                    Kernel::Nngp(_) => length,
                    Kernel::Gaussian(_) => 1.0,
                };
                // κ is steep where the correlation is 1: half of the digits of the inner product are lost.
                assert!((matrix[(row, row)] - known).abs() < 1e-7, "{kernel:?}");
            }
        }
    }
}
