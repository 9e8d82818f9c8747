//! An awkward entry at awkward widths, and what holds of every entry.

use proptest::prelude::*;
use ratatui::text::Line;

use super::page::{Page, Rendered};
use super::plain::to_plain;
use super::style::{Depth, Glyphs};
use super::*;
use crate::compare::Outcome;
use crate::entry::Document;
use crate::entry::bibliography::Bibliography;

const ASCII: Look = Look { glyphs: Glyphs::Ascii, depth: Depth::None };

const AWKWARD: &str = "---
title: x
---
# Are small-batch minima flatter?

Keskar *et al.* saw **large** batches end in ~~sharp~~ `minima`, see [[flat-vs-sharp]] and
[the paper](https://arxiv.org/abs/1609.04836)[^1].  
A line after a break; $\\lambda_{max} \\approx 41$, <https://example.org>.

## 日本語とemoji 👩‍🔬 ok

- one
  - two, which goes on for longer than a narrow view is wide
    1. three
    2. four
- [x] done
- [ ] to do

> quoted
> > twice
>
> - in a list

| quantity | flat | a heading that is long |
|:--|--:|:-:|
| λmax | 8.1 | some words that have to be wrapped in a narrow view |
| `tr H` | 41 | ok |

Donaudampfschifffahrtselektrizitätenhauptbetriebswerk\u{1b}[31m\u{202e}evil

```python
def f(x):
\treturn x * x  # a comment that is far too long for any narrow view, and is cut
```

```yaml experiment
id: batch-size
```

```yaml experimnt
id: y
```

<div class=\"x\">html</div>

![a plot](plot.png)

$$ \\int f $$

---

[^1]: Keskar 2017.
";

fn head() -> Page {
    Page {
        works: Vec::new(),
        verdicts: std::collections::BTreeMap::new(),
        title: "Are small-batch minima flatter?".to_owned(),
        date: "2026-11-22".to_owned(),
        tags: vec!["flatness".to_owned(), "sgd".to_owned()],
        question: "Does the batch size decide?".to_owned(),
        linked_from: Vec::new(),
    }
}

fn draw(source: &str, columns: usize, look: Look) -> Rendered {
    let document = Document::parse("e.md", source.to_owned());
    let cells = |index: usize, columns: usize| vec![Line::from(format!("cell {index} in {columns} columns"))];
    page::entry(
        &document,
        &head(),
        &document.diagnostics,
        &cells,
        &Setting { images: &Images::default(), columns, look, least: usize::MAX },
    )
}

fn awkward(columns: usize, look: Look) -> String {
    to_plain(&draw(AWKWARD, columns, look).lines)
}

#[test]
fn the_first_lines_are_those_of_the_whole() {
    let awkward = AWKWARD.split("---\n").nth(2).unwrap();
    let defined = format!("See [this][there] and a note[^9].\n\n{}", awkward.repeat(60));
    let later = format!("{defined}\n\n[there]: https://example.org\n\n[^9]: It.\n");
    let undefined = defined.replace("]:", "] :");
    for source in [&defined, &later, &undefined, &String::new()] {
        let document = Document::parse("e.md", format!("---\ntitle: x\n---\n{source}"));
        let images = Images::default();
        let drawn = |least: usize, columns: usize| {
            let setting = Setting { images: &images, columns, look: Look::PLAIN, least };
            let cells = |index: usize, _: usize| vec![Line::from(format!("cell {index}"))];
            page::entry(&document, &head(), &document.diagnostics, &cells, &setting)
        };
        for columns in [20, 80] {
            let whole = drawn(usize::MAX, columns);
            assert!(!whole.unfinished);
            for least in [0, 1, 7, 100, 1000, 100_000] {
                let first = drawn(least, columns);
                let count = first.lines.len();
                assert!(count >= least.min(whole.lines.len()), "{least}");
                assert_eq!(first.lines, whole.lines[..count], "{least}");
                assert_eq!(first.spots, whole.spots[..first.spots.len()], "{least}");
                assert_eq!(first.unfinished, count < whole.lines.len(), "{least}");
            }
        }
    }
}

#[test]
fn at_80() {
    insta::assert_snapshot!(awkward(80, Look::PLAIN), @r#"
    Are small-batch minima flatter?                         2026-11-22  flatness sgd
    ────────────────────────────────────────────────────────────────────────────────
    Does the batch size decide?

    Keskar et al. saw large batches end in sharp `minima`, see [[flat-vs-sharp]] and
    the paper (https://arxiv.org/abs/1609.04836)[1].
    A line after a break; λ_max ≈ 41, https://example.org.

    ## 日本語とemoji 👩‍🔬 ok

    • one
      ◦ two, which goes on for longer than a narrow view is wide
        1. three
        2. four
    ☑ done
    ☐ to do

    │ quoted
    │
    │ │ twice
    │
    │ • in a list

    quantity  flat                a heading that is long
    ────────  ────  ───────────────────────────────────────────────────
    λmax       8.1  some words that have to be wrapped in a narrow view
    `tr H`      41                          ok

    Donaudampfschifffahrtselektrizitätenhauptbetriebswerk[31mevil

      def f(x):
          return x * x  # a comment that is far too long for any narrow view, and i…

    cell 0 in 80 columns

      id: y

    ? warning: `yaml experimnt` is not a cell and is shown as code
    40 │ ```yaml experimnt
       │    ^^^^^^^^^^^^^^
    → did you mean `yaml experiment`?

      <div class="x">html</div>

    [image: a plot]

    ∫ f

    ────────────────────────────────────────────────────────────────────────────────

    [1] Keskar 2017.
    "#);
}

#[test]
fn at_80_in_ascii() {
    insta::assert_snapshot!(awkward(80, ASCII), @r#"
    Are small-batch minima flatter?                         2026-11-22  flatness sgd
    --------------------------------------------------------------------------------
    Does the batch size decide?

    Keskar et al. saw large batches end in sharp `minima`, see [[flat-vs-sharp]] and
    the paper (https://arxiv.org/abs/1609.04836)[1].
    A line after a break; lambda_max ~ 41, https://example.org.

    ## ????????emoji ?? ok

    * one
      - two, which goes on for longer than a narrow view is wide
        1. three
        2. four
    [x] done
    [ ] to do

    | quoted
    |
    | | twice
    |
    | * in a list

    quantity   flat                a heading that is long
    ---------  ----  ---------------------------------------------------
    lambdamax   8.1  some words that have to be wrapped in a narrow view
    `tr H`       41                          ok

    Donaudampfschifffahrtselektrizit?tenhauptbetriebswerk[31mevil

      def f(x):
          return x * x  # a comment that is far too long for any narrow view, and i>

    cell 0 in 80 columns

      id: y

    ? warning: `yaml experimnt` is not a cell and is shown as code
    40 | ```yaml experimnt
       |    ^^^^^^^^^^^^^^
    -> did you mean `yaml experiment`?

      <div class="x">html</div>

    [image: a plot]

    int  f

    --------------------------------------------------------------------------------

    [1] Keskar 2017.
    "#);
}

#[test]
fn at_40() {
    insta::assert_snapshot!(awkward(40, Look::PLAIN), @r#"
    Are small-batch minima flatter?
    2026-11-22  flatness sgd
    ────────────────────────────────────────
    Does the batch size decide?

    Keskar et al. saw large batches end in
    sharp `minima`, see [[flat-vs-sharp]]
    and the paper
    (https://arxiv.org/abs/1609.04836)[1].
    A line after a break; λ_max ≈ 41,
    https://example.org.

    ## 日本語とemoji 👩‍🔬 ok

    • one
      ◦ two, which goes on for longer than a
        narrow view is wide
        1. three
        2. four
    ☑ done
    ☐ to do

    │ quoted
    │
    │ │ twice
    │
    │ • in a list

    quantity  flat   a heading that is long
    ────────  ────  ────────────────────────
    λmax       8.1  some words that have to
                     be wrapped in a narrow
                              view
    `tr H`      41             ok

    Donaudampfschifffahrtselektrizitätenhaup
    tbetriebswerk[31mevil

      def f(x):
          return x * x  # a comment that is…

    cell 0 in 40 columns

      id: y

    ? warning: `yaml experimnt` is not a
    cell and is shown as code
    40 │ ```yaml experimnt
       │    ^^^^^^^^^^^^^^
    → did you mean `yaml experiment`?

      <div class="x">html</div>

    [image: a plot]

    ∫ f

    ────────────────────────────────────────

    [1] Keskar 2017.
    "#);
}

#[test]
fn at_10() {
    // From the first quote on: what stands before it is prose like at 40.
    let text = awkward(10, Look::PLAIN);
    let from = text.find("│ quoted").unwrap();
    insta::assert_snapshot!(text[from..].lines().take(60).collect::<Vec<_>>().join("\n"), @r"
    │ quoted
    │
    │ │ twice
    │
    │ • in a
    │   list

    quantity:
    λmax
    flat: 8.1
    a heading
    that is
    long: some
    words that
    have to be
    wrapped in
    a narrow
    view

    quantity:
    `tr H`
    flat: 41
    a heading
    that is
    long: ok

    Donaudampf
    schifffahr
    tselektriz
    itätenhaup
    tbetriebsw
    erk[31mevi
    l

      def f(x…
          ret…

    cell 0 in…

      id: y

    ? warning:
    `yaml
    experimnt`
    is not a
    cell and
    is shown
    as code
    40 │ `yam…
       │  ^^^…
    → did you
    mean `yaml
    experiment
    `?

      <div cl…

    [image: a
    plot]
    ");
}

#[test]
fn at_1() {
    let text = awkward(1, Look::PLAIN);
    insta::assert_snapshot!(text.lines().take(40).collect::<Vec<_>>().join("|"), @"A|r|e|s|m|a|l|l|-|b|a|t|c|h|m|i|n|i|m|a|f|l|a|t|t|e|r|?|2|0|2|6|-|1|1|-|2|2|f|l");
}

#[test]
fn cells_are_found_again() {
    let rendered = draw(AWKWARD, 60, Look::PLAIN);
    let [anchor] = rendered.anchors.as_slice() else { panic!("{:?}", rendered.anchors) };
    assert_eq!(to_plain(&rendered.lines[anchor.lines.clone()]), "cell 0 in 60 columns\n");
}

/// The same words and lines whatever the colours: meaning never hangs on them.
#[test]
fn colours_change_no_line() {
    for depth in [Depth::Ansi16, Depth::Ansi256, Depth::True] {
        let coloured = draw(AWKWARD, 200, Look { glyphs: Glyphs::Unicode, depth });
        assert_eq!(coloured.lines.len(), draw(AWKWARD, 200, Look::PLAIN).lines.len());
    }
}

fn markdown() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "```yaml claim\n",
        "```\n",
        "> ",
        "- ",
        "1. ",
        "- [ ] ",
        "\n",
        "\n\n",
        "  ",
        "    ",
        "# ",
        "---\n",
        "| a | bb |\n|---|:-:|\n",
        "| 1 | **2** |\n",
        "[^1]",
        "[^1]: note\n",
        "[[slug]]",
        "$x^2$",
        "$$y$$",
        "<div>",
        "<b>",
        "日本語。",
        "👩‍🔬",
        "e\u{301}",
        "\u{200b}",
        "\t",
        "\u{1b}[31m",
        "*",
        "**",
        "~~",
        "`",
        "[a](b)",
        "![i](j)",
        "> [!NOTE]\n",
        "\\\n",
        "word ",
        "loooooooooooong",
        "ﷺ",
        "\u{0}",
        "กำ",
        "நி",
        "🇩🇪",
        "🏳️‍🌈",
    ]);
    prop_oneof![prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat()), any::<String>()]
}

proptest! {
    #[test]
    fn no_line_is_too_wide(source in markdown(), columns in 1_usize..60) {
        for look in [Look::PLAIN, ASCII, Look { glyphs: Glyphs::Unicode, depth: Depth::True }] {
            let rendered = draw(&source, columns, look);
            for line in &rendered.lines {
                prop_assert!(width::spans_width(&line.spans) <= columns, "{line:?}");
                let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
                prop_assert!(!text.contains(char::is_control), "{text:?}");
                prop_assert!(look.glyphs == Glyphs::Unicode || text.is_ascii(), "{text:?}");
            }
            for anchor in &rendered.anchors {
                prop_assert!(anchor.lines.end <= rendered.lines.len());
            }
        }
    }
}

#[test]
fn a_link_to_a_claim_tells_its_verdict() {
    let text = "Small batches end flat ([[flat#small-batch]]), not better: [[flat#better|the claim]], [[flat#later]], [[flat]].\n";
    let document = Document::parse("e.md", text.to_owned());
    let verdicts = [
        ("flat#small-batch", Some(Outcome::Supported)),
        ("flat#better", Some(Outcome::Refuted)),
        ("flat#later", None),
    ];
    let verdicts = verdicts.map(|(link, verdict)| (link.to_owned(), verdict)).into();
    let page = Page { verdicts, ..Page::default() };
    let setting = Setting { images: &Images::default(), columns: 72, look: Look::PLAIN, least: usize::MAX };
    let drawn = page::entry(&document, &page, &[], &|_, _| Vec::new(), &setting);
    let rule = "─".repeat(72);
    assert_eq!(
        to_plain(&drawn.lines).trim().replace('\u{a0}', " "),
        format!(
            "{rule}\n\nSmall batches end flat (✓ [[flat#small-batch]]), not better: ✗ [[the\nclaim]], ! [[flat#later]], [[flat]]."
        )
    );
    assert_eq!(drawn.spots.len(), 4);
    let drawn = page::entry(&document, &page, &[], &|_, _| Vec::new(), &Setting { look: ASCII, ..setting });
    assert!(to_plain(&drawn.lines).contains("flat (+[[flat#small-batch]]), not better: x[[the\nclaim]]"));
}

#[test]
fn citations_are_author_and_year_and_lead_to_the_list() {
    let text = "---\ntitle: x\n---\nAs [@keskar] and [@keskar; @foret] saw, not [@nobody] or `[@code]`.\n";
    let document = Document::parse("e.md", text.to_owned());
    let cited: Vec<_> =
        document.citations.iter().map(|(cited, span)| (cited.as_str(), &text[span.clone()])).collect();
    assert_eq!(
        cited,
        [("@keskar", "[@keskar]"), ("@keskar; @foret", "[@keskar; @foret]"), ("@nobody", "[@nobody]")]
    );
    let bibliography = Bibliography::parse(
        "b",
        "@misc{keskar, author = {A Keskar and B Tang and C Xu}, title = {Large}, year = 2017}\n\
         @misc{foret, author = {P Foret}, title = {Aware}, year = 2021}",
    );
    let works = ["keskar", "foret"].map(|key| bibliography.get(key).unwrap().clone()).to_vec();
    let page = Page { works, ..Page::default() };
    let setting = Setting { images: &Images::default(), columns: 60, look: Look::PLAIN, least: usize::MAX };
    let drawn = page::entry(&document, &page, &[], &|_, _| Vec::new(), &setting);
    assert_eq!(
        to_plain(&drawn.lines).trim(),
        "────────────────────────────────────────────────────────────\n\n\
         As Keskar et al. 2017 and Keskar et al. 2017; Foret 2021\n\
         saw, not [@nobody] or `[@code]`.\n\n\
         ────────────────────────────────────────────────────────────\n\
         references\n\
         Keskar et al. 2017  Keskar, Tang, Xu: Large. 2017.\n\
         Foret 2021  Foret: Aware. 2021."
    );
    let spots: Vec<_> = drawn.spots.iter().map(|spot| spot.kind.clone()).collect();
    let [keskar, foret] = ["@keskar", "@foret"].map(str::to_owned);
    assert_eq!(
        spots,
        [
            SpotKind::Footnote(keskar.clone()),
            SpotKind::Footnote(keskar.clone()),
            SpotKind::Footnote(foret.clone()),
            SpotKind::Note(keskar),
            SpotKind::Note(foret),
        ]
    );
}
