//! f(x) = Σᵢ (uᵢ² − vᵢ²) xᵢ: linear in x, but gradient descent on u and v is another one than on w = u² − v². From
//! small u and v it comes to the w of least l₁ norm, from large ones to that of least l₂ norm (Woodworth et al. 2020).

use super::dynamics::Objective;
use crate::data::Part;

/// ½ mean (f − y)² as a function of (u, v), u first.
pub struct Diagonal<'a> {
    part: &'a Part,
    inputs: usize,
}

impl<'a> Diagonal<'a> {
    /// On these examples, which have one target each.
    pub fn new(part: &'a Part, inputs: usize) -> Self {
        Self { part, inputs }
    }

    /// w = u² − v².
    pub fn linear(weights: &[f64]) -> Vec<f64> {
        let (u, v) = weights.split_at(weights.len() / 2);
        u.iter().zip(v).map(|(u, v)| u * u - v * v).collect()
    }

    /// Residuals X w − `shift`·y of each example.
    fn residuals(&self, w: &[f64], shift: f64) -> Vec<f64> {
        let rows = self.part.x.chunks(self.inputs).zip(&self.part.y);
        let output = |x: &[f32]| x.iter().zip(w).map(|(&x, w)| f64::from(x) * w).sum::<f64>();
        rows.map(|(x, &y)| output(x) - shift * f64::from(y)).collect()
    }

    /// Xᵀ r / n.
    fn back(&self, residuals: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; self.inputs];
        for (x, residual) in self.part.x.chunks(self.inputs).zip(residuals) {
            sum.iter_mut().zip(x).for_each(|(sum, &x)| *sum += residual * f64::from(x));
        }
        sum.into_iter().map(|sum| sum / self.part.n as f64).collect()
    }
}

impl Objective for Diagonal<'_> {
    fn gradient(&mut self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        let residuals = self.residuals(&Self::linear(weights), 1.0);
        let slope = self.back(&residuals);
        for (i, slope) in slope.iter().enumerate() {
            gradient[i] = 2.0 * weights[i] * slope;
            gradient[self.inputs + i] = -2.0 * weights[self.inputs + i] * slope;
        }
        residuals.iter().map(|residual| residual * residual).sum::<f64>() / (2.0 * self.part.n as f64)
    }

    fn hessian_vector(&mut self, weights: &[f64], v: &[f64], out: &mut [f64]) {
        let slope = self.back(&self.residuals(&Self::linear(weights), 1.0));
        let d = self.inputs;
        let moved: Vec<f64> = (0..d).map(|i| 2.0 * (weights[i] * v[i] - weights[d + i] * v[d + i])).collect();
        let bent = self.back(&self.residuals(&moved, 0.0));
        for i in 0..d {
            out[i] = 2.0 * (v[i] * slope[i] + weights[i] * bent[i]);
            out[d + i] = -2.0 * (v[d + i] * slope[i] + weights[d + i] * bent[i]);
        }
    }

    fn work(&self) -> f64 {
        2.0 * (self.part.n * self.inputs) as f64
    }
}
