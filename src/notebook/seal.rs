//! Predictions that were fixed before their runs. When runs are asked for, what the claims of their entries predict is
//! put on record: one small file each, by the name of the prediction ([`crate::spec::prediction`]) and the time. What is
//! changed afterwards has another name, and none on record.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::snapshot::{CellView, Entry};
use crate::base::{atomic, clock, paths};
use crate::store::RunRecord;

/// Where they are on record, within the notebook.
const FOLDER: &str = "runs/predictions";

/// When a prediction was put on record, and its runs were made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fixed {
    /// It is not on record: nothing was run for it, or it was changed since.
    #[default]
    Not,
    /// On record, but some of its runs had begun before.
    After,
    /// On record before all of its runs.
    Before,
}

/// The predictions on record: by name, when each was put there first, in milliseconds since the Unix epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seals(HashMap<String, u64>);

impl Seals {
    /// Those of the notebook at `root`. Only names are read.
    pub fn read(root: &Path) -> Self {
        let mut seals = HashMap::new();
        let folder = folder(root).ok();
        for file in folder.into_iter().flat_map(fs::read_dir).flatten().flatten() {
            let name = file.file_name();
            let parts = name.to_str().and_then(|name| name.strip_suffix(".json")?.split_once('-'));
            if let Some((name, Ok(time))) = parts.map(|(name, time)| (name, time.parse::<u64>())) {
                let first = seals.entry(name.to_owned()).or_insert(time);
                *first = time.min(*first);
            }
        }
        Self(seals)
    }

    /// How many there are: a number that moves when one comes.
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// How a prediction stands to these runs of it.
    pub fn fixed<'a>(&self, name: &str, mut runs: impl Iterator<Item = &'a RunRecord>) -> Fixed {
        let Some(&time) = self.0.get(name) else { return Fixed::Not };
        let age = clock::unix_seconds() - time as f64 / 1000.0;
        // A run that ended long ago and took long was begun before that.
        let began_earlier = |run: &RunRecord| {
            clock::seconds_since(&run.finished).is_none_or(|since| since + run.seconds > age + SLACK)
        };
        if runs.any(began_earlier) { Fixed::After } else { Fixed::Before }
    }
}

/// Clocks are read one after the other, in seconds.
const SLACK: f64 = 0.02;

/// One, as its file tells people.
#[derive(Serialize)]
struct OnRecord<'a> {
    entry: &'a str,
    claim: &'a str,
    says: &'a str,
    kind: crate::spec::ClaimKind,
    expect: &'a str,
    smallest_effect: f64,
    source: &'a [String],
    from: &'a [String],
    at: String,
}

/// Puts what the claims of an entry predict on record, where it is not yet.
pub fn seal(root: &Path, entry: &Entry) -> io::Result<()> {
    let claims = entry.cells.iter().filter_map(|cell| match cell {
        CellView::Claim(view) => Some(view),
        _ => None,
    });
    for view in claims.filter(|view| view.fixed == Fixed::Not && !view.prediction.is_empty()) {
        let claim = &view.claim;
        let on_record = OnRecord {
            entry: &entry.slug,
            claim: &claim.id,
            says: &claim.says,
            kind: claim.kind,
            expect: &claim.expect_text,
            smallest_effect: claim.smallest_effect,
            source: &claim.source,
            from: &claim.from,
            at: clock::now(),
        };
        let folder = folder(root)?;
        fs::create_dir_all(&folder)?;
        let file = format!("{}-{}.json", view.prediction, (clock::unix_seconds() * 1000.0) as u64);
        atomic::write(&folder.join(file), &serde_json::to_vec(&on_record)?)?;
    }
    Ok(())
}

fn folder(root: &Path) -> io::Result<PathBuf> {
    paths::inside(root, FOLDER).map_err(io::Error::other)
}
