//! The runs of a notebook as one table: what is stored, what is in flight with its values so far, what waits, and, of
//! cells, what nobody has run yet.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::album::{self, Touched};
use super::cells::Plans;
use super::folder::Notebook;
use super::known::Known;
use super::read::{self, Draft};
use super::tabled::{Now, Reduced, Tabled};
use crate::base::RunId;
use crate::base::text::clean_line;
use crate::compare::runs::RunTable;
use crate::runner::Job;
use crate::runner::supervisor::Roster;
use crate::spec::query::Reduction;
use crate::spec::{Context, Experiment};
use crate::store::{Curve, RunRecord, unite};

/// Which runs a table is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All that are known, those too that no cell asks for any more.
    Notebook,
    /// Those that the cells of an entry ask for.
    Entry(String),
    /// Those that a cell asks for, by its entry and its id.
    Cell(String, String),
}

impl Scope {
    /// The entry that it is of.
    fn entry(&self) -> Option<&str> {
        match self {
            Self::Notebook => None,
            Self::Entry(entry) | Self::Cell(entry, _) => Some(entry),
        }
    }
}

/// A table that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOrder {
    /// Of which runs.
    pub scope: Scope,
    /// Curves that are to be read and reduced to a number each.
    pub reductions: Vec<(Reduction, String)>,
}

/// Tags of entries, by slug.
type Tags = HashMap<String, Vec<String>>;

impl Notebook {
    /// The runs that were asked for. `tags` are those of the entries, by slug. Asked again, only what is new is read.
    pub fn runs(
        &mut self,
        order: &RunOrder,
        tags: impl IntoIterator<Item = (String, Vec<String>)>,
    ) -> RunTable {
        let tags: Tags = tags.into_iter().collect();
        // The journals first: a run that is moved into the tables in between is then seen twice, and never not at all.
        let live = self.journals();
        self.watch.poll();
        let roster = self.watch.roster().clone();
        let last = self.tabled.take().filter(|(scope, _)| *scope == order.scope).map(|(_, tabled)| tabled);
        let jobs = self.jobs(order, &roster, last.as_ref());
        let now = Now { live, roster, jobs };
        let wanted: Option<HashSet<RunId>> =
            order.scope.entry().map(|_| now.jobs.iter().map(|job| job.run.clone()).collect());
        let same = |tabled: &Tabled| {
            tabled.wanted == wanted && order.reductions.iter().all(|one| tabled.reductions.contains(one))
        };
        let renewed = last.filter(same).and_then(|tabled| self.renewed(tabled, &now, order, &tags));
        let (tabled, table) = renewed.unwrap_or_else(|| self.tabulated(wanted, &now, order, &tags));
        self.tabled = Some((order.scope.clone(), tabled));
        table
    }

    /// The jobs that a table needs to know of.
    fn jobs(&mut self, order: &RunOrder, roster: &Roster, last: Option<&Tabled>) -> Vec<Job> {
        match &order.scope {
            Scope::Notebook => self.planned_open(roster, |run| last.is_some_and(|last| last.knows(run))),
            Scope::Entry(entry) => self.planned(entry, None),
            Scope::Cell(entry, cell) => self.planned(entry, Some(cell)),
        }
    }

    /// The table as it was, with what is new in it; `None` where that is no less than to make it anew: a file is gone, or
    /// a run that is in it was stored once more.
    fn renewed(
        &self,
        mut tabled: Tabled,
        now: &Now,
        order: &RunOrder,
        tags: &Tags,
    ) -> Option<(Tabled, RunTable)> {
        let tables = self.store.tables();
        let still = tabled.tables.iter().all(|(path, stamp)| tables.get(path) == Some(stamp));
        if !still || self.store.has_damage() {
            return None;
        }
        let new = tables.iter().filter(|(path, _)| !tabled.tables.contains_key(*path));
        let read =
            self.store.read_tables(&new.map(|(path, stamp)| (path.clone(), stamp.clone())).collect())?;
        let rows = read.iter().flat_map(|table| &table.records).filter(|record| tabled.wants(&record.run));
        let records = unite(rows);
        if records.iter().any(|record| tabled.has(&record.run)) {
            return None;
        }
        let reductions = tabled.reductions.clone();
        let reduce = |runs: &[&RunId], known: &Known| self.reduced(runs, known, &reductions);
        let table = tabled.table(records, now, order, tags, reduce)?;
        tabled.tables = tables;
        Some((tabled, table))
    }

