//! A table of runs, made run by run.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};

use serde_json::Value;

use super::column::{Column, Kind, Values, Word};
use super::table::{Place, RunTable, State};
use crate::base::RunId;
use crate::base::text::clean_line;
use crate::spec::Quantity;
use crate::spec::query::Reduction;
use crate::store::Origin;

/// Everything that is known of one run.
pub struct Facts<'a> {
    /// The run.
    pub run: &'a RunId,
    /// Where it stands.
    pub origin: &'a Origin,
    /// Its seed.
    pub seed: u64,
    /// How it stands.
    pub state: State,
    /// Its settings, by dotted path.
    pub settings: &'a [(String, Value)],
    /// What was measured: at its end, or last.
    pub measures: &'a BTreeMap<String, f64>,
    /// Curves reduced to a number, by reduction and quantity.
    pub reduced: &'a [(Reduction, String, f64)],
    /// Steps taken.
    pub steps: Option<u64>,
    /// Seconds it took.
    pub seconds: Option<f64>,
    /// What else there is to say of it, by name: when and where it was made, and why it ended.
    pub words: &'a [(&'a str, &'a str)],
}

/// A table in the making. It can be kept: a run that stands otherwise is put again, and the table is made anew of what is
/// there.
#[derive(Debug, Default)]
pub struct Builder {
    /// Every run that was ever put, with its values; columns in the order in which they came.
    table: RunTable,
    /// Rows by run.
    rows: HashMap<RunId, usize>,
    /// For each row what its settings come to; `None` while they are not known.
    settings: Vec<Option<u64>>,
    places: HashMap<Place, u32>,
    /// Cells by entry and id.
    cells: HashMap<(String, String), u32>,
    /// Groups by where they stand and everything that was set but for the seed.
    groups: HashMap<(u32, u64), u32>,
    /// For each coded column where its values stand, by what they are called.
    codes: Vec<HashMap<String, u32>>,
    /// For each column the setting that was put there last: most are the same over and over.
    last: Vec<(Value, u32)>,
}

/// Columns of words that stand in every table, whatever runs there are; tags come besides.
const WORDS: [&str; 5] = ["run", "entry", "cell", "arm", "status"];
/// The same of numbers.
const NUMBERS: [&str; 4] = ["seed", "steps", "seconds", "progress"];

impl Builder {
    /// Whether the settings of a run are known: they follow from its id, and need not be told again.
    pub fn knows(&self, run: &RunId) -> bool {
        self.rows.get(run).is_some_and(|&row| self.settings.get(row).is_some_and(Option::is_some))
    }

    /// Adds a run, or what is known of it now in the place of what was.
    pub fn put(&mut self, facts: &Facts<'_>) {
        let row = self.row(facts.run);
        if let Some(state) = self.table.states.get_mut(row) {
            *state = facts.state;
        }
        let place = self.place(row, facts.origin);
        self.text(row, "status", facts.state.name());
        self.number(Kind::Field, "seed", row, facts.seed as f64);
        if let Some(steps) = facts.steps {
            self.number(Kind::Field, "steps", row, steps as f64);
        }
        if let Some(seconds) = facts.seconds {
            self.number(Kind::Field, "seconds", row, seconds);
        }
        if let State::Running(share) = facts.state {
            self.number(Kind::Field, "progress", row, share);
        }
        for (name, words) in facts.words {
            self.text(row, name, words);
        }
        let settings = self.settings(row, facts.settings);
        self.group(row, place, settings);
        for (name, value) in facts.measures {
            // Vectors have thousands of entries, and are no columns to read.
            if !Quantity::is_entry(name) {
                self.number(Kind::Measure, name, row, *value);
            }
        }
        for (reduction, quantity, value) in facts.reduced {
            self.number(Kind::Reduced, &reduced(*reduction, quantity), row, *value);
        }
    }

    /// The row of a run, new or without all that may change.
    fn row(&mut self, run: &RunId) -> usize {
        if let Some(&row) = self.rows.get(run) {
            let moving = self.table.columns.iter_mut().filter(|column| column.kind != Kind::Setting);
            moving.for_each(|column| column.clear(row));
            return row;
        }
        let row = self.table.runs.len();
        self.rows.insert(run.clone(), row);
        self.table.runs.push(run.clone());
        self.table.states.push(State::Missing);
        self.table.place_of.push(0);
        self.table.group_of.push(0);
        self.settings.push(None);
        row
    }

