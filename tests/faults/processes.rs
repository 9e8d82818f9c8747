//! The processes of the program that work at a notebook.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

/// Those that were started as `lowland <word> …` for the notebook at `root`.
pub fn processes(root: &Path, word: &str) -> Vec<Pid> {
    let root = root.canonicalize().unwrap_or_default();
    let is_one = |pid: &Pid| {
        let line = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).unwrap_or_default();
        let mut words = line.split(|&byte| byte == 0).skip(1);
        words.next() == Some(word.as_bytes()) && words.any(|word| word == root.as_os_str().as_encoded_bytes())
    };
    let pid = |entry: fs::DirEntry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?);
    let mut found: Vec<Pid> =
        fs::read_dir("/proc").unwrap().flatten().filter_map(pid).filter(is_one).collect();
    found.sort_by_key(|pid| pid.as_raw_nonzero());
    found
}

/// Kills a process; whether it was there.
pub fn kill(pid: Pid) -> bool {
    kill_process(pid, Signal::KILL).is_ok()
}
