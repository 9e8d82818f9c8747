//! `lowland log` and `lowland new`: writing without opening anything.

use std::path::Path;

use super::Exit;
use super::args::{Log, New};
use super::output::Output;
use crate::base::clock::Moment;
use crate::notebook::{Notebook, templates, write};

/// Appends a line to today's entry, and says which that is.
pub fn log(args: &Log, notebook: &Notebook, output: &Output) -> anyhow::Result<Exit> {
    let path =
        write::log(notebook.root(), &args.text.join(" "), &Moment::now()).map_err(anyhow::Error::msg)?;
    tell(notebook.root(), &path, output)
}

/// Begins an entry from the template, and says what its file is called.
pub fn new(args: &New, notebook: &Notebook, output: &Output) -> anyhow::Result<Exit> {
    let (root, title, now) = (notebook.root(), args.title.join(" "), Moment::now());
    let path = match args.template.as_deref().and_then(templates::named) {
        Some(template) => write::create_from(root, template, &title, &now),
        None => write::create(root, &title, &now),
    };
    tell(root, &path.map_err(anyhow::Error::msg)?, output)
}

fn tell(root: &Path, path: &Path, output: &Output) -> anyhow::Result<Exit> {
    let shown = path.strip_prefix(root).unwrap_or(path);
    output.print(&format!("{}\n", crate::base::text::clean_line(&shown.to_string_lossy())))?;
    Ok(Exit::Fine)
}
