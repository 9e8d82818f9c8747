//! The real program on a real (pseudo) terminal, seen through a terminal emulator.
//!
//! Nothing here is timed: what is waited for may take as long as a slow machine needs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may")]

mod common;

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use common::{Notebook, comes, endless, wait_for};
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// A screen that has not changed over so many looks is at rest.
const REST: usize = 30;

/// What a terminal has been sent.
struct Received {
    screen: vt100::Parser,
    bytes: usize,
}

/// lowland on a terminal.
struct Session {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    received: Arc<Mutex<Received>>,
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn at_least_one(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a terminal has a size")
}

impl Session {
    /// Opens a notebook of two entries at 80 × 24.
    fn open(notebook: &Notebook) -> Self {
        let pty = native_pty_system().openpty(size(80, 24)).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lowland"));
        command.cwd(notebook.path());
        for (name, value) in [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("VISUAL", "true")] {
            command.env(name, value);
        }
        command.env_remove("NO_COLOR");
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let screen = vt100::Parser::new(at_least_one(24), at_least_one(80), 0);
        let received = Arc::new(Mutex::new(Received { screen, bytes: 0 }));
        listen(pty.master.try_clone_reader().unwrap(), Arc::clone(&received));
        let keys = pty.master.take_writer().unwrap();
        Self { master: pty.master, keys, child, received }
    }

    fn received(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap()
    }

    fn text(&self) -> String {
        self.received().screen.screen().contents()
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until `wanted` holds of the text on the screen.
    fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        let came = comes(|| wanted(&self.text()));
        assert!(came, "{what} never came; the screen was\n{}", self.text());
    }

    /// Waits for `text` to stand on the screen.
    fn see(&self, text: &str) {
        self.wait(text, |screen| screen.contains(text));
    }

    /// Presses keys, then waits for `text`.
    fn press_and_see(&mut self, keys: &str, text: &str) {
        self.press(keys);
        self.see(text);
    }

    fn resize(&self, columns: u16, rows: u16) {
        self.received().screen.set_size(at_least_one(rows), at_least_one(columns));
        self.master.resize(size(columns, rows)).unwrap();
    }

    /// Waits until nothing has come for a while: whatever is still to be drawn has been.
    fn settle(&self) {
        let (mut before, mut looks) = (self.received().bytes, 0);
        let rests = comes(|| {
            let bytes = self.received().bytes;
            looks = if std::mem::replace(&mut before, bytes) == bytes { looks + 1 } else { 0 };
            looks > REST
        });
        assert!(rests, "the screen never comes to rest");
    }

    /// Waits for the program to end.
    fn end(&mut self) -> ExitStatus {
        let mut ended = None;
        wait_for("its end", || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        });
        ended.unwrap()
    }

    /// Asserts that the shell gets its terminal back as it was.
    fn assert_restored(&self) {
        self.wait_for_restored();
        let received = self.received();
        let screen = received.screen.screen();
        assert!(!screen.hide_cursor() && !screen.bracketed_paste());
    }

    fn wait_for_restored(&self) {
        wait_for("the former screen", || !self.received().screen.screen().alternate_screen());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(mut reader: Box<dyn Read + Send>, received: Arc<Mutex<Received>>) {
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            let mut received = received.lock().unwrap();
            received.screen.process(&buffer[..count]);
            received.bytes += count;
        }
    });
}

fn notebook() -> Notebook {
    let notebook = Notebook::quick();
    notebook.entry("2026-01-03-second", "---\ntitle: Second thoughts\n---\nNothing to run here.\n");
    notebook
}

#[test]
fn it_opens_moves_helps_and_leaves() {
    let notebook = notebook();
    let mut session = Session::open(&notebook);
    session.see("Nothing to run here.");
    session.see("LOG");
    session.press_and_see("j", "Prose.");
    session.press_and_see("\r", "ENTRY");
    session.press_and_see("?", "keys in ENTRY");
    session.press("q");
    session.wait("the entry", |screen| !screen.contains("keys in") && screen.contains("Prose."));
    session.press("q");
    assert!(session.end().success());
    session.assert_restored();
}

#[test]
fn it_survives_every_size() {
    let notebook = notebook();
    let mut session = Session::open(&notebook);
    session.see("Nothing to run here.");
    for (columns, rows) in [(1, 1), (40, 10), (1, 24), (200, 3), (80, 24)] {
        session.resize(columns, rows);
    }
    session.see("Nothing to run here.");
    session.see("? help");
    for (columns, rows) in [(1, 1), (40, 10), (1, 24), (200, 3), (80, 24)] {
        session.resize(columns, rows);
        session.settle();
    }
    session.see("Nothing to run here.");
    session.press_and_see("j", "Prose.");
    session.press("q");
    assert!(session.end().success());
}

