//! kill -9 at seeded random instants: of workers, of the supervisor, of the screen.

use std::thread;
use std::time::{Duration, Instant};

use crate::census::Census;
use crate::chance::Chance;
use crate::instant::{breathe, settle, wait};
use crate::processes::{kill, processes};
use crate::running::Running;
use crate::screen::Screen;
use crate::sweep::{CHECKPOINTS, LONG};
use crate::tally::Tally;

/// So many kills in a row may hit the same run.
const ROW: usize = 3;

/// How many screens are opened on one notebook, one after the other.
const SCREENS: usize = 20;

/// What is pressed on a screen. There is no `y`, which would stop runs, and no way out but the killing.
const KEYS: [&str; 24] = [
    "r", "R", "r", "R", "xn", "x\x1b", "j", "k", "j", "\r", "\x1b", "\t", "]", "[", "c", "\x1b", "m", " ",
    "u", "e", "?", "\x1b", "G", "/t\r",
];

/// Notebooks that are struck at the same time.
const LANES: usize = 3;

/// The same for screens: there somebody waits for keys to be pressed.
const LANES_OF_SCREENS: usize = 5;

/// Has the sweep run while processes of one kind are killed, notebook after notebook, until enough are.
fn strike(word: &str, chance: &mut Chance, tally: &mut Tally) {
    let longest = LONG.pace * 2;
    while tally.wants_more() {
        let notebook = LONG.notebook();
        let census = Census::begin(notebook.path());
        let mut command = notebook.command(&LONG.ask());
        command.env(CHECKPOINTS.0, CHECKPOINTS.1);
        let mut run = Running::start(command);
        while tally.wants_more() && !run.is_over() {
            let halfway = wait(chance, longest, notebook.path());
            let victim = chance.pick(&processes(notebook.path(), word)).copied();
            tally.kill(victim.is_some_and(kill), halfway);
            if tally.kills().is_multiple_of(ROW) {
                breathe(notebook.path());
            }
        }
        let ran = run.end();
        assert_eq!(ran.code, 0, "{ran:?}");
        tally.close(&notebook, census.end());
    }
}

/// Opens screens on a notebook, presses keys, and kills each, until enough are killed.
fn strike_screens(chance: &mut Chance, tally: &mut Tally) {
    while tally.wants_more() {
        let notebook = LONG.notebook();
        let census = Census::begin(notebook.path());
        for _ in 0..SCREENS {
            let mut screen = Screen::open(&notebook);
            let until = Instant::now() + chance.moment(Duration::from_millis(250));
            while Instant::now() < until {
                screen.press(chance.pick(&KEYS).unwrap());
                thread::sleep(chance.moment(Duration::from_millis(40)));
            }
            tally.kill(screen.kill(), false);
        }
        let ran = notebook.run(&LONG.ask());
        assert_eq!(ran.code, 0, "{ran:?}");
        settle(notebook.path());
        tally.close(&notebook, census.end());
    }
}

#[test]
fn killed_workers_cost_nothing_but_time() {
    let count = Tally::by("workers", LANES, |chance, tally| strike("worker", chance, tally)).end();
    assert!(count.resumed > 0 && count.again >= count.resumed, "{count:?}");
}

#[test]
fn killed_supervisors_cost_nothing_but_time() {
    let count = Tally::by("supervisors", LANES, |chance, tally| strike("supervise", chance, tally)).end();
    assert!(count.resumed > 0 && count.again >= count.resumed, "{count:?}");
}

#[test]
fn killed_screens_touch_no_run() {
    let count = Tally::by("screens", LANES_OF_SCREENS, strike_screens).end();
    assert_eq!(count.again, 0, "{count:?}");
}
