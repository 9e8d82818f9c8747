//! The table of runs: what keys do over it, and what it looks like.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::compare::Subject;
use super::super::effect::Effect;
use super::super::fixture::{jobs, model, press, runs, type_in};
use super::super::model::{Context, Model};
use super::super::msg::Msg;
use super::super::overlay::Overlay;
use super::super::runs::RunsPanel;
use super::super::update::update;
use super::pictures::{ASCII, picture};
use crate::compare::runs::fixture::table;
use crate::compare::runs::{Builder, Facts, State};
use crate::notebook::{CellView, RunOrder, Scope};
use crate::render::style::Look;
use crate::runner::supervisor::News;
use crate::runner::{Event, Job};
use crate::spec::query::Reduction;
use crate::store::{Origin, Status};

fn panel(model: &Model) -> &RunsPanel {
    match model.overlays.last() {
        Some(Overlay::Runs(panel)) => panel,
        other => panic!("{other:?}"),
    }
}

fn after(keys: &str) -> Model {
    let mut model = runs(Look::PLAIN, 80, 24);
    press(&mut model, keys);
    model
}

fn typed(text: &str) -> Model {
    let mut model = after("/");
    type_in(&mut model, text);
    model
}

/// The filter that is in force.
fn filter(model: &Model) -> String {
    panel(model).query.filter.to_string()
}

#[test]
fn the_table_is_of_the_cell_the_entry_or_the_notebook() {
    let entry = || "2026-11-22-flat-vs-sharp".to_owned();
    for (keys, scope) in [
        ("T", Scope::Notebook),
        ("Enter T", Scope::Cell(entry(), "batch-size".to_owned())),
        ("Enter ] T", Scope::Entry(entry())),
        ("Enter T T", Scope::Notebook),
        ("Enter T T T", Scope::Cell(entry(), "batch-size".to_owned())),
    ] {
        let mut model = model(Look::PLAIN, 80, 24);
        let effects = press(&mut model, keys);
        assert_eq!(panel(&model).scope, scope, "{keys}");
        let order = Effect::Tabulate(Some(RunOrder { scope, reductions: Vec::new() }));
        assert_eq!(effects.last(), Some(&order), "{keys}");
        assert_eq!(press(&mut model, "Esc").last(), Some(&Effect::Tabulate(None)), "{keys}");
    }
}

#[test]
fn a_filter_holds_while_it_is_typed_and_the_last_right_one_stays() {
    for (text, filter_then, wrong) in [
        ("", "", None),
        ("lea", "", None),
        ("lear>", "", Some("a value is missing after this")),
        ("lr>=0.01", "lr>=0.01", None),
        ("lr>=0.01 sta", "lr>=0.01", None),
        ("lr>=0.01 statsu:done", "lr>=0.01", Some("no setting or measure is called `statsu`")),
        ("sharp", "sharp", None),
        ("zzz", "zzz", None),
    ] {
        let model = typed(text);
        let line = panel(&model).line.as_ref().unwrap();
        assert_eq!(filter(&model), filter_then, "{text}");
        assert_eq!(line.wrong.as_ref().map(|error| error.message.as_str()), wrong, "{text}");
    }
}

#[test]
fn what_is_typed_is_accepted_or_left() {
    let mut model = typed("lr>=0.01");
    press(&mut model, "Enter");
    assert_eq!((model.context(), filter(&model).as_str()), (Context::Runs, "lr>=0.01"));
    press(&mut model, "/");
    type_in(&mut model, "arm=flat");
    assert_eq!(filter(&model), "lr>=0.01 arm=flat");
    press(&mut model, "Esc");
    assert_eq!((model.context(), filter(&model).as_str()), (Context::Runs, "lr>=0.01"));
    press(&mut model, "/");
    type_in(&mut model, "lr>\n");
    assert_eq!(model.context(), Context::Query, "what cannot be understood is not accepted");
    press(&mut model, "Esc Esc");
    assert_eq!((model.context(), filter(&model).as_str()), (Context::Runs, ""), "Esc takes the filter away");
    press(&mut model, "Esc");
    assert_eq!(model.context(), Context::Log);
}

#[test]
fn tab_takes_what_is_offered() {
    let mut model = typed("lear");
    press(&mut model, "Tab");
    type_in(&mut model, "<1 status:d");
    press(&mut model, "Down Tab Enter");
    assert_eq!(filter(&model), "learning_rate<1 status=done");
}

