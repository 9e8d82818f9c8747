//! What is read before is read after, whatever is stored.

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;

use super::*;

prop_compose! {
    /// A run of few names, so that several are stored more than once, under few records.
    fn any_run()(
        name in 0..5_u8, storing in 0..3_u8, host in 0..3_u8, rows in 0..5_u64, measured in 0..3_usize,
        value in prop_oneof![Just(f64::NAN), Just(-0.0), any::<f64>()], status in prop::sample::select(&Status::ALL[..]),
    ) -> (RunRecord, Curve) {
        let mut run = record(&format!("run {name}"), status);
        run.record = format!("{name}.{storing}");
        run.host = format!("host {host}");
        run.measured = (0..measured).map(|how| format!("lambda_max(steps={how})")).collect();
        run.measures.insert("hessian_trace".to_owned(), value);
        (run, curve(rows))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn reading_before_is_reading_after(
        files in prop::collection::vec(prop::collection::vec(any_run(), 1..4), 1..6), keep in 0..32_u8,
    ) {
        // A storing is stored once, or again as it was, here or elsewhere.
        let mut known: BTreeMap<String, (RunRecord, Curve)> = BTreeMap::new();
        let mut once = |run: (RunRecord, Curve)| {
            let host = run.0.host.clone();
            let (record, curve) = known.entry(run.0.record.clone()).or_insert(run).clone();
            (RunRecord { host, ..record }, curve)
        };
        let files: Vec<Vec<_>> =
            files.into_iter().map(|runs| runs.into_iter().map(&mut once).collect()).collect();
        let (folder, store) = notebook(&files.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let before = seen(folder.path());
        let done = store.compact(false).unwrap();
        prop_assert!(done.left.is_empty(), "{:?}", done.left);
        prop_assert_eq!(super::files(folder.path(), "summary").len(), 1);
        prop_assert_eq!(&seen(folder.path()), &before);
        let keep: HashSet<RunId> = (0..5_u8).filter(|at| keep & (1 << at) != 0)
            .map(|at| RunId::of(&[format!("run {at}").as_bytes()])).collect();
        store.discard(&keep, false).unwrap();
        let kept: Seen = before.into_iter().filter(|(run, _)| keep.contains(&run.parse().unwrap())).collect();
        prop_assert_eq!(seen(folder.path()), kept);
    }
}
