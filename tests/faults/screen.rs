//! The program on a (pseudo) terminal, with somebody at the keys and nobody at the screen.

use std::io::{Read, Write};
use std::thread;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::common::Notebook;
use crate::sweep::CHECKPOINTS;

/// A screen that is open.
pub struct Screen {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    /// Held so that the terminal does not hang up.
    _master: Box<dyn MasterPty + Send>,
}

impl Screen {
    /// Opens the notebook.
    pub fn open(notebook: &Notebook) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lowland"));
        command.cwd(notebook.path());
        for (name, value) in [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("VISUAL", "true")] {
            command.env(name, value);
        }
        command.env(CHECKPOINTS.0, CHECKPOINTS.1);
        for (name, folder) in notebook.own_folders() {
            command.env(name, folder);
        }
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        // A terminal that nobody empties would hold the program up.
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(1..) = reader.read(&mut buffer) {}
        });
        Self { child, keys: pty.master.take_writer().unwrap(), _master: pty.master }
    }

    /// Presses keys. A program that is gone hears none.
    pub fn press(&mut self, keys: &str) {
        let _ = self.keys.write_all(keys.as_bytes());
    }

    /// Kills the program; whether it was still there.
    pub fn kill(mut self) -> bool {
        let was_there = matches!(self.child.try_wait(), Ok(None));
        let _ = self.child.kill();
        let _ = self.child.wait();
        was_there
    }
}
