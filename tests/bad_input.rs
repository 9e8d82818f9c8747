//! Everything a stranger, a slip or a bad disk can put into a notebook: a clear error that names the place, the rest of
//! the notebook goes on, nothing is lost, nothing panics.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use common::{Notebook, QUICK, Ran};

/// (what is wrong, the cell's YAML, what must be said)
const CELLS: &[(&str, &str, &[&str])] = &[
    (
        "an unknown key",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rat: 1}\n",
        &["bad.md:8:13", "unknown key `learning_rat` in optimizer", "did you mean `learning_rate`?"],
    ),
    (
        "a wrong type",
        "id: e\ndataset: {kind: teacher, train: many}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\n",
        &["bad.md:6:33", "`train` must be a number, not text"],
    ),
    ("a duplicate key", "id: e\nid: f\n", &["bad.md:6:1", "duplicate key `id`"]),
    (
        "an alias bomb",
        "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n",
        &["bad.md:5:4", "anchors and aliases are not allowed"],
    ),
    (
        "a dataset path that climbs",
        "id: e\ndataset: {name: ../../etc/passwd, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\n",
        &["bad.md:6:17", "there is no dataset `../../etc/passwd`"],
    ),
    (
        "a typo in an arm",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\narms: {a: {optimizr: {}}}\n",
        &["bad.md:9:12", "unknown key `optimizr` in a", "did you mean `optimizer`?"],
    ),
    (
        "a solver with cross-entropy",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {kind: linear}\nloss: cross_entropy\nprocedure: solve\n",
        &["bad.md:8:1", "`solve` minimises the squared loss only", "loss: squared"],
    ),
    (
        "a network that is to be solved",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4}\nprocedure: solve\n",
        &["bad.md:8:1", "`mlp` has no exact solution", "random_features"],
    ),
    (
        "an optimizer where nothing is trained",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {kind: linear}\nprocedure: solve\noptimizer: {learning_rate: 1}\n",
        &["bad.md:9:1", "`optimizer` means nothing for `procedure: solve`"],
    ),
    (
        "a hidden width of 0",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: [0]}\noptimizer: {learning_rate: 1}\n",
        &["bad.md:7:18", "`hidden` must be a whole number from 1"],
    ),
    (
        "a sweep of 8·10⁹ runs",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\n\
         sweep: {dataset.train: {range: [1, 9000]}, model.hidden: {range: [1, 9000]}}\nseeds: 100\n",
        &["bad.md:9:1", "8100000000 runs in one cell", "fewer seeds or sweep values"],
    ),
    (
        "more memory than any machine has",
        "id: e\ndataset: {kind: gaussian, inputs: 10, train: 5000000}\nmodel: {kind: ntk}\nprocedure: solve\n",
        &["bad.md:4:1", "GB of memory, and the machine has", "fewer examples"],
    ),
    (
        "more bits than the function has inputs",
        "id: e\ndataset: {kind: boolean, bits: 3, function: parity, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\n",
        &["bad.md:6:60", "`train` must be a whole number from 1 to 8, not 9"],
    ),
    (
        "a measure that no model of the cell has",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {kind: random_features, features: 5}\nprocedure: solve\nmeasure: [lambda_max]\n",
        &["bad.md:4:1", "`lambda_max` is measured of networks, and this model is `random_features`"],
    ),
    (
        "a kernel without a middle",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {kind: convolutional, channels: 4, kernel: 2}\noptimizer: {learning_rate: 1}\n",
        &["bad.md:7:43", "a kernel has an odd side", "1 or 3"],
    ),
    (
        "an image that is averaged away",
        "id: e\ndataset: {kind: teacher, inputs: 9, train: 9}\nmodel: {kind: convolutional, channels: [4, 4, 4]}\noptimizer: {learning_rate: 1}\n",
        &["bad.md:4:1", "has no square of 2 to average", "`pool: 1`"],
    ),
    (
        "nothing but dropout",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4, dropout: 1}\noptimizer: {learning_rate: 1}\n",
        &["bad.md:7:29", "if all units drop out none is left", "less than 1"],
    ),
    (
        "paths through a convolution",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {kind: convolutional, channels: 4}\noptimizer: {learning_rate: 1}\nmeasure: [path_norm]\n",
        &["bad.md:4:1", "path_norm is of dense layers"],
    ),
    (
        "an ensemble of one",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\nprocedure: {kind: ensemble, members: 1}\n",
        &["bad.md:9:38", "at least two members", "members: 8"],
    ),
    (
        "an ensemble over noise that there is none of",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\nprocedure: {kind: ensemble, members: {noise: 2}}\n",
        &["bad.md:9:1", "there is no `label_noise`"],
    ),
    (
        "a code of what has no probabilities",
        "id: e\ndataset: {kind: teacher, train: 99}\nmodel: {hidden: 4}\nloss: squared\noptimizer: {learning_rate: 1}\nprocedure: prequential\n",
        &["bad.md:8:1", "codes are made of probabilities", "loss: cross_entropy"],
    ),
    (
        "the measure of another procedure",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\nmeasure: [code_length]\n",
        &["bad.md:9:1", "`code_length` is of `procedure: prequential`"],
    ),
    (
        "a network of two layers that grows in width",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: [4, 4]}\noptimizer: {learning_rate: 1}\nprocedure: {kind: warm_start, over: model.hidden, through: [2]}\n",
        &["bad.md:9:1", "grows in width where it has one hidden layer"],
    ),
    (
        "a stage that is no training",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\nprocedure: [{kind: solve}, {}]\n",
        &["bad.md:9:20", "unknown kind of stage `solve`"],
    ),
    (
        "a round that takes everything",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\nprocedure: {kind: prune, rounds: 2, fraction: 1}\n",
        &["bad.md:9:37", "leaves some", "fraction: 0.2"],
    ),
    (
        "an arm that no claim could name",
        "id: e\ndataset: {kind: teacher, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\narms: {before: {}, after: {}}\n",
        &["bad.md:9:20", "`after` cannot be the name of an arm", "a meaning of its own"],
    ),
    ("not YAML at all", "id: [e\n", &["bad.md"]),
    ("nothing", "", &["bad.md"]),
];

