//! How busy the machine is with other things at the moment. Where the system does not say (it is no Linux), it is idle.

use std::fs;
use std::thread;
use std::time::Duration;

/// How often it is looked, and how long is waited in between: one look says little, since threads come and go.
const LOOKS: u32 = 8;
const BETWEEN: Duration = Duration::from_millis(5);

/// A machine that seems to be busier than this is so for a moment.
const MOST: f64 = 4.0;

/// How many times as long `workers` new processes will take over their work as on an idle machine, if everybody who
/// wants to compute now goes on to. Takes a moment to find out.
pub fn slowdown(workers: usize) -> f64 {
    let Some(cores) = fs::read_to_string("/proc/stat").ok().map(|text| cores(&text)) else { return 1.0 };
    let looks = (0..LOOKS).filter_map(|look| {
        thread::sleep(if look == 0 { Duration::ZERO } else { BETWEEN });
        runnable(&fs::read_to_string("/proc/loadavg").ok()?)
    });
    let (sum, count) = looks.fold((0.0, 0.0), |(sum, count), threads| (sum + threads, count + 1.0));
    // The one that looks is among them.
    let others = if count > 0.0 { (sum / count - 1.0).max(0.0) } else { 0.0 };
    shared(workers as f64 + others, cores)
}

/// What becomes of the time of each of so many on so many cores.
fn shared(threads: f64, cores: f64) -> f64 {
    (threads / cores.max(1.0)).clamp(1.0, MOST)
}

/// Cores of the machine, whichever of them this process may use: lines `cpu0`, `cpu1`, … .
fn cores(stat: &str) -> f64 {
    let numbered = |line: &&str| line.strip_prefix("cpu").is_some_and(|rest| !rest.starts_with(' '));
    stat.lines().filter(numbered).count() as f64
}

/// Threads that compute or want to: `0.20 0.18 0.12 3/412 11206` has three.
fn runnable(loadavg: &str) -> Option<f64> {
    loadavg.split_whitespace().nth(3)?.split_once('/')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_shared_by_all_who_want_them() {
        assert_eq!(cores("cpu  1 2 3\ncpu0 1 2\ncpu1 1 2\nintr 7\ncpux"), 3.0);
        assert_eq!(runnable("0.20 0.18 0.12 3/412 11206\n"), Some(3.0));
        assert_eq!(runnable("nothing"), None);
        for (threads, cores, times) in
            [(1.0, 2.0, 1.0), (2.0, 2.0, 1.0), (6.0, 2.0, 3.0), (99.0, 2.0, 4.0), (1.0, 0.0, 1.0)]
        {
            assert_eq!(shared(threads, cores), times);
        }
        assert!((1.0..=MOST).contains(&slowdown(1)));
    }
}
