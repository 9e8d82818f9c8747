//! One worker process as its crew sees it: started when first needed, fed run after run, replaced when it dies.

use std::io::{self, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

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

/// The end of a worker's input through which orders go; shared, because a cancel comes from another thread.
#[derive(Clone, Default)]
pub struct Orders(Arc<Mutex<Option<ChildStdin>>>);

impl Orders {
    /// Sends an order; an error means that the worker is gone.
    pub fn send(&self, order: &Order) -> io::Result<()> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(stdin) = slot.as_mut() else { return Err(io::ErrorKind::NotConnected.into()) };
        protocol::send(stdin, order)
    }

    /// Closes the input: the worker stops what it does and ends.
    pub fn close(&self) {
        self.put(None);
    }

    fn put(&self, stdin: Option<ChildStdin>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = stdin;
    }
}

/// A worker process.
pub struct Worker {
    child: Child,
    reports: BufReader<ChildStdout>,
}

impl Worker {
    /// Starts `program worker` on the notebook at `root`, taking its orders from `orders`.
    pub fn start(program: &Path, root: &Path, orders: &Orders) -> io::Result<Self> {
        let mut child = Command::new(program)
            .arg("worker")
            .arg("--notebook")
            .arg(root)
            .envs(ENVIRONMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let broken = || io::Error::other("a worker without pipes");
        orders.put(Some(child.stdin.take().ok_or_else(broken)?));
        let reports = BufReader::new(child.stdout.take().ok_or_else(broken)?);
        Ok(Self { child, reports })
    }

    /// The next report; `None` when the worker is gone.
    pub fn report(&mut self) -> Option<Report> {
        protocol::receive(&mut self.reports).ok().flatten()
    }

    /// Waits for the end of a worker that is gone, and says in words how it ended.
    pub fn obituary(&mut self) -> String {
        match self.child.wait() {
            Ok(status) => format!("its worker process ended: {status}"),
            Err(error) => format!("its worker process is lost: {error}"),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Its input is closed by now, so it ends by itself within a tick; a worker that hangs must not hang us.
        for _ in 0..200 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
