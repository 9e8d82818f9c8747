//! A table of runs that is made again of what is new is the table that is made of everything.

use std::collections::BTreeMap;
use std::fs;

use super::glance_tests::{Folder, entry};
use super::{Notebook, RunOrder, Scope};
use crate::compare::runs::{Datum, Query, RunTable, View};
use crate::spec::query::Reduction;
use crate::store::{Curve, Status, Store};

/// Every run with how it stands and everything that it has, in order; and how many runs there are in each group.
type Told = (Vec<(String, String, BTreeMap<String, String>)>, Vec<usize>);

fn told(table: &RunTable) -> Told {
    let datum = |datum| match datum {
        Datum::None => None,
        Datum::Number(number) => Some(number.to_string()),
        Datum::Text(text) => Some(text.to_owned()),
    };
    let row = |row: u32| {
        let columns = table.columns.iter();
        let values = columns.filter_map(|column| Some((column.name.clone(), datum(column.at(row))?)));
        (table.run(row).unwrap().to_string(), format!("{:?}", table.state(row)), values.collect())
    };
    let groups = View::new(table, &Query { grouped: true, ..Query::default() }).unwrap();
    (table.rows().map(row).collect(), (0..groups.len()).map(|row| groups.runs(row).len()).collect())
}

fn tags() -> Vec<(String, Vec<String>)> {
    vec![("2026-01-01-a".to_owned(), vec!["old".to_owned()])]
}

/// What the kept notebook makes of an order, which must be what a new one makes of it.
fn same(kept: &mut Notebook, order: &RunOrder, after: &str) -> Told {
    let mine = told(&kept.runs(order, tags()));
    let fresh = told(&Notebook::open(kept.root()).runs(order, tags()));
    assert_eq!(mine, fresh, "{after}: {:?}", order.scope);
    mine
}

#[test]
fn a_table_made_of_what_is_new_is_the_table_made_of_everything() {
    let folder = Folder::new(&[
        ("2026-01-01-a", entry(9, "e")),
        ("2026-01-02-b", entry(10, "e")),
        ("2026-01-03-c", entry(11, "e")),
    ]);
    folder.store("2026-01-01-a", 0.5);
    let scopes = [
        Scope::Notebook,
        Scope::Entry("2026-01-02-b".to_owned()),
        Scope::Cell("2026-01-01-a".to_owned(), "e".to_owned()),
    ];
    let plain = |scope: &Scope| RunOrder { scope: scope.clone(), reductions: Vec::new() };
    let reduced = |scope: &Scope| RunOrder {
        reductions: vec![(Reduction::Min, "train_loss".to_owned())],
        ..plain(scope)
    };
    let mut kept: Vec<(Scope, Notebook)> = scopes.map(|scope| (scope, Notebook::open(folder.root()))).into();
    let mut all = |after: &str| {
        kept.iter_mut()
            .map(|(scope, notebook)| {
                same(notebook, &reduced(scope), after);
                same(notebook, &plain(scope), after)
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(all("the beginning")[0].0.len(), 2);
    folder.store("2026-01-02-b", 0.4);
    assert_eq!(all("two runs are stored")[0].1, [2, 2]);
    let mut journal = folder.begin("2026-01-03-c");
    journal.row(0, 0.0, &BTreeMap::from([("train_loss".to_owned(), 3.0)])).unwrap();
    assert!(all("a run is begun")[0].0[0].1.contains("Running(0.0)"));
    journal.row(5, 0.5, &BTreeMap::from([("train_loss".to_owned(), 2.0)])).unwrap();
    assert!(all("it goes on")[0].0[0].1.contains("Running(0.5)"));
    drop(journal);
    assert!(all("it is interrupted")[0].0[0].1.contains("Interrupted"));
    fs::remove_dir_all(folder.root().join("runs/.live")).unwrap();
    assert_eq!(all("what is left of it is gone")[0].0.len(), 4);
    folder.store("2026-01-03-c", 0.3);
    assert_eq!(all("it was run elsewhere")[0].0.len(), 6);
    folder.write("2026-01-02-b", &entry(9, "e"));
    assert_eq!(all("an entry asks for other runs")[1].0.len(), 2);
    // What was measured besides makes a row say more.
    let store = Store::open(folder.root());
    let mut again = store.read_summaries().0[0].as_ref().clone();
    again.measures.insert("lambda_max".to_owned(), 4.0);
    again.measured.push("lambda_max(x)".to_owned());
    store.append(&[(again.with_id(&Curve::default().hash()), Curve::default())]).unwrap();
    assert!(
        all("a run was measured again")[0].0.iter().any(|(_, _, values)| values.contains_key("lambda_max"))
    );
    store.compact(false).map(|_| ()).unwrap_or_default();
    all("the results were compacted");
    fs::remove_dir_all(folder.root().join("runs/summary")).unwrap();
    assert!(all("the results are gone")[0].0.is_empty());
}

#[test]
fn only_what_is_new_is_read() {
    let folder = Folder::new(&[("2026-01-01-a", entry(9, "e")), ("2026-01-02-b", entry(10, "e"))]);
    folder.store("2026-01-01-a", 0.5);
    let mut notebook = Notebook::open(folder.root());
    let order = RunOrder { scope: Scope::Notebook, reductions: Vec::new() };
    let counts =
        |notebook: &mut Notebook| (notebook.runs(&order, tags()).len(), notebook.store().held().len());
    assert_eq!(counts(&mut notebook), (2, 0), "what is in the table is not held besides");
    folder.store("2026-01-02-b", 0.5);
    assert_eq!(counts(&mut notebook), (4, 1));
    assert_eq!(counts(&mut notebook), (4, 1));
    assert!(notebook.runs(&order, tags()).states.iter().all(|state| state.counts()));
    let status = Status::Done.name();
    assert_eq!(notebook.runs(&order, tags()).datum("status", 0), Datum::Text(status));
}
