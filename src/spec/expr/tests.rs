//! The language as tables: what reads as what, and what is an error where.

use proptest::prelude::*;

use super::*;
use crate::spec::ClaimKind;

/// As written and its canonical text.
const CANONICAL: &[(&str, &str)] = &[
    ("flat.lambda_max<0.5*sharp.lambda_max", "flat.lambda_max < 0.5 * sharp.lambda_max"),
    ("a-b-c > (a-(b-c))", "a - b - c > a - (b - c)"),
    ("-x^2 < (-x)^2", "-x^2 < (-x)^2"),
    ("2^3^2 == 2^(3^2)", "2^3^2 == 2^3^2"),
    ("(2^3)^-2 != a/(b*c)", "(2^3)^-2 != a / (b * c)"),
    ("a < 1 or b < 1 and not c < 1", "a < 1 or b < 1 and not c < 1"),
    ("(a < 1 or b < 1) and not (c < 1 and d < 1)", "(a < 1 or b < 1) and not (c < 1 and d < 1)"),
    ("mean(x*y/2, after: 0.50) within [0.98, 1.02]", "mean(x * y / 2, after: 0.5) within [0.98, 1.02]"),
    (
        "argmax(e over h) within [0.8,1.25]*train/(a+b)",
        "argmax(e over h) within [0.8, 1.25] * train / (a + b)",
    ),
    ("slope(log(v) over log(p)) within [-1.1, -.9]", "slope(log(v) over log(p)) within [-1.1, -0.9]"),
    ("peak(x) > last( x ) + max(x, after: 0)", "peak(x) > last(x) + max(x, after: 0)"),
    ("kendall(a, b over c) > kendall(a, b)", "kendall(a, b over c) > kendall(a, b)"),
    ("N^(c/2)/sqrt(M) < 1E6", "N^(c / 2) / sqrt(M) < 1000000"),
    (
        "first(P where loss<1e-6 and not a<b over hidden)/n < 2",
        "first(P where loss < 1e-6 and not a < b over hidden) / n < 2",
    ),
    ("eta2(y, a*b) > eta2(y,a)", "eta2(y, a * b) > eta2(y, a)"),
    ("eta2(y,arm*a) > eta2(y,arm)", "eta2(y, arm * a) > eta2(y, arm)"),
    ("distance(a.weights,b.weights) < norm(a.weights)", "distance(a.weights, b.weights) < norm(a.weights)"),
    ("cosine(a.weights,b.weights) > kl_inverse(q,.1)", "cosine(a.weights, b.weights) > kl_inverse(q, 0.1)"),
    (
        "granulated_kendall(x, y) > sign_error(x, y over a)",
        "granulated_kendall(x, y) > sign_error(x, y over a)",
    ),
    ("breakpoint(log(y) over log(x)) < factorial(5)", "breakpoint(log(y) over log(x)) < factorial(5)"),
    ("x < 1e-9 and max(1e300, x) > .25e1", "x < 1e-9 and max(1e300, x) > 2.5"),
];

#[test]
fn canonical_texts() {
    for (written, canonical) in CANONICAL {
        let expr = parse(written).unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(expr.to_string(), *canonical);
        assert_eq!(parse(canonical).as_ref(), Ok(&expr), "{written}");
    }
}

