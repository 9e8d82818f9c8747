//! Drawing the pictures of an entry.

use std::sync::Arc;

use ratatui::layout::Size;

use super::super::effect::Effect;
use super::super::fixture::{model_of, pictures, press, spots};
use super::super::model::Model;
use super::super::msg::Msg;
use super::super::update::update;
use crate::notebook::image::Image;
use crate::render::style::{Depth, Glyphs, Look};
use crate::spec::settings::Drawing;

fn shown(model: &Model) -> String {
    model.page.lines().iter().map(|line| line.to_string().trim_end().to_owned() + "\n").collect()
}

/// The addresses that are to be read.
fn asked(effects: &[Effect]) -> String {
    let addresses = effects.iter().filter_map(|effect| match effect {
        Effect::ReadImages(order) => Some(format!("{}: {}", order.file, order.addresses.join(" "))),
        _ => None,
    });
    addresses.collect::<Vec<_>>().join(", ")
}

/// A black square in a white frame, of this many pixels.
fn came(model: &mut Model, slug: &str, address: &str, side: usize) {
    let inside = |at: usize| [at / side, at % side].iter().all(|at| (1..side - 1).contains(at));
    let pixels = (0..side * side).map(|at| if inside(at) { [0, 0, 0, 255] } else { [255; 4] });
    let image = Image::new(side, side, pixels.collect()).ok_or_else(|| "no pixels".to_owned());
    let (slug, address) = (slug.to_owned(), address.to_owned());
    update(model, Msg::Image { slug, address, outcome: image.map(Arc::new) });
}

const ALPHA: &str = "2026-11-22-alpha";

#[test]
fn pictures_are_read_when_they_are_asked_for() {
    for (keys, expected) in [
        ("Enter", ""),
        ("Enter J J", ""),
        ("Enter I", "entries/2026-11-22-alpha.md: plot.png b.png"),
        ("Enter I I", "entries/2026-11-22-alpha.md: plot.png b.png"),
        (
            "Enter I I I",
            "entries/2026-11-22-alpha.md: plot.png b.png, entries/2026-11-22-alpha.md: plot.png b.png",
        ),
        ("Enter J Enter", "entries/2026-11-22-alpha.md: plot.png"),
        ("Enter J J Enter", "entries/2026-11-22-alpha.md: b.png"),
        ("Enter J Enter Enter", "entries/2026-11-22-alpha.md: plot.png"),
    ] {
        assert_eq!(asked(&press(&mut model_of(pictures()), keys)), expected, "{keys}");
    }
    let mut model = model_of(spots());
    assert_eq!(press(&mut model, "Enter I"), []);
    assert_eq!(model.news(), Some("there is no picture in this entry"));
}

#[test]
fn they_stand_below_their_captions_until_they_are_hidden() {
    let mut model = model_of(pictures());
    let before = shown(&model);
    press(&mut model, "Enter I");
    assert_eq!(shown(&model).matches("the picture is being read").count(), 3);
    came(&mut model, ALPHA, "plot.png", 4);
    came(&mut model, ALPHA, "b.png", 0);
    insta::assert_snapshot!(shown(&model), @"
    Alpha                                    2026-11-22
    ───────────────────────────────────────────────────

    Before.

    [image: a plot]
     ==
     ==

    Between, with [image: b.png] in it.
    no picture: no pixels

    a
    ───────────────────
    [image: in a table]
     ==
     ==

    After.
    ");
    press(&mut model, "I");
    assert_eq!(shown(&model), before);
    // Too late.
    came(&mut model, ALPHA, "plot.png", 4);
    assert_eq!(shown(&model), before);
}

#[test]
fn a_terminal_that_draws_by_itself_is_sent_each_picture_once() {
    let look = Look { glyphs: Glyphs::Unicode, depth: Depth::Ansi256 };
    let mut model = Model::new(look, Size::new(80, 24));
    model.page.draw_by(Drawing::Kitty);
    update(&mut model, Msg::Snapshot(pictures()));
    // What it is told: s sends, p places, d forgets, and which picture.
    let told = |effects: Vec<Effect>| -> String {
        let sequences = effects.into_iter().filter_map(|effect| match effect {
            Effect::Terminal(text) => Some(text),
            _ => None,
        });
        let all: String = sequences.collect();
        let commands = all.split("\u{1b}_Ga=").skip(1).map(|text| {
            let id = text.split("i=").nth(1).unwrap_or_default();
            format!("{}{} ", &text[..1], &id[..1])
        });
        commands.collect()
    };
    let image =
        |side: usize| Image::new(side, side, vec![[9; 4]; side * side]).unwrap().with_file(vec![1, 2, 3]);
    let came = |address: &str| Msg::Image {
        slug: ALPHA.to_owned(),
        address: address.to_owned(),
        outcome: Ok(Arc::new(image(200))),
    };
    let mut steps = vec![told(press(&mut model, "Enter I"))];
    steps.push(told(update(&mut model, came("plot.png"))));
    let placeholders = shown(&model).matches('\u{10eeee}').count();
    steps.push(told(update(&mut model, came("b.png"))));
    steps.push(told(press(&mut model, "j k")));
    steps.push(told(update(&mut model, Msg::Resize(Size::new(80, 10)))));
    steps.push(told(update(&mut model, Msg::TerminalBack)));
    steps.push(told(press(&mut model, "I")));
    steps.push(told(press(&mut model, "I")));
    assert_eq!(steps, ["", "t1 p1 ", "t2 p2 ", "", "p2 p1 ", "t2 p2 t1 p1 ", "d1 d2 ", ""]);
    // 20 columns and 10 rows, twice, for it stands in two places; in the table there is room for it, too.
    assert_eq!(placeholders, 400);
    assert!(!shown(&model).contains('\u{10eeee}'));
}

#[test]
fn they_belong_to_their_entry() {
    let mut model = model_of(pictures());
    press(&mut model, "Enter I Esc j");
    let before = shown(&model);
    came(&mut model, ALPHA, "plot.png", 4);
    assert_eq!(shown(&model), before);
    press(&mut model, "k");
    assert!(!shown(&model).contains("@@"), "whoever comes back asks again");
}

#[test]
fn text_stays_where_it_is_and_a_picture_asked_for_is_seen() {
    // Height 8 of the entry: the pictures are taller than what remains below their captions.
    let mut model = model_of(pictures());
    update(&mut model, Msg::Resize(Size::new(80, 9)));
    press(&mut model, "Enter j j");
    let first = |model: &Model| model.page.lines()[model.page.top].to_string();
    let top = first(&model);
    press(&mut model, "I");
    assert_eq!(first(&model), top);
    came(&mut model, ALPHA, "plot.png", 40);
    assert_eq!(first(&model), top, "it came above");
    press(&mut model, "I J J Enter");
    came(&mut model, ALPHA, "b.png", 40);
    let rows = model.page.top..model.page.top + 8;
    let seen: Vec<String> = model.page.lines()[rows].iter().map(ToString::to_string).collect();
    let dense = seen.iter().filter(|line| line.starts_with(['*', '#'])).count();
    assert!(dense == 5 && seen.iter().any(|line| line.contains("b.png")), "{seen:#?}");
}
