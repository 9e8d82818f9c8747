//! Looking at few entries of many: what is known of the others is what was kept of them (`album`). Whatever is shown
//! or judged this way is what looking at everything would show; where that cannot be told, everything is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use super::album::{self, Album, Page, Told, Touched};
use super::cells::{Experiments, Plans};
use super::curves;
use super::flight;
use super::folder::{Detail, Look, Notebook, held_up};
use super::glance::Glance;
use super::judge;
use super::known::Known;
use super::ledger::{self, Line, Sheet};
use super::price::Pricer;
use super::read::Draft;
use super::reference::{Reference, find_entry};
use super::snapshot::{Entry, Snapshot};
use super::there::There;
use crate::base::Diagnostic;
use crate::base::text::clean_line;
use crate::runner::cost::Timed;
use crate::runner::supervisor::Roster;
use crate::spec::Context;
use crate::store::journal::{self, LiveRun};
use crate::store::{RunRecord, Stamp, TableRead, unite};

impl Notebook {
    /// The log: every entry at a glance, newest first, and what is wrong with the notebook itself. Where nothing changed
    /// since the last time, it is what was kept of it, and nothing is read.
    pub fn glances(&mut self) -> (Vec<Glance>, Vec<Diagnostic>) {
        let key = album::key(&self.root, &self.library);
        if let Some(glances) = self.kept_pages(&key).and_then(|(album, entries)| album.glances(&entries)) {
            return (glances, Vec::new());
        }
        let look = self.look(|_| Detail::Verdicts);
        let glances = look.snapshot.entries.iter().map(|entry| Glance::of(entry)).collect();
        self.keep(key, &look);
        (glances, look.snapshot.diagnostics)
    }

    /// Every claim by what it puts to the test, likewise; and what is wrong with the notebook itself.
    pub fn ledger(&mut self) -> (Sheet, Vec<Diagnostic>) {
        let key = album::key(&self.root, &self.library);
        if let Some((album, entries)) = self.kept_pages(&key) {
            let pages: Vec<&Page> = entries.iter().filter_map(|path| album.page(path)).collect();
            let lines: Vec<Line> = pages.iter().flat_map(|page| page.claims.iter().cloned()).collect();
            return (Sheet::new(&lines, pages.iter().flat_map(|page| &page.ledgers)), Vec::new());
        }
        let look = self.look(|_| Detail::Verdicts);
        let entries = &look.snapshot.entries;
        let lines: Vec<Line> = entries.iter().flat_map(|entry| ledger::lines(entry)).collect();
        let sheet = Sheet::new(&lines, entries.iter().flat_map(|entry| ledger::ledgers(entry)));
        self.keep(key, &look);
        (sheet, look.snapshot.diagnostics)
    }

    /// As [`Self::snapshot`], for whoever shows the log for hours: only the entries of which something is `wanted`, those
    /// that changed and those with runs in flight are read, and the others are shown as they were kept (see
    /// [`Entry::is_read`]); their text too, if `texts` are wanted. The first look at a notebook, and that at a small one,
    /// is at everything. Without `news` it is not asked of a thousand files whether they changed: who goes through the log
    /// wants more entries, and hears of changes when they are looked for next.
    pub fn log(&mut self, wanted: impl Fn(&str) -> Option<Detail>, texts: bool, news: bool) -> Snapshot {
        if !news && let Some(snapshot) = self.kept_log(None, &wanted, texts) {
            return snapshot;
        }
        let key = album::key(&self.root, &self.library);
        if let Some(snapshot) = self.kept_log(Some(&key), &wanted, texts) {
            return snapshot;
        }
        let look = self.look(|slug| wanted(slug).unwrap_or(Detail::Verdicts));
        // A small notebook is looked at whole again and again: what it comes to is kept when that is news.
        if self.kept_at.is_none() || look.state.is_some() && look.state != self.kept_at {
            self.kept_at = Some(look.state.unwrap_or_default());
            self.keep(key, &look);
        }
        look.snapshot
    }

