//! One file, changed by two hands: put together where they changed different lines, and laid side by side where not.

/// What two versions of `base` come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Both changes, in one text.
    Clean(String),
    /// They changed the same lines: the text with both, each between marks as git has them.
    Conflict(String),
}

/// Merges what each side made of `base`. Each side counts as one change: all from its first line that differs to its
/// last, which is coarse, but never puts a line where neither hand had it.
pub fn merge(base: &str, mine: &str, theirs: &str) -> Merge {
    if mine == base || mine == theirs {
        return Merge::Clean(theirs.to_owned());
    }
    if theirs == base {
        return Merge::Clean(mine.to_owned());
    }
    let [base, mine, theirs] = [base, mine, theirs].map(lines);
    let (mine_from, mine_to, mine_new) = change(&base, &mine);
    let (theirs_from, theirs_to, theirs_new) = change(&base, &theirs);
    // Changes that touch count as one: what is put before a line that the other removed has lost its place.
    if mine_to < theirs_from {
        return Merge::Clean(joined(&[
            &base[..mine_from],
            mine_new,
            &base[mine_to..theirs_from],
            theirs_new,
            &base[theirs_to..],
        ]));
    }
    if theirs_to < mine_from {
        return Merge::Clean(joined(&[
            &base[..theirs_from],
            theirs_new,
            &base[theirs_to..mine_from],
            mine_new,
            &base[mine_to..],
        ]));
    }
    let (from, to) = (mine_from.min(theirs_from), mine_to.max(theirs_to));
    let side = |own: (usize, usize, &[&str])| {
        let text = joined(&[&base[from..own.0], own.2, &base[own.1..to]]);
        if text.is_empty() || text.ends_with('\n') { text } else { text + "\n" }
    };
    let (mine, theirs) = (side((mine_from, mine_to, mine_new)), side((theirs_from, theirs_to, theirs_new)));
    Merge::Conflict(format!(
        "{}<<<<<<< mine\n{mine}=======\n{theirs}>>>>>>> on disk\n{}",
        joined(&[&base[..from]]),
        joined(&[&base[to..]])
    ))
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn joined(parts: &[&[&str]]) -> String {
    parts.iter().flat_map(|lines| lines.iter().copied()).collect()
}

/// The lines of `base` that `new` changed, and what it put there.
fn change<'a>(base: &[&str], new: &'a [&'a str]) -> (usize, usize, &'a [&'a str]) {
    let same = base.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = base.len().min(new.len()) - same;
    let tail = base.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    (same, base.len() - tail, &new[same..new.len() - tail])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn changes_apart_are_put_together_and_others_are_shown_side_by_side() {
        let base = "one\ntwo\nthree\nfour\n";
        let clean = |text: &str| Merge::Clean(text.to_owned());
        for (mine, theirs, merged) in [
            (
                "ONE\ntwo\nthree\nfour\n",
                "one\ntwo\nthree\nfour\nfive\n",
                clean("ONE\ntwo\nthree\nfour\nfive\n"),
            ),
            ("one\ntwo\nthree\n4\n", "1\ntwo\nthree\nfour\n", clean("1\ntwo\nthree\n4\n")),
            (base, "one\n", clean("one\n")),
            ("x\n", base, clean("x\n")),
            ("same\n", "same\n", clean("same\n")),
            (
                "one\nMINE\nthree\nfour\n",
                "one\nTHEIRS\nthree\nfour\n",
                Merge::Conflict(
                    "one\n<<<<<<< mine\nMINE\n=======\nTHEIRS\n>>>>>>> on disk\nthree\nfour\n".to_owned(),
                ),
            ),
        ] {
            assert_eq!(merge(base, mine, theirs), merged, "{mine:?} {theirs:?}");
        }
    }

    proptest! {
        #[test]
        fn no_line_of_either_side_is_lost(base in "([abc]\n){0,6}", mine in "([abcX]\n){0,6}", theirs in "([abcY]\n){0,6}") {
            let (Merge::Clean(text) | Merge::Conflict(text)) = merge(&base, &mine, &theirs);
            for (side, mark) in [(&mine, 'X'), (&theirs, 'Y')] {
                prop_assert!(text.matches(mark).count() >= side.matches(mark).count(), "{text}");
            }
            prop_assert!(mine != base || merge(&base, &mine, &theirs) == Merge::Clean(theirs.clone()));
        }
    }
}
