//! The catalogue itself: a row per quantity, in the order in which they are shown. `lowland measures` prints it, cells
//! are checked against it, results are headed by it; there is no other list.
//!
//! L is the mean loss over all training examples, g its gradient, H its Hessian and G its Gauss–Newton matrix, at the
//! weights w; n examples, N weights. λ are eigenvalues. `probes` random vectors have signs as entries unless it says
//! otherwise.

use super::Quantity;
use super::info::Invariance::{Function, Permutation, Rescaling};
use super::info::{Family, Invariance, NUMBER, Picture, QuantityInfo};
use super::settings::Setting::{
    Batch, Damping, Delta, Directions, Drop, Epsilon, Eta, Examples, Layer, Points, Probes, Rho, Rise, Sigma,
    Span, Starts, Steps, Tolerance, Top,
};

const BOTH: &[Invariance] = &[Permutation, Rescaling];
const ORDER: &[Invariance] = &[Permutation];

/// An always measured quantity of fit.
const FIT: QuantityInfo = QuantityInfo {
    always: true,
    estimator: "exact, in the precision of training",
    invariant: &[Function],
    cost: "a forward pass over the examples",
    ..NUMBER
};

/// What costs next to nothing.
const FREE: &str = "next to nothing";

/// The length of something, asked for.
const NORM: QuantityInfo = QuantityInfo {
    family: Family::Norms,
    reference: "Jiang et al. 2020, arXiv:1912.02178",
    estimator: "exact",
    invariant: ORDER,
    lower_is_better: Some(true),
    log: true,
    ..NUMBER
};

/// What the Jacobian tells.
const JACOBIAN: QuantityInfo = QuantityInfo {
    family: Family::Capacity,
    about: "rank of the Jacobian ∂f/∂w, all training examples and outputs × weights; of linear models and features that \
            of the features, once for each output",
    estimator: "singular values above max(rows, columns)·ε times the largest; of large solved models the Gram matrix's",
    invariant: ORDER,
    reference: "Golub & Van Loan, §5.4",
    cost: "a Jacobian and its singular values: small networks only",
    ..NUMBER
};

/// What the members of an ensemble tell.
const MEMBERS: QuantityInfo = QuantityInfo {
    family: Family::Ensemble,
    unit: "loss",
    estimator: "unbiased: random effects, analysis of variance (ddof 1)",
    invariant: &[Function],
    cost: "the trainings of the procedure",
    reference: "Neal et al. 2018, arXiv:1810.08591; d'Ascoli et al. 2020, arXiv:2003.01054",
    lower_is_better: Some(true),
    log: true,
    ..NUMBER
};

/// A quantity of second order, asked for.
const CURVED: QuantityInfo = QuantityInfo {
    family: Family::Curvature,
    unit: "loss/w²",
    invariant: ORDER,
    lower_is_better: Some(true),
    log: true,
    ..NUMBER
};

/// A rise of the loss.
const SHARP: QuantityInfo = QuantityInfo {
    family: Family::Sharpness,
    unit: "loss",
    invariant: ORDER,
    lower_is_better: Some(true),
    log: true,
    ..NUMBER
};

/// A picture along lines or over planes.
const DRAWN: QuantityInfo =
    QuantityInfo { family: Family::Geometry, unit: "loss", picture: Picture::Lines, ..NUMBER };

/// What lies between two runs, drawn by `barrier`.
const BETWEEN: QuantityInfo = QuantityInfo {
    family: Family::Geometry,
    unit: "loss",
    settings: &[(Points, 25.0)],
    lower_is_better: Some(true),
    ..NUMBER
};