#[test]
fn columns_are_chosen_and_curves_asked_for() {
    let mut model = after("C ^U");
    let effects = type_in(&mut model, "run, lr as rate, max train_loss");
    let reductions = vec![(Reduction::Max, "train_loss".to_owned())];
    assert!(effects.contains(&Effect::Tabulate(Some(RunOrder { scope: Scope::Notebook, reductions }))));
    press(&mut model, "Enter");
    let titles = |model: &Model| -> Vec<String> {
        panel(model).view.as_ref().unwrap().columns.iter().map(|column| column.title.clone()).collect()
    };
    assert_eq!(titles(&model), ["run", "rate", "max train_loss"]);
    press(&mut model, "A");
    assert!(titles(&model).contains(&"hidden".to_owned()), "{:?}", titles(&model));
    press(&mut model, "A");
    assert!(!titles(&model).contains(&"hidden".to_owned()));
}

#[test]
fn the_cursor_stays_on_its_run() {
    let mut model = after("j j j");
    let run = panel(&model).run().unwrap();
    for keys in ["l l s", "s", "m", "m"] {
        press(&mut model, keys);
        let row = panel(&model).row_with(&run);
        assert!(panel(&model).here() == row, "{keys}");
    }
    update(&mut model, Msg::Table { scope: Scope::Notebook, table: Arc::new(table(&[])) });
    assert_eq!(panel(&model).run(), Some(run));
    press(&mut model, "/");
    type_in(&mut model, "has:lambda_max\n");
    let empty = Arc::new(crate::compare::runs::RunTable::default());
    let mut without = model.clone();
    update(&mut without, Msg::Table { scope: Scope::Notebook, table: empty });
    assert_eq!(without.news(), Some("no run has `lambda_max`: all runs are shown"));
    let other = Scope::Entry("another".to_owned());
    update(
        &mut model,
        Msg::Table { scope: other, table: Arc::new(crate::compare::runs::RunTable::default()) },
    );
    assert_eq!(panel(&model).table.as_ref().unwrap().len(), 8, "a table of other runs is not taken");
}

#[test]
fn a_run_leads_to_its_cell_and_its_id_can_be_copied() {
    let mut model = after("j");
    let id = panel(&model).run().unwrap().to_string();
    assert_eq!(press(&mut model, "Y"), [Effect::Copy(id)]);
    press(&mut model, "Enter");
    assert_eq!((model.context(), model.page.cell), (Context::Entry, Some(0)));
    press(&mut model, "^O");
    assert_eq!(model.entry().unwrap().slug, "2026-11-22-flat-vs-sharp");
}

#[test]
fn two_runs_are_told_apart() {
    assert_eq!(after("d").news(), Some("mark two runs with Space, or pin one with p"));
    for keys in ["Space j j j Space d", "p j j j j d", "Space j j j d"] {
        let model = after(keys);
        assert_eq!(model.context(), Context::Sheet, "{keys}");
    }
}

