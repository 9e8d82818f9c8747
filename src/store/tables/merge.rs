//! Two people may each have stored the same run: which storing stands for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::RunId;
use crate::store::RunRecord;

/// One record per run, by run id: a result before a failure, then the one that measured more, then the later.
pub fn merge<'a>(records: impl IntoIterator<Item = &'a Arc<RunRecord>>) -> Vec<Arc<RunRecord>> {
    let mut best: BTreeMap<&RunId, &Arc<RunRecord>> = BTreeMap::new();
    for record in records {
        let kept = best.entry(&record.run).or_insert(record);
        if rank(record) > rank(kept) {
            *kept = record;
        }
    }
    best.into_values().cloned().collect()
}

/// What decides, most important first; the record's own id makes the order total.
fn rank(record: &RunRecord) -> (bool, usize, &str, &str) {
    (record.status.is_result(), record.measured.len(), &record.finished, &record.record)
}
