//! Rows to curves: a table of curves is gone through group by group and column by column, and what is decoded of it at a
//! time is no more than that. A curve has its numbers column by column, as the table has, so that they are copied once.

use std::collections::BTreeMap;
use std::iter;
use std::ops::Range;
use std::slice;

use polars::prelude::{ChunkedArray, DataFrame, PolarsNumericType, StringChunked};

use super::read::{Fault, real, text, whole};
use super::schema;
use crate::base::spread::spread_over;
use crate::store::Curve;

/// Decodes these rows of these columns.
type Read<'a> = dyn Fn(&[String], &Range<usize>) -> Result<DataFrame, Fault> + Sync + 'a;

/// A table of curves.
pub struct CurveTable<'a> {
    /// Its columns.
    pub names: Vec<String>,
    /// Rows that are decoded together.
    pub groups: Vec<Range<usize>>,
    /// On how many threads.
    pub threads: usize,
    /// How.
    pub read: &'a Read<'a>,
}

/// The rows that make a curve, and what they say of its steps.
#[derive(Default)]
struct Kept {
    rows: Vec<Range<usize>>,
    steps: Vec<u64>,
}

/// Rows of one record that stand together: the record, where they begin, their steps.
struct Stretch {
    record: String,
    start: usize,
    steps: Vec<u64>,
}

impl<'a> CurveTable<'a> {
    /// Of a table at hand, which `read` selects from.
    pub fn at_hand(frame: &DataFrame, read: &'a Read<'a>) -> Self {
        let names = frame.get_column_names().into_iter().map(ToString::to_string).collect();
        Self { names, groups: iter::once(0..frame.height()).collect(), threads: 1, read }
    }

    /// Its curves, by record, of the records that `wanted` names.
    pub fn curves(&self, wanted: &dyn Fn(&str) -> bool) -> Result<BTreeMap<String, Curve>, Fault> {
        let mut kept: BTreeMap<String, Kept> = BTreeMap::new();
        for stretch in self.cut()?.into_iter().filter(|stretch| wanted(&stretch.record)) {
            kept.entry(stretch.record).or_default().take(stretch.start, &stretch.steps);
        }
        Ok(self.fill(kept.into_iter().collect())?.into_iter().collect())
    }

    /// Every stretch as a curve of its own, in the order in which they stand.
    pub fn stretches(&self) -> Result<Vec<(String, Curve)>, Fault> {
        let whole = |Stretch { record, start, steps }| {
            let rows = iter::once(start..start + steps.len()).collect();
            (record, Kept { rows, steps })
        };
        self.fill(self.cut()?.into_iter().map(whole).collect())
    }

    /// All stretches. One that goes on in the next group is two.
    fn cut(&self) -> Result<Vec<Stretch>, Fault> {
        if let Some(name) =
            ["record", "step", "epoch"].iter().find(|name| !self.names.iter().any(|had| had == *name))
        {
            return Err(Fault::Foreign(format!("it has no `{name}` column")));
        }
        let names = ["record", "step"].map(str::to_owned);
        let of_group = |rows: &Range<usize>| {
            let frame = (self.read)(&names, rows)?;
            let record = text(&frame, "record").map_err(Fault::Foreign)?;
            let step = Values { column: whole(&frame, "step").map_err(Fault::Foreign)?, none: 0 };
            let stretch = |(record, at): (&str, Range<usize>)| {
                let mut steps = Vec::with_capacity(at.len());
                step.copy(&at, &mut steps);
                Stretch { record: record.to_owned(), start: rows.start + at.start, steps }
            };
            Ok(stretches(&record).into_iter().map(stretch).collect::<Vec<_>>())
        };
        let cut: Result<Vec<_>, Fault> =
            spread_over(self.threads, &self.groups, of_group).into_iter().collect();
        Ok(cut?.into_iter().flatten().collect())
    }

    /// The curves of these rows.
    fn fill(&self, kept: Vec<(String, Kept)>) -> Result<Vec<(String, Curve)>, Fault> {
        let passes = |name: &&String| *name == "epoch" || schema::is_quantity(name);
        let names: Vec<&String> = self.names.iter().filter(passes).collect();
        let columns = spread_over(self.threads, &names, |name| self.column(name, &kept));
        let curve =
            |(record, kept): (String, Kept)| (record, Curve { steps: kept.steps, ..Curve::default() });
        let found: Result<Vec<_>, Fault> =
            names.into_iter().zip(columns).map(|(name, column)| Ok((name, column?))).collect();
        let mut curves: Vec<(String, Curve)> = kept.into_iter().map(curve).collect();
        for (name, column) in found? {
            for ((_, curve), values) in curves.iter_mut().zip(column.into_iter().flatten()) {
                if name == "epoch" {
                    curve.epochs = values;
                // Another run of the same file may have measured what this one did not.
                } else if values.iter().any(|value| !value.is_nan()) {
                    curve.columns.insert(name.clone(), values);
                }
            }
        }
        Ok(curves)
    }

