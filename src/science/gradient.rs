//! Where the training loop gets its gradients from.

use super::autograd::{Autograd, AutogradError};
use super::batches::Chosen;
use super::dense::panels::Panels;
use super::dense::parameters::Target;
use super::dense::product::Update;
use super::dense::{Batch, Examples, Network, Parameters, Pass, Products, Real, Rows};
use crate::base::rng::Stream;
use crate::data::Part;
use crate::spec::Engine;

/// Something that differentiates the mean loss of a batch. Both engines run under the same loop, on the same random
/// streams and are measured by the same code.
pub trait Gradient<T: Real> {
    /// What is looked at from now on belongs to this step: noise within the network is drawn anew for each.
    fn at_step(&mut self, step: u64);

    /// The mean loss over the `chosen` examples at `weights`, against their own targets or others, row by row.
    fn look(
        &mut self,
        weights: &Parameters<T>,
        chosen: Chosen<'_>,
        targets: Option<&[f32]>,
    ) -> Result<f64, AutogradError>;

    /// The same over the same examples and targets at other `weights`.
    fn look_again(&mut self, weights: &Parameters<T>) -> Result<f64, AutogradError>;

    /// `out = keep · out + scale · gradient` for the `out` of the target and the gradient of the loss that was looked at
    /// last, at the parameters of the target.
    fn add_to(&mut self, target: Target<'_, T>, update: Update<T>);

    /// `out = keep · out + scale · Hv` with H the Hessian of the loss that was looked at last, at the same `weights`.
    fn hessian_vector(
        &mut self,
        weights: &Parameters<T>,
        v: &Parameters<T>,
        update: Update<T>,
        out: &mut Parameters<T>,
    ) -> Result<(), AutogradError>;
}

/// Units that drop out: the share of them, and the seed of the streams that they are drawn from, one for each step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DropOut {
    /// The share.
    pub rate: f64,
    /// The seed.
    pub seed: u64,
}

/// The engine of that kind, for batches of up to `rows` of the examples of `part`, which are also there in panels.
pub fn engine<'a>(
    kind: Engine,
    network: &'a Network,
    part: &'a Part,
    examples: Rows<'a, f32>,
    rows: usize,
    dropout: DropOut,
) -> Box<dyn Gradient<f32> + 'a> {
    match kind {
        // What is exact is not trained, and does not come here.
        Engine::Dense | Engine::Exact => Box::new(Dense { dropout, ..Dense::new(network, examples, rows) }),
        Engine::Autograd => Box::new(ByAutograd::new(network, part)),
    }
}

/// The hand-written pass with its buffers.
pub struct Dense<'a, T: Real> {
    pass: Pass<'a, T>,
    seen: Seen<'a, T>,
    /// What products with the Hessian need, made when first needed.
    products: Option<Products<'a, T>>,
    dropout: DropOut,
}

/// The examples of which the loss was looked at last.
struct Seen<'a, T: Real> {
    examples: Rows<'a, T>,
    /// The examples of a mini-batch.
    batch: Examples<T>,
    /// How many of them; `None` for all examples.
    chosen: Option<usize>,
    /// Targets in the place of their own, made when first needed, and whether they hold.
    targets: Option<Panels<T>>,
    replaced: bool,
    /// Most examples of a batch.
    most: usize,
}

impl<'a, T: Real> Dense<'a, T> {
    /// For batches of up to `rows` of the `examples`.
    pub fn new(network: &'a Network, examples: Rows<'a, T>, rows: usize) -> Self {
        let seen = Seen {
            examples,
            batch: Examples::room(network, if rows < examples.n() { rows } else { 0 }),
            chosen: None,
            targets: None,
            replaced: false,
            most: rows,
        };
        Self { pass: Pass::gradient(network, rows), seen, products: None, dropout: DropOut::default() }
    }
}

impl<T: Real> Seen<'_, T> {
    fn choose(&mut self, chosen: Chosen<'_>, targets: Option<&[f32]>) {
        self.chosen = match chosen {
            Chosen::All => None,
            Chosen::Some(chosen) => Some(self.batch.gather(self.examples, chosen).n()),
        };
        self.replaced = targets.is_some();
        if let Some(targets) = targets {
            let (most, outputs) = (self.most, self.examples.y.columns());
            let place = self.targets.get_or_insert_with(|| Panels::new(most, outputs));
            place.set_rows(targets.iter().map(|&target| T::of(target.into())));
        }
    }

    fn rows(&self) -> Rows<'_, T> {
        let rows = match self.chosen {
            None => self.examples,
            Some(n) => self.batch.rows().slice(0, n),
        };
        match &self.targets {
            Some(targets) if self.replaced => Rows { y: targets.top(rows.n()), ..rows },
            _ => rows,
        }
    }
}

impl<T: Real> Gradient<T> for Dense<'_, T> {
    fn at_step(&mut self, step: u64) {
        let DropOut { rate, seed } = self.dropout;
        if rate > 0.0 {
            self.pass.drop_out(rate, Stream::new(seed, &format!("dropout.{step}")));
        }
    }

    fn look(
        &mut self,
        weights: &Parameters<T>,
        chosen: Chosen<'_>,
        targets: Option<&[f32]>,
    ) -> Result<f64, AutogradError> {
        self.seen.choose(chosen, targets);
        self.look_again(weights)
    }

    fn look_again(&mut self, weights: &Parameters<T>) -> Result<f64, AutogradError> {
        Ok(self.pass.look(weights, self.seen.rows()))
    }

    fn add_to(&mut self, target: Target<'_, T>, update: Update<T>) {
        self.pass.collect(self.seen.rows(), update, target);
    }

    fn hessian_vector(
        &mut self,
        weights: &Parameters<T>,
        v: &Parameters<T>,
        update: Update<T>,
        out: &mut Parameters<T>,
    ) -> Result<(), AutogradError> {
        let (network, most) = (self.pass.network(), self.seen.most);
        let products = self.products.get_or_insert_with(|| Products::new(network, most));
        products.hessian_vector(weights, self.seen.rows(), v, update, out);
        Ok(())
    }
}

