//! `lowland compact`: the many small files of results become few.

use super::Exit;
use super::args::Compact;
use super::output::Output;
use crate::base::text::{bytes, counted};
use crate::notebook::Notebook;
use crate::store::tables::{Compaction, Merged};

/// Compacts the tables, or says what that would do.
pub fn compact(args: &Compact, notebook: &Notebook, output: &Output) -> anyhow::Result<Exit> {
    notebook.tidy();
    let done = notebook.store().compact(args.dry_run)?;
    output.print(&describe(&done, args.dry_run))?;
    output.diagnostics(&done.left, |_| None);
    Ok(Exit::Fine)
}

fn describe(done: &Compaction, dry_run: bool) -> String {
    let mut lines: Vec<_> = done.merged.iter().map(|merged| line(merged, dry_run)).collect();
    let (files, into) = done.details;
    if files > 0 {
        let verb = if dry_run { "would become" } else { "became" };
        lines.push(format!("{files} files of spectra and slices {verb} {into}\n"));
    }
    let (strays, size) = done.strays;
    if strays > 0 {
        let verb = if dry_run { "would go" } else { "removed" };
        let files = counted(strays, "file");
        lines.push(format!("{files} that a crash left, {}: {verb}\n", bytes(size)));
    }
    if lines.is_empty() { "nothing to compact\n".to_owned() } else { lines.concat() }
}

fn line(merged: &Merged, dry_run: bool) -> String {
    let Merged { partition, files, into, runs, before, after } = merged;
    let verb = if dry_run { "would become" } else { "became" };
    let (runs, before, after) = (counted(*runs, "run"), bytes(*before), bytes(*after));
    format!("{partition}: {runs}, {files} files of each table {verb} {into}, {before} {verb} {after}\n")
}
