//! Running code that may panic on bad input: a decoder over bytes from someone else.
//!
//! A caught panic still runs the panic hook, which would write into the screen of a terminal program. So the hook
//! that stands is wrapped, once, by one that stays silent on a thread that is inside [`catch`].

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` on this thread; a panic in it comes back as its message, and nothing is printed. `work` must leave
/// nothing half-changed behind: it may only build the value that it returns.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    install_hook();
    let before = INSIDE.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(before);
    result.map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
    })
}

/// Whether this thread is inside [`catch`]: any panic now is somebody's to handle, and not for the terminal. A
/// panic hook installed after the first [`catch`] must ask.
pub fn inside() -> bool {
    INSIDE.get()
}

fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let standing = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !inside() {
                standing(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_as_its_message_and_the_thread_goes_on() {
        assert_eq!(catch(|| panic!("bad {}", 1)), Err::<(), _>("bad 1".to_owned()));
        assert!(!inside());
        assert_eq!(catch(inside), Ok(true));
    }
}
