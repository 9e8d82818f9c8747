//! What a measure needs of a run, known before anything is trained.

use super::code::MOST_BITS;
use super::density::SMALL;
use super::tangent;
use crate::base::memory::in_words;
use crate::data::Shape;
use crate::science::cost::Outline;
use crate::science::dense::Form;
use crate::spec::{MeasureSpec, ModelSpec, Procedure, Quantity, RunSpec, Setting, Source};

/// Whether a model of this kind has the quantity at all; networks have all of them.
pub fn exists(quantity: Quantity, spec: &RunSpec) -> bool {
    let owner = Procedure::owner(quantity);
    if owner.is_some() || matches!(spec.procedure, Procedure::Ensemble { .. } | Procedure::Pair { .. }) {
        let common = quantity.info().always || quantity == Quantity::Parameters;
        return owner == Some(spec.procedure.word()) || (owner.is_none() && common);
    }
    let kernel = matches!(
        spec.model,
        ModelSpec::Ntk { .. } | ModelSpec::Nngp { .. } | ModelSpec::GaussianKernel { .. }
    );
    let diagonal = matches!(spec.model, ModelSpec::DiagonalLinear { .. });
    spec.model.is_network()
        || quantity.info().always
        || match quantity {
            Quantity::Parameters => true,
            Quantity::L1Norm => !kernel,
            Quantity::Weights | Quantity::ExcessRisk => diagonal,
            Quantity::Rank | Quantity::NullSpace | Quantity::ConditionNumber => !diagonal,
            _ => false,
        }
}

/// Whether a dataset of this shape has the examples that a run asks for, and the machine, of so many bytes, the memory that
/// its solution takes; if not, why, and what there is.
pub fn room(spec: &RunSpec, shape: Shape, memory: Option<u64>) -> Result<(), String> {
    if let Procedure::Pair { one, other, .. } = &spec.procedure {
        room(one, shape, memory)?;
        room(other, shape, memory)?;
    }
    let dataset = &spec.dataset;
    // What is made up is made for each member.
    let samples = match spec.procedure {
        Procedure::Ensemble { data, .. } if shape.bytes > 0 => data as usize,
        _ => 1,
    };
    let parts = [
        ("train", dataset.drawn() * samples, shape.train_rows),
        ("test", dataset.test, shape.rows - shape.train_rows),
    ];
    for (part, asked, there) in parts {
        if asked > there {
            let name = dataset.source.word();
            return Err(format!(
                "`{part}: {asked}` asks for more examples than `{name}` has: at most {there}"
            ));
        }
    }
    if let Some(convolutions) = Form::of(&spec.model).ok().and_then(|form| form.convolutions) {
        convolutions.over(shape.inputs).map_err(|error| error.to_string())?;
    }
    // What is trained takes what it gets.
    if spec.procedure.uses_optimizer() {
        return Ok(());
    }
    let needed = Outline::of(spec, shape).exact.map_or(0.0, |exact| exact.bytes as f64);
    match memory {
        Some(memory) if needed > memory as f64 => Err(format!(
            "`{}` of this size takes {} of memory, and the machine has {}: fewer examples, or fewer features",
            spec.procedure.word(),
            in_words(needed),
            in_words(memory as f64)
        )),
        _ => Ok(()),
    }
}

/// Most examples whose kernel is stored as columns.
const ENTRIES: usize = 40;

/// Most weights that are stored as columns.
const WEIGHTS: usize = 1_000;

/// Whether `measure` can be had of a run on a dataset of this shape; if not, why.
pub fn check(measure: &MeasureSpec, spec: &RunSpec, shape: Shape) -> Result<(), String> {
    let name = measure.quantity.name();
    let outline = || Outline::of(spec, shape);
    if !exists(measure.quantity, spec) {
        return Ok(());
    }
    if of_dense_layers(measure.quantity) && spec.model.is_network() && !spec.model.is_dense() {
        return Err(format!(
            "{name} is of dense layers: not of convolutions, and not of units that are normalised"
        ));
    }
    match measure.quantity {
        Quantity::ExcessRisk => {
            let linear =
                matches!(spec.dataset.source, Source::LinearTeacher { .. } | Source::TwoScale { .. });
            let model = matches!(spec.model, ModelSpec::Linear { .. } | ModelSpec::DiagonalLinear { .. });
            if !linear || !model {
                return Err(format!(
                    "{name} is of linear models on `kind: linear_teacher` or `two_scale`: elsewhere test_loss tells"
                ));
            }
        }
        Quantity::LzComplexity => {
            let bits =
                matches!(spec.dataset.source, Source::Boolean { bits, .. } if bits as usize <= MOST_BITS);
            if !bits || spec.dataset.noise_inputs > 0 {
                return Err(format!(
                    "{name} is of functions of bits: `kind: boolean` of at most {MOST_BITS}"
                ));
            }
        }
        Quantity::Weights => {
            let weights = outline().parameters() as usize;
            if weights > WEIGHTS {
                return Err(format!(
                    "{name} are for models with at most {WEIGHTS}, and this one has {weights}"
                ));
            }
        }
        Quantity::Rank | Quantity::NullSpace | Quantity::ConditionNumber
            if spec.model.is_network() && !matches!(spec.procedure, Procedure::Solve { .. }) =>
        {
            jacobian(name, &outline(), spec.dataset.train, shape)?;
        }
        Quantity::TangentKernel if measure.settings.count(Setting::Examples) > ENTRIES => {
            return Err(format!("{name} is stored entry by entry: of at most {ENTRIES} examples"));
        }
        Quantity::NtkDrift | Quantity::KernelAlignment | Quantity::TangentKernel => {
            let examples = measure.settings.count(Setting::Examples).min(spec.dataset.train);
            jacobian(name, &outline(), examples, shape)?;
        }
        Quantity::Eigenvalues | Quantity::BasinWidth => {
            let (top, weights) = (measure.settings.count(Setting::Top), outline().parameters() as usize);
            if top > weights {
                return Err(format!("{name} asks for {top} eigenvalues of a network with {weights} weights"));
            }
        }
        Quantity::FullSpectrum => {
            let weights = outline().parameters() as usize;
            if weights > SMALL {
                return Err(format!(
                    "{name} is for networks of at most {SMALL} weights, and this one has {weights}: `spectrum` and \
                     `eigenvalues` are for any"
                ));
            }
        }
        Quantity::RelativeFlatness => {
            let (layer, layers) = (measure.settings.count(Setting::Layer), outline().widths.len() - 1);
            if layer > layers {
                return Err(format!("{name} asks for layer {layer} from the last, and there are {layers}"));
            }
        }
        Quantity::PacBayesSigma | Quantity::PacBayesBound | Quantity::McallesterBound
            if !spec.dataset.source.has_classes() =>
        {
            return Err(format!("{name} is of classification errors, and the targets are real numbers"));
        }
        _ => {}
    }
    Ok(())
}

