//! The command line, as data: clap makes the help, the completions and the errors from it.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::notebook::templates::TEMPLATES;

/// A lab notebook in the terminal: a Markdown research log whose experiments run, whose comparisons draw
/// themselves and whose claims are judged by the results.
#[derive(Debug, Parser)]
#[command(name = "lowland", version, about, max_term_width = 100, disable_help_subcommand = true)]
#[command(
    after_help = "Without a command lowland opens the notebook of this folder (or prints the log, when piped)."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Settings that every command takes.
    #[command(flatten)]
    pub global: Global,
}

/// Settings that every command takes.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The notebook's folder; by default the nearest one, from here upwards, with `entries/` in it.
    #[arg(long, short = 'C', value_name = "FOLDER", global = true)]
    pub notebook: Option<PathBuf>,
    /// Draw with plain ASCII characters only.
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Print no colour (also: the variable `NO_COLOR`).
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train what is missing of an entry or cell, then draw and judge it.
    Run(Run),
    /// Print an entry with its results, or one of its cells.
    Show(Show),
    /// Print the log: every entry with its state and verdicts.
    List(List),
    /// Append a line, with its time, to today's entry; begin one if there is none.
    Log(Log),
    /// Begin a new entry, from `entries/.template.md` if there is one.
    New(New),
    /// Search the text of all entries; exit with 1 if it is found nowhere.
    Search(Search),
    /// Judge every claim; exit with 1 if one marked `must` no longer holds, or a cell is broken.
    Check(Check),
    /// Compare cells, or arms of cells (`entry#cell`, `entry#cell:arm`), side by side: a sentence, charts, numbers.
    Compare(Compare),
    /// Print a table of runs: any setting and measure, filtered, sorted, over seeds.
    Runs(Runs),
    /// Train stored runs again, and say of each whether it comes out the same; exit with 1 if one does not.
    Verify(Verify),
    /// Merge the many small files of results into few.
    Compact(Compact),
    /// Remove stored runs that no cell asks for any more.
    Gc(Gc),
    /// Follow the runs that are going until the last of them has ended.
    Watch(Watch),
    /// Stop runs that are going or queued, in whatever terminal they were asked for.
    Stop(Stop),
    /// Measure stored runs at their final weights, without training them again.
    Measure(Measure),
    /// Walk from the weights of some runs to those of others: the loss between them and its barrier.
    Barrier(Barrier),
    /// Print every claim by what it puts to the test: verdict, estimate, seeds, cost.
    Ledger(Ledger),
    /// List what can be measured: formula, unit, invariances, estimator, cost, reference.
    Measures(Measures),
    /// Explain the format of entries and cells.
    Help(Help),
    /// Print shell completions.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// Execute runs for another lowland process (not for people).
    #[command(hide = true)]
    Worker(Worker),
    /// Have the runs of a notebook executed (not for people: started when there is something to run).
    #[command(hide = true)]
    Supervise(Supervise),
}

/// `run`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, clippy::struct_field_names, reason = "flags of a command line")]
pub struct Run {
    /// Entries by any unique part of their name, or cells as `entry#cell`.
    #[arg(value_name = "ENTRY[#CELL]", required_unless_present = "needed")]
    pub targets: Vec<String>,
    /// Everything in the notebook that is not fresh.
    #[arg(long, conflicts_with = "targets")]
    pub needed: bool,
    /// Cells marked `cost: full` too.
    #[arg(long)]
    pub full: bool,
    /// Say what would be run and what it would cost, and run nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Return at once: the runs go on by themselves (`lowland watch` follows them).
    #[arg(long, conflicts_with = "json")]
    pub detach: bool,
    /// So many of these runs at once, at most; by default one per core. Runs of other orders do not count.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// Print the results as JSON; with --dry-run, the plan.
    #[arg(long)]
    pub json: bool,
}

/// `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// An entry by any unique part of its name, or a cell as `entry#cell`.
    #[arg(value_name = "ENTRY[#CELL]")]
    pub target: String,
    /// Draw its pictures below their captions, as characters.
    #[arg(long, conflicts_with = "json")]
    pub images: bool,
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `list`.
#[derive(Debug, Args)]
pub struct List {
    /// The runs that are going or queued instead.
    #[arg(long)]
    pub running: bool,
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `log`.
#[derive(Debug, Args)]
pub struct Log {
    /// What to append.
    #[arg(required = true)]
    pub text: Vec<String>,
}

/// `new`.
#[derive(Debug, Args)]
pub struct New {
    /// Begin from cells that run as they are.
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(TEMPLATES.map(|(name, _)| name)))]
    pub template: Option<String>,
    /// Its title.
    #[arg(required = true)]
    pub title: Vec<String>,
}

