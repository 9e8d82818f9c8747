//! From what the terminal's bytes were read as to what the person did: escape sequences that the network cut in
//! two are put together again.
//!
//! crossterm reads a lone ESC byte at the end of a read as the Esc key, and the `[A` of the next packet as the
//! keys `[` and `A`. Over a slow line an arrow key would thus step out of a pane and run two commands. So Esc is
//! held back for a moment; what follows it closer than a hand can is taken for the rest of a sequence. A paste
//! whose opening bracket was cut is likewise kept together, so that pasted text is never read as commands.
//!
//! Pure: times come in with the events.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// How long after Esc a key can still be the rest of its sequence. A second packet follows within the round
/// trip's jitter; no hand presses Esc and another key this fast.
pub const PATIENCE: Duration = Duration::from_millis(25);

/// Longest tail of a sequence that is waited for: `[1;5C` has five characters.
const LONGEST: usize = 8;

/// Puts split sequences together.
#[derive(Debug, Default)]
pub struct Joiner {
    held: Held,
    since: Duration,
}

/// What is held back.
#[derive(Debug, Default, PartialEq)]
enum Held {
    /// Nothing.
    #[default]
    Nothing,
    /// Esc, and the characters after it that may belong to it.
    Sequence(String),
    /// The text of a paste whose end will not be seen.
    Paste(String),
}

impl Joiner {
    /// What `event`, read at `at`, comes to together with what was held back.
    pub fn push(&mut self, event: Event, at: Duration) -> Vec<Event> {
        let mut out = self.expire(at);
        match event {
            Event::Key(key) if key.kind == KeyEventKind::Release => {}
            Event::Key(key) => self.key(key, at, &mut out),
            other => {
                out.extend(self.release());
                out.push(other);
            }
        }
        out
    }

    /// When [`Self::expire`] has something to give back, if anything is held.
    pub fn deadline(&self) -> Option<Duration> {
        (self.held != Held::Nothing).then(|| self.since + PATIENCE)
    }

    /// What was held back for longer than a sequence takes.
    pub fn expire(&mut self, now: Duration) -> Vec<Event> {
        match self.deadline() {
            Some(deadline) if now >= deadline => self.release(),
            _ => Vec::new(),
        }
    }

    fn key(&mut self, key: KeyEvent, at: Duration, out: &mut Vec<Event>) {
        match std::mem::take(&mut self.held) {
            Held::Nothing => self.first(key, at, out),
            Held::Sequence(tail) => self.further(tail, key, at, out),
            Held::Paste(mut text) => {
                if let Some(character) = pasted(key) {
                    text.push(character);
                    self.hold(Held::Paste(text), at);
                } else {
                    out.push(Event::Paste(text));
                    self.first(key, at, out);
                }
            }
        }
    }

    /// A key with nothing held before it. There are no Alt bindings, so Alt with a key is what it was on the
    /// wire: Esc, and the key right after it in the same packet.
    fn first(&mut self, mut key: KeyEvent, at: Duration, out: &mut Vec<Event>) {
        if key.code == KeyCode::Esc {
            self.hold(Held::Sequence(String::new()), at);
            return;
        }
        if key.modifiers.contains(KeyModifiers::ALT) {
            key.modifiers.remove(KeyModifiers::ALT);
            out.push(press(KeyCode::Esc, KeyModifiers::NONE));
        }
        out.push(Event::Key(key));
    }

    fn further(&mut self, mut tail: String, key: KeyEvent, at: Duration, out: &mut Vec<Event>) {
        let character = match key.code {
            KeyCode::Char(character) if !key.modifiers.contains(KeyModifiers::CONTROL) => character,
            _ => {
                out.extend(as_typed(&tail));
                return self.first(key, at, out);
            }
        };
        tail.push(character);
        match meaning(&tail) {
            Meaning::Unfinished => self.hold(Held::Sequence(tail), at),
            Meaning::Key(code, modifiers) => out.push(press(code, modifiers)),
            Meaning::PasteStart => self.hold(Held::Paste(String::new()), at),
            Meaning::Unknown => {}
            Meaning::NoSequence => out.extend(as_typed(&tail)),
        }
    }

    fn hold(&mut self, held: Held, at: Duration) {
        self.held = held;
        self.since = at;
    }

    fn release(&mut self) -> Vec<Event> {
        match std::mem::take(&mut self.held) {
            Held::Nothing => Vec::new(),
            Held::Sequence(tail) => as_typed(&tail),
            Held::Paste(text) => vec![Event::Paste(text)],
        }
    }
}

/// What the characters after an ESC mean.
enum Meaning {
    /// More must come.
    Unfinished,
    /// This key.
    Key(KeyCode, KeyModifiers),
    /// Pasted text follows.
    PasteStart,
    /// A complete sequence that means nothing here.
    Unknown,
    /// Not a sequence: they were typed.
    NoSequence,
}

fn meaning(tail: &str) -> Meaning {
    let mut characters = tail.chars();
    let introducer = characters.next();
    let body = characters.as_str();
    match (introducer, body.chars().last()) {
        (Some('[' | 'O'), None) => Meaning::Unfinished,
        (Some('['), Some('0'..='9' | ';' | '<' | '?')) if tail.len() < LONGEST => Meaning::Unfinished,
        (Some('[' | 'O'), Some(last)) => sequence(&body[..body.len() - last.len_utf8()], last),
        _ => Meaning::NoSequence,
    }
}

