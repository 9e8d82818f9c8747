//! The last checkpoint of a run, beside its journal: a safetensors file with everything small in its metadata.
//!
//! It goes with the first rows of the journal, and names them by their number and hash. Rows after them were recorded
//! after it was made; a run that goes on from it makes them again. Nothing read here is taken on trust: a checkpoint
//! that is torn, damaged, of another run, engine or set of measures is none, and its run begins anew.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::CHECKPOINT;
use crate::base::{RunId, atomic, files, ids};
use crate::science::Checkpoint;
use crate::spec::ENGINE;
use crate::store::weights::{from_bytes, to_bytes};
use crate::store::{CurveHash, StoreError, number};

/// Version of the file. One of another version is none.
const FORMAT: u32 = 1;

/// Name of a checkpoint that is not in its place yet.
const FRESH: &str = "checkpoint.new";

/// Names in the metadata.
const HEADER: &str = "checkpoint";
const HASH: &str = "hash";

/// Largest file that is read: whatever lies in a stranger's notebook, it must not take all memory.
const LARGEST: u64 = 4 << 30;

/// Where a run stands, and what that belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Of which run, with which measures, after which rows.
    pub header: Header,
    /// Where the training stands.
    pub checkpoint: Checkpoint,
}

/// Of which run, with which measures, after which rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    format: u32,
    engine: u32,
    run: RunId,
    /// Fingerprints of what is measured.
    measured: Vec<String>,
    /// Seconds of training up to here, over all attempts.
    #[serde(with = "number::one")]
    pub seconds: f64,
    /// Rows of the journal that go with it.
    pub rows: u64,
    /// Hash of their content.
    curve: String,
    /// The small part of [`Checkpoint`].
    state: Map<String, Value>,
}

impl Header {
    /// For a checkpoint made now.
    pub fn new(
        run: &RunId,
        measured: &[String],
        seconds: f64,
        curve: &CurveHash,
        state: &Map<String, Value>,
    ) -> Self {
        Self {
            format: FORMAT,
            engine: ENGINE,
            run: run.clone(),
            measured: measured.to_vec(),
            seconds,
            rows: curve.rows(),
            curve: curve.finish(),
            state: state.clone(),
        }
    }

    /// Whether a run with these measures can go on from it, under this version of lowland.
    fn fits(&self, run: &RunId, measured: &[String]) -> bool {
        let versions = (self.format, self.engine) == (FORMAT, ENGINE);
        versions && self.run == *run && self.measured == measured && self.seconds >= 0.0
    }

    /// Whether these are its rows.
    pub fn belongs_to(&self, curve: &CurveHash) -> bool {
        self.rows == curve.rows() && self.curve == curve.finish()
    }
}

/// Writes a checkpoint into the folder of its run, over the one before.
pub fn write(folder: &Path, header: &Header, arrays: &BTreeMap<String, Vec<f32>>) -> Result<(), StoreError> {
    let path = folder.join(CHECKPOINT);
    let fault = |error: safetensors::SafeTensorError| StoreError::Weights {
        path: path.clone(),
        problem: error.to_string(),
    };
    let header = serde_json::to_string(header).map_err(|error| StoreError::at(&path)(error.into()))?;
    let arrays: Vec<_> = arrays.iter().map(|(name, values)| (name.as_str(), to_bytes(values))).collect();
    let hash = hash(&header, arrays.iter().map(|(name, bytes)| (*name, bytes.as_slice())));
    let views = arrays.iter().map(|(name, bytes)| {
        Ok((name, TensorView::new(Dtype::F32, vec![bytes.len() / 4], bytes).map_err(fault)?))
    });
    let metadata = HashMap::from([(HEADER.to_owned(), header), (HASH.to_owned(), hash)]);
    let views = views.collect::<Result<Vec<_>, StoreError>>()?;
    let bytes = serialize(views, Some(metadata)).map_err(fault)?;
    replace(folder, &bytes).map_err(StoreError::at(&path))
}

