//! Every claim of the notebook, by what it puts to the test.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::links;
use super::seal::Fixed;
use super::snapshot::{CellView, ClaimView, Entry, LedgerView};
use crate::compare::Outcome;
use crate::spec::{ClaimKind, Ledger};

/// A claim as the ledger has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Slug of its entry.
    pub entry: String,
    /// Its id.
    pub claim: String,
    /// In words.
    pub says: String,
    /// The claims of the literature that it puts to the test.
    pub source: Vec<String>,
    /// What evidence decides it.
    pub kind: ClaimKind,
    /// What it comes to; `None` where it cannot be judged.
    pub verdict: Option<Outcome>,
    /// The estimated quantity.
    pub estimate: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Seeds it rests on.
    pub n: usize,
    /// Seconds that its runs took, all in all.
    pub seconds: f64,
    /// Whether it was fixed before them.
    pub fixed: Fixed,
}

impl Line {
    /// Of a claim of the entry `slug`.
    pub fn of(slug: &str, view: &ClaimView) -> Self {
        let verdict = view.verdict.as_ref().ok();
        // JSON knows no infinity; an end that is unbounded is none.
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        Self {
            entry: slug.to_owned(),
            claim: view.claim.id.clone(),
            says: view.claim.says.clone(),
            source: view.claim.source.clone(),
            kind: view.claim.kind,
            verdict: verdict.map(|verdict| verdict.outcome),
            estimate: finite(verdict.and_then(|verdict| verdict.estimate)),
            low: finite(verdict.and_then(|verdict| verdict.low)),
            high: finite(verdict.and_then(|verdict| verdict.high)),
            n: verdict.map_or(0, |verdict| verdict.n),
            seconds: view.seconds,
            fixed: view.fixed,
        }
    }
}

/// The claims of an entry.
pub fn lines(entry: &Entry) -> impl Iterator<Item = Line> + '_ {
    entry.cells.iter().filter_map(|cell| match cell {
        CellView::Claim(view) => Some(Line::of(&entry.slug, view)),
        _ => None,
    })
}

/// How many claims came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Claims in all.
    pub claims: usize,
    /// Supported.
    pub supported: usize,
    /// Refuted.
    pub refuted: usize,
    /// Inconclusive.
    pub inconclusive: usize,
    /// Not run, or not to be judged.
    pub open: usize,
    /// Fixed before their runs and decided since …
    pub predicted: usize,
    /// … and of those, the ones that are supported.
    pub held: usize,
}

/// The claims of a notebook, and what is known of their sources.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sheet {
    /// How many came to what.
    pub tally: Tally,
    /// Every source that is put to the test, in its order, with its claims.
    pub sources: Vec<(String, Vec<Line>)>,
    /// Claims that name no source.
    pub others: Vec<Line>,
    /// Sources that no claim puts to the test.
    pub untested: Vec<String>,
    /// Sources that say contrary things.
    pub contradictions: Vec<Vec<String>>,
    /// Sources that belong together, each group by its name.
    pub groups: Vec<(String, Vec<String>)>,
}

impl Sheet {
    /// Of these claims; `cells` tell which sources there are and what contradicts what.
    pub fn new<'a>(lines: &[Line], cells: impl IntoIterator<Item = &'a Ledger>) -> Self {
        let mut by_source: BTreeMap<(String, u64, String), Vec<Line>> = BTreeMap::new();
        for line in lines {
            for source in &line.source {
                by_source.entry(order(source)).or_default().push(line.clone());
            }
        }
        let (mut untested, mut contradictions, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        for cell in cells {
            let ids = cell
                .sources
                .iter()
                .flat_map(|(name, count)| (1..=*count).map(move |at| format!("{name}-{at}")));
            untested.extend(ids.filter(|id| !by_source.contains_key(&order(id))));
            contradictions.extend(cell.contradictions.iter().cloned());
            groups.extend(cell.groups.iter().cloned());
        }
        Self {
            tally: tally(lines),
            others: lines.iter().filter(|line| line.source.is_empty()).cloned().collect(),
            sources: by_source.into_iter().map(|((.., source), lines)| (source, lines)).collect(),
            untested,
            contradictions,
            groups,
        }
    }

    /// The claims that put `source` to the test.
    pub fn of(&self, source: &str) -> &[Line] {
        self.sources.iter().find(|(name, _)| name == source).map_or(&[], |(_, lines)| lines)
    }

    /// The claims that put any of `sources` to the test, each once.
    pub fn of_all(&self, sources: &[String]) -> Vec<&Line> {
        let mut seen = BTreeSet::new();
        let all = sources.iter().flat_map(|source| self.of(source));
        all.filter(|line| seen.insert((&line.entry, &line.claim))).collect()
    }
}

/// `S1-9` stands before `S1-10`.
fn order(source: &str) -> (String, u64, String) {
    let digits = source.len() - source.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    let (name, number) = source.split_at(source.len() - digits);
    (name.to_owned(), number.parse().unwrap_or(0), source.to_owned())
}

