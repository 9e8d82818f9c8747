//! lowland: a lab notebook that lives in a terminal.
//!
//! The map of the house. Rooms stand in layers and import only downward (`tests/layering.rs` holds that):
//!
//! ```text
//! src/main.rs    exit(lowland::cli::main())
//!  0 base/       ids, clock, paths inside the notebook, atomic write, lock, Diagnostic
//!  1 entry/      a Markdown entry: blocks with byte spans, front matter text, cells as text
//!  1 spec/       YAML cell -> typed spec: schema, defaults, arms and sweep, canonical form, run id
//!  2 stats/      pure f64: summaries, intervals, paired tests, bootstrap, trends, down-sampling
//!  2 data/       datasets: read, check, generate, split, corrupt labels, standardise, checksum
//!  3 science/    rng, models, losses, optimisers, training loop, measures -> Observer
//!  3 store/      the Parquet tables: write once, read back, merge, compact; the journal of a run in flight
//!  4 runner/     queue -> worker processes; the supervisor that owns them and its clients; what runs cost
//!  4 compare/    align runs and curves, evaluate claims -> plain tables and verdicts
//!  5 notebook/   one folder on disk seen whole: entries, their cells, the state and results of each
//!  6 render/     entries, comparisons, claims -> styled text; glyph sets, widths, colour depth
//!  7 tui/        model, msg, update -> Vec<Effect>, view/ (one file per panel), keymap, terminal guard, driver
//!  8 cli/        arguments -> plan, one file per subcommand, exit codes, the worker's entry point
//! ```
//!
//! `notebook` is a room of its own because the screen and every subcommand need the same answer to "what
//! stands in this folder and what has been run of it": without it both would gather that themselves.

pub mod base;
pub mod cli;
pub mod compare;
pub mod data;
pub mod entry;
pub mod notebook;
pub mod render;
pub mod runner;
pub mod science;
pub mod spec;
pub mod stats;
pub mod store;
pub mod tui;