/// What the comparison on top is of.
fn compared(model: &Model) -> Vec<&str> {
    match model.overlays.last() {
        Some(Overlay::Comparison(comparison)) => match &comparison.subject {
            Subject::Rows(rows) => rows.iter().map(|row| row.name.as_str()).collect(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn rows_are_compared_to_the_first_or_the_pinned_one() {
    let flat = |rate: &str, seed: u32| format!("flat learning_rate {rate} seed {seed}");
    for (keys, rows) in [
        ("c", vec![flat("0.001", 0)]),
        ("Space j Space c", vec![flat("0.001", 0), flat("0.01", 0)]),
        ("j j Space k k Space c", vec![flat("0.01", 0), flat("0.001", 1)]),
        ("j p j c", vec![flat("0.001", 1), flat("0.01", 0)]),
        ("p c", vec![flat("0.001", 0)]),
        (
            "/ a r m = s h a r p Enter m a c",
            vec!["sharp learning_rate 0.001".to_owned(), "sharp learning_rate 0.01".to_owned()],
        ),
        ("m c", vec!["flat learning_rate 0.001".to_owned()]),
        ("m p j j c", vec!["flat learning_rate 0.001".to_owned(), "sharp learning_rate 0.001".to_owned()]),
    ] {
        let model = after(keys);
        assert_eq!(compared(&model), rows, "{keys}");
        assert!(picture(&model).contains("no cell asks for these runs any more"), "{keys}");
    }
}

#[test]
fn rows_that_a_cell_asks_for_are_drawn_and_written_as_arms() {
    let mut model = model(Look::PLAIN, 80, 24);
    let view = match &model.entries()[0].cells[0] {
        CellView::Experiment(view) => view.clone(),
        other => panic!("{other:?}"),
    };
    press(&mut model, "T");
    let mut builder = Builder::default();
    let origin = |arm: &str| Origin {
        entry: "2026-11-22-flat-vs-sharp".to_owned(),
        cell: view.experiment.id.clone(),
        arm: arm.to_owned(),
        point: Vec::new(),
    };
    for (run, planned) in view.runs.iter().zip(&view.experiment.runs) {
        builder.put(&Facts {
            run,
            origin: &origin(&planned.arm),
            seed: planned.spec.seed,
            state: State::Ended(Status::Done),
            settings: &planned.spec.settings(),
            measures: &[("train_loss".to_owned(), 0.1)].into(),
            reduced: &[],
            steps: None,
            seconds: None,
            words: &[],
        });
    }
    let table = Arc::new(builder.table(&view.runs, &HashMap::new(), &[]));
    update(&mut model, Msg::Table { scope: Scope::Notebook, table });
    press(&mut model, "m p j c");
    assert_eq!(compared(&model), ["flat", "sharp"]);
    let drawn = picture(&model);
    assert!(drawn.contains("compare 2 rows") && drawn.contains("baseline flat"), "{drawn}");
    let effects = press(&mut model, "S");
    let written = effects.iter().find_map(|effect| match effect {
        Effect::Save { text, .. } => Some(text.as_str()),
        _ => None,
    });
    assert!(written.unwrap().contains("of: [batch-size:flat, batch-size:sharp]"), "{written:?}");
    press(&mut model, "Esc");
    assert_eq!(model.context(), Context::Runs, "back to the table");
}

#[test]
fn what_is_going_is_cancelled_from_the_table() {
    let mut model = after("");
    press(&mut model, "x");
    assert_eq!((model.context(), model.news()), (Context::Runs, Some("none of its runs are going")));
    let table = panel(&model).table.clone().unwrap();
    let jobs: Vec<_> =
        (4..8).map(|row| Job { run: table.run(row).unwrap().clone(), ..jobs(1).remove(0) }).collect();
    let queued = Event::Queued(jobs.iter().map(Job::queued).collect());
    update(&mut model, Msg::Runs(News::Event(queued)));
    for (keys, question) in [
        ("G x", "cancel 1 run of sharp learning_rate 0.01 seed 1? y/n"),
        ("n k k Space Space g Space x", "cancel 2 runs of 3 marked rows? y/n"),
        ("n u m G x", "cancel 2 runs of sharp learning_rate 0.01? y/n"),
    ] {
        press(&mut model, keys);
        assert!(picture(&model).contains(question), "{keys}: {}", picture(&model));
    }
    let cancelled = press(&mut model, "y");
    let expected: Vec<_> = [6, 7].into_iter().map(|row| table.run(row).unwrap().clone()).collect();
    assert!(cancelled.contains(&Effect::Cancel(expected)), "{cancelled:?}");
}

#[test]
fn the_table_at_80_by_24() {
    insta::assert_snapshot!(picture(&after("j l l l s")));
}

#[test]
fn means_against_a_baseline_at_80_by_24() {
    insta::assert_snapshot!(picture(&after("m p j")));
}

#[test]
fn a_slip_in_a_filter() {
    insta::assert_snapshot!(picture(&typed("arm=sharp lamda_max>3")));
}

#[test]
fn a_difference() {
    insta::assert_snapshot!(picture(&after("p j j j j d")));
}

#[test]
fn every_column_at_120_by_40() {
    let mut model = runs(Look::PLAIN, 120, 40);
    press(&mut model, "A Space j Space p");
    insta::assert_snapshot!(picture(&model));
}

#[test]
fn in_ascii_and_on_a_small_screen() {
    let mut model = runs(ASCII, 40, 8);
    press(&mut model, "m p j l l l");
    insta::assert_snapshot!(picture(&model));
}

#[test]
fn no_size_is_too_small() {
    for (width, height) in [(1, 1), (2, 3), (7, 4), (20, 2), (300, 60)] {
        let mut model = runs(Look::PLAIN, width, height);
        for keys in ["l l l", "/ x", "Esc m p", "Space j Space d"] {
            press(&mut model, keys);
            picture(&model);
        }
    }
}
