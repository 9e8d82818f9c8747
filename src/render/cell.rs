//! The head of a cell: what an experiment is and how far it has come, what a claim says and what it comes to.

use ratatui::text::{Line, Span};

use super::style::{Look, Role};
use super::width::{self, Spans};
use crate::base::clock::duration;
use crate::base::text::counted;
use crate::compare::{CellState, Cost, Outcome, Verdict};

/// What the head of an experiment cell says.
#[derive(Clone, Debug, PartialEq)]
pub struct ExperimentHead {
    /// Its id.
    pub id: String,
    /// Number of arms.
    pub arms: usize,
    /// Number of sweep points per arm; 1 without a sweep.
    pub points: usize,
    /// Number of seeds.
    pub seeds: usize,
    /// How far it has come.
    pub state: CellState,
    /// Runs that were begun once and go on from where they were saved.
    pub interrupted: usize,
    /// What the runs that are missing will cost.
    pub cost: Cost,
    /// The model in a word: `mlp 64-64`.
    pub model: String,
    /// The dataset in a word: `digits`.
    pub dataset: String,
}

/// `▸ experiment batch-size   2 arms × 5 seeds   fresh   mlp 64-64 · digits`, in lines of at most `columns`.
pub fn experiment_lines(head: &ExperimentHead, columns: usize, look: Look) -> Vec<Line<'static>> {
    let (state, role) = state_words(&head.state);
    let parts = vec![
        vec![look.span("▸ experiment ", Role::Dim), look.span(&head.id, Role::Accent)],
        vec![look.span(&extent(head), Role::Text)],
        vec![look.span(&state, role)],
        vec![look.span(&format!("{} · {}", head.model, head.dataset), Role::Dim)],
    ];
    let mut lines = set_apart(parts, columns, look);
    let interrupted = match &head.state {
        CellState::Running { .. } | CellState::Fresh => None,
        _ if head.interrupted == 0 => None,
        _ => Some(format!("{} interrupted: r goes on", counted(head.interrupted, "run"))),
    };
    for line in details(&head.state, &head.cost).into_iter().chain(interrupted) {
        lines.extend(indented(&line, Role::Dim, columns, look));
    }
    lines.into_iter().map(Line::from).collect()
}

/// The same in one line, for a cell that is folded: what it is called gives way before how it stands.
pub fn experiment_brief(head: &ExperimentHead, columns: usize, look: Look) -> Line<'static> {
    let (state, role) = state_words(&head.state);
    let state = look.span(&format!("   {state}"), role);
    let name = vec![look.span("▸ experiment ", Role::Dim), look.span(&head.id, Role::Accent)];
    let mut line = width::crop(name, columns.saturating_sub(state.width()), look);
    line.push(state);
    Line::from(width::crop(line, columns, look))
}

/// Parts with space between them, a part that does not fit at the start of the next line.
fn set_apart(parts: Vec<Spans>, columns: usize, look: Look) -> Vec<Spans> {
    let mut lines: Vec<Spans> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if width::spans_width(line) + 3 + width::spans_width(&part) <= columns => {
                line.push(look.span("   ", Role::Text));
                line.extend(part);
            }
            Some(_) if columns >= 8 => lines.push([vec![look.span("  ", Role::Text)], part].concat()),
            _ => lines.push(part),
        }
    }
    let wrapped = |line: Spans| {
        if width::spans_width(&line) <= columns { vec![line] } else { width::wrap(&line, columns) }
    };
    lines.into_iter().flat_map(wrapped).collect()
}

/// `2 arms × 3 points × 5 seeds`; what there is one of is not worth a word, but the seeds always are.
fn extent(head: &ExperimentHead) -> String {
    let counts = [(head.arms, "arm"), (head.points, "point")].into_iter().filter(|(count, _)| *count > 1);
    let words: Vec<_> =
        counts.chain([(head.seeds, "seed")]).map(|(count, noun)| counted(count, noun)).collect();
    words.join(" × ")
}

