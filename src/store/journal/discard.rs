//! Throwing away what is left of interrupted runs that nobody asks for any more.

use std::fs;
use std::path::Path;

use super::claim::Claim;
use super::{harvest, live};
use crate::base::RunId;

/// What was thrown away, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Discarded {
    /// Runs.
    pub runs: usize,
    /// Bytes of their journals and checkpoints.
    pub bytes: u64,
}

/// Removes what is left below `live_root` of interrupted runs that are `unwanted`; with `dry_run` it is only counted.
/// A run that some process is at stays, and so does one that has ended, for it is about to be stored.
pub fn discard(live_root: &Path, unwanted: &dyn Fn(&RunId) -> bool, dry_run: bool) -> Discarded {
    let mut discarded = Discarded::default();
    for (run, folder) in live::folders(live_root).into_iter().filter(|(run, _)| unwanted(run)) {
        let bytes = bytes(&folder);
        let gone = if dry_run {
            !Claim::is_held(&folder) && live::finished(&run, &folder).is_none()
        } else {
            match Claim::take_existing(&folder) {
                Ok(Some(_claim)) if live::finished(&run, &folder).is_none() => {
                    harvest::remove(&folder).is_ok()
                }
                _ => false,
            }
        };
        if gone {
            discarded.runs += 1;
            discarded.bytes += bytes;
        }
    }
    discarded
}

fn bytes(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::journal::{JournalWriter, Start, live_root};
    use crate::store::tests::record;
    use crate::store::{RunRecord, Status};

    fn begin(live: &Path, record: &RunRecord) -> JournalWriter {
        let start = Start {
            run: record.run.clone(),
            origin: record.origin.clone(),
            spec: json!({}),
            total_steps: 10,
            pid: 7,
            host: "here".to_owned(),
            started: "2026-11-22T08:00:00.000Z".to_owned(),
            seconds: 0.0,
        };
        JournalWriter::create(live, &start).unwrap()
    }

    #[test]
    fn only_what_is_left_of_interrupted_runs_goes_and_only_of_those_named() {
        let root = tempfile::tempdir().unwrap();
        let live = live_root(root.path());
        let [dead, wanted, going, ended] =
            ["dead", "wanted", "going", "ended"].map(|name| record(name, Status::Done));
        drop(begin(&live, &dead));
        drop(begin(&live, &wanted));
        let at_it = begin(&live, &going);
        begin(&live, &ended).finish(&ended).unwrap();
        fs::create_dir(live.join("crews")).unwrap();
        let unwanted = |run: &RunId| *run != wanted.run;
        let plan = discard(&live, &unwanted, true);
        assert_eq!(fs::read_dir(&live).unwrap().count(), 5, "a dry run removes nothing");
        assert_eq!(discard(&live, &unwanted, false), plan);
        assert!(plan.runs == 1 && plan.bytes > 0, "{plan:?}");
        assert!(!live.join(dead.run.as_str()).exists());
        assert_eq!(fs::read_dir(&live).unwrap().count(), 4);
        drop(at_it);
        assert_eq!(discard(&live, &unwanted, false).runs, 1, "nobody is at it any more");
    }
}
