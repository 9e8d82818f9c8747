//! `lowland worker`: executes runs for a crew, one after the other, each into its journal.
//!
//! Standard input is read by a thread of its own, so that a cancel is heard while a run is going, and so that the end
//! of input (the crew is gone) stops the work at once.

mod again;
mod bench;
mod execute;
mod pace;
mod probe;
mod stock;
mod watcher;

use std::collections::HashSet;
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::Exit;
use super::args::{Global, Worker};
use crate::runner::Job;
use crate::runner::protocol::{self, Order};
use crate::store::{Store, journal};
use bench::Bench;
use execute::Place;

/// Works until there are no more orders.
pub fn work(args: &Worker, global: &Global) -> anyhow::Result<Exit> {
    let root = global.notebook.clone().unwrap_or_else(|| PathBuf::from("."));
    let live = args.live.clone().unwrap_or_else(|| journal::live_root(&root));
    let place = Place { store: Store::open(&root), root, live };
    let stops = Stops::default();
    let (sender, orders) = mpsc::channel();
    thread::spawn({
        let stops = stops.clone();
        move || listen(&sender, &stops)
    });
    obey(&place, &orders, &stops)?;
    Ok(Exit::Fine)
}

/// Which runs are to be stopped.
#[derive(Clone, Default)]
struct Stops(Arc<Mutex<StopState>>);

#[derive(Default)]
struct StopState {
    cancelled: HashSet<u64>,
    gone: bool,
}

impl Stops {
    fn change(&self, change: impl FnOnce(&mut StopState)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether the run of that order is to stop: somebody wants it, or the crew is gone.
    fn of(&self, ticket: u64) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.gone || state.cancelled.contains(&ticket)
    }
}

/// What is to be done, with the ticket of its order.
enum Task {
    Run(u64, Box<Job>),
    /// For so many seconds.
    Probe(u64, Box<Job>, f64),
}

/// Reads orders until the end of input.
fn listen(orders: &Sender<Task>, stops: &Stops) {
    let mut input = BufReader::new(io::stdin());
    while let Ok(Some(order)) = protocol::receive(&mut input) {
        match order {
            Order::Run { ticket, job } => {
                if orders.send(Task::Run(ticket, job)).is_err() {
                    break;
                }
            }
            Order::Probe { ticket, job, seconds } => {
                if orders.send(Task::Probe(ticket, job, seconds)).is_err() {
                    break;
                }
            }
            Order::Cancel(ticket) => stops.change(|state| {
                state.cancelled.insert(ticket);
            }),
        }
    }
    stops.change(|state| state.gone = true);
}

fn obey(place: &Place, orders: &Receiver<Task>, stops: &Stops) -> io::Result<()> {
    let mut bench = Bench::new(&place.root);
    for task in orders {
        let report = match task {
            Task::Run(ticket, job) => execute::execute(place, &mut bench, &job, &|| stops.of(ticket)),
            Task::Probe(ticket, job, seconds) => probe::probe(&mut bench, ticket, &job, seconds),
        };
        protocol::send(&mut io::stdout().lock(), &report)?;
    }
    Ok(())
}
