//! The same networks in candle's tensors: gradients by its autograd, Hessian-vector products by differentiating
//! twice. Slow and general; it trains where a cell asks for `engine: autograd`, and it is the oracle that the dense
//! passes are held to.
//!
//! Where candle's own functions differ from the definitions in `dense::activation` (its `ReLU` has slope 1 at 0), they
//! are written out here in operations that agree.

use candle_core::backprop::GradStore;
use candle_core::{Device, Tensor, Var, WithDType};
use thiserror::Error;

use super::dense::wired::{Entry, Image, Wire};
use super::dense::{Batch, Network, Real};
use crate::spec::{Activation, Loss};

/// Why autograd did not answer.
#[derive(Debug, Error)]
pub enum AutogradError {
    /// candle refused an operation.
    #[error("autograd: {0}")]
    Candle(#[from] candle_core::Error),
    /// Gradients are cut off from the graph, so that a second derivative would silently be zero.
    #[error("second derivatives need CANDLE_GRAD_DO_NOT_DETACH in the environment the process starts with")]
    Detached,
}

/// A network differentiated by candle.
pub struct Autograd<'a> {
    network: &'a Network,
}

/// The parameters as leaves of a graph, each a range of the flat vector.
struct Leaves(Vec<(std::ops::Range<usize>, Var)>);

impl<'a> Autograd<'a> {
    /// Differentiates `network`.
    pub fn new(network: &'a Network) -> Self {
        Self { network }
    }

    /// Mean loss over `batch`; its gradient replaces what stands in `gradient`.
    pub fn loss_and_gradient<T: Real + WithDType>(
        &self,
        parameters: &[T],
        batch: Batch<'_, T>,
        gradient: &mut [T],
    ) -> Result<f64, AutogradError> {
        let leaves = self.leaves(parameters)?;
        let loss = self.loss(&leaves, batch)?;
        leaves.collect(&loss.backward()?, gradient)?;
        Ok(loss.to_scalar::<T>()?.wide())
    }

    /// `out` = Hessian of the mean loss · `v`, as the gradient of ⟨∇L, v⟩.
    pub fn hessian_vector<T: Real + WithDType>(
        &self,
        parameters: &[T],
        v: &[T],
        batch: Batch<'_, T>,
        out: &mut [T],
    ) -> Result<(), AutogradError> {
        differentiates_twice()?;
        let leaves = self.leaves(parameters)?;
        let gradients = self.loss(&leaves, batch)?.backward()?;
        let mut along = Tensor::zeros((), T::DTYPE, &Device::Cpu)?;
        for (range, leaf) in &leaves.0 {
            if let Some(gradient) = gradients.get(leaf) {
                let v = Tensor::from_slice(&v[range.clone()], leaf.shape(), &Device::Cpu)?;
                along = (along + gradient.mul(&v)?.sum_all()?)?;
            }
        }
        leaves.collect(&along.backward()?, out)
    }

    fn leaves<T: WithDType>(&self, parameters: &[T]) -> Result<Leaves, AutogradError> {
        let mut leaves: Vec<(std::ops::Range<usize>, Vec<usize>)> = Vec::new();
        for layer in self.network.layers() {
            leaves.push((layer.weight.clone(), vec![layer.outputs, layer.inputs]));
            leaves.push((layer.bias.clone(), vec![layer.outputs]));
        }
        leaves.extend(self.network.gains().map(|gain| (gain.clone(), vec![gain.len()])));
        let leaves = leaves.into_iter().filter(|(range, _)| !range.is_empty()).map(|(range, shape)| {
            let values = Tensor::from_slice(&parameters[range.clone()], shape, &Device::Cpu)?;
            Ok((range, Var::from_tensor(&values)?))
        });
        leaves.collect::<Result<_, AutogradError>>().map(Leaves)
    }

    fn loss<T: WithDType>(&self, leaves: &Leaves, batch: Batch<'_, T>) -> Result<Tensor, AutogradError> {
        let network = self.network;
        let find = |range: &std::ops::Range<usize>| {
            let leaf = leaves.0.iter().find(|(own, _)| own == range && !range.is_empty());
            leaf.map(|(_, leaf)| leaf.as_tensor())
        };
        let mut x = Tensor::from_slice(batch.x, (batch.n, network.inputs()), &Device::Cpu)?;
        let y = Tensor::from_slice(batch.y, (batch.n, network.outputs()), &Device::Cpu)?;
        for (index, layer) in network.layers().iter().enumerate() {
            let Some(weight) = find(&layer.weight) else { break };
            let wire = network.wiring().and_then(|wiring| wiring.wires().get(index));
            x = match wire.map(|wire| &wire.entry) {
                Some(Entry::Patches(image, kernel)) => convolve(&x, weight, *image, *kernel)?,
                Some(Entry::Flat(_)) => x.flatten_from(1)?.matmul(&weight.t()?)?,
                _ => x.matmul(&weight.t()?)?,
            };
            x = (x * layer.scale)?;
            if let Some(gain) = wire.and_then(|wire| find(&wire.gain)) {
                x = normalize(&x)?.broadcast_mul(&beside(gain, &x)?)?;
            }
            if let Some(bias) = find(&layer.bias) {
                x = x.broadcast_add(&beside(bias, &x)?)?;
            }
            if index + 1 < network.layers().len() {
                x = activate(network.activation(), &x)?;
            }
            if let Some(Wire { pool: Some((image, by)), .. }) = wire {
                x = pool(&x, *image, *by)?;
            }
        }
        let sum = match network.loss_kind() {
            Loss::Squared => (&x - &y)?.sqr()?.sum_all()? * 0.5,
            Loss::CrossEntropy => y.mul(&x.broadcast_sub(&log_sum_exp(&x)?)?)?.sum_all()?.neg(),
            Loss::Logistic => log_one_plus_exp(&x.mul(&y)?.neg()?)?.sum_all(),
            Loss::Perceptron => {
                let margins = x.mul(&y)?;
                let wrong = margins.le(&margins.zeros_like()?)?.to_dtype(margins.dtype())?;
                margins.mul(&wrong)?.neg()?.sum_all()
            }
        };
        Ok((sum? / batch.n as f64)?)
    }
}

