//! Entries with their comparisons drawn up and their claims judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cells::Experiments;
use super::ledger::Sheet;
use super::read::{Draft, REFERENCES, problem_at};
use super::reference::{Reference, find_entry};
use super::seal::{Fixed, Seals};
use super::snapshot::{CellView, ClaimView, CompareView, Entry, EntryMark, ExperimentView, LedgerView};
use crate::base::{Diagnostic, Severity, suggest};
use crate::compare::claim::holm;
use crate::compare::eval::constants;
use crate::compare::results::Choice;
use crate::compare::{CellState, Outcome, Results, Summary, Verdict, judge, summarise};
use crate::entry::bibliography::{self, Bibliography, Work};
use crate::entry::{Document, RawCell};
use crate::spec::expr::{self, ArmScope, Problem, Scope};
use crate::spec::{self, CATALOGUE, Cell, Claim, ClaimKind, Compare, Quantity};

/// What entries are judged with besides their experiments.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// The works that they can cite.
    pub bibliography: Arc<Bibliography>,
    /// The predictions on record.
    pub seals: Seals,
}

/// An entry as it stands.
pub fn entry(draft: &Draft, experiments: &Experiments, shelf: &Shelf) -> Entry {
    let mut cells: Vec<CellView> = draft
        .cells
        .iter()
        .zip(&draft.document.cells)
        .map(|(cell, raw)| Judge { draft, experiments, raw, seals: &shelf.seals }.cell(cell))
        .collect();
    correct_for_many(&mut cells);
    let (works, unknown) = cited(draft, &shelf.bibliography);
    Entry {
        slug: draft.slug.clone(),
        path: draft.path.clone(),
        title: draft.title.clone(),
        date: draft.date.clone(),
        tags: draft.tags.clone(),
        question: draft.question.clone(),
        document: Arc::clone(&draft.document),
        works,
        verdicts: BTreeMap::new(),
        mark: mark(draft, &cells),
        cells,
        diagnostics: draft.diagnostics.iter().cloned().chain(unknown).collect(),
        is_read: true,
    }
}

/// The works that an entry cites, and what is to be said of those that are not known.
fn cited(draft: &Draft, bibliography: &Bibliography) -> (Vec<Work>, Vec<Diagnostic>) {
    let Document { file, source, citations, .. } = draft.document.as_ref();
    let (mut works, mut unknown) = (Vec::<Work>::new(), Vec::new());
    for (citation, span) in citations {
        for key in bibliography::keys(citation) {
            match bibliography.get(key) {
                Some(work) if works.contains(work) => {}
                Some(work) => works.push(work.clone()),
                None => {
                    let what = format!("no work in {REFERENCES} is called `{key}`");
                    let near = suggest::nearest(key, bibliography.keys());
                    let problem = Diagnostic::warning(what).at(file, source, span.clone());
                    unknown.push(
                        near.into_iter()
                            .fold(problem, |problem, near| problem.help(format!("did you mean `{near}`?"))),
                    );
                }
            }
        }
    }
    (works, unknown)
}

/// Who asks many questions of one experiment finds something by chance: the verdicts of an entry are held to Holm's
/// step-down procedure together.
fn correct_for_many(cells: &mut [CellView]) {
    let mut judged: Vec<(ClaimKind, &mut Verdict)> = cells
        .iter_mut()
        .filter_map(|cell| match cell {
            CellView::Claim(view) => Some((view.claim.kind, view.verdict.as_mut().ok()?)),
            _ => None,
        })
        .collect();
    let mut verdicts: Vec<_> = judged.iter().map(|(kind, verdict)| (*kind, (**verdict).clone())).collect();
    holm(&mut verdicts);
    for ((_, slot), (_, verdict)) in judged.iter_mut().zip(verdicts) {
        **slot = verdict;
    }
}

/// One cell in its entry.
struct Judge<'a> {
    draft: &'a Draft,
    experiments: &'a Experiments,
    raw: &'a RawCell,
    seals: &'a Seals,
}

