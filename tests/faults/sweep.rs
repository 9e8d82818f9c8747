//! The runs that everything here is done to, and what they come to when nobody disturbs them.

use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::common::Notebook;
use crate::tables::Tables;

/// Has a run keep a checkpoint every so many seconds; by itself one as short as these keeps none.
pub const CHECKPOINTS: (&str, &str) = ("LOWLAND_CHECKPOINT_SECONDS", "0.01");

/// Should a run take longer than this, the machine stood still meanwhile.
const SLOWEST: Duration = Duration::from_millis(300);

/// A cell whose runs take some tenths of a second, a good part of it measuring.
fn cell(id: &str, hidden: &str, epochs: u32, seeds: u32) -> String {
    format!(
        "---\ntitle: {id}\n---\n
```yaml experiment
id: {id}
dataset: {{kind: teacher, inputs: 5, hidden: 4, classes: 3, train: 60, test: 60}}
model: {{kind: mlp, hidden: [{hidden}], activation: tanh}}
loss: squared
optimizer: {{learning_rate: 0.1, momentum: 0.5, batch_size: 10}}
stop: {{epochs: {epochs}}}
arms:
  slow: {{optimizer: {{learning_rate: 0.02}}}}
  fast: {{}}
seeds: {seeds}
measure: [{{lambda_max: {{every: 2000}}}}, {{hessian_trace: {{probes: 8}}}}, sam_sharpness]
```

```yaml compare
of: {id}
show: [train_loss, lambda_max]
baseline: slow
```
"
    )
}

/// A sweep: entries by name.
pub struct Sweep {
    /// Name and text of each entry.
    pub entries: Vec<(String, String)>,
    /// Runs altogether.
    pub runs: usize,
    /// How long one more run takes, all workers at work.
    pub pace: Duration,
    /// What an undisturbed notebook has in the end.
    pub undisturbed: Tables,
}

/// Twenty-four runs of three entries.
pub static LONG: LazyLock<Sweep> = LazyLock::new(|| {
    let entries = [("one", "8"), ("two", "6, 6"), ("three", "12")];
    let entries = entries.iter().enumerate();
    Sweep::of(
        entries.map(|(at, (id, hidden))| (format!("2026-01-0{}-{id}", at + 1), cell(id, hidden, 5000, 4))),
        24,
    )
});

/// Twelve runs of one entry.
pub static SHORT: LazyLock<Sweep> =
    LazyLock::new(|| Sweep::of([("2026-01-02-cell".to_owned(), cell("cell", "8", 5000, 6))], 12));

impl Sweep {
    fn of(entries: impl IntoIterator<Item = (String, String)>, runs: usize) -> Self {
        let entries: Vec<_> = entries.into_iter().collect();
        let notebook = Notebook::empty();
        write(&entries, &notebook);
        let began = Instant::now();
        let ran = notebook.run(&run(&entries));
        let pace = (began.elapsed() / runs as u32).min(SLOWEST);
        assert_eq!(ran.code, 0, "{ran:?}");
        let undisturbed = Tables::read(notebook.path());
        assert_eq!(undisturbed.runs(), runs);
        Self { entries, runs, pace, undisturbed }
    }

    /// A notebook with these entries, about to be disturbed.
    pub fn notebook(&self) -> Notebook {
        let notebook = Notebook::empty();
        write(&self.entries, &notebook);
        notebook
    }

    /// One in which nothing was disturbed.
    pub fn done(&self) -> Notebook {
        let notebook = self.notebook();
        let ran = notebook.run(&self.ask());
        assert_eq!(ran.code, 0, "{ran:?}");
        notebook
    }

    /// The same, in a folder within `folder`.
    pub fn notebook_in(&self, folder: &Path) -> Notebook {
        let notebook = Notebook::within(folder);
        write(&self.entries, &notebook);
        notebook
    }

    /// The arguments that ask for all its runs.
    pub fn ask(&self) -> Vec<&str> {
        run(&self.entries)
    }

    /// The same, of one worker: then they last.
    pub fn ask_of_one(&self) -> Vec<&str> {
        [self.ask(), vec!["--workers", "1"]].concat()
    }

    /// What differs between a notebook that was disturbed and one that was not.
    pub fn differences(&self, notebook: &Notebook) -> Vec<String> {
        let mut differences = self.undisturbed.differences(&Tables::read(notebook.path()));
        for (name, text) in &self.entries {
            let path = notebook.path().join("entries").join(format!("{name}.md"));
            if std::fs::read_to_string(path).ok().as_ref() != Some(text) {
                differences.push(format!("the entry {name} was changed"));
            }
        }
        differences
    }
}

fn write(entries: &[(String, String)], notebook: &Notebook) {
    for (name, text) in entries {
        notebook.entry(name, text);
    }
}

fn run(entries: &[(String, String)]) -> Vec<&str> {
    std::iter::once("run").chain(entries.iter().map(|(name, _)| name.as_str())).collect()
}
