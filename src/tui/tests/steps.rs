//! (before, keys, after): what keys come to, as tables.

use std::time::Duration;

use ratatui::layout::Size;

use super::super::effect::Effect;
use super::super::fixture::{model, press, snapshot};
use super::super::model::{Context, Focus, Model};
use super::super::msg::Msg;
use super::super::overlay::Overlay;
use super::super::update::update;
use crate::notebook::CellView;
use crate::render::style::Look;
use crate::runner::Event;
use crate::runner::supervisor::{News, Roster};
use crate::store::Status;

fn fresh() -> Model {
    model(Look::PLAIN, 80, 24)
}

fn after(keys: &str) -> Model {
    let mut model = fresh();
    press(&mut model, keys);
    model
}

fn title(model: &Model) -> &str {
    model.entry().map_or("", |entry| &entry.title)
}

#[test]
fn the_selection_in_the_log() {
    let table = [
        ("", "Flat vs sharp"),
        ("j", "P ≈ M log M?"),
        ("j k k", "Flat vs sharp"),
        ("G", "Edge of stability"),
        ("G g", "Flat vs sharp"),
        ("PgDn", "Edge of stability"),
        ("j j Enter k Esc", "Width and variance"),
        ("/ e d g Enter", "Edge of stability"),
        ("/ e d g Esc", "Edge of stability"),
        ("/ d e s c Enter", "Double descent"),
    ];
    for (keys, expected) in table {
        assert_eq!(title(&after(keys)), expected, "{keys}");
    }
}

#[test]
fn where_the_keys_go() {
    use Context::{Arms, Compare, Confirm, Entry, Log, Prompt, Sheet};
    let table = [
        ("", Log),
        ("Enter", Entry),
        ("Tab", Entry),
        ("Tab Tab", Log),
        ("Enter Esc", Log),
        ("Esc Esc Esc", Log),
        ("/", Prompt),
        ("/ x Esc", Log),
        ("/ q", Prompt),
        ("Enter / s Enter", Entry),
        ("?", Sheet),
        ("? Esc", Log),
        ("? q", Log),
        ("c", Compare),
        ("c ?", Sheet),
        ("c ? Esc", Compare),
        ("c ? Esc Esc", Log),
        ("Enter m", Arms),
        ("Enter m Enter", Entry),
        ("j j j Enter r x", Confirm),
        ("j j j Enter r q n", Entry),
        ("j j j Enter r x", Confirm),
        ("j j j Enter r x Esc", Entry),
    ];
    for (keys, expected) in table {
        assert_eq!(after(keys).context(), expected, "{keys}");
    }
}

#[test]
fn a_filter_is_stepped_out_of_before_anything_else() {
    let mut model = after("/ e d g Enter");
    assert_eq!((model.log.shown.len(), model.log.filter.as_str()), (1, "edg"));
    press(&mut model, "Esc");
    assert_eq!((model.log.shown.len(), model.log.filter.as_str()), (5, ""));
    press(&mut model, "/ e d g Enter / x Esc");
    assert_eq!(model.log.filter, "edg", "Esc brings back what stood there before");
}

#[test]
fn the_selected_cell() {
    let table = [
        ("Enter", Some(0)),
        ("Enter ]", Some(1)),
        ("Enter ] ]", Some(1)),
        ("Enter ] [", Some(0)),
        ("j Enter", None),
        ("Enter ] Esc j k", Some(0)),
    ];
    for (keys, expected) in table {
        assert_eq!(after(keys).page.cell, expected, "{keys}");
    }
}

#[test]
fn a_cell_that_keys_act_on_is_one_that_is_seen() {
    let mut model = model(Look::PLAIN, 40, 6);
    press(&mut model, "Enter");
    for keys in ["j", "^D", "PgDn", "G", "k", "^U", "g", "]", "[", "]"] {
        press(&mut model, keys);
        if let Some(lines) = model.page.selected_lines() {
            let seen = model.page.top..model.page.top + 5;
            assert!(lines.start < seen.end && lines.end > seen.start, "{keys}: {lines:?} of {seen:?}");
        }
    }
}

