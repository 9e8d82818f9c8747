//! What is kept of a run, as plain values: no Polars type leaves this room.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::number;
use crate::base::{RunId, ids};
use crate::science::measures::details::Details;
use crate::spec::run::settings_of;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Trained until it was to stop.
    Done,
    /// The loss left the finite numbers: a result, kept.
    Diverged,
    /// An error, with its message.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
    /// Its process ended under it; it can be run again.
    Interrupted,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Done, Self::Diverged, Self::Failed, Self::Cancelled, Self::Interrupted];

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether the run is a result, which need not be trained again.
    pub fn is_result(self) -> bool {
        matches!(self, Self::Done | Self::Diverged)
    }

    /// Its name in files and on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Diverged => "diverged",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Who asked for a run, and where it stands in the asker's experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Slug of the entry.
    pub entry: String,
    /// Id of the cell.
    pub cell: String,
    /// Arm.
    pub arm: String,
    /// Swept settings, by dotted path.
    pub point: Vec<(String, Value)>,
}

/// The spec of a stored run. As text it is read in no time; most of ten thousand runs are never asked for theirs, so it
/// is understood when the first one asks.
#[derive(Clone, Default)]
pub struct StoredSpec {
    text: Arc<str>,
    value: OnceLock<Value>,
}

impl StoredSpec {
    /// From JSON text; `None` if it is none.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        Some(Self { text: text.into(), value: OnceLock::new() })
    }

    /// Every setting by its dotted path. The spec is understood for the moment only, where nobody asked for it before:
    /// a table asks ten thousand runs, and would leave as many trees behind.
    pub fn settings(&self) -> Vec<(String, Value)> {
        match self.value.get() {
            Some(value) => settings_of(value),
            None => settings_of(&serde_json::from_str(&self.text).unwrap_or_default()),
        }
    }
}

impl Deref for StoredSpec {
    type Target = Value;

    fn deref(&self) -> &Value {
        self.value.get_or_init(|| serde_json::from_str(&self.text).unwrap_or_default())
    }
}

impl From<Value> for StoredSpec {
    fn from(value: Value) -> Self {
        Self { text: Arc::default(), value: value.into() }
    }
}

impl PartialEq for StoredSpec {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for StoredSpec {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(out)
    }
}

impl Serialize for StoredSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

/// One stored run: a row of `summary`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The run.
    pub run: RunId,
    /// This storing of it, by what it holds ([`Self::with_id`]): two people may each store the same run, curves belong
    /// to one storing. Storings that came to the same share it.
    pub record: String,
    /// Who asked for it first.
    pub origin: Origin,
    /// Seed.
    pub seed: u64,
    /// The full spec, as in `RunSpec::canonical`.
    pub spec: StoredSpec,
    /// Content hash of the dataset file, empty for generated data.
    pub dataset_hash: String,
    /// Numerics version of the engine that made it.
    pub engine: u32,
    /// How it ended.
    pub status: Status,
    /// What ended it (`train_loss`, `steps`, `diverged`), or the error's message.
    pub reason: String,
    /// Fingerprints of everything that was measured (`MeasureSpec::fingerprint`).
    pub measured: Vec<String>,
    /// Final value of every measure, by column name; NaN is kept as NaN.
    #[serde(with = "number::named")]
    pub measures: BTreeMap<String, f64>,
    /// Steps taken.
    pub steps: u64,
    /// Seconds of wall time.
    #[serde(with = "number::one")]
    pub seconds: f64,
    /// When it ended, RFC 3339.
    pub finished: String,
    /// Where it was made.
    pub host: String,
    /// Version of lowland that made it.
    pub version: String,
    /// Whether its curve was stored and is not there any more. It is no part of what was stored.
    #[serde(skip)]
    pub lost_curve: bool,
}

#[cfg(test)]
impl RunRecord {
    /// A run that was done in a step, of which nothing else is known: tests say what matters to them.
    pub fn blank() -> Self {
        Self {
            run: RunId::of(&[b"x"]),
            record: String::new(),
            origin: Origin { entry: String::new(), cell: String::new(), arm: String::new(), point: vec![] },
            seed: 0,
            spec: serde_json::json!({}).into(),
            dataset_hash: String::new(),
            engine: 1,
            status: Status::Done,
            reason: String::new(),
            measured: vec![],
            measures: BTreeMap::new(),
            steps: 1,
            seconds: 1.0,
            finished: String::new(),
            host: String::new(),
            version: String::new(),
            lost_curve: false,
        }
    }
}

