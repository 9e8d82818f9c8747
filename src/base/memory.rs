//! How much memory there is, and how much this process has. Where the system does not say (it is no Linux), the answer
//! is that nobody knows.

use std::fs;

/// Bytes that new processes may take before something is swapped out or killed.
pub fn available() -> Option<u64> {
    field(&fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:")
}

/// Bytes of memory that the machine has.
pub fn total() -> Option<u64> {
    field(&fs::read_to_string("/proc/meminfo").ok()?, "MemTotal:")
}

/// Most bytes that this process ever had in memory, or had since [`forget_peak`].
pub fn peak() -> Option<u64> {
    field(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM:")
}

/// Begins [`peak`] anew; whether that was granted.
pub fn forget_peak() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// A line of these files: a name, a number, `kB`.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// Bytes in words: `45 MB`, `1.2 GB`.
pub fn in_words(bytes: f64) -> String {
    let megabytes = (bytes / 1e6).max(1.0);
    if megabytes < 999.5 { format!("{megabytes:.0} MB") } else { format!("{:.1} GB", megabytes / 1e3) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_their_name() {
        let text = "MemTotal:       24684000 kB\nMemAvailable:   1000 kB\nHugePages:  7\nBig: 99999999999999999999 kB\n";
        for (name, bytes) in
            [("MemAvailable:", Some(1_024_000)), ("Huge:", None), ("HugePages:", None), ("Big:", None)]
        {
            assert_eq!(field(text, name), bytes, "{name}");
        }
    }

    #[test]
    fn bytes_are_said_in_the_unit_that_fits() {
        for (bytes, words) in [(0.0, "1 MB"), (45.4e6, "45 MB"), (999.4e6, "999 MB"), (1.2e9, "1.2 GB")] {
            assert_eq!(in_words(bytes), words);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_had_some_memory_and_there_is_some_left() {
        assert!(peak().unwrap() > 1 << 20 && available().unwrap() > 0);
    }
}