fn bad(yaml: &str) -> String {
    format!("---\ntitle: Bad\n---\n```yaml experiment\n{yaml}```\n\n{QUICK}")
}

/// The other cells of the entry and the other entries run as if nothing were wrong.
fn the_rest_runs(notebook: &Notebook) -> Ran {
    let ran = notebook.run(&["run", "bad#quick"]);
    assert!(ran.out.contains("fast-fits-better"), "{ran:?}");
    let other = notebook.run(&["run", "other", "--json"]);
    assert_eq!(other.code, 0, "{other:?}");
    ran
}

#[test]
fn a_bad_cell_is_named_with_its_place_and_hides_nothing() {
    for (what, yaml, said) in CELLS {
        let notebook = Notebook::empty();
        let text = bad(yaml);
        let path = notebook.entry("bad", &text);
        notebook.entry("other", QUICK);
        let ran = the_rest_runs(&notebook);
        assert_eq!(ran.code, 1, "{what}: {ran:?}");
        let place = ran.err.replace(" --> ", "").replace("╭▸ ", "");
        for words in *said {
            assert!(place.contains(words), "{what}: {words} not in\n{}", ran.err);
        }
        let shown = notebook.run(&["show", "bad"]);
        assert!(shown.out.contains("experiment quick"), "{what}: {shown:?}");
        assert_eq!(fs::read_to_string(path).unwrap(), text, "{what}");
    }
}

/// (what is wrong, the compare cell's YAML, what must be said)
const COMPARISONS: &[(&str, &str, &[&str])] = &[
    ("a kind of picture that there is not", "of: quick\nplot: sctter\n", &["`sctter`", "`scatter`"]),
    ("an arm that there is not", "of: quick:fsat\n", &["`quick` has no arm `fsat`", "did you mean `fast`?"]),
    (
        "a cell that there is not",
        "of: quikc:fast\n",
        &["there is no experiment `quikc`", "did you mean `quick`?"],
    ),
];

#[test]
fn a_bad_comparison_is_named_with_its_place() {
    for (what, yaml, said) in COMPARISONS {
        let notebook = Notebook::empty();
        notebook.entry("bad", format!("---\ntitle: Bad\n---\n{QUICK}\n```yaml compare\n{yaml}```\n"));
        notebook.entry("other", QUICK);
        let ran = the_rest_runs(&notebook);
        for words in *said {
            assert!(ran.err.contains(words), "{what}: {words} not in\n{}", ran.err);
        }
    }
}

#[test]
fn deep_nesting_and_huge_cells_are_refused() {
    for (yaml, said) in [
        (format!("id: {}{}\n", "[".repeat(20_000), "]".repeat(20_000)), "nested more than 24 deep"),
        (format!("id: {}\n", "x".repeat(70 << 10)), "64 KiB"),
    ] {
        let notebook = Notebook::empty();
        notebook.entry("bad", bad(&yaml));
        notebook.entry("other", QUICK);
        let ran = the_rest_runs(&notebook);
        assert!(ran.err.contains(said), "{}", &ran.err[..ran.err.len().min(2000)]);
    }
}

#[test]
fn a_hundred_megabyte_entry_is_not_read() {
    let notebook = Notebook::quick();
    let file = fs::File::create(notebook.path().join("entries/2026-01-03-huge.md")).unwrap();
    file.set_len(100 << 20).unwrap();
    let ran = notebook.run(&["list"]);
    assert!(ran.out.contains("100 MiB") && ran.out.contains("Quick"), "{ran:?}");
    let shown = notebook.run(&["show", "huge"]);
    assert_eq!(shown.code, 1);
    assert!(shown.err.contains("2026-01-03-huge.md:1:1") && shown.err.contains("100 MiB"), "{shown:?}");
}