#[test]
fn it_sends_nothing_while_nothing_happens() {
    let notebook = notebook();
    let session = Session::open(&notebook);
    session.see("Nothing to run here.");
    session.settle();
    let before = session.received().bytes;
    thread::sleep(Duration::from_secs(2));
    assert_eq!(session.received().bytes - before, 0);
}

#[test]
fn a_change_on_disk_shows_by_itself() {
    let notebook = notebook();
    let session = Session::open(&notebook);
    session.see("Nothing to run here.");
    notebook.entry("2026-01-03-second", "---\ntitle: Second thoughts\n---\nWritten by someone else.\n");
    session.see("Written by someone else.");
    notebook.entry("2026-01-04-third", "---\ntitle: A third one\n---\nNew.\n");
    session.see("A third one");
}

#[test]
fn a_cell_is_run_where_it_stands() {
    let notebook = notebook();
    let mut session = Session::open(&notebook);
    session.see("Nothing to run here.");
    session.press_and_see("j\r", "not run");
    session.press("r");
    session.wait("the results", |screen| screen.contains("fresh") && screen.contains("8 runs over"));
    session.press_and_see("c", "compare quick");
    session.press("\x1bq");
    session.wait("the panes", |screen| !screen.contains("compare quick"));
    session.press("q");
    assert!(session.end().success());
    session.assert_restored();
}

#[test]
fn an_arrow_cut_in_two_is_still_an_arrow() {
    let notebook = notebook();
    let mut session = Session::open(&notebook);
    session.see("Nothing to run here.");
    session.press_and_see("\r", "ENTRY");
    session.press("\x1b");
    thread::sleep(Duration::from_millis(5));
    session.press("[A");
    // Had it been taken for Esc, the log would have the keys now.
    session.settle();
    session.see("ENTRY");
}

#[test]
fn the_editor_has_the_terminal_and_gives_it_back() {
    let notebook = notebook();
    let mut session = Session::open(&notebook);
    session.see("Nothing to run here.");
    let before = session.received().bytes;
    session.press("e");
    session.wait("a redraw", |_| session.received().bytes > before + 200);
    session.see("Nothing to run here.");
    session.press_and_see("?", "keys in LOG");
}

#[test]
fn a_terminal_that_goes_away_ends_it() {
    let notebook = notebook();
    let mut session = Session::open(&notebook);
    session.see("Nothing to run here.");
    // The thread that reads has the terminal open too, so the kernel does not hang up by itself.
    signal(&session, "HUP");
    assert!(!session.end().success());
}

#[test]
fn told_to_end_it_restores_the_terminal() {
    let notebook = notebook();
    let mut session = Session::open(&notebook);
    session.see("Nothing to run here.");
    signal(&session, "TERM");
    assert!(!session.end().success());
    session.assert_restored();
}

fn signal(session: &Session, name: &str) {
    let pid = session.child.process_id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
}

#[test]
fn however_the_screen_ends_its_runs_go_on_and_the_next_one_shows_them() {
    type End = fn(&mut Session);
    // (how it ends, and the exit code where the program has a say in it)
    let ends: [(&str, End, Option<u32>); 4] = [
        ("q", |session| session.press("q"), Some(0)),
        ("SIGHUP", |session| signal(session, "HUP"), Some(129)),
        ("SIGTERM", |session| signal(session, "TERM"), Some(143)),
        ("SIGKILL", |session| signal(session, "KILL"), None),
    ];
    let notebook = Notebook::empty();
    notebook.entry("2026-01-02-endless", format!("---\ntitle: Endless\n---\n{}", endless()));
    let log = notebook.path().join("runs/.live/supervisor/log.jsonl");
    let mut session = Session::open(&notebook);
    session.see("not run");
    session.press("\rr");
    let mut before = String::new();
    for (how, end, code) in ends {
        session.see("2 running");
        end(&mut session);
        let status = session.end();
        assert!(code.is_none_or(|code| status.exit_code() == code), "{how}: {status:?}");
        let listed = notebook.run(&["list", "--running"]);
        assert!(
            listed.out.matches(" seed ").count() == 2 && listed.out.contains("queued"),
            "{how}: {listed:?}"
        );
        let said = std::fs::read_to_string(&log).unwrap();
        assert!(said.starts_with(&before), "{how}: another supervisor took over");
        before = said;
        session = Session::open(&notebook);
    }
    // Any screen may stop what another one began.
    session.see("2 running");
    session.see("of 4 runs done");
    session.press_and_see("x", "cancel 4 runs of Endless? y/n");
    session.press_and_see("y", "4 runs cancelled");
    session.press("q");
    assert_eq!(session.end().exit_code(), 0);
    assert!(notebook.run(&["list", "--running"]).out.contains("nothing is running here"));
}
