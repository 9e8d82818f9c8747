//! `lowland supervise`: the process that runs what the screens ask for.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::Exit;
use super::args::{Global, Supervise};
use crate::base::interrupt::Interrupt;
use crate::base::spread::cores;
use crate::runner::supervisor::{self, ServeOptions};

/// Steps out of the session, and then supervises.
pub fn supervise(args: &Supervise, global: &Global) -> anyhow::Result<Exit> {
    let root = global.notebook.clone().unwrap_or_else(|| PathBuf::from(".")).canonicalize()?;
    if !args.detached {
        supervisor::detach(&root)?;
        return Ok(Exit::Fine);
    }
    let end = Interrupt::new();
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, end.flag())?;
    }
    // It has no terminal to lose.
    signal_hook::flag::register(SIGHUP, Arc::new(AtomicBool::new(false)))?;
    let workers = cores();
    let idle = Duration::from_secs_f64(args.idle.clamp(0.0, 1e6));
    supervisor::serve(&ServeOptions { root, workers, idle }, &end)?;
    Ok(Exit::Fine)
}
