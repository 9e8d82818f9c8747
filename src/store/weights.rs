//! Final weights as safetensors, which PyTorch, JAX and candle load.

use std::io::{self, Read, Write};
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};

use super::StoreError;
use crate::base::files;

/// Tensors in order: name, shape, values.
pub type Weights = Vec<(String, Vec<usize>, Vec<f32>)>;

/// Writes weights into a file of its own. It is not synced: whoever moves it to its place does that for many at once,
/// and [`is_whole`] tells whether the system went down in between.
pub fn write_weights(path: &Path, weights: &[(String, Vec<usize>, Vec<f32>)]) -> Result<(), StoreError> {
    let fault = |error: safetensors::SafeTensorError| StoreError::Weights {
        path: path.to_owned(),
        problem: error.to_string(),
    };
    let bytes: Vec<Vec<u8>> = weights.iter().map(|(_, _, values)| to_bytes(values)).collect();
    let views = weights.iter().zip(&bytes).map(|((name, shape, _), bytes)| {
        Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(fault)?))
    });
    let file = serialize(views.collect::<Result<Vec<_>, StoreError>>()?, None).map_err(fault)?;
    let write = || files::begin(path)?.write_all(&file);
    write().map_err(StoreError::at(path))
}

/// Whether a file of weights has all its bytes. Only its head and its length are looked at.
pub fn is_whole(path: &Path) -> bool {
    // Longer than the names of any network that fits into memory.
    const LONGEST_HEAD: u64 = 64 << 20;
    let length = || -> io::Result<(u64, u64)> {
        let mut file = files::open_own(path)?;
        let length = file.metadata()?.len();
        let mut size = [0; 8];
        file.read_exact(&mut size)?;
        let size = u64::from_le_bytes(size);
        let mut head = vec![0; size.min(LONGEST_HEAD) as usize];
        file.read_exact(&mut head)?;
        let head: serde_json::Value = serde_json::from_slice(&head)?;
        let tensors = head.as_object().into_iter().flat_map(|tensors| tensors.values());
        let ends = tensors.filter_map(|tensor| tensor.get("data_offsets")?.get(1)?.as_u64());
        Ok((8 + size + ends.max().unwrap_or(0), length))
    };
    length().is_ok_and(|(told, real)| told == real)
}

/// Reads the f32 tensors of a file, sorted by name.
pub fn read_weights(path: &Path) -> Result<Weights, StoreError> {
    let bytes = files::read_own(path).map_err(StoreError::at(path))?;
    let fault = |problem: String| StoreError::Weights { path: path.to_owned(), problem };
    let tensors = SafeTensors::deserialize(&bytes).map_err(|error| fault(error.to_string()))?;
    let mut weights = Weights::new();
    for (name, view) in tensors.iter() {
        if view.dtype() != Dtype::F32 {
            return Err(fault(format!("`{name}` is not in f32")));
        }
        weights.push((name.to_owned(), view.shape().to_vec(), from_bytes(view.data())));
    }
    weights.sort_by(|(a, _, _), (b, _, _)| a.cmp(b));
    Ok(weights)
}

/// Numbers as safetensors has them.
pub(super) fn to_bytes(values: &[f32]) -> Vec<u8> {
    let mut bytes = vec![0; 4 * values.len()];
    for (bytes, value) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(values) {
        *bytes = value.to_le_bytes();
    }
    bytes
}

/// The numbers that stand in `bytes`.
pub(super) fn from_bytes(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn weights_come_back_bit_for_bit_and_a_damaged_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let weights = vec![
            ("layer.0.bias".to_owned(), vec![2], vec![f32::MIN_POSITIVE, -0.0]),
            ("layer.0.weight".to_owned(), vec![2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 0.1]),
        ];
        write_weights(&path, &weights).unwrap();
        assert_eq!(read_weights(&path).unwrap(), weights);
        let bytes = fs::read(&path).unwrap();
        assert!(is_whole(&path));
        for length in [0, 4, 8, bytes.len() - 1] {
            fs::write(&path, &bytes[..length]).unwrap();
            assert!(!is_whole(&path), "{length}");
            assert!(matches!(read_weights(&path), Err(StoreError::Weights { .. })), "{length}");
        }
    }

    #[test]
    fn a_shape_that_does_not_fit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let weights = [("w".to_owned(), vec![2, 2], vec![1.0])];
        let path = folder.path().join("w.safetensors");
        assert!(matches!(write_weights(&path, &weights), Err(StoreError::Weights { .. })));
        assert!(!path.exists());
    }
}
