//! One field of the table: a number with as many digits as mean something, how a run stands, a difference with its sign.

use crate::compare::Mark;
use crate::compare::runs::{State, Value};
use crate::render::number::{significant, value_pm};
use crate::render::style::{Look, Role};
use crate::stats::Estimate;
use crate::store::Status;

/// Digits of a single number: enough to tell runs of other seeds apart.
const DIGITS: usize = 4;

/// What stands in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its text, fit for the terminal.
    pub text: String,
    /// What it is.
    pub role: Role,
    /// Whether it is a number, which stands at the right.
    pub number: bool,
}

/// What a value looks like. `count` is how many of its runs count in a row of several.
pub fn field(value: &Value, count: usize, look: Look) -> Field {
    let number = |text: String, role| Field { text: look.text(&text), role, number: true };
    let words = |text: &str, role| Field { text: look.text(text), role, number: false };
    match value {
        Value::Nothing => number("–".to_owned(), Role::Dim),
        Value::Pending => number("…".to_owned(), Role::Dim),
        Value::Number(value) => number(significant(*value, DIGITS), Role::Text),
        Value::Text(text) => words(text, Role::Text),
        Value::State(state) => words(&state_words(*state), state_role(*state)),
        Value::States(states) => words(&states_words(states), states_role(states)),
        Value::Mean(estimate) => number(mean(estimate, count), Role::Text),
        Value::Several(count) => number(format!("{count} different"), Role::Dim),
        Value::Same => number("·".to_owned(), Role::Dim),
        Value::Change(change) => number(signed(*change, &significant(*change, DIGITS - 1)), Role::Text),
        Value::MeanChange(estimate) => {
            let mark = mark(Mark::of(Some(estimate)));
            number(format!("{} {mark}", signed(estimate.mean, &mean(estimate, estimate.n))), Role::Text)
        }
    }
}

/// The mean with its interval; over how many runs, where it is not all that count.
fn mean(estimate: &Estimate, count: usize) -> String {
    let text = value_pm(estimate.mean, estimate.half_width());
    if estimate.n == count { text } else { format!("{text} (n={})", estimate.n) }
}

fn signed(value: f64, text: &str) -> String {
    format!("{}{text}", if value > 0.0 { "+" } else { "" })
}

fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Above => "▲",
        Mark::Below => "▼",
        Mark::Overlapping => "≈",
        Mark::Single | Mark::None => " ",
    }
}

fn state_words(state: State) -> String {
    match state {
        State::Running(share) => format!("running {:.0} %", share * 100.0),
        other => other.name().to_owned(),
    }
}

fn state_role(state: State) -> Role {
    match state {
        State::Ended(Status::Done) => Role::Text,
        State::Ended(Status::Diverged | Status::Failed) => Role::Bad,
        State::Ended(Status::Cancelled | Status::Interrupted) => Role::Unsure,
        State::Running(_) => Role::Running,
        State::Queued | State::Missing => Role::Dim,
    }
}

/// `5` where all are done, else what there is of each: `4 done, 1 diverged`.
fn states_words(states: &[(&'static str, usize)]) -> String {
    match states {
        [("done", count)] => count.to_string(),
        states => states.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", "),
    }
}

fn states_role(states: &[(&'static str, usize)]) -> Role {
    let has = |name: &str| states.iter().any(|(other, _)| *other == name);
    if has("diverged") || has("failed") {
        Role::Bad
    } else if has("running") {
        Role::Running
    } else {
        Role::Text
    }
}
