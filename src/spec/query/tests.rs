//! Queries are read as they are meant, and written back as they were read.

use proptest::prelude::*;

use super::*;

/// The condition written back, or what is wrong with it: message, and the text it is about.
fn read(text: &str) -> String {
    match filter(text) {
        Ok(filter) => filter.to_string(),
        Err(error) => format!("{}: {}", error.message, &text[error.span]),
    }
}

#[test]
fn both_habits_come_to_the_same() {
    for (text, meant) in [
        ("", ""),
        ("  ", ""),
        ("lr>=0.001 model~mlp NOT tag:old has:lambda_max", "lr>=0.001 model~mlp NOT tag=old has:lambda_max"),
        ("lr >= 1e-3 and model ~ mlp", "lr>=1e-3 model~mlp"),
        ("-tag:old !edge", "NOT tag=old NOT edge"),
        ("a OR b c", "a OR b c"),
        ("(a OR b) c", "(a OR b) c"),
        ("((a)) (b c)", "a b c"),
        ("not (a or b)", "NOT (a OR b)"),
        ("a || b && c", "a OR b c"),
        ("hidden=[64, 64] x", "hidden=\"[64, 64]\" x"),
        ("hidden:[64,64]", "hidden=[64,64]"),
        ("min(test_loss)<0.1", "min(test_loss)<0.1"),
        ("note=\"a b\" \"or\"", "note=\"a b\" \"or\""),
        ("finished>2026-11-22T10:00:00Z", "finished>2026-11-22T10:00:00Z"),
        ("x≥1 y≠2", "x>=1 y!=2"),
        ("momentum=-0.9", "momentum=-0.9"),
        ("min", "min"),
    ] {
        assert_eq!(read(text), meant, "{text}");
    }
}

#[test]
fn what_is_wrong_has_its_place() {
    for (text, wrong) in [
        ("lr>=", "a value is missing after this: >="),
        ("lr>= )", "a value is missing after this: >="),
        ("(a b", "this parenthesis is not closed: ("),
        ("a)", "`)` has no meaning here: )"),
        ("a OR", "a term is missing here: "),
        ("OR a", "`OR` stands where a term should: OR"),
        ("()", "a term is missing here: )"),
        ("x=\"abc", "the quotes are not closed: \"abc"),
        ("has:", "a name is missing after this: :"),
        ("min(test_loss)", "a comparison is missing after this: min(test_loss)"),
        ("min(test_loss", "a parenthesis is to be closed here: "),
        ("a, b", "`,` has no meaning here: ,"),
        ("=3", "a term is missing here: ="),
    ] {
        assert_eq!(read(text), wrong, "{text}");
    }
    assert!(filter(&"(".repeat(100_000)).is_err() && filter(&"!".repeat(100_000)).is_err());
}

#[test]
fn columns_are_read() {
    for (text, meant) in [
        ("", Ok("")),
        ("arm, seed", Ok("arm, seed")),
        ("min test_loss,last lambda_max", Ok("min test_loss, last lambda_max")),
        ("min(test_loss) as best", Ok("min test_loss as best")),
        ("=optimizer.learning_rate as lr", Ok("=optimizer.learning_rate as lr")),
        ("min", Ok("\"min\"")),
        ("arm,", Ok("arm")),
        ("arm seed", Err("this is one word too many: seed")),
        ("arm,, seed", Err("a column is missing here: ")),
        ("lr as", Err("a name is missing here: ")),
    ] {
        let read = columns(text)
            .map(|columns| columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
        let read = read.map_err(|error| format!("{}: {}", error.message, &text[error.span]));
        assert_eq!(read, meant.map(str::to_owned).map_err(str::to_owned), "{text}");
    }
    for text in ["-test_loss", "min test_loss", "-=optimizer.learning_rate"] {
        assert_eq!(sort(text).unwrap().to_string(), text);
    }
    assert!(sort("a b").is_err() && sort("").is_err());
}

#[test]
fn a_curve_comes_to_one_number() {
    let points = [(1, 4.0), (2, f64::NAN), (3, 1.0), (4, 7.0), (5, 7.0), (6, f64::INFINITY)];
    let of = |reduction: Reduction| reduction.of(points.into_iter());
    let found: Vec<_> = Reduction::ALL.into_iter().map(of).collect();
    assert_eq!(found, [4.0, 7.0, 1.0, 7.0, 4.75, 3.0, 4.0].map(Some));
    assert_eq!(Reduction::Mean.of([(1, f64::NAN)].into_iter()), None);
}

/// A text that looks like a query, so that more than its first character is read.
fn fragments() -> impl Strategy<Value = String> {
    let pieces = [
        "lr", ">=", "<", "=", "~", "!=", "!", "-", ":", "has:", "(", ")", " ", "  ", "OR", " or ", " NOT ",
        "and", "\"", "\\", "[64, 64]", "[", "]", "0.1", "min(", "argmax", ",", "≥", "λ", " as ", "&&", "||",
        "|", "\u{202e}", "\u{0}",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..24).prop_map(|pieces| pieces.concat())
}

fn conditions() -> impl Strategy<Value = Filter> {
    let text = prop_oneof![
        "[a-z]{1,3}",
        "\\PC{0,4}",
        "[=~\\[\\]\"\\\\ ()a-]{0,5}",
        Just("or".to_owned()),
        Just("has".to_owned())
    ];
    let reduction = prop::option::of(prop::sample::select(Reduction::ALL.to_vec()));
    let name = |text: String, reduction| Name { text, reduction, setting: false, span: 0..0 };
    let comparisons = Comparison::SIGNS.map(|(_, comparison)| comparison).to_vec();
    let is = (text.clone(), reduction, prop::sample::select(comparisons), text.clone()).prop_map(
        move |(text, reduction, comparison, value)| {
            Filter::Is(name(text, reduction), comparison, Literal { text: value })
        },
    );
    let has = text.clone().prop_map(move |text| Filter::Has(name(text, None)));
    let leaf = prop_oneof![is, has, text.prop_map(Filter::Word)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let several = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            several.clone().prop_map(|parts| flat(parts, true)),
            several.prop_map(|parts| flat(parts, false)),
            inner.prop_map(|part| Filter::Not(Box::new(part))),
        ]
    })
}

/// Conditions as they are read: nothing of a kind within its own kind.
fn flat(parts: Vec<Filter>, all: bool) -> Filter {
    let parts = parts.into_iter().flat_map(|part| match part {
        Filter::All(inner) if all => inner,
        Filter::Any(inner) if !all => inner,
        other => vec![other],
    });
    if all { Filter::All(parts.collect()) } else { Filter::Any(parts.collect()) }
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in prop_oneof!["\\PC*", fragments()]) {
        for error in [filter(&text).err(), columns(&text).err(), sort(&text).err()].into_iter().flatten() {
            prop_assert!(text.get(error.span.clone()).is_some(), "{error:?} of {text:?}");
        }
    }

    #[test]
    fn what_was_read_is_written_back_as_the_same(text in fragments()) {
        if let Ok(read) = filter(&text) {
            prop_assert_eq!(filter(&read.to_string()), Ok(read.clone()), "{}", read);
        }
        if let Ok(read) = columns(&text) {
            let written = read.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            prop_assert_eq!(columns(&written), Ok(read), "{}", written);
        }
        if let Ok(read) = sort(&text) {
            prop_assert_eq!(sort(&read.to_string()), Ok(read));
        }
    }

    #[test]
    fn every_condition_can_be_written(condition in conditions()) {
        let text = condition.to_string();
        prop_assert_eq!(filter(&text), Ok(condition), "{}", text);
    }
}