    /// Puts the settings of a run down, unless they are known; what they come to without the seed.
    fn settings(&mut self, row: usize, settings: &[(String, Value)]) -> u64 {
        if let Some(&Some(known)) = self.settings.get(row) {
            return known;
        }
        let mut hasher = DefaultHasher::new();
        for (path, value) in settings {
            // The seed has a column of its own, and is all that the runs of a group differ in.
            if path != "seed" {
                self.setting(path, row, value).hash(&mut hasher);
            }
        }
        let found = hasher.finish();
        if let Some(slot) = self.settings.get_mut(row).filter(|_| !settings.is_empty()) {
            *slot = Some(found);
        }
        found
    }

    fn place(&mut self, row: usize, origin: &Origin) -> u32 {
        let place = Place {
            entry: clean_line(&origin.entry),
            cell: clean_line(&origin.cell),
            arm: clean_line(&origin.arm),
        };
        for (name, words) in [("entry", &place.entry), ("cell", &place.cell), ("arm", &place.arm)] {
            self.text(row, name, words);
        }
        let next = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let at = *self.places.entry(place.clone()).or_insert(next);
        if at == next {
            let next = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
            let cell = (place.entry.clone(), place.cell.clone());
            self.table.cell_of.push(*self.cells.entry(cell).or_insert(next));
            self.table.cells = self.cells.len();
            self.table.places.push(place);
        }
        if let Some(slot) = self.table.place_of.get_mut(row) {
            *slot = at;
        }
        for (path, _) in &origin.point {
            if !self.table.axes.contains(path) {
                self.table.axes.insert(path.clone());
            }
        }
        at
    }

    fn group(&mut self, row: usize, place: u32, settings: u64) {
        let next = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        let group = *self.groups.entry((place, settings)).or_insert(next);
        if let Some(slot) = self.table.group_of.get_mut(row) {
            *slot = group;
        }
    }

    /// The column of that name, made where there is none.
    fn column(&mut self, kind: Kind, name: &str, numbers: bool) -> usize {
        if let Some(&at) = self.table.by_name.get(name) {
            return at;
        }
        let at = self.table.columns.len();
        self.table.columns.push(Column::empty(kind, name, numbers));
        self.table.by_name.insert(name.to_owned(), at);
        self.codes.push(HashMap::new());
        self.last.push((Value::Null, 0));
        at
    }

    fn number(&mut self, kind: Kind, name: &str, row: usize, number: f64) {
        let at = self.column(kind, name, true);
        if let Some(Column { values: Values::Numbers { values, there }, .. }) = self.table.columns.get_mut(at)
        {
            set(values, row, number, f64::NAN);
            set(there, row, true, false);
        }
    }

    fn text(&mut self, row: usize, name: &str, words: &str) {
        let at = self.column(Kind::Field, name, false);
        let code = self.code(at, words, || Word::Text(words.into()));
        self.put_code(at, row, code);
    }

    /// Puts a setting down; its column and which value it has there.
    fn setting(&mut self, path: &str, row: usize, value: &Value) -> (usize, u32) {
        let at = self.column(Kind::Setting, path, false);
        let code = match self.last.get(at) {
            Some((last, code)) if last == value => *code,
            _ => {
                let code =
                    if value.is_null() { 0 } else { self.code(at, &value.to_string(), || Word::of(value)) };
                if let Some(last) = self.last.get_mut(at) {
                    *last = (value.clone(), code);
                }
                code
            }
        };
        self.put_code(at, row, code);
        (at, code)
    }

    /// Where a value stands among those of its column.
    fn code(&mut self, at: usize, key: &str, word: impl FnOnce() -> Word) -> u32 {
        let Some(Column { values: Values::Coded { values, .. }, .. }) = self.table.columns.get_mut(at) else {
            return 0;
        };
        let Some(codes) = self.codes.get_mut(at) else { return 0 };
        if let Some(&code) = codes.get(key) {
            return code;
        }
        let code = u32::try_from(values.len()).unwrap_or(u32::MAX);
        values.push(word());
        codes.insert(key.to_owned(), code);
        code
    }

    fn put_code(&mut self, at: usize, row: usize, code: u32) {
        if let Some(Column { values: Values::Coded { codes, .. }, .. }) = self.table.columns.get_mut(at) {
            set(codes, row, code, 0);
        }
    }