/// An engine whose gradients are zero where weights are held at zero.
pub struct Masked<'a> {
    engine: Box<dyn Gradient<f32> + 'a>,
    /// 1 where weights move and 0 elsewhere.
    mask: Parameters<f32>,
}

impl<'a> Masked<'a> {
    /// `engine` with this mask.
    pub fn new(engine: Box<dyn Gradient<f32> + 'a>, mask: Parameters<f32>) -> Self {
        Self { engine, mask }
    }
}

/// Multiplies by a mask.
pub fn hold(numbers: &mut Parameters<f32>, mask: &Parameters<f32>) {
    numbers.each_with([mask], |number, [kept]| *number *= kept);
}

impl Gradient<f32> for Masked<'_> {
    fn at_step(&mut self, step: u64) {
        self.engine.at_step(step);
    }

    fn look(
        &mut self,
        weights: &Parameters<f32>,
        chosen: Chosen<'_>,
        targets: Option<&[f32]>,
    ) -> Result<f64, AutogradError> {
        self.engine.look(weights, chosen, targets)
    }

    fn look_again(&mut self, weights: &Parameters<f32>) -> Result<f64, AutogradError> {
        self.engine.look_again(weights)
    }

    fn add_to(&mut self, mut target: Target<'_, f32>, update: Update<f32>) {
        match &mut target {
            Target::There(weights) => self.engine.add_to(Target::There(weights), update),
            Target::Beside(weights, out) => self.engine.add_to(Target::Beside(weights, out), update),
        }
        // What stood there before was masked as well.
        hold(target.out(), &self.mask);
    }

    fn hessian_vector(
        &mut self,
        weights: &Parameters<f32>,
        v: &Parameters<f32>,
        update: Update<f32>,
        out: &mut Parameters<f32>,
    ) -> Result<(), AutogradError> {
        self.engine.hessian_vector(weights, v, update, out)?;
        hold(out, &self.mask);
        Ok(())
    }
}

/// candle's autograd, which knows rows and flat parameters.
struct ByAutograd<'a> {
    network: &'a Network,
    part: &'a Part,
    /// Inputs and targets of a batch; `None` for those of all examples.
    x: Option<Vec<f32>>,
    y: Option<Vec<f32>>,
    n: usize,
    gradient: Parameters<f32>,
}

impl<'a> ByAutograd<'a> {
    fn new(network: &'a Network, part: &'a Part) -> Self {
        let gradient = Parameters::zeros(network);
        Self { network, part, x: None, y: None, n: part.n, gradient }
    }

    fn batch(&self) -> Batch<'_, f32> {
        let Part { x, y, .. } = self.part;
        Batch { x: self.x.as_ref().unwrap_or(x), y: self.y.as_ref().unwrap_or(y), n: self.n }
    }
}

impl Gradient<f32> for ByAutograd<'_> {
    fn at_step(&mut self, _: u64) {}

    fn look(
        &mut self,
        weights: &Parameters<f32>,
        chosen: Chosen<'_>,
        targets: Option<&[f32]>,
    ) -> Result<f64, AutogradError> {
        let Part { x, y, n, .. } = self.part;
        (self.x, self.y, self.n) = match chosen {
            Chosen::All => (None, None, *n),
            Chosen::Some(chosen) => (
                Some(gathered(x, self.network.inputs(), chosen)),
                Some(gathered(y, self.network.outputs(), chosen)),
                chosen.len(),
            ),
        };
        if let Some(targets) = targets {
            self.y = Some(targets.to_vec());
        }
        self.look_again(weights)
    }

    fn look_again(&mut self, weights: &Parameters<f32>) -> Result<f64, AutogradError> {
        let weights = weights.flat();
        let mut gradient = vec![0.0; weights.len()];
        let autograd = Autograd::new(self.network);
        let loss = autograd.loss_and_gradient(&weights, self.batch(), &mut gradient)?;
        self.gradient.set(&gradient);
        Ok(loss)
    }

    fn add_to(&mut self, mut target: Target<'_, f32>, update: Update<f32>) {
        target.out().combine(update, &self.gradient);
    }

    fn hessian_vector(
        &mut self,
        weights: &Parameters<f32>,
        v: &Parameters<f32>,
        update: Update<f32>,
        out: &mut Parameters<f32>,
    ) -> Result<(), AutogradError> {
        let mut flat = v.flat();
        let autograd = Autograd::new(self.network);
        autograd.hessian_vector(&weights.flat(), &v.flat(), self.batch(), &mut flat)?;
        out.combine(update, &Parameters::new(self.network, &flat));
        Ok(())
    }
}

/// The chosen rows next to each other.
fn gathered(rows: &[f32], width: usize, chosen: &[usize]) -> Vec<f32> {
    chosen.iter().flat_map(|&index| &rows[index * width..(index + 1) * width]).copied().collect()
}
