//! Filters, columns, groups and differences.

use proptest::prelude::*;

use super::fixture::table;
use super::*;
use crate::spec::query::{self, Reduction};

fn view(text: &str) -> Result<View, String> {
    let filter = query::filter(text).map_err(|error| error.message)?;
    let told = |error: query::Problem| {
        format!("{}: {} ({})", &text[error.span], error.message, error.help.unwrap_or_default())
    };
    View::new(&table(&[]), &Query { filter, ..Query::default() }).map_err(told)
}

#[test]
fn filters_choose_runs() {
    for (text, count) in [
        ("", 8),
        ("lr>=0.01", 4),
        ("learning_rate<0.01 arm=flat", 2),
        ("optimizer.learning_rate=0.001 or arm:sharp", 6),
        ("model~ml", 8),
        ("dataset=digits -seed:0", 4),
        ("NOT tag:old", 0),
        ("tag:OLD tag:\"two words\"", 8),
        ("tags~wor", 8),
        ("has:lambda_max", 4),
        ("!has:lambda_max", 4),
        ("status:diverged", 1),
        ("is:running or test_loss=nan", 2),
        ("test_loss!=nan", 7),
        ("test_loss<0.2 (seed=0 or seed=1)", 4),
        ("hidden=[64,64] hidden:\"64 64\" hidden~64", 8),
        ("bs=64", 4),
        ("entry=flat-vs-sharp entry~2026", 8),
        ("entry=flat", 0),
        ("finished>2026-11-21 finished<2026-11-23", 8),
        ("lambda_max>4", 2),
        ("lambda_max<=4 lambda_max>=4", 2),
        ("nothing", 0),
        ("batch-size", 8),
        ("progress>0.4", 1),
        ("id=nonsense", 0),
    ] {
        assert_eq!(view(text).map(|view| view.passing), Ok(count), "{text}");
    }
}

#[test]
fn a_name_that_means_nothing_is_told_with_the_nearest_one() {
    for (text, told) in [
        (
            "lamda_max>3",
            "lamda_max: no setting or measure is called `lamda_max` (did you mean `lambda_max`?)",
        ),
        (
            "has:learning_rat",
            "learning_rat: no setting or measure is called `learning_rat` (did you mean `learning_rate`?)",
        ),
        ("kind=mlp", "kind: `kind` could be any of model.kind, optimizer.kind ()"),
        ("hessian_trace<1", "hessian_trace: no run has `hessian_trace` ()"),
        ("min(qqq)<1", "qqq: no measure is called `qqq` (Tab offers the names there are)"),
    ] {
        assert_eq!(view(text).unwrap_err(), told, "{text}");
    }
}

fn ask(columns: &str, sort: &str, grouped: bool) -> (RunTable, View) {
    let table = table(&[(Reduction::Max, "test_loss".to_owned())]);
    let columns = query::columns(columns).unwrap();
    let sort = (!sort.is_empty()).then(|| query::sort(sort).unwrap());
    let view = View::new(&table, &Query { columns, sort, grouped, ..Query::default() }).unwrap();
    (table, view)
}

