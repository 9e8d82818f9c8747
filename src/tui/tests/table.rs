//! The table of runs: what keys do over it, and what it looks like.

use std::sync::Arc;

use super::super::effect::Effect;
use super::super::fixture::{model, press, runs, type_in};
use super::super::model::{Context, Model};
use super::super::msg::Msg;
use super::super::overlay::Overlay;
use super::super::runs::RunsPanel;
use super::super::update::update;
use super::pictures::{ASCII, picture};
use crate::compare::runs::fixture::table;
use crate::notebook::{RunOrder, Scope};
use crate::render::style::Look;
use crate::spec::query::Reduction;

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
