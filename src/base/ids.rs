//! Names made from content.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A run's name: the first 128 bits of the BLAKE3 hash of everything that decides its result, in hexadecimal.
///
/// 128 bits are enough that no two different runs of any notebook, merged with any other, will ever share a name
/// by chance, and short enough to stand in a path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

impl RunId {
    const LENGTH: usize = 32;

    /// The name of the run that these parts decide. Parts are length-prefixed, so they cannot run together.
    pub fn of(parts: &[&[u8]]) -> Self {
        Self(content_hash(parts)[..Self::LENGTH].to_owned())
    }

    /// All of it, for paths and files.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough of it for a person.
    pub fn short(&self) -> &str {
        &self.0[..8]
    }
}

/// BLAKE3 of length-prefixed parts, in hexadecimal.
pub fn content_hash(parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex().to_string()
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunId({})", self.short())
    }
}

impl FromStr for RunId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let valid = text.len() == Self::LENGTH
            && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        valid.then(|| Self(text.to_owned())).ok_or_else(|| format!("`{text}` is not a run id"))
    }
}

impl TryFrom<String> for RunId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(RunId::of(&[b"ab", b"c"]), RunId::of(&[b"a", b"bc"]));
    }

    #[test]
    fn only_a_whole_lower_case_id_parses() {
        let id = RunId::of(&[b"x"]);
        assert_eq!(id.as_str().parse(), Ok(id.clone()));
        assert!("../../../../../../../../etc/pass".parse::<RunId>().is_err());
        assert!(id.short().parse::<RunId>().is_err());
    }
}