    /// The log by what was kept under `key`, or, without one, by what is at hand of it.
    fn kept_log(
        &mut self,
        key: Option<&str>,
        wanted: &impl Fn(&str) -> Option<Detail>,
        texts: bool,
    ) -> Option<Snapshot> {
        if self.store.has_damage() {
            return None;
        }
        // The journals first, as when everything is looked at.
        let live = self.journals();
        self.watch.poll();
        let roster = self.watch.roster().clone();
        let trouble = roster.trouble.as_deref().map(held_up);
        let moves =
            !live.is_empty() || roster.open() > 0 || self.album.as_ref().is_none_or(Album::is_restless);
        let (mut album, paths, new) = match (key, self.listed.take()) {
            (Some(key), _) => self.kept(key)?,
            // What moves is looked for every time.
            (None, _) if moves => return None,
            (None, listed) => (self.album.take()?, listed?, Vec::new()),
        };
        let moving = moving(&live, &roster);
        let flights = flight::of(&live);
        let mut named = if key.is_some() { album.stale(&paths, &touched(&new)) } else { Vec::new() };
        let is_news = !(named.is_empty() && new.is_empty());
        let is_wanted = |path: &Path| wanted(&clean_line(&album::slug(path))).is_some();
        named.extend(paths.iter().filter(|path| album.is_about(path, &moving) || is_wanted(path)).cloned());
        named.sort();
        named.dedup();
        if named.len() * 2 > paths.len() {
            return None;
        }
        let some = self.read_some(&album, &paths, &named)?;
        let is_as_kept = |draft: &Arc<Draft>| {
            album.page(&draft.path).is_some_and(|page| draft.stamp().as_ref() == Some(&page.stamp))
        };
        if key.is_none() && !some.drafts.iter().all(is_as_kept) {
            // There is news: of that others may hang on it.
            return None;
        }
        let known = Known::new(some.records.clone(), live, roster);
        let detail = |slug: &str| wanted(slug).unwrap_or(Detail::Verdicts);
        let judged = self.judge_these(&some, known, detail, &Priced::ByKept(&album.examples))?;
        for (draft, entry) in some.drafts.iter().zip(&judged) {
            if let Some(page) = page(draft, entry, &some.plans) {
                let moves = moving.has(&page.runs, &draft.slug);
                album.put(page);
                // What moves is judged every time, and once more when it has come to rest.
                if moves {
                    album.distrust(&draft.path);
                }
            }
        }
        if is_news {
            album.write(&self.root);
        }
        let judged: BTreeMap<&Path, &Arc<Entry>> =
            judged.iter().map(|entry| (entry.path.as_path(), entry)).collect();
        let others: Vec<_> = paths.iter().filter(|path| !judged.contains_key(path.as_path())).collect();
        let mut others = self.stubs.of(&self.root, &album, &others, texts).into_iter();
        let entry = |path: &PathBuf| match judged.get(path.as_path()) {
            Some(entry) => Some(Arc::clone(entry)),
            None => others.next(),
        };
        let mut entries: Vec<Arc<Entry>> = paths.iter().map_while(entry).collect();
        ledger::fill(&mut entries, |entries| claims(entries, &album));
        self.forget_all_but(&some);
        (self.album, self.listed) = (Some(album), Some(paths));
        let diagnostics = trouble.into_iter().collect();
        Some(Snapshot { entries, others: Vec::new(), diagnostics, datasets: self.library.names(), flights })
    }

    /// Lets go of what was read of other entries.
    fn forget_all_but(&mut self, some: &Part) {
        self.judged.clear();
        let slugs: BTreeSet<&str> = some.drafts.iter().map(|draft| draft.slug.as_str()).collect();
        self.drafts.retain(|_, draft| slugs.contains(draft.slug.as_str()));
        self.planner.retain(|slug| slugs.contains(slug));
        self.store.forget_tables(&some.tables);
    }

