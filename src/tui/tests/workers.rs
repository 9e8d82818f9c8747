//! Who is at which run, cancelling from there, and what happens when the last one ends.

use std::sync::Arc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::super::effect::Effect;
use super::super::fixture::{jobs, model, press, snapshot};
use super::super::model::Model;
use super::super::msg::Msg;
use super::super::overlay::{Overlay, Question};
use super::super::update::update;
use super::super::view;
use crate::base::RunId;
use crate::notebook::{Flight, Snapshot};
use crate::render::style::{Depth, Glyphs, Look};
use crate::runner::supervisor::News;
use crate::runner::{Event, Job};
use crate::spec::settings::Bell;
use crate::store::Status;

fn at(model: &mut Model, seconds: u64) {
    update(model, Msg::Time(Duration::from_secs(seconds)));
}

fn heard(model: &mut Model, event: Event) -> Vec<Effect> {
    update(model, Msg::Runs(News::Event(event)))
}

/// Five runs: one ended, two going, of which one has told how far it is, two waiting.
fn busy(look: Look, width: u16, height: u16) -> (Model, Vec<RunId>) {
    let mut model = model(look, width, height);
    let mut jobs: Vec<Job> = jobs(5);
    for (seed, job) in (0..).zip(&mut jobs) {
        job.spec.seed = seed;
        job.origin.entry = "2026-11-19-double".to_owned();
    }
    let runs: Vec<RunId> = jobs.iter().map(|job| job.run.clone()).collect();
    heard(&mut model, Event::Queued(jobs.iter().map(Job::queued).collect()));
    for (seconds, event) in [
        (10, Event::Started(runs[0].clone())),
        (12, Event::Started(runs[1].clone())),
        (20, Event::Ended(runs[0].clone(), Status::Done)),
        (20, Event::Started(runs[2].clone())),
    ] {
        at(&mut model, seconds);
        heard(&mut model, event);
    }
    at(&mut model, 24);
    let flight = Flight { run: runs[1].clone(), steps: 1290, total: 3000, pid: 4711, seconds: 12.0 };
    update(&mut model, Msg::Snapshot(Arc::new(Snapshot { flights: vec![flight], ..(*snapshot()).clone() })));
    (model, runs)
}

fn picture(model: &Model) -> String {
    let mut terminal = Terminal::new(TestBackend::new(model.size.width, model.size.height)).unwrap();
    terminal.draw(|frame| view::render(frame, model)).unwrap();
    let rows = terminal.backend().buffer().content().chunks(usize::from(model.size.width));
    let row =
        |row: &[ratatui::buffer::Cell]| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>();
    rows.map(|cells| row(cells).trim_end().to_owned() + "\n").collect()
}

#[test]
fn who_is_at_which_run() {
    for (name, look, width, height) in [
        ("workers", Look::PLAIN, 80, 24),
        ("workers_wide", Look::PLAIN, 120, 40),
        ("workers_ascii", Look { glyphs: Glyphs::Ascii, depth: Depth::None }, 80, 24),
        ("workers_small", Look::PLAIN, 40, 5),
    ] {
        let (mut model, _) = busy(look, width, height);
        press(&mut model, "w j");
        insta::assert_snapshot!(name, picture(&model));
    }
}

#[test]
fn the_chosen_runs_are_cancelled_when_one_agrees() {
    for (keys, expected) in
        [("w x", 1..2), ("w j x", 2..3), ("w j j x", 3..5), ("w G x", 3..5), ("w G g x", 1..2)]
    {
        let (mut model, runs) = busy(Look::PLAIN, 80, 24);
        press(&mut model, keys);
        let Some(Overlay::Confirm(Question::Cancel(asked, _))) = model.overlays.last() else {
            panic!("{keys}")
        };
        let mut asked = asked.clone();
        asked.sort();
        let mut wanted = runs[expected].to_vec();
        wanted.sort();
        assert_eq!(asked, wanted, "{keys}");
        let effects = press(&mut model, "y");
        assert!(matches!(effects.first(), Some(Effect::Cancel(_))), "{keys}: {effects:?}");
        assert!(matches!(model.overlays.last(), Some(Overlay::Workers(_))), "{keys}");
    }
}

#[test]
fn the_end_is_said_and_a_bell_rings_once_where_nobody_looks() {
    for (bell, touched, rings, said) in [
        (Bell::Off, 0, false, false),
        (Bell::Flag, 0, false, true),
        (Bell::Bell, 0, true, true),
        (Bell::Bell, 95, false, true),
    ] {
        let (mut model, runs) = busy(Look::PLAIN, 80, 24);
        model.bell = bell;
        at(&mut model, touched);
        press(&mut model, "j");
        at(&mut model, 100);
        for run in &runs[1..] {
            heard(&mut model, Event::Ended(run.clone(), Status::Done));
        }
        let effects = heard(&mut model, Event::Idle);
        assert_eq!(effects.contains(&Effect::Ring), rings, "{bell:?} {touched}");
        assert!(!heard(&mut model, Event::Idle).contains(&Effect::Ring));
        assert_eq!(model.news() == Some("5 runs over"), said, "{bell:?}");
        press(&mut model, "j");
        assert_eq!(model.news().is_some(), said, "a key that was on its way takes it away");
        at(&mut model, 110);
        press(&mut model, "j");
        assert_eq!(model.news(), None);
    }
}
