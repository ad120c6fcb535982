//! The screen of a terminal.

use std::io::{self, Stdout};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;
use std::time::Duration;

use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    disable_raw_mode, enable_raw_mode, EnterAlternateScreen, LeaveAlternateScreen,
};
use ratatui::Terminal;

use crate::commands::watch::{view, History, Sample, Sampler};
use crate::interrupts;

/// How long a new sample may wait to be drawn.
const LOOK: Duration = Duration::from_millis(50);

/// Shows what a host does until a key or a signal ends it.
pub fn run(endpoints: &str, sampler: Sampler, interval: Duration) -> io::Result<()> {
    let ended = interrupts::flag()?;
    let samples = start(sampler, interval)?;
    let mut screen = Screen::open()?;
    let outcome = draw_until(&mut screen, endpoints, &samples, &ended);
    drop(screen);
    outcome
}

type Outcome = Result<Sample, callgate::Error>;

/// Takes samples on a thread of its own, so that keys work while a host does not reply.
fn start(mut sampler: Sampler, interval: Duration) -> io::Result<Receiver<Outcome>> {
    let (sender, samples) = mpsc::channel();
    thread::Builder::new().name("samples".into()).spawn(move || {
        while sender.send(sampler.sample()).is_ok() {
            thread::sleep(interval);
        }
    })?;
    Ok(samples)
}

fn draw_until(
    screen: &mut Screen,
    endpoints: &str,
    samples: &Receiver<Outcome>,
    ended: &AtomicBool,
) -> io::Result<()> {
    let mut history = History::default();
    let mut is_new = true;
    while !ended.load(Ordering::Relaxed) {
        loop {
            match samples.try_recv() {
                Ok(outcome) => history.add(outcome),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return Err(io::Error::other("no more samples")),
            }
            is_new = true;
        }
        if is_new {
            screen.0.draw(|frame| view::draw(frame, endpoints, &history))?;
            is_new = false;
        }
        if event::poll(LOOK)? {
            match event::read()? {
                Event::Key(key) if is_quit(&key) => return Ok(()),
                // Of another size, for example.
                _ => is_new = true,
            }
        }
    }
    Ok(())
}

fn is_quit(key: &KeyEvent) -> bool {
    let is_interrupt =
        key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    key.kind == KeyEventKind::Press
        && (is_interrupt || matches!(key.code, KeyCode::Char('q' | 'Q') | KeyCode::Esc))
}

/// The terminal while the screen is shown. It is as it was when this is dropped, and when the program panics.
struct Screen(Terminal<CrosstermBackend<Stdout>>);

impl Screen {
    fn open() -> io::Result<Screen> {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // First, so that the message is on the screen that stays.
            restore().ok();
            report(info);
        }));
        enable_raw_mode()?;
        let opened = execute!(io::stdout(), EnterAlternateScreen)
            .and_then(|()| Terminal::new(CrosstermBackend::new(io::stdout())));
        match opened {
            Ok(terminal) => Ok(Screen(terminal)),
            Err(error) => {
                restore().ok();
                Err(error)
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing.
        restore().ok();
    }
}

fn restore() -> io::Result<()> {
    disable_raw_mode()?;
    execute!(io::stdout(), LeaveAlternateScreen, Show)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ratatui::crossterm::event;

    use super::Screen;
    use crate::terminal::Terminal;

    /// Set where the test below runs itself in a terminal.
    const IN_TERMINAL: &str = "CALLGATE_TEST_IN_TERMINAL";

    #[test]
    fn a_panic_leaves_the_terminal_as_it_was() {
        if std::env::var_os(IN_TERMINAL).is_some() {
            let mut screen = Screen::open().unwrap();
            screen.0.draw(|frame| frame.render_widget("the screen", frame.area())).unwrap();
            event::read().unwrap();
            panic!("the message");
        }
        let program = std::env::current_exe().unwrap();
        let name = "commands::watch::screen::tests::a_panic_leaves_the_terminal_as_it_was";
        let variable = format!("{IN_TERMINAL}=1");
        let arguments = [&variable, program.to_str().unwrap(), "--nocapture", "--exact", name];
        let mut terminal = Terminal::start(Path::new("env"), &arguments, 80, 24);
        terminal.wait_for(|screen| screen.starts_with("the screen"));
        terminal.write("x");
        let (text, is_restored) = terminal.end(&[101]);
        assert!(is_restored);
        assert!(text.contains("the message") && !text.contains("the screen"), "{text}");
    }
}
