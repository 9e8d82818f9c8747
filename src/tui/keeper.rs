//! Who has the notebook: a thread of its own, so that reading files and Parquet never holds up a key.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::msg::Msg;
use crate::base::RunId;
use crate::notebook::{EntryMark, Snapshot};
use crate::runner::{Event, Job};

/// What the screen needs of a notebook and its crew. Tests have their own.
pub trait Backend: Send {
    /// Reads everything anew, the entries with these slugs with their curves. What has not changed is best the same
    /// `Arc<Entry>` as before: it is then not drawn again.
    fn load(&mut self, wanted: &BTreeSet<String>) -> Arc<Snapshot>;
    /// Whether a file or a journal changed since the last [`Self::load`]; called often, so only times are looked at.
    fn changed(&mut self) -> bool;
    /// Asks for runs.
    fn submit(&mut self, jobs: Vec<Job>);
    /// Stops runs, queued or running.
    fn cancel(&mut self, runs: &[RunId]);
    /// What happened since the last call; does not wait.
    fn events(&mut self) -> Vec<Event>;
}

/// How often it is looked for changes while runs are going; live curves move at most this often (DESIGN §7: 4 Hz).
const BUSY: Duration = Duration::from_millis(250);

/// The same when nothing is going.
const QUIET: Duration = Duration::from_secs(1);

/// What is asked of the thread.
#[derive(Debug)]
pub enum Request {
    /// Do these runs.
    Submit(Vec<Job>),
    /// Stop these runs.
    Cancel(Vec<RunId>),
    /// Read everything anew.
    Reload,
    /// Read these entries with their curves.
    Want(BTreeSet<String>),
}

/// The thread that has the notebook.
pub struct Keeper {
    requests: Sender<Request>,
    thread: JoinHandle<()>,
}

impl Keeper {
    /// Starts it; it reads the notebook at once and tells `screen`.
    pub fn start(backend: impl Backend + 'static, screen: UnboundedSender<Msg>) -> std::io::Result<Self> {
        let (requests, inbox) = channel();
        let work = Work {
            backend,
            screen,
            inbox,
            wants: Wants::Reload,
            curves: BTreeSet::new(),
            busy: false,
            read: None,
        };
        let thread = thread::Builder::new().name("keeper".to_owned()).spawn(move || work.run())?;
        Ok(Self { requests, thread })
    }

    /// Asks something of it.
    pub fn ask(&self, request: Request) {
        // It is gone only if it panicked; the screen then still shows what was read.
        let _ = self.requests.send(request);
    }

    /// Lets it finish what it is doing and drops the backend, which ends the runs.
    pub fn finish(self) {
        drop(self.requests);
        let _ = self.thread.join();
    }
}

/// What is to be done about the notebook.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    /// Read it if it changed.
    Check,
    /// Read it.
    Reload,
}

struct Work<B> {
    backend: B,
    screen: UnboundedSender<Msg>,
    inbox: Receiver<Request>,
    wants: Wants,
    /// Slugs of the entries that are read with their curves.
    curves: BTreeSet<String>,
    /// Whether runs are going, here or elsewhere.
    busy: bool,
    /// When it was last read.
    read: Option<Instant>,
}

impl<B: Backend> Work<B> {
    fn run(mut self) {
        while self.look().is_some() {
            match self.inbox.recv_timeout(self.patience()) {
                Ok(request) => self.take(request),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            while let Ok(request) = self.inbox.try_recv() {
                self.take(request);
            }
        }
    }

    fn patience(&self) -> Duration {
        if self.busy || self.wants == Wants::Reload { BUSY } else { QUIET }
    }

    fn take(&mut self, request: Request) {
        match request {
            Request::Submit(jobs) => {
                self.busy = true;
                self.backend.submit(jobs);
            }
            Request::Cancel(runs) => self.backend.cancel(&runs),
            Request::Reload => self.wants = Wants::Reload,
            Request::Want(curves) => {
                self.curves = curves;
                // The person waits for this one.
                (self.wants, self.read) = (Wants::Reload, None);
            }
        }
    }

    /// Tells what happened, and reads the notebook if there is something new in it; `None` when nobody listens.
    fn look(&mut self) -> Option<()> {
        for event in self.backend.events() {
            self.wants = Wants::Reload;
            self.screen.send(Msg::Crew(event)).ok()?;
        }
        let rested = self.read.is_none_or(|at| at.elapsed() >= BUSY);
        if rested && (self.wants == Wants::Reload || self.backend.changed()) {
            let snapshot = self.backend.load(&self.curves);
            self.busy = is_busy(&snapshot);
            (self.wants, self.read) = (Wants::Check, Some(Instant::now()));
            self.screen.send(Msg::Snapshot(snapshot)).ok()?;
        }
        Some(())
    }
}

fn is_busy(snapshot: &Snapshot) -> bool {
    snapshot.entries.iter().any(|entry| matches!(entry.mark, EntryMark::Running(_)))
}
