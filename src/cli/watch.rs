//! `lowland watch`: follows the runs that are going, whoever asked for them.

use super::Exit;
use super::args::Watch;
use super::output;
use super::progress::Progress;
use super::run::interrupts;
use crate::base::text::counted;
use crate::notebook::Notebook;
use crate::runner::supervisor::Client;

/// Follows until nothing is going any more.
pub fn watch(_: &Watch, notebook: &Notebook) -> anyhow::Result<Exit> {
    let interrupt = interrupts()?;
    let mut client = Client::new(notebook.root());
    let mut progress = Progress::of_all(notebook.root());
    for news in client.poll() {
        progress.heard(&news);
    }
    if progress.open() == 0 {
        output::note("nothing is running here");
        return Ok(Exit::Fine);
    }
    output::note(&format!("{} going or queued", counted(progress.open(), "run")));
    progress.follow(&mut client, &interrupt);
    let outcome = progress.finish();
    Ok(match outcome {
        _ if outcome.left > 0 => Exit::Interrupted,
        _ if outcome.failed > 0 => Exit::Failed,
        _ => Exit::Fine,
    })
}