/// As [`atomic::write`], but always through a file of one name: a run that is killed over this again and again must not
/// leave one each time. Nobody else writes here, as whoever does has the claim.
fn replace(folder: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = folder.join(FRESH);
    let mut file = files::begin(&fresh)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(error) = written.and_then(|()| fs::rename(&fresh, folder.join(CHECKPOINT))) {
        // On a full disk the journal needs the room.
        let _ = fs::remove_file(&fresh);
        return Err(error);
    }
    atomic::sync_directory(folder)
}

/// The checkpoint in the folder of a run, if there is a sound one that fits.
pub fn read(folder: &Path, run: &RunId, measured: &[String]) -> Option<Kept> {
    let file = files::open_own(&folder.join(CHECKPOINT)).ok()?;
    if file.metadata().ok()?.len() > LARGEST {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    decode(&bytes).filter(|kept| kept.header.fits(run, measured))
}

fn decode(bytes: &[u8]) -> Option<Kept> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).ok()?;
    let named = metadata.metadata().as_ref()?;
    let tensors = SafeTensors::deserialize(bytes).ok()?;
    let views: BTreeMap<String, TensorView<'_>> = tensors.tensors().into_iter().collect();
    if views.values().any(|view| view.dtype() != Dtype::F32) {
        return None;
    }
    let header = named.get(HEADER)?;
    if *named.get(HASH)? != hash(header, views.iter().map(|(name, view)| (name.as_str(), view.data()))) {
        return None;
    }
    let header: Header = serde_json::from_str(header).ok()?;
    let arrays = views.iter().map(|(name, view)| (name.clone(), from_bytes(view.data()))).collect();
    let checkpoint = Checkpoint { state: header.state.clone(), arrays };
    Some(Kept { header, checkpoint })
}

/// Of everything in the file but itself; arrays in the order of their names.
fn hash<'a>(header: &str, arrays: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut parts = vec![&b"lowland checkpoint"[..], header.as_bytes()];
    for (name, bytes) in arrays {
        parts.extend([name.as_bytes(), bytes]);
    }
    ids::content_hash(&parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrays() -> BTreeMap<String, Vec<f32>> {
        let weights = vec![f32::MIN_POSITIVE, -0.0, 0.1, f32::NAN];
        BTreeMap::from([("weights".to_owned(), weights), ("velocity".to_owned(), Vec::new())])
    }

    fn header() -> Header {
        let mut curve = CurveHash::default();
        curve.push(0, 0.5, std::iter::empty());
        let state = Map::from_iter([("run".to_owned(), Value::from(u64::MAX))]);
        Header::new(&RunId::of(&[b"a"]), &["lambda_max(x)".to_owned()], 1.5, &curve, &state)
    }

    fn back(folder: &Path) -> Option<Kept> {
        read(folder, &header().run, &header().measured)
    }

    #[test]
    fn it_comes_back_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &header(), &arrays()).unwrap();
        let kept = back(folder.path()).unwrap();
        assert_eq!((&kept.header, &kept.checkpoint.state), (&header(), &header().state));
        assert_eq!(format!("{:?}", kept.checkpoint.arrays), format!("{:?}", arrays()));
    }

    #[test]
    fn one_of_something_else_is_none() {
        let mine = header();
        let others = [
            Header { format: FORMAT + 1, ..mine.clone() },
            Header { engine: ENGINE + 1, ..mine.clone() },
            Header { run: RunId::of(&[b"b"]), ..mine.clone() },
            Header { measured: Vec::new(), ..mine.clone() },
            Header { seconds: -1.0, ..mine.clone() },
            Header { seconds: f64::NAN, ..mine },
        ];
        for other in others {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), &other, &arrays()).unwrap();
            assert_eq!(back(folder.path()), None, "{other:?}");
        }
    }

    #[test]
    fn one_that_is_cut_short_or_changed_anywhere_is_none() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &header(), &arrays()).unwrap();
        let path = folder.path().join(CHECKPOINT);
        let good = fs::read(&path).unwrap();
        for length in 0..good.len() {
            assert_eq!(decode(&good[..length]), None, "{length}");
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(decode(&bad), None, "byte {at}");
        }
        let huge = fs::File::create(&path).unwrap();
        huge.set_len(LARGEST + 1).unwrap();
        assert_eq!(back(folder.path()), None);
    }
}
