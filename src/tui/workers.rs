//! The runs that were asked for, as people look at them: each that a worker is at, and those that wait, the seeds of an
//! arm together.

use std::collections::BTreeMap;
use std::time::Duration;

use super::model::Model;
use super::progress::Stand;
use crate::base::RunId;
use crate::notebook::Flight;
use crate::runner::seeds;

/// A line to be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is about.
    pub runs: Vec<RunId>,
    /// Where they stand: entry, cell, arm, point.
    pub place: String,
    /// Which seeds, in words; empty where that is not known.
    pub seeds: String,
    /// Since when, since the program started.
    pub since: Duration,
    /// How it is with them.
    pub state: RowState,
}

/// How it is with the runs of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum RowState {
    /// A worker is at it; how far it is, once that is told.
    Running(Option<Flight>),
    /// They wait.
    Waiting,
}

impl Row {
    /// All of it.
    pub fn name(&self) -> String {
        format!("{} {}", self.place, self.seeds).trim_end().to_owned()
    }
}

/// The runs that are going, those begun first before the others, then those that wait.
pub fn rows(model: &Model) -> Vec<Row> {
    let flights: BTreeMap<&RunId, &Flight> = model
        .snapshot
        .iter()
        .flat_map(|snapshot| &snapshot.flights)
        .map(|flight| (&flight.run, flight))
        .collect();
    let running = model.progress.running().map(|(run, stand)| Row {
        runs: vec![run.clone()],
        place: stand.place(),
        seeds: stand.seed().map(|seed| seeds(vec![seed])).unwrap_or_default(),
        since: stand.since,
        state: RowState::Running(flights.get(run).map(|flight| (*flight).clone())),
    });
    let mut rows: Vec<Row> = running.collect();
    rows.sort_by(|one, other| {
        (one.since, &one.place, &one.seeds).cmp(&(other.since, &other.place, &other.seeds))
    });
    rows.extend(waiting(model.progress.queued()));
    rows
}

/// Those that wait, the seeds of an arm in one row.
fn waiting<'a>(queued: impl Iterator<Item = (&'a RunId, &'a Stand)>) -> Vec<Row> {
    let mut places: BTreeMap<String, (Vec<RunId>, Vec<u64>, Duration)> = BTreeMap::new();
    for (run, stand) in queued {
        let (runs, numbers, since) =
            places.entry(stand.place()).or_insert((Vec::new(), Vec::new(), stand.since));
        runs.push(run.clone());
        numbers.extend(stand.seed());
        *since = (*since).min(stand.since);
    }
    let row = |(place, (runs, numbers, since)): (String, (Vec<RunId>, Vec<u64>, Duration))| {
        let seeds = if numbers.is_empty() { String::new() } else { seeds(numbers) };
        Row { runs, place, seeds, since, state: RowState::Waiting }
    };
    let mut rows: Vec<Row> = places.into_iter().map(row).collect();
    rows.sort_by_key(|row| row.since);
    rows
}
