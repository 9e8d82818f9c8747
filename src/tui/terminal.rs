//! The terminal as it was and as we need it. Whatever happens to the program, the person gets their shell back:
//! by [`Guard`] when the program ends or panics, by [`watch_signals`] when it is told to end.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use signal_hook::consts::{SIGHUP, SIGTERM};

/// How long a terminal that does not take bytes may hold up the end of the program.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// Holds the terminal in raw mode on the alternate screen, until dropped.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal over.
    pub fn enter() -> io::Result<Self> {
        enable_raw_mode()?;
        let guard = Self(());
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide)?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back. Errors are of no use: there is nowhere left to show them.
fn restore() {
    let _ = leave(&mut io::stdout());
    let _ = disable_raw_mode();
}

/// A frame may have been cut, so the synchronized update is ended too.
fn leave(out: &mut impl Write) -> io::Result<()> {
    execute!(out, EndSynchronizedUpdate, DisableBracketedPaste, LeaveAlternateScreen, Show)
}

/// Puts the terminal right before a panic of this thread is told. A panic of any other thread is that thread's
/// business and must not tear the screen down under a program that goes on.
pub fn restore_on_panic() {
    let screen = thread::current().id();
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == screen {
            restore();
            tell(panic);
        }
    }));
}

/// Ends the program on SIGHUP and SIGTERM, from a thread of its own: when the terminal is gone crossterm spins and
/// its `poll` never returns, so the thread that draws cannot be relied on. Runs are not ours to end.
pub fn watch_signals() -> io::Result<()> {
    let (mut wake, waker) = UnixStream::pair()?;
    let which = Arc::new(AtomicUsize::new(0));
    for signal in [SIGHUP, SIGTERM] {
        signal_hook::flag::register_usize(signal, Arc::clone(&which), signal as usize)?;
        signal_hook::low_level::pipe::register(signal, waker.try_clone()?)?;
    }
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if wake.read_exact(&mut [0]).is_err() {
            return;
        }
        let signal = which.load(Ordering::SeqCst) as i32;
        if signal == SIGTERM {
            say_goodbye();
        }
        std::process::exit(128 + signal);
    })?;
    Ok(())
}

/// Restores the terminal from a thread that must not wait for it: the line may be stalled, and the thread that
/// draws may hold the lock of `stdout`.
fn say_goodbye() {
    let (done, finished) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let _ = disable_raw_mode();
        if let Ok(mut terminal) = std::fs::OpenOptions::new().write(true).open("/dev/tty") {
            let _ = leave(&mut terminal);
        }
        let _ = done.send(());
    });
    let _ = finished.recv_timeout(LAST_WORDS);
}
