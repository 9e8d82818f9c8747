//! Whether a run that was trained again came out as it is stored: bit for bit, within a tolerance, or otherwise, and
//! then from which step on and in which quantity first.
//!
//! A deviation is relative to the largest value that its quantity has anywhere in the stored run: relative to the value
//! itself, a loss gap that passes through zero could never agree. NaN agrees with NaN, and with nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::spec::run::settings_of;
use crate::spec::{CATALOGUE, QuantityInfo, measured_how, measured_quantity};
use crate::store::{Curve, RunRecord, Weights};

/// What a run came to.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// How it ended.
    pub record: &'a RunRecord,
    /// What was recorded along the way; empty if that is lost.
    pub curve: &'a Curve,
    /// Its final weights, if they were kept.
    pub weights: Option<&'a Weights>,
}

/// How two accounts of one run agree, and what of them was not compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// How they agree in what was compared.
    pub agreement: Agreement,
    /// Columns that were not compared, or not wholly, since only one of them has them so; `curve` or `weights` where
    /// these are not kept.
    pub left_out: Vec<String>,
}

/// How two accounts of one run agree.
#[derive(Clone, Debug, PartialEq)]
pub enum Agreement {
    /// In every bit.
    Identical,
    /// Nothing is off by more than the tolerance.
    Within(Deviation),
    /// Something is off by more.
    Differs(Difference),
}

/// The furthest that a value is off.
#[derive(Clone, Debug, PartialEq)]
pub struct Deviation {
    /// Of the largest stored value of the quantity.
    pub relative: f64,
    /// After how many steps.
    pub step: u64,
    /// In which quantity.
    pub quantity: String,
}

/// The first thing that is otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// After how many steps.
    pub step: u64,
    /// In which quantity.
    pub quantity: String,
    /// What is stored.
    pub stored: String,
    /// What came out now.
    pub now: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, quantity, stored, now } = self;
        write!(f, "differs from step {step} in {quantity}: {stored} stored, {now} now")
    }
}

/// Compares what is stored of a run with what training it again came to.
pub fn agreement(stored: Account<'_>, now: Account<'_>, tolerance: f64) -> Comparison {
    let mut left_out = Vec::new();
    let columns = columns(stored, now, &mut left_out);
    let mut measure = Measure { stored, tolerance, furthest: None };
    let agreement = match compare(stored, now, &columns, &mut measure, &mut left_out) {
        Err(difference) => Agreement::Differs(difference),
        Ok(()) => measure.furthest.map_or(Agreement::Identical, Agreement::Within),
    };
    Comparison { agreement, left_out }
}

