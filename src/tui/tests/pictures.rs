//! What the screen looks like.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use ratatui::style::Color;

use super::super::fixture::{model, press};
use super::super::model::Model;
use super::super::msg::Msg;
use super::super::update::update;
use super::super::view;
use crate::base::Diagnostic;
use crate::notebook::Snapshot;
use crate::render::style::{Depth, Glyphs, Look};

const ASCII: Look = Look { glyphs: Glyphs::Ascii, depth: Depth::None };
const COLOUR: Look = Look { glyphs: Glyphs::Unicode, depth: Depth::Ansi256 };

fn drawn(model: &Model) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(model.size.width, model.size.height)).unwrap();
    terminal.draw(|frame| view::render(frame, model)).unwrap();
    terminal
}

/// The characters on the screen, without the spaces at the ends of lines.
fn picture(model: &Model) -> String {
    let terminal = drawn(model);
    let buffer = terminal.backend().buffer();
    let rows = buffer.content().chunks(usize::from(model.size.width.max(1)));
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned() + "\n")
        .collect()
}

fn after(look: Look, width: u16, height: u16, keys: &str) -> String {
    let mut model = model(look, width, height);
    press(&mut model, keys);
    picture(&model)
}

#[test]
fn the_log_at_80_by_24() {
    insta::assert_snapshot!(after(Look::PLAIN, 80, 24, ""), @"");
}

#[test]
fn an_entry_at_80_by_24() {
    insta::assert_snapshot!(after(Look::PLAIN, 80, 24, "Enter ]"), @"");
}

#[test]
fn the_log_at_40_by_10() {
    insta::assert_snapshot!(after(Look::PLAIN, 40, 10, "j"), @"");
}

#[test]
fn an_entry_at_40_by_10() {
    insta::assert_snapshot!(after(Look::PLAIN, 40, 10, "j j j Enter"), @"");
}

#[test]
fn in_ascii() {
    let picture = after(ASCII, 80, 12, "j j j R");
    insta::assert_snapshot!(picture, @"");
    assert!(picture.is_ascii());
}

#[test]
fn a_filter_being_typed() {
    insta::assert_snapshot!(after(Look::PLAIN, 60, 6, "/ d e s"), @"");
}

#[test]
fn a_question() {
    insta::assert_snapshot!(after(Look::PLAIN, 60, 5, "j j j R q"), @"");
}

#[test]
fn the_help() {
    insta::assert_snapshot!(after(Look::PLAIN, 60, 60, "?"), @"");
}

#[test]
fn a_comparison() {
    insta::assert_snapshot!(after(Look::PLAIN, 80, 12, "c"), @"");
}

#[test]
fn choosing_arms() {
    insta::assert_snapshot!(after(Look::PLAIN, 60, 5, "Enter m j Space"), @"");
}

#[test]
fn a_notebook_without_entries() {
    let mut model = Model::new(Look::PLAIN, Size::new(80, 10));
    update(&mut model, Msg::Snapshot(Snapshot::default().into()));
    insta::assert_snapshot!(picture(&model), @"");
}

#[test]
fn problems_of_the_notebook() {
    let mut model = model(Look::PLAIN, 60, 5);
    let mut snapshot = Snapshot::clone(model.snapshot.as_ref().unwrap());
    snapshot.diagnostics.push(Diagnostic::error("a results file is broken").in_file("runs/x.parquet"));
    update(&mut model, Msg::Snapshot(snapshot.into()));
    press(&mut model, "!");
    insta::assert_snapshot!(picture(&model), @"");
}

#[test]
fn no_size_panics() {
    let ways = ["", "Enter", "Enter ]", "/ x", "?", "c", "Enter m", "j j j R q", "G Enter G"];
    for (width, height) in [(0, 0), (1, 1), (1, 24), (2, 2), (3, 3), (20, 1), (59, 2), (60, 3), (500, 200)] {
        for keys in ways {
            for look in [Look::PLAIN, ASCII, COLOUR] {
                after(look, width, height, keys);
            }
        }
    }
}

#[test]
fn a_storm_of_sizes_keeps_the_place() {
    let mut model = model(COLOUR, 80, 24);
    press(&mut model, "Enter ]");
    for (width, height) in [(1, 1), (300, 80), (40, 10), (80, 24)] {
        update(&mut model, Msg::Resize(Size::new(width, height)));
        picture(&model);
        assert_eq!(model.page.cell, Some(1), "{width}x{height}");
    }
    assert!(picture(&model).contains("▌ "), "and it is in sight");
}

#[test]
fn colours_say_nothing_that_is_not_said_without() {
    for keys in ["", "Enter", "Enter ]", "j j j R", "c", "/ d e s", "?"] {
        assert_eq!(after(COLOUR, 80, 24, keys), after(Look::PLAIN, 80, 24, keys), "{keys}");
        let mut model = model(Look::PLAIN, 80, 24);
        press(&mut model, keys);
        let terminal = drawn(&model);
        let coloured = |cell: &ratatui::buffer::Cell| cell.fg != Color::Reset || cell.bg != Color::Reset;
        assert!(!terminal.backend().buffer().content().iter().any(coloured), "{keys}");
    }
}