    /// What stands in a column for each curve; nothing if these are no numbers.
    fn column(&self, name: &String, kept: &[(String, Kept)]) -> Result<Option<Vec<Vec<f64>>>, Fault> {
        let room = |(_, kept): &(String, Kept)| Vec::with_capacity(kept.steps.len());
        let mut values: Vec<Vec<f64>> = kept.iter().map(room).collect();
        for group in &self.groups {
            let frame = (self.read)(slice::from_ref(name), group)?;
            let column = if name == "epoch" {
                real(&frame, name).map_err(Fault::Foreign)?
            } else {
                let Some(column) = frame.column(name).ok().and_then(|column| column.f64().ok()) else {
                    return Ok(None);
                };
                column.clone()
            };
            let column = Values { column, none: f64::NAN };
            for ((_, kept), values) in kept.iter().zip(&mut values) {
                for rows in kept.within(group) {
                    column.copy(&rows, values);
                }
            }
        }
        Ok(Some(values))
    }
}

impl Kept {
    /// Takes in rows from `start` on with these steps. The steps of a curve increase. A record that was stored twice may
    /// stand here twice: one row after the other or one curve after the other, the second says nothing new.
    fn take(&mut self, start: usize, steps: &[u64]) {
        for (row, &step) in (start..).zip(steps) {
            if self.steps.last().is_some_and(|&last| step <= last) {
                continue;
            }
            self.steps.push(step);
            match self.rows.last_mut() {
                Some(before) if before.end == row => before.end = row + 1,
                _ => self.rows.push(row..row + 1),
            }
        }
    }

    /// Those within a group, counted from where it begins.
    fn within(&self, group: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let of = |rows: &Range<usize>| rows.start.max(group.start)..rows.end.min(group.end);
        let within = self.rows.iter().map(of).filter(|rows| !rows.is_empty());
        within.map(|rows| rows.start - group.start..rows.end - group.start)
    }
}

/// A column of numbers, in the pieces in which the table has it.
struct Values<T: PolarsNumericType> {
    column: ChunkedArray<T>,
    /// What stands where there is none: NaN in the quantities, 0 in the steps.
    none: T::Native,
}

impl<T: PolarsNumericType> Values<T> {
    /// Appends those of `rows`. Copied in one go: asking the column for one after the other takes longer than decoding it.
    fn copy(&self, rows: &Range<usize>, into: &mut Vec<T::Native>) {
        let mut start = 0;
        for piece in self.column.downcast_iter() {
            let end = start + piece.len();
            let (from, to) = (rows.start.max(start), rows.end.min(end));
            if from < to {
                let within = from - start..to - start;
                let there = piece.values().get(within.clone()).unwrap_or_default();
                match piece.validity().filter(|known| known.unset_bits() > 0) {
                    None => into.extend_from_slice(there),
                    Some(known) => {
                        let value = |(row, &value)| if known.get_bit(row) { value } else { self.none };
                        into.extend(within.zip(there).map(value));
                    }
                }
            }
            start = end;
        }
    }
}

/// These columns of a table at hand.
pub fn select(frame: &DataFrame, names: &[String]) -> Result<DataFrame, Fault> {
    frame.select(names).map_err(|error| Fault::Foreign(error.to_string()))
}

/// Rows of the same record stand together: each record with its rows.
fn stretches(records: &StringChunked) -> Vec<(&str, Range<usize>)> {
    let mut stretches: Vec<(&str, Range<usize>)> = Vec::new();
    for (row, record) in records.iter().enumerate() {
        let record = record.unwrap_or_default();
        match stretches.last_mut() {
            // A decoded column has each text once, so that most rows need not be compared letter by letter.
            Some((last, rows)) if std::ptr::eq(*last, record) || *last == record => rows.end = row + 1,
            _ => stretches.push((record, row..row + 1)),
        }
    }
    stretches
}