impl Judge<'_> {
    fn cell(&self, cell: &Result<Cell, Diagnostic>) -> CellView {
        match cell {
            Err(problem) => CellView::Bad(Box::new(problem.clone())),
            Ok(Cell::Experiment(experiment)) => {
                match self.experiments.get(&self.draft.slug, &experiment.id) {
                    Some(Ok(view)) => CellView::Experiment(Box::new(view.clone())),
                    Some(Err(problem)) => CellView::Bad(Box::new(problem.clone())),
                    None => {
                        CellView::Bad(Box::new(self.error(format!("`{}` was not looked at", experiment.id))))
                    }
                }
            }
            Ok(Cell::Compare(compare)) => CellView::Compare(Box::new(CompareView {
                compare: compare.clone(),
                summary: self.compare(compare),
            })),
            Ok(Cell::Claim(claim)) => CellView::Claim(Box::new(self.claim_view(claim))),
            Ok(Cell::Ledger(ledger)) => {
                CellView::Ledger(Box::new(LedgerView { ledger: ledger.clone(), sheet: Sheet::default() }))
            }
        }
    }

    /// A diagnostic at the cell as a whole.
    fn error(&self, message: String) -> Diagnostic {
        Diagnostic::error(message).at(
            &self.draft.document.file,
            &self.draft.document.source,
            self.raw.span.clone(),
        )
    }

    /// The diagnostic of an expression that starts at byte `at` of the cell.
    fn error_in(&self, at: usize, problem: Problem) -> Diagnostic {
        let (file, source) = (&self.draft.document.file, &self.draft.document.source);
        problem_at(file, source, self.raw.text_span.start + at, problem)
    }

    /// A diagnostic at the first place of `word` in the cell.
    fn error_at(&self, word: &str, message: String) -> Diagnostic {
        let text = self.draft.document.text(self.raw);
        match text.find(word).filter(|_| !word.is_empty()) {
            Some(at) => {
                let start = self.raw.text_span.start + at;
                Diagnostic::error(message).at(
                    &self.draft.document.file,
                    &self.draft.document.source,
                    start..start + word.len(),
                )
            }
            None => self.error(message),
        }
    }

    /// The experiment that `text` refers to.
    fn experiment(&self, text: &str) -> Result<&ExperimentView, Diagnostic> {
        let reference = Reference::within(text);
        let slug = match reference.entry {
            Some(part) => find_entry(part, self.experiments.entries())
                .map_err(|message| self.error_at(text, message))?,
            None => self.draft.slug.as_str(),
        };
        let id = reference.cell.unwrap_or_default();
        match self.experiments.get(slug, id) {
            Some(Ok(view)) => Ok(view),
            Some(Err(problem)) => {
                Err(self.error_at(text, format!("the experiment `{id}` cannot be run: {}", problem.message)))
            }
            None if self.is_broken(slug, id) => {
                let message = format!("waits for the experiment `{id}`, which cannot be read");
                Err(Diagnostic { severity: Severity::Warning, ..self.error_at(text, message) })
            }
            None => {
                let known = self.experiments.of_entry(slug);
                let problem = self.error_at(text, format!("there is no experiment `{id}` in {slug}"));
                Err(if known.is_empty() { problem } else { problem.help(suggest::advice(id, &known)) })
            }
        }
    }

    /// Whether a cell of this entry that cannot be read calls itself `id`: then its own error says what is wrong.
    fn is_broken(&self, slug: &str, id: &str) -> bool {
        let document = &self.draft.document;
        let names_itself = |raw: &RawCell| {
            let mut words =
                document.text(raw).lines().filter_map(|line| line.trim_start().strip_prefix("id:"));
            words.any(|word| word.split('#').next().unwrap_or_default().trim() == id)
        };
        let mut cells = self.draft.cells.iter().zip(&document.cells);
        slug == self.draft.slug && cells.any(|(cell, raw)| cell.is_err() && names_itself(raw))
    }

    fn compare(&self, compare: &Compare) -> Result<Summary, Diagnostic> {
        let views = compare.of.iter().map(|of| Ok((of.as_str(), self.experiment(of)?)));
        let views: Vec<_> = views.collect::<Result<_, Diagnostic>>()?;
        let mut chosen = Vec::new();
        for (of, view) in &views {
            let (name, arm) = of.split_once(':').map_or((*of, None), |(name, arm)| (name, Some(arm)));
            if let Some(arm) = arm.filter(|arm| view.experiment.arms.iter().all(|own| own != arm)) {
                let arms: Vec<&str> = view.experiment.arms.iter().map(String::as_str).collect();
                let problem = self.error_at(of, format!("`{name}` has no arm `{arm}`"));
                return Err(problem.help(suggest::advice(arm, &arms)));
            }
            chosen.push(Choice { name, results: &view.results, arm });
        }
        let results = Results::beside(&chosen);
        if let Some(baseline) = &compare.baseline
            && !results.groups.iter().any(|group| group.arm == *baseline)
        {
            let arms: Vec<&str> = results.groups.iter().map(|group| group.arm.as_str()).collect();
            let problem = self.error_at(baseline, format!("there is no arm `{baseline}`"));
            return Err(problem.help(suggest::advice(baseline, &arms)));
        }
        Ok(summarise(&results, &compare.show, compare.baseline.as_deref()))
    }

    fn claim_view(&self, claim: &Claim) -> ClaimView {
        let views = claim.from.iter().map(|from| self.experiment(from).ok());
        let views: Option<Vec<&ExperimentView>> = views.collect();
        let (mut prediction, mut fixed, mut seconds) = (String::new(), Fixed::Not, 0.0);
        if let Some(views) = views.filter(|views| !views.is_empty()) {
            let experiments: Vec<_> = views.iter().map(|view| &view.experiment).collect();
            prediction = spec::prediction::name(claim, &experiments);
            let members = views.iter().flat_map(|view| &view.results.groups).flat_map(|group| &group.members);
            let records: Vec<_> = members.filter_map(|member| member.record.as_deref()).collect();
            fixed = self.seals.fixed(&prediction, records.iter().copied());
            seconds = records.iter().map(|record| record.seconds).sum();
        }
        ClaimView { claim: claim.clone(), verdict: self.claim(claim), prediction, fixed, seconds }
    }

    fn claim(&self, claim: &Claim) -> Result<Verdict, Diagnostic> {
        let views = claim.from.iter().map(|from| Ok((from.clone(), self.experiment(from)?)));
        let views: Vec<_> = views.collect::<Result<_, Diagnostic>>()?;
        constants(claim).map_err(|problem| self.error_in(0, problem))?;
        if let Some(expect) = &claim.expect {
            expr::check(expect, &scope(claim, views.iter().map(|(_, view)| *view)))
                .map_err(|problem| self.error_in(claim.expect_at, problem))?;
        }
        let results: BTreeMap<String, Results> =
            views.into_iter().map(|(name, view)| (name, view.results.clone())).collect();
        judge(claim, &results).map_err(|problem| self.error(problem.message))
    }
}

