//! Nonlinearities with their first and second derivatives, applied to whole layers together with the bias.
//!
//! Each is written once, as a function from z to (φ(z), φ′(z), φ″(z)); a caller that drops a derivative lets the
//! compiler drop its arithmetic. A number that is not finite must come out as such: a run that diverges is told
//! by its loss, so no branch here may turn NaN into zero.

use super::Real;
use crate::spec::Activation;

/// √(2/π), of the tanh form of GELU (Hendrycks & Gimpel 2016, eq. 2).
const GELU_SCALE: f64 = 0.797_884_560_802_865_4;
/// The cubic coefficient of the same.
const GELU_CUBIC: f64 = 0.044_715;

/// φ, φ′ and φ″ at one point.
type Jet<T> = (T, T, T);

#[inline]
fn relu<T: Real>(z: T) -> Jet<T> {
    // Written so that NaN takes the branch that keeps it.
    if z <= T::ZERO { (T::ZERO, T::ZERO, T::ZERO) } else { (z, T::ONE, T::ZERO) }
}

#[inline]
fn tanh<T: Real>(z: T) -> Jet<T> {
    let value = z.tanh();
    let slope = T::ONE - value * value;
    (value, slope, -(value + value) * slope)
}

#[inline]
fn gelu<T: Real>(z: T) -> Jet<T> {
    let (scale, cubic) = (T::of(GELU_SCALE), T::of(GELU_CUBIC));
    let three_cubic_squares = T::of(3.0) * cubic * z * z;
    // With t = tanh u and u = scale · (z + cubic · z³): gelu = ½ z (1 + t).
    let t = (scale * z * (T::ONE + cubic * z * z)).tanh();
    let first = scale * (T::ONE + three_cubic_squares);
    let second = T::of(6.0) * scale * cubic * z;
    let dt = T::ONE - t * t;
    let half_z = T::HALF * z;
    let bend = dt * first + half_z * dt * (second - (t + t) * first * first);
    (half_z * (T::ONE + t), T::HALF * (T::ONE + t) + half_z * dt * first, bend)
}

#[inline]
fn linear<T: Real>(z: T) -> Jet<T> {
    (z, T::ONE, T::ZERO)
}

/// How much of the jet a pass needs, and where it goes: buffers as large as the layer.
pub enum Derivatives<'a, T> {
    /// Values alone: evaluation.
    None,
    /// φ′ too: a gradient.
    First(&'a mut [T]),
    /// φ′ and φ″: curvature.
    Second(&'a mut [T], &'a mut [T]),
}

/// Replaces pre-activations `z` (rows as wide as `bias`) by φ(z + bias) and fills the derivatives asked for.
pub fn activate<T: Real>(activation: Activation, z: &mut [T], bias: &[T], derivatives: Derivatives<'_, T>) {
    match activation {
        Activation::Relu => apply(relu, z, bias, derivatives),
        Activation::Tanh => apply(tanh, z, bias, derivatives),
        Activation::Gelu => apply(gelu, z, bias, derivatives),
        Activation::Linear => apply(linear, z, bias, derivatives),
    }
}

/// Whether φ″ is zero wherever it exists, so that curvature passes can leave its terms out.
pub fn is_piecewise_linear(activation: Activation) -> bool {
    matches!(activation, Activation::Relu | Activation::Linear)
}

#[inline]
fn apply<T: Real>(jet: impl Fn(T) -> Jet<T>, z: &mut [T], bias: &[T], derivatives: Derivatives<'_, T>) {
    let width = bias.len();
    let rows = z.chunks_exact_mut(width);
    match derivatives {
        Derivatives::None => rows.for_each(|row| {
            for (z, b) in row.iter_mut().zip(bias) {
                *z = jet(*z + *b).0;
            }
        }),
        Derivatives::First(slopes) => rows.zip(slopes.chunks_exact_mut(width)).for_each(|(row, slopes)| {
            for ((z, slope), b) in row.iter_mut().zip(slopes).zip(bias) {
                (*z, *slope, _) = jet(*z + *b);
            }
        }),
        Derivatives::Second(slopes, bends) => {
            let derivatives = slopes.chunks_exact_mut(width).zip(bends.chunks_exact_mut(width));
            rows.zip(derivatives).for_each(|(row, (slopes, bends))| {
                for (((z, slope), bend), b) in row.iter_mut().zip(slopes).zip(bends).zip(bias) {
                    (*z, *slope, *bend) = jet(*z + *b);
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Activation; 4] = [Activation::Relu, Activation::Tanh, Activation::Gelu, Activation::Linear];

    fn at(activation: Activation, z: f64) -> Jet<f64> {
        let (mut value, mut slope, mut bend) = ([z - 1.0], [f64::NAN], [f64::NAN]);
        activate(activation, &mut value, &[1.0], Derivatives::Second(&mut slope, &mut bend));
        (value[0], slope[0], bend[0])
    }

    #[test]
    fn derivatives_are_those_of_the_function() {
        let h = 1e-5;
        for activation in ALL {
            for z in [-3.0, -0.7, -0.1, 0.2, 1.0, 2.5] {
                let ((below, slope_below, _), (above, slope_above, _)) =
                    (at(activation, z - h), at(activation, z + h));
                let (_, slope, bend) = at(activation, z);
                assert!((slope - (above - below) / (2.0 * h)).abs() < 1e-9, "{activation:?} at {z}");
                assert!(
                    (bend - (slope_above - slope_below) / (2.0 * h)).abs() < 1e-9,
                    "{activation:?} at {z}"
                );
            }
        }
    }

    #[test]
    fn values_are_known() {
        assert_eq!(at(Activation::Relu, 0.0), (0.0, 0.0, 0.0));
        assert_eq!(at(Activation::Relu, 2.0), (2.0, 1.0, 0.0));
        assert!((at(Activation::Tanh, 1.0).0 - 0.761_594_155_955_764_9).abs() < 1e-15);
        // torch.nn.functional.gelu(1., approximate="tanh")
        assert!((at(Activation::Gelu, 1.0).0 - 0.841_191_990_608_276_8).abs() < 1e-12);
    }

    #[test]
    fn nan_stays_nan() {
        for activation in ALL {
            assert!(at(activation, f64::NAN).0.is_nan(), "{activation:?}");
        }
    }
}