#[test]
fn runs_are_asked_for_once_and_stopped_after_a_question() {
    let mut model = after("j j j Enter");
    let Some(Effect::Submit(jobs)) = press(&mut model, "r").pop() else { panic!("nothing submitted") };
    assert_eq!(jobs.len(), 4);
    assert_eq!(press(&mut model, "r"), []);
    assert_eq!(model.news(), Some("these runs are on their way already"));
    assert_eq!(press(&mut model, "x n"), []);
    let Some(Effect::Cancel(runs)) = press(&mut model, "x y").pop() else { panic!("nothing cancelled") };
    assert_eq!(runs.len(), 4);
}

#[test]
fn the_whole_entry_is_run_from_the_log() {
    let mut model = after("j j j");
    assert!(matches!(press(&mut model, "R").as_slice(), [Effect::Submit(jobs)] if jobs.len() == 4));
    assert_eq!(press(&mut after(""), "R"), [], "everything is stored");
}

#[test]
fn leaving_asks_nothing_and_stops_nothing() {
    assert_eq!(press(&mut fresh(), "q"), [Effect::Quit]);
    assert_eq!(press(&mut fresh(), "^C"), [Effect::Quit]);
    assert_eq!(press(&mut after("j j j R"), "q"), [Effect::Quit]);
    assert_eq!(press(&mut after("j j j R x"), "q"), [], "in a question it means no");
}

#[test]
fn news_of_runs_are_heard() {
    let mut model = after("j j j");
    let Some(Effect::Submit(jobs)) = press(&mut model, "R").pop() else { panic!("nothing submitted") };
    for job in &jobs {
        update(&mut model, Msg::Runs(News::Event(Event::Started(job.run.clone()))));
        let effects = update(&mut model, Msg::Runs(News::Event(Event::Ended(job.run.clone(), Status::Done))));
        assert_eq!(effects, [Effect::Reload]);
    }
    update(&mut model, Msg::Runs(News::Event(Event::Idle)));
    assert_eq!(model.news(), Some("4 runs over"));
    assert_eq!(press(&mut model, "q"), [Effect::Quit]);
}

#[test]
fn the_editor_opens_at_the_selected_cell() {
    let line_of = |keys: &str| match press(&mut fresh(), keys).pop() {
        Some(Effect::OpenEditor { path, line }) => {
            assert!(path.ends_with("2026-11-22-flat-vs-sharp.md"));
            line
        }
        other => panic!("{other:?}"),
    };
    let snapshot = snapshot();
    let source = &snapshot.entries[0].document.source;
    let fence = |kind: &str| source.lines().position(|line| line == format!("```yaml {kind}")).unwrap() + 1;
    assert_eq!(line_of("e"), 1);
    assert_eq!(line_of("Enter e"), fence("experiment"));
    assert_eq!(line_of("Enter ] e"), fence("claim"));
}

#[test]
fn searching_is_incremental_and_esc_takes_it_back() {
    let mut model = after("G Enter j j / p a r a g r a p h");
    press(&mut model, "Enter");
    let first = model.page.top;
    press(&mut model, "G n");
    assert!(model.page.top != first, "n goes on from the place found");
    press(&mut model, "g / 4 0");
    let found = model.page.top;
    assert!(found > 20, "line {found}");
    press(&mut model, "Esc");
    assert_eq!(model.page.top, 0, "Esc goes back to where the search began");
    press(&mut model, "/ n o n s e n s e Enter n");
    assert_eq!(model.news(), Some("not found: nonsense"));
}

#[test]
fn marks_gather_arms_and_c_lays_them_side_by_side() {
    let mut model = after("Enter Space");
    assert_eq!(model.marks.len(), 2);
    press(&mut model, "m j Space Enter");
    assert_eq!(model.marks.len(), 1);
    press(&mut model, "Esc j j j Enter Space c");
    assert_eq!(model.marks.len(), 3);
    let Some(Overlay::Comparison(sheet)) = model.overlays.last() else { panic!("no comparison") };
    assert!(sheet.title.contains("3 marked arms"), "{}", sheet.title);
    press(&mut model, "Esc u");
    assert!(model.marks.is_empty());
}

#[test]
fn y_goes_through_the_scales() {
    use crate::render::comparison::Scaling::{Linear, Log, Suited};
    for (keys, expected) in [("c", Suited), ("c y", Log), ("c y y", Linear), ("c y y y", Suited)] {
        assert_eq!(after(keys).compare_view.y, expected, "{keys}");
    }
}

#[test]
fn pasted_text_is_text_and_never_keys() {
    let mut model = fresh();
    assert_eq!(update(&mut model, Msg::Paste("q".to_owned())), []);
    press(&mut model, "/");
    update(&mut model, Msg::Paste("edge\nq".to_owned()));
    assert_eq!(model.log.filter, "edge q");
}

