//! `lowland help`: the format of cells, the measures, or a command's own help.

use clap::{Command, CommandFactory};

use super::Exit;
use super::args::{Cli, Help};
use super::measures;
use super::output::Output;
use super::target::UsageError;
use crate::base::suggest;
use crate::spec::CATALOGUE;
use crate::tui::keys;

/// What there is to know about entries and cells; the same text is the reference of the format.
const CELLS: &str = include_str!("cells.md");

/// Explains a topic or a command.
pub fn help(args: &Help, output: &Output) -> anyhow::Result<Exit> {
    let mut command = Cli::command();
    let text = match args.topic.as_deref() {
        None => format!(
            "{}
Topics: lowland help cells (keys of entries and cells), lowland help measures (as lowland measures), lowland \
             help keys (every key of the screen)
",
            command.render_help()
        ),
        Some("cells") => CELLS.to_owned(),
        Some("measures") => measures::text(&CATALOGUE.iter().collect::<Vec<_>>(), output.width),
        Some("keys") => keys::table(),
        Some(topic) => help_of(topic, &mut command)?,
    };
    output.print(&text)?;
    Ok(Exit::Fine)
}

/// The help of a command.
fn help_of(name: &str, command: &mut Command) -> Result<String, UsageError> {
    if let Some(found) = command.find_subcommand_mut(name) {
        return Ok(found.render_long_help().to_string());
    }
    let commands: Vec<&str> =
        command.get_subcommands().filter(|known| !known.is_hide_set()).map(Command::get_name).collect();
    let known = [&["cells", "measures", "keys"], commands.as_slice()].concat();
    Err(UsageError(format!("no help on `{name}` ({})", suggest::advice(name, &known))))
}
