//! What a screen or a command has of the supervisor: it asks, and it hears.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::folder::Folder;
use super::lock::Lock;
use super::log::Line;
use super::orders::{self, Request};
use super::roster::Roster;
use super::start;
use super::watch::Watch;
use crate::base::RunId;
use crate::runner::{Event, Job, Queued};

/// What a client hears.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// How it stands with everything: at the first look, and whenever another supervisor took over.
    Roster(Box<Roster>),
    /// Something happened since.
    Event(Event),
}

/// A supervisor that was started takes so long at most to be there.
const START: Duration = Duration::from_secs(2);

/// One that has been there for so long did not end at once.
const STAYS: Duration = Duration::from_secs(5);

/// One that was killed is replaced this soon …
const AGAIN: Duration = Duration::from_millis(50);

/// … until so many have lived for a moment only.
const BRIEF_LIVES: u32 = 500;

/// After so many that never came, starting waits longer and the reason is said.
const STARTS: u32 = 3;

/// A supervisor that has not been able to touch its lock for so long cannot write, or hangs.
const SILENCE: Duration = Duration::from_secs(10);

/// A client of the supervisor of a notebook.
#[derive(Debug)]
pub struct Client {
    root: PathBuf,
    watch: Watch,
    /// Orders given, as far as they stand.
    given: Vec<Given>,
    /// Whether the first look is done.
    looked: bool,
    /// What is to be said with the next look.
    unsaid: Vec<News>,
    starts: Starts,
    silence: Silence,
}

/// An order, and its runs that have not ended.
#[derive(Debug)]
struct Given {
    path: PathBuf,
    open: Vec<Queued>,
}

/// Attempts to start a supervisor, in a row.
#[derive(Debug, Default)]
struct Starts {
    last: Option<Instant>,
    /// How many have not come.
    count: u32,
    /// Whether the last one was there.
    came: bool,
    /// How many were there and did not stay.
    brief: u32,
    /// What was said last of why none comes.
    told: Option<String>,
}

/// How long the lock of a supervisor has not been touched.
#[derive(Debug, Default)]
struct Silence {
    touched: Option<SystemTime>,
    since: Option<Instant>,
    told: bool,
}

