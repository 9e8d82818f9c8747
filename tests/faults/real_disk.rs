//! A real disk, if a small one, that is really full and really read-only.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::common::{Notebook, wait_for};
use crate::disk::{log, shows};
use crate::mount::Mount;
use crate::processes::{kill, processes};
use crate::running::Running;
use crate::say;
use crate::sweep::{CHECKPOINTS, SHORT};

/// Its size: room for the results and little else.
const SIZE: u64 = 3 << 20;

/// A notebook on a disk of its own, with runs going of which the first are done.
fn going(mount: &Mount) -> Notebook {
    let notebook = SHORT.notebook_in(mount.path());
    let detached = [SHORT.ask_of_one(), vec!["--detach"]].concat();
    let ran = notebook.command(&detached).env(CHECKPOINTS.0, CHECKPOINTS.1).output().unwrap();
    assert!(ran.status.success());
    wait_for("a run that is done", || log(&notebook).contains("\"done\""));
    notebook
}

/// Takes all room there is.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    while file.write_all(&[0; 1024]).is_ok() {}
}

/// Whether no order stands any more.
fn is_settled(notebook: &Notebook) -> bool {
    std::fs::read_dir(notebook.path().join("runs/.live/supervisor/orders")).unwrap().count() == 0
}

/// A disk that is full holds the runs up until there is room.
pub fn full() {
    let Some(mount) = Mount::of(SIZE) else { return };
    let notebook = going(&mount);
    let filler = mount.path().join("filler");
    fill(&filler);
    wait_for("its being shown", || shows(&notebook, "No space left on device"));
    // It is refused, or is held up like the others if something has just gone that took room.
    let asked = Running::start(notebook.command(&SHORT.ask()));
    wait_for("its being told", || asked.err().contains("No space left on device"));
    let failed = log(&notebook).contains("\"failed\"");
    std::fs::remove_file(&filler).unwrap();
    let asked = asked.end();
    // Nobody looks: it goes on by itself.
    wait_for("the end of the runs", || is_settled(&notebook));
    let differences = SHORT.differences(&notebook);
    say(&format!("faults: {:>24}: shown, went on, {} differences", "really full disk", differences.len()));
    assert!(!failed);
    assert!(asked.code != 0 || asked.err.contains("it goes on"), "{asked:?}");
    assert!(differences.is_empty(), "{differences:#?}");
}

/// A disk that is read-only is told, and waited for.
pub fn read_only() {
    let Some(mount) = Mount::of(SIZE) else { return };
    let notebook = going(&mount);
    // No disk becomes read-only that somebody is writing on.
    wait_for("the end of whoever writes", || {
        processes(notebook.path(), "supervise").into_iter().map(kill).for_each(drop);
        mount.remount("ro")
    });
    let shown = notebook.run(&["show", "cell"]);
    let asked = notebook.run(&SHORT.ask());
    let watch = Running::start(notebook.command(&["watch"]));
    wait_for("its being told", || watch.err().contains("Read-only file system"));
    assert!(mount.remount("rw"));
    let watched = watch.end();
    let differences = SHORT.differences(&notebook);
    say(&format!(
        "faults: {:>24}: told, went on, {} differences",
        "really read-only disk",
        differences.len()
    ));
    assert!(shown.out.contains("queued"), "{shown:?}");
    assert!(asked.code != 0 && asked.err.contains("Read-only file system"), "{asked:?}");
    assert_eq!(watched.code, 0, "{watched:?}");
    assert!(differences.is_empty(), "{differences:#?}");
}
