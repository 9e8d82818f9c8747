//! Who has the notebook: a thread of its own, so that reading files and Parquet never holds up a key.

use std::collections::{BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::msg::Msg;
use super::wanted::Wanted;
use crate::base::RunId;
use crate::compare::runs::RunTable;
use crate::notebook::write::SaveError;
use crate::notebook::{Entry, EntryMark, RunOrder, Snapshot};
use crate::runner::supervisor::News;
use crate::runner::{Event, Job};

/// What the screen needs of a notebook and its supervisor. Tests have their own.
pub trait Backend: Send {
    /// The folder of the notebook.
    fn root(&self) -> PathBuf;
    /// Reads everything anew, the entries with these slugs with their curves. What has not changed is best the same
    /// `Arc<Entry>` as before: it is then not drawn again. For `news` it is to be looked for; without, what was there at the
    /// last call may be taken to be there still, but for what is read for the first time.
    fn load(&mut self, wanted: &Wanted, texts: bool, news: bool) -> Arc<Snapshot>;
    /// The runs that are asked for, as they are now; `tags` are those of the entries, by slug.
    fn runs(&mut self, order: &RunOrder, tags: Vec<(String, Vec<String>)>) -> RunTable;
    /// Whether a file or a journal changed since the last [`Self::load`]; called often, so only times are looked at.
    fn changed(&mut self) -> bool;
    /// Asks for runs.
    fn submit(&mut self, jobs: Vec<Job>);
    /// Stops runs, queued or running.
    fn cancel(&mut self, runs: &[RunId]);
    /// Writes an entry (its path, its text as it was read, its text from now on).
    fn save(&mut self, path: &Path, base: &str, text: &str) -> Result<(), SaveError>;
    /// Begins an entry under a title; its path.
    fn create(&mut self, title: &str) -> Result<PathBuf, String>;
    /// Appends a line to today's entry; its path.
    fn append(&mut self, line: &str) -> Result<PathBuf, String>;
    /// What is new of the runs since the last call; does not wait.
    fn news(&mut self) -> Vec<News>;
}

/// How often it is looked for changes while runs are going; live curves move at most this often (DESIGN §7: 4 Hz).
const BUSY: Duration = Duration::from_millis(250);

/// The same when nothing is going.
const QUIET: Duration = Duration::from_secs(1);

/// How long a selection must rest before its curves are read: whoever runs through the log reads none.
const REST: Duration = Duration::from_millis(80);

/// A table of ten thousand runs takes a while to make: while runs go, it is made again after so many times as long.
const TABLE_SHARE: u32 = 4;

/// So many tables of runs the screen may have at once: the one it shows, and those that are on their way.
const KEPT_TABLES: usize = 3;

/// What is said when reading the notebook panicked: a defect, but what is on the screen can still be read.
const BROKEN: &str = "an internal error: nothing new will show; leave with q and open it again";

/// What is asked of the thread.
#[derive(Debug)]
pub enum Request {
    /// Do these runs.
    Submit(Vec<Job>),
    /// Stop these runs.
    Cancel(Vec<RunId>),
    /// Read everything anew.
    Reload,
    /// Write an entry, unless it is no longer what it was.
    Save(PathBuf, String, String),
    /// Begin an entry under this title.
    NewEntry(String),
    /// Append a line to today's entry.
    Append(String),
    /// From now on, so much is needed of entries.
    Want(Wanted),
    /// From now on, this table of runs is wanted, or none.
    Tabulate(Option<RunOrder>),
}

/// The thread that has the notebook.
pub struct Keeper {
    requests: Sender<Request>,
    thread: JoinHandle<()>,
}

impl Keeper {
    /// Starts it; it reads the notebook at once, `wanted` of it, and tells `screen`.
    pub fn start(
        backend: impl Backend + 'static,
        screen: UnboundedSender<Msg>,
        wanted: Wanted,
    ) -> std::io::Result<Self> {
        let (requests, inbox) = channel();
        let work = Work {
            backend,
            screen,
            inbox,
            wants: Wants::Reload,
            wanted,
            texts: false,
            drawn: BTreeSet::new(),
            rests: Instant::now(),
            has_moved: false,
            busy: false,
            due: None,
            shown: None,
            shown_before: None,
            order: None,
            table_due: None,
            tables: VecDeque::new(),
        };
        let thread = thread::Builder::new().name("keeper".to_owned()).spawn(move || {
            let screen = work.screen.clone();
            if catch_unwind(AssertUnwindSafe(|| work.run())).is_err() {
                // The panic itself is not printed: it would go over the screen.
                let _ = screen.send(Msg::Runs(News::Event(Event::Trouble(BROKEN.to_owned()))));
            }
        })?;
        Ok(Self { requests, thread })
    }

    /// Asks something of it.
    pub fn ask(&self, request: Request) {
        // It is gone only if it panicked; the screen then still shows what was read.
        let _ = self.requests.send(request);
    }

    /// Lets it finish what it is doing and drops the backend. Runs go on.
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
    /// Read what is wanted of it now; what changed meanwhile the next check will tell.
    More,
    /// Read it.
    Reload,
}

struct Work<B> {
    backend: B,
    screen: UnboundedSender<Msg>,
    inbox: Receiver<Request>,
    wants: Wants,
    /// What is needed of entries.
    wanted: Wanted,
    /// Whether the texts of all entries are needed: not for the first frame, but for whoever searches.
    texts: bool,
    /// Slugs of the entries that were read with their curves.
    drawn: BTreeSet<String>,
    /// When the curves of a new selection are read, and whether there was another before.
    rests: Instant,
    has_moved: bool,
    /// Whether runs are going, here or elsewhere.
    busy: bool,
    /// When it may be read again; at once where nothing is said.
    due: Option<Instant>,
    /// What the screen shows, and what it showed before. Kept so that a snapshot of thousands of runs is freed on
    /// this thread and holds up no key.
    shown: Option<Arc<Snapshot>>,
    shown_before: Option<Arc<Snapshot>>,
    /// The table of runs that is wanted, and whether it is to be made anew.
    order: Option<(RunOrder, bool)>,
    /// When it may be made again, where nothing else is asked for.
    table_due: Option<Instant>,
    /// The tables that the screen may still have, kept for the same reason.
    tables: VecDeque<Arc<RunTable>>,
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
        match (self.wants, self.due) {
            (Wants::Reload | Wants::More, Some(due)) => due.saturating_duration_since(Instant::now()),
            _ if self.busy => BUSY,
            _ => QUIET,
        }
    }

    fn take(&mut self, request: Request) {
        match request {
            Request::Submit(jobs) => {
                self.busy = true;
                self.backend.submit(jobs);
            }
            Request::Cancel(runs) => self.backend.cancel(&runs),
            Request::Save(path, base, text) => {
                let outcome = self.backend.save(&path, &base, &text);
                self.wants = Wants::Reload;
                // Nobody listens only when the program is ending.
                let _ = self.screen.send(Msg::Saved { path, outcome });
            }
            Request::NewEntry(title) => {
                let outcome = self.backend.create(&title);
                let _ = self.screen.send(Msg::Written(outcome));
            }
            Request::Append(line) => {
                let outcome = self.backend.append(&line);
                let _ = self.screen.send(Msg::Written(outcome));
            }
            Request::Reload => self.wants = Wants::Reload,
            Request::Tabulate(order) => {
                self.order = order.map(|order| (order, true));
                self.table_due = None;
            }
            Request::Want(wanted) => {
                self.wanted = wanted;
                let now = Instant::now();
                // What is selected first, when the screen opens, was not come upon in passing.
                self.rests = if self.has_moved { now + REST } else { now };
                self.has_moved = true;
                // An entry that was not read yet is, at once; curves can wait.
                let due = if self.is_all_read() { self.rests } else { now };
                // What was to be looked for still is.
                if self.wants != Wants::Reload {
                    self.wants = Wants::More;
                }
                self.due = Some(due);
            }
        }
    }

    /// Tells what happened, and reads the notebook if there is something new in it; `None` when nobody listens.
    fn look(&mut self) -> Option<()> {
        for news in self.backend.news() {
            self.wants = Wants::Reload;
            self.screen.send(Msg::Runs(news)).ok()?;
        }
        let may = self.due.is_none_or(|due| due <= Instant::now());
        if may && (self.wants != Wants::Check || self.backend.changed()) {
            self.read()?;
        }
        self.tabulate()
    }

    /// Makes the table that is wanted, if it was not made since something changed.
    fn tabulate(&mut self) -> Option<()> {
        let Some((order, outdated @ true)) = &mut self.order else { return Some(()) };
        if self.table_due.is_some_and(|due| Instant::now() < due) {
            return Some(());
        }
        *outdated = false;
        let began = Instant::now();
        let entries = self.shown.iter().flat_map(|snapshot| &snapshot.entries);
        let tags = entries.map(|entry| (entry.slug.clone(), entry.tags.clone())).collect();
        let table = Arc::new(self.backend.runs(order, tags));
        self.table_due = Some(Instant::now() + began.elapsed() * TABLE_SHARE);
        self.tables.push_back(Arc::clone(&table));
        while self.tables.len() > KEPT_TABLES {
            self.tables.pop_front();
        }
        self.screen.send(Msg::Table { scope: order.scope.clone(), table }).ok()
    }

    fn read(&mut self) -> Option<()> {
        let now = Instant::now();
        let resting = self.rests <= now;
        let early = || self.wanted.without_new_curves(&self.drawn);
        let wanted = if resting { self.wanted.clone() } else { early() };
        let snapshot = self.backend.load(&wanted, self.texts, self.wants != Wants::More);
        self.busy = is_busy(&snapshot);
        self.drawn = wanted.curves;
        let lacks_texts = !self.texts && snapshot.entries.iter().any(|entry| !entry.is_read);
        (self.wants, self.due) = match (resting, lacks_texts) {
            (false, _) => (Wants::More, Some(self.rests)),
            (true, true) => (Wants::Reload, Some(now)),
            (true, false) => (Wants::Check, Some(Instant::now() + BUSY)),
        };
        self.texts |= resting;
        if let Some((_, outdated)) = &mut self.order {
            *outdated = true;
        }
        self.shown_before = self.shown.replace(Arc::clone(&snapshot));
        self.screen.send(Msg::Snapshot(snapshot)).ok()
    }
}

