//! `lowland help`: the format of cells, the measures, or a command's own help.

use clap::CommandFactory;

use super::Exit;
use super::args::{Cli, Help};
use super::output::Output;
use super::target::UsageError;
use crate::base::suggest;
use crate::spec::CATALOGUE;

/// What there is to know about entries and cells; the same text is the reference of the format.
const CELLS: &str = include_str!("cells.md");

/// Explains a topic or a command.
pub fn help(args: &Help, output: &Output) -> anyhow::Result<Exit> {
    let mut command = Cli::command();
    let text = match args.topic.as_deref() {
        None => format!(
            "{}\nTopics: lowland help cells (keys of entries and cells), lowland help measures\n",
            command.render_help()
        ),
        Some("cells") => CELLS.to_owned(),
        Some("measures") => measures(),
        Some(topic) => match command.find_subcommand_mut(topic) {
            Some(found) => found.render_long_help().to_string(),
            None => {
                let commands: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
                let known = [&["cells", "measures"], commands.as_slice()].concat();
                return Err(
                    UsageError(format!("no help on `{topic}` ({})", suggest::advice(topic, &known))).into()
                );
            }
        },
    };
    output.print(&text)?;
    Ok(Exit::Fine)
}

/// The catalogue of quantities.
fn measures() -> String {
    CATALOGUE
        .iter()
        .map(|info| {
            let always = if info.always { "  (always measured)" } else { "" };
            format!("{}  [{}]{always}\n    {}\n", info.name, info.unit, info.about)
        })
        .collect()
}