fn titles(view: &View) -> String {
    view.columns.iter().map(|column| column.title.as_str()).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_tells_runs_apart_is_shown_unless_something_else_is_asked_for() {
    let (_, view) = ask("", "", false);
    assert_eq!(titles(&view), "run, seed, status, learning_rate, batch_size, test_loss, lambda_max");
    let (_, view) = ask("", "", true);
    assert_eq!(titles(&view), "run, runs, learning_rate, batch_size, test_loss, lambda_max");
    let (table, view) = ask(
        "run, lr, =model.kind as model, min train_loss, max test_loss, last lambda_max as sharp",
        "",
        false,
    );
    assert_eq!(titles(&view), "run, learning_rate, model, min train_loss, max test_loss, sharp");
    let first: Vec<Value> = view.columns.iter().map(|column| view.value(&table, 0, column)).collect();
    let number = Value::Number;
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(first, [text("flat"), number(0.001), text("mlp"), number(0.05), Value::Nothing, number(4.0)]);
}

#[test]
fn what_was_not_read_yet_is_on_its_way() {
    let query = Query { columns: query::columns("max train_loss").unwrap(), ..Query::default() };
    assert_eq!(query.reductions(), [(Reduction::Max, "train_loss".to_owned())]);
    let table = table(&[]);
    let view = View::new(&table, &query).unwrap();
    assert_eq!(view.value(&table, 0, &view.columns[0]), Value::Pending);
}

#[test]
fn rows_are_sorted_and_what_has_no_value_comes_last_either_way() {
    for (sort, expected) in [
        ("test_loss", "0.1 0.1 0.11 0.11 0.3 0.3 0.31 NaN"),
        ("-test_loss", "0.31 0.3 0.3 0.11 0.11 0.1 0.1 NaN"),
        ("-lambda_max", "0.11 0.11 0.1 0.1 0.3 0.31 0.3 NaN"),
        ("-run", "0.3 0.31 0.3 NaN 0.1 0.11 0.1 0.11"),
        ("status", "NaN 0.1 0.11 0.1 0.11 0.3 0.31 0.3"),
    ] {
        let (table, view) = ask("test_loss", sort, false);
        let losses = (0..view.len()).map(|row| match view.value(&table, row, &view.columns[0]) {
            Value::Number(number) => number.to_string(),
            other => format!("{other:?}"),
        });
        assert_eq!(losses.collect::<Vec<_>>().join(" "), expected, "{sort}");
    }
}

#[test]
fn seeds_become_means_over_the_runs_that_ended_as_they_should() {
    let (table, view) = ask("run, status, seed, test_loss", "", true);
    assert_eq!(view.len(), 4);
    let row = |row: usize| -> Vec<Value> {
        view.columns.iter().map(|column| view.value(&table, row, column)).collect()
    };
    let Value::Mean(estimate) = &row(0)[3] else { panic!("{:?}", row(0)) };
    assert!((estimate.mean - 0.105).abs() < 1e-12 && estimate.n == 2);
    assert_eq!(row(0)[1], Value::States(vec![("done", 2)]));
    assert_eq!(row(0)[2], Value::Several(2));
    // One diverged, one is in flight: the values so far are shown.
    let Value::Mean(estimate) = &row(3)[3] else { panic!("{:?}", row(3)) };
    assert_eq!((estimate.mean, estimate.n), (0.3, 1));
    assert_eq!(row(3)[1], Value::States(vec![("running", 1), ("diverged", 1)]));
}

#[test]
fn others_are_compared_to_the_baseline() {
    let table = table(&[]);
    let baseline = table.run(0).cloned();
    let columns = query::columns("run, lr, batch_size, test_loss").unwrap();
    let query = Query { columns, baseline, ..Query::default() };
    let view = View::new(&table, &query).unwrap();
    let row = |view: &View, row: usize| -> Vec<Value> {
        view.columns.iter().skip(1).map(|column| view.value(&table, row, column)).collect()
    };
    assert_eq!(view.baseline, Some(0));
    assert_eq!(row(&view, 0)[..2], [Value::Number(0.001), Value::Number(4.0)]);
    assert_eq!(row(&view, 4)[..2], [Value::Same, Value::Number(64.0)]);
    let Value::Change(change) = row(&view, 4)[2] else { panic!() };
    assert!((change - 0.2).abs() < 1e-12);
    let view = View::new(&table, &Query { grouped: true, ..query }).unwrap();
    let Value::MeanChange(change) = &row(&view, 2)[2] else { panic!() };
    // Paired by seed the difference is exact.
    assert!((change.mean - 0.2).abs() < 1e-12 && change.half_width() < 1e-9 && change.n == 2);
    assert_eq!(view.baseline_label(&table).unwrap(), "flat learning_rate 0.001");
}

#[test]
fn the_difference_of_two_runs_is_what_differs() {
    let told = difference(&table(&[]), &[0], &[4]);
    assert_eq!(told.names[1], "flat-vs-sharp#batch-size:sharp seed 0");
    let names = |changed: &[difference::Changed]| {
        changed.iter().map(|one| one.name.clone()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!((names(&told.settings), told.same), ("optimizer.batch_size".to_owned(), 5));
    assert_eq!(names(&told.outcomes), "lambda_max, test_loss, min train_loss");
    assert!(difference(&table(&[]), &[0], &[0]).settings.is_empty());
}

#[test]
fn names_and_values_are_offered() {
    let table = table(&[]);
    let offered = |text: &str| offers(text, &table).join(" ");
    for (text, expected) in [
        ("", ""),
        ("lear", "learning_rate"),
        ("lr>1 bat", "batch_size"),
        ("status:", "diverged done running"),
        ("status:d", "diverged done"),
        ("NOT tag=o", "old two words"),
        ("model.kind=", "mlp"),
        ("has:lamb", "lambda_max"),
        ("test_loss<", ""),
        ("learning_rate", ""),
    ] {
        assert_eq!(offered(text), expected, "{text}");
    }
    assert_eq!(completed("lr>1 bat", "batch_size"), "lr>1 batch_size");
    assert_eq!(completed("status:", "done"), "status:done");
    assert_eq!(completed("λ -ba", "batch_size"), "λ -batch_size");
}

/// Terms and what may stand between them.
const TERMS: [&str; 9] = [
    "lr>=0.01 ",
    "has:lambda_max ",
    "arm=flat ",
    "test_loss<0.2 ",
    "-seed:0 ",
    "status:done ",
    "nothing ",
    "OR ",
    "NOT ",
];

proptest! {
    #[test]
    fn any_text_is_offered_something_or_nothing_and_filters_without_panic(text in "\\PC{0,24}|[a-z_<>=~:() !-]{0,24}") {
        let table = table(&[]);
        for offer in offers(&text, &table) {
            prop_assert!(completed(&text, &offer).ends_with(&offer));
        }
        if let Ok(filter) = query::filter(&text) {
            for grouped in [false, true] {
                let _ = View::new(&table, &Query { filter: filter.clone(), grouped, ..Query::default() });
            }
        }
    }

    #[test]
    fn a_filter_and_its_opposite_share_the_runs(parts in prop::collection::vec(prop::sample::select(TERMS.to_vec()), 1..6)) {
        let text = parts.concat();
        prop_assume!(query::filter(&text).is_ok());
        let opposite = format!("NOT ({text})");
        prop_assert_eq!(view(&text).unwrap().passing + view(&opposite).unwrap().passing, 8);
    }
}