/// The state of an experiment in a word or two, and its role.
pub fn state_words(state: &CellState) -> (String, Role) {
    match state {
        CellState::Fresh => ("fresh".to_owned(), Role::Good),
        CellState::Stale { .. } => ("stale".to_owned(), Role::Unsure),
        CellState::Partial { stored, planned } => (format!("partial {stored} of {planned}"), Role::Unsure),
        CellState::Running { trouble: Some(_), fraction, .. } => {
            (format!("held up at {:.0}%", fraction.clamp(0.0, 1.0) * 100.0), Role::Bad)
        }
        CellState::Running { done, planned, queued, .. } if done + queued == *planned => {
            ("queued".to_owned(), Role::Running)
        }
        CellState::Running { fraction, eta, .. } => {
            let eta = eta.map(|seconds| format!(" eta {}", duration(seconds))).unwrap_or_default();
            (format!("● running {:.0}%{eta}", fraction.clamp(0.0, 1.0) * 100.0), Role::Running)
        }
        CellState::Failed { .. } => ("✗ failed".to_owned(), Role::Bad),
        CellState::NotRun { .. } => ("not run".to_owned(), Role::Dim),
    }
}

/// What there is to say of a state besides its word.
fn details(state: &CellState, cost: &Cost) -> Vec<String> {
    match state {
        CellState::Fresh => Vec::new(),
        CellState::NotRun { .. } => vec![priced(counted(cost.runs, "run"), cost)],
        CellState::Partial { .. } => vec![to_do(cost)],
        CellState::Running { done, planned, queued, trouble, .. } => {
            let waiting = if *queued > 0 { format!(" · {queued} queued") } else { String::new() };
            let progress = format!("{done} of {} done{waiting}", counted(*planned, "run"));
            std::iter::once(progress).chain(trouble.as_ref().map(|trouble| format!("! {trouble}"))).collect()
        }
        CellState::Stale { reasons } => reasons.iter().cloned().chain([to_do(cost)]).collect(),
        CellState::Failed { message } => message.lines().take(3).map(ToOwned::to_owned).collect(),
    }
}

/// `3 runs to do · about 0:26 · 45 MB each`.
fn to_do(cost: &Cost) -> String {
    priced(format!("{} to do", counted(cost.runs, "run")), cost)
}

/// `24 runs · about 0:26 · 45 MB each`.
fn priced(runs: String, cost: &Cost) -> String {
    [Some(runs), Some(cost.time()), cost.memory_each()].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// `✓ claim small-batch-is-flatter: 8.1 vs 41, ratio 0.20 [0.15, 0.26] (n=5)`, then the claim in words and what
/// a reader must know, in lines of at most `columns`.
pub fn claim_lines(
    id: &str,
    says: &str,
    verdict: &Verdict,
    columns: usize,
    look: Look,
) -> Vec<Line<'static>> {
    let (sign, role) = outcome_sign(verdict.outcome);
    let numbers = if verdict.says.is_empty() { outcome_word(verdict.outcome) } else { &verdict.says };
    let spans = [
        look.span("claim ", Role::Dim),
        look.span(id, Role::Accent),
        look.span(&format!(": {numbers}"), Role::Text),
    ];
    let mut lines = hanging(look.span(&format!("{sign} "), role), &spans, columns, look);
    lines.extend(indented(says, Role::Dim, columns, look));
    if let Some(more) = verdict.more_seeds.filter(|_| verdict.outcome == Outcome::Inconclusive) {
        lines.extend(indented(
            &format!("about {} more would decide it", counted(more, "seed")),
            Role::Dim,
            columns,
            look,
        ));
    }
    for note in &verdict.notes {
        lines.extend(indented(&format!("! {note}"), Role::Unsure, columns, look));
    }
    lines.into_iter().map(Line::from).collect()
}

/// The sign of a verdict, and its role: what the log shows before an entry, and a claim before its id.
pub fn outcome_sign(outcome: Outcome) -> (&'static str, Role) {
    match outcome {
        Outcome::Supported => ("✓", Role::Good),
        Outcome::Refuted => ("✗", Role::Bad),
        Outcome::Inconclusive => ("?", Role::Unsure),
        Outcome::NotRun => ("·", Role::Dim),
    }
}