/// The keys of xterm's control sequences (`ESC [ parameters final`, xterm's `ctlseqs.txt`, "PC-Style Function
/// Keys"), those of them that anything here is bound to.
fn sequence(parameters: &str, last: char) -> Meaning {
    let number = parameters.split(';').next().unwrap_or_default();
    let code = match (last, number) {
        ('A', _) => KeyCode::Up,
        ('B', _) => KeyCode::Down,
        ('C', _) => KeyCode::Right,
        ('D', _) => KeyCode::Left,
        ('H', _) | ('~', "1" | "7") => KeyCode::Home,
        ('F', _) | ('~', "4" | "8") => KeyCode::End,
        ('~', "5") => KeyCode::PageUp,
        ('~', "6") => KeyCode::PageDown,
        ('~', "3") => KeyCode::Delete,
        ('~', "200") => return Meaning::PasteStart,
        _ => return Meaning::Unknown,
    };
    // The second parameter is 1 + a bit set with 4 for Control.
    let bits =
        parameters.split(';').nth(1).and_then(|text| text.parse::<u8>().ok()).map_or(0, |m| m.max(1) - 1);
    let modifiers = if bits & 4 == 0 { KeyModifiers::NONE } else { KeyModifiers::CONTROL };
    Meaning::Key(code, modifiers)
}

fn as_typed(tail: &str) -> Vec<Event> {
    std::iter::once(press(KeyCode::Esc, KeyModifiers::NONE))
        .chain(tail.chars().map(|character| press(KeyCode::Char(character), KeyModifiers::NONE)))
        .collect()
}

fn pasted(key: KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Char(character) => Some(character),
        KeyCode::Enter => Some('\n'),
        KeyCode::Tab => Some('\t'),
        _ => None,
    }
}

fn press(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What events at given milliseconds come to, the last of them given time to expire.
    fn joined(events: &[(u64, Event)]) -> Vec<Event> {
        let mut joiner = Joiner::default();
        let mut out = Vec::new();
        for (at, event) in events {
            out.extend(joiner.push(event.clone(), Duration::from_millis(*at)));
        }
        out.extend(joiner.expire(Duration::MAX));
        out
    }

    fn key(code: KeyCode) -> Event {
        press(code, KeyModifiers::NONE)
    }

    /// Esc at 0, then the characters of `text`, a millisecond apart.
    fn escaped(text: &str) -> Vec<(u64, Event)> {
        std::iter::once(key(KeyCode::Esc))
            .chain(text.chars().map(|character| key(KeyCode::Char(character))))
            .enumerate()
            .map(|(at, event)| (at as u64, event))
            .collect()
    }

    #[test]
    fn split_sequences_are_one_key() {
        let table = [
            ("[A", key(KeyCode::Up)),
            ("OB", key(KeyCode::Down)),
            ("[5~", key(KeyCode::PageUp)),
            ("[6~", key(KeyCode::PageDown)),
            ("[H", key(KeyCode::Home)),
            ("[1;5C", press(KeyCode::Right, KeyModifiers::CONTROL)),
        ];
        for (text, expected) in table {
            assert_eq!(joined(&escaped(text)), [expected], "ESC {text}");
        }
    }

    #[test]
    fn a_sequence_nobody_knows_is_swallowed() {
        assert_eq!(joined(&escaped("[24~")), []);
        assert_eq!(joined(&escaped("[?1;2c")), []);
    }

    #[test]
    fn keys_pressed_by_a_hand_stay_what_they_are() {
        let esc = || key(KeyCode::Esc);
        let bracket = || key(KeyCode::Char('['));
        assert_eq!(joined(&[(0, esc())]), [esc()]);
        assert_eq!(joined(&[(0, esc()), (40, bracket())]), [esc(), bracket()]);
        assert_eq!(joined(&[(0, esc()), (1, key(KeyCode::Char('j')))]), [esc(), key(KeyCode::Char('j'))]);
        assert_eq!(joined(&[(0, esc()), (1, esc())]), [esc(), esc()]);
        assert_eq!(joined(&[(0, esc()), (1, key(KeyCode::Enter))]), [esc(), key(KeyCode::Enter)]);
    }

    #[test]
    fn alt_is_esc_and_the_key() {
        let alt = press(KeyCode::Char('x'), KeyModifiers::ALT);
        assert_eq!(joined(&[(0, alt)]), [key(KeyCode::Esc), key(KeyCode::Char('x'))]);
    }

    #[test]
    fn a_paste_whose_start_was_cut_is_still_a_paste() {
        assert_eq!(joined(&escaped("[200~qx y")), [Event::Paste("qx y".to_owned())]);
    }

    #[test]
    fn what_is_no_key_passes_and_keeps_its_place() {
        let resize = Event::Resize(80, 24);
        assert_eq!(joined(&[(0, key(KeyCode::Esc)), (1, resize.clone())]), [key(KeyCode::Esc), resize]);
    }
}
