//! Least squares where the outputs are linear in the weights: linear models, random features, kernels.
//!
//! A small problem goes by the singular values of its features. A large one goes by its smaller Gram matrix: that of the
//! weights where there are fewer of them than examples, else that of the examples, which is summed up feature by feature,
//! so that a model with more features than fit into memory is fitted in the memory of its examples.

use faer::{Mat, MatRef};

use super::Order;
use super::features::Features;
use super::kernel::Kernel;
use super::predictor::{Predictor, inputs, of_rank, targets};
use super::subject::Subject;
use crate::data::Problem;
use crate::science::measures::{Values, put};
use crate::science::pulse::{Interrupted, Pulse};
use crate::science::solve::{Gram, LeastSquares, Rank, SMALL, add_product, least_squares};
use crate::science::train::{Ending, Halt, Outcome};
use crate::spec::{ModelSpec, Quantity};

/// Features that are made at once.
const BLOCK: usize = 1024;

/// Solves, and measures what comes of it.
pub fn solve(order: &Order<'_>, ridge: f64, pulse: &mut Pulse<'_>) -> Result<Outcome, Halt> {
    let Order { spec, problem, .. } = order;
    let asks = order.measures.iter().any(|measure| {
        matches!(measure.quantity, Quantity::Rank | Quantity::NullSpace | Quantity::ConditionNumber)
    });
    let fit = Fit { problem, ridge, y: targets(&problem.train, problem.outputs), asks };
    let features = |map, count, nested| Features::new(map, count, nested, problem.inputs, spec.init_seed());
    let predictor = match spec.model {
        ModelSpec::Linear { bias, .. } => return linear(order, &fit, bias, pulse),
        ModelSpec::RandomFeatures { map, features: count, nested } => {
            let features = features(map, count, nested);
            match count.min(problem.train.n) {
                least if least <= SMALL => fit.at_once(features, count)?,
                _ if count < problem.train.n => fit.by_weights(&features, count, pulse)?,
                _ => fit.by_examples(&features, count, pulse)?,
            }
        }
        _ => match Kernel::of(&spec.model) {
            Some(kernel) => fit.by_kernel(kernel, pulse)?,
            None => return Err(Halt::Failed(format!("`{}` has no exact solution", spec.model.word()))),
        },
    };
    Ok(predictor.outcome(order, Ending::Solved, 0, pulse))
}

/// A linear model is a network without hidden layers: whatever is measured of those is measured of it.
fn linear(order: &Order<'_>, fit: &Fit<'_>, bias: bool, pulse: &mut Pulse<'_>) -> Result<Outcome, Halt> {
    let problem = order.problem;
    let mut x = inputs(&problem.train, problem.inputs);
    if bias {
        x = with_ones(&x);
    }
    let LeastSquares { coefficients, rank } =
        least_squares(x.as_ref(), fit.y.as_ref(), fit.ridge).ok_or_else(no_solution)?;
    let subject = Subject::new(order)?;
    let mut weights = vec![0.0; subject.network.parameters()];
    for layer in subject.network.layers() {
        for output in 0..layer.outputs {
            for input in 0..layer.inputs {
                let weight = coefficients[(input, output)] / layer.scale;
                weights[layer.weight.start + output * layer.inputs + input] = weight;
            }
            if bias {
                weights[layer.bias.start + output] = coefficients[(layer.inputs, output)];
            }
        }
    }
    let mut values = Values::new();
    for measure in order.measures {
        if let Some(value) = of_rank(measure.quantity, rank, x.ncols(), problem.outputs) {
            put(&mut values, measure.quantity, value);
        }
    }
    subject.outcome(order, (Ending::Solved, 0), &weights, values, pulse)
}

fn with_ones(x: &Mat<f64>) -> Mat<f64> {
    Mat::from_fn(
        x.nrows(),
        x.ncols() + 1,
        |row, column| if column < x.ncols() { x[(row, column)] } else { 1.0 },
    )
}

fn no_solution() -> Halt {
    Halt::Failed("the inputs or targets are not finite".to_owned())
}

/// What is fitted.
struct Fit<'a> {
    problem: &'a Problem,
    ridge: f64,
    /// Targets, `n × outputs`.
    y: Mat<f64>,
    /// Whether anything is asked of the rank.
    asks: bool,
}

