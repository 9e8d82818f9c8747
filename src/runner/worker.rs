//! One worker process as its crew sees it: started when first needed, fed run after run, replaced when it dies.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::CrewOptions;
use super::protocol::{self, Order, Report};
use crate::base::{self, text};

/// Every library that would start threads of its own is told to use one: the crew is parallel over runs, and the
/// same bits must come out whatever the number of cores.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("RAYON_NUM_THREADS", "1"),
    ("POLARS_MAX_THREADS", "1"),
    ("OMP_NUM_THREADS", "1"),
    ("CANDLE_NUM_THREADS", "1"),
    // Without it candle's second `backward` returns zeros (its gradients come detached).
    ("CANDLE_GRAD_DO_NOT_DETACH", "1"),
];

/// What others than its own thread may do to a worker: give it orders, and end it.
#[derive(Clone, Default)]
pub struct Handle(Arc<Mutex<Process>>);

#[derive(Default)]
struct Process {
    stdin: Option<ChildStdin>,
    child: Option<Child>,
}

impl Handle {
    fn lock(&self) -> MutexGuard<'_, Process> {
        // Nothing under this lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends an order; an error means that the worker is gone.
    pub fn send(&self, order: &Order) -> io::Result<()> {
        match self.lock().stdin.as_mut() {
            Some(stdin) => protocol::send(stdin, order),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Ends the worker at once, whatever it does.
    pub fn kill(&self) {
        if let Some(child) = self.lock().child.as_mut() {
            let _ = child.kill();
        }
    }

    /// Has the worker save what it is at and end.
    pub fn dismiss(&self) {
        self.lock().stdin = None;
    }

    /// Ends the worker.
    fn bury(&self) -> io::Result<ExitStatus> {
        let mut process = self.lock();
        process.stdin = None;
        let Some(mut child) = process.child.take() else { return Err(io::ErrorKind::NotFound.into()) };
        // One that is ending by itself tells more by how it ends than one that is killed. But it may hang, or have
        // said something that is no report: it is not waited for for long.
        let began = Instant::now();
        while began.elapsed() < LAST_BREATH {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(1));
        }
        child.kill()?;
        child.wait()
    }
}

/// How a worker ended.
#[derive(Debug, Default)]
pub struct End {
    /// In words.
    pub message: String,
    /// It was killed from outside, rather than by what it did.
    pub killed: bool,
}

/// A worker process, held by the thread that feeds it.
pub struct Worker {
    handle: Handle,
    reports: BufReader<ChildStdout>,
    /// What it says on its standard error, in a file without a name.
    words: Option<File>,
    /// Processes that the system had killed for want of memory when it was started.
    oom_kills: u64,
    /// Whether it has reported anything yet.
    has_worked: bool,
}

/// Signals that a process brings on itself.
const OWN_FAULTS: [Signal; 5] = [Signal::SEGV, Signal::ABORT, Signal::BUS, Signal::ILL, Signal::FPE];

/// How long a worker may take to end that has closed its output.
const LAST_BREATH: Duration = Duration::from_millis(200);

/// Most that is read of what a worker said last.
const MOST_WORDS: u64 = 4096;

/// Processes that this system has killed for want of memory so far; 0 where it does not tell.
fn oom_kills() -> u64 {
    let text = std::fs::read_to_string("/proc/vmstat").unwrap_or_default();
    let count = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

/// What a worker said last.
fn last_words(mut words: File) -> Option<String> {
    let length = words.metadata().ok()?.len();
    words.seek(SeekFrom::Start(length.saturating_sub(MOST_WORDS))).ok()?;
    let mut bytes = Vec::new();
    words.take(MOST_WORDS).read_to_end(&mut bytes).ok()?;
    last_line(&String::from_utf8_lossy(&bytes))
}

/// The last line that says why: what the language adds (where the program stood, how to be told more) does not.
fn last_line(words: &str) -> Option<String> {
    let lines = words.lines().take_while(|line| !line.starts_with("stack backtrace:"));
    let lines = lines.filter(|line| !line.starts_with("note: ")).map(text::clean_line);
    lines.filter(|line| !line.trim().is_empty()).last()
}

impl Worker {
    /// Starts a worker on the notebook, to be reached through `handle`.
    pub fn start(options: &CrewOptions, handle: &Handle) -> io::Result<Self> {
        let mut command = Command::new(base::program());
        command.arg("worker").arg("--notebook").arg(&options.root);
        if let Some(live) = &options.live {
            command.arg("--live").arg(live);
        }
        // Its last words say why it died; without a place for them it works all the same.
        let words = tempfile::tempfile().ok();
        let errors =
            words.as_ref().and_then(|file| file.try_clone().ok()).map_or_else(Stdio::null, Stdio::from);
        let oom_kills = oom_kills();
        let mut child = command
            .envs(ENVIRONMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            // ^C at the terminal is for the crew to hear: it tells its workers what to do.
            .process_group(0)
            .spawn()?;
        let broken = || io::Error::other("a worker without pipes");
        let stdin = child.stdin.take().ok_or_else(broken)?;
        let reports = BufReader::new(child.stdout.take().ok_or_else(broken)?);
        *handle.lock() = Process { stdin: Some(stdin), child: Some(child) };
        Ok(Self { handle: handle.clone(), reports, words, oom_kills, has_worked: false })
    }

    /// The next report; `None` when the worker is gone, or says something that is no report.
    pub fn report(&mut self) -> Option<Report> {
        let report = protocol::receive(&mut self.reports).ok().flatten();
        self.has_worked |= report.is_some();
        report
    }

    /// Whether it has reported anything yet: one that has is able to, and did not die of being started.
    pub fn has_worked(&self) -> bool {
        self.has_worked
    }

    /// Ends a worker that is of no use any more, and says how it ended.
    pub fn bury(self) -> End {
        let status = match self.handle.bury() {
            Ok(status) => status,
            Err(error) => {
                return End { message: format!("its worker process is lost: {error}"), killed: true };
            }
        };
        let killed =
            status.signal().is_some_and(|signal| !OWN_FAULTS.iter().any(|own| own.as_raw() == signal));
        let mut message = match killed {
            true if oom_kills() > self.oom_kills => {
                "its worker process was killed: the system ran out of memory".to_owned()
            }
            true => "its worker process was killed".to_owned(),
            false => format!("its worker process ended: {status}"),
        };
        if let Some(words) = self.words.and_then(last_words) {
            message = format!("{message}: {words}");
        }
        End { message, killed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_the_one_that_says_why() {
        let words = [
            ("", None),
            ("\n \n", None),
            ("one\ntwo\n\n", Some("two")),
            ("memory allocation of 8 bytes failed\n", Some("memory allocation of 8 bytes failed")),
            (
                "memory allocation of 8 bytes failed\nstack backtrace:\n   0: main\nnote: more\n",
                Some("memory allocation of 8 bytes failed"),
            ),
            (
                "\nthread 'main' panicked at src/a.rs:1:2:\nno such thing\nnote: run with `RUST_BACKTRACE=1`\n",
                Some("no such thing"),
            ),
        ];
        for (said, wanted) in words {
            assert_eq!(last_line(said).as_deref(), wanted, "{said:?}");
        }
    }
}