impl<B> Work<B> {
    /// Whether the screen has read every entry that it needs.
    fn is_all_read(&self) -> bool {
        let entries = self.shown.iter().flat_map(|snapshot| &snapshot.entries);
        let unread = |entry: &&Arc<Entry>| !entry.is_read && self.wanted.detail(&entry.slug).is_some();
        !entries.into_iter().any(|entry| unread(&entry))
    }
}

fn is_busy(snapshot: &Snapshot) -> bool {
    snapshot.entries.iter().any(|entry| matches!(entry.mark, EntryMark::Running(_)))
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::*;
    use crate::tui::fixture;

    /// A backend that changes once, and panics when it is to run something.
    struct Fake {
        changes: usize,
    }

    impl Backend for Fake {
        fn root(&self) -> PathBuf {
            PathBuf::new()
        }

        fn load(&mut self, _: &Wanted, _: bool, _: bool) -> Arc<Snapshot> {
            fixture::many(1)
        }

        fn runs(&mut self, _: &RunOrder, _: Vec<(String, Vec<String>)>) -> RunTable {
            RunTable::default()
        }

        fn changed(&mut self) -> bool {
            std::mem::take(&mut self.changes) > 0
        }

        fn submit(&mut self, _: Vec<Job>) {
            panic!("on purpose");
        }

        fn cancel(&mut self, _: &[RunId]) {}

        fn save(&mut self, _: &Path, _: &str, _: &str) -> Result<(), SaveError> {
            Ok(())
        }

        fn create(&mut self, title: &str) -> Result<PathBuf, String> {
            Ok(PathBuf::from(title))
        }

        fn append(&mut self, line: &str) -> Result<PathBuf, String> {
            Err(line.to_owned())
        }

        fn news(&mut self) -> Vec<News> {
            Vec::new()
        }
    }

    fn kind(messages: &mut UnboundedReceiver<Msg>) -> &'static str {
        match messages.blocking_recv() {
            Some(Msg::Snapshot(_)) => "snapshot",
            Some(Msg::Runs(News::Event(Event::Trouble(_)))) => "trouble",
            Some(_) => "another",
            None => "nothing",
        }
    }

    #[test]
    fn it_reads_at_first_and_whenever_something_changed_and_ends_when_told() {
        let (screen, mut messages) = unbounded_channel();
        let keeper = Keeper::start(Fake { changes: 1 }, screen, Wanted::default()).unwrap();
        assert_eq!([kind(&mut messages), kind(&mut messages)], ["snapshot"; 2]);
        keeper.ask(Request::Reload);
        assert_eq!(kind(&mut messages), "snapshot");
        keeper.finish();
        assert_eq!(kind(&mut messages), "nothing");
    }

    #[test]
    fn a_defect_in_reading_is_said_and_ends_nothing_else() {
        let (screen, mut messages) = unbounded_channel();
        let keeper = Keeper::start(Fake { changes: 0 }, screen, Wanted::default()).unwrap();
        assert_eq!(kind(&mut messages), "snapshot");
        keeper.ask(Request::Submit(Vec::new()));
        assert_eq!(kind(&mut messages), "trouble");
        keeper.finish();
    }
}