    /// The table of these runs, in this order, with the tags of their entries and the reductions that were asked for.
    pub fn table<'a>(
        &self,
        runs: impl IntoIterator<Item = &'a RunId>,
        tags: &HashMap<String, Vec<String>>,
        reductions: &[(Reduction, String)],
    ) -> RunTable {
        let rows: Vec<usize> = runs.into_iter().filter_map(|run| self.rows.get(run).copied()).collect();
        let asked: Vec<String> = reductions.iter().map(|(one, quantity)| reduced(*one, quantity)).collect();
        let wanted = |column: &&Column| column.kind != Kind::Reduced || asked.contains(&column.name);
        let mut columns: Vec<Column> =
            self.table.columns.iter().filter(wanted).map(|column| column.gathered(&rows)).collect();
        for (names, numbers) in [(&WORDS[..], false), (&NUMBERS[..], true)] {
            let lacking = names.iter().filter(|name| !self.table.by_name.contains_key(**name));
            columns.extend(lacking.map(|name| Column::empty(Kind::Field, name, numbers).gathered(&rows)));
        }
        let gathered = |list: &[u32]| rows.iter().filter_map(|&row| list.get(row).copied()).collect();
        let place_of: Vec<u32> = gathered(&self.table.place_of);
        columns.push(self.tags(&place_of, tags));
        name(&mut columns);
        RunTable {
            runs: rows.iter().filter_map(|&row| self.table.runs.get(row).cloned()).collect(),
            states: rows.iter().filter_map(|&row| self.table.states.get(row).copied()).collect(),
            group_of: gathered(&self.table.group_of),
            place_of,
            places: self.table.places.clone(),
            cell_of: self.table.cell_of.clone(),
            cells: self.table.cells,
            axes: self.table.axes.clone(),
            by_name: columns.iter().enumerate().map(|(at, column)| (column.name.clone(), at)).collect(),
            columns,
            reductions: reductions.to_vec(),
        }
    }

    /// The tags of the entries in which runs stand. Entries are edited while their runs stay.
    fn tags(&self, place_of: &[u32], tags: &HashMap<String, Vec<String>>) -> Column {
        let mut values = vec![Word::None];
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut code = |place: &Place| {
            let Some(tags) = tags.get(&place.entry).filter(|tags| !tags.is_empty()) else { return 0 };
            let words = tags.join("\n");
            *known.entry(words.clone()).or_insert_with(|| {
                values.push(Word::Text(words.into()));
                u32::try_from(values.len() - 1).unwrap_or(0)
            })
        };
        let by_place: Vec<u32> = self.table.places.iter().map(&mut code).collect();
        let codes =
            place_of.iter().map(|&place| by_place.get(place as usize).copied().unwrap_or(0)).collect();
        Column { values: Values::Coded { values, codes }, ..Column::empty(Kind::Field, "tag", false) }
    }
}

/// What a column of reduced curves is called.
fn reduced(reduction: Reduction, quantity: &str) -> String {
    format!("{} {quantity}", reduction.name())
}

/// Puts a value into its row; rows before it that have none are `empty`.
fn set<T: Copy>(list: &mut Vec<T>, row: usize, value: T, empty: T) {
    if list.len() <= row {
        list.resize(row + 1, empty);
    }
    if let Some(slot) = list.get_mut(row) {
        *slot = value;
    }
}

/// Puts columns in their order and gives them their short names.
fn name(columns: &mut [Column]) {
    columns.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    for column in columns {
        // In a table `run` says where a run stands.
        if column.name == "run" {
            "id".clone_into(&mut column.short);
        }
        if column.kind == Kind::Setting {
            column.short = shortest(&column.name, &names);
        }
    }
}

/// The shortest end of a dotted path that is no other's.
fn shortest(path: &str, names: &[String]) -> String {
    let starts = path.match_indices('.').map(|(at, _)| at + 1).rev();
    // `name` and `kind` say nothing without the part they are of.
    let is_bare = |end: &&str| matches!(*end, "name" | "kind");
    let ends = starts.filter_map(|start| path.get(start..)).filter(|end| !is_bare(end));
    let is_own = |end: &&str| {
        let dotted = format!(".{end}");
        names.iter().all(|name| name == path || (name != *end && !name.ends_with(&dotted)))
    };
    ends.into_iter().find(is_own).unwrap_or(path).to_owned()
}