/// Text, the part of it that is wrong, and words that the message and its help must hold.
const ERRORS: &[(&str, &str, &str)] = &[
    ("", "", "expected a value, found the end"),
    ("a <", "", "expected a value, found the end"),
    ("a < b < c", "<", "do not chain; write `a < b and b < c`"),
    ("a + b", "a + b", "neither true nor false"),
    ("1 + (a < b) > 2", "(a < b)", "true or false, where a number is due"),
    ("a and b < 1", "a", "a number, where something true or false is due"),
    ("not a", "a", "a number"),
    ("a = b", "=", "write `==`"),
    ("a ≤ b", "≤", "write `<=`"),
    ("a < 25 %", "%", "write a fraction"),
    ("a < 2x", "2x", "write a product"),
    ("a < 1e999", "1e999", "too large"),
    ("a < b)", ")", "expected the end"),
    ("(a < b", "", "expected `)`"),
    ("a within 3", "3", "expected `[`"),
    ("a within [2, 1]", "2, 1", "empty; write `[1, 2]`"),
    ("a < and", "and", "expected a value"),
    ("flat. < 1", "<", "a measure or setting"),
    ("maxx(a over b) < 1", "maxx", "no function `maxx`; did you mean `max`?"),
    ("qqqq(a, b) < 1", "qqqq", "one of mean, median"),
    ("max < 1", "max", "is a function"),
    ("mean(a) < 1", "mean(a)", "say what `mean` is taken over"),
    ("log(a over b) < 1", "log(a over b)", "`log(x)`"),
    ("slope(a, b) < 1", "slope(a, b)", "not called like this"),
    ("first(a over b) < 1", "over", "`where CONDITION`"),
    ("first(a where b over c) < 1", "b", "neither true nor false; compare it"),
    ("first(a where b < 1) < 1", "first(a where b < 1)", "`first(x where CONDITION over AXIS)`"),
    ("distance(a.weights) < 1", "distance(a.weights)", "`distance(ARM.weights, ARM.weights)`"),
    ("cosine(a.weights) < 1", "cosine(a.weights)", "`cosine(ARM.weights, ARM.weights)`"),
    ("kl_inverse(a) < 1", "kl_inverse(a)", "`kl_inverse(q, c)`"),
    ("kl_inverse(a, b over c) < 1", "kl_inverse(a, b over c)", "`kl_inverse(q, c)`"),
    ("breakpoint(a, after: 0.5) < 1", "breakpoint(a, after: 0.5)", "along a sweep"),
    ("peak(a over b) < 1", "peak(a over b)", "`max(x over AXIS)`"),
    ("mean(a over b, after: 0.5) < 1", "mean(a over b, after: 0.5)", "mean(mean(x, after: 0.5) over AXIS)"),
    ("mean(a, after: 1) < 1", "1", "a fraction of training"),
    ("mean(a over b, 2) < 1", "2", "`after: FRACTION`"),
];

fn said(error: &Problem) -> String {
    format!("{}; {};", error.message, error.help.as_deref().unwrap_or_default())
}

#[test]
fn errors_name_their_place() {
    for (text, place, words) in ERRORS {
        let error = parse(text).unwrap_err();
        assert_eq!(&text[error.span.clone()], *place, "{text}: {error}");
        assert!(said(&error).contains(words), "{text}: {}", said(&error));
    }
}

#[test]
fn no_depth_or_length_overflows_the_stack() {
    for text in [
        "(".repeat(20_000),
        "-".repeat(20_000),
        "not ".repeat(20_000),
        "log(".repeat(300),
        format!("a{} < 1", "+a".repeat(20_000)),
        format!("a{} < 1", "^a".repeat(20_000)),
    ] {
        assert!(parse(&text).is_err());
    }
    let long = format!("a{} < 1", "^a".repeat(450));
    assert_eq!(parse(&long).unwrap().to_string(), long);
}

#[test]
fn every_function_is_in_the_table() {
    let names: Vec<_> = Function::all().map(Function::name).collect();
    for name in &names {
        assert_eq!(Function::named(name).map(Function::name), Some(*name));
        assert!(Function::named(name).unwrap().usage().contains(name));
    }
    assert_eq!(names.len(), 27);
}