    /// Keeps what was seen for the next look.
    fn keep(&mut self, key: String, look: &Look) {
        // What is wrong is told every time, and what moves is not worth keeping.
        if look.snapshot.diagnostics.is_empty() {
            let tables = self.store.tables_read();
            let examples = self.counted.timed(&look.records, &self.library);
            let mut album = Album::new(key, &tables, examples);
            for (draft, entry) in look.drafts.iter().zip(&look.snapshot.entries) {
                if let Some(page) = page(draft, entry, &look.plans)
                    && !look.moving.has(&page.runs, &draft.slug)
                {
                    album.put(page);
                }
            }
            album.write(&self.root);
            self.album = Some(album);
        }
    }

    /// As [`Self::snapshot`], for whoever is only interested in the entries that `targets` name (`entry#cell:arm`), and
    /// wants so much of them: of a thousand others hardly more is read than that nothing changed. Where a name is none,
    /// or nothing is named, it is everything.
    pub fn snapshot_about(&mut self, targets: &[impl AsRef<str>], detail: Detail) -> Snapshot {
        let slugs = self.slugs();
        let found = |target: &str| {
            let part = Reference::outside(target).entry.unwrap_or_default();
            find_entry(part, slugs.iter().map(String::as_str)).ok().map(str::to_owned)
        };
        let named: Option<BTreeSet<String>> = targets.iter().map(|target| found(target.as_ref())).collect();
        let Some(named) = named.filter(|named| !named.is_empty()) else {
            return self.snapshot(|_| detail);
        };
        let key = album::key(&self.root, &self.library);
        self.kept_snapshot(&key, &named, detail).unwrap_or_else(|| {
            let wanted = |slug: &str| if named.contains(slug) { detail } else { Detail::Verdicts };
            let look = self.look(wanted);
            self.keep(key, &look);
            look.snapshot
        })
    }

    /// What was kept, with the entries `named`, those that changed and those they speak of read and judged; `None` where
    /// that is no less than to look at everything.
    fn kept_snapshot(&mut self, key: &str, named: &BTreeSet<String>, detail: Detail) -> Option<Snapshot> {
        if self.store.has_damage() {
            return None;
        }
        // The journals first, as when everything is looked at.
        let live = self.journals();
        let (album, entries, _) = self.kept(key)?;
        let mut wanted = album.changed(&entries);
        let is_named = |path: &Path| named.contains(clean_line(&album::slug(path)).as_str());
        wanted.extend(entries.iter().filter(|path| is_named(path)).cloned());
        wanted.sort();
        wanted.dedup();
        if wanted.len() * 2 > entries.len() {
            return None;
        }
        self.watch.poll();
        let roster = self.watch.roster().clone();
        let trouble = roster.trouble.clone();
        let some = self.read_some(&album, &entries, &wanted)?;
        let known = Known::new(some.records.clone(), live, roster);
        let wants = |slug: &str| if named.contains(slug) { detail } else { Detail::Verdicts };
        // What runs will cost follows from all that were ever done.
        let lacking = some.drafts.iter().any(|draft| {
            named.contains(&draft.slug) && some.plans.runs(draft).any(|run| known.record(run).is_none())
        });
        let records = if lacking { self.store.read_summaries().0 } else { some.records.clone() };
        let mut judged = self.judge_these(&some, known, wants, &Priced::ByRecords(&records))?;
        judged.sort_by(|one, other| other.path.cmp(&one.path));
        ledger::fill(&mut judged, |judged| {
            let kept = entries.iter().filter(|path| !judged.iter().any(|entry| entry.path == **path));
            let kept = kept.filter_map(|path| album.page(path)).flat_map(|page| page.claims.iter().cloned());
            judged.iter().flat_map(|entry| ledger::lines(entry)).chain(kept).collect()
        });
        let others: Vec<PathBuf> = entries
            .iter()
            .filter(|path| !some.drafts.iter().any(|draft| draft.path == **path))
            .cloned()
            .collect();
        Some(Snapshot {
            entries: judged,
            others: album.neighbours(&others),
            diagnostics: trouble.map(|trouble| held_up(&trouble)).into_iter().collect(),
            datasets: self.library.names(),
            flights: Vec::new(),
        })
    }

