//! The columns of the tables. Their types are fixed by what they mean, never by what a file happens to hold, so that
//! files of different writers unite: numbers of a spec and of a measurement are always f64, lists are JSON text.

/// Columns that every summary has, besides settings and measures.
pub const SUMMARY: [&str; 19] = [
    "run",
    "record",
    "entry",
    "cell",
    "arm",
    "point",
    "seed",
    "spec",
    "dataset_hash",
    "engine_version",
    "status",
    "reason",
    "measured",
    "steps",
    "seconds",
    "finished",
    "host",
    "version",
    "curves",
];

/// Columns that every table of curves has, besides quantities.
pub const CURVES: [&str; 4] = ["run", "record", "step", "epoch"];

/// Settings without a dot in their path. `seed` is a column of its own, as an integer.
const TOP_SETTINGS: [&str; 2] = ["engine", "loss"];

/// Whether a setting of this path gets a column. The rest stands in `spec` alone.
pub fn is_setting(path: &str) -> bool {
    path.contains('.') || TOP_SETTINGS.contains(&path)
}

/// Whether a column of a summary is a measure: whatever is nothing else.
pub fn is_measure(name: &str) -> bool {
    !name.is_empty() && !is_setting(name) && !SUMMARY.contains(&name) && !is_partition(name)
}

/// Whether a column of curves is a quantity.
pub fn is_quantity(name: &str) -> bool {
    !name.is_empty() && !CURVES.contains(&name) && !is_partition(name)
}

/// `date` is a column that readers take from the folder's name.
fn is_partition(name: &str) -> bool {
    name == "date"
}