fn scope(kind: ClaimKind, arms: &[&str], axes: &[&str]) -> Scope {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    Scope {
        kind,
        arms: arms.iter().map(|arm| ArmScope { name: (*arm).to_owned(), axes: owned(axes) }).collect(),
        quantities: owned(&["test_error", "lambda_max", "parameters", "weights"]),
        settings: owned(&["learning_rate", "train", "hidden"]),
        constants: owned(&["N"]),
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn names_are_checked_before_anything_runs() {
    use ClaimKind::{Direction, Identity, Universal};
    let (two, one): (&[&str], &[&str]) = (&["flat", "sharp"], &["base"]);
    for (text, kind, arms, axes, wrong) in [
        ("flat.test_error < sharp.test_error", Direction, two, &[][..], None),
        ("test_error < N / train", Direction, one, &[], None),
        (
            "test_error < 1",
            Direction,
            two,
            &[],
            Some(("test_error", "of which arm?; one of `flat.test_error`")),
        ),
        ("test_error < 1", Universal, two, &["hidden"], None),
        ("flat.test_eror < 1", Direction, two, &[], Some(("test_eror", "did you mean `test_error`?"))),
        ("flt.test_error < 1", Direction, two, &[], Some(("flt", "did you mean `flat`?"))),
        ("lambda_mx < n", Direction, one, &[], Some(("lambda_mx", "did you mean `lambda_max`?"))),
        ("flat < 1", Direction, two, &[], Some(("flat", "is an arm"))),
        ("distance(flat.weights, sharp.weights) < 1", Identity, two, &[], None),
        ("cosine(flat.weights, sharp.weights) < 1", Identity, two, &[], None),
        ("flat.weights_0 < sharp.weights_12", Identity, two, &[], None),
        (
            "flat.weights < 1",
            Identity,
            two,
            &[],
            Some(("flat.weights", "is a vector; `weights_0` is its first")),
        ),
        ("norm(flat.test_error) < 1", Identity, two, &[], Some(("flat.test_error", "this is no vector"))),
        (
            "cosine(flat.weights, sharp.lambda_max) < 1",
            Identity,
            two,
            &[],
            Some(("sharp.lambda_max", "this is no vector")),
        ),
        (
            "base.hessian_trace < 1",
            Direction,
            one,
            &[],
            Some((
                "hessian_trace",
                "`hessian_trace` is not measured by this experiment: add it to `measure`",
            )),
        ),
        (
            "sam_sharpness < 1",
            Direction,
            one,
            &[],
            Some(("sam_sharpness", "not measured by this experiment")),
        ),
        (
            "hessian_trace_se < 1",
            Direction,
            one,
            &[],
            Some(("hessian_trace_se", "add `hessian_trace` to `measure`")),
        ),
        (
            "qqqq < 1",
            Direction,
            one,
            &["hidden"],
            Some((
                "qqqq",
                "one of N, test_error, lambda_max, parameters, weights, learning_rate, train, hidden;",
            )),
        ),
        (
            "base.qqqq < 1",
            Direction,
            one,
            &["hidden"],
            Some((
                "qqqq",
                "one of test_error, lambda_max, parameters, weights, hidden, learning_rate, train;",
            )),
        ),
        ("test_error < 1", Direction, one, &["hidden"], None),
        ("hidden < 1", Direction, one, &["hidden"], None),
        ("max(test_error over hidden) < 1", Direction, one, &["hidden"], None),
        ("slope(test_error over log(parameters)) < 1", Direction, one, &["hidden", "train"], None),
        ("max(test_error over hidden) < 1", Direction, one, &["hidden", "train"], None),
        ("max(test_error over train) < 1", Direction, one, &["hidden"], Some(("train", "is not swept"))),
        (
            "max(test_error over 2) < 1",
            Direction,
            one,
            &["hidden"],
            Some(("2", "names no axis; one of hidden")),
        ),
        (
            "kendall(test_error, parameters) > 0",
            Direction,
            one,
            &[],
            Some(("kendall(test_error, parameters)", "sweep")),
        ),
        ("kendall(test_error, parameters) > 0", Direction, one, &["hidden"], None),
        ("mean(test_error, after: 0.5) < 1", Direction, one, &["hidden"], None),
    ] {
        let result = check(&parse(text).unwrap(), &scope(kind, arms, axes));
        match (result, wrong) {
            (Ok(()), None) => {}
            (Err(error), Some((place, words))) => {
                assert_eq!(&text[error.span.clone()], place, "{text}: {error}");
                assert!(said(&error).contains(words), "{text}: {}", said(&error));
            }
            (result, _) => panic!("{text}: {result:?}"),
        }
    }
}

#[test]
fn names_come_with_their_places() {
    let text = "max(flat.lambda_max over alpha) within [low, 2] * N";
    let expr = parse(text).unwrap();
    let names: Vec<_> =
        expr.names().into_iter().map(|(name, span)| (name.arm, name.name, &text[span])).collect();
    let expected = [
        (Some("flat"), "lambda_max", "flat.lambda_max"),
        (None, "alpha", "alpha"),
        (None, "low", "low"),
        (None, "N", "N"),
    ];
    assert_eq!(names, expected);
}

fn expr(node: Node) -> Expr {
    Expr { node, span: 0..0 }
}

fn any_name() -> impl Strategy<Value = String> {
    "[a-z_][a-z0-9_]{0,6}".prop_filter("a keyword or function", |name| {
        !matches!(name.as_str(), "and" | "or" | "not" | "within" | "over" | "after")
            && Function::named(name).is_none()
    })
}

fn any_arithmetic() -> impl Strategy<Value = Arithmetic> {
    use Arithmetic::{Minus, Over, Plus, Power, Times};
    prop::sample::select(vec![Plus, Minus, Times, Over, Power])
}

fn any_number() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        (0.0..1e300).prop_map(Node::Number),
        (0.0..1e3).prop_map(Node::Number),
        any_name().prop_map(Node::Name),
        (any_name(), any_name()).prop_map(|(arm, name)| Node::Of { arm, name }),
    ]
    .prop_map(expr);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let call = |function, arguments, along| Node::Call { function, arguments, along };
        prop_oneof![
            boxed().prop_map(Node::Negate),
            (any_arithmetic(), boxed(), boxed()).prop_map(|(sign, a, b)| Node::Arithmetic(sign, a, b)),
            inner.clone().prop_map(move |x| call(Function::Log, vec![x], Along::Nothing)),
            inner.clone().prop_map(move |x| call(Function::Peak, vec![x], Along::Training(0.0))),
            (inner.clone(), 0.0..0.99).prop_map(move |(x, f)| call(
                Function::Mean,
                vec![x],
                Along::Training(f)
            )),
            (inner.clone(), boxed()).prop_map(move |(x, o)| call(Function::Slope, vec![x], Along::Axes(o))),
            (inner.clone(), inner.clone()).prop_map(move |(x, y)| call(
                Function::Max,
                vec![x, y],
                Along::Nothing
            )),
            (inner.clone(), inner.clone(), boxed()).prop_map(move |(x, y, o)| call(
                Function::Kendall,
                vec![x, y],
                Along::Axes(o)
            )),
            (inner.clone(), any_comparison(), boxed(), boxed(), boxed()).prop_map(
                move |(x, comparison, a, b, o)| {
                    let condition = expr(Node::Compare(comparison, a, b));
                    call(Function::First, vec![x, condition], Along::Axes(o))
                }
            ),
        ]
        .prop_map(expr)
    })
}