/// A verdict in words.
pub fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Supported => "supported",
        Outcome::Refuted => "refuted",
        Outcome::Inconclusive => "inconclusive",
        Outcome::NotRun => "not run",
    }
}

/// A sign and what it stands before, the lines after the first under the text where there is room for that.
pub(super) fn hanging(sign: Span<'static>, text: &[Span<'static>], columns: usize, look: Look) -> Vec<Spans> {
    let indent = width::width(&sign.content);
    if columns < 8 {
        return width::wrap(&[&[sign], text].concat(), columns);
    }
    let beside = std::iter::repeat(look.span(&" ".repeat(indent), Role::Text));
    std::iter::once(sign)
        .chain(beside)
        .zip(width::wrap(text, columns.saturating_sub(indent)))
        .map(|(first, line)| std::iter::once(first).chain(line).collect())
        .collect()
}

/// Text wrapped under a head, two columns in where there is room for that.
pub(super) fn indented(text: &str, role: Role, columns: usize, look: Look) -> Vec<Spans> {
    let indent = if columns >= 8 { "  " } else { "" };
    width::wrap(&[look.span(text, role)], columns.saturating_sub(indent.len()).max(1))
        .into_iter()
        .map(|mut line| {
            line.insert(0, look.span(indent, role));
            line
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::plain::to_plain;
    use crate::render::style::{Depth, Glyphs};

    const ASCII: Look = Look { glyphs: Glyphs::Ascii, depth: Depth::None };

    fn head(state: CellState) -> ExperimentHead {
        let (model, dataset) = ("mlp 64-64".to_owned(), "digits".to_owned());
        ExperimentHead {
            id: "batch-size".to_owned(),
            arms: 2,
            points: 1,
            seeds: 5,
            interrupted: usize::from(matches!(state, CellState::NotRun { .. })),
            state,
            cost: Cost { runs: 7, seconds: None, at_most: false, memory: None },
            model,
            dataset,
        }
    }

    fn verdict(outcome: Outcome) -> Verdict {
        let (low, high) = (Some(0.15), Some(0.26));
        let says = "8.1 vs 41, ratio 0.20 [0.15, 0.26] (n=5)".to_owned();
        let notes = vec!["1 run of `sharp` diverged".to_owned()];
        Verdict { outcome, estimate: Some(0.2), low, high, n: 5, more_seeds: Some(12), says, notes, p: None }
    }

    fn running(queued: usize, trouble: Option<&str>) -> CellState {
        let trouble = trouble.map(ToOwned::to_owned);
        CellState::Running { queued, trouble, done: 4, planned: 10, fraction: 0.43, eta: Some(41.0) }
    }

    #[test]
    fn every_state_has_its_words() {
        let states = [
            CellState::Fresh,
            CellState::Stale { reasons: vec!["optimizer.learning_rate 0.05 → 0.1".to_owned()] },
            CellState::Partial { stored: 3, planned: 10 },
            running(2, None),
            running(6, None),
            running(4, Some("no space left on device: the queue waits")),
            CellState::Failed { message: "dataset digits is missing".to_owned() },
            CellState::NotRun { runs: 7 },
        ];
        let shown: String =
            states.map(|state| to_plain(&experiment_lines(&head(state), 80, Look::PLAIN))).concat();
        insta::assert_snapshot!(shown, @r"
        ▸ experiment batch-size   2 arms × 5 seeds   fresh   mlp 64-64 · digits
        ▸ experiment batch-size   2 arms × 5 seeds   stale   mlp 64-64 · digits
          optimizer.learning_rate 0.05 → 0.1
          7 runs to do · not timed yet
        ▸ experiment batch-size   2 arms × 5 seeds   partial 3 of 10
          mlp 64-64 · digits
          7 runs to do · not timed yet
        ▸ experiment batch-size   2 arms × 5 seeds   ● running 43% eta 0:41
          mlp 64-64 · digits
          4 of 10 runs done · 2 queued
        ▸ experiment batch-size   2 arms × 5 seeds   queued   mlp 64-64 · digits
          4 of 10 runs done · 6 queued
        ▸ experiment batch-size   2 arms × 5 seeds   held up at 43%   mlp 64-64 · digits
          4 of 10 runs done · 4 queued
          ! no space left on device: the queue waits
        ▸ experiment batch-size   2 arms × 5 seeds   ✗ failed   mlp 64-64 · digits
          dataset digits is missing
        ▸ experiment batch-size   2 arms × 5 seeds   not run   mlp 64-64 · digits
          7 runs · not timed yet
          1 run interrupted: r goes on
        ");
    }

    #[test]
    fn the_cost_is_said_as_well_as_it_is_known() {
        for (runs, seconds, at_most, memory, words) in [
            (24, None, false, None, "24 runs to do · not timed yet"),
            (24, None, true, Some(45_200_000), "24 runs to do · not timed yet · 45 MB each"),
            (24, Some(26.4), false, Some(45_200_000), "24 runs to do · about 0:26 · 45 MB each"),
            (24, Some(26.4), true, Some(45_200_000), "24 runs to do · at most 0:27 · 45 MB each"),
            (1, Some(0.3), true, Some(1_240_000_000), "1 run to do · under a second · 1.2 GB"),
            (1, Some(3723.0), false, None, "1 run to do · about 1:02:03"),
        ] {
            assert_eq!(to_do(&Cost { runs, seconds, at_most, memory }), words);
        }
    }

    #[test]
    fn every_verdict_has_its_sign() {
        let outcomes = [Outcome::Supported, Outcome::Refuted, Outcome::Inconclusive, Outcome::NotRun];
        let shown = |look| {
            let claim =
                |outcome| claim_lines("flatter", "Small batches end flatter.", &verdict(outcome), 60, look);
            outcomes.map(|outcome| to_plain(&claim(outcome))).concat()
        };
        insta::assert_snapshot!(shown(Look::PLAIN), @r"
        ✓ claim flatter: 8.1 vs 41, ratio 0.20 [0.15, 0.26] (n=5)
          Small batches end flatter.
          ! 1 run of `sharp` diverged
        ✗ claim flatter: 8.1 vs 41, ratio 0.20 [0.15, 0.26] (n=5)
          Small batches end flatter.
          ! 1 run of `sharp` diverged
        ? claim flatter: 8.1 vs 41, ratio 0.20 [0.15, 0.26] (n=5)
          Small batches end flatter.
          about 12 seeds more would decide it
          ! 1 run of `sharp` diverged
        · claim flatter: 8.1 vs 41, ratio 0.20 [0.15, 0.26] (n=5)
          Small batches end flatter.
          ! 1 run of `sharp` diverged
        ");
        let signs: String = shown(ASCII).lines().filter_map(|line| line.chars().next()).collect();
        insta::assert_snapshot!(signs, @"+  x  ?   .");
    }

    #[test]
    fn a_long_claim_goes_on_under_its_text() {
        let shown = to_plain(&claim_lines("flatter", "Small.", &verdict(Outcome::Refuted), 30, Look::PLAIN));
        insta::assert_snapshot!(shown, @r"
        ✗ claim flatter: 8.1 vs 41,
          ratio 0.20 [0.15, 0.26]
          (n=5)
          Small.
          ! 1 run of `sharp` diverged
        ");
    }

    #[test]
    fn a_narrow_head_breaks_between_its_parts() {
        let lines = experiment_lines(&head(CellState::Fresh), 40, Look::PLAIN);
        insta::assert_snapshot!(to_plain(&lines), @r"
        ▸ experiment batch-size
          2 arms × 5 seeds   fresh
          mlp 64-64 · digits
        ");
    }

    #[test]
    fn no_head_is_too_wide() {
        for columns in 1..100 {
            let state = CellState::Stale { reasons: vec!["optimizer.learning_rate 0.05 → 0.1".to_owned()] };
            let claim = claim_lines("flatter", "Small.", &verdict(Outcome::Inconclusive), columns, ASCII);
            for line in experiment_lines(&head(state), columns, Look::PLAIN).iter().chain(&claim) {
                assert!(width::spans_width(&line.spans) <= columns, "{line:?}");
            }
        }
    }
}
