//! The command line: the same engine, no screen. Arguments become a plan, a subcommand is a file, and what goes
//! wrong becomes an exit code: 0 fine, 1 failed or a claim broken, 2 wrong usage, 130 interrupted.

mod args;
mod barrier;
mod check;
mod compact;
mod compare;
mod gc;
mod help;
mod ledger;
mod list;
mod log;
mod measure;
mod measures;
mod output;
mod plan;
mod progress;
mod rescale;
mod row;
mod run;
mod running;
mod runs;
mod search;
mod show;
mod stop;
mod supervise;
mod target;
mod taste;
mod ui;
mod verify;
mod watch;
mod weighed;
mod worker;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Cli, Command, Global};
use output::Output;

use crate::notebook::Notebook;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// As wanted.
    Fine,
    /// Something failed, or a claim that must hold does not.
    Failed,
    /// Somebody pressed ^C.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Fine => Self::SUCCESS,
            Exit::Failed => Self::from(1),
            Exit::Interrupted => Self::from(130),
        }
    }
}

/// The program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(exit) => exit.into(),
        // The reader of a pipe went away: what it wanted to read it has read.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("{error:#}"));
            if error.is::<target::UsageError>() { ExitCode::from(2) } else { ExitCode::from(1) }
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    })
}

fn dispatch(cli: Cli) -> anyhow::Result<Exit> {
    let taste = taste::read(|name| std::env::var_os(name));
    let output = Output::detect(&cli.global);
    let notebook = || open(&cli.global);
    match cli.command {
        // A terminal that can do nothing but print is printed on.
        None if io::stdout().is_terminal() && !is_dumb() => ui::open(notebook()?, &output, taste),
        None => list::list(&args::List { running: false, json: false }, notebook()?, &output),
        Some(Command::Run(args)) => run::run(&args, notebook()?, &output),
        Some(Command::Show(args)) => show::show(&args, notebook()?, &output),
        Some(Command::List(args)) => list::list(&args, notebook()?, &output),
        Some(Command::Log(args)) => log::log(&args, &notebook()?, &output),
        Some(Command::New(args)) => log::new(&args, &notebook()?, &output),
        Some(Command::Search(args)) => search::run(&args, notebook()?, &output),
        Some(Command::Check(args)) => check::check(&args, notebook()?, &output),
        Some(Command::Compare(args)) => compare::compare(&args, notebook()?, &output),
        Some(Command::Runs(args)) => runs::runs(&args, notebook()?, &output),
        Some(Command::Verify(args)) => verify::verify(&args, notebook()?, &output),
        Some(Command::Compact(args)) => compact::compact(&args, &notebook()?, &output),
        Some(Command::Gc(args)) => gc::gc(&args, notebook()?, &output),
        Some(Command::Watch(args)) => watch::watch(&args, &notebook()?),
        Some(Command::Stop(args)) => stop::stop(&args, notebook()?, &output),
        Some(Command::Measure(args)) => measure::measure(&args, notebook()?, &output),
        Some(Command::Barrier(args)) => barrier::barrier(&args, notebook()?, &output),
        Some(Command::Ledger(args)) => ledger::ledger(&args, notebook()?, &output),
        Some(Command::Measures(args)) => measures::measures(&args, &output),
        Some(Command::Help(args)) => help::help(&args, &output),
        Some(Command::Completions { shell }) => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "lowland", &mut text);
            output.print(&String::from_utf8_lossy(&text))?;
            Ok(Exit::Fine)
        }
        Some(Command::Supervise(args)) => supervise::supervise(&args, &cli.global),
        Some(Command::Worker(args)) => worker::work(&args, &cli.global),
    }
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_none_or(|term| term == "dumb")
}

/// The notebook that the command is about.
fn open(global: &Global) -> anyhow::Result<Notebook> {
    Ok(match &global.notebook {
        Some(folder) => Notebook::find(folder)?,
        None => Notebook::find(&std::env::current_dir()?)?,
    })
}