/// Whether it is defined by the weights of dense layers, or made of a Jacobian that is written for them.
fn of_dense_layers(quantity: Quantity) -> bool {
    use Quantity::{
        AlignedBarrier, ConditionNumber, KernelAlignment, NormalizedMargin, NtkDrift, NullSpace, PathNorm,
        Rank, SpectralProduct, TangentKernel,
    };
    matches!(
        quantity,
        AlignedBarrier
            | PathNorm
            | SpectralProduct
            | NormalizedMargin
            | Rank
            | NullSpace
            | ConditionNumber
            | NtkDrift
            | KernelAlignment
            | TangentKernel
    )
}

/// Refuses a Jacobian that is too large to be made.
fn jacobian(name: &str, outline: &Outline, examples: usize, shape: Shape) -> Result<(), String> {
    let numbers = outline.parameters() * (examples * shape.outputs) as f64;
    if numbers <= tangent::MOST as f64 {
        return Ok(());
    }
    Err(format!(
        "{name} needs a Jacobian of {} examples × {} outputs × {} weights, and at most {} numbers are made: fewer \
         examples or a smaller network",
        examples,
        shape.outputs,
        outline.parameters(),
        tangent::MOST
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::science::fixtures::run_spec;

    #[test]
    fn a_run_has_room_or_says_how_much_there_is() {
        let shape = Shape { rows: 90, train_rows: 60, inputs: 6, outputs: 3, bytes: 0 };
        let mut spec = run_spec();
        assert_eq!(room(&spec, shape, Some(0)), Ok(()), "training takes what it gets");
        spec.dataset.test = 31;
        assert!(room(&spec, shape, None).unwrap_err().ends_with("at most 30"));
        (spec.dataset.train, spec.dataset.test) = (60, 30);
        spec.procedure = Procedure::Solve { ridge: 0.0 };
        spec.model = ModelSpec::Ntk { depth: 1 };
        assert!(room(&spec, shape, Some(1_000)).unwrap_err().contains("takes 1 MB of memory"));
        assert_eq!(room(&spec, shape, Some(1 << 30)), Ok(()));
    }

    #[test]
    fn what_cannot_be_had_is_told_before_it_is_trained() {
        // 6-16-3: 163 weights in two layers.
        let shape = |inputs| Shape { rows: 90, train_rows: 60, inputs, outputs: 3, bytes: 0 };
        let at = |quantity, setting, value: f64, inputs| {
            let mut measure = MeasureSpec::at_end(quantity);
            measure.settings.set(setting, value);
            check(&measure, &run_spec(), shape(inputs))
        };
        let problem = at(Quantity::Eigenvalues, Setting::Top, 164.0, 6).unwrap_err();
        assert_eq!(problem, "eigenvalues asks for 164 eigenvalues of a network with 163 weights");
        assert!(at(Quantity::Eigenvalues, Setting::Top, 163.0, 6).is_ok());
        assert!(at(Quantity::FullSpectrum, Setting::Top, 1.0, 6).is_ok());
        assert!(at(Quantity::FullSpectrum, Setting::Top, 1.0, 200).unwrap_err().contains("at most 2000"));
        assert!(at(Quantity::RelativeFlatness, Setting::Layer, 3.0, 6).unwrap_err().contains("there are 2"));
        let mut real = run_spec();
        real.dataset.source = crate::spec::Source::Chebyshev { degree: 3 };
        let sigma = MeasureSpec::at_end(Quantity::PacBayesSigma);
        assert!(check(&sigma, &real, shape(1)).unwrap_err().contains("real numbers"));
        assert!(check(&sigma, &run_spec(), shape(6)).is_ok());
    }
}