#[test]
fn invalid_utf8_is_shown_and_named() {
    let notebook = Notebook::empty();
    notebook.entry("bad", b"# Gr\xfc\xdfe\n\nprose\n");
    let ran = notebook.run(&["show", "bad"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("bad.md:1:5") && ran.err.contains("not UTF-8"), "{ran:?}");
    assert!(ran.out.contains("prose"), "{ran:?}");
}

#[test]
fn nothing_outside_the_notebook_is_read_through_a_link() {
    let notebook = Notebook::empty();
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret.md");
    fs::write(&secret, "# the secret\n").unwrap();
    symlink(&secret, notebook.path().join("entries/link.md")).unwrap();
    fs::create_dir(notebook.path().join("datasets")).unwrap();
    fs::write(outside.path().join("d.parquet"), "PAR1 secret PAR1").unwrap();
    symlink(outside.path().join("d.parquet"), notebook.path().join("datasets/d.parquet")).unwrap();
    notebook.entry(
        "bad",
        bad("id: e\ndataset: {name: d, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 1}\n"),
    );
    notebook.entry("other", QUICK);
    let ran = notebook.run(&["show", "link"]);
    assert!(!ran.out.contains("the secret") && ran.err.contains("symbolic link"), "{ran:?}");
    let ran = the_rest_runs(&notebook);
    assert!(ran.err.contains("symbolic link"), "{ran:?}");
}

#[test]
fn a_damaged_dataset_and_a_damaged_table_cost_only_themselves() {
    let notebook = Notebook::empty();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/wine.parquet");
    let whole = fs::read(shipped).unwrap();
    fs::create_dir(notebook.path().join("datasets")).unwrap();
    fs::write(notebook.path().join("datasets/wine.parquet"), &whole[..whole.len() / 2]).unwrap();
    notebook.entry(
        "bad",
        bad("id: e\ndataset: {name: wine, train: 9}\nmodel: {hidden: 4}\noptimizer: {learning_rate: 0.1}\n"),
    );
    notebook.entry("other", QUICK);
    the_rest_runs(&notebook);
    let ran = notebook.run(&["run", "bad#e"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("wine.parquet"), "{ran:?}");

    let tables = notebook.path().join("runs/summary");
    let damaged = tables.join("date=2026-01-01");
    fs::create_dir_all(&damaged).unwrap();
    fs::write(damaged.join("torn.parquet"), b"PAR1torn").unwrap();
    let ran = notebook.run(&["list"]);
    assert!(ran.err.contains("torn.parquet"), "{ran:?}");
    assert!(ran.out.contains("1 supported"), "{ran:?}");
}

#[test]
fn a_title_cannot_speak_to_the_terminal() {
    let notebook = Notebook::empty();
    let title = "\\e]0;owned\\a\\e[31mred\\u202Etxt.exe";
    notebook.entry("bad", format!("---\ntitle: \"{title}\"\n---\n\u{1b}[2Jprose\u{9b}31m\n"));
    for args in [&["list"][..], &["show", "bad"], &["list", "--json"]] {
        let ran = notebook.run(args);
        assert_eq!(ran.code, 0, "{ran:?}");
        for forbidden in ['\u{7}', '\u{9b}', '\u{202e}'] {
            assert!(!ran.out.contains(forbidden), "{ran:?}");
        }
    }
}

#[test]
fn an_empty_notebook_and_no_notebook_say_what_to_do() {
    let notebook = Notebook::empty();
    let ran = notebook.run(&[]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("no entries yet"), "{ran:?}");
    assert_eq!(notebook.run(&["check"]).code, 0);
    let nowhere = tempfile::tempdir().unwrap();
    let ran = Ran::of(&notebook.command(&["list"]).current_dir(nowhere.path()).output().unwrap());
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("there is no notebook"), "{ran:?}");
}

#[test]
fn a_read_only_notebook_can_be_read_and_says_why_it_cannot_run() {
    let notebook = Notebook::quick();
    assert_eq!(notebook.run(&["run", "quick"]).code, 0);
    let text = fs::read_to_string(notebook.path().join("entries/2026-01-02-quick.md")).unwrap();
    notebook.entry("2026-01-03-new", text.replace("seeds: 4", "seeds: [11]"));
    // Root may write everywhere, so that the test would show nothing: it becomes nobody.
    for folder in [notebook.path().to_owned(), notebook.path().join("runs")] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    // The program may stand in a folder that only its owner may enter; its workers have to start it again.
    let program = notebook.path().join("lowland");
    fs::copy(env!("CARGO_BIN_EXE_lowland"), &program).unwrap();
    let nobody = |args: &[&str]| {
        let mut command = std::process::Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        command.arg(&program).args(args).current_dir(notebook.path()).envs(notebook.own_folders());
        Ran::of(&command.output().unwrap())
    };
    if !rustix::process::geteuid().is_root() || !nobody(&["--version"]).out.contains("lowland") {
        eprintln!("skipped: this needs root, setpriv, and a binary that everyone may read");
        return;
    }
    let listed = nobody(&["list"]);
    assert!(listed.out.contains("1 supported"), "{listed:?}");
    let ran = nobody(&["run", "new"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let said = ran.err.to_lowercase();
    assert!(said.contains("runs") && said.contains("permission denied"), "{ran:?}");
    assert!(!said.contains("worker cannot be started"), "{ran:?}");
}