fn any_comparison() -> impl Strategy<Value = Comparison> {
    use Comparison::{AtLeast, AtMost, Equal, Greater, Less, Unequal};
    prop::sample::select(vec![Less, AtMost, Greater, AtLeast, Equal, Unequal])
}

fn any_truth() -> impl Strategy<Value = Expr> {
    let boxed = || any_number().prop_map(Box::new);
    let scale = prop::collection::vec(
        (prop::sample::select(vec![Arithmetic::Times, Arithmetic::Over]), any_number()),
        0..3,
    );
    let named = |name: String| expr(Node::Name(name));
    let leaf = prop_oneof![
        (any_comparison(), boxed(), boxed()).prop_map(|(comparison, a, b)| Node::Compare(comparison, a, b)),
        (boxed(), any_name(), any_number(), scale).prop_map(move |(value, low, high, scale)| {
            Node::Within(value, Box::new(Interval { low: named(low), high, scale }))
        }),
    ]
    .prop_map(expr);
    leaf.prop_recursive(3, 8, 2, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let connective = prop::sample::select(vec![Connective::And, Connective::Or]);
        prop_oneof![
            boxed().prop_map(Node::Not),
            (connective, boxed(), boxed()).prop_map(|(connective, a, b)| Node::Connect(connective, a, b)),
        ]
        .prop_map(expr)
    })
}

