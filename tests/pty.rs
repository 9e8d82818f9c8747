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
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lowland"));
        command.cwd(notebook.path());
        for (name, value) in [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("VISUAL", "true")] {
            command.env(name, value);
        }
        command.env_remove("NO_COLOR");
        own_folders(&mut command, notebook);
        Self::spawn(command)
    }

    /// A command on a terminal of 80 × 24.
    fn spawn(command: CommandBuilder) -> Self {
        let pty = native_pty_system().openpty(size(80, 24)).unwrap();
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

fn own_folders(command: &mut CommandBuilder, notebook: &Notebook) {
    for (name, folder) in notebook.own_folders() {
        command.env(name, folder);
    }
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
fn from_the_start_to_a_comparison_takes_five_keys_at_the_most() {
    let notebook = notebook();
    assert_eq!(notebook.run(&["run", "quick"]).code, 0);
    let before = on_disk(&notebook, "2026-01-02-quick");
    let mut session = Session::open(&notebook);
    session.see("Nothing to run here.");
    for (key, sight) in [("j", "experiment quick"), ("c", "fast is flatter")] {
        session.press_and_see(key, sight);
    }
    session.see("a ── slow");
    // A cursor with the values of every arm, one quantity alone, and back.
    session.press_and_see("l", " · at ");
    session.press_and_see("\r", "(n=4)");
    session.press_and_see("S", "compare cell written");
    wait_for("the cell", || on_disk(&notebook, "2026-01-02-quick") != before);
    let after = on_disk(&notebook, "2026-01-02-quick");
    let cell = "```yaml compare\nof: quick\nshow: train_loss\n```\n";
    assert_eq!(after.replacen(&format!("\n{cell}"), "", 1), before, "only the cell is new");
    // As soon as the entry was read again, it is not written twice.
    let refused = comes(|| {
        session.press("S");
        thread::sleep(Duration::from_millis(100));
        session.text().contains("it stands there already")
    });
    assert!(refused, "written twice; the screen was\n{}", session.text());
    session.press("\x1b");
    session.wait("the cursor gone", |screen| !screen.contains(" · at "));
    session.press("\x1b");
    session.see("log where it helps");
    session.press_and_see("q", " LOG ");
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
    // It opened where the last one was left: at the cell.
    session.press_and_see("x", "cancel 4 runs of quick? y/n");
    session.press_and_see("y", "4 runs cancelled");
    session.press("q");
    assert_eq!(session.end().exit_code(), 0);
    assert!(notebook.run(&["list", "--running"]).out.contains("nothing is running here"));
}

/// The text of an entry on disk.
fn on_disk(notebook: &Notebook, name: &str) -> String {
    std::fs::read_to_string(notebook.path().join("entries").join(format!("{name}.md"))).unwrap()
}

#[test]
fn an_entry_is_edited_in_place_and_saved() {
    let notebook = notebook();
    let mut session = Session::open(&notebook);
    session.see("Nothing to run here.");
    session.press_and_see("i", "EDIT");
    session.press_and_see("Typed here. ", "Typed here. Nothing");
    // A paste is one step of undoing, and no command in it is obeyed.
    session.press_and_see("\x1b[200~pasted\rq\r\x1b[201~", "pasted");
    session.press("\x15");
    session.wait("the paste taken back", |screen| !screen.contains("pasted"));
    session.press("\x1b");
    session.see("saved");
    session.see(" ENTRY ");
    assert_eq!(
        on_disk(&notebook, "2026-01-03-second"),
        "---\ntitle: Second thoughts\n---\nTyped here. Nothing to run here.\n"
    );
    session.press("q");
    assert!(session.end().success());
}

#[test]
fn a_task_is_toggled_on_disk_by_one_byte() {
    let notebook = notebook();
    let text = "---\r\ntitle: Plan\r\n---\r\n- [ ] first\r\n- [x] second\r\n";
    notebook.entry("2026-01-04-plan", text);
    let mut session = Session::open(&notebook);
    session.see("first");
    session.press("\rt");
    session.press_and_see("t", "☑ first");
    assert_eq!(on_disk(&notebook, "2026-01-04-plan"), text.replace("- [ ]", "- [x]"));
}

/// What stood on the screen when the program was killed is there again, whenever that was.
#[test]
fn killed_while_somebody_types_it_loses_nothing_that_was_seen() {
    let notebook = notebook();
    let mut typed = String::new();
    // The instants are those at which the screen has caught up with so many letters.
    for letters in [1, 3, 7, 2, 12, 5, 1, 9] {
        let mut session = Session::open(&notebook);
        session.see("Nothing to run here.");
        session.press_and_see("i", "EDIT");
        for letter in "abcdefghijkl".chars().take(letters) {
            typed.insert(0, letter);
            // Each at the start, so that where the cursor was does not matter.
            session.press(&format!("\x1b[1;5H\x1b[B\x1b[B\x1b[B{letter}"));
        }
        session.see(&format!("{typed}Nothing"));
        signal(&session, "KILL");
        session.end();
        drop(session);
    }
    let mut session = Session::open(&notebook);
    session.see("i goes on with a draft: 2026-01-03-second");
    session.press_and_see("i", &format!("{typed}Nothing"));
    assert!(!on_disk(&notebook, "2026-01-03-second").contains(&typed), "nothing was saved yet");
    session.press("\x1b");
    session.see("saved");
    assert!(on_disk(&notebook, "2026-01-03-second").contains(&format!("{typed}Nothing")));
}

#[test]
fn the_table_of_runs_leads_from_the_log_to_a_cell() {
    let notebook = Notebook::quick();
    notebook.run(&["run", "quick"]);
    let mut session = Session::open(&notebook);
    session.see("Prose.");
    session.press_and_see("T", "runs of the notebook: 8 ");
    session.press_and_see("/lear", "Tab learning_rate");
    session.press_and_see("\t<0.05 lamda>1", "no setting or measure is called `lamda`");
    session.press_and_see("\x17lambda_max>0\r", "4 of 8 · learning_rate<0.05 lambda_max>0");
    session.press_and_see("m", "1 mean over seeds");
    session.press_and_see("/\x15", "names, signs, values");
    session.press_and_see("\rp", "against slow");
    session.press_and_see("kd", "optimizer.learning_rate");
    session.press("\x1b");
    session.press_and_see("c", "compare 2 rows");
    session.see("baseline slow");
    session.press_and_see("d", "the tallest bar is");
    session.press("d");
    session.press_and_see("\x1b", " RUNS ");
    session.press_and_see("x", "none of its runs are going");
    session.press_and_see("\r", " ENTRY ");
    session.see("▌ ▸ experiment quick");
    session.press("q");
    assert!(session.end().success());
}

#[test]
fn a_file_changed_by_somebody_else_is_a_conflict_with_both_sides_kept() {
    let notebook = notebook();
    let mut session = Session::open(&notebook);
    session.see("Nothing to run here.");
    session.press_and_see("iMine. ", "Mine. Nothing");
    notebook.entry("2026-01-03-second", "---\ntitle: Second thoughts\n---\nTheirs.\n");
    session.see("changed on disk");
    session.press_and_see("\x13", "CONFLICT");
    session.see("< Mine. Nothing to run here.");
    session.see("> Theirs.");
    session.press_and_see("b", "all decided");
    session.press_and_see("\r", "<<<<<<< mine");
    session.press("\x13");
    session.see("saved");
    let text = on_disk(&notebook, "2026-01-03-second");
    assert!(text.contains("Mine. Nothing to run here.") && text.contains("Theirs."), "{text}");
}

#[test]
fn one_goes_on_where_one_was() {
    let notebook = notebook();
    let mut session = Session::open(&notebook);
    session.see("Nothing to run here.");
    session.press_and_see("j\r", "ENTRY");
    session.press("q");
    assert!(session.end().success());
    let session = Session::open(&notebook);
    session.see("Prose.");
    session.see("ENTRY");
}

#[test]
fn it_can_be_stopped_and_gone_on_with() {
    let notebook = notebook();
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    command.cwd(notebook.path());
    for (name, value) in [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("PS1", "shell> ")] {
        command.env(name, value);
    }
    own_folders(&mut command, &notebook);
    let mut session = Session::spawn(command);
    session.see("shell>");
    session.press(&format!("{}\r", env!("CARGO_BIN_EXE_lowland")));
    session.see("Nothing to run here.");
    session.press_and_see("\x1a", "Stopped");
    session.press_and_see("fg\r", "Nothing to run here.");
    session.press_and_see("?", "keys in LOG");
    session.press("qq");
    session.wait("the shell", |screen| screen.contains("shell>"));
}

#[test]
fn a_terminal_that_can_only_print_is_printed_on() {
    let notebook = notebook();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lowland"));
    command.cwd(notebook.path());
    command.env("TERM", "dumb");
    own_folders(&mut command, &notebook);
    let mut session = Session::spawn(command);
    session.see("Second thoughts");
    assert!(session.end().success());
    assert!(!session.received().screen.screen().alternate_screen());
}

/// The bytes of a key as the table of keys names it.
fn bytes_of(key: &str) -> String {
    let bytes = match key {
        "Enter" => "\r",
        "Space" => " ",
        "Tab" => "\t",
        "Esc" => "\x1b",
        "Backspace" => "\x7f",
        "Up" => "\x1b[A",
        "Down" => "\x1b[B",
        "Right" => "\x1b[C",
        "Left" => "\x1b[D",
        "Home" => "\x1b[H",
        "End" => "\x1b[F",
        "PgUp" => "\x1b[5~",
        "PgDn" => "\x1b[6~",
        "Delete" => "\x1b[3~",
        _ => {
            return match key.strip_prefix('^') {
                Some(letter) if letter.len() == 1 => char::from(letter.as_bytes()[0] & 0x1f).to_string(),
                Some("Left") => "\x1b[1;5D".to_owned(),
                Some("Right") => "\x1b[1;5C".to_owned(),
                Some("Home") => "\x1b[1;5H".to_owned(),
                Some("End") => "\x1b[1;5F".to_owned(),
                _ => key.to_owned(),
            };
        }
    };
    bytes.to_owned()
}

#[test]
fn every_key_in_the_help_is_survived_and_escaped_from() {
    let notebook = notebook();
    let table = notebook.run(&["help", "keys"]).out;
    let mut session = Session::open(&notebook);
    session.see("Nothing to run here.");
    let mut pressed = 0;
    let contexts = [
        ("log:", "", " LOG "),
        ("entry:", "\r", " ENTRY "),
        ("edit:", "\ri", " EDIT "),
        ("list:", "s", " FIND "),
        ("sheet:", "?", " READ "),
        ("prompt:", "/", " TYPE "),
        ("compare:", "jc", " COMPARE "),
        ("runs:", "T", " RUNS "),
        ("query:", "T/", " TYPE "),
    ];
    for (context, way, name) in contexts {
        let rows = table
            .lines()
            .skip_while(|line| *line != context)
            .skip(1)
            .take_while(|line| line.starts_with(' '));
        for row in rows {
            let (action, keys) = (row.get(2..20).unwrap().trim(), row.get(21..37).unwrap());
            // Leaving and stopping have tests of their own; runs are not wanted here.
            if ["quit", "suspend", "run", "run-stale", "edit"].contains(&action) {
                continue;
            }
            for key in keys.split_whitespace() {
                session.press_and_see(way, name);
                session.press(&bytes_of(key));
                // Escapes close together would be taken for one sequence. What is being saved is left when it is.
                let mut escapes = 0;
                let left = comes(|| {
                    session.press("\x1b");
                    escapes += 1;
                    thread::sleep(Duration::from_millis(30));
                    escapes >= 4 && session.text().contains(" LOG ")
                });
                assert!(left, "{key} in {context} is not escaped from; the screen was\n{}", session.text());
                session.press("g");
                session.wait(&format!("the log after {key} in {context}"), |screen| screen.contains(" LOG "));
                pressed += 1;
            }
        }
    }
    assert!(pressed > 90, "{pressed} keys were pressed");
    session.press("q");
    assert!(session.end().success());
}