impl Client {
    /// For the notebook at `root`. Nothing is started or looked at yet.
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            watch: Watch::new(root),
            given: Vec::new(),
            looked: false,
            unsaid: Vec::new(),
            starts: Starts::default(),
            silence: Silence::default(),
        }
    }

    /// Asks for runs, on so many workers (`None`: one per core). They stand in an order on disk when this returns.
    pub fn submit(&mut self, jobs: Vec<Job>, workers: Option<usize>) -> io::Result<()> {
        let open = jobs.iter().map(Job::queued).collect();
        let path = self.give(Request::Run { jobs, workers })?;
        self.given.push(Given { path, open });
        Ok(())
    }

    /// Asks that runs be stopped; all of the notebook, if `None`.
    pub fn stop(&mut self, runs: Option<Vec<RunId>>) -> io::Result<()> {
        self.give(Request::Stop { runs }).map(drop)
    }

    fn give(&mut self, request: Request) -> io::Result<PathBuf> {
        let folder = Folder::of(&self.root)?;
        let order = orders::give(&folder, request)?;
        self.starts = Starts::default();
        let trouble = self.revive(&folder);
        self.unsaid.extend(trouble);
        Ok(order)
    }

    /// Waits a moment for a supervisor to be there; what hinders it, if none comes.
    pub fn wait_for_supervisor(&mut self) -> Result<(), String> {
        let began = Instant::now();
        loop {
            let trouble = self.poll().into_iter().find_map(|news| match news {
                News::Event(Event::Trouble(trouble)) => Some(trouble),
                _ => None,
            });
            match trouble {
                _ if self.watch.is_alive() || self.is_settled() => return Ok(()),
                Some(trouble) => return Err(trouble),
                None if began.elapsed() >= 2 * START => {
                    return Err("no supervisor has come to do them yet".to_owned());
                }
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Whether everything asked for here is over, and stored.
    pub fn is_settled(&self) -> bool {
        self.given.is_empty()
    }

    /// Whether everything is over and stored that anybody asked for.
    pub fn all_is_settled(&self) -> bool {
        Folder::of(&self.root).is_ok_and(|folder| orders::standing(&folder).is_empty())
    }

    /// How it stands, as of the last [`Self::poll`].
    pub fn roster(&self) -> &Roster {
        self.watch.told()
    }

    /// What happened since the last call. Starts a supervisor where runs wait and there is none: one that was killed
    /// takes nothing with it as long as anybody looks.
    pub fn poll(&mut self) -> Vec<News> {
        let was_alive = self.watch.is_alive();
        let lines = self.watch.poll();
        let looked = std::mem::replace(&mut self.looked, true);
        let mut news = if looked {
            let mut news = self.told(&lines);
            if was_alive && !self.watch.is_alive() {
                news.push(self.standing());
            }
            news
        } else {
            vec![self.standing()]
        };
        // Of runs about which there was nothing to do, nothing was said: how it stands tells that they are over.
        let taken = lines.iter().any(|line| matches!(line, Line::Taken(_)));
        if self.settle() || looked && taken {
            news.push(self.standing());
        }
        news.append(&mut self.unsaid);
        let Ok(folder) = Folder::of(&self.root) else { return news };
        if self.watch.is_alive() {
            self.starts.came();
            news.extend(self.silence.look(&folder));
        } else if !self.watch.told().queued.is_empty() || !self.given.is_empty() {
            news.extend(self.revive(&folder));
        }
        news
    }

    /// What the lines of the log tell. A supervisor that took over begins with what was ordered here, and says the
    /// rest itself.
    fn told(&mut self, lines: &[Line]) -> Vec<News> {
        let begin = lines.iter().rposition(|line| matches!(line, Line::Begin(_)));
        let (before, after) = lines.split_at(begin.unwrap_or(0));
        self.note_ends(before);
        let mut news = Vec::new();
        if let Some(line) = after.first().filter(|_| begin.is_some()) {
            news.push(News::Roster(Box::new(self.watch.at(line))));
        }
        self.note_ends(after);
        let event = |line: &Line| {
            if let Line::Event { what, .. } = line { Some(News::Event(what.clone())) } else { None }
        };
        news.extend(after.iter().filter_map(event));
        news
    }

    /// Forgets the orders that are done; whether there were runs among them of which nothing was said, since there
    /// was nothing to do about them.
    fn settle(&mut self) -> bool {
        let (standing, done) = std::mem::take(&mut self.given)
            .into_iter()
            .partition(|order| order.path.try_exists().unwrap_or(true));
        self.given = standing;
        let done: Vec<Given> = done;
        done.iter().any(|order| !order.open.is_empty())
    }

    fn standing(&self) -> News {
        News::Roster(Box::new(self.watch.told().clone()))
    }

    fn note_ends(&mut self, lines: &[Line]) {
        for line in lines {
            if let Line::Event { what: Event::Ended(run, _), .. } = line {
                self.given.iter_mut().for_each(|order| order.open.retain(|queued| queued.run != *run));
            }
        }
    }

    /// Starts a supervisor, if there is none and none is on its way.
    fn revive(&mut self, folder: &Folder) -> Option<News> {
        // A supervisor that said something before it ended did so for a reason; one that was killed did not.
        let words = if self.starts.came { start::last_words(folder) } else { None };
        let on_its_way =
            self.starts.last.is_some_and(|last| last.elapsed() < self.starts.wait(words.is_some()));
        if on_its_way || Lock::is_held(folder) {
            return None;
        }
        self.starts.last = Some(Instant::now());
        self.starts.came = false;
        self.starts.count += 1;
        let well = self.starts.count <= STARTS && self.starts.brief <= BRIEF_LIVES;
        let why = match (start::start(&self.root), words) {
            (Err(error), _) => error.to_string(),
            (Ok(()), Some(words)) => words,
            (Ok(()), None) if well => return None,
            (Ok(()), None) => start::last_words(folder).unwrap_or_else(|| "it ends at once".to_owned()),
        };
        let trouble = format!("nobody works at the runs: a supervisor cannot be started: {why}");
        let is_news = self.starts.told.replace(trouble.clone()).as_ref() != Some(&trouble);
        is_news.then_some(News::Event(Event::Trouble(trouble)))
    }
}

impl Starts {
    /// One is there.
    fn came(&mut self) {
        if !std::mem::replace(&mut self.came, true) {
            self.count = 0;
            self.brief += 1;
        }
        if self.last.is_none_or(|last| last.elapsed() >= STAYS) {
            (self.brief, self.told) = (0, None);
        }
    }

    /// How long after the last start it is before the next; `complained` if the last one said why it ended.
    fn wait(&self, complained: bool) -> Duration {
        if complained || self.brief > BRIEF_LIVES || self.count >= STARTS {
            5 * START
        } else if self.came {
            AGAIN
        } else {
            START
        }
    }
}

impl Silence {
    fn look(&mut self, folder: &Folder) -> Option<News> {
        let touched = std::fs::metadata(folder.lock()).and_then(|metadata| metadata.modified()).ok();
        if touched != self.touched || self.since.is_none() {
            let news = std::mem::take(&mut self.told).then_some(News::Event(Event::Recovered));
            *self = Self { touched, since: Some(Instant::now()), told: false };
            return news;
        }
        let silent = self.since.is_some_and(|since| since.elapsed() >= SILENCE);
        if !silent || std::mem::replace(&mut self.told, true) {
            return None;
        }
        let why = folder.probe().map_or_else(|error| error.to_string(), |()| "it may hang".to_owned());
        Some(News::Event(Event::Trouble(format!("nothing is heard of the supervisor: {why}"))))
    }
}
