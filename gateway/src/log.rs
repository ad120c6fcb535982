//! What the gateway prints: a line for each event, to standard error.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How many bytes of an event are printed.
const LONGEST: usize = 1024;

/// Rare events are printed at once; frequent ones of a kind once in this time, with their number.
const PERIOD: Duration = Duration::from_secs(1);

/// Prints an event. Characters that control a terminal or end a line are escaped.
pub fn note(event: &str) {
    // If standard error is closed, nobody reads it.
    writeln!(std::io::stderr().lock(), "{}", plain(event)).ok();
}

/// Text of other programs on one line.
fn plain(text: &str) -> String {
    let mut line = String::new();
    for (at, c) in text.char_indices() {
        if line.len() >= LONGEST {
            write!(line, "... ({} bytes more)", text.len() - at).expect("a string takes all");
            break;
        }
        match is_control(c) {
            true => line.extend(c.escape_default()),
            false => line.push(c),
        }
    }
    line
}

/// PROTOCOL.md has the list.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{2028}' | '\u{2029}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Events of one kind, which peers can cause as often as they like.
#[derive(Default)]
pub struct Frequent(Mutex<State>);

#[derive(Default)]
struct State {
    printed: Option<Instant>,
    kept_back: u64,
}

impl Frequent {
    pub const fn new() -> Frequent {
        Frequent(Mutex::new(State { printed: None, kept_back: 0 }))
    }

    /// Prints an event, unless one of this kind was printed a short time ago.
    pub fn note(&self, event: &str) {
        if let Some(kept_back) = self.take_turn(Instant::now()) {
            match kept_back {
                0 => note(event),
                _ => note(&format!("{event} ({kept_back} like it since the last line)")),
            }
        }
    }

    /// How many events were kept back, if one may be printed.
    fn take_turn(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().expect("nobody panics with it");
        if state.printed.is_some_and(|printed| now.saturating_duration_since(printed) < PERIOD) {
            state.kept_back += 1;
            return None;
        }
        state.printed = Some(now);
        Some(std::mem::take(&mut state.kept_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_short_line() {
        assert_eq!(plain("a\r\n\u{1b}[2J\u{202e}é"), r"a\r\n\u{1b}[2J\u{202e}é");
        let long = plain(&"\n".repeat(10_000));
        assert!(long.len() < LONGEST + 40 && long.ends_with("bytes more)"), "{long}");
    }

    #[test]
    fn frequent_events_are_counted_between_lines() {
        let events = Frequent::new();
        let begin = Instant::now();
        assert_eq!(events.take_turn(begin), Some(0));
        assert_eq!(events.take_turn(begin), None);
        assert_eq!(events.take_turn(begin + PERIOD / 2), None);
        assert_eq!(events.take_turn(begin + PERIOD), Some(2));
        assert_eq!(events.take_turn(begin + PERIOD * 2), Some(0));
    }
}