impl RunRecord {
    /// Whether it is a result, and all there.
    pub fn is_whole(&self) -> bool {
        self.status.is_result() && !self.lost_curve
    }

    /// The record under the name of its content, `curve` being that of its curve. The name holds everything that a run
    /// came to and nothing of when, where, how fast and for whom, so that the same results are the same record.
    #[must_use]
    pub fn with_id(mut self, curve: &CurveHash) -> Self {
        let (measured, mut measures) = (self.measured.join(" "), Vec::new());
        for (name, value) in &self.measures {
            measures.extend_from_slice(name.as_bytes());
            measures.push(0);
            measures.extend_from_slice(&bits(*value));
        }
        let hash = ids::content_hash(&[
            b"lowland record",
            self.run.as_str().as_bytes(),
            &self.engine.to_le_bytes(),
            self.status.name().as_bytes(),
            self.reason.as_bytes(),
            &self.steps.to_le_bytes(),
            measured.as_bytes(),
            &measures,
            curve.finish().as_bytes(),
        ]);
        hash[..Self::NAME].clone_into(&mut self.record);
        self
    }

    /// Length of a name made by [`Self::with_id`].
    const NAME: usize = 16;

    /// Whether its name looks like one made by [`Self::with_id`].
    pub fn is_named_by_content(&self) -> bool {
        self.record.len() == Self::NAME && self.record.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

/// The hash of a curve, grown row by row. Values that are NaN are left out, as they are in the tables, so that the curve
/// read from there has the same.
#[derive(Clone, Debug, Default)]
pub struct CurveHash {
    rows: u64,
    hasher: blake3::Hasher,
}

impl CurveHash {
    /// Takes in the next row.
    pub fn push<'a>(&mut self, step: u64, epoch: f64, values: impl Iterator<Item = (&'a String, f64)>) {
        self.rows += 1;
        self.hasher.update(&step.to_le_bytes()).update(&bits(epoch));
        for (name, value) in values.filter(|(_, value)| !value.is_nan()) {
            self.hasher.update(name.as_bytes()).update(&[0]).update(&bits(value));
        }
        self.hasher.update(b"\n");
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The hash of the rows so far.
    pub fn finish(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }
}

/// All NaN are one: neither JSON nor a table tells them apart.
fn bits(value: f64) -> [u8; 8] {
    if value.is_nan() { f64::NAN } else { value }.to_bits().to_le_bytes()
}

/// What was recorded of a run along the way, a row per recorded step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Steps taken when the row was recorded, increasing.
    pub steps: Vec<u64>,
    /// The same in epochs.
    pub epochs: Vec<f64>,
    /// One column per quantity, each as long as `steps`; NaN where it was not measured at that step.
    pub columns: BTreeMap<String, Vec<f64>>,
    /// Spectra and slices.
    pub details: Details,
}

impl Curve {
    /// Appends a row.
    pub fn push(&mut self, step: u64, epoch: f64, values: &BTreeMap<String, f64>) {
        let rows = self.steps.len();
        self.steps.push(step);
        self.epochs.push(epoch);
        for name in values.keys() {
            self.columns.entry(name.clone()).or_insert_with(|| vec![f64::NAN; rows]);
        }
        for (name, column) in &mut self.columns {
            column.push(values.get(name).copied().unwrap_or(f64::NAN));
        }
    }

    /// Its hash.
    pub fn hash(&self) -> CurveHash {
        let mut hash = CurveHash::default();
        for (row, (&step, &epoch)) in self.steps.iter().zip(&self.epochs).enumerate() {
            let value = |column: &Vec<f64>| column.get(row).copied().unwrap_or(f64::NAN);
            hash.push(step, epoch, self.columns.iter().map(|(name, column)| (name, value(column))));
        }
        hash
    }

    /// The measured points of one quantity.
    pub fn points(&self, name: &str) -> impl Iterator<Item = (u64, f64)> + '_ {
        let column = self.columns.get(name).map_or(&[][..], Vec::as_slice);
        self.steps.iter().copied().zip(column.iter().copied()).filter(|(_, value)| !value.is_nan())
    }
}