impl Fit<'_> {
    /// By singular values, all features at hand.
    fn at_once(&self, mut features: Features, count: usize) -> Result<Predictor, Halt> {
        let Some(block) = features.next(count) else { return Err(no_solution()) };
        let (train, test) = self.inputs();
        let (train, test) = (block.of(train.as_ref()), block.of(test.as_ref()));
        let fit = least_squares(train.as_ref(), self.y.as_ref(), self.ridge).ok_or_else(no_solution)?;
        let mut predictor = self.empty(count);
        predictor.rank = Some((fit.rank, count));
        predictor.add(train.as_ref(), test.as_ref(), fit.coefficients.as_ref());
        predictor.norm = predictor.norm.sqrt();
        Ok(predictor)
    }

    /// By the Gram matrix of the weights: fewer features than examples, all of them at hand.
    fn by_weights(
        &self,
        features: &Features,
        count: usize,
        pulse: &mut Pulse<'_>,
    ) -> Result<Predictor, Halt> {
        let (x, x_test) = self.inputs();
        let Some(block) = features.clone().next(count) else { return Err(no_solution()) };
        let train = block.of(x.as_ref());
        drop(block);
        let mut gram = Gram::zero(count);
        for start in (0..self.problem.train.n).step_by(BLOCK) {
            let rows = BLOCK.min(self.problem.train.n - start);
            gram.add(train.subrows(start, rows).transpose());
            pulse.worked((rows * count) as f64 * count as f64)?;
        }
        gram.factor(self.ridge);
        pulse.worked((count as f64).powi(3) / 3.0)?;
        let mut w = gram.solve((train.transpose() * &self.y).as_ref());
        // The condition number of a Gram matrix is squared: the residual of the problem itself takes half of that back.
        let residual = train.transpose() * (&self.y - &train * &w) - self.ridge * &w;
        w += gram.solve(residual.as_ref());
        let mut predictor = self.empty(count);
        predictor.rank = self.rank(&gram, count);
        drop(gram);
        // Those of the test examples are never all at hand.
        let (mut all, mut start) = (features.clone(), 0);
        while let Some(block) = all.next(BLOCK) {
            let (train, w) = (train.subcols(start, block.len()), w.subrows(start, block.len()));
            predictor.add(train, block.of(x_test.as_ref()).as_ref(), w);
            start += block.len();
            pulse.worked((self.problem.test.n * block.len() * self.problem.inputs) as f64)?;
        }
        predictor.norm = predictor.norm.sqrt();
        Ok(predictor)
    }

    /// By the Gram matrix of the examples, a block of features at a time, and once more to make the weights. The first
    /// blocks are kept for that, as many numbers as the Gram matrix has: a model of just fewer features than examples has
    /// all of its own at hand, and needs as much.
    fn by_examples(
        &self,
        features: &Features,
        count: usize,
        pulse: &mut Pulse<'_>,
    ) -> Result<Predictor, Halt> {
        let n = self.problem.train.n;
        let (x, x_test) = self.inputs();
        let mut gram = Gram::zero(n);
        let (mut kept, mut seen) = (Vec::new(), 0);
        let mut all = features.clone();
        while let Some(block) = all.next(BLOCK) {
            let train = block.of(x.as_ref());
            gram.add(train.as_ref());
            pulse.worked((n * block.len()) as f64 * n as f64)?;
            seen += block.len();
            if seen <= n {
                kept.push(train);
            }
        }
        gram.factor(self.ridge);
        pulse.worked((n as f64).powi(3) / 3.0)?;
        let dual = gram.solve(self.y.as_ref());
        let mut predictor = self.empty(count);
        predictor.rank = self.rank(&gram, count);
        drop(gram);
        let mut kept = kept.into_iter();
        let mut all = features.clone();
        while let Some(block) = all.next(BLOCK) {
            let train = kept.next().unwrap_or_else(|| block.of(x.as_ref()));
            let w = train.transpose() * &dual;
            predictor.add(train.as_ref(), block.of(x_test.as_ref()).as_ref(), w.as_ref());
            pulse.worked((n * block.len() * self.problem.inputs) as f64)?;
        }
        predictor.norm = predictor.norm.sqrt();
        Ok(predictor)
    }

    fn by_kernel(&self, kernel: Kernel, pulse: &mut Pulse<'_>) -> Result<Predictor, Interrupted> {
        let n = self.problem.train.n;
        let (x, x_test) = self.inputs();
        let mut gram = Gram::of(kernel.matrix(x.as_ref(), x.as_ref()));
        pulse.worked((n * n * self.problem.inputs) as f64)?;
        gram.factor(self.ridge);
        pulse.worked((n as f64).powi(3) / 3.0)?;
        let dual = gram.solve(self.y.as_ref());
        // What the factor was of is K + ridge.
        let train = gram.times(dual.as_ref()) - self.ridge * &dual;
        let test = kernel.matrix(x_test.as_ref(), x.as_ref()) * &dual;
        let square: f64 = (0..n)
            .map(|row| dual.row(row).iter().zip(train.row(row).iter()).map(|(a, f)| a * f).sum::<f64>())
            .sum();
        let outputs = self.problem.outputs;
        Ok(Predictor {
            norm: square.max(0.0).sqrt(),
            rank: self.rank(&gram, n),
            train,
            test,
            parameters: n * outputs,
            l1: None,
            linear: None,
        })
    }

    /// The rank of what was factored, of so many columns, if it is asked for.
    fn rank(&self, gram: &Gram, columns: usize) -> Option<(Rank, usize)> {
        self.asks.then(|| (gram.rank(), columns))
    }

    /// Inputs to train on and to test on.
    fn inputs(&self) -> (Mat<f64>, Mat<f64>) {
        let Problem { train, test, inputs: width, .. } = self.problem;
        (inputs(train, *width), inputs(test, *width))
    }

    /// Of so many features, none of which has a weight yet; its norm is squared until all have.
    fn empty(&self, count: usize) -> Predictor {
        let outputs = self.problem.outputs;
        Predictor {
            train: Mat::zeros(self.problem.train.n, outputs),
            test: Mat::zeros(self.problem.test.n, outputs),
            norm: 0.0,
            l1: Some(0.0),
            parameters: count * outputs,
            rank: None,
            linear: None,
        }
    }
}

impl Predictor {
    /// Takes in features and their weights.
    fn add(&mut self, train: MatRef<'_, f64>, test: MatRef<'_, f64>, w: MatRef<'_, f64>) {
        add_product(self.train.as_mut(), train, w);
        add_product(self.test.as_mut(), test, w);
        let weights = || w.col_iter().flat_map(|column| column.iter().copied());
        self.norm += weights().map(|w| w * w).sum::<f64>();
        self.l1 = self.l1.map(|sum| sum + weights().map(f64::abs).sum::<f64>());
    }
}