    /// The table made of everything.
    fn tabulated(
        &self,
        wanted: Option<HashSet<RunId>>,
        now: &Now,
        order: &RunOrder,
        tags: &Tags,
    ) -> (Tabled, RunTable) {
        let held = self.store.held();
        let mut tabled = Tabled::new(wanted, &order.reductions);
        // Listed first: a file that comes in between is read again the next time.
        tabled.tables = self.store.tables();
        let mut records = self.records_of(&now.jobs, order.scope.entry());
        records.retain(|record| tabled.wants(&record.run));
        let reductions = tabled.reductions.clone();
        let reduce = |runs: &[&RunId], known: &Known| self.reduced(runs, known, &reductions);
        // A table without rows lacks none.
        let table = tabled.table(records, now, order, tags, reduce).unwrap_or_default();
        // Thousands of rows that were read for this alone are not held.
        self.store.forget_tables(&held);
        (tabled, table)
    }

    /// What is stored: of the jobs of an entry, where one is named.
    fn records_of(&self, jobs: &[Job], entry: Option<&str>) -> Vec<Arc<RunRecord>> {
        let about = entry.and_then(|entry| self.records_about(jobs, entry));
        about.unwrap_or_else(|| self.store.read_summaries().0)
    }

    /// What is stored of jobs, by reading only the files that have them, as far as what was kept tells.
    fn records_about(&self, jobs: &[Job], entry: &str) -> Option<Vec<Arc<RunRecord>>> {
        let album = self.album.as_ref().filter(|_| !self.store.has_damage())?;
        let mut tables = album.unknown(&self.store.tables(), &self.store.curve_files())?;
        let runs = jobs.iter().map(|job| album::short(&job.run));
        tables.extend(album.tables_about(&Touched::new(runs, [entry.to_owned()].into_iter())));
        let read = self.store.read_tables(&tables)?;
        Some(unite(read.iter().flat_map(|table| &table.records)))
    }

    /// Whether an entry has an experiment of that id.
    pub fn has_cell(&mut self, entry: &str, cell: &str) -> bool {
        self.draft_of(entry).is_some_and(|draft| draft.experiments().any(|experiment| experiment.id == cell))
    }

    /// The tags of all entries, by slug.
    pub fn tags(&mut self) -> Vec<(String, Vec<String>)> {
        self.glances().0.into_iter().map(|glance| (glance.slug, glance.tags)).collect()
    }

    fn draft_of(&mut self, entry: &str) -> Option<Arc<Draft>> {
        let paths = read::entries(self.root()).unwrap_or_default();
        let path = paths.into_iter().find(|path: &PathBuf| clean_line(&album::slug(path)) == entry)?;
        let context = Context { datasets: self.library().names() };
        self.drafts(&[path], &context).pop()
    }

    /// The runs that an entry asks for, or one of its cells.
    fn planned(&mut self, entry: &str, cell: Option<&str>) -> Vec<Job> {
        let Some(draft) = self.draft_of(entry) else { return Vec::new() };
        let plans = Plans::new(std::slice::from_ref(&draft), &self.library, &mut self.planner);
        let wanted = |experiment: &&Experiment| cell.is_none_or(|cell| experiment.id == cell);
        let jobs =
            draft.experiments().filter(wanted).flat_map(|experiment| plans.jobs(entry, &experiment.id));
        let mut seen = HashSet::new();
        jobs.filter(|job| seen.insert(job.run.clone())).cloned().collect()
    }

    /// The runs that wait or are going, as their cells ask for them: what is set is not told otherwise. Cells of which
    /// every open run is known are not asked.
    fn planned_open(&mut self, roster: &Roster, is_known: impl Fn(&RunId) -> bool) -> Vec<Job> {
        let going = roster.running.iter().map(|(run, going)| (run, &going.seat));
        let seats = going.chain(&roster.queued).filter(|(run, _)| !is_known(run)).map(|(_, seat)| seat);
        let cells: BTreeSet<_> = seats.map(|seat| (&seat.origin.entry, &seat.origin.cell)).collect();
        let jobs = cells.into_iter().flat_map(|(entry, cell)| self.planned(entry, Some(cell)));
        jobs.filter(|job| roster.has(&job.run)).collect()
    }

    /// The curves of those of these runs that are in flight or were stored since, each reduced as was asked for.
    fn reduced(&self, runs: &[&RunId], known: &Known, reductions: &BTreeSet<(Reduction, String)>) -> Reduced {
        if reductions.is_empty() {
            return HashMap::new();
        }
        let reduce = |curve: &Curve| -> Vec<_> {
            let each = reductions.iter().filter_map(|(reduction, name)| {
                Some((*reduction, name.clone(), reduction.of(curve.points(name))?))
            });
            each.collect()
        };
        let stored = runs.iter().filter_map(|run| known.record(run));
        let wanted: Vec<_> = stored.map(|record| (record.run.clone(), record.record.clone())).collect();
        let (curves, _) = self.store().read_curves(&wanted);
        let stored = curves.iter().map(|(run, curve)| (run.clone(), reduce(curve)));
        let live = runs.iter().filter_map(|run| known.live(run));
        stored.chain(live.map(|live| (live.run.clone(), reduce(&live.curve)))).collect()
    }
}