/// What the `expect` of a claim may speak of.
fn scope<'a>(claim: &Claim, views: impl Iterator<Item = &'a ExperimentView> + Clone) -> Scope {
    let axes =
        |view: &ExperimentView| view.experiment.axes.iter().map(|axis| axis.name().to_owned()).collect();
    let arms = views.clone().flat_map(|view| {
        view.experiment.arms.iter().map(move |name| ArmScope { name: name.clone(), axes: axes(view) })
    });
    let mut settings: Vec<String> = views
        .clone()
        .filter_map(|view| view.experiment.runs.first())
        .flat_map(|run| run.spec.settings())
        .filter_map(|(path, _)| path.rsplit('.').next().map(str::to_owned))
        .collect();
    settings.sort();
    settings.dedup();
    let asked = views.flat_map(|view| view.experiment.measures.iter().map(|measure| measure.quantity));
    let always = CATALOGUE.iter().filter(|info| info.always).map(|info| info.quantity);
    let mut quantities: Vec<String> = Vec::new();
    for quantity in always.chain(asked) {
        quantities.extend(quantity.columns().iter().map(|&column| column.to_owned()));
        // A vector is known by its name, though it is stored entry by entry.
        if Quantity::is_vector(quantity.name()) {
            quantities.push(quantity.name().to_owned());
        }
    }
    Scope {
        kind: claim.kind,
        arms: arms.collect(),
        quantities,
        settings,
        constants: claim.constants.iter().map(|constant| constant.name.clone()).collect(),
    }
}

/// What the log shows before an entry's title.
fn mark(draft: &Draft, cells: &[CellView]) -> EntryMark {
    let broken = |cell: &CellView| match cell {
        CellView::Bad(_) => true,
        CellView::Experiment(view) => matches!(view.state, CellState::Failed { .. }),
        CellView::Compare(view) => view.summary.is_err(),
        CellView::Claim(view) => view.verdict.is_err(),
        CellView::Ledger(_) => false,
    };
    if cells.iter().any(broken) || !draft.diagnostics.is_empty() {
        return EntryMark::Broken;
    }
    let states: Vec<&CellState> = cells
        .iter()
        .filter_map(|cell| match cell {
            CellView::Experiment(view) if !view.experiment.full_cost => Some(&view.state),
            CellView::Experiment(view) if matches!(view.state, CellState::Running { .. }) => {
                Some(&view.state)
            }
            _ => None,
        })
        .collect();
    let running: Vec<f64> = states
        .iter()
        .filter_map(|state| match state {
            CellState::Running { fraction, .. } => Some(*fraction),
            _ => None,
        })
        .collect();
    if !running.is_empty() {
        return EntryMark::Running(running.iter().sum::<f64>() / running.len() as f64);
    }
    if !states.is_empty() && states.iter().all(|state| matches!(state, CellState::NotRun { .. })) {
        return EntryMark::NotRun;
    }
    if states.iter().any(|state| !matches!(state, CellState::Fresh)) {
        return EntryMark::Stale;
    }
    verdict_mark(cells)
}

fn verdict_mark(cells: &[CellView]) -> EntryMark {
    let outcomes: Vec<Outcome> = cells
        .iter()
        .filter_map(|cell| match cell {
            CellView::Claim(view) => view.verdict.as_ref().ok().map(|verdict| verdict.outcome),
            _ => None,
        })
        .collect();
    if outcomes.is_empty() {
        EntryMark::Plain
    } else if outcomes.iter().all(|outcome| *outcome == Outcome::NotRun) {
        EntryMark::NotRun
    } else if outcomes.contains(&Outcome::Refuted) {
        EntryMark::Refuted
    } else if outcomes.iter().any(|outcome| *outcome != Outcome::Supported) {
        EntryMark::Inconclusive
    } else {
        EntryMark::Supported
    }
}
