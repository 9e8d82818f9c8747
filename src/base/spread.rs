//! The same work on many things, on as many cores as there are.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

/// What `work` makes of each item, in order. It panics where `work` does.
pub fn spread<I: Sync, T: Send>(items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(items.len()).max(1);
    let share = |first: usize| {
        let mine = items.iter().enumerate().skip(first).step_by(threads);
        mine.map(|(at, item)| (at, work(item))).collect::<Vec<_>>()
    };
    let mut made = thread::scope(|scope| {
        let share = &share;
        let helpers: Vec<_> = (1..threads).map(|first| scope.spawn(move || share(first))).collect();
        let mut made = share(0);
        for helper in helpers {
            made.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        made
    });
    made.sort_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_done_once_and_in_order() {
        for count in [0, 1, 2, 3, 100] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(spread(&items, |item| item * 2), (0..count).map(|item| item * 2).collect::<Vec<_>>());
        }
    }
}
