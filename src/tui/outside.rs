//! What happens around the screen: keys come in, the editor has the terminal for a while, the shell stops us.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use ratatui::layout::Size;
use signal_hook::consts::SIGWINCH;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::timeout;

use super::input::Joiner;
use super::msg::Msg;

/// Reads the terminal until it ends or the task is aborted. One task does nothing else: dropping the stream
/// in the middle of a sequence would lose keys.
pub async fn read_keys(screen: UnboundedSender<Msg>, start: Instant) {
    let mut stream = EventStream::new();
    let mut joiner = Joiner::default();
    loop {
        let wait = joiner.deadline().map(|deadline| deadline.saturating_sub(start.elapsed()));
        let events = match next(&mut stream, wait).await {
            Next::Event(event) => joiner.push(event, start.elapsed()),
            Next::Nothing => joiner.expire(start.elapsed()),
            Next::End => break,
        };
        for msg in events.into_iter().filter_map(message) {
            if screen.send(msg).is_err() {
                return;
            }
        }
    }
    let _ = screen.send(Msg::TerminalGone);
}

/// What the terminal had to say.
enum Next {
    Event(Event),
    /// Not within the time.
    Nothing,
    /// Never again.
    End,
}

async fn next(stream: &mut EventStream, wait: Option<Duration>) -> Next {
    let event = match wait {
        Some(wait) => match timeout(wait, stream.next()).await {
            Ok(event) => event,
            Err(_) => return Next::Nothing,
        },
        None => stream.next().await,
    };
    match event {
        Some(Ok(event)) => Next::Event(event),
        Some(Err(_)) | None => Next::End,
    }
}

fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Some(Msg::Key(key)),
        Event::Paste(text) => Some(Msg::Paste(text)),
        // Told by `watch_size`, which misses none.
        Event::Resize(..) | Event::FocusGained | Event::FocusLost | Event::Mouse(_) => None,
    }
}

/// Tells the screen whenever the terminal has a new size.
///
/// crossterm tells it too, but loses it when a key comes at the same moment: its event source returns the key and
/// forgets that the signal's descriptor was ready as well (0.29, `event/source/unix/mio.rs`, `try_read`).
pub fn watch_size(screen: UnboundedSender<Msg>) -> io::Result<()> {
    let (mut wake, waker) = UnixStream::pair()?;
    signal_hook::low_level::pipe::register(SIGWINCH, waker)?;
    thread::Builder::new().name("size".to_owned()).spawn(move || {
        // Signals that come together are one read, and one message.
        while let Ok(1..) = wake.read(&mut [0; 64]) {
            if screen.send(Msg::Resize(terminal_size())).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

/// How large the terminal is; a common size where it does not say.
pub fn terminal_size() -> Size {
    let (width, height) = crossterm::terminal::size().unwrap_or((80, 24));
    Size::new(width, height)
}

/// How many pixels a cell has, across and down; `None` where the terminal does not say.
pub fn cell_size() -> Option<(usize, usize)> {
    let size = crossterm::terminal::window_size().ok()?;
    let across = usize::from(size.width).checked_div(usize::from(size.columns))?;
    let down = usize::from(size.height).checked_div(usize::from(size.rows))?;
    (across > 0 && down > 0).then_some((across, down))
}

/// Lets the person edit `path` from `line` on, and waits until they are done.
pub fn edit(path: &Path, line: usize) -> Result<(), String> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let arguments = editor_arguments(&editor, &path.to_string_lossy(), line);
    // By the shell, as git does it: people put options and quotes into these variables.
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!("{editor} \"$@\""))
        .arg(&editor)
        .args(arguments)
        .status()
        .map_err(|error| format!("{editor}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{editor} ended with {status}")) }
}

/// How an editor is told a line. Those that are not known get the file alone: a `+12` taken for a file name
/// would be worse than the first line.
fn editor_arguments(editor: &str, path: &str, line: usize) -> Vec<String> {
    let program = editor.split_whitespace().next().unwrap_or_default();
    let name = Path::new(program).file_name().map_or(program.into(), |name| name.to_string_lossy());
    match name.as_ref() {
        "vi" | "vim" | "nvim" | "view" | "nano" | "pico" | "emacs" | "emacsclient" | "mg" | "micro"
        | "kak" | "joe" | "jed" | "ne" => {
            vec![format!("+{line}"), path.to_owned()]
        }
        "hx" | "helix" | "zed" | "subl" => vec![format!("{path}:{line}")],
        "code" | "codium" => vec!["--goto".to_owned(), format!("{path}:{line}")],
        _ => vec![path.to_owned()],
    }
}

/// Stops this process as ^Z stops others. SIGTSTP, not SIGSTOP: where no shell could wake us again (an orphaned
/// process group, `ssh -t host lowland`) the kernel ignores it. Only this process: workers go on.
pub fn suspend() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_are_told_the_line_in_their_own_way() {
        let table: &[(&str, &[&str])] = &[
            ("vi", &["+7", "e.md"]),
            ("/usr/bin/nvim -u NONE", &["+7", "e.md"]),
            ("hx", &["e.md:7"]),
            ("code --wait", &["--goto", "e.md:7"]),
            ("my-editor", &["e.md"]),
            ("", &["e.md"]),
        ];
        for (editor, arguments) in table {
            assert_eq!(editor_arguments(editor, "e.md", 7), *arguments, "{editor}");
        }
    }
}
