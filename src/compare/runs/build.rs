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

/// A table in the making.
#[derive(Debug, Default)]
pub struct Builder {
    table: RunTable,
    places: HashMap<Place, u32>,
    /// Cells by entry and id.
    cells: HashMap<(String, String), u32>,
    /// Groups by where they stand and everything that was set but for the seed.
    groups: HashMap<(u32, u64), u32>,
    /// For each coded column where its values stand, by what they are called.
    codes: Vec<HashMap<String, u32>>,
    /// For each column the setting that was put there last: most are the same over and over.
    last: Vec<(Value, u32)>,
    /// Tags of entries, by slug.
    tags: HashMap<String, String>,
}

impl Builder {
    /// A table in which the entries have these tags, and these reductions were asked for.
    pub fn new(
        tags: impl IntoIterator<Item = (String, Vec<String>)>,
        reductions: &[(Reduction, String)],
    ) -> Self {
        let tags = tags.into_iter().map(|(slug, tags)| (slug, tags.join("\n"))).collect();
        let mut builder = Self { tags, ..Self::default() };
        builder.table.reductions = reductions.to_vec();
        // These stand first, in this order, whatever comes.
        for name in ["run", "entry", "cell", "arm", "status", "tag"] {
            builder.column(Kind::Field, name, false);
        }
        for name in ["seed", "steps", "seconds", "progress"] {
            builder.column(Kind::Field, name, true);
        }
        builder
    }

    /// Adds a run.
    pub fn push(&mut self, facts: &Facts<'_>) {
        let row = self.table.runs.len();
        self.table.runs.push(facts.run.clone());
        self.table.states.push(facts.state);
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
        let mut hasher = DefaultHasher::new();
        for (path, value) in facts.settings {
            // The seed has a column of its own, and is all that the runs of a group differ in.
            if path != "seed" {
                self.setting(path, row, value).hash(&mut hasher);
            }
        }
        self.group(place, hasher.finish());
        for (name, value) in facts.measures {
            // Vectors have thousands of entries, and are no columns to read.
            if !Quantity::is_entry(name) {
                self.number(Kind::Measure, name, row, *value);
            }
        }
        for (reduction, quantity, value) in facts.reduced {
            self.number(Kind::Reduced, &format!("{} {quantity}", reduction.name()), row, *value);
        }
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
        if let Some(tags) = self.tags.get(&origin.entry).cloned().filter(|tags| !tags.is_empty()) {
            self.text(row, "tag", &tags);
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
        self.table.place_of.push(at);
        for (path, _) in &origin.point {
            if !self.table.axes.contains(path) {
                self.table.axes.insert(path.clone());
            }
        }
        at
    }

    fn group(&mut self, place: u32, settings: u64) {
        let next = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        self.table.group_of.push(*self.groups.entry((place, settings)).or_insert(next));
    }

    /// The column of that name, made where there is none.
    fn column(&mut self, kind: Kind, name: &str, numbers: bool) -> usize {
        if let Some(&at) = self.table.by_name.get(name) {
            return at;
        }
        let values = if numbers {
            Values::Numbers { values: Vec::new(), there: Vec::new() }
        } else {
            Values::Coded { values: vec![Word::None], codes: Vec::new() }
        };
        let at = self.table.columns.len();
        self.table.columns.push(Column { kind, name: name.to_owned(), short: name.to_owned(), values });
        self.table.by_name.insert(name.to_owned(), at);
        self.codes.push(HashMap::new());
        self.last.push((Value::Null, 0));
        at
    }

    fn number(&mut self, kind: Kind, name: &str, row: usize, number: f64) {
        let at = self.column(kind, name, true);
        if let Some(Column { values: Values::Numbers { values, there }, .. }) = self.table.columns.get_mut(at)
        {
            values.resize(row, f64::NAN);
            there.resize(row, false);
            values.push(number);
            there.push(true);
        }
    }

    fn text(&mut self, row: usize, name: &str, words: &str) {
        let at = self.column(Kind::Field, name, false);
        let code = self.code(at, words, || Word::Text(words.into()));
        self.put(at, row, code);
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
        self.put(at, row, code);
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

    fn put(&mut self, at: usize, row: usize, code: u32) {
        if let Some(Column { values: Values::Coded { codes, .. }, .. }) = self.table.columns.get_mut(at) {
            codes.resize(row, 0);
            codes.push(code);
        }
    }

    /// The table: what a run lacks is filled up, and columns get their short names.
    pub fn finish(mut self) -> RunTable {
        let rows = self.table.runs.len();
        self.table.columns.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        let names: Vec<String> = self.table.columns.iter().map(|column| column.name.clone()).collect();
        self.table.by_name = names.iter().enumerate().map(|(at, name)| (name.clone(), at)).collect();
        for column in &mut self.table.columns {
            match &mut column.values {
                Values::Coded { codes, .. } => codes.resize(rows, 0),
                Values::Numbers { values, there } => {
                    values.resize(rows, f64::NAN);
                    there.resize(rows, false);
                }
            }
            // In a table `run` says where a run stands.
            if column.name == "run" {
                "id".clone_into(&mut column.short);
            }
            if column.kind == Kind::Setting {
                column.short = shortest(&column.name, &names);
            }
        }
        self.table
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