proptest! {
    #[test]
    fn canonical_text_reads_back(truth in any_truth()) {
        let text = truth.to_string();
        prop_assert_eq!(parse(&text).map_err(|error| format!("{text}: {error:?}")), Ok(truth));
    }

    #[test]
    fn no_text_panics(text in ".{0,60}", words in "([a-c0-9.e<>=!+*/^()\\[\\], :-]|and |or |not |max\\(|over |within |after){0,40}") {
        for text in [text, words] {
            match parse(&text) {
                Ok(expr) => prop_assert_eq!(parse(&expr.to_string()), Ok(expr)),
                Err(error) => prop_assert!(text.get(error.span).is_some(), "{}", text),
            }
        }
    }
}

#[test]
fn the_arms_are_a_factor_under_their_own_name() {
    use ClaimKind::Direction;
    let (two, one): (&[&str], &[&str]) = (&["flat", "sharp"], &["base"]);
    let alike = |arms: &[&str], axes: &[&str]| scope(Direction, arms, axes);
    let mut unlike = alike(two, &["hidden"]);
    unlike.arms[1].axes.push("train".to_owned());
    let mut turned = alike(two, &["hidden", "train"]);
    turned.arms[1].axes.reverse();
    let mut setting = alike(two, &["hidden"]);
    setting.settings.push("arm".to_owned());
    let known = "factors are swept settings, or `arm`; one of hidden, arm, or a product of them";
    for (text, scope, wrong) in [
        ("eta2(test_error, arm) < 1", alike(two, &["hidden"]), None),
        ("eta2(log(test_error) * hidden, hidden * arm) < 1", alike(two, &["hidden"]), None),
        ("eta2(test_error, arm) < 1", alike(two, &[]), None),
        ("eta2(norm(weights), arm) < 1", alike(two, &[]), None),
        ("eta2(test_error, arm) < 1", turned, None),
        // An axis of that name is meant before the arms, and is a factor like any other.
        ("eta2(flat.test_error, arm) < 1", alike(two, &["arm"]), None),
        ("eta2(test_error, arm) < 1", alike(two, &["arm"]), Some(("test_error", "of which arm?"))),
        (
            "eta2(test_error, arm) < 1",
            setting,
            Some(("arm", "factors are swept settings; one of hidden, or")),
        ),
        ("eta2(test_error, arms) < 1", alike(two, &["hidden"]), Some(("arms", known))),
        ("eta2(test_error, arm + hidden) < 1", alike(two, &["hidden"]), Some(("arm + hidden", known))),
        ("eta2(test_error, flat) < 1", alike(two, &["hidden"]), Some(("flat", known))),
        (
            "eta2(test_error, hidden * arm) < 1",
            unlike,
            Some(("arm", "the same axes: swept are `flat` over hidden and `sharp` over hidden, train")),
        ),
        ("eta2(test_error, arm) < 1", alike(one, &["hidden"]), Some(("arm", "`base` is the only arm"))),
        (
            "eta2(flat.test_error, arm) < 1",
            alike(two, &["hidden"]),
            Some(("flat.test_error", "is of one arm only; where the arms are a factor, write `test_error`")),
        ),
        ("eta2(test_eror, arm) < 1", alike(two, &[]), Some(("test_eror", "did you mean `test_error`?"))),
        ("eta2(test_error, hidden) < 1", alike(two, &["hidden"]), Some(("test_error", "of which arm?"))),
        ("arm < 1", alike(two, &["hidden"]), Some(("arm", "nothing here is called `arm`"))),
    ] {
        match (check(&parse(text).unwrap(), &scope), wrong) {
            (Ok(()), None) => {}
            (Err(error), Some((place, words))) => {
                assert_eq!(&text[error.span.clone()], place, "{text}: {error}");
                assert!(said(&error).contains(words), "{text}: {}", said(&error));
            }
            (found, _) => panic!("{text}: {found:?}"),
        }
    }
}