    /// What was kept, the entries there are, and the tables that are new, which what was kept has now, too.
    fn kept(&mut self, key: &str) -> Option<(Album, Vec<PathBuf>, Vec<TableRead>)> {
        let (mut album, There { entries, tables, curves }) = match self.album.take() {
            Some(album) if album.is_of(key) => (album, There::of(&self.root, &self.store)?),
            // What was kept takes as long to read as it takes to see what is there.
            _ => thread::scope(|scope| {
                let there = scope.spawn(|| There::of(&self.root, &self.store));
                let album = Album::read(&self.root, key);
                let there = there.join().unwrap_or_else(|panic| resume_unwind(panic));
                album.zip(there)
            })?,
        };
        let new = self.store.read_tables(&album.unknown(&tables, &curves)?)?;
        for table in &new {
            album.add(table);
        }
        if !new.is_empty() {
            let records: Vec<_> = new.iter().flat_map(|table| &table.records).cloned().collect();
            album.learn(self.counted.timed(&records, &self.library));
        }
        Some((album, entries, new))
    }

    /// Whether nothing is going on in it.
    fn is_quiet(&mut self) -> bool {
        self.watch.poll();
        let roster = self.watch.roster();
        roster.open() == 0
            && roster.trouble.is_none()
            && journal::folders(&journal::live_root(&self.root)).is_empty()
    }

    /// What was kept of all entries, with those judged anew about which something changed, and where they stand; `None`
    /// where that is no less than to look at everything.
    fn kept_pages(&mut self, key: &str) -> Option<(Album, Vec<PathBuf>)> {
        if !self.is_quiet() {
            return None;
        }
        let (mut album, entries, new) = self.kept(key)?;
        let stale = album.stale(&entries, &touched(&new));
        if stale.len() * 2 > entries.len() {
            return None;
        }
        if !(stale.is_empty() && new.is_empty()) {
            for page in self.judge_some(&album, &entries, &stale)? {
                album.put(page);
            }
            album.write(&self.root);
        }
        Some((album, entries))
    }

    /// Judges the entries at `stale` by reading no more than they need.
    fn judge_some(&mut self, album: &Album, entries: &[PathBuf], stale: &[PathBuf]) -> Option<Vec<Page>> {
        let some = self.read_some(album, entries, stale)?;
        let known = Known::new(some.records.clone(), Vec::new(), Roster::default());
        let judged =
            self.judge_these(&some, known, |_| Detail::Verdicts, &Priced::ByRecords(&some.records))?;
        let wanted = some.drafts.iter().zip(&judged).filter(|(draft, _)| stale.contains(&draft.path));
        let pages = wanted.map(|(draft, entry)| page(draft, entry, &some.plans));
        pages.collect()
    }

    /// Judges what was read of some entries, in their order; `None` if one of the files of their curves is damaged.
    fn judge_these(
        &mut self,
        some: &Part,
        mut known: Known,
        detail: impl Fn(&str) -> Detail,
        priced: &Priced<'_>,
    ) -> Option<Vec<Arc<Entry>>> {
        if !self.read_curves(&some.drafts, &some.plans, &mut known, detail, &mut Vec::new()) {
            return None;
        }
        let (shelf, _) = self.shelf();
        let pricer = match priced {
            Priced::ByRecords(records) => Pricer::new(&self.root, &self.library, records, &self.counted),
            Priced::ByKept(examples) => {
                Pricer::new(&self.root, &self.library, &[], &self.counted).by(examples)
            }
        };
        let experiments =
            Experiments::new(&some.drafts, &some.plans, &known, &pricer).among(some.slugs.clone());
        Some(some.drafts.iter().map(|draft| Arc::new(judge::entry(draft, &experiments, &shelf))).collect())
    }