impl Leaves {
    /// Writes the gradient of every leaf to its place; a leaf that the result does not depend on has none: zero.
    fn collect<T: Real + WithDType>(
        &self,
        gradients: &GradStore,
        into: &mut [T],
    ) -> Result<(), AutogradError> {
        for (range, leaf) in &self.0 {
            let place = &mut into[range.clone()];
            match gradients.get(leaf) {
                Some(gradient) => place.copy_from_slice(&gradient.flatten_all()?.to_vec1::<T>()?),
                None => place.fill(T::ZERO),
            }
        }
        Ok(())
    }
}

/// A convolution that leaves the image as large as it is: `n × channels × height × width` of what may be flat.
fn convolve(
    x: &Tensor,
    weight: &Tensor,
    image: Image,
    [high, wide]: [usize; 2],
) -> candle_core::Result<Tensor> {
    let Image { height, width, channels } = image;
    let x = x.reshape((x.dim(0)?, channels, height, width))?;
    let x = x.pad_with_zeros(2, high / 2, high / 2)?.pad_with_zeros(3, wide / 2, wide / 2)?;
    x.conv2d(&weight.reshape((weight.dim(0)?, channels, high, wide))?, 0, 1, 1, 1)
}

/// Every unit or channel less its mean, over its deviation.
fn normalize(x: &Tensor) -> candle_core::Result<Tensor> {
    let mean = |x: &Tensor| match x.rank() {
        4 => x.mean_keepdim(0)?.mean_keepdim(2)?.mean_keepdim(3),
        _ => x.mean_keepdim(0),
    };
    let off = x.broadcast_sub(&mean(x)?)?;
    off.broadcast_div(&(mean(&off.sqr()?)? + 1e-5)?.sqrt()?)
}

/// One number for each unit or channel, shaped so that it goes with all examples.
fn beside(numbers: &Tensor, x: &Tensor) -> candle_core::Result<Tensor> {
    if x.rank() == 4 {
        numbers.reshape((1, numbers.dim(0)?, 1, 1))
    } else {
        numbers.reshape((1, numbers.dim(0)?))
    }
}

/// The mean of every square.
fn pool(x: &Tensor, image: Image, by: [usize; 2]) -> candle_core::Result<Tensor> {
    let small = image.pooled(by);
    let x = x.narrow(2, 0, small.height * by[0])?.narrow(3, 0, small.width * by[1])?.contiguous()?;
    let x = x.reshape((x.dim(0)?, image.channels, small.height, by[0], small.width * by[1]))?.mean(3)?;
    x.reshape((x.dim(0)?, image.channels, small.height, small.width, by[1]))?.mean(4)
}

fn activate(activation: Activation, z: &Tensor) -> candle_core::Result<Tensor> {
    match activation {
        Activation::Relu => z.mul(&z.gt(&z.zeros_like()?)?.to_dtype(z.dtype())?),
        Activation::Tanh => z.tanh(),
        Activation::Gelu => {
            let cubic = (z.sqr()? * 0.044_715)?.mul(z)?;
            let t = ((z + cubic)? * (2.0 / std::f64::consts::PI).sqrt())?.tanh()?;
            (z * 0.5)?.mul(&(t + 1.0)?)
        }
        Activation::Linear => Ok(z.clone()),
    }
}

/// log Σ exp over each row; the shift by the maximum cancels, so it takes no part in the graph.
fn log_sum_exp(x: &Tensor) -> candle_core::Result<Tensor> {
    let largest = x.max_keepdim(1)?.detach();
    x.broadcast_sub(&largest)?.exp()?.sum_keepdim(1)?.log()? + largest
}

/// ln(1 + eˣ), number by number, shifted by max(x, 0), which cancels as in [`log_sum_exp`].
fn log_one_plus_exp(x: &Tensor) -> candle_core::Result<Tensor> {
    let shift = x.relu()?.detach();
    (shift.neg()?.exp()? + x.broadcast_sub(&shift)?.exp()?)?.log()? + shift
}

/// Fails where the second derivative of x³ at 1 is not 6: whether candle keeps gradients in the graph is decided by
/// the environment when a thread first asks, so the one sure way to know is to try.
fn differentiates_twice() -> Result<(), AutogradError> {
    let x = Var::new(1.0_f64, &Device::Cpu)?;
    let first = x.sqr()?.mul(&x)?.backward()?;
    let second = match first.get(&x) {
        Some(slope) => slope.backward()?.get(&x).map(Tensor::to_scalar::<f64>).transpose()?,
        None => None,
    };
    if second == Some(6.0) { Ok(()) } else { Err(AutogradError::Detached) }
}
