//! Programs in a terminal.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::pty::{grantpt, openpt, ptsname, unlockpt, OpenptFlags};
use rustix::termios::{tcgetattr, tcsetwinsize, Termios, Winsize};

/// How long something may take: far more than it needs on a busy machine.
const LIMIT: Duration = Duration::from_secs(90);

/// A terminal with a program.
pub struct Terminal {
    pub child: Child,
    /// What a person types and sees.
    person: File,
    /// What the program has.
    program: File,
    /// How the program found the terminal.
    before: Termios,
    screen: Arc<Screen>,
    reader: JoinHandle<()>,
}

struct Screen {
    content: Mutex<vt100::Parser>,
    changed: Condvar,
}

impl Terminal {
    /// Starts a program in a terminal of its own.
    pub fn start(program: &Path, arguments: &[&str], columns: u16, rows: u16) -> Terminal {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&person).and_then(|()| unlockpt(&person)).expect("it is ours");
        let name = ptsname(&person, Vec::new()).expect("a name");
        let name = OsStr::from_bytes(name.as_bytes());
        let programs = OpenOptions::new().read(true).write(true).open(name).expect("it opens");
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&programs, size).expect("a size");
        let before = tcgetattr(&programs).expect("its settings");
        let end = || programs.try_clone().expect("a descriptor");
        let mut command = Command::new("setsid");
        command.arg("--ctty").arg(program).args(arguments).env("TERM", "xterm");
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().expect("it starts");
        let person = File::from(person);
        let screen = Arc::new(Screen {
            content: Mutex::new(vt100::Parser::new(rows, columns, 0)),
            changed: Condvar::new(),
        });
        let output = person.try_clone().expect("a descriptor");
        let reader = thread::spawn({
            let screen = screen.clone();
            move || screen.show(output)
        });
        Terminal { child, person, program: programs, before, screen, reader }
    }

    /// Types.
    pub fn write(&mut self, keys: &str) {
        self.person.write_all(keys.as_bytes()).expect("it is open");
    }

    /// Waits until the screen shows what is wanted.
    pub fn wait_for(&self, wanted: impl Fn(&str) -> bool) -> String {
        let content = self.screen.content.lock().expect("not poisoned");
        let is_other = |content: &mut vt100::Parser| !wanted(&content.screen().contents());
        let (content, timeout) =
            self.screen.changed.wait_timeout_while(content, LIMIT, is_other).expect("not poisoned");
        let text = content.screen().contents();
        assert!(!timeout.timed_out(), "not on the screen:\n{text}");
        text
    }

    /// Waits for the program's end with one of these exit codes. Returns what the screen shows then, and whether the
    /// terminal is as the program found it.
    pub fn end(mut self, codes: &[i32]) -> (String, bool) {
        let status = self.child.wait().expect("it ends");
        let after = tcgetattr(&self.program).expect("its settings");
        // The reader sees the end when nobody has the program's side open.
        drop(self.program);
        self.reader.join().expect("it reads");
        let content = self.screen.content.lock().expect("not poisoned");
        let screen = content.screen();
        let text = screen.contents();
        assert!(status.code().is_some_and(|code| codes.contains(&code)), "{status}: {text}");
        let settings = |of: &Termios| {
            let modes = (of.input_modes, of.output_modes, of.control_modes, of.local_modes);
            format!("{modes:?} {:?}", of.special_codes)
        };
        let is_same = settings(&self.before) == settings(&after);
        (text, is_same && !screen.alternate_screen() && !screen.hide_cursor())
    }
}

impl Screen {
    /// Shows what a program writes, until its end.
    fn show(&self, mut output: File) {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = output.read(&mut bytes) {
            self.content.lock().expect("not poisoned").process(&bytes[..count]);
            self.changed.notify_all();
        }
    }
}
