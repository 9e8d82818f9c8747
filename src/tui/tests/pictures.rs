//! What the screen looks like.

use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use ratatui::style::Color;

use super::super::fixture::{conflict, measured, model, model_of, press, spots, type_in};
use super::super::keymap::BINDINGS;
use super::super::model::Model;
use super::super::msg::Msg;
use super::super::update::update;
use super::super::view;
use crate::base::Diagnostic;
use crate::notebook::{CellView, Snapshot};
use crate::render::style::{Depth, Glyphs, Look};

pub(super) const ASCII: Look = Look { glyphs: Glyphs::Ascii, depth: Depth::None };
const COLOUR: Look = Look { glyphs: Glyphs::Unicode, depth: Depth::Ansi256 };

fn drawn(model: &Model) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(model.size.width, model.size.height)).unwrap();
    terminal.draw(|frame| view::render(frame, model)).unwrap();
    terminal
}

/// The characters on the screen, without the spaces at the ends of lines.
pub(super) fn picture(model: &Model) -> String {
    let terminal = drawn(model);
    let buffer = terminal.backend().buffer();
    let rows = buffer.content().chunks(usize::from(model.size.width.max(1)));
    rows.map(|row| {
        row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned() + "\n"
    })
    .collect()
}

fn after(look: Look, width: u16, height: u16, keys: &str) -> String {
    let mut model = model(look, width, height);
    press(&mut model, keys);
    picture(&model)
}