/// What these came to.
pub fn tally<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Tally {
    let lines: Vec<&Line> = lines.into_iter().collect();
    let count = |wanted: Outcome| lines.iter().filter(|line| line.verdict == Some(wanted)).count();
    let (supported, refuted) = (count(Outcome::Supported), count(Outcome::Refuted));
    let inconclusive = count(Outcome::Inconclusive);
    let decided = |line: &&&Line| {
        line.fixed == Fixed::Before && matches!(line.verdict, Some(Outcome::Supported | Outcome::Refuted))
    };
    let held = |line: &&&Line| line.verdict == Some(Outcome::Supported);
    Tally {
        claims: lines.len(),
        supported,
        refuted,
        inconclusive,
        open: lines.len() - supported - refuted - inconclusive,
        predicted: lines.iter().filter(decided).count(),
        held: lines.iter().filter(decided).filter(held).count(),
    }
}

/// Gives the entries that speak of claims what became of those: their ledger cells the claims of all, their links to
/// claims the verdicts.
pub fn fill(entries: &mut [Arc<Entry>], lines: impl FnOnce(&[Arc<Entry>]) -> Vec<Line>) {
    let speaks = |entry: &Entry| ledgers(entry).next().is_some() || links::to_claims(entry).next().is_some();
    if !entries.iter().any(|entry| speaks(entry)) {
        return;
    }
    let lines = lines(entries);
    for entry in entries.iter_mut().filter(|entry| speaks(entry)) {
        let verdicts = links::verdicts(entry, &lines);
        let sheets: Vec<Sheet> = ledgers(entry).map(|ledger| Sheet::new(&lines, [ledger])).collect();
        if entry.verdicts == verdicts && views(entry).map(|view| &view.sheet).eq(&sheets) {
            continue;
        }
        let mut new = Entry::clone(entry);
        new.verdicts = verdicts;
        let cells = new.cells.iter_mut().filter_map(|cell| match cell {
            CellView::Ledger(view) => Some(view),
            _ => None,
        });
        for (view, sheet) in cells.zip(sheets) {
            view.sheet = sheet;
        }
        *entry = Arc::new(new);
    }
}

/// The ledger cells of an entry.
pub fn ledgers(entry: &Entry) -> impl Iterator<Item = &Ledger> {
    views(entry).map(|view| &view.ledger)
}

fn views(entry: &Entry) -> impl Iterator<Item = &LedgerView> {
    entry.cells.iter().filter_map(|cell| match cell {
        CellView::Ledger(view) => Some(view.as_ref()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::LedgerPart;

    fn line(claim: &str, source: &[&str], verdict: Outcome, fixed: Fixed) -> Line {
        Line {
            entry: "e".to_owned(),
            claim: claim.to_owned(),
            says: String::new(),
            source: source.iter().map(ToString::to_string).collect(),
            kind: ClaimKind::Law,
            verdict: Some(verdict),
            estimate: None,
            low: None,
            high: None,
            n: 1,
            seconds: 1.0,
            fixed,
        }
    }

    #[test]
    fn claims_stand_by_their_sources_and_what_is_missing_is_told() {
        use Outcome::{Inconclusive, NotRun, Refuted, Supported};
        let lines = [
            line("a", &["S1-10"], Supported, Fixed::Before),
            line("b", &["S1-9", "S0-1"], Refuted, Fixed::Before),
            line("c", &["S1-9"], Inconclusive, Fixed::Before),
            line("d", &[], NotRun, Fixed::Not),
            line("e", &["S1-10"], Supported, Fixed::After),
        ];
        let cell = Ledger {
            id: String::new(),
            sources: vec![("S0".to_owned(), 3), ("S1".to_owned(), 1)],
            contradictions: vec![vec!["S1-9".to_owned(), "S0-1".to_owned()]],
            groups: vec![("both".to_owned(), vec!["S0-1".to_owned(), "S1-9".to_owned()])],
            show: LedgerPart::ALL.to_vec(),
        };
        let sheet = Sheet::new(&lines, [&cell]);
        let sources: Vec<(&str, usize)> =
            sheet.sources.iter().map(|(source, lines)| (source.as_str(), lines.len())).collect();
        assert_eq!(sources, [("S0-1", 1), ("S1-9", 2), ("S1-10", 2)]);
        assert_eq!(sheet.untested, ["S0-2", "S0-3", "S1-1"]);
        assert_eq!((sheet.others.len(), sheet.of("S1-9").len(), sheet.of("S9-9").len()), (1, 2, 0));
        let both: Vec<&str> =
            sheet.of_all(&sheet.groups[0].1).iter().map(|line| line.claim.as_str()).collect();
        assert_eq!(both, ["b", "c"], "a claim counts once, whatever it puts to the test");
        let tally =
            Tally { claims: 5, supported: 2, refuted: 1, inconclusive: 1, open: 1, predicted: 2, held: 1 };
        assert_eq!(sheet.tally, tally);
    }
}