/// From the first step to the last, and in what the run left at its end.
fn compare(
    stored: Account<'_>,
    now: Account<'_>,
    columns: &[Column<'_>],
    measure: &mut Measure<'_>,
    left_out: &mut Vec<String>,
) -> Result<(), Difference> {
    compare_settings(stored.record, now.record)?;
    let rows = if stored.curve.steps.is_empty() && !now.curve.steps.is_empty() {
        left_out.push("curve".to_owned());
        BTreeSet::new()
    } else {
        stored.curve.steps.iter().chain(&now.curve.steps).copied().collect()
    };
    let (stored_rows, now_rows) = (Rows::of(stored.curve), Rows::of(now.curve));
    let ends = stored.record.steps.min(now.record.steps);
    for &step in rows.range(..ends) {
        compare_row(step, &stored_rows, &now_rows, columns, measure)?;
    }
    // A run that ends earlier or otherwise has no row where the other has one: that is said of its end.
    let words = |of: &dyn Fn(&RunRecord) -> String, quantity: &str| {
        must_be(ends, quantity, &of(stored.record), &of(now.record))
    };
    words(&|record| record.status.name().to_owned(), "status")?;
    words(&|record| record.steps.to_string(), "steps")?;
    for &step in rows.range(ends..) {
        compare_row(step, &stored_rows, &now_rows, columns, measure)?;
    }
    for Column { name, .. } in columns {
        if let (Some(&was), Some(&is)) = (stored.record.measures.get(*name), now.record.measures.get(*name)) {
            measure.check(ends, name, was, is)?;
        }
    }
    if let (Some(was), Some(is)) = (stored.weights, now.weights) {
        return compare_weights(ends, was, is, measure);
    }
    left_out.push("weights".to_owned());
    Ok(())
}

/// A run is named by its settings: a row that tells others is not of this run.
fn compare_settings(stored: &RunRecord, now: &RunRecord) -> Result<(), Difference> {
    let [was, is] =
        [stored, now].map(|record| settings_of(&record.spec).into_iter().collect::<BTreeMap<_, _>>());
    let text = |settings: &BTreeMap<String, serde_json::Value>, path: &str| {
        settings.get(path).map_or_else(|| "nothing".to_owned(), ToString::to_string)
    };
    let paths: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    paths.into_iter().try_for_each(|path| must_be(0, path, &text(&was, path), &text(&is, path)))
}

fn compare_row(
    step: u64,
    stored: &Rows<'_>,
    now: &Rows<'_>,
    columns: &[Column<'_>],
    measure: &mut Measure<'_>,
) -> Result<(), Difference> {
    if let (Some(was), Some(is)) = (stored.epoch(step), now.epoch(step)) {
        measure.check(step, "epoch", was, is)?;
    }
    for Column { name, everywhere } in columns {
        match (stored.value(step, name), now.value(step, name)) {
            (Some(was), Some(is)) => measure.check(step, name, was, is)?,
            (None, None) => {}
            (was, is) if *everywhere => {
                let text = |value: Option<f64>| value.map_or_else(|| "nothing".to_owned(), number);
                must_be(step, name, &text(was), &text(is))?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn compare_weights(
    step: u64,
    stored: &Weights,
    now: &Weights,
    measure: &mut Measure<'_>,
) -> Result<(), Difference> {
    let shapes = |weights: &Weights| {
        weights.iter().map(|(name, shape, _)| format!("{name} {shape:?}")).collect::<Vec<_>>().join(", ")
    };
    must_be(step, "weights", &shapes(stored), &shapes(now))?;
    for ((name, _, was), (_, _, is)) in stored.iter().zip(now) {
        let scale = largest(was.iter().map(|&value| f64::from(value)));
        for (at, (&was, &is)) in
            was.iter().zip(is).enumerate().filter(|(_, (was, is))| was.to_bits() != is.to_bits())
        {
            measure.check_against(scale, step, &format!("weights {name}[{at}]"), was.into(), is.into())?;
        }
    }
    Ok(())
}

/// A difference, unless the two texts are the same.
fn must_be(step: u64, quantity: &str, stored: &str, now: &str) -> Result<(), Difference> {
    if stored == now {
        return Ok(());
    }
    let (stored, now) = (stored.to_owned(), now.to_owned());
    Err(Difference { step, quantity: quantity.to_owned(), stored, now })
}

/// As few digits as tell it from every other number.
fn number(value: f64) -> String {
    format!("{value:?}")
}

/// Compares numbers, and remembers the furthest that one was off.
struct Measure<'a> {
    stored: Account<'a>,
    tolerance: f64,
    furthest: Option<Deviation>,
}

impl Measure<'_> {
    fn check(&mut self, step: u64, quantity: &str, stored: f64, now: f64) -> Result<(), Difference> {
        if stored.to_bits() == now.to_bits() || stored.is_nan() && now.is_nan() {
            return Ok(());
        }
        self.check_against(self.scale(quantity), step, quantity, stored, now)
    }

    fn check_against(
        &mut self,
        scale: f64,
        step: u64,
        quantity: &str,
        stored: f64,
        now: f64,
    ) -> Result<(), Difference> {
        // 0 and −0 are not the same bits, and not off by anything.
        let relative = if stored == now { 0.0 } else { (stored - now).abs() / scale };
        if relative.is_nan() || relative > self.tolerance {
            return must_be(step, quantity, &number(stored), &number(now));
        }
        if self.furthest.as_ref().is_none_or(|furthest| relative > furthest.relative) {
            self.furthest = Some(Deviation { relative, step, quantity: quantity.to_owned() });
        }
        Ok(())
    }

    /// The largest finite value of a quantity in the stored run. What says how sure another quantity is, is measured
    /// by that one, and a residual is relative already.
    fn scale(&self, quantity: &str) -> f64 {
        match (quantity.strip_suffix("_se"), quantity.strip_suffix("_residual")) {
            (Some(of), _) => self.scale(of),
            (_, Some(_)) => 1.0,
            _ if quantity == "epoch" => largest(self.stored.curve.epochs.iter().copied()),
            _ => {
                let curve = self.stored.curve.columns.get(quantity).into_iter().flatten();
                largest(curve.chain(self.stored.record.measures.get(quantity)).copied())
            }
        }
    }
}

fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.map(f64::abs).filter(|value| value.is_finite()).fold(0.0, f64::max)
}

/// A curve by its steps.
struct Rows<'a> {
    curve: &'a Curve,
    at: BTreeMap<u64, usize>,
}

impl<'a> Rows<'a> {
    fn of(curve: &'a Curve) -> Self {
        Self { curve, at: curve.steps.iter().enumerate().map(|(row, &step)| (step, row)).collect() }
    }

    fn epoch(&self, step: u64) -> Option<f64> {
        self.curve.epochs.get(*self.at.get(&step)?).copied()
    }

    /// What was measured at that step.
    fn value(&self, step: u64, name: &str) -> Option<f64> {
        let value = *self.curve.columns.get(name)?.get(*self.at.get(&step)?)?;
        (!value.is_nan()).then_some(value)
    }
}

/// A column that is compared.
struct Column<'a> {
    name: &'a str,
    /// Whether it was measured at the same steps both times; else only steps that both have are compared.
    everywhere: bool,
}

/// The columns that both have, in the order in which quantities are shown; the others go to `left_out`.
fn columns<'a>(stored: Account<'a>, now: Account<'a>, left_out: &mut Vec<String>) -> Vec<Column<'a>> {
    let names = |account: Account<'a>| {
        let curve =
            account.curve.columns.iter().filter(|(_, values)| values.iter().any(|value| !value.is_nan()));
        account
            .record
            .measures
            .keys()
            .chain(curve.map(|(name, _)| name))
            .map(String::as_str)
            .collect::<BTreeSet<_>>()
    };
    let (was, is) = (names(stored), names(now));
    left_out.extend(was.symmetric_difference(&is).map(|&name| name.to_owned()));
    let mut columns = Vec::new();
    for &name in was.intersection(&is) {
        let (was, is) = (how(stored.record, name), how(now.record, name));
        let settings =
            |how: &BTreeSet<&'a str>| how.iter().map(|how| measured_how(how)).collect::<BTreeSet<_>>();
        if was != is {
            left_out.push(name.to_owned());
        }
        if settings(&was) == settings(&is) || info(name).is_some_and(|info| info.always) {
            columns.push(Column { name, everywhere: was == is });
        }
    }
    columns.sort_by_key(|column| {
        CATALOGUE.iter().position(|info| info.quantity.columns().contains(&column.name)).unwrap_or(usize::MAX)
    });
    columns
}

/// How a column was measured. What is always measured shares its rows: whoever asks for one of them at some step gets
/// all of them there.
fn how<'a>(record: &'a RunRecord, column: &str) -> BTreeSet<&'a str> {
    let own = |how: &&str| match (info(column), info(measured_quantity(how))) {
        (Some(column), Some(measured)) if column.always => measured.always && how.contains('@'),
        (Some(column), Some(measured)) => column.quantity == measured.quantity,
        _ => false,
    };
    record.measured.iter().map(String::as_str).filter(own).collect()
}

fn info(column: &str) -> Option<&'static QuantityInfo> {
    CATALOGUE.iter().find(|info| info.quantity.columns().contains(&column))
}