/// `search`.
#[derive(Debug, Args)]
pub struct Search {
    /// What to search for. Case counts only where there is a capital; a space stands for any white space.
    #[arg(required = true)]
    pub phrase: Vec<String>,
    /// Print an array of {entry, line, text}.
    #[arg(long)]
    pub json: bool,
}

/// `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Entries by any unique part of their name; all, if none is named.
    #[arg(value_name = "ENTRY")]
    pub entries: Vec<String>,
    /// Print an array of {entry, claim, verdict, estimate, low, high, n}.
    #[arg(long)]
    pub json: bool,
}

/// `ledger`.
#[derive(Debug, Args)]
pub struct Ledger {
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
    /// Print it as a Markdown table.
    #[arg(long, conflicts_with = "json")]
    pub md: bool,
}

/// `compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// Cells as `entry#cell`, or single arms of them as `entry#cell:arm`; an entry stands for its only experiment.
    #[arg(value_name = "CELL[:ARM]", required = true)]
    pub targets: Vec<String>,
    /// Quantities to show, separated by commas.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub show: Vec<String>,
    /// The arm that differences are taken to.
    #[arg(long, value_name = "ARM")]
    pub baseline: Option<String>,
    /// How the seeds are spread, as histograms, in the place of curves.
    #[arg(long)]
    pub seeds: bool,
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `runs`.
#[derive(Debug, Args)]
#[command(after_help = RUNS_HELP)]
pub struct Runs {
    /// An entry by any unique part of its name, or a cell as `entry#cell`; all runs of the notebook, if none is named.
    #[arg(value_name = "ENTRY[#CELL]")]
    pub target: Option<String>,
    /// Only these runs: `lr>=0.001 model~mlp NOT tag:old has:lambda_max`.
    #[arg(long, short, value_name = "FILTER")]
    pub filter: Option<String>,
    /// These columns, separated by commas: `arm, min test_loss, =optimizer.learning_rate as lr`. By default the settings
    /// in which the runs differ, and what came of them.
    #[arg(long, short, value_name = "COLUMNS")]
    pub columns: Option<String>,
    /// Sorted by this column; `-` before its name for the greatest first.
    #[arg(long, short, value_name = "[-]COLUMN", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// One row for runs that differ in nothing but the seed: mean ± 95 % interval.
    #[arg(long, short)]
    pub group: bool,
    /// Every column that has anything.
    #[arg(long, short, conflicts_with = "columns")]
    pub all: bool,
    /// Outcomes as differences to this run, or with --group to the mean that it is in, paired by seed where seeds match:
    /// the beginning of its id, or a filter that leaves one row (`'arm=flat lr=0.1'`).
    #[arg(long, short, value_name = "ROW")]
    pub baseline: Option<String>,
    /// Instead of the table, in what two rows differ: settings, and what came of them. Rows are named as for --baseline.
    #[arg(
        long,
        num_args = 2,
        value_names = ["A", "B"],
        conflicts_with_all = ["filter", "columns", "sort", "all", "baseline"]
    )]
    pub diff: Option<Vec<String>>,
    /// Print an array of {entry, cell, arm, runs, status, columns}; of --diff {from, to, settings, outcomes, same}.
    #[arg(long)]
    pub json: bool,
}

/// The language of filters and columns.
const RUNS_HELP: &str = "\
A filter is terms side by side, which hold together; OR, NOT (also - or !) and parentheses join them.
  lr>=0.001  model~mlp       a setting, by any end of its path that is no other's (lr: learning_rate)
  test_loss<0.1              what was measured at the end
  min(test_loss)<0.1         a curve as one number: first last min max mean argmin argmax
  has:lambda_max             runs that have it
  status:diverged  tag:old   also id, entry, cell, arm, seed, steps, seconds, reason, finished, host
  edge                       a word in the name of the entry, cell or arm
Signs: = (or :) != < <= > >= ~ (contains) !~. What has spaces or signs in it stands in \"quotes\".";

