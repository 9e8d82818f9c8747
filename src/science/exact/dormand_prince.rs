//! An adaptive integrator of w′ = F(w): the fifth-order method of Dormand & Prince (1980) with its fourth-order error
//! estimate and the step control of Hairer, Nørsett & Wanner, *Solving Ordinary Differential Equations I*, §II.4.

/// Error of a step, relative to 1 + |w|, that is let through.
const TOLERANCE: f64 = 1e-12;

/// Weights of the earlier slopes in each stage; the last row is the solution, too.
const STAGES: [&[f64]; 6] = [
    &[1.0 / 5.0],
    &[3.0 / 40.0, 9.0 / 40.0],
    &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
    &[19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0],
    &[9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0],
    &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
];

/// Fifth-order minus fourth-order solution, in slopes.
const ERROR: [f64; 7] =
    [71.0 / 57600.0, 0.0, -71.0 / 16695.0, 71.0 / 1920.0, -17253.0 / 339_200.0, 22.0 / 525.0, -1.0 / 40.0];

/// An integration under way.
pub struct Integrator {
    /// Where it stands.
    pub at: Vec<f64>,
    /// The time there.
    pub time: f64,
    /// F there: the last slope of a step is the first of the next.
    slope: Vec<f64>,
    /// The step that is tried next.
    step: f64,
}

impl Integrator {
    /// At `at`, at time 0.
    pub fn new<E>(
        at: Vec<f64>,
        mut slope: impl FnMut(&[f64], &mut [f64]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut first = vec![0.0; at.len()];
        slope(&at, &mut first)?;
        let size = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
        let step = 1e-3 * (1.0 + size(&at)) / (1e-9 + size(&first));
        Ok(Self { at, time: 0.0, slope: first, step })
    }

    /// Takes a step, at most to `end`; whether one was found whose error is small enough. One that is not finite is no
    /// such step however small it is.
    pub fn advance<E>(
        &mut self,
        end: f64,
        mut slope: impl FnMut(&[f64], &mut [f64]) -> Result<(), E>,
    ) -> Result<bool, E> {
        let n = self.at.len();
        loop {
            let last = self.time + self.step >= end;
            let step = if last { end - self.time } else { self.step };
            if !last && step <= f64::EPSILON * self.time.abs() || step < 1e-300 {
                return Ok(false);
            }
            let mut slopes = vec![self.slope.clone()];
            let mut there = Vec::new();
            for row in STAGES {
                there = (0..n)
                    .map(|i| {
                        let sum: f64 = row.iter().zip(&slopes).map(|(weight, slope)| weight * slope[i]).sum();
                        self.at[i] + step * sum
                    })
                    .collect::<Vec<f64>>();
                let mut next = vec![0.0; n];
                slope(&there, &mut next)?;
                slopes.push(next);
            }
            let error = self.error(step, &slopes, &there);
            if error <= 1.0 {
                self.time = if last { end } else { self.time + step };
                self.at = there;
                self.slope = slopes.pop().unwrap_or_default();
            }
            let factor = if error.is_finite() { (0.9 * error.powf(-0.2)).clamp(0.2, 5.0) } else { 0.2 };
            self.step = step * factor;
            if error <= 1.0 {
                return Ok(true);
            }
        }
    }

    /// The error of a step over what is let through: the largest of all components.
    fn error(&self, step: f64, slopes: &[Vec<f64>], there: &[f64]) -> f64 {
        let mut worst: f64 = 0.0;
        for (i, new) in there.iter().enumerate() {
            let error: f64 = ERROR.iter().zip(slopes).map(|(weight, slope)| weight * slope[i]).sum();
            let scale = TOLERANCE * (1.0 + new.abs().max(self.at[i].abs()));
            let share = (step * error).abs() / scale;
            worst = if share.is_nan() { f64::INFINITY } else { worst.max(share) };
        }
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_closes_and_a_decay_decays() {
        let mut circle = |w: &[f64], out: &mut [f64]| -> Result<(), ()> {
            (out[0], out[1]) = (-w[1], w[0]);
            Ok(())
        };
        let mut integrator = Integrator::new(vec![1.0, 0.0], &mut circle).unwrap();
        while integrator.time < std::f64::consts::TAU {
            assert!(integrator.advance(std::f64::consts::TAU, &mut circle).unwrap());
        }
        assert!((integrator.at[0] - 1.0).abs() < 1e-9 && integrator.at[1].abs() < 1e-9);
        let mut decay = |w: &[f64], out: &mut [f64]| -> Result<(), ()> {
            out[0] = -w[0];
            Ok(())
        };
        let mut integrator = Integrator::new(vec![1.0], &mut decay).unwrap();
        while integrator.time < 3.0 {
            assert!(integrator.advance(3.0, &mut decay).unwrap());
        }
        assert!((integrator.at[0] - (-3.0_f64).exp()).abs() < 1e-11);
    }

    #[test]
    fn what_blows_up_in_finite_time_is_given_up() {
        let mut square = |w: &[f64], out: &mut [f64]| -> Result<(), ()> {
            out[0] = w[0] * w[0];
            Ok(())
        };
        let mut integrator = Integrator::new(vec![1.0], &mut square).unwrap();
        while integrator.time < 2.0 && integrator.advance(2.0, &mut square).unwrap() {}
        assert!(integrator.time < 1.001, "it ends at 1");
    }
}