    /// Reads the entries at `wanted` and those of whose experiments they speak, and what is stored of their runs.
    fn read_some(&mut self, album: &Album, entries: &[PathBuf], wanted: &[PathBuf]) -> Option<Part> {
        let context = Context { datasets: self.library.names() };
        let own = self.drafts(wanted, &context);
        let mut slugs = album.with_experiments(wanted);
        let with = own.iter().filter(|draft| draft.experiments().next().is_some());
        slugs.extend(with.map(|draft| draft.slug.clone()));
        let others: BTreeSet<String> = own.iter().flat_map(|draft| curves::abroad(draft, &slugs)).collect();
        let others: Vec<PathBuf> = entries
            .iter()
            .filter(|path| !wanted.contains(path) && others.contains(&clean_line(&album::slug(path))))
            .cloned()
            .collect();
        let mut drafts = self.drafts(&others, &context);
        drafts.extend(own);
        let plans = Plans::new(&drafts, &self.library, &mut self.planner);
        let runs = drafts.iter().flat_map(|draft| plans.runs(draft)).map(album::short);
        let about = Touched::new(runs, drafts.iter().map(|draft| draft.slug.clone()));
        let tables = album.tables_about(&about);
        let read = self.store.read_tables(&tables)?;
        let records = unite(read.iter().flat_map(|table| &table.records));
        Some(Part { drafts, plans, tables, records, slugs })
    }
}

/// What it is told by how long missing runs will take.
enum Priced<'a> {
    /// Runs that are stored.
    ByRecords(&'a [Arc<RunRecord>]),
    /// What was kept of those.
    ByKept(&'a [Timed]),
}

/// The claims of all entries, of those that were not read as they were kept.
fn claims(entries: &[Arc<Entry>], album: &Album) -> Vec<Line> {
    let of = |entry: &Arc<Entry>| -> Vec<Line> {
        match album.page(&entry.path) {
            Some(page) if !entry.is_read => page.claims.clone(),
            _ => ledger::lines(entry).collect(),
        }
    };
    entries.iter().flat_map(of).collect()
}

/// What rows of tables are about.
fn touched(tables: &[TableRead]) -> Touched {
    let runs = tables.iter().flat_map(|table| &table.records);
    let origins = runs.clone().map(|record| record.origin.entry.clone());
    Touched::new(runs.map(|record| album::short(&record.run)), origins)
}

/// What runs that are in flight, or left of one that was, are about, and those that wait.
pub fn moving(live: &[LiveRun], roster: &Roster) -> Touched {
    let running = roster.running.iter().map(|(run, going)| (run, &going.seat));
    let asked = roster.queued.iter().chain(running);
    let asked = asked.map(|(run, seat)| (run, &seat.origin.entry));
    let all = live.iter().map(|live| (&live.run, &live.start.origin.entry)).chain(asked);
    Touched::new(all.clone().map(|(run, _)| album::short(run)), all.map(|(_, entry)| entry.clone()))
}

/// Some entries as they were read.
struct Part {
    drafts: Vec<Arc<Draft>>,
    plans: Plans,
    /// The summary files with rows about them, and the runs in those.
    tables: BTreeMap<PathBuf, Stamp>,
    records: Vec<Arc<RunRecord>>,
    /// Slugs of all entries that have experiments, those too that were not read.
    slugs: Vec<String>,
}

/// What is kept of an entry; `None` if its file was not there.
fn page(draft: &Draft, entry: &Entry, plans: &Plans) -> Option<Page> {
    Some(Page {
        claims: ledger::lines(entry).collect(),
        ledgers: ledger::ledgers(entry).cloned().collect(),
        problems: entry.problems().map(Told::of).collect(),
        file: album::slug(&draft.path).into_owned(),
        stamp: draft.stamp()?,
        runs: plans.runs(draft).map(album::short).collect(),
        abroad: draft.references().any(|reference| Reference::within(reference).entry.is_some()),
        experiments: draft.experiments().next().is_some(),
        links: entry.document.links.clone(),
        glance: Glance::of(entry),
    })
}