/// Every quantity, in the order in which they are shown.
pub const CATALOGUE: &[QuantityInfo] = &[
    QuantityInfo {
        quantity: Quantity::TrainLoss,
        name: "train_loss",
        columns: &["train_loss"],
        symbol: "train",
        unit: "loss",
        about: "mean loss over the training examples, noisy labels included",
        lower_is_better: Some(true),
        log: true,
        ..FIT
    },
    QuantityInfo {
        quantity: Quantity::TestLoss,
        name: "test_loss",
        columns: &["test_loss"],
        symbol: "test",
        unit: "loss",
        about: "mean loss over the test examples",
        lower_is_better: Some(true),
        log: true,
        ..FIT
    },
    QuantityInfo {
        quantity: Quantity::TrainAccuracy,
        name: "train_accuracy",
        columns: &["train_accuracy"],
        symbol: "train acc",
        about: "fraction of training examples classified as labelled",
        lower_is_better: Some(false),
        ..FIT
    },
    QuantityInfo {
        quantity: Quantity::TestAccuracy,
        name: "test_accuracy",
        columns: &["test_accuracy"],
        symbol: "test acc",
        about: "fraction of test examples classified right",
        lower_is_better: Some(false),
        ..FIT
    },
    QuantityInfo {
        quantity: Quantity::TrainError,
        name: "train_error",
        columns: &["train_error"],
        symbol: "train err",
        about: "1 − train accuracy",
        lower_is_better: Some(true),
        ..FIT
    },
    QuantityInfo {
        quantity: Quantity::TestError,
        name: "test_error",
        columns: &["test_error"],
        symbol: "test err",
        about: "1 − test accuracy",
        lower_is_better: Some(true),
        ..FIT
    },
    QuantityInfo {
        quantity: Quantity::GeneralizationGap,
        name: "generalization_gap",
        columns: &["generalization_gap"],
        symbol: "gap",
        about: "test error − train error (of losses where there are no classes)",
        lower_is_better: Some(true),
        ..FIT
    },
    QuantityInfo {
        quantity: Quantity::WeightNorm,
        name: "weight_norm",
        columns: &["weight_norm"],
        symbol: "‖w‖",
        family: Family::Norms,
        unit: "w",
        about: "‖w‖₂ over all weights and biases",
        estimator: "exact",
        invariant: ORDER,
        cost: "next to nothing",
        ..FIT
    },
    QuantityInfo {
        quantity: Quantity::DistanceFromInit,
        name: "distance_from_init",
        columns: &["distance_from_init"],
        symbol: "‖w−w₀‖",
        family: Family::Norms,
        unit: "w",
        about: "‖w − w₀‖₂ from the weights that the run began with, drawn again from its seed",
        reference: "Nagarajan & Kolter 2019, arXiv:1901.01672",
        ..NUMBER
    },
    QuantityInfo {
        quantity: Quantity::GradientNorm,
        name: "gradient_norm",
        columns: &["gradient_norm"],
        symbol: "‖∇L‖",
        family: Family::Norms,
        unit: "loss/w",
        about: "‖∇L‖₂ of the full-batch training loss",
        invariant: ORDER,
        reference: "Jiang et al. 2020, arXiv:1912.02178",
        log: true,
        ..NUMBER
    },
    QuantityInfo {
        quantity: Quantity::ExcessRisk,
        name: "excess_risk",
        columns: &["excess_risk"],
        symbol: "risk",
        unit: "y²",
        about: "(w − β)ᵀ Σ (w − β): expected squared error on new examples beyond the noise; of linear models on \
                linear_teacher and two_scale",
        reference: "Hastie et al. 2022, arXiv:1903.08560",
        invariant: &[Function],
        cost: FREE,
        lower_is_better: Some(true),
        log: true,
        ..NUMBER
    },
    QuantityInfo {
        quantity: Quantity::NoisyFitted,
        name: "noisy_fitted",
        columns: &["noisy_fitted"],
        symbol: "noise fit",
        about: "fraction of the training examples whose label was replaced that are classified as labelled: memorised",
        reference: "Zhang et al. 2017, arXiv:1611.03530",
        invariant: &[Function],
        cost: "a forward pass over the examples",
        ..NUMBER
    },
    QuantityInfo {
        quantity: Quantity::L1Norm,
        name: "l1_norm",
        columns: &["l1_norm"],
        symbol: "‖w‖₁",
        unit: "w",
        about: "Σ|wᵢ| over all weights and biases",
        cost: FREE,
        ..NORM
    },
    QuantityInfo {
        quantity: Quantity::PathNorm,
        name: "path_norm",
        columns: &["path_norm"],
        symbol: "path",
        unit: "wᴸ",
        about: "√ of the sum over all paths from an input or a bias to an output of the product of their squared weights",
        invariant: BOTH,
        reference: "Neyshabur et al. 2015, arXiv:1506.02617",
        cost: FREE,
        ..NORM
    },
    QuantityInfo {
        quantity: Quantity::FrobeniusProduct,
        name: "frobenius_product",
        columns: &["frobenius_product"],
        symbol: "Π‖W‖F",
        unit: "wᴸ",
        about: "product over layers of the Frobenius norms of their weights",
        invariant: BOTH,
        reference: "Jiang et al. 2020, arXiv:1912.02178",
        cost: FREE,
        ..NORM
    },
    QuantityInfo {
        quantity: Quantity::SpectralProduct,
        name: "spectral_product",
        columns: &["spectral_product"],
        symbol: "Π‖W‖₂",
        unit: "wᴸ",
        about: "product over layers of the largest singular values of their weights",
        invariant: BOTH,
        reference: "Bartlett et al. 2017, arXiv:1706.08498",
        cost: "a singular value decomposition of each layer",
        ..NORM
    },
    QuantityInfo {
        quantity: Quantity::Weights,
        name: "weights",
        columns: &[],
        picture: Picture::Vector,
        symbol: "w",
        unit: "w",
        about: "the weights themselves, of models with at most 1,000, as `weights_0`, `weights_1` …; of linear models and \
                diagonal_linear those of f(x) = ⟨w, x⟩",
        lower_is_better: None,
        log: false,
        cost: FREE,
        ..NORM
    },
    QuantityInfo {
        quantity: Quantity::Parameters,
        name: "parameters",
        columns: &["parameters"],
        symbol: "P",
        family: Family::Capacity,
        about: "number of weights and biases; of kernels one per training example and output",
        lower_is_better: None,
        log: false,
        cost: FREE,
        ..NORM
    },
    QuantityInfo {
        quantity: Quantity::Margin,
        name: "margin",
        columns: &["margin"],
        symbol: "margin",
        family: Family::Capacity,
        unit: "f",
        about: "10th percentile over the training examples of f_y − max f_other; of one output with ±1 targets of y·f",
        invariant: &[Function],
        reference: "Jiang et al. 2019, arXiv:1810.00113",
        cost: "a forward pass over the examples",
        lower_is_better: Some(false),
        ..NUMBER
    },
    QuantityInfo {
        quantity: Quantity::NormalizedMargin,
        name: "normalized_margin",
        columns: &["normalized_margin"],
        symbol: "margin/Π",
        family: Family::Capacity,
        unit: "f/wᴸ",
        about: "`margin` over `spectral_product`",
        invariant: BOTH,
        reference: "Bartlett et al. 2017, arXiv:1706.08498",
        cost: "a forward pass, a singular value decomposition of each layer",
        lower_is_better: Some(false),
        ..NUMBER
    },
    QuantityInfo {
        quantity: Quantity::LzComplexity,
        name: "lz_complexity",
        columns: &["lz_complexity"],
        symbol: "K_LZ",
        family: Family::Capacity,
        unit: "bits",
        about: "Lempel–Ziv complexity of the classes that all inputs of the bits are given, in counting order; on \
                `kind: boolean` of at most 10 bits",
        reference: "Dingle et al. 2018, eq. 3; Valle-Pérez et al. 2019, arXiv:1805.08522",
        invariant: &[Function],
        cost: "a forward pass over all inputs",
        ..NUMBER
    },
    QuantityInfo { quantity: Quantity::Rank, name: "rank", columns: &["rank"], symbol: "rank J", ..JACOBIAN },
    QuantityInfo {
        quantity: Quantity::NullSpace,
        name: "null_space",
        columns: &["null_space"],
        symbol: "dim N",
        about: "dimensions of the null space of the Jacobian: `parameters` − `rank`",
        ..JACOBIAN
    },
    QuantityInfo {
        quantity: Quantity::ConditionNumber,
        name: "condition_number",
        columns: &["condition_number"],
        symbol: "κ(J)",
        about: "largest singular value of the Jacobian over the least that is not zero but for rounding",
        log: true,
        ..JACOBIAN
    },
    QuantityInfo {
        quantity: Quantity::NtkDrift,
        name: "ntk_drift",
        columns: &["ntk_drift"],
        symbol: "ΔΘ",
        family: Family::Capacity,
        about: "‖Θ − Θ₀‖_F / ‖Θ₀‖_F of the tangent kernel Θ = J Jᵀ over the first `examples` training examples",
        estimator: "exact Jacobians at both ends",
        invariant: ORDER,
        reference: "Fort et al. 2020, arXiv:2010.15110",
        settings: &[(Examples, 100.0)],
        cost: "2 Jacobians, their products",
        ..NUMBER
    },
    QuantityInfo {
        quantity: Quantity::KernelAlignment,
        name: "kernel_alignment",
        columns: &["kernel_alignment"],
        symbol: "A(Θ,y)",
        family: Family::Capacity,
        about: "⟨K, YYᵀ⟩ / ‖K‖‖YYᵀ‖ of the tangent kernel K, summed over outputs, and the centred targets Y of the first \
                `examples` training examples",
        estimator: "exact Jacobian",
        invariant: ORDER,
        reference: "Cristianini et al. 2001; Baratin et al. 2021, arXiv:2008.00938",
        settings: &[(Examples, 100.0)],
        cost: "a Jacobian, its product",
        ..NUMBER
    },
    QuantityInfo {
        quantity: Quantity::LambdaMax,
        name: "lambda_max",
        columns: &["lambda_max", "lambda_max_residual"],
        symbol: "λmax",
        about: "largest algebraic eigenvalue of the full-batch Hessian; `_residual` is ‖Hv − λv‖ / |λ|",
        estimator: "Lanczos with full reorthogonalisation on exact Hessian-vector products",
        cost: "1 gradient, at most `steps` + 1 products",
        reference: "Keskar et al. 2017, arXiv:1609.04836; Golub & Van Loan, §10.3",
        settings: &[(Tolerance, 1e-6), (Steps, 200.0)],
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::LambdaMin,
        name: "lambda_min",
        columns: &["lambda_min", "lambda_min_residual"],
        symbol: "λmin",
        about: "smallest algebraic eigenvalue of the full-batch Hessian; `_residual` is ‖Hv − λv‖ / |λ|",
        estimator: "Lanczos with full reorthogonalisation on exact Hessian-vector products",
        cost: "1 gradient, at most `steps` + 1 products",
        reference: "Sagun et al. 2017, arXiv:1706.04454",
        settings: &[(Tolerance, 1e-4), (Steps, 200.0)],
        lower_is_better: None,
        log: false,
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::Eigenvalues,
        name: "eigenvalues",
        columns: &["eigenvalues_residual"],
        symbol: "λ₁ …",
        about: "the `top` largest eigenvalues of H, each with its residual ‖Hv − λv‖; `_residual` is the largest of them, \
                relative to λ₁. A multiple eigenvalue is found once",
        estimator: "Lanczos with full reorthogonalisation until every residual is within `tolerance` of its eigenvalue; \
                    one more product for each",
        cost: "1 gradient, at most `steps` + `top` products",
        reference: "Golub & Van Loan, §10.3",
        settings: &[(Top, 10.0), (Tolerance, 1e-4), (Steps, 200.0)],
        picture: Picture::Spectrum,
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::FullSpectrum,
        name: "full_spectrum",
        columns: &["full_spectrum_residual"],
        symbol: "λ(H)",
        about: "all eigenvalues of H, of networks of at most 2,000 weights; `_residual` is the largest asymmetry of \
                the H that they are of, relative to its largest entry",
        estimator: "H column by column, then a dense symmetric eigensolver",
        cost: "1 gradient, N products",
        reference: "Golub & Van Loan, §8.3",
        picture: Picture::Spectrum,
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::Spectrum,
        name: "spectrum",
        columns: &["spectrum_residual"],
        symbol: "ρ(λ)",
        about: "density of the eigenvalues of H: nodes θ and weights (e₁ᵀy)²; exact for the moments up to 2·`steps` − 1 \
                of each probe. `_residual` is the standard error of its mean eigenvalue over probes",
        estimator: "stochastic Lanczos quadrature",
        cost: "1 gradient, `steps` × `probes` products",
        reference: "Ghorbani et al. 2019, arXiv:1901.10159",
        settings: &[(Steps, 80.0), (Probes, 10.0)],
        picture: Picture::Spectrum,
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::GgnSpectrum,
        name: "ggn_spectrum",
        columns: &["ggn_spectrum_residual"],
        symbol: "ρ(λ(G))",
        about: "density of the eigenvalues of the Gauss–Newton matrix Jᵀ ∂²ℓ J; as `spectrum`",
        estimator: "stochastic Lanczos quadrature",
        cost: "1 gradient, `steps` × `probes` products",
        reference: "Papyan 2019, arXiv:1901.08244",
        settings: &[(Steps, 80.0), (Probes, 10.0)],
        picture: Picture::Spectrum,
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::LayerCurvature,
        name: "layer_curvature",
        columns: &["layer_curvature_residual"],
        symbol: "λ, tr of layers",
        about: "largest eigenvalue and trace of each layer's diagonal block of H; `_residual` is the largest relative one",
        estimator: "Lanczos on each block; Hutchinson for all traces at once",
        cost: "1 gradient, `probes` + at most (`steps` + 1) × layers products",
        reference: "Yao et al. 2020, arXiv:1912.07145",
        settings: &[(Tolerance, 1e-4), (Steps, 100.0), (Probes, 32.0)],
        picture: Picture::Spectrum,
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::HessianTrace,
        name: "hessian_trace",
        columns: &["hessian_trace", "hessian_trace_se"],
        symbol: "tr H",
        about: "trace of the full-batch Hessian; `_se` is its standard error",
        estimator: "Hutchinson: the mean of zᵀHz over probes",
        cost: "1 gradient, `probes` products",
        reference: "Hutchinson 1990",
        settings: &[(Probes, 64.0)],
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::HutchppTrace,
        name: "hutchpp_trace",
        columns: &["hutchpp_trace", "hutchpp_trace_se"],
        symbol: "tr H ⁺⁺",
        about: "trace of the full-batch Hessian; `_se` is the standard error of the part that is estimated",
        estimator: "Hutch++: exact on the range of a third of the probes, Hutchinson on what is left",
        cost: "1 gradient, `probes` products",
        reference: "Meyer et al. 2021, arXiv:2010.09649",
        settings: &[(Probes, 63.0)],
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::HessianSquare,
        name: "hessian_square",
        columns: &["hessian_square", "hessian_square_se"],
        symbol: "‖H‖²",
        unit: "loss²/w⁴",
        about: "‖H‖²_F, the sum of the squares of all eigenvalues; `_se` is its standard error",
        estimator: "the mean of ‖Hz‖² over probes",
        cost: "1 gradient, `probes` products",
        reference: "Hutchinson 1990",
        settings: &[(Probes, 64.0)],
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::ParticipationRatio,
        name: "participation_ratio",
        columns: &["participation_ratio"],
        symbol: "PR",
        unit: "1",
        about: "(tr H)² / ‖H‖²_F: how many equal eigenvalues would have the same two moments",
        estimator: "both moments from the same probes",
        cost: "1 gradient, `probes` products",
        reference: "Bell & Dean 1970",
        settings: &[(Probes, 64.0)],
        lower_is_better: None,
        log: false,
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::NegativeFraction,
        name: "negative_fraction",
        columns: &["negative_fraction"],
        symbol: "λ<0",
        unit: "1",
        about: "share of the eigenvalues of H below −10⁻⁶ max|λ|: what rounding takes for negative is not counted",
        estimator: "stochastic Lanczos quadrature",
        cost: "1 gradient, `steps` × `probes` products",
        reference: "Sagun et al. 2017, arXiv:1706.04454",
        settings: &[(Steps, 40.0), (Probes, 10.0)],
        lower_is_better: None,
        log: false,
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::GgnLambdaMax,
        name: "ggn_lambda_max",
        columns: &["ggn_lambda_max", "ggn_lambda_max_residual"],
        symbol: "λmax(G)",
        about: "largest eigenvalue of the Gauss–Newton matrix Jᵀ ∂²ℓ J; `_residual` is ‖Gv − λv‖ / |λ|",
        estimator: "Lanczos with full reorthogonalisation on exact products",
        cost: "1 gradient, at most `steps` + 1 products",
        reference: "Papyan 2019, arXiv:1901.08244",
        settings: &[(Tolerance, 1e-6), (Steps, 200.0)],
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::GgnTrace,
        name: "ggn_trace",
        columns: &["ggn_trace", "ggn_trace_se"],
        symbol: "tr G",
        about: "trace of the Gauss–Newton matrix; `_se` is its standard error",
        estimator: "Hutchinson: the mean of zᵀGz over probes",
        cost: "1 gradient, `probes` products",
        reference: "Schraudolph 2002",
        settings: &[(Probes, 64.0)],
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::EffectiveDimension,
        name: "effective_dimension",
        columns: &["effective_dimension"],
        symbol: "N eff",
        unit: "1",
        about: "Σ λ / (λ + α) over the eigenvalues of the Gauss–Newton matrix, α = `damping`",
        estimator: "stochastic Lanczos quadrature",
        cost: "1 gradient, `steps` × `probes` products",
        reference: "MacKay 1992; Maddox et al. 2020, arXiv:2003.02139",
        settings: &[(Damping, 0.1), (Steps, 40.0), (Probes, 10.0)],
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::GradientCurvature,
        name: "gradient_curvature",
        columns: &["gradient_curvature"],
        symbol: "gHg",
        about: "gᵀHg / gᵀg: the curvature that the next full-batch step meets; undefined where g = 0",
        estimator: "exact",
        cost: "1 gradient, 1 product",
        reference: "Jastrzębski et al. 2019, arXiv:1807.05031",
        lower_is_better: None,
        log: false,
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::ImplicitRegularizer,
        name: "implicit_regularizer",
        columns: &["implicit_regularizer"],
        symbol: "¼h‖g‖²",
        unit: "loss",
        about: "¼ h ‖g‖² at the run's learning rate h: what gradient descent minimises besides L",
        estimator: "exact",
        cost: "1 gradient",
        reference: "Barrett & Dherin 2021, arXiv:2009.11162",
        ..CURVED
    },
    QuantityInfo {
        quantity: Quantity::SamSharpness,
        name: "sam_sharpness",
        columns: &["sam_sharpness"],
        symbol: "SAM",
        about: "L(w + ρ g/‖g‖) − L(w), full batch; 0 where g = 0",
        estimator: "exact: one step of the inner maximum",
        cost: "1 gradient, 1 loss",
        reference: "Foret et al. 2021, arXiv:2010.01412, eq. 2",
        settings: &[(Rho, 0.05)],
        ..SHARP
    },
    QuantityInfo {
        quantity: Quantity::PgdSharpness,
        name: "pgd_sharpness",
        columns: &["pgd_sharpness"],
        symbol: "max SAM",
        about: "max L(w + e) − L(w) over ‖e‖ ≤ ρ: a lower bound of it, the highest that was found",
        estimator: "projected ascent of at most `steps` steps from `starts` points: along g, then random ones",
        cost: "1 gradient, at most `steps` × `starts` gradients and losses",
        reference: "Foret et al. 2021, arXiv:2010.01412, eq. 1",
        settings: &[(Rho, 0.05), (Steps, 20.0), (Starts, 3.0)],
        ..SHARP
    },
    QuantityInfo {
        quantity: Quantity::MSharpness,
        name: "m_sharpness",
        columns: &["m_sharpness"],
        symbol: "m-SAM",
        about: "the mean over batches of m = `batch` examples, in stored order, of their own one-step SAM sharpness",
        estimator: "exact",
        cost: "2 gradients, 1 loss",
        reference: "Foret et al. 2021, arXiv:2010.01412, §4",
        settings: &[(Rho, 0.05), (Batch, 32.0)],
        ..SHARP
    },
    QuantityInfo {
        quantity: Quantity::AdaptiveSharpness,
        name: "adaptive_sharpness",
        columns: &["adaptive_sharpness"],
        symbol: "ASAM",
        about: "L(w + ρ T²g/‖Tg‖) − L(w) with T = |w| + η for every weight and bias; 0 where Tg = 0",
        estimator: "exact: one step of the inner maximum",
        invariant: BOTH,
        cost: "1 gradient, 1 loss",
        reference: "Kwon et al. 2021, arXiv:2102.11600, eq. 5",
        settings: &[(Rho, 0.5), (Eta, 0.0)],
        ..SHARP
    },
    QuantityInfo {
        quantity: Quantity::AdaptivePgdSharpness,
        name: "adaptive_pgd_sharpness",
        columns: &["adaptive_pgd_sharpness"],
        symbol: "max ASAM",
        about: "max L(w + e) − L(w) over ‖T⁻¹e‖ ≤ ρ, T = |w| + η: a lower bound of it, the highest that was found",
        estimator: "projected ascent of at most `steps` steps from `starts` points",
        invariant: BOTH,
        cost: "1 gradient, at most `steps` × `starts` gradients and losses",
        reference: "Kwon et al. 2021, arXiv:2102.11600, eq. 3",
        settings: &[(Rho, 0.5), (Eta, 0.0), (Steps, 20.0), (Starts, 3.0)],
        ..SHARP
    },
    QuantityInfo {
        quantity: Quantity::KeskarSharpness,
        name: "keskar_sharpness",
        columns: &["keskar_sharpness"],
        symbol: "φ",
        unit: "%",
        about: "100 (max L(w + z) − L(w)) / (1 + L(w)) over |zᵢ| ≤ ε (|wᵢ| + 1): a lower bound of it, the highest that \
                was found",
        estimator: "ascent over the corners of the box from `starts` points: w, then random corners",
        cost: "1 gradient, at most `steps` × `starts` gradients and losses",
        reference: "Keskar et al. 2017, arXiv:1609.04836, metric 2.1",
        settings: &[(Epsilon, 1e-3), (Steps, 20.0), (Starts, 3.0)],
        ..SHARP
    },
    QuantityInfo {
        quantity: Quantity::AverageSharpness,
        name: "average_sharpness",
        columns: &["average_sharpness", "average_sharpness_se"],
        symbol: "avg",
        about: "E L(w + σz) − L(w) over Gaussian z, about ½ σ² tr H; `_se` is its standard error",
        estimator: "mean over pairs ±z, the same ones at every step and in every run of a seed",
        cost: "1 gradient, 2 × `probes` losses",
        reference: "Neyshabur et al. 2017, arXiv:1706.08947",
        settings: &[(Sigma, 0.01), (Probes, 32.0)],
        ..SHARP
    },
    QuantityInfo {
        quantity: Quantity::RelativeFlatness,
        name: "relative_flatness",
        columns: &["relative_flatness", "relative_flatness_se"],
        symbol: "κ",
        about: "Σ ⟨wₛ, wₛ′⟩ tr Hₛₛ′ over the units s, s′ of one `layer` (the last is 1); `_se` is its standard error, 0 \
                where it is exact",
        estimator: "exact where that takes no more products than `probes`, else Hutchinson over W times random matrices",
        invariant: BOTH,
        cost: "1 gradient, at most `probes` products",
        reference: "Petzka et al. 2021, arXiv:2001.00939, def. 3",
        settings: &[(Probes, 64.0), (Layer, 1.0)],
        ..SHARP
    },
    QuantityInfo {
        quantity: Quantity::FisherRao,
        name: "fisher_rao",
        columns: &["fisher_rao"],
        symbol: "FR",
        unit: "loss²",
        about: "⟨w, F w⟩ = mean of ⟨w, ∇ℓᵢ⟩² over examples, with the empirical Fisher matrix F",
        estimator: "exact: directional derivatives, forward",
        invariant: BOTH,
        cost: "1 gradient, 1 product",
        reference: "Liang et al. 2019, arXiv:1711.01530, def. 2",
        ..SHARP
    },
    QuantityInfo {
        quantity: Quantity::PacBayesSigma,
        name: "pac_bayes_sigma",
        columns: &["pac_bayes_sigma"],
        symbol: "σ",
        unit: "w",
        about: "the largest standard deviation σ of Gaussian noise on the weights under which the mean training error \
                rises by at most `drop`; 1/σ² is the flatness of Jiang et al. Undefined without classes",
        estimator: "bisection to a relative `tolerance` on the same `probes` Gaussian vectors throughout",
        cost: "1 gradient, about 20 × `probes` losses",
        reference: "Jiang et al. 2020, arXiv:1912.02178, eq. 53",
        settings: &[(Drop, 0.1), (Probes, 16.0), (Tolerance, 0.01)],
        lower_is_better: Some(false),
        ..SHARP
    },
    QuantityInfo {
        quantity: Quantity::PacBayesBound,
        name: "pac_bayes_bound",
        columns: &["pac_bayes_bound"],
        symbol: "kl bound",
        unit: "1",
        about: "a bound of the error of w + σz that holds with probability 1 − δ: kl⁻¹(ê, (‖w−w₀‖²/2σ² + ln(2√n/δ′))/n), \
                the best σ of a grid of 24. Undefined without classes",
        estimator: "ê bounded from `probes` Gaussian vectors by kl⁻¹, half of δ for that; δ′ pays for the grid",
        cost: "1 gradient, 24 × `probes` losses",
        reference: "Langford & Caruana 2001; Dziugaite & Roy 2017, arXiv:1703.11008; Maurer 2004, arXiv:cs/0411099",
        settings: &[(Delta, 0.05), (Probes, 32.0)],
        log: false,
        ..SHARP
    },
    QuantityInfo {
        quantity: Quantity::McallesterBound,
        name: "mcallester_bound",
        columns: &["mcallester_bound"],
        symbol: "McA bound",
        unit: "1",
        about: "as `pac_bayes_bound`, with ê + √((‖w−w₀‖²/2σ² + ln(2√n/δ′)) / 2n) instead of kl⁻¹",
        estimator: "ê bounded from `probes` Gaussian vectors by kl⁻¹, half of δ for that; δ′ pays for the grid",
        cost: "1 gradient, 24 × `probes` losses",
        reference: "McAllester 1999; Maurer 2004, arXiv:cs/0411099",
        settings: &[(Delta, 0.05), (Probes, 32.0)],
        log: false,
        ..SHARP
    },
    QuantityInfo {
        quantity: Quantity::BasinWidth,
        name: "basin_width",
        columns: &["basin_width"],
        symbol: "width",
        family: Family::Geometry,
        unit: "w",
        about: "half the width within which L stays below L(w) + `rise` along the top eigenvector of H (all `top` of them \
                are kept); √(2 rise/λ) on a quadratic",
        estimator: "Lanczos, then doubling and bisection to both sides",
        invariant: ORDER,
        cost: "1 gradient, at most `steps` + `top` products, 120 × `top` losses",
        reference: "Hochreiter & Schmidhuber 1997",
        settings: &[(Rise, 0.05), (Top, 3.0), (Tolerance, 1e-4), (Steps, 200.0)],
        picture: Picture::Spectrum,
        lower_is_better: Some(false),
        log: true,
        ..DRAWN
    },
    QuantityInfo {
        quantity: Quantity::ActivationRms,
        name: "activation_rms",
        columns: &["activation_rms"],
        symbol: "rms a",
        about: "root mean square of all hidden units, after φ, over the training examples",
        unit: "1",
        cost: "1 gradient, a loss",
        reference: "Ioffe & Szegedy 2015, arXiv:1502.03167, §4.1",
        lower_is_better: None,
        ..NORM
    },
    QuantityInfo {
        quantity: Quantity::RemainingWeights,
        name: "remaining_weights",
        columns: &["remaining_weights"],
        symbol: "left",
        about: "share of the weights, biases not counted, that are not exactly 0: what pruning has left",
        unit: "1",
        cost: FREE,
        reference: "Frankle & Carbin 2019, arXiv:1803.03635",
        lower_is_better: None,
        log: false,
        ..NORM
    },
    QuantityInfo {
        quantity: Quantity::TangentKernel,
        name: "tangent_kernel",
        symbol: "Θ",
        about: "the entries ⟨∇f(xᵢ), ∇f(xⱼ)⟩ of the tangent kernel, summed over outputs, i ≤ j row by row, over the first \
                `examples` training examples",
        estimator: "exact Jacobians, in f64",
        cost: "a Jacobian: small networks only",
        reference: "Jacot et al. 2018, arXiv:1806.07572",
        settings: &[(Examples, 10.0)],
        picture: Picture::Vector,
        ..JACOBIAN
    },
    QuantityInfo {
        quantity: Quantity::DescriptionLength,
        name: "description_length",
        columns: &["description_length"],
        symbol: "MDL",
        unit: "bits",
        about: "weights and labels in a two-part code: [N/2 · ln(1 + ‖w−w₀‖²/Nσ²) + n · E L(w + σz)] / ln 2, the best σ of a \
                grid of 24. The prior is N(w₀, τ²) with the best τ; of losses that are no −log p the second part is no code",
        estimator: "`probes` Gaussian vectors, the same at every step and σ",
        cost: "1 gradient, 24 × `probes` losses",
        reference: "Hinton & van Camp 1993; Blier & Ollivier 2018, arXiv:1802.07044, §3",
        settings: &[(Probes, 8.0)],
        lower_is_better: Some(true),
        log: true,
        ..JACOBIAN
    },
    QuantityInfo {
        quantity: Quantity::Placebo,
        name: "placebo",
        columns: &["placebo"],
        symbol: "placebo",
        about: "a number from N(0, 1) that has nothing to do with the run: what a measure must do better than",
        estimator: "drawn from a stream named by the bits of the weights",
        cost: FREE,
        reference: "Jiang et al. 2020, arXiv:1912.02178, §4",
        ..JACOBIAN
    },
    QuantityInfo {
        quantity: Quantity::CodeLength,
        name: "code_length",
        columns: &["code_length"],
        symbol: "code",
        unit: "bits",
        about: "prequential code length of the training labels: the first block at log₂ K each, every later one by −log₂ p of \
                what was trained on all blocks before it. Of `procedure: prequential`",
        estimator: "exact; blocks double",
        cost: "the trainings of the procedure",
        reference: "Dawid 1984; Blier & Ollivier 2018, arXiv:1802.07044, eq. 4",
        invariant: &[Function],
        lower_is_better: Some(true),
        ..JACOBIAN
    },
    QuantityInfo {
        quantity: Quantity::EffectiveComplexity,
        name: "effective_complexity",
        columns: &["effective_complexity"],
        symbol: "EMC",
        unit: "examples",
        about: "the most examples that this training fits to the error of its procedure. Of `procedure: effective_complexity`",
        estimator: "bisection, one training for each size that is tried; samples are nested",
        cost: "the trainings of the procedure",
        reference: "Nakkiran et al. 2020, arXiv:1912.02292, def. 1",
        invariant: &[Function],
        ..JACOBIAN
    },
    QuantityInfo {
        quantity: Quantity::PredictionBias,
        name: "prediction_bias",
        columns: &["prediction_bias"],
        symbol: "bias²",
        about: "½ ‖E f(x) − y‖² over the test examples, noise of y included. f are outputs, or probabilities where the loss \
                makes them; the expectation is over whatever the members differ in",
        ..MEMBERS
    },
    QuantityInfo {
        quantity: Quantity::PredictionVariance,
        name: "prediction_variance",
        columns: &["prediction_variance"],
        symbol: "var",
        about: "½ E ‖f(x) − E f(x)‖² over the test examples: with `prediction_bias` it adds up to `member_squared_error`",
        ..MEMBERS
    },
    QuantityInfo {
        quantity: Quantity::VarianceInit,
        name: "variance_init",
        columns: &["variance_init"],
        symbol: "var init",
        about: "the part of `prediction_variance` that initial weights and the order of examples make alone",
        ..MEMBERS
    },
    QuantityInfo {
        quantity: Quantity::VarianceData,
        name: "variance_data",
        columns: &["variance_data"],
        symbol: "var data",
        about: "the part of `prediction_variance` that the training examples make alone",
        ..MEMBERS
    },
    QuantityInfo {
        quantity: Quantity::VarianceNoise,
        name: "variance_noise",
        columns: &["variance_noise"],
        symbol: "var noise",
        about: "the part of `prediction_variance` that the noise on training targets makes alone",
        ..MEMBERS
    },
    QuantityInfo {
        quantity: Quantity::VarianceInteraction,
        name: "variance_interaction",
        columns: &["variance_interaction"],
        symbol: "var ×",
        about: "the rest of `prediction_variance`: what two or three of them make together",
        ..MEMBERS
    },
    QuantityInfo {
        quantity: Quantity::CentredVariance,
        name: "centred_variance",
        columns: &["centred_variance"],
        symbol: "var − f₀",
        about: "`prediction_variance` of f − f₀, f₀ the function of the initial weights; of outputs, whatever the loss",
        ..MEMBERS
    },
    QuantityInfo {
        quantity: Quantity::MemberSquaredError,
        name: "member_squared_error",
        columns: &["member_squared_error"],
        symbol: "E sq",
        about: "mean over members of ½ ‖f(x) − y‖² over the test examples, f as in `prediction_bias`",
        ..MEMBERS
    },
    QuantityInfo {
        quantity: Quantity::MemberLoss,
        name: "member_loss",
        columns: &["member_loss"],
        symbol: "E test",
        about: "mean over members of their test loss; `test_loss` is that of their mean prediction",
        ..MEMBERS
    },
    QuantityInfo {
        quantity: Quantity::MemberError,
        name: "member_error",
        columns: &["member_error"],
        symbol: "E err",
        unit: "1",
        about: "mean over members of their test error; `test_error` is that of their mean prediction",
        ..MEMBERS
    },
    QuantityInfo {
        quantity: Quantity::Slice,
        name: "slice",
        symbol: "slice",
        about: "L(w + αd) for α in [−`span`, `span`] along `directions` Gaussian directions, each filter of d as long as \
                that of w, biases left alone",
        estimator: "exact at `points` points, both ends among them; the spread over directions is part of it",
        invariant: BOTH,
        cost: "1 gradient, `directions` × `points` losses",
        reference: "Li et al. 2018, arXiv:1712.09913, §4",
        settings: &[(Directions, 10.0), (Points, 25.0), (Span, 1.0)],
        ..DRAWN
    },
    QuantityInfo {
        quantity: Quantity::Plane,
        name: "plane",
        symbol: "plane",
        about: "L(w + αd + βe) over a square of half side `span`, d and e as in `slice`",
        estimator: "exact at `points`² points, for each of `directions` pairs",
        invariant: BOTH,
        cost: "1 gradient, `directions` × `points`² losses",
        reference: "Li et al. 2018, arXiv:1712.09913, §4",
        settings: &[(Directions, 1.0), (Points, 15.0), (Span, 1.0)],
        picture: Picture::Planes,
        ..DRAWN
    },
    QuantityInfo {
        quantity: Quantity::InitPath,
        name: "init_path",
        columns: &["init_path"],
        symbol: "w₀→w",
        about: "L((1−α)w₀ + αw) on the straight way from the initial weights; the number is the largest rise above the \
                chord, max L − ((1−α)L₀ + αL₁)",
        estimator: "exact at `points` points, both ends among them",
        cost: "1 gradient, `points` losses",
        reference: "Goodfellow et al. 2015, arXiv:1412.6544",
        settings: &[(Points, 25.0)],
        ..DRAWN
    },
    QuantityInfo {
        quantity: Quantity::Barrier,
        name: "barrier",
        columns: &["barrier"],
        symbol: "barrier",
        about: "max over α of L((1−α)w₁ + αw₂) − ((1−α)L₁ + αL₂) between the two runs of a pair; `lowland barrier` walks \
                between any two that are stored",
        estimator: "exact at `points` points, both ends among them",
        cost: "`points` losses",
        reference: "Frankle et al. 2020, arXiv:1912.05671",
        settings: &[(Points, 25.0)],
        lower_is_better: Some(true),
        ..DRAWN
    },
    QuantityInfo {
        quantity: Quantity::AlignedBarrier,
        name: "aligned_barrier",
        columns: &["aligned_barrier"],
        symbol: "barrier π",
        about: "`barrier` to the other run with its units put into the order (and sign) of this one's: the same function",
        estimator: "exact at `points` points; alignment by assignment, layer after layer, in turn",
        invariant: &[Permutation],
        cost: "`points` losses",
        reference: "Ainsworth et al. 2023, arXiv:2209.04836",
        ..BETWEEN
    },
    QuantityInfo {
        quantity: Quantity::CurvedBarrier,
        name: "curved_barrier",
        columns: &["curved_barrier"],
        symbol: "barrier ⌒",
        about: "`barrier` along the quadratic Bézier curve of lowest mean loss that Adam finds in 200 steps",
        estimator: "exact at `points` points of the curve",
        cost: "`points` losses, 200 gradients",
        reference: "Garipov et al. 2018, arXiv:1802.10026",
        ..BETWEEN
    },
    QuantityInfo {
        quantity: Quantity::ErrorBarrier,
        name: "error_barrier",
        columns: &["error_barrier"],
        symbol: "err barrier",
        unit: "1",
        about: "`barrier` of the error on the training examples along the straight way: below 0.02 two runs are called \
                stable",
        estimator: "exact at `points` points, both ends among them",
        cost: "`points` losses",
        reference: "Frankle et al. 2020, arXiv:1912.05671, §3",
        ..BETWEEN
    },
];