/// `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// An entry by any unique part of its name, or a cell as `entry#cell`; all of the notebook, if none is named.
    #[arg(value_name = "ENTRY[#CELL]")]
    pub target: Option<String>,
    /// Cells marked `cost: full` too.
    #[arg(long)]
    pub full: bool,
    /// Only so many runs, taken at random from all cells in turn.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub sample: Option<u32>,
    /// Seed of the sample, to take the same again.
    #[arg(long, value_name = "S", requires = "sample")]
    pub seed: Option<u64>,
    /// Worker processes; by default one per core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// How far a value may be off and still count as the same, relative to the largest value that its quantity has in
    /// the stored run.
    #[arg(long, value_name = "REL", default_value = "1e-6", value_parser = tolerance)]
    pub tolerance: f64,
    /// Print what is found of every run as JSON.
    #[arg(long)]
    pub json: bool,
}

fn tolerance(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "it must be a number such as 1e-6".to_owned())?;
    if number.is_finite() && number >= 0.0 { Ok(number) } else { Err("it must be 0 or more".to_owned()) }
}

/// `compact`.
#[derive(Debug, Args)]
pub struct Compact {
    /// Say what would be merged, and merge nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `gc`.
#[derive(Debug, Args)]
pub struct Gc {
    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Remove it without asking.
    #[arg(long)]
    pub yes: bool,
}

/// `stop`.
#[derive(Debug, Args)]
pub struct Stop {
    /// Entries or cells whose runs to stop; all runs of the notebook, if none is named.
    #[arg(value_name = "ENTRY[#CELL]")]
    pub targets: Vec<String>,
}

/// `watch`.
#[derive(Debug, Args)]
pub struct Watch {}

/// `supervise`.
#[derive(Debug, Args)]
pub struct Supervise {
    /// It is in a session of its own already.
    #[arg(long)]
    pub detached: bool,
    /// Seconds with nothing to do after which it ends.
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    pub idle: f64,
}

/// `worker`.
#[derive(Debug, Args)]
pub struct Worker {
    /// Where the journals go, if not where the notebook has them.
    #[arg(long, value_name = "FOLDER")]
    pub live: Option<PathBuf>,
}

/// `measure`.
#[derive(Debug, Args)]
pub struct Measure {
    /// A cell as `entry#cell`, or one arm of it as `entry#cell:arm`; an entry stands for its only experiment.
    #[arg(value_name = "CELL[:ARM]")]
    pub target: String,
    /// What to measure: names, with settings if need be, as in `lambda_max:tolerance=1e-8,steps=300`. By default whatever
    /// the cell asks for and its stored runs lack.
    #[arg(value_name = "MEASURE")]
    pub measures: Vec<String>,
    /// Measure the same functions at other weights: the first layer times ALPHA, the second divided by it, for each
    /// ALPHA in turn. Of relu and linear networks; printed, and not stored.
    #[arg(long, value_name = "ALPHA,…", value_delimiter = ',', value_parser = positive)]
    pub rescale: Vec<f64>,
    /// Runs measured at once; by default one per core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// Print what was found of each run as JSON.
    #[arg(long)]
    pub json: bool,
}

fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "a number above 0 is wanted".to_owned())?;
    if number.is_finite() && number > 0.0 { Ok(number) } else { Err("a number above 0 is wanted".to_owned()) }
}

/// `barrier`.
#[derive(Debug, Args)]
pub struct Barrier {
    /// Where the ways begin: an arm as `entry#cell:arm`, or a cell that has one.
    #[arg(value_name = "CELL[:ARM]")]
    pub from: String,
    /// Where they end. Runs of the same seed are paired. If it is the same arm, each seed is paired with the next.
    #[arg(value_name = "CELL[:ARM]")]
    pub to: String,
    /// Places on each way, both ends among them.
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u16).range(3..=1001))]
    pub points: u16,
    /// Find a quadratic Bezier curve of low loss, too.
    #[arg(long)]
    pub curve: bool,
    /// Pairs at once; by default one per core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// Print what was found of each pair as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `measures`.
#[derive(Debug, Args)]
pub struct Measures {
    /// Only these; all, if none is named.
    #[arg(value_name = "MEASURE")]
    pub names: Vec<String>,
    /// Print them as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `help`.
#[derive(Debug, Args)]
pub struct Help {
    /// `cells` (their keys), `measures` (what can be measured), `keys` (those of the screen, with
    /// their names for `config.yaml`), or a command.
    pub topic: Option<String>,
}