#[test]
fn a_new_reading_keeps_the_place() {
    let mut model = after("G Enter ^D ^D");
    let (top, name) = (model.page.top, title(&model).to_owned());
    assert!(top > 0);
    update(&mut model, Msg::Snapshot(snapshot()));
    assert_eq!((model.page.top, title(&model)), (top, name.as_str()));
    assert_eq!(model.focus, Focus::Entry);
}

#[test]
fn the_entries_one_looks_at_are_wanted_with_their_curves() {
    let wanted = |keys: &str| {
        let mut model = fresh();
        press(&mut model, keys);
        model.wanted().curves.into_iter().map(|slug| slug[11..].to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(wanted(""), "flat-vs-sharp");
    assert_eq!(wanted("j j j"), "double");
    assert_eq!(wanted("Enter Space Esc j j j"), "double flat-vs-sharp");
    let mut model = fresh();
    assert!(matches!(press(&mut model, "j").as_slice(), [Effect::Want(wanted)] if wanted.curves.len() == 1));
    update(&mut model, Msg::Time(Duration::from_secs(1)));
    assert_eq!(press(&mut model, "Enter"), [], "asked for once");
}

#[test]
fn cells_are_at_hand_from_the_log() {
    assert_eq!(after("]").page.cell, Some(1));
    assert_eq!(after("] [").page.cell, Some(0));
    assert_eq!(after("Space").marks.len(), 2);
    assert!(matches!(press(&mut after("j j j"), "r").as_slice(), [Effect::Submit(jobs)] if jobs.len() == 4));
    let mut narrow = model(Look::PLAIN, 40, 10);
    press(&mut narrow, "j j j");
    assert_eq!(press(&mut narrow, "r"), [], "nothing that is not seen is run");
    assert_eq!(narrow.news(), Some("Enter goes into the entry first"));
}

#[test]
fn that_runs_wait_is_said_until_they_begin() {
    let mut model = after("j j j");
    let Some(Effect::Submit(jobs)) = press(&mut model, "R").pop() else { panic!("nothing submitted") };
    assert_eq!(model.news(), Some("4 runs queued"));
    update(&mut model, Msg::Runs(News::Event(Event::Started(jobs[0].run.clone()))));
    assert_eq!(model.news(), None);
}

#[test]
fn runs_of_another_terminal_are_counted_and_stopped_as_if_they_were_ours() {
    let mut model = after("j j j");
    assert_eq!(press(&mut model, "x"), []);
    assert_eq!(model.news(), Some("none of its runs are going"));
    let jobs = model.entry().map(|entry| entry.cells.clone()).into_iter().flatten();
    let jobs: Vec<_> = jobs
        .filter_map(|cell| if let CellView::Experiment(view) = cell { Some(view.missing) } else { None })
        .flatten()
        .collect();
    let queued = jobs.iter().map(|job| (job.run.clone(), job.seat())).collect();
    let roster = Roster { queued, ..Roster::default() };
    update(&mut model, Msg::Runs(News::Roster(Box::new(roster))));
    assert_eq!(model.progress.going(), 4);
    press(&mut model, "x");
    let Some(Effect::Cancel(runs)) = press(&mut model, "y").pop() else { panic!("nothing cancelled") };
    assert_eq!(runs.len(), 4);
}

#[test]
fn what_is_typed_before_the_notebook_is_read_is_for_its_entries() {
    let typed = |keys: &str| {
        let mut model = Model::new(Look::PLAIN, Size::new(80, 24));
        let effects = press(&mut model, keys);
        (model, effects)
    };
    let (mut model, _) = typed("j j i n e w");
    assert!(model.entry().is_none() && model.news() == Some("the notebook is being read"));
    update(&mut model, Msg::Snapshot(snapshot()));
    let editor = model.editor.as_ref().unwrap();
    assert_eq!((editor.slug.as_str(), model.early.len()), ("2026-11-20-width", 0));
    assert!(editor.buffer.text().contains("new"));
    // What leads out does so at once; a letter after others may be text.
    let quits = |keys: &str| typed(keys).1.contains(&Effect::Quit);
    assert!(quits("q") && quits("^C") && quits("j ^C") && !quits("i q"));
    let (model, _) = typed("? j");
    assert_eq!((model.context(), model.early.len()), (Context::Sheet, 0));
}
