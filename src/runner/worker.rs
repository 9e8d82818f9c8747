//! One worker process as its crew sees it: started when first needed, fed run after run, replaced when it dies.

use std::io::{self, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::CrewOptions;
use super::protocol::{self, Order, Report};

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

    /// Ends the worker and says in words how it ended.
    fn bury(&self) -> String {
        let mut process = self.lock();
        process.stdin = None;
        let Some(mut child) = process.child.take() else { return "no worker could be started".to_owned() };
        // It may hang, or have said something that is no report: it is not waited for alive.
        let _ = child.kill();
        match child.wait() {
            Ok(status) => format!("its worker process ended: {status}"),
            Err(error) => format!("its worker process is lost: {error}"),
        }
    }
}

/// A worker process, held by the thread that feeds it.
pub struct Worker {
    handle: Handle,
    reports: BufReader<ChildStdout>,
}

impl Worker {
    /// Starts a worker on the notebook, to be reached through `handle`.
    pub fn start(options: &CrewOptions, handle: &Handle) -> io::Result<Self> {
        let mut command = Command::new(&options.program);
        command.arg("worker").arg("--notebook").arg(&options.root);
        if let Some(live) = &options.live {
            command.arg("--live").arg(live);
        }
        let mut child = command
            .envs(ENVIRONMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // ^C at the terminal is for the crew to hear: it tells its workers what to do.
            .process_group(0)
            .spawn()?;
        let broken = || io::Error::other("a worker without pipes");
        let stdin = child.stdin.take().ok_or_else(broken)?;
        let reports = BufReader::new(child.stdout.take().ok_or_else(broken)?);
        *handle.lock() = Process { stdin: Some(stdin), child: Some(child) };
        Ok(Self { handle: handle.clone(), reports })
    }

    /// The next report; `None` when the worker is gone, or says something that is no report.
    pub fn report(&mut self) -> Option<Report> {
        protocol::receive(&mut self.reports).ok().flatten()
    }

    /// Ends a worker that is of no use any more, and says in words how it ended.
    pub fn bury(self) -> String {
        self.handle.bury()
    }
}
