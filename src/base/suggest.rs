//! The nearest valid word to a wrong one.

/// The candidate closest to `word`, if any is close enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter_map(|candidate| Some((similarity(word, candidate)?, candidate)))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// Jaro–Winkler forgives a wrong ending, Damerau–Levenshtein a slip of the fingers; the kinder judge decides.
/// `None` if neither finds them alike.
fn similarity(word: &str, candidate: &str) -> Option<f64> {
    let (word, candidate) = (word.to_lowercase(), candidate.to_lowercase());
    let ending = strsim::jaro_winkler(&word, &candidate);
    let slip = strsim::normalized_damerau_levenshtein(&word, &candidate);
    (ending > 0.8 || slip > 0.6).then_some(ending.max(slip))
}

/// ``did you mean `x`?``, or the whole choice when nothing is near.
pub fn advice(word: &str, candidates: &[&str]) -> String {
    match nearest(word, candidates.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of {}", candidates.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_understood_and_nonsense_is_not() {
        let words = ["learning_rate", "momentum", "weight_decay", "batch_size"];
        for (typed, meant) in [
            ("learning_rat", Some("learning_rate")),
            ("lerning_rate", Some("learning_rate")),
            ("batchsize", Some("batch_size")),
            ("Momentum", Some("momentum")),
            ("qqqq", None),
        ] {
            assert_eq!(nearest(typed, words), meant, "{typed}");
        }
    }
}