#[test]
fn the_log_at_80_by_24() {
    insta::assert_snapshot!(after(Look::PLAIN, 80, 24, ""), @r"
    ▸log ─────────────────────│  Flat vs sharp              2026-11-22  flatness sgd
      2026-11                 │  ───────────────────────────────────────────────────
    ▌✓ 22 Flat vs sharp       │
     ✗ 21 P ≈ M log M?        │  Small batches are noisy.
     ? 20 Width and variance  │
     ● 19 Double descent   43%│▌ ▸ experiment batch-size   2 arms × 2 seeds   fresh
      2026-10                 │▌   mlp 8 · teacher
     ~ 18 Edge of stability   │▌   baseline flat
                              │▌   flat   train ▅▅▄▃▃▂▂▂▂▁▁▁▁▁▁▁ 0.11 ±.06
                              │▌   sharp  train ██▇▇▆▆▆▅▅▅▄▄▄▄▄▄ 0.30 ±.06 ▲
                              │
                              │  The claim of Keskar et al.:
                              │
                              │  ✓ claim flatter: 0.1 vs 0.3
                              │    Small batches end in flatter minima.
                              │
                              │
                              │
                              │
                              │
                              │
                              │
                              │
     LOG        Enter open  c compare  Space mark  i edit  / filter  q quit  ? help
    ");
}

#[test]
fn an_entry_at_80_by_24() {
    insta::assert_snapshot!(after(Look::PLAIN, 80, 24, "Enter ]"), @r"
     log ─────────────────────│  Flat vs sharp              2026-11-22  flatness sgd
      2026-11                 │  ───────────────────────────────────────────────────
    ▌✓ 22 Flat vs sharp       │
     ✗ 21 P ≈ M log M?        │  Small batches are noisy.
     ? 20 Width and variance  │
     ● 19 Double descent   43%│  ▸ experiment batch-size   2 arms × 2 seeds   fresh
      2026-10                 │    mlp 8 · teacher
     ~ 18 Edge of stability   │    baseline flat
                              │    flat   train ▅▅▄▃▃▂▂▂▂▁▁▁▁▁▁▁ 0.11 ±.06
                              │    sharp  train ██▇▇▆▆▆▅▅▅▄▄▄▄▄▄ 0.30 ±.06 ▲
                              │
                              │  The claim of Keskar et al.:
                              │
                              │▌ ✓ claim flatter: 0.1 vs 0.3
                              │▌   Small batches end in flatter minima.
                              │
                              │
                              │
                              │
                              │
                              │
                              │
                              │
     ENTRY                    c compare  i edit  / search  Esc back  q quit  ? help
    ");
}

#[test]
fn the_log_at_40_by_10() {
    insta::assert_snapshot!(after(Look::PLAIN, 40, 10, "j"), @r#"
    ▸log ───────────────────────────────────
      2026-11
     ✓ 22 Flat vs sharp
    ▌✗ 21 P ≈ M log M?
     ? 20 Width and variance
     ● 19 Double descent                 43%
      2026-10
     ~ 18 Edge of stability

     LOG         Enter open  i edit  ? help
    "#);
}

#[test]
fn an_entry_at_40_by_10() {
    insta::assert_snapshot!(after(Look::PLAIN, 40, 10, "j j j Enter"), @r"
      Double descent    2026-11-19  capacity
      ──────────────────────────────────────

      Before the peak.

    ▌ ▸ experiment descent
    ▌   2 arms × 2 seeds   not run
    ▌   mlp 8 · teacher
    ▌   4 runs · not timed yet
     ENTRY       r run  R run stale  ? help
    ");
}

#[test]
fn in_ascii() {
    let picture = after(ASCII, 80, 12, "j j j R");
    insta::assert_snapshot!(picture, @r"
    >log ---------------------|  Double descent                 2026-11-19  capacity
      2026-11                 |  ---------------------------------------------------
     + 22 Flat vs sharp       |
     x 21 P ~ M log M?        |  Before the peak.
     ? 20 Width and variance  |
    >o 19 Double descent   43%|> > experiment descent   2 arms x 2 seeds   not run
      2026-10                 |>   mlp 8 . teacher
     ~ 18 Edge of stability   |>   4 runs . not timed yet
                              |
                              |
                              |
     LOG  4 queued                                                    4 runs queued
    ");
    assert!(picture.is_ascii());
}

#[test]
fn a_filter_being_typed() {
    insta::assert_snapshot!(after(Look::PLAIN, 60, 6, "/ d e s"), @r"
    ▸/des▏ ────────────│  Double descent    2026-11-19  capacity
      2026-11          │  ──────────────────────────────────────
    ▌● 19 Double d… 43%│
                       │  Before the peak.
                       │
     TYPE                                Enter accept  Esc back
    ");
}

#[test]
fn a_question() {
    insta::assert_snapshot!(after(Look::PLAIN, 60, 5, "j j j R x"), @r#"
    ▸log ──────────────│  Double descent    2026-11-19  capacity
     ✗ 21 P ≈ M log M? │  ──────────────────────────────────────
     ? 20 Width and va…│
    ▌● 19 Double d… 43%│  Before the peak.
     cancel 4 runs of Double descent? y/n
    "#);
}

#[test]
fn the_help() {
    let picture = after(Look::PLAIN, 60, 200, "?");
    insta::assert_snapshot!(picture.lines().take(6).collect::<Vec<_>>().join("\n"), @r"
    ▸keys in LOG   / searches them ─────────────────────────────
     Enter l Right  into the entry
     r              run what is missing of the selected cell
     R              run whatever is stale or missing in the
                    entry
     x              cancel runs of the cell or entry (asks)
    ");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let all = words(&picture);
    for binding in BINDINGS {
        let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
        let line = words(&format!("{} {}", keys.join(" "), binding.about));
        assert!(all.contains(&line), "{line}");
    }
}

#[test]
fn a_comparison() {
    let drawn = |look: Look, width: u16, height: u16, keys: &str| {
        let mut model = model_of(measured());
        model.look = look;
        update(&mut model, Msg::Resize(Size::new(width, height)));
        press(&mut model, keys);
        picture(&model)
    };
    insta::assert_snapshot!(drawn(Look::PLAIN, 80, 24, "c l"));
    insta::assert_snapshot!(drawn(Look::PLAIN, 120, 40, "c G"));
    insta::assert_snapshot!(drawn(ASCII, 80, 24, "c J Enter l"));
    insta::assert_snapshot!(drawn(Look::PLAIN, 40, 10, "c x s M"));
}

#[test]
fn choosing_arms() {
    insta::assert_snapshot!(after(Look::PLAIN, 60, 9, "Enter m j Space"), @r#"
    ▸arms of batch-size ────────────────────────────────────────
      [ ] flat
    ▌ [x] sharp





     MARK  *1          Space mark  Enter done  Esc back  ? help
    "#);
}

#[test]
fn a_marked_cell() {
    insta::assert_snapshot!(after(Look::PLAIN, 60, 9, "Enter Space"), @r#"
     log ──────────────│  Flat vs sharp
      2026-11          │  2026-11-22  flatness sgd
    ▌✓ 22 Flat vs sh… *│  ──────────────────────────────────────
     ✗ 21 P ≈ M log M? │
     ? 20 Width and va…│  Small batches are noisy.
     ● 19 Double d… 43%│
      2026-10          │▌*▸ experiment batch-size
     ~ 18 Edge of stab…│▌   2 arms × 2 seeds   fresh
     ENTRY  *2            2 arms of batch-size marked, 2 in all
    "#);
}

#[test]
fn problems_of_the_notebook() {
    let mut model = model(Look::PLAIN, 60, 10);
    let mut snapshot = Snapshot::clone(model.snapshot.as_ref().unwrap());
    snapshot.diagnostics.push(Diagnostic::error("a results file is broken").in_file("runs/x.parquet"));
    let entry = Arc::make_mut(&mut snapshot.entries[1]);
    let source = entry.document.source.clone();
    let at = source.find("Paragraph 2").unwrap();
    let problem = Diagnostic::error("no such thing").at("entries/log.md", &source, at..at + 9);
    entry.cells.push(CellView::Bad(Box::new(problem)));
    update(&mut model, Msg::Snapshot(snapshot.into()));
    press(&mut model, "!");
    insta::assert_snapshot!(picture(&model), @r"
    ▸2 problems ────────────────────────────────────────────────
    runs/x.parquet
    ✗ error: a results file is broken

    entries/log.md:8:1
    ✗ error: no such thing
    8 │ Paragraph 2 of the entry.
      │ ^^^^^^^^^

     READ  !2                                          Esc back
    ");
}

#[test]
fn no_size_panics() {
    let ways = ["", "Enter", "Enter ]", "/ x", "?", "c", "Enter m", "j j j R x", "G Enter G"];
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

/// A screen after keys, and after text typed character by character where a word begins with `"`.
fn typed(look: Look, width: u16, height: u16, keys: &str, text: &str) -> String {
    let mut model = model(look, width, height);
    press(&mut model, keys);
    type_in(&mut model, text);
    picture(&model)
}

#[test]
fn editing_with_a_slip() {
    insta::assert_snapshot!(typed(Look::PLAIN, 80, 24, "Enter i", "optimiser: 1\n"));
}

#[test]
fn editing_with_words_offered() {
    insta::assert_snapshot!(typed(Look::PLAIN, 80, 16, "Enter i", "s"));
}

#[test]
fn editing_on_a_small_screen_and_in_ascii() {
    insta::assert_snapshot!(typed(Look::PLAIN, 40, 10, "Enter i", "nonsense: [λ, 日本語]\n"));
    let ascii = typed(ASCII, 40, 10, "Enter i", "nonsense: [λ, 日本語]\n");
    assert!(ascii.is_ascii(), "{ascii}");
    for (width, height) in [(1, 1), (2, 2), (5, 3), (400, 120)] {
        typed(Look::PLAIN, width, height, "Enter i", "text\ntext");
    }
}

#[test]
fn searching_all_entries() {
    insta::assert_snapshot!(typed(Look::PLAIN, 80, 12, "s", "the"));
}

#[test]
fn a_conflict() {
    let mut model = conflict();
    update(&mut model, Msg::Resize(Size::new(80, 24)));
    insta::assert_snapshot!(picture(&model));
}

#[test]
fn a_notebook_without_entries_says_in_six_lines_how_to_begin() {
    let mut model = Model::new(Look::PLAIN, Size::new(80, 10));
    update(&mut model, Msg::Snapshot(Arc::new(Snapshot::default())));
    insta::assert_snapshot!(picture(&model));
}

#[test]
fn folded_and_selected() {
    insta::assert_snapshot!({
        let mut model = model_of(spots());
        press(&mut model, "Enter J J J J z J");
        picture(&model)
    });
}

#[test]
fn every_layer_fits_every_size() {
    for keys in ["s p a", "#", "j b '", "?", "Enter i x", "o", "Enter J", "Enter Z"] {
        for (width, height) in [(1, 1), (3, 2), (40, 10), (120, 40), (400, 120)] {
            let mut model = model(ASCII, width, height);
            press(&mut model, keys);
            let picture = picture(&model);
            assert!(picture.is_ascii(), "{keys} at {width}x{height}: {picture}");
        }
    }
}
